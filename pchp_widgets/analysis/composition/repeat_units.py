"""The ladder polymer on its way from nitrile to acid: masses, nitrogen, and what elemental analysis says of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

ATOMIC_MASS: Mapping[str, float] = MappingProxyType(
    {"C": 12.011, "H": 1.008, "N": 14.007, "O": 15.999, "Na": 22.990, "Li": 6.94}
)
"""Standard atomic masses, abridged [g mol-1] (IUPAC, Pure Appl. Chem. 94 (2022) 573)."""

UNITS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "nitrile": {"C": 29, "H": 20, "N": 2, "O": 4},
        "amide": {"C": 29, "H": 24, "N": 2, "O": 6},
        "acid": {"C": 29, "H": 22, "O": 8},
        "sodium salt": {"C": 29, "H": 20, "O": 8, "Na": 2},
        "lithium salt": {"C": 29, "H": 20, "O": 8, "Li": 2},
    }
)
"""Repeat units in which both groups are the same: PIM-1, and what becomes of it."""

DMF: Mapping[str, int] = MappingProxyType({"C": 3, "H": 7, "N": 1, "O": 1})
"""Dimethylformamide, a solvent whose nitrogen is counted too."""

GROUPS_PER_UNIT = 2


def molar_mass(formula: Mapping[str, int]) -> float:
    """Mass of a mole [g mol-1]."""
    return sum(ATOMIC_MASS[element] * count for element, count in formula.items())


def mass_fraction(formula: Mapping[str, int], element: str) -> float:
    """Part of the mass that is one element."""
    return ATOMIC_MASS[element] * formula.get(element, 0) / molar_mass(formula)


_START, _ACID, _AMIDE, _SALT = (molar_mass(UNITS[name]) for name in ("nitrile", "acid", "amide", "sodium salt"))
_GAIN = _ACID - _START
_NITROGEN = GROUPS_PER_UNIT * ATOMIC_MASS["N"]
_CARBON = ATOMIC_MASS["C"] * UNITS["nitrile"]["C"]


def unit_mass(conversion: npt.ArrayLike) -> FloatArray:
    """Mean mass of a repeat unit, part of whose nitriles became acids [g mol-1]."""
    return np.asarray(_START + _GAIN * np.asarray(conversion, float), float)


def nitrogen_fraction(
    conversion: npt.ArrayLike,
    *,
    amide: npt.ArrayLike = 0.0,
    water: npt.ArrayLike = 0.0,
    dmf: npt.ArrayLike = 0.0,
    salt: npt.ArrayLike = 0.0,
) -> FloatArray:
    r"""Mass fraction of nitrogen that elemental analysis finds.

    .. math:: w_N = \frac{2 M_N (1 - c)}{M_0 + a\,(M_a - M_0) + c\,(M_c - M_0) + \dots}

    The mean mass is linear in the conversion, so it does not matter how acids are spread over repeat units.

    Parameters
    ----------
    conversion
        Part c of the nitriles that became acids (or their salts).
    amide
        Part a of the nitriles that stopped at the amide.
    water, dmf
        Mass fractions of water and of dimethylformamide left in the sample.
    salt
        Part of the acids that are sodium salts.
    """
    c, a, y, z, s = (np.asarray(value, float) for value in (conversion, amide, water, dmf, salt))
    mass = _START + (_AMIDE - _START) * a + _GAIN * c + (_SALT - _ACID) * s * c
    dry = _NITROGEN * (1 - c) / mass
    return np.asarray(dry * (1 - y - z) + z * mass_fraction(DMF, "N"), float)


def conversion_from_nitrogen(nitrogen: npt.ArrayLike, amide: npt.ArrayLike = 0.0) -> FloatArray:
    r"""Conversion of nitriles to acids from the mass fraction of nitrogen.

    .. math:: x = \frac{2 M_N - w\,(M_0 + a\,(M_a - M_0))}{2 M_N + w\,(M_c - M_0)}

    What is found is the conversion to acid, whatever the rest is: nitrogen cannot tell an amide from a nitrile. An
    amide that nobody knows of makes it read too much, 0.067 where all are amides and none an acid.

    Parameters
    ----------
    nitrogen
        Mass fraction w of the dry polymer.
    amide
        Part a of the nitriles that stopped at the amide.
    """
    w, a = np.asarray(nitrogen, float), np.asarray(amide, float)
    return np.asarray((_NITROGEN - w * (_START + (_AMIDE - _START) * a)) / (_NITROGEN + w * _GAIN), float)


def nitrogen_slope(nitrogen: npt.ArrayLike) -> FloatArray:
    """Change of that conversion with the mass fraction of nitrogen, dx/dw."""
    w = np.asarray(nitrogen, float)
    return np.asarray(-_NITROGEN * _ACID / (_NITROGEN + w * _GAIN) ** 2, float)


def conversion_from_ratio(nitrogen: npt.ArrayLike, carbon: npt.ArrayLike) -> FloatArray:
    r"""Conversion from nitrogen over carbon, :math:`x = 1 - 29 M_C w_N / (2 M_N w_C)`: water and ash cancel.

    Parameters
    ----------
    nitrogen, carbon
        Mass fractions.
    """
    return np.asarray(1 - _CARBON / _NITROGEN * np.asarray(nitrogen, float) / np.asarray(carbon, float), float)


def ratio_slopes(nitrogen: npt.ArrayLike, carbon: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Changes of that conversion with the mass fraction of nitrogen and of carbon."""
    n, c = np.asarray(nitrogen, float), np.asarray(carbon, float)
    scale = _CARBON / _NITROGEN
    return np.asarray(-scale / c, float), np.asarray(scale * n / c**2, float)


