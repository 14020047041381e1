"""Thermal analysis recovers what the generator put in, and agrees with the eicosane file and its peer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets import open_measurement
from pchp_widgets.analysis import thermal as analysis
from pchp_widgets.io.synthetic.thermal import MATERIALS, ThermalTruth, thermal, thermal_study
from pchp_widgets.model.measurements import merged

QUIET = ThermalTruth(noise=1e-9, correlation=0.0)
MELTING = replace(QUIET, crystallinity=0.4, glass_temperature=130.0, slope=0.0)


@pytest.fixture(scope="module")
def study() -> xr.Dataset:
    """200 samples of as many truths, seeded."""
    draw = np.random.default_rng(5)
    truths = [
        ThermalTruth(
            mass=draw.uniform(3, 8),
            peg_fraction=draw.uniform(0.3, 0.7),
            crystallinity=draw.uniform(0.05, 0.5),
            melting_peak=draw.uniform(52, 62),
            melting_width=draw.uniform(5, 9),
            glass_temperature=draw.uniform(112, 120),
            glass_width=draw.uniform(1.5, 2.5),
            heat_capacity_step=draw.uniform(0.15, 0.4),
            noise=draw.uniform(0.004, 0.012),
            correlation=draw.uniform(0, 0.8),
            slope=draw.uniform(0, 0.005),
        )
        for _ in range(200)
    ]
    whole = merged(thermal(truth, seed=seed, name=str(seed)) for seed, truth in enumerate(truths))
    numbers = {
        name: ("sample", [getattr(truth, name) for truth in truths])
        for name in ("glass_temperature", "glass_onset", "heat_capacity_step", "enthalpy", "melting_peak")
    }
    numbers["melting_onset"] = ("sample", [truth.melting_onset for truth in truths])
    return analysis.scans(whole).assign(numbers)


def covered(found: xr.Dataset, name: str, truth: xr.DataArray) -> float:
    return float((abs(found[name] - truth.values) < 1.96 * found[f"{name}_stderr"]).mean())


def test_intervals_of_200_glass_transitions_cover_the_truth(study: xr.Dataset) -> None:
    found = analysis.glass_transition(study, (76, 156))
    for name in ("glass_temperature", "glass_onset", "heat_capacity_step"):
        assert 0.90 <= covered(found, name, study[name]) <= 0.98
    assert (found["glass_temperature_low"] <= found["glass_temperature"]).all()
    assert (found["glass_temperature_high"] >= found["glass_temperature"]).all()


def test_intervals_of_200_meltings_cover_the_truth(study: xr.Dataset) -> None:
    found = analysis.melting(study, (30, 84))
    for name, of in (("melting_enthalpy", "enthalpy"), ("melting_peak",) * 2, ("melting_onset",) * 2):
        assert 0.90 <= covered(found, name, study[of]) <= 0.98


def test_an_endotherm_as_large_as_the_limit_is_found_in_95_of_100() -> None:
    truth = ThermalTruth(crystallinity=0.0, glass_temperature=130.0)
    limits, detected, alarms = [], [], []
    for seed in range(0, 200, 4):
        none = analysis.scans(merged(thermal(truth, seed=seed + at, name=str(at)) for at in range(4)))
        found = analysis.crystallinity_limit(none, (35, 85))
        limits.extend(found["enthalpy_limit"].values)
        alarms.extend(found["limit_outcome"].values == "melting")
        share = found["enthalpy_limit"].values.mean() / (truth.peg_fraction * truth.reference_enthalpy)
        some = merged(
            thermal(replace(truth, crystallinity=share), seed=900 + seed + at, name=str(at)) for at in range(4)
        )
        detected.extend(
            analysis.crystallinity_limit(analysis.scans(some), (35, 85))["limit_outcome"].values == "melting"
        )
    assert 0.90 <= np.mean(detected) <= 1.0
    assert np.mean(alarms) <= 0.10
    assert 0 < np.mean(limits) < 1


def test_the_construction_is_exact_without_noise() -> None:
    truth = replace(QUIET, glass_temperature=100.0, glass_width=2.0, heat_capacity_step=0.3)
    found = analysis.glass_transition(analysis.scans(thermal(truth)), (50, 150)).isel(sample=0)
    assert found["glass_outcome"] == "step"
    np.testing.assert_allclose(found["glass_temperature"], 100.0, atol=1e-3)
    np.testing.assert_allclose(found["glass_onset"], truth.glass_onset, atol=0.05)
    np.testing.assert_allclose(found["glass_end"], 104.0, atol=0.05)
    np.testing.assert_allclose(found["heat_capacity_step"], 0.3, rtol=1e-4)


def test_heat_and_temperatures_of_melting_are_exact_without_noise() -> None:
    found = analysis.melting(analysis.scans(thermal(MELTING)), (25, 90)).isel(sample=0)
    np.testing.assert_allclose(found["melting_enthalpy"], MELTING.enthalpy, rtol=1e-5)
    np.testing.assert_allclose(found["melting_peak"], 58.0, atol=2e-3)
    np.testing.assert_allclose(found["melting_onset"], MELTING.melting_onset, atol=0.02)
    np.testing.assert_allclose(found["melting_end"], 2 * 58.0 - MELTING.melting_onset, atol=0.02)


def test_crystallinity_is_that_of_the_peg_alone() -> None:
    melted = analysis.melting(analysis.scans(thermal(MELTING)), (25, 90))
    found = analysis.crystallinity(melted)
    np.testing.assert_allclose(found["crystallinity"], 0.4, rtol=1e-5)
    np.testing.assert_allclose(found["crystallinity_low"], 0.4 * 196.4 / 213.7, rtol=2e-3)
    unknown = analysis.crystallinity(melted.assign_coords(peg_fraction=("sample", [np.nan])))
    assert np.isnan(unknown["crystallinity"]).all()
    assert "peg_fraction" in str(unknown["crystallinity_outcome"].item())
    with pytest.raises(ValueError, match="reference_enthalpy"):
        analysis.crystallinity(melted, reference_enthalpy=0.0)


def test_no_melting_is_an_upper_limit_and_melting_is_none() -> None:
    study = thermal_study()
    found = analysis.crystallinity_limit(analysis.scans(study), (40, 78))
    outcome = dict(zip(found["sample"].values.tolist(), found["limit_outcome"].values.tolist(), strict=True))
    assert outcome["PCHP"] == outcome["PCHP3"] == "no melting"
    assert outcome["PCH"] == "no melting; it holds no PEG"
    assert outcome["PEO"] == "melting"
    limit = found["crystallinity_limit"]
    assert np.isnan(limit.sel(sample="PEO"))
    assert 0 < limit.sel(sample="PCHP") < 0.02
    assert (found["enthalpy_limit_low"] <= found["enthalpy_limit"]).all()


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 0.9), st.floats(2.0, 20.0), st.floats(45.0, 65.0))
def test_heat_per_mass_depends_on_neither_mass_nor_place(share: float, mass: float, peak: float) -> None:
    truth = replace(MELTING, crystallinity=share, mass=mass, melting_peak=peak, interval=2.0)
    found = analysis.melting(analysis.scans(thermal(truth)), (peak - 32, peak + 32), errors=False)
    np.testing.assert_allclose(found["melting_enthalpy"], truth.enthalpy, rtol=1e-3)


def test_the_program_is_found_with_and_without_marks() -> None:
    data = thermal(QUIET)
    marked, found = analysis.segments(data), analysis.segments(data.drop_vars("segment"))
    names = ["isothermal 1", "heating 1", "isothermal 2", "cooling 1", "isothermal 3", "heating 2"]
    assert marked["run"].values[0].tolist() == found["run"].values[0].tolist() == names
    for program in (marked, found):
        np.testing.assert_allclose(program["rate"].values[0], [0, 10, 0, -10, 0, 10], atol=0.05)
    assert analysis.run_names(marked) == ["heating 1", "cooling 1", "heating 2"]


def test_what_cannot_be_said_is_said() -> None:
    data = thermal_study()
    without = data.assign_coords(mass=("sample", np.where(data["material"] == "PCHP", np.nan, 5.0)))
    curves = analysis.scans(without)
    assert np.isnan(curves["heat_capacity"].sel(sample="PCHP")).all()
    said = analysis.doubts(curves, (40, 75))
    assert any("PCHP: its mass is not known" in text for text in said)
    assert any("above the glass transition of PEO" in text for text in said)
    assert any("first heating" in text for text in analysis.doubts(analysis.scans(data, "heating 1"), (40, 75)))
    with pytest.raises(ValueError, match="there are heating 1, cooling 1, heating 2"):
        analysis.scans(data, "heating 3")
    with pytest.raises(ValueError, match="write"):
        analysis.melting(analysis.scans(data), (75, 40))
    with pytest.raises(ValueError, match="needs 24 K"):
        analysis.crystallinity_limit(analysis.scans(data), (40, 50))


def test_a_curve_without_a_step_has_no_glass_transition() -> None:
    found = analysis.glass_transition(analysis.scans(thermal(ThermalTruth(heat_capacity_step=0.0))), (60, 140))
    assert np.isnan(found["glass_temperature"]).all()
    assert str(found["glass_outcome"].item()).startswith("no step")


@pytest.fixture(scope="module")
def eicosane(shared_data: Path) -> xr.Dataset:
    path = shared_data / "materials" / "dsc" / "sample_dsc_tainstruments.txt"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return open_measurement(path)


@pytest.mark.parametrize(("window", "heat"), [((25, 45), 283.47), ((20, 45), 282.68), ((30, 42), 283.07)])
def test_eicosane_melts_with_the_heat_the_peer_finds(
    eicosane: xr.Dataset, window: tuple[int, int], heat: float
) -> None:
    found = analysis.melting(analysis.scans(eicosane, "heating 1"), window).isel(sample=0)
    assert float(found["melting_enthalpy"]) == pytest.approx(heat, abs=0.5)
    assert float(found["melting_peak"]) == pytest.approx(37.14, abs=0.1)
    assert float(found["melting_onset"]) == pytest.approx(35.35, abs=0.25)
    assert found["melting_enthalpy_low"] < heat < found["melting_enthalpy_high"]


def test_eicosane_freezes_with_the_opposite_sign(eicosane: xr.Dataset) -> None:
    found = analysis.melting(analysis.scans(eicosane, "cooling 1"), (20, 45)).isel(sample=0)
    assert float(found["melting_enthalpy"]) == pytest.approx(-282.4, abs=2.0)
    assert float(found["melting_peak"]) == pytest.approx(33.26, abs=0.1)


def test_each_sample_gets_a_range_around_its_own_step() -> None:
    curves = analysis.scans(thermal_study())
    ranges = analysis.glass_ranges(curves)
    assert set(ranges) == {"PCHP", "PCHP2", "PCHP3"}
    found = analysis.glass_transition(curves, ranges)
    for name in ranges:
        truth = MATERIALS[name].glass_temperature
        one = found.sel(sample=name)
        assert abs(float(one["glass_temperature"]) - truth) < 4 * float(one["glass_temperature_stderr"])
    assert str(found["glass_outcome"].sel(sample="PEO").item()) == "no curve in the range"


def test_a_peak_is_no_step(eicosane: xr.Dataset) -> None:
    assert not analysis.glass_ranges(analysis.scans(eicosane, "heating 1"))


def test_a_file_without_marks_beside_one_with_marks_keeps_its_runs() -> None:
    marked, bare = thermal(QUIET, name="a"), thermal(QUIET, name="b").drop_vars("segment")
    program = analysis.segments(merged([marked, bare]))
    assert program["run"].values[0].tolist() == program["run"].values[1].tolist()
