"""Kramers-Kronig tests: published numbers of a peer, clean spectra that pass, drift that is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.validity import defects, lin_kk, z_hit
from pchp_widgets.io.biologic import MprReader, MptReader
from pchp_widgets.io.contract import ReadOptions
from pchp_widgets.model.spectra import spectra as spectra_of_file

FREQUENCY = np.geomspace(3e5, 1.0, 56)


def spectra(frequency: np.ndarray, z: np.ndarray) -> xr.Dataset:
    table = np.atleast_2d(z)[None]
    dims = ("cell", "spectrum", "frequency")
    return xr.Dataset(
        {"z_real": (dims, table.real), "z_imag": (dims, table.imag)},
        coords={"cell": ["a"], "spectrum": np.arange(table.shape[1]), "frequency": frequency},
    )


def two_arcs(seed: int, count: int, *, noise: float = 0.0, drift: float = 0.0) -> np.ndarray:
    """Random cells of two depressed arcs; the larger grows by `drift` in the sweep, in which each point takes 1/f."""
    rng = np.random.default_rng(seed)
    omega = 2j * np.pi * FREQUENCY
    elapsed = np.cumsum(1 / FREQUENCY) / np.sum(1 / FREQUENCY)
    series, first, second = (10 ** rng.uniform(*span, (count, 1)) for span in ((0, 1.3), (1.3, 2), (2, 2.5)))
    tau = 10 ** rng.uniform(-5.2, -4, (count, 1))
    later = tau * 10 ** rng.uniform(1.3, 2.7, (count, 1))
    n = rng.uniform(0.75, 0.95, (2, count, 1))
    z = series + first / (1 + (omega * tau) ** n[0]) + second * (1 + drift * elapsed) / (1 + (omega * later) ** n[1])
    found: np.ndarray = z + noise * np.abs(z) * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape))
    return found


def first_spectrum(path: Path) -> tuple[np.ndarray, np.ndarray]:
    flat = MprReader().read(path, ReadOptions()).spectra
    assert flat is not None
    own = flat["spectrum"].values == flat["spectrum"].values[0]
    return flat["frequency"].values[own], (flat["z_real"] + 1j * flat["z_imag"]).values[own]


@pytest.fixture(scope="module")
def measured(shared_data: Path) -> Callable[[str], xr.Dataset]:
    """Spectra by the names they have in the table of references."""

    def load(name: str) -> xr.Dataset:
        folder = shared_data / "eis"
        files = {
            "aurora0": "aurora-cycler-manager/PEIS.mpr",
            "LPSCl": "hybrid-drt/PEIS_LPSCl_IonBlocking_-25C.mpr",
            "yadg_peis": "yadg/peis.issue_225.no_ece.mpr",
        }
        if name in files:
            return spectra(*first_spectrum(folder / files[name]))
        if name == "exampleData":
            table = np.loadtxt(folder / "impedance.py/exampleData.csv", delimiter=",")
            table = table[table[:, 2] < 0]
            assert len(table) == 57
            return spectra(table[:, 0], table[:, 1] + 1j * table[:, 2])
        table = np.loadtxt(folder / f"pyDRTtools/{name}.csv", delimiter=",", skiprows=1)
        return spectra(table[:, 1], table[:, 2] + 1j * table[:, 3])

    return load


@pytest.fixture(scope="module")
def references(shared_data: Path) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = json.loads((shared_data / "eis/reference.json").read_text())
    return found


NAMES = ("exampleData", "aurora0", "LPSCl", "yadg_peis", "1ZARC", "2ZARC0", "2ZARC1")


@pytest.mark.parametrize("name", NAMES)
def test_elements_mu_and_residuals_are_those_of_impedance_py(
    name: str, measured: Callable[[str], xr.Dataset], references: dict[str, dict[str, dict[str, float]]]
) -> None:
    key = next(key for key in references[name] if key.startswith("linKK"))
    expected = references[name][key]
    found = lin_kk(measured(name), guard=False)
    assert found["elements"].item() == expected["M"]
    assert found["mu"].item() == pytest.approx(expected["mu"], abs=5.1e-5)
    assert 100 * found["residual_rms"].item() == pytest.approx(expected["rms_pct"], abs=5.1e-5)
    assert 100 * found["residual_max"].item() == pytest.approx(expected["max_pct"], abs=5.1e-4)


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        ("exampleData", 1),
        ("aurora0", 1),
        ("LPSCl", 1),
        ("yadg_peis", 0),
        ("1ZARC", -1),
        ("2ZARC0", -1),
        ("2ZARC1", -1),
    ],
)
def test_real_cells_pass_a_bad_one_fails_and_noise_of_some_percent_leaves_it_open(
    name: str, passed: int, measured: Callable[[str], xr.Dataset]
) -> None:
    given_ = measured(name)
    assert lin_kk(given_)["passed"].item() == passed
    assert z_hit(given_)["passed"].item() == passed


def test_the_published_rule_stops_too_early_on_1zarc_and_the_guard_goes_on(
    measured: Callable[[str], xr.Dataset],
) -> None:
    spectrum = measured("1ZARC")
    stopped, guarded = lin_kk(spectrum, guard=False), lin_kk(spectrum)
    assert stopped["elements"] == 6
    assert stopped["passed"] == 0
    assert guarded["elements"] > 12
    assert guarded["residual_rms"] < stopped["residual_rms"] / 2.5


@pytest.mark.parametrize("name", NAMES)
def test_z_hit_is_as_near_as_that_of_pyimpspec(
    name: str, measured: Callable[[str], xr.Dataset], references: dict[str, dict[str, dict[str, float]]]
) -> None:
    # it smooths, interpolates and places the offset in other ways, so the sums agree but roughly
    expected = references[name]["Z-HIT pyimpspec-5.1.3"]["pseudo_chisqr"]
    found = z_hit(measured(name))["pseudo_chi_squared"].item()
    assert 0.55 * expected < found < 1.05 * expected


def test_every_spectrum_of_real_ec_lab_files_is_tested_or_said_to_be_unusable(
    shared_data: Path, subtests: pytest.Subtests
) -> None:
    tested = 0
    for path in sorted((shared_data / "eis").rglob("*.mp[rt]")):
        if path.stem == "exampleDataBioLogic_MissingFreq":
            continue
        reader = MprReader() if path.suffix == ".mpr" else MptReader()
        flat = reader.read(path, ReadOptions()).spectra
        assert flat is not None
        with subtests.test(path.name):
            data = spectra_of_file(flat, None, path.stem)
            assert int(data["z_real"].notnull().sum()) == flat.sizes["point"]
            found, flaws = lin_kk(data), defects(data)
            assert np.isfinite(found["mu"].values[flaws["usable"].values]).all()
            assert (found["reason"] != "").all()
            # the only one with a defect: its first points, at 1 MHz, have a negative real part
            assert bool((flaws["flags"] != 0).any()) is (path.stem == "geis")
            tested += int(flaws["usable"].sum())
    assert tested > 130


def test_clean_spectra_pass_whatever_their_noise_up_to_half_the_limit() -> None:
    for noise in (0.0, 0.0005, 0.002, 0.005):
        data = spectra(FREQUENCY, two_arcs(1, 150, noise=noise))
        assert (lin_kk(data)["passed"] == 1).all()
        assert (z_hit(data)["passed"] != 0).all()
        assert (z_hit(data)["passed"] == 1).mean() > 0.98


def test_noise_above_the_limit_is_undecided_and_not_a_failure() -> None:
    found = lin_kk(spectra(FREQUENCY, two_arcs(2, 150, noise=0.03)))
    assert set(np.unique(found["passed"])) == {-1}
    assert set(np.unique(found["reason"])) == {"the noise would hide a violation of the limit"}


@pytest.mark.parametrize("drift", [1.0, 2.0])
def test_an_arc_that_grows_during_the_sweep_fails(drift: float) -> None:
    data = spectra(FREQUENCY, two_arcs(3, 150, noise=0.002, drift=drift))
    found, hit = lin_kk(data), z_hit(data)
    assert (found["passed"] == 0).mean() > 0.93
    assert (hit["passed"] == 0).mean() > 0.93
    assert (hit["departure_low"] > 0).mean() > 0.99
    assert (z_hit(spectra(FREQUENCY, two_arcs(3, 20, drift=-0.5)))["departure_low"] < 0).all()


def test_points_that_run_beyond_the_limit_are_marked_where_they_are() -> None:
    z = two_arcs(4, 1, noise=0.0005)[0]
    z[25:32] *= 1.15
    found = lin_kk(spectra(FREQUENCY, z))
    assert found["passed"] == 0
    failed = np.flatnonzero(found["point_passed"].values.ravel() == 0)
    assert np.median(np.abs(failed - 28)) <= 8
    assert found["reason"].item().startswith("residuals run together")


def test_a_single_wild_point_is_named() -> None:
    z = two_arcs(5, 1, noise=0.001)[0]
    z[30] *= 1.06
    found = lin_kk(spectra(FREQUENCY, z))
    assert found["passed"] == 0
    assert found["point_passed"].values.ravel()[30] == 0
    assert "single points" in found["reason"].item()


def test_spectra_that_are_not_usable_have_no_numbers_and_say_why() -> None:
    z = np.stack([two_arcs(6, 1)[0], two_arcs(6, 1)[0].conj(), np.full(56, 0.2 + 0j)])
    for found in (lin_kk(spectra(FREQUENCY, z)), z_hit(spectra(FREQUENCY, z))):
        assert found["passed"].values.tolist() == [[1, -1, -1]]
        assert "change its sign" in str(found["reason"].values[0, 1])
        assert "no arc" in str(found["reason"].values[0, 2])
        numbers = [name for name in ("mu", "residual_rms", "pseudo_chi_squared", "departure_max") if name in found]
        assert all(np.isnan(found[name].values[0, 1:]).all() for name in numbers)


def test_cells_of_different_frequencies_are_tested_each_on_its_own() -> None:
    z = two_arcs(7, 2, noise=0.002)
    both = np.full((2, 56), complex(np.nan, np.nan))
    both[0], both[1, ::2] = z[0], z[1, ::2]
    together = lin_kk(spectra(FREQUENCY, both))
    alone = [lin_kk(spectra(FREQUENCY, z[0])), lin_kk(spectra(FREQUENCY[::2], z[1, ::2]))]
    for number, own in enumerate(alone):
        assert together["elements"].values[0, number] == own["elements"].item()
        assert together["mu"].values[0, number] == pytest.approx(own["mu"].item())
    assert np.isnan(together["residual_real"].values[0, 1, 1::2]).all()


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(1e-3, 1e6), rate=st.floats(1e-3, 1e3), backwards=st.booleans())
def test_the_test_does_not_depend_on_units_or_on_the_direction_of_the_sweep(
    scale: float, rate: float, backwards: bool
) -> None:
    z = two_arcs(8, 1, noise=0.002)[0]
    order = slice(None, None, -1) if backwards else slice(None)
    one, other = lin_kk(spectra(FREQUENCY, z)), lin_kk(spectra(rate * FREQUENCY[order], scale * z[order]))
    assert other["elements"].item() == one["elements"].item()
    assert other["mu"].item() == pytest.approx(one["mu"].item(), rel=1e-6)
    assert other["residual_rms"].item() == pytest.approx(one["residual_rms"].item(), rel=1e-6)


@pytest.mark.parametrize(("keyword", "value"), [("c", 1.5), ("limit", 0.0)])
def test_settings_that_make_no_sense_are_refused(keyword: str, value: float) -> None:
    with pytest.raises(ValueError, match=keyword):
        lin_kk(spectra(FREQUENCY, two_arcs(9, 1)), **{keyword: value})
    with pytest.raises(ValueError, match="window"):
        z_hit(spectra(FREQUENCY, two_arcs(9, 1)), window=(10.0, 1.0))


def test_every_result_has_its_units_and_definition() -> None:
    data = spectra(FREQUENCY, two_arcs(10, 1))
    for found in (lin_kk(data), z_hit(data)):
        for variable in found.data_vars.values():
            assert "definition" in variable.attrs or "long_name" in variable.attrs
            assert variable.dtype.kind != "f" or "units" in variable.attrs
