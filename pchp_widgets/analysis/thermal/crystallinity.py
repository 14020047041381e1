"""Crystallinity of the PEG in a material, from the heat of melting."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...model.measurements import sample_coords

PEO_ENTHALPIES = (196.4, 203.0, 213.7)
"""Heats of fusion of perfectly crystalline PEO in use [J g-1] (from memory); the first is the default."""

_ENDS = {"_low": max, "_high": min}


def crystallinity(melted: xr.Dataset, *, reference_enthalpy: float = PEO_ENTHALPIES[0]) -> xr.Dataset:
    r"""Share of the PEG that is crystalline.

    .. math:: X_c = \frac{\Delta H}{w_\mathrm{PEG}\,\Delta H_0}

    Parameters
    ----------
    melted
        As given by :func:`.melting.melting`; ``peg_fraction`` (sample) is a coordinate.
    reference_enthalpy
        Heat of fusion of the perfect crystal [J g-1].

    Returns
    -------
    Dataset (sample)
        ``crystallinity`` [1] with ``_stderr`` from the heat, and ``_low``, ``_high``: the band over base lines and
        ranges of the heat, and over :data:`PEO_ENTHALPIES` and `reference_enthalpy`. NaN where the PEG fraction is not
        known or no peak was found; ``crystallinity_outcome`` says which.

    Raises
    ------
    ValueError
        When `reference_enthalpy` is not positive.
    """
    if not reference_enthalpy > 0:
        raise ValueError(f"reference_enthalpy {reference_enthalpy}: a heat in J g-1 is expected, 196.4 for PEO")
    share = peg_fraction(melted)
    peak = melted["melting_outcome"].values == "peak"
    scale = np.where(peak & (share > 0), 1 / (np.where(share > 0, share, 1.0) * reference_enthalpy), np.nan)
    every = (*PEO_ENTHALPIES, reference_enthalpy)
    about = "heat of melting over PEG fraction and heat of fusion of the perfect crystal"
    attrs = {
        "units": "1",
        "definition": f"{about}, {reference_enthalpy:g} J g-1",
        "reference_enthalpy": reference_enthalpy,
    }
    heat = melted["melting_enthalpy"].values
    variables = {
        "crystallinity": ("sample", heat * scale, attrs | {"ancillary_variables": "crystallinity_stderr"}),
        "crystallinity_stderr": (
            "sample",
            melted["melting_enthalpy_stderr"].values * scale,
            {"units": "1", "definition": "standard error of crystallinity from the noise of the curve"},
        ),
    }
    for suffix, extreme in _ENDS.items():
        values = melted[f"melting_enthalpy{suffix}"].values * scale * reference_enthalpy / extreme(every)
        said = "over base lines, ranges and heats of fusion in use"
        variables[f"crystallinity{suffix}"] = ("sample", values, {"units": "1", "definition": f"{suffix[1:]} {said}"})
    outcome = np.where(~peak, melted["melting_outcome"].values, why_unknown(share))
    variables["crystallinity_outcome"] = ("sample", outcome, {"definition": "why there is no crystallinity"})
    return xr.Dataset(variables, sample_coords(melted), dict(melted.attrs))


def why_unknown(share: np.ndarray) -> np.ndarray:
    """Why there is no crystallinity for a PEG fraction; empty where there is one."""
    missing = "its PEG fraction is not known: give peg_fraction='50 %'"
    return np.where(share > 0, "", np.where(share == 0, "it holds no PEG", missing))


def peg_fraction(found: xr.Dataset) -> np.ndarray:
    """Mass fraction of PEG (sample); NaN where nobody said."""
    if "peg_fraction" in found.coords:
        return np.asarray(found["peg_fraction"].values, float)
    return np.full(found.sizes["sample"], np.nan)
