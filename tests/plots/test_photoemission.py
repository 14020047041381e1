"""Figures of photoemission as they are described."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.photoemission.layers import global_fit
from pchp_widgets.analysis.photoemission.stoichiometry import carbon_shares
from pchp_widgets.io.synthetic.photoemission import layers
from pchp_widgets.plots import photoemission as plots
from pchp_widgets.plots.layers import Lines, Marks, Ribbons, Texts, Whiskers, Window
from pchp_widgets.plots.picture import Picture
from pchp_widgets.plots.theme import looks

SPAN = (281.0, 295.0)


@pytest.fixture(scope="module")
def fit() -> xr.Dataset:
    return global_fit(layers())


@pytest.fixture(scope="module")
def whole(fit: xr.Dataset) -> xr.Dataset:
    return plots.whole(layers(), "C 1s", fit["charge_shift"])


LOOKS = looks(dict.fromkeys(("original", "intermediate", "activated"), "PCHP"))


def layer(picture: Picture, kind: type) -> list:
    return [one for one in picture.layers if isinstance(one, kind)]


def test_binding_energy_runs_from_right_to_left_with_a_window_to_drag(fit: xr.Dataset, whole: xr.Dataset) -> None:
    picture = plots.spectra(whole, fit, LOOKS, (282.0, 294.0), SPAN)
    assert picture.xlim == (295.0, 281.0)
    assert picture.x.title == "binding energy (eV)"
    (band,) = layer(picture, Window)
    assert {band.start[0], band.stop[0]} == {282.0, 294.0}


def test_every_component_of_every_sample_is_a_band_on_the_background(fit: xr.Dataset, whole: xr.Dataset) -> None:
    (bands,) = layer(plots.spectra(whole, fit, LOOKS, SPAN, SPAN), Ribbons)
    assert len(bands.x) == 4 * 3
    assert all(
        (high[np.isfinite(high)] >= low[np.isfinite(low)] - 1e-9).all()
        for low, high in zip(bands.low, bands.high, strict=True)
    )
    assert len(set(bands.rows["color"])) == 4


def test_spectra_stand_above_each_other_and_are_named(fit: xr.Dataset, whole: xr.Dataset) -> None:
    picture = plots.spectra(whole, fit, LOOKS, SPAN, SPAN)
    (names,) = layer(picture, Texts)
    assert names.rows["label"] == ["original", "intermediate", "activated"]
    assert (np.diff(names.y) < 0).all()
    (marks,) = layer(picture, Marks)
    assert picture.ylim[0] < marks.y.min()
    assert picture.ylim[1] > marks.y.max()


def test_lines_meet_on_the_scale_of_the_reference(whole: xr.Dataset) -> None:
    energy, rate = whole["energy"].values, whole["intensity"].values
    top = [energy[row][np.nanargmax(rate[row])] for row in range(3)]
    assert np.ptp(top) < 0.3


def test_carboxyl_carbon_is_seen_by_itself(fit: xr.Dataset, whole: xr.Dataset) -> None:
    picture = plots.acid(whole, fit, LOOKS)
    assert 291 < picture.xlim[0] < 293
    assert 286.5 < picture.xlim[1] < 288
    assert picture.title == "carboxyl carbon"


def test_shares_have_whiskers_and_undecided_ones_are_said(fit: xr.Dataset) -> None:
    picture = plots.fractions(fit, LOOKS)
    (whiskers,) = layer(picture, Whiskers)
    assert len(whiskers.x) == 3
    open_ended = fit.copy(deep=True)
    open_ended["lithiated_fraction_low"][0], open_ended["lithiated_fraction_high"][0] = 0.0, 1.0
    picture = plots.fractions(open_ended, LOOKS)
    (words,) = layer(picture, Texts)
    assert words.rows["label"] == ["undecided"]
    assert len(layer(picture, Marks)[0].x) == 2


def test_carbon_stands_beside_the_repeat_unit(fit: xr.Dataset) -> None:
    found, unit = layer(plots.carbon(carbon_shares(fit), LOOKS), Marks)
    assert len(found.x) == 9
    np.testing.assert_allclose(unit.y.sum(), 100.0)


def test_residuals_are_drawn_over_the_range_of_the_spectra(fit: xr.Dataset) -> None:
    picture = plots.residuals(fit, LOOKS, SPAN)
    assert picture.xlim == (295.0, 281.0)
    assert len(layer(picture, Lines)[0].x) == 3
    assert picture.y.units == "σ"


def test_a_survey_has_no_more_points_than_a_screen() -> None:
    energy = np.arange(0.0, 1400.0, 0.5)
    data = layers().isel(sample=[0], region=[0]).drop_dims("point")
    for name, values in (("binding_energy", energy), ("intensity", np.ones_like(energy))):
        data[name] = (("sample", "region", "point"), values[None, None])
    found = plots.whole(data, "C 1s", xr.DataArray([0.0], {"sample": data["sample"].values}, ["sample"]))
    assert found.sizes["point"] <= 900
