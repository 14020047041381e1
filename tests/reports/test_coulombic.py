"""What the report of Li||Cu cells says, against the truth the cells were made from."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.coulombic import efficiency
from pchp_widgets.analysis.nucleation import nucleation
from pchp_widgets.io.cell import cell_tree
from pchp_widgets.io.contract import Recording
from pchp_widgets.io.synthetic.li_cu import Copper, LiCuCell, galvanostatic_cell, modified_cell
from pchp_widgets.model.cycles import merged_steps
from pchp_widgets.reports import coulombic, coulombic_figures
from pchp_widgets.reports.coulombic_findings import compared, comparison, summary
from pchp_widgets.reports.display import Text
from pchp_widgets.reports.tables import Table

TRUE = {"bare": (0.950, 0.953, 0.947), "PCHP": (0.980, 0.981, 0.979)}


def tree(made: LiCuCell, name: str, coating: str, folder: Path) -> xr.DataTree:
    path = folder / f"{name}.raw"
    path.write_bytes(name.encode())
    reader = SimpleNamespace(name="synthetic", version="1")
    metadata = {"kind": "li_cu", "coating": coating, "area": "1.327 cm2"}
    return cell_tree(Recording(made.points, finished=True), path, reader, name, metadata, "0" * 64)  # type: ignore[arg-type]


def copper(value: float, nucleation: float = 0.06) -> Copper:
    return Copper(np.array([value - 0.04, value]), np.array([0.03]), nucleation=nucleation, area=1.327)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[xr.DataTree]:
    folder = tmp_path_factory.mktemp("raw")
    made = []
    for coating, values in TRUE.items():
        for number, value in enumerate(values, 1):
            of = copper(value, 0.06 if coating == "bare" else 0.03)
            made.append(tree(modified_cell(of, seed=number), f"mod-{coating}-{number}", coating, folder))
    made.append(tree(galvanostatic_cell(copper(0.95), cycles=6, seed=9), "galv-bare-1", "bare", folder))
    made.append(tree(galvanostatic_cell(copper(0.951), cycles=6, seed=8), "galv-PCHP-1", "PCHP", folder))
    return made


def analysed(cells: list[xr.DataTree]) -> xr.Dataset:
    return efficiency(merged_steps(one["steps"].to_dataset() for one in cells))


def rows(table: Table | Text) -> list[dict[str, str]]:
    assert isinstance(table, Table)
    return list(csv.DictReader(io.StringIO(table.csv())))


def test_the_efficiency_table_says_the_truth_its_interval_and_its_definition(cells: list[xr.DataTree]) -> None:
    table = {row["cell"]: row for row in rows(coulombic.efficiency_table(analysed(cells)))}
    for coating, values in TRUE.items():
        for number, value in enumerate(values, 1):
            row = table[f"mod-{coating}-{number}"]
            assert float(row["efficiency [%]"]) == pytest.approx(100 * value, abs=1e-3)
            assert float(row["low [%]"]) < 100 * value < float(row["high [%]"])
            assert float(row["floor [%]"]) == pytest.approx(71.4286, abs=1e-3)
            assert row["definition"].startswith("(n Q_c + Q_s) / (n Q_c + Q_T)")
    assert float(table["galv-bare-1"]["median [%]"]) == pytest.approx(95.0, abs=1e-3)
    html = coulombic.efficiency_table(analysed(cells)).html()
    assert "Q_strip / Q_plate of a cycle" in html
    assert "95 % interval" in html


def test_every_cycle_is_in_the_csv_with_what_became_of_it(cells: list[xr.DataTree]) -> None:
    table = rows(coulombic.cycles_table(analysed(cells)))
    assert len(table) == 6 * 12 + 2 * 6
    of = [row for row in table if row["cell"] == "galv-bare-1"]
    assert [row["use"] for row in of] == ["left out on request"] + ["in the mean"] * 5
    assert float(of[3]["efficiency [%]"]) == pytest.approx(95.0, abs=1e-3)
    assert float(of[3]["plated [mA h]"]) == pytest.approx(1.327, rel=1e-3)


def test_the_nucleation_table_has_the_planted_dip(cells: list[xr.DataTree]) -> None:
    table = rows(coulombic.nucleation_table(nucleation(cells)))
    first = {row["cell"]: float(row["nucleation [mV]"]) for row in table if row["cycle"] == "1"}
    assert first["mod-bare-1"] == pytest.approx(60, abs=2)
    assert first["mod-PCHP-1"] == pytest.approx(30, abs=2)
    assert "|V_min| − |V_plateau|" in coulombic.nucleation_table(nucleation(cells)).html()


def test_coatings_are_compared_within_one_protocol_with_an_interval(cells: list[xr.DataTree]) -> None:
    found = {(row.protocol, row.coating): row.found for row in compared(analysed(cells))}
    assert set(found) == {("modified", "PCHP"), ("galvanostatic", "PCHP")}
    modified = found["modified", "PCHP"]
    assert modified.value == pytest.approx(0.03, abs=1e-4)
    assert modified.ranked
    assert modified.low < 0.03 < modified.high
    table, resolution = comparison(analysed(cells))
    (row,) = [row for row in rows(table) if row["protocol"] == "modified"]
    assert (row["coated_n"], row["bare_n"], row["ranked"]) == ("3", "3", "yes")
    (row,) = [row for row in rows(resolution) if row["protocol"] == "modified"]
    assert float(row["smallest_difference [percentage points]"]) == pytest.approx(0.1, abs=0.01)
    assert int(row["cells_for_0.05_points"]) > 5


def test_half_a_thousandth_is_not_ranked_from_one_cell_of_each(tmp_path: Path) -> None:
    pair = [
        tree(modified_cell(copper(value), seed=1), name, coating, tmp_path)
        for value, name, coating in ((0.9955, "a", "bare"), (0.9960, "b", "PCHP"))
    ]
    (row,) = compared(analysed(pair))
    assert not row.found.ranked
    text = " ".join(summary(pair, analysed(pair), nucleation(pair)).paragraphs)
    assert "PCHP against bare, modified: +0.05 percentage points" in text
    assert "they cannot be ranked" in text
    assert "the scatter between cells is not known" in text


def test_tests_with_another_cut_off_are_not_alike(cells: list[xr.DataTree], tmp_path: Path) -> None:
    assert "not alike" not in comparison(analysed(cells))[0].html()  # type: ignore[union-attr]
    lower = Copper(np.array([0.94, 0.98]), np.array([0.03]), cut_off=0.5, area=1.327)
    more = [*cells, tree(modified_cell(lower, seed=5), "low", "PCHP", tmp_path)]
    said = comparison(analysed(more))[0].html()  # type: ignore[union-attr]
    assert "The modified tests are not alike: their cut-off differs by more than 5 %." in said


def test_without_bare_copper_there_is_one_sentence_and_no_table(cells: list[xr.DataTree]) -> None:
    (said,) = comparison(analysed([one for one in cells if "PCHP" in str(one.name)]))
    assert isinstance(said, Text)
    assert "coatings here: PCHP" in said.paragraphs[0]


def test_the_summary_names_protocols_efficiencies_dips_and_flags(cells: list[xr.DataTree], tmp_path: Path) -> None:
    shorted = Copper(np.array([0.95]), np.array([0.03]), leak_from=4, area=1.327)
    more = [*cells, tree(galvanostatic_cell(shorted, cycles=6), "leaky", "bare", tmp_path)]
    text = " ".join(summary(more, analysed(more), nucleation(more)).paragraphs)
    assert "9 cells" in text
    assert "6 modified, 3 galvanostatic" in text
    assert "PCHP, modified: 98.00 ± 0.10 % (mean and sd of 3 cells)" in text
    assert "leaky: more was stripped than plated (CE > 100.2 %) in two cycles: soft short (cycle 4)" in text
    assert "Nucleation overpotential of bare in cycle 1: " in text


def test_an_undecided_cell_is_named_with_its_reason(cells: list[xr.DataTree]) -> None:
    steps = merged_steps(one["steps"].to_dataset() for one in cells[-1:])
    found = efficiency(steps, protocol="modified")
    html = coulombic.efficiency_table(found).html()
    assert "galv-PCHP-1: undecided, no reservoir with equal cycles after it is seen" in html
    text = " ".join(summary(cells[-1:], found, nucleation(cells[-1:])).paragraphs)
    assert "PCHP, undecided: no efficiency." in text


def test_the_figures_show_the_cycles_asked_for(cells: list[xr.DataTree]) -> None:
    dips = nucleation(cells)
    found = analysed(cells)
    protocols = dict.fromkeys(found["procedure"].values.tolist())
    of_each = coulombic_figures.single_cycles(cells, found, dips, [2, 4])
    assert len(of_each) == len(protocols)
    assert [one.title for one in of_each[0].pictures] == ["cycle 2", "cycle 4"]
    assert len(coulombic_figures.single_cycles(cells, found, dips, [])[0].pictures) == 3
    with pytest.raises(ValueError, match="no cell has a cycle 99; there are 1 to 12"):
        coulombic_figures.single_cycles(cells, found, dips, [99])
    each, mean = coulombic_figures.efficiency(found)
    assert "95 % interval" in each.caption
    assert "mean of the cells" in mean.caption
    whole = coulombic_figures.whole_test(cells, found)
    assert [one.caption.split(".")[0] for one in whole] == [f"Protocol {name}" for name in protocols]
    assert 1.0 < whole[0].pictures[0].ylim[1] < 1.2
