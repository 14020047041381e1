"""Distributions of relaxation times: arcs are found where they are, with the resistance they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from pchp_widgets.analysis.relaxation import peaks, relaxation_times
from pchp_widgets.analysis.relaxation.nonnegative import nonnegative

FREQUENCY = np.geomspace(3e5, 1.0, 56)


def spectra(frequency: np.ndarray, z: np.ndarray) -> xr.Dataset:
    table = np.atleast_2d(z)[None]
    dims = ("cell", "spectrum", "frequency")
    return xr.Dataset(
        {"z_real": (dims, table.real), "z_imag": (dims, table.imag)},
        coords={"cell": ["a"], "spectrum": np.arange(table.shape[1]), "frequency": frequency},
    )


def arcs(frequency: np.ndarray, series: float, *each: tuple[float, float, float]) -> np.ndarray:
    """A series resistance and arcs of (resistance, time constant, exponent)."""
    omega = 2j * np.pi * frequency
    return series + sum((r / (1 + (omega * tau) ** n) for r, tau, n in each), np.zeros(len(frequency), complex))


class Cells:
    """Li||Li cells of two arcs as in the reference of the project: 300 kHz to 1 Hz, noise 0.2 % of the modulus."""

    def __init__(self, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        series = 10 ** rng.uniform(0, 1.3, count)
        self.resistance = 10 ** rng.uniform(1.3, 2.5, (count, 2))
        first = 10 ** rng.uniform(-5.2, -4.0, count)
        self.tau = np.stack([first, first * 10 ** rng.uniform(1.3, 2.7, count)], axis=1)
        exponent = rng.uniform(0.75, 0.95, (count, 2))
        clean = np.stack(
            [
                arcs(FREQUENCY, *own)
                for own in zip(
                    series,
                    zip(self.resistance[:, 0], self.tau[:, 0], exponent[:, 0], strict=True),
                    zip(self.resistance[:, 1], self.tau[:, 1], exponent[:, 1], strict=True),
                    strict=True,
                )
            ]
        )
        noise = rng.standard_normal(clean.shape) + 1j * rng.standard_normal(clean.shape)
        self.spectra = spectra(FREQUENCY, clean + 0.002 * np.abs(clean) * noise)


@pytest.fixture(scope="module")
def cells() -> Cells:
    return Cells(100, 2)


@pytest.mark.parametrize(("penalty", "least"), [("gcv", 0.88), ("l_curve", 0.88), (1e-8, 0.88)])
def test_both_arcs_of_most_cells_have_a_peak_within_0_15_decades(
    penalty: str | float, least: float, cells: Cells
) -> None:
    found = peaks(relaxation_times(cells.spectra, penalty=penalty))  # type: ignore[arg-type]
    tau = np.log10(found["time_constant"].values[0])
    distance = np.abs(tau[:, :, None] - np.log10(cells.tau)[:, None, :])
    near = np.nan_to_num(distance, nan=np.inf).min(1) < 0.15
    assert near.all(1).mean() >= least


def test_the_two_peaks_of_largest_share_are_the_arcs_and_stay_at_other_penalties(cells: Cells) -> None:
    found = peaks(relaxation_times(cells.spectra))
    share = np.nan_to_num(found["share"].values[0])
    strongest = np.argsort(-share, axis=1)[:, :2]
    tau, stability = (
        np.take_along_axis(found[name].values[0], strongest, 1) for name in ("time_constant", "stability")
    )
    near = np.abs(np.log10(np.sort(tau, axis=1) / cells.tau)) < 0.15
    assert near.all(1).mean() >= 0.88
    assert (stability == 1).mean() > 0.9
    others = np.isfinite(found["share"].values[0])
    np.put_along_axis(others, strongest, False, axis=1)
    assert others.any()
    assert np.median(found["stability"].values[0][others]) <= 0.7
    assert np.median(found["share"].values[0][others]) < 0.05


def test_the_distributed_resistance_is_that_of_the_arcs(cells: Cells) -> None:
    for penalty in ("gcv", "l_curve"):
        found = relaxation_times(cells.spectra, penalty=penalty)
        ratio = found["polarization_resistance"].values[0] / cells.resistance.sum(1)
        assert np.median(ratio) == pytest.approx(1, abs=0.005)
        assert np.abs(ratio - 1).max() < 0.03
        shares = peaks(found)["share"].sum("peak") + peaks(found)["unlisted"]
        np.testing.assert_allclose(shares, 1, rtol=1e-9)


def test_nothing_is_negative_and_the_density_integrates_to_the_resistance(cells: Cells) -> None:
    found = relaxation_times(cells.spectra)
    assert (found["density"] >= 0).all()
    assert (found["high_frequency_resistance"] >= 0).all()
    step = np.diff(np.log(found["time_constant"].values)).mean()
    np.testing.assert_allclose(found["density"].sum("time_constant") * step, found["distributed_resistance"])
    assert found["residual_rms"].max() < 0.01


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1ZARC", [(0.1, 50.0)]),
        ("2ZARC0", [(1e-4, 50.0), (0.1, 10.0)]),
        ("2ZARC1", [(1e-4, 50.0), (0.1, 20.0)]),
    ],
)
def test_synthetic_spectra_of_pydrttools_have_their_arcs(
    name: str, expected: list[tuple[float, float]], shared_data: Path
) -> None:
    table = np.loadtxt(shared_data / f"eis/pyDRTtools/{name}.csv", delimiter=",", skiprows=1)
    found = relaxation_times(spectra(table[:, 1], table[:, 2] + 1j * table[:, 3]))
    listed = peaks(found, smallest_share=0.1).isel(cell=0, spectrum=0)
    assert listed.sizes["peak"] == len(expected)
    for number, (tau, resistance) in enumerate(expected):
        assert abs(np.log10(listed["time_constant"].values[number] / tau)) < 0.1
        assert listed["resistance"].values[number] == pytest.approx(resistance, rel=0.1)
        assert listed["stability"].values[number] == 1
    total = sum(resistance for _, resistance in expected)
    assert found["polarization_resistance"].item() == pytest.approx(total, rel=0.03)
    assert found["high_frequency_resistance"].item() == pytest.approx(10, rel=0.08)


def test_an_inductance_is_found_and_leaves_the_arcs_alone() -> None:
    frequency = np.geomspace(1e6, 1.0, 61)
    z = arcs(frequency, 5.0, (50.0, 1e-4, 0.9)) + 2j * np.pi * frequency * 1e-6
    found = relaxation_times(spectra(frequency, z))
    assert found["inductance"].item() == pytest.approx(1e-6, rel=0.01)
    assert found["polarization_resistance"].item() == pytest.approx(50, rel=0.01)
    assert found["high_frequency_resistance"].item() == pytest.approx(5, rel=0.05)


@pytest.mark.parametrize("capacitance", [1e-3, 1e-5])
def test_a_capacitive_tail_is_fitted_and_said_and_no_polarization_resistance_is_made_of_it(capacitance: float) -> None:
    frequency = np.geomspace(1e6, 0.1, 71)
    z = arcs(frequency, 5.0, (50.0, 1e-5, 0.9)) + 1 / (2j * np.pi * frequency * capacitance)
    rng = np.random.default_rng(6)
    z = z * (1 + 0.001 * (rng.standard_normal(71) + 1j * rng.standard_normal(71)))
    found = relaxation_times(spectra(frequency, z))
    assert found["has_tail"].item() == 1
    assert found["capacitance"].item() == pytest.approx(capacitance, rel=0.02)
    assert np.isnan(found["polarization_resistance"].item())
    listed = peaks(found, smallest_share=0.0).isel(cell=0, spectrum=0)
    near = np.abs(np.log10(listed["time_constant"] / 1e-5)) < 1
    assert float(listed["resistance"].where(near).sum()) == pytest.approx(50, rel=0.1)


def test_the_tail_of_a_blocking_electrode_leaves_the_whole_resistance_open(shared_data: Path) -> None:
    table = np.loadtxt(shared_data / "eis/hybrid-drt/PEIS_LPSCl_IonBlocking_-25C_RelaxIS.txt", skiprows=4)
    found = relaxation_times(spectra(table[:, 0], table[:, 1] + 1j * table[:, 2]))
    assert found["has_tail"].item() == 1
    assert np.isnan(found["polarization_resistance"].item())
    assert found["reason"].item().startswith("does not close")


def test_a_distribution_that_cannot_follow_the_spectrum_is_doubtful() -> None:
    z = arcs(FREQUENCY, 5.0, (50.0, 1e-4, 0.9), (80.0, 1e-2, 0.9))
    changed = np.where(FREQUENCY < 100, 0.7 * z, z)
    found = relaxation_times(spectra(FREQUENCY, np.stack([z, changed])))
    assert found["reason"].values[0, 0] == ""
    assert "the peaks are doubtful" in found["reason"].values[0, 1]
    assert "the peaks are doubtful" in relaxation_times(spectra(FREQUENCY, z), penalty=10.0)["reason"].item()


def test_a_spectrum_that_closes_has_no_tail() -> None:
    found = relaxation_times(spectra(FREQUENCY, arcs(FREQUENCY, 5.0, (50.0, 1e-3, 0.9))))
    assert found["has_tail"].item() == 0
    assert np.isnan(found["capacitance"].item())


def test_an_arc_below_the_window_is_a_peak_outside_of_it() -> None:
    found = relaxation_times(spectra(FREQUENCY, arcs(FREQUENCY, 5.0, (50.0, 1e-4, 0.9), (500.0, 3.0, 1.0))))
    listed = peaks(found, smallest_share=0.2).isel(cell=0, spectrum=0)
    assert found["has_tail"].item() == 1
    assert listed["in_window"].values[0] == 1
    assert (listed["in_window"].values[1:] == 0).all()


def test_spectra_that_are_not_usable_have_no_distribution_and_say_why() -> None:
    good = arcs(FREQUENCY, 5.0, (50.0, 1e-4, 0.9))
    found = relaxation_times(spectra(FREQUENCY, np.stack([good, good.conj(), 0.1 + 0j * good])))
    assert np.isfinite(found["distributed_resistance"].values[0]).tolist() == [True, False, False]
    assert np.isnan(found["density"].values[0, 1:]).all()
    assert "change its sign" in str(found["reason"].values[0, 1])
    listed = peaks(found)
    assert np.isnan(listed["resistance"].values[0, 1:]).all()
    assert (listed["in_window"].values[0, 1:] == -1).all()
    nothing = relaxation_times(spectra(FREQUENCY, good.conj()))
    assert peaks(nothing).sizes["peak"] == 0


def test_cells_of_different_frequencies_are_solved_each_on_its_own() -> None:
    z = arcs(FREQUENCY, 5.0, (50.0, 1e-4, 0.9))
    both = np.full((2, 56), complex(np.nan, np.nan))
    both[0], both[1, 4::2] = z, z[4::2]
    together = relaxation_times(spectra(FREQUENCY, both))
    alone = relaxation_times(spectra(FREQUENCY[4::2], z[4::2]))
    own = together.isel(spectrum=1).dropna("time_constant", subset=["density"])
    np.testing.assert_allclose(own["density"].values[0], alone["density"].values[0, 0], rtol=1e-9)
    np.testing.assert_allclose(own["time_constant"], alone["time_constant"])


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-3, 1e6), backwards=st.booleans())
def test_the_distribution_goes_with_the_impedance_whatever_its_size_and_order(scale: float, backwards: bool) -> None:
    rng = np.random.default_rng(5)
    z = arcs(FREQUENCY, 5.0, (50.0, 1e-4, 0.9), (80.0, 1e-2, 0.8))
    z = z * (1 + 0.002 * (rng.standard_normal(56) + 1j * rng.standard_normal(56)))
    order = slice(None, None, -1) if backwards else slice(None)
    one, other = relaxation_times(spectra(FREQUENCY, z)), relaxation_times(spectra(FREQUENCY[order], scale * z[order]))
    assert other["penalty"].item() == one["penalty"].item()
    np.testing.assert_allclose(other["density"], scale * one["density"], rtol=1e-4, atol=1e-5 * scale)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_constrained_solution_is_that_of_lawson_and_hanson(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, target = rng.standard_normal((14, 9)), rng.standard_normal((5, 14))
    penalty = 10 ** rng.uniform(-3, 1, 5)
    found = nonnegative(matrix.T @ matrix, np.eye(9), penalty, target @ matrix, np.ones((5, 9), bool))
    for row in range(5):
        stacked = np.concatenate([matrix, np.sqrt(penalty[row]) * np.eye(9)])
        expected = nnls(stacked, np.concatenate([target[row], np.zeros(9)]))[0]
        np.testing.assert_allclose(found[row], expected, atol=1e-8)


def test_settings_that_make_no_sense_are_refused() -> None:
    data = spectra(FREQUENCY, arcs(FREQUENCY, 5.0, (50.0, 1e-4, 0.9)))
    with pytest.raises(ValueError, match="penalty"):
        relaxation_times(data, penalty="best")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="penalty"):
        relaxation_times(data, penalty=-1.0)
    with pytest.raises(ValueError, match="tail"):
        relaxation_times(data, tail="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="relaxation_times"):
        peaks(data)


def test_every_number_has_units_and_a_definition(cells: Cells) -> None:
    found = relaxation_times(cells.spectra.isel(spectrum=slice(0, 3)))
    for data in (found, peaks(found)):
        for variable in data.data_vars.values():
            if variable.dtype.kind == "f":
                assert {"units", "definition"} <= set(variable.attrs)
