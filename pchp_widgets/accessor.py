"""``tree.pchp``: the common questions of one cell, in one word each. Every answer is that of a public function."""

from __future__ import annotations

from typing import Any

import xarray as xr

from .model.cycles import half_cycles
from .model.schema import validate


@xr.register_datatree_accessor("pchp")
class CellAccessor:
    """Shortcuts on the tree of one cell, as :func:`pchp_widgets.open_cell` gives it.

    Each imports its analysis when it is called: whoever opens a file or a panel of another kind does not wait for it.
    """

    def __init__(self, tree: xr.DataTree) -> None:
        self._tree = tree

    def validate(self) -> list[str]:
        """Everything wrong with the tree, in words; see :func:`pchp_widgets.model.schema.validate`."""
        return validate(self._tree)

    def half_cycles(self) -> xr.Dataset:
        """Half-cycles (cell, cycle, direction); see :func:`pchp_widgets.model.cycles.half_cycles`."""
        return half_cycles(self._tree["steps"].to_dataset())

    def points(self, cycle: int, step: int | None = None) -> xr.Dataset:
        """Points of one cycle, or of one of its steps: a slice of the trace, without a search.

        Raises
        ------
        KeyError
            When the cell has no such cycle or step.
        """
        steps = self._tree["steps"].to_dataset().isel(cell=0).sel(cycle=cycle)
        if step is not None:
            steps = steps.sel(step=[step])
        there = steps["point_count"] > 0
        if not there.any():
            raise KeyError(f"{self._tree.name}: cycle {cycle} has no step {step}")
        start = int(steps["point_start"].where(there).min())
        stop = int((steps["point_start"] + steps["point_count"]).where(there).max())
        return self._tree["points"].to_dataset().isel(point=slice(start, stop))

    def polarization(self) -> xr.Dataset:
        """Polarization by every definition; see :func:`pchp_widgets.analysis.symmetric.polarization`."""
        from .analysis import symmetric

        return symmetric.polarization(self._tree)

    def shorts(self) -> xr.Dataset:
        """Evidence of internal shorts in a symmetric cell; see :func:`pchp_widgets.analysis.shorts.shorts`."""
        from .analysis import shorts

        return shorts.shorts(self._tree)

    def cycling(self) -> xr.Dataset:
        """Capacities, efficiencies and mean voltages of every cycle of a full or half cell.

        See :func:`pchp_widgets.analysis.cycling.per_cycle`.
        """
        from .analysis import cycling

        return cycling.per_cycle(self._tree["steps"].to_dataset())

    def coulombic(self) -> xr.Dataset:
        """Li||Cu: Coulombic efficiency by protocol; see :func:`pchp_widgets.analysis.coulombic.efficiency`."""
        from .analysis import coulombic

        return coulombic.efficiency(self._tree["steps"].to_dataset())

    def impedance(self, circuit: str = "", **how: Any) -> xr.Dataset:
        """A circuit, two arcs unless said, fitted to every spectrum.

        See :func:`pchp_widgets.analysis.impedance.fit`, which takes `how`.

        Raises
        ------
        ValueError
            When the cell has no spectra, or the circuit cannot be read.
        """
        if "spectra" not in self._tree.children:
            raise ValueError(f"{self._tree.name}: has no impedance spectra; open a file of EIS, such as PEIS")
        from .analysis import impedance
        from .analysis.spectra_resistances import TWO_ARCS

        return impedance.fit(self._tree["spectra"].to_dataset(), circuit or TWO_ARCS, **how)

    def transference(self) -> xr.Dataset:
        """Steady-state current fraction of a polarized Li||Li cell, with its interval and flags.

        See :func:`pchp_widgets.analysis.transference.transference`.
        """
        from .analysis import transference

        return transference.transference(transference.from_cells(self._tree))
