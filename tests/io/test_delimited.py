"""Delimited text in many dialects."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.delimited import DelimitedTextReader
from pchp_widgets.io.synthetic.text import write_text

COLUMNS = {"Time (h)": [0.0, 0.25, 0.5, 0.75], "Ewe/V": [0.1, 0.11, -0.1, -0.12], "I/mA": [0.5, 0.5, -0.5, -0.5]}


def read(path: Path, **options: object) -> Recording:
    return DelimitedTextReader().read(path, ReadOptions(**options))  # type: ignore[arg-type]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(";", "."), (";", ","), ("\t", "."), ("\t", ","), ("|", "."), ("|", ","), (",", ".")]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("units", [False, True])
def test_every_dialect_holds_the_same_numbers(
    tmp_path: Path, delimiter: str, decimal: str, encoding: str, newline: str, units: bool
) -> None:
    headers = ["Time", "Voltage", "I", "Größe µ"] if units else [*COLUMNS, "Größe µ"]
    write_text(
        tmp_path / "a.csv",
        dict(zip(headers, [*COLUMNS.values(), [1.0] * 4], strict=True)),
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        newline=newline,
        preamble=["Cell 12, PCHP", "", "# made in Köln"],
        units=["h", "V", "mA", ""] if units else [],
    )
    points = read(tmp_path / "a.csv").points
    np.testing.assert_array_equal(points["time"], np.array(COLUMNS["Time (h)"]) * 3600)
    np.testing.assert_array_equal(points["voltage"], COLUMNS["Ewe/V"])
    np.testing.assert_array_equal(points["current"], COLUMNS["I/mA"])
    assert "Größe µ" in points


@given(
    voltage=st.lists(st.floats(-5, 5, allow_subnormal=False), min_size=2, max_size=30),
    decimal=st.sampled_from([".", ","]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_numbers_are_read_to_the_last_bit(tmp_path: Path, voltage: list[float], decimal: str) -> None:
    columns = {"t / s": np.arange(len(voltage)) * 1.0, "U [V]": voltage, "I [mA]": [1.0] * len(voltage)}
    write_text(tmp_path / "a.txt", columns, delimiter=";", decimal=decimal)
    np.testing.assert_array_equal(read(tmp_path / "a.txt").points["voltage"], voltage)


def test_clock_times_are_durations(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.csv",
        "Time,Total Time,Voltage(V),Current(A)\n00:00:00,00:00:00,1,0.001\n00:00:30.5,1d 01:00:30.5,1,0.001\n",
    )
    points = read(file).points
    np.testing.assert_array_equal(points["time"], [0.0, 86400 + 3600 + 30.5])
    np.testing.assert_array_equal(points["current"], [1.0, 1.0])


def test_columns_that_are_not_understood_are_listed_with_the_remedy(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "Zeit,Spannung\n0,0.1\n1,0.2\n")
    with pytest.raises(ReaderError) as error:
        read(file)
    assert "The headers are 'Zeit', 'Spannung'." in str(error.value)
    assert 'columns={"time": "<header> [s]", "voltage": "<header> [V]"}' in str(error.value)


def test_a_column_map_with_units_is_followed(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "Zeit,Spannung,Strom (µA)\n0,100,5\n1,200,5\n")
    points = read(file, columns={"time": "Zeit [min]", "voltage": "Spannung [mV]", "current": "Strom (µA)"}).points
    np.testing.assert_array_equal(points["time"], [0, 60])
    np.testing.assert_allclose(points["voltage"], [0.1, 0.2])
    np.testing.assert_allclose(points["current"], [0.005, 0.005])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"time": "Zeit"}, 'the header states no unit of time; write for example "Zeit [s]"'),
        ({"time": "Zeit [V]"}, "'V' is no unit of time"),
        ({"time": "Zeiten [s]"}, "Did you mean 'Zeit'"),
        ({"tiem": "Zeit [s]"}, "'tiem' is no quantity; known are"),
    ],
)
def test_a_wrong_column_map_says_what_to_write(tmp_path: Path, columns: dict[str, str], message: str) -> None:
    file = written(tmp_path / "a.csv", "Zeit,Ewe/V,I/mA\n0,0.1,1\n1,0.2,1\n")
    with pytest.raises(ReaderError) as error:
        read(file, columns=columns)
    assert message in str(error.value)


def test_without_a_current_the_amplitude_is_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "Time (h);ΔE (V)\n0;0.1\n1;0.2\n")
    with pytest.raises(ReaderError, match=r'current="0\.1 mA"'):
        read(file)


def test_an_assumed_current_says_so(tmp_path: Path) -> None:
    voltage = np.repeat([0.1, -0.1, 0.1], 20)
    write_text(tmp_path / "a.csv", {"Time (h)": np.arange(60) / 40, "ΔE (V)": voltage}, delimiter=";")
    recording = read(tmp_path / "a.csv", current=0.2)
    np.testing.assert_array_equal(recording.points["current"], 2 * voltage)
    assert recording.points["current"].attrs["origin"].startswith("assumed: amplitude 0.2 mA as given")
    assert any("holds no current" in text for text in recording.warnings)


def test_lines_left_out_are_counted_and_named(tmp_path: Path) -> None:
    lines = ["t / s,U [V],I [mA],T [°C]", "0,0.1,1,25", "1,,1,25", "2,0.1", "t / s,U [V],I [mA],T [°C]", "note,,,"]
    file = written(tmp_path / "a.csv", "\n".join([*lines, "3,overflow,1,25", "", "4,0.2,1,", "5, 0.3 ,1,26", ""]))
    recording = read(file)
    np.testing.assert_array_equal(recording.points["time"], [0, 4, 5])
    np.testing.assert_array_equal(recording.points["voltage"], [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(recording.points["temperature"], [25, np.nan, 26])
    said = " ".join(recording.warnings)
    assert "1 line without a value for 'U [V]': left out (line 3)" in said
    assert "1 line with fewer cells than there are headers: left out (line 4)" in said
    assert "1 line repeating the header: left out (line 5)" in said
    assert "1 line without a number for 't / s': left out (line 6)" in said
    assert "1 line without a number for 'U [V]': left out (line 7)" in said


def test_a_cut_line_is_an_error_or_left_out(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "t / s,U [V],I [mA]\n0,0.1,1\n1,0.2,1\n2,0.")
    with pytest.raises(ReaderError, match="cut in the middle of line 4; partial=True"):
        read(file)
    recording = read(file, partial=True)
    assert recording.points.sizes["point"] == 2
    assert "the file is cut in the middle of line 4; it is left out" in recording.warnings


def test_a_last_line_without_an_end_is_doubted(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "t / s,U [V],I [mA]\n0,0.1,1\n1,0.2,1")
    recording = read(file)
    assert recording.points.sizes["point"] == 2
    assert "the last line has no line end" in recording.warnings[0]


def test_counters_of_charge_and_discharge_become_one_net_count(tmp_path: Path) -> None:
    columns = {
        "t / s": np.arange(6) * 1800.0,
        "U [V]": [1.0] * 6,
        "I [mA]": [2.0, 2.0, 2.0, -2.0, -2.0, -2.0],
        "Chg. Cap.(mAh)": [0.0, 1.0, 2.0, 0.0, 0.0, 0.0],
        "DChg. Cap.(mAh)": [0.0, 0.0, 0.0, 0.0, 1.0, 2.0],
    }
    write_text(tmp_path / "a.csv", columns)
    points = read(tmp_path / "a.csv").points
    np.testing.assert_allclose(points["charge_counter"], [0, 1, 2, 2, 1, 0])
    assert "DChg. Cap.(mAh)" in points["charge_counter"].attrs["origin"]


def test_a_magnitude_of_current_takes_the_direction_of_the_state(tmp_path: Path) -> None:
    columns = {"t / s": [0.0, 1.0, 2.0, 3.0], "Volts": [1.0] * 4, "mAmps": [0.0, 2.0, 2.0, 2.0], "State": list("RCDD")}
    write_text(tmp_path / "a.csv", columns, delimiter="\t")
    recording = read(tmp_path / "a.csv")
    np.testing.assert_array_equal(recording.points["current"], [0, 2, -2, -2])
    assert "sign is that of 'State'" in recording.points["current"].attrs["origin"]
    assert any("no sign in the file" in text for text in recording.warnings)


def test_other_columns_are_kept_and_texts_are_named(tmp_path: Path) -> None:
    columns = {**COLUMNS, "P/W": [1.0, 2.0, 3.0, 4.0], "Note": ["a", "b", "c", "d"]}
    write_text(tmp_path / "a.csv", columns)
    recording = read(tmp_path / "a.csv")
    np.testing.assert_array_equal(recording.points["P in W"], [1, 2, 3, 4])
    assert "columns that hold no numbers are left out: 'Note'" in recording.warnings


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", COLUMNS)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    assert read(tmp_path / "a.csv.gz").points.identical(read(tmp_path / "a.csv").points)


@pytest.mark.parametrize("head", [b"1,2\n3,4\n", b"name,city\nAda,London\n", b"", b"a;b\n0,5;1;2\n"])
def test_what_is_no_table_under_headers_is_declined(head: bytes) -> None:
    assert "no lines of numbers" in str(DelimitedTextReader().sniff(head))
