"""Real symmetric cells, against the reference numbers that come with the shared data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import open_cell
from pchp_widgets.analysis import symmetric
from pchp_widgets.io.contract import ReaderWarning


def test_a_symmetric_cell_without_a_current_column(shared_data: Path) -> None:
    tree = open_cell(shared_data / "cycler/yadg/tests/test_x_eclab/gcpl.mpr", kind="symmetric", area="1.0 cm2")
    points = tree["points"]
    assert points.sizes["point"] == 12_057
    assert float(points["time"][-1]) / 3600 == pytest.approx(384.89, abs=0.001)
    assert points["current"].attrs["origin"] == "derived: dq/dt"
    found = symmetric.polarization(tree)
    charge = found["charge"].values.ravel()
    assert np.isfinite(charge).sum() == 32
    assert np.abs(charge) == pytest.approx(0.1320, abs=5e-5)
    assert np.abs(found["current_mean"].values) == pytest.approx(0.011, rel=1e-4)
    assert not found["interrupted"].any()
    # reference: median voltage of the last tenth of half-cycles, in EC-Lab's count, which has no 1
    last = found["last"].sel(direction=["discharge", "charge"]).values.reshape(-1)
    numbers = [0, 2, 3, 10, 20, 31, 32]
    expected = [0.10585, 0.10304, 0.10587, 0.10523, 0.10782, 0.11389, 0.11141]
    place = [max(number - 1, 0) for number in numbers]
    assert last[place] == pytest.approx(expected, abs=1e-4)
    assert float(found["max"].max()) == pytest.approx(0.11407, abs=1e-5)


def test_a_voltage_only_file_of_700_hours(shared_data: Path) -> None:
    path = shared_data / "cycler/NickAlba/Data_Figure_3bc_PHJ_13_201.csv"
    with pytest.warns(ReaderWarning, match="the file holds no current"):
        tree = open_cell(path, kind="symmetric", current="0.1 mA")
    points = tree["points"]
    assert points.sizes["point"] == 57_820
    assert float(points["time"][-1]) / 3600 == pytest.approx(700.0, abs=0.1)
    assert float(np.abs(points["voltage"]).max()) == pytest.approx(0.256, abs=1e-3)
    assert points["current"].attrs["origin"].startswith("assumed: ")
    found = symmetric.polarization(tree)
    assert int(found["mid"].notnull().sum()) == 1400
    assert float(found["charge_usual"].median()) == pytest.approx(0.05, rel=0.01)  # half an hour at 0.1 mA


def test_the_counter_of_the_instrument_agrees_with_the_integral(shared_data: Path) -> None:
    tree = open_cell(shared_data / "cycler/yadg/tests/test_x_eclab/gcpl.mpr")
    steps = tree["steps"]
    assert float(np.abs(steps["charge_difference"]).max()) < 5e-7
    assert steps["charge_counter"].sum() == pytest.approx(2.11202 - 2.11197, abs=2e-5)
