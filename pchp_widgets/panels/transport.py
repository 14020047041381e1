"""What panels of transference and conductivity have in common: cells with spectra, and a circuit fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets
import xarray as xr

from ..analysis.circuits import circuit as parsed
from ..analysis.spectra_resistances import TWO_ARCS, of_cells
from .of_cells import ShownPanel
from .spectra_cells import SpectraCells

CIRCUITS = {
    TWO_ARCS: "two arcs: SEI and charge transfer",
    "R0-p(R1,CPE1)": "one arc: SEI and charge transfer together",
    "R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)": "three arcs: coating, SEI and charge transfer",
}
"""Circuits offered; any other may be typed, as long as it has at most three arcs."""


class TransportPanel(ShownPanel):
    """A panel about numbers that follow from the resistances of spectra.

    Parameters
    ----------
    cells
        As for :class:`~.of_cells.ShownPanel`; they need spectra.
    **state
        ``shown``; ``circuit``: as :func:`~pchp_widgets.analysis.circuits.circuit` reads it; and what the subclass adds.
    """

    collection = SpectraCells
    kinds = ("transport", "symmetric")
    cells: SpectraCells

    circuit = traitlets.Unicode(TWO_ARCS)

    @traitlets.validate("circuit")
    def _a_circuit_with_roles(self, proposal: Mapping[str, Any]) -> str:
        text = str(proposal["value"])
        try:
            arcs = parsed(text).arcs()
        except ValueError as error:
            raise traitlets.TraitError(f"circuit: {error}") from None
        if not 1 <= len(arcs) <= 3:
            raise traitlets.TraitError(f"circuit {text}: has {len(arcs)} arcs; one to three have a meaning here")
        return text

    def resistances(self) -> xr.Dataset:
        """Resistances of all spectra of the cells shown, or of the first cell when none is."""
        return self.remembered(self._resistances, self.circuit, *self.names_used)

    @property
    def names_used(self) -> tuple[str, ...]:
        """The cells shown; when none is, one lends its form."""
        return self.shown or self.cells.names[:1]

    def _resistances(self, circuit: str, *names: str) -> xr.Dataset:
        return self.remembered(self._every_resistance, circuit).sel(cell=list(names))

    def _every_resistance(self, circuit: str) -> xr.Dataset:
        """All cells at once, so that showing others needs no fit."""
        names = list(self.cells.names)
        return of_cells([self.cells[name].tree for name in names], circuit).assign_coords(cell=names)
