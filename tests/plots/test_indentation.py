"""Figures of indentations show the samples they are given, as many and as few as there are."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.indentation import (
    last_unloading,
    of_samples,
    oliver_pharr,
    over_depth,
    turning_points,
)
from pchp_widgets.io.synthetic.indentation import Indent, indented
from pchp_widgets.model.measurements import merged
from pchp_widgets.plots import indentation as plots
from pchp_widgets.plots import indentation_view as view
from pchp_widgets.plots.picture import Lines, Marks, Window
from pchp_widgets.plots.render import figure
from pchp_widgets.plots.theme import looks


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return merged(
        [indented(Indent(tests=4, spread=0.05, continuous=True), seed=at, name=name) for at, name in enumerate("ab")]
    )


LOOKS = looks({"a": "PCH", "b": "PCHP"})


def test_curves_are_thinned_and_keep_their_ends(data: xr.Dataset) -> None:
    found = view.curves(data)
    assert found.sizes["curve"] == 8
    assert found.sizes["point"] <= 1000
    assert found["depth"].values[0, 0] == data["depth"].values[0, 0, 0]
    assert found["load"].values[7, -1] == data["load"].values[1, 3, -1]


def test_the_fitted_unloading_lies_on_the_curve(data: xr.Dataset) -> None:
    turns = turning_points(data)
    last = last_unloading(oliver_pharr(data, turns=turns))
    cut = view.unloading_curves(data, turns, 1)
    share, along = plots._fits(last, 1)
    here = np.interp(cut["share"].values[0][::-1], share[0], along[0])[::-1]
    assert np.allclose(here, cut["depth"].values[0], atol=0.5)


def test_every_figure_can_be_drawn(data: xr.Dataset) -> None:
    turns = turning_points(data)
    found = oliver_pharr(data, turns=turns)
    last, over = last_unloading(found), over_depth(data, turns)
    statistics = of_samples(last["modulus"])
    pictures = [
        plots.load_depth(view.curves(data), last, LOOKS, 2),
        plots.unloading(view.unloading_curves(data, turns, 2), last, LOOKS, (0.5, 0.98), 2),
        plots.over_depth(found, over, LOOKS, "modulus", over.attrs["depths"]),
        plots.compared(last["modulus"], statistics, last, LOOKS, "modulus", "unloading"),
    ]
    assert all(figure(picture) is not None for picture in pictures)
    (window,) = [layer for layer in pictures[1].layers if isinstance(layer, Window)]
    assert (window.start[0], window.stop[0], window.name) == (0.5, 0.98, "window")
    lines = [layer for layer in pictures[0].layers if isinstance(layer, Lines)]
    assert [len(layer.x) for layer in lines] == [6, 2, 2]
    marks = [layer for layer in pictures[3].layers if isinstance(layer, Marks)]
    assert [len(layer.x) for layer in marks] == [8, 0, 2]


def test_a_test_that_is_not_there_leaves_the_figures_empty(data: xr.Dataset) -> None:
    turns = turning_points(data)
    last = last_unloading(oliver_pharr(data, turns=turns))
    picture = plots.unloading(view.unloading_curves(data, turns, 9), last, LOOKS, (0.5, 0.98), 9)
    (marks,) = [layer for layer in picture.layers if isinstance(layer, Marks)]
    assert len(marks.x) == 0
    assert np.isfinite(picture.ylim).all()
