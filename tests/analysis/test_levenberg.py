"""Fits of one circuit to many spectra: known truth, reference fits, bounds, kept and tied parameters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis._levenberg import Solution, levenberg
from pchp_widgets.analysis.circuits import circuit

FREQUENCY = np.logspace(5, -2, 50)
TWO = circuit("R0-p(R1,CPE1)-p(R2,CPE2)")
TRUTH = {
    "R0-p(R1,CPE1)": [5, 80, 2e-6, 0.85],
    "R0-p(R1,C1)": [5, 80, 2e-6],
    "R0-p(R1,CPE1)-p(R2,CPE2)": [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8],
    "R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)-W1": [5, 80, 2e-6, 0.85, 40, 2e-4, 0.8, 90, 1e-2, 0.9, 12],
    "L0-R0-p(R1,CPE1)": [2e-6, 5, 80, 2e-6, 0.85],
    "R0-p(CPE1,R1-W1)": [5, 2e-6, 0.85, 80, 12],
    "R0-p(CPE1,R1-p(CPE2,R2))": [5, 2e-6, 0.85, 80, 1e-3, 0.8, 40],
    "R0-p(R1,C1)-p(R2-Wo1,C2)": [5, 80, 2e-6, 40, 30, 20, 1e-3],
    "R0-p(R1-Ws1,C1)": [5, 80, 40, 0.5, 2e-6],
    "R0-G1": [5, 40, 0.01],
    "R0-CPE1": [5, 1e-3, 0.9],
}


def two_arcs(count: int, seed: int = 0, noise: float = 0.002) -> tuple[np.ndarray, np.ndarray]:
    """Spectra of two arcs with noise in proportion to |Z|: their parameters and impedances."""
    random = np.random.default_rng(seed)
    first, second = 10 ** random.uniform(1.3, 2.3, (2, count))
    tau = 10 ** random.uniform(-4.6, -3.6, count)
    late = tau * 10 ** random.uniform(1.7, 2.7, count)
    n, m = random.uniform(0.75, 0.95, (2, count))
    zero = 10 ** random.uniform(0, 1.3, count)
    values = np.stack([zero, first, tau**n / first, n, second, late**m / second, m], 1)
    z = TWO.impedance(values, FREQUENCY)
    return values, z + noise * np.abs(z) * (random.standard_normal((*z.shape, 2)) @ [1, 1j])


def stderr(found: Solution) -> np.ndarray:
    return np.sqrt(np.einsum("bii->bi", found.covariance))


# -- truth


@pytest.mark.parametrize("text", TRUTH)
def test_the_truth_is_found_again_from_spectra_without_noise(text):
    of, random = circuit(text), np.random.default_rng(1)
    truth = np.array(TRUTH[text], float)
    spread = np.where(of.logarithmic, 1.3, 1.05) ** random.uniform(-1, 1, (8, truth.size))
    z = np.repeat(of.impedance(truth, FREQUENCY)[None], 8, 0)
    found = levenberg(of, FREQUENCY, z, truth * spread)
    assert found.converged.all()
    assert not found.at_bound.any()
    np.testing.assert_allclose(found.values, np.repeat(truth[None], 8, 0), rtol=1e-5)
    np.testing.assert_array_equal(found.degrees, 100 - truth.size)


def test_intervals_hold_the_truth_as_often_as_they_say():
    truth, z = two_arcs(600)
    found = levenberg(TWO, FREQUENCY, z, truth * 1.2 ** np.array([1, -1, 1, -0.2, -1, 1, 0.2]))
    assert found.converged.mean() > 0.99
    held = np.abs(found.values - truth) < 1.96 * stderr(found)
    assert 0.93 < held.mean() < 0.97
    assert ((held.mean(0) > 0.92) & (held.mean(0) < 0.98)).all()
    reduced = found.cost / found.degrees
    assert np.median(reduced) == pytest.approx(0.002**2, rel=0.05)


def test_a_normal_fit_and_its_covariance_are_those_of_scipy():
    from scipy.optimize import least_squares

    truth, z = two_arcs(3, seed=5)
    found = levenberg(TWO, FREQUENCY, z, truth)
    for values, covariance, cost, data in zip(found.values, found.covariance, found.cost, z, strict=True):

        def residual(relative, values=values, data=data):
            away = (TWO.impedance(relative * values, FREQUENCY) - data) / np.abs(data)
            return np.concatenate([away.real, away.imag])

        peer = least_squares(residual, np.full(7, 1.01), xtol=1e-14, ftol=1e-14, gtol=1e-14)
        expected = np.linalg.inv(peer.jac.T @ peer.jac) * 2 * peer.cost / 93
        np.testing.assert_allclose(covariance / np.outer(values, values), expected, rtol=1e-3)
        assert (np.abs(peer.x - 1) < 0.01 * np.sqrt(np.diag(expected))).all()
        assert cost == pytest.approx(2 * peer.cost, rel=1e-6)


# -- reference


def spectrum(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and impedances of a reference file."""
    if name == "exampleData":
        frequency, real, imaginary = np.loadtxt(folder / "impedance.py" / "exampleData.csv", delimiter=",").T
    else:
        table = np.loadtxt(folder / "pyDRTtools" / f"{name}.csv", delimiter=",", skiprows=1)
        frequency, real, imaginary = table[:, 1:].T
    kept = imaginary < 0 if name == "exampleData" else slice(None)
    return frequency[kept], (real + 1j * imaginary)[kept]


