"""Real full and half cells: charges and efficiencies of every cycle, against what other readers and makers found.

The references count the instrument's own charge counter, so the counter is asked for here; the cycle rule of each cell
is the one under which the half-cycles pair as in the reference.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import open_cell
from pchp_widgets.analysis import cycling
from pchp_widgets.analysis.differential import dq_dv
from pchp_widgets.analysis.knee import knees


def cycles(path: Path, rule: str) -> xr.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the files lack is the subject of the readers' tests
        tree = open_cell(path, cycle_rule=rule)
    return cycling.per_cycle(tree["steps"].to_dataset(), charge="counter").isel(cell=0)


def both(found: xr.Dataset, number: int) -> list[float]:
    return [float(found[f"{way}_capacity"].sel(cycle=number)) for way in ("charge", "discharge")]


def test_a_gcpl_half_cell_that_begins_with_half_a_discharge(shared_data: Path) -> None:
    # EC-Lab half cycles 0, 2, 3, 4, ...: the first discharge has no charge before it, hence cycle 0
    path = shared_data / "cycler/navani/Example_data/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr"
    found = cycles(path, "charge_first")
    assert found["discharge_capacity"].sel(cycle=0).item() == pytest.approx(0.206529, abs=1e-6)
    assert both(found, 1) == pytest.approx([0.986781, 0.852855], abs=1e-6)
    assert both(found, 2) == pytest.approx([0.93709, 0.87633], abs=1e-6)
    assert found["charge_capacity"].sel(cycle=3).item() == pytest.approx(0.94194, abs=1e-6)
    assert found["coulombic_efficiency"].sel(cycle=1).item() == pytest.approx(0.852855 / 0.986781, abs=2e-6)
    assert np.isnan(found["coulombic_efficiency"].sel(cycle=0).item())
    assert not found["interrupted"].sel(cycle=slice(1, 5)).any()


def test_a_gcpl_half_cell_that_is_lithiated_first(shared_data: Path) -> None:
    found = cycles(shared_data / "cycler/yadg/tests/test_x_eclab/gcpl.pr_182.1.mpr", "discharge_first")
    assert both(found, 1) == pytest.approx([2.616072, 3.25196], abs=1e-6)
    assert both(found, 2) == pytest.approx([2.092633, 2.252434], abs=1e-6)
    assert both(found, 3) == pytest.approx([1.988163, 2.119512], abs=1e-6)
    assert found["opens"].item() == "discharge"
    assert found["coulombic_efficiency"].sel(cycle=1).item() == pytest.approx(2.616072 / 3.25196, abs=1e-6)


def test_a_neware_cell_of_54_cycles_with_slow_ones_in_between(shared_data: Path) -> None:
    found = cycles(shared_data / "cycler/fastnda/tests/test_data/test_2.ndax", "charge_first")
    assert found.sizes["cycle"] == 54
    for number, expected in {1: (0.234972, 0.100586), 2: (0.070311, 0.06099), 3: (0.036048, 0.03309)}.items():
        assert both(found, number) == pytest.approx(expected, abs=1.5e-6)
    assert both(found, 54) == pytest.approx((0.045967, 0.003635), abs=1.5e-6)
    assert found["cycle"].values[found["interrupted"].values].tolist() == [54]
    kept = cycling.retention(found.expand_dims("cell"))
    slow = np.array([1, 10, 31, 52])
    assert kept["excluded"].sel(cycle=slow).all()
    assert kept["reference_cycle"].item() == 3


def test_a_neware_rate_test_of_22_cycles(shared_data: Path) -> None:
    path = shared_data / "cycler/fastnda/tests/test_data/BTS85-36-6-5-110-20240424.ndax"
    found = cycles(path, "charge_first")
    for number, expected in {1: (1.057027, 1.026004), 2: (1.048684, 1.031168), 3: (1.05193, 1.036065)}.items():
        assert both(found, number) == pytest.approx(expected, abs=1.5e-6)
    assert found["charge_capacity"].sel(cycle=22).item() == pytest.approx(0.271675, abs=1.5e-6)
    assert np.isnan(found["discharge_capacity"].sel(cycle=22).item())
    assert found["coulombic_efficiency"].sel(cycle=1).item() == pytest.approx(1.026004 / 1.057027, abs=3e-6)
    assert knees(found.expand_dims("cell"))["observed"].item() == -1  # three cycles at each rate are too few


@pytest.mark.parametrize("name", ["data/{}.csv", "docs/examples/reference/{}.bdf.csv"])
def test_a_graphite_half_cell_whose_counter_contradicts_its_current(shared_data: Path, name: str) -> None:
    # 0.2 mA for 128588 s are 7.144 mA h; the counter of the file says 6.3, and the difference is the error
    path = shared_data / "cycler/battery-data-format" / name.format("SINTEF__LiGrR2032__2024-04-30__25degC__Landt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = open_cell(path, cycle_rule="discharge_first", kind="half")
    found = tree.pchp.cycling().isel(cell=0)
    assert both(found, 1) == pytest.approx([3.5634, 7.1438], abs=1e-4)
    assert found["opens"].item() == "discharge"
    assert found["discharge_capacity_stderr"].sel(cycle=1).item() == pytest.approx(0.8438, abs=1e-3)
    assert found["coulombic_efficiency_stderr"].sel(cycle=1).item() > 0.05
    assert found["interrupted"].sel(cycle=2).item()
    charge = dq_dv(tree, 1, "charge")
    assert "dV/dQ" in charge.attrs["advice"]  # the stages of graphite lie within 50 mV
    peaks = charge["voltage"].values[charge["dq_dv"].values > 0.3 * charge["dq_dv"].values.max()]
    assert ((peaks > 0.05) & (peaks < 0.3)).all()
