"""Figures of calorimetry say what was found, where, and with which units."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import thermal as analysis
from pchp_widgets.io.synthetic.thermal import thermal_study
from pchp_widgets.plots import render, theme
from pchp_widgets.plots import thermal as plots
from pchp_widgets.plots.element import element
from pchp_widgets.plots.layers import Lines, Marks, Ribbons, Window

MELTING, GLASS = (40.0, 78.0), (85.0, 150.0)


@pytest.fixture(scope="module")
def study() -> xr.Dataset:
    return thermal_study()


@pytest.fixture(scope="module")
def found(study: xr.Dataset) -> dict[str, xr.Dataset]:
    scans = analysis.scans(study)
    melted = analysis.melting(scans, MELTING)
    return {
        "scans": scans,
        "glass": analysis.glass_transition(scans, analysis.glass_ranges(scans)),
        "melted": melted,
        "share": analysis.crystallinity(melted),
        "limits": analysis.crystallinity_limit(scans, MELTING),
    }


def looks(study: xr.Dataset) -> dict[str, theme.Look]:
    return theme.looks({str(name): str(name) for name in study["sample"].values})


def test_curves_have_a_window_for_each_transition_and_marks_on_the_curves(
    study: xr.Dataset, found: dict[str, xr.Dataset]
) -> None:
    picture = plots.curves(found["scans"], found["glass"], found["melted"], looks(study), MELTING, GLASS)
    windows = {layer.name: (layer.start[0], layer.stop[0]) for layer in picture.layers if isinstance(layer, Window)}
    assert windows == {"window": MELTING, "glass": GLASS}
    half, peak = (layer for layer in picture.layers if isinstance(layer, Marks))
    np.testing.assert_allclose(half.x, [112, 98, 8], atol=2)
    np.testing.assert_allclose(peak.x, [65], atol=0.1)
    assert "W g⁻¹" in picture.y.title
    assert "apart" in picture.y.label
    assert len(render.fragment(render.figure(picture))) > 1000
    assert element(picture) is not None


def test_curves_that_are_not_moved_apart_say_nothing_of_it(study: xr.Dataset, found: dict[str, xr.Dataset]) -> None:
    given = (found["scans"], found["glass"], found["melted"], looks(study), MELTING, GLASS)
    together, turned = (plots.curves(*given, stacked=False, exo_up=up) for up in (False, True))
    assert together.y.label == "specific heat flow, endo up"
    curve, other = (next(one for one in each.layers if isinstance(one, Lines)) for each in (together, turned))
    np.testing.assert_allclose(curve.y[0], -other.y[0])


def test_the_ribbon_is_the_heat(study: xr.Dataset, found: dict[str, xr.Dataset]) -> None:
    picture = plots.heat(found["scans"], found["melted"], looks(study), MELTING)
    ribbon = next(layer for layer in picture.layers if isinstance(layer, Ribbons))
    row = [str(name) for name in study["sample"].values].index("PEO")
    area = np.trapezoid(ribbon.high[row], ribbon.x[row]) / 10 * 60 / 1e3  # mW g-1 over K at 10 K/min
    assert area == pytest.approx(float(found["melted"]["melting_enthalpy"][row]), rel=0.01)


def test_a_limit_is_a_hollow_triangle_and_a_value_a_disc(study: xr.Dataset, found: dict[str, xr.Dataset]) -> None:
    picture = plots.crystallinity(found["share"], found["limits"], looks(study))
    value, bound = (layer for layer in picture.layers if isinstance(layer, Marks))
    assert list(value.rows["cell"]) == ["PEO"]
    assert list(bound.rows["cell"]) == ["PCHP", "PCHP2", "PCHP3"]
    assert value.filled
    assert not bound.filled
    assert picture.y.log
    assert picture.ylim[0] > 0


def test_of_no_sample_there_are_empty_figures(study: xr.Dataset, found: dict[str, xr.Dataset]) -> None:
    none = {name: part.isel(sample=slice(0)) for name, part in found.items()}
    pictures = [
        plots.curves(none["scans"], none["glass"], none["melted"], {}, MELTING, GLASS),
        plots.heat(none["scans"], none["melted"], {}, MELTING),
        plots.step(none["scans"], none["glass"], {}, GLASS),
        plots.crystallinity(none["share"], none["limits"], {}),
        plots.program(study.isel(sample=slice(0)), analysis.segments(study).isel(sample=slice(0)), "heating 2", {}),
    ]
    for picture in pictures:
        assert np.isfinite([*picture.xlim, *picture.ylim]).all()
        assert render.fragment(render.figure(picture))


def test_the_program_shows_which_run_is_evaluated(study: xr.Dataset) -> None:
    picture = plots.program(study, analysis.segments(study), "heating 2", looks(study))
    band = picture.layers[0]
    assert band.start[0] == pytest.approx(48, abs=0.1)
    assert band.stop[0] == pytest.approx(69, abs=0.1)
    assert picture.title == "program; evaluated: heating 2"
