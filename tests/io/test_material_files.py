"""Every real file of materials opens, or says why not in words that a chemist understands."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from pchp_widgets import open_measurement
from pchp_widgets.io.contract import ReaderError, ReaderWarning

REFUSED = {
    "INDEX.md": "no reader takes this file",
    "dsc/calorimeter_6HAW158.csv": "no column says that it holds time",
    "dsc/sample_dsc_setaram.csv": "have lost their decimal sign",
    "dsc/tadatakit_dataset.json": "without a heat flow",
    "nanoindentation/Sample1_Vac_RT.hdf5": "Export the tests from the instrument's software as text",
    "nmr/CP/80/pdata/1/procs": "1r is not beside it: copy the whole folder",
    "nmr/aspirin_processed/1/acqu": "fid is not beside it: copy the whole folder",
    "nmr/aspirin_processed/1/acqus": "fid is not beside it: copy the whole folder",
    "nmr/aspirin_processed/1/pdata/1/integrals.txt": "no reader takes this file",
    "nmr/h3po4/4/pdata/1/proc": "1r is not beside it: copy the whole folder",
    "nmr/h3po4/4/pdata/1/procs": "1r is not beside it: copy the whole folder",
    "nmr/h3po4/readme.md": "no reader takes this file",
    "nmr/topspin_1d/1/pdata/1/title": "no reader takes this file",
    "nmr/topspin_1d/1/pulseprogram": "no reader takes this file",
    "sorption/micromeritics_Sample_C.json": "JSON without an adsorbate",
    "xps/FermiEdge.csv": "there are no headers above the numbers",
    "xps/Pt4f_khervefitting.json": "no reader takes this file",
    "xps/casa_process_ref.json": "no reader takes this file",
    "xrd/D1A5.dat": "rows of ten intensities without angles",
}
"""What is no measurement, or lacks something that nobody can guess: a word of the reason."""


def outcome(path: Path) -> str:
    """Technique of a file, or why it does not open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        try:
            return str(open_measurement(path).attrs["technique"])
        except ReaderError as error:
            return str(error)


def test_every_file_opens_as_what_its_folder_holds_or_is_refused_with_a_reason(shared_data: Path) -> None:
    folder = shared_data / "materials"
    if not folder.is_dir():
        pytest.skip(f"the real files of materials are not at {folder}")
    named = {
        "dsc": "thermal", "nanoindentation": "indentation", "nmr": "composition", "sem": "micrograph",
        "sorption": "sorption", "xps": "photoemission", "xrd": "diffraction",
    }  # fmt: skip
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    found = {name: outcome(path) for name, path in files.items()}
    opened = {name: said for name, said in found.items() if name not in REFUSED}
    assert opened == {name: named[name.split("/")[0]] for name in opened}
    assert [name for name, reason in REFUSED.items() if reason not in found.get(name, reason)] == []


def test_a_calorimeter_without_a_clock_opens_when_its_rate_is_said(shared_data: Path) -> None:
    file = shared_data / "materials" / "dsc" / "calorimeter_6HAW158.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    with pytest.warns(ReaderWarning, match="time is derived"):
        found = open_measurement(file, columns={"time": "10 K/min"})
    assert found["time"].notnull().all()
