"""Cells of known truth for panels."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xarray as xr

from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps

MakeCell = Callable[..., xr.DataTree]


@pytest.fixture(scope="session")
def make_cell() -> MakeCell:
    """Makes a symmetric cell of known truth."""

    def make(
        name: str, coating: str = "PCHP", *, cycles: int = 8, area: float = 1.327, **recipe: object
    ) -> xr.DataTree:
        kind = "PCHP" if coating == "PCHP" else "bare"
        made = symmetric_cell(state(kind, cycles), Recipe(cycles=cycles, area=1.327, **recipe))  # type: ignore[arg-type]
        counted = steps(made.points, rule="plating_first", cell=name, area=area)
        counted = counted.assign_coords(coating=("cell", [coating]), area=("cell", [area]))
        return xr.DataTree.from_dict({"steps": counted, "points": made.points}, name=name)

    return make
