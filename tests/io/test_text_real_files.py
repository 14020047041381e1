"""Text and BDF files as they are in circulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.bdf import BdfReader
from pchp_widgets.io.contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from pchp_widgets.io.delimited import DelimitedTextReader
from pchp_widgets.io.registry import reader_for

ARCHIVE = "battery-data-toolkit/tests/files/batteryarchive"
BDF = Path("cycler/battery-data-format/docs/examples/reference")


def opened(path: Path, reader: str, **options: object) -> Recording:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    found = reader_for(path)
    assert found.name == reader
    return found.read(path, ReadOptions(**options))  # type: ignore[arg-type]


def test_a_symmetric_cell_without_a_current_column(shared_data: Path) -> None:
    path = shared_data / "cycler/NickAlba/Data_Figure_3bc_PHJ_13_201.csv"
    points = opened(path, "delimited-text", current=0.1).points
    assert points.sizes["point"] == 57_820
    assert points["time"].values[-1] / 3600 == pytest.approx(700.0, abs=0.02)
    assert np.abs(points["voltage"]).max() == pytest.approx(0.2564)
    assert np.abs(points["current"]).min() == 0.1
    starts = np.flatnonzero(np.diff(points["current"], prepend=0.0))
    assert len(starts) == 1400
    # the file writes the last point before and the first point after each reversal at one and the same time
    assert (np.diff(points["time"])[starts[1:] - 1] == 0).all()
    lengths = np.diff(points["time"].values[np.append(starts, -1)]) / 3600
    np.testing.assert_allclose(lengths[1:], 0.5, atol=1e-3)
    assert lengths[0] == pytest.approx(0.4761, abs=1e-4)
    assert points["current"].attrs["origin"].startswith("assumed")


def test_a_symmetric_cell_without_a_current_column_asks_for_the_amplitude(shared_data: Path) -> None:
    with pytest.raises(ReaderError, match=r'current="0\.1 mA"'):
        opened(shared_data / "cycler/NickAlba/Data_Figure_3bc_PHJ_13_201.csv", "delimited-text")


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        (
            "DLR__LiGrHydra0b__20230131__POCV__25degC__Basytec.bdf.csv",
            39_193,
            "3600 times 10 s: hours were probably turned into seconds twice, and the test lasted 4.289 days",
        ),
        (
            "SINTEF__G20M7-202512-Gru6mV__20251228__C30__25degC__Neware.bdf.csv",
            17_587,
            "'cycle_count' is no count: 6.283185307 in every row",
        ),
        (
            "SINTEF__LiGrR2032__2024-04-30__25degC__Landt.bdf.csv",
            25_162,
            "1.129 times what the instrument's own counters say",  # its current has one digit
        ),
        (
            "SINTEF__SLPBA842124HV__2024-10-23__Rate_25degC__Neware__Time_Bug.bdf.csv",
            13_086,
            "the time is 0 in the first record of 19 steps",
        ),
    ],
)
def test_faults_of_bdf_reference_files_are_named(name: str, rows: int, said: str, shared_data: Path) -> None:
    found = opened(shared_data / BDF / name, "bdf")
    assert found.points.sizes["point"] == rows
    assert any(said in text for text in found.warnings)


def test_a_bdf_file_and_the_neware_file_it_was_made_from_agree(shared_data: Path) -> None:
    name = "SINTEF__G20M7-202512-Gru6mV__20251228__C30__25degC__Neware.bdf.csv"
    ours = opened(shared_data / BDF / name, "bdf").points
    theirs = opened(shared_data / "cycler/fastnda-empa/SINTEF__G20M7_BTS91.nda", "neware").points
    np.testing.assert_allclose(ours["voltage"], theirs["voltage"], atol=1e-6)
    np.testing.assert_allclose(ours["charge_counter"], theirs["charge_counter"], atol=1e-3)


def test_bdf_with_the_opposite_sign_of_the_current_is_named(shared_data: Path) -> None:
    found = opened(shared_data / "cycler/cellpy/testdata/data/batmo_bdf.csv", "bdf")
    assert found.points.sizes["point"] == 21_206
    assert any("or the sign of the current is" in text for text in found.warnings)


def test_a_parquet_of_the_legacy_dialect(shared_data: Path) -> None:
    points = opened(shared_data / "cycler/battery-data-format/tests/data/bdf/legacy.bdf.parquet", "bdf").points
    assert points.sizes["point"] == 5000
    assert points["time"].values[-1] == pytest.approx(148_781.953)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("battery-data-toolkit/tests/files/batterydata/p492-13-raw.csv", 2_021),
        (f"{ARCHIVE}/CALCE_CX2-33_prism_LCO_25C_0-100_0.5-0.5C_d_timeseries.csv", 15),
    ],
)
def test_exports_of_other_instruments_are_understood_by_their_headers(name: str, rows: int, shared_data: Path) -> None:
    points = opened(shared_data / "cycler" / name, "delimited-text").points
    assert points.sizes["point"] == rows
    assert np.isfinite(points[["time", "voltage", "current"]].to_array()).all()


def test_headers_without_units_are_not_guessed(shared_data: Path) -> None:
    path = shared_data / "cycler/battery-data-toolkit/tests/files/arbin_example.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    with pytest.raises(ReaderError, match="no column says that it holds time or voltage and in which unit"):
        DelimitedTextReader().read(path, ReadOptions())
    columns = {"time": "Test_Time [s]", "voltage": "Voltage [V]", "current": "Current [A]"}
    columns |= {"charge_capacity": "Charge_Capacity [Ah]", "discharge_capacity": "Discharge_Capacity [Ah]"}
    found = DelimitedTextReader().read(path, ReadOptions(columns=columns))
    assert found.points.sizes["point"] > 1000
    assert "charge_counter" in found.points


def test_no_text_reader_takes_a_binary_file(shared_data: Path) -> None:
    files = [path for path in (shared_data / "cycler").rglob("*") if path.suffix in {".mpr", ".res", ".nda", ".h5"}]
    if not files:
        pytest.skip("there are no binary files among the data")
    for path in files:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        assert BdfReader().sniff(head), path.name
        assert DelimitedTextReader().sniff(head), path.name
