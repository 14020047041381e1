"""Tables of the resistances a rate test implies; the numbers come from :mod:`pchp_widgets.analysis`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import xarray as xr

from ..analysis.rate_profiles import rate_profiles
from ..analysis.rate_resistance import implied_resistance, resistance_difference, shift_resistance
from ..analysis.replicates import spread
from ..plots.cycling_view import families
from .cycling import steps
from .display import Text
from .tables import Column, Table

_BARE = "bare"
_SLOPES = (
    "Low and high are the medians of the 95 % intervals of the slopes. A slope holds whatever follows the current at "
    "the time scale of a half-cycle: electrolyte, coating, interfaces, and diffusion in the cathode."
)
_ALONE = (
    "An effective value: whatever else costs capacity at high current, diffusion in the cathode above all, is put down "
    "to the resistance. The interval holds the scatter between the cycles of a step, no error of the model."
)
_PAIRS = (
    "The curves of the cell of larger capacity, moved by j ASR towards the cut-offs, leave the capacity of the other "
    "one: what both have in common, as diffusion in the cathode, is gone. Pairs whose capacities differ by less than "
    "10 % are in the csv only, with the remark."
)


def profiles(cells: Sequence[xr.DataTree], rates: xr.Dataset) -> dict[str, xr.Dataset]:
    """Voltage curves of each cell by its name, as the resistances are taken from."""
    return {str(tree.name): rate_profiles(tree["points"].to_dataset(), steps([tree]), rates) for tree in cells}


def shift_table(curves: Mapping[str, xr.Dataset]) -> Table:
    """ASR of every cell from the shift of its curves between current densities."""
    found = {name: shift_resistance(of) for name, of in curves.items()}
    places = [(name, way) for name in found for way in ("discharge", "charge")]

    def numbers(name: str) -> list[float]:
        return [float(found[cell][name].sel(direction=way)) for cell, way in places]

    columns = [
        Column("cell", [cell for cell, _ in places]),
        Column("direction", [way for _, way in places]),
        Column("asr", numbers("overall"), "ohm cm2", digits=1),
        Column("low", numbers("overall_low"), "ohm cm2", digits=1),
        Column("high", numbers("overall_high"), "ohm cm2", digits=1),
        Column("remark", [str(found[cell]["remark"].sel(direction=way).item()) for cell, way in places]),
    ]
    definition = str(next(iter(found.values()))["overall"].attrs["definition"]) if found else ""
    notes = [_SLOPES]
    caption = "Area-specific resistance from the shift of the curves."
    return Table("resistance_shift", caption, columns, [("ASR", definition)], notes)


def implied_table(curves: Mapping[str, xr.Dataset]) -> Table:
    """ASR that would explain the capacity of each cell at each current density by itself."""
    found = [(name, implied_resistance(of)) for name, of in curves.items()]
    places = [(name, of.isel(rate_step=step)) for name, of in found for step in range(of.sizes["rate_step"])]
    places = [(name, at) for name, at in places if np.isfinite(at["current_density"])]
    columns = [Column("cell", [name for name, _ in places]), *_implied([at for _, at in places])]
    decided = [(name, at) for name, at in places if np.isfinite(at["asr"])]
    view = [Column("cell", [name for name, _ in decided]), *_implied([at for _, at in decided])]
    notes = [_ALONE]
    definition = str(found[0][1]["asr"].attrs["definition"]) if found else ""
    caption = "Resistance that would explain the capacities alone, from the curves of the slowest step of each cell."
    return Table("resistance_implied", caption, columns, [("ASR", definition)], notes, view)


def difference_table(rates: xr.Dataset, curves: Mapping[str, xr.Dataset]) -> Table | Text:
    """Difference of the ASR of bare and coated cells of one family that explains their capacities, pair by pair."""
    labels = dict(zip((str(name) for name in rates["cell"].values), families(rates), strict=True))
    coatings = dict.fromkeys(labels, "")
    if "coating" in rates.coords:
        coatings = dict(zip(labels, (str(one) for one in rates["coating"].values), strict=True))
    bare = [name for name, coating in coatings.items() if coating == _BARE]
    coated = [name for name, coating in coatings.items() if coating not in {_BARE, ""}]
    pairs = [(one, other) for one, other in product(bare, coated) if labels[one] == labels[other]]
    if not pairs:
        return Text("There is no pair of a bare and a coated cell with the same cathode: nothing to compare.")
    places = []
    for one, other in pairs:
        of = resistance_difference(curves[one], curves[other])
        places += [(one, other, of.isel(rate_step=step)) for step in range(of.sizes["rate_step"])]
    places = [(one, other, at) for one, other, at in places if np.isfinite(at["current_density"])]
    columns = [
        Column("bare", [one for one, _, _ in places]),
        Column("coated", [other for _, other, _ in places]),
        *_implied([at for _, _, at in places]),
    ]
    by_current: dict[float, list[float]] = {}
    for _, _, at in places:
        if not str(at["remark"].item()) and np.isfinite(at["asr"]):
            by_current.setdefault(round(float(at["current_density"]), 2), []).append(float(at["asr"]))
    view = [
        Column("current_density", list(by_current), "mA cm-2", digits=2),
        Column("asr_bare_minus_coated", [float(np.mean(one)) for one in by_current.values()], "ohm cm2", digits=1),
        Column("sd_of_pairs", [spread(one).sd for one in by_current.values()], "ohm cm2", digits=1),
        Column("pairs", [len(one) for one in by_current.values()], digits=0),
    ]
    notes = [_PAIRS]
    caption = "Difference of the resistances of bare and coated cells that explains their capacities."
    return Table("resistance_difference", caption, columns, notes=notes, view=view)


def _implied(at: Sequence[xr.Dataset]) -> list[Column]:
    return [
        Column("current_density", [float(one["current_density"]) for one in at], "mA cm-2", digits=2),
        Column("asr", [float(one["asr"]) for one in at], "ohm cm2", digits=1),
        Column("low", [float(one["asr_low"]) for one in at], "ohm cm2", digits=1),
        Column("high", [float(one["asr_high"]) for one in at], "ohm cm2", digits=1),
        Column("remark", [str(one["remark"].item()) for one in at]),
    ]
