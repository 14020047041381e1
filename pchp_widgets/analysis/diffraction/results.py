"""What fits under several backgrounds say together: a distance, its interval, and what the background does to it."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .halos import TOLERANCE
from .models import BACKGROUNDS, Model, correction
from .prepared import prepared


def accepted(found: xr.Dataset, tolerance: float = TOLERANCE) -> xr.DataArray:
    """Which backgrounds describe a pattern (sample, background): 1 or 0.

    Those whose reduced chi-square is at most `tolerance` times the lowest one. The eye would accept all of them.

    Parameters
    ----------
    found
        As given by :func:`~.halos.halos`.
    tolerance
        Above 1.
    """
    chi = found["reduced_chi_square"].transpose("sample", "background").values
    taken = (chi <= tolerance * chi.min(1, keepdims=True)) & (found["converged"].values == 1)
    definition = f"1: converged, with a reduced chi-square of at most {tolerance:g} times the lowest"
    attrs = {"units": "1", "definition": definition}
    coords = {"sample": found["sample"].values, "background": found["background"].values}
    return xr.DataArray(taken.astype(float), coords, ("sample", "background"), attrs=attrs)


def distances(found: xr.Dataset, background: str = "air", tolerance: float = TOLERANCE) -> xr.Dataset:
    """Distances under one background, with the band that the choice of the background leaves.

    Parameters
    ----------
    found
        As given by :func:`~.halos.halos`.
    background
        The one whose numbers are told; it must be among those fitted.
    tolerance
        As for :func:`accepted`.

    Returns
    -------
    Dataset
        (sample, halo): what :func:`~.halos.halos` says of each halo under that background, and
        ``spacing_background_low``, ``spacing_background_high``: lowest and highest ``spacing`` under all backgrounds
        that describe the pattern, the chosen one included. ``backgrounds`` (sample): how many do; ``accepted``
        (sample): whether the chosen one does.

    Raises
    ------
    ValueError
        When that background was not fitted.
    """
    if background not in found["background"].values:
        fitted = ", ".join(map(str, found["background"].values))
        raise ValueError(f"background {background!r}: fitted were {fitted}")
    taken = accepted(found, tolerance)
    own = list(found["background"].values).index(background)
    counts = taken.values == 1
    counts[:, own] = True
    d = np.where(counts[..., None], found["spacing"].values, np.nan)
    known = np.isfinite(d).any(1)
    low = np.where(known, np.where(np.isfinite(d), d, np.inf).min(1, initial=np.inf), np.nan)
    high = np.where(known, np.where(np.isfinite(d), d, -np.inf).max(1, initial=-np.inf), np.nan)
    band = "over all backgrounds that describe the pattern: a systematic error, beside that of the statistics"
    number = f"number of backgrounds: {taken.attrs['definition']}"
    dims = ("sample", "halo")
    said = found.isel(background=own, drop=True)
    said.attrs |= {"background": background, "background_text": BACKGROUNDS[background].text}
    said["spacing_background_low"] = (dims, low, {"units": "angstrom", "definition": f"lowest d {band}"})
    said["spacing_background_high"] = (dims, high, {"units": "angstrom", "definition": f"highest d {band}"})
    said["backgrounds"] = ("sample", taken.values.sum(1), {"units": "1", "definition": number})
    said["accepted"] = ("sample", taken.values[:, own], taken.attrs)
    return said


def curves(data: xr.Dataset, found: xr.Dataset, background: str = "air") -> xr.Dataset:
    """Measured bins and the parts of the fit, for figures.

    Parameters
    ----------
    data, found
        Measurement, and what :func:`~.halos.halos` says of it.
    background
        Under which background.

    Returns
    -------
    Dataset
        (sample, bin): ``two_theta`` [degree], ``measured``, ``total``, ``background``, ``residual`` (in standard
        errors), and ``halo`` (sample, halo, bin), over the background; NaN where nothing counts.
    """
    of = prepared(data, tuple(found.attrs["window"]), [(low, high) for low, high in found.attrs["exclude"]])
    times = correction(of.two_theta, found.attrs["factor"])
    times = times / times.mean(1, keepdims=True)
    fit = found.sel(background=background)
    count = found.sizes["halo"]
    model = Model(of.two_theta, times, count, found.attrs["shape"], background, of.window)
    at = [fit["position"].values, np.log(fit["width"].values)]
    at += [fit["share"].values[:, None]] * model.voigt + [np.log(fit["decay"].values[:, None])] * model.of.decays
    basis = model.basis(np.concatenate(at, 1))
    there = of.weights > 0
    parts = basis[:, :count] * fit["height"].values[..., None]
    terms = fit["coefficient"].values[:, : model.columns - count]
    under = (terms[:, None] @ basis[:, count:])[:, 0]
    total = under + parts.sum(1)
    dims = ("sample", "bin")
    columns = {
        "two_theta": of.two_theta,
        "measured": of.intensity,
        "background": under,
        "total": total,
        "residual": (of.intensity - total) * of.weights,
    }
    return xr.Dataset(
        {name: (dims, np.where(there, values, np.nan)) for name, values in columns.items()}
        | {"halo_curve": (("sample", "halo", "bin"), np.where(there[:, None], parts, np.nan))},
        {"sample": found["sample"], "halo": found["halo"]},
        {"background_name": background, "window": found.attrs["window"]},
    )
