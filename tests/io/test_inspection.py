"""A folder of raw files becomes a first study.toml that builds."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import Study, StudyError
from pchp_widgets.io.inspection import Inspection, inspect_folder
from pchp_widgets.io.inspection.names import told_by
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.study import read_study_file
from pchp_widgets.reports.inspection import inspected

DEMO = Path(__file__).parents[2] / "data" / "pchp-study"
PLACEHOLDERS = re.compile(r"^# (\w+ = .*)$", re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "cell", "cycle"),
    [
        ("cell_A_01_GCPL_C03.mpr", "cell_A", ""),
        ("cell_A_02_PEIS_C03.mpr", "cell_A", ""),
        ("cell_A_EIS_cycle10.mpr", "cell_A", "10"),
        ("cell_A_cycle_10_EIS.mpr", "cell_A", "10"),
        ("cell_A_PEIS_5.z", "cell_A", "5"),
        ("cell_A_PEIS_05.z", "cell_A", ""),
        ("20210210_FC_01_cc_04.res", "20210210_FC_01_cc", ""),
        ("bare-1.csv", "bare-1", ""),
        ("bare-1_part2.csv", "bare-1", ""),
        ("NCM-bare-2.bdf.csv", "NCM-bare-2", ""),
        ("OCV.mpr", "OCV", ""),
    ],
)
def test_a_name_without_what_counts_and_describes_is_the_cell(name: str, cell: str, cycle: str) -> None:
    told = told_by(name, spectra="EIS" in name)
    assert told.cell == cell
    assert (name[slice(*told.cycle)] if told.cycle else "") == cycle


def write_text(path: Path, points: xr.Dataset, *, current: bool = True) -> None:
    time = points["time"].values - points["time"].values[0]
    columns = [time, points["voltage"].values, *([points["current"].values] if current else [])]
    head = "Time (s);Voltage (V)" + ";Current (mA)" * current
    rows = [";".join(f"{value:.6f}" for value in row) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a student brings: cells in parts, spectra beside them, a table without current, a picture."""
    folder = tmp_path_factory.mktemp("raw")
    points = symmetric_cell(state("PCHP", 6), Recipe(cycles=6, points=25)).points
    half = points.sizes["point"] // 2
    write_text(folder / "A_part1.csv", points.isel(point=slice(0, half)))
    write_text(folder / "A_part2.csv", points.isel(point=slice(half, None)))
    for number in (1, 2):  # replicates, or parts: nothing tells
        write_text(folder / f"B_0{number}.csv", symmetric_cell(state("bare", 3), Recipe(cycles=3), seed=number).points)
    write_text(folder / "no current.csv", points, current=False)
    (folder / "EIS").mkdir()
    for cycle in (1, 5):
        rows = [f"{f:.6E}\t{10 + 1e3 / f:.6E}\t{1e3 / f:.6E}" for f in np.geomspace(1e5, 1, 11)]
        text = "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\n" + "\n".join(rows[cycle - 1 :]) + "\n"
        (folder / "EIS" / f"A_EIS_{cycle}.mpt").write_text(text, "utf-8")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    shutil.copy(folder / "B_01.csv", folder / "copy of B.csv")
    # the cells called BV were held at the same voltage for the same time: only their currents differ
    for name in (
        "LFP-bare-1.mpr",
        "Cu-bare-1.mpr",
        "BV-bare-2.mpr",
        "BV-bare-3.mpt",
        "warm-bare-1.mpt",
        "thermal-PCH.txt",
    ):
        shutil.copy(DEMO / "raw" / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> Inspection:
    return inspect_folder(folder)


def test_the_first_study_file_is_read_and_builds(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "raw"))
    path = inspect_folder(copy).write()
    assert path == copy / "study.toml"
    study = Study.build(copy)
    assert study.problems == {}
    assert study.cells == ("A", "B_01", "B_02", "BV-bare-2", "BV-bare-3", "Cu-bare-1", "LFP-bare-1", "warm-bare-1")
    assert study.measurements == {"thermal": ("thermal-PCH",)}
    kinds = dict(zip(study.steps["cell"].values.tolist(), study.steps["kind"].values.tolist(), strict=True))
    assert kinds == {
        "A": "symmetric", "B_01": "symmetric", "B_02": "symmetric", "BV-bare-2": "transport", "BV-bare-3": "transport",
        "Cu-bare-1": "li_cu",
        "LFP-bare-1": "full", "warm-bare-1": "transport",
    }  # fmt: skip
    assert study.cell("A")["spectra"]["cycle"].values.tolist() == [[1, 5]]
    assert study.cell("A")["steps"].sizes["cycle"] == 6


