"""Spectral regions as instruments of photoemission write them, and the dataset they are put into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.measurements import measurement, merged
from .contract import Measured, ReaderError, ReadOptions

FloatArray = npt.NDArray[np.float64]

_LINE = re.compile(r"^([A-Z][a-z]?)\s*([1-7][spdf])(?:\s*\d+/\d+)?(?=$|[\s_\-/(.])")
_NO_NAME = "region"


@dataclass
class Region:
    """One spectrum of one region.

    Attributes
    ----------
    name
        As the file has it.
    energy
        Binding energy [eV], as the file has it or the photon energy less the kinetic energy of the file.
    intensity
        Counts per second.
    dwell
        Time per point of all scans together [s]; NaN when the file does not tell.
    photon, passed
        Energy of the radiation and pass energy [eV]; NaN when the file does not tell.
    sample
        What was measured, where a file holds several.
    """

    name: str
    energy: FloatArray
    intensity: FloatArray
    dwell: float = float("nan")
    photon: float = float("nan")
    passed: float = float("nan")
    sample: str = ""
    notes: dict[str, str] = field(default_factory=dict)


def soundly(read: Callable[[Any, Path, ReadOptions], Measured]) -> Callable[[Any, Path, ReadOptions], Measured]:
    """A reader's method out of which nothing but its own error comes, whatever is wrong with the bytes."""

    @wraps(read)
    def reading(self: Any, path: Path, options: ReadOptions) -> Measured:
        try:
            return read(self, path, options)
        except (ReaderError, OSError):
            raise
        except Exception as error:
            raise ReaderError(path, f"is damaged: {self.name} finds {type(error).__name__}: {error}") from error

    return reading


def region_name(text: str) -> str:
    """The core level a region is named after, written as ``"C 1s"``; the text itself where it names none."""
    words = " ".join(text.split())
    found = _LINE.match(words)
    return f"{found[1]} {found[2]}" if found else words or _NO_NAME


def dataset(path: Path, regions: Sequence[Region], warnings: list[str]) -> xr.Dataset:
    """Samples with their regions, sorted by rising binding energy; see :mod:`pchp_widgets.model.measurements`.

    A region that a sample has twice is called ``"C 1s (2)"`` the second time.

    Raises
    ------
    ReaderError
        When there is no region with two finite points.
    """
    sound = []
    for region in regions:
        good = np.isfinite(region.energy) & np.isfinite(region.intensity)
        if good.sum() < 2:
            warnings.append(f"region {region.name!r} has no spectrum and is left out")
            continue
        if not good.all():
            warnings.append(f"region {region.name!r}: {int((~good).sum())} points are no numbers and are left out")
        order = np.argsort(region.energy[good], kind="stable")
        region.energy, region.intensity = region.energy[good][order], region.intensity[good][order]
        sound.append(region)
    if not sound:
        raise ReaderError(path, "holds no spectrum")
    names = list(dict.fromkeys(region.sample for region in sound))
    if len(names) == 1:
        return _sample(names[0] or "sample", sound)
    return merged(_sample(name or "sample", [one for one in sound if one.sample == name]) for name in names)


def _sample(name: str, regions: Sequence[Region]) -> xr.Dataset:
    longest = max(len(region.energy) for region in regions)
    energy, intensity = np.full((2, len(regions), longest), np.nan)
    for at, region in enumerate(regions):
        energy[at, : len(region.energy)] = region.energy
        intensity[at, : len(region.energy)] = region.intensity
    columns = {
        "binding_energy": energy,
        "intensity": intensity,
        "dwell_time": np.array([region.dwell for region in regions]),
        "photon_energy": np.array([region.photon for region in regions]),
        "pass_energy": np.array([region.passed for region in regions]),
    }
    return measurement("photoemission", columns, sample=name, coords={"region": _distinct(regions)})


def _distinct(regions: Iterable[Region]) -> list[str]:
    found: list[str] = []
    for region in regions:
        name, count = region_name(region.name), 1
        while (called := name if count == 1 else f"{name} ({count})") in found:
            count += 1
        found.append(called)
    return found


def separated(regions: Sequence[Region], levels: Sequence[str]) -> None:
    """Make samples of the levels of a depth profile, where a sample has the same region at several of them.

    Parameters
    ----------
    regions
        Whose :attr:`Region.sample` is completed.
    levels
        The level of each of them, such as ``"Etch Time 30 s"``.
    """
    seen = [(region.sample, region_name(region.name)) for region in regions]
    repeated = {sample for sample, name in seen if seen.count((sample, name)) > 1}
    for region, level in zip(regions, levels, strict=True):
        if region.sample in repeated and len({one for r, one in zip(regions, levels, strict=True)}) > 1:
            region.sample = f"{region.sample} {level}".strip()


def number(text: str) -> float:
    """The first number of a text; NaN where there is none, or where the format writes one for "not known"."""
    found = re.search(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", text)
    value = float(found[0]) if found else float("nan")
    return value if abs(value) < 1e36 else float("nan")


def positive(value: float) -> float:
    """A quantity that is only known when it is above zero."""
    return value if value > 0 else float("nan")
