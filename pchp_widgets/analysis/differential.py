"""Differential capacity dQ/dV and differential voltage dV/dQ of one half-cycle, with the noise they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.cycles import DIRECTIONS
from ..model.schema import CV_MODES
from . import _halves

FloatArray = npt.NDArray[np.float64]
Direction = Literal["charge", "discharge"]

FLAT = 0.050
"""Window in which a plateau counts as flat when more than half of the charge passes within it [V]."""

_SIGMAS = 3.0
_FEWEST = 20
_MOST = 20_000
_SMALLEST_STEP = 1e-3


@dataclass(frozen=True)
class Trace:
    """A half-cycle at constant current on a uniform grid of charge, smoothed.

    Attributes
    ----------
    capacity
        Charge passed since the half-cycle began [mA h].
    voltage, slope
        Smoothed voltage [V] and its derivative [V mA-1 h-1]: a polynomial of third order about every point.
    noise
        Standard deviation of the voltage reading [V], from the trace itself.
    voltage_noise, slope_noise
        What the smoothing leaves of it.
    """

    capacity: FloatArray
    voltage: FloatArray
    slope: FloatArray
    noise: float
    voltage_noise: float
    slope_noise: float


def dq_dv(
    tree: xr.DataTree,
    cycle: int,
    direction: Direction = "charge",
    *,
    voltage_step: float | None = None,
    window: float = 0.01,
) -> xr.Dataset:
    """Differential capacity of one half-cycle: the charge that passes between two voltages, over their distance.

    The voltage is smoothed over the charge and followed to its highest (on discharge lowest) value so far; the charge
    at equidistant voltages comes from it by interpolation, so the area below the curve is the charge. On discharge it
    is negative, because the voltage falls. Constant-voltage steps and rests are left out.

    Parameters
    ----------
    tree
        The cell, with ``steps`` and ``points``.
    cycle
        Number of the cycle.
    direction
        ``"charge"`` or ``"discharge"``.
    voltage_step
        Distance of two voltages [V], at least three times the noise; without it just that, but not less than 1 mV.
    window
        Fraction of the charge over which the voltage is smoothed (Savitzky and Golay, Anal. Chem. 36 (1964) 1627,
        third order).

    Returns
    -------
    Dataset
        (voltage): ``dq_dv`` [mA h V-1] and ``dq_dv_stderr`` from the noise of the trace; coordinate ``voltage`` [V],
        the middle between two. ``attrs``: ``noise`` of the voltage [V], ``voltage_step`` [V], ``noise_floor``
        [mA h V-1], the standard error where dQ/dV is at its median: peaks lower than three times it are not to be
        believed; ``retreat``, the share of the charge that passed while the voltage had fallen back (on discharge
        risen) by more than three times the noise, which is counted where it had been: a spike there is none of the
        electrode; ``plateau``, the largest share of the charge within 50 mV, and ``advice``, which says so where that
        is more than half: on a flat plateau dQ/dV has no limit, and dV/dQ is to be read instead.

    Raises
    ------
    ValueError
        When the cell has no such half-cycle, it has fewer than 20 points, its voltage does not move, or the voltage
        step asked for is below three times the noise.
    """
    trace = smoothed(tree, cycle, direction, window=window)
    sign = 1.0 if direction == "charge" else -1.0
    reached = np.maximum.accumulate(sign * trace.voltage)
    step = _step(voltage_step, _SIGMAS * trace.noise)
    count = int((reached[-1] - reached[0]) // step)
    if count < 2:
        raise ValueError(
            f"{tree.name}, cycle {cycle}, {direction}: the voltage moves less than two steps of {step:.2g} V"
        )
    found = _between(trace, reached, sign, reached[0] + step * np.arange(count + 1))
    share = _plateau(reached, trace.capacity)
    retreat = float(np.mean(reached - sign * trace.voltage > _SIGMAS * trace.noise))  # the grid of charge is uniform
    found = found.assign_attrs(_attrs(tree, cycle, direction, trace, window), voltage_step=step, retreat=retreat)
    return found.assign_attrs(noise_floor=float(found["dq_dv_stderr"].median()), plateau=share, advice=_advice(share))


def dv_dq(tree: xr.DataTree, cycle: int, direction: Direction = "charge", *, window: float = 0.01) -> xr.Dataset:
    """Differential voltage of one half-cycle against the charge passed.

    Parameters
    ----------
    tree, cycle, direction, window
        As for :func:`dq_dv`.

    Returns
    -------
    Dataset
        (capacity): ``dv_dq`` [V mA-1 h-1], positive on charge and negative on discharge, ``dv_dq_stderr``, and the
        smoothed ``voltage`` [V]; coordinate ``capacity`` [mA h] since the half-cycle began. ``attrs``: ``noise`` of
        the voltage [V] and ``noise_floor`` [V mA-1 h-1].

    Raises
    ------
    ValueError
        When the cell has no such half-cycle, or it has fewer than 20 points.
    """
    trace = smoothed(tree, cycle, direction, window=window)
    units = {"units": "V mA-1 h-1"}
    error = np.full(len(trace.slope), trace.slope_noise)
    found = xr.Dataset(
        {
            "dv_dq": (
                "capacity",
                trace.slope,
                {**units, "long_name": "dV/dQ", "definition": "slope of the smoothed voltage against charge"}
                | {"ancillary_variables": "dv_dq_stderr"},
            ),
            "dv_dq_stderr": (
                "capacity",
                error,
                {**units, "definition": "noise of the voltage as the smoothing leaves it"},
            ),
            "voltage": ("capacity", trace.voltage, {"units": "V", "long_name": "cell voltage, smoothed"}),
        },
        {"capacity": ("capacity", trace.capacity, {"units": "mA h", "long_name": "charge passed"})},
    )
    return found.assign_attrs(_attrs(tree, cycle, direction, trace, window) | {"noise_floor": trace.slope_noise})


def _step(asked: float | None, least: float) -> float:
    if asked is not None and not asked >= least:
        raise ValueError(f"voltage_step {asked} V: at least three times the noise is needed, {least:.2g} V here")
    return asked if asked is not None else max(least, _SMALLEST_STEP)


def _between(trace: Trace, reached: FloatArray, sign: float, edges: FloatArray) -> xr.Dataset:
    """Charge between voltages over their distance; the last interval takes the rest, so that no charge is lost."""
    edges[-1] = reached[-1]
    rising = np.append(True, np.diff(reached) > 0)
    passed = np.interp(edges, reached[rising], trace.capacity[rising])
    passed[-1] = trace.capacity[-1]
    widths = np.diff(edges)
    slope = np.diff(passed) / widths
    error = np.sqrt(2) * trace.voltage_noise / widths * np.abs(slope)
    said = {"units": "mA h V-1", "long_name": "dQ/dV", "definition": "charge between two voltages / their distance"}
    middle = sign * (edges[1:] + edges[:-1]) / 2
    return xr.Dataset(
        {
            "dq_dv": ("voltage", sign * slope, {**said, "ancillary_variables": "dq_dv_stderr"}),
            "dq_dv_stderr": (
                "voltage",
                error,
                {"units": "mA h V-1", "definition": "√2 x noise of the smoothed voltage / distance x |dQ/dV|"},
            ),
        },
        {"voltage": ("voltage", middle, {"units": "V", "long_name": "cell voltage"})},
    )


def smoothed(tree: xr.DataTree, cycle: int, direction: Direction, *, window: float = 0.01) -> Trace:
    """Voltage of one half-cycle against charge, uniform and smoothed; parameters and errors as for :func:`dq_dv`."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction {direction!r}: choose one of {', '.join(DIRECTIONS)}")
    if not 0 < window <= 0.2:
        raise ValueError(f"window {window}: a fraction of the charge, above 0 and up to 0.2, is expected")
    charge, voltage = _points(tree, cycle, direction)
    where = f"{tree.name}, cycle {cycle}, {direction}"
    if len(charge) < _FEWEST:
        raise ValueError(f"{where}: {len(charge)} points are too few to differentiate; {_FEWEST} are needed")
    from scipy.signal import savgol_coeffs, savgol_filter

    grid = np.linspace(0.0, charge[-1], min(len(charge), _MOST))
    step = grid[1]
    even = np.interp(grid, charge, voltage)
    width = max(2 * round(window * len(grid) / 2) + 1, 5)
    filters = [savgol_coeffs(width, 3, deriv=order, delta=step) for order in (0, 1)]
    noise = _noise(charge, voltage)
    left = [noise * float(np.sqrt((weights**2).sum())) for weights in filters]
    return Trace(
        grid,
        savgol_filter(even, width, 3),
        savgol_filter(even, width, 3, deriv=1, delta=step),
        noise,
        voltage_noise=left[0],
        slope_noise=left[1],
    )