@pytest.mark.parametrize("weights", ["unit", "modulus"])
@pytest.mark.parametrize("name", ["exampleData", "1ZARC", "2ZARC0", "2ZARC1"])
def test_reference_fits_are_reproduced_with_their_errors(shared_data, name, weights):
    folder = shared_data / "eis"
    reference = json.loads((folder / "reference.json").read_text())[name][f"impedance.py-1.7.1 {weights}"]
    frequency, z = spectrum(folder, name)
    of = circuit(reference["circuit"])
    assert list(of.names) == [of.names[of.index(peer)] for peer in reference["names"]]
    known, error = np.array(reference["p"]), np.array(reference["se"])
    found = levenberg(of, frequency, z[None], known, weights=1.0 if weights == "unit" else None)
    assert found.converged.all()
    assert found.cost[0] <= reference["rss" if weights == "unit" else "chi2_mod"] * (1 + 1e-5)
    assert (np.abs(found.values[0] - known) < 0.5 * error).all()
    np.testing.assert_allclose(stderr(found)[0], error, rtol=0.06)


def test_the_right_minimum_of_two_arcs_is_lower_than_where_others_stop(shared_data):
    frequency, z = spectrum(shared_data / "eis", "2ZARC0")
    found = levenberg(TWO, frequency, z[None], [10, 50, 1e-5, 0.8, 10, 1e-2, 0.8])
    assert found.cost[0] == pytest.approx(0.082908, rel=1e-4)
    assert found.values[0, 4] == pytest.approx(9.533, rel=1e-3)
    assert abs(found.values[0, 4] - 10) < 2 * stderr(found)[0, 4]


# -- spectra are fitted apart


def test_a_spectrum_is_fitted_in_company_as_it_is_alone():
    truth, z = two_arcs(400, seed=2)
    start = truth * 1.3
    found = levenberg(TWO, FREQUENCY, z, start)
    for b in (0, 17, 399):
        alone = levenberg(TWO, FREQUENCY, z[b : b + 1], start[b])
        np.testing.assert_allclose(found.values[b], alone.values[0], rtol=1e-6)
        assert found.iterations[b] == alone.iterations[0]
    turned = levenberg(TWO, FREQUENCY, z[::-1], start[::-1])
    np.testing.assert_allclose(turned.values[::-1], found.values, rtol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.floats(-4, 4), st.floats(-3, 3))
def test_units_of_impedance_and_time_do_not_matter(ohms, hertz):
    truth, z = two_arcs(2, seed=3)
    factor, faster = 10.0**ohms, 10.0**hertz
    scale = np.array([factor, factor, 1 / factor, 1, factor, 1 / factor, 1])
    slower = np.ones_like(truth)
    slower[:, [2, 5]] = faster ** -truth[:, [3, 6]]
    here = levenberg(TWO, FREQUENCY, z, truth)
    there = levenberg(TWO, FREQUENCY * faster, z * factor, truth * scale * slower)
    resistances = [0, 1, 4]
    np.testing.assert_allclose(there.values[:, resistances], here.values[:, resistances] * factor, rtol=1e-4)
    np.testing.assert_allclose(stderr(there)[:, resistances], stderr(here)[:, resistances] * factor, rtol=1e-3)
    np.testing.assert_allclose(there.cost, here.cost, rtol=1e-5)


