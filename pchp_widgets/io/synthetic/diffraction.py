"""Diffraction patterns of amorphous films with known truth: halos, scattering by air, and the noise of counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement

FloatArray = npt.NDArray[np.float64]

COPPER = 1.5406
"""K alpha 1 of copper [angstrom]."""


@dataclass(frozen=True)
class Halo:
    """A Gaussian halo: height [counts], position and full width at half maximum [degree]."""

    height: float
    position: float
    width: float


@dataclass(frozen=True)
class Film:
    """An amorphous film: its halos, what lies under them, and sharp reflections of what it lies on.

    Attributes
    ----------
    halos
        From small to large angles.
    air, decay, floor
        Scattering by air: its height at the first angle [counts], the angle in which it falls to 1/e [degree], and
        what is everywhere.
    lines
        Sharp reflections, as halos are given.
    """

    halos: tuple[Halo, ...] = (Halo(900.0, 12.78, 4.5), Halo(1400.0, 18.20, 6.5), Halo(150.0, 41.0, 9.0))
    air: float = 2500.0
    decay: float = 6.0
    floor: float = 120.0
    lines: tuple[Halo, ...] = ()

    def spacings(self, wavelength: float = COPPER) -> FloatArray:
        """True distances of the halos by Bragg's law [angstrom]."""
        positions = np.array([halo.position for halo in self.halos])
        found: FloatArray = wavelength / (2 * np.sin(np.radians(positions) / 2))
        return found

    def expected(self, two_theta: FloatArray) -> FloatArray:
        """Counts that are to be expected at some angles [degree]."""
        counts = self.floor + self.air * np.exp(-(two_theta - two_theta[0]) / self.decay)
        for one in (*self.halos, *self.lines):
            counts = counts + one.height * np.exp(-4 * np.log(2) * ((two_theta - one.position) / one.width) ** 2)
        return np.asarray(counts)


FILMS = {
    "PIM-1": Film((Halo(800.0, 12.78, 4.5), Halo(1500.0, 18.20, 6.5), Halo(160.0, 41.0, 9.0))),
    "PCH": Film((Halo(900.0, 12.95, 4.4), Halo(1400.0, 18.35, 6.3), Halo(150.0, 41.2, 9.0))),
    "PCHP": Film((Halo(500.0, 13.40, 4.9), Halo(1700.0, 19.30, 6.6), Halo(160.0, 41.5, 9.5))),
    "PCHP2": Film((Halo(330.0, 13.60, 5.1), Halo(1900.0, 19.90, 6.7), Halo(170.0, 41.6, 9.5))),
    "PCHP3": Film((Halo(240.0, 13.80, 5.3), Halo(2100.0, 20.40, 6.8), Halo(170.0, 41.7, 9.5))),
}
"""Films of a study as it might be: cross-linking moves the halos out and takes the first one away. Invented."""


def counts(film: Film, two_theta: FloatArray, *, exposure: float = 1.0, seed: int = 0) -> FloatArray:
    """Counts of a film with the noise of counting.

    Parameters
    ----------
    film
        What is measured.
    two_theta
        Angles [degree].
    exposure
        Time of a step over the usual one.
    seed
        Of the noise.
    """
    return np.random.default_rng(seed).poisson(exposure * film.expected(two_theta)).astype(float)


def pattern(
    film: Film | str = "PCH",
    *,
    name: str = "",
    start: float = 10.0,
    stop: float = 70.0,
    step: float = 0.02,
    step_time: float = 1.0,
    seed: int = 0,
) -> xr.Dataset:
    """One sample as :func:`pchp_widgets.open_measurement` gives it.

    Parameters
    ----------
    film
        A film, or the name of one of :data:`FILMS`.
    name
        Of the sample; that of the film when left out.
    start, stop, step
        Angles [degree].
    step_time
        Of a step [s]; counts are proportional to it.
    seed
        Of the noise.
    """
    of = FILMS[film] if isinstance(film, str) else film
    material = film if isinstance(film, str) else ""
    two_theta = angles(start, stop, step)
    columns = {
        "two_theta": two_theta,
        "intensity": counts(of, two_theta, exposure=step_time, seed=seed),
        "count_time": np.full(len(two_theta), step_time),
    }
    coords = {
        "material": ("sample", [material]),
        "wavelength": ("sample", [COPPER], {"units": "angstrom"}),
        "wavelength_alpha2": ("sample", [np.nan], {"units": "angstrom"}),
        "alpha2_ratio": ("sample", [np.nan], {"units": "1"}),
        "intensity_kind": ("sample", ["counts"]),
        "step_time": ("sample", [step_time], {"units": "s"}),
    }
    return measurement("diffraction", columns, sample=name or material or "film", coords=coords)


def patterns(materials: Sequence[str] = tuple(FILMS), **settings: float) -> list[xr.Dataset]:
    """A film of each material, seeds counted upwards."""
    return [pattern(material, seed=seed, **settings) for seed, material in enumerate(materials)]  # type: ignore[arg-type]


def angles(start: float, stop: float, step: float) -> FloatArray:
    """Angles from `start` to `stop`, which is included."""
    return np.asarray(start + step * np.arange(int(np.floor((stop - start) / step + 1e-6)) + 1), float)
