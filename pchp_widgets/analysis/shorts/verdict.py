"""What pieces of evidence add up to: kind, score and start per cell, and the score cycle by cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .evidence import BoolArray, Evidence
from .pulses import FloatArray, IntArray, Units

DEFINITIONS: dict[str, str] = {
    "step": "mean |V|/|I| falls at once by 15 % or more (five standard errors) below the line through the up to "
    "twelve half-cycles before, for three in a row, and in the other direction too",
    "rectangular": "initial peak and rise of |V|, as a fraction of its mean, fall at once by 30 % or more below the "
    "cell's own trend, for three half-cycles in a row, and in the other direction too",
    "proportional": "fall of |V| while no current flows, as a fraction of its mean, drops at once by 30 % or more "
    "below the cell's own trend, in the other direction too: V is proportional to j through zero; needs rests",
    "noise": "point-to-point scatter of |V| grows at once to three times the cell's own trend or more, in both "
    "directions",
    "floor": "mean |V|/j below {ohmic_floor:g} ohm cm2, what separator and electrolyte alone have, for three "
    "half-cycles in a row; needs the area",
    "arcs": "width of the impedance arcs falls below {collapse:g} of the widest before, or -Im Z is nowhere above 2 % "
    "of |Z|; needs two spectra",
    "below_spectrum": "mean |V|/j below {margin:g} of what the spectrum of the same cycle, or of one up to "
    "{spectrum_gap:d} cycles earlier, allows: [j R_s + (4RT/F) asinh(j F R_arcs / 4RT)] / j; needs spectra and area",
}
"""Pieces of evidence; braces are filled with the limits asked for."""

WEIGHTS: dict[str, tuple[float, float]] = {
    "step": (0.5, 1.0),
    "rectangular": (0.0, 0.25),
    "proportional": (0.0, 0.25),
    "noise": (0.0, 0.1),
    "floor": (0.9, 1.0),
    "arcs": (0.0, 0.45),
    "below_spectrum": (0.5, 1.0),
}
"""What each is worth at strength 0 and at strength 1, linearly between; score = 1 - product of (1 - worth).

