"""Capacities, efficiencies and what is left of them: against the arithmetic of the reported cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis import cycling
from pchp_widgets.analysis.fade import fade, voltage_gap_growth
from pchp_widgets.model.schema import MODES

AREA = np.pi * 0.65**2
CC, CV, DIS, UNSAID = (MODES.index(name) for name in ("cc_charge", "cv_charge", "cc_discharge", "charge"))


def cell_steps(
    discharge: Any,
    *,
    efficiency: Any = 1.0,
    j: Any = 2.0,
    cv: float = 0.0,
    voltages: tuple[float, float] = (3.9, 3.7),
    numbers: Any = None,
    opens: str = "charge",
    control: int = CC,
    **metadata: float,
) -> xr.Dataset:
    """Steps of one cell of given discharge capacities [mA h cm-2]: a charge, perhaps with CV, and a discharge."""
    back = np.asarray(discharge, float)
    out = back / efficiency
    density = np.broadcast_to(np.asarray(j, float), back.shape)
    charge = AREA * np.stack([out * (1 - cv), out * cv, -back], axis=-1)
    hours = np.abs(charge) / (AREA * density[:, None] * np.array([1, 0.5, 1]))
    voltage = np.broadcast_to(np.array([voltages[0], 4.3, voltages[1]]), charge.shape)
    mode = np.broadcast_to(np.array([control, CV, DIS], np.int8), charge.shape).copy()
    mode[:, 1] = CV if cv else -1
    end = np.cumsum(hours.ravel()).reshape(hours.shape)
    start = 3600 * (end - hours)
    if opens == "discharge":
        start[:, 2] = start[:, 0] - 10
    limits = {"voltage_max": (4.3, 4.3, 4.25), "voltage_min": (3.2, 4.3, 3.0)}
    columns = {"mode": mode, "charge": charge, "energy": charge * voltage, "areal_capacity": charge / AREA}
    columns |= {"duration": 3600 * hours, "time_start": start}
    columns |= {name: np.broadcast_to(values, charge.shape).copy() for name, values in limits.items()}
    known = {"area": AREA, **metadata}
    return xr.Dataset(
        {name: (("cell", "cycle", "step"), values[None]) for name, values in columns.items()},
        coords={
            "cell": ["a"],
            "cycle": np.arange(1, len(back) + 1) if numbers is None else numbers,
            "step": [1, 2, 3],
            **{name: ("cell", [value]) for name, value in known.items()},
        },
    )


def faded(last: float, cycles: int, capacity: float = 3.0, **kw: Any) -> xr.Dataset:
    """A cell whose retention falls linearly from cycle 3 to `last` in cycle `cycles`."""
    left = 1 - (1 - last) * np.maximum(np.arange(1, cycles + 1) - 3, 0) / (cycles - 3)
    return cycling.per_cycle(cell_steps(capacity * left, **kw))


def test_capacity_is_given_per_area_mass_and_volume() -> None:
    found = cycling.per_cycle(cell_steps([2.8], loading=16.3, cathode_thickness=80.0)).isel(cell=0, cycle=0)
    assert found["discharge_capacity"] == pytest.approx(2.8 * 1.32732, rel=1e-5)
    assert found["discharge_areal_capacity"] == pytest.approx(2.8)
    assert found["discharge_volumetric_capacity"] == pytest.approx(2.8 / 80e-4)


@pytest.mark.parametrize(("areal", "loading", "specific"), [(2.8, 16.3, 171.8), (3.9, 23.1, 168.8), (3.0, 15.0, 200.0)])
def test_nominal_capacities_imply_these_capacities_per_mass(areal: float, loading: float, specific: float) -> None:
    found = cycling.per_cycle(cell_steps([areal], loading=loading))
    assert found["charge_specific_capacity"].item() == pytest.approx(specific, abs=0.05)


@pytest.mark.parametrize(("specific", "areal"), [(90.2, 1.353), (32.4, 0.486)])
def test_capacity_per_mass_and_per_area_of_the_rate_test_belong_together(specific: float, areal: float) -> None:
    found = cycling.per_cycle(cell_steps([areal], j=5.0, loading=15.0))
    assert found["discharge_specific_capacity"].item() == pytest.approx(specific, rel=1e-4)


@pytest.mark.parametrize(("j", "nominal", "rate"), [(2, 3.0, 0.667), (2, 2.8, 0.714), (3, 3.9, 0.769), (5, 3.0, 1.67)])
def test_current_density_over_nominal_capacity_is_the_c_rate(j: float, nominal: float, rate: float) -> None:
    found = cycling.per_cycle(cell_steps([nominal], j=j, cv=0.1, nominal_capacity=nominal))
    assert found["charge_rate"].item() == pytest.approx(rate, abs=5e-3)
    assert found["charge_current_density"].item() == pytest.approx(j)  # of the step at constant current
    assert found["discharge_rate"].item() == pytest.approx(rate, abs=5e-3)


def test_what_nobody_said_is_nan_and_the_charge_is_there_all_the_same() -> None:
    found = cycling.per_cycle(cell_steps([3.0]).drop_vars("area"))
    assert found["discharge_capacity"].item() == pytest.approx(3.0 * AREA)
    for name in ("areal", "specific", "volumetric"):
        assert np.isnan(found[f"discharge_{name}_capacity"].item())
    assert np.isnan(found["discharge_rate"].item())


def test_the_124_mah_per_g_of_cycle_300_are_84_percent_of_147_6() -> None:
    found = faded(0.84, 300, capacity=147.6 * 23.1 / 1000, loading=23.1)
    assert found["discharge_specific_capacity"].values[0, [2, -1]] == pytest.approx([147.6, 124.0], abs=0.03)
    assert found["discharge_areal_capacity"].values[0, 2] == pytest.approx(3.41, abs=5e-3)
    assert found["discharge_areal_capacity"].values[0, 2] / 3.9 == pytest.approx(0.87, abs=5e-3)
    assert cycling.retention(found)["retention"].values[0, -1] == pytest.approx(0.84)


def test_the_efficiency_is_the_closing_over_the_opening_half_cycle() -> None:
    full = cycling.per_cycle(cell_steps([3.0, 3.0], efficiency=0.9985))
    assert full["opens"].item() == "charge"
    assert full["coulombic_efficiency"].values == pytest.approx(0.9985)
    half = cycling.per_cycle(cell_steps([3.0, 3.0], efficiency=0.9985, opens="discharge"))
    assert half["opens"].item() == "discharge"
    assert half["coulombic_efficiency"].values == pytest.approx(1 / 0.9985)


def test_a_cycle_that_runs_the_other_way_round_has_no_efficiency() -> None:
    steps = cell_steps([3.0, 3.0, 3.0])
    steps["time_start"][0, 1, 2] = steps["time_start"][0, 1, 0] - 1
    efficiency = cycling.per_cycle(steps)["coulombic_efficiency"].values[0]
    assert np.isfinite(efficiency).tolist() == [True, False, True]


def test_one_efficiency_is_known_to_0_03_percent() -> None:
    found = cycling.per_cycle(cell_steps([3.0], efficiency=0.9995))
    assert found["coulombic_efficiency_stderr"].item() == pytest.approx(0.9995 * 2e-4 * np.sqrt(2), rel=1e-12)


def test_where_integral_and_counter_differ_their_difference_is_the_error() -> None:
    steps = cell_steps([3.0])
    off = xr.zeros_like(steps["charge"])
    off[0, 0, 2] = 0.003
    found = cycling.per_cycle(steps.assign(charge_difference=off, charge_counter=steps["charge"] - off))
    assert found["discharge_capacity_stderr"].item() == pytest.approx(0.003)
    assert found["charge_capacity_stderr"].item() == pytest.approx(2e-4 * 3.0 * AREA)
    counted = cycling.per_cycle(steps.assign(charge_counter=steps["charge"] - off), charge="counter")
    assert counted["discharge_capacity"].item() == pytest.approx(3.0 * AREA + 0.003)


def test_mean_voltages_their_gap_and_the_energy_efficiency() -> None:
    found = cycling.per_cycle(cell_steps([3.0], efficiency=0.999, voltages=(3.9, 3.7)))
    assert found["charge_voltage"].item() == pytest.approx(3.9)
    assert found["voltage_gap"].item() == pytest.approx(0.2)
    assert found["energy_efficiency"].item() == pytest.approx(0.999 * 3.7 / 3.9)


def test_the_share_of_the_charge_at_constant_voltage() -> None:
    assert cycling.per_cycle(cell_steps([3.0], cv=0.12))["cv_share"].item() == pytest.approx(0.12)
    assert cycling.per_cycle(cell_steps([3.0]))["cv_share"].item() == 0
    assert np.isnan(cycling.per_cycle(cell_steps([3.0], control=UNSAID))["cv_share"].item())


@pytest.mark.parametrize(("efficiency", "cycles", "left"), [(0.9985, 397, 0.55), (0.9995, 497, 0.78)])
def test_the_product_of_the_efficiencies_is_the_power_of_the_geometric_mean(
    efficiency: float, cycles: int, left: float
) -> None:
    found = cycling.per_cycle(cell_steps(np.full(cycles + 3, 3.0), efficiency=efficiency))
    mean = cycling.mean_efficiency(found, first=4)
    assert mean["n"].item() == cycles
    assert mean["geometric"].item() ** cycles == pytest.approx(left, abs=5e-3)


def test_means_leave_out_what_is_outside_the_window_or_interrupted() -> None:
    efficiency = np.array([0.9, 0.97, 0.99, 0.98, 0.5, 1.0])
    steps = cell_steps(np.array([3.0, 3.0, 3.0, 3.0, 1.0, 3.0]), efficiency=efficiency)
    steps["voltage_min"][0, 4, 2] = 3.5
    mean = cycling.mean_efficiency(cycling.per_cycle(steps), first=3)
    assert mean["n"].item() == 3
    assert mean["arithmetic"].item() == pytest.approx(0.99)
    assert mean["geometric"].item() == pytest.approx((0.99 * 0.98 * 1.0) ** (1 / 3))
    assert mean["sd"].item() == pytest.approx(0.01)
    assert mean["stderr"].item() == pytest.approx(0.01 / np.sqrt(3))
    assert cycling.mean_efficiency(cycling.per_cycle(steps), first=2, last=3)["arithmetic"].item() == pytest.approx(
        0.98
    )


@pytest.mark.parametrize(
    ("last", "cycles", "percent"), [(0.93, 500, 0.0141), (0.76, 400, 0.0605), (0.84, 300, 0.0539), (0.786, 200, 0.1086)]
)
def test_fade_per_cycle_counts_from_the_third(last: float, cycles: int, percent: float) -> None:
    found = fade(cycling.retention(faded(last, cycles)))
    assert found["fade"].item() * 100 == pytest.approx(percent, abs=5e-5)
    assert found["fade_stderr"].item() == pytest.approx(last * 2e-4 * np.sqrt(2) / (cycles - 3))


def test_the_cycle_at_80_percent_lies_between_two_cycles() -> None:
    found = cycling.cycle_at(cycling.retention(faded(0.76, 400)))
    assert found["cycle"].item() == pytest.approx(3 + 397 * 0.20 / 0.24)
    assert found["observed"].item() == 1


def test_a_cell_above_80_percent_is_censored_at_its_last_cycle() -> None:
    found = cycling.cycle_at(cycling.retention(faded(0.93, 500)))
    assert (found["cycle"].item(), found["observed"].item()) == (500, 0)


def test_a_cell_without_a_discharge_is_undecided() -> None:
    steps = cell_steps([3.0, 3.0])
    steps["mode"][0, :, 2] = -1
    kept = cycling.retention(cycling.per_cycle(steps))
    found = cycling.cycle_at(kept)
    assert np.isnan(found["cycle"].item())
    assert found["observed"].item() == -1
    assert "none in a" in kept.attrs["reference"]


def test_formation_at_another_rate_is_excluded_and_the_first_cycle_at_the_ageing_rate_is_the_reference() -> None:
    j = np.r_[np.full(5, 0.3), np.full(20, 2.0)]
    capacity = np.r_[np.full(5, 3.3), np.linspace(3.0, 2.7, 20)]
    kept = cycling.retention(cycling.per_cycle(cell_steps(capacity, j=j)))
    assert kept["reference_cycle"].item() == 6
    assert kept["excluded"].values[0].tolist() == [True] * 5 + [False] * 20
    assert kept["retention"].values[0, [5, -1]] == pytest.approx([1.0, 0.9])
    assert kept.attrs["reference"] == (
        "cycle 3; the first whole cycle at the ageing rate where there is no such cycle 3: a (6)"
    )


def test_a_rate_test_within_the_ageing_does_not_count_for_the_end_of_life() -> None:
    j, capacity = np.full(100, 2.0), np.linspace(3.0, 2.7, 100)
    j[40:45], capacity[40:45] = 5.0, 0.5
    kept = cycling.retention(cycling.per_cycle(cell_steps(capacity, j=j)))
    assert np.isnan(kept["retention"].values[0, 40:45]).all()
    assert cycling.cycle_at(kept)["observed"].item() == 0


def test_an_interrupted_cycle_is_no_end_of_life_but_a_collapse_is() -> None:
    capacity = np.full(20, 3.0)
    capacity[9] = 1.0
    steps = cell_steps(capacity)
    collapsed = cycling.per_cycle(steps)  # it reached the lower voltage limit
    assert not collapsed["interrupted"].any()
    assert cycling.cycle_at(cycling.retention(collapsed))["cycle"].item() == pytest.approx(9.3)
    steps["voltage_min"][0, 9, 2] = 3.6
    cut = cycling.per_cycle(steps)
    assert cut["interrupted"].values[0].nonzero()[0].tolist() == [9]
    assert cycling.cycle_at(cycling.retention(cut))["observed"].item() == 0


def test_the_voltage_gap_grows_by_so_much_per_cycle() -> None:
    steps = cell_steps(np.full(50, 3.0))
    steps["energy"][0, :, 0] += steps["charge"][0, :, 0] * 1e-3 * np.arange(50)
    found = voltage_gap_growth(cycling.per_cycle(steps))
    assert found["growth"].values[0, -1] == pytest.approx(0.047)
    assert found["rate"].item() == pytest.approx(1e-3)
    assert found["rate_stderr"].item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("count", [1, 2])
def test_cells_of_hardly_a_cycle_have_hardly_a_result(count: int) -> None:
    found = cycling.per_cycle(cell_steps([3.0, 3.0]).isel(cycle=slice(0, count)))
    kept = cycling.retention(found)
    assert kept["reference_cycle"].item() == 1
    assert cycling.cycle_at(kept)["observed"].item() == 0
    assert cycling.mean_efficiency(found)["n"].item() == 0
    assert np.isnan(fade(kept)["fade"].item()) == (count < 2)
    assert np.isnan(voltage_gap_growth(found)["rate"].item())


def test_a_discharge_of_nothing_is_no_discharge() -> None:
    found = cycling.per_cycle(cell_steps([3.0, 0.0, 3.0]))
    assert np.isnan(found["coulombic_efficiency"].values[0, 1])


def test_cells_of_different_length_stand_side_by_side() -> None:
    both = xr.concat(
        [cell_steps(np.linspace(3, 2, 30)), cell_steps(np.full(12, 3.0)).assign_coords(cell=["b"])],
        "cell",
        join="outer",
    )
    both["mode"] = both["mode"].fillna(-1).astype(np.int8)
    found = cycling.per_cycle(both)
    assert found["coulombic_efficiency"].notnull().sum("cycle").values.tolist() == [30, 12]
    end = cycling.cycle_at(cycling.retention(found))
    assert end["observed"].values.tolist() == [1, 0]
    assert end["cycle"].values[1] == 12


@given(st.floats(0.05, 20), st.floats(0.5, 1.0), st.integers(1, 5))
def test_retention_and_efficiency_do_not_depend_on_the_size_of_the_cell(size: float, ce: float, reference: int) -> None:
    capacity = np.linspace(3.0, 2.0, 10)
    small, large = (
        cycling.per_cycle(cell_steps(scale * capacity, efficiency=ce, j=2 * scale)) for scale in (1.0, size)
    )
    assert large["coulombic_efficiency"].values == pytest.approx(small["coulombic_efficiency"].values)
    kept = [cycling.retention(found, reference)["retention"].values for found in (small, large)]
    assert kept[1] == pytest.approx(kept[0])
    assert kept[0][0, reference - 1] == 1


def test_every_result_states_its_definition_and_unit() -> None:
    found = cycling.per_cycle(cell_steps([3.0, 3.0, 2.9]))
    for name, values in found.data_vars.items():
        assert values.attrs["definition"]
        assert "units" in values.attrs or name == "interrupted"
        if f"{name}_stderr" in found:
            assert values.attrs["ancillary_variables"] == f"{name}_stderr"


def test_wrong_input_is_refused_in_words() -> None:
    found = cycling.per_cycle(cell_steps([3.0, 3.0]))
    with pytest.raises(ValueError, match=r"dimension step.*give steps of cells"):
        cycling.per_cycle(found)
    with pytest.raises(ValueError, match="there is no cycle to analyse"):
        cycling.per_cycle(cell_steps([3.0]).isel(cycle=slice(0)))
    with pytest.raises(ValueError, match="accuracy -1"):
        cycling.per_cycle(cell_steps([3.0]), accuracy=-1)
    with pytest.raises(ValueError, match="'counter' where the instrument has one"):
        cycling.per_cycle(cell_steps([3.0]), charge="counter")
    with pytest.raises(ValueError, match="variable capacity: missing"):
        cycling.retention(found, of="capacity")
    with pytest.raises(ValueError, match="level 80"):
        cycling.cycle_at(cycling.retention(found), 80)
    with pytest.raises(ValueError, match="last 2"):
        cycling.mean_efficiency(found, 3, 2)


def test_definitions_speak_of_cells_and_not_of_coordinates() -> None:
    found = cycling.per_cycle(cell_steps([3.0, 3.0]))
    said = found["coulombic_efficiency"].attrs["definition"]
    assert "discharge / charge where cycles begin with charge" in said
    assert not any("coordinate" in variable.attrs["definition"] for variable in found.data_vars.values())
