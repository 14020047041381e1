"""Which protocol a Li||Cu cell went through, seen from the charges of its cycles and where stripping stopped."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.cycles import half_cycles
from ...model.reductions import active_steps, over_steps, row_median

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

UNDECIDED, GALVANOSTATIC, RESERVOIR, MODIFIED = -1, 0, 1, 2
NAMES = ("galvanostatic", "reservoir", "modified", "undecided")
"""Of the protocols 0, 1, 2 and -1."""

REASONS = (
    "given",
    "every stripping, or most of them, goes on to a cut-off voltage",
    "a reservoir without a conditioning cycle before, then equal cycles until a stripping met the cut-off early",
    "a reservoir, equal charges stripped and plated again, and a last stripping to the cut-off",
    "no cycle has both plating and stripping",
    "cycles begin with stripping: open the cell with cycle_rule='plating_first'",
    "no stripping reached a cut-off voltage, and no reservoir was plated before the cycles",
    "a reservoir and equal cycles, but no stripping to the cut-off yet: reservoir and modified protocol look alike",
    "the strippings that ended before the cut-off are not of one charge",
    "no reservoir with equal cycles after it is seen, as the protocol given needs",
)
"""Why the protocol is taken for what it is, by number."""

_CUT_OFF_ABOVE, _NEARLY = 0.2, 0.95
_SAME_CHARGE = 0.05
_MOSTLY = 0.8
_RESERVOIR_ABOVE = 1.5
_FEWEST_CYCLES = 2
_WHOLE = 0.98
_NO_MORE_THAN = 1.002


class Charges(NamedTuple):
    """Charges of the cycles (cell, cycle) [mA h], positive, NaN where a half is missing.

    ``reached`` says whether stripping went on to a cut-off voltage, ``highest`` the highest voltage on stripping [V],
    ``short_plating`` whether less than 98 % of the usual charge was plated, ``strip_first`` that stripping came first.
    """

    plated: FloatArray
    stripped: FloatArray
    highest: FloatArray
    reached: BoolArray
    short_plating: BoolArray
    strip_first: BoolArray

    @property
    def paired(self) -> BoolArray:
        """Where a cycle has both halves."""
        return np.isfinite(self.plated) & np.isfinite(self.stripped)


class Block(NamedTuple):
    """The part of each test that begins with a reservoir, one value per cell; indices of cycles, both inclusive."""

    first: IntArray
    last: IntArray
    ended: BoolArray
    conditioned: BoolArray
    reservoir: FloatArray
    cycled: FloatArray
    left: FloatArray
    cycles: IntArray
    """Number of strippings that ended before the cut-off."""
    there: BoolArray
    unequal: BoolArray

    def inside(self, cycles: int) -> BoolArray:
        """Which cycles belong to it (cell, cycle)."""
        number = np.arange(cycles)
        return self.there[:, None] & (number >= self.first[:, None]) & (number <= self.last[:, None])


def charges(steps: xr.Dataset, cut_off: float | None = None) -> Charges:
    """Charges of every cycle of every cell; plating flows with negative current.

    A stripping has reached a cut-off where its voltage rose to 0.2 V, or to 95 % of `cut_off` where that is known.
    """
    limit = _CUT_OFF_ABOVE if cut_off is None else _NEARLY * cut_off
    halves = half_cycles(steps)
    strip, plate = (halves["charge"].values[..., column] for column in (0, 1))
    begin = halves["time_start"].values
    stripping, _ = active_steps(steps)
    highest = over_steps(np.maximum, steps["voltage_max"].values, stripping, -np.inf)
    with np.errstate(invalid="ignore"):
        return Charges(
            plated=-plate,
            stripped=strip,
            highest=np.where(np.isfinite(highest), highest, np.nan),
            reached=highest >= limit,
            short_plating=halves["interrupted"].values[..., 1],
            strip_first=begin[..., 0] < begin[..., 1],
        )


def block(of: Charges) -> Block:
    """Reservoir, equal cycles, and the first stripping to the cut-off after them, if there are."""
    limited = of.paired & ~of.reached
    rows, number = np.arange(len(limited)), np.arange(limited.shape[1])
    first = limited.argmax(1)
    closing = of.paired & of.reached & (number > first[:, None])
    ended = closing.any(1) & limited.any(1)
    final = limited.shape[1] - 1 - of.paired[:, ::-1].argmax(1)
    last = np.where(ended, closing.argmax(1), final)
    inside = (number >= first[:, None]) & (number <= last[:, None])
    cycled = row_median(np.where(limited & inside, of.stripped, np.nan))
    reservoir = of.plated[rows, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        strip_off = np.abs(of.stripped / cycled[:, None] - 1)
        plate_off = np.abs(of.plated / cycled[:, None] - 1)
        again = inside & of.paired & (number > first[:, None])
        equal = np.minimum(
            _share(strip_off <= _SAME_CHARGE, limited & inside), _share(plate_off <= _SAME_CHARGE, again)
        )
        unequal = ((strip_off > 1 - _WHOLE) & limited & inside) | ((plate_off > 1 - _WHOLE) & again)
        count = (limited & inside).sum(1)
        there = (count >= _FEWEST_CYCLES) & (reservoir > _RESERVOIR_ABOVE * cycled) & (equal >= _MOSTLY)
    return Block(
        first=first,
        last=last,
        ended=ended,
        conditioned=(of.paired & of.reached & (number < first[:, None])).any(1),
        reservoir=reservoir,
        cycled=cycled,
        left=np.where(ended, of.stripped[rows, last], np.nan),
        cycles=count,
        there=there,
        unequal=unequal.any(1),
    )


def exhausted(of: Block, planned: int | None) -> BoolArray:
    """Whether the reservoir was used up in a cycle, rather than stripped at the end.

    A stripping that meets the cut-off before Q_c has passed is taken for it, unless as many cycles as planned were
    whole before.
    """
    with np.errstate(invalid="ignore"):
        early = of.there & of.ended & (of.left <= _NO_MORE_THAN * of.cycled)
    return early if planned is None else early & (of.cycles < planned)


def recognised(of: Charges, found: Block, used_up: BoolArray) -> tuple[IntArray, IntArray]:
    """Protocol of each cell, and the number of the reason in :data:`REASONS`."""
    paired = of.paired
    backwards = _share(of.strip_first, paired) > 0.5
    modified = found.ended & (found.conditioned | ~used_up)
    mostly = _share(of.reached, paired) >= 0.5
    cases = [
        (~paired.any(1), UNDECIDED, 4),
        (backwards, UNDECIDED, 5),
        (found.there & modified, MODIFIED, 3),
        (found.there & found.ended, RESERVOIR, 2),
        (found.there & found.conditioned, MODIFIED, 3),
        (found.there, UNDECIDED, 7),
        (mostly, GALVANOSTATIC, 1),
        (~(of.reached & paired).any(1), UNDECIDED, 6),
    ]
    conditions = [condition for condition, _, _ in cases]
    protocol = np.select(conditions, [code for _, code, _ in cases], UNDECIDED)
    reason = np.select(conditions, [number for _, _, number in cases], 8)
    return protocol, reason


def given(of: Charges, found: Block, name: str) -> tuple[IntArray, IntArray]:
    """The protocol somebody named, for every cell, as far as its cycles allow."""
    code = NAMES.index(name)
    paired = of.paired
    backwards = _share(of.strip_first, paired) > 0.5
    conditions = [~paired.any(1), backwards, (code != GALVANOSTATIC) & ~found.there]
    reason = np.select(conditions, [4, 5, 9], 0)
    return np.where(reason == 0, code, UNDECIDED), reason


def _share(true: BoolArray, among: BoolArray) -> FloatArray:
    """Part of the cycles of each cell for which something holds; NaN where there are none."""
    with np.errstate(invalid="ignore"):
        found: FloatArray = (true & among).sum(1) / among.sum(1)
    return found
