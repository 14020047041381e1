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
from pchp_widgets.plots.picture import Axis, Bands, Entry, Lines, Marks, Picture, Texts, Verticals, filling
from pchp_widgets.plots.render import drawings


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


def test_what_moves_and_bands_are_painted_on_a_canvas_of_their_own() -> None:
    lines = Lines([np.arange(2.0)], [np.arange(2.0)], {"color": ["#0072B2"]})
    shown = picture(layers=[Bands(np.array([1.0]), np.array([2.0])), lines, replace(lines, moves=True)])
    assert [one.level for one in Drawing(shown).figure.renderers[:3]] == ["overlay", "glyph", "overlay"]


def test_a_patch_changes_only_the_columns_that_differ() -> None:
    assert changes_of(Drawing(picture()), picture(scale=2.0)) == [("ColumnDataSource", "data")]


def test_a_layer_that_stays_the_same_is_not_even_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture()
    drawing, asked = Drawing(shown), []
    monkeypatch.setattr(Lines, "columns", property(lambda _: asked.append("lines")))
    drawing.patch(replace(shown, title="two"))
    assert asked == []
    assert drawing.figure.title.text == "two"


def test_a_dashed_line_ends_not_far_outside_the_frame_and_a_solid_one_where_it_ends() -> None:
    far = np.array([0.0, 1e6, -1e6])
    lines = [Lines([np.arange(3.0)], [far], {"color": ["black"]}, dash) for dash in ("solid", "dashed")]
    picture = Picture(Axis("x"), Axis("y"), lines, (0.0, 2.0), (-1.0, 1.0))
    solid, dashed = (one.data_source.data["ys"][0] for one in Drawing(picture).figure.renderers[:2])
    np.testing.assert_array_equal(solid, far)
    np.testing.assert_array_equal(dashed, [0.0, 41.0, -41.0])


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


def arc(scale: float = 1.0, **changes: Any) -> Picture:
    """Half a circle with equal axes, whose points are those of the table ``points``."""
    turn = np.linspace(0, np.pi, 9)
    x, y = scale * (1 - np.cos(turn)), scale * np.sin(turn)
    colors = np.full(9, "#0072B2", object)
    marks = Marks(x, y, {"color": colors, "turn": turn}, "circle", table="points", places=("real", "imaginary"))
    words = Texts(x[[4]], y[[4]], {"label": ["1 kHz"], "side": ["left"]})
    given = Picture(Axis("Z", "Ω"), Axis("Y", "Ω"), [marks, words], (0.0, 2 * scale), (0.0, scale), equal=True)
    return replace(given, **changes)


def seen_otherwise(of: Picture) -> Picture:
    """The same points against another of their columns."""
    (marks, _) = of.layers
    assert isinstance(marks, Marks)
    rows = {"color": marks.rows["color"], "real": marks.x}
    turned = Marks(
        np.asarray(marks.rows["turn"]), marks.y, rows, "circle", table="points", places=("turn", "imaginary")
    )
    return Picture(Axis("turn"), Axis("Y", "Ω"), [turned], (0.0, 4.0), (0.0, 1.0))


def test_equal_axes_leave_the_frame_its_size_and_show_all_that_is_asked_for() -> None:
    figure = Drawing(arc()).figure
    assert figure.match_aspect
    assert figure.sizing_mode == "stretch_width"
    (unseen,) = figure.x_range.renderers
    assert unseen.data_source.data == {"x": [0.0, 2.0], "y": [0.0, 1.0]}
    assert figure.x_range.renderers == figure.y_range.renderers


def test_equal_axes_follow_the_next_picture() -> None:
    drawing = Drawing(arc())
    drawing.patch(arc(3.0))
    assert drawing.figure.x_range.renderers[0].data_source.data == {"x": [0.0, 6.0], "y": [0.0, 3.0]}
    assert changes_of(drawing, arc(3.0)) == []


@pytest.mark.parametrize("ratio", [0.5, 2.0, 5.0])
def test_ranges_are_widened_and_never_cut_to_fill_a_frame(ratio: float) -> None:
    (left, right), (low, high) = filling(arc(), ratio)
    assert (right - left) / (high - low) == pytest.approx(ratio)
    assert left <= 0
    assert right >= 2
    assert low <= 0
    assert high >= 1


@pytest.mark.parametrize("backend", ["bokeh", "matplotlib"])
def test_equal_axes_are_equal_on_paper_too(backend: Any) -> None:
    drawn = hv.render(element(arc(), backend), backend=backend)
    if backend == "bokeh":
        ratio = drawn.frame_width / drawn.frame_height
        (left, right), (low, high) = ((one.start, one.end) for one in (drawn.x_range, drawn.y_range))
    else:
        (axes,) = drawn.axes
        ratio = 1 / axes.get_box_aspect() if axes.get_box_aspect() else 700 / arc().height
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    assert (right - left) / (high - low) == pytest.approx(ratio, rel=0.01)


def test_equal_axes_are_linear() -> None:
    with pytest.raises(ValueError, match="a decade has no length"):
        arc(x=Axis("f", "Hz", log=True))


def test_figures_of_one_table_show_the_same_points() -> None:
    both = drawings({"arc": arc(), "turn": seen_otherwise(arc())})
    one, other = (both[name].figure.renderers[0] for name in ("arc", "turn"))
    assert one.data_source is other.data_source
    assert (one.glyph.x.field, other.glyph.x.field) == ("real", "turn")
    assert one.hover_glyph.size > one.glyph.size
    assert Drawing(arc()).figure.renderers[0].data_source is not one.data_source


def test_a_table_that_figures_share_is_brought_up_to_date_once() -> None:
    both = drawings({"arc": arc(), "turn": seen_otherwise(arc())})
    both["arc"].patch(arc(2.0))
    assert changes_of(both["turn"], seen_otherwise(arc(2.0))) == []


def test_a_box_can_be_drawn_around_points_of_a_table() -> None:
    kinds = [[type(tool).__name__ for tool in Drawing(of).figure.toolbar.tools] for of in (arc(), picture())]
    assert ["BoxSelectTool" in names for names in kinds] == [True, False]


def test_words_beside_points_are_drawn_and_no_data() -> None:
    headers, rows = table(arc())
    assert set(headers) == {"Z (Ω)", "Y (Ω)", "turn"}
    assert len(rows) == 9
    drawn = Drawing(arc()).figure.renderers[1]
    assert drawn.data_source.data["label"] == ["1 kHz"]
