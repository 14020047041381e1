"""Whether a coating keeps lithium from growing into it by its stiffness: the chemomechanical map.

A ripple of wavelength ``2 pi / k`` on the interface of lithium (e) and a coating (s) changes the electrochemical
potential by ``chi`` per height: lithium deposits in the valleys where it is below 0 (stable), else on the peaks::

    chi = - gamma k^2 V_M (1 + v) / (2 z)
          + 2 G_e G_s k V_M (1 + v) [nu_e (4 nu_s - 3) - 3 nu_s + 2] / (z D)
          + k V_M (1 - v) [G_e^2 (4 nu_s - 3) + G_s^2 (3 - 4 nu_e)] / (2 z D)
    D   = G_e (nu_e - 1)(4 nu_s - 3) + G_s (4 nu_e - 3)(nu_s - 1)

with ``v = V(Li+) / V(Li)``, the molar volume of the lithium ion in the coating over that of the metal. There are two
ways to be stable: a stiff coating with large ions (driven by pressure, Monroe and Newman), or a soft one with small
ions (driven by density, Ahmad and Viswanathan).

The elastic terms were derived anew for two half-spaces in plane strain with the pressure ``-(sxx + syy) / 2``; with the
pressure of all three directions the limits move (v = 12.8: 2.40 instead of 1.79 times the modulus of lithium). The sign
between the elastic and the capillary term is a convention of the publications. Lithium yields at about 1 MPa, so that
elasticity itself is doubtful (from memory). Read the map as an order, not as a proof.

Sources: Monroe and Newman, J. Electrochem. Soc. 152 (2005) A396; Ahmad and Viswanathan, Phys. Rev. Lett. 119 (2017)
056003; Fu et al., Nat. Mater. 19 (2020) 758.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
Number = float | FloatArray

LITHIUM_SHEAR_MODULUS = 3.4
"""GPa; 2.83 is in use as well (both from memory, as quoted by Monroe and Newman and by later authors)."""
LITHIUM_POISSON_RATIO = 0.42
LITHIUM_MOLAR_VOLUME = 1.3e-5
"""m3 mol-1."""
POLYMER_VOLUME_RATIO = 12.8
"""v of Li+ in PEO: 1.67e-4 over 1.3e-5 m3 mol-1 (Monroe and Newman; from memory)."""
CAVEATS = (
    "elastic, although lithium yields at about 1 MPa",
    "dry film at room temperature; a swollen one is softer",
    "flat, void-free contact without any defect",
    "the pressure is the mean of the two directions in the plane of the ripple; that of three moves the limits",
)
"""What has to be said with every number of this map."""


def shear_modulus(modulus: Number, poisson_ratio: Number) -> FloatArray:
    """Shear modulus of an isotropic solid, ``G = E / (2 (1 + nu))``, in the units of `modulus`."""
    return np.asarray(np.asarray(modulus, float) / (2 * (1 + np.asarray(poisson_ratio, float))))


def critical_modulus_ratio(volume_ratio: Number, poisson_ratio: Number) -> FloatArray:
    """Shear modulus of a coating over that of lithium at the limit of stability, without surface tension.

    Parameters
    ----------
    volume_ratio
        v = V(Li+) / V(Li).
    poisson_ratio
        Of the coating. Both broadcast.

    Returns
    -------
    array
        ``chi = 0`` is a quadratic equation in the ratio of the moduli with one positive root. For v > 1 a coating is
        stable above it, for v < 1 below it. NaN where v = 1 or v is not positive.
    """
    v, nu_s = np.broadcast_arrays(np.asarray(volume_ratio, float), np.asarray(poisson_ratio, float))
    deviatoric, lithium, coating = _terms(nu_s)
    a, b, c = 0.5 * (1 - v) * coating, 2 * (1 + v) * deviatoric, -0.5 * (1 - v) * lithium
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = (-b + np.array([1.0, -1.0]).reshape(2, *[1] * v.ndim) * np.sqrt(b**2 - 4 * a * c)) / (2 * a)
    positive = np.where(roots > 0, roots, np.nan)
    return np.where((v > 0) & (v != 1), np.fmax.reduce(positive, axis=0), np.nan)


def critical_volume_ratio(modulus_ratio: Number, poisson_ratio: Number) -> FloatArray:
    """``v = V(Li+) / V(Li)`` at which a coating of known modulus is at the limit of stability, without surface tension.

    Parameters
    ----------
    modulus_ratio
        G of the coating over that of lithium.
    poisson_ratio
        Of the coating. Both broadcast.

    Returns
    -------
    array
        ``chi = 0`` is linear in v. Below one times the modulus of lithium, and somewhat above, it is the largest v that
        is still stable; for a stiff coating the smallest. NaN where there is no positive one.
    """
    g, nu_s = np.broadcast_arrays(np.asarray(modulus_ratio, float), np.asarray(poisson_ratio, float))
    deviatoric, lithium, coating = _terms(nu_s)
    shear, pressure = 2 * g * deviatoric, 0.5 * (g**2 * coating - lithium)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = (pressure + shear) / (pressure - shear)
    return np.where(v > 0, v, np.nan)


def growth(
    volume_ratio: Number,
    modulus_ratio: Number,
    poisson_ratio: Number,
    *,
    tension: float = 0.0,
    wavelength: float = 1e-7,
) -> FloatArray:
    """``chi / (k V_M / z)`` [GPa] of a ripple: below 0 it dies out, above it grows.

    Parameters
    ----------
    volume_ratio, modulus_ratio, poisson_ratio
        As for :func:`critical_volume_ratio`; they broadcast.
    tension
        Surface tension gamma [J m-2].
    wavelength
        Of the ripple [m]; without tension it plays no part.

    Raises
    ------
    ValueError
        When the wavelength is not positive.
    """
    if not wavelength > 0:
        raise ValueError(f"wavelength: {wavelength} m is not above 0")
    v, g, nu_s = np.broadcast_arrays(*(np.asarray(one, float) for one in (volume_ratio, modulus_ratio, poisson_ratio)))
    deviatoric, lithium, coating = _terms(nu_s)
    nu_e = LITHIUM_POISSON_RATIO
    denominator = (nu_e - 1) * (4 * nu_s - 3) + g * (4 * nu_e - 3) * (nu_s - 1)
    elastic = 2 * g * (1 + v) * deviatoric + 0.5 * (1 - v) * (g**2 * coating - lithium)
    capillary = tension * (2 * np.pi / wavelength) * (1 + v) / 2 * 1e-9
    return np.asarray(LITHIUM_SHEAR_MODULUS * elastic / denominator - capillary)


def coating_stability(
    modulus: xr.DataArray,
    modulus_stderr: xr.DataArray | None = None,
    *,
    poisson_ratios: tuple[float, float] = (0.30, 0.40),
) -> xr.Dataset:
    """Where coatings of measured modulus stand on the map.

    Parameters
    ----------
    modulus
        Young's modulus (sample) [GPa], as :mod:`~pchp_widgets.analysis.indentation` gives it.
    modulus_stderr
        Its standard error; the band holds 95 % with it.
    poisson_ratios
        Lowest and highest that are plausible: nobody measured it.

    Returns
    -------
    Dataset
        (sample): ``modulus_ratio`` G / G(Li), ``critical_volume_ratio`` (the largest v that is stable), each with
        ``_low`` and ``_high``; ``stable_by_pressure``: 1 if the whole band exceeds what v = 12.8 (a polymer) demands,
        0 if all of it falls short, -1 undecided.
    """
    spread = 1.96 * (modulus_stderr if modulus_stderr is not None else xr.zeros_like(modulus)).values
    middle = 0.5 * sum(poisson_ratios)
    E = modulus.values
    low, high = (np.maximum(E - spread, 0), poisson_ratios[1]), (E + spread, poisson_ratios[0])
    ratio, *ratios = (shear_modulus(*one) / LITHIUM_SHEAR_MODULUS for one in ((E, middle), low, high))
    corners = [(e, nu) for e in (low[0], high[0]) for nu in poisson_ratios]
    limits = np.array([critical_volume_ratio(shear_modulus(e, nu) / LITHIUM_SHEAR_MODULUS, nu) for e, nu in corners])
    needed = critical_modulus_ratio(POLYMER_VOLUME_RATIO, np.asarray(poisson_ratios))
    by_pressure = np.where(ratios[0] > needed.max(), 1, np.where(ratios[1] < needed.min(), 0, -1))
    by_pressure = np.where(np.isfinite(E), by_pressure, -1)
    columns = {
        "modulus_ratio": ratio,
        "modulus_ratio_low": ratios[0],
        "modulus_ratio_high": ratios[1],
        "critical_volume_ratio": critical_volume_ratio(ratio, middle),
        "critical_volume_ratio_low": np.fmin.reduce(limits),
        "critical_volume_ratio_high": np.fmax.reduce(limits),
        "stable_by_pressure": by_pressure.astype(np.int8),
    }
    laid = {name: (modulus.dims, values, _said(name)) for name, values in columns.items()}
    return xr.Dataset(laid, modulus.coords, {"caveats": "; ".join(CAVEATS), "poisson_ratios": list(poisson_ratios)})


def _said(name: str) -> dict[str, str]:
    definition = {
        "modulus_ratio": "shear modulus of the coating over that of lithium, 3.4 GPa; G = E / (2 (1 + nu))",
        "critical_volume_ratio": "v = V(Li+) / V(Li) up to which the coating is stable; chi = 0, no surface tension",
        "stable_by_pressure": (
            f"1 if stiff enough for v = {POLYMER_VOLUME_RATIO} (Li+ in PEO), 0 if not, -1 undecided"
        ),
    }[name.removesuffix("_low").removesuffix("_high")]
    return {"units": "1", "definition": definition}


def _terms(nu_s: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """What stands in the brackets of chi: deviatoric, and the hydrostatic parts of lithium and of the coating."""
    nu_e = LITHIUM_POISSON_RATIO
    return nu_e * (4 * nu_s - 3) - 3 * nu_s + 2, 3 - 4 * nu_s, 3 - 4 * nu_e
