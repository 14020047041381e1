"""What the report of full and half cells says, against the truth the cells were made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import cycling as analysis
from pchp_widgets.analysis.knee import knees
from pchp_widgets.analysis.life import CENSORED, FAILED, UNDECIDED
from pchp_widgets.reports import cycling, cycling_figures, cycling_shorts, lives
from pchp_widgets.reports.cycling_summary import replicates, summary
from pchp_widgets.reports.source import Source, source
from pchp_widgets.reports.tables import Table

MakeCell = Callable[..., xr.DataTree]


class Results(NamedTuple):
    cells: list[xr.DataTree]
    found: xr.Dataset
    kept: xr.Dataset
    ends: xr.Dataset
    bends: xr.Dataset
    means: xr.Dataset
    signs: xr.Dataset | None


def analysed(cells: list[xr.DataTree]) -> Results:
    found = analysis.per_cycle(cycling.steps(cells))
    kept = analysis.retention(found)
    signs = cycling_shorts.short_signs(cells, found, 3)
    return Results(cells, found, kept, analysis.cycle_at(kept), knees(kept), analysis.mean_efficiency(found, 3), signs)


def rows(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.csv())))


@pytest.fixture(scope="module")
def of(make_full_cell: MakeCell) -> Results:
    cells = [
        make_full_cell("PCHP-1"),
        make_full_cell("PCHP-2", seed=1),
        make_full_cell("bare-1", "NCM-bare", cycles=30),
    ]
    return analysed(cells)


def test_the_retention_table_says_the_truth(of: Results) -> None:
    table = rows(cycling.retention_table(of.found, of.kept, [10, 20]))
    truth = of.cells[0].attrs["truth"]["discharge_capacity"]
    by_cycle = {row["cycle"]: row for row in table if row["cell"] == "PCHP-1"}
    assert list(by_cycle) == ["10", "20", "40"]  # and the last one
    for cycle, row in by_cycle.items():
        expected = float(truth.sel(cycle=int(cycle)) / truth.sel(cycle=3))
        assert float(row["retention"]) == pytest.approx(expected, rel=1e-3)
        assert float(row["discharge_areal_capacity [mA h cm-2]"]) == pytest.approx(
            float(truth.sel(cycle=int(cycle))), rel=1e-3
        )
        assert row["reference_cycle"] == "3"


def test_the_reference_and_absent_cycles_are_stated(of: Results) -> None:
    notes = " ".join(cycling.retention_table(of.found, of.kept, [10, 99]).notes)
    assert "Reference: cycle 3" in notes
    assert "No cell has a cycle 99" in notes


def test_retention_is_stated_at_round_cycles_unless_asked_otherwise(of: Results) -> None:
    assert cycling.retention_cycles(of.kept) == [10, 20, 30, 40]
    assert cycling.retention_cycles(of.kept, [7, 3, 7]) == [3, 7]
    assert cycling.retention_cycles(of.kept.isel(cycle=slice(0))) == []


def test_the_efficiency_table_has_both_means_and_what_they_add_up_to(of: Results) -> None:
    table = cycling.efficiency_table(of.found, of.kept, of.means, 3)
    row = rows(table)[0]
    values = of.found["coulombic_efficiency"].sel(cell="PCHP-1", cycle=slice(3, None)).values
    assert float(row["arithmetic [%]"]) == pytest.approx(100 * values.mean())
    assert float(row["geometric [%]"]) == pytest.approx(100 * np.exp(np.log(values).mean()))
    assert float(row["product [%]"]) == pytest.approx(100 * values.prod())
    assert float(row["sd [%]"]) == pytest.approx(100 * values.std(ddof=1))
    assert row["n"] == "38"
    assert "does not say how efficiently lithium was plated" in " ".join(table.notes)


def test_a_mean_carried_by_single_cycles_is_named(of: Results) -> None:
    wild = of.means.copy()
    wild["sd"] = ("cell", [0.2, 0.0, 0.0])
    notes = cycling.efficiency_table(of.found, of.kept, wild, 3).notes
    assert notes[-1].startswith("The efficiencies of PCHP-1 scatter by more than 5 %")


def test_the_life_table_ends_lives_by_retention_and_by_soft_short(make_full_cell: MakeCell) -> None:
    of = analysed([make_full_cell("fades"), make_full_cell("lives", fade=0.05)])
    life = cycling_shorts.lives(of.found, of.kept, 0.8, of.signs)
    table = {(row["cell"], row["criterion"]): row for row in rows(lives.life_table(life))}
    assert list(next(iter(table.values())))[:5] == ["cell", "criterion", "cycle", "time_h", "censored"]
    assert float(table["fades", "retention"]["cycle"]) == pytest.approx(of.ends["cycle"].values[0])
    assert table["fades", "retention"]["censored"] == "False"
    assert (table["lives", "retention"]["cycle"], table["lives", "retention"]["censored"]) == ("40", "True")
    assert table["lives", "soft_short"]["censored"] == "True"


def test_two_signs_of_a_short_end_a_life_and_an_unknown_one_is_undecided(of: Results) -> None:
    assert of.signs is not None
    signs = of.signs.copy(deep=True)
    signs["present"][:] = 0
    signs["present"][0] = [1, 1, 0]
    signs["evidence_cycle"][0] = [21.0, 24.0, np.nan]
    signs["present"][1] = [1, 0, 0]
    signs["evidence_cycle"][1] = [12.0, np.nan, np.nan]
    signs["present"][2] = -1
    life = cycling_shorts.lives(of.found, of.kept, 0.8, signs).sel(criterion="soft_short")
    assert life["observed"].values.tolist() == [FAILED, CENSORED, UNDECIDED]
    assert life["cycle"].values.tolist() == [24.0, 40.0, 30.0]
    assert float(life["time"][0]) == pytest.approx(float(of.found["time_start"].sel(cell="PCHP-1", cycle=24)))


def test_half_cells_are_not_judged_by_overshoot(of: Results) -> None:
    half = of.found.assign_coords(opens=("cell", ["discharge"] * 3))
    assert cycling_shorts.short_signs(of.cells, half, 3) is None
    assert "not judged" in " ".join(cycling_shorts.shorts_table(None).notes)
    life = cycling_shorts.lives(of.found, of.kept, 0.8, None).sel(criterion="soft_short")
    assert life["observed"].values.tolist() == [UNDECIDED] * 3


def test_the_knee_table_says_why_there_is_none(make_full_cell: MakeCell) -> None:
    of = analysed([make_full_cell("straight"), make_full_cell("short", cycles=10)])
    outcome = {row["cell"]: row["outcome"] for row in rows(cycling.knee_table(of.bends))}
    assert outcome["short"] == "too few cycles"
    assert outcome["straight"] in {"none", "knee"}


def test_rate_tests_are_left_out_and_named_unless_asked_for(make_full_cell: MakeCell) -> None:
    rate = make_full_cell("rate-1", "rate-PCHP", rate=True)
    opened = Source([make_full_cell("ages"), rate], "Study", "", "", ())
    kept = cycling.ageing(opened, [])
    assert [str(tree.name) for tree in kept.cells] == ["ages"]
    assert "left out: rate-1" in kept.missing[0]
    assert cycling.ageing(opened, ["ages", "rate-1"]) is opened
    with pytest.raises(ValueError, match="all are rate tests"):
        cycling.ageing(Source([rate, make_full_cell("rate-2", "rate-bare", rate=True)], "Study", "", "", ()), [])


def test_the_summary_names_what_is_left_and_what_is_missing(make_full_cell: MakeCell) -> None:
    of = analysed([make_full_cell("PCHP-1", area="", loading="")])
    text = " ".join(summary(*of).paragraphs)
    capacity = of.found["discharge_capacity"].sel(cell="PCHP-1", cycle=3).item()
    left = 100 * of.kept["retention"].sel(cell="PCHP-1", cycle=40).item()
    assert f"{capacity:.3f} mA h in cycle 3, {left:.1f} % of it in cycle 40" in text
    assert f"80 % reached at cycle {of.ends['cycle'].values[0]:.0f}" in text
    assert "The area is not known, so there is no areal capacity and current density; give it as --meta area=" in text
    assert "The loading is not known" in text


def test_another_reference_than_asked_for_is_said(make_full_cell: MakeCell) -> None:
    of = analysed([make_full_cell("PCHP-1")])
    kept = analysis.retention(of.found, 77)
    text = " ".join(summary(of.cells, of.found, kept, of.ends, of.bends, of.means, of.signs).paragraphs)
    assert "(the reference; cycle 77 is absent, cut short or at another rate)" in text


def test_replicates_are_cells_of_one_cathode_and_coating(make_full_cell: MakeCell) -> None:
    cells = [make_full_cell(name, design) for name, design in (("a", "NCM-PCHP"), ("b", "NCM-PCHP"), ("c", "LFP-PCHP"))]
    assert replicates(analysed(cells).found) == {"NCM83, PCHP (2 cells)": ["a", "b"], "c": ["c"]}


def test_there_is_a_figure_for_each_family(make_full_cell: MakeCell) -> None:
    of = analysed([make_full_cell("a", "NCM-PCHP"), make_full_cell("b", "LFP-PCHP"), make_full_cell("c", "LFP-bare")])
    how = cycling_figures.shown(basis="areal", against="cycle", replicates="each")
    capacity = cycling_figures.capacity(of.found, of.kept, of.ends, of.bends, of.means, **how)
    assert [figure.caption.partition(".")[0] for figure in capacity] == ["NCM83", "LFP"]
    voltages = cycling_figures.voltages(of.found, of.kept, of.means, **how)
    assert len(voltages) == 4
    profiles = cycling_figures.single_cycles(of.cells, of.found, of.kept, "profiles", [1, 40], "areal")
    assert [len(figure.pictures) for figure in profiles] == [1, 2]  # one cell has its cycles in one figure


def test_a_flat_plateau_is_shown_by_dv_dq(make_full_cell: MakeCell) -> None:
    of = analysed([make_full_cell("N", "NCM-PCHP"), make_full_cell("L", "LFP-PCHP")])
    ncm, lfp = cycling_figures.single_cycles(of.cells, of.found, of.kept, "derivative", [2, 17], "areal")
    assert "dQ/dV against voltage" in ncm.caption
    assert "dV/dQ against capacity" in lfp.caption
    assert "points are too few to differentiate" in lfp.caption


def test_wrong_parameters_are_refused_with_the_choices(of: Results) -> None:
    with pytest.raises(ValueError, match="choose one of areal, specific"):
        cycling_figures.chosen_basis(of.found, "gravimetric")
    assert cycling_figures.chosen_basis(of.found, "") == "areal"
    with pytest.raises(ValueError, match="choose one of each, mean"):
        cycling_figures.shown(basis="areal", against="cycle", replicates="all")
    with pytest.raises(ValueError, match="choose cycle or time"):
        cycling_figures.shown(basis="areal", against="hours", replicates="each")
    with pytest.raises(ValueError, match="no cell has a cycle 99; there are 1 to 40"):
        cycling_figures.single_cycles(of.cells, of.found, of.kept, "profiles", [99], "areal")
    with pytest.raises(ValueError, match="choose one of derivative, profiles"):
        cycling_figures.single_cycles(of.cells, of.found, of.kept, "dqdv", [], "areal")


def test_the_cells_table_tells_the_window_and_the_current(of: Results) -> None:
    row = rows(cycling.cells_table(of.cells, of.found))[0]
    assert (row["kind"], row["cathode"], row["begins_with"]) == ("full", "NCM83", "charge")
    assert float(row["discharge_current_density [mA cm-2]"]) == pytest.approx(2.0, rel=1e-3)
    assert float(row["lowest_voltage [V]"]) == pytest.approx(3.0, abs=0.01)
    assert float(row["highest_voltage [V]"]) == pytest.approx(4.3, abs=0.01)


def test_a_real_half_cell_without_loading_has_a_report_that_says_so(shared_data: Path) -> None:
    file = shared_data / "cycler/yadg/tests/test_x_eclab/gcpl.pr_182.1.mpr"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    opened = source(kind=("full", "half"), file=str(file), meta={"kind": "half"}).cycled()
    of = analysed(cycling.ageing(opened, []).cells)
    text = " ".join(summary(*of).paragraphs)
    assert "cycles begin with discharge" in text
    assert "The loading is not known, so there is no specific capacity" in text
    efficiency = [row["arithmetic [%]"] for row in rows(cycling.efficiency_table(of.found, of.kept, of.means, 3))]
    assert 90 < float(efficiency[0]) < 100  # delithiation over lithiation
    assert "too few cycles" in cycling.knee_table(of.bends).csv()
