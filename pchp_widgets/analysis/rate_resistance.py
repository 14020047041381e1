r"""What a rate test says about the resistance of a cell, in two ways that rest on different assumptions.

The *shift of the curves* needs three currents or more: at one charge in the cell the voltages of the half-cycles at
different current densities lie on a line,

.. math::

    V(x, j) = U(x) \pm j\,\mathrm{ASR}(x),

whose slope is the area-specific resistance at the time scale of the half-cycle, diffusion in the cathode included.

The *capacity* needs two curves: moved by :math:`\pm\Delta j\,\mathrm{ASR}` they meet the cut-offs earlier, and the
ASR for which what lies between them is the capacity measured explains it alone. From the slowest step of the same cell
it is an effective value, to which whatever else costs capacity at high current is put down. From the curves of
another cell at the same current density it is the difference of the two, in which all they have in common is gone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.cycles import DIRECTIONS
from ..model.reductions import row_median
from ._cycling import SAME_CURRENT, ratio

FloatArray = npt.NDArray[np.float64]

CONFIDENCE = 0.95
_POSITIONS = 60
_SETTLED = 0.05
_LEAST = 3
_CV_FILLS = 0.02
_LITTLE, _ALL = 0.9, 0.9995
_LITTLE_LOST = "less than 10 % of the capacity is lost: the value rests on the steep ends of the curves"


def shift_resistance(profiles: xr.Dataset, confidence: float = CONFIDENCE) -> xr.Dataset:
    """Area-specific resistance from the shift of the curves between currents, at equal charge in the cell.

    A straight line of the voltage against the current density by least squares, at each of 60 positions that three or
    more rate steps pass, the first 5 % of each half-cycle left out.

    Parameters
    ----------
    profiles
        As given by :func:`~.rate_profiles.rate_profiles`.
    confidence
        Level of the interval of Student's t.

    Returns
    -------
    Dataset
        (direction, position): ``asr`` [ohm cm2], ``asr_low``, ``asr_high``, ``n`` (rate steps); (direction):
        ``overall`` with ``overall_low`` and ``overall_high``, the medians over the positions, and ``remark``, why
        there is no value or what to keep in mind.
    """
    from scipy.stats import t as student

    position, voltage = profiles["position"].values, profiles["voltage"].values
    known = position[np.isfinite(position)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    grid = np.linspace(low, high, _POSITIONS)
    at = np.full((len(position), 2, _POSITIONS), np.nan)
    for step, way in np.argwhere(np.isfinite(position).all(-1)):
        settled = slice(int(np.searchsorted(profiles["depth"].values, _SETTLED)), None)
        x, v = position[step, way, settled], voltage[step, way, settled]
        order = np.argsort(x)
        at[step, way] = np.interp(grid, x[order], v[order], np.nan, np.nan)
    tested = profiles["current_density"].values
    other = profiles["other_current_density"].values
    flow = np.stack([other, -tested] if profiles.attrs["tested"] == "discharge" else [tested, -other], axis=1)
    slope, error, n, distinct = _lines(flow[..., None], at)
    margin = np.where(n > 2, student.ppf((1 + confidence) / 2, np.maximum(n - 2, 1)), np.nan) * error
    use = (n >= _LEAST) & (distinct >= _LEAST)
    asr = np.where(use, 1e3 * slope, np.nan)
    bounds = [np.where(use, 1e3 * (slope + sign * margin), np.nan) for sign in (-1, 1)]
    overall = [row_median(values) for values in (asr, *bounds)]
    remark = [_why_not(profiles, use[way], distinct[way].max(initial=0)) for way in range(2)]
    units = {"units": "ohm cm2"}
    text = "slope of voltage against current density at equal charge in the cell, by least squares"
    level = f"{100 * confidence:g} % interval of Student's t for the slope"
    two: tuple[str, ...] = ("direction", "position")
    variables: dict[str, Any] = {
        "asr": (two, asr, {**units, "definition": text}),
        "asr_low": (two, bounds[0], {**units, "definition": level}),
        "asr_high": (two, bounds[1], {**units, "definition": level}),
        "n": (two, n, {"units": "1", "definition": "rate steps that pass this position"}),
        "overall": ("direction", overall[0], {**units, "definition": f"median over the positions: {text}"}),
        "overall_low": ("direction", overall[1], {**units, "definition": f"median over the positions: {level}"}),
        "overall_high": ("direction", overall[2], {**units, "definition": f"median over the positions: {level}"}),
        "remark": ("direction", remark),
    }
    where = ("position", grid, {"units": "mA h cm-2", "definition": profiles["position"].attrs["definition"]})
    return xr.Dataset(variables, {"direction": list(DIRECTIONS), "position": where}, {"cell": profiles.attrs["cell"]})


def _lines(
    flow: FloatArray, voltage: FloatArray
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Slope, its standard error, points and distinct currents of straight lines along the first axis."""
    flow = np.broadcast_to(flow, voltage.shape)
    known = np.isfinite(voltage) & np.isfinite(flow)
    n = known.sum(0)
    j, v = (np.where(known, values, 0.0) for values in (flow, voltage))
    count = n.astype(float)
    dj, dv = (np.where(known, values - ratio(values.sum(0), count), 0.0) for values in (j, v))
    squares = (dj**2).sum(0)
    slope = ratio((dj * dv).sum(0), squares)
    rest = (np.where(known, dv - slope * dj, 0.0) ** 2).sum(0)
    error = np.sqrt(ratio(ratio(rest, np.maximum(count - 2, 0)), squares))
    order = np.sort(np.where(known, np.abs(flow), np.nan), axis=0)
    with np.errstate(invalid="ignore"):
        distinct = (order[1:] > (1 + SAME_CURRENT) * order[:-1]).sum(0) + (n > 0)
    return slope, error, n, distinct


