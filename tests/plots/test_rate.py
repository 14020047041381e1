"""Figures of rate tests: what they hold for any number of cells, and that no cell at all is drawn too."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import rate
from pchp_widgets.plots import element, render, theme
from pchp_widgets.plots import rate as plots
from pchp_widgets.plots import rate_view as view
from pchp_widgets.plots.layers import Lines, Marks, Whiskers
from pchp_widgets.plots.picture import Picture

CURRENTS = [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 1.0, 1.0]


def per_cycle(cells: dict[str, float], area: float = 1.0) -> xr.Dataset:
    """Cells whose capacity falls by `step` mA h from rate to rate, of 10 mg cm-2."""
    names, n = list(cells), len(CURRENTS)
    j = np.tile(CURRENTS, (len(names), 1))
    q = np.array([[4.0 - step * np.log2(one) for one in CURRENTS] for step in cells.values()]).reshape(len(names), n)
    table = {"cv_share": 0 * q, "interrupted": q < 0, "time_start": np.tile(np.arange(n) * 3600.0, (len(names), 1))}
    for way in ("charge", "discharge"):
        table |= {f"{way}_current": j, f"{way}_current_density": j / area, f"{way}_capacity": q}
        table |= {f"{way}_{name}": q / area for name in ("areal_capacity", "specific_capacity", "volumetric_capacity")}
    coords = {
        "cell": names,
        "cycle": np.arange(1, n + 1),
        "coating": ("cell", [name.split("-")[0] for name in names]),
        "area": ("cell", np.full(len(names), area)),
        "loading": ("cell", np.full(len(names), 10.0)),
    }
    return xr.Dataset({name: (("cell", "cycle"), values) for name, values in table.items()}, coords)


def picture(
    cells: dict[str, float], against: str = "cycle", replicates: str = "each", basis: str = "absolute", cycle: int = 3
) -> Picture:
    found = per_cycle(cells)
    rates = rate.rate_steps(found)
    looks = theme.looks(dict(zip(cells, found["coating"].values.tolist(), strict=True)))
    unit = view.unit(found, rates, basis)
    curves = view.cycles(found, rates, unit, looks, replicates)
    steps = view.rate_steps(rates, unit, looks, replicates)
    return plots.capacity(curves, steps, view.selected(rates, cycle), against)


TWO = {"bare-1": 1.0, "PCHP-1": 0.5}
FOUR = {"bare-1": 1.0, "bare-2": 1.2, "PCHP-1": 0.5, "PCHP-2": 0.6}


@pytest.mark.parametrize("against", ["cycle", "current density"])
@pytest.mark.parametrize("cells", [{}, {"bare-1": 1.0}, FOUR, {f"bare-{n}": 1.0 for n in range(20)}])
@pytest.mark.parametrize("replicates", ["each", "mean"])
def test_the_layers_are_the_same_for_any_selection(cells: dict[str, float], against: str, replicates: str) -> None:
    drawn = picture(cells, against, replicates)
    assert [type(layer).__name__ for layer in drawn.layers] == [
        "Bands", "Verticals", "Ribbons", "Whiskers", "Lines", "Marks", "Marks",
    ]  # fmt: skip
    assert len(render.figure(drawn).renderers) > 0
    assert drawn.ylim[0] == 0
    assert drawn.xlim[0] < drawn.xlim[1]


def test_rate_steps_are_labelled_by_current_density_and_cycles() -> None:
    drawn = picture(TWO)
    assert drawn.x.ticks == ((1.5, "1\n1–2"), (3.5, "2\n3–4"), (5.5, "4\n5–6"), (7.5, "1\n7–8"))
    assert drawn.x.label == "current density (mA cm⁻²), cycles"
    assert picture(TWO, "current density").x.ticks == ((1.0, "1"), (2.0, "2"), (4.0, "4"))


def test_the_line_against_current_density_leaves_out_the_way_back() -> None:
    drawn = picture(TWO, "current density")
    line = next(layer for layer in drawn.layers if isinstance(layer, Lines))
    np.testing.assert_allclose(line.x[0], [1, 2, 4])
    np.testing.assert_allclose(line.y[0], [4, 3, 2])
    hollow = [layer for layer in drawn.layers if isinstance(layer, Marks)][1]
    assert not hollow.filled
    np.testing.assert_allclose(hollow.x, [1, 1])
    assert drawn.legend[-1].label == "on the way back"
    assert all(entry.label != "on the way back" for entry in picture(TWO).legend)


def test_whiskers_of_a_mean_are_the_spread_of_replicates() -> None:
    drawn = picture(FOUR, "current density", "mean")
    whiskers = next(layer for layer in drawn.layers if isinstance(layer, Whiskers))
    marks = next(layer for layer in drawn.layers if isinstance(layer, Marks))
    at = int(np.flatnonzero((marks.x == 4) & (np.array(marks.rows["curve"]) == "bare"))[0])
    assert marks.y[at] == pytest.approx(np.mean([2.0, 1.6]))
    assert marks.rows["sd"][at] == pytest.approx(np.std([2.0, 1.6], ddof=1))
    lowest = whiskers.low[(whiskers.x == 4) & np.isfinite(whiskers.low)].min()
    assert lowest == pytest.approx(marks.y[at] - marks.rows["sd"][at])


def test_a_relative_capacity_is_that_of_the_slowest_step() -> None:
    drawn = picture(TWO, basis="relative")
    marks = next(layer for layer in drawn.layers if isinstance(layer, Marks))
    assert drawn.y.units == "%"
    np.testing.assert_allclose(marks.y[:6], [100, 100, 75, 75, 50, 50])


def test_where_an_area_is_not_known_currents_are_those_of_the_cell() -> None:
    found = per_cycle(TWO, area=np.nan)
    rates = rate.rate_steps(found)
    looks = theme.looks({"bare-1": "bare", "PCHP-1": "PCHP"})
    steps = view.rate_steps(rates, view.unit(found, rates, "absolute"), looks)
    assert steps["current_density"].attrs["units"] == "mA"
    assert view.selected(rates, 5)["current_density"].values.tolist() == [4.0]


def test_the_picture_can_be_printed() -> None:
    pytest.importorskip("holoviews")
    assert element.element(picture(FOUR, "current density", "mean")) is not None
