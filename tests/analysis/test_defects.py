"""Bad spectra are said to be bad, good ones are not, and the noise of both is what was put in."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis.validity import DEFECTS, defects, noise

FREQUENCY = np.geomspace(3e5, 1.0, 56)


def impedance(frequency: np.ndarray, *, series: float = 5.0, arcs: tuple[tuple[float, float], ...] = ()) -> np.ndarray:
    """Series resistance and depressed arcs of exponent 0.85, each (resistance, time constant)."""
    omega = 2j * np.pi * np.abs(frequency)
    return series + sum((r / (1 + (omega * tau) ** 0.85) for r, tau in arcs), np.zeros(len(frequency), complex))


NOTHING = complex(np.nan, np.nan)
TWO_ARCS = ((60.0, 2e-5), (120.0, 2e-3))


def spectra(frequency: np.ndarray, *z: np.ndarray) -> xr.Dataset:
    table = np.stack(z)[None]
    return xr.Dataset(
        {
            name: (("cell", "spectrum", "frequency"), part)
            for name, part in (("z_real", table.real), ("z_imag", table.imag))
        },
        coords={"cell": ["a"], "spectrum": np.arange(len(z)), "frequency": frequency},
    )


def flags(found: xr.Dataset, spectrum: int = 0) -> set[str]:
    bits = int(found["flags"].isel(cell=0, spectrum=spectrum))
    return {name for name, (bit, _) in DEFECTS.items() if bits & bit}


def good() -> np.ndarray:
    return impedance(FREQUENCY, arcs=TWO_ARCS)


def without(column: int, value: complex) -> np.ndarray:
    z = good()
    z[column] = value
    return z


def test_a_good_spectrum_has_no_defect() -> None:
    found = defects(spectra(FREQUENCY, good()))
    assert flags(found) == set()
    assert found["usable"].item() is True
    assert found["reason"].item() == ""
    assert found["points"].item() == 56


SWEEP = np.geomspace(1e5, 1.0, 31)


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        (FREQUENCY * np.where(np.arange(56) == 20, -1, 1), {"frequency_not_positive"}),
        (np.where(np.arange(56) == 55, 0.0, FREQUENCY), {"frequency_not_positive"}),
        (np.random.default_rng(0).permutation(FREQUENCY), {"frequency_unordered"}),
        (np.append(FREQUENCY, FREQUENCY[-1]), {"frequency_duplicated"}),
        (np.append(SWEEP, SWEEP * 0.9), {"two_grids"}),
        (np.append(SWEEP, SWEEP[::-1] * 0.9), {"two_grids"}),
        (np.sort(np.append(SWEEP, SWEEP * 0.9)), {"two_grids"}),
        (np.append(SWEEP, SWEEP), {"two_grids", "frequency_duplicated"}),
        (FREQUENCY[::5][:10], {"too_few_points"}),
        (np.geomspace(100, 20, 40), {"narrow_window"}),
        (np.append(np.geomspace(1e5, 10, 41), np.geomspace(8, 0.1, 11)), set()),
        (np.delete(FREQUENCY, [20, 21, 40]), set()),
    ],
)
def test_bad_frequencies_are_named(frequency: np.ndarray, expected: set[str]) -> None:
    found = defects(spectra(frequency, impedance(frequency, arcs=TWO_ARCS)))
    assert flags(found) == expected
    assert found["usable"].item() is not bool(expected)
    assert bool(found["reason"].item()) is bool(expected)


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        (good().conj(), {"sign_of_imaginary"}),
        (0.3 + 2j * np.pi * FREQUENCY * 1e-6, {"inductive", "short"}),
        (0.3 + 0j * FREQUENCY, {"short"}),
        (-good(), {"sign_of_imaginary", "negative_resistance"}),
    ],
)
def test_spectra_of_no_sound_cell_are_named_and_not_usable(z: np.ndarray, expected: set[str]) -> None:
    found = defects(spectra(FREQUENCY, z))
    assert flags(found) >= expected
    assert not found["usable"].item()


@pytest.mark.parametrize("value", [complex(np.nan, -1.0), complex(1.0, np.inf), 0j, NOTHING])
def test_a_point_that_is_missing_is_said_and_the_rest_stays_usable(value: complex) -> None:
    found = defects(spectra(FREQUENCY, without(30, value)))
    assert flags(found) == {"missing_points"}
    assert found["usable"].item() is True
    assert found["points"].item() == 55


def test_the_frequencies_of_another_spectrum_are_no_missing_points() -> None:
    first, second = good(), good()
    first[::2], second[1::2] = NOTHING, NOTHING
    found = defects(spectra(FREQUENCY, first, second))
    assert flags(found, 0) == flags(found, 1) == set()


def test_a_row_of_padding_is_not_usable_and_has_no_flag() -> None:
    found = defects(spectra(FREQUENCY, good(), np.full(56, NOTHING)))
    assert flags(found, 1) == set()
    assert not found["usable"].isel(spectrum=1)
    assert found["reason"].isel(spectrum=1).item() == "is not there"


def test_spectra_without_an_imaginary_part_are_refused() -> None:
    with pytest.raises(ValueError, match="z_imag"):
        defects(spectra(FREQUENCY, good()).drop_vars("z_imag"))


@pytest.mark.parametrize("per_decade", [5, 10, 20, 50])
def test_noise_is_what_was_put_in_whatever_the_points_per_decade(per_decade: int) -> None:
    frequency = np.geomspace(3e5, 1.0, round(5.477 * per_decade) + 1)
    rng = np.random.default_rng(1)
    clean = impedance(frequency, arcs=TWO_ARCS)
    shape = (300, len(frequency))
    noisy = clean + 0.002 * np.abs(clean) * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    found = noise(spectra(frequency, *noisy))
    ratio = found["noise"].values / 0.002
    assert np.median(ratio) == pytest.approx(1, abs=0.05)
    assert ratio.std() == pytest.approx((found["noise_stderr"] / found["noise"]).mean().item(), rel=0.45)


def test_noise_of_an_uneven_grid_is_what_was_put_in() -> None:
    frequency = np.append(np.geomspace(1e5, 100, 46), np.geomspace(80, 0.01, 25))
    rng = np.random.default_rng(2)
    clean = impedance(frequency, arcs=TWO_ARCS)
    noisy = [
        clean + 0.003 * np.abs(clean) * (rng.standard_normal(71) + 1j * rng.standard_normal(71)) for _ in range(99)
    ]
    assert np.median(noise(spectra(frequency, *noisy))["noise"]) == pytest.approx(0.003, rel=0.05)


def test_one_wild_point_changes_the_noise_by_less_than_half() -> None:
    rng = np.random.default_rng(3)
    z = good() * (1 + 0.002 * (rng.standard_normal(56) + 1j * rng.standard_normal(56)))
    wild = z.copy()
    wild[25] *= 1.5
    calm, spoiled = noise(spectra(FREQUENCY, z, wild))["noise"].values[0]
    assert spoiled < 1.5 * calm


@given(scale=st.floats(1e-3, 1e6), rate=st.floats(1e-2, 1e2))
def test_noise_does_not_depend_on_the_units_of_impedance_or_frequency(scale: float, rate: float) -> None:
    rng = np.random.default_rng(4)
    z = good() * (1 + 0.002 * (rng.standard_normal(56) + 1j * rng.standard_normal(56)))
    one, other = (noise(spectra(f, k * z))["noise"].item() for f, k in ((FREQUENCY, 1.0), (rate * FREQUENCY, scale)))
    assert other == pytest.approx(one, rel=1e-6)
