"""Halos against known truth: positions, intervals that cover, and the band that the background leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis import diffraction
from pchp_widgets.analysis.diffraction.models import BACKGROUNDS, CORRECTIONS, SHAPES, Model, correction
from pchp_widgets.analysis.diffraction.prepared import BINS, prepared
from pchp_widgets.analysis.diffraction.projection import projected
from pchp_widgets.io.synthetic.diffraction import COPPER, Film, Halo, angles, pattern, patterns
from pchp_widgets.model.measurements import measurement, merged

FILM = Film()
TRUTH = FILM.spacings()


def noiseless(film: Film = FILM, step: float = 0.05) -> xr.Dataset:
    """A pattern without noise, that is not in whole counts."""
    made = pattern(film, step=step)
    made["intensity"] = made["intensity"].copy(data=film.expected(made["two_theta"].values[0])[None])
    return made


def test_bragg_and_scherrer_give_the_numbers_of_the_field():
    np.testing.assert_allclose(diffraction.spacing([12.782, 18.202], COPPER), [6.92, 4.87], atol=5e-4)
    np.testing.assert_allclose(diffraction.angle([6.92, 4.87], COPPER), [12.782, 18.202], atol=5e-4)
    lengths = diffraction.correlation_length([12.78, 18.20], [4.5, 6.5], COPPER)
    np.testing.assert_allclose(lengths, [17.8, 12.4], atol=0.1)


@given(st.floats(1.0, 30.0), st.floats(0.5, 1.9))
def test_angle_and_distance_are_inverse(d: float, wave: float):
    assert diffraction.spacing(diffraction.angle(d, wave), wave) == pytest.approx(d, rel=1e-9)


def test_unresolved_doublet_makes_distances_larger_by_0_004():
    data = pattern(FILM).assign_coords(wavelength_alpha2=("sample", [1.54439]), alpha2_ratio=("sample", [0.5]))
    first, mean = (diffraction.wavelength(data, radiation).item() for radiation in ("alpha1", "mean"))
    assert 6.92 * (mean / first - 1) == pytest.approx(0.0057, abs=3e-4)
    assert 4.87 * (mean / first - 1) == pytest.approx(0.0040, abs=3e-4)
    assert diffraction.wavelength(pattern(FILM), "mean").item() == COPPER


def test_fit_with_the_right_background_finds_distances_within_0_05_and_0_03():
    found = diffraction.halos(pattern(FILM), count=3).sel(background="air").isel(sample=0)
    assert np.abs(found["spacing"].values - TRUTH)[:2] == pytest.approx([0.0, 0.0], abs=0.05)
    assert abs(float(found["spacing"][1]) - TRUTH[1]) < 0.03
    assert float(found["reduced_chi_square"]) == pytest.approx(1.02, abs=0.03)


def test_cubic_background_is_off_by_almost_an_angstrom_and_looks_nearly_as_good():
    found = diffraction.halos(pattern(FILM), count=3).sel(background="cubic").isel(sample=0)
    assert found["spacing"].values[:2] == pytest.approx([7.91, 4.77], abs=0.1)
    assert float(found["reduced_chi_square"]) == pytest.approx(1.10, abs=0.03)


def test_band_over_five_backgrounds_holds_the_truth_where_the_interval_of_one_does_not():
    found = diffraction.halos(pattern(FILM), count=3)
    summary = diffraction.distances(found, "cubic").isel(sample=0)
    assert found.sizes["background"] == 5
    assert not summary["spacing_low"][0] <= TRUTH[0] <= summary["spacing_high"][0]
    assert float(summary["spacing_background_low"][0]) == pytest.approx(6.96, abs=0.05)
    assert float(summary["spacing_background_high"][0]) == pytest.approx(7.95, abs=0.1)
    assert float(summary["backgrounds"]) == 5
    assert str(found["background"].values[found["criterion"].values[0].argmin()]) == "air"


def test_background_that_does_not_describe_a_pattern_is_not_in_the_band():
    loud = pattern(FILM, step_time=50.0, step=0.05)
    found = diffraction.halos(loud, count=3)
    taken = diffraction.accepted(found).isel(sample=0)
    assert {str(name): float(value) for name, value in zip(found["background"].values, taken.values, strict=True)} == {
        "air": 1, "air_slope": 1, "hyperbola": 0, "cubic": 0, "quintic": 0
    }  # fmt: skip
    summary = diffraction.distances(found).isel(sample=0)
    assert float(summary["spacing_background_high"][0] - summary["spacing_background_low"][0]) < 0.02
    assert diffraction.distances(found, "cubic")["accepted"].item() == 0


def test_intervals_of_95_percent_cover_the_truth_in_200_patterns():
    every = merged(pattern(FILM, name=str(seed), seed=seed, step=0.05) for seed in range(200))
    found = diffraction.halos(every, count=3, backgrounds=("air",)).isel(background=0)
    assert (found["decided"] == 1).all()
    truth = {
        "spacing": TRUTH,
        "width": np.array([halo.width for halo in FILM.halos]),
        "height": np.array([halo.height for halo in FILM.halos]),
        "area": np.array([halo.height * halo.width for halo in FILM.halos]) * np.sqrt(np.pi / np.log(2)) / 2,
    }
    for name, values in truth.items():
        covered = np.abs(found[name].values - values) <= diffraction.LEVEL * found[f"{name}_stderr"].values
        assert ((covered.mean(0) >= 0.90) & (covered.mean(0) <= 0.98)).all(), name
    inside = (found["spacing_low"].values <= TRUTH) & (found["spacing_high"].values >= TRUTH)
    assert ((inside.mean(0) >= 0.90) & (inside.mean(0) <= 0.98)).all()
    np.testing.assert_allclose(found["spacing"].mean("sample"), TRUTH, atol=0.006)


@pytest.mark.parametrize("factor", CORRECTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_pattern_without_noise_gives_back_what_made_it(shape: str, factor: str):
    at = angles(10.0, 70.0, 0.1)
    model = Model(at[None], _factor(at[None], factor), 2, shape, "air", (10.0, 70.0))
    truth = model.start(np.array([[14.0, 21.0]]), np.array([[4.0, 6.0]]))
    truth[:, 4:] = [[0.4, np.log(5.0)]] if model.voigt else [[np.log(5.0)]]
    values = np.array([[300.0, 800.0, 100.0, 2000.0]]) @ model.basis(truth)[0]
    limits = model.limits(1.0, 20.0)
    start = model.start(np.array([[13.0, 22.0]]), np.array([[5.0, 5.0]]))
    fit = projected(model, values, np.ones_like(values), start, limits, tolerance=1e-12, iterations=200)
    assert fit.converged.all()
    np.testing.assert_allclose(fit.coordinates, truth, rtol=1e-5)
    np.testing.assert_allclose(fit.linear, [[300.0, 800.0, 100.0, 2000.0]], rtol=1e-4)


def _factor(at: np.ndarray, kind: str) -> np.ndarray:
    factor = correction(at, kind)
    return factor / factor.mean()


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_derivatives_are_those_of_the_pattern(shape: str, background: str):
    at = np.linspace(10.0, 60.0, 50)[None]
    model = Model(at, np.full_like(at, 1.3), 2, shape, background, (10.0, 60.0))
    here = model.start(np.array([[14.0, 30.0]]), np.array([[4.0, 9.0]]))
    linear = np.arange(1.0, model.columns + 1)[None]
    slopes = model.directions(model.with_slopes(here)[1], linear)
    for which in range(model.coordinates):
        step = np.zeros_like(here)
        step[:, which] = 1e-6
        ends = [(linear[:, None] @ model.basis(here + sign * step))[:, 0] for sign in (1, -1)]
        np.testing.assert_allclose(slopes[:, which], (ends[0] - ends[1]) / 2e-6, atol=1e-6)


def test_covariance_is_that_of_the_whole_least_squares_problem():
    of = prepared(pattern(FILM))
    model = Model(of.two_theta, np.ones_like(of.two_theta), 3, "gaussian", "air", of.window)
    start = model.start(np.array([[13.0, 18.0, 41.0]]), np.array([[5.0, 6.0, 9.0]]))
    fit = projected(model, of.intensity, of.weights, start, model.limits(1.2, 20.0))
    columns, slopes = model.with_slopes(fit.coordinates)
    jacobian = np.concatenate([model.directions(slopes, fit.linear), columns], 1) * of.weights[:, None]
    whole = np.linalg.inv(jacobian[0] @ jacobian[0].T)
    np.testing.assert_allclose(fit.covariance[0], whole, rtol=1e-5, atol=1e-8 * np.abs(whole).max())


def test_maximum_of_the_pattern_is_not_where_the_halo_is():
    clean = noiseless(replace(FILM, air=0.0), step=0.01)
    values, at = clean["intensity"].values[0], clean["two_theta"].values[0]
    highest = (values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])
    picked = diffraction.spacing(at[1:-1][highest], COPPER)
    assert picked[0] == pytest.approx(6.35, abs=0.01)  # on the slope of the other halo
    found = diffraction.halos(clean, count=3, backgrounds=("air",))["spacing"].values[0, 0]
    np.testing.assert_allclose(found, TRUTH, rtol=1e-3)


def test_lorentz_polarization_factor_that_made_a_pattern_is_taken_out_again():
    made = noiseless(replace(FILM, air=0.0))
    at = made["two_theta"].values
    factor = correction(at, "powder")
    bare = Film(FILM.halos, air=0.0, floor=0.0).expected(at[0])[None] * factor / factor.mean() + 120.0
    made["intensity"] = made["intensity"].copy(data=bare)
    right, wrong = (
        diffraction.halos(made, starts=(12.8, 18.2, 41), factor=kind, backgrounds=("air",))["spacing"].values[0, 0]
        for kind in ("powder", "none")
    )
    np.testing.assert_allclose(right, TRUTH, rtol=1e-3)
    assert abs(wrong[0] - TRUTH[0]) > 0.2


def test_number_of_halos_is_what_the_pattern_asks_for():
    two = Film((Halo(900.0, 13.0, 4.5), Halo(1500.0, 20.0, 6.0)))
    assert diffraction.halos(pattern(two, seed=3)).sizes["halo"] == 2
    assert diffraction.halos(pattern(FILM, seed=3)).sizes["halo"] == 3


def test_halo_that_is_not_there_is_undecided_and_has_no_distance():
    flat = Film((Halo(900.0, 20.0, 6.0),))
    found = diffraction.halos(pattern(flat), starts=(20.0, 55.0), backgrounds=("air",)).isel(sample=0, background=0)
    assert float(found["decided"][0]) == 1
    assert float(found["decided"][1]) == 0
    assert np.isnan(found["spacing"][1])
    assert np.isfinite(found["spacing"][0])


def test_samples_together_give_what_each_gives_alone():
    every = patterns(("PCH", "PCHP"), step=0.05)
    together = diffraction.halos(merged(every), starts=(13, 19, 41), window=(10, 65))
    for at, one in enumerate(every):
        alone = diffraction.halos(one, starts=(13, 19, 41), window=(10, 65))
        np.testing.assert_allclose(together["position"].values[at], alone["position"].values[0], atol=2e-3)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 1000.0))
def test_scale_of_an_intensity_that_is_no_count_changes_nothing(scale: float):
    plain = pattern(FILM, step=0.05).assign_coords(intensity_kind=("sample", ["arbitrary"]))
    scaled = plain.assign(intensity=plain["intensity"] * scale)
    first, second = (diffraction.halos(one, starts=(12.8, 18.2, 41), backgrounds=("air",)) for one in (plain, scaled))
    for name in ("spacing", "spacing_low", "spacing_high"):
        np.testing.assert_allclose(first[name], second[name], rtol=1e-5)


def test_rate_with_its_step_time_is_as_good_as_counts():
    counted = pattern(FILM, step_time=4.0, step=0.05)
    rate = counted.assign(intensity=counted["intensity"] / 4.0).assign_coords(intensity_kind=("sample", ["rate"]))
    for name, values in diffraction.halos(counted, count=3).data_vars.items():
        np.testing.assert_allclose(diffraction.halos(rate, count=3)[name], values, rtol=1e-6)


def test_bins_sum_to_what_single_points_say():
    of = prepared(pattern(FILM))
    assert of.two_theta.shape[1] <= BINS
    assert of.points.tolist() == [3001]
    assert of.within[0] / (3001 - of.two_theta.shape[1]) == pytest.approx(1.0, abs=0.08)


def test_sharp_lines_are_found_named_and_left_out():
    dirty = replace(FILM, lines=(Halo(900.0, 36.16, 0.2), Halo(2500.0, 43.32, 0.2)))
    data = pattern(dirty, seed=5)
    sharp = diffraction.reflections(data)
    assert sharp["phase"].values[0].tolist() == ["Li 110", "Cu 111"]
    np.testing.assert_allclose(sharp["position"].values[0], [36.16, 43.32], atol=0.04)
    spared = diffraction.spared(sharp)
    options = {"starts": (12.8, 18.2, 41.0), "backgrounds": ("air",)}
    clean, without, within = (
        diffraction.halos(one, exclude=ranges, **options)
        for one, ranges in ((pattern(FILM, seed=5), ()), (data, spared), (data, ()))
    )
    np.testing.assert_allclose(without["spacing"], clean["spacing"], atol=0.01)
    assert within["misfit"].item() > 3 * without["misfit"].item()


def test_halos_are_no_sharp_lines_however_long_they_are_counted():
    for seed in range(5):
        assert diffraction.reflections(pattern(FILM, step_time=100.0, seed=seed)).sizes["line"] == 0


def test_lines_of_known_phases_lie_where_powder_diffraction_has_them():
    places = {name: phase.positions(COPPER) for name, phase in diffraction.PHASES.items()}
    np.testing.assert_allclose(places["Cu"][:3], [43.30, 50.43, 74.13], atol=0.03)  # PDF 4-836
    np.testing.assert_allclose(places["LiF"][:3], [38.70, 44.99, 65.49], atol=0.03)  # PDF 4-857
    np.testing.assert_allclose(places["Li"][:2], [36.19, 52.0], atol=0.1)  # PDF 15-401
    np.testing.assert_allclose(places["Li2CO3"][[0, 3, 4]], [21.32, 30.61, 31.80], atol=0.05)  # PDF 22-1141
    np.testing.assert_allclose(places["LiOH"][:3], [20.5, 32.6, 35.8], atol=0.1)  # PDF 32-564


def test_metadata_of_a_sample_that_is_called_as_a_result_does_not_stand_in_its_way():
    strip = pattern(FILM, step=0.05).assign_coords(width=("sample", [25.0]))
    found = diffraction.halos(strip, count=3)
    np.testing.assert_array_equal(found["width"], diffraction.halos(pattern(FILM, step=0.05), count=3)["width"])


def test_stronger_lines_are_spared_farther():
    data = pattern(replace(FILM, lines=(Halo(300.0, 30.0, 0.2), Halo(30000.0, 50.0, 0.2))), seed=2)
    ranges = diffraction.spared(diffraction.reflections(data))
    near = [high - low for low, high in ranges if low < 30 < high]
    far = [high - low for low, high in ranges if low < 50 < high]
    assert 1.3 < near[0] < far[0] < 3.5


def test_curves_add_up_to_the_fit():
    data = merged(patterns(("PCH", "PCHP"), step=0.05))
    found = diffraction.halos(data, count=3)
    for background in BACKGROUNDS:
        curves = diffraction.curves(data, found, background)
        total = curves["background"] + curves["halo_curve"].sum("halo")
        np.testing.assert_allclose(total.transpose("sample", "bin"), curves["total"], rtol=1e-12)
        freedom = curves.sizes["bin"] - 3 * 3 - len(BACKGROUNDS[background].terms) - BACKGROUNDS[background].decays
        own = (curves["residual"] ** 2).sum("bin") / freedom
        np.testing.assert_allclose(own, found["misfit"].sel(background=background), rtol=1e-6)


def test_distance_of_an_unknown_wavelength_is_unknown_but_the_position_is_not():
    blind = pattern(FILM).assign_coords(wavelength=("sample", [np.nan]))
    found = diffraction.halos(blind, count=3)
    assert np.isnan(found["spacing"]).all()
    assert np.isfinite(found["position"]).all()


def test_every_result_has_units_and_a_definition():
    found = diffraction.distances(diffraction.halos(pattern(FILM), count=3))
    lacking = [name for name, one in found.data_vars.items() if not {"units", "definition"} <= one.attrs.keys()]
    assert lacking == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": (10, 10.2)}, "points from 10 to 10.2 degrees are too few"),
        ({"window": (30, 20)}, r"write \(low, high\)"),
        ({"count": 7}, "at most 4"),
        ({"starts": (5.0,)}, "outside of the window"),
        ({"shape": "voigt"}, "choose one of gaussian"),
        ({"factor": "lp"}, "choose one of none"),
        ({"backgrounds": ("snip",)}, "choose some of air"),
        ({"radiation": "beta"}, "choose one of alpha1"),
    ],
)
def test_wrong_options_are_refused_with_the_remedy(options: dict, words: str):
    with pytest.raises(ValueError, match=words):
        diffraction.halos(pattern(FILM), **options)


def test_another_measurement_is_refused():
    other = measurement("adhesion", {"displacement": np.ones((1, 3)), "force": np.ones((1, 3))})
    with pytest.raises(ValueError, match="X-ray diffraction is expected"):
        diffraction.halos(other)
    with pytest.raises(ValueError, match="fitted were air"):
        diffraction.distances(diffraction.halos(pattern(FILM), count=2, backgrounds=("air",)), "cubic")
