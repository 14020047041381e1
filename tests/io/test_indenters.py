"""Files of indenters: what the readers give, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import ReaderError, open_measurement
from pchp_widgets.io.contract import ReaderWarning, ReadOptions
from pchp_widgets.io.fischerscope import FischerscopeReader
from pchp_widgets.io.hysitron import HysitronHldReader, HysitronTextReader
from pchp_widgets.io.indent_table import IndentTableReader
from pchp_widgets.io.micromaterials import MicroMaterialsReader
from pchp_widgets.io.synthetic import indentation as synthetic

WRITERS: dict[str, tuple[type[Any], Callable[..., None], str]] = {
    "hysitron-text": (HysitronTextReader, synthetic.write_hysitron, "one.txt"),
    "hysitron-hld": (HysitronHldReader, synthetic.write_hld, "one.hld"),
    "fischerscope": (FischerscopeReader, synthetic.write_fischerscope, "one.txt"),
    "indent-table": (IndentTableReader, synthetic.write_table, "one.csv"),
}


@pytest.fixture(scope="module")
def made() -> xr.Dataset:
    return synthetic.indented(synthetic.Indent(tests=2, spread=0.1, rate=8.0, load_time=10.0))


@pytest.fixture
def folder(shared_data: Path) -> Path:
    found = shared_data / "materials" / "nanoindentation"
    if not found.is_dir():
        pytest.skip("there are no indentations in the folder of real files")
    return found


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_written_is_read(name: str, made: xr.Dataset, tmp_path: Path) -> None:
    reader, write, file = WRITERS[name]
    write(made, tmp_path / file)
    found = open_measurement(tmp_path / file, technique="indentation" if name == "indent-table" else "")
    assert found.attrs["reader"] == reader.name
    assert found.sizes["test"] in {1, 2}
    for column, error in (("depth", 1e-3), ("load", 1e-6), ("time", 1e-3)):
        truth = made[column].values[0, : found.sizes["test"]]
        assert np.allclose(found[column].values[0, :, : truth.shape[1]], truth, atol=error)


def test_the_tip_the_frame_and_the_drift_of_a_hld_file_are_kept(made: xr.Dataset, tmp_path: Path) -> None:
    synthetic.write_hld(made, tmp_path / "one.hld", machine=2.5)
    found = open_measurement(tmp_path / "one.hld")
    assert found["area_coefficients"].values[0, 0, :3].tolist() == list(synthetic.TIP)
    assert found["frame_compliance"].item() == pytest.approx(2.5)
    assert "drift_rate" not in found
    assert found["temperature"].item() == 23.0


def test_a_file_that_was_cut_is_refused_or_read_in_part(made: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    synthetic.write_hysitron(made, path)
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(ReaderError, match=r"states \d+ points and holds \d+: it was cut"):
        open_measurement(path)
    with pytest.warns(ReaderWarning, match="it was cut"):
        found = open_measurement(path, partial=True)
    assert found.sizes["point"] > 50


def test_own_headers_and_decimal_commas_are_read(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("Weg [um];Kraft [uN];Zeit [s]\n0,1;10;0\n0,2;40,5;1\n0,15;20;2\n", "utf-8")
    columns = {"depth": "Weg", "load": "Kraft", "time": "Zeit"}
    found = IndentTableReader().read(path, ReadOptions(columns=columns)).data
    assert found["depth"].values.ravel().tolist() == pytest.approx([100, 200, 150])
    assert found["load"].values.ravel().tolist() == pytest.approx([0.01, 0.0405, 0.02])


def test_a_peel_test_is_not_taken_for_an_indentation() -> None:
    reason = IndentTableReader().sniff(b"displacement (mm),force (N)\n0,1\n")
    assert reason == "no line of headers names a depth in nm or um and a load, with units"


def test_micro_materials_files_are_refused_with_what_to_do(folder: Path) -> None:
    with pytest.raises(ReaderError, match="Export the tests from the instrument's software as text"):
        open_measurement(folder / "Sample1_Vac_RT.hdf5")
    assert MicroMaterialsReader().sniff(b"PK") == "no HDF5 file"


@pytest.mark.parametrize(
    ("file", "reader", "tests", "points", "load"),
    [
        ("Example.xls", "nanosuite-xls", 2, 1220, 407.8),
        ("FS1.txt", "fischerscope", 10, 1200, 300.0),
        ("Exp-50mN_0000.hld", "hysitron-hld", 1, 1068, 50.2),
        ("RobinSteel0000LC.txt", "hysitron-text", 1, 5304, 3.0),
    ],
)
def test_real_files_open(folder: Path, file: str, reader: str, tests: int, points: int, load: float) -> None:
    found = open_measurement(folder / file)
    assert found.attrs["reader"] == reader
    assert (found.sizes["test"], found.sizes["point"]) == (tests, points)
    assert float(np.nanmax(found["load"].values)) == pytest.approx(load, rel=2e-3)


def test_a_workbook_says_ratio_tip_and_the_values_of_its_own_software(folder: Path) -> None:
    found = open_measurement(folder / "Example.xls")
    assert found["poisson_ratio"].item() == 0.18
    assert found["area_coefficients"].values[0, 1, :3].tolist() == [27.3136, 152.6988585, -494.1823171]
    assert "drift_rate" not in found  # the instrument corrected it
    assert np.nanmedian(found["instrument_modulus"].values) > 50