def test_a_missing_point_is_as_one_that_was_never_there():
    truth, z = two_arcs(2, seed=4)
    holes = z.copy()
    holes[:, [3, 20, 21]] = np.nan
    kept = np.delete(np.arange(50), [3, 20, 21])
    weights = 1 / np.abs(z)
    weights[:, [3, 20, 21]] = 0
    fewer = levenberg(TWO, FREQUENCY[kept], z[:, kept], truth)
    for found in (levenberg(TWO, FREQUENCY, holes, truth), levenberg(TWO, FREQUENCY, z, truth, weights=weights)):
        np.testing.assert_allclose(found.values, fewer.values, rtol=1e-6)
        np.testing.assert_allclose(found.covariance, fewer.covariance, rtol=1e-4)
        np.testing.assert_array_equal(found.degrees, 2 * 47 - 7)


def test_real_and_imaginary_part_may_be_weighted_apart():
    of, truth = circuit("R0-C1"), [5.0, 1e-3]
    z = of.impedance(truth, FREQUENCY)[None] + 1j * 0.3 * np.sin(np.arange(50))
    found = levenberg(of, FREQUENCY, z, [3.0, 2e-3], weights=1.0 + 0j, fixed={"C1": 2e-3})
    assert found.values[0, 0] == pytest.approx(5.0)
    assert found.degrees[0] == 50 - 1


# -- bounds, kept and tied parameters


def test_a_kept_parameter_stays_and_has_no_error():
    truth, z = two_arcs(3)
    value = np.array([3.0, 4.0, 5.0])
    found = levenberg(TWO, FREQUENCY, z, truth, fixed={"R0": value, "CPE2_n": 0.8})
    np.testing.assert_array_equal(found.values[:, 0], value)
    np.testing.assert_array_equal(found.values[:, 6], 0.8)
    assert (found.covariance[~found.at_bound.any(1)][:, [0, 6]] == 0).all()
    assert (stderr(found)[0, [1, 2, 3, 4, 5]] > 0).all()
    np.testing.assert_array_equal(found.degrees, 100 - 5)
    many = levenberg(
        TWO, FREQUENCY, np.repeat(z, 200, 0), np.repeat(truth, 200, 0), fixed={"R0": np.repeat(value, 200)}
    )
    np.testing.assert_array_equal(many.values[:, 0], np.repeat(value, 200))


@pytest.mark.parametrize("name", TWO.names)
def test_keeping_any_one_parameter_at_its_truth_finds_the_others(name):
    truth = np.array(TRUTH["R0-p(R1,CPE1)-p(R2,CPE2)"])
    z = TWO.impedance(truth, FREQUENCY)[None]
    found = levenberg(TWO, FREQUENCY, z, truth * 1.15, fixed={name: truth[TWO.index(name)]})
    assert found.converged.all()
    np.testing.assert_allclose(found.values[0], truth, rtol=1e-4)


def test_a_resistor_or_inductor_may_be_kept_at_nought():
    of = circuit("L0-R0-p(R1,CPE1)")
    z = circuit("p(R1,CPE1)").impedance([80, 2e-6, 0.85], FREQUENCY)[None]
    found = levenberg(of, FREQUENCY, z, [1e-6, 1, 50, 1e-6, 0.8], fixed={"L0": 0.0, "R0": 0.0})
    np.testing.assert_allclose(found.values[0], [0, 0, 80, 2e-6, 0.85], rtol=1e-5)
    with pytest.raises(ValueError, match="fixed: CPE1_Q must be kept at a positive number"):
        levenberg(of, FREQUENCY, z, [1e-6, 1, 50, 1e-6, 0.8], fixed={"CPE1_Q": 0.0})


