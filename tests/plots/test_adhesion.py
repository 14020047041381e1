"""Figures of peel tests show every strip, the range that counts, and intervals where there are some."""

from __future__ import annotations

import numpy as np
import pytest

from pchp_widgets.analysis.adhesion import by_material, peel_strength, ratios, strips
from pchp_widgets.io.synthetic.adhesion import PeelTruth, peel, peel_study
from pchp_widgets.plots import adhesion as plots
from pchp_widgets.plots.layers import Lines, Marks, Ribbons, Whiskers, Window
from pchp_widgets.plots.render import figure
from pchp_widgets.plots.theme import looks


def kinds(picture, kind):
    return [layer for layer in picture.layers if type(layer) is kind]


@pytest.fixture(scope="module")
def study():
    data = peel_study(strips=3)
    found = peel_strength(data, window=(60.0, 200.0))
    names = {name: name for name in map(str, data["sample"].values)}
    return data, found, looks(names)


def test_every_strip_is_drawn_with_its_starting_peak(study):
    data, found, look = study
    curves = plots.drawn(strips(data))
    assert len(curves.x) == 12
    assert max(y.max() for y in curves.y) == pytest.approx(found["highest"].values.max())
    assert max(map(len, curves.x)) < data.sizes["point"]
    picture = plots.force(curves, found, look)
    (window,) = kinds(picture, Window)
    assert (window.start[0], window.stop[0]) == (60.0, 200.0)
    (ribbon,) = kinds(picture, Ribbons)
    grouped = by_material(found)
    np.testing.assert_allclose([low[0] for low in ribbon.low], grouped["low"].values)
    assert picture.ylim[1] > found["highest"].values.max()


def test_a_single_strip_has_the_interval_within_it():
    data = peel(PeelTruth(), name="one")
    found = peel_strength(data)
    picture = plots.force(plots.drawn(strips(data)), found, looks({"one": ""}))
    (ribbon,) = kinds(picture, Ribbons)
    assert ribbon.low[0][0] == found["strength_low"].item()


@pytest.mark.parametrize("statistic", ["strength", "strength_median", "strength_peaks"])
def test_strips_and_means_stand_side_by_side(study, statistic):
    _, found, look = study
    grouped = by_material(found, statistic)
    picture = plots.strength(found, grouped, look, statistic=statistic)
    each, means = kinds(picture, Marks)
    assert len(each.x) == 12
    np.testing.assert_allclose(means.y, grouped["mean"].values)
    assert all(
        len(whiskers.low) == len(marks.y)
        for whiskers, marks in zip(kinds(picture, Whiskers), (each, means), strict=True)
    )
    assert picture.ylim[0] == 0.0
    figure(picture)


def test_ratios_that_are_undecided_are_hollow(study):
    _, found, look = study
    picture = plots.ratio(ratios(found, "PCH"), plots.material_colors(found, look))
    decided, hollow = kinds(picture, Marks)
    assert decided.filled
    assert list(decided.rows["cell"]) == ["PCHP"]
    assert not hollow.filled
    assert list(hollow.rows["cell"]) == ["PCHP2", "PCHP3"]
    figure(picture)


def test_figures_of_nothing_can_be_drawn(study):
    data, found, _ = study
    none = found.isel(sample=slice(0))
    picture = plots.force(plots.drawn(strips(data.isel(sample=slice(0)))), none, {})
    assert kinds(picture, Lines)[0].x == []
    for one in (picture, plots.strength(none, by_material(none), {}), plots.ratio(ratios(none), {})):
        figure(one)
