"""Figures of gas sorption as they are described."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.sorption import bet, dubinin, isotherms, langmuir
from pchp_widgets.io.synthetic.sorption import Glassy, Layered, Porous, Run, isotherm
from pchp_widgets.model.measurements import merged
from pchp_widgets.plots.picture import Lines, Marks, Window
from pchp_widgets.plots.sorption import bet_plot, dubinin_plot, log_squared, rouquerol
from pchp_widgets.plots.sorption import isotherm as isotherm_plot
from pchp_widgets.plots.theme import looks

RUN = Run(np.linspace(0.02, 0.9, 30), desorption=True)


@pytest.fixture
def data() -> xr.Dataset:
    return merged(isotherm(Layered(4.0 - at), RUN, name=f"N{at}") for at in range(2))


LOOKS = looks({"N0": "a", "N1": "b"})


def marks(picture: object, filled: bool = True) -> Marks:
    return next(one for one in picture.layers if isinstance(one, Marks) and one.filled is filled)  # type: ignore[attr-defined]


def lines(picture: object, dash: str) -> Lines:
    return next(one for one in picture.layers if isinstance(one, Lines) and one.dash == dash)  # type: ignore[attr-defined]


def test_both_branches_are_drawn_with_every_point_once(data: xr.Dataset) -> None:
    up, down = isotherms(data), isotherms(data, branch="desorption")
    picture = isotherm_plot(up, down, LOOKS, (0.05, 0.3))
    assert len(marks(picture).x) == 2 * 30
    assert len(marks(picture, filled=False).x) == 2 * 29
    assert [entry.label for entry in picture.legend] == ["N0", "N1", "desorption"]
    assert next(one for one in picture.layers if isinstance(one, Window)).name == "window"


def test_the_line_of_bet_goes_through_its_points(data: xr.Dataset) -> None:
    up = isotherms(data)
    picture = bet_plot(up, bet(up, (0.05, 0.3)), LOOKS, (0.05, 0.3), 0.5)
    points, line = marks(picture), lines(picture, "dashed")
    own = points.rows["sample"] == "N0"
    inside = own & (points.x <= 0.3)
    np.testing.assert_allclose(np.interp(points.x[inside], line.x[0], line.y[0]), points.y[inside], rtol=1e-9)


def test_a_sample_that_would_flatten_the_others_is_said_to_lie_above() -> None:
    many = merged(
        [isotherm(Porous(), name=f"{at}") for at in range(3)] + [isotherm(Porous(0.0, henry=0.05), name="PEO")]
    )
    up = isotherms(many)
    picture = bet_plot(up, bet(up), looks(dict.fromkeys(["0", "1", "2", "PEO"], "")), (0.002, 0.02), 0.026)
    assert picture.title == "BET: drag the band (PEO above)"


def test_the_monolayer_stands_where_the_isotherm_reaches_it(data: xr.Dataset) -> None:
    up = isotherms(data)
    found = bet(up, (0.05, 0.3))
    picture = rouquerol(up, found, LOOKS, (0.05, 0.3), 0.5)
    diamond = [one for one in picture.layers if isinstance(one, Marks)][-1]
    np.testing.assert_allclose(diamond.x, found["monolayer_pressure"])
    np.testing.assert_allclose(diamond.rows["monolayer"], [4.0, 3.0], rtol=1e-6)


def test_the_curve_of_dubinin_goes_through_the_points_and_ends_at_the_volume() -> None:
    up = isotherms(isotherm(Porous(0.25, 12.0), name="N0"))
    picture = dubinin_plot(up, dubinin(up), LOOKS, (2.5, 10.0))
    curve, points = lines(picture, "dashed"), marks(picture)
    assert curve.y[0][0] == pytest.approx(0.25)
    inside = points.x <= 10.0
    at = np.interp(points.x[inside], curve.x[0], np.log(curve.y[0]))
    np.testing.assert_allclose(at, np.log(points.y[inside]), atol=1e-9)
    assert picture.y.log


def test_a_model_is_drawn_over_the_whole_isotherm() -> None:
    data = isotherm(Glassy(), Run(np.linspace(0.2, 20.0, 30)), name="N0")
    up = isotherms(data)
    picture = isotherm_plot(up, isotherms(data, branch="desorption"), LOOKS, (0.05, 0.3), langmuir(up))
    curve = lines(picture, "dashed")
    assert curve.x[0][-1] == pytest.approx(np.nanmax(up["relative_pressure"]))
    assert picture.legend[-1].label == "Langmuir"


def test_the_axis_of_dubinin_knows_no_pressure_beyond_saturation() -> None:
    assert np.isnan(log_squared([0.0, -1.0, 1.5])).all()
    assert log_squared([1.0, 0.1, 0.01]).tolist() == [0.0, 1.0, 4.0]
