"""Separator and coating in series: what the current fraction of the whole cell says of the coating."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .formulas import (
    FloatArray,
    coating_fraction,
    coating_fraction_stderr,
    least_coating_share,
    monte_carlo,
    series_fraction,
)

_ATTRS: dict[str, tuple[str, str]] = {
    "coating_fraction": ("1", "ρ_c = R_c / ((R_s + R_c)/ρ - R_s/ρ_s): current fraction of the coating alone"),
    "coating_fraction_stderr": ("1", "first order in independent errors of ρ, ρ_s, R_s and R_c"),
    "coating_fraction_low": ("1", "lower end of the Monte Carlo interval"),
    "coating_fraction_high": ("1", "upper end of the Monte Carlo interval; infinite where no positive ρ_c bounds it"),
    "coating_share": ("1", "R_c / (R_s + R_c), of the ohmic resistance"),
    "least_share": (
        "1",
        "share that the coating must at least carry, with ρ_c = 1: (1/ρ_s - 1/ρ) / (1/ρ_s - 1)",
    ),
    "predicted": ("1", "ρ of both layers in series if the coating carried no anions (ρ_c = 1)"),
    "consistent": (
        "",
        (
            "1: a ρ_c from 0 to 1 lies in the interval; 0: the coating would need ρ_c > 1, its resistance does not "
            "explain the rise; -1: a resistance is not known"
        ),
    ),
}


def two_layers(
    effective: npt.ArrayLike,
    separator: npt.ArrayLike,
    separator_resistance: npt.ArrayLike,
    coating_resistance: npt.ArrayLike,
    *,
    errors: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike] = (0.0, 0.0, 0.0, 0.0),
    cell: npt.ArrayLike = ("cell",),
    confidence: float = 0.95,
) -> xr.Dataset:
    r"""Current fraction of a coating from that of the cell that it is in.

    .. math:: \rho = \frac{R_s + R_c}{R_s/\rho_s + R_c/\rho_c}

    Parameters
    ----------
    effective
        ρ of each coated cell.
    separator
        ρ_s, measured on cells without coating.
    separator_resistance, coating_resistance
        R_s (a cell without coating) and R_c (what the coated cell has more), ohmic [ohm]. All must be known: the
        fraction alone tells only the least share of the coating.
    errors
        Standard errors of the four, in their order.
    cell
        Names.
    confidence
        Of the interval.

    Returns
    -------
    Dataset
        (cell): ``coating_fraction`` with ``_stderr``, ``_low``, ``_high``, ``coating_share``, ``least_share``,
        ``predicted`` and ``consistent``.
    """
    names = np.atleast_1d(np.asarray(cell, str))
    rho, rho_s, rs, rc = (
        np.broadcast_to(np.asarray(value, float), names.shape)
        for value in (effective, separator, separator_resistance, coating_resistance)
    )
    found = coating_fraction(rho, rho_s, rs, rc)
    parts = {"rho": rho, "rho_s": rho_s, "rs": rs, "rc": rc}
    low, high = monte_carlo(_drawn, parts, dict(zip(parts, errors, strict=True)), confidence=confidence)
    known = np.isfinite(rho + rho_s + rs + rc)
    numbers: dict[str, npt.NDArray[np.generic]] = {
        "coating_fraction": found,
        "coating_fraction_stderr": coating_fraction_stderr(rho, rho_s, rs, rc, errors),
        "coating_fraction_low": low,
        "coating_fraction_high": high,
        "coating_share": rc / (rs + rc),
        "least_share": least_coating_share(rho, rho_s),
        "predicted": series_fraction(np.stack([rs, rc], -1), np.stack([rho_s, np.ones_like(rho_s)], -1)),
        "consistent": np.where(known, (low <= 1.0).astype(int), -1),
    }
    return xr.Dataset(
        {name: ("cell", values, _attributes(name)) for name, values in numbers.items()},
        {"cell": names},
        {"confidence": confidence},
    )


def coating_share(effective: npt.ArrayLike, separator: npt.ArrayLike) -> FloatArray:
    """Least share of the ohmic resistance that the coating must carry; see :func:`two_layers`."""
    return least_coating_share(effective, separator)


def _drawn(rho: FloatArray, rho_s: FloatArray, rs: FloatArray, rc: FloatArray) -> FloatArray:
    found = coating_fraction(rho, rho_s, rs, rc)
    return np.where(np.isnan(found), np.inf, found)


def _attributes(name: str) -> dict[str, str]:
    units, definition = _ATTRS[name]
    linked = {"ancillary_variables": f"{name}_stderr"} if f"{name}_stderr" in _ATTRS else {}
    return {"definition": definition, **({"units": units} if units else {}), **linked}