def test_what_the_text_of_the_circuit_keeps_and_limits_is_kept_and_limited():
    of = circuit("R{R=4F}(R{R=50/1/70}Q)")
    z = circuit("R(RQ)").impedance([5, 80, 2e-6, 0.85], FREQUENCY)[None]
    found = levenberg(of, FREQUENCY, z, [5, 60, 1e-6, 0.8])
    assert found.values[0, 0] == 4
    assert found.values[0, 1] == pytest.approx(70)
    np.testing.assert_array_equal(found.at_bound[0], [False, True, False, False])


def test_tied_parameters_move_together():
    of = TWO
    truth = np.array([5, 80, 2e-6, 0.85, 160, 1e-3, 0.85])
    z = of.impedance(truth, FREQUENCY)[None]
    found = levenberg(of, FREQUENCY, z, truth * 1.1, tied={"CPE2_n": "CPE1_n", "R2": ("R1", 2.0)})
    np.testing.assert_allclose(found.values[0], truth, rtol=1e-5)
    assert found.values[0, 4] == pytest.approx(2 * found.values[0, 1], rel=1e-12)
    assert found.degrees[0] == 100 - 5
    noisy = z + 0.05 * np.random.default_rng(0).standard_normal(z.shape)
    found = levenberg(of, FREQUENCY, noisy, truth, tied={"CPE2_n": "CPE1_n", "R2": ("R1", 2.0)})
    error = stderr(found)[0]
    assert error[4] == pytest.approx(2 * error[1])
    assert error[6] == pytest.approx(error[3])
    correlation = found.covariance[0, 1, 4] / error[1] / error[4]
    assert correlation == pytest.approx(1)


def test_tied_capacitances_are_equal():
    of, truth = circuit("R0-p(R1,C1)-p(R2,C2)"), np.array([5, 80, 1e-5, 2000, 2e-5])
    z = of.impedance(truth, FREQUENCY)[None]
    found = levenberg(of, FREQUENCY, z, truth * [1, 1.3, 2, 0.8, 1], tied={"C2": ("C1", 2.0)})
    np.testing.assert_allclose(found.values[0], truth, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "low", "high", "ends"),
    [("R1", 90, 200, 90), ("R1", 10, 70, 70), ("CPE1_n", 0.9, 1.0, 0.9), ("CPE1_Q", 1e-9, 1e-6, 1e-6), ("R0", 6, 9, 6)],
)
def test_a_bound_holds_and_is_said(name, low, high, ends):
    truth = np.array(TRUTH["R0-p(R1,CPE1)-p(R2,CPE2)"])
    z = np.repeat(TWO.impedance(truth, FREQUENCY)[None], 2, 0)
    place = TWO.index(name)
    found = levenberg(TWO, FREQUENCY, z, truth, bounds={name: (low, np.array([high, 1e3]))})
    assert found.values[0, place] == pytest.approx(ends)
    assert found.at_bound[0, place]
    assert np.isnan(found.covariance[0, place]).all()
    others = np.delete(np.arange(7), place)
    assert (stderr(found)[0, others] > 0).sum() >= 5
    inside = levenberg(TWO, FREQUENCY, z, truth * 1.1, bounds={name: (truth[place] / 3, truth[place] * 1.15)})
    np.testing.assert_allclose(inside.values[0], truth, rtol=1e-4)
    assert not inside.at_bound.any()


