"""What the report on the lithium ledger says, against ledgers of known truth."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import ledger
from pchp_widgets.model.cycles import merged_steps, steps
from pchp_widgets.model.schema import dataset
from pchp_widgets.reports import inventory, inventory_findings, stack_energy
from pchp_widgets.reports.display import Figure, Text
from pchp_widgets.reports.tables import Table

KNOWN = {"lithium_thickness": 35.0, "nominal_capacity": 3.0, "loading": 15.0, "coating_thickness": 8.0}


def cell(
    name: str, coating: str, efficiency: float, cycles: int, *, fade: float = 0.0, **metadata: float
) -> xr.Dataset:
    """Steps of a full cell that loses lithium, and capacity by its cathode too."""
    kept = (1 - fade) ** np.arange(cycles)
    discharged = ledger.course(7.2143, 3.0, efficiency, cycles).capacity * kept
    charged = np.append(3.0, discharged[:-1])
    hours = np.stack([charged, discharged], axis=1).ravel() / 2
    ends = np.cumsum(hours) * 3600
    time = np.stack([ends - 3600 * hours + 1, ends], axis=1).ravel()
    current = np.repeat(np.tile([2.0, -2.0], cycles), 2) * 1.327
    points = dataset("points", {"time": time, "voltage": np.where(current > 0, 3.9, 3.8), "current": current})
    counted = steps(points, rule="charge_first", cell=name, area=1.327)
    of = {"area": 1.327, "coating": coating, "cathode": "NCM83", "kind": "full"} | KNOWN | metadata
    return counted.assign_coords({key: ("cell", [value]) for key, value in of.items()})


@pytest.fixture(scope="module")
def study() -> xr.Dataset:
    return merged_steps(
        [
            cell("bare-1", "bare", 0.985, 220),
            cell("PCHP-1", "PCHP", 0.996, 250),
            cell("PCHP-2", "PCHP", 0.996, 250, fade=0.0015),
        ]
    )


@pytest.fixture(scope="module")
def of(study: xr.Dataset) -> inventory.Inventory:
    return inventory.inventory(study, tolerance=0.1)


def rows(table: Table) -> dict[str, dict[str, str]]:
    table.html()
    return {row["cell"]: row for row in csv.DictReader(io.StringIO(table.csv()))}


def test_ratios_stand_both_ways_with_their_band(of: inventory.Inventory) -> None:
    row = rows(inventory.reservoir_table(of))["PCHP-1"]
    assert float(row["N/P_nominal"]) == pytest.approx(2.406, abs=1e-3)
    assert float(row["(N+P)/P_nominal"]) == pytest.approx(3.406, abs=1e-3)
    assert float(row["N/P_nominal_low"]) == pytest.approx(0.9 * 2.406, abs=1e-3)
    assert float(row["reservoir_high [mA h cm-2]"]) == pytest.approx(1.1 * 7.218, abs=1e-3)


def test_the_efficiency_is_known_where_the_lithium_ran_out_and_bounded_elsewhere(of: inventory.Inventory) -> None:
    table = rows(inventory.throughput_table(of))
    bare, coated = table["bare-1"], table["PCHP-1"]
    assert float(bare["lithium_efficiency_low [%]"]) < 98.5 < float(bare["lithium_efficiency_high [%]"])
    assert coated["lithium_efficiency [%]"] == ""
    assert float(coated["lowest_efficiency [%]"]) < 99.6
    assert bare["lithium_used_up"].startswith("cycle 1")
    assert coated["lithium_used_up"] == "not by 250"


def test_the_verdict_tells_lost_lithium_from_other_ends(of: inventory.Inventory) -> None:
    table = rows(inventory.end_of_life_table(of))
    assert table["bare-1"]["verdict"] == "lost lithium"
    assert table["PCHP-1"]["verdict"] == "alive"
    assert table["PCHP-2"]["verdict"] == "fell before its lithium could be used up"
    low, high = (float(table["bare-1"][f"predicted_{side}"]) for side in ("low", "high"))
    assert low < float(table["bare-1"]["observed"]) < high
    assert table["PCHP-1"]["predicted_high"] == ""


def test_a_stated_efficiency_makes_a_band_and_must_not_lie_below_the_bound(study: xr.Dataset) -> None:
    of = inventory.inventory(study, tolerance=0.1, lithium_efficiency={"PCHP": 0.996, "PCHP-2": 0.97})
    table = rows(inventory.end_of_life_table(of))
    assert (table["PCHP-1"]["basis"], table["bare-1"]["basis"]) == ("given", "from this cell")
    exact = float(ledger.end_of_life(7.2143, 3.0, 0.996).total)
    assert float(table["PCHP-1"]["predicted_low"]) < exact < float(table["PCHP-1"]["predicted_high"])
    assert table["PCHP-2"]["verdict"] == "fell; the efficiency stated is below the bound of this cell"
    with pytest.raises(ValueError, match="'PHCP' is neither a coating nor a cell; there are bare, PCHP, bare-1"):
        inventory.inventory(study, tolerance=0.1, lithium_efficiency={"PHCP": 0.99})


def test_the_summary_and_its_figures_name_every_kind_of_cell(of: inventory.Inventory) -> None:
    said = "\n".join(inventory_findings.summary(of).paragraphs)
    assert "NCM83 3.0 mA h cm⁻², bare (1 cell)" in said
    assert "NCM83 3.0 mA h cm⁻², PCHP (2 cells)" in said
    assert "ran out of lithium at cycle 1" in said
    assert "The efficiency of lithium is at least 9" in said
    shown = inventory_findings.figures(of)
    assert len(shown) == 4
    assert all(isinstance(one, Figure) for one in shown)


def test_without_the_thickness_it_says_what_is_missing_and_gives_the_rest() -> None:
    lacking = cell("x", "bare", 0.985, 60, lithium_thickness=np.nan, nominal_capacity=np.nan)
    of = inventory.inventory(lacking, tolerance=0.1)
    said = "\n".join(inventory_findings.summary(of).paragraphs)
    assert "lithium_thickness is not stated: there is no reservoir, N/P, bound or prediction." in said
    assert "What was plated in all and how efficiency and retention agree is known all the same." in said
    assert float(rows(inventory.throughput_table(of))["x"]["plated [mA h cm-2]"]) == pytest.approx(180, rel=1e-3)
    assert rows(inventory.end_of_life_table(of))["x"]["predicted"] == ""
    assert rows(inventory.agreement_table(of))["x"]["product [%]"]
    assert isinstance(inventory_findings.figures(of)[0], Text)
    assert isinstance(stack_energy.energy_figures(stack_energy.stacks(of, 3), {})[0], Text)


def test_the_energy_table_follows_the_assumptions(of: inventory.Inventory) -> None:
    stacks = stack_energy.stacks(of, 3)
    usual = rows(stack_energy.energy_table(stacks, {}))
    assert float(usual["PCHP-1"]["voltage [V]"]) == pytest.approx(3.8)
    assert float(usual["PCHP-1"]["specific_energy [W h kg-1]"]) == pytest.approx(324.8, abs=0.1)
    assert float(usual["bare-1"]["specific_cost [W h kg-1]"]) == 0
    richer = rows(stack_energy.energy_table(stacks, {"electrolyte_per_capacity": 6.0}))
    assert float(richer["PCHP-1"]["specific_energy [W h kg-1]"]) < 300
    table = stack_energy.assumptions_table(stacks, {"electrolyte_per_capacity": 6.0})
    assert "(changed from 3)" in table.text()
    course, *effects = stack_energy.energy_figures(stacks, {})
    assert [picture.y.label for picture in course.pictures] == ["specific energy", "energy density"]
    assert "less than without coating" in course.caption
    assert len(effects) == 2


def test_the_drop_that_a_coating_takes(of: inventory.Inventory) -> None:
    table = stack_energy.coating_table(stack_energy.stacks(of, 3), 1.1, 12.5)
    row = next(csv.DictReader(io.StringIO(table.csv())))
    assert float(row["areal_mass [mg cm-2]"]) == pytest.approx(0.88)
    assert float(row["volume [uL]"]) == pytest.approx(93.4, abs=0.1)
