"""Files of nuclear magnetic resonance and elemental analysis: what the readers give, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import ReaderError, open_measurement
from pchp_widgets.analysis.composition import elements, integrals, spectra
from pchp_widgets.io.elemental import elemental_analysis
from pchp_widgets.io.synthetic.composition import CompositionTruth, composition_study, elemental, spectrum
from pchp_widgets.io.synthetic.composition_files import bruker_decay, bruker_processed, elemental_csv, jcamp
from pchp_widgets.model.measurements import merged

REGIONS = {"acid": (12.0, 14.5), "aromatic": (5.9, 7.1)}
ASPIRIN = (
    (8.001, 8.379, 2.57899),
    (7.468, 7.598, 1.0),
    (7.227, 7.345, 1.06864),
    (7.010, 7.128, 0.97164),
    (2.211, 2.341, 2.95309),
)
"""From, to [ppm] and integral, as TopSpin wrote them."""


@pytest.fixture(scope="module")
def polymer():
    return spectrum(CompositionTruth(points=2048), name="PCH", material="PCH")


@pytest.fixture
def nmr(shared_data: Path) -> Path:
    return shared_data / "materials" / "nmr"


def test_integrals_of_aspirin_are_those_of_topspin_within_a_percent(nmr: Path) -> None:
    found = open_measurement(nmr / "aspirin_processed" / "1", name="aspirin")
    assert found["nucleus"].item() == "1H"
    assert found["solvent"].item() == "CDCl3"
    assert found["relaxation_delay"].item() == pytest.approx(1.2 + 8192 / 4789.272, rel=1e-4)
    regions = {f"line {at}": (low, high) for at, (low, high, _) in enumerate(ASPIRIN)}
    expected = np.array([area for _, _, area in ASPIRIN])
    for baseline in ("smooth", "none"):
        area = integrals(spectra(found), regions, baseline=baseline)["integral"].values[0]
        np.testing.assert_allclose(area / area[0], expected / expected[0], rtol=0.01)
        np.testing.assert_allclose(area / area.sum(), expected / expected.sum(), rtol=0.01)


@pytest.mark.filterwarnings("ignore::pchp_widgets.io.contract.ReaderWarning")
def test_real_experiments_open_or_say_why_not(nmr: Path) -> None:
    solid = open_measurement(nmr / "CP" / "80")
    assert (solid["nucleus"].item(), solid["excitation"].item()) == ("13C", "cross_polarization")
    assert open_measurement(nmr / "h3po4" / "4" / "fid").sizes["point"] == 16384
    with pytest.raises(ReaderError, match="fid is not beside it"):
        open_measurement(nmr / "aspirin_processed" / "1" / "acqus")


@pytest.mark.filterwarnings("ignore::pchp_widgets.io.contract.ReaderWarning")
def test_a_real_decay_gives_the_lines_that_topspin_made_of_it(nmr: Path) -> None:
    made = open_measurement(nmr / "topspin_1d" / "1" / "acqus", name="made")
    theirs = open_measurement(nmr / "topspin_1d" / "1" / "pdata" / "1" / "1r", name="theirs")
    highest = [float(one["shift"].values[0, int(np.argmax(one["intensity"].values[0]))]) for one in (made, theirs)]
    assert highest[0] == pytest.approx(highest[1], abs=0.05)
    grid = np.linspace(-100.0, 100.0, 4001)
    ours, other = (
        np.interp(grid, one["shift"].values[0, ::-1], one["intensity"].values[0, ::-1]) for one in (made, theirs)
    )
    assert np.corrcoef(ours, other)[0, 1] > 0.995


def test_a_processed_spectrum_is_read_back(polymer, tmp_path: Path) -> None:
    procs = bruker_processed(polymer, tmp_path / "PCH" / "10")
    found = open_measurement(procs)
    np.testing.assert_allclose(found["shift"].values, polymer["shift"].values, atol=1e-9)
    np.testing.assert_allclose(found["intensity"].values, polymer["intensity"].values, rtol=1e-6, atol=1.0)
    assert found["sample"].values.tolist() == ["PCH-10"]
    for name in ("nucleus", "solvent", "excitation", "relaxation_delay"):
        assert found[name].item() == pytest.approx(polymer[name].item())
    for other in (tmp_path / "PCH" / "10", procs.with_name("1r")):
        assert open_measurement(other).identical(found)


def test_a_spectrum_cut_or_alone_is_refused(polymer, tmp_path: Path) -> None:
    procs = bruker_processed(polymer, tmp_path / "1")
    data = procs.with_name("1r")
    data.write_bytes(data.read_bytes()[:4000])
    with pytest.raises(ReaderError, match="1r has 1000 of 2048 points: partial=True"):
        open_measurement(procs)
    with pytest.warns(UserWarning, match="the others are missing"):
        assert open_measurement(procs, partial=True).sizes["point"] == 1000
    data.unlink()
    with pytest.raises(ReaderError, match="1r is not beside it: copy the whole folder"):
        open_measurement(procs)


@pytest.mark.filterwarnings("ignore::pchp_widgets.io.contract.ReaderWarning")
def test_a_decay_gives_the_conversion_it_was_made_from(tmp_path: Path) -> None:
    acqus = bruker_decay(CompositionTruth(conversion=0.8), tmp_path / "PCH" / "11")
    found = open_measurement(tmp_path / "PCH" / "11", material="PCH")
    assert "phased automatically" in found.attrs["warnings"][0]
    assert "not referenced" in found.attrs["warnings"][1]
    assert found.attrs["source_file"] == acqus.name
    share = integrals(spectra(found), REGIONS, reference="aromatic")["share"].sel(region="acid").item()
    assert share == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("form", ["AFFN", "PAC", "SQZ", "DIFDUP"])
@pytest.mark.parametrize("hertz", [False, True])
def test_every_form_of_jcamp_is_read_back(form: str, hertz: bool, polymer, tmp_path: Path) -> None:
    path = tmp_path / "PCH.dx"
    jcamp(polymer, path, form=form, hertz=hertz)
    found = open_measurement(path, material="PCH")
    np.testing.assert_allclose(found["shift"].values, polymer["shift"].values, atol=1e-6)
    scale = float(np.abs(polymer["intensity"]).max())
    np.testing.assert_allclose(found["intensity"].values, polymer["intensity"].values, atol=1e-7 * scale)
    assert (found["nucleus"].item(), found["solvent"].item()) == ("1H", "DMSO")


def test_the_real_part_of_a_jcamp_of_both_is_taken(tmp_path: Path) -> None:
    text = (
        "##TITLE= both\n##JCAMP-DX= 5.01\n##DATA TYPE= NMR SPECTRUM\n##.OBSERVE FREQUENCY= 100.0\n"
        "##.OBSERVE NUCLEUS= ^13C\n##.SHIFT REFERENCE= INTERNAL, TMS, 1, 10.0\n##NTUPLES= NMR SPECTRUM\n"
        "##VAR_NAME= FREQUENCY, SPECTRUM/REAL, SPECTRUM/IMAG, PAGE NUMBER\n##SYMBOL= X, R, I, N\n"
        "##VAR_DIM= 8, 8, 8, 2\n##UNITS= HZ, ARBITRARY UNITS, ARBITRARY UNITS,\n##FIRST= 700.0, 1, 5, 1\n"
        "##LAST= 0.0, 8, 8, 2\n##FACTOR= 1, 2, 2, 1\n##PAGE= N=1\n##DATA TABLE= (X++(R..R)), XYDATA $$ real\n"
        "700 A J T K\n400 E J J\n200 G H H\n##PAGE= N=2\n##DATA TABLE= (X++(I..I)), XYDATA\n700 aaaaaaaa\n"
        "##END NTUPLES= NMR SPECTRUM\n##END=\n"
    )
    path = tmp_path / "both.dx"
    path.write_text(text)
    found = open_measurement(path)
    np.testing.assert_allclose(found["intensity"].values[0], 2 * np.array([1, 2, 3, 5, 6, 7, 8, 8]))


def test_a_lost_line_of_jcamp_is_noticed(polymer, tmp_path: Path) -> None:
    path = tmp_path / "PCH.dx"
    jcamp(polymer, path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:40], *lines[41:]]) + "\n")
    with pytest.raises(ReaderError, match="should begin at point"):
        open_measurement(path)


def test_a_decay_in_jcamp_is_refused_with_the_remedy(polymer, tmp_path: Path) -> None:
    path = tmp_path / "PCH.dx"
    jcamp(polymer, path)
    path.write_text(path.read_text().replace("NMR SPECTRUM", "NMR FID"))
    with pytest.raises(ReaderError, match="holds NMR FID: a processed spectrum is expected"):
        open_measurement(path)


def test_runs_of_elemental_analyses_are_read_back(tmp_path: Path) -> None:
    data = merged([elemental(seed=at, name=name, material=name) for at, name in enumerate(("PCH", "PCHP"))])
    path = tmp_path / "EA.csv"
    elemental_csv(data, path)
    found = open_measurement(path, element_error="0.1 %")
    assert found["sample"].values.tolist() == ["EA PCH", "EA PCHP"]
    assert found["material"].values.tolist() == ["PCH", "PCHP"]
    np.testing.assert_allclose(found["mass_fraction"].values, data["mass_fraction"].values, atol=1e-6)
    np.testing.assert_allclose(found["element_error"].values, 0.001)


def test_headers_of_elemental_analysis_may_be_written_in_many_ways(tmp_path: Path) -> None:
    path = tmp_path / "EA.csv"
    path.write_text("Report 7\n\nSample;Carbon [%];Hydrogen [%];Nitrogen [%];S [%]\nPCH;70,1;4,5;0,45;-\n")
    found = open_measurement(path)
    np.testing.assert_allclose(found["mass_fraction"].sel(element="N").values, 0.0045)
    assert np.isnan(found["mass_fraction"].sel(element="S").values).all()
    path.write_text("Sample,C,N\nPCH,70.1,none\n")
    with pytest.raises(ReaderError, match="line 2: 'none' is no number"):
        open_measurement(path)
    path.write_text("Sample,C,N\nPCH,70.1,0.45\n")
    with pytest.warns(UserWarning, match="C, N: no unit is stated, weight percent is taken"):
        open_measurement(path)


def test_typed_numbers_stand_beside_spectra(polymer, tmp_path: Path) -> None:
    typed = elemental_analysis({"PCH": {"C": 70.1, "N": [0.45, 0.47]}}, error=0.1)
    procs = bruker_processed(polymer, tmp_path / "1")
    both = merged([open_measurement(procs, name="PCH", material="PCH"), typed])
    assert both["material"].values.tolist() == ["PCH", "PCH"]
    found = elements(both)["mass_fraction"].sel(element="N").values
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.0046)
    one = open_measurement(procs, name="PCH", material="PCH", nitrogen="0.45 %", element_error="0.1 %")
    assert elements(one)["mass_fraction"].sel(element="N").item() == pytest.approx(0.0045)
    for wrong, text in (
        ({}, "there is no material"),
        ({"a": {"Xy": 1.0}}, "element 'Xy'"),
        ({"a": {"N": 101}}, "0 to"),
    ):
        with pytest.raises(ValueError, match=text):
            elemental_analysis(wrong)


def test_a_measurement_without_spectrum_and_elements_is_none(tmp_path: Path) -> None:
    path = tmp_path / "EA.csv"
    path.write_text("Sample,C (%),N (%)\nPCH,-,-\n")
    with pytest.raises(ReaderError, match="finite values of shift and intensity, or mass_fraction are expected"):
        open_measurement(path)


def test_the_study_stands_side_by_side() -> None:
    data = composition_study()
    assert set(data["nucleus"].values) == {"1H", "13C", ""}
