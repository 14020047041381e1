"""The figures of symmetric cells against the datasets they are made from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import symmetric as analysis
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps
from pchp_widgets.plots import pieces
from pchp_widgets.plots import symmetric as plots
from pchp_widgets.plots import symmetric_view as view
from pchp_widgets.plots.picture import Bands, Lines, Marks, Picture
from pchp_widgets.plots.theme import looks
from pchp_widgets.plots.traces import Trace, thinned

LOOKS = looks({"bare-1": "bare", "PCHP-1": "PCHP"})


def cell(name: str, coating: str, *, area: float = 1.327, keep: float = 1.0, **recipe: object) -> xr.DataTree:
    points = symmetric_cell(state(coating, 20), Recipe(cycles=20, **recipe)).points  # type: ignore[arg-type]
    points = points.isel(point=slice(int(keep * points.sizes["point"])))
    counted = steps(points, rule="plating_first", cell=name, area=area).assign_coords(area=("cell", [area]))
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)


@pytest.fixture(scope="module")
def trees() -> dict[str, xr.DataTree]:
    return {"bare-1": cell("bare-1", "bare", short_at=12), "PCHP-1": cell("PCHP-1", "PCHP", keep=0.931)}


@pytest.fixture(scope="module")
def found(trees: dict[str, xr.DataTree]) -> xr.Dataset:
    return analysis.polarization(trees.values())


@pytest.fixture(scope="module")
def ends(found: xr.Dataset) -> xr.Dataset:
    return view.ends(found, analysis.life(found, finished={"bare-1": True, "PCHP-1": False}))


@pytest.fixture
def trace(trees: dict[str, xr.DataTree], found: xr.Dataset, ends: xr.Dataset) -> Callable[[int], Picture]:
    whole = thinned({name: Trace.of(tree["points"].to_dataset()) for name, tree in trees.items()})
    return lambda cycle: plots.whole_trace(whole, ends, view.cycle_span(found, cycle), LOOKS)


def layer(picture: Picture, kind: type, number: int = 0) -> object:
    return [each for each in picture.layers if isinstance(each, kind)][number]


def test_the_trace_is_drawn_in_millivolt_below_one_volt(trace: Callable[[int], Picture]) -> None:
    assert plots.voltage_scale(0.999) == ("mV", 1e3)
    assert plots.voltage_scale(1.0) == ("V", 1.0)
    assert trace(3).y.title == "cell voltage (mV)"


def test_the_band_lies_where_the_selected_cycle_ran(trace: Callable[[int], Picture], found: xr.Dataset) -> None:
    band = layer(trace(5), Bands)
    assert isinstance(band, Bands)
    begin = found["time_start"].sel(cycle=5).min() / 3600
    assert band.start.tolist() == pytest.approx([begin.item()])
    assert band.stop.tolist() == pytest.approx([begin.item() + 2.0], abs=0.01)


def test_no_band_where_no_cell_has_the_cycle(trace: Callable[[int], Picture]) -> None:
    assert np.isnan(trace(99).layers[0].columns["x0"]).all()


def test_a_failed_cell_has_a_cross_and_a_living_one_a_triangle(trace: Callable[[int], Picture]) -> None:
    failed, alive = (layer(trace(1), Marks, number) for number in (0, 1))
    assert isinstance(failed, Marks)
    assert isinstance(alive, Marks)
    assert (list(failed.rows["cell"]), list(failed.rows["criterion"])) == (["bare-1"], ["short"])
    assert list(alive.rows["cell"]) == ["PCHP-1"]
    assert failed.x.tolist() == pytest.approx([24.0], abs=0.1)  # the 13th cycle of two hours begins
    assert {entry.label for entry in trace(1).legend} == {"bare-1", "PCHP-1"}


def test_the_marks_of_the_ends_lie_on_traces_that_stay_negative() -> None:
    trees = {"bare-1": cell("bare-1", "bare", short_at=12), "PCHP-1": cell("PCHP-1", "PCHP", keep=0.931)}
    for tree in trees.values():
        tree["points"]["voltage"] = -abs(tree["points"]["voltage"])
    found = analysis.polarization(trees.values())
    ends = view.ends(found, analysis.life(found, finished={"bare-1": True, "PCHP-1": False}))
    whole = thinned({name: Trace.of(tree["points"].to_dataset()) for name, tree in trees.items()})
    picture = plots.whole_trace(whole, ends, view.cycle_span(found, 3), LOOKS)
    failed, alive = (layer(picture, Marks, number) for number in (0, 1))
    for marks, name in ((failed, "bare-1"), (alive, "PCHP-1")):
        assert isinstance(marks, Marks)
        cycle = ends["end_cycle"].sel(cell=name).item()
        peaks = found["max"].sel(cell=name, cycle=cycle).values * 1e3
        assert -np.nanmax(peaks) <= marks.y[0] <= -np.nanmin(peaks)


def test_bands_of_cells_out_of_step_stay_apart() -> None:
    joined = pieces.merged_bands(np.array([4.0, 0.0, 1.0]), np.array([5.0, 2.0, 3.0]))
    assert (joined.start.tolist(), joined.stop.tolist()) == ([0.0, 4.0], [3.0, 5.0])


def test_the_capacity_is_per_area_only_if_all_areas_are_known(trees: dict[str, xr.DataTree]) -> None:
    halves = view.halves(trees, 3)
    assert halves["capacity"].units == "mA h cm-2"
    mixed = view.halves({**trees, "no area": cell("no area", "PCHP", area=np.nan)}, 3)
    assert mixed["capacity"].units == "mA h"
    last = [mixed["capacity"].values[start + count - 1] for start, count in _addresses(mixed)]
    np.testing.assert_allclose(last, 1.327, rtol=0.01)


def _addresses(halves: xr.Dataset) -> list[tuple[int, int]]:
    return list(zip(halves["point_start"].values.ravel(), halves["point_count"].values.ravel(), strict=True))


def test_charge_and_discharge_differ_in_dash(trees: dict[str, xr.DataTree]) -> None:
    picture = plots.one_cycle(view.halves(trees, 3), LOOKS)
    assert [each.dash for each in picture.layers if isinstance(each, Lines)] == ["solid", "dashed"]
    assert [(entry.label, entry.dash) for entry in picture.legend] == [("charge", "solid"), ("discharge", "dashed")]


def test_a_cell_without_the_cycle_is_left_out_and_the_others_drawn(trees: dict[str, xr.DataTree]) -> None:
    short = cell("short", "PCHP", keep=0.2)
    picture = plots.one_cycle(view.halves({**trees, "short": short}, 10), LOOKS | looks({"short": "PCHP"}))
    lines = picture.layers[0]
    assert isinstance(lines, Lines)
    assert [len(x) > 0 for x in lines.x] == [True, True, False]


def test_an_interrupted_half_cycle_is_hollow_and_in_no_average(found: xr.Dataset, ends: xr.Dataset) -> None:
    by_cycle = view.by_cycle(found, "mid")
    picture = plots.polarization(by_cycle, ends, view.cycle_span(found, 3), LOOKS, "cycle")
    whole, hollow = (each for each in picture.layers if isinstance(each, Marks) and each.is_data)
    assert not hollow.filled
    assert list(hollow.rows["cell"]) == ["PCHP-1"]
    assert len(hollow.x) == 1
    number = int(hollow.x[0])
    at = (np.asarray(whole.rows["cell"]) == "PCHP-1") & (whole.x == number)
    other = found["mid"].sel(cell="PCHP-1", cycle=number).where(~found["interrupted"].sel(cell="PCHP-1", cycle=number))
    if at.any():
        assert whole.y[at] == pytest.approx([other.max().item() * 1e3])
    assert "interrupted half-cycle" in {entry.label for entry in picture.legend}


def test_polarization_against_time_begins_when_the_cycles_do(found: xr.Dataset, ends: xr.Dataset) -> None:
    picture = plots.polarization(view.by_cycle(found, "last"), ends, view.cycle_span(found, 3), LOOKS, "time")
    lines = layer(picture, Lines)
    assert isinstance(lines, Lines)
    np.testing.assert_allclose(lines.x[0], found["time_start"].min("direction").values[0] / 3600)
    assert (picture.x.title, picture.y.title) == ("time (h)", "last polarization (mV)")


def test_no_cells_make_empty_figures(found: xr.Dataset, ends: xr.Dataset) -> None:
    none, no_ends = found.isel(cell=slice(0)), ends.isel(cell=slice(0))
    span = view.cycle_span(none, 3)
    for picture in (
        plots.whole_trace(thinned({}), no_ends, span, {}),
        plots.one_cycle(view.halves({}, 3), {}),
        plots.polarization(view.by_cycle(none, "mid"), no_ends, span, {}, "cycle"),
    ):
        assert picture.xlim[0] < picture.xlim[1]
        assert picture.ylim[0] < picture.ylim[1]


@pytest.mark.parametrize("highest", [0.1, 0.93, 1.0, 3.3, 47.0, 99.0, 812.0])
def test_the_range_of_a_cycle_is_round_and_has_room(highest: float) -> None:
    top = plots._round_above(highest)
    assert 1.08 * highest < top < 1.7 * highest
    assert float(f"{top:.2g}") == pytest.approx(top)