def acid_content(conversion: npt.ArrayLike) -> FloatArray:
    """COOH per mass of the polymer [mmol g-1], 2 x / M(x)."""
    return np.asarray(1e3 * GROUPS_PER_UNIT * np.asarray(conversion, float) / unit_mass(conversion), float)


def acid_slope(conversion: npt.ArrayLike) -> FloatArray:
    """Change of the content of COOH with the conversion [mmol g-1]."""
    return np.asarray(1e3 * GROUPS_PER_UNIT * _START / unit_mass(conversion) ** 2, float)


def epoxide_content(molar_mass_of_pegde: npt.ArrayLike, functionality: float = 2.0) -> FloatArray:
    """Epoxide per mass of PEGDE [mmol g-1].

    Parameters
    ----------
    molar_mass_of_pegde
        Number average [g mol-1].
    functionality
        Rings of a molecule.
    """
    return np.asarray(1e3 * functionality / np.asarray(molar_mass_of_pegde, float), float)


BIASES: Mapping[str, tuple[str, Mapping[str, float]]] = MappingProxyType(
    {
        "water 2 %": ("2 % of water left in the sample", {"water": 0.02}),
        "water 5 %": ("5 % of water left in the sample", {"water": 0.05}),
        "water 10 %": ("10 % of water left in the sample", {"water": 0.10}),
        "sodium 20 %": ("a fifth of the acids are sodium salts", {"salt": 0.20}),
        "DMF 1 %": ("1 % of dimethylformamide left in the sample", {"dmf": 0.01}),
    }
)
"""What makes elemental analysis read another conversion: in words, and as :func:`nitrogen_fraction` takes it."""


def conversion_read(conversion: npt.ArrayLike, **bias: float) -> FloatArray:
    """Conversion that the nitrogen formula gives for a sample that is not what it takes it for.

    Parameters
    ----------
    conversion
        True one.
    **bias
        ``amide``, ``water``, ``dmf``, ``salt`` as for :func:`nitrogen_fraction`.
    """
    return conversion_from_nitrogen(nitrogen_fraction(conversion, **bias))
