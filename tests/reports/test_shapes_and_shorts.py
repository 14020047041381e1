"""What the report says of shapes and shorts, against cells of known truth."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import symmetric
from pchp_widgets.analysis.shape_map import transition
from pchp_widgets.analysis.shorts import shorts
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps
from pchp_widgets.plots.picture import Image, Marks
from pchp_widgets.reports.shapes import maps, transition_table
from pchp_widgets.reports.shorts import evidence, shorts_table
from pchp_widgets.reports.tables import Table

SHORT_AT = 25


def cell(name: str, coating: str, **recipe: object) -> xr.DataTree:
    kind = "PCHP" if coating == "PCHP" else "bare"
    points = symmetric_cell(state(kind, 40), Recipe(cycles=40, **recipe)).points  # type: ignore[arg-type]
    counted = steps(points, rule="plating_first", cell=name, area=1.327)
    counted = counted.assign_coords(coating=("cell", [coating]), area=("cell", [1.327]))
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)


@pytest.fixture(scope="module")
def cells() -> list[xr.DataTree]:
    return [cell("bare-1", "bare", short_at=SHORT_AT), cell("bare-2", "bare"), cell("PCHP-1", "PCHP")]


@pytest.fixture(scope="module")
def turn(cells: list[xr.DataTree]) -> xr.Dataset:
    found = symmetric.polarization(cells)
    return transition(found, symmetric.life(found))


def rows(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.csv())))


def test_the_first_cell_of_each_coating_is_mapped_unless_others_are_named(
    cells: list[xr.DataTree], turn: xr.Dataset
) -> None:
    titles = [[picture.title for picture in figure.pictures] for figure in maps(cells, turn)]
    assert titles == [["bare-1, discharge", "bare-1, charge"], ["PCHP-1, discharge", "PCHP-1, charge"]]
    (figure,) = maps(cells, turn, ["bare-2"])
    assert figure.caption.startswith("|V| of bare-2 over cycle and charge passed, by linear interpolation")
    assert "o peaks after" in figure.caption or "o lasting arcs" in figure.caption
    with pytest.raises(ValueError, match="mapped: there is no cell 'nobody'; there are bare-1, bare-2, PCHP-1"):
        maps(cells, turn, ["nobody"])


def test_however_many_coatings_there_are_the_maps_are_few(cells: list[xr.DataTree], turn: xr.Dataset) -> None:
    many = [turn.isel(cell=[0]).assign_coords(cell=[f"c{at}"], coating=("cell", [f"coat {at}"])) for at in range(9)]
    trees = [xr.DataTree.from_dict(cells[0].to_dict(), name=f"c{at}") for at in range(9)]
    assert len(maps(trees, xr.concat(many, "cell"))) == 4


def test_a_map_shows_no_selected_cycle(cells: list[xr.DataTree], turn: xr.Dataset) -> None:
    image, *_, selected = maps(cells, turn)[0].pictures[0].layers
    assert isinstance(image, Image)
    assert np.isnan(selected.columns["x0"]).all()


def test_the_transition_table_says_what_was_and_was_not_seen(turn: xr.Dataset) -> None:
    table = transition_table(turn)
    bare, _, coated = rows(table)
    assert list(bare) == [
        "cell",
        "transition",
        "transition_cycle",
        "transition_time_h",
        "peaking_until",
        "last_cycle",
    ]
    assert (bare["transition"], bare["transition_cycle"], bare["last_cycle"]) == ("not seen", "", str(SHORT_AT))
    assert coated["last_cycle"] == "40"
    assert dict(table.definitions)["arcing"] == "arc index above 1 + 0.05 and above the peaking index"


def test_a_transition_that_was_seen_has_its_cycle_and_hour(turn: xr.Dataset) -> None:
    seen = turn.isel(cell=[1]).assign(
        observed=("cell", [1]),
        transition_cycle=("cell", [30.0], {"definition": "d"}),
        transition_time=("cell", [7200.0]),
    )
    (row,) = rows(transition_table(seen))
    assert (row["transition"], row["transition_cycle"], row["transition_time_h"]) == ("seen", "30", "2")


def test_the_table_of_shorts_has_a_planted_short_at_its_cycle_and_hour(cells: list[xr.DataTree]) -> None:
    table = shorts_table(shorts(cells))
    assert list(rows(table)[0]) == ["cell", "kind", "score", "start_cycle", "start_time_h", "evidence"]
    shorted, whole, coated = rows(table)
    assert (shorted["kind"], shorted["start_cycle"]) == ("hard", str(SHORT_AT + 1))
    assert float(shorted["start_time_h"]) == pytest.approx(2 * SHORT_AT, abs=0.01)
    assert shorted["evidence"].startswith(f"step (cycle {SHORT_AT + 1}, strength 0.9")
    assert [(row["kind"], row["start_cycle"], row["evidence"]) for row in (whole, coated)] == [("none", "", "none")] * 2
    assert any(note.startswith("No data for") and "arcs" in note for note in table.notes)


def test_the_evidence_is_drawn_where_there_is_any(cells: list[xr.DataTree]) -> None:
    scores, pieces = evidence(cells, shorts(cells))
    (crosses,) = (one for one in scores.pictures[0].layers if isinstance(one, Marks))
    assert crosses.x.tolist() == [SHORT_AT + 1]
    (marks,) = (one for one in pieces.pictures[0].layers if isinstance(one, Marks))
    assert "step" in list(marks.rows["evidence"])
    assert len(evidence(cells[1:], shorts(cells[1:]))) == 1
