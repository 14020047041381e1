"""Evidence of internal shorts: the score of each cell over its cycles, and where each piece of evidence begins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.shorts import ALARM, PRESENT, UNKNOWN
from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Levels, Lines, Marks, Picture
from .pieces import Looks, cell_rows, cycle_band, padded

_SECONDS_PER_HOUR = 3600.0
_SHARE = 0.28  # of the height of a row, to either side, in which the marks of several cells lie


def scores(found: xr.Dataset, looks: Looks, cycle: float) -> Picture:
    """Score of each cell against the number of the cycle, with a cross where a short begins.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.shorts.shorts`.
    looks
        By name of the cell.
    cycle
        The selected one; NaN for none.
    """
    names = found["cell"].values.tolist()
    cycles = found["cycle"].values.astype(float)
    score = found["cycle_score"].transpose("cell", "cycle").values
    begins = found["start_cycle"].values
    shorted = np.isfinite(begins)
    rows = cell_rows(names, looks)
    at_start = score[np.arange(len(names)), np.searchsorted(cycles, np.where(shorted, begins, cycles[:1].sum()))]
    tips = [("cell", "@cell"), ("coating", "@coating"), ("cycle", "$x{0}"), ("score", "$y{0.00}")]
    said = {
        **{key: values[shorted] for key, values in rows.items()},
        "kind": found["kind"].values[shorted].astype(object),
        "begin": found["start_time"].values[shorted] / _SECONDS_PER_HOUR,
    }
    start_tips = [("cell", "@cell"), ("short", "@kind, from cycle $x{0}, @begin{0.0} h"), ("score", "$y{0.00}")]
    entries = cell_entries(names, looks) if len(names) > 1 else []
    if shorted.any():
        entries = [*entries, Entry("short begins", theme.INK, shape=theme.FAILED)]
    return Picture(
        Axis("cycle"),
        Axis("score of evidence for a short"),
        [
            Levels(np.array([ALARM]), {"label": [f"alarm from {ALARM:g}"]}),
            Lines([cycles] * len(names), list(score), rows, tips=tips),
            Marks(begins[shorted], at_start[shorted], said, theme.FAILED, True, 11, start_tips, is_data=False),
            cycle_band(cycle),
        ],
        xlim=padded(cycles, least=1.0),
        ylim=(-0.03, 1.05),
        legend=entries,
        height=230,
    )


def evidence(found: xr.Dataset, looks: Looks, cycle: float) -> Picture:
    """A row for each piece of evidence, strongest on top, with a mark per cell in the cycle in which it begins.

    Parameters
    ----------
    found, looks, cycle
        As for :func:`scores`.
    """
    names, kinds = found["cell"].values.tolist(), found["evidence"].values
    present = found["present"].transpose("cell", "evidence").values
    order = np.argsort(-found["weight"].values, kind="stable")
    row = np.empty(len(kinds))
    row[order] = np.arange(len(kinds), 0, -1)
    place = np.linspace(_SHARE, -_SHARE, len(names)) if len(names) > 1 else np.zeros(len(names))
    cell, kind = np.nonzero(present == PRESENT)
    rows = {
        **{key: values[cell] for key, values in cell_rows(names, looks).items()},
        "evidence": kinds[kind].astype(object),
        **{
            key: found[name].transpose("cell", "evidence").values[cell, kind]
            for key, name in (("strength", "strength"), ("begin", "evidence_time"))
        },
        "weight": found["weight"].values[kind],
    }
    rows["begin"] = rows["begin"] / _SECONDS_PER_HOUR
    tips = [
        ("cell", "@cell"),
        ("evidence", "@evidence, from cycle $x{0}, @begin{0.0} h"),
        ("strength", "@strength{0.00}"),
        ("worth up to", "@weight{0.00}"),
    ]
    ticks = tuple(
        (float(row[at]), str(kinds[at]).replace("_", " ") + (" (no data)" if _unknown(present[:, at]) else ""))
        for at in order[::-1]
    )
    x = found["evidence_cycle"].transpose("cell", "evidence").values[cell, kind]
    size = 8 if len(names) <= theme.LEGEND_ENTRIES else 5
    return Picture(
        Axis("cycle"),
        Axis("", ticks=ticks),
        [Marks(x, row[kind] + place[cell], rows, None, True, size, tips, {"begin": "h"}), cycle_band(cycle)],
        xlim=padded(found["cycle"].values.astype(float), least=1.0),
        ylim=(0.4, len(kinds) + 0.6),
        title="where each piece of evidence begins" if len(x) else "no evidence of a short in these cells",
    )


def evidence_in_words(own: xr.Dataset) -> str:
    """What speaks for a short of one cell, strongest first, from one cell of the result of ``shorts``."""
    order = np.argsort(-own["weight"].values, kind="stable")
    found = [
        f"{str(own['evidence'].values[at]).replace('_', ' ')} (cycle {own['evidence_cycle'].values[at]:.0f}, "
        f"strength {own['strength'].values[at]:.2f})"
        for at in order
        if own["present"].values[at] == PRESENT
    ]
    return ", ".join(found) or "none"


def undecided(own: xr.Dataset) -> list[str]:
    """Evidence that one cell has no data for."""
    return [str(name).replace("_", " ") for name in own["evidence"].values[own["present"].values == UNKNOWN]]


def _unknown(present: npt.NDArray[np.int8]) -> bool:
    return bool(len(present)) and bool((present == UNKNOWN).all())
