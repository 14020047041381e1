"""What the report says, against the truth the cells were made from."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import symmetric as analysis
from pchp_widgets.io.cell import cell_tree
from pchp_widgets.io.contract import Recording
from pchp_widgets.io.synthetic.cells import Recipe, SyntheticCell, state, symmetric_cell
from pchp_widgets.reports import provenance, symmetric
from pchp_widgets.reports.comparison import comparison
from pchp_widgets.reports.display import Text
from pchp_widgets.reports.lives import life_table
from pchp_widgets.reports.ratios import life_ratios, polarization_ratios
from pchp_widgets.reports.stages import sound
from pchp_widgets.reports.summary import summary
from pchp_widgets.reports.tables import Table

CYCLES, SHORT_AT = 80, 40


def made(coating: str, seed: int, **recipe: object) -> SyntheticCell:
    return symmetric_cell(state(coating, CYCLES, spread=0.03, seed=seed), Recipe(cycles=CYCLES, **recipe), seed=seed)  # type: ignore[arg-type]


def tree(cell: SyntheticCell, name: str, coating: str, folder: Path, area: bool = True) -> xr.DataTree:
    path = folder / f"{name}.raw"
    path.write_bytes(name.encode())
    metadata = {"kind": "symmetric", "coating": coating} | ({"area": f"{cell.recipe.area} cm2"} if area else {})
    reader = SimpleNamespace(name="synthetic", version="1")
    return cell_tree(Recording(cell.points, finished=True), path, reader, name, metadata, "0" * 64)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[SyntheticCell, xr.DataTree]]:
    folder = tmp_path_factory.mktemp("raw")
    cells = {}
    for coating in ("bare", "PCHP"):
        for number in (1, 2, 3):
            cell = made(coating, number, short_at=SHORT_AT + number if coating == "bare" else None)
            name = f"{coating}-{number}"
            cells[name] = (cell, tree(cell, name, coating, folder))
    return cells


def rows(table: Table | Text) -> list[dict[str, str]]:
    assert isinstance(table, Table)
    return list(csv.DictReader(io.StringIO(table.csv())))


def analysed(cells: list[xr.DataTree]) -> tuple[xr.Dataset, xr.Dataset]:
    found = analysis.polarization(cells)
    return found, analysis.life(found, finished={str(cell.name): True for cell in cells})


def test_the_polarization_table_says_the_truth(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    found, life = analysed([cell for _, cell in study.values()])
    mid = {row["cell"]: row for row in rows(symmetric.polarization_table(found, life)) if row["quantity"] == "mid"}
    for name, (cell, _) in study.items():
        last = cell.recipe.short_at or CYCLES
        assert (mid[name]["first_cycle"], mid[name]["last_cycle"]) == ("1", str(last))
        for stage, cycle in (("first", 1), ("last", last)):
            truth = cell.truth[f"polarization_mid_{cycle}"] * 1e3
            assert float(mid[name][f"{stage} [mV]"]) == pytest.approx(truth, abs=1.0)
        assert int(mid[name]["used"]) == 2 * last
        assert int(mid[name]["after_short"]) == 2 * (CYCLES - last)


def test_every_definition_is_in_the_table_with_its_meaning(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    found, life = analysed([study["PCHP-1"][1]])
    table = rows(symmetric.polarization_table(found, life))
    assert {row["quantity"].replace(" ", "_"): row["definition"] for row in table} == analysis.DEFINITIONS


def test_cycles_after_a_hard_short_are_not_averaged_in(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    found, life = analysed([study["bare-1"][1]])
    assert sound(found, life).sum().item() == SHORT_AT + 1
    (row,) = [row for row in rows(symmetric.polarization_table(found, life)) if row["quantity"] == "mid"]
    assert float(row["mean [mV]"]) > 35  # 3 mV of the short would pull it down


def test_the_life_table_has_one_row_per_cell_and_criterion(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    _, life = analysed([cell for _, cell in study.values()])
    table = {(row["cell"], row["criterion"]): row for row in rows(life_table(life))}
    for name, (cell, _) in study.items():
        short = table[name, "short"]
        if cell.recipe.short_at is None:
            assert (short["outcome"], short["cycle"], short["time_h"]) == ("censored", str(CYCLES), "160")
        else:
            assert (short["outcome"], float(short["cycle"])) == ("failed", cell.truth["short_at_cycle"])
            assert float(short["time_h"]) == pytest.approx(cell.truth["short_at_hours"], abs=0.01)


def test_coated_against_bare_is_one_sided_where_a_life_is_censored(
    study: dict[str, tuple[SyntheticCell, xr.DataTree]],
) -> None:
    found, life = analysed([cell for _, cell in study.values()])
    ratios = {row.criterion: row.ratio for row in life_ratios(life)}
    assert ratios["short"].low == pytest.approx(CYCLES / (SHORT_AT + 3))
    assert ratios["short"].high == np.inf
    assert ratios["voltage"].low == 0
    _, table = comparison(found, life, "mid")
    (row,) = [row for row in rows(table) if row["criterion"] == "short"]
    assert (row["failed"], row["bare_failed"], row["ratio_high"]) == ("0", "3", "inf")
    assert "at least 1.86" in table.html()  # type: ignore[union-attr]


def test_the_ratio_of_polarizations_is_that_of_the_truth(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    found, life = analysed([cell for _, cell in study.values()])
    first = polarization_ratios(found, life, "mid")[0]
    of = {name: cell.truth["polarization_mid_1"] for name, (cell, _) in study.items()}
    pairs = [of[f"PCHP-{i}"] / of[f"bare-{j}"] for i in (1, 2, 3) for j in (1, 2, 3)]
    assert first.found.low == pytest.approx(np.median(pairs), rel=0.01)
    assert (first.found.interval_low, first.found.interval_high) == pytest.approx((min(pairs), max(pairs)), rel=0.01)


def test_without_bare_cells_there_is_one_sentence_and_no_table(
    study: dict[str, tuple[SyntheticCell, xr.DataTree]],
) -> None:
    found, life = analysed([study["PCHP-1"][1]])
    (said,) = comparison(found, life, "mid")
    assert isinstance(said, Text)
    assert "coatings here: PCHP" in said.paragraphs[0]


def test_the_summary_names_numbers_failures_and_comparison(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    cells = [cell for _, cell in study.values()]
    found, life = analysed(cells)
    text = " ".join(summary(cells, found, life, "mid").paragraphs)
    assert "1 mA cm⁻² and 1 mA h cm⁻² per half-cycle" in text
    assert "short in 3 of 3 cells, cycle 42 to 44 (82 to 86 h)" in text
    assert "No failure of PCHP by any criterion up to cycle 80 (160 h), where its life is censored" in text
    assert "By the criterion short the life is at least 1.86 times as long (95 %: at least 1.82)" in text


def test_without_an_area_charge_is_in_mah_and_the_report_says_so(tmp_path: Path) -> None:
    cells = [tree(made("PCHP", 1), "cell", "", tmp_path, area=False)]
    found, life = analysed(cells)
    table = symmetric.cells_table(cells, found)
    (row,) = rows(table)
    assert float(row["half_cycle_capacity [mA h]"]) == pytest.approx(np.pi * 0.65**2, rel=1e-3)
    assert "area of a cell is unknown" in table.html()
    assert "1.327 mA and 1.327 mA h per half-cycle" in " ".join(summary(cells, found, life, "mid").paragraphs)
    assert ["area" in row["field"] for row in rows(provenance.missing_metadata(cells))].count(True) == 1


def test_a_single_half_cycle_is_enough_for_a_report(tmp_path: Path) -> None:
    cell = made("PCHP", 1)
    short = SyntheticCell(cell.points.isel(point=slice(0, cell.recipe.points)), cell.state, cell.recipe)
    cells = [tree(short, "cell", "PCHP", tmp_path)]
    found, life = analysed(cells)
    row = next(row for row in rows(symmetric.polarization_table(found, life)) if row["quantity"] == "mid")
    assert float(row["first [mV]"]) == pytest.approx(cell.truth["polarization_mid_1"] * 1e3, abs=1.0)
    assert (row["used"], row["sd [mV]"]) == ("1", "")
    assert summary(cells, found, life, "mid").paragraphs


def test_tables_are_the_same_whenever_they_are_made(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    cells = [cell for _, cell in study.values()]
    once, twice = (
        [
            symmetric.cells_table(cells, found).csv(),
            symmetric.polarization_table(found, life).csv(),
            symmetric.shape_table(found, life).csv(),
            provenance.provenance(cells).csv(),
        ]
        for found, life in (analysed(cells), analysed(cells))
    )
    assert once == twice


def test_every_field_that_can_be_missing_says_why_it_matters(tmp_path: Path) -> None:
    bare = tree(made("PCHP", 1), "cell", "", tmp_path, area=False)
    bare["steps"] = bare["steps"].to_dataset().drop_vars(["kind", "coating"])
    assert {row["why_it_matters"] for row in rows(provenance.missing_metadata([bare]))} >= {
        provenance.WHY_IT_MATTERS["kind"]
    }
    assert all(row["why_it_matters"] for row in rows(provenance.missing_metadata([bare])))


def test_what_was_assumed_is_stated_once_for_all_cells(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    table = rows(provenance.assumptions([cell for _, cell in study.values()]))
    assert [row["cells"] for row in table if row["what"] == "cycle rule"] == ["all 6"]
    assert any("plating_first: a cycle begins with plating" in row["how"] for row in table)
    assert any("agrees with the instrument's own counter" in row["how"] for row in table)


def test_the_provenance_has_the_whole_digest(study: dict[str, tuple[SyntheticCell, xr.DataTree]]) -> None:
    table = rows(provenance.provenance([study["PCHP-1"][1]]))
    assert [(row["source_file"], row["source_sha256"], row["reader"]) for row in table] == [
        ("PCHP-1.raw", "0" * 64, "synthetic")
    ]
