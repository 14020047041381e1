"""Coated against bare cells of every kind, against the truth the cells were made from."""

from __future__ import annotations

import csv
import io
import shutil
import tomllib
from math import inf
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.life import CENSORED, FAILED, UNDECIDED
from pchp_widgets.analysis.replicates import Ratio, Spread
from pchp_widgets.io.cell import cell_tree
from pchp_widgets.io.contract import Recording
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.reports import lives
from pchp_widgets.reports.alike import differences, groups_table, with_families
from pchp_widgets.reports.bundled import bundled
from pchp_widgets.reports.compare import ANY, Settings, compare
from pchp_widgets.reports.comparison import comparison_table, effect, effect_interval, life_comparison_table
from pchp_widgets.reports.display import Figure
from pchp_widgets.reports.ratios import Compared, life_ratios
from pchp_widgets.reports.source import Source, source
from pchp_widgets.reports.tables import Table
from pchp_widgets.reports.verdict import verdict

LIFE_COLUMNS = ["cell", "criterion", "cycle", "time_h", "censored"]


def rows(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.csv())))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some cells of the demo study in a study of their own."""
    wanted = ("LFP-", "rate-bare-1", "Cu-")
    original, folder = bundled("data/pchp-study"), tmp_path_factory.mktemp("demo")
    head, *blocks = (original / "study.toml").read_text("utf-8").split("[[cells]]")
    chosen = [block for block in blocks if tomllib.loads(block)["name"].startswith(wanted)]
    (folder / "raw").mkdir()
    for block in chosen:
        shutil.copy(original / tomllib.loads(block)["file"], folder / "raw")
    (folder / "study.toml").write_text("[[cells]]".join([head, *chosen]), "utf-8")
    return folder


def lives_of(**cells: tuple[float, int]) -> xr.Dataset:
    """Lives by one criterion; the coating is the name of the cell without its number."""
    values = {name: np.array([[one[place]] for one in cells.values()]) for place, name in enumerate(("cycle", "seen"))}
    dims = ("cell", "criterion")
    return xr.Dataset(
        {
            "cycle": (dims, values["cycle"].astype(float), {"units": "1"}),
            "time": (dims, 7200.0 * values["cycle"], {"units": "s"}),
            "observed": (dims, values["seen"].astype(np.int8)),
        },
        {
            "cell": list(cells),
            "coating": ("cell", [name.rstrip("0123456789") for name in cells]),
            "criterion": ["short"],
            "definition": ("criterion", ["made up"]),
        },
    )


@pytest.fixture(scope="module")
def symmetric(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Three bare cells with a planted short, three coated ones that live on."""
    folder, trees = tmp_path_factory.mktemp("raw"), []
    for coating in ("bare", "PCHP"):
        for number in (1, 2, 3):
            name = f"{coating}{number}"
            short_at = 30 + number if coating == "bare" else None
            made = symmetric_cell(state(coating, 60, seed=number), Recipe(cycles=60, short_at=short_at), seed=number)
            path = folder / f"{name}.raw"
            path.write_bytes(name.encode())
            metadata = {"kind": "symmetric", "coating": coating, "area": f"{made.recipe.area} cm2"}
            reader = SimpleNamespace(name="synthetic", version="1")
            recording = Recording(made.points, finished=True)
            trees.append(cell_tree(recording, path, reader, name, metadata, "0" * 64))  # type: ignore[arg-type]
    return Source(trees, "made", "", "", ())


def test_every_report_has_the_same_life_table(symmetric: Source) -> None:
    found = compare(symmetric, "symmetric", Settings())
    table = rows(lives.life_table(found.by_criterion))
    assert list(table[0])[:5] == LIFE_COLUMNS
    short = {row["cell"]: row for row in table if row["criterion"] == "short"}
    assert (short["bare1"]["cycle"], short["bare1"]["censored"]) == ("32", "False")
    assert (short["PCHP1"]["cycle"], short["PCHP1"]["censored"], short["PCHP1"]["outcome"]) == (
        "60",
        "True",
        "censored",
    )
    assert float(short["PCHP1"]["time_h"]) == pytest.approx(120, abs=0.01)
    assert ANY not in {row["criterion"] for row in table}


