"""Arbin exports of known content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.arbin import ArbinTextReader
from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.registry import reader_for
from pchp_widgets.io.synthetic.arbin import arbin_columns, write_arbin_text, write_arbin_workbook
from pchp_widgets.io.synthetic.text import write_text
from pchp_widgets.testing import check_reader

HALF = 0.5 * 49 * 60 / 3600
"""Charge of each half-cycle of the recording [mA h]."""


def read(path: Path, **options: object) -> Recording:
    return reader_for(path).read(path, ReadOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("units", [True, False])
def test_what_was_recorded_is_read(tmp_path: Path, cycling: xr.Dataset, units: bool) -> None:
    write_arbin_text(tmp_path / "a.csv", cycling, units=units)
    assert reader_for(tmp_path / "a.csv").name == "arbin-text"
    recording = read(tmp_path / "a.csv")
    for name in ("time", "voltage", "instrument_cycle", "instrument_step"):
        np.testing.assert_array_equal(recording.points[name], cycling[name])
    np.testing.assert_allclose(recording.points["current"], cycling["current"], rtol=1e-12)
    assert recording.warnings == []
    assert recording.provenance["start_time"].startswith("2024-11-01T")


def test_the_counter_is_one_net_count_over_the_cycles(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_arbin_text(tmp_path / "a.csv", cycling)
    counter = read(tmp_path / "a.csv").points["charge_counter"].values
    np.testing.assert_allclose(counter[49::50], HALF * np.array([-1, -1, 0] * 3), atol=1e-9)


def test_a_workbook_holds_the_same_points_in_one_sheet_or_several(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_arbin_text(tmp_path / "a.csv", cycling)
    text = read(tmp_path / "a.csv").points
    for sheets in (1, 3):
        write_arbin_workbook(tmp_path / "a.xlsx", cycling, sheets=sheets)
        recording = read(tmp_path / "a.xlsx")
        for name in ("time", "voltage", "current", "charge_counter", "instrument_cycle", "instrument_step"):
            np.testing.assert_allclose(recording.points[name], text[name], rtol=1e-12, atol=1e-12)
        assert recording.provenance == {"instrument": "Arbin", "start_time": "2024-11-01T09:00:00"}
        assert recording.warnings == []


def _slipped(path: Path, cycling: xr.Dataset, *names: str) -> Path:
    columns = arbin_columns(cycling)
    write_text(path, {name: values * (1e3 if name in names else 1.0) for name, values in columns.items()})
    return path


def test_a_charge_counter_in_the_wrong_unit_is_brought_to_the_right_one(tmp_path: Path, cycling: xr.Dataset) -> None:
    recording = read(_slipped(tmp_path / "a.csv", cycling, "Charge_Capacity", "Discharge_Capacity"))
    assert "1000 times too large for the unit of the header" in recording.warnings[0]
    assert "while that of the power agrees with the energy counter" in recording.warnings[0]
    np.testing.assert_allclose(recording.points["charge_counter"].values[49], -HALF)


def test_a_current_in_another_unit_is_refused_until_the_caller_says_which(tmp_path: Path, cycling: xr.Dataset) -> None:
    file = _slipped(tmp_path / "a.csv", cycling, "Current")
    with pytest.raises(ReaderError, match=r"1000 times what the charge counter says.* columns=\{\"current\""):
        read(file)
    recording = read(file, columns={"current": "Current [mA]"})
    np.testing.assert_allclose(recording.points["current"], cycling["current"], rtol=1e-12)
    assert recording.warnings == []


def test_other_tables_are_not_taken_for_arbins(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", {"Test_Time(s)": [0, 1], "Current(A)": [0, 0], "Voltage(V)": [1, 1]})
    assert reader_for(tmp_path / "a.csv").name == "delimited-text"


def test_the_reader_keeps_the_contract(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_arbin_text(tmp_path / "a.csv", cycling)
    check_reader(ArbinTextReader, tmp_path / "a.csv")