def _why_not(profiles: xr.Dataset, use: npt.NDArray[np.bool_], most: int) -> str:
    if not np.isfinite(profiles["position"].values).any():
        return "undecided: the area of the electrode is not known"
    if not use.any():
        return (
            f"undecided: no charge in the cell is passed at three current densities in this direction ({most} at most)"
        )
    return "diffusion in the cathode included"


def implied_resistance(profiles: xr.Dataset) -> xr.Dataset:
    """ASR which alone explains the capacity of each rate step, from the curves of the slowest one.

    The curves of the slowest step are moved by (j - j0) ASR until they meet the cut-offs at a capacity equal to the one
    measured: the charge by the current density of the charge, the discharge by its own. Where the charge ended at
    constant voltage (more than 2 % of it) it counts as complete.

    Parameters
    ----------
    profiles
        As given by :func:`~.rate_profiles.rate_profiles`, of a test of the discharge.

    Returns
    -------
    Dataset
        (rate_step): ``current_density`` [mA cm-2], ``asr`` [ohm cm2], ``asr_low`` and ``asr_high``, for the capacity
        plus and minus its standard deviation between the cycles (no error of the model is in them), and ``remark``:
        why it is undecided, or empty.

    Raises
    ------
    ValueError
        When the rates of the charge were tested.
    """
    _of_discharge(profiles)
    tested, other = profiles["current_density"].values, profiles["other_current_density"].values
    capacity, sd = profiles["areal_capacity"].values, np.nan_to_num(profiles["areal_capacity_sd"].values)
    share, reference = profiles["cv_share"].values, int(profiles.attrs["reference_step"])
    found = np.full((3, len(tested)), np.nan)
    remarks = ["undecided: the slowest step has no whole cycle, or the area is not known"] * len(tested)
    if reference >= 0 and np.isfinite(profiles["position"].values[reference]).all():
        slow = profiles.isel(rate_step=reference)
        for step in range(len(tested)):
            filled = bool(share[step] > _CV_FILLS)
            more = (tested[step] - tested[reference], 0.0 if filled else other[step] - other[reference])
            remarks[step] = _undecided(profiles, step, more)
            if not remarks[step]:
                wanted = capacity[step] + np.array([0.0, 1.0, -1.0]) * sd[step]
                found[:, step], remarks[step] = _explaining(slow, more, wanted)
    text = "ASR that, moving the slowest curves by (j - j0) ASR towards the cut-offs, leaves the capacity measured"
    return _result(profiles, found, remarks, text)


def _undecided(profiles: xr.Dataset, step: int, more: tuple[float, float]) -> str:
    """Why a step allows no inversion; empty where it does."""
    if not np.isfinite(profiles["areal_capacity"].values[step]) or not np.isfinite(more).all():
        return "undecided: capacity or current of the charge is not known"
    if more[0] <= SAME_CURRENT * profiles["current_density"].values[step]:
        return "the slowest step itself, or one at its current"
    return ""


