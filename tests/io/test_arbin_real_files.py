"""Arbin files as they are in circulation, against what other readers give of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.arbin import ArbinResReader, ArbinTextReader
from pchp_widgets.io.cell import open_cell
from pchp_widgets.io.contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from pchp_widgets.io.maccor import MaccorImpedanceReader, MaccorReader
from pchp_widgets.io.pec import PecReader
from pchp_widgets.io.registry import reader_for
from pchp_widgets.testing import check_reader

READERS = (ArbinResReader(), ArbinTextReader(), MaccorReader(), MaccorImpedanceReader(), PecReader())
FC = "cellpy/examples/data/20210210_FC_01_cc_0"
RES = {
    # points; charge and discharge capacity of the first cycles by cellpy [A h]
    f"{FC}1.res": (7218, [0.003819, 0.003422, 0.0], [0.003324, 0.003234, 0.0]),
    f"{FC}4.res": (14979, [0.003568, 0.003572, 0.003612, 0.003542], [0.003435, 0.003485, 0.003495, 0.003404]),
    "cellpy/testdata/data/20160805_test001_45_cc_01.res": (
        10261, [0.001625, 0.0017, 0.001732, 0.001576], [0.001755, 0.001567, 0.001586, 0.001517],
    ),
    "cellpy/testdata/data/aux_one_x_dx.res": (7235, [1.595609], [0.0]),
    "navani/Example_data/arbin_example.res": (
        2150, [0.000484, 0.000477, 0.000476, 0.000476], [0.000475, 0.000474, 0.000474, 0.000474],
    ),
}  # fmt: skip


@pytest.fixture
def mdbtools() -> None:
    if shutil.which("mdb-export") is None:
        pytest.skip("mdbtools are not installed: Arbin's databases cannot be read (apt install mdbtools)")


def opened(path: Path, **options: object) -> Recording:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    return reader_for(path).read(path, ReadOptions(**options))  # type: ignore[arg-type]


@pytest.mark.usefixtures("mdbtools")
@pytest.mark.parametrize("name", RES)
def test_capacities_are_those_of_the_instrument(name: str, shared_data: Path) -> None:
    rows, charge, discharge = RES[name]
    recording = opened(shared_data / "cycler" / name)
    points = recording.points
    assert points.sizes["point"] == rows
    counted = points["charge_counter"].values
    passed = np.diff(counted, prepend=counted[0])
    for cycle, (charged, discharged) in enumerate(zip(charge, discharge, strict=True), 1):
        inside = passed[points["instrument_cycle"].values == cycle] / 1e3
        assert np.sum(inside[inside > 0]) == pytest.approx(charged, abs=6e-7)
        assert -np.sum(inside[inside < 0]) == pytest.approx(discharged, abs=6e-7)
    integral = np.sum(np.diff(points["time"]) * (points["current"].values[1:] + points["current"].values[:-1])) / 7200
    throughput = np.sum(np.abs(passed))
    assert integral == pytest.approx(counted[-1] - counted[0], abs=0.01 * throughput)
    assert recording.provenance["instrument"] == "Arbin"


@pytest.mark.usefixtures("mdbtools")
def test_a_database_states_its_test(shared_data: Path) -> None:
    recording = opened(shared_data / "cycler/navani/Example_data/arbin_example.res")
    assert recording.provenance == {
        "instrument": "Arbin",
        "software": "Results File 5.23",
        "technique": r"AliceM\LCO-ajm5-SSA8-N_5xCo10.sdu",
        "operator": "AliceM",
        "channel": "12",
        "test_name": "ajm314_LCO_ajm5-SSB1-F_Wait48hr-Repeat-01-012",
        "start_time": "2023-07-24T18:50:00",
    }
    assert recording.finished
    assert recording.warnings == []


@pytest.mark.usefixtures("mdbtools")
def test_a_pause_that_the_test_time_does_not_count_is_named(shared_data: Path) -> None:
    said = opened(shared_data / f"cycler/{FC}4.res").warnings
    assert "182597 s of it between points 830 and 831" in said[0]
    assert said[1] == "the instrument noted 'Unsafe' at 59261.2 s"


@pytest.mark.usefixtures("mdbtools")
def test_a_sensor_of_an_auxiliary_channel_is_the_temperature(shared_data: Path) -> None:
    points = opened(shared_data / "cycler/cellpy/testdata/data/aux_one_x_dx.res").points
    np.testing.assert_allclose(points["temperature"][:2], [24.406582, 24.372744])
    assert points["temperature"].attrs["units"] == "degC"
    assert np.isfinite(points["temperature"]).all()


@pytest.mark.usefixtures("mdbtools")
def test_a_cut_database_gives_what_can_be_read_of_it_when_asked(shared_data: Path, tmp_path: Path) -> None:
    whole = shared_data / "cycler/navani/Example_data/arbin_example.res"
    if not whole.exists():
        pytest.skip(f"{whole.name} is not among the files")
    cut = tmp_path / "a.res"
    cut.write_bytes(whole.read_bytes()[: 98 * 4096])
    with pytest.raises(ReaderError, match=r"of the 2150 rows of Channel_Normal_Table are there .* partial=True"):
        ArbinResReader().read(cut, ReadOptions())
    recording = ArbinResReader().read(cut, ReadOptions(partial=True))
    assert 500 < recording.points.sizes["point"] < 2150
    assert any("2150 rows of Channel_Normal_Table are there" in text for text in recording.warnings)


@pytest.mark.usefixtures("mdbtools")
def test_the_reader_of_databases_keeps_the_contract(shared_data: Path) -> None:
    path = shared_data / "cycler/navani/Example_data/arbin_example.res"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    check_reader(ArbinResReader, path, partial_ok=False)  # the tables at its end are needed to find the others


def test_without_mdbtools_the_error_says_what_to_install(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = shared_data / "cycler/navani/Example_data/arbin_example.res"
    with pytest.raises(ReaderError, match=r"takes the package mdbtools.*apt install mdbtools"):
        opened(path)


@pytest.mark.parametrize(
    ("name", "rows", "cycles"),
    [
        ("PyProBE/tests/sample_data/arbin/sample_data_arbin.csv", 13, 1),
        ("battery-data-toolkit/tests/files/arbin_example.csv", 2142, 2),
        ("beep/beep/tests/test_files/2017-05-09_test-TC-contact_CH33.csv", 287, 0),
        ("beep/beep/tests/test_files/FastCharge_000025_CH8.csv", 248, 1),
    ],
)
def test_text_exports_are_arbins(name: str, rows: int, cycles: int, shared_data: Path) -> None:
    path = shared_data / "cycler" / name
    recording = opened(path)
    assert reader_for(path).name == "arbin-text"
    assert recording.points.sizes["point"] == rows
    assert np.abs(recording.points["voltage"]).max() < 5
    assert "temperature" in recording.points
    if cycles:
        assert len(np.unique(recording.points["instrument_cycle"])) == cycles
    else:
        assert "'Cycle_Index' is no count" in recording.warnings[0]


def test_an_export_opens_as_a_cell(shared_data: Path) -> None:
    path = shared_data / "cycler/battery-data-toolkit/tests/files/arbin_example.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    steps = open_cell(path, kind="full")["steps"].to_dataset()
    # capacities of the second cycle by Arbin's own counters [mA h]
    assert float(steps["charge_counter"].where(steps["charge_counter"] < 0).min()) == pytest.approx(-1072.9, rel=0.01)


def test_these_readers_take_their_own_files_and_no_others(shared_data: Path) -> None:
    own = {
        "arbin-res": {Path(name).name for name in RES},
        "arbin-text": {
            "sample_data_arbin.csv", "arbin_example.csv", "2017-05-09_test-TC-contact_CH33.csv",
            "FastCharge_000025_CH8.csv",
        },
        "maccor-text": {
            "sample_data_maccor.csv", "maccor_example.001", "maccor_example.002", "maccor_one.txt", "maccor_three.txt",
            "maccor_001.txt", "PredictionDiagnostics_000109_tztest.010", "PredictionDiagnostics_000151_paused.052",
            "PredictionDiagnostics_000151_test.052", "maccor_test_file_4267-66-6519.041", "xTESLADIAG_000019_CH70.070",
        },
        "maccor-impedance": {"maccor_test_file_4267-66-6519.EDA0001.041"},
        "pec-csv": {"pec.csv"},
    }  # fmt: skip
    expected = {file: name for name, files in own.items() for file in files}
    for path in sorted((shared_data / "cycler").rglob("*")):
        if not path.is_file():
            continue
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        takes = [reader.name for reader in READERS if reader.sniff(head) is None]
        assert takes == [expected[path.name]] if path.name in expected else not takes, path.name
