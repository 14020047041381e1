"""A halo that a fit leaves out: its limit covers what is there, and sees none where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pchp_widgets.analysis import diffraction
from pchp_widgets.io.synthetic.diffraction import FILMS, Halo, pattern

DENSE = replace(FILMS["PCHP3"], halos=FILMS["PCHP3"].halos[1:])
PLACE = 13.6


def test_the_height_of_a_halo_that_is_not_there_is_zero_within_its_error() -> None:
    scores = []
    for seed in range(12):
        data = pattern(DENSE, seed=seed)
        found = diffraction.hidden_halo(data, diffraction.halos(data, count=2), PLACE)
        scores.append(found["height"].item() / found["height_stderr"].item())
    assert abs(np.mean(scores)) < 1.2
    assert 0.4 < np.std(scores) < 1.8


def test_a_small_halo_that_the_fit_was_not_given_comes_out_above_its_error() -> None:
    film = replace(DENSE, halos=(Halo(60.0, PLACE, 5.0), *DENSE.halos))
    data = pattern(film, seed=3)
    found = diffraction.hidden_halo(data, diffraction.halos(data, count=2), PLACE).isel(sample=0)
    assert found["height"] > 3 * found["height_stderr"]
    assert found["area"].attrs["units"] == "count degree"
    assert found["area"].item() == pytest.approx(found["height"].item() * 5.0 * np.sqrt(np.pi / np.log(2)) / 2)


def test_more_counts_make_the_limit_lower() -> None:
    errors = []
    for time in (1.0, 16.0):
        data = pattern(DENSE, step_time=time)
        found = diffraction.hidden_halo(data, diffraction.halos(data, count=2), PLACE)
        errors.append(found["height_stderr"].item() / time)
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.3)


def test_a_halo_outside_of_the_window_or_without_a_width_is_refused() -> None:
    data = pattern(DENSE)
    found = diffraction.halos(data, count=2)
    with pytest.raises(ValueError, match="position 5: lies outside"):
        diffraction.hidden_halo(data, found, 5.0)
    with pytest.raises(ValueError, match="width 0: a width"):
        diffraction.hidden_halo(data, found, PLACE, width=0.0)
