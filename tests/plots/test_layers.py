"""Ribbons, whiskers, levels, images, logarithmic axes: live, on paper, as numbers; and figures that zoom together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import LogAxis, LogScale
from bokeh.models.annotations import ColorBar, LabelSet
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.plots import render
from pchp_widgets.plots.drawing import Drawing
from pchp_widgets.plots.element import element
from pchp_widgets.plots.export import export, table
from pchp_widgets.plots.picture import (
    Axis,
    Image,
    Layer,
    Levels,
    Lines,
    Marks,
    Picture,
    Ribbons,
    Whiskers,
    edges,
    sharing_x,
)

BLUE = "#0072B2"


def ribbons(rows: int = 2, gap: bool = False) -> Ribbons:
    x = [np.arange(6.0)] * rows
    low = [np.full(6, float(row)) for row in range(rows)]
    if gap:
        low[0][2] = np.nan
    colors = np.full(rows, BLUE, object)
    return Ribbons(x, low, [one + 1 for one in low], {"coating": np.arange(rows), "color": colors})


def whiskers(rows: int = 2) -> Whiskers:
    x = np.arange(float(rows))
    return Whiskers(x, x - 1, x + 1, {"color": np.full(rows, BLUE, object)})


def levels(rows: int = 2) -> Levels:
    return Levels(np.arange(float(rows)), {"label": [f"level {row}" for row in range(rows)]})


def image(columns: int = 4, rows: int = 3, **changes: Any) -> Image:
    values = np.arange(float(columns * rows)).reshape(rows, columns)
    whole = Image(values, np.arange(columns + 1.0), np.arange(rows + 1.0), Axis("|V|", "mV"), rows={"cell": ["a"]})
    return replace(whole, **changes)


def picture(*layers: Layer, **changes: Any) -> Picture:
    axes = Axis("cycle"), Axis("polarization", "mV")
    return replace(Picture(*axes, layers, (0.0, 5.0), (0.0, 4.0)), **changes)


EVERY = picture(ribbons(), whiskers(), levels(), image())


@pytest.mark.parametrize("make", [ribbons, whiskers, levels, image])
def test_however_many_rows_there_are_the_renderers_stay_the_same(make: Any) -> None:
    drawing = Drawing(picture(make(2)))
    renderers, beside = list(drawing.figure.renderers), list(drawing.figure.center)
    for rows in (5, 0, 1):
        drawing.patch(picture(make(rows)))
        assert drawing.figure.renderers == renderers
        assert drawing.figure.center == beside


def test_a_patch_of_the_same_layers_changes_nothing() -> None:
    from bokeh.document import Document

    drawing, document, found = Drawing(EVERY), Document(), []
    document.add_root(drawing.figure)
    document.on_change(found.append)
    drawing.patch(picture(ribbons(), whiskers(), levels(), image()))
    assert found == []


def test_a_ribbon_runs_along_its_limits_and_back() -> None:
    columns = ribbons(1).columns
    assert columns["xs"][0].tolist() == [0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0]
    assert columns["ys"][0].tolist() == [0.0] * 6 + [1.0] * 6


def test_a_ribbon_with_a_gap_is_two_pieces_of_the_same_row() -> None:
    columns = ribbons(2, gap=True).columns
    assert columns["coating"] == [0, 0, 1]
    assert [len(xs) for xs in columns["xs"]] == [4, 6, 12]


@given(st.lists(st.booleans(), max_size=30))
def test_the_pieces_of_a_ribbon_hold_every_known_point_once(known: list[bool]) -> None:
    low = np.where(known, 0.0, np.nan)
    pieces = Ribbons([np.arange(float(len(known)))], [low], [low + 1], {}).columns["xs"]
    found = np.concatenate([*(xs[: len(xs) // 2] for xs in pieces), np.zeros(0)])
    assert found.tolist() == np.flatnonzero(known).tolist()


def test_levels_are_named_at_their_left_end() -> None:
    figure = Drawing(picture(levels())).figure
    (labels,) = (each for each in figure.center if isinstance(each, LabelSet))
    assert labels.source.data["label"] == ["level 0", "level 1"]
    assert labels.x_units == "screen"
    assert not [each for each in Drawing(picture(Levels(np.ones(1)))).figure.center if isinstance(each, LabelSet)]


def test_an_image_has_a_colour_bar_with_its_units_and_a_patch_rescales_it() -> None:
    drawing = Drawing(picture(image()))
    (bar,) = (each for each in drawing.figure.right if isinstance(each, ColorBar))
    assert bar.title == "|V| (mV)"
    assert (bar.color_mapper.low, bar.color_mapper.high) == (0.0, 11.0)
    drawing.patch(picture(image(limits=(2.0, 3.0), shown=Axis("ratio"))))
    assert (bar.title, bar.color_mapper.low, bar.color_mapper.high) == ("ratio", 2.0, 3.0)


def test_what_is_not_known_is_transparent() -> None:
    values = np.array([[1.0, np.nan]])
    shown = Image(values, np.arange(3.0), np.arange(2.0), Axis("|V|"))
    assert shown.colors == (0.5, 1.5)
    assert np.isnan(shown.columns["image"][0]).tolist() == [[False, True]]
    assert Drawing(picture(shown)).figure.renderers[0].glyph.color_mapper.nan_color == "rgba(0, 0, 0, 0)"


def test_an_image_says_its_value_on_hovering() -> None:
    toolbar = Drawing(picture(image(tips=[("|V|", "@image{0.0} mV")]))).figure.toolbar
    assert [tool.tooltips for tool in toolbar.tools if not tool.visible] == [[("|V|", "@image{0.0} mV")]]


@given(st.lists(st.floats(1.0, 20.0), min_size=1, max_size=12))
def test_uneven_cells_have_their_value_at_their_place(widths: list[float]) -> None:
    along = np.append(0.0, np.cumsum(widths))
    values = np.arange(float(len(widths)))
    columns = Image(values[None], along, np.arange(2.0), Axis("v")).columns
    (drawn,), (width,) = columns["image"], columns["dw"]
    places = (np.arange(drawn.shape[1]) + 0.5) * width / drawn.shape[1]
    shown = np.searchsorted(along, places, side="right") - 1
    assert width == along[-1]
    assert drawn[0].tolist() == shown.tolist() == np.sort(shown).tolist()
    assert set(shown) == set(range(len(widths)))


def test_a_grid_much_finer_in_one_place_is_drawn_no_finer_than_a_screen() -> None:
    along = np.array([0.0, 1e-9, 1.0])
    assert Image(np.ones((1, 2)), along, np.arange(2.0), Axis("v")).columns["image"][0].shape == (1, 2000)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"x": np.arange(4.0)}, "4 values along x need 5 edges, not 4"),
        ({"y": np.array([0.0, 2.0, 1.0, 3.0])}, "the edges along y do not ascend"),
    ],
)
def test_edges_that_do_not_fit_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        image(**changes)


def test_edges_lie_half_way_between_centres() -> None:
    assert edges(np.array([1.0, 2.0, 4.0])).tolist() == [0.5, 1.5, 3.0, 5.0]
    assert edges(np.array([7.0])).tolist() == [6.5, 7.5]
    assert edges(np.zeros(0)).tolist() == []


def test_a_logarithmic_axis_is_one_in_every_library(tmp_path: Path) -> None:
    x = np.array([1.0, 10.0, 100.0])
    shown = picture(Lines([x], [x], {"color": [BLUE]}), x=Axis("frequency", "Hz", log=True), xlim=(1.0, 100.0))
    live, rendered = Drawing(shown).figure, hv.render(element(shown), backend="bokeh")
    assert isinstance(live.below[0], LogAxis)
    assert isinstance(live.x_scale, LogScale)
    assert isinstance(rendered.x_scale, LogScale)
    assert not isinstance(live.y_scale, LogScale)
    paper = hv.render(element(shown, "matplotlib"), backend="matplotlib").axes[0]
    assert (paper.get_xscale(), paper.get_yscale()) == ("log", "linear")


def test_an_axis_of_names_has_a_tick_per_name_in_every_library() -> None:
    shown = picture(levels(), y=Axis("evidence", ticks=((1.0, "step"), (2.0, "noise"))))
    drawing, rendered = Drawing(shown), hv.render(element(shown), backend="bokeh")
    for axis in (drawing.figure.left[0], rendered.yaxis[0]):
        assert list(axis.ticker.ticks) == [1.0, 2.0]
        assert dict(axis.major_label_overrides) == {1.0: "step", 2.0: "noise"}
    paper = hv.render(element(shown, "matplotlib"), backend="matplotlib").axes[0]
    assert [label.get_text() for label in paper.get_yticklabels()] == ["step", "noise"]
    drawing.patch(picture(levels(), y=Axis("evidence", ticks=((1.0, "arcs"),))))
    assert dict(drawing.figure.left[0].major_label_overrides) == {1.0: "arcs"}


def test_an_image_with_a_logarithmic_axis_is_refused() -> None:
    with pytest.raises(ValueError, match="linear axes"):
        picture(image(), y=Axis("time", "s", log=True))


@pytest.mark.parametrize("make", [ribbons, whiskers, levels, image])
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_holoviews_draws_the_same(make: Any, rows: int) -> None:
    shown = picture(make(rows))
    own, rendered = Drawing(shown).figure.renderers, hv.render(element(shown), backend="bokeh")
    theirs = [each for each in rendered.renderers if any(map(len, each.data_source.data.values()))]
    assert len(theirs) >= len([each for each in own if any(map(len, each.data_source.data.values()))])
    if rows and make is image:
        np.testing.assert_array_equal(theirs[0].data_source.data["image"][0], own[0].data_source.data["image"][0])
    if rows and make is ribbons:
        outline = theirs[0].data_source.data["ys"][0][0][0]  # closed
        np.testing.assert_array_equal(outline[:-1], own[0].data_source.data["ys"][0])
    assert (rendered.x_range.start, rendered.x_range.end) == shown.xlim


@pytest.mark.parametrize("ending", [".svg", ".pdf", ".png", ".csv", ".html"])
@pytest.mark.parametrize("rows", [0, 2])
def test_every_layer_can_be_written(tmp_path: Path, ending: str, rows: int) -> None:
    shown = picture(image(rows), ribbons(rows), whiskers(rows), levels(rows))
    (path,) = export({"one": shown}, tmp_path / f"out{ending}", arrange=lambda figures: figures["one"])
    assert path.stat().st_size


def test_an_image_stays_one_on_paper(tmp_path: Path) -> None:
    large = Image(np.ones((100, 1000)), np.arange(1001.0), np.arange(101.0), Axis("|V|", "mV"))
    (path,) = export({"one": picture(large)}, tmp_path / "out.svg", arrange=lambda figures: figures["one"])
    assert path.stat().st_size < 200_000
    assert b"<image" in path.read_bytes()


def test_the_table_of_an_image_has_a_row_per_value() -> None:
    headers, rows = table(picture(image(2, 2)))
    assert headers == ["cell", "cycle", "polarization (mV)", "|V| (mV)"]
    assert rows == [["a", 0.5, 0.5, 0.0], ["a", 1.5, 0.5, 1.0], ["a", 0.5, 1.5, 2.0], ["a", 1.5, 1.5, 3.0]]


@pytest.mark.parametrize("ribbons_first", [True, False])
def test_a_curve_and_its_ribbon_share_their_rows(ribbons_first: bool) -> None:
    around = ribbons(2)
    curve = Lines(around.x, [low + 0.5 for low in around.low], around.rows)
    headers, rows = table(picture(*((around, curve) if ribbons_first else (curve, around))))
    assert headers[-3:] == ["polarization (mV)", "polarization, low (mV)", "polarization, high (mV)"]
    assert len(rows) == 12
    assert rows[-1] == [1, 5.0, 1.5, 1.0, 2.0]


def test_a_ribbon_along_no_curve_has_rows_of_its_own() -> None:
    marks = Marks(np.array([9.0]), np.array([9.0]), {"coating": [0]})
    headers, rows = table(picture(ribbons(1), marks))
    assert headers == ["coating", "cycle", "polarization (mV)", "polarization, low (mV)", "polarization, high (mV)"]
    assert len(rows) == 7
    assert (rows[0][2], rows[-1]) == ("", [0, 9.0, 9.0, "", ""])


def test_whiskers_and_levels_are_no_data_unless_said() -> None:
    assert table(picture(whiskers(), levels())) == ([], [])
    headers, rows = table(picture(replace(whiskers(1), is_data=True), replace(levels(1), is_data=True)))
    assert headers == ["cycle", "label", "polarization (mV)", "polarization, low (mV)", "polarization, high (mV)"]
    assert rows == [[0.0, "", "", -1.0, 1.0], ["", "level 0", 0.0, "", ""]]


def test_places_on_an_axis_of_names_are_not_in_the_table() -> None:
    marks = Marks(np.array([9.0]), np.array([1.1]), {"evidence": ["step"]})
    headers, rows = table(picture(marks, y=Axis("", ticks=((1.0, "step"),))))
    assert (headers, rows) == (["evidence", "cycle"], [["step", 9.0]])


def test_linked_figures_have_one_range_that_holds_all_of_them() -> None:
    pictures = {name: picture(levels(), xlim=(at, at + 2.0)) for at, name in enumerate(("a", "b", "c"))}
    figures = render.figures(pictures, [["a", "c", "not there"]])
    assert figures["a"].x_range is figures["c"].x_range is not figures["b"].x_range
    assert (figures["a"].x_range.start, figures["a"].x_range.end) == (0.0, 4.0)
    assert sharing_x(pictures, [["a", "c"]])["b"] is pictures["b"]


@pytest.mark.parametrize("rows", [1, 2])
def test_ribbons_have_their_colour_on_paper_too(tmp_path: Path, rows: int) -> None:
    (path,) = export({"one": picture(ribbons(rows))}, tmp_path / "out.svg", arrange=lambda figures: figures["one"])
    assert path.read_text().count(f"fill: {BLUE.lower()}") == rows
