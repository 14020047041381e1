from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import symmetric
from pchp_widgets.analysis.life import CENSORED, CRITERIA, FAILED, UNDECIDED
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps


def polarization_of(points: xr.Dataset, name: str = "cell") -> xr.Dataset:
    counted = steps(points, rule="plating_first", cell=name)
    return symmetric.polarization(xr.DataTree.from_dict({"steps": counted, "points": points}, name=name))


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_short_is_found_at_its_cycle_and_hour(seed: int) -> None:
    made = symmetric_cell(state("bare", 192, spread=0.03, seed=seed), Recipe(cycles=192, short_at=172), seed=seed)
    found = symmetric.life(polarization_of(made.points)).sel(criterion="short").isel(cell=0)
    assert found["observed"] == FAILED
    assert found["cycle"] == made.truth["short_at_cycle"] == 173
    assert found["time"] / 3600 == pytest.approx(made.truth["short_at_hours"], abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_a_cell_that_settles_and_lives_raises_no_alarm(seed: int) -> None:
    made = symmetric_cell(state("PCHP", 500, spread=0.03, seed=seed), Recipe(), seed=seed)
    found = symmetric.life(polarization_of(made.points), finished={"cell": True}).isel(cell=0)
    assert found["observed"].values.tolist() == [CENSORED] * len(CRITERIA)
    assert found["cycle"].values.tolist() == [500] * len(CRITERIA)
    assert found["time"].values / 3600 == pytest.approx(1000, abs=0.01)


def synthetic_polarization(mid: list[float]) -> xr.Dataset:
    """A made-up result of `polarization` whose two halves agree."""
    count = len(mid)
    both = np.repeat(np.array(mid)[None, :, None], 2, axis=-1)
    time = 7200.0 * np.arange(count)[None, :, None] + np.array([3600.0, 0.0])
    dims = ("cell", "cycle", "direction")
    return xr.Dataset(
        {
            "mid": (dims, both),
            "max": (dims, both),
            "noise": (dims, np.full(both.shape, 1e-4)),
            "time_start": (dims, time),
            "duration": (dims, np.full(both.shape, 3600.0)),
            "interrupted": (dims, np.zeros(both.shape, bool)),
        },
        coords={"cell": ["a"], "cycle": np.arange(1, count + 1), "direction": ["charge", "discharge"]},
    )


def outcome(found: xr.Dataset, criterion: str) -> tuple[int, int]:
    one = found.sel(criterion=criterion).isel(cell=0)
    return int(one["observed"]), int(one["cycle"])


def test_a_dip_of_two_cycles_is_no_short() -> None:
    mid = [0.05] * 20 + [0.01] * 2 + [0.05] * 10
    assert outcome(symmetric.life(synthetic_polarization(mid)), "short") == (CENSORED, 32)


def test_a_slow_decline_is_no_short() -> None:
    assert outcome(symmetric.life(synthetic_polarization(list(np.geomspace(0.1, 0.01, 300)))), "short")[0] == CENSORED


def test_the_polarization_criterion_fires_at_the_first_of_five_cycles() -> None:
    mid = [0.05] * 10 + [0.11] * 4 + [0.05] + [0.11] * 5
    assert outcome(symmetric.life(synthetic_polarization(mid)), "polarization") == (FAILED, 16)


def test_the_voltage_limit_is_the_callers() -> None:
    found = synthetic_polarization([0.05] * 5 + [0.3] * 3)
    assert outcome(symmetric.life(found), "voltage") == (CENSORED, 8)
    strict = symmetric.life(found, voltage_limit=0.2)
    assert outcome(strict, "voltage") == (FAILED, 6)
    assert "0.2 V" in strict["definition"].sel(criterion="voltage").item()


@pytest.mark.parametrize(("ended", "expected"), [(True, FAILED), (False, CENSORED), (None, UNDECIDED)])
def test_a_stop_inside_a_half_cycle_counts_only_if_the_test_had_ended(ended: bool | None, expected: int) -> None:
    found = synthetic_polarization([0.05] * 4)
    found["interrupted"][0, -1, 0] = True
    assert outcome(symmetric.life(found, finished={"a": ended}), "stop") == (expected, 4)


def test_the_same_cell_fails_at_different_cycles_by_different_criteria() -> None:
    made = symmetric_cell(state("bare", 192), Recipe(cycles=192, short_at=172))
    found = symmetric.life(polarization_of(made.points)).isel(cell=0)
    cycles = {str(name): int(found["cycle"].sel(criterion=name)) for name in found["criterion"].values}
    assert cycles["polarization"] < cycles["short"]


@pytest.mark.parametrize("reading", [1e-5, 1e-4, 3e-4])
@pytest.mark.parametrize("seed", range(5))
def test_noise_is_a_failure_when_the_cell_flutters_whatever_the_cycler_reads(seed: int, reading: float) -> None:
    of = state("bare", 192, spread=0.03, seed=seed)
    made = symmetric_cell(of, Recipe(cycles=192, short_at=172, noise=reading), seed=seed)
    polarization = polarization_of(made.points)
    found = symmetric.life(polarization).sel(criterion="noise").isel(cell=0)
    # the planted flutter is a random walk: its scatter is a step over root two
    share = of.flutter / np.sqrt(2) / symmetric.per_cycle(polarization).values[0]
    assert found["observed"] == FAILED
    assert found["cycle"] == pytest.approx(1 + np.argmax(share > 0.015), abs=15)
    assert found["cycle"] < made.truth["short_at_cycle"]


def test_a_noisy_instrument_is_no_failure() -> None:
    made = symmetric_cell(state("PCHP", 150), Recipe(cycles=150, noise=1e-3))
    assert outcome(symmetric.life(polarization_of(made.points)), "noise") == (CENSORED, 150)


def test_a_flutter_of_less_than_a_sixtieth_of_the_polarization_is_no_failure() -> None:
    found = synthetic_polarization([0.05] * 30)
    found["noise"][0, 15:] = 7e-4  # seven times the first noise, 1.4 %
    assert outcome(symmetric.life(found), "noise") == (CENSORED, 30)
    found["noise"][0, 15:] = 8e-4
    assert outcome(symmetric.life(found), "noise") == (FAILED, 16)


def declared(criterion: str) -> xr.Dataset:
    found = synthetic_polarization([0.03] * 20 + [0.08] * 10 + [0.6] * 10)
    return symmetric.life(found.assign_coords(failure_criterion=("cell", [criterion])))


@pytest.mark.parametrize(("criterion", "cycle", "observed"), [("voltage", 31, FAILED), ("short", 40, CENSORED)])
def test_the_owner_of_a_cell_declares_what_failure_means(criterion: str, cycle: int, observed: int) -> None:
    end = symmetric.declared_failure(declared(criterion)).isel(cell=0)
    assert (int(end["cycle"]), int(end["observed"]), bool(end["declared"])) == (cycle, observed, True)
    assert end["criterion"] == (criterion if observed == FAILED else "")
    assert end["definition"].item().startswith({"voltage": "|V| above", "short": "polarization below half"}[criterion])
    first = symmetric.first_failure(declared(criterion)).isel(cell=0)
    assert (first["criterion"], int(first["cycle"])) == ("polarization", 21)


def test_without_a_declared_criterion_the_first_failure_counts() -> None:
    end = symmetric.declared_failure(declared("")).isel(cell=0)
    assert (end["criterion"], int(end["cycle"]), bool(end["declared"])) == ("polarization", 21, False)
    chosen = symmetric.declared_failure(declared("short"), "voltage").isel(cell=0)
    assert (chosen["criterion"], int(chosen["cycle"])) == ("voltage", 31)


def test_a_criterion_nobody_knows_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match="failure_criterion 'dead' of a is not known; choose one of short, polar"):
        symmetric.declared_failure(declared("dead"))


def test_the_first_failure_is_the_criterion_that_fired_earliest() -> None:
    found = symmetric.life(synthetic_polarization([0.03] * 20 + [0.08] * 10 + [0.6] * 10), voltage_limit=0.5)
    first = symmetric.first_failure(found).isel(cell=0)
    assert (first["criterion"], int(first["cycle"]), int(first["observed"])) == ("polarization", 21, FAILED)
    assert first["definition"] == CRITERIA["polarization"]


def test_a_cell_in_which_nothing_fired_was_last_seen_alive_at_its_end() -> None:
    found = symmetric.life(synthetic_polarization([0.03] * 30), finished={"cell": True})
    first = symmetric.first_failure(found).isel(cell=0)
    assert (first["criterion"], int(first["cycle"]), int(first["observed"])) == ("", 30, CENSORED)
    assert first["time"] == found["time"].isel(cell=0).max()
