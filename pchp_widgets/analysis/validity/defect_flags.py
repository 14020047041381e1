"""What is wrong with a spectrum before anything is fitted to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from .._spectra import BoolArray, ComplexArray, FloatArray, IntArray, by_spectrum, grids, impedance, in_order

DEFECTS: dict[str, tuple[int, str]] = {
    "frequency_not_positive": (1, "has frequencies that are zero, negative or not finite; leave them out"),
    "frequency_unordered": (2, "its frequencies jump up and down; sort the spectra by frequency"),
    "frequency_duplicated": (4, "has a frequency more than once; keep one of them, or make two spectra"),
    "two_grids": (8, "holds the frequencies of two sweeps or more; make a spectrum of each"),
    "missing_points": (16, "has points of which a part is not finite, or that are zero; they are left out"),
    "too_few_points": (32, "has fewer than 12 points"),
    "narrow_window": (64, "spans less than one decade of frequency"),
    "inductive": (128, "is nowhere capacitive, and inductive: a wire, or a short"),
    "sign_of_imaginary": (256, "its arcs lie at positive Im Z: is the column -Im Z? Then change its sign"),
    "short": (512, "has no arc: -Im Z is nowhere above 2 % of |Z|, as of a shorted cell"),
    "negative_resistance": (1024, "has points of negative Re Z, which no cell at rest has"),
}
"""Name, bit and what is said of it."""

DOUBTS = ("missing_points", "negative_resistance")
"""Defects that leave a spectrum usable."""

_FEWEST_POINTS = 12
_NARROWEST = 1.0  # decades
_FLAT = 0.02  # of |Z|: the limit the analysis of shorts has
_ARC_STEP = 0.1  # of the largest Re Z
_SWEEP = 4  # steps for each turn


def defects(spectra: xr.Dataset) -> xr.Dataset:
    """Defects of every spectrum; nothing is to be fitted to one that is not ``usable``.

    A point that is missing as a whole (NaN in both parts) belongs to another spectrum's frequencies and is no defect
    if another spectrum has it.

    Parameters
    ----------
    spectra
        Dataset (cell, spectrum, frequency) with ``z_real``, ``z_imag`` [ohm], NaN at frequencies a spectrum does not
        have.

    Returns
    -------
    Dataset
        (cell, spectrum): ``flags`` (bits of :data:`DEFECTS`), ``usable`` (no flag but those of :data:`DOUBTS`),
        ``points`` (complete ones) and ``reason`` (a sentence for each flag, ``""`` without).

    Raises
    ------
    ValueError
        When ``z_real``, ``z_imag`` or ``frequency`` is missing or has other dimensions.
    """
    found = row_flaws(spectra)
    bits = [bit for bit, _ in DEFECTS.values()]
    attrs: dict[str, dict[str, object]] = {
        "flags": {"long_name": "defects", "flag_masks": bits, "flag_meanings": " ".join(DEFECTS)},
        "usable": {"long_name": "whether anything may be fitted", "definition": f"no flag but {', '.join(DOUBTS)}"},
        "points": {"units": "1", "long_name": "frequencies with a complete impedance"},
        "reason": {"long_name": "what the flags say"},
    }
    return by_spectrum(spectra, {name: getattr(found, name) for name in attrs}, attrs)


class Flaws(NamedTuple):
    """Impedance and defects of each spectrum, counted over (cell, spectrum)."""

    z: ComplexArray
    """(row, frequency) [ohm], as :func:`~.._spectra.impedance` gives it."""
    flags: IntArray
    usable: BoolArray
    points: IntArray
    reason: npt.NDArray[np.str_]
    present: BoolArray
    """Whether there is a spectrum: cells with fewer of them than others are padded."""


def row_flaws(spectra: xr.Dataset) -> Flaws:
    """What :func:`defects` finds, as arrays."""
    z, frequency = impedance(spectra), spectra["frequency"].values.astype(float)
    known = np.isfinite(z)
    points = known.sum(1)
    flags = np.zeros(len(z), np.int64)
    for grid in grids(frequency, z):
        flags[grid.row] = _of_frequencies(grid.frequency)
    real, imaginary = (in_order(spectra[name]).reshape(z.shape) for name in ("z_real", "z_imag"))
    flags |= DEFECTS["missing_points"][0] * _halves_missing(real, imaginary, known)
    flags |= DEFECTS["too_few_points"][0] * (points < _FEWEST_POINTS)
    for name, true in _of_impedances(frequency, z).items():
        flags |= DEFECTS[name][0] * true
    present = ~np.asarray((np.isnan(real) & np.isnan(imaginary)).all(1))
    fatal = sum(bit for name, (bit, _) in DEFECTS.items() if name not in DOUBTS)
    reason = np.where(present, _reasons(flags), "is not there")
    return Flaws(z, np.where(present, flags, 0), present & ((flags & fatal) == 0), points, reason, present)


def _halves_missing(real: FloatArray, imaginary: FloatArray, known: BoolArray) -> BoolArray:
    """Rows with half a point, an infinite or a zero one, or with none at a frequency that no spectrum has."""
    half = ~(known | (np.isnan(real) & np.isnan(imaginary)))
    nobody = bool(len(known)) and not known.any(0).all()
    return np.asarray(half.any(1) | nobody)


def _of_frequencies(frequency: FloatArray) -> int:
    """Bits of what is wrong with the frequencies of one grid."""
    found = []
    sound = np.isfinite(frequency) & (frequency > 0)
    if not sound.all():
        found.append("frequency_not_positive")
    logarithm = np.log10(frequency[sound])
    if len(logarithm) < 2 or np.ptp(logarithm) < _NARROWEST:
        found.append("narrow_window")
    step = np.diff(logarithm)
    if len(np.unique(logarithm)) < len(logarithm):
        found.append("frequency_duplicated")
    turns = np.flatnonzero(np.diff(np.sign(step[step != 0])))
    if turns.size == 0 and _interleaved(np.abs(step)):
        found.append("two_grids")
    elif turns.size:
        # a sweep that begins anew turns twice, at neighbouring steps; one that goes forth and back turns once
        found.append("two_grids" if len(step) >= _SWEEP * turns.size else "frequency_unordered")
    return sum(DEFECTS[name][0] for name in found)


def _interleaved(gap: FloatArray) -> bool:
    """Whether many of the gaps between frequencies are much smaller than those on both sides."""
    if len(gap) < 3:
        return False
    lower = gap[1:-1] < 0.6 * np.minimum(gap[:-2], gap[2:])
    return bool(np.count_nonzero(lower) >= max(3, 0.15 * len(lower)))


def _of_impedances(frequency: FloatArray, z: ComplexArray) -> dict[str, BoolArray]:
    """What is wrong with the impedances, whatever the frequencies are."""
    known = np.isfinite(z)
    modulus = np.where(known, np.abs(z), 1.0)
    real, imaginary = np.where(known, z.real, 0.0), np.where(known, z.imag, 0.0)
    flat = (-imaginary <= _FLAT * modulus).all(1) & known.any(1)
    inductive = flat & (imaginary > _FLAT * modulus).any(1)
    # arcs turned over lower Re Z towards high frequency, which an inductance does not
    ordinal = np.broadcast_to(np.where(np.isfinite(frequency), frequency, 0.0), z.shape)
    rows = np.arange(len(z))
    if z.shape[1]:
        low = np.abs(real[rows, np.where(known, ordinal, np.inf).argmin(1)])
        high = np.abs(real[rows, np.where(known, ordinal, -np.inf).argmax(1)])
        mirrored = inductive & (low - high > _ARC_STEP * np.abs(real).max(1))
    else:
        mirrored = inductive
    return {
        "inductive": inductive & ~mirrored,
        "sign_of_imaginary": mirrored,
        "short": flat & ~mirrored,
        "negative_resistance": (real < 0).any(1),
    }


def _reasons(flags: IntArray) -> np.ndarray:
    different, of = np.unique(flags, return_inverse=True)
    said = ["; ".join(text for bit, text in DEFECTS.values() if bit & flag) for flag in different.tolist()]
    return np.array(said, dtype=np.str_)[of] if len(flags) else np.zeros(0, np.str_)
