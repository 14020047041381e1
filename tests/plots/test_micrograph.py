"""Figures of micrographs: pictures are decimated and stand upright, lines can be dragged, intervals are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import ColorBar
from bokeh.models.annotations import BoxAnnotation

from pchp_widgets.analysis import micrograph as analysis
from pchp_widgets.io.synthetic.micrograph import micrograph_study
from pchp_widgets.plots import micrograph as plots
from pchp_widgets.plots import theme
from pchp_widgets.plots.drawing import Drawing
from pchp_widgets.plots.element import element
from pchp_widgets.plots.export import table
from pchp_widgets.plots.picture import Axis, Picture, Ruler, ruler
from pchp_widgets.plots.render import figure


@pytest.fixture(scope="module")
def study():
    return micrograph_study()


@pytest.fixture(scope="module")
def looks(study):
    return theme.looks({str(name): str(name) for name in study["sample"].values})


def numbered(rows, columns):
    return np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)


def test_a_picture_stands_upright_in_micrometres():
    seen = plots.view(numbered(4, 6), 0.5, 2.0)
    np.testing.assert_array_equal(seen.grey, numbered(4, 6)[::-1])  # the first row is on top
    np.testing.assert_allclose(seen.x, np.arange(7) * 0.5)
    np.testing.assert_allclose(seen.y, np.arange(5) * 1.0)
    assert seen.whole == (3.0, 4.0)
    assert plots.view(numbered(4, 6), 0.0).units == "pixels"


def test_large_pictures_are_means_of_blocks_and_a_part_has_its_own_detail():
    grey = numbered(1300, 2000)
    seen = plots.view(grey, 1.0)
    assert seen.grey.shape == (325, 500)
    assert seen.grey[-1, 0] == pytest.approx(grey[:4, :4].mean())
    part = plots.view(grey, 1.0, part=(100.0, 300.0, 400.0, 500.0))
    assert (part.x[0], part.x[-1]) == (99, 401)
    assert (part.y[0], part.y[-1]) == (299, 501)
    np.testing.assert_array_equal(part.grey[::-1], grey[1300 - 501 : 1300 - 299, 99:401])
    dark = plots.view(grey, 1.0, dark=grey[:1000] < grey[500, 0])
    assert np.nansum(dark.dark[-125:]) == 125 * 500
    assert np.isnan(dark.dark[:200]).all()


def test_both_ends_of_a_ruler_have_handles_that_follow_the_picture():
    def picture(*line):
        return Picture(Axis("x"), Axis("y"), [ruler(line, "across")], (0.0, 10.0), (0.0, 10.0), equal=True)

    drawing = Drawing(picture(1.0, 2.0, 3.0, 4.0))
    boxes = {box.name: box for box in drawing.figure.select({"type": BoxAnnotation}) if box.name}
    assert set(boxes) == {"across:0", "across:1"}
    assert (boxes["across:0"].left, boxes["across:0"].top) == (1.0, 2.0)
    drawing.patch(picture(1.0, 2.0, 5.0, 6.0))
    assert (boxes["across:1"].right, boxes["across:1"].bottom) == (5.0, 6.0)
    drawing.patch(picture())
    assert not any(box.visible for box in boxes.values())
    drawing.patch(picture(1.0, 2.0, 5.0, 6.0))
    assert all(box.visible for box in boxes.values())


def test_a_photograph_has_no_colour_bar_and_is_no_table(study, looks):
    grey = study["intensity"].values[0].astype(float)
    traces = [(np.array([0.0, 1.0]), np.array([2.0, 2.0]))]
    picture = plots.micrograph(plots.view(grey, 0.05), line=(1.0, 2.0, 3.0, 4.0), traces=traces, bar=(1.0, 6.0, 1.5))
    drawn = figure(picture)
    assert not list(drawn.select({"type": ColorBar}))
    assert drawn.match_aspect
    headers, rows = table(picture)
    assert headers == ["x (µm)", "y (µm)"]
    assert len(rows) == 2
    (line,) = (layer for layer in picture.layers if isinstance(layer, Ruler))
    assert line.ends == ((1.0, 2.0), (3.0, 4.0))
    for backend in ("bokeh", "matplotlib"):
        assert element(picture, backend)


def test_thickness_is_drawn_with_its_interval(study, looks):
    found = {str(name): analysis.thickness(study.sel(sample=[name])) for name in study["sample"].values[:3]}
    picture = plots.thickness(found, looks)
    ribbon, curves, means = picture.layers
    assert len(curves.x) == 3
    assert [low[0] for low in ribbon.low] == [one["mean_low"].item() for one in found.values()]
    assert [mean[0] for mean in means.y] == [one["mean"].item() for one in found.values()]
    marks = plots.coatings(found, looks).layers[-1]
    np.testing.assert_allclose(marks.y, [one["mean"].item() for one in found.values()])
    figure(picture)


def test_fractions_are_hollow_where_nothing_is_compared(study, looks):
    surfaces = study.isel(sample=slice(3, None))
    found = analysis.pores(surfaces)
    far = found.assign(pixel_size=found["pixel_size"] * [1, 1, 2, 1])
    picture = plots.fractions(far, analysis.compared(far), looks)
    decided, hollow = (layer for layer in picture.layers if hasattr(layer, "filled"))
    assert decided.filled
    assert list(hollow.rows["cell"]) == ["PCHP, 50 cycles"]
    assert picture.legend
    assert not plots.fractions(found, analysis.compared(found), looks).legend
    curves = plots.darker(found, (0.3, 0.6), looks).layers[0]
    assert all((np.diff(y) >= 0).all() for y in curves.y)
    for one in (picture, plots.orientation(found, looks), plots.darker(found, (0.3, 0.6), looks)):
        figure(one)


def test_sources_stand_as_far_away_as_they_are(study, looks):
    one = study.assign(pixel_size=study["pixel_size"] * 1.1)
    marks = plots.sources(analysis.pixel_sizes(one), looks).layers[-1]
    bars = marks.y[np.asarray(marks.rows["source"]) == "scale bar"]
    np.testing.assert_allclose(bars, 100 * (1 / 1.1 - 1), atol=0.01)


def test_figures_of_nothing_can_be_drawn(study):
    none = study.isel(sample=slice(0))
    sizes = analysis.pixel_sizes(study.isel(sample=[0])).isel(sample=slice(0))
    found = analysis.pores(study.isel(sample=[3])).isel(sample=slice(0))
    empty = plots.micrograph(plots.view(np.full((3, 4), np.nan), 0.0))
    for picture in (
        empty,
        plots.sources(sizes, {}),
        plots.thickness({}, {}),
        plots.coatings({}, {}),
        plots.darker(found, (0.3, 0.6), {}),
        plots.fractions(found, analysis.compared(found), {}),
        plots.orientation(found, {}),
    ):
        figure(picture)
        element(picture, "matplotlib")
    assert none.sizes["sample"] == 0
