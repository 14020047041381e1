"""Exports of Neware, Novonix, Basytec and Landt, as text and in workbooks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.basytec import BasytecReader
from pchp_widgets.io.contract import HEAD_BYTES, Reader, ReaderError, ReadOptions, Recording
from pchp_widgets.io.landt import LandtReader
from pchp_widgets.io.neware import NewareTextReader
from pchp_widgets.io.novonix import NovonixReader
from pchp_widgets.io.registry import reader_for
from pchp_widgets.io.synthetic import landt, neware_text
from pchp_widgets.io.synthetic.basytec import write_basytec
from pchp_widgets.io.synthetic.novonix import write_novonix
from pchp_widgets.io.synthetic.xls import workbook
from pchp_widgets.io.workbook import WorkbookReader
from pchp_widgets.model.schema import CONTROLS


def write_xls(path: Path, points: xr.Dataset) -> None:
    rows = landt.record_rows(points)
    path.write_bytes(workbook({"Cycle-Tab": [["Cycle", "CapC/mAh"], [1.0, 0.4]], "Record-Tab": rows}))


def write_bts(path: Path, points: xr.Dataset) -> None:
    neware_text.write_flat(path, points, generation="BTS", delimiter="\t")


WRITTEN = {
    "neware flat": ("a.csv", neware_text.write_flat, NewareTextReader),
    "neware flat of earlier software": ("a.txt", write_bts, NewareTextReader),
    "neware nested": ("a.csv", neware_text.write_nested, NewareTextReader),
    "neware workbook": ("a.xlsx", neware_text.write_workbook, WorkbookReader),
    "novonix": ("a.csv", write_novonix, NovonixReader),
    "basytec": ("a.txt", write_basytec, BasytecReader),
    "landt": ("a.txt", landt.write_records, LandtReader),
    "landt nested": ("a.txt", landt.write_nested, LandtReader),
    "landt workbook": ("a.xls", write_xls, WorkbookReader),
}
every_format = pytest.mark.parametrize("what", WRITTEN)


def written(what: str, folder: Path, points: xr.Dataset) -> Path:
    name, write, _ = WRITTEN[what]
    write(folder / name, points)
    return folder / name


def read(path: Path, **options: object) -> Recording:
    return reader_for(path).read(path, ReadOptions(**options))  # type: ignore[arg-type]


def head(path: Path) -> bytes:
    return path.read_bytes()[:HEAD_BYTES]


@every_format
def test_what_was_recorded_is_read(what: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    path = written(what, tmp_path, cycling)
    assert isinstance(reader_for(path), WRITTEN[what][2])
    found = read(path)
    np.testing.assert_allclose(found.points["time"], cycling["time"], atol=1e-3)
    np.testing.assert_allclose(found.points["voltage"], cycling["voltage"], atol=1e-12)
    np.testing.assert_allclose(found.points["current"], cycling["current"], atol=1e-12)
    np.testing.assert_array_equal(found.points["instrument_step"], cycling["instrument_step"])
    if "instrument_cycle" in found.points:
        np.testing.assert_array_equal(found.points["instrument_cycle"], cycling["instrument_cycle"])
    else:
        assert what == "landt nested"  # which has no number of the cycle
    rest = CONTROLS.index("rest")
    np.testing.assert_array_equal(found.points["control"] == rest, cycling["control"] == rest)
    assert found.provenance["instrument"].split()[0] in {"Neware", "Novonix", "Basytec", "Landt"}
    assert found.provenance["start_time"] == "2024-11-01T09:00:00"
    joined = [text for text in found.warnings if "the time of each step only" in text]
    assert found.warnings == joined
    assert bool(joined) == (what == "neware flat of earlier software")


@every_format
def test_the_counter_is_the_charge_that_passed(what: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    counter = read(written(what, tmp_path, cycling)).points["charge_counter"].values
    step = cycling["instrument_step"].values
    passed = 0.5 * (cycling["current"].values[1:] + cycling["current"].values[:-1]) * np.diff(cycling["time"]) / 3600
    np.testing.assert_allclose(np.diff(counter), np.where(step[1:] == step[:-1], passed, 0.0), atol=2e-6)


@every_format
def test_a_current_a_thousand_times_off_is_named_or_refused(what: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    """The header says A or mA, the numbers are in the other: counters and energies tell."""
    path = written(what, tmp_path, cycling)
    if path.suffix in {".xls", ".xlsx"}:
        pytest.skip("the same readers read the sheets")
    text = path.read_text(encoding="utf-8" if what != "basytec" else "cp1252")
    for right, wrong in (("Current(A)", "Current(mA)"), ("Current/mA", "Current/A"), ("I[A]", "I[mA]")):
        text = text.replace(right, wrong)
    text = text.replace("Current (A)", "Current (mA)")
    if "Current(mA)" in text and what.endswith("earlier software"):
        text = text.replace("Current(mA)", "Current(A)")
    path.write_text(text, encoding="utf-8" if what != "basytec" else "cp1252")
    try:
        said = " ".join(read(path).warnings)
    except ReaderError as error:
        said = str(error)
    assert re.search(r"(1[0-9.]*e\+03|10\d\d|0\.0010\d*|1000|0\.001) times what the charge counter says", said)


def test_a_nested_export_that_lost_records_is_named(tmp_path: Path, cycling: xr.Dataset) -> None:
    neware_text.write_nested(tmp_path / "a.csv", cycling)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join(lines[:-10]) + "\n")
    found = read(tmp_path / "a.csv")
    assert found.points.sizes["point"] == cycling.sizes["point"] - 10
    assert len(found.warnings) == 1
    assert (
        "the records of 1 steps end at another capacity than the line of the step says, first in line"
        in (found.warnings[0])
    )
    assert "records are missing" in found.warnings[0]


def test_headers_that_come_again_in_a_nested_export_are_left_out_and_counted(
    tmp_path: Path, cycling: xr.Dataset
) -> None:
    neware_text.write_nested(tmp_path / "a.csv", cycling)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([*lines[:60], *lines[:3], *lines[60:]]) + "\n")
    found = read(tmp_path / "a.csv")
    assert found.warnings == ["3 lines repeating a header: left out"]
    assert found.points.sizes["point"] == cycling.sizes["point"]


def test_a_damaged_record_of_a_nested_export_is_named_by_its_line(tmp_path: Path, cycling: xr.Dataset) -> None:
    neware_text.write_nested(tmp_path / "a.csv", cycling)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[30] = lines[30][:20]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    assert any("(line 31)" in text for text in read(tmp_path / "a.csv").warnings)


def test_the_step_number_of_a_nested_export_is_the_running_one(tmp_path: Path, cycling: xr.Dataset) -> None:
    neware_text.write_nested(tmp_path / "a.csv", cycling)
    lines = (tmp_path / "a.csv").read_text().replace("Step Index,Step Number", "Step Number,Step Index")
    (tmp_path / "a.csv").write_text(lines)
    points = read(tmp_path / "a.csv").points
    np.testing.assert_array_equal(points["instrument_step"], cycling["instrument_step"])


def test_sheets_that_go_on_are_one_table(tmp_path: Path, cycling: xr.Dataset) -> None:
    neware_text.write_workbook(tmp_path / "a.xlsx", cycling, rows_per_sheet=200)
    found = read(tmp_path / "a.xlsx")
    np.testing.assert_allclose(found.points["time"], cycling["time"])
    assert found.settings["sheets"] == ["record", "record_1", "record_2"]
    assert found.settings["other_sheets"] == ["unit", "test"]


def test_a_workbook_of_something_else_is_refused_with_its_sheets(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(workbook({"Cells": [["Name", "Chemistry"], ["A", "NMC"]]}))
    with pytest.raises(ReaderError, match=r"no sheet holds a table with time, voltage and current.*'Cells'"):
        read(tmp_path / "a.xls")


def test_durations_that_excel_keeps_as_dates_are_durations(tmp_path: Path) -> None:
    from datetime import timedelta

    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.Workbook()
    book.active.append(["Total Time", "Voltage(V)", "Current(mA)"])
    hours = [0, 1, 23.5, 24, 30, 1500]
    for hour in hours:
        book.active.append([timedelta(hours=hour), 3.5, 1.0])
        book.active.cell(book.active.max_row, 1).number_format = "[h]:mm:ss"
    book.save(tmp_path / "a.xlsx")
    np.testing.assert_allclose(read(tmp_path / "a.xlsx").points["time"], np.array(hours) * 3600.0)


@pytest.mark.parametrize("quoted", [False, True])
def test_novonix_finds_its_data_behind_a_long_protocol(quoted: bool, tmp_path: Path, cycling: xr.Dataset) -> None:
    write_novonix(tmp_path / "a.csv", cycling, quoted=quoted)
    assert b"[Data]" not in head(tmp_path / "a.csv")
    found = read(tmp_path / "a.csv")
    assert found.points.sizes["point"] == cycling.sizes["point"]
    assert found.provenance["start_time"] == "2024-11-01T09:00:00"
    assert len(found.settings["protocol"]["ProtocolStepList"]) == 700  # type: ignore[index,call-overload]


def test_novonix_default_area_counts_as_not_given(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_novonix(tmp_path / "a.csv", cycling)
    assert read(tmp_path / "a.csv").metadata == {}
    write_novonix(tmp_path / "b.csv", cycling, area=1.327)
    assert read(tmp_path / "b.csv").metadata == {"area": "1.327 cm2"}


def test_novonix_names_a_bad_line_by_its_number_in_the_file(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_novonix(tmp_path / "a.csv", cycling)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[100] = "cut"
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    assert any("(line 101)" in text for text in read(tmp_path / "a.csv").warnings)


def test_novonix_step_types_that_are_not_known_are_said(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_novonix(tmp_path / "a.csv", cycling)
    text = (tmp_path / "a.csv").read_text().replace(",1,2,0.", ",1,77,0.")
    (tmp_path / "a.csv").write_text(text)
    assert any("step types 77 are not known" in said for said in read(tmp_path / "a.csv").warnings)


@pytest.mark.parametrize("unit", ["s", "min", "h"])
def test_basytec_time_is_in_the_unit_of_its_header(unit: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    write_basytec(tmp_path / "a.txt", cycling, time=unit)
    np.testing.assert_allclose(read(tmp_path / "a.txt").points["time"], cycling["time"])


def test_basytec_current_per_mass_is_refused_with_the_remedy(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_basytec(tmp_path / "a.txt", cycling, current="A/kg")
    with pytest.raises(ReaderError, match=r"per mass only \(I\[A/kg\]\).*export it again in A or mA"):
        read(tmp_path / "a.txt")


def test_basytec_says_what_and_when(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_basytec(tmp_path / "a.txt", cycling)
    found = read(tmp_path / "a.txt")
    assert found.provenance["channel"] == "1 CH1"
    assert found.provenance["stop_time"] == "2024-11-02T09:00:00"
    assert found.finished is True
    assert (found.points["temperature"] == 25.5).all()


def test_landt_magnitudes_take_their_sign_from_the_state(tmp_path: Path, cycling: xr.Dataset) -> None:
    landt.write_records(tmp_path / "a.txt", cycling, unsigned=True)
    found = read(tmp_path / "a.txt")
    np.testing.assert_allclose(found.points["current"], cycling["current"])
    assert found.points["current"].attrs["origin"].startswith("derived")
    assert found.warnings == [
        "the current has no sign in the file; it is counted negative where 'Step-State' says discharge"
    ]


def test_the_readers_of_cyclers_decline_each_others_files(tmp_path: Path, cycling: xr.Dataset) -> None:
    readers: list[Reader] = [NewareTextReader(), NovonixReader(), BasytecReader(), LandtReader(), WorkbookReader()]
    for what in WRITTEN:
        first = head(written(what, tmp_path, cycling))
        takes = [type(reader) for reader in readers if reader.sniff(first) is None]
        assert takes == [WRITTEN[what][2]]


def test_a_sheet_of_another_cell_is_not_joined_but_named(tmp_path: Path, cycling: xr.Dataset) -> None:
    import openpyxl

    neware_text.write_workbook(tmp_path / "a.xlsx", cycling)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    other = book.copy_worksheet(book["record"])
    other.title = "record_1"
    other.delete_rows(300, 200)
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert found.points.sizes["point"] == cycling.sizes["point"]
    assert found.warnings == ["sheets 'record_1' do not go on where it ends: not read"]
