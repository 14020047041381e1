"""Elemental analysis: mass fractions from one or several runs, with the error that one run has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords

FloatArray = npt.NDArray[np.float64]

ELEMENT_ERROR = 0.003
"""Standard error of a mass fraction determined once, where nobody says it: 0.3 % is usual (from memory)."""
UNLIKELY = 0.05
_TYPED = {"carbon": "C", "hydrogen": "H", "nitrogen": "N"}
_ELEMENTS = ("C", "H", "N")


def elements(data: xr.Dataset, error: float = ELEMENT_ERROR) -> xr.Dataset:
    """Mass fractions of elements, from the runs of a file and from what was typed as metadata.

    Parameters
    ----------
    data
        Measurement of ``composition``.
    error
        Standard error of a run, where ``element_error`` of the sample does not say it.

    Returns
    -------
    Dataset (sample, element)
        ``mass_fraction``: mean over runs, with ``_stderr``: that of a run over the root of their number, or more where
        the runs scatter so much that it would be less than 5 % likely; ``runs``: their number; ``scatter``: how many
        times larger than stated their scatter is, 1 where it agrees. NaN for an element that was not determined.

    Raises
    ------
    ValueError
        When the error is not above zero.
    """
    if not error > 0:
        raise ValueError(f"element_error {error:g}: a standard error is above zero, such as 0.003 for 0.3 %")
    names = _names(data)
    samples = data.sizes["sample"]
    stated = data["element_error"].values if "element_error" in data.coords else np.full(samples, np.nan)
    of_run = np.where(np.isfinite(stated), stated, error).astype(float)
    numbers = np.full((4, samples, len(names)), np.nan)
    for at in range(samples):
        for place, name in enumerate(names):
            values = _values(data, at, name)
            numbers[2, at, place] = len(values)
            if len(values):
                mean, stderr, scatter = pooled(values, np.full(len(values), of_run[at]))
                numbers[[0, 1, 3], at, place] = mean, stderr, scatter
    about = (
        ("mass_fraction", "mean over runs"),
        ("mass_fraction_stderr", "standard error of the mean"),
        ("runs", "number of runs"),
        ("scatter", "how many times larger than stated the scatter of runs is"),
    )
    variables = {
        name: (("sample", "element"), values, {"units": "1", "definition": text})
        for (name, text), values in zip(about, numbers, strict=True)
    }
    variables["mass_fraction"][2]["ancillary_variables"] = "mass_fraction_stderr"
    coords = {**sample_coords(data, variables), "element": list(names)}
    assumed = bool(np.isfinite(numbers[0]).any(1)[~np.isfinite(stated.astype(float))].any())
    return xr.Dataset(variables, coords, {**data.attrs, "element_error": error, "error_is_assumed": int(assumed)})


def pooled(values: FloatArray, errors: FloatArray) -> tuple[float, float, float]:
    """Weighted mean of numbers, its standard error, and how many times larger than their errors their scatter is.

    The scatter counts where it is less than 5 % likely to come from the errors (Birge, Phys. Rev. 40 (1932) 207), else
    it is 1 and the errors stand.
    """
    from scipy import special

    weights = 1 / errors**2
    mean = float(weights @ values / weights.sum())
    error = float(1 / np.sqrt(weights.sum()))
    free = len(values) - 1
    if not free:
        return mean, error, 1.0
    misfit = float(weights @ (values - mean) ** 2)
    scatter = float(np.sqrt(misfit / free)) if special.chdtrc(free, misfit) < UNLIKELY else 1.0
    return mean, error * scatter, scatter


def _names(data: xr.Dataset) -> tuple[str, ...]:
    given = [str(name) for name in data["element"].values] if "element" in data.coords else []
    return tuple(dict.fromkeys([*_ELEMENTS, *given]))


def _values(data: xr.Dataset, at: int, name: str) -> FloatArray:
    """What every run found, and what was typed."""
    found = np.zeros(0)
    if "mass_fraction" in data and name in data["element"].values:
        found = data["mass_fraction"].isel(sample=at).sel(element=name).values.astype(float).ravel()
    typed = next((field for field, element in _TYPED.items() if element == name), "")
    if typed in data.coords:
        found = np.append(found, float(data[typed].values[at]))
    return np.asarray(found[np.isfinite(found)], float)
