"""What the panel of symmetric cells says in words about the shape of their traces and about shorts."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature

import numpy as np
import xarray as xr

from ..analysis.shape_map import SEEN, SHAPES, TRANSITION, transition
from ..analysis.shorts import ALARM, DEFINITIONS, WEIGHTS, shorts
from ..plots.shorts import evidence_in_words, undecided
from ..plots.theme import Look
from .readout import GROUPED_ABOVE, Line, group_label

Looks = Mapping[str, Look]

_SHORT = {"none": "no short", "undecided": "undecided: too little data", "soft": "soft short", "hard": "hard short"}
_SHAPES = list(SHAPES)


def _defaults(function: object) -> dict[str, object]:
    """Limits that a function applies when none are given."""
    parameters = signature(function).parameters.items()  # type: ignore[arg-type]
    return {name: one.default for name, one in parameters if one.default is not Parameter.empty}


SHAPES_AND_SHORTS: dict[str, str] = {
    "shape map": "|V| of every half-cycle, linear between its points; the dotted line is the transition, and colours "
    "span all but the outermost 1 % of values",
    "peaking index": "largest |V| of the first 5 % of the charge over |V| at half of it, mean of both half-cycles",
    "arc index": "|V| at 95 % of the charge over the smallest between 5 % and 95 %, mean of both half-cycles",
    "from peaks to arcs": TRANSITION.format(**_defaults(transition))
    + f" (an index counts above {1 + float(str(_defaults(transition)['margin'])):g}, up to a hard short)",
    "score": "1 - product of (1 - worth) over the evidence present, where worth grows with the strength of a piece; a "
    f"convention, not a probability; from {ALARM:g} on a cell counts as shorted",
    **{
        f"{name.replace('_', ' ')} (worth {WEIGHTS[name][0]:g} to {WEIGHTS[name][1]:g})": text.format(
            **_defaults(shorts)
        )
        for name, text in DEFINITIONS.items()
    },
}
"""What the numbers of these views mean."""


def shape_lines(found: xr.Dataset, turned: Mapping[str, str], cycle: int, looks: Looks) -> list[Line]:
    """One line per cell: shape of one cycle, and when peaks gave way to arcs; per coating where there are many.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.shape_map.transition`.
    turned
        Its words for each cell (:func:`~pchp_widgets.plots.shape_map.in_words`).
    cycle
        The selected one.
    looks
        By name of the cell.
    """
    names = found["cell"].values.tolist()
    if len(names) > GROUPED_ABOVE:
        return _shape_groups(found, looks)
    here = np.flatnonzero(found["cycle"].values == cycle)
    said = []
    for at, name in enumerate(names):
        text = f"no whole cycle {cycle}"
        for peaking, arc, shape in zip(
            *(found[of].values[at, here] for of in ("peaking", "arc", "shape")), strict=True
        ):
            if np.isfinite(peaking) and np.isfinite(arc):
                text = f"{_SHAPES[int(shape)]} (peaking {peaking:.2f}, arc {arc:.2f})"
        said.append(Line(looks[name].color, name, (text, turned[name])))
    return said


def short_lines(found: xr.Dataset, looks: Looks) -> list[Line]:
    """One line per cell: kind, score, beginning and evidence of a short; per coating where there are many.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.shorts.shorts`.
    looks
        By name of the cell.
    """
    names = found["cell"].values.tolist()
    if len(names) > GROUPED_ABOVE:
        return _short_groups(found, looks)
    said = []
    for at, name in enumerate(names):
        own = found.isel(cell=at)
        since = f"cycle {own['start_cycle'].item():.0f} ({own['start_time'].item() / 3600:.0f} h)"
        values = (
            _SHORT[str(own["kind"].item())],
            f"{own['score'].item():.2f}",
            since if np.isfinite(own["start_cycle"].item()) else "",
            evidence_in_words(own),
        )
        said.append(Line(looks[name].color, name, values, _not_known(own)))
    return said


def _not_known(own: xr.Dataset) -> tuple[str, ...]:
    unknown = undecided(own)
    return (f"not decided for lack of data: {', '.join(unknown)}",) if unknown else ()


def _shape_groups(found: xr.Dataset, looks: Looks) -> list[Line]:
    said = []
    for coating, of in _members(found, looks).items():
        seen = found["transition_cycle"].values[of][found["observed"].values[of] == SEEN]
        text = f"{len(seen)} of {len(of)}" + (f", the first in cycle {seen.min():.0f}" if len(seen) else "")
        color = looks[str(found["cell"].values[of[0]])].color
        said.append(Line(color, group_label(coating, len(of)), ("", text)))
    return said


def _short_groups(found: xr.Dataset, looks: Looks) -> list[Line]:
    said = []
    for coating, of in _members(found, looks).items():
        kinds, begins = found["kind"].values[of].tolist(), found["start_cycle"].values[of]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        since = f"first in cycle {np.nanmin(begins):.0f}" if np.isfinite(begins).any() else ""
        highest = f"up to {found['score'].values[of].max():.2f}"
        color = looks[str(found["cell"].values[of[0]])].color
        said.append(Line(color, group_label(coating, len(of)), (counts, highest, since, "")))
    return said


def _members(found: xr.Dataset, looks: Looks) -> dict[str, list[int]]:
    """Places of the cells of each coating."""
    members: dict[str, list[int]] = {}
    for at, name in enumerate(found["cell"].values.tolist()):
        members.setdefault(looks[name].coating, []).append(at)
    return members
