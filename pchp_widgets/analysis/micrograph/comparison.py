"""Samples compared: thickness over pictures of a coating, and pores at equal magnification."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .scale import AGREEMENT

FloatArray = npt.NDArray[np.float64]

CONFIDENCE = 0.95


def by_material(found: xr.Dataset) -> xr.Dataset:
    """Mean thickness of each material over its pictures.

    Parameters
    ----------
    found
        As given by :func:`~.thickness.thickness`. A sample of no material is its own.

    Returns
    -------
    Dataset
        (material): ``mean`` [um] over pictures, ``sd`` between them, ``low`` and ``high``: Student's 95 % interval over
        pictures where there are several, else that within the only one; ``pictures``.
    """
    from scipy import special

    names = np.array(materials(found), dtype=object)
    order = list(dict.fromkeys(names.tolist()))
    rows = []
    for name in order:
        own = found.isel(sample=np.flatnonzero(names == name))
        values = own["mean"].values[np.isfinite(own["mean"].values)]
        count = len(values)
        mean = float(values.mean()) if count else np.nan
        sd = float(values.std(ddof=1)) if count > 1 else np.nan
        low, high = (float(own[side].values[np.isfinite(own["mean"].values)][0]) if count == 1 else np.nan
                     for side in ("mean_low", "mean_high"))  # fmt: skip
        if count > 1:
            reach = float(special.stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * sd / np.sqrt(count)
            low, high = mean - reach, mean + reach
        rows.append((mean, sd, low, high, float(count)))
    table = np.array(rows, float).reshape(-1, 5)
    said = (
        ("mean", "um", "mean thickness over pictures"),
        ("sd", "um", "standard deviation between pictures"),
        ("low", "um", "95 % interval of the mean: over pictures, or within the only one"),
        ("high", "um", "95 % interval of the mean: over pictures, or within the only one"),
        ("pictures", "1", "pictures with a thickness"),
    )
    return xr.Dataset(
        {
            name: ("material", table[:, at], {"units": units, "definition": text})
            for at, (name, units, text) in enumerate(said)
        },
        {"material": np.array(order, dtype=str)},
    )


def compared(found: xr.Dataset, reference: str = "") -> xr.Dataset:
    """Pore fractions against that of one picture, at equal magnification only.

    Parameters
    ----------
    found
        As given by :func:`~.pores.pores`.
    reference
        A sample; the first one when empty.

    Returns
    -------
    Dataset
        (sample) without the reference: ``difference`` of the fractions with ``low`` and ``high``, between the outermost
        ends of both intervals, thresholds and sampling together; ``differs``: 1 where that leaves out zero, 0 where it
        does not, -1 where nothing is compared; ``doubt``: why.

    Raises
    ------
    ValueError
        When there is no such sample.
    """
    names = [str(name) for name in found["sample"].values]
    reference = reference or next(iter(names), "")
    if names and reference not in names:
        raise ValueError(f"reference {reference!r}: choose one of {', '.join(names)}")
    others = [name for name in names if name != reference]
    rows, differs, doubts = [], [], []
    for name in others:
        one, base = found.sel(sample=name), found.sel(sample=reference)
        low = float(one["total_low"] - base["total_high"])
        high = float(one["total_high"] - base["total_low"])
        doubt = unequal(float(one["pixel_size"]), float(base["pixel_size"]))
        if not doubt and not np.isfinite([low, high]).all():
            doubt = "one of the two has no interval"
        rows.append((float(one["pore_fraction"] - base["pore_fraction"]), low, high) if not doubt else (np.nan,) * 3)
        differs.append(-1 if doubt else int(low > 0 or high < 0))
        doubts.append(doubt)
    table = np.array(rows, float).reshape(-1, 3)
    said = (
        ("difference", "pore fraction less that of the reference"),
        ("low", "lowest total of this one less the highest of the reference: thresholds and sampling together"),
        ("high", "highest total of this one less the lowest of the reference: thresholds and sampling together"),
    )
    verdict = {"units": "1", "definition": "1: the interval leaves out zero; 0: it does not; -1: not compared"}
    return xr.Dataset(
        {
            **{
                name: ("sample", table[:, at], {"units": "1", "definition": text})
                for at, (name, text) in enumerate(said)
            },
            "differs": ("sample", np.array(differs, int), verdict),
            "doubt": ("sample", np.array(doubts, dtype=str)),
        },
        {"sample": np.array(others, dtype=str)},
        {"reference": reference},
    )


def unequal(one: float, other: float) -> str:
    """Why two pictures are not compared, by their pixel sizes [um]; empty where they are."""
    if not (np.isfinite(one) and np.isfinite(other)):
        return "the magnification of one is not known: pores are compared at equal magnification only"
    if abs(one / other - 1) > AGREEMENT:
        return (
            f"pixels of {one:.4g} and {other:.4g} µm: pores are compared at equal magnification only, as a finer "
            "picture shows finer ones"
        )
    return ""


def materials(found: xr.Dataset) -> list[str]:
    """The material of each sample, or its name where nobody said."""
    names = [str(name) for name in found["sample"].values]
    if "material" not in found.coords:
        return names
    return [str(material) or name for material, name in zip(found["material"].values, names, strict=True)]
