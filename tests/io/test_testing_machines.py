"""Files of peel tests: what the readers give, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import open_measurement
from pchp_widgets.io.bluehill import BluehillReader
from pchp_widgets.io.contract import ReaderError, ReaderWarning
from pchp_widgets.io.peel_table import PeelTableReader
from pchp_widgets.io.synthetic.adhesion import PeelTruth, peel
from pchp_widgets.io.synthetic.adhesion_files import bluehill_csv, table_csv, zwick_txt
from pchp_widgets.io.testxpert import ZwickReader
from pchp_widgets.model.measurements import faults

SHORT = PeelTruth(travel=60.0, spacing=0.5)
FILES = {
    "instron-bluehill": ("Specimen_RawData_1.csv", bluehill_csv, BluehillReader),
    "zwick-testxpert": ("series.txt", zwick_txt, ZwickReader),
    "peel-table": ("peel.csv", table_csv, PeelTableReader),
}


@pytest.fixture
def truth():
    return peel(SHORT, strips=3, seed=4)


@pytest.mark.parametrize("name", FILES)
def test_strips_come_back_as_they_were_written(tmp_path: Path, truth, name):
    file, text, _ = FILES[name]
    (tmp_path / file).write_text(text(truth), "utf-8")
    found = open_measurement(tmp_path / file, material="PCHP")
    assert found.attrs["reader"] == name
    assert faults(found) == []
    assert found["force"].shape == truth["force"].shape
    np.testing.assert_allclose(found["force"].values, truth["force"].values, atol=1e-5)
    np.testing.assert_allclose(found["displacement"].values, truth["displacement"].values, atol=1e-4)
    if name != "peel-table":
        np.testing.assert_allclose(found["time"].values, truth["time"].values, atol=1e-3)
        assert found["width"].item() == 25.0
        assert found["peel_angle"].item() == 180.0
        assert str(found["failure_mode"].item()) == "adhesive"


def test_strips_below_each_other_are_told_apart_by_their_names(tmp_path: Path, truth):
    path = tmp_path / "long.csv"
    path.write_text(table_csv(truth, layout="long"))
    found = open_measurement(path)
    np.testing.assert_allclose(found["force"].values, truth["force"].values, atol=1e-5)


def test_german_text_in_the_encoding_of_windows_is_read(tmp_path: Path, truth):
    path = tmp_path / "series.txt"
    path.write_bytes(zwick_txt(truth).encode("cp1252"))
    found = open_measurement(path)
    assert str(found["failure_mode"].item()) == "adhesive"
    np.testing.assert_allclose(found["force"].values, truth["force"].values, atol=1e-5)


ROWS = "".join(f"{at},{at / 10}\n" for at in range(20))


@pytest.mark.parametrize(
    ("head", "travel", "force"),
    [
        ("Crosshead (in),Load (lbf)", 25.4, 4.4482216152605),
        ("Displacement [cm],Force [kN]", 10.0, 1000.0),
        ("Stroke_mm,Force_N", 1.0, 1.0),
        ("Weg in mm,Kraft in mN", 1.0, 1e-3),
    ],
)
def test_units_are_taken_from_the_headers(tmp_path: Path, head, travel, force):
    path = tmp_path / "peel.csv"
    path.write_text(f"{head}\n{ROWS}")
    found = open_measurement(path, technique="adhesion")
    assert found["displacement"].values[0, 0, 5] == pytest.approx(5 * travel)
    assert found["force"].values[0, 0, 5] == pytest.approx(0.5 * force)


def test_a_column_without_a_unit_is_asked_for(tmp_path: Path):
    path = tmp_path / "peel.csv"
    path.write_text(f"Displacement,Force (N)\n{ROWS}")
    with pytest.raises(ReaderError, match=r"'Displacement' states no unit; write 'Displacement \(mm\)'"):
        open_measurement(path, technique="adhesion")
    found = open_measurement(path, technique="adhesion", columns={"displacement": "Displacement [mm]"})
    assert found["displacement"].values[0, 0, 5] == 5.0


def test_widths_that_differ_belong_to_the_strips(tmp_path: Path):
    path = tmp_path / "Specimen_RawData.csv"
    table = '"Time","Extension","Load"\n"(s)","(mm)","(N)"\n' + "".join(f"{n},{n},{n}\n" for n in range(20))
    path.write_text(f'"Width","25","mm"\n{table}"Width","1","in"\n{table}')
    found = open_measurement(path)
    np.testing.assert_allclose(found["specimen_width"].values, [[25.0, 25.4]])


def test_a_damaged_row_is_counted_and_many_are_refused(tmp_path: Path):
    path = tmp_path / "peel.csv"
    good = [f"{at},{at}" for at in range(200)]
    good[50] = "50,--"
    path.write_text("Displacement (mm),Force (N)\n" + "\n".join(good) + "\n")
    with pytest.warns(ReaderWarning, match=r"1 of 200 rows hold no numbers .* line 52"):
        found = open_measurement(path, technique="adhesion")
    assert np.isfinite(found["force"].values).sum() == 199
    good[60:100] = ["?,?"] * 40
    path.write_text("Displacement (mm),Force (N)\n" + "\n".join(good) + "\n")
    with pytest.raises(ReaderError, match="partial=True"):
        open_measurement(path, technique="adhesion")


def test_an_indentation_is_no_peel_test():
    assert "micrometres" in str(PeelTableReader().sniff(b"Displacement (nm),Load (mN)\n1,2\n"))


def test_single_letters_count_with_their_units_only():
    assert PeelTableReader().sniff(b"x\tP/W\n1\t2\n") is not None
    assert PeelTableReader().sniff(b"x/mm\tF/N\n1\t2\n") is None
