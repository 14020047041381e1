"""Internal shorts of symmetric cells: every piece of evidence by itself, when it began, and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import _shorts_spectra as from_spectra
from ._evidence import Evidence, fall_of, run_below
from ._units import FloatArray, IntArray, Units, units

DEFINITIONS: dict[str, str] = {
    "step": "mean |V|/|I| falls at once by 15 % or more (five standard errors) below the line through the up to "
    "twelve half-cycles before, for three in a row, and in the other direction too",
    "rectangular": "initial peak and rise of |V|, as a fraction of its mean, fall at once by 30 % or more below the "
    "cell's own trend, for three half-cycles in a row, and in the other direction too",
    "proportional": "fall of |V| while no current flows, as a fraction of its mean, drops at once by 30 % or more "
    "below the cell's own trend, in the other direction too: V is proportional to j through zero; needs rests",
    "noise": "point-to-point scatter of |V| grows at once to three times the cell's own trend or more, in both directions",
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
"""Fall of |V|/|I| (step, or below the spectrum) from which a short is hard: nine tenths of the current take the metallic path."""

ABSENT, PRESENT, UNKNOWN = 0, 1, -1


def parallel_path(
    current_density: npt.ArrayLike, cell_resistance: npt.ArrayLike, short_resistance: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    r"""Voltage of a cell with a metallic path in parallel, and the share of the current that takes it.

    .. math:: V = j \frac{R_c R_{sh}}{R_c + R_{sh}}, \qquad f = \frac{R_c}{R_c + R_{sh}}

    Parameters
    ----------
    current_density
        [mA cm-2]
    cell_resistance, short_resistance
        Of the cell without the short, and of the short [ohm cm2].

    Returns
    -------
    tuple
        Voltage [V] and electronic fraction.

    Raises
    ------
    ValueError
        When a resistance is not positive.
    """
    j, cell, path = (np.asarray(a, float) for a in (current_density, cell_resistance, short_resistance))
    if np.any(cell <= 0) or np.any(path <= 0):
        raise ValueError("parallel_path: resistances must be positive, in ohm cm2")
    fraction = 1 / (1 + path / cell)
    return j * 1e-3 * path * fraction, fraction


def shorts(
    cells: xr.DataTree | Iterable[xr.DataTree],
    *,
    ohmic_floor: float = 2.0,
    spectrum_gap: int = 5,
    collapse: float = 0.2,
    margin: float = 0.8,
) -> xr.Dataset:
    """Look for hard and soft internal shorts.

    What is compared are half-cycles of the same cell, direction and current; in a test with fewer than ten cycles
    whose half-cycles consist of several pulses (plating in one direction with interruptions) it is the pulses. A slow
    fall is no evidence: activation and a short that grows slowly look alike in the voltage. A soft short that carries
    less than about 15 % of the current is not seen.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points`` and, where measured, ``spectra``.
    ohmic_floor
        Resistance of separator and electrolyte [ohm cm2]; no cell can have less.
    spectrum_gap
        How many cycles after a spectrum |V|/j is still compared with it.
    collapse
        Fraction of their former width at which impedance arcs count as collapsed.
    margin
        Fraction of what a spectrum allows below which |V|/j is too low.

    Returns
    -------
    Dataset
        (cell): ``kind`` ``"none"``, ``"soft"``, ``"hard"`` or ``"undecided"`` (no evidence, and too little data for
        any), ``score`` 0 to 1, ``start_cycle``, ``start_time`` [s] (NaN without a short), ``fall`` of |V|/|I| at the
        step: an estimate of the electronic fraction f, ``left_out`` (interrupted half-cycles not used).
        (cell, evidence): ``present`` (1, 0, -1 unknown), ``strength`` 0 to 1 (relative fall; 1 - value / limit),
        ``evidence_cycle``, ``evidence_time`` [s], ``evidence_interval`` (cycles since the spectrum); coordinates ``definition`` and ``weight``.
        (cell, cycle): ``cycle_score``, of the evidence in force in that cycle; NaN where the cell has no such cycle.

    Raises
    ------
    ValueError
        When there is no cell, one is a full or half cell, or a limit is out of range.
    """
    trees = [cells] if isinstance(cells, xr.DataTree) else list(cells)
    if not trees:
        raise ValueError("shorts: no cell was given")
    if not (ohmic_floor > 0 and 0 < collapse < 1 and 0 < margin <= 1 and spectrum_gap >= 0):
        raise ValueError("shorts: ohmic_floor must be positive, collapse and margin between 0 and 1, spectrum_gap >= 0")
    _refuse_other_kinds(trees)
    own = units(trees)
    area = np.array([_area(tree) for tree in trees])
    areal = own.resistance * 1e3 * area[own.cell]
    found = {
        "step": fall_of(own, own.resistance, least=0.15, certainty=5.0, both=True),
        "rectangular": fall_of(own, own.shape, least=0.3, certainty=4.0, both=True, worth=0.03),
        "proportional": fall_of(own, own.relaxation, least=0.3, certainty=4.0, both=True, worth=0.03),
        "noise": fall_of(own, _inverse(own.noise), least=2 / 3, certainty=4.0, both=True),
        "floor": run_below(own, areal, ohmic_floor),
        "arcs": from_spectra.collapsed(trees, own, collapse),
        "below_spectrum": from_spectra.below(trees, own, areal, area, gap=spectrum_gap, margin=margin),
    }
    limits = {"ohmic_floor": ohmic_floor, "spectrum_gap": spectrum_gap, "collapse": collapse, "margin": margin}
    names = [str(tree["steps"].to_dataset()["cell"].values[0]) for tree in trees]
    return _dataset(own, names, found, [text.format(**limits) for text in DEFINITIONS.values()], _cycles(trees))


def _refuse_other_kinds(trees: Sequence[xr.DataTree]) -> None:
    for tree in trees:
        steps = tree["steps"].to_dataset()
        kind = str(steps["kind"].values.ravel()[0]) if "kind" in steps.coords else ""
        if kind in {"full", "half"}:
            raise ValueError(f"shorts: {tree.name} is a {kind} cell; its voltage is no polarization: leave it out")


def _inverse(values: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(values > 0, 1 / values, np.nan)


def _area(tree: xr.DataTree) -> float:
    steps = tree["steps"].to_dataset()
    return float(steps["area"].values.ravel()[0]) if "area" in steps.coords else math.nan


def _cycles(trees: Sequence[xr.DataTree]) -> list[IntArray]:
    """Numbers of the cycles each cell has."""
    found = []
    for tree in trees:
        steps = tree["steps"].to_dataset().isel(cell=0)
        found.append(steps["cycle"].values[(steps["point_count"].values > 0).any(-1)])
    return found


def _dataset(
    own: Units, names: list[str], found: dict[str, Evidence], definitions: list[str], cycles: list[IntArray]
) -> xr.Dataset:
    least, most = np.array([WEIGHTS[name] for name in found]).T
    present = np.stack([e.present for e in found.values()], axis=1)
    start = np.stack([e.start for e in found.values()], axis=1)
    strength = np.stack([e.strength for e in found.values()], axis=1)
    there = present == PRESENT
    worth = np.where(there, least + (most - least) * np.nan_to_num(strength), 0.0)
    score = 1 - np.prod(1 - worth, axis=1)
    first = np.where(there, start, len(own.cell))
    step, floor, spectrum = (list(found).index(name) for name in ("step", "floor", "below_spectrum"))
    decisive = first[:, step]
    decisive = np.where(there[:, step], decisive, first.min(1))
    deep = there & (np.nan_to_num(strength) >= HARD_FALL)
    hard = there[:, floor] | deep[:, step] | deep[:, spectrum]
    unknowable = (present[:, step] == UNKNOWN) & (present[:, floor] != PRESENT)
    kind = np.where(score < ALARM, np.where(unknowable, "undecided", "none"), np.where(hard, "hard", "soft"))
    shorted = score >= ALARM
    dims = ("cell", "evidence")
    numbers = np.unique(np.concatenate(cycles)) if cycles else np.zeros(0, np.int64)
    data = {
        "kind": (
            "cell",
            kind,
            {"definition": f"score of {ALARM} or more; hard below the floor or after a fall of 90 %"},
        ),
        "score": ("cell", score, {"units": "1", "definition": "1 - product of (1 - worth) of what is present"}),
        "start_cycle": ("cell", _at(own.cycle, decisive, shorted), {"units": "1", "long_name": "first shorted cycle"}),
        "start_time": ("cell", _at(own.time, decisive, shorted), {"units": "s", "long_name": "start of the short"}),
        "fall": (
            "cell",
            np.where(there[:, step], strength[:, step], np.nan),
            {"units": "1", "definition": "relative fall of |V|/|I| at the step: share of the current in the short"},
        ),
        "left_out": ("cell", own.left_out, {"units": "1", "long_name": "interrupted half-cycles not used"}),
        "present": (dims, present.astype(np.int8), {"flag_values": [-1, 0, 1], "flag_meanings": "unknown no yes"}),
        "strength": (dims, strength, {"units": "1", "definition": "relative fall, or 1 - value / limit"}),
        "evidence_cycle": (dims, _at(own.cycle, start, there), {"units": "1", "long_name": "cycle it began in"}),
        "evidence_time": (dims, _at(own.time, start, there), {"units": "s", "long_name": "time it began at"}),
        "evidence_interval": (
            dims,
            np.stack(
                [np.full(len(names), np.nan) if e.interval is None else e.interval for e in found.values()], axis=1
            ),
            {"units": "1", "long_name": "cycles from the spectrum to the cycle it is compared with"},
        ),
        "cycle_score": (
            ("cell", "cycle"),
            _cycle_score(own, found, worth, numbers, cycles),
            {"units": "1", "definition": "highest score of the evidence in force in the cycle"},
        ),
    }
    coords = {
        "cell": names,
        "cycle": numbers,
        "evidence": list(found),
        "definition": ("evidence", definitions),
        "weight": ("evidence", most, {"units": "1", "long_name": "worth at strength 1"}),
    }
    return xr.Dataset(data, coords)


def _at(values: npt.NDArray[np.number], index: IntArray, there: npt.NDArray[np.bool_]) -> FloatArray:
    """Value at each index, NaN where there is none."""
    padded = np.append(values.astype(float), np.nan)
    return padded[np.where(there, index, len(values))]


def _cycle_score(
    own: Units, found: dict[str, Evidence], worth: FloatArray, numbers: IntArray, cycles: list[IntArray]
) -> FloatArray:
    against = np.ones(len(own.cell))
    for column, one in enumerate(found.values()):
        against *= np.where(one.in_force, 1 - worth[own.cell, column], 1.0)
    table = np.full((len(cycles), len(numbers)), np.nan)
    rows = np.repeat(np.arange(len(cycles)), [len(own_cycles) for own_cycles in cycles])
    table[rows, np.searchsorted(numbers, np.concatenate(cycles))] = 0.0
    np.maximum.at(table, (own.cell, np.searchsorted(numbers, own.cycle)), 1 - against)
    return table
