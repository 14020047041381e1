"""A cell in the formats of others: what is written is read back, and what cannot be written is an error."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xarray as xr

from pchp_widgets import Study, open_cell
from pchp_widgets.io import conversion
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.conversion import ConversionError, convert
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.io.synthetic.eclab import Statements, gcpl_columns, write_mpr

SAID = {"area": "1.327 cm2", "coating": "PCHP", "kind": "symmetric"}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A Li||Li cell in two files of EC-Lab, and a spectrum after them."""
    points = symmetric_cell(state("PCHP", 4), Recipe(cycles=4, points=15)).points
    half, found = points.sizes["point"] // 2, []
    for number, part in enumerate((slice(0, half), slice(half, None))):
        time, voltage, current = (points[name].values[part] for name in ("time", "voltage", "current"))
        columns = gcpl_columns(time - time[0], voltage, current, points["control"].values[part])
        said = Statements(start=f"2024-01-1{number}T11:00:00.000", channel=3)
        write_mpr(tmp_path / f"A_0{number}.mpr", columns, said)
        found.append(tmp_path / f"A_0{number}.mpr")
    rows = [f"{f:.6E}\t{10 + 1e3 / f:.6E}\t{1e3 / f:.6E}" for f in np.geomspace(1e5, 1, 11)]
    (tmp_path / "A_EIS_4.mpt").write_text("freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\n" + "\n".join(rows) + "\n", "utf-8")
    return [*found, tmp_path / "A_EIS_{cycle}.mpt"]


def opened(files: object) -> xr.DataTree:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return open_cell(files, name="A", **SAID)  # type: ignore[arg-type]


def converted(files: object, target: Path, **how: object) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return convert(files, target, **how, **SAID)  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", [".bdf.csv", ".csv.gz", ".bdf", ".bdf.parquet"])
def test_points_are_read_back_from_bdf_as_they_were(files: list[Path], tmp_path: Path, ending: str) -> None:
    one = opened(files)["points"].to_dataset()
    again = opened(converted(files, tmp_path / f"A{ending}"))
    back = again["points"].to_dataset()
    assert set(back.variables) == set(one.variables)
    for name in one.variables:
        # a net count that passes 0 where the current reverses may have begun anew there, as far as a reader can tell
        atol = 5e-5 if str(name).endswith("_counter") else 0
        rtol = 1e-6 if one[name].dtype == "f4" else 1e-14
        np.testing.assert_allclose(back[name].values, one[name].values, rtol=rtol, atol=atol)
    assert again["steps"].sizes == opened(files[:2])["steps"].sizes


def test_bdf_has_the_official_labels_and_units(files: list[Path], tmp_path: Path) -> None:
    header, first = converted(files, tmp_path / "A.csv").read_text("utf-8").splitlines()[:2]
    row = dict(zip(header.split(","), first.split(","), strict=True))
    assert {"Test Time / s", "Voltage / V", "Current / A", "Cycle Count / 1", "Step Count / 1"} <= set(row)
    points = opened(files)["points"]
    assert float(row["Current / A"]) == pytest.approx(float(points["current"].values[0]) / 1e3)


