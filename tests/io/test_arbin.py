"""Arbin databases and exports of known content."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.registry import reader_for
from pchp_widgets.io.synthetic.arbin import arbin_columns, write_arbin_res, write_arbin_text, write_arbin_workbook
from pchp_widgets.io.synthetic.mdb import Table, database
from pchp_widgets.io.synthetic.text import write_text

HALF = 0.5 * 49 * 60 / 3600
"""Charge of each half-cycle of the recording [mA h]."""


def read(path: Path, **options: object) -> Recording:
    return reader_for(path).read(path, ReadOptions(**options))  # type: ignore[arg-type]


@pytest.fixture
def mdbtools() -> None:
    if shutil.which("mdb-export") is None:
        pytest.skip("mdbtools are not installed: Arbin's databases cannot be read (apt install mdbtools)")


@pytest.mark.parametrize("units", [True, False])
def test_what_was_recorded_is_read(tmp_path: Path, cycling: xr.Dataset, units: bool) -> None:
    write_arbin_text(tmp_path / "a.csv", cycling, units=units)
    assert reader_for(tmp_path / "a.csv").name == "arbin-text"
    recording = read(tmp_path / "a.csv")
    for name in ("time", "voltage", "instrument_cycle", "instrument_step"):
        np.testing.assert_array_equal(recording.points[name], cycling[name])
    np.testing.assert_allclose(recording.points["current"], cycling["current"], rtol=1e-12)
    assert recording.warnings == []
    assert recording.provenance["start_time"].startswith("2024-11-21T")


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
        assert recording.provenance == {"instrument": "Arbin", "start_time": "2024-11-21T09:00:00"}
        assert recording.warnings == []


@pytest.mark.usefixtures("mdbtools")
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_database_holds_the_same_points_in_whatever_order(
    tmp_path: Path, cycling: xr.Dataset, shuffled: bool
) -> None:
    write_arbin_res(tmp_path / "a.res", cycling, shuffled=shuffled)
    assert reader_for(tmp_path / "a.res").name == "arbin-res"
    recording = read(tmp_path / "a.res")
    for name in ("time", "voltage", "current"):
        np.testing.assert_allclose(recording.points[name], cycling[name], rtol=1e-12)
    for name in ("instrument_cycle", "instrument_step"):
        np.testing.assert_array_equal(recording.points[name], cycling[name])
    counter = recording.points["charge_counter"].values
    np.testing.assert_allclose(counter[49::50], HALF * np.array([-1, -1, 0] * 3), atol=1e-9)
    assert recording.warnings == []
    assert recording.finished
    assert recording.provenance["start_time"] == "2024-11-21T09:00:00"
    assert recording.provenance["test_name"] == "synthetic-1"


@pytest.mark.usefixtures("mdbtools")
def test_a_database_of_several_tests_is_refused_with_their_names(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_arbin_res(tmp_path / "a.res", cycling, tests=2)
    with pytest.raises(ReaderError, match=r"holds 2 tests \(1: synthetic-1; 2: synthetic-2\)"):
        read(tmp_path / "a.res")


@pytest.mark.usefixtures("mdbtools")
def test_auxiliary_channels_are_columns_and_the_sensor_is_the_temperature(tmp_path: Path, cycling: xr.Dataset) -> None:
    temperature = 25 + np.arange(450) * 0.125
    write_arbin_res(tmp_path / "a.res", cycling, temperature=temperature)
    points = read(tmp_path / "a.res").points
    np.testing.assert_array_equal(points["temperature"], temperature)
    np.testing.assert_array_equal(points["auxiliary voltage 1"], 1.0)


@pytest.mark.usefixtures("mdbtools")
def test_points_that_are_there_twice_or_missing_and_tables_not_read_are_named(
    tmp_path: Path, cycling: xr.Dataset
) -> None:
    twice = xr.concat([cycling.isel(point=slice(0, 400)), cycling.isel(point=slice(399, 450))], "point")
    rows = np.concatenate([np.arange(1, 401), np.arange(400, 451)])
    events: Table = {"Test_ID": np.ones(1, "i4"), "Test_Time": np.array([9.0]), "Event_Describe": ["Unsafe"]}
    columns = {name: values for name, values in arbin_columns(twice).items() if name != "Data_Point"}
    table = {"Test_ID": np.ones(451, "i4"), "Data_Point": rows.astype("i4")} | columns
    kept = {name: np.delete(values, [10, 11]).astype("f8") for name, values in table.items()}
    others: dict[str, Table] = {
        "Channel_Normal_Table": kept,
        "Event_Table": events,
        "MCell_Aci_Data_Table": {"Z": np.ones(3)},
    }
    write_arbin_res(tmp_path / "a.res", cycling, others=others)
    recording = read(tmp_path / "a.res")
    assert recording.warnings == [
        "1 points are in the database twice; the first of each is taken",
        "2 of the points 1 to 450 are missing in the database",
        "the instrument noted 'Unsafe' at 9 s",
        "table MCell_Aci_Data_Table (3 rows) is not read",
    ]
    assert recording.points.sizes["point"] == 448
    assert recording.finished is None


@pytest.mark.usefixtures("mdbtools")
def test_a_database_of_something_else_is_refused(tmp_path: Path, cycling: xr.Dataset) -> None:
    (tmp_path / "a.mdb").write_bytes(database({"Customers": {"Name": ["Ada"]}}))
    with pytest.raises(ReaderError, match="is an Access database, but not Arbin's"):
        read(tmp_path / "a.mdb")
    write_arbin_res(
        tmp_path / "a.res", cycling.isel(point=slice(0, 1)), others={"Channel_Normal_Table": {"Test_ID": []}}
    )
    with pytest.raises(ReaderError, match="the database holds no points: the test had not begun"):
        read(tmp_path / "a.res")


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


def test_faults_of_files_in_circulation_are_named_and_the_data_are_right(tmp_path: Path, cycling: xr.Dataset) -> None:
    columns = arbin_columns(cycling) | {"Cycle_Index": np.ones(450, int)}
    columns["Test_Time"] = columns["Test_Time"] - 4000.0 * (np.arange(450) >= 200)  # a clock that was set back
    write_text(tmp_path / "a.csv", columns)
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").split("\n")
    lines.insert(100, lines[0])
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    recording = read(tmp_path / "a.csv")
    turns = "the current changes its direction 5 times"
    assert recording.warnings == [
        "1 line repeating the header: left out (line 101)",
        "time runs backwards 1 times, first from 11760 s to 7760 s (point 200)",
        "the integral of the current is 1.113 times what the instrument's own counters say",
        f"'Cycle_Index' is 1 in every row though {turns}: the instrument counted no cycles",
    ]
    np.testing.assert_array_equal(recording.points["time"], columns["Test_Time"])
    np.testing.assert_array_equal(recording.points["voltage"], cycling["voltage"])


def test_other_tables_are_not_taken_for_arbins(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", {"Test_Time(s)": [0, 1], "Current(A)": [0, 0], "Voltage(V)": [1, 1]})
    assert reader_for(tmp_path / "a.csv").name == "delimited-text"