def test_an_arc_that_is_not_there_is_at_a_bound():
    z = circuit("R0-p(R1,CPE1)").impedance([5, 80, 2e-6, 0.85], FREQUENCY)[None]
    z = z + 0.002 * np.abs(z) * (np.random.default_rng(0).standard_normal((50, 2)) @ [1, 1j])
    found = levenberg(TWO, FREQUENCY, z, [5, 80, 2e-6, 0.85, 1e-5, 1e-3, 0.8])
    doubtful = ~(stderr(found)[0, 4] < found.values[0, 4]) | found.at_bound[0].any()
    assert doubtful


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"fixed": {"R9": 1}}, "fixed: R0-p.* has no parameter 'R9'"),
        ({"fixed": {"R1": -1}}, "fixed: R1 must be kept at a positive number"),
        ({"fixed": dict.fromkeys(TWO.names, 1.0)}, "no parameter of .* is left to vary"),
        ({"bounds": {"R1": (5, 5)}}, "bounds: of R1 the lower must be below the upper"),
        ({"bounds": {"R1": (-5, -1)}}, "bounds: of R1"),
        ({"bounds": {"X": (0, 1)}}, "bounds: .* no parameter 'X'"),
        ({"tied": {"R1": "CPE1_n"}}, "tied: R1 is of kind resistance, CPE1_n of kind exponent"),
        ({"tied": {"R1": "R1"}}, "tied: R1 must follow a parameter that follows no other"),
        ({"tied": {"R1": "R2", "R2": "R0"}}, "tied: R1 must follow"),
        ({"tied": {"R1": ("R2", 0)}}, "tied: the factor between R1 and R2 must be positive"),
        ({"tied": {"R1": "R2"}, "fixed": {"R2": 5}}, "R1 and R2 are tied, so neither can be fixed"),
        ({"tied": {"R1": "R2"}, "bounds": {"R1": (1, 5)}}, "bounds: R1 follows R2; give the bounds of that"),
        ({"fixed": {"CPE1_n": 1.5}}, "fixed: CPE1_n is an exponent, above 0 and not above 1"),
        (
            {"tied": {"CPE1_n": ("CPE2_n", 9.0)}},
            "tied: no value of CPE2_n keeps both it and CPE1_n inside their bounds",
        ),
        ({"fixed": {"R1": [1.0, 2.0]}}, r"fixed: R1 has values of shape \(2,\) for 1 spectra"),
        ({"bounds": {"R1": ([1.0, 2.0], 9.0)}}, r"bounds: R1 has values of shape \(2,\) for 1 spectra"),
        ({"start": [1, 2]}, r"start: \(1, 7\) parameters are needed, got shape \(2,\)"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    truth, z = two_arcs(1)
    with pytest.raises(ValueError, match=says):
        levenberg(TWO, FREQUENCY, z, **({"start": truth} | arguments))


def test_frequencies_and_shapes_are_checked():
    truth, z = two_arcs(1)
    with pytest.raises(ValueError, match="frequency: must be positive"):
        levenberg(TWO, -FREQUENCY, z, truth)
    with pytest.raises(ValueError, match=r"z: spectra \(N, F\) over frequency \(F,\) are needed"):
        levenberg(TWO, FREQUENCY[:-1], z, truth)


# -- rows that cannot be fitted


def test_rows_that_cannot_be_fitted_are_nan_and_spoil_no_other():
    truth, z = two_arcs(4)
    start = truth.copy()
    z[0], start[1] = np.nan, np.nan
    z[2, 3:] = np.nan
    found = levenberg(TWO, FREQUENCY, z, start)
    assert np.isnan(found.values[:3]).all()
    assert np.isnan(found.covariance[:3]).all()
    assert np.isnan(found.cost[:3]).all()
    assert not found.converged[:3].any()
    assert not found.at_bound[:3].any()
    np.testing.assert_allclose(found.values[3], levenberg(TWO, FREQUENCY, z[3:], truth[3:]).values[0], rtol=1e-8)


def test_parameters_that_cannot_be_told_apart_have_an_endless_error():
    of = circuit("R0-R1-p(R2,C2)")
    z = of.impedance([3, 2, 80, 2e-6], FREQUENCY)[None]
    z = z + 0.01 * np.random.default_rng(0).standard_normal(z.shape)
    found = levenberg(of, FREQUENCY, z, [1, 1, 70, 1e-6])
    assert found.values[0, :2].sum() == pytest.approx(5, abs=0.02)
    assert (stderr(found)[0, :2] > 1e3).all()
    assert stderr(found)[0, 2] < 0.01


def test_no_spectra_give_no_rows():
    found = levenberg(TWO, FREQUENCY, np.empty((0, 50), complex), np.empty((0, 7)))
    assert found.values.shape == (0, 7)
    assert found.covariance.shape == (0, 7, 7)


def test_absurd_starts_do_no_harm():
    truth, z = two_arcs(6)
    start = np.array([[0.0] * 7, [-1.0] * 7, [1e300] * 7, [1e-300] * 7, [1e9] * 7, truth[5]])
    found = levenberg(TWO, FREQUENCY, z, start)
    assert np.isfinite(found.values).all()
    assert found.converged[5]
    assert (found.values >= 0).all()
