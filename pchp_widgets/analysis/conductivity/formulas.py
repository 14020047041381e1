r"""Conductivity of a coating from what it adds to the series resistance of a cell, and how it depends on temperature.

.. math:: \sigma = \frac{n\,l}{\Delta R_s\,A}

for n coated faces of thickness l and area A. Units: um, cm2, ohm, S cm-1. Arrays are taken element by element.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

BOLTZMANN = 8.617333262e-5
"""[eV/K]"""
VACUUM_PERMITTIVITY = 8.8541878128e-14
"""[F/cm]"""
_CM_PER_UM = 1e-4

PRINTED = (
    "1 / (ΔR_s A), as printed in the paper that these studies began with; without the thickness it is an areal "
    "conductance (S cm-2) and no conductivity"
)


def conductivity(
    added: npt.ArrayLike, thickness: npt.ArrayLike, area: npt.ArrayLike, faces: npt.ArrayLike
) -> FloatArray:
    """Conductivity n l / (ΔR A) [S cm-1].

    Parameters
    ----------
    added
        ΔR, what all coated faces together add to the series resistance [ohm].
    thickness
        l of one coating, as it is in the cell: swollen [um].
    area
        A [cm2].
    faces
        n, electrodes that carry the coating.
    """
    dr, length, a, n = (np.asarray(value, float) for value in (added, thickness, area, faces))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = n * length * _CM_PER_UM / (dr * a)
    return found


def added_resistance(
    conductivity: npt.ArrayLike, thickness: npt.ArrayLike, area: npt.ArrayLike, faces: npt.ArrayLike
) -> FloatArray:
    """Resistance n l / (σ A) [ohm] that coatings of known conductivity [S cm-1] add; arguments as above."""
    sigma, length, a, n = (np.asarray(value, float) for value in (conductivity, thickness, area, faces))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = n * length * _CM_PER_UM / (sigma * a)
    return found


def areal_conductance(added: npt.ArrayLike, area: npt.ArrayLike) -> FloatArray:
    """1 / (ΔR A) [S cm-2]; see :data:`PRINTED`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = 1.0 / (np.asarray(added, float) * np.asarray(area, float))
    return found


def measurable_conductivity(highest_frequency: npt.ArrayLike, permittivity: npt.ArrayLike = 5.0) -> FloatArray:
    """2 π f ε_0 ε_r [S cm-1]: the film conducts more than it polarizes at f only if its conductivity is above this.

    A film that conducts less is a capacitor there, and the series resistance does not hold all of it.

    Parameters
    ----------
    highest_frequency
        f [Hz].
    permittivity
        ε_r of the film.
    """
    found: FloatArray = (
        2 * np.pi * np.asarray(highest_frequency, float) * VACUUM_PERMITTIVITY * np.asarray(permittivity, float)
    )
    return found
