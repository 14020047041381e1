"""Neware files as cyclers wrote them, against the exports of Neware's own software beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from pchp_widgets.io.neware import NewareReader
from pchp_widgets.model.schema import validate

FOLDER = Path("cycler/fastnda/tests/test_data")


def recording(path: Path) -> Recording:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    return NewareReader().read(path, ReadOptions())


def test_every_file_opens_or_says_why_not(shared_data: Path) -> None:
    reader = NewareReader()
    files = sorted((shared_data / "cycler").rglob("*.nda")) + sorted((shared_data / "cycler").rglob("*.ndax"))
    if not files:
        pytest.skip("there are no Neware files among the data")
    refused = []
    for file in files:
        with file.open("rb") as stream:
            assert reader.sniff(stream.read(HEAD_BYTES)) is None, file.name
        try:
            points = reader.read(file, ReadOptions()).points
        except ReaderError as error:
            refused.append((file.name, error.reason))
            continue
        assert validate(points) == [], file.name
    assert refused == [("empty.ndax", "the file holds no records: the test had not begun when it was written")]


def test_seven_hundred_thousand_records(shared_data: Path) -> None:
    found = recording(shared_data / FOLDER / "BTS85-36-6-5-110-20240424.ndax")
    assert found.points.sizes["point"] == 699_677
    assert np.unique(found.points["instrument_step"]).size == 45
    first = found.points["charge_counter"].values[found.points["instrument_step"].values == 2]
    assert first[-1] == pytest.approx(1.057027, abs=1e-6)
    assert any("671553 of 699677 records are interpolated" in text for text in found.warnings)


def test_a_counter_that_starts_again_inside_a_step_is_carried_on_and_named(shared_data: Path) -> None:
    found = recording(shared_data / "cycler/fastnda-empa/SINTEF__G20M7_BTS91.nda")
    discharge = found.points["charge_counter"].values[found.points["instrument_step"].values == 5]
    assert abs(np.ptp(discharge)) == pytest.approx(3855.172, abs=0.01)  # Neware's software shows 3716.034
    assert any("starts again 2 times inside a step" in text for text in found.warnings)


def test_the_cell_temperature_is_the_auxiliary_sensor(shared_data: Path) -> None:
    points = recording(shared_data / FOLDER / "Unit27_Example_Data_File.ndax").points
    assert points["temperature"].values[[0, -1]] == pytest.approx([25.5, 25.4], abs=0.05)
    assert "aux2_temperature_degC" in points


def test_a_sensor_that_is_not_there_is_no_temperature(shared_data: Path) -> None:
    points = recording(shared_data / "cycler/cellpy/testdata/data/20260302_IFE_BTS85_2_9_8_1.ndax").points
    assert "temperature" not in points
    assert not points["aux1_temperature_degC"].values.any()