def test_what_bdf_cannot_hold_is_said(files: list[Path], tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        convert(files, tmp_path / "A.csv", **SAID)  # type: ignore[arg-type]
    assert any("A.csv: BDF has no place for the spectra of A (1)" in str(one.message) for one in caught)
    with pytest.raises(ConversionError, match=r"spectra alone; write \.nc or \.xlsx"):
        converted(files[-1:], tmp_path / "B.csv")


@pytest.mark.parametrize(("ending", "engine"), [(".nc", "h5netcdf"), (".zarr", "zarr")])
def test_trees_are_opened_by_xarray_as_they_were(files: list[Path], tmp_path: Path, ending: str, engine: str) -> None:
    one = opened(files)
    target = converted(files, tmp_path / f"A{ending}")
    chunks = {"consolidated": False} if engine == "zarr" else {}
    with xr.open_datatree(target, engine=engine, **chunks) as back:  # type: ignore[arg-type]
        for child in ("points", "steps", "spectra"):
            xr.testing.assert_equal(
                back[child].to_dataset().drop_vars("cell", errors="ignore").load(),
                one[child].to_dataset().drop_vars("cell", errors="ignore"),
            )
            assert back[child].to_dataset()["time" if child != "steps" else "charge"].attrs["units"]
        assert json.loads(back.attrs["source_file"]) == one.attrs["source_file"]
        assert back["steps"]["coating"].values.tolist() == ["PCHP"]


def test_a_workbook_has_a_sheet_for_points_steps_spectra_and_what_is_said(files: list[Path], tmp_path: Path) -> None:
    one = opened(files)
    book = openpyxl.load_workbook(converted(files, tmp_path / "A.xlsx"), read_only=True)
    assert book.sheetnames == ["about", "points", "steps", "spectra"]
    header, *rows = book["points"].iter_rows(values_only=True)
    np.testing.assert_allclose([row[header.index("voltage [V]")] for row in rows], one["points"]["voltage"].values)
    header, *rows = book["steps"].iter_rows(values_only=True)
    charge = one["steps"]["charge"].values
    np.testing.assert_allclose([row[header.index("charge [mA h]")] for row in rows], charge[np.isfinite(charge)])
    assert {row[header.index("mode")] for row in rows} <= {"rest", "cc_charge", "cc_discharge", "charge", "discharge"}
    assert [row[0] for row in book["spectra"].iter_rows(values_only=True)][1:] == [0] * 11
    about = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert about["area"] == "1.327 cm2"
    book.close()


def test_more_points_than_a_sheet_has_rows_are_refused(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "_SHEET_ROWS", 100)
    with pytest.raises(ConversionError, match=r"points are more than the 99 rows of a sheet; write \.parquet"):
        converted(files, tmp_path / "A.xlsx")
    assert not (tmp_path / "A.xlsx").exists()


def test_a_cell_of_a_study_is_asked_for_by_name(files: list[Path], tmp_path: Path) -> None:
    text = '[study]\nname = "s"\n[[cells]]\nname = "A"\nfiles = ["A_0*.mpr", "A_EIS_{cycle}.mpt"]\n'
    (tmp_path / "study.toml").write_text(text + 'kind = "symmetric"\n', "utf-8")
    Study.build(tmp_path)
    with pytest.raises(ConversionError, match=r"is a study; say which cell \(--cell\): A"):
        convert(tmp_path, tmp_path / "A.nc")
    with pytest.raises(ConversionError, match=r"stands in its study\.toml"):
        convert(tmp_path, tmp_path / "A.nc", cell="A", area="1 cm2")
    convert(tmp_path, tmp_path / "A.nc", cell="A")
    with xr.open_datatree(tmp_path / "A.nc", engine="h5netcdf") as back:
        assert back["spectra"]["cycle"].values.tolist() == [[4]]


def test_nothing_is_written_over_and_wrong_targets_name_the_remedy(files: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "A.csv"
    target.write_text("mine", "utf-8")
    with pytest.raises(ConversionError, match="is there already; force=True"):
        converted(files, target)
    assert target.read_text("utf-8") == "mine"
    converted(files, target, force=True)
    with pytest.raises(ConversionError, match=r"the ending says the format; choose one of \.csv"):
        converted(files, tmp_path / "A.docx")
    with pytest.raises(ConversionError, match="there is no folder"):
        converted(files, tmp_path / "no" / "A.csv")
    with pytest.raises(ConversionError, match="a file holds one cell"):
        converted(files[:1], tmp_path / "B.csv", cell="A")
    assert not list(tmp_path.glob(".convert-*"))


def test_netcdf_without_its_library_names_what_to_install(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5netcdf", None)
    with pytest.raises(ConversionError, match=r"pip install 'pchp_widgets\[netcdf\]'"):
        converted(files[:1], tmp_path / "A.nc")
