"""What spectra say of internal shorts: arcs that collapse, and a trace that lies below what they allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from .evidence import BoolArray, Evidence
from .pulses import FloatArray, IntArray, Units

_THERMAL_VOLTAGE = 8.314462618 / 96485.33212  # V per K
_ROOM_TEMPERATURE = 298.15
_FLAT = 0.02


class _Spectra(NamedTuple):
    """Spectra of one cell in order of time."""

    time: FloatArray
    cycle: IntArray
    series: FloatArray
    """Real part where the arcs begin: the smallest [ohm]."""
    arcs: FloatArray
    """Real part at the lowest frequency less that [ohm]."""
    flat: BoolArray
    """Nowhere capacitive."""


def collapsed(trees: Sequence[xr.DataTree], own: Units, collapse: float) -> Evidence:
    """Arcs below a fraction of the widest before; unknown with fewer than two spectra."""
    found = _Collector(own, len(trees))
    for number, tree in enumerate(trees):
        spectra = _spectra(tree)
        if spectra is None or len(spectra.time) < 2:
            continue
        widest = np.maximum.accumulate(spectra.arcs)
        ratio = spectra.arcs[1:] / widest[:-1]
        gone = np.append(False, (ratio < collapse) | (spectra.flat[1:] & ~spectra.flat[0]))
        strength = np.clip(1 - np.append(1.0, ratio), 0, 1)
        span = slice(*np.searchsorted(own.cell, (number, number + 1)))
        place = np.searchsorted(spectra.time, own.time[span], side="right") - 1
        found.add(number, span, (place >= 0) & gone[place], strength[place])
    return found.evidence()


def below(
    trees: Sequence[xr.DataTree], own: Units, areal: FloatArray, area: FloatArray, *, gap: int, margin: float
) -> Evidence:
    """|V|/j below what the last spectrum, at most `gap` cycles old, allows, for three units in a row.

    Unknown without such a spectrum or without the area.
    """
    found = _Collector(own, len(trees))
    for number, tree in enumerate(trees):
        spectra = _spectra(tree)
        span = slice(*np.searchsorted(own.cell, (number, number + 1)))
        if spectra is None or math.isnan(area[number]) or span.start == span.stop:
            continue
        place = np.searchsorted(spectra.cycle, own.cycle[span], side="right") - 1
        near = (place >= 0) & (own.cycle[span] - spectra.cycle[place] <= gap)
        if not near.any():
            continue
        kelvin = _temperature(tree)
        j = own.current[span] / area[number] * 1e-3  # A cm-2
        arcs, series = (values[place] * area[number] for values in (spectra.arcs, spectra.series))
        scale = 4 * _THERMAL_VOLTAGE * kelvin
        allowed = series + scale * np.arcsinh(j * arcs / scale) / j
        ratio = areal[span] / allowed
        low = near & (ratio < margin)
        lasting = low & np.append(low[1:], False) & np.append(low[2:], [False] * min(2, len(low)))
        found.add(number, span, lasting, np.clip(1 - ratio, 0, 1), own.cycle[span] - spectra.cycle[place])
    return found.evidence()


class _Collector:
    """Evidence gathered cell by cell."""

    def __init__(self, own: Units, cells: int) -> None:
        self._start = np.full(cells, len(own.cell))
        self._present = np.full(cells, -1)
        self._strength = np.full(cells, np.nan)
        self._interval = np.full(cells, np.nan)
        self._in_force = np.zeros(len(own.cell), bool)

    def add(
        self, number: int, span: slice, fired: BoolArray, strength: FloatArray, interval: IntArray | None = None
    ) -> None:
        """What the units of one cell say."""
        self._present[number] = int(fired.any())
        self._in_force[span] = fired
        if fired.any():
            first = int(np.argmax(fired))
            self._start[number], self._strength[number] = span.start + first, strength[first]
            self._interval[number] = np.nan if interval is None else interval[first]

    def evidence(self) -> Evidence:
        return Evidence(self._present, self._start, self._strength, self._in_force, self._interval)


def _temperature(tree: xr.DataTree) -> float:
    """Temperature of the test [K], 25 °C where nobody said."""
    steps = tree["steps"].to_dataset()
    celsius = float(steps["temperature"].values.ravel()[0]) if "temperature" in steps.coords else math.nan
    return _ROOM_TEMPERATURE if math.isnan(celsius) else celsius + 273.15


def _spectra(tree: xr.DataTree) -> _Spectra | None:
    if "spectra" not in tree.children:
        return None
    found = tree["spectra"].to_dataset().isel(cell=0)
    cycle = found["cycle"].values
    real, imaginary = (found[name].transpose("spectrum", "frequency").values for name in ("z_real", "z_imag"))
    known = np.isfinite(real)
    usable = np.flatnonzero((cycle >= 0) & (known.sum(1) > 2))
    if not len(usable):
        return None
    order = usable[np.argsort(found["time"].values[usable], kind="stable")]
    real, imaginary, known = real[order], imaginary[order], known[order]
    frequency = np.where(known, found["frequency"].values, np.inf)
    low = np.take_along_axis(real, frequency.argmin(1)[:, None], 1)[:, 0]
    capacitive = np.where(known, -imaginary, -np.inf)
    # an inductive tail at high frequency is no part of the arcs
    least = np.where(known & (capacitive > -_FLAT * np.abs(real)), real, np.inf).min(1)
    least = np.where(np.isfinite(least), least, low)
    flat = (capacitive <= _FLAT * np.hypot(real, np.where(known, imaginary, 0.0))).all(1)
    return _Spectra(found["time"].values[order], cycle[order], least, np.maximum(low - least, 0.0), flat)
