"""Impedance files of potentiostats give one spectrum for each sweep, with Im Z negative for a capacitor."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.autolab import AutolabFraReader, AutolabTableReader
from pchp_widgets.io.cell import open_cell
from pchp_widgets.io.ch_instruments import ChInstrumentsReader
from pchp_widgets.io.contract import Reader, ReaderError, ReadOptions
from pchp_widgets.io.gamry import GamryReader
from pchp_widgets.io.ivium import IviumReader
from pchp_widgets.io.relaxis import RelaxISReader
from pchp_widgets.io.synthetic import potentiostats as written
from pchp_widgets.io.synthetic.potentiostats import GRID, arc
from pchp_widgets.io.versastudio import VersaStudioReader
from pchp_widgets.io.zahner import ZahnerIsmReader
from pchp_widgets.io.zview import ZViewReader

Write = Callable[[Path, list[written.Sweep]], None]

MANY: dict[str, tuple[type[Reader], Write]] = {
    "gamry.DTA": (GamryReader, written.write_gamry),
    "zplot.z": (ZViewReader, written.write_zview),
    "old.z": (ZViewReader, lambda path, sweeps: written.write_zview(path, sweeps, comments=False)),
    "versa.par": (VersaStudioReader, written.write_versastudio),
    "ivium.ids": (IviumReader, written.write_ivium),
    "relaxis.txt": (RelaxISReader, written.write_relaxis),
}
ONE: dict[str, tuple[type[Reader], Write]] = {
    "chi.txt": (ChInstrumentsReader, lambda path, sweeps: written.write_ch_instruments(path, sweeps[0])),
    "fra.dfr": (AutolabFraReader, lambda path, sweeps: written.write_autolab_fra(path, sweeps[0])),
    "fra.P00": (AutolabTableReader, lambda path, sweeps: written.write_autolab_table(path, sweeps[0])),
    "thales.ism": (ZahnerIsmReader, lambda path, sweeps: written.write_ism(path, sweeps[0], voltage=0.5)),
}
ALL = MANY | ONE


@pytest.mark.parametrize("name", ALL)
def test_a_spectrum_reads_back_as_it_was_written(name: str, tmp_path: Path) -> None:
    _, write = ALL[name]
    write(tmp_path / name, [(GRID, arc())])
    spectra = open_cell(tmp_path / name)["spectra"].ds
    assert spectra.sizes == {"cell": 1, "spectrum": 1, "frequency": len(GRID)}
    np.testing.assert_allclose(spectra.frequency, GRID, rtol=1e-3)
    found = spectra.z_real.values[0, 0] + 1j * spectra.z_imag.values[0, 0]
    np.testing.assert_allclose(found, arc(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", MANY)
def test_each_sweep_is_a_spectrum_of_its_own(name: str, tmp_path: Path) -> None:
    _, write = MANY[name]
    write(tmp_path / name, [(GRID, arc(scale=scale)) for scale in (1.0, 2.0, 3.0)])
    spectra = open_cell(tmp_path / name)["spectra"].ds
    assert spectra.sizes["spectrum"] == 3
    size = np.hypot(spectra.z_real, spectra.z_imag).values[0]
    np.testing.assert_allclose(size[1:], np.abs(arc())[None] * np.array([[2.0], [3.0]]), rtol=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_it_is_said_what_the_file_holds_as_imaginary_part(name: str, tmp_path: Path) -> None:
    _, write = ALL[name]
    write(tmp_path / name, [(GRID, arc())])
    stated = open_cell(tmp_path / name).attrs["impedance_sign"]
    assert "Z" in stated
    assert ("its sign is turned" in stated) == name.startswith("fra.")


def test_an_aborted_gamry_run_is_said_and_its_last_sine_wave_is_no_spectrum(tmp_path: Path) -> None:
    path = tmp_path / "aborted.DTA"
    written.write_gamry(path, [(GRID[:20], arc(GRID[:20]))], aborted=True)
    with pytest.warns(UserWarning, match="the run was aborted"):
        cell = open_cell(path)
    assert cell.attrs["test_finished"] == "no"
    assert cell["spectra"].sizes["frequency"] == 20


def test_the_drift_corrected_impedance_is_read_and_its_distance_is_said(tmp_path: Path) -> None:
    path = tmp_path / "drift.DTA"
    written.write_gamry(path, [(GRID, arc())], drift=0.02, decimal=",")
    with pytest.warns(UserWarning, match=r"drift correction, which is up to 1\.96% away"):
        cell = open_cell(path)
    np.testing.assert_allclose(cell["spectra"].z_real[0, 0], arc().real, rtol=1e-6)


def test_a_gamry_file_of_another_technique_is_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "cv.DTA"
    written.write_gamry(path, [(GRID, arc())])
    head = path.read_bytes().replace(b"EISPOT", b"CV")
    assert GamryReader().sniff(head) == "Gamry's tag is CV, which is no impedance"


def test_a_gamry_run_aborted_before_its_first_point_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.DTA"
    empty = np.array([]), np.array([], complex)
    written.write_gamry(path, [empty], aborted=True)
    with pytest.raises(ReaderError, match="its table ZCURVE has no rows"):
        GamryReader().read(path, ReadOptions())


def test_a_table_of_autolab_gives_the_voltage_and_the_beginning_of_its_spectrum(tmp_path: Path) -> None:
    path = tmp_path / "fra.P00"
    written.write_autolab_table(path, (GRID, arc()))
    cell = open_cell(path)
    assert cell["spectra"].voltage.item() == 0.30981
    assert cell.attrs["start_time"] == "2022-07-13T22:32:00"


def test_a_table_of_autolab_with_fewer_points_than_it_states_is_refused_or_said(tmp_path: Path) -> None:
    path = tmp_path / "fra.P00"
    written.write_autolab_table(path, (GRID, arc()))
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-5]))
    with pytest.raises(ReaderError, match="states 37 points and holds 32; partial=True gives them"):
        AutolabTableReader().read(path, ReadOptions())
    found = AutolabTableReader().read(path, ReadOptions(partial=True))
    assert "the file states 37 points and holds 32" in found.warnings


def test_an_ivium_file_whose_second_column_is_minus_im_z_is_turned_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "turned.idf"
    written.write_ivium(path, [(GRID, np.conj(arc()))])
    with pytest.warns(UserWarning, match="its sign was turned"):
        cell = open_cell(path)
    np.testing.assert_allclose(cell["spectra"].z_imag[0, 0], arc().imag, rtol=1e-6)


def test_an_ivium_file_of_another_method_is_refused_with_what_to_do_instead(tmp_path: Path) -> None:
    path = tmp_path / "cv.idf"
    written.write_ivium(path, [(GRID, arc())], method="CyclicVoltammetry")
    with pytest.raises(ReaderError, match=r"no impedance scan .*CyclicVoltammetry.*Export the scan from IviumSoft"):
        open_cell(path)


def test_an_ivium_scan_with_fewer_points_than_it_states_is_refused_or_said(tmp_path: Path) -> None:
    path = tmp_path / "cut.idf"
    written.write_ivium(path, [(GRID, arc())])
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-5]))
    with pytest.raises(ReaderError, match="states 37 points and holds 34"):
        IviumReader().read(path, ReadOptions())
    assert len(IviumReader().read(path, ReadOptions(partial=True)).spectra["frequency"]) == 34


def test_fewer_points_than_planned_are_said(tmp_path: Path) -> None:
    path = tmp_path / "short.z"
    written.write_zview(path, [(GRID, arc())], comments=False, planned=79)
    with pytest.warns(UserWarning, match="79 points were to be measured, and there are 37"):
        open_cell(path)


def test_points_of_direct_current_in_a_par_file_are_no_spectrum(tmp_path: Path) -> None:
    path = tmp_path / "both.par"
    written.write_versastudio(path, [(GRID, arc())], direct=5)
    with pytest.warns(UserWarning, match="5 rows at 0 Hz are points of the direct current"):
        cell = open_cell(path)
    assert cell["spectra"].sizes["frequency"] == len(GRID)
    assert cell.attrs["start_time"] == "2018-07-19T09:40:30"


def test_the_way_up_of_a_zahner_sweep_is_left_out_and_said(tmp_path: Path) -> None:
    frequency = np.concatenate([np.geomspace(1e3, 1e5, 9)[:-1], np.geomspace(1e5, 0.1, 31)])
    written.write_ism(tmp_path / "thales.ism", (frequency, arc(frequency)))
    with pytest.warns(UserWarning, match=r"8 points between 1000 and 56234\.1 Hz.* are left out"):
        cell = open_cell(tmp_path / "thales.ism")
    assert cell["spectra"].sizes == {"cell": 1, "spectrum": 1, "frequency": 31}


def test_a_zahner_file_gives_its_texts_its_voltage_and_when_it_began(tmp_path: Path) -> None:
    written.write_ism(tmp_path / "thales.ism", (GRID, arc()), voltage=0.5, stamp=1.4e9)
    recording = ZahnerIsmReader().read(tmp_path / "thales.ism", ReadOptions())
    assert recording.settings["system"] == "Synthetic"
    assert recording.provenance["start_time"] == "2024-05-12T16:53:20.000"
    assert recording.spectra is not None
    np.testing.assert_allclose(recording.spectra["voltage"], 0.5)


def test_numbers_that_are_no_phase_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "thales.ism"
    written.write_ism(path, (GRID, arc()))
    data = bytearray(path.read_bytes())
    place = 12 + 2 * 8 * len(GRID)
    data[place : place + 8] = np.array([1e6], ">f8").tobytes()
    path.write_bytes(data)
    with pytest.raises(ReaderError, match="no modulus or no phase"):
        ZahnerIsmReader().read(path, ReadOptions())


def test_a_dfr_file_whose_sign_is_the_other_way_round_is_set_right_by_its_modulus(tmp_path: Path) -> None:
    path = tmp_path / "turned.dfr"
    written.write_autolab_fra(path, (GRID, np.conj(arc())))
    with pytest.warns(UserWarning, match="its sign was turned"):
        cell = open_cell(path)
    np.testing.assert_allclose(cell["spectra"].z_imag[0, 0], arc().imag)


def test_a_stated_sign_is_kept_where_the_modulus_contradicts_it_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "odd.DTA"
    written.write_gamry(path, [(GRID, np.conj(arc()))])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        cell = open_cell(path)
    said = " ".join(str(one.message) for one in heard)
    assert "wrong sign by its own modulus" in said
    np.testing.assert_allclose(cell["spectra"].z_imag[0, 0], -arc().imag, rtol=1e-5)
