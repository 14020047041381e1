"""Li||Li cells with planted internal shorts, and cells that only look as if: what a detector of shorts is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import xarray as xr

from .cells import FloatArray, State
from .pulses import Pulses, Reading, alternating, cell_tree, one_directional, pulse_voltage, recorded, shorted

Kind = Literal["stable", "drifting_up", "drifting_down", "arcing", "activation", "soft", "hard"]

SHARES: dict[Kind, float] = {
    "stable": 0.12,
    "drifting_up": 0.10,
    "drifting_down": 0.10,
    "arcing": 0.08,
    "activation": 0.10,
    "soft": 0.35,
    "hard": 0.15,
}
"""How many of the cells are of each kind; ``soft`` and ``hard`` are shorts planted in a cell of any other kind."""

SMALLEST_FRACTION = 0.25
"""Least share of the current that a planted soft short carries; a smaller one is not told from drift and noise."""

_LARGEST_FRACTION = 0.88  # beyond it a short counts as hard

_CLEAN = ("stable", "drifting_up", "drifting_down", "arcing", "activation")
_AREA = 1.327


@dataclass(frozen=True)
class Truth:
    """What a cell was made from."""

    kind: Kind
    course: str
    """How the polarization of the cell itself develops: any kind that is no short."""
    short: Literal["none", "soft", "hard"]
    start_cycle: float = np.nan
    """First cycle with the short, counted from 1 (pulse of a one-directional programme)."""
    start_time: float = np.nan
    """[s]"""
    resistance: float = np.nan
    """Of the short [ohm cm2]."""
    fraction: float = np.nan
    """Share of the current that passed through it when it appeared."""
    nuisances: tuple[str, ...] = ()


def faulty_cells(n: int = 200, *, seed: int = 0) -> Iterator[xr.DataTree]:
    """Cells of every kind in :data:`SHARES`, with the nuisances of real files strewn over them.

    Nuisances: a reading noise of up to 1 mV, a constant offset, lost rows, a voltage of the other sign, interrupted
    half-cycles, rests between half-cycles, a change of the current on schedule, plating in one direction only, a
    daily swing of the temperature, a restart after which the polarization is high for some cycles, and a scatter of up
    to 3 % from one half-cycle to the next.

    Parameters
    ----------
    n
        How many.
    seed
        Another one gives other cells.

    Yields
    ------
    DataTree
        ``steps`` and ``points``; ``attrs["truth"]`` is a :class:`Truth`. Shorts begin after the tenth cycle.
    """
    counts = np.diff(np.round(np.cumsum([0.0, *SHARES.values()]) * n)).astype(int)
    kinds = [kind for kind, count in zip(SHARES, counts, strict=True) for _ in range(count)]
    for number, kind in enumerate(kinds):
        yield faulty_cell(kind, f"{kind}-{number:03d}", seed=(seed, number))


def faulty_cell(kind: Kind, name: str = "cell", *, seed: int | tuple[int, ...] = 0) -> xr.DataTree:
    """One cell of a kind; everything else is drawn from the seed."""
    rng = np.random.default_rng(seed)
    course = kind if kind in _CLEAN else str(rng.choice(_CLEAN))
    cycles = int(rng.integers(60, 240)) if rng.random() < 0.8 else 500
    made = course_of_life(course, cycles, total=float(np.exp(rng.uniform(np.log(4), np.log(250)))), rng=rng)
    pulses, nuisances = _programme(cycles, rng)
    time, size, left = pulse_voltage(made, pulses)
    weather, more = _weather(time, pulses, rng)
    size, left, nuisances = size * weather[:, None], left * weather, (*nuisances, *more)
    truth = Truth(kind, course, "none")
    if kind in ("soft", "hard"):
        resistance, truth = _plant(kind, course, pulses, time, size, rng)
        unshorted_end = size[:, -1]
        size = shorted(size, pulses.current_density[:, None], resistance)
        shorted_end = size[:, -1]
        left = left * (shorted_end / unshorted_end) ** 2
    reading, ends, more = _disturbances(size, rng)
    points = recorded(pulses, time, size, left, area=_AREA, reading=reading, ends=ends, seed=int(rng.integers(2**32)))
    truth = replace(truth, nuisances=(*nuisances, *more))
    return cell_tree(points, name, area=_AREA, truth=truth)


def course_of_life(course: str, cycles: int, *, total: float, rng: np.random.Generator) -> State:
    """State of a cell without a short.

    Parameters
    ----------
    course
        ``"stable"``; ``"drifting_up"`` to 1.5 to 3 times, ``"drifting_down"`` to 0.4 to 0.7 times its resistance;
        ``"arcing"`` by growing inactive lithium; ``"activation"``: falls to less than half within 50 to 100 cycles.
    cycles
        How many.
    total
        Resistance at the beginning [ohm cm2].
    rng
        Draws the details.
    """
    n = np.arange(cycles, dtype=float)
    settling = 1 + rng.uniform(0, 0.3) * np.exp(-n / rng.uniform(2, 8))
    drift = {
        "stable": 1 + 0 * n,
        "drifting_up": 1 + rng.uniform(0.5, 2) * n / cycles,
        "drifting_down": 1 - rng.uniform(0.3, 0.6) * n / cycles,
        "arcing": 1 + rng.uniform(0, 0.6) * n / cycles,
        "activation": 1 / (low := rng.uniform(2.2, 4)) + (1 - 1 / low) * np.exp(-n / rng.uniform(15, 30)),
    }[course]
    electrolyte = rng.uniform(2.2, 2.8)  # with the separator; no cell has less
    scale = (total - electrolyte) * drift * settling
    transient = rng.uniform(0.1, 1.0) * total * 1e-3
    return State(
        electrolyte=electrolyte + 0 * n,
        coating=0 * n,
        sei=0.35 * scale,
        charge_transfer=0.65 * scale,
        nucleation=transient * (0.15 + 0.85 * np.exp(-n / rng.uniform(20, 80))),
        inactive=(rng.uniform(150, 350) * n / cycles if course == "arcing" else 0.005 * n) * 1e-4,
        flutter=0 * n,
        transference=rng.uniform(0.2, 0.7),
    )


def _programme(cycles: int, rng: np.random.Generator) -> tuple[Pulses, tuple[str, ...]]:
    current = float(rng.choice([0.2, 0.5, 1.0, 2.0, 3.0]))
    capacity = current * float(rng.choice([0.5, 1.0, 2.0]))
    draw = rng.random()
    if draw < 0.10:
        return one_directional(cycles, current, capacity / 5), ("one_directional",)
    if draw < 0.20:
        change, factor = int(rng.integers(5, cycles // 2)), float(rng.choice([0.5, 2.0]))
        levels = np.where(np.arange(cycles) < change, factor * current, current)
        return alternating(cycles, levels, levels * capacity / current), ("current_changed",)
    if draw < 0.30:
        return alternating(cycles, current, capacity, rest=600.0), ("rests",)
    return alternating(cycles, current, capacity), ()


def _weather(time: FloatArray, pulses: Pulses, rng: np.random.Generator) -> tuple[FloatArray, tuple[str, ...]]:
    """What the polarization of each pulse is multiplied with by things that happen to a cell from outside."""
    count = len(time)
    factor, said = np.ones(count), []
    if rng.random() < 0.2:
        hours = np.cumsum(time[:, -1] + pulses.rest) / 3600
        factor *= 1 + rng.uniform(0.02, 0.08) * np.sin(2 * np.pi * hours / 24 + rng.uniform(0, 2 * np.pi))
        said.append("daily_temperature")
    if rng.random() < 0.15:
        since = np.arange(count) - int(rng.integers(count // 10, count))
        factor *= 1 + np.where(
            since >= 0, rng.uniform(0.1, 0.6) * np.exp(-np.maximum(since, 0) / rng.uniform(3, 12)), 0
        )
        said.append("restarted")
    if rng.random() < 0.3:
        factor *= 1 + rng.uniform(0.005, 0.03) * rng.standard_normal(count)
        said.append("scattered")
    return factor, tuple(said)


def _plant(
    kind: Kind, course: str, pulses: Pulses, time: FloatArray, size: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, Truth]:
    """Resistance of the short (pulse, point), inf before it, and what it is."""
    per_cycle = 2 if len(pulses.row) > pulses.row[-1] + 1 else 1
    cycles = len(pulses.row) // per_cycle
    change = int(np.argmax(np.diff(pulses.current_density) != 0)) // per_cycle + 1
    first = int(rng.integers(change + 12, cycles - 10)) * per_cycle
    within = float(rng.uniform(0.2, 0.8)) if rng.random() < 0.3 else 0.0
    own = size[first, pulses.points // 2] / pulses.current_density[first] * 1e3
    if kind == "hard":
        value = float(rng.uniform(0.2, min(1.5, own / 2)))
    else:
        least, most = (own * (1 - f) / f for f in (_LARGEST_FRACTION, SMALLEST_FRACTION))
        span = np.clip([5.0, 200.0], least, most)
        value = float(np.exp(rng.uniform(*np.log(span))))
    fluctuation = np.ones(size.shape)
    if rng.random() < 0.3:  # from one pulse to the next, and within it
        fluctuation *= np.exp(0.2 * rng.standard_normal((len(size), 1)) + 0.1 * rng.standard_normal(size.shape))
    number = np.arange(len(size))
    there = (number[:, None] > first) | ((number[:, None] == first) & (time >= within * time[first, -1]))
    if kind == "soft" and rng.random() < 0.25:
        there &= (number < first + per_cycle * int(rng.integers(5, 16)))[:, None]
    begin = float((time[:first, -1] + pulses.rest).sum())
    share = own / (own + value)
    resistance = np.where(there, value * fluctuation, np.inf)
    start = begin + within * time[first, -1]
    return resistance, Truth(kind, course, kind, first // per_cycle + 1, float(start), value, float(share))  # type: ignore[arg-type]


def _disturbances(size: FloatArray, rng: np.random.Generator) -> tuple[Reading, FloatArray, tuple[str, ...]]:
    said: list[str] = []
    typical = float(np.median(size))
    noise = 10 ** rng.uniform(-5, -4)
    if rng.random() < 0.2:
        noise, said = float(min(rng.uniform(3e-4, 1e-3), 0.2 * typical)), [*said, "noisy"]
    offset = float(rng.uniform(-0.3, 0.3) * typical) if rng.random() < 0.15 else 0.0
    missing = float(rng.uniform(0.01, 0.1)) if rng.random() < 0.15 else 0.0
    flipped = bool(rng.random() < 0.15)
    ends = np.ones(len(size))
    if rng.random() < 0.15:
        ends[rng.choice(len(size), size=3, replace=False)] = rng.uniform(0.2, 0.9, 3)
        said.append("interrupted")
    for word, there in (("offset", offset), ("missing", missing), ("flipped", flipped)):
        if there:
            said.append(word)
    return Reading(noise, offset, flipped, missing), ends, tuple(said)
