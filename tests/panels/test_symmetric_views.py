"""The views of the panel of symmetric cells: shape of the trace, evidence of shorts, means of replicates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import SymmetricPanel
from pchp_widgets.analysis import symmetric
from pchp_widgets.analysis.shape_map import shape_map
from pchp_widgets.analysis.shorts import shorts

from .conftest import MakeCell


@pytest.fixture
def cells(make_cell: MakeCell) -> list[xr.DataTree]:
    return [make_cell("bare-1", "bare", cycles=20, short_at=12), make_cell("PCHP-1", "PCHP", cycles=20)]


def column(panel: SymmetricPanel, figure: str, layer: int, name: str) -> Any:
    return panel.figures[figure].renderers[layer].data_source.data[name]


def test_what_a_view_needs_is_computed_when_it_is_first_shown(
    cells: list[xr.DataTree], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in ("shape_map", "shorts", "transition"):
        made = getattr(__import__("pchp_widgets.panels.symmetric", fromlist=[name]), name)
        monkeypatch.setattr(
            f"pchp_widgets.panels.symmetric.{name}", lambda *of, own=made, name=name: asked.append(name) or own(*of)
        )
    panel = SymmetricPanel(cells)
    panel.screen  # noqa: B018
    panel.cycle = 3
    assert asked == []
    assert list(panel.figures) == ["trace", "cycle", "polarization"]
    panel.view = "shorts"
    assert asked == ["shorts"]
    panel.view = "shape map"
    assert sorted(asked) == ["shape_map", "shorts", "transition"]
    panel.cycle, panel.view = 5, "shorts"
    assert len(asked) == 3


def test_each_view_is_arranged_in_its_rows(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, view="shape map")
    figures, layout = panel.figures, panel.screen.layout
    assert list(figures) == ["discharge_map", "charge_map", "cycle", "fingerprints"]
    assert [row.children for row in layout.children[0].children] == [
        [figures["discharge_map"], figures["charge_map"]],
        [figures["cycle"], figures["fingerprints"]],
    ]
    panel.view = "shorts"
    hidden, shown = layout.children
    assert (hidden.visible, shown.visible) == (False, True)
    rows = [row.children for row in shown.children]
    assert rows[0] == [panel.figures["scores"], panel.figures["evidence"]]
    assert rows[1] == [figures["cycle"], panel.figures["trace"]]
    assert figures["discharge_map"].x_range is figures["fingerprints"].x_range


def test_the_map_is_that_of_the_first_cell_shown_unless_another_is_chosen(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, view="shape map")
    assert (panel.cell, panel.mapped) == ("", "bare-1")
    panel.cell = "PCHP-1"
    assert panel.mapped == "PCHP-1"
    assert panel.figures["charge_map"].title.text == "PCHP-1, charge"
    expected = shape_map(cells[1])["voltage"].isel(cell=0).sel(direction="charge").mean("depth").values * 1e3
    np.testing.assert_allclose(column(panel, "charge_map", 0, "image")[0].mean(0), expected, rtol=0.01)
    panel.shown = ("bare-1",)
    assert panel.mapped == "bare-1"
    with pytest.raises(traitlets.TraitError, match="no cell 'nobody'"):
        panel.cell = "nobody"


def test_the_map_has_the_name_the_panel_was_given(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel({"mine": cells[0]}, view="shape map")
    assert panel.figures["charge_map"].title.text == "mine, charge"


def test_choosing_a_cycle_moves_the_band_and_leaves_the_map(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, view="shape map")
    before = column(panel, "charge_map", 0, "image")[0]
    panel.select_in("charge_map", 7.2)
    assert panel.cycle == 7
    assert column(panel, "charge_map", 0, "image")[0] is before
    assert [float(column(panel, "charge_map", 3, name)[0]) for name in ("x0", "x1")] == [6.5, 7.5]
    assert panel.figures["cycle"].title.text == "cycle 7"


def test_words_say_shape_and_transition(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, view="shape map", cycle=2)
    bare, coated = panel.lines()
    assert bare.values[0].startswith("peaking (peaking 1.")
    assert bare.values[1] == "no peaks after cycle 12, no lasting arcs up to cycle 12"  # the short is in 13
    assert "no lasting arcs up to cycle 20" in coated.values[1]


def test_words_say_kind_score_start_and_evidence_of_a_short(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, view="shorts")
    bare, coated = panel.lines()
    found = shorts(cells).sel(cell="bare-1")
    assert bare.values[:3] == ("hard short", f"{found['score'].item():.2f}", "cycle 13 (24 h)")
    assert bare.values[3].startswith("step (cycle 13, strength 0.9")
    assert (coated.values[0], coated.values[2:]) == ("no short", ("", "none"))
    assert "arcs" in bare.remarks[0]
    assert column(panel, "scores", 2, "x").tolist() == [13.0]


def test_many_cells_are_told_by_coating(make_cell: MakeCell) -> None:
    many = [make_cell(f"bare-{at}", "bare", cycles=15, short_at=12 if at < 2 else None) for at in range(13)]
    panel = SymmetricPanel(many, shown=tuple(f"bare-{at}" for at in range(13)), view="shorts")
    (line,) = panel.lines()
    assert line.name == "bare (13 cells)"
    assert line.values[0] == "2 hard, 11 none"
    assert line.values[2] == "first in cycle 13"
    panel.view = "shape map"
    assert panel.lines()[0].values == ("", "0 of 13")


def test_the_mean_of_replicates_goes_as_far_as_all_of_them_live(make_cell: MakeCell) -> None:
    cells = [
        make_cell("a", "bare", cycles=20),
        make_cell("b", "bare", cycles=20, short_at=12, noise=2e-3),
        make_cell("c", "PCHP", cycles=20),
    ]
    panel = SymmetricPanel(cells, replicates="mean")
    each = symmetric.per_cycle(symmetric.polarization(cells), "mid").values * 1e3
    bare, coated = column(panel, "polarization", 2, "ys")
    np.testing.assert_allclose(bare[:12], each[:2, :12].mean(0))
    assert np.isnan(bare[12:]).all()
    np.testing.assert_allclose(coated, each[2])
    ribbon = column(panel, "polarization", 1, "ys")
    assert len(ribbon) == 1  # a single cell has no standard deviation
    np.testing.assert_allclose(ribbon[0][:12], (each[:2].mean(0) - each[:2].std(0, ddof=1))[:12])
    assert [line.name for line in panel.lines()] == ["bare (2 cells)", "PCHP (1 cell)"]
    assert len(column(panel, "polarization", 3, "x")) == 0
    panel.replicates = "each"
    assert len(column(panel, "polarization", 2, "ys")) == 3
    assert column(panel, "polarization", 1, "ys") == []
    assert len(column(panel, "polarization", 3, "x")) > 0


@pytest.mark.parametrize("view", ["polarization", "shape map", "shorts"])
def test_no_cell_shown_is_no_error_in_any_view(cells: list[xr.DataTree], view: str) -> None:
    panel = SymmetricPanel(cells, shown=(), view=view)
    assert panel.figures
    assert panel.lines() == []
    assert panel.status.startswith("No cell is selected")
    panel.shown = ("PCHP-1",)
    assert panel.status == ""


@pytest.mark.parametrize(
    ("view", "columns"), [("shape map", "cell,half-cycle,cycle,areal"), ("shorts", "cell,coating")]
)
def test_the_figures_of_the_view_are_what_is_saved(
    cells: list[xr.DataTree], tmp_path: Path, view: str, columns: str
) -> None:
    panel = SymmetricPanel(cells, view=view)
    for ending in ("csv", "svg", "html"):
        written = panel.export(tmp_path / f"out.{ending}")
        assert all(path.stat().st_size for path in written)
    first = next(path for path in tmp_path.glob("out_*.csv") if path.stem in {"out_charge_map", "out_scores"})
    assert first.read_text("utf-8").startswith(columns)


def test_the_panel_is_made_again_with_its_view(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, view="shape map", cell="PCHP-1", replicates="mean")
    assert "cell='PCHP-1', replicates='mean', view='shape map'" in panel.to_code()


def test_the_list_of_cells_to_map_follows_the_selection_and_chooses_nothing_by_itself(
    cells: list[xr.DataTree],
) -> None:
    import ipywidgets

    panel = SymmetricPanel(cells, view="shape map")
    lists = [one for one in _all(panel.widget) if isinstance(one, ipywidgets.Dropdown) and one.description == "map of"]
    (chosen,) = lists
    assert (chosen.value, chosen.index, panel.cell) == ("bare-1", 0, "")
    panel.shown = ("PCHP-1",)
    assert (chosen.value, panel.cell) == ("PCHP-1", "")
    panel.shown = ("bare-1", "PCHP-1")
    chosen.value = "PCHP-1"
    assert panel.cell == "PCHP-1"
    panel.cell = "bare-1"
    assert (chosen.value, chosen.index) == ("bare-1", 0)
    panel.shown = ()
    assert chosen.value is None
    assert chosen.layout.display == ""
    panel.view = "shorts"
    assert chosen.layout.display == "none"


def _all(widget: Any) -> list[Any]:
    return [widget, *(one for child in getattr(widget, "children", ()) for one in _all(child))]