def test_every_line_that_is_offered_can_be_taken(found: Inspection, tmp_path: Path) -> None:
    text = found.text
    own = {"kind": "half", "coated_faces": 1, "formation_cycles": 1}

    def filled(line: re.Match[str]) -> str:
        field, _, value = line[1].partition(" = ")
        if '"..."' in value or value.startswith("..."):
            return f"{field} = {own[field]!r}" if field in own else f'{field} = "x"'
        return f"{field} = {value.replace('...', '1')}"

    path = tmp_path / "study.toml"
    path.write_text(PLACEHOLDERS.sub(filled, text.replace("# [[cells]]", "[[cells]]")), "utf-8")
    cells = read_study_file(path).cells
    assert {cell.coating for cell in cells} == {"x"}
    assert {cell.area for cell in cells} == {1.0}
    assert next(cell for cell in cells if cell.name == "no current").current == 1.0


def test_what_is_not_decided_is_a_comment_with_its_reason(found: Inspection) -> None:
    text = " ".join(line.lstrip("# ") for line in found.text.splitlines())
    assert 'files = ["A_part*.csv", "EIS/A_EIS_{cycle}.mpt"]' in found.text
    assert "perhaps one cell with others of its name (B_01.csv, B_02.csv): they do not tell when" in text
    assert found.unread[Path("copy of B.csv")] == "the same measurement as B_01.csv"
    assert Path("photo.png") in found.unread
    assert "guessed: plated at -41.7 mV, stripped up to 1 V" in text
    assert '# name = "no current"' in found.text


def test_nothing_is_written_over_without_being_told(found: Inspection, tmp_path: Path) -> None:
    target = tmp_path / "study.toml"
    target.write_text("mine", "utf-8")
    with pytest.raises(StudyError, match="is there already; force=True"):
        found.write(target)
    assert target.read_text("utf-8") == "mine"
    assert found.write(target, force=True).read_text("utf-8") == found.text


def test_a_folder_without_data_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(StudyError, match=r"no file of it can be part of a study\n  notes\.docx: "):
        inspect_folder(tmp_path).write()
    with pytest.raises(StudyError, match="there is no such folder"):
        inspect_folder(tmp_path / "absent")


def test_a_text_that_is_no_data_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("new lithium foil, opened on Monday\n", "utf-8")
    with pytest.raises(StudyError, match=r"notes\.txt: no reader takes this file\.$"):
        inspect_folder(tmp_path).write()


def test_the_summary_fits_on_a_screen(found: Inspection) -> None:
    lines = inspected(found).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 130
    assert "12 files of 9 cells" in lines[0]


def test_real_files_of_linked_techniques_and_their_exports_are_one_cell(shared_data: Path, tmp_path: Path) -> None:
    navani, yadg = (shared_data / "cycler" / name for name in ("navani/Example_data", "yadg/tests/test_x_eclab"))
    for path in [*navani.glob("00_test_*.mpr"), *yadg.glob("gcpl.issue_149.mp[rt]")]:
        shutil.copy(path, tmp_path)
    found = inspect_folder(tmp_path)
    assert [(cell.name, cell.files) for cell in found.cells] == [
        ("00_test", ["00_test_*.mpr"]),
        ("gcpl.issue_149", ["gcpl.issue_149.mpr"]),
    ]
    assert found.unread == {Path("gcpl.issue_149.mpt"): "the same measurement as gcpl.issue_149.mpr"}
    found.write()
    assert Study.build(tmp_path).cells == ("00_test", "gcpl.issue_149")
