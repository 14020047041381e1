"""Files of calorimeters: every format gives the same measurement, and what cannot be read is refused in words."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import ReaderError, open_measurement
from pchp_widgets.analysis import thermal as analysis
from pchp_widgets.io.contract import ReaderWarning, ReadOptions
from pchp_widgets.io.heat_flow_table import HeatFlowTableReader
from pchp_widgets.io.mettler import MettlerReader
from pchp_widgets.io.netzsch import NetzschReader
from pchp_widgets.io.setaram import SetaramReader
from pchp_widgets.io.synthetic import thermal_files as files
from pchp_widgets.io.synthetic.thermal import ThermalTruth, thermal
from pchp_widgets.io.trios import TriosJsonReader, TriosTextReader
from pchp_widgets.io.universal_analysis import UniversalAnalysisReader

TRUTH = ThermalTruth(crystallinity=0.3, glass_temperature=120.0, interval=6.0)
FORMATS: dict[str, tuple[Callable[[xr.Dataset, Path], None], type, str]] = {
    "universal analysis": (files.universal_analysis, UniversalAnalysisReader, ".txt"),
    "trios text": (files.trios_text, TriosTextReader, ".txt"),
    "trios json": (files.trios_json, TriosJsonReader, ".json"),
    "netzsch": (files.netzsch, NetzschReader, ".txt"),
    "mettler": (files.mettler, MettlerReader, ".txt"),
    "setaram": (files.setaram, SetaramReader, ".csv"),
    "table": (files.table, HeatFlowTableReader, ".csv"),
}
UNMARKED = {"mettler", "setaram", "table"}


@pytest.fixture(scope="module")
def sample() -> xr.Dataset:
    return thermal(TRUTH, seed=3, name="PCHP2")


def written(name: str, sample: xr.Dataset, folder: Path) -> Path:
    write, _, suffix = FORMATS[name]
    path = folder / f"{name.replace(' ', '-')}{suffix}"
    write(sample, path)
    return path


def opened(path: Path, **known: object) -> xr.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return open_measurement(path, **known)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_measurement(name: str, sample: xr.Dataset, tmp_path: Path) -> None:
    found = opened(written(name, sample, tmp_path), mass="5.2 mg")
    assert found.attrs["reader"] == FORMATS[name][1].name
    np.testing.assert_allclose(found["time"], sample["time"], atol=0.02)
    np.testing.assert_allclose(found["temperature"], sample["temperature"], atol=1e-3)
    scans = analysis.scans(found)
    np.testing.assert_allclose(scans["rate"], 10.0, rtol=0.02)
    expected = analysis.scans(sample)
    heat = analysis.melting(scans, (30, 90))["melting_enthalpy"].item()
    assert heat == pytest.approx(analysis.melting(expected, (30, 90))["melting_enthalpy"].item(), rel=1e-3)
    if name not in UNMARKED:
        np.testing.assert_array_equal(found["segment"], sample["segment"])


@pytest.mark.parametrize("name", ["universal analysis", "trios text", "trios json", "netzsch", "mettler"])
def test_the_mass_is_read_where_the_file_says_it(name: str, sample: xr.Dataset, tmp_path: Path) -> None:
    assert opened(written(name, sample, tmp_path))["mass"].item() == pytest.approx(5.2)
    assert opened(written(name, sample, tmp_path), mass="4 mg")["mass"].item() == 4.0


def test_what_is_up_is_said_by_the_caller_where_the_file_is_silent(sample: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Time (s),Temperature (C),Heat Flow (mW)\n0,20,-1\n1,21,-2\n2,22,-3\n")
    with pytest.warns(ReaderWarning) as said:
        found = open_measurement(path, mass="1 mg")
    assert "endothermic is taken to be positive" in str(said[0].message)
    assert "below zero, as it is where exothermic is up" in str(said[1].message)
    assert found["heat_flow"].values[0, 0] == -1
    turned = opened(path, mass="1 mg", columns={"heat_flow": "Heat Flow (mW) exo up"})
    assert turned["heat_flow"].values[0, 0] == 1


def test_headers_of_ones_own_are_named_by_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b;c\n0;20;-1,5\n1;21;-2,5\n2;22;-3,5\n")
    columns = {"time": "a [min]", "temperature": "b [degC]", "heat_flow": "c [W/g] exo up"}
    with pytest.raises(ReaderError):
        open_measurement(path, technique="thermal")
    found = HeatFlowTableReader().read(path, ReadOptions(columns=columns)).data
    assert found["time"].values[0].tolist() == [0, 60, 120]
    assert found["specific_heat_flow"].values[0, 0] == 1.5


def test_a_measured_temperature_is_no_metadata(sample: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="temperature is measured at every point"):
        opened(written("netzsch", sample, tmp_path), temperature="25 degC")


def test_a_trios_text_that_ends_between_two_steps_of_its_procedure_is_said(sample: xr.Dataset, tmp_path: Path) -> None:
    path = written("trios text", sample, tmp_path)
    whole = path.read_text("utf-8")
    assert TriosTextReader().read(path, ReadOptions()).warnings == []
    path.write_text(whole[: whole.rindex("[step]")], "utf-8")
    (said,) = TriosTextReader().read(path, ReadOptions()).warnings
    assert said.startswith("the procedure goes on after the last step, with 'Ramp ")


REAL = {
    "sample_dsc_tainstruments.txt": "ta-universal-analysis",
    "PyDSC_example_tabulated.txt": "mettler-stare",
}
REFUSED = {
    "sample_dsc_setaram.csv": "have lost their decimal sign",
    "tadatakit_dataset.json": "without a heat flow",
    "calorimeter_6HAW158.csv": "A heat is an integral over time",
}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    found = shared_data / "materials" / "dsc"
    if not found.is_dir():
        pytest.skip(f"{found} is not there")
    return found


@pytest.mark.parametrize("name", REAL)
def test_real_files_open(name: str, folder: Path) -> None:
    found = opened(folder / name)
    assert found.attrs["reader"] == REAL[name]
    assert np.isfinite(found["heat_flow"]).all()


@pytest.mark.parametrize("name", REFUSED)
def test_real_files_that_cannot_be_evaluated_are_refused_with_the_reason(name: str, folder: Path) -> None:
    with pytest.raises(ReaderError, match=REFUSED[name]):
        open_measurement(folder / name)


def test_the_remark_below_a_table_is_kept(folder: Path) -> None:
    found = opened(folder / "PyDSC_example_tabulated.txt")
    assert found.sizes["point"] == 1651
    assert any("as it is where exothermic is up" in text for text in found.attrs["warnings"])
    assert found.attrs["comment"] == "PET_group2, 02.02.2022 20:36:15"


def test_eicosane_is_turned_so_that_endothermic_is_positive(folder: Path) -> None:
    found = open_measurement(folder / "sample_dsc_tainstruments.txt")
    assert found.sizes["point"] == 19000
    assert found["mass"].item() == 9.0
    assert found["heat_flow"].values[0, 0] == 10.46185
    assert found.attrs["file_direction_up"] == "exothermic"


def test_a_file_without_time_opens_with_the_rate_of_its_ramp(folder: Path) -> None:
    path = folder / "calorimeter_6HAW158.csv"
    found = opened(path, columns={"time": "10 K/min"}, mass="5 mg")
    assert found.attrs["file_direction_up"] == "endothermic"
    assert float(found["heat_flow"].values[0, 0]) == 0.0025
    program = analysis.segments(found)
    assert "heating 1" in program["run"].values
    assert any("the time is derived" in text for text in found.attrs["warnings"])
