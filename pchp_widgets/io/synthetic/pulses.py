"""Traces of symmetric cells of any programme: pulses of either direction, any current, rests between them, shorts."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.cycles import steps
from ...model.metadata import CycleRule
from ...model.schema import CONTROLS, dataset
from .cells import FloatArray, Recipe, State, half_cycle_voltage

IntArray = npt.NDArray[np.int64]

_REST_POINTS = 5
_RELAXATION = 120.0  # s, of the concentration difference once the current stops


@dataclass(frozen=True)
class Pulses:
    """What a cycler is told to do: one entry per pulse."""

    direction: IntArray
    """+1 charge, -1 discharge (plating on the working electrode)."""
    row: IntArray
    """Which cycle of the :class:`~.cells.State` the cell is in."""
    current_density: FloatArray
    """[mA cm-2]"""
    areal_capacity: FloatArray
    """[mA h cm-2]"""
    rest: float = 0.0
    """After each pulse [s]."""
    points: int = 31
    """Recorded in each pulse, closer together at its beginning."""


@dataclass(frozen=True)
class Reading:
    """How the instrument reads the voltage."""

    noise: float = 1e-4
    """[V]"""
    offset: float = 0.0
    """[V]"""
    flipped: bool = False
    """Voltage wired the other way round than the current."""
    missing: float = 0.0
    """Fraction of the rows that are lost, one by one."""
    decimals: int = 5


def alternating(cycles: int, current_density: npt.ArrayLike, areal_capacity: npt.ArrayLike, **more: float) -> Pulses:
    """Plating and stripping by turns; current and capacity are given for all cycles or for each."""
    row = np.repeat(np.arange(cycles), 2)
    current, capacity = (np.broadcast_to(np.asarray(a, float), cycles)[row] for a in (current_density, areal_capacity))
    return Pulses(np.tile([-1, 1], cycles), row, current, capacity, **more)  # type: ignore[arg-type]


def one_directional(pulses: int, current_density: float, areal_capacity: float, *, rest: float = 300.0) -> Pulses:
    """Plating only, in pulses with rests between them."""
    row = np.arange(pulses)
    return Pulses(np.full(pulses, -1), row, np.full(pulses, current_density), np.full(pulses, areal_capacity), rest)


def cell_at(of: State, row: IntArray) -> State:
    """State at the given cycles."""
    return replace(of, **{f.name: getattr(of, f.name)[row] for f in fields(of) if f.name != "transference"})


def pulse_voltage(of: State, pulses: Pulses) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Noiseless |V| of a cell without a short.

    Returns
    -------
    tuple
        Time since the pulse began [s] and |V| [V], each (pulse, point), and the voltage that remains when the current
        stops [V], (pulse).
    """
    count = len(pulses.row)
    time, size, rest = np.zeros((count, pulses.points)), np.zeros((count, pulses.points)), np.zeros(count)
    programme = np.stack([pulses.current_density, pulses.areal_capacity], axis=1)
    for current, capacity in np.unique(programme, axis=0):
        chosen = np.flatnonzero((programme == (current, capacity)).all(1))
        state, recipe = cell_at(of, pulses.row[chosen]), Recipe(current_density=current)
        own = capacity / current * 3600 * np.linspace(0, 1, pulses.points) ** 2
        own[0] = 0.1
        time[chosen], size[chosen] = own, half_cycle_voltage(state, recipe, own)
        plain = half_cycle_voltage(replace(state, nucleation=0 * state.nucleation), recipe, own[[0, -1]])
        rest[chosen] = plain[:, 1] - plain[:, 0]
    return time, size, rest


def shorted(size: FloatArray, current_density: FloatArray, resistance: FloatArray) -> FloatArray:
    """|V| with a metallic path in parallel: V = j R_c R_sh / (R_c + R_sh), R_c = |V| / j; no path where R_sh is inf."""
    metallic = current_density * 1e-3 * resistance
    return np.where(np.isfinite(metallic), size / (1 + size / metallic), size)


def recorded(
    pulses: Pulses,
    time: FloatArray,
    size: FloatArray,
    left: FloatArray,
    *,
    area: float,
    reading: Reading,
    ends: FloatArray | None = None,
    seed: int = 0,
) -> xr.Dataset:
    """Points as a cycler writes them.

    Parameters
    ----------
    pulses
        The programme.
    time, size, left
        As given by :func:`pulse_voltage`, perhaps after :func:`shorted`.
    area
        Of the electrode [cm2].
    reading
        Of the voltage.
    ends
        Fraction of each pulse's duration after which it was interrupted; 1 where it was not.
    seed
        Of noise and lost rows.
    """
    rng = np.random.default_rng(seed)
    count, width = time.shape
    rests = _REST_POINTS if pulses.rest else 0
    number = np.arange(count)
    after = 1.0 + (pulses.rest - 1.0) * np.linspace(0, 1, rests) ** 3 if rests else np.zeros(0)
    within = np.concatenate([time, time[:, -1:] + after], axis=1)
    length = time[:, -1] + pulses.rest
    begin = np.cumsum(length) - length
    voltage = np.concatenate([size, left[:, None] * np.exp(-after / _RELAXATION)], axis=1)
    voltage *= pulses.direction[:, None]
    voltage += reading.offset + reading.noise * rng.standard_normal(voltage.shape)
    flow = np.concatenate([np.ones((count, width)), np.zeros((count, rests))], axis=1)
    current = flow * (pulses.direction * pulses.current_density * area)[:, None]
    control = np.where(flow > 0, CONTROLS.index("cc"), CONTROLS.index("rest")).astype(np.int8)
    kept = rng.random(voltage.shape) >= reading.missing
    if ends is not None:
        kept[:, :width] &= time <= ends[:, None] * time[:, -1:]
    columns = {
        "time": begin[:, None] + within,
        "voltage": np.round(-voltage if reading.flipped else voltage, reading.decimals),
        "current": current,
        "instrument_step": np.repeat(2 * number[:, None] + 1, voltage.shape[1], axis=1) + (flow == 0),
        "control": control,
    }
    return dataset("points", {name: values[kept] for name, values in columns.items()})


def cell_tree(
    points: xr.Dataset, name: str, *, area: float = math.nan, rule: CycleRule = "plating_first", **attrs: object
) -> xr.DataTree:
    """Tree of one cell with ``steps`` and ``points``; an area that is not told stays unknown."""
    coords = {"area": ("cell", [area], {"units": "cm2"}), "kind": ("cell", ["symmetric"])}
    counted = steps(points, rule=rule, cell=name, area=area, coords=coords)
    root = xr.Dataset(attrs={"synthetic": "yes", **attrs})
    return xr.DataTree.from_dict({"/": root, "steps": counted, "points": points}, name=name)
