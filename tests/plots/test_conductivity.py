from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import conductivity as analysis
from pchp_widgets.plots import conductivity as plots
from pchp_widgets.plots.picture import Bands, Lines, Marks, Picture, Whiskers
from pchp_widgets.plots.theme import Look, looks

Cells = Callable[[str], list[xr.DataTree]]
COLORS = {"PCHP": "#0072B2"}


@pytest.fixture(scope="module")
def samples(demo_cells: Cells) -> xr.Dataset:
    return analysis.from_cells(demo_cells("warm-"))


def looks_of(samples: xr.Dataset) -> dict[str, Look]:
    return looks(dict(zip(samples["cell"].values.tolist(), samples["coating"].values.tolist(), strict=True)))


def marks(picture: Picture) -> list[Marks]:
    return [one for one in picture.layers if isinstance(one, Marks)]


def drawn(found: xr.Dataset, *, vogel: bool = False) -> Picture:
    return plots.arrhenius(found, analysis.arrhenius(found), analysis.vft(found) if vogel else None, COLORS)


def test_replicates_stand_beside_each_other_over_their_temperature(samples: xr.Dataset) -> None:
    picture = plots.series_resistance(samples, analysis.conductivity(samples), looks_of(samples), selected=35.0)
    (points,) = marks(picture)
    assert len(points.y) == 24
    assert points.x == pytest.approx(samples["temperature"].values, abs=1.0)
    assert len(np.unique(points.x)) == 12
    (band,) = [one for one in picture.layers if isinstance(one, Bands)]
    assert band.start[0] < 35.0 < band.stop[0]
    assert picture.y.title == "series resistance Rₛ (Ω)"


def test_the_conductivity_is_drawn_against_1_over_t_with_interval_and_law(samples: xr.Dataset) -> None:
    found = analysis.conductivity(samples)
    picture = drawn(found, vogel=True)
    known, unknown, bounds = marks(picture)
    np.testing.assert_allclose(known.y, 1e3 * found["conductivity"].values[0])
    np.testing.assert_allclose(known.x, 1e3 / (found["temperature"].values + 273.15))
    assert not len(unknown.y)
    assert not len(bounds.y)
    vogel, arrhenius = (one for one in picture.layers if isinstance(one, Lines))
    assert (vogel.dash, arrhenius.dash) == ("dashed", "solid")
    assert arrhenius.y[0][0] == pytest.approx(known.y[0], rel=0.05)
    (bars,) = [one for one in picture.layers if isinstance(one, Whiskers)]
    assert (bars.low < known.y).all()
    assert (bars.high > known.y).all()
    assert picture.y.log
    assert picture.y.units == "mS cm⁻¹"


def test_a_bound_is_a_hollow_triangle_and_a_contradiction_is_said(samples: xr.Dataset) -> None:
    bare, hot = samples["coating"] == "bare", samples["temperature"] > 50
    more = samples.assign(series_resistance=samples["series_resistance"] + 2.8 * bare * hot)
    found = analysis.conductivity(more)
    assert found["resolved"].values[0].tolist() == [1, 1, 1, 0]
    *_, bounds = marks(drawn(found))
    assert bounds.y == pytest.approx([1e3 * found["conductivity_low"].values[0, -1]])
    assert not bounds.filled
    assert any(entry.label == "lower bound" for entry in drawn(found).legend)
    less = analysis.conductivity(samples.assign(series_resistance=samples["series_resistance"] + 9 * bare * hot))
    assert "none where coated cells have less resistance" in drawn(less).title


def test_an_unstated_temperature_is_named_on_the_axis(samples: xr.Dataset) -> None:
    one = samples.isel(sample=[0, 12])
    unstated = one.assign(temperature=np.nan * one["temperature"])
    found = analysis.conductivity(unstated)
    assert drawn(found).x.ticks == ((0.0, "temperature not stated"),)
    assert drawn(found).legend[-1].label == "error unknown"
    picture = plots.series_resistance(unstated, found, looks_of(unstated))
    assert picture.x.ticks[0][1] == "not stated"


def test_nothing_is_drawn_of_nothing(samples: xr.Dataset) -> None:
    none = samples.isel(sample=slice(0))
    found = analysis.conductivity(none, missing="empty")
    assert drawn(found, vogel=True).legend[0].label == "Arrhenius"
    assert plots.series_resistance(none, found, {}).title == "no series resistance"
