from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.nucleation import FEW_POINTS, FOUND, NO_DIP, NO_PLATING, nucleation
from pchp_widgets.io.synthetic.li_cu import Copper, galvanostatic_cell
from pchp_widgets.model.cycles import steps
from pchp_widgets.model.schema import dataset


def plating(charge: np.ndarray, voltage: np.ndarray) -> xr.DataTree:
    """One plating half-cycle at 1 mA, and a stripping after it."""
    time = np.append(charge, charge[-1] + np.array([0.1, 0.2])) * 3600
    current = np.append(np.full(len(charge), -1.0), [1.0, 1.0])
    points = dataset("points", {"time": time, "voltage": np.append(voltage, [0.02, 1.0]), "current": current})
    counted = steps(points, rule="plating_first", cell="cell")
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name="cell")


def found_in(charge: np.ndarray, voltage: np.ndarray) -> xr.Dataset:
    return nucleation(plating(charge, voltage)).isel(cell=0, cycle=0)


Q = np.linspace(0, 1, 201)


def test_the_nucleation_overpotential_is_the_dip_below_the_plateau() -> None:
    voltage = np.full(201, -0.030)
    voltage[4] = -0.110
    found = found_in(Q, voltage)
    assert found["nucleation"].item() == pytest.approx(0.080)
    assert found["dip"].item() == pytest.approx(-0.110)
    assert found["dip_charge"].item() == pytest.approx(0.02)
    assert found["plateau"].item() == pytest.approx(-0.030)
    assert found["outcome"] == FOUND


def test_the_plateau_is_the_median_of_20_to_50_percent() -> None:
    voltage = -0.030 - 0.010 * Q
    voltage[2] = -0.100
    found = found_in(Q, voltage)
    assert found["plateau"].item() == pytest.approx(-0.030 - 0.010 * 0.35, abs=3e-5)  # half a record
    assert [found[name].item() for name in ("plateau_begin", "plateau_end")] == pytest.approx([0.2, 0.5])


def test_the_slope_above_0_v_is_no_plating() -> None:
    slope = np.linspace(2.5, 0.01, 50)
    charge = np.append(np.linspace(0, 0.249, 50), 0.25 + Q)
    voltage = np.append(slope, np.full(201, -0.030))
    voltage[52] = -0.090
    found = found_in(charge, voltage)
    assert found["nucleation"].item() == pytest.approx(0.060)
    assert found["slope_charge"].item() == pytest.approx(0.25)
    assert found["plateau_begin"].item() == pytest.approx(0.45)


def test_without_a_dip_there_is_no_number_and_it_is_said() -> None:
    rng = np.random.default_rng(0)
    found = found_in(Q, -0.030 + 1e-4 * rng.standard_normal(201) * (Q > 0.2))
    assert found["outcome"] == NO_DIP
    assert np.isnan(found["nucleation"])
    assert found["plateau"].item() == pytest.approx(-0.030, abs=1e-4)


def test_a_half_cycle_that_never_falls_below_0_v_plates_nothing() -> None:
    assert found_in(Q, np.full(201, 0.4))["outcome"] == NO_PLATING


def test_a_plateau_of_two_points_is_too_little() -> None:
    assert found_in(np.array([0, 0.1, 0.3, 0.4, 1.0]), np.full(5, -0.03))["outcome"] == FEW_POINTS


@given(plateau=st.floats(0.005, 0.1), dip=st.floats(0.002, 0.2), points=st.integers(60, 200))
@settings(max_examples=25, deadline=None)
def test_the_number_does_not_depend_on_how_densely_the_plateau_was_recorded(
    plateau: float, dip: float, points: int
) -> None:
    charge = np.append([0.0, 0.005, 0.01, 0.02], np.linspace(0.05, 1, points))
    voltage = np.append([-plateau, -plateau - dip, -plateau - dip / 2, -plateau], np.full(points, -plateau))
    assert found_in(charge, voltage)["nucleation"].item() == pytest.approx(dip)


def test_the_planted_dip_of_a_cell_is_found_in_its_first_cycle() -> None:
    made = galvanostatic_cell(Copper(np.array([0.97]), np.array([0.03]), nucleation=0.060), cycles=4, seed=1)
    counted = steps(made.points, rule="plating_first", cell="cell")
    found = nucleation(xr.DataTree.from_dict({"steps": counted, "points": made.points}, name="cell")).isel(cell=0)
    assert found["nucleation"].sel(cycle=1).item() == pytest.approx(made.truth["nucleation_1"], abs=1.5e-3)
    assert (found["nucleation"].sel(cycle=[2, 3, 4]) < 0.030).all()
    assert found["slope_charge"].sel(cycle=1).item() == pytest.approx(0.02 * made.copper.area, rel=0.01)


def test_no_cell_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no cell"):
        nucleation([])
