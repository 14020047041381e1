"""The sign of a current that a file does not hold, from the half-cycles of its voltage.

A symmetric cell under a constant current of alternating sign shows a voltage of the same alternating sign. Where the
current reverses, the ohmic part of the voltage jumps at once, while its sign may follow some points later.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_NOISE_FACTOR = 6.0
_SMALLEST_SWING = 0.01
_UNEQUAL = 0.1


class Polarity(NamedTuple):
    """Sign of the current per point (-1, 0, +1), first point of each half-cycle, and doubts."""

    sign: npt.NDArray[np.int8]
    starts: IntArray
    doubts: list[str]


def polarity(time: FloatArray, voltage: FloatArray) -> Polarity:
    r"""Half-cycles of a voltage trace.

    1. A half-cycle is known by the voltage leaving a band :math:`\pm h` around zero on the other side (hysteresis),
       with :math:`h = \max(6\,\sigma, 0.01\,|V|_{95})`: :math:`\sigma` is the noise of the trace, from the median of
       the absolute second differences, and :math:`|V|_{95}` the 95th percentile of its magnitude. Noise and offsets
       inside the band make no half-cycles.
    2. The current reversed where the voltage jumps, not where it crosses zero: at the largest single step towards
       the new sign, between the last point that still stood at half the plateau (the median of the old half-cycle)
       and the point that left the band. The point after that step is the first of the new half-cycle. Where the jump
       leaves more than half of the plateau, the half-cycle is seen to begin some points late.
    3. Points before the voltage first leaves the band count as rest.

    A rest between half-cycles cannot be told from a current through a shorted cell and is not looked for; half-cycles
    of unequal length are therefore named in the doubts.

    Parameters
    ----------
    time
        [s], (point)
    voltage
        [V], (point)
    """
    band = _band(voltage)
    out = np.flatnonzero(np.abs(voltage) > band)
    sign = np.zeros(len(voltage), np.int8)
    if not len(out):
        return Polarity(sign, np.zeros(0, np.int64), ["the voltage never leaves its noise: no half-cycles are seen"])
    side = np.sign(voltage[out])
    turned = np.flatnonzero(side[1:] != side[:-1]) + 1
    crossings = out[turned]  # first point on the new side
    starts = [int(out[0]) if np.abs(voltage[0]) <= band else 0]
    for crossing in crossings:
        starts.append(_switch(voltage, starts[-1], int(crossing)))
    found = np.array(starts, np.int64)
    lengths = np.diff(np.append(found, len(voltage)))
    sign[found[0] :] = np.repeat(np.sign(voltage[np.append(out[0], crossings)]), lengths)
    return Polarity(sign, found, _unequal(time, found))


def _band(voltage: FloatArray) -> float:
    bend = np.abs(np.diff(voltage, 2))
    noise = 1.4826 * float(np.median(bend)) / np.sqrt(6.0) if len(bend) else 0.0
    return max(_NOISE_FACTOR * noise, _SMALLEST_SWING * float(np.quantile(np.abs(voltage), 0.95)))


def _switch(voltage: FloatArray, start: int, crossing: int) -> int:
    """First point after the reversal, in the half-cycle that begins at `start` and is left at `crossing`."""
    old = np.sign(-voltage[crossing]) * voltage[start : crossing + 1]
    standing = np.flatnonzero(old[:-1] >= 0.5 * np.median(old[:-1]))
    before = int(standing[-1]) if len(standing) else 0
    return start + before + 1 + int(np.argmin(np.diff(old[before:])))


def _unequal(time: FloatArray, starts: IntArray) -> list[str]:
    """The first and the last half-cycle may be short; all others of a test at constant charge are alike."""
    durations = np.diff(time[starts])[1:]
    if len(durations) < 2:
        return []
    usual = float(np.median(durations))
    odd = np.flatnonzero(np.abs(durations - usual) > _UNEQUAL * usual)
    if not len(odd):
        return []
    return [
        (
            f"{len(odd)} of {len(starts)} half-cycles seen in the voltage differ by more than 10 % from the usual"
            f" {usual / 3600:.4g} h, the first at {time[starts[odd[0] + 1]] / 3600:.5g} h: a rest, a short or a"
            " change of protocol cannot be told from the voltage alone"
        )
    ]
