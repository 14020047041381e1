"""Figures of diffraction: what is drawn is what was found."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import diffraction
from pchp_widgets.io.synthetic.diffraction import pattern, patterns
from pchp_widgets.model.measurements import merged
from pchp_widgets.plots import diffraction as plots
from pchp_widgets.plots.element import element
from pchp_widgets.plots.picture import Lines, Marks, Picture, Verticals, Whiskers, Window
from pchp_widgets.plots.render import figure
from pchp_widgets.plots.theme import looks

MATERIALS = ("PCH", "PCHP", "PCHP2")
LOOKS = looks({name: name for name in MATERIALS})


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return merged(patterns(MATERIALS, step=0.05))


@pytest.fixture(scope="module")
def found(data: xr.Dataset) -> xr.Dataset:
    return diffraction.halos(data, count=3)


def drawn(data: xr.Dataset, found: xr.Dataset, **options: object) -> Picture:
    curves, sharp = diffraction.curves(data, found), diffraction.reflections(data)
    return plots.pattern(plots.drawn(data), curves, sharp, LOOKS, **options)  # type: ignore[arg-type]


def layers(picture: Picture, kind: type) -> list:
    return [one for one in picture.layers if isinstance(one, kind)]


def test_patterns_are_drawn_in_as_many_points_as_a_screen_has(data: xr.Dataset) -> None:
    whole = plots.drawn(merged([pattern("PCH", step=0.01)]))
    assert whole.sizes["point"] <= 1201
    mean = pattern("PCH", step=0.01)["intensity"].mean().item()
    assert whole["intensity"].mean().item() == pytest.approx(mean, rel=0.01)
    assert plots.drawn(data).sizes["point"] <= 1200


def test_the_window_stands_where_the_fit_was_and_can_be_grasped(data: xr.Dataset, found: xr.Dataset) -> None:
    picture = drawn(data, found)
    (window,) = layers(picture, Window)
    assert (window.start[0], window.stop[0]) == found.attrs["window"]
    assert picture.xlim[0] < window.start[0]
    assert picture.xlim[1] > window.stop[0]


def test_patterns_are_shifted_together_with_their_fits(data: xr.Dataset, found: xr.Dataset) -> None:
    flat, shifted = (layers(drawn(data, found, stacked=stacked), Lines) for stacked in (False, True))
    for of in (0, 1, 3):
        rise = [np.nanmean(up - down) for up, down in zip(shifted[of].y, flat[of].y, strict=True)]
        assert rise[0] == pytest.approx(0)
        assert rise[2] == pytest.approx(2 * rise[1])


def test_single_halos_are_drawn_of_few_samples_only(data: xr.Dataset, found: xr.Dataset) -> None:
    few = slice(2)
    assert len(layers(drawn(data, found), Lines)[2].x) == 0
    assert len(layers(drawn(data.isel(sample=few), found.isel(sample=few)), Lines)[2].x) == 2 * 3


def test_reference_lines_need_a_wavelength(data: xr.Dataset, found: xr.Dataset) -> None:
    assert len(layers(drawn(data, found, references=("Cu",), wavelength=1.5406), Verticals)[0].x) == 2
    assert len(layers(drawn(data, found, references=("Cu",)), Verticals)[0].x) == 0


def test_distances_show_statistics_as_whiskers_and_backgrounds_as_a_box(found: xr.Dataset) -> None:
    summary = diffraction.distances(found)
    picture = plots.distances(found, summary, LOOKS, 2)
    (whiskers,) = layers(picture, Whiskers)
    np.testing.assert_allclose(whiskers.low, summary["spacing_low"].values[:, 1])
    (boxes,) = layers(picture, Lines)
    np.testing.assert_allclose([box.max() for box in boxes.y], summary["spacing_background_high"].values[:, 1])
    others, chosen = layers(picture, Marks)
    assert len(others.x) == 3 * 5
    np.testing.assert_allclose(chosen.y, summary["spacing"].values[:, 1])


def test_every_figure_is_drawn_by_both_libraries(data: xr.Dataset, found: xr.Dataset) -> None:
    curves = diffraction.curves(data, found)
    pictures = [
        drawn(data, found, references=("Li",), wavelength=1.5406),
        plots.residuals(curves, LOOKS, (10.0, 70.0)),
        plots.distances(found, diffraction.distances(found), LOOKS),
        plots.distances(found, diffraction.distances(found), LOOKS, 4),
    ]
    for picture in pictures:
        assert figure(picture) is not None
        assert element(picture) is not None
