"""Exports of cyclers as they are in circulation, against what the files and their instruments say themselves."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr

from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.registry import reader_for
from pchp_widgets.model.cycles import half_cycles, steps

CELLPY, PYPROBE = Path("cellpy/testdata/data"), Path("PyProBE/tests/sample_data")


def opened(path: Path, reader: str) -> Recording:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    found = reader_for(path)
    assert found.name == reader
    return found.read(path, ReadOptions())


def by_counter(points: xr.Dataset) -> np.ndarray:
    """Charge and discharge of each cycle of the instrument, by its own counter [A h]."""
    laid_out = steps(points, rule="instrument")
    counted = laid_out["charge_counter"].values[0]
    return np.stack([np.nansum(np.clip(counted, 0, None), 1), np.nansum(np.clip(-counted, 0, None), 1)], 1) / 1e3


@pytest.mark.parametrize(
    ("name", "reader", "rows"),
    [
        (PYPROBE / "basytec/sample_data_basytec.txt", "basytec", 74),
        (PYPROBE / "novonix/sample_data_novonix.csv", "novonix", 207),
        ("beep/beep/tests/test_files/raw/test_Nova_Form-CH01-01_short.csv", "novonix", 3_942),
        ("batplot/archive_unused/B443_rate.csv", "neware-text", 5_572),
        ("battery-data-format/data/SINTEF__LiGrR2032__2024-04-30__25degC__Landt.csv", "landt", 25_162),
        (CELLPY / "nw_regular_export_ife_example.csv", "neware-text", 9_295),
        ("cellpy/examples/data/neware_uio.csv", "neware-text", 9_065),
        ("fastnda/tests/test_data/interp-test.csv", "neware-text", 333),
        (PYPROBE / "biologic/Sample_data_biologic_no_header.mpt", "biologic-mpt", 13),
        (PYPROBE / "biologic/Sample_data_biologic_timestamped.txt", "biologic-mpt", 8),
        (PYPROBE / "biologic/Sample_data_biologic_CA1.txt", "biologic-mpt", 1_397),
    ],
)  # fmt: skip
def test_every_record_is_read_by_the_reader_of_its_instrument(
    name: Path | str, reader: str, rows: int, shared_data: Path
) -> None:
    points = opened(shared_data / "cycler" / name, reader).points
    assert points.sizes["point"] == rows
    assert np.isfinite(points[["time", "voltage", "current"]].to_array()).all()


def test_a_nested_neware_export_has_the_capacities_its_own_lines_of_cycles_say(shared_data: Path) -> None:
    path = shared_data / "cycler" / CELLPY / "nw_regular_export_ife_example.csv"
    points = opened(path, "neware-text").points
    lines = [line.split(",") for line in path.read_text(encoding="latin-1").splitlines()[3:] if line[0].isdigit()]
    said = np.array([[float(line[1]), float(line[2])] for line in lines])
    np.testing.assert_allclose(by_counter(points), said, atol=2e-5)
    assert said.shape == (20, 2)
    assert points["instrument_step"].values[-1] == 81
    assert points["temperature"].values[0] == 26.61


def test_a_flat_neware_export_has_the_capacities_peers_find(shared_data: Path) -> None:
    points = opened(shared_data / "cycler/cellpy/examples/data/neware_uio.csv", "neware-text").points
    expected = [[0.004249, 0.005086], [0.004247, 0.004368], [0.007835, 0.007974], [0.001438, 0.003315]]
    np.testing.assert_allclose(by_counter(points), expected, atol=1e-6)


def test_landt_steps_and_states_are_kept(shared_data: Path) -> None:
    name = "cycler/battery-data-format/data/SINTEF__LiGrR2032__2024-04-30__25degC__Landt.csv"
    points = opened(shared_data / name, "landt").points
    assert sorted(set(points["instrument_step"].values.tolist())) == [1, 2, 3]
    assert (points["current"].values[points["control"].values == 0] == 0).all()
    assert points["charge_counter"].values.min() == pytest.approx(-6.3, abs=0.1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (PYPROBE / "neware/Experiment_Record.xlsx", "no sheet holds a table with time, voltage and current"),
        ("battery-data-toolkit/tests/files/batterydata/p492-13-summary.csv", "no column says that it holds voltage"),
        (CELLPY / "steps.csv", "no column says that it holds time or voltage"),
    ],
)
def test_what_holds_no_trace_is_refused(name: Path | str, words: str, shared_data: Path) -> None:
    path = shared_data / "cycler" / name
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    with pytest.raises(ReaderError, match=re.escape(words)):
        reader_for(path).read(path, ReadOptions())


def test_a_novonix_file_charges_what_its_current_passes(shared_data: Path) -> None:
    points = opened(
        shared_data / "cycler/beep/beep/tests/test_files/raw/test_Nova_Form-CH01-01_short.csv", "novonix"
    ).points
    halves = half_cycles(steps(points, rule="charge_first"))
    assert halves["charge"].values[0, 0, 0] == pytest.approx(29.4679, rel=1e-3)
    assert points["charge_counter"].values[-1] == pytest.approx(29.4679161)
    assert set(points["instrument_step"].values.tolist()) == {1, 2, 3}


@pytest.mark.parametrize(
    ("table", "binary"), [("test_2.parquet", "test_2.ndax"), ("46_1_5_60_bts16.parquet", "46_1_5_60_bts16.ndax")]
)
def test_neware_tables_kept_as_parquet_agree_with_the_binary_files(table: str, binary: str, shared_data: Path) -> None:
    folder = shared_data / "cycler/fastnda/tests/test_data"
    ours, theirs = opened(folder / table, "bdf").points, opened(folder / binary, "neware").points
    np.testing.assert_allclose(ours["time"], theirs["time"], atol=0.05)
    np.testing.assert_allclose(ours["voltage"], theirs["voltage"], atol=1e-4)
    np.testing.assert_allclose(ours["current"], theirs["current"], rtol=1e-5, atol=1e-3)
    np.testing.assert_array_equal(ours["instrument_step"], theirs["instrument_step"])


def test_a_neware_table_whose_test_was_paused_has_its_time_in_seconds(shared_data: Path) -> None:
    points = opened(shared_data / "cycler/fastnda/tests/test_data/SIM.parquet", "bdf").points
    assert points.sizes["point"] == 108_642
    assert points["time"].values[-1] == pytest.approx(1085.41)


def test_units_that_a_parquet_states_beside_its_columns_are_taken(shared_data: Path) -> None:
    folder = "battery-data-toolkit/tests/files/example-data/single-resistor-complex-charge_from-discharged"
    path = shared_data / "cycler" / folder / "raw_data.parquet"
    points = opened(path, "bdf").points
    frame = pl.read_parquet(path)
    np.testing.assert_array_equal(points["time"], frame["test_time"])
    np.testing.assert_allclose(points["current"], frame["current"] * 1e3)
    np.testing.assert_array_equal(points["instrument_cycle"], frame["cycle_number"])
