"""Powder patterns of all formats: the same numbers from each, real files, and files that were damaged."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import ReaderError, open_measurement
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.diffrac import BrukerRawReader, UxdReader
from pchp_widgets.io.powder_table import PowderTableReader
from pchp_widgets.io.rigaku import RasReader, RasxReader
from pchp_widgets.io.synthetic import powder_files as files
from pchp_widgets.io.synthetic.diffraction import FILMS, angles, counts
from pchp_widgets.io.xrdml import XrdmlReader
from pchp_widgets.model.measurements import faults

ANGLES = angles(10.0, 30.0, 0.05)
COUNTS = counts(FILMS["PCH"], ANGLES, seed=1)
HEADER = '\'Id: film Anode: "Cu" Wavelength: 1.540598 TimePerStep: "2" 2theta counts\''
FORMATS = {
    "a.xy": (PowderTableReader, partial(files.write_xy, header=HEADER)),
    "a.xrdml": (XrdmlReader, partial(files.write_xrdml, step_time=2.0)),
    "a.ras": (RasReader, partial(files.write_ras, step_time=2.0)),
    "a.rasx": (RasxReader, partial(files.write_rasx, step_time=2.0)),
    "a.uxd": (UxdReader, partial(files.write_uxd, step_time=2.0)),
    "1.raw": (BrukerRawReader, partial(files.write_raw, version=1, step_time=2.0)),
    "2.raw": (BrukerRawReader, partial(files.write_raw, version=2, step_time=2.0)),
    "3.raw": (BrukerRawReader, partial(files.write_raw, version=3, step_time=2.0)),
    "4.raw": (BrukerRawReader, partial(files.write_raw, version=4, step_time=2.0)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_counts_wavelength_and_step_time(name: str, tmp_path: Path) -> None:
    reader, write = FORMATS[name]
    write(tmp_path / name, ANGLES, COUNTS)
    found = open_measurement(tmp_path / name, material="PCH")
    assert faults(found) == []
    assert found.attrs["reader"] == reader.name
    np.testing.assert_array_equal(found["intensity"].values[0], COUNTS)
    np.testing.assert_allclose(found["two_theta"].values[0], ANGLES, atol=2e-5)
    assert found["wavelength"].values == pytest.approx(files.ALPHA1, rel=1e-6)
    assert found["step_time"].values == pytest.approx(2.0, rel=1e-4)
    np.testing.assert_allclose(found["count_time"].values, 2.0, rtol=1e-4)
    assert found["intensity_kind"].item() == "counts"
    if name != "a.xy":
        assert found["wavelength_alpha2"].values == pytest.approx(files.ALPHA2, rel=1e-6)


def test_raw_and_the_uxd_made_of_it_hold_the_same(shared_data: Path) -> None:
    raw, text = (open_measurement(shared_data / "materials" / "xrd" / name) for name in ("BT86.raw", "BT86_.UXD"))
    np.testing.assert_array_equal(raw["intensity"].values, text["intensity"].values)
    np.testing.assert_allclose(raw["two_theta"].values, text["two_theta"].values, atol=6e-4)
    for name in ("wavelength", "wavelength_alpha2", "alpha2_ratio", "step_time"):
        assert raw[name].item() == pytest.approx(text[name].item(), rel=1e-5)


def test_real_xrdml_keeps_angles_and_counts(shared_data: Path) -> None:
    found = open_measurement(shared_data / "materials" / "xrd" / "XRD-918-16_10.xrdml")
    assert found.sizes == {"sample": 1, "point": 5027}
    assert found["two_theta"].values[0, [0, -1]] == pytest.approx([4.00656514, 69.99936587], abs=1e-8)
    assert found["step_time"].item() == 39.27
    assert found["wavelength"].item() == 1.540598
    assert open_measurement(shared_data / "materials" / "xrd" / "empyrean.xrdml").sizes["point"] == 196


def test_ranges_that_were_counted_differently_long_are_samples(shared_data: Path) -> None:
    with pytest.warns(ReaderWarning, match="3 scans"):
        found = open_measurement(shared_data / "materials" / "xrd" / "format1.raw")
    assert list(found["sample"].values) == ["format1 range 1", "format1 range 2", "format1 range 3"]
    assert np.isfinite(found["intensity"].values).sum(1).tolist() == [101, 26, 51]
    np.testing.assert_allclose(found["step_time"].values, [0.1, 0.2, 0.1], rtol=1e-6)


def test_intensities_of_a_rasx_that_are_no_counts_are_said_to_be_none(shared_data: Path) -> None:
    with pytest.warns(ReaderWarning, match="no counts"):
        found = open_measurement(shared_data / "materials" / "xrd" / "TwoTheta_scan_powder.rasx")
    assert found.sizes["point"] == 2726
    assert found["intensity_kind"].item() == "arbitrary"
    assert np.isnan(found["wavelength_alpha2"].item())  # two crystals of germanium took it away
    assert found["step_time"].item() == pytest.approx(2.4)


def test_neutron_pattern_is_refused_with_a_reason(shared_data: Path) -> None:
    with pytest.raises(ReaderError, match="neutron patterns: export columns"):
        open_measurement(shared_data / "materials" / "xrd" / "D1A5.dat")


def test_rates_become_counts_where_the_step_time_is_known(tmp_path: Path) -> None:
    files.write_xy(tmp_path / "a.xy", ANGLES, COUNTS / 4, header="# 2theta cps, step time: 4 s")
    with pytest.warns(ReaderWarning, match="multiplied by the step time of 4 s"):
        found = open_measurement(tmp_path / "a.xy", wavelength="1.5406 angstrom")
    np.testing.assert_allclose(found["intensity"].values[0], COUNTS)
    assert found["intensity_kind"].item() == "counts"


def test_plain_columns_without_a_header_are_a_pattern_whose_wavelength_is_unknown(tmp_path: Path) -> None:
    files.write_xy(tmp_path / "a.xy", ANGLES, COUNTS)
    with pytest.warns(ReaderWarning, match="taken as counts"):
        found = open_measurement(tmp_path / "a.xy")
    assert np.isnan(found["wavelength"].item())


def test_columns_with_decimal_commas_and_semicolons_are_read(tmp_path: Path) -> None:
    lines = "".join(f"{angle:.2f};{value:.1f}\n".replace(".", ",") for angle, value in zip(ANGLES, COUNTS, strict=True))
    (tmp_path / "a.csv").write_text("2Theta;counts\n" + lines, encoding="utf-8")
    found = open_measurement(tmp_path / "a.csv", technique="diffraction")
    np.testing.assert_allclose(found["two_theta"].values[0], ANGLES, atol=1e-6)
    np.testing.assert_array_equal(found["intensity"].values[0], COUNTS)


def test_columns_that_are_no_angles_are_declined() -> None:
    rows = "".join(f"{energy:.2f} {energy:.0f}\n" for energy in np.arange(1100, 1000, -0.5))
    assert "does not ascend" in str(PowderTableReader().sniff(rows.encode()))
    rows = "temperature,heat flow\n" + "".join(f"{at},{at}\n" for at in range(20, 90))
    assert "no header names" in str(PowderTableReader().sniff(rows.encode()))


def test_scan_of_another_axis_is_refused(tmp_path: Path) -> None:
    files.write_xrdml(tmp_path / "a.xrdml", ANGLES, COUNTS)
    text = (tmp_path / "a.xrdml").read_text().replace('scanAxis="Gonio"', 'scanAxis="Omega"')
    (tmp_path / "b.xrdml").write_text(text)
    with pytest.raises(ReaderError, match="moves Omega: a pattern over 2 theta is expected"):
        open_measurement(tmp_path / "b.xrdml")


def test_attenuated_intensities_are_no_counts(tmp_path: Path) -> None:
    files.write_ras(tmp_path / "a.ras", ANGLES, COUNTS)
    text = (tmp_path / "a.ras").read_text().replace("1.0000\n*RAS_INT_END", "2.5000\n*RAS_INT_END")
    (tmp_path / "b.ras").write_text(text)
    with pytest.warns(ReaderWarning, match="no counts"), pytest.warns(ReaderWarning, match="attenuator"):
        found = open_measurement(tmp_path / "b.ras")
    assert found["intensity"].values[0, -1] == 2.5 * COUNTS[-1]
    assert found["intensity_kind"].item() == "arbitrary"
