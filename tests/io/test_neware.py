"""Neware files of known content."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.contract import HEAD_BYTES, ReaderError, ReadOptions
from pchp_widgets.io.neware import NewareReader
from pchp_widgets.io.synthetic.neware import write_nda, write_ndax

WRITERS = {"a.nda": write_nda, "a.ndax": write_ndax}


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_recorded_is_read(name: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    WRITERS[name](tmp_path / name, cycling)
    recording = NewareReader().read(tmp_path / name, ReadOptions())
    for variable in ("time", "instrument_cycle", "instrument_step", "control"):
        np.testing.assert_array_equal(recording.points[variable], cycling[variable])
    np.testing.assert_allclose(recording.points["voltage"], cycling["voltage"], atol=1e-7)
    np.testing.assert_allclose(recording.points["current"], cycling["current"], atol=1e-7)
    assert recording.warnings == []
    assert recording.provenance["start_time"] == "2024-11-01T09:00:00"


@pytest.mark.parametrize("name", WRITERS)
def test_the_charge_counter_is_one_net_count_over_the_steps(name: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    WRITERS[name](tmp_path / name, cycling)
    points = NewareReader().read(tmp_path / name, ReadOptions()).points
    half = 0.5 * 49 * 60 / 3600
    last_of_each_step = points["charge_counter"].values[49::50]
    np.testing.assert_allclose(last_of_each_step, half * np.array([-1, -1, 0] * 3), atol=1e-6)
    last_energy = points["energy_counter"].values[[49, 149]]
    np.testing.assert_allclose(last_energy, half * (0.1 + 0.0002 * 24.5) * np.array([1, 2]), rtol=1e-4)


def test_interpolated_records_are_counted(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_ndax(tmp_path / "a.ndax", cycling, timed_every=7)
    recording = NewareReader().read(tmp_path / "a.ndax", ReadOptions())
    timed = 9 * len(range(0, 50, 7))
    assert f"{450 - timed} of 450 records are interpolated" in recording.warnings[0]
    np.testing.assert_allclose(recording.points["time"], cycling["time"])


@pytest.mark.parametrize("name", WRITERS)
def test_the_ending_of_the_name_does_not_matter(name: str, tmp_path: Path, cycling: xr.Dataset) -> None:
    WRITERS[name](tmp_path / "a.bin", cycling)
    assert NewareReader().read(tmp_path / "a.bin", ReadOptions()).points.sizes["point"] == 450


def test_a_cut_nda_gives_the_records_before_the_cut_when_asked(tmp_path: Path, cycling: xr.Dataset) -> None:
    file = tmp_path / "a.nda"
    write_nda(file, cycling)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(ReaderError, match=r"a\.nda: the file is cut: 37700 of 38700 bytes .* partial=True"):
        NewareReader().read(file, ReadOptions())
    recording = NewareReader().read(file, ReadOptions(partial=True))
    assert recording.points.sizes["point"] == 37700 // 86
    assert any("cut" in text for text in recording.warnings)


def test_a_cut_ndax_has_lost_its_index(tmp_path: Path, cycling: xr.Dataset) -> None:
    file = tmp_path / "a.ndax"
    write_ndax(file, cycling)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ReaderError, match="cut or still being written"):
        NewareReader().read(file, ReadOptions(partial=True))


def test_a_file_without_records_is_an_error_that_says_so(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_ndax(tmp_path / "a.ndax", cycling.isel(point=slice(0)))
    with pytest.raises(ReaderError, match="holds no records"):
        NewareReader().read(tmp_path / "a.ndax", ReadOptions())


def test_missing_records_are_named(tmp_path: Path, cycling: xr.Dataset) -> None:
    file = tmp_path / "a.nda"
    write_nda(file, cycling)
    data = bytearray(file.read_bytes())
    record = 4096 + 86 * 10
    data[record] = 0  # no longer marked as a record
    file.write_bytes(data)
    recording = NewareReader().read(file, ReadOptions())
    assert "1 records are missing in the file, in 1 places" in recording.warnings
    assert recording.points.sizes["point"] == 449


def test_a_zip_of_other_things_is_declined(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as parts:
        parts.writestr("word/document.xml", "<w/>")
    head = (tmp_path / "a.zip").read_bytes()[:HEAD_BYTES]
    assert NewareReader().sniff(head) == "a zip, but not of Neware's parts (data.ndc, TestInfo.xml)"


def test_an_ndax_without_its_main_part_is_an_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ndax", "w") as parts:
        parts.writestr("VersionInfo.xml", "<root><config/></root>")
    with pytest.raises(ReaderError, match=r"a\.ndax: fastnda cannot read it"):
        NewareReader().read(tmp_path / "a.ndax", ReadOptions())


def test_what_fastnda_logs_becomes_a_warning(
    tmp_path: Path, cycling: xr.Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.ndax"
    write_ndax(file, cycling)
    with zipfile.ZipFile(file, "a") as parts:
        parts.writestr("data_1.ndc", b"")  # an auxiliary channel TestInfo.xml knows nothing of
    recording = NewareReader().read(file, ReadOptions())
    assert any(text.startswith("fastnda: Found a different number of aux channels") for text in recording.warnings)
    assert capsys.readouterr().err == ""
    assert logging.getLogger("fastnda").propagate
