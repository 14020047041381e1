"""What the report of rate tests says, against the truth the cells were made from."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from rate_cells import CELLS, tree

from pchp_widgets.analysis import cycling
from pchp_widgets.analysis.rate import rate_steps
from pchp_widgets.io.synthetic.full import RATES
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.reports import rate, rate_figures, rate_resistance
from pchp_widgets.reports.cycling import steps
from pchp_widgets.reports.display import Text
from pchp_widgets.reports.source import Source
from pchp_widgets.reports.tables import Table

PLANTED = DESIGNS["rate-bare"].resistance[0] - DESIGNS["rate-PCHP"].resistance[0]


@pytest.fixture(scope="module")
def tested() -> tuple[xr.Dataset, xr.Dataset, dict[str, xr.Dataset]]:
    found = cycling.per_cycle(steps(CELLS))
    rates = rate_steps(found)
    return found, rates, rate_resistance.profiles(CELLS, rates)


Tested = tuple[xr.Dataset, xr.Dataset, dict[str, xr.Dataset]]


def rows(table: Table | Text) -> list[dict[str, str]]:
    assert isinstance(table, Table)
    return list(csv.DictReader(io.StringIO(table.csv())))


def test_the_summary_says_capacity_recovery_resistance_and_charge(tested: Tested) -> None:
    text = "\n".join(rate.summary(tested[1], tested[2]).paragraphs)
    assert "bare (2 cells): 198" in text
    assert "mA h g⁻¹ at 5 mA cm⁻² (n = 2)" in text
    assert "of the capacity came back" in text
    assert "charged at the same current density as discharged, within 5 %; no constant voltage." in text


def test_the_table_has_every_rate_step_of_every_cell(tested: Tested) -> None:
    found = rows(rate.capacity_table(tested[1]))
    assert len(found) == len(CELLS) * len(RATES)
    at = next(row for row in found if row["cell"] == "PCHP-1" and row["cycles"] == "13–14")
    assert float(at["current_density [mA cm-2]"]) == pytest.approx(5.0)
    assert float(at["specific_capacity [mA h g-1]"]) == pytest.approx(90.2, abs=1)
    assert float(at["c_rate_nominal [h-1]"]) == pytest.approx(1.67, rel=5e-3)
    assert not any(name.endswith("_stderr") for name in at)
    assert {"areal_capacity_sd [mA h cm-2]", "cv_share [%]", "interrupted"} <= set(at)


def test_replicates_are_averaged(tested: Tested) -> None:
    found = rows(rate.replicates_table(tested[1]))
    assert len(found) == 2 * len(RATES)
    capacity = tested[1]["specific_capacity"].values[:2, 6]
    at = next(row for row in found if float(row["current_density [mA cm-2]"]) == pytest.approx(5.0))
    assert float(at["mean [mA h g-1]"]) == pytest.approx(capacity.mean())
    assert float(at["sd [mA h g-1]"]) == pytest.approx(capacity.std(ddof=1))


def test_recovery_is_that_of_the_last_step(tested: Tested) -> None:
    for row in rows(rate.recovery_table(tested[1])):
        assert row["first_cycle"] == "15"
        assert 98 < float(row["recovered [%]"]) < 100


def test_the_resistance_planted_is_in_the_tables(tested: Tested) -> None:
    shift = {
        (row["cell"], row["direction"]): float(row["asr [ohm cm2]"])
        for row in rows(rate_resistance.shift_table(tested[2]))
    }
    assert shift["bare-1", "discharge"] - shift["PCHP-1", "discharge"] == pytest.approx(PLANTED, abs=4)
    pairs = rows(rate_resistance.difference_table(tested[1], tested[2]))
    assert len(pairs) == 4 * len(RATES)
    fast = [
        float(row["asr [ohm cm2]"])
        for row in pairs
        if (row["bare"], row["coated"]) == ("bare-1", "PCHP-1") and float(row["current_density [mA cm-2]"]) > 2.5
    ]
    np.testing.assert_allclose(fast, PLANTED, atol=2)
    assert any(row["remark"].startswith("undecided") or row["remark"] for row in pairs)
    assert len(rows(rate_resistance.implied_table(tested[2]))) == len(CELLS) * len(RATES)


def test_without_a_bare_cell_there_is_no_difference(tested: Tested) -> None:
    coated = tested[1].sel(cell=["PCHP-1", "PCHP-2"])
    said = rate_resistance.difference_table(coated, tested[2])
    assert isinstance(said, Text)
    assert "nothing to compare" in said.paragraphs[0]


def test_cells_that_are_no_rate_tests_are_left_out_and_counted() -> None:
    aged = tree("aged", ageing=True)
    opened = Source([*CELLS, aged], "all", "", "", ())
    kept = rate.tested(opened, ())
    assert [cell.name for cell in kept.cells] == [cell.name for cell in CELLS]
    assert kept.missing == ("1 cell that is no rate test is left out; see the report full_cell.",)
    assert rate.tested(opened, ("aged",)) is opened
    with pytest.raises(ValueError, match="none is a rate test"):
        rate.tested(replace(opened, cells=[aged, tree("old", ageing=True)]), ())


def test_figures_are_there_for_every_way_to_draw_them(tested: Tested) -> None:
    found, rates, _ = tested
    for replicates in ("each", "mean"):
        figures = rate_figures.capacity(found, rates, "specific", replicates)
        assert len(figures) == 2
        assert "current density" in figures[1].pictures[0].x.label
    (curves,) = rate_figures.curves(CELLS, found, rates, "areal")
    assert [picture.title for picture in curves.pictures] == ["bare-1", "PCHP-1"]
    assert "from dark at 0.1 mA cm⁻² to bright at 5 mA cm⁻²" in curves.caption


def test_a_basis_or_a_way_to_draw_that_is_none_is_refused(tested: Tested) -> None:
    found, rates, _ = tested
    assert rate_figures.chosen_basis(found, "") == "specific"
    assert rate_figures.chosen_basis(found.drop_vars("loading"), "") == "areal"
    with pytest.raises(ValueError, match="choose one of areal"):
        rate_figures.chosen_basis(found, "mass")
    with pytest.raises(ValueError, match="choose one of each, mean"):
        rate_figures.capacity(found, rates, "areal", "all")


def test_cells_without_area_have_their_capacities_and_no_resistance() -> None:
    cells = [tree("a", area=False), tree("b", "PCHP", area=False)]
    found = cycling.per_cycle(steps(cells))
    rates = rate_steps(found)
    curves = rate_resistance.profiles(cells, rates)
    assert rate.best_basis(rates) == "capacity"
    assert "undecided" in rate.summary(rates, curves).paragraphs[0]
    assert len(rows(rate.capacity_table(rates))) == 2 * len(RATES)
    assert {row["asr [ohm cm2]"] for row in rows(rate_resistance.shift_table(curves))} == {""}
    assert rows(rate.cells_table(rates))[0]["charge"] == "same j"