def _explaining(slow: xr.Dataset, more: tuple[float, float], capacity: FloatArray) -> tuple[FloatArray, str]:
    """ASR [ohm cm2] for each capacity, from the curves of the slowest step."""
    charge, discharge = (slow.sel(direction=way) for way in DIRECTIONS)
    up_x, up_v = charge["position"].values, np.maximum.accumulate(charge["voltage"].values)
    down_x, down_v = discharge["position"].values[::-1], np.maximum.accumulate(discharge["voltage"].values[::-1])
    top, bottom = up_v[-1], down_v[0]
    asr = np.linspace(0, 1e3 * (top - bottom) / more[0], 2001)
    full = np.maximum(np.interp(top - 1e-3 * asr * more[1], up_v, up_x), down_x[0])
    end = np.interp(bottom + 1e-3 * asr * more[0], down_v, down_x)
    if more[1] == 0:
        full = np.full_like(full, down_x[-1])
    left = full - end
    if capacity[0] >= _ALL * left[0]:
        return np.array([np.nan] * 3), "undecided: no capacity is lost"
    falling = np.minimum.accumulate(left)[::-1]
    if capacity[0] <= falling[0]:
        return np.array([np.nan] * 3), "undecided: less capacity than any resistance leaves"
    found = np.interp(capacity, falling, asr[::-1])
    return found, _LITTLE_LOST if capacity[0] > _LITTLE * left[0] else ""


def resistance_difference(first: xr.Dataset, second: xr.Dataset) -> xr.Dataset:
    """Difference of the ASR of two cells that explains their capacities at the same current density.

    The curves of the cell of larger capacity are moved by j ASR until what lies between the cut-offs is the capacity of
    the other one. Both need the same cathode and loading; this is for the caller to see to.

    Parameters
    ----------
    first, second
        As given by :func:`~.rate_profiles.rate_profiles`, of tests of the discharge.

    Returns
    -------
    Dataset
        (rate_step) of `first`: ``current_density`` [mA cm-2], ``asr`` [ohm cm2] = first - second, ``asr_low``,
        ``asr_high`` for the difference of the capacities plus and minus its standard deviation between cycles, and
        ``remark``: why it is undecided, what to keep in mind, or empty.

    Raises
    ------
    ValueError
        When the rates of the charge were tested.
    """
    _of_discharge(first)
    _of_discharge(second)
    j, theirs = first["current_density"].values, second["current_density"].values
    found = np.full((3, len(j)), np.nan)
    remarks = ["undecided: the other cell has no such current density"] * len(j)
    for step, flow in enumerate(j):
        alike = np.flatnonzero(np.abs(theirs - flow) <= SAME_CURRENT * flow)
        alike = alike[alike >= step] if (alike >= step).any() else alike  # the first pass at it, or the way back
        if len(alike):
            pair = first.isel(rate_step=step), second.isel(rate_step=int(alike[0]))
            found[:, step], remarks[step] = _between(*pair)
    same = first.attrs["charge_protocol"] == second.attrs["charge_protocol"]
    if not same or first.attrs["charge_protocol"] == "undecided":
        found[:], remarks = np.nan, ["undecided: the two were not charged by the same protocol"] * len(j)
    text = f"ASR of {first.attrs['cell']} - that of {second.attrs['cell']} that explains their capacities"
    return _result(first, found, remarks, text)


def _between(first: xr.Dataset, second: xr.Dataset) -> tuple[FloatArray, str]:
    """First minus second, with its bounds."""
    q = [float(one["areal_capacity"]) for one in (first, second)]
    spread = [float(np.nan_to_num(one["areal_capacity_sd"])) for one in (first, second)]
    sd = float(np.hypot(spread[0], spread[1]))
    worse, better = (first, second) if q[0] <= q[1] else (second, first)
    sign = 1.0 if worse is first else -1.0
    filled = bool((worse["cv_share"] > _CV_FILLS) | (better["cv_share"] > _CV_FILLS))
    more = float(better["current_density"]), 0.0 if filled else float(better["other_current_density"])
    if not np.isfinite([*q, *more]).all() or not np.isfinite(better["position"].values).all():
        return np.full(3, np.nan), "undecided: capacity, area or current of the charge is not known"
    found, remark = _explaining(better, more, min(q) + np.array([0.0, 1.0, -1.0]) * sd)
    return sign * (found if sign > 0 else found[[0, 2, 1]]), remark


def _of_discharge(profiles: xr.Dataset) -> None:
    if profiles.attrs["tested"] != "discharge":
        raise ValueError("profiles: the inversion is for tests of the discharge; take rate_steps(found, 'discharge')")


def _result(profiles: xr.Dataset, found: FloatArray, remarks: list[str], text: str) -> xr.Dataset:
    units = {"units": "ohm cm2"}
    variables: dict[str, Any] = {
        "asr": ("rate_step", found[0], {**units, "definition": text}),
        "asr_low": ("rate_step", found[1], {**units, "definition": f"{text}, with one sd between cycles less lost"}),
        "asr_high": ("rate_step", found[2], {**units, "definition": f"{text}, with one sd between cycles more lost"}),
        "remark": ("rate_step", remarks),
        "current_density": profiles["current_density"],
    }
    facts = {key: profiles.attrs[key] for key in ("cell", "charge_protocol")}
    return xr.Dataset(variables, {"rate_step": profiles["rate_step"]}, facts)
