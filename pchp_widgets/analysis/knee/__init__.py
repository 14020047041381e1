"""Knee of a fading capacity: where it begins to fall faster, how sure that is, and whether there is one at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..cycling import retention
from .bends import best_bend, best_two
from .hinges import FloatArray, IntArray, curves

UNDECIDED, NONE, KNEE = -1, 0, 1
FEWEST = 20
"""Fewest cycles that allow a knee to be looked for."""

CANDIDATES = 200
"""Positions of a bend that are tried."""

ACCELERATION = 1.5
"""How many times faster the fade must be after a knee than before it."""

_KNEEDLE_HEIGHT = 0.1
_DEFINITIONS = {
    "observed": ("", "1 knee: the bent fit has the lower BIC and the fade gets 1.5 times faster; 0 none; -1 undecided"),
    "knee": ("1", "cycle x1 of the best fit of Bacon and Watts, a0 + a1 (x - x1) + a2 (x - x1) tanh((x - x1) / g)"),
    "knee_low": ("1", "lower end of the 95 % interval of the knee, from the profile of the residual sum of squares"),
    "knee_high": ("1", "upper end of the 95 % interval of the knee, from the profile of the residual sum of squares"),
    "width": ("1", "transition width g in cycles, the best of a grid; 0 is a sharp bend"),
    "slope_before": ("1", "a1 - a2: change per cycle of the capacity, relative to its mean, long before the knee"),
    "slope_after": ("1", "a1 + a2: change per cycle of the capacity, relative to its mean, long after the knee"),
    "bic_gain": ("1", "BIC of the straight line - BIC of the bent fit; residuals counted as far as independent"),
    "onset": ("1", "first bend of the double fit of Bacon and Watts (sharp); NaN unless its BIC is the lowest"),
    "point": ("1", "second bend of the double fit of Bacon and Watts (sharp); NaN unless its BIC is the lowest"),
    "kneedle": ("1", "cycle farthest above the chord, both axes from 0 to 1; NaN unless height > 0.1 and BIC agrees"),
    "kneedle_height": ("1", "largest height above the chord, both axes from 0 to 1"),
    "window_first": ("1", "first cycle the fit saw"),
    "window_last": ("1", "last cycle the fit saw"),
    "count": ("1", "number of cycles the fit saw"),
}


def knee(cycle: npt.ArrayLike, capacity: npt.ArrayLike, *, candidates: int = CANDIDATES) -> xr.Dataset:
    """Knee of one curve; see :func:`knees`.

    Parameters
    ----------
    cycle
        Cycle numbers, rising.
    capacity
        Capacity of each, in any unit; NaN is left out.
    candidates
        How many positions to try, as in :func:`knees`.

    Returns
    -------
    Dataset
        The scalars of :func:`knees`.

    Raises
    ------
    ValueError
        When the two differ in length, or the cycles do not rise.
    """
    x, y = np.asarray(cycle, float), np.asarray(capacity, float)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"cycle and capacity: one number of each per cycle is expected, got {x.shape} and {y.shape}")
    return _knees(x, y[None], np.array(["curve"]), candidates).isel(cell=0, drop=True)


def knees(
    found: xr.Dataset,
    of: str = "discharge_capacity",
    *,
    reference_cycle: int = 3,
    last_cycle: int | None = None,
    candidates: int = CANDIDATES,
) -> xr.Dataset:
    """Knee of the fade of every cell.

    The curve of Bacon and Watts (Biometrika 58 (1971) 525) is fitted by trying every position of the bend, each by
    exact least squares, so nothing depends on a start value. The Bayesian information criterion against a straight
    line decides whether there is a bend, and a bend is a knee where the fade gets 1.5 times faster: data of little
    noise show bends that nobody would call a knee. The double curve (Fermín-Cueto et al., Energy AI 1 (2020) 100006)
    gives an onset before the knee where it fits better still. The distance from the chord (Satopää et al., ICDCSW
    2011, 166: kneedle) is reported beside them; by itself it finds a knee in a straight line.

    Parameters
    ----------
    found
        As given by :func:`~.cycling.per_cycle`, or by :func:`~.cycling.retention`, whose ``retention`` is then used.
    of
        Variable of `found` that fades.
    reference_cycle
        First cycle of the window, as in :func:`~.cycling.retention`, which also says which cycles are left out.
    last_cycle
        Last cycle of the window; where it ends moves the knee, so the window is in the result.
    candidates
        How many positions of the bend to try, evenly spaced. Between two of them the position comes from the
        parabola through the profile.

    Returns
    -------
    Dataset
        (cell): ``observed`` (1 knee, 0 none, -1 undecided), ``knee`` with ``knee_low`` and ``knee_high`` (95 %),
        ``width``, ``slope_before`` and ``slope_after`` (per cycle, of the mean capacity), ``bic_gain``, ``onset`` and
        ``point``, ``kneedle`` and ``kneedle_height``, ``window_first``, ``window_last``, ``count``. NaN where there
        is no knee.

    Raises
    ------
    ValueError
        When `found` has no such variable, or there is no cycle.
    """
    left = found if "retention" in found else retention(found, reference_cycle, of)
    cycles = left["cycle"].values.astype(float)
    values = left["retention"].transpose("cell", "cycle").values
    window = cycles >= left["reference_cycle"].values[:, None]
    if last_cycle is not None:
        window &= cycles <= last_cycle
    result = _knees(cycles, np.where(window, values, np.nan), left["cell"].values, candidates)
    coords = {name: value for name, value in left.coords.items() if value.dims == ("cell",)}
    return result.assign_coords(coords).assign_attrs({"of": left.attrs["of"], "reference": left.attrs["reference"]})


def _knees(cycles: FloatArray, values: FloatArray, cells: npt.NDArray[np.str_], candidates: int) -> xr.Dataset:
    if not len(cycles) or (np.diff(cycles) <= 0).any():
        raise ValueError("cycle: numbers that rise are expected, at least one")
    known = np.isfinite(values)
    enough = known.sum(1) >= FEWEST
    table = {name: np.full(len(values), np.nan) for name in _DEFINITIONS}
    table["observed"][:] = np.where(enough, NONE, UNDECIDED)
    table["count"] = known.sum(1).astype(float)
    ever = known.any(1)
    for name, place in (("first", known.argmax(1)), ("last", known.shape[1] - 1 - known[:, ::-1].argmax(1))):
        table[f"window_{name}"] = np.where(ever, cycles[place], np.nan)
    if enough.any():
        for name, column in _fits(cycles, values[enough], known[enough], candidates).items():
            table[name][enough] = column
    whole = {"observed": np.int8, "count": np.int64}
    variables = {
        name: ("cell", column.astype(whole.get(name, np.float64)), _attrs(name)) for name, column in table.items()
    }
    return xr.Dataset(variables, {"cell": cells})


def _attrs(name: str) -> dict[str, object]:
    units, text = _DEFINITIONS[name]
    if name == "observed":
        return {"definition": text, "flag_values": [-1, 0, 1], "flag_meanings": "undecided none knee"}
    return {"units": units, "definition": text}


def _fits(
    cycles: FloatArray, values: FloatArray, known: npt.NDArray[np.bool_], candidates: int
) -> dict[str, FloatArray]:
    """Every result but the window, for curves that have enough cycles."""
    middle, half = (cycles[0] + cycles[-1]) / 2, max((cycles[-1] - cycles[0]) / 2, 1.0)
    of = curves((cycles - middle) / half, values, known)
    bend = best_bend(of, candidates)
    count = bend.independent
    gain = (count * np.log(of.line / bend.rss) - 3 * np.log(count))[:, 0]
    is_knee = (gain > 0) & (bend.after < 0) & (bend.after < ACCELERATION * bend.before)
    table = {name: getattr(bend, column) for name, column in _COLUMNS.items()}
    for name in ("knee", "knee_low", "knee_high"):
        table[name] = middle + half * table[name]
    table["width"] = table["width"] * half
    table["slope_before"], table["slope_after"] = table["slope_before"] / half, table["slope_after"] / half
    table["onset"], table["point"] = np.full(len(gain), np.nan), np.full(len(gain), np.nan)
    if is_knee.any():
        places, better = best_two(of.rows(is_knee), bend.rss[is_knee])
        for column, name in enumerate(("onset", "point")):
            table[name][is_knee] = np.where(better, cycles[places[:, column]], np.nan)
    place, height = _kneedle(cycles, values, known)
    table["kneedle"] = np.where(height > _KNEEDLE_HEIGHT, place, np.nan)
    for column in table.values():
        column[~is_knee] = np.nan
    return {**table, "observed": np.where(is_knee, KNEE, NONE), "bic_gain": gain, "kneedle_height": height}


_COLUMNS = {
    "knee": "place",
    "knee_low": "low",
    "knee_high": "high",
    "width": "width",
    "slope_before": "before",
    "slope_after": "after",
}


def _kneedle(cycles: FloatArray, values: FloatArray, known: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Cycle farthest above the chord of each smoothed curve, and how far, with both axes from 0 to 1."""
    rows = np.arange(len(values))
    half = np.maximum(known.sum(1) // 100, 1)
    smooth = _running_mean(values, known, half)
    first, last = known.argmax(1), known.shape[1] - 1 - known[:, ::-1].argmax(1)
    top, bottom = (
        reach(np.where(known, smooth, empty), axis=1) for reach, empty in ((np.max, -np.inf), (np.min, np.inf))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (cycles - cycles[first][:, None]) / (cycles[last] - cycles[first])[:, None]
        y = (smooth - bottom[:, None]) / (top - bottom)[:, None]
    height = np.where(known & np.isfinite(y), x + y - 1.0, -np.inf)
    place = height.argmax(1)
    return cycles[place], np.where(np.isfinite(height[rows, place]), height[rows, place], np.nan)


def _running_mean(values: FloatArray, known: npt.NDArray[np.bool_], half: IntArray) -> FloatArray:
    """Mean over up to `half` columns on either side, of what is known."""
    width = values.shape[1]
    totals = [np.pad(np.cumsum(field, axis=1), ((0, 0), (1, 0))) for field in (np.where(known, values, 0.0), known)]
    columns = np.arange(width)
    low, high = np.maximum(columns - half[:, None], 0), np.minimum(columns + half[:, None] + 1, width)
    total, count = (np.take_along_axis(field, high, 1) - np.take_along_axis(field, low, 1) for field in totals)
    found: FloatArray = total / np.maximum(count, 1)
    return found


__all__ = ["KNEE", "NONE", "UNDECIDED", "knee", "knees"]
