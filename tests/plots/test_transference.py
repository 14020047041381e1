from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import transference as analysis
from pchp_widgets.analysis.spectra_resistances import of_cells
from pchp_widgets.model.spectra import merged_spectra
from pchp_widgets.plots import spectra_lines
from pchp_widgets.plots import transference as plots
from pchp_widgets.plots.picture import Lines, Marks, Picture, Texts, Whiskers
from pchp_widgets.plots.theme import Look, looks

Cells = Callable[[str], list[xr.DataTree]]


@pytest.fixture(scope="module")
def cells(demo_cells: Cells) -> list[xr.DataTree]:
    return demo_cells("BV-")


@pytest.fixture(scope="module")
def found(cells: list[xr.DataTree]) -> xr.Dataset:
    return analysis.transference(analysis.from_cells(cells))


def looks_of(cells: list[xr.DataTree]) -> dict[str, Look]:
    return looks({str(tree.name): str(tree.name).split("-")[1] for tree in cells})


def traces(cells: list[xr.DataTree], found: xr.Dataset) -> xr.Dataset:
    return plots.traces_of({str(tree.name): analysis.trace_of(tree, found) for tree in cells})


def layer(picture: Picture, kind: type, place: int = 0) -> object:
    return [one for one in picture.layers if isinstance(one, kind)][place]


def test_the_current_is_drawn_with_the_two_currents_that_are_used(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    picture = plots.relaxation(traces(cells, found), found, looks_of(cells))
    first, last = layer(picture, Marks, 0), layer(picture, Marks, 1)
    assert isinstance(first, Marks)
    assert isinstance(last, Marks)
    np.testing.assert_allclose(first.y, found["initial_current"])
    np.testing.assert_allclose(last.y, found["steady_current"])
    assert last.x == pytest.approx(found["duration"].values / 3600)
    assert picture.y.title == "current (mA)"
    spike = float(found["first_current"].max())
    assert picture.ylim[1] < spike  # beyond the figure, which would be nothing but it


def test_the_beginning_is_drawn_over_the_root_of_time(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    picture = plots.beginning(traces(cells, found), found, looks_of(cells))
    samples, ohmic, extrapolated = (layer(picture, Marks, place) for place in range(3))
    assert isinstance(samples, Marks)
    assert isinstance(ohmic, Marks)
    assert isinstance(extrapolated, Marks)
    assert (samples.x <= 30).all()
    assert (ohmic.x == 0).all()
    assert extrapolated.y == pytest.approx(ohmic.y, rel=0.01)
    assert ohmic.filled
    assert not extrapolated.filled


def test_fractions_stand_by_coating_with_their_intervals(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    picture = plots.fractions(found, analysis.by_coating(found), looks_of(cells))
    assert picture.x.ticks == ((0.0, "bare"), (1.0, "PCHP"))
    bars, used = layer(picture, Whiskers), layer(picture, Marks)
    assert isinstance(bars, Whiskers)
    assert isinstance(used, Marks)
    np.testing.assert_allclose(used.y, found["current_fraction"])
    np.testing.assert_allclose(bars.low, found["current_fraction_low"])
    assert len(np.unique(used.x)) == 6  # beside each other
    means = layer(picture, Lines)
    assert isinstance(means, Lines)
    assert means.y[1][0] == pytest.approx(0.738, abs=0.005)


def test_what_is_not_usable_is_hollow_and_what_is_none_is_said(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    spoilt = found.copy(deep=True)
    spoilt["usable"][:] = [0, 1, -1, 1, 1, 0]
    spoilt["current_fraction"][5] = np.nan
    spoilt["current_fraction_high"][0] = np.inf
    picture = plots.fractions(spoilt, analysis.by_coating(spoilt), looks_of(cells))
    hollow, none = layer(picture, Marks, 1), layer(picture, Texts)
    assert isinstance(hollow, Marks)
    assert isinstance(none, Texts)
    assert hollow.rows["judged"].tolist() == ["not usable", "undecided"]  # type: ignore[union-attr]
    assert none.rows["label"].tolist() == ["none"]  # type: ignore[union-attr]
    assert all(np.isfinite(picture.ylim))
    assert any(entry.label.startswith("not usable") for entry in picture.legend)


def test_spectra_are_drawn_before_and_at_the_end(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    spectra = merged_spectra(tree["spectra"].to_dataset() for tree in cells)
    series = of_cells(cells)["series_resistance"].values
    places = {"before": found["spectrum_before"].values, "at the end": found["spectrum_steady"].values}
    lines = spectra_lines.lines_of(spectra, places, series)
    assert lines.sizes["line"] == 12
    picture = spectra_lines.nyquist(lines, looks_of(cells))
    before, end = layer(picture, Lines, 0), layer(picture, Lines, 1)
    assert isinstance(before, Lines)
    assert isinstance(end, Lines)
    assert (before.dash, end.dash) == ("solid", "dashed")
    assert picture.equal
    marked = layer(picture, Marks)
    assert isinstance(marked, Marks)
    assert marked.x == pytest.approx(series[:, 0])


def test_nothing_is_drawn_of_nothing(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    none = found.isel(cell=slice(0))
    empty = plots.traces_of({})
    assert plots.relaxation(empty, none, {}).title == "no polarization"
    assert plots.beginning(empty, none, {}).layers
    assert plots.fractions(none, analysis.by_coating(none), {}).x.ticks == ()
    spectra = merged_spectra(tree["spectra"].to_dataset() for tree in cells).isel(cell=slice(0))
    nowhere = spectra_lines.lines_of(spectra, {"before": np.zeros(0, int)}, np.zeros((0, 1)))
    assert spectra_lines.nyquist(nowhere, {}).title == "no spectrum"
