"""Pictures as live figures: what a patch changes, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
import pytest

from pchp_widgets.plots.drawing import Drawing
from pchp_widgets.plots.element import element
from pchp_widgets.plots.export import table
from pchp_widgets.plots.picture import Axis, Bands, Entry, Lines, Marks, Picture, Verticals


def picture(cells: int = 2, scale: float = 1.0, **changes: Any) -> Picture:
    x = [np.arange(5.0)] * cells
    y = [scale * np.arange(5.0) * (cell + 1) for cell in range(cells)]
    names = np.array([f"cell {cell}" for cell in range(cells)], object)
    colors = np.array(["#0072B2"] * cells, object)
    layers = [
        Bands(np.array([1.0]), np.array([2.0])),
        Lines(x, y, {"cell": names, "color": colors}, tips=[("cell", "@cell")]),
        Marks(
            np.arange(cells, dtype=float), np.ones(cells), {"color": colors, "marker": np.full(cells, "square", object)}
        ),
        Verticals(np.arange(cells, dtype=float), {"color": colors}),
    ]
    given = Picture(
        Axis("time", "h"),
        Axis("cell voltage", "mV"),
        layers,
        (0.0, 4.0),
        (0.0, 8.0),
        [Entry("cell 0", "#0072B2")],
        "one",
    )
    return replace(given, **changes)


def changes_of(drawing: Drawing, shown: Picture) -> list[tuple[str, str]]:
    """Which attributes of which models a patch changes."""
    from bokeh.document import Document

    document, found = Document(), []
    document.add_root(drawing.figure)
    document.on_change(lambda event: found.append((type(event.model).__name__, event.attr)))
    drawing.patch(shown)
    return found


def test_a_patch_of_the_same_picture_changes_nothing() -> None:
    assert changes_of(Drawing(picture()), picture()) == []


def test_a_patch_changes_only_the_columns_that_differ() -> None:
    assert changes_of(Drawing(picture()), picture(scale=2.0)) == [("ColumnDataSource", "data")]


def test_a_layer_that_stays_the_same_is_not_even_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture()
    drawing, asked = Drawing(shown), []
    monkeypatch.setattr(Lines, "columns", property(lambda _: asked.append("lines")))
    drawing.patch(replace(shown, title="two"))
    assert asked == []
    assert drawing.figure.title.text == "two"


def test_any_number_of_lines_fits_the_same_curve() -> None:
    drawing = Drawing(picture(2))
    for cells in (5, 0, 1):
        drawing.patch(picture(cells))
        assert len(drawing.figure.renderers[1].data_source.data["xs"]) == cells


def test_the_users_zoom_stays_until_the_limits_change() -> None:
    drawing = Drawing(picture())
    drawing.figure.y_range.update(start=2.0, end=3.0)
    drawing.patch(picture(scale=3.0))
    assert (drawing.figure.y_range.start, drawing.figure.y_range.end) == (2.0, 3.0)
    drawing.patch(picture(ylim=(0.0, 20.0)))
    assert (drawing.figure.y_range.start, drawing.figure.y_range.end) == (0.0, 20.0)


def test_reset_goes_home_and_not_to_the_part_in_view() -> None:
    drawing = Drawing(picture(xlim=(1.0, 2.0), home=(0.0, 4.0)))
    shown = drawing.figure.x_range
    assert (shown.start, shown.end, shown.reset_start, shown.reset_end) == (1.0, 2.0, 0.0, 4.0)


def test_colours_and_markers_come_from_the_columns_also_when_there_are_none_yet() -> None:
    drawing = Drawing(picture(0))
    lines, marks = drawing.figure.renderers[1].glyph, drawing.figure.renderers[2].glyph
    assert lines.line_color.field == marks.line_color.field == "color"
    assert marks.marker.field == "marker"
    assert drawing.figure.renderers[1].data_source.data["color"] == []


def test_labels_title_and_legend_follow() -> None:
    drawing = Drawing(picture())
    assert drawing.figure.below[0].axis_label == "time (h)"
    height = drawing.figure.height
    entries = [Entry(f"a rather long name {n}", "#0072B2") for n in range(6)]
    drawing.patch(picture(x=Axis("cycle"), title="two", legend=entries))
    assert drawing.figure.below[0].axis_label == "cycle"
    assert drawing.figure.title.text == "two"
    assert legend(drawing) == [entry.label for entry in entries]
    assert drawing.figure.above[0].ncols < 6
    assert drawing.figure.height > height  # the legend takes nothing from the figure


def test_a_legend_follows_without_new_models() -> None:
    drawing = Drawing(picture(legend=[Entry("a", "#0072B2"), Entry("b", "#D55E00", shape="x")]))
    items = list(drawing.figure.above[0].items)
    drawing.patch(picture(legend=[Entry("c", "#009E73", shape="circle")]))
    assert legend(drawing) == ["c"]
    drawing.patch(picture(legend=[Entry("d", "#009E73", dash="dashed"), Entry("e", "#009E73")]))
    assert legend(drawing) == ["d", "e"]
    assert drawing.figure.above[0].items == items


def legend(drawing: Drawing) -> list[str]:
    """What the legend says."""
    return [item.label.value for item in drawing.figure.above[0].items if item.visible]


def test_a_band_is_painted_apart_so_that_the_curves_need_not_be() -> None:
    levels = [renderer.level for renderer in Drawing(picture()).figure.renderers[:4]]
    assert levels == ["overlay", "glyph", "glyph", "glyph"]


def test_one_toolbar_that_hides_and_shows_no_clutter() -> None:
    toolbar = Drawing(picture()).figure.toolbar
    assert toolbar.autohide
    assert toolbar.logo is None
    assert len([tool for tool in toolbar.tools if tool.visible]) == 4


@pytest.mark.parametrize("cells", [0, 1, 3])
def test_holoviews_draws_the_same_columns(cells: int) -> None:
    shown = picture(cells)
    drawing, rendered = Drawing(shown).figure, hv.render(element(shown), backend="bokeh")
    for own, theirs in zip(drawing.renderers[:3], rendered.renderers[:3], strict=True):
        for name in {"x", "y", "xs", "ys", "x0", "x1"} & own.data_source.data.keys():
            for one, other in zip(own.data_source.data[name], theirs.data_source.data[name], strict=True):
                np.testing.assert_array_equal(one, other)
    assert drawing.below[0].axis_label == rendered.xaxis.axis_label
    assert (rendered.x_range.start, rendered.x_range.end) == shown.xlim


def test_a_table_has_a_row_per_point_and_units_in_its_headers() -> None:
    shown = picture(2)
    marks = Marks(np.ones(1), np.ones(1), {"cell": ["a"], "begin": [3.0]}, units={"begin": "h"})
    headers, rows = table(replace(shown, layers=[shown.layers[1], marks]))
    assert headers == ["cell", "time (h)", "cell voltage (mV)", "begin (h)"]
    assert len(rows) == 11
    assert rows[0] == ["cell 0", 0.0, 0.0, ""]
    assert rows[-1] == ["a", 1.0, 1.0, 3.0]
