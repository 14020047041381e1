"""Spectra of real potentiostat files, against what their authors and other programs read from them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from references_spectra import EXPECTED, SAME, first_spectrum, read

from pchp_widgets.io.contract import ReaderError, ReaderWarning


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_goes_to_its_reader_and_what_it_says_of_the_sign_is_kept(name: str, shared_data: Path) -> None:
    reader, recording = read(shared_data / "eis" / name)
    assert reader == EXPECTED[name].reader
    assert recording.provenance["impedance_sign"].startswith("the file holds ")


@pytest.mark.parametrize("name", SAME)
def test_one_spectrum_in_any_format_goes_to_the_reader_of_the_format(name: str, shared_data: Path) -> None:
    assert read(shared_data / "eis" / "pyimpspec" / name)[0] == SAME[name][0]


def test_export_and_binary_file_of_a_measurement_hold_the_same_spectrum(shared_data: Path) -> None:
    folder = shared_data / "eis" / "hybrid-drt"
    of_mpr = first_spectrum(read(folder / "PEIS_LPSCl_IonBlocking_-25C.mpr")[1])
    of_relaxis = first_spectrum(read(folder / "PEIS_LPSCl_IonBlocking_-25C_RelaxIS.txt")[1])
    for binary, text in zip(of_mpr, of_relaxis, strict=True):
        np.testing.assert_allclose(text, binary, rtol=1e-7)


def test_the_spectrum_of_the_tutorial_has_57_points_below_the_real_axis(shared_data: Path) -> None:
    _, z = first_spectrum(read(shared_data / "eis" / "impedance.py" / "exampleData.csv")[1])
    assert np.count_nonzero(z.imag < 0) == 57


def test_a_file_whose_frequencies_were_deleted_is_refused(shared_data: Path) -> None:
    with pytest.raises(ReaderError, match="18 cells under 17 column names"):
        read(shared_data / "eis" / "impedance.py" / "exampleDataBioLogic_MissingFreq.mpt")


def test_an_aborted_run_and_a_run_that_ended_early_are_said(shared_data: Path) -> None:
    folder = shared_data / "eis" / "impedance.py"
    aborted = read(folder / "exampleDataGamryABORT.DTA")[1]
    assert aborted.finished is False
    assert "the run was aborted" in aborted.warnings[0]
    early = read(folder / "exampleDataZPlot_noComments.z")[1]
    assert "79 points were to be measured, and there are 31" in early.warnings[0]


def test_the_trace_before_a_spectrum_stays_a_trace(shared_data: Path) -> None:
    _, recording = read(shared_data / "eis" / "impedance.py" / "exampleDataParstat.txt")
    assert recording.points.sizes["point"] == 812
    assert recording.spectra is not None
    assert recording.spectra.sizes["point"] == 31


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pymultieis/Y_50.npy", "a NumPy array"),
        ("fasteis/two_rq_l.json", "JSON that no instrument is known to write"),
        ("reference.json", "JSON that no instrument is known to write"),
        ("nleis/Z1s_30a.txt", "bare numbers.*lines of 132 numbers without names; three are expected"),
        ("nleis/freq_30a.txt", "bare numbers, of which nothing tells"),
        ("INDEX.md", "no line of three numbers"),
    ],
)
def test_what_is_no_file_of_an_instrument_is_refused_with_a_reason(name: str, reason: str, shared_data: Path) -> None:
    with pytest.raises(ReaderError, match=f"(?s){reason}"):
        read(shared_data / "eis" / name)


def test_no_sign_of_a_real_file_is_doubted(shared_data: Path) -> None:
    for name in EXPECTED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)
            said = " ".join(read(shared_data / "eis" / name)[1].warnings)
        assert "sign" not in said, name