def test_a_survivor_is_never_given_a_life(symmetric: Source) -> None:
    found = compare(symmetric, "symmetric", Settings(criterion="short"))
    (row,) = [row for row in rows(life_comparison_table(found.lives)) if row["criterion"] == "short"]
    assert (row["ratio_high"], row["weibull_high"]) == ("inf", "inf")
    assert float(row["ratio_low"]) == pytest.approx(60 / 33)
    said = " ".join(verdict(found).paragraphs)
    assert "3 of 3 bare cells and 0 of 3 PCHP cells failed" in said
    assert "PCHP lives at least 1.82 times as long (95 %: at least 1.76; with Weibull lives 95 %: at least" in said
    assert "how long PCHP lives, because none of its cells had failed" in said
    assert "no log-rank test of 3 and 3 cells can give p below 0.1" in said


def test_the_reference_is_the_readers_choice(symmetric: Source) -> None:
    found = compare(symmetric, "symmetric", Settings(reference="PCHP", criterion="short"))
    (row,) = [row for row in found.lives if row.criterion == "short"]
    assert (row.coating, row.ratio.low) == ("bare", 0)
    assert row.ratio.high == pytest.approx(33 / 60)
    assert "PCHP_mean" in rows(comparison_table(found.numbers, reference="PCHP"))[0]


def test_the_criterion_of_the_metadata_is_meant_where_nobody_says_another(symmetric: Source) -> None:
    assert compare(symmetric, "symmetric", Settings()).settings.criterion == ANY
    with pytest.raises(ValueError, match="choose one of short, polarization, voltage, noise, stop, any"):
        compare(symmetric, "symmetric", Settings(criterion="fire"))
    stated = [tree.copy() for tree in symmetric.cells]
    for tree in stated:
        tree["steps"] = tree["steps"].to_dataset().assign_coords(failure_criterion=("cell", ["noise"]))
    same = Source(stated, "made", "", "", ())
    assert compare(same, "symmetric", Settings()).settings.criterion == "noise"


def test_a_kind_that_is_not_compared_is_refused(symmetric: Source) -> None:
    with pytest.raises(ValueError, match="choose one of symmetric, full, half, li_cu"):
        compare(symmetric, "pouch", Settings())


def test_two_cells_show_less_than_the_level_asked_for_and_the_verdict_says_so(symmetric: Source) -> None:
    chosen = [tree for tree in symmetric.cells if str(tree.name)[-1] in "12"]
    found = compare(Source(chosen, "made", "", "", ()), "symmetric", Settings())
    said = " ".join(verdict(found).paragraphs)
    assert "2 PCHP against 2 bare cells" in said
    assert "66.7 %" in said
    assert "fewer than 3 cells in a group" in said
    alone = [tree for tree in symmetric.cells if str(tree.name)[-1] == "1"]
    said = " ".join(verdict(compare(Source(alone, "made", "", "", ()), "symmetric", Settings())).paragraphs)
    assert "too few cells for an interval" in said
    assert "which is the larger is undecided" in said


def test_lives_that_overlap_do_not_tell_which_is_longer() -> None:
    life = lives_of(bare1=(100, FAILED), bare2=(200, FAILED), bare3=(300, FAILED), PCHP1=(150, FAILED), PCHP2=(250, 0))
    (row,) = life_ratios(life)
    assert row.ratio.interval_low < 1 < row.ratio.interval_high
    assert (row.ratio.high, row.exact > 0.1) == (inf, True)


def test_numbers_at_risk_fall_by_those_that_failed_or_were_censored() -> None:
    life = lives_of(bare1=(100, FAILED), bare2=(250, CENSORED), PCHP1=(500, CENSORED), PCHP2=(400, UNDECIDED))
    table = {row["coating"]: row for row in rows(lives.at_risk_table(life, "short"))}
    assert [table["bare"][place] for place in ("0", "100", "200", "300")] == ["2", "2", "1", "0"]
    assert [table["PCHP"][place] for place in ("0", "400", "500")] == ["2", "2", "1"]
    hours = rows(lives.at_risk_table(life, "short", of="time"))[0]
    assert hours["200 [h]"] == "2"


def test_a_median_that_was_not_reached_is_said_and_not_invented() -> None:
    life = lives_of(bare1=(100, FAILED), bare2=(110, FAILED), PCHP1=(500, CENSORED), PCHP2=(500, CENSORED))
    table = lives.survival_table(life)
    of = {row["coating"]: row for row in rows(table)}
    assert (of["PCHP"]["median"], of["PCHP"]["shape"]) == ("inf", "")
    assert "two failures" in of["PCHP"]["why"]
    assert "not reached" in table.text()


