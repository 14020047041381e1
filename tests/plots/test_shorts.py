"""Pictures of the evidence of shorts against the dataset they are made from."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.plots.picture import Lines, Marks, Picture
from pchp_widgets.plots.shorts import evidence, evidence_in_words, scores, undecided
from pchp_widgets.plots.theme import looks

KINDS = ["noise", "step", "arcs"]
WEIGHT = [0.1, 1.0, 0.45]


def found(cells: int = 3) -> xr.Dataset:
    """The first cell is shorted in cycle 4, noisy before; nobody measured spectra."""
    present = np.tile([0, 0, -1], (cells, 1))
    cycle = np.full((cells, 3), np.nan)
    score = np.zeros((cells, 6))
    kind, begin = np.full(cells, "none", object), np.full(cells, np.nan)
    if cells:
        present[0], cycle[0], score[0] = [1, 1, -1], [2.0, 4.0, np.nan], [0, 0.1, 0.1, 0.9, 0.9, 0.9]
        kind[0], begin[0] = "hard", 4.0
    dims = ("cell", "evidence")
    return xr.Dataset(
        {
            "kind": ("cell", kind),
            "start_cycle": ("cell", begin),
            "start_time": ("cell", 3600 * begin),
            "present": (dims, present),
            "strength": (dims, np.where(present == 1, 0.8, np.nan)),
            "evidence_cycle": (dims, cycle),
            "evidence_time": (dims, 3600 * cycle),
            "cycle_score": (("cell", "cycle"), score),
        },
        {
            "cell": [f"c{at}" for at in range(cells)],
            "cycle": np.arange(1, 7),
            "evidence": KINDS,
            "weight": ("evidence", WEIGHT),
        },
    )


def marks(picture: Picture) -> Marks:
    (only,) = (layer for layer in picture.layers if isinstance(layer, Marks))
    return only


LOOKS = looks({f"c{at}": "bare" for at in range(12)})


@pytest.mark.parametrize("cells", [1, 3, 12])
def test_each_cell_has_a_line_and_a_cross_where_its_short_begins(cells: int) -> None:
    picture = scores(found(cells), LOOKS, 2)
    (lines,) = (layer for layer in picture.layers if isinstance(layer, Lines))
    assert len(lines.y) == cells
    assert lines.y[0].tolist() == [0, 0.1, 0.1, 0.9, 0.9, 0.9]
    crosses = marks(picture)
    assert (crosses.x.tolist(), crosses.y.tolist()) == ([4.0], [0.9])
    assert "short begins" in [entry.label for entry in picture.legend]


def test_no_short_no_cross_and_no_entry_of_it() -> None:
    picture = scores(found().isel(cell=[1, 2]), LOOKS, 2)
    assert len(marks(picture).x) == 0
    assert "short begins" not in [entry.label for entry in picture.legend]


def test_evidence_stands_in_its_row_strongest_on_top() -> None:
    picture = evidence(found(1), LOOKS, 2)
    assert picture.y.ticks == ((1.0, "noise"), (2.0, "arcs (no data)"), (3.0, "step"))
    drawn = marks(picture)
    assert dict(zip(drawn.rows["evidence"], zip(drawn.x, drawn.y, strict=True), strict=True)) == {
        "noise": (2.0, 1.0),
        "step": (4.0, 3.0),
    }


def test_marks_of_several_cells_lie_beside_each_other_within_the_row() -> None:
    all_at_once = found(12)
    all_at_once["present"][:, 1], all_at_once["evidence_cycle"][:, 1] = 1, 4.0
    drawn = marks(evidence(all_at_once, LOOKS, 2))
    rows = drawn.y[np.asarray(drawn.rows["evidence"]) == "step"]
    assert len(np.unique(rows)) == 12
    assert np.abs(rows - 3).max() < 0.5
    assert rows[0] > rows[-1]  # in order of the cells, from top to bottom


def test_without_evidence_the_figure_says_so() -> None:
    picture = evidence(found().isel(cell=[1]), LOOKS, 2)
    assert picture.title == "no evidence of a short in these cells"
    assert len(marks(picture).x) == 0


def test_no_cells_make_empty_figures() -> None:
    for draw in (scores, evidence):
        picture = draw(found(0), {}, 2)
        assert picture.xlim[0] < picture.xlim[1]
        assert len(marks(picture).x) == 0


def test_evidence_in_words_names_the_strongest_first() -> None:
    own = found().isel(cell=0)
    assert evidence_in_words(own) == "step (cycle 4, strength 0.80), noise (cycle 2, strength 0.80)"
    assert undecided(own) == ["arcs"]
    assert evidence_in_words(found().isel(cell=1)) == "none"
