r"""When lithium runs out in front of the electrode: the limiting current, Sand's time, and how fast it relaxes.

.. math::

    j_{lim} = \frac{2 z F D c_0}{t_a L}, \qquad
    \tau_{Sand} = \pi D \left(\frac{z F c_0}{2 j t_a}\right)^2 \;(j > j_{lim}), \qquad
    \tau_{relax} = \frac{L^2}{\pi^2 D}

for a layer of thickness L between two electrodes, salt concentration c_0, diffusivity D and anionic transference
number t_a = 1 - t+. H. J. S. Sand, Phil. Mag. 1 (1901) 45 (from memory). Below the limiting current the concentration
never reaches zero and Sand's time has no meaning: it is infinite.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

FARADAY = 96485.33212
"""[C/mol]"""
_CM_PER_UM, _MOL_PER_CM3 = 1e-4, 1e-3


def limiting_current_density(
    diffusivity: npt.ArrayLike, concentration: npt.ArrayLike, transference: npt.ArrayLike, thickness: npt.ArrayLike
) -> FloatArray:
    """j_lim [mA cm-2].

    Parameters
    ----------
    diffusivity
        D, effective in the layer [cm2/s].
    concentration
        c_0 [mol/L].
    transference
        t+ of lithium.
    thickness
        L [um].
    """
    d, c, t, length = (np.asarray(value, float) for value in (diffusivity, concentration, transference, thickness))
    with np.errstate(divide="ignore"):
        found: FloatArray = 1e3 * 2 * FARADAY * d * c * _MOL_PER_CM3 / ((1 - t) * length * _CM_PER_UM)
    return found


def sand_time(
    current_density: npt.ArrayLike,
    diffusivity: npt.ArrayLike,
    concentration: npt.ArrayLike,
    transference: npt.ArrayLike,
    thickness: npt.ArrayLike = np.inf,
) -> FloatArray:
    """Sand's time [s]; infinite at or below the limiting current.

    Parameters
    ----------
    current_density
        j [mA cm-2].
    diffusivity, concentration, transference, thickness
        As for :func:`limiting_current_density`; without a thickness the layer is taken for infinite.
    """
    j, d, c, t = (np.asarray(value, float) for value in (current_density, diffusivity, concentration, transference))
    limit = limiting_current_density(d, c, t, thickness)
    with np.errstate(divide="ignore"):
        time = np.pi * d * (FARADAY * c * _MOL_PER_CM3 / (2 * j * 1e-3 * (1 - t))) ** 2
    found: FloatArray = np.where(j > limit, time, np.inf)
    return found


def relaxation_time(diffusivity: npt.ArrayLike, thickness: npt.ArrayLike) -> FloatArray:
    """τ = L² / (π² D) [s], in which a concentration difference decays; arguments as above."""
    length = np.asarray(thickness, float) * _CM_PER_UM
    found: FloatArray = length**2 / (np.pi**2 * np.asarray(diffusivity, float))
    return found
