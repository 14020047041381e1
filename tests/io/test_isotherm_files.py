"""Files of isotherms, of our own making and real ones."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import ReaderError, open_measurement
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.registry import measurement_readers
from pchp_widgets.io.synthetic.sorption import Glassy, Layered, Porous, Run, isotherm
from pchp_widgets.io.synthetic.sorption_files import WRITERS
from pchp_widgets.io.tables.isotherms import bar_per, kelvin, uptake_factor
from pchp_widgets.model.gases import GASES, STP_VOLUME, called

READERS = {reader.name: type(reader) for reader in measurement_readers() if reader.technique == "sorption"}
RUN = Run(np.linspace(0.02, 1.0, 25), desorption=True)


@pytest.fixture
def made() -> xr.Dataset:
    return isotherm(Porous(), RUN, name="PCH", mass=60.0)


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_gives_back_the_isotherm_it_was_made_of(name: str, made: xr.Dataset, tmp_path: Path) -> None:
    ending, write = WRITERS[name]
    path = write(made, tmp_path / f"PCH{ending}")
    found = open_measurement(path, gas="CO2", temperature="277 K")
    assert found.attrs["reader"] == name
    np.testing.assert_allclose(found["uptake"], made["uptake"], rtol=1e-12)
    np.testing.assert_array_equal(found["desorption"], made["desorption"])
    p0 = float(GASES["CO2"].saturation_pressure(277.0))
    if "pressure" in found:
        np.testing.assert_allclose(found["pressure"], made["pressure"], rtol=1e-12)
    else:
        np.testing.assert_allclose(found["relative_pressure"] * p0, made["pressure"], rtol=1e-12)
    assert found["temperature"].item() == pytest.approx(277 - 273.15)


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "isotherm-table"])
def test_a_file_states_its_gas_and_temperature(name: str, made: xr.Dataset, tmp_path: Path) -> None:
    ending, write = WRITERS[name]
    found = open_measurement(write(made, tmp_path / f"PCH{ending}"))
    assert found["gas"].item() == "CO2"
    assert found["temperature"].item() == pytest.approx(277 - 273.15)


def test_every_reader_of_isotherms_is_checked_here() -> None:
    assert READERS.keys() == WRITERS.keys()


def test_a_gas_is_known_by_its_names() -> None:
    assert [called(name) for name in ("carbon dioxide", "Nitrogen", "argon", " CO2", "C2H6")] == [
        "CO2", "N2", "Ar", "CO2", "C2H6",
    ]  # fmt: skip


def test_units_of_pressure_and_of_what_is_adsorbed() -> None:
    assert [bar_per(unit) for unit in ("bar", "kPa", "mmHg", "Torr", "mbar")] == [
        1.0, 0.01, pytest.approx(1.01325 / 760), pytest.approx(1.01325 / 760), 1e-3,
    ]  # fmt: skip
    assert bar_per("furlong") is None
    per = 1 / STP_VOLUME
    for text in ("cm³/g STP", "cc(STP)/g", "cm^3(STP) g^-1", "cm3 / g", "mL(STP)/g", "cm3(STP)"):
        assert uptake_factor(text) == pytest.approx(per), text
    assert [uptake_factor(text) for text in ("mmol/g", "mol/kg", "mmol")] == [1.0, 1.0, 1.0]
    assert uptake_factor("mg/g", "CO2") == pytest.approx(1 / 44.0098)
    assert uptake_factor("wt%", "CO2") == pytest.approx(10 / 44.0098)
    assert uptake_factor("mg/g") is None
    assert uptake_factor("cm3/cm3") is None
    assert [kelvin("77.300 K"), kelvin("25 °C"), kelvin("303")] == [77.3, 298.15, 303.0]


@pytest.mark.parametrize(
    ("gas", "temperature", "pressure", "density"),
    [
        ("CO2", 273.15, 34.851, 0.92743),
        ("CO2", 277.0, 38.539, 0.90352),
        ("CO2", 298.15, 64.34, 0.7105),
        ("N2", 77.355, 1.01325, 0.80611),
        ("Ar", 87.302, 1.01325, 1.39540),
    ],
)
def test_vapour_pressures_and_densities_are_those_of_the_reference_equations(
    gas: str, temperature: float, pressure: float, density: float
) -> None:
    assert GASES[gas].saturation_pressure(temperature) == pytest.approx(pressure, rel=1e-4)
    assert GASES[gas].liquid_density(temperature) == pytest.approx(density, rel=1e-4)


def test_there_is_no_liquid_above_the_critical_temperature_nor_below_the_triple_point() -> None:
    assert np.isnan(GASES["CO2"].saturation_pressure([305.0, 195.0])).all()


def test_a_bath_without_liquid_is_said(tmp_path: Path) -> None:
    path = WRITERS["quantachrome-text"][1](isotherm(Layered(), RUN, name="RE"), tmp_path / "RE.txt")
    path.write_text(path.read_text("latin-1").replace("77.355 K", "273.0 K"), "latin-1")
    with pytest.warns(ReaderWarning, match="N2 has no liquid at 273 K"):
        open_measurement(path)


def test_a_vapour_pressure_of_another_temperature_is_said(tmp_path: Path) -> None:
    path = WRITERS["quantachrome-text"][1](isotherm(Glassy(temperature=277.0), RUN), tmp_path / "a.txt")
    path.write_text(path.read_text("latin-1").replace("277.0 K", "298.15 K"), "latin-1")
    with pytest.warns(ReaderWarning, match="is not that of CO2 at 298"):
        open_measurement(path)


def test_a_workbook_of_something_else_is_refused_with_what_to_do(tmp_path: Path) -> None:
    from pchp_widgets.io.synthetic.xls import workbook

    path = tmp_path / "budget.xls"
    path.write_bytes(workbook({"Sheet1": [["year", 2024.0]]}))
    with pytest.raises(ReaderError, match="without a 'Isotherm Tabular Report'"):
        open_measurement(path, technique="sorption")


def test_a_tabular_report_with_times_and_pressures_in_mmhg_is_read(tmp_path: Path) -> None:
    from pchp_widgets.io.synthetic.xls import workbook

    head = ["Relative Pressure (p/p°)", "Absolute Pressure (mmHg)", "Quantity Adsorbed (cm³/g STP)"]
    head += ["Elapsed Time (h:min)", "Saturation Pressure (mmHg)"]
    body = [[0.1, 76.0, 10.0, "01:20", 760.0], [0.2, 152.4, 20.0, "02:40", 762.0], [0.3, 228.6, 25.0, "03:10", None]]
    stated = [["Sample:", "PCH"], ["Analysis adsorptive:", "N2", "Analysis bath temp.:", "-195.80 °C"]]
    path = tmp_path / "PCH.xls"
    path.write_bytes(workbook({"PCH": [*stated, ["Isotherm Tabular Report"], head, *body, ["BET Report"]]}))
    found = open_measurement(path)
    np.testing.assert_allclose(found["pressure"].values[0], np.array([76.0, 152.4, 228.6]) / 760 * 1.01325)
    np.testing.assert_allclose(found["saturation_pressure"].values[0], np.array([760, 762, 762]) / 760 * 1.01325)
    np.testing.assert_allclose(found["uptake"].values[0] * STP_VOLUME, [10.0, 20.0, 25.0])
    assert found["temperature"].item() == pytest.approx(-195.8)


def test_what_is_adsorbed_per_volume_of_material_is_refused(made: xr.Dataset, tmp_path: Path) -> None:
    path = WRITERS["pygaps-json"][1](made, tmp_path / "a.json")
    path.write_text(path.read_text().replace('"material_basis": "mass"', '"material_basis": "volume"'))
    with pytest.raises(ReaderError, match="an amount per mass is expected"):
        open_measurement(path)


REAL = {
    "DMOF_C2H6_298K.aif": ("aif", 85),
    "HKUST-1_CO2_303K.json": ("pygaps-json", 27),
    "HKUST-1_CO2_303K_pygaps.csv": ("pygaps-csv", 27),
    "MCM-41_N2_77K.json": ("pygaps-json", 67),
    "SiO2_N2_77K.json": ("pygaps-json", 42),
    "Takeda_5A_CO2_303K.json": ("pygaps-json", 33),
    "Takeda_5A_N2_77K.json": ("pygaps-json", 131),
    "betsi_HKUST-1.csv": ("isotherm-table", 70),
    "betsi_MCM-41.csv": ("isotherm-table", 38),
    "micromeritics_Sample_C.xls": ("micromeritics-xls", 66),
    "quantachrome_RE-22.txt": ("quantachrome-text", 49),
}


@pytest.fixture
def folder(shared_data: Path) -> Path:
    found = shared_data / "materials" / "sorption"
    if not found.is_dir():
        pytest.skip("the real isotherms are not there")
    return found


@pytest.mark.parametrize("name", REAL)
def test_real_files_open(name: str, folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        found = open_measurement(folder / name)
    assert (found.attrs["reader"], found.sizes["point"]) == REAL[name]


def test_a_report_of_micromeritics_is_read_as_another_parser_reads_it(folder: Path) -> None:
    with pytest.warns(ReaderWarning, match="nobody weighed"):
        found = open_measurement(folder / "micromeritics_Sample_C.xls")
    expected = json.loads((folder / "micromeritics_Sample_C.json").read_text())["data"]
    np.testing.assert_array_equal(found["relative_pressure"].values[0], expected["pressure"])
    np.testing.assert_allclose(found["uptake"].values[0] * STP_VOLUME, expected["loading"], rtol=1e-14)


def test_json_that_is_no_isotherm_is_refused(folder: Path) -> None:
    with pytest.raises(ReaderError, match="JSON without an adsorbate"):
        open_measurement(folder / "micromeritics_Sample_C.json", technique="sorption")


def test_the_same_isotherm_in_two_formats_is_the_same(folder: Path) -> None:
    one, two = (open_measurement(folder / f"HKUST-1_CO2_303K{ending}") for ending in (".json", "_pygaps.csv"))
    np.testing.assert_allclose(one["uptake"], two["uptake"], rtol=1e-8)
    np.testing.assert_array_equal(one["desorption"], two["desorption"])