A convention, not a probability: a lasting step, the floor or the spectrum suffice for an alarm; the shape of the trace
alone (rectangular, proportional, noisy) never does, nor do collapsed arcs without anything in the trace.
"""

ALARM = 0.5
"""Score from which a cell counts as shorted: no shape of the trace alone reaches it."""

HARD_FALL = 0.9
"""Strength of ``step`` or ``below_spectrum`` from which a short is hard: nine tenths of the current are electronic."""

ABSENT, PRESENT, UNKNOWN = 0, 1, -1


def verdict(
    own: Units,
    found: Mapping[str, Evidence],
    names: Sequence[str],
    cycles: Sequence[IntArray],
    limits: Mapping[str, float],
) -> xr.Dataset:
    """Result of :func:`~.shorts.shorts`, from the evidence, the names of the cells, their cycles and the limits."""
    numbers = np.unique(np.concatenate(cycles))
    strength = np.stack([one.strength for one in found.values()], axis=1)
    there = np.stack([one.present for one in found.values()], axis=1) == PRESENT
    least, most = np.array([WEIGHTS[name] for name in found]).T
    worth = np.where(there, least + (most - least) * np.nan_to_num(strength), 0.0)
    data = _per_evidence(own, found) | _per_cell(own, found, worth)
    data["cycle_score"] = (
        ("cell", "cycle"),
        _cycle_score(own, found, worth, numbers, cycles),
        {"units": "1", "definition": "highest score of the evidence in force in the cycle"},
    )
    definitions = [text.format(**limits) for text in DEFINITIONS.values()]
    coords: dict[str, Any] = {
        "cell": list(names),
        "cycle": numbers,
        "evidence": list(found),
        "definition": ("evidence", definitions),
        "weight": ("evidence", most, {"units": "1", "long_name": "worth at strength 1"}),
    }
    return xr.Dataset(data, coords)


def _per_cell(own: Units, found: Mapping[str, Evidence], worth: FloatArray) -> dict[str, Any]:
    step, floor, spectrum = found["step"], found["floor"], found["below_spectrum"]
    score = 1 - np.prod(1 - worth, axis=1)
    shorted = score >= ALARM
    first = np.stack([np.where(one.present == PRESENT, one.start, len(own.cell)) for one in found.values()]).min(0)
    start = np.where(step.present == PRESENT, step.start, first)
    hard = floor.present == PRESENT
    for one in (step, spectrum):
        hard |= (one.present == PRESENT) & (np.nan_to_num(one.strength) >= HARD_FALL)
    unknown = (step.present == UNKNOWN) & (floor.present != PRESENT)
    kind = np.where(shorted, np.where(hard, "hard", "soft"), np.where(unknown, "undecided", "none"))
    fall = np.where(step.present == PRESENT, step.strength, np.nan)
    share = "relative fall of |V|/|I| at the step: share of the current in the short"
    rule = f"score of {ALARM} or more; hard below the floor or after a fall of {HARD_FALL:.0%}"
    return {
        "kind": ("cell", kind, {"long_name": "kind of short", "definition": rule}),
        "score": ("cell", score, {"units": "1", "definition": "1 - product of (1 - worth) of what is present"}),
        "start_cycle": ("cell", _at(own.cycle, start, shorted), {"units": "1", "long_name": "first shorted cycle"}),
        "start_time": ("cell", _at(own.time, start, shorted), {"units": "s", "long_name": "start of the short"}),
        "fall": ("cell", fall, {"units": "1", "definition": share}),
        "left_out": ("cell", own.left_out, {"units": "1", "long_name": "interrupted half-cycles not used"}),
    }


def _per_evidence(own: Units, found: Mapping[str, Evidence]) -> dict[str, Any]:
    def stacked(values: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.stack(values, axis=1)

    present, start = (stacked([getattr(one, name) for one in found.values()]) for name in ("present", "start"))
    nothing = np.full(len(present), np.nan)
    interval = stacked([nothing if one.interval is None else one.interval for one in found.values()])
    strength = stacked([one.strength for one in found.values()])
    there = present == PRESENT
    dims = ("cell", "evidence")
    apart = "cycles from the spectrum to the cycle it is compared with"
    return {
        "present": (dims, present.astype(np.int8), {"flag_values": [-1, 0, 1], "flag_meanings": "unknown no yes"}),
        "strength": (dims, strength, {"units": "1", "definition": "relative fall, or 1 - value / limit"}),
        "evidence_cycle": (dims, _at(own.cycle, start, there), {"units": "1", "long_name": "cycle it began in"}),
        "evidence_time": (dims, _at(own.time, start, there), {"units": "s", "long_name": "time it began at"}),
        "evidence_interval": (dims, interval, {"units": "1", "long_name": apart}),
    }


def _at(values: npt.NDArray[Any], index: IntArray, there: BoolArray) -> FloatArray:
    """Value at each index, NaN where there is none."""
    padded = np.append(values.astype(float), np.nan)
    return padded[np.where(there, index, len(values))]


def _cycle_score(
    own: Units, found: Mapping[str, Evidence], worth: FloatArray, numbers: IntArray, cycles: Sequence[IntArray]
) -> FloatArray:
    against = np.ones(len(own.cell))
    for column, one in enumerate(found.values()):
        against *= np.where(one.in_force, 1 - worth[own.cell, column], 1.0)
    table = np.full((len(cycles), len(numbers)), np.nan)
    rows = np.repeat(np.arange(len(cycles)), [len(own_cycles) for own_cycles in cycles])
    table[rows, np.searchsorted(numbers, np.concatenate(cycles))] = 0.0
    np.maximum.at(table, (own.cell, np.searchsorted(numbers, own.cycle)), 1 - against)
    return table
