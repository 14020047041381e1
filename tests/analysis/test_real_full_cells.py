"""Real full and half cells: charges and efficiencies of every cycle, against what other readers and makers found.

The references count the instrument's own charge counter, so the counter is asked for here; where a file has none, the
current is integrated by the trapezoid rule over its own columns. The cycle rule of each cell is the one under which
the half-cycles pair as in the reference. An efficiency is held against the quotient of the two printed charges.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pytest
import xarray as xr

from pchp_widgets import open_cell
from pchp_widgets.analysis import cycling
from pchp_widgets.analysis.differential import dq_dv
from pchp_widgets.analysis.knee import knees

BDF = "cycler/battery-data-format/docs/examples/reference"
HALF_CYCLES = {
    # EC-Lab numbers them 0, 2, 3, ...; these are the sums of its dq/mA.h over each, as galvani reads them [mA h]
    "navani/Example_data/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr": [
        -0.206529, 0.986781, -0.852855, 0.93709, -0.87633, 0.94194
    ],
    "yadg/tests/test_x_eclab/gcpl.pr_182.1.mpr": [-3.25196, 2.616072, -2.252434, 2.092633, -2.119512, 1.988163],
    "yadg/tests/test_x_eclab/gcpl.mpr": [-0.131998, 0.132001, -0.131999, 0.132002, -0.131998, 0.132002],
}  # fmt: skip
NEWARE = {
    # cycle: charge and discharge [mA h], as fastnda and the maker's own software count them
    "test_2.ndax": {
        1: (0.234972, 0.100586), 2: (0.070311, 0.06099), 3: (0.036048, 0.03309), 54: (0.045967, 0.003635)
    },
    "BTS85-36-6-5-110-20240424.ndax": {
        1: (1.057027, 1.026004), 2: (1.048684, 1.031168), 3: (1.05193, 1.036065), 22: (0.271675, np.nan)
    },
}  # fmt: skip


def cycles(
    path: Path, rule: str, charge: Literal["counter", "integral"] = "counter", columns: dict[str, str] | None = None
) -> xr.Dataset:
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the files lack is the subject of the readers' tests
        tree = open_cell(path, cycle_rule=rule, columns=columns)
    return cycling.per_cycle(tree["steps"].to_dataset(), charge=charge).isel(cell=0)


def both(found: xr.Dataset, number: int) -> list[float]:
    return [float(found[f"{way}_capacity"].sel(cycle=number)) for way in ("charge", "discharge")]


@pytest.mark.parametrize("rule", ["charge_first", "discharge_first"])
@pytest.mark.parametrize("name", HALF_CYCLES)
def test_every_printed_half_cycle_of_a_gcpl_file_under_either_rule(shared_data: Path, name: str, rule: str) -> None:
    printed = HALF_CYCLES[name]  # they begin with a discharge, which stands alone where charges open the cycles
    found = cycles(shared_data / "cycler" / name, rule)
    first = 0 if rule == "charge_first" else 1
    discharges = found["discharge_capacity"].sel(cycle=slice(first, first + 2)).values
    np.testing.assert_allclose(discharges, np.negative(printed[::2]), atol=1e-6)
    charges = found["charge_capacity"].sel(cycle=[1, 2, 3]).values
    np.testing.assert_allclose(charges, printed[1::2], atol=1e-6)
    pairs = list(pairwise(np.abs(printed)))[1 - first :: 2]
    efficiencies = found["coulombic_efficiency"].sel(cycle=slice(1, len(pairs))).values
    np.testing.assert_allclose(efficiencies, [closing / opening for opening, closing in pairs], rtol=2e-4, atol=0)


@pytest.mark.parametrize("name", NEWARE)
def test_every_printed_cycle_of_a_neware_file(shared_data: Path, name: str) -> None:
    found = cycles(shared_data / "cycler/fastnda/tests/test_data" / name, "charge_first")
    printed = NEWARE[name]
    assert found["cycle"].values[-1] == max(printed)
    for number, (charge, discharge) in printed.items():
        assert both(found, number) == pytest.approx((charge, discharge), abs=1.5e-6, nan_ok=True)
        efficiency = found["coulombic_efficiency"].sel(cycle=number).item()
        printed_within = 1.5e-6 * (1 / charge + 1 / discharge)
        assert efficiency == pytest.approx(discharge / charge, rel=printed_within, nan_ok=True)


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


@pytest.mark.parametrize("name", ["data/{}.csv", "docs/examples/reference/{}.bdf.csv"])
def test_the_counter_of_the_graphite_half_cell_is_that_of_its_capacity_columns(shared_data: Path, name: str) -> None:
    # the columns restart with every step: 0.0063 A h, 0.0032 A h, and 0.0013 A h when the file was written
    path = shared_data / "cycler/battery-data-format" / name.format("SINTEF__LiGrR2032__2024-04-30__25degC__Landt")
    found = cycles(path, "discharge_first")
    assert both(found, 1) == pytest.approx([3.2, 6.3])
    assert both(found, 2) == pytest.approx([np.nan, 1.3], nan_ok=True)
    assert found["coulombic_efficiency"].sel(cycle=1).item() == pytest.approx(3.2 / 6.3)


def test_a_half_cell_in_hours_that_were_turned_into_seconds_twice(shared_data: Path) -> None:
    # no counter in the file; the time, read in the unit it is in, gives C/50 of 6.4 mA h at 0.128 mA
    path = shared_data / BDF / "DLR__LiGrHydra0b__20230131__POCV__25degC__Basytec.bdf.csv"
    found = cycles(path, "discharge_first", "integral", {"time": "test_time_second [s2 h-1]"})
    time, _, current = pl.read_csv(path).to_numpy()[:, :3].T
    expected = [
        abs(np.trapezoid(current[way], time[way])) / 3600 / 3.6  # A s in mA h, of a time 3600 times too long
        for way in (slice(19909, 38624), slice(1264, 19787))
    ]
    assert both(found, 2) == pytest.approx(expected, rel=1e-4)
    assert both(found, 2) == pytest.approx([6.316, 6.4105], abs=1e-3)
    assert found["coulombic_efficiency"].sel(cycle=2).item() == pytest.approx(expected[0] / expected[1], rel=1e-4)
    assert np.isnan(found["coulombic_efficiency"].sel(cycle=1).item())


def test_a_pouch_cell_whose_time_restarts_at_every_step(shared_data: Path) -> None:
    # no counter in the file; without the first record of each step, whose time is 0, its steps integrate to these
    path = shared_data / BDF / "SINTEF__SLPBA842124HV__2024-10-23__Rate_25degC__Neware__Time_Bug.bdf.csv"
    found = cycles(path, "charge_first", "integral")
    frame = pl.read_csv(path).filter(pl.col("test_time_second") > 0)
    passed = {
        step[0]: np.trapezoid(of["current_ampere"], of["test_time_second"]) / 3.6
        for step, of in frame.group_by("step_index", maintain_order=True)
    }
    charges, discharges = [2, 6, 10, 14, 19], [4, 8, 12, 16, 21]
    for number, (charge, discharge) in enumerate(zip(charges, discharges, strict=True), start=1):
        expected = passed[charge], -passed[discharge]
        assert both(found, number) == pytest.approx(expected, abs=0.2)  # 59 A for 0.01 s are 0.17 mA h
        efficiency = found["coulombic_efficiency"].sel(cycle=number).item()
        assert efficiency == pytest.approx(expected[1] / expected[0], rel=5e-5)
    assert both(found, 5) == pytest.approx([7209.7, 7193.1], abs=0.1)


@pytest.mark.parametrize(
    "name",
    [
        f"{BDF}/SINTEF__G20M7-202512-Gru6mV__20251228__C30__25degC__Neware.bdf.csv",
        "cycler/fastnda-empa/SINTEF__G20M7_BTS91.nda",
    ],
)
def test_a_counter_that_restarts_inside_a_step_is_counted_on(shared_data: Path, name: str) -> None:
    # twice during the discharge the counter began anew: 134.784 and 4.354 mA h come before the 3716.034 others give
    found = cycles(shared_data / name, "charge_first")
    assert both(found, 1) == pytest.approx([3838.768, 3716.034 + 134.784 + 4.354], abs=2e-3)
    integral = cycles(shared_data / name, "charge_first", "integral")
    assert both(integral, 1) == pytest.approx(both(found, 1), rel=2e-5)
