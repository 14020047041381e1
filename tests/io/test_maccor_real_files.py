"""Maccor files as they are in circulation, against what other readers give of them and what the files say twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.registry import reader_for

BEEP = "beep/beep/tests/test_files"
ROWS = {
    "PyProBE/tests/sample_data/maccor/sample_data_maccor.csv": 15,
    "battery-data-toolkit/tests/files/maccor_example.001": 8,
    "battery-data-toolkit/tests/files/maccor_example.002": 8,
    f"{BEEP}/PredictionDiagnostics_000109_tztest.010": 2165,
    f"{BEEP}/PredictionDiagnostics_000151_paused.052": 332,
    f"{BEEP}/PredictionDiagnostics_000151_test.052": 333,
    f"{BEEP}/maccor_test_file_4267-66-6519.041": 74,
    f"{BEEP}/xTESLADIAG_000019_CH70.070": 11_669,
    "cellpy/examples/data/maccor_one.txt": 4459,
    "cellpy/examples/data/maccor_three.txt": 4009,
    "cellpy/testdata/data/maccor_001.txt": 6704,
}
"""Rows other readers count."""


def opened(path: Path, **options: object) -> Recording:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    reader = reader_for(path)
    assert reader.name == "maccor-text"
    return reader.read(path, ReadOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ROWS)
def test_all_records_of_every_dialect_are_read(name: str, shared_data: Path) -> None:
    points = opened(shared_data / "cycler" / name).points
    assert points.sizes["point"] == ROWS[name]
    assert np.isfinite(points[["time", "voltage", "current", "charge_counter"]].to_array()).all()
    assert np.abs(points["voltage"]).max() < 5
    passed = np.diff(points["charge_counter"].values)
    integral = np.diff(points["time"]) * (points["current"].values[1:] + points["current"].values[:-1]) / 7200
    assert np.sum(integral) == pytest.approx(np.sum(passed), abs=0.011 * np.sum(np.abs(passed)) + 1e-9)


def _ends(points: object) -> dict[tuple[int, int], float]:
    """Charge of the first step of each cycle and number [mA h]."""
    counter, cycle, step = (points[name].values for name in ("charge_counter", "instrument_cycle", "instrument_step"))  # type: ignore[index]
    edges = np.flatnonzero((np.diff(step, append=-1) != 0) | (np.diff(cycle, append=-1) != 0))
    found: dict[tuple[int, int], float] = {}
    before = 0.0
    for end in edges:
        found.setdefault((int(cycle[end]), int(step[end])), float(counter[end] - before))
        before = counter[end]
    return found


def test_each_step_has_passed_what_its_last_record_says(shared_data: Path) -> None:
    ends = _ends(opened(shared_data / f"cycler/{BEEP}/xTESLADIAG_000019_CH70.070").points)
    assert ends[0, 2] == pytest.approx(-124.7312174)
    assert ends[1, 7] == pytest.approx(2846.8271127)
    assert ends[1, 8] == pytest.approx(-3029.5438265)
    ends = _ends(opened(shared_data / f"cycler/{BEEP}/PredictionDiagnostics_000109_tztest.010").points)
    assert ends[86, 65] == pytest.approx(-1937.7582341)
    assert ends[87, 61] == pytest.approx(1451.9901141)


def test_a_magnitude_of_the_current_takes_its_sign_from_the_state(shared_data: Path) -> None:
    recording = opened(shared_data / "cycler/cellpy/examples/data/maccor_one.txt")
    ends = _ends(recording.points)
    assert ends[0, 2] == pytest.approx(-637.81)
    # the counter starts again between the constant current and the constant voltage, both of them charges
    assert ends[0, 4] == pytest.approx(3368.71)
    assert ends[0, 5] == pytest.approx(1153.88)
    assert ends[0, 7] == pytest.approx(-4544.03)
    assert "counted negative where 'State' says discharge" in recording.warnings[2]
    assert "no auxiliary temperature is one that can be ('Aux #1': -2501.71 C)" in recording.warnings[1]


def test_a_test_whose_cycles_were_not_counted_is_the_sum_of_its_steps(shared_data: Path) -> None:
    recording = opened(shared_data / "cycler/cellpy/testdata/data/maccor_001.txt")
    assert any(text.startswith("'Cyc#' is 0 in every row though the current changes") for text in recording.warnings)
    # sums of the last readings of each charge and each discharge in the file, whose counter starts again at every step;
    # the last of them alone are 1147.1 and 3542.79 mA h
    passed = np.diff(recording.points["charge_counter"].values, prepend=0.0)
    assert np.sum(passed[passed > 0]) == pytest.approx(17_623.6)
    assert np.sum(passed[passed < 0]) == pytest.approx(-17_363.11)


def test_millivolts_under_a_header_of_volts_are_proved_by_the_energy(shared_data: Path) -> None:
    recording = opened(shared_data / "cycler/cellpy/examples/data/maccor_three.txt")
    assert "the numbers under 'Volts' are 1000 times too large" in recording.warnings[0]
    assert recording.points["voltage"].attrs["origin"].startswith("derived")
    ends = _ends(recording.points)
    assert (ends[0, 6], ends[1, 6]) == pytest.approx((-850.9278, -846.9606))
    assert ends[0, 4] + ends[0, 5] == pytest.approx(906.112)  # one counter over both: it does not start again
    energy = recording.points["energy_counter"].values
    assert np.diff(energy[[606 - 85, 607]])[0] == pytest.approx(-2382.3848, rel=1e-3)


def test_a_pause_is_found_between_dates_and_test_time(shared_data: Path) -> None:
    said = opened(shared_data / f"cycler/{BEEP}/PredictionDiagnostics_000151_paused.052").warnings
    assert said[0] == "the first record is number 249791: the file does not hold the test from its beginning"
    assert said[1] == "1 records are missing in the file, in 1 places"
    assert "7200.98 s of it between points 43 and 44" in said[2]


def test_dates_that_leave_the_clock_away_at_midnight_are_dates(shared_data: Path) -> None:
    said = opened(shared_data / f"cycler/{BEEP}/PredictionDiagnostics_000151_test.052").warnings
    assert len(said) == 1


def test_a_sweep_of_frequencies_stands_still_in_test_time(shared_data: Path) -> None:
    recording = opened(shared_data / f"cycler/{BEEP}/maccor_test_file_4267-66-6519.041")
    assert np.unique(recording.points["control"]).tolist() == [0, 3]
    assert "go 321 s further than the time of the test" in recording.warnings[0]


def test_an_export_that_leaves_units_to_its_reader_says_so(shared_data: Path) -> None:
    recording = opened(shared_data / "cycler/PyProBE/tests/sample_data/maccor/sample_data_maccor.csv")
    points = recording.points
    assert points["current"].values[-1] == pytest.approx(28_798)
    assert points["charge_counter"].values[-1] == pytest.approx(24)
    assert points["current"].attrs["origin"].startswith("assumed: in A")
    assert any("does not say the units" in text for text in recording.warnings)


@pytest.mark.parametrize("name", ["EXP.000", "diagnosticV4.000", "goto_end_example.000"])
def test_procedures_are_declined_by_name(name: str, shared_data: Path) -> None:
    path = shared_data / "cycler" / BEEP / name
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    with pytest.raises(ReaderError, match="It is a Maccor procedure, which holds no data"):
        reader_for(path)


def test_a_spectrum_of_its_frequency_response_analyser(shared_data: Path) -> None:
    path = shared_data / "cycler" / BEEP / "maccor_test_file_4267-66-6519.EDA0001.041"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    recording = reader_for(path).read(path, ReadOptions())
    assert recording.spectra is not None
    assert recording.spectra.sizes["point"] == 60
    assert recording.spectra["z_imag"].values[[0, -1]].tolist() == [-0.849201, -0.307756]
    assert recording.provenance["start_time"] == "2016-11-02T15:58:00"
