"""Rows that cannot be: EC-Lab's formats have no checksum, but some values show that a byte was changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .findings import Findings
from .table import Array

Mask = npt.NDArray[np.bool_]

_HIGHEST_VOLTAGE = 1000.0
_ROUNDING = 1e-11
_SMALLEST_CHARGE = 1e-15
_SHOWN = 3


def sound_columns(columns: dict[str, Array], findings: Findings, *, needs_row_before: bool = False) -> dict[str, Array]:
    """The columns without the rows that cannot be.

    Refused are a time that is not finite or stands out of its order, a mode that does not exist, a voltage beyond
    1000 V, a current or charge that is not finite, and a half cycle counted backwards. A change that leaves a possible
    value cannot be seen, unless it makes the charges contradict each other, which is noted. A clock that starts anew
    and runs on is kept, and noted too.

    Parameters
    ----------
    needs_row_before
        Whether a row means something only together with the one before it (a current derived from dq and dt): then
        a row after an impossible one is left out as well.

    Raises
    ------
    ReaderError
        When there is such a row and only the whole file will do.
    """
    unsound: list[Mask] = []
    for name, check in _CHECKS.items():
        if name not in columns:
            continue
        bad = check(columns[name])
        if bad is not None and bad.any():
            findings.damage(f"{name} is impossible in {_rows_in_words(bad)}: a byte of the file was changed")
            unsound.append(bad)
    if unsound:
        bad = np.logical_or.reduce(unsound)
        if needs_row_before:
            bad[1:] |= bad[:-1].copy()
        sound = ~bad
        columns = {name: values[sound] for name, values in columns.items()}
        findings.note(f"{np.count_nonzero(~sound)} of {len(sound)} rows were left out")
    if "time/s" in columns:
        _note_restarts(columns["time/s"], findings)
    _note_contradictions(columns, findings)
    return columns


def _rows_in_words(bad: Mask) -> str:
    rows = np.flatnonzero(bad)
    listed = ", ".join(str(row) for row in rows[:_SHOWN])
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"row {listed}" if len(rows) == 1 else f"rows {listed}{more}"


def _impossible_times(time: Array) -> Mask | None:
    """Times that are not finite, or single rows out of the order of their neighbours."""
    if not len(time) or (bool(np.all(time[1:] >= time[:-1])) and np.isfinite(time[0]) and np.isfinite(time[-1])):
        return None
    bad = ~np.isfinite(time)
    kept = np.flatnonzero(~bad)
    order = time[kept]
    for fall in np.flatnonzero(order[1:] < order[:-1]):
        before = order[fall - 1] if fall else -np.inf
        after = order[fall + 2] if fall + 2 < len(order) else np.inf
        if order[fall + 1] >= before and fall:
            bad[kept[fall]] = True
        elif after >= order[fall]:
            bad[kept[fall + 1]] = True
    return bad


def _impossible_modes(mode: Array) -> Mask | None:
    return None if not len(mode) or (mode.min() > 0 and mode.max() < 4) else ~((mode > 0) & (mode < 4))


def _impossible_voltages(voltage: Array) -> Mask | None:
    if not len(voltage) or (voltage.max() < _HIGHEST_VOLTAGE and voltage.min() > -_HIGHEST_VOLTAGE):
        return None
    return ~(np.abs(voltage) < _HIGHEST_VOLTAGE)


def _impossible_frequencies(frequency: Array) -> Mask | None:
    return ~(np.isfinite(frequency) & (frequency >= 0))


def _not_finite(values: Array) -> Mask | None:
    return ~np.isfinite(values)


def _counted_backwards(half_cycle: Array) -> Mask | None:
    if not len(half_cycle) or bool(np.all(half_cycle[1:] >= half_cycle[:-1])):
        return None
    return _impossible_times(half_cycle.astype(float))


def _note_restarts(time: Array, findings: Findings) -> None:
    falls = time[1:] < time[:-1]
    if falls.any():
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(falls)[:_SHOWN])
        findings.note(f"the clock starts anew at row {rows}: were several files joined?")


def _note_contradictions(columns: dict[str, Array], findings: Findings) -> None:
    """Compare dq with the growth of the charge inside a half cycle, which EC-Lab sums from it.

    The two agree to the last digits, except in files with impedance, where charge passes between the rows.
    """
    if not {"dq/mA.h", "Q charge/discharge/mA.h", "half cycle"} <= columns.keys() or "freq/Hz" in columns:
        return
    passed, charge, half_cycle = columns["dq/mA.h"], columns["Q charge/discharge/mA.h"], columns["half cycle"]
    difference = np.diff(charge)
    difference -= passed[1:]
    rows = np.flatnonzero(np.abs(difference) > _SMALLEST_CHARGE) + 1
    rows = rows[half_cycle[rows] == half_cycle[rows - 1]]
    size = np.abs(charge[rows]) + np.abs(charge[rows - 1]) + np.abs(passed[rows])
    rows = rows[np.abs(difference[rows - 1]) > _ROUNDING * size]
    if len(rows):
        wrong = np.zeros(len(charge), bool)
        wrong[rows] = True
        findings.note(
            f"dq and the charge of the half cycle contradict each other in {_rows_in_words(wrong)}: a byte may be wrong"
        )


_CHECKS: dict[str, Callable[[Array], Mask | None]] = {
    "time/s": _impossible_times,
    "mode": _impossible_modes,
    "Ewe/V": _impossible_voltages,
    "<Ewe>/V": _impossible_voltages,
    "Ecell/V": _impossible_voltages,
    "I/mA": _not_finite,
    "<I>/mA": _not_finite,
    "dq/mA.h": _not_finite,
    "(Q-Qo)/mA.h": _not_finite,
    "half cycle": _counted_backwards,
    "freq/Hz": _impossible_frequencies,
}
