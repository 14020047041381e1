"""What the panel of indentations says in words about the samples it shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis import indentation as analysis
from ..analysis.indentation.contact import BETAS, EPSILONS, POISSON_BAND
from ..plots.theme import Look
from .readout import Line

HEADS = ("E, 95 % interval", "sd", "E for ε, β, ν in use", "H, 95 % interval", "indents", "selected test", "m", "creep")
"""What stands above the columns."""

EXPLAINED: dict[str, str] = {
    "E": "modulus: 1/E_r = (1 − ν²)/E + (1 − ν_i²)/E_i, E_r = √π S/(2 β √A), with E_i 1141 GPa and ν_i 0.07 of diamond "
    "(W. C. Oliver and G. M. Pharr, J. Mater. Res. 7 (1992) 1564; ISO 14577-1)",
    "H": "hardness: peak load over the projected contact area A at h_c = h_max − ε P_max/S",
    "S, m": "slope at h_max and exponent of P = B (h − h_f)^m, fitted to the window of the unloading; m is 1.2 to 1.6 "
    "as a rule",
    "95 % interval": "of the mean of the indents of that sample, Student's t. Not for other samples of the material, "
    "nor for a wrong tip, and the conventions come on top",
    "E for ε, β, ν in use": f"lowest and highest E for ε {EPSILONS[0]} to {EPSILONS[1]}, β {BETAS[0]:g} to "
    f"{BETAS[1]:g} and ν ± {POISSON_BAND}: no statistics, and alike for all samples, so ratios suffer less",
    "creep": "1/S_e = 1/S − (dh/dt at the end of the hold)/(dP/dt of the unloading) (G. Feng and A. H. W. Ngan, J. "
    "Mater. Res. 17 (2002) 660); the change of S that this would make, or has made",
    "drift": "the drift stated by the instrument, or found in the hold after the unloading, times the time",
    "frame": "subtracted once as h − C_f P; refused where it is larger than that of frame and sample together",
    "continuous": "from the dynamic stiffness at every depth; the mean over the range dragged, from 100 nm and up to "
    "10 % of a film unless dragged",
    "outliers": analysis.OUTLIERS["median"],
    "differences": "Welch's 95 % interval for each pair; p adjusted for all pairs by Holm",
    **{name.replace("_", " "): text for name, (_, text) in analysis.FLAGS.items()},
}
"""What the numbers of the panel mean."""


def lines(
    last: xr.Dataset,
    statistics: Mapping[str, xr.Dataset],
    differences: xr.Dataset,
    test: int,
    quantity: str,
    looks: Mapping[str, Look],
) -> list[Line]:
    """One line per sample.

    Parameters
    ----------
    last
        As given by :func:`~pchp_widgets.analysis.indentation.last_unloading`.
    statistics
        Of modulus and hardness.
    differences
        Of the quantity shown.
    test
        The selected one.
    quantity
        The one shown.
    looks
        By name of the sample.
    """
    made = []
    for at, name in enumerate(str(name) for name in last["sample"].values):
        of = {key: found.isel(sample=at) for key, found in statistics.items()}
        one = last.isel(sample=at, test=test - 1) if test <= last.sizes["test"] else None
        used = of["modulus"]["used"].values.astype(bool)
        band = [last[f"modulus_band_{end}"].values[at][used] for end in ("low", "high")]
        refused = int(analysis.refused(last).values[at].sum())
        count = f"{int(of['modulus']['n'])}" + (
            f", {int(of['modulus']['out'])} out" if int(of["modulus"]["out"]) else ""
        )
        count += f", {refused} refused" if refused else ""
        effect = float(np.nanmean(creeps)) if np.isfinite(creeps := last["creep_effect"].values[at]).any() else np.nan
        made.append(
            Line(
                looks[name].color,
                name,
                (
                    interval(of["modulus"]),
                    sd(of["modulus"]),
                    f"{np.mean(band[0]):.3g} to {np.mean(band[1]):.3g} GPa" if np.isfinite(band[0]).any() else "",
                    interval(of["hardness"]),
                    count,
                    selected(one),
                    f"{float(one['exponent']):.2f}" if one is not None and np.isfinite(float(one["exponent"])) else "",
                    f"{100 * effect:+.1f} % of S" if np.isfinite(effect) else "unknown",
                ),
                (*flags(last["status"].values[at]), *apart(differences, name, quantity)),
            )
        )
    return made


def interval(of: xr.Dataset) -> str:
    """Mean of a sample with its interval."""
    mean, low, high = (float(of[name]) for name in ("mean", "mean_low", "mean_high"))
    if not np.isfinite(mean):
        return "none"
    return f"{mean:.3g} GPa" + (f" ({low:.3g} to {high:.3g})" if np.isfinite(low) else "")


def sd(of: xr.Dataset) -> str:
    """Standard deviation of the indents, and relative to their mean."""
    value, mean = float(of["sd"]), float(of["mean"])
    return f"{value:.2g} GPa ({value / mean:.1%})" if np.isfinite(value) else ""


def selected(one: xr.Dataset | None) -> str:
    """Modulus of one indent with the standard error of its fit."""
    if one is None or int(one["status"]) < 0:
        return "no such test"
    value, error = float(one["modulus"]), float(one["modulus_stderr"])
    return f"E {value:.3g} ± {error:.2g} GPa" if np.isfinite(value) else "refused"


def flags(status: np.ndarray) -> list[str]:
    """What is wrong or doubtful, and about how many of the indents."""
    total = int((status >= 0).sum())
    return [
        text if count == total else f"{text} ({count} of {total} indents)" for text, count in analysis.remarks(status)
    ]


def apart(differences: xr.Dataset, name: str, quantity: str) -> list[str]:
    """How a sample differs from those after it."""
    word = "E" if quantity == "modulus" else "H"
    said = []
    for at in np.flatnonzero(differences["first"].values == name):
        one = differences.isel(pair=int(at))
        if np.isfinite(float(one["difference_low"])):
            said.append(
                f"{word} less that of {one['second'].item()}: {float(one['difference']):+.3g} GPa "
                f"({float(one['difference_low']):+.3g} to {float(one['difference_high']):+.3g}), "
                f"p {float(one['p_adjusted']):.2g}"
            )
    return said
