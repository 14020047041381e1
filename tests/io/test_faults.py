"""The cells that detectors are judged by are what their truth says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pchp_widgets.io.synthetic.cells import state
from pchp_widgets.io.synthetic.faults import SHARES, SMALLEST_FRACTION, course_of_life, faulty_cell, faulty_cells
from pchp_widgets.io.synthetic.pulses import Reading, alternating, pulse_voltage, recorded, shorted
from pchp_widgets.io.synthetic.spectra import FREQUENCIES, spectra_of
from pchp_widgets.model.schema import validate


def test_two_hundred_cells_hold_every_kind_and_nuisance_and_fit_the_schema() -> None:
    trees = list(faulty_cells(200, seed=3))
    kinds = Counter(tree.attrs["truth"].kind for tree in trees)
    assert kinds == {kind: round(200 * share) for kind, share in SHARES.items()}
    assert len({tree.name for tree in trees}) == 200
    nuisances = {name for tree in trees for name in tree.attrs["truth"].nuisances}
    assert nuisances == {
        "noisy", "offset", "missing", "flipped", "interrupted", "rests", "current_changed", "one_directional",
        "daily_temperature", "restarted", "scattered",
    }  # fmt: skip
    assert [text for tree in trees[::20] for text in validate(tree)] == []


def test_a_seed_gives_the_same_cell_again_and_another_one_another() -> None:
    once, again, other = (faulty_cell("soft", seed=seed)["points"].to_dataset() for seed in (4, 4, 5))
    assert once.identical(again)
    assert not once.equals(other)


@pytest.mark.parametrize("seed", range(20))
def test_planted_soft_shorts_carry_what_they_say(seed: int) -> None:
    truth = faulty_cell("soft", seed=seed).attrs["truth"]
    assert SMALLEST_FRACTION - 1e-9 <= truth.fraction <= 0.88 + 1e-9
    assert truth.start_cycle > 10
    assert truth.start_time > 0


def test_a_cell_without_a_short_has_no_start() -> None:
    truth = faulty_cell("activation").attrs["truth"]
    assert (truth.short, truth.course) == ("none", "activation")
    assert np.isnan([truth.start_cycle, truth.start_time, truth.resistance, truth.fraction]).all()


def test_activation_halves_the_polarization_within_a_hundred_cycles() -> None:
    for seed in range(20):
        of = course_of_life("activation", 120, total=80.0, rng=np.random.default_rng(seed))
        _, size, _ = pulse_voltage(of, alternating(120, 1.0, 1.0))
        assert size[200, 20] < size[0, 20] / 2


def test_no_cell_has_less_than_its_separator() -> None:
    for course in ("activation", "drifting_down"):
        of = course_of_life(course, 500, total=4.0, rng=np.random.default_rng(0))
        assert (of.electrolyte >= 2.2).all()


def test_the_voltage_with_a_path_is_that_of_two_resistances_in_parallel() -> None:
    size = np.array([[0.026]])
    assert shorted(size, np.array([[1.0]]), np.array([[200.0]])).item() == pytest.approx(0.02301, abs=1e-5)
    assert shorted(size, np.array([[1.0]]), np.array([[np.inf]])).item() == 0.026


def test_the_record_is_the_programme() -> None:
    pulses = alternating(3, [1.0, 2.0, 2.0], 0.5, rest=60.0)
    time, size, left = pulse_voltage(state("PCHP", 3), pulses)
    points = recorded(pulses, time, size, left, area=2.0, reading=Reading(noise=0.0, decimals=9))
    assert np.abs(points["current"]).max() == 4.0
    flowing = points["current"].values != 0
    assert (np.sign(points["voltage"].values[flowing]) == np.sign(points["current"].values[flowing])).all()
    assert np.diff(points["time"]).min() > 0
    assert points["time"].values[-1] == pytest.approx(2 * 1800 + 4 * 900 + 6 * 60, abs=1)


def test_a_spectrum_begins_at_the_electrolyte_and_ends_at_the_sum_of_all() -> None:
    of = state("bare", 50)
    found = spectra_of(of, [50], 0.0, area=1.327).isel(cell=0, spectrum=0)
    total = of.electrolyte[49] + of.coating[49] + of.sei[49] + of.charge_transfer[49]
    assert found["z_real"].values[-1] * 1.327 == pytest.approx(total, rel=1e-3)
    assert found["z_real"].values[0] * 1.327 == pytest.approx(of.electrolyte[49], rel=0.1)
    assert (found["z_imag"] <= 0).all()
    assert found["frequency"].values.tolist() == FREQUENCIES.tolist()
    short = spectra_of(of, [50], 0.0, area=1.327, resistance=total).isel(cell=0, spectrum=0)
    assert short["z_real"].values[-1] * 1.327 == pytest.approx(total / 2, rel=1e-3)
