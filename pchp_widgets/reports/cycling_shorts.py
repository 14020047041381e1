"""Soft shorts of full cells in a report: their signs, and the lives that end with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis.cycle_life import fading
from ..analysis.life import CENSORED, FAILED, UNDECIDED
from ..analysis.overshoot import charge_noise, charge_overshoot
from .tables import Column, Table, readable

_SIGNS_OF_A_SHORT = 2
_SOFT_SHORT = "first cycle with two signs of a soft short: charge that overshoots, a noisy charge, CE that comes back"


def lives(found: xr.Dataset, kept: xr.Dataset, level: float, signs: xr.Dataset | None) -> xr.Dataset:
    """When each cell failed, by the retention and by the signs of a soft short.

    Parameters
    ----------
    found, kept, level
        As for :func:`~pchp_widgets.analysis.cycle_life.fading`.
    signs
        As given by :func:`short_signs`.

    Returns
    -------
    Dataset
        (cell, criterion) with the criteria ``retention`` and ``soft_short``: ``cycle``, ``time`` [s] and ``observed``.
        The soft short is undecided in cells that cannot be judged.
    """
    faded = fading(found, kept, level)
    begin = found["time_start"].transpose("cell", "cycle").values
    there = np.isfinite(begin)
    rows, place = np.arange(len(begin)), there.shape[1] - 1 - there[:, ::-1].argmax(1)
    cycle = np.where(there.any(1), found["cycle"].values[place].astype(float), np.nan)
    observed, time = np.full(len(begin), UNDECIDED), begin[rows, place].copy()
    if signs is not None:
        at = np.flatnonzero(np.isin(found["cell"].values, signs["cell"].values))
        of = signs.transpose("cell", "evidence", ...)
        judged = (of["present"].values >= 0).sum(1) >= _SIGNS_OF_A_SHORT
        order = np.sort(np.where(of["present"].values == 1, of["evidence_cycle"].values, np.inf), axis=1)
        second = order[:, _SIGNS_OF_A_SHORT - 1]
        short = np.isfinite(second)
        observed[at] = np.where(short, FAILED, np.where(judged, CENSORED, UNDECIDED))
        where = np.searchsorted(found["cycle"].values, second[short])
        cycle[at[short]], time[at[short]] = second[short], begin[at[short], where]
    columns = {"cycle": cycle, "time": time, "observed": observed.astype(np.int8)}
    shorted = xr.Dataset(
        {name: (("cell", "criterion"), values[:, None], faded[name].attrs) for name, values in columns.items()},
        {"cell": found["cell"].values, "criterion": ["soft_short"], "definition": ("criterion", [_SOFT_SHORT])},
    )
    return xr.concat([faded, shorted], "criterion", coords="minimal", compat="override", join="exact")


def short_signs(cells: Sequence[xr.DataTree], found: xr.Dataset, first: int) -> xr.Dataset | None:
    """Evidence of soft shorts as :func:`~pchp_widgets.analysis.overshoot.charge_overshoot` gives it.

    It speaks of cells that begin with a charge; None where there is no such cell.
    """
    full = [
        str(name)
        for name, opens in zip(found["cell"].values, found["opens"].values, strict=True)
        if opens != "discharge"
    ]
    if not full:
        return None
    trees = [tree for tree in cells if str(tree.name) in full]
    noise = [charge_noise(tree).assign_coords(cell=[str(tree.name)]) for tree in trees]
    return charge_overshoot(found.sel(cell=full), xr.concat(noise, "cell", join="outer"), first=first)


def shorts_table(signs: xr.Dataset | None) -> Table:
    """Each sign of a soft short in each cell: whether it is there, how strong, since when."""
    caption = "Signs of a soft short: a part of the charge passed through metallic lithium."
    if signs is None:
        note = "Cells that begin with a discharge are not judged by charge that overshoots."
        return Table("soft_short", caption, [Column("cell", [])], notes=[note])
    names, evidence = ([str(name) for name in signs[of].values] for of in ("cell", "evidence"))
    present, cycle = (signs[of].transpose("cell", "evidence").values for of in ("present", "evidence_cycle"))
    words = [
        [
            {0: "no", -1: "not known"}.get(int(there), f"since cycle {readable(float(when), 0)}")
            for there, when in zip(*row, strict=True)
        ]
        for row in zip(present, cycle, strict=True)
    ]
    pairs = [(name, of) for name in names for of in evidence]
    flat = {
        of: signs[of].transpose("cell", "evidence").values.ravel() for of in ("present", "strength", "evidence_cycle")
    }
    definitions = [
        (of.replace("_", " "), str(text)) for of, text in zip(evidence, signs["definition"].values, strict=True)
    ]
    return Table(
        "soft_short",
        caption,
        [
            Column("cell", [name for name, _ in pairs]),
            Column("evidence", [of for _, of in pairs]),
            Column("present", [{1: "yes", 0: "no"}.get(int(one), "unknown") for one in flat["present"]]),
            Column("strength", flat["strength"].astype(float).tolist()),
            Column("since_cycle", flat["evidence_cycle"].astype(float).tolist()),
        ],
        definitions=definitions,
        notes=["Each sign has other causes too; several at once, from the same cycle on, are what a short looks like."],
        view=[
            Column("cell", names),
            *(Column(of, [row[place] for row in words]) for place, of in enumerate(evidence)),
        ],
    )
