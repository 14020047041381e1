"""``pchp`` as a person at a terminal or a script meets it: what is printed where, and the exit code."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import __version__
from pchp_widgets.model.study import read_study_file
from pchp_widgets.reports.bundled import bundled


def pchp(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pchp_widgets.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Ten cycles of 1 h half-cycles at 1 mA and 50 mV, plating first."""
    time = np.linspace(0, 20, 2001)
    sign = np.where(np.floor(np.minimum(time, 19.999)) % 2, 1, -1)
    path = tmp_path / "cell.csv"
    rows = [f"{t:.4f},{0.05 * s:.4f},{s:.4f}" for t, s in zip(time, sign, strict=True)]
    path.write_text("Time (h),Voltage (V),Current (mA)\n" + "\n".join(rows) + "\n")
    return path


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from pchp_widgets import cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "xarray", "bokeh", "papermill", "nbformat", "polars", "pydantic"}
    assert not heavy & set(done.stdout.split())


def test_version() -> None:
    assert pchp("--version").stdout == f"pchp_widgets {__version__}\n"


def test_a_report_end_to_end(trace: Path, tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    done = pchp("report", "symmetric_cell", "--file", trace, "--meta", "area=2 cm2", "--set", "cycles=1,5", "-o", page)
    assert (done.returncode, done.stdout) == (0, f"{page}\n")
    assert {"  Polarization", "  Failure"} <= {*done.stderr.splitlines()}  # the parts, as they begin
    assert page.with_suffix(".ipynb").exists()
    with (tmp_path / "out_tables" / "polarization.csv").open(encoding="utf-8") as file:
        rows = {row["quantity"]: row for row in csv.DictReader(file)}
    assert float(rows["mid"]["first [mV]"]) == pytest.approx(50)
    assert float(rows["hysteresis"]["mean [mV]"]) == pytest.approx(100)
    with (tmp_path / "out_tables" / "cells.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert float(row["current_density [mA cm-2]"]) == pytest.approx(0.5)


def test_an_error_of_the_report_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "empty.mpr").write_bytes(b"")
    done = pchp("report", "symmetric_cell", "--file", "empty.mpr", "-o", "out.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    *parts, line = done.stderr.splitlines()
    assert parts == ["  Li||Li symmetric cells"]
    assert line.startswith("pchp: report 'symmetric_cell', cell ")
    assert "ReaderError: empty.mpr: the file is empty (0 bytes)" in line
    assert "out.failed.ipynb" in line
    assert (tmp_path / "out.failed.ipynb").exists()
    assert not (tmp_path / "out.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "symetric_cell"], "did you mean 'symmetric_cell'?"),
        (
            ["report", "symmetric_cell", "--set", "defintion=mid"],
            "no parameter 'defintion'; did you mean 'definition'?",
        ),
        (["report", "symmetric_cell", "--set", "cycles=one"], "cycles must be list[int] (found 'one')"),
        (["report", "symmetric_cell", "--set", "cycles"], "--set 'cycles': write key=value"),
        (["report", "symmetric_cell", "--file", "a.mpr", "--meta", "area=1.0"], "area: '1.0' has no unit"),
        (
            ["report", "symmetric_cell", "--file", "a.mpr", "--meta", "aera=1 cm2"],
            "aera: no such field; did you mean 'area'?",
        ),
        (["show", "absent.mpr"], "absent.mpr: there is no such file"),
        (["build", "."], "a study folder holds a study.toml"),
        (["inspect", "."], "no file of it can be part of a study; it holds no files"),
        (["convert", "a.mpr", "a.docx"], "the ending says the format; choose one of .csv"),
        (["convert", "a.mpr", "a.csv"], "a.mpr: there is no such file"),
        (["show", "A_*.mpr"], "'A_*.mpr' matches no file in"),
    ],
)
def test_what_is_wrong_and_the_remedy_are_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = pchp(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_where_an_error_comes_from(tmp_path: Path) -> None:
    done = pchp("--debug", "show", "absent.mpr", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_show_fits_on_a_screen(trace: Path) -> None:
    done = pchp("show", trace, "--meta", "area=2 cm2", "--meta", "kind=symmetric")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) <= 40
    for fact in ("2 001 points", "10 cc_charge, 10 cc_discharge", "plating_first", "area 2 cm²", "not known: coating"):
        assert fact in done.stdout.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_folder_is_inspected_built_and_its_cells_converted(trace: Path, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    trace.rename(tmp_path / "raw" / "cell.csv")
    done = pchp("inspect", "raw", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "1/1 cell.csv\n")
    assert "raw: 1 files of 1 cells" in done.stdout
    assert "the voltage goes both ways about 0 V (-50 and 50 mV)" in done.stdout
    assert done.stdout.splitlines()[-1] == str(Path("raw", "study.toml"))
    again = pchp("inspect", "raw", cwd=tmp_path)
    assert again.returncode == 1
    assert "study.toml: is there already; force=True (--force) writes over it" in again.stderr
    assert pchp("build", "raw", cwd=tmp_path).returncode == 0
    done = pchp("convert", "raw", "cell.bdf.csv", "--cell", "cell", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "cell.bdf.csv\n")
    header, *rows = (tmp_path / "cell.bdf.csv").read_text("utf-8").splitlines()
    assert (header.split(",")[:3], len(rows)) == (["Test Time / s", "Voltage / V", "Current / A"], 2001)
    assert "2 001 points" in pchp("show", "cell.*.csv", cwd=tmp_path).stdout.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_reports_lists_every_parameter_with_its_help() -> None:
    done = pchp("reports")
    assert "symmetric_cell: Li||Li symmetric cells" in done.stdout
    assert "  voltage_limit: float = 0.5  |V| that counts as failure" in done.stdout


def test_readers_lists_the_formats() -> None:
    assert "biologic-mpr" in pchp("readers").stdout


def test_the_demo_study_is_copied_and_built(tmp_path: Path, built_demo_study: Path) -> None:
    assert pchp("demo", tmp_path / "study").returncode == 0
    assert not list((tmp_path / "study").glob("*.zarr"))
    assert pchp("demo", tmp_path / "study").returncode == 1
    # what was built elsewhere is not read again, but for one cell
    shutil.copytree(built_demo_study / "study.zarr", tmp_path / "study" / "study.zarr")
    (bare_2,) = (tmp_path / "study" / "study.zarr" / "cells").glob("bare-2-*")
    shutil.rmtree(bare_2)
    (tmp_path / "study" / "raw" / "bare-2.mpt").write_bytes(b"damaged")
    done = pchp("build", tmp_path / "study")
    assert done.returncode == 1
    said = read_study_file(tmp_path / "study" / "study.toml")
    assert f"{len(said.cells) - 1} cells" in done.stdout
    assert "warning: cell 'bare-2'" in done.stderr
    original = bundled("data/pchp-study") / "raw" / "bare-2.mpt"
    (tmp_path / "study" / "raw" / "bare-2.mpt").write_bytes(original.read_bytes())
    again = pchp("build", tmp_path / "study")
    both = f"{len(said.cells)} cells, {len(said.measurements)} measurements of materials"
    assert (again.returncode, again.stdout) == (0, f"PCHP on lithium metal: {both}\n")
    assert again.stderr == "1/1 bare-2\n"
