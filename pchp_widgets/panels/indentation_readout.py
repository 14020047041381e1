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
    stiff, hard = statistics["modulus"], statistics["hardness"]
    used, refused = stiff["used"].values.astype(bool), analysis.refused(last).values
    low, high, effect, m = (
        last[name].values for name in ("modulus_band_low", "modulus_band_high", "creep_effect", "exponent")
    )
    made = []
    for at, name in enumerate(str(name) for name in last["sample"].values):
        some = used[at] & np.isfinite(low[at])
        known = effect[at][np.isfinite(effect[at])]
        chosen = m[at, test - 1] if test <= m.shape[1] else np.nan
        made.append(
            Line(
                looks[name].color,
                name,
                (
                    interval(stiff, at),
                    sd(stiff, at),
                    f"{low[at][some].mean():.3g} to {high[at][some].mean():.3g} GPa" if some.any() else "",
                    interval(hard, at),
                    counted(stiff, at, int(refused[at].sum())),
                    selected(last, at, test),
                    f"{chosen:.2f}" if np.isfinite(chosen) else "",
                    f"{100 * known.mean():+.1f} % of S" if known.size else "unknown",
                ),
                (*flags(last["status"].values[at]), *apart(differences, name, quantity)),
            )
        )
    return made


def counted(of: xr.Dataset, at: int, refused: int) -> str:
    """How many indents count, and how many do not."""
    out = int(of["out"].values[at])
    return f"{int(of['n'].values[at])}" + (f", {out} out" if out else "") + (f", {refused} refused" if refused else "")


def interval(of: xr.Dataset, at: int) -> str:
    """Mean of a sample with its interval."""
    mean, low, high = (float(of[name].values[at]) for name in ("mean", "mean_low", "mean_high"))
    if not np.isfinite(mean):
        return "none"
    return f"{mean:.3g} GPa" + (f" ({low:.3g} to {high:.3g})" if np.isfinite(low) else "")


def sd(of: xr.Dataset, at: int) -> str:
    """Standard deviation of the indents, and relative to their mean."""
    value, mean = float(of["sd"].values[at]), float(of["mean"].values[at])
    return f"{value:.2g} GPa ({value / mean:.1%})" if np.isfinite(value) else ""


def selected(last: xr.Dataset, at: int, test: int) -> str:
    """Modulus of one indent with the standard error of its fit."""
    if test > last.sizes["test"] or int(last["status"].values[at, test - 1]) < 0:
        return "no such test"
    value, error = (float(last[name].values[at, test - 1]) for name in ("modulus", "modulus_stderr"))
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
    columns = ("second", "difference", "difference_low", "difference_high", "p_adjusted")
    mine = differences["first"].values == name
    return [
        f"{word} less that of {second}: {apart:+.3g} GPa ({low:+.3g} to {high:+.3g}), p {p:.2g}"
        for second, apart, low, high, p in zip(*(differences[key].values[mine] for key in columns), strict=True)
        if np.isfinite(low)
    ]
