"""Cells of rate tests of known truth, bare and coated, for the tests of panels and of reports."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import xarray as xr

from pchp_widgets.io.cell import cell_tree
from pchp_widgets.io.contract import Recording
from pchp_widgets.io.synthetic.full import FullRecipe, full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS

REPEATS = 2


@cache
def tree(
    name: str, coating: str = "bare", *, area: bool = True, seed: int = 0, ageing: bool = False, cv: bool = False
) -> xr.DataTree:
    """A cell of two cycles at each of 0.1, 0.5, 1, 2, 3, 4, 5 and 0.1 mA cm-2, or one aged at 2 mA cm-2."""
    design = replace(DESIGNS["rate-PCHP" if coating == "PCHP" else "rate-bare"], life=8 * REPEATS)
    recipe = FullRecipe((2.0,) * 6) if ageing else replace(rate_recipe(REPEATS), points=(40, 40))
    recipe = replace(recipe, cv_until=0.05) if cv else recipe
    made = full_cell(design, full_state(design, 8 * REPEATS, spread=0.03 * bool(seed), seed=seed), recipe)
    known: dict[str, object] = {"kind": "full", "coating": coating, "cathode": "NCM83"}
    known |= {"area": "1.327 cm2", "loading": "15 mg cm-2", "nominal_capacity": "3 mA h cm-2"} if area else {}
    reader = SimpleNamespace(name="synthetic", version="1")
    recording = Recording(made.points, finished=True)
    return cell_tree(recording, Path(__file__), reader, name, known, "0" * 64)


_PAIRS = [("bare-1", "bare", 0), ("bare-2", "bare", 1), ("PCHP-1", "PCHP", 0), ("PCHP-2", "PCHP", 2)]
CELLS = [tree(name, coating, seed=seed) for name, coating, seed in _PAIRS]
