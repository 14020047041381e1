"""Powder patterns, whatever format they come from: scans put together, and what their intensities are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.measurements import measurement, merged
from .contract import Measured, ReaderError

FloatArray = npt.NDArray[np.float64]

_SHORTEST, _LONGEST = 0.1, 20.0  # wavelengths in angstrom that a diffractometer may have
_SAME = 1e-3  # relative difference of step times that are the same


@dataclass
class Scan:
    """One scan of the scattering angle.

    Attributes
    ----------
    two_theta
        (point) [degree], in any order.
    intensity
        (point) as the file has it, or as its factor of attenuation makes it.
    step_time
        Of each step [s]; NaN where the file does not say.
    kind
        ``"counts"``, ``"rate"`` (counts per second), ``"arbitrary"``, or empty where the file does not say.
    """

    two_theta: FloatArray
    intensity: FloatArray
    step_time: float = float("nan")
    kind: str = ""


def measured(
    path: Path,
    scans: Sequence[Scan],
    *,
    metadata: Mapping[str, object] | None = None,
    provenance: Mapping[str, str] | None = None,
    settings: Mapping[str, object] | None = None,
    warnings: Sequence[str] = (),
) -> Measured:
    """A measurement of the scans of one file.

    Scans that follow one another and were counted equally long are one pattern; others are samples of their own. Rates
    are turned into counts where the step time is known. What is said to be counts and is no whole numbers, or nothing
    at all, is ``"arbitrary"``: its noise is then taken from the scatter of the points.

    Raises
    ------
    ReaderError
        When there is no scan, or one has no point, or angles that are none.
    """
    doubts = list(warnings)
    sound = [_sound(path, scan, doubts) for scan in scans]
    if not sound:
        raise ReaderError(path, "there is no scan of the scattering angle in it")
    parts = _joined(sound)
    if len(parts) > 1:
        doubts.append(
            f"{len(parts)} scans overlap or were counted differently long: each is a sample of its own, range 1, 2, ..."
        )
    kinds = [scan.kind for scan in parts]
    if "arbitrary" in kinds:
        doubts.append("the intensities are no counts: their noise is taken from the scatter of the points")
    said = [_dataset(scan, f"range {number}") for number, scan in enumerate(parts, 1)]
    return Measured(
        merged(said), {**(metadata or {})}, {**(provenance or {})}, {**(settings or {})}, list(dict.fromkeys(doubts))
    )


def radiation(alpha1: float, alpha2: float = 0.0, ratio: float = float("nan")) -> dict[str, object]:
    """Metadata of the radiation, of those wavelengths [angstrom] that can be ones."""
    found: dict[str, object] = {}
    if _SHORTEST < alpha1 < _LONGEST:
        found["wavelength"] = f"{alpha1:.7g} angstrom"
        if alpha1 < alpha2 < 1.1 * alpha1 and ratio != 0:
            found["wavelength_alpha2"] = f"{alpha2:.7g} angstrom"
            if 0 < ratio <= 1:
                found["alpha2_ratio"] = f"{ratio:.4g}"
    return found


def number(text: object, otherwise: float = float("nan")) -> float:
    """A number from text, or something else where it is none."""
    try:
        return float(str(text).strip())
    except ValueError:
        return otherwise


def evenly(start: float, step: float, count: int) -> FloatArray:
    """Angles of a scan in even steps."""
    return np.asarray(start + step * np.arange(count), float)


def _sound(path: Path, scan: Scan, doubts: list[str]) -> Scan:
    """A scan in ascending order, in counts where that is possible."""
    angle, intensity = scan.two_theta, scan.intensity
    if not angle.size or angle.size != intensity.size:
        raise ReaderError(path, f"a scan has {angle.size} angles and {intensity.size} intensities")
    if not np.isfinite(angle).all() or angle.min() < -180 or angle.max() > 180 or np.ptp(angle) == 0:
        raise ReaderError(path, "the scattering angles do not lie between -180 and 180 degrees, or stand still")
    order = np.argsort(angle, kind="stable")
    angle, intensity = angle[order], intensity[order]
    lost = ~np.isfinite(intensity) | (np.abs(intensity) > 1e15)
    if lost.any():
        doubts.append(f"{int(lost.sum())} points have no intensity; they are NaN")
        intensity = np.where(lost, np.nan, intensity)
    kind = scan.kind
    if kind == "rate" and scan.step_time > 0:
        intensity, kind = intensity * scan.step_time, "counts"
        doubts.append(f"counts per second were multiplied by the step time of {scan.step_time:g} s")
    known = intensity[np.isfinite(intensity)]
    whole = bool((known >= 0).all() and np.abs(known - np.round(known)).max(initial=0.0) < 1e-3)
    if kind in {"counts", ""} and not whole:
        kind = "arbitrary"
    elif kind == "":
        kind = "counts"
        doubts.append("the file does not say what its intensities are; they are whole numbers and taken as counts")
    return Scan(angle, intensity, scan.step_time, kind)


def _joined(scans: Sequence[Scan]) -> list[Scan]:
    """Scans that follow one another as one, as far as they were counted alike."""
    order = sorted(scans, key=lambda scan: float(scan.two_theta[0]))
    apart = all(one.two_theta[-1] < other.two_theta[0] for one, other in pairwise(order))
    first = order[0]
    same = np.array([scan.step_time for scan in order])
    alike = bool(np.isnan(same).all() or (np.abs(same - same[0]) <= _SAME * abs(same[0])).all())
    if len(order) == 1 or not (apart and alike and all(scan.kind == first.kind for scan in order)):
        return list(scans)
    angle, intensity = (np.concatenate([getattr(one, name) for one in order]) for name in ("two_theta", "intensity"))
    return [Scan(angle, intensity, first.step_time, first.kind)]


def _dataset(scan: Scan, name: str) -> xr.Dataset:
    columns = {"two_theta": scan.two_theta, "intensity": scan.intensity}
    coords: dict[str, object] = {
        "intensity_kind": ("sample", [scan.kind]),
        "step_time": ("sample", [scan.step_time if scan.step_time > 0 else np.nan], {"units": "s"}),
    }
    if scan.step_time > 0:
        columns["count_time"] = np.full(scan.two_theta.size, scan.step_time)
    return measurement("diffraction", columns, sample=name, coords=coords)
