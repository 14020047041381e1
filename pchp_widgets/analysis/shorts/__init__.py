"""Internal shorts of symmetric cells: every piece of evidence by itself, when it began, and what they add up to.

What is compared are half-cycles of the same cell, direction, current and charge. In a test with fewer than ten cycles
it is the pulses they consist of (plating in one direction with interruptions), and where there are fewer than ten of
those, the twentieths of each (one long plating): wherever "half-cycle" stands in a definition.

A slow fall is no evidence: activation and a short that grows slowly look alike in the voltage. Nor is there a trend to
fall below before the sixth half-cycle of each direction: a short that old shows in the floor and in spectra only. A
lasting change of the temperature is not told from a short. That V is proportional to j is looked for at I = 0 only:
lithium of some tens of mV is nearly ohmic anyway, so that currents which differ tell little.

Of soft shorts that carry 10, 15, 20, 25 and 30 % of the current 4, 38, 91, 96 and 99 % are found, within three cycles,
in the synthetic cells of :mod:`pchp_widgets.io.synthetic.faults`; of sound cells there, two in a thousand raise an
alarm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import spectra as from_spectra
from .evidence import fall_of, run_below
from .pulses import FloatArray, IntArray, units
from .verdict import ABSENT, ALARM, DEFINITIONS, HARD_FALL, PRESENT, UNKNOWN, WEIGHTS, verdict


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
    """Look for hard and soft internal shorts; what is compared, and what cannot be seen, the module says.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points`` and, where measured, ``spectra``.
    ohmic_floor
        Resistance of separator and electrolyte [ohm cm2]; no cell can have less.
    spectrum_gap
        How many cycles after a spectrum |V|/j is still compared with it.
    collapse, margin
        Fraction of their former width below which impedance arcs have collapsed, and of what a spectrum allows below
        which |V|/j is too low.

    Returns
    -------
    Dataset
        (cell): ``kind`` ``"none"``, ``"soft"``, ``"hard"`` or ``"undecided"`` (no evidence, and too little data for
        any), ``score`` 0 to 1, ``start_cycle``, ``start_time`` [s] (NaN without a short), ``fall`` of |V|/|I| at the
        step: an estimate of the electronic fraction f, ``left_out`` (interrupted half-cycles not used).
        (cell, evidence): ``present`` (1, 0, -1 unknown), ``strength`` 0 to 1 (relative fall; 1 - value / limit),
        ``evidence_cycle``, ``evidence_time`` [s], ``evidence_interval`` (cycles since the spectrum);
        coordinates ``definition`` and ``weight``.
        (cell, cycle): ``cycle_score``, of the evidence in force in that cycle; NaN where the cell has no such cycle.

    Raises
    ------
    ValueError
        When there is no cell, one is a full or half cell, or a limit is out of range.
    """
    trees = [cells] if isinstance(cells, xr.DataTree) else list(cells)
    _refuse_other_kinds(trees)
    limits = {"ohmic_floor": ohmic_floor, "spectrum_gap": spectrum_gap, "collapse": collapse, "margin": margin}
    _refuse_limits(**limits)
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
    return verdict(own, found, _names(trees), _cycles(trees), limits)


def _refuse_other_kinds(trees: Sequence[xr.DataTree]) -> None:
    if not trees:
        raise ValueError("shorts: no cell was given")
    for tree in trees:
        steps = tree["steps"].to_dataset()
        kind = str(steps["kind"].values.ravel()[0]) if "kind" in steps.coords else ""
        if kind in {"full", "half"}:
            raise ValueError(f"shorts: {tree.name} is a {kind} cell; its voltage is no polarization: leave it out")


def _refuse_limits(ohmic_floor: float, spectrum_gap: float, collapse: float, margin: float) -> None:
    if not (ohmic_floor > 0 and 0 < collapse < 1 and 0 < margin <= 1 and spectrum_gap >= 0):
        raise ValueError("shorts: ohmic_floor must be positive, collapse and margin between 0 and 1, spectrum_gap >= 0")


def _inverse(values: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(values > 0, 1 / values, np.nan)


def _area(tree: xr.DataTree) -> float:
    steps = tree["steps"].to_dataset()
    return float(steps["area"].values.ravel()[0]) if "area" in steps.coords else math.nan


def _names(trees: Sequence[xr.DataTree]) -> list[str]:
    return [str(tree["steps"].to_dataset()["cell"].values[0]) for tree in trees]


def _cycles(trees: Sequence[xr.DataTree]) -> list[IntArray]:
    """Numbers of the cycles each cell has."""
    found = []
    for tree in trees:
        steps = tree["steps"].to_dataset().isel(cell=0)
        found.append(steps["cycle"].values[(steps["point_count"].values > 0).any(-1)])
    return found


__all__ = [
    "ABSENT",
    "ALARM",
    "DEFINITIONS",
    "HARD_FALL",
    "PRESENT",
    "UNKNOWN",
    "WEIGHTS",
    "parallel_path",
    "shorts",
]
