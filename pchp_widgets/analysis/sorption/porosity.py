r"""What "non-porous" may mean: the smallest micropore volume that an isotherm would have shown.

The isotherm is taken as micropores of a given energy E beside what dissolves in proportion to the pressure,

.. math:: n = W_0 \, \frac{\rho}{M} e^{-(A/E)^2} + k_D \, p,

a linear regression in W0 and k_D whose residuals say how well small amounts are told apart, unless the instrument is
known to be worse. The limit of detection is that of L. A. Currie, Anal. Chem. 40 (1968) 586: what is found with a
probability of 95 % where a blank passes for porous in 5 % of cases.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...model.gases import STP_VOLUME, gas_named
from ...model.measurements import sample_coords
from .dubinin import adsorption_potential, suggested_micropore_ranges
from .isotherms import SATURATED, Window, densities, each, gases, windowed
from .regression import FloatArray, quantile

ENERGY = 12.0
"""Energy E [kJ mol-1] of the micropores that are looked for."""

ONE_SIDED = 0.90
"""Two-sided level whose quantile leaves 5 % on one side."""


def porosity_limit(
    isotherms: xr.Dataset,
    window: Window = None,
    *,
    energy: float = ENERGY,
    volume_error: float = 0.0,
    confidence: float = 0.95,
) -> xr.Dataset:
    """Micropore volume beside what dissolves, and the smallest one that would have been detected.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    window
        Range of relative pressure (low, high), ends included, or one for each sample; that of
        :func:`.dubinin.suggested_micropore_ranges` when left out.
    energy
        Of the micropores looked for [kJ mol-1].
    volume_error
        Standard error of the volume the instrument measures [cm3 STP]; needs the metadata ``mass``. The scatter of the
        points is used where it is larger.
    confidence
        Of the interval of the volume.

    Returns
    -------
    Dataset
        (sample): ``micropore_volume`` [cm3 g-1] with ``_low`` and ``_high``, ``detection_limit`` [cm3 g-1],
        ``henry`` [mmol g-1 bar-1], ``points``; ``porous``: 1 where the volume exceeds the decision limit (one-sided,
        5 %), 0 where not, -1 undecided. NaN where there is no liquid, or fewer than four points.

    Raises
    ------
    ValueError
        When a volume error is given for a sample without a mass, or the energy is not positive.
    """
    if not energy > 0:
        raise ValueError(f"energy {energy!r}: a positive number in kJ mol-1")
    ends = windowed(isotherms, suggested_micropore_ranges(isotherms) if window is None else window)[1]
    volume, henry, stderr, count = _beside(isotherms, ends, energy, _error(isotherms, volume_error))
    degrees = count - 2.0
    reach, beyond = quantile(confidence, degrees) * stderr, quantile(ONE_SIDED, degrees) * stderr
    with np.errstate(invalid="ignore"):
        porous = np.where(np.isfinite(volume), (volume > beyond).astype(int), -1)
    values = {
        "micropore_volume": volume, "micropore_volume_low": volume - reach, "micropore_volume_high": volume + reach,
        "detection_limit": 2 * beyond, "henry": henry, "points": count, "porous": porous,
    }  # fmt: skip
    return _dataset(isotherms, values, {"confidence": confidence, "energy": energy})


def _error(isotherms: xr.Dataset, volume_error: float) -> FloatArray:
    """Standard error of each uptake [mmol g-1] that the instrument has at least."""
    if not volume_error:
        return np.zeros(isotherms.sizes["sample"])
    mass = isotherms["mass"].values if "mass" in isotherms.coords else np.full(isotherms.sizes["sample"], np.nan)
    if not np.isfinite(mass).all():
        raise ValueError("mass: a volume error needs the mass of each sample, open_measurement(..., mass='50 mg')")
    found: FloatArray = volume_error / STP_VOLUME / (mass / 1e3)
    return found


def _beside(
    isotherms: xr.Dataset, ends: FloatArray, energy: float, error: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Micropore volume and k_D by linear least squares, the standard error of the former, and the points used."""
    known = gases(isotherms)
    kelvin = isotherms["bath_temperature"].values
    rho = [densities(*pair).get(SATURATED, np.nan) for pair in zip(known, kelvin, strict=True)]
    per_volume = 1e3 * np.array(rho) / np.array([gas.molar_mass if gas else np.nan for gas in known])
    p, x, n = (isotherms[name].values for name in ("pressure", "relative_pressure", "uptake"))
    with np.errstate(invalid="ignore"):
        filled = per_volume[:, None] * np.exp(-((adsorption_potential(isotherms) / energy) ** 2))
        used = np.isfinite(filled) & np.isfinite(p) & np.isfinite(n) & (x >= ends[:, :1]) & (x <= ends[:, 1:])
    used &= (used.sum(-1) > 3)[:, None]
    columns = np.where(used[..., None], np.stack([filled, p], -1), 0.0)
    normal = np.einsum("spa,spb->sab", columns, columns)
    regular = used.any(-1) & (np.linalg.det(normal) > 1e-12 * normal[:, 0, 0] * normal[:, 1, 1])
    inverse = np.linalg.inv(np.where(regular[:, None, None], normal, np.eye(2)))
    found = np.einsum("sab,spb,sp->sa", inverse, columns, np.where(used, n, 0.0))
    left = np.where(used, n - np.einsum("spa,sa->sp", columns, found), 0.0)
    noise = np.maximum(np.sqrt((left**2).sum(-1) / np.maximum(used.sum(-1) - 2, 1)), error)
    found = np.where(regular[:, None], found, np.nan)
    stderr = np.where(regular, np.sqrt(inverse[:, 0, 0]) * noise, np.nan)
    return found[:, 0], found[:, 1], stderr, used.sum(-1).astype(float)


def porosity_remarks(found: xr.Dataset) -> dict[str, list[str]]:
    """What may be said of porosity, by name of the sample; `found` as given by :func:`porosity_limit`."""
    said = {}
    for one in each(found):
        limit, probe = float(one["detection_limit"]), gas_named(str(one.get("gas", "")))
        words = []
        if int(one["porous"]) == 0:
            words.append(
                f"no micropores found by {probe.name if probe else 'this gas'}: less than {limit:.2g} cm³ g⁻¹ would "
                "have passed unseen, and so do pores it cannot enter; a W0 of Dubinin's equation then is what dissolves"
            )
        said[str(one["sample"])] = words
    return said


_DEFINITIONS = {
    "micropore_volume": ("cm3 g-1", "micropore volume of the given energy, beside uptake in proportion to pressure"),
    "detection_limit": ("cm3 g-1", "smallest micropore volume found with 95 % where 5 % of blanks pass for porous"),
    "henry": ("mmol g-1 bar-1", "uptake per pressure of what dissolves"),
    "points": ("1", "points used"),
    "porous": ("1", "1 micropores found, 0 none above the limit of decision, -1 undecided"),
}


def _dataset(isotherms: xr.Dataset, values: dict[str, np.ndarray], attrs: dict[str, object]) -> xr.Dataset:
    found = {}
    for name, column in values.items():
        units, text = _DEFINITIONS[name.removesuffix("_low").removesuffix("_high")]
        bound = (
            "lower confidence limit: "
            if name.endswith("_low")
            else "upper confidence limit: "
            if name.endswith("_high")
            else ""
        )
        found[name] = ("sample", column, {"units": units, "definition": bound + text})
    return xr.Dataset(found, sample_coords(isotherms), attrs)
