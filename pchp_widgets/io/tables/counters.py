"""The instrument's own charge and energy counters, brought to one net count over the whole test.

Cyclers restart their counters at every step, at every cycle or never, count charge and discharge apart or together,
and some leave the sign to the current. The model keeps one signed count: its difference between two points is what
the instrument says has passed between them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
_SECONDS_PER_HOUR = 3600.0


def passed(rate: FloatArray, time: FloatArray) -> FloatArray:
    """Trapezoid of `rate` over each interval of `time` [s], in units of rate times hour; one less than the points."""
    return (rate[1:] + rate[:-1]) * np.diff(time) / (2 * _SECONDS_PER_HOUR)


def restarts(counter: FloatArray, expected: FloatArray) -> npt.NDArray[np.intp]:
    """Intervals in which a signed counter started again from zero, see :func:`restarted`."""
    size = np.abs(counter)
    nearer = np.flatnonzero(size[1:] < size[:-1])
    return nearer[restarted(counter[nearer], counter[nearer + 1], expected[nearer])]


def restarted(before: FloatArray, after: FloatArray, expected: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether a signed counter started again from zero between two readings.

    A count that comes nearer to zero has either run back or started again. It is taken as started again where its
    new value is closer to `expected`, the integral of the current over the interval, than its change is.
    """
    nearer = np.abs(after) < np.abs(before)
    return nearer & (np.abs(after - expected) < np.abs(after - before - expected))


def net(counter: FloatArray, expected: FloatArray) -> FloatArray:
    """A signed counter with its restarts undone."""
    return without(counter, restarts(counter, expected))


def without(counter: FloatArray, again: npt.NDArray[np.intp]) -> FloatArray:
    """A counter without the restarts in these intervals."""
    change = np.diff(counter)
    change[again] = counter[again + 1]
    return _total(counter[0], change)


def total(counter: FloatArray) -> FloatArray:
    """A counter of one direction with its restarts undone: a fall to less than half is a restart."""
    fell = counter[1:] < 0.5 * counter[:-1]
    return _total(counter[0], np.where(fell, counter[1:], np.diff(counter)))


def signed(counter: FloatArray, rate: FloatArray, expected: FloatArray) -> FloatArray:
    """Net count from a counter whose header does not tell whether it is signed.

    A counter that is ever negative is signed. Otherwise it is read both ways, as it stands and as a magnitude that
    takes the sign of `rate`, and the reading that agrees better with the integral of the current is taken.
    """
    as_it_stands = net(counter, expected)
    if np.any(counter < 0):
        return as_it_stands
    magnitude = np.diff(total(counter), prepend=0.0)
    as_magnitude = np.cumsum(magnitude * np.sign(rate))
    differences = [np.sum(np.abs(np.diff(one) - expected)) for one in (as_it_stands, as_magnitude)]
    return as_it_stands if differences[0] <= differences[1] else as_magnitude


def _total(start: float, change: FloatArray) -> FloatArray:
    found = np.empty(len(change) + 1)
    found[0] = start
    np.cumsum(change, out=found[1:])
    found[1:] += start
    return found
