"""What the panel of composition says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..analysis.composition import labels
from .readout import Line

EXPLAINED: Mapping[str, str] = {
    "by 1H NMR": "x = 2 I(COOH) / I(aromatic H): of 4 aromatic H of a repeat unit none takes part, and both nitriles "
    "converted make 2 COOH. ± is the 95 % interval from the noise, correlated as it is, and from the base line. COOH "
    "exchanges with water: then it is a lower bound.",
    "amide": "I(CONH2) / I(aromatic H): what stopped on the way; below a limit where it is not seen.",
    "by N": "x = (2 M_N − w M_0) / (2 M_N + w (M_acid − M_0)), w the mass fraction of nitrogen in the dry polymer. "
    "Nitrogen cannot tell amide from nitrile; the amide seen by NMR is allowed for. 5 % of water make 92 % read 92.4, "
    "1 % of DMF 88.7 %. 0.1 % of N are 1.8 points near 92 %.",
    "by N/C": "x = 1 − 29 M_C w_N / (2 M_N w_C): water and ash cancel, solvents with carbon do not.",
    "together": "NMR and elements weighted by their errors, where a difference like theirs is at least 5 % likely; "
    "undecided where it is not. Not cut to 100 %: beyond it, a complete conversion is not excluded.",
    "COOH": "2 x / M(x), per mass of the polymer.",
    "COOH per epoxide": "weight ratio × COOH / epoxide, for polymer to PEGDE of 2:1, 1:1, 1:2 by mass; epoxide is "
    "functionality / Mn. Above 1 acid is left over, below 1 epoxide.",
    "the group sought": "its integral over that of the reference, as a part of all such groups there can be. Seen is "
    "what is above three standard errors. What is not seen is not absent: below is the upper end of a one-sided 95 % "
    "interval. After cross polarization shares are of signal, and do not count groups.",
    "base line": "smooth: a polynomial of third order through the stretches without lines; line: between the ends of "
    "each region, which must then lie beside its lines; none: as the file has it.",
    "noise": "from the stretch called noise, which must hold no line; for spectra of other nuclei from all "
    "stretches without lines of each.",
}
"""What the words of the panel mean."""


def heads(group: str) -> tuple[str, ...]:
    """What stands above the columns."""
    return ("by 1H NMR", "amide", "by N", "by N/C", "together", "COOH", "COOH per epoxide", group)


def lines(
    joined: xr.Dataset,
    ratios: xr.Dataset,
    sought: xr.Dataset | None,
    group: str,
    colors: Mapping[str, str],
    doubts: Mapping[str, Sequence[str]],
) -> list[Line]:
    """A line per material.

    Parameters
    ----------
    joined, ratios, sought
        As the functions ``conversion``, ``stoichiometry`` and ``integrals`` of :mod:`pchp_widgets.analysis.composition`
        give it.
    group
        That is sought.
    colors
        By name of the material.
    doubts
        Sentences by name of the material.
    """
    seen: dict[str, list[str]] = {}
    if sought is not None:
        one = {name: sought[name].sel(region=group).values for name in _SHARES}
        for at, label in enumerate(labels(sought)):
            words = share_in_words({name: column[at] for name, column in one.items()})
            seen.setdefault(label, []).append(words.removeprefix("not seen, "))
    made = []
    places = {str(name): at for at, name in enumerate(joined["material"].values)}
    columns = {str(name): of.values for name, of in joined.data_vars.items()}
    columns |= {name: ratios[name].values for name in ("acid_content", "acid_content_stderr", "acid_per_epoxide")}
    for name, color in colors.items():
        values: tuple[str, ...] = ("",) * 7
        if name in places:
            values = _values({kind: column[places[name]] for kind, column in columns.items()})
        made.append(Line(color, name, (*values, ", ".join(seen.get(name, []))), tuple(doubts.get(name, ()))))
    return made


_SHARES = ("share", "share_stderr", "share_limit", "seen")


def percent(found: Mapping[str, Any], kind: str) -> str:
    """A conversion with its 95 % interval; nothing where there is none."""
    value, error = 100 * float(found[kind]), 100 * float(found[f"{kind}_stderr"])
    if not np.isfinite(value):
        return ""
    reach = 1.96 * error
    places = int(np.clip(1 - np.floor(np.log10(max(reach, 1e-3))), 0, 2))
    return f"{value:.{places}f} ± {reach:.{places}f} %"


def two_decimals(value: float) -> str:
    """A number with two decimals, nothing without a sign."""
    return f"{round(value, 2) + 0.0:.2f}"


def share_in_words(one: Mapping[str, Any]) -> str:
    """A share with its 95 % interval, or the limit it is below."""
    share, error, bound = (100 * float(one[name]) for name in ("share", "share_stderr", "share_limit"))
    if int(one["seen"]) == 1 and np.isfinite(share):
        return f"{share:.3g} ± {1.96 * error:.2g} %"
    if int(one["seen"]) == 0 and np.isfinite(bound):
        return f"not seen, below {bound:.2g} %"
    return "undecided"


def _values(one: Mapping[str, Any]) -> tuple[str, ...]:
    amide = percent(one, "amide")
    if amide and one["amide"] < 3 * one["amide_stderr"]:
        limit = max(one["amide"], 0.0) + 1.645 * one["amide_stderr"]
        amide = f"below {100 * limit:.2g} %"
    content, error = float(one["acid_content"]), float(one["acid_content_stderr"])
    acid = f"{two_decimals(content)} ± {1.96 * error:.2f} mmol g⁻¹" if np.isfinite(content) else ""
    per = " / ".join(two_decimals(float(value)) for value in one["acid_per_epoxide"]) if acid else ""
    together = percent(one, "conversion") or "undecided"
    return (percent(one, "nmr"), amide, percent(one, "nitrogen"), percent(one, "ratio"), together, acid, per)
