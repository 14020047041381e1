"""Photoemission against known truth: backgrounds, line shapes, one global fit over layers, stoichiometry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets import open_measurement
from pchp_widgets.analysis.photoemission import backgrounds
from pchp_widgets.analysis.photoemission.components import COOH, COOLI, Component, components_of
from pchp_widgets.analysis.photoemission.layers import global_fit, referenced
from pchp_widgets.analysis.photoemission.quantities import area_by_background, atomic_share, net_area
from pchp_widgets.analysis.photoemission.shapes import Shape
from pchp_widgets.analysis.photoemission.stoichiometry import (
    carbon_shares,
    expected_shares,
    lithium_per_acid,
    remarks,
)
from pchp_widgets.io.synthetic.photoemission import Coating, layers

SETS, STRONG = 200, Coating(carbon=40000.0, dwell=50.0)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return layers()


@pytest.fixture(scope="module")
def fit(data: xr.Dataset) -> xr.Dataset:
    return global_fit(data)


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "materials" / "xps"


def hard_carbon(folder: Path) -> xr.Dataset:
    return open_measurement(folder / "Hard_carbon_Thermo.xlsx")


# Backgrounds


def test_shirley_of_hard_carbon_is_that_of_the_peer(folder: Path) -> None:
    area = {
        name: float(net_area(hard_carbon(folder), "C 1s", window=(279.58, 296.18), background=name)["net_area"].item())
        for name in ("shirley", "linear")
    }
    assert area["shirley"] == pytest.approx(163406, rel=1e-3)
    assert area["shirley"] == pytest.approx(163406, abs=1)
    assert area["linear"] == pytest.approx(172606, abs=1)


def test_shirley_of_platinum_is_that_of_the_peer(folder: Path) -> None:
    data = open_measurement(folder / "Pt4f.vms")
    dwell = float(data["dwell_time"].item())
    whole = net_area(data, "Pt 4f")["net_area"].item() * dwell
    part = net_area(data, "Pt 4f", window=(66, 82))["net_area"].item() * dwell
    assert whole == pytest.approx(11549.41, abs=0.01)
    assert part == pytest.approx(10761.23, abs=0.01)


def test_narrowing_the_window_loses_area(folder: Path) -> None:
    data = hard_carbon(folder)
    narrow, wide = (
        net_area(data, "C 1s", window=window)["net_area"].item() for window in ((282.5, 290.5), (279.58, 296.18))
    )
    assert narrow / wide == pytest.approx(0.74, abs=0.01)


def test_components_of_hard_carbon_have_the_areas_of_its_own_program(folder: Path) -> None:
    path = folder / "hard_carbon_C1s_avantage.csv"
    names = path.read_text().splitlines()[0].split(",")
    table = np.genfromtxt(path, delimiter=",", skip_header=1)
    fitted = table[table[:, names.index("background")] > 0]
    energy, below = fitted[::-1, 0], fitted[::-1, names.index("background")]
    for name, area in (("CC_plus_bg", 14670.28), ("COC_plus_bg", 3542.50), ("CO_plus_bg", 1291.44)):
        found = backgrounds.weights(energy) @ (fitted[::-1, names.index(name)] - below)
        assert found == pytest.approx(area, rel=3e-5)


def test_many_spectra_at_once_have_the_backgrounds_of_each(data: xr.Dataset) -> None:
    part = data.sel(region="C 1s")
    energy, rate = part["binding_energy"].values, part["intensity"].values
    for function in backgrounds.BACKGROUNDS.values():
        together = function(energy, rate, ends=3)
        for row in range(3):
            np.testing.assert_allclose(together[row], function(energy[row], rate[row], ends=3), rtol=1e-6)


def test_points_that_are_not_there_count_for_nothing() -> None:
    energy = np.arange(280.0, 296.0, 0.1)
    rate = 100 + 1000 * np.exp(-((energy - 285) ** 2)) + 200 / (1 + np.exp(-3 * (energy - 285)))
    longer = np.append(energy, [np.nan] * 5), np.append(rate, [np.nan] * 5)
    for function in backgrounds.BACKGROUNDS.values():
        np.testing.assert_allclose(function(*longer)[:-5], function(energy, rate), rtol=1e-9)
        assert np.isnan(function(*longer)[-5:]).all()


def test_where_there_is_no_peak_shirley_has_no_solution() -> None:
    energy = np.arange(50.0, 60.0, 0.1)
    hollow = 100.0 - 20 * np.exp(-((energy - 55) ** 2))
    assert np.isnan(backgrounds.shirley(energy, hollow)).all()


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0.1, 1e4), st.floats(-1e3, 1e3), st.integers(0, 10_000), st.sampled_from(list(backgrounds.BACKGROUNDS))
)
def test_backgrounds_meet_the_ends_and_follow_scale_and_offset(
    factor: float, offset: float, seed: int, name: str
) -> None:
    random = np.random.default_rng(seed)
    energy = np.sort(random.uniform(280, 296, 60))
    rate = 50 + 400 * np.exp(-((energy - 286) ** 2)) + 100 / (1 + np.exp(286 - energy)) + random.uniform(0, 5, 60)
    function = backgrounds.BACKGROUNDS[name]
    found = function(energy, rate)
    np.testing.assert_allclose(found[[0, -1]], rate[[0, -1]], rtol=1e-9)
    np.testing.assert_allclose(function(energy, factor * rate + offset), factor * found + offset, rtol=1e-6, atol=1e-3)


# Line shapes


@pytest.mark.parametrize(
    "shape",
    [
        Shape(),
        Shape("sum", 0.5),
        Shape(mixing=0.0),
        Shape(mixing=0.02),
        Shape("asymmetric", low=1.6, high=1.3, gaussian=0.5),
    ],
)
def test_lines_have_unit_area_and_their_derivative(shape: Shape) -> None:
    u = np.sinh(np.linspace(-12, 12, 400_001))
    value, slope = shape(u)
    assert np.trapezoid(value, u) == pytest.approx(1.0, abs=1e-5)
    near = np.linspace(-3, 3, 20_001)
    np.testing.assert_allclose(np.gradient(shape(near)[0], near)[1:-1], shape(near)[1][1:-1], atol=1e-4)
    assert slope.shape == value.shape


def test_product_and_sum_of_the_same_share_differ() -> None:
    assert Shape("product", 0.3).area == pytest.approx(1.0644 / 0.9405, rel=0.1)
    assert abs(Shape("product", 0.3).area / Shape("sum", 0.3).area - 1) > 0.05
    with pytest.raises(ValueError, match=r"above 0\.5"):
        Shape("asymmetric", low=0.4)
    with pytest.raises(ValueError, match="choose one of"):
        Shape("voigt")


# The global fit


def test_truth_is_recovered_without_noise_to_speak_of() -> None:
    found = global_fit(layers(STRONG))
    np.testing.assert_allclose(found["lithiated_fraction"], STRONG.lithiated, atol=0.005)
    np.testing.assert_allclose(found["charge_shift"], STRONG.charging, atol=0.002)
    np.testing.assert_allclose(found["position"][0], STRONG.positions, atol=0.01)
    np.testing.assert_allclose(found["width"], 1.35, atol=0.003)


def test_a_layer_without_lithium_has_an_upper_limit_and_one_in_between_an_interval(fit: xr.Dataset) -> None:
    low, high = fit["lithiated_fraction_low"].values, fit["lithiated_fraction_high"].values
    assert low[0] == 0
    assert 0 < high[0] < 0.1
    assert low[1] < 0.45 < high[1]
    assert high[1] - low[1] < 0.1


def test_the_profile_of_a_share_well_inside_agrees_with_its_covariance(fit: xr.Dataset) -> None:
    half = float(fit["lithiated_fraction_high"][1] - fit["lithiated_fraction_low"][1]) / 2
    area, spread = (fit[name].sel(component=[COOLI, COOH]).values[1] for name in ("area", "area_stderr"))
    total = area.sum()
    wald = np.hypot(area[1] * spread[0], area[0] * spread[1]) / total**2
    assert half == pytest.approx(1.96 * wald, rel=0.4)


def test_intervals_of_two_hundred_studies_cover_the_truth() -> None:
    covered = []
    for seed in range(SETS):
        random = np.random.default_rng(1000 + seed)
        fractions = np.sort(random.uniform(0.05, 0.95, 3))
        coating = Coating(
            lithiated=tuple(fractions),
            charging=tuple(random.uniform(-2, 2, 3)),
            width=random.uniform(1.15, 1.5),
            carbon=random.uniform(1500, 6000),
            positions=(284.5, *(np.array([285.9, 288.9, 290.2]) + random.uniform(-0.12, 0.12, 3))),
        )
        found = global_fit(layers(coating, seed))
        low, high = found["lithiated_fraction_low"].values, found["lithiated_fraction_high"].values
        covered += [(low <= fractions) & (fractions <= high)]
        assert np.abs(found["charge_shift"].values - coating.charging).max() < 0.1
    assert 0.90 <= np.mean(covered) <= 0.98


def test_a_fit_of_all_layers_is_narrower_than_that_of_one(data: xr.Dataset, fit: xr.Dataset) -> None:
    alone = global_fit(data.isel(sample=[1]))
    width = [
        float(
            one["lithiated_fraction_high"].sel(sample="intermediate")
            - one["lithiated_fraction_low"].sel(sample="intermediate")
        )
        for one in (alone, fit)
    ]
    assert width[1] < width[0]


def test_the_charge_shift_is_stored_and_holds_for_all_regions(data: xr.Dataset, fit: xr.Dataset) -> None:
    known = referenced(data, fit)
    np.testing.assert_allclose(known["charge_shift"], data.attrs["true_shift"], atol=0.02)
    np.testing.assert_array_equal(known["binding_energy"], data["binding_energy"])
    oxygen = global_fit(known, region="O 1s")
    np.testing.assert_allclose(oxygen["position"].values.mean(0), [531.8, 533.2], atol=0.15)


def test_a_stated_charge_shift_is_taken(data: xr.Dataset) -> None:
    stated = data.assign_coords(charge_shift=("sample", data.attrs["true_shift"]))
    found = global_fit(stated)
    np.testing.assert_array_equal(found["charge_shift"], data.attrs["true_shift"])
    assert (found["charge_shift_stderr"] == 0).all()


def test_another_reference_moves_all_components_alike(data: xr.Dataset, fit: xr.Dataset) -> None:
    moved = global_fit(data, reference=284.8)
    np.testing.assert_allclose(moved["position"] - fit["position"], 0.3, atol=1e-4)
    np.testing.assert_allclose(moved["lithiated_fraction"], fit["lithiated_fraction"], atol=1e-4)


def test_counts_not_rates_weight_the_fit(data: xr.Dataset, fit: xr.Dataset) -> None:
    longer = data.assign(dwell_time=data["dwell_time"] * 100)
    found = global_fit(longer, intervals=False)
    assert float(found["chi_square"].mean()) == pytest.approx(100 * float(fit["chi_square"].mean()), rel=0.05)
    unknown = global_fit(data.assign(dwell_time=data["dwell_time"] * np.nan))
    assert (unknown["counted"] == 0).all()
    np.testing.assert_allclose(unknown["area_stderr"][:, 0], fit["area_stderr"][:, 0], rtol=0.2)


def test_platinum_is_a_doublet_like_that_of_lmfit(folder: Path) -> None:
    data = open_measurement(folder / "Pt4f.vms")
    line = Component("Pt", 71.2, 0.4, splitting=3.33, ratio=0.75)
    found = global_fit(
        data, region="Pt 4f", window=(66, 82), active=False, shape=Shape("sum", 0.957), components=[line]
    )
    dwell = float(data["dwell_time"].item())
    assert found["area"].item() * dwell == pytest.approx(6365.6, rel=0.03)
    assert found["position"].item() == pytest.approx(
        71.202, abs=0.05
    )  # weights are those of counts, and the line of the metal is not even
    assert found["width"].item() == pytest.approx(0.997, abs=2 * 0.035)


def test_input_that_cannot_be_fitted_is_refused_with_a_remedy(data: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="there are C 1s, O 1s, Li 1s"):
        global_fit(data, region="N 1s")
    with pytest.raises(ValueError, match="make it wider"):
        global_fit(data, window=(284.0, 284.3))
    with pytest.raises(ValueError, match="choose one of"):
        global_fit(data, background="spline")
    with pytest.raises(ValueError, match="no sample has a point"):
        global_fit(data, window=(400, 410))
    with pytest.raises(ValueError, match=r"two components"):
        components_of("C 1s", [("a", 1, 1), ("a", 2, 1)])
    with pytest.raises(ValueError, match=r"write \(name"):
        components_of("C 1s", [("a",)])
    with pytest.raises(ValueError, match="splitting"):
        Component("Pt", 71, ratio=0.75)


# Quantities and stoichiometry


def test_carbon_of_the_repeat_unit() -> None:
    assert expected_shares(1.0) == pytest.approx({"C–C": 19 / 29, "C–O": 8 / 29, "COOH + COOLi": 2 / 29})
    assert expected_shares(0.92)["COOH + COOLi"] == pytest.approx(0.0634, abs=5e-5)
    with pytest.raises(ValueError, match="from 0 to 1"):
        expected_shares(92)


def test_carbon_found_agrees_with_the_repeat_unit_and_more_acid_is_noticed(fit: xr.Dataset) -> None:
    shares = carbon_shares(fit)
    np.testing.assert_allclose(shares["share"].sum("group"), 1.0)
    assert np.abs(shares["deviation"].values).max() < 2
    much = layers(replace(STRONG, acid=0.14))
    found = global_fit(much, intervals=False)
    said = remarks(much, found, carbon_shares(found))["activated"]
    assert any("more than the 6.3 % of the repeat unit (carbonate?)" in text for text in said)


def test_lithium_stands_one_to_one_with_lithiated_acid() -> None:
    data = layers(STRONG)
    found = lithium_per_acid(data, global_fit(data, intervals=False))
    assert np.isnan(found["lithium_per_acid"].values[0])
    np.testing.assert_allclose(found["lithium_per_acid"].values[1:], 1.0, atol=0.06)


def test_overlaps_and_what_was_not_measured_are_said(data: xr.Dataset, fit: xr.Dataset) -> None:
    said = " ".join(remarks(data, fit)["original"])
    assert "Li2CO3 (carbonate) lies under COOH" in said
    assert "N 1s was not measured" in said
    strong = layers(STRONG)
    known = referenced(strong, global_fit(strong, intervals=False))
    lithium = remarks(known.drop_sel(region="O 1s"), global_fit(known, region="Li 1s"))["activated"]
    assert any("LiF lies under C–O–Li" in text for text in lithium)
    assert any("C–O–Li needs O 1s" in text for text in lithium)


def test_tougaard_in_a_short_window_is_said(data: xr.Dataset) -> None:
    found = global_fit(data, background="tougaard", intervals=False)
    assert any("30 eV or more" in text for text in remarks(data, found)["original"])


def test_atoms_add_up_and_areas_depend_on_the_background(data: xr.Dataset) -> None:
    found = atomic_share(data)
    np.testing.assert_allclose(found["atomic_share"].sum("region"), 1.0)
    areas = area_by_background(data, "C 1s")["net_area"]
    assert areas.sizes == {"background": 3, "sample": 3}
    assert (areas.sel(background="linear") > areas.sel(background="shirley")).all()
    with pytest.raises(ValueError, match="no cross-section for Xx 1s"):
        atomic_share(data, regions=["Xx 1s"])
