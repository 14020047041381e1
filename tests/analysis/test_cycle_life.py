from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import cycling
from pchp_widgets.analysis.coulombic.formulas import DEFINITIONS
from pchp_widgets.analysis.cycle_life import fading, plating_and_stripping
from pchp_widgets.analysis.life import CENSORED, FAILED, UNDECIDED
from pchp_widgets.analysis.survival import kaplan_meier

CYCLES = np.arange(1, 101)


def found_of(**capacities: np.ndarray) -> xr.Dataset:
    """A made-up result of `per_cycle` with cycles of three hours."""
    table = np.stack(list(capacities.values()))
    dims = ("cell", "cycle")
    return xr.Dataset(
        {
            "discharge_capacity": (dims, table, {"units": "mA h"}),
            "discharge_current": (dims, np.where(np.isnan(table), np.nan, 2.0)),
            "interrupted": (dims, np.zeros(table.shape, bool)),
            "time_start": (dims, np.where(np.isnan(table), np.nan, 3 * 3600.0 * (CYCLES - 1)), {"units": "s"}),
        },
        {"cell": list(capacities), "cycle": CYCLES, "coating": ("cell", [name[:4] for name in capacities])},
    )


def test_the_life_of_a_fading_cell_is_where_its_capacity_is_80_percent_with_its_time() -> None:
    straight = 1 - 0.004 * (CYCLES - 3)  # 80 % in cycle 53
    found = found_of(bare1=straight, PCHP1=1 - 0.001 * (CYCLES - 3), bare2=np.full(100, np.nan))
    life = fading(found, cycling.retention(found), 0.8).sel(criterion="retention")
    assert life["observed"].values.tolist() == [FAILED, CENSORED, UNDECIDED]
    assert life["cycle"].values == pytest.approx([53, 100, np.nan], nan_ok=True)
    assert life["time"].values / 3600 == pytest.approx([156, 297, np.nan], nan_ok=True)
    assert "80 %" in life["definition"].item()


def test_between_two_cycles_time_passes_evenly() -> None:
    found = found_of(bare1=1 - 0.004 * (CYCLES - 3))
    life = fading(found, cycling.retention(found), 0.798).isel(cell=0, criterion=0)
    assert life["cycle"].item() == pytest.approx(53.5)
    assert life["time"].item() / 3600 == pytest.approx(157.5)


def test_the_result_is_what_survival_curves_are_made_of() -> None:
    found = found_of(bare1=1 - 0.004 * (CYCLES - 3), bare2=1 - 0.005 * (CYCLES - 3), PCHP1=1 - 0.001 * (CYCLES - 3))
    life = fading(found, cycling.retention(found)).sel(criterion="retention")
    assert kaplan_meier(life)["failures"].values.tolist() == [2, 0]


def test_a_copper_cell_lives_until_its_efficiency_collapses_and_is_undecided_in_a_reservoir_test() -> None:
    efficiency = np.full((3, 100), 0.98)
    about = {"definition": "made up"}
    found = xr.Dataset(
        {
            "cycle_efficiency": (("cell", "cycle"), efficiency),
            "definition_used": ("cell", [DEFINITIONS[name] for name in ("galvanostatic", "galvanostatic", "modified")]),
            "soft_short_cycle": ("cell", np.full(3, np.nan), about),
            "dead_cycle": ("cell", [40.0, np.nan, np.nan], about),
        },
        {"cell": ["a", "b", "c"], "cycle": CYCLES},
    )
    start = xr.DataArray(np.tile(7200.0 * (CYCLES - 1), (3, 1)), dims=("cell", "cycle"))
    life = plating_and_stripping(found, start).sel(criterion="dead")
    assert life["observed"].values.tolist() == [FAILED, CENSORED, UNDECIDED]
    assert life["cycle"].values == pytest.approx([40, 100, np.nan], nan_ok=True)
    assert life["time"].values[0] == 7200 * 39
