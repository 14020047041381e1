from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.life import CENSORED, FAILED
from pchp_widgets.analysis.survival import kaplan_meier
from pchp_widgets.plots import theme
from pchp_widgets.plots.drawing import Drawing
from pchp_widgets.plots.picture import Lines, Marks, Picture, Ribbons
from pchp_widgets.plots.survival import survival

LIVES = {"bare": [164.0, 173.0, 180.0], "PCHP": [500.0] * 3}


def curves(of: str = "cycle") -> xr.Dataset:
    value = np.array([*LIVES["bare"], *LIVES["PCHP"]])
    life = xr.Dataset(
        {
            "cycle": ("cell", value, {"units": "1"}),
            "time": ("cell", 7200 * value, {"units": "s"}),
            "observed": ("cell", [FAILED] * 3 + [CENSORED] * 3),
        },
        coords={"cell": list("abcdef"), "coating": ("cell", ["bare"] * 3 + ["PCHP"] * 3)},
    )
    return kaplan_meier(life, of=of)  # type: ignore[arg-type]


def layers(picture: Picture) -> tuple[Ribbons, Lines, Marks, Marks]:
    ribbons, lines, failed, alive = picture.layers
    assert isinstance(ribbons, Ribbons)
    assert isinstance(lines, Lines)
    assert isinstance(failed, Marks)
    assert isinstance(alive, Marks)
    return ribbons, lines, failed, alive


def test_the_curve_steps_down_where_a_cell_failed_and_nowhere_else() -> None:
    _, lines, failed, alive = layers(survival(curves()))
    assert lines.x[0].tolist() == [0, 164, 164, 173, 173, 180, 180]
    assert lines.y[0] == pytest.approx([100, 100, 200 / 3, 200 / 3, 100 / 3, 100 / 3, 0])
    assert (lines.x[1].tolist(), lines.y[1].tolist()) == ([0, 500, 500], [100, 100, 100])
    assert failed.x.tolist() == [164, 173, 180]
    assert (alive.x.tolist(), alive.y.tolist(), list(alive.rows["number"])) == ([500], [100], [3])


def test_the_band_lies_around_the_curve() -> None:
    ribbons, lines, *_ = layers(survival(curves()))
    for low, middle, high in zip(ribbons.low, lines.y, ribbons.high, strict=True):
        assert np.all((low <= middle + 1e-9) & (middle <= high + 1e-9))


def test_time_is_shown_in_hours() -> None:
    picture = survival(curves("time"))
    assert picture.x.title == "time (h)"
    assert layers(picture)[2].x == pytest.approx([328, 346, 360])


def test_every_group_has_the_hue_of_its_coating_and_says_how_many_failed() -> None:
    picture = survival(curves())
    assert [entry.label for entry in picture.legend] == [
        "bare: 3/3 failed",
        "PCHP: 0/3 failed",
        "failed",
        "last seen alive",
    ]
    assert picture.legend[0].color == theme.BARE


def test_without_a_group_the_figure_is_empty_and_can_be_drawn() -> None:
    picture = survival(curves().isel(group=[]))
    assert picture.legend == []
    Drawing(picture).patch(survival(curves()))
