from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.coulombic import efficiency
from pchp_widgets.analysis.nucleation import nucleation
from pchp_widgets.io.synthetic.li_cu import Copper, LiCuCell, galvanostatic_cell, modified_cell
from pchp_widgets.model.cycles import half_cycles, merged_steps, steps
from pchp_widgets.plots import coulombic as plots
from pchp_widgets.plots import coulombic_view as view
from pchp_widgets.plots.picture import Lines, Marks, Ribbons, Whiskers
from pchp_widgets.plots.symmetric_view import cycle_span
from pchp_widgets.plots.theme import INK, looks
from pchp_widgets.plots.traces import Trace, thinned


def tree(made: LiCuCell, name: str, area: float = 1.327) -> xr.DataTree:
    counted = steps(made.points, rule="plating_first", cell=name, area=area).assign_coords(area=("cell", [area]))
    return xr.DataTree.from_dict({"steps": counted, "points": made.points}, name=name)


def copper(value: float, **more: float) -> Copper:
    return Copper(np.array([value - 0.05, value]), np.array([0.03]), area=1.327, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cells() -> dict[str, xr.DataTree]:
    return {
        "bare-1": tree(galvanostatic_cell(copper(0.95), cycles=12, seed=1), "bare-1"),
        "bare-2": tree(galvanostatic_cell(copper(0.94), cycles=9, seed=2), "bare-2"),
        "mod-1": tree(modified_cell(copper(0.98), seed=3), "mod-1"),
    }


LOOKS = looks({"bare-1": "bare", "bare-2": "bare", "mod-1": "PCHP"})


def found(cells: dict[str, xr.DataTree]) -> xr.Dataset:
    return efficiency(merged_steps(one["steps"].to_dataset() for one in cells.values()))


def test_the_cycle_shows_both_halves_with_their_sign_the_dip_and_the_plateau(cells: dict[str, xr.DataTree]) -> None:
    dips = nucleation(cells.values())
    picture = plots.one_cycle(view.one_cycle(cells, dips, 1), LOOKS)
    stripping, plating, plateau, dip = picture.layers
    assert isinstance(stripping, Lines)
    assert isinstance(plating, Lines)
    assert isinstance(plateau, Lines)
    assert isinstance(dip, Marks)
    assert max(stripping.y[0]) == pytest.approx(1000, abs=1)
    assert min(plating.y[0]) == pytest.approx(dip.y[0])
    assert plating.x[0][-1] == pytest.approx(1.0)
    assert plateau.y[0][0] == pytest.approx(-30, abs=0.5)
    assert plateau.x[0] == pytest.approx([0.02 + 0.2 * 0.98, 0.02 + 0.5 * 0.98], abs=0.01)
    assert set(plateau.rows["color"]) == {INK}
    assert dip.rows["nucleation"][0] == pytest.approx(60, abs=2)
    low, high = picture.ylim
    assert low < dip.y.min()
    assert 30 < high < 200
    assert picture.x.units == "mA h cm⁻²"


def test_a_cell_without_that_cycle_or_without_area_is_no_obstacle(cells: dict[str, xr.DataTree]) -> None:
    dips = nucleation(cells.values())
    picture = plots.one_cycle(view.one_cycle(cells, dips, 11), LOOKS)
    assert len(picture.layers[1].x[1]) == 0
    assert plots.one_cycle(view.one_cycle(cells, dips, 99), LOOKS).title == "cycle 99: no points"
    bare = {"bare-1": tree(galvanostatic_cell(copper(0.95), cycles=2, seed=1), "bare-1", np.nan)}
    picture = plots.one_cycle(view.one_cycle(bare, nucleation(bare.values()), 1), LOOKS)
    assert picture.x.units == "mA h"
    assert picture.layers[1].x[0][-1] == pytest.approx(1.327)


def test_efficiencies_are_marks_and_a_test_with_a_reservoir_is_one(cells: dict[str, xr.DataTree]) -> None:
    picture = plots.efficiency(view.curves(found(cells), LOOKS), 3)
    _, ribbons, _, used, left_out, level, whiskers, tests = picture.layers
    assert isinstance(ribbons, Ribbons)
    assert isinstance(used, Marks)
    assert isinstance(left_out, Marks)
    assert isinstance(level, Lines)
    assert isinstance(whiskers, Whiskers)
    assert isinstance(tests, Marks)
    assert len(used.x) == 11 + 8
    assert left_out.x.tolist() == [1, 1]
    assert set(left_out.rows["use"]) == {"left out on request"}
    assert [row[0] for row in level.y] == pytest.approx([95.0, 94.0, 98.0])
    assert level.x[0].tolist() == [2, 12]
    assert tests.y.tolist() == pytest.approx([98.0])
    assert whiskers.low[0] < 98.0 < whiskers.high[0]
    assert "2 values beyond this range" in picture.title


def test_the_mean_of_replicates_goes_as_far_as_all_of_them_do(cells: dict[str, xr.DataTree]) -> None:
    curves = view.curves(found(cells), LOOKS, "mean")
    assert curves["curve"].values.tolist() == ["bare", "PCHP"]
    assert curves["count"].values.tolist() == [2, 1]
    bare = curves.sel(curve="bare")
    assert bare["level"] == pytest.approx(0.945)
    assert (bare["high"] - bare["level"]).item() == pytest.approx(np.std([0.95, 0.94], ddof=1))
    assert bare["cycle"].values[np.isfinite(bare["efficiency"].values)].tolist() == list(range(2, 10))
    assert bare["efficiency"].sel(cycle=5) == pytest.approx(0.945)


def test_cycles_that_no_cell_has_are_not_drawn(cells: dict[str, xr.DataTree]) -> None:
    padded = found(cells).reindex(cycle=np.arange(501), fill_value={"use": -1})
    assert view.curves(padded, LOOKS)["cycle"].values.tolist() == list(range(1, 13))


def test_one_coating_in_two_protocols_is_two_curves(cells: dict[str, xr.DataTree]) -> None:
    same = looks(dict.fromkeys(cells, "PCHP"))
    curves = view.curves(found(cells), same, "mean")
    assert curves["curve"].values.tolist() == ["PCHP, galvanostatic", "PCHP, modified"]


def test_an_undecided_cell_is_drawn_hollow_and_has_no_level() -> None:
    half = galvanostatic_cell(copper(0.95), cycles=3, seed=1)
    only = {"bare-1": tree(half, "bare-1")}
    curves = view.curves(efficiency(only["bare-1"]["steps"].to_dataset(), protocol="modified"), LOOKS)
    picture = plots.efficiency(curves, 1)
    assert len(picture.layers[3].x) == 0
    assert set(picture.layers[4].rows["use"]) == {"protocol undecided"}
    assert len(picture.layers[5].x) == 0


def test_the_whole_test_shows_plateaus_and_cut_off_with_the_cycle_as_a_band(cells: dict[str, xr.DataTree]) -> None:
    trace = thinned({name: Trace.of(one["points"].to_dataset()) for name, one in cells.items()})
    halves = half_cycles(merged_steps(one["steps"].to_dataset() for one in cells.values()))
    picture = plots.whole_test(trace, cycle_span(halves, 2), (-0.1, 1.0), LOOKS)
    assert picture.ylim[0] < -0.1 < 1.0 < picture.ylim[1] < 1.2
    assert len(picture.layers[1].x) == 3
    assert len(picture.layers[0].start) >= 1
    assert [entry.label for entry in picture.legend] == list(cells)
