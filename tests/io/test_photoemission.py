"""Files of photoemission: what the readers give, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xarray as xr

from pchp_widgets import ReaderError, open_cell, open_measurement
from pchp_widgets.io.avantage import AvantageReader
from pchp_widgets.io.casaxps import CasaXpsReader
from pchp_widgets.io.phi import PhiReader
from pchp_widgets.io.regions import region_name
from pchp_widgets.io.scienta import ScientaReader
from pchp_widgets.io.specs import SpecsXyReader
from pchp_widgets.io.synthetic.photoemission import layers
from pchp_widgets.io.synthetic.photoemission_files import WRITERS, write_csv, write_scienta, write_vamas
from pchp_widgets.io.vamas import VamasReader
from pchp_widgets.testing import check_reader

READERS = {
    ".vms": VamasReader,
    ".txt": CasaXpsReader,
    ".xy": SpecsXyReader,
    ".xlsx": AvantageReader,
    ".spe": PhiReader,
    ".ses.txt": ScientaReader,
}
UNTOLD = "(noise is taken|counting time)"


@pytest.fixture(scope="module")
def state() -> xr.Dataset:
    return layers().isel(sample=[2])


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "materials" / "xps"


@pytest.mark.parametrize("ending", WRITERS)
def test_what_is_written_in_a_format_is_read_back(ending: str, state: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / f"activated{ending}"
    WRITERS[ending](path, state)
    found = open_measurement(path, name="activated")
    assert found["region"].values.tolist() == ["C 1s", "O 1s", "Li 1s"]
    for name in ("binding_energy", "intensity"):
        np.testing.assert_allclose(found[name].values, state[name].values, rtol=1e-6, atol=1e-6)
    told = np.isfinite(found["dwell_time"].values)
    assert ending == ".xlsx" or (found["dwell_time"].values == state["dwell_time"].values).all()
    assert told.all() != (ending == ".xlsx")


def test_an_irregular_scan_is_read_as_the_regular_one(state: xr.Dataset, tmp_path: Path) -> None:
    for name, irregular in (("a", False), ("b", True)):
        write_vamas(tmp_path / f"{name}.vms", state, irregular=irregular)
    first, second = (open_measurement(tmp_path / f"{name}.vms") for name in "ab")
    np.testing.assert_allclose(first["binding_energy"].values, second["binding_energy"].values, atol=1e-6)
    np.testing.assert_array_equal(first["intensity"].values, second["intensity"].values)


def test_samples_of_one_file_stand_along_the_sample_dimension(tmp_path: Path) -> None:
    write_vamas(tmp_path / "layers.vms", layers())
    found = open_measurement(tmp_path / "layers.vms", name="PCHP")
    assert found["sample"].values.tolist() == ["PCHP original", "PCHP intermediate", "PCHP activated"]


def test_kinetic_energies_become_binding_energies_by_the_photon_energy(state: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "c1s.csv"
    write_csv(path, state.sel(region=["C 1s"]))
    with pytest.warns(UserWarning, match=UNTOLD):
        found = open_measurement(path)
    assert found["region"].values.tolist() == ["C 1s"]
    np.testing.assert_allclose(found["binding_energy"].values, state["binding_energy"].values[:, :1], atol=1e-5)
    path.write_text(path.read_text().replace(", hv=1486.68eV", ""))
    with pytest.raises(ReaderError, match="does not say the photon energy"):
        open_measurement(path)


def test_names_of_core_levels_are_written_alike() -> None:
    written = ["C1s Scan", "C 1s", "Ni2p", "Li1s", "Fe2p3/2", "Pt 4f", "Survey", "CKLL"]
    assert [region_name(text) for text in written] == [
        "C 1s", "C 1s", "Ni 2p", "Li 1s", "Fe 2p", "Pt 4f", "Survey", "CKLL",
    ]  # fmt: skip


def test_a_list_of_left_out_lines_and_an_entity_are_refused(state: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.vms"
    write_vamas(path, state)
    lines = path.read_text().splitlines()
    lines[10] = "-1"
    path.write_text("\n".join(lines))
    with pytest.raises(ReaderError):
        open_measurement(path)
    bomb = tmp_path / "a.xml"
    bomb.write_text('<?xml version="1.0"?><!-- specs.de/Serializer --><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(ReaderError, match="entities"):
        open_measurement(bomb)


REAL = {
    "Pt4f.vms": (1, ["Pt 4f"], 281),
    "irregular.vms": (1, ["Survey"], 1351),
    "regular.vms": (1, ["Survey"], 1351),
    "mjr9_116a.vms": (1, ["Wide", "Wide (2)", "O 1s", "N 1s", "C 1s", "S 2p", "Au 4f"], 1101),
    "vms_txt_export.txt": (2, ["Survey", "Ni 2p"], 1201),
    "SnO2_10nm.spe": (1, ["Survey"], 1751),
    "MgFe2O4_small.xy": (1, ["Survey", "Fe 2p"], 1351),
    "mm-specs.xy": (1, ["P 2p"], 401),
    "In-situ_PBTTT_XPS_SPECS.xml": (1, ["Survey", "C 1s"], 1403),
    "Ag_0001.txt": (1, ["Ag 3d"], 361),
    "Hard_carbon_Thermo.xlsx": (1, ["Survey", "O 1s", "Na 1s", "C 1s", "CKLL"], 2721),
    "Hard_carbon_Thermo_Kfitting.xlsx": (1, ["Survey", "O 1s", "Na 1s", "C 1s", "CKLL"], 2721),
    "clean_Au_4f.csv": (1, ["spectrum"], 294),
    "hard_carbon_C1s_avantage.csv": (1, ["spectrum"], 191),
}


@pytest.mark.filterwarnings("ignore::pchp_widgets.io.contract.ReaderWarning")
@pytest.mark.parametrize("name", REAL)
def test_real_files_open(name: str, folder: Path) -> None:
    found = open_measurement(folder / name)
    samples, regions, points = REAL[name]
    assert found.attrs["technique"] == "photoemission"
    assert found.sizes["sample"] == samples
    assert found["region"].values.tolist() == regions
    assert found.sizes["point"] == points
    energy = found["binding_energy"].values
    assert (np.diff(energy, axis=-1)[np.isfinite(np.diff(energy, axis=-1))] > 0).all()


def test_a_workbook_of_something_else_is_taken_for_no_spectrum(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Voltage(V)", "Current(A)"])
    book.save(tmp_path / "cell.xlsx")
    with pytest.raises(ReaderError, match="export it as text"):
        open_measurement(tmp_path / "cell.xlsx")
    with pytest.raises(ReaderError) as refused:
        open_cell(tmp_path / "cell.xlsx")
    assert "It looks like" not in str(refused.value)


@pytest.mark.parametrize("name", ["FermiEdge.csv", "casa_process_ref.json", "Pt4f_khervefitting.json"])
def test_files_that_hold_no_named_energy_are_refused(name: str, folder: Path) -> None:
    with pytest.raises(ReaderError):
        open_measurement(folder / name, technique="photoemission")


def test_channels_of_a_detector_are_put_together_where_each_saw_the_line(folder: Path) -> None:
    with pytest.warns(UserWarning, match="15 scans are announced"):
        found = open_measurement(folder / "In-situ_PBTTT_XPS_SPECS.xml").sel(region="C 1s")
    energy, rate = found["binding_energy"].values[0], found["intensity"].values[0]
    known = np.isfinite(rate)
    # single channels peak within 3 eV of each other; put together they make one line near 284 eV with a clear edge
    top = energy[known][rate[known].argmax()]
    assert 283.5 < top < 285.0
    assert rate[known].max() > 4 * np.median(rate[known])


@pytest.mark.filterwarnings("ignore::pchp_widgets.io.contract.ReaderWarning")
@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("Pt4f.vms", VamasReader),
        ("mjr9_116a.vms", VamasReader),
        ("SnO2_10nm.spe", PhiReader),
        ("mm-specs.xy", SpecsXyReader),
        ("Ag_0001.txt", ScientaReader),
    ],
)
def test_damaged_copies_of_real_files_raise_or_warn(name: str, reader: type, folder: Path) -> None:
    check_reader(reader, folder / name)


def test_scienta_files_of_an_analogue_detector_are_no_counts(state: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_scienta(path, state)
    path.write_text(path.read_text().replace("Pulse Counting", "ADC"))
    with pytest.warns(UserWarning, match="not counts"):
        found = open_measurement(path)
    assert np.isnan(found["dwell_time"].values).all()


def test_a_file_of_specs_that_ends_in_the_head_of_a_region_says_so(state: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.xy"
    WRITERS[".xy"](path, state)
    text = path.read_text()
    path.write_text(text[: text.index("# Dwell Time", text.index("Li 1s"))])
    with pytest.warns(UserWarning, match="region 'Li 1s' is announced and has no points"):
        found = open_measurement(path)
    assert found["region"].values.tolist() == ["C 1s", "O 1s"]
