"""BDF, read and written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr

from pchp_widgets.io.bdf import BdfReader, write_bdf
from pchp_widgets.io.contract import HEAD_BYTES, ReaderError, ReaderWarning, ReadOptions, Recording
from pchp_widgets.model.schema import dataset

ENDINGS = ("csv", "bdf", "csv.gz", "parquet")
TIME, VOLTAGE, CURRENT = np.arange(8) * 900.0, np.full(8, 3.5), np.repeat([0.002, -0.002], 4)


def read(path: Path) -> Recording:
    return BdfReader().read(path, ReadOptions())


def sniff(path: Path) -> str | None:
    with path.open("rb") as file:
        return BdfReader().sniff(file.read(HEAD_BYTES))


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_is_read_back(ending: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    rng = np.random.default_rng(0)
    n = cycling.sizes["point"]
    extra = {"temperature": 25 + rng.random(n), "pressure": rng.random(n)}
    extra |= {"charge_counter": np.cumsum(cycling["current"].values) / 60, "energy_counter": np.zeros(n)}
    columns = {name: cycling[name].values for name in cycling.variables} | extra
    points = dataset("points", {**columns, "current": columns["current"] * rng.uniform(0.9, 1.1, n)})
    file = tmp_path / f"a.bdf.{ending}"
    write_bdf(points, file)
    assert sniff(file) is None
    found = read(file)
    assert found.warnings == []
    assert set(found.points.variables) == set(points.variables)
    for name in ("time", "voltage", "instrument_cycle", "instrument_step", "control", "temperature", "pressure"):
        np.testing.assert_array_equal(found.points[name], points[name], name)
        assert found.points[name].dtype == points[name].dtype
    np.testing.assert_array_max_ulp(found.points["current"].values, points["current"].values, maxulp=1)
    np.testing.assert_allclose(found.points["charge_counter"], points["charge_counter"], rtol=1e-13, atol=1e-15)


def test_the_preferred_labels_are_written(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_bdf(cycling, tmp_path / "a.csv")
    header = (tmp_path / "a.csv").read_text().splitlines()[0]
    assert header == "Test Time / s,Voltage / V,Current / A,Cycle Count / 1,Step Count / 1,Step Type"


@pytest.mark.parametrize(
    "names",
    [
        ("Test Time / s", "Voltage / V", "Current / A"),
        ("test_time_second", "voltage_volt", "current_ampere"),
        ("test_time_s", "voltage_v", "current_a"),
    ],
)
def test_the_three_dialects_of_headers(names: tuple[str, str, str], tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    pl.DataFrame(dict(zip(names, (TIME, VOLTAGE, CURRENT), strict=True))).write_csv(file)
    assert sniff(file) is None
    points = read(file).points
    np.testing.assert_array_equal(points["time"], TIME)
    np.testing.assert_allclose(points["current"], CURRENT * 1e3)


def test_earlier_units_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    columns = {"test_time_millisecond": (TIME * 1e3).astype(int), "voltage_volt": VOLTAGE, "current_ampere": CURRENT}
    pl.DataFrame(columns | {"cycle_dimensionless": np.arange(8)}).write_parquet(file)
    points = read(file).points
    np.testing.assert_array_equal(points["time"], TIME)
    np.testing.assert_array_equal(points["instrument_cycle"], np.arange(8))


@pytest.mark.parametrize("header", ["Time (s),Voltage (V),I (A)", "Time / s,Voltage / V,I / A", "a,b,c"])
def test_text_that_is_not_bdf_is_declined(header: str) -> None:
    assert BdfReader().sniff(f"{header}\n0,1,2\n1,1,2\n".encode())


def known_bad(path: Path, **columns: np.ndarray) -> list[str]:
    """Warnings about a file with these columns in the place of sound ones."""
    passed = np.concatenate(([0.0], np.cumsum((CURRENT[1:] + CURRENT[:-1]) * np.diff(TIME) / 7200)))
    step = np.diff(passed, prepend=0.0)
    sound = {
        "test_time_second": TIME,
        "voltage_volt": VOLTAGE,
        "current_ampere": CURRENT,
        "cycle_count": np.ones(8),
        "charging_capacity_ah": np.cumsum(np.clip(step, 0, None)),
        "discharging_capacity_ah": np.cumsum(np.clip(-step, 0, None)),
    }
    pl.DataFrame(sound | columns).write_csv(path)
    recording = read(path)
    for name, ours in (("test_time_second", "time"), ("voltage_volt", "voltage")):
        np.testing.assert_array_equal(recording.points[ours], (sound | columns)[name])
    return recording.warnings


def test_a_sound_file_is_not_doubted(tmp_path: Path) -> None:
    assert known_bad(tmp_path / "a.csv") == []


def test_a_cycle_count_that_counts_nothing_is_named(tmp_path: Path) -> None:
    warnings = known_bad(tmp_path / "a.csv", cycle_count=np.full(8, 2 * np.pi))
    assert len(warnings) == 1
    assert "'cycle_count' is no count: 6.283185307 in every row" in warnings[0]


def test_milliseconds_under_a_header_of_seconds_are_named(tmp_path: Path) -> None:
    warnings = known_bad(tmp_path / "a.csv", test_time_second=TIME * 1e3)
    assert len(warnings) == 1
    assert "1000 times what the instrument's own counters say" in warnings[0]
    assert "milliseconds under a header that says seconds" in warnings[0]


def test_swapped_counters_are_named(tmp_path: Path) -> None:
    up = np.array([0, 1, 2, 3, 3, 3, 3, 3]) * 0.0005
    down = np.array([0, 0, 0, 0, 0, 1, 2, 3]) * 0.0005
    warnings = known_bad(tmp_path / "a.csv", charging_capacity_ah=down, discharging_capacity_ah=up)
    assert len(warnings) == 1
    assert "the two are swapped, or the sign of the current is" in warnings[0]


def test_time_that_runs_backwards_is_named(tmp_path: Path) -> None:
    time = TIME.copy()
    time[4] = 0
    warnings = known_bad(tmp_path / "a.csv", test_time_second=time, charging_capacity_ah=np.zeros(8))
    assert "time runs backwards 1 times, first from 2700 s to 0 s (point 4)" in warnings


def test_a_zero_at_the_first_record_of_a_step_takes_the_time_of_the_record_before(tmp_path: Path) -> None:
    time, path = TIME.copy(), tmp_path / "a.csv"
    time[4], time[5] = 0.0, 2700.01
    columns = {"test_time_second": time, "voltage_volt": VOLTAGE, "current_ampere": CURRENT}
    pl.DataFrame(columns | {"step_index": np.repeat([1, 2], 4)}).write_csv(path)
    found = read(path)
    assert found.points["time"].values.tolist() == [0, 900, 1800, 2700, 2700, 2700.01, 5400, 6300]
    assert len(found.warnings) == 1
    assert "0 in the first record of 1 steps" in found.warnings[0]
    assert "between 2700 s and 2700.01 s, point 4" in found.warnings[0]
    assert "right within 0.01 s" in found.warnings[0]
    assert found.points["time"].attrs["origin"] == f"derived: {found.warnings[0]}"


def test_a_zero_inside_a_step_is_left_as_it_is(tmp_path: Path) -> None:
    time, path = TIME.copy(), tmp_path / "a.csv"
    time[2] = 0.0
    columns = {"test_time_second": time, "voltage_volt": VOLTAGE, "current_ampere": CURRENT}
    pl.DataFrame(columns | {"step_index": np.repeat([1, 2], 4)}).write_csv(path)
    found = read(path)
    assert found.points["time"].values.tolist() == time.tolist()
    assert "runs backwards 1 times" in found.warnings[0]


@pytest.mark.parametrize("factor", [1000.0, 3600.0, 60.0, 1 / 3600, 1 / 60])
@pytest.mark.parametrize("dates", ["unix_time_second", "date_time_iso"])
def test_dates_prove_the_unit_of_the_time(tmp_path: Path, factor: float, dates: str) -> None:
    path, unix = tmp_path / "a.csv", 1.7e9 + TIME
    stamps = {
        "unix_time_second": pl.Series(unix),
        "date_time_iso": pl.from_epoch(pl.Series(unix.astype(int))).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    columns = {"test_time_second": TIME * factor, "voltage_volt": VOLTAGE, "current_ampere": CURRENT}
    pl.DataFrame(columns | {dates: stamps[dates]}).write_csv(path)
    found = read(path)
    np.testing.assert_allclose(found.points["time"], TIME, rtol=1e-12)
    assert f"the 6300 s between the dates of '{dates}'" in found.warnings[0]
    assert "brought to the unit the dates prove" in found.warnings[0]
    assert found.points["time"].attrs["origin"].startswith("derived: by the time of the test")


@pytest.mark.parametrize(
    ("unix", "said"),
    [
        (TIME, []),
        (TIME + 5000 * (TIME > 2000), []),  # the test was paused
        (TIME / 2, ["the time of the test passed 6300 s, but only 3150 s lie between the dates"]),
        (TIME * 0 + 1, []),
    ],
)
def test_dates_that_prove_no_other_unit_change_nothing(tmp_path: Path, unix: np.ndarray, said: list[str]) -> None:
    path = tmp_path / "a.csv"
    columns = {"test_time_second": TIME, "voltage_volt": VOLTAGE, "current_ampere": CURRENT}
    pl.DataFrame(columns | {"unix_time_second": 1.7e9 + unix}).write_csv(path)
    found = read(path)
    assert found.points["time"].values.tolist() == TIME.tolist()
    assert "origin" not in found.points["time"].attrs
    assert len(found.warnings) == len(said)
    assert all(part in text for part, text in zip(said, found.warnings, strict=True))


def test_hours_turned_into_seconds_twice_are_suspected_and_can_be_said(tmp_path: Path) -> None:
    path, time = tmp_path / "a.csv", np.arange(10_000) * 10.0
    columns = {"test_time_second": time * 3600, "voltage_volt": np.full(10_000, 3.5)}
    pl.DataFrame(columns | {"current_ampere": np.full(10_000, 1e-3)}).write_csv(path)
    found = read(path)
    np.testing.assert_array_equal(found.points["time"], time * 3600)  # suspected, not proved
    assert "36000 s apart, 3600 times 10 s: hours were probably turned into seconds twice" in found.warnings[0]
    assert "lasted 1.157 days; nothing else in the file proves it" in found.warnings[0]
    remedy = "test_time_second [s2 h-1]"
    assert f'columns={{"time": "{remedy}"}} reads it so' in found.warnings[0]
    read_so = BdfReader().read(path, ReadOptions(columns={"time": remedy}))
    np.testing.assert_allclose(read_so.points["time"], time)
    assert read_so.warnings == []


def test_a_derived_current_cannot_be_written_without_a_word(tmp_path: Path, cycling: xr.Dataset) -> None:
    cycling["current"].attrs["origin"] = "assumed: amplitude 0.5 mA as given"
    with pytest.warns(ReaderWarning, match="cannot say that current is assumed"):
        write_bdf(cycling, tmp_path / "a.csv")


def test_another_ending_is_not_written(tmp_path: Path, cycling: xr.Dataset) -> None:
    with pytest.raises(ValueError, match=r"must be \.csv"):
        write_bdf(cycling, tmp_path / "a.xlsx")


def test_a_parquet_of_other_columns_lists_them(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1.0], "y": [2.0]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReaderError, match="The headers are 'x', 'y'"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize(("factor", "pause", "known"), [(1.0, 0.0, True), (1.0, 5000.0, True), (1 / 3600, 0.0, False)])
def test_a_time_of_parquet_that_states_no_unit_is_in_seconds_where_its_dates_prove_it(
    factor: float, pause: float, known: bool, tmp_path: Path
) -> None:
    path, dates = tmp_path / "a.parquet", 1.7e9 + TIME + pause * (TIME > 2000)
    columns = {"Total Time": TIME * factor, "Voltage(V)": VOLTAGE, "Current(A)": CURRENT, "unix_time": dates}
    pl.DataFrame(columns).write_parquet(path)
    if not known:
        with pytest.raises(ReaderError, match="no column says that it holds time"):
            read(path)
        return
    found = read(path)
    np.testing.assert_array_equal(found.points["time"], TIME)
    assert found.warnings[0] == "'Total Time' states no unit: it is in seconds, as the dates of the file prove"
