"""Maccor text of known content, in every dialect."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.registry import reader_for
from pchp_widgets.io.synthetic.maccor import Dialect, write_maccor, write_maccor_impedance
from pchp_widgets.io.synthetic.text import write_text

DIALECTS = get_args(Dialect)
HALF = 0.5 * 49 * 60 / 3600
"""Charge of each half-cycle of the recording [mA h]."""


def read(path: Path, **options: object) -> Recording:
    return reader_for(path).read(path, ReadOptions(**options))  # type: ignore[arg-type]


@pytest.fixture
def full(cycling: xr.Dataset) -> xr.Dataset:
    """The recording at voltages of a full cell, so that energy over charge is one."""
    return cycling.assign(voltage=cycling["voltage"] + 3.5)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_holds_the_same_points(tmp_path: Path, full: xr.Dataset, dialect: Dialect) -> None:
    write_maccor(tmp_path / "a.001", full, dialect)
    assert reader_for(tmp_path / "a.001").name == "maccor-text"
    recording = read(tmp_path / "a.001")
    for name in ("time", "instrument_cycle", "instrument_step"):
        np.testing.assert_array_equal(recording.points[name], full[name])
    for name in ("voltage", "current"):
        np.testing.assert_allclose(recording.points[name], full[name], rtol=1e-12)
    last_of_each_step = recording.points["charge_counter"].values[49::50]
    np.testing.assert_allclose(last_of_each_step, HALF * np.array([-1, -1, 0] * 3), atol=1e-9)
    assert recording.provenance["instrument"] == "Maccor"
    assert recording.provenance["start_time"] == "2024-11-21T09:00:00"


def test_what_a_dialect_leaves_open_is_said(tmp_path: Path, full: xr.Dataset) -> None:
    expected = {
        "backup": [],
        "clock": ["the current has no sign in the file; it is counted negative where 'State' says discharge"],
        "milli": ["the numbers under 'Volts' are 1000 times too large"],
        "csv": ["the export does not say the units of 'Capacity', 'Energy', 'Current', 'Voltage': they are taken as A"],
    }
    for dialect in DIALECTS:
        write_maccor(tmp_path / "a.txt", full, dialect)
        said = read(tmp_path / "a.txt").warnings
        assert len(said) == len(expected[dialect]), said
        assert all(text.startswith(beginning) for text, beginning in zip(said, expected[dialect], strict=True))


def test_a_unit_the_export_does_not_say_is_the_callers_to_say(tmp_path: Path, full: xr.Dataset) -> None:
    write_maccor(tmp_path / "a.csv", full, "csv")
    assert read(tmp_path / "a.csv").points["current"].attrs["origin"].startswith("assumed: in A")
    said = {
        "current": "Current [mA]",
        "capacity": "Capacity [mA h]",
        "energy": "Energy [mW h]",
        "voltage": "Voltage [V]",
    }
    recording = read(tmp_path / "a.csv", columns=said)
    np.testing.assert_allclose(recording.points["current"], full["current"] / 1e3)
    assert recording.warnings == []


def test_millivolts_of_a_rest_alone_are_refused_until_the_caller_says_so(tmp_path: Path, full: xr.Dataset) -> None:
    write_maccor(tmp_path / "a.txt", full.isel(point=slice(50, 100)), "milli")
    with pytest.raises(ReaderError, match="the typical voltage would be 3500 V: the unit of 'Volts' is another one"):
        read(tmp_path / "a.txt")
    points = read(tmp_path / "a.txt", columns={"voltage": "Volts [mV]"}).points
    np.testing.assert_allclose(points["voltage"], 3.5)


def test_letters_of_the_state_say_what_is_controlled(tmp_path: Path, full: xr.Dataset) -> None:
    write_maccor(tmp_path / "a.001", full)
    text = (tmp_path / "a.001").read_text(encoding="utf-8")
    head, body = text.split("\n", 2)[:2], text.split("\n", 2)[2].split("\n")
    body[60] = body[60].replace("\tR\t", "\tP\t")
    body[70] = body[70].replace("\tR\t", "\tFRA\t")
    body[-2] = "\t".join([*body[-2].split("\t")[:6], "0.0", *body[-2].split("\t")[7:]]).replace("\tC\t", "\tO\t")
    (tmp_path / "a.001").write_text("\n".join([*head, *body]), encoding="utf-8", newline="")
    recording = read(tmp_path / "a.001")
    assert recording.points["control"].values[[0, 55, 60, 70, -1]].tolist() == [4, 0, 0, 3, 0]
    assert recording.finished


def test_day_and_month_are_told_apart_by_how_long_the_test_lasts_or_not_at_all(
    tmp_path: Path, full: xr.Dataset
) -> None:
    write_maccor(tmp_path / "a.001", full)
    text = (tmp_path / "a.001").read_text(encoding="utf-8").replace("11/21/2024", "11/10/2024")
    (tmp_path / "a.001").write_text(text, encoding="utf-8")
    found = read(tmp_path / "a.001")
    assert "start_time" not in found.provenance  # all in one day: the eleventh of October or the tenth of November
    assert found.provenance["date_of_test"] == "11/10/2024"
    for at, line in enumerate(lines := text.split("\n")):
        if at > 300:
            lines[at] = line.replace("11/10/2024", "12/10/2024")  # after a night
    (tmp_path / "a.001").write_text("\n".join(lines), encoding="utf-8")
    found = read(tmp_path / "a.001")
    assert found.provenance["start_time"] == "2024-10-11T09:00:00"
    assert "go 86400 s further" in found.warnings[0]


def test_noise_below_zero_at_rest_is_no_sign(tmp_path: Path, full: xr.Dataset) -> None:
    noisy = full.assign(current=full["current"] - 1e-4 * (full["current"] == 0))
    write_maccor(tmp_path / "a.txt", full, "clock")
    lines = (tmp_path / "a.txt").read_text(encoding="utf-8").split("\n")
    rests = [line.replace("\t0.0\t3.5\tR", "\t-1e-07\t3.5\tR") for line in lines]
    assert rests != lines
    (tmp_path / "a.txt").write_text("\n".join(rests), encoding="utf-8")
    np.testing.assert_allclose(read(tmp_path / "a.txt").points["current"], noisy["current"], rtol=1e-9)


def test_a_state_that_says_no_direction_is_named(tmp_path: Path, full: xr.Dataset) -> None:
    write_maccor(tmp_path / "a.txt", full, "clock")
    text = (tmp_path / "a.txt").read_text(encoding="utf-8")
    (tmp_path / "a.txt").write_text(text.replace("\tC\t", "\tW\t", 7), encoding="utf-8")
    said = read(tmp_path / "a.txt").warnings
    assert said[0].startswith("the direction of the current is not said in 7 rows (state 'W')")


def test_records_the_file_lacks_and_pauses_are_named(tmp_path: Path, full: xr.Dataset) -> None:
    write_maccor(tmp_path / "a.001", full)
    lines = (tmp_path / "a.001").read_text(encoding="utf-8").split("\n")
    del lines[20:23], lines[2:7]
    lines[30:] = [line.replace("11/21/2024 ", "11/23/2024 ") for line in lines[30:]]
    (tmp_path / "a.001").write_text("\n".join(lines), encoding="utf-8", newline="")
    said = read(tmp_path / "a.001").warnings
    assert said[:2] == [
        "the first record is number 6: the file does not hold the test from its beginning",
        "3 records are missing in the file, in 1 places",
    ]
    assert "go 172800 s further than the time of the test, 172800 s of it between points 27 and 28" in said[2]


def test_an_export_with_units_and_without_records_is_maccors(tmp_path: Path) -> None:
    columns = {
        "Cyc#": [0, 0, 0], "Step": [1, 1, 1], "TestTime(s)": [0, 60, 120], "StepTime(s)": [0, 60, 120],
        "Capacity(Ah)": [0, 0.05, 0.1], "Watt-hr": [0, 0.2, 0.4], "Current(A)": [3.0, 3.0, 3.0],
        "Voltage(V)": [4.0, 4.0, 4.0], "DPt Time": [f"11/21/2024 09:0{minute}:00" for minute in range(3)],
        "ACR": [0, 0, 0], "DCIR": [0, 0, 0], "Temp 1": [25.0, 25.5, 26.0],
    }  # fmt: skip
    write_text(tmp_path / "a.csv", columns)
    assert reader_for(tmp_path / "a.csv").name == "maccor-text"
    recording = read(tmp_path / "a.csv")
    np.testing.assert_array_equal(recording.points["current"], [3000, 3000, 3000])
    np.testing.assert_array_equal(recording.points["temperature"], [25, 25.5, 26])
    assert recording.provenance["start_time"] == "2024-11-21T09:00:00"


def test_a_repeated_header_is_left_out_and_counted(tmp_path: Path, full: xr.Dataset) -> None:
    write_maccor(tmp_path / "a.001", full)
    lines = (tmp_path / "a.001").read_text(encoding="utf-8").split("\n")
    (tmp_path / "a.001").write_text("\n".join([*lines[:30], lines[1], *lines[30:]]), encoding="utf-8", newline="")
    recording = read(tmp_path / "a.001")
    assert recording.points.sizes["point"] == full.sizes["point"]
    assert recording.warnings == ["1 line repeating the header: left out (line 31)"]


FREQUENCY = np.logspace(5, -1, 31)
IMPEDANCE = 20 + 200 / (1 + 1j * 2 * np.pi * FREQUENCY * 200 * 1e-3)


@pytest.mark.parametrize("ohms", [1.0, 1e-3])
def test_a_spectrum_is_in_ohm_by_the_capacitance_beside_it(tmp_path: Path, ohms: float) -> None:
    write_maccor_impedance(tmp_path / "a.EDA0001.001", FREQUENCY, IMPEDANCE, ohms=ohms)
    assert reader_for(tmp_path / "a.EDA0001.001").name == "maccor-impedance"
    recording = read(tmp_path / "a.EDA0001.001")
    spectra = recording.spectra
    assert spectra is not None
    np.testing.assert_allclose(spectra["frequency"], FREQUENCY, rtol=1e-5)
    np.testing.assert_allclose(spectra["z_real"] + 1j * spectra["z_imag"], IMPEDANCE, atol=2e-6)
    np.testing.assert_allclose(spectra["voltage"], 3.909893)
    said = ["by the capacitances beside it the impedance is in 0.001 ohm, and is brought to ohm"]
    assert recording.warnings == ([] if ohms == 1.0 else said)
    assert recording.provenance["start_time"] == "2024-11-21T09:00:00"