def _points(tree: xr.DataTree, cycle: int, direction: Direction) -> tuple[FloatArray, FloatArray]:
    """Charge [mA h] and voltage of a half-cycle without its rests and constant-voltage steps."""
    steps = tree["steps"].to_dataset()
    numbers = steps["cycle"].values
    if cycle not in numbers:
        raise ValueError(f"{tree.name}: there is no cycle {cycle}; it has {numbers.min()} to {numbers.max()}")
    own = steps[["mode", "charge", "point_start", "point_count"]].isel(cell=0, cycle=np.flatnonzero(numbers == cycle))
    own = own.load()
    own["mode"] = own["mode"].where(~own["mode"].isin(CV_MODES), -1)
    of = _halves.halves(tree["points"].to_dataset(), own)
    column = DIRECTIONS.index(direction)
    if column not in of.column:
        raise ValueError(f"{tree.name}: cycle {cycle} has no {direction} at constant current")
    place = int(np.flatnonzero(of.column == column)[0])
    inside = of.half == place
    charge, voltage = of.depth[inside] * of.charge[place], of.voltage[inside]
    moves = np.append(True, np.diff(charge) > 0)
    return charge[moves], voltage[moves]


def _noise(charge: FloatArray, voltage: FloatArray) -> float:
    """Standard deviation of the reading: from each point against the line through its neighbours, robustly.

    Not less than that of rounding to the smallest difference there is, which a trace of few digits does not show.
    """
    before, after = np.diff(charge)[:-1], np.diff(charge)[1:]
    weight = after / (before + after)
    away = voltage[1:-1] - weight * voltage[:-2] - (1 - weight) * voltage[2:]
    scale = np.sqrt(1 + weight**2 + (1 - weight) ** 2)
    differences = np.abs(np.diff(voltage))
    digit = differences[differences > 1e-9].min(initial=np.inf)
    rounding = float(digit) / np.sqrt(12) if np.isfinite(digit) else 0.0
    return float(max(1.4826 * np.median(np.abs(away / scale)), rounding))


def _plateau(reached: FloatArray, capacity: FloatArray) -> float:
    """Largest share of the charge that passes within 50 mV."""
    end = np.searchsorted(reached, reached + FLAT, side="right") - 1
    return float((capacity[end] - capacity).max() / capacity[-1])


def _advice(share: float) -> str:
    if share <= 0.5:
        return ""
    return f"{100 * share:.0f} % of the charge passes within {1000 * FLAT:.0f} mV: flat plateau, read dV/dQ instead"


def _attrs(tree: xr.DataTree, cycle: int, direction: str, trace: Trace, window: float) -> dict[str, object]:
    return {
        "cell": str(tree["steps"]["cell"].item()),
        "cycle": cycle,
        "direction": direction,
        "noise": trace.noise,
        "smoothing": f"Savitzky-Golay of third order over {100 * window:g} % of the charge, at least five points",
    }


__all__ = ["FLAT", "Direction", "Trace", "dq_dv", "dv_dq", "smoothed"]