def test_cells_are_compared_within_their_family_only() -> None:
    life = lives_of(bare1=(100, FAILED), PCHP1=(200, FAILED), bare2=(50, FAILED), PCHP2=(300, FAILED))
    life = life.assign_coords(cathode=("cell", ["LFP", "LFP", "NCM", "NCM"]), protocol=("cell", ["a" * 60] * 4))
    found = with_families(life, ["cathode", "protocol"])
    assert {(row.family, row.ratio.low) for row in life_ratios(found)} == {("LFP", 2), ("NCM", 6)}
    assert [row["cells"] for row in rows(groups_table(found, ["cathode"]))] == ["bare1", "PCHP1", "bare2", "PCHP2"]
    assert isinstance(lives.survival_figure(found, "short"), Figure)
    with pytest.raises(ValueError, match="there is no metadata 'catode'"):
        with_families(life, ["catode"])


def test_a_long_protocol_is_numbered_in_the_name_of_a_family() -> None:
    life = lives_of(bare1=(1, FAILED), PCHP1=(2, FAILED))
    found = with_families(life.assign_coords(protocol=("cell", ["galvanostatic: 1 mA", "b" * 60])), ["protocol"])
    assert found["family"].values.tolist() == ["galvanostatic", "protocol 2"]


def test_a_long_protocol_is_called_by_what_it_alone_says() -> None:
    protocols = [f"galvanostatic, {current} mA cm-2, 1 h plating and 1 h stripping by turns" for current in (1, 3)]
    life = lives_of(bare1=(1, FAILED), PCHP1=(2, FAILED)).assign_coords(protocol=("cell", protocols))
    assert with_families(life, ["protocol"])["family"].values.tolist() == ["1 mA cm⁻²", "3 mA cm⁻²"]


def test_what_else_differs_besides_the_coating_is_said() -> None:
    life = lives_of(bare1=(1, FAILED), PCHP1=(2, FAILED))
    alike = life.assign_coords(electrolyte=("cell", ["A", "A"]), coating_thickness=("cell", [np.nan, 8.0]))
    assert differences(alike, "bare") == []
    (said,) = differences(alike.assign_coords(electrolyte=("cell", ["A", "B"])), "bare")
    assert "not alike in electrolyte" in said


def test_a_difference_is_written_in_points_and_a_ratio_as_a_factor() -> None:
    known = ("", "PCHP", "retention", "cycle 100", "%", Spread(98.0, 0.1, 3), Spread(90.0, 0.2, 3))
    row = Compared(*known, "difference", Ratio(8.04, 8.04, -0.5, 9.5, 0.9))
    assert effect(row).replace("\N{NO-BREAK SPACE}", " ") == "+8.0 points"
    assert effect_interval(row).replace("\N{NO-BREAK SPACE}", " ") == "90 %: −0.5 to +9.5 points"
    assert effect(Compared(*known, "ratio", Ratio(0.5, 0.5, 0.4, 0.6, 0.9))) == "× 0.500"


def test_full_cells_are_compared_by_retention_efficiency_capacity_and_life(demo: Path) -> None:
    found = compare(source(kind="full", study=str(demo)).cycled(), "full", Settings(cycles=(100,)))
    assert {row.quantity for row in found.numbers} >= {
        "retention",
        "Coulombic efficiency",
        "discharge specific capacity",
    }
    assert {row.where for row in found.numbers if row.quantity == "retention"} == {"cycle 100"}
    table = rows(lives.life_table(found.by_criterion))
    assert list(table[0])[:5] == LIFE_COLUMNS
    assert {row["criterion"] for row in table} == {"retention", "soft_short"}
    assert found.settings.criterion == "retention"
    (lfp,) = [row for row in found.lives if row.criterion == "retention"]
    assert lfp.reference.failed.all()
    assert not lfp.coated.failed.any()
    assert lfp.ratio.high == inf
    assert "rate-bare-1" in found.left_out


def test_copper_cells_are_compared_by_efficiency_within_one_protocol(demo: Path) -> None:
    found = compare(source(kind="li_cu", study=str(demo)).cycled(), "li_cu", Settings())
    modified = [row for row in found.numbers if row.family == "modified" and row.quantity == "Coulombic efficiency"]
    assert modified[0].found.interval_low > 0
    dead = {row.family: row for row in found.lives if row.criterion == ANY}
    assert len(dead["modified"].coated.value) == 0  # ten cycles tell no life
    assert "their test does not tell" in " ".join(verdict(found).paragraphs)
