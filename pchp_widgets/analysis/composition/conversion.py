"""Conversion of nitriles to acids by NMR and by elemental analysis, both together, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from .elements import UNLIKELY, pooled
from .integrals import QUANTILE_95
from .repeat_units import (
    acid_content,
    acid_slope,
    conversion_from_nitrogen,
    conversion_from_ratio,
    epoxide_content,
    nitrogen_slope,
    ratio_slopes,
)

FloatArray = npt.NDArray[np.float64]

ROUTES = {
    "nitrogen": "from the mass fraction of nitrogen of the dry polymer",
    "ratio": "from nitrogen over carbon: water and ash cancel, a solvent with carbon does not",
}
"""Ways from elemental analysis to the conversion."""

WEIGHT_RATIOS = (2.0, 1.0, 0.5)
"""Acid polymer to PEGDE by mass, of PCHP, PCHP2 and PCHP3."""

_KINDS = ("nmr", "amide", "nitrogen", "ratio")
_ABOUT = {
    "nmr": "share of nitriles that became acids, by COOH over aromatic H",
    "amide": "share of nitriles that stopped at the amide, by CONH2 over aromatic H",
    "nitrogen": "share of nitriles that became acids, by the mass fraction of nitrogen",
    "ratio": "share of nitriles that became acids, by nitrogen over carbon",
    "conversion": "share of nitriles that became acids: NMR and elements together, weighted, or the one there is",
}


def labels(data: xr.Dataset) -> list[str]:
    """What samples are put together under: material and state, or the name of the sample where nobody said."""
    names = [str(name) for name in data["sample"].values]
    kinds = data["material"].values if "material" in data.coords else [""] * len(names)
    states = data["state"].values if "state" in data.coords else [""] * len(names)
    return [
        f"{kind} {state}".strip() if str(kind) else name for name, kind, state in zip(names, kinds, states, strict=True)
    ]


def conversion(
    found: xr.Dataset | None, analysed: xr.Dataset | None, *, route: str = "nitrogen", materials: Sequence[str] = ()
) -> xr.Dataset:
    r"""Conversion of nitriles to acids of each material.

    By 1H NMR it is :math:`x = 2 I_\mathrm{COOH} / I_\mathrm{Ar}`, the share of the region "acid"; by elements that of
    :func:`~.repeat_units.conversion_from_nitrogen`, with the amide that NMR finds, or
    :func:`~.repeat_units.conversion_from_ratio`. Both are joined by their errors where they agree: a difference that is
    less than 5 % likely to come from them is a disagreement, and then there is no joint number.

    Parameters
    ----------
    found
        As given by :func:`.integrals.integrals` with a region "acid"; None where there is no spectrum.
    analysed
        As given by :func:`.elements.elements`; None where there is no elemental analysis.
    route
        One of :data:`ROUTES`.
    materials
        Those that are wanted, in this order; all of both when left out.

    Returns
    -------
    Dataset (material)
        ``nmr``, ``amide``, ``nitrogen``, ``ratio`` and ``conversion``, each with ``_stderr``, ``_low`` and ``_high``
        (95 %), not cut to what is possible: a conversion above 1 says that a complete one is not excluded;
        ``nmr_band_low``, ``nmr_band_high``: over base lines; ``difference``: NMR minus elements, with ``_stderr``;
        ``likelihood`` of a difference as large; ``agree``: 1, 0, or -1 where one is missing; ``basis``: what
        ``conversion`` rests on, in words.

    Raises
    ------
    ValueError
        When there is no such route.
    """
    if route not in ROUTES:
        raise ValueError(f"route {route!r}: choose one of {', '.join(ROUTES)}")
    own = [labels(one) for one in (found, analysed) if one is not None]
    wanted = list(materials) or list(dict.fromkeys(label for one in own for label in one))
    values = {kind: np.full((2, len(wanted)), np.nan) for kind in (*_KINDS, "conversion")}
    band = np.full((2, len(wanted)), np.nan)
    if found is not None:
        _of_spectra(found, wanted, values, band)
    if analysed is not None:
        _of_elements(analysed, wanted, values)
    return _joined(values, band, wanted, route)


def _joined(values: dict[str, FloatArray], band: FloatArray, wanted: list[str], route: str) -> xr.Dataset:
    """NMR and elements together where they agree."""
    from scipy import special

    nmr, other = values["nmr"], values[route]
    difference, spread = nmr[0] - other[0], np.hypot(nmr[1], other[1])
    both = np.isfinite(difference)
    with np.errstate(invalid="ignore"):
        likely = np.where(both, 2 * special.ndtr(-np.abs(difference) / spread), np.nan)
    agree = np.where(both, (likely >= UNLIKELY).astype(int), -1)
    weights = 1 / np.stack([nmr[1], other[1]]) ** 2
    joint = (weights * np.stack([nmr[0], other[0]])).sum(0) / weights.sum(0), 1 / np.sqrt(weights.sum(0))
    alone = np.where(np.isfinite(nmr[0]), nmr, other)
    values["conversion"] = np.where(both, np.where(agree == 1, np.stack(joint), np.nan), alone)
    words = {"nitrogen": "N", "ratio": "N/C"}[route]
    basis = [_basis(*known, words) for known in zip(np.isfinite(nmr[0]), np.isfinite(other[0]), agree, strict=True)]
    about = {
        "nmr_band_low": (band[0], "lowest over base lines"),
        "nmr_band_high": (band[1], "highest over base lines"),
        "difference": (difference, "conversion by NMR minus that by elements"),
        "difference_stderr": (spread, "standard error"),
        "likelihood": (likely, "probability of a difference at least as large from their errors alone"),
        "agree": (agree, f"1: the likelihood is at least {UNLIKELY:g}; 0: it is less; -1: one of them is missing"),
    }
    return _dataset(values, about, wanted, basis, route)


def _dataset(
    values: dict[str, FloatArray],
    about: dict[str, tuple[FloatArray, str]],
    wanted: list[str],
    basis: list[str],
    route: str,
) -> xr.Dataset:
    columns: dict[str, object] = {}
    for kind, (value, error) in values.items():
        text, reach = _ABOUT[kind], QUANTILE_95 * error
        own = {"units": "1", "definition": text, "ancillary_variables": f"{kind}_stderr"}
        columns[kind] = ("material", value, own)
        columns[f"{kind}_stderr"] = ("material", error, {"units": "1", "definition": f"standard error: {text}"})
        for end, limit in (("low", value - reach), ("high", value + reach)):
            columns[f"{kind}_{end}"] = ("material", limit, {"units": "1", "definition": f"95 % interval: {text}"})
    columns |= {name: ("material", of, {"units": "1", "definition": text}) for name, (of, text) in about.items()}
    said = {"definition": "what the conversion rests on"}
    columns["basis"] = ("material", np.array(basis, object), said)
    return xr.Dataset(columns, {"material": np.array(wanted, object)}, {"route": route, "technique": "composition"})


def _of_spectra(found: xr.Dataset, wanted: list[str], values: dict[str, FloatArray], band: FloatArray) -> None:
    own, there = np.array(labels(found)), [str(name) for name in found["region"].values]
    shares, errors, lows, highs = (found[f"share{end}"].values for end in ("", "_stderr", "_low", "_high"))
    counts = np.ones(len(own), bool)
    if "excitation" in found.coords:
        counts = found["excitation"].values != "cross_polarization"
    for kind, region in (("nmr", "acid"), ("amide", "amide")):
        if region not in there:
            continue
        place = there.index(region)
        share, error = shares[:, place], errors[:, place]
        known = np.isfinite(share) & (error > 0) & counts
        for at, name in enumerate(wanted):
            rows = known & (own == name)
            if rows.any():
                values[kind][:, at] = pooled(share[rows], error[rows])[:2]
                if kind == "nmr":
                    band[:, at] = lows[rows, place].min(), highs[rows, place].max()


def _of_elements(analysed: xr.Dataset, wanted: list[str], values: dict[str, FloatArray]) -> None:
    own = labels(analysed)
    fraction, error = analysed["mass_fraction"], analysed["mass_fraction_stderr"]
    n, un = fraction.sel(element="N").values, error.sel(element="N").values
    c, uc = fraction.sel(element="C").values, error.sel(element="C").values
    by_n, by_c = ratio_slopes(n, c)
    share = dict(zip(wanted, np.fmax(np.nan_to_num(values["amide"][0]), 0.0), strict=True))
    amide = np.array([share.get(label, 0.0) for label in own])
    found = {
        "nitrogen": (conversion_from_nitrogen(n, amide), np.abs(nitrogen_slope(n)) * un),
        "ratio": (conversion_from_ratio(n, c), np.hypot(by_n * un, by_c * uc)),
    }
    for kind, (value, stderr) in found.items():
        for at, name in enumerate(wanted):
            known = np.array([label == name for label in own]) & np.isfinite(value) & np.isfinite(stderr)
            if known.any():
                values[kind][:, at] = pooled(value[known], stderr[known])[:2]


def _basis(nmr: bool, other: bool, agree: int, words: str) -> str:
    if nmr and other:
        return f"1H NMR and {words}" if agree == 1 else f"undecided: 1H NMR and {words} disagree"
    return "1H NMR" if nmr else words if other else "undecided: nothing to go by"


def stoichiometry(
    found: xr.Dataset,
    *,
    molar_mass: float = 500.0,
    functionality: float = 2.0,
    weight_ratios: Sequence[float] = WEIGHT_RATIOS,
) -> xr.Dataset:
    r"""COOH of the polymer over epoxide of the PEGDE it is mixed with.

    .. math:: s = r\,\frac{2 x / M(x)}{f / M_n}

    Parameters
    ----------
    found
        As given by :func:`conversion`.
    molar_mass
        Number average of the PEGDE [g mol-1].
    functionality
        Epoxide rings f of a molecule.
    weight_ratios
        Polymer over PEGDE by mass.

    Returns
    -------
    Dataset
        ``acid_content`` (material) [mmol g-1] and ``acid_per_epoxide`` (material, weight_ratio), each with ``_stderr``
        from the conversion alone; ``epoxide_content`` [mmol g-1].

    Raises
    ------
    ValueError
        When the molar mass, the functionality or a ratio is not above zero.
    """
    said = (("molar_mass", molar_mass), ("functionality", functionality), *(("weight ratio", r) for r in weight_ratios))
    for name, number in said:
        if not number > 0:
            raise ValueError(f"{name} {number:g}: a number above zero is expected")
    x, ux = found["conversion"].values, found["conversion_stderr"].values
    content, error = acid_content(x), acid_slope(x) * ux
    epoxide = float(epoxide_content(molar_mass, functionality))
    ratios = np.asarray(weight_ratios, float)
    acid = {"units": "mmol g-1", "definition": "COOH per mass of the polymer, 2 x / M(x)"}
    per = {"units": "1", "definition": "COOH of the polymer over epoxide of the PEGDE"}
    both, text = ("material", "weight_ratio"), "standard error from the conversion"
    columns = {
        "acid_content": ("material", content, {**acid, "ancillary_variables": "acid_content_stderr"}),
        "acid_content_stderr": ("material", error, {"units": "mmol g-1", "definition": text}),
        "acid_per_epoxide": (
            both, content[:, None] * ratios / epoxide, {**per, "ancillary_variables": "acid_per_epoxide_stderr"}
        ),
        "acid_per_epoxide_stderr": (both, error[:, None] * ratios / epoxide, {"units": "1", "definition": text}),
        "epoxide_content": ((), epoxide, {"units": "mmol g-1", "definition": "epoxide per mass of PEGDE, f / Mn"}),
    }  # fmt: skip
    coords = {"material": found["material"], "weight_ratio": ("weight_ratio", ratios, {"units": "1"})}
    return xr.Dataset(columns, coords, {"molar_mass": molar_mass, "functionality": functionality})
