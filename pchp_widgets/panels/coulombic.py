"""Li||Cu cells on the screen: the whole test, one cycle of it, and Coulombic efficiency over the cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import coulombic as analysis
from ..analysis.nucleation import nucleation
from ..model.cycles import half_cycles
from ..plots import coulombic as plots
from ..plots import coulombic_view as view
from ..plots.pieces import REPLICATES
from ..plots.symmetric_view import cycle_span
from ..plots.traces import thinned
from .base import Result
from .coulombic_readout import EXPLAINED, HEADS, lines
from .with_trace import TracePanel

if TYPE_CHECKING:
    from .readout import Line

_STATIC_POINTS = 6000


class CoulombicPanel(TracePanel):
    """Li||Cu cells: voltage over the whole test, plating and stripping of one cycle, and efficiency cycle by cycle.

    Zoom the trace with the wheel or a box; a double click brings all of it back. Click into the trace or at a point of
    the efficiency to see that cycle.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the cells shown; ``cycle``: the selected cycle; ``protocol``: ``"recognised"`` or one of
        :data:`~pchp_widgets.analysis.coulombic.DEFINITIONS`; ``exclude``: cycles left out of the mean of a
        galvanostatic test; ``charge_error``: relative standard error of a charge; ``replicates``: ``"each"`` or
        ``"mean"``; ``window``: time in view [h] as (start, stop), empty for all of it.

    Raises
    ------
    ValueError
        When no cell shown has that cycle.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> CoulombicPanel(open_study("data/pchp-study"), cycle=10, replicates="mean")  # doctest: +SKIP
    """

    kinds = ("li_cu",)
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    protocol = traitlets.Enum([analysis.RECOGNISED, *analysis.DEFINITIONS], analysis.RECOGNISED)
    exclude = traitlets.Tuple(default_value=(1,))
    charge_error = traitlets.Float(analysis.CHARGE_ERROR, min=0.0, max=0.1)
    replicates = traitlets.Enum(list(REPLICATES), "each")

    draw: ClassVar[Mapping[str, Any]] = {
        "trace": plots.whole_test,
        "cycle": plots.one_cycle,
        "efficiency": plots.efficiency,
    }

    @traitlets.validate("exclude")
    def _numbers_of_cycles(self, proposal: Mapping[str, Any]) -> tuple[int, ...]:
        if not all(isinstance(number, int) for number in proposal["value"]):
            raise traitlets.TraitError(f"exclude {proposal['value']}: write numbers of cycles, as (1, 2)")
        return tuple(sorted(set(proposal["value"])))

    def data(self, *, live: bool = True) -> Result:
        """Datasets of the three figures; see :class:`~.base.Panel`."""
        shown, looks = self.shown, self.cells.looks
        said = (self.protocol, self.exclude, self.charge_error)
        return Result(
            {
                "trace": {
                    "trace": self.remembered(self._trace, live, self.window or None, *shown),
                    "span": self.remembered(self._span, self.cycle, *shown),
                    "limits": self.remembered(self._limits, *shown),
                    "looks": looks,
                },
                "cycle": {"cycle": self.remembered(self._cycle, self.cycle, *shown), "looks": looks},
                "efficiency": {
                    "curves": self.remembered(self._curves, self.replicates, *said, *shown),
                    "cycle": self.cycle,
                },
            },
            self.remark(),
        )

    def found(self) -> xr.Dataset:
        """What is said of the cells shown: as :func:`~pchp_widgets.analysis.coulombic.efficiency` gives it."""
        return self.remembered(self._efficiency, self.protocol, self.exclude, self.charge_error, *self.shown)

    def _efficiency(
        self, protocol: analysis.Protocol, exclude: tuple[int, ...], charge_error: float, *shown: str
    ) -> xr.Dataset:
        steps = self.cells.steps(shown or self.cells.names[:1])
        found = analysis.efficiency(steps, protocol=protocol, exclude=exclude, charge_error=charge_error)
        return found.isel(cell=slice(len(shown)))

    def _nucleation(self, *shown: str) -> xr.Dataset:
        found = nucleation(self.cells[name].tree for name in shown or self.cells.names[:1])
        return found.assign_coords(cell=list(shown or self.cells.names[:1])).isel(cell=slice(len(shown)))

    def _halves(self, *shown: str) -> xr.Dataset:
        return half_cycles(self.cells.steps(shown or self.cells.names[:1])).isel(cell=slice(len(shown)))

    def _limits(self, *shown: str) -> tuple[float, float]:
        return view.limits(self.cells.steps(shown or self.cells.names[:1]))

    def _trace(self, live: bool, window: tuple[float, float] | None, *shown: str) -> xr.Dataset:
        return thinned({name: self.cells[name].trace for name in shown}, window, None if live else _STATIC_POINTS)

    def _span(self, cycle: int, *shown: str) -> xr.Dataset:
        return cycle_span(self.remembered(self._halves, *shown), cycle)

    def _cycle(self, cycle: int, *shown: str) -> xr.Dataset:
        trees = {name: self.cells[name].tree for name in shown}
        return view.one_cycle(trees, self.remembered(self._nucleation, *shown), cycle)

    def _curves(self, replicates: str, *said: Any) -> xr.Dataset:
        return view.curves(self.remembered(self._efficiency, *said), self.cells.looks, replicates)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell, or per coating and protocol where there are many."""
        cells = {name: self.cells[name] for name in self.shown}
        dips = self.remembered(self._nucleation, *self.shown)
        return lines(self.found(), dips, self.cycle, cells, self.cells.looks)

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The trace on top, the cycle and the efficiency below it, side by side where there is room."""
        from ..plots.render import wrapped

        return wrapped([[figures["trace"]], [figures["cycle"], figures["efficiency"]]])

    def select_in(self, name: str, x: float) -> None:
        """Select the cycle at some place of a figure; see :class:`~.with_trace.TracePanel`."""
        if name == "efficiency":
            self.select(x)
            return
        halves = self.remembered(self._halves, *self.shown)
        begin = halves["time_start"].min("direction").transpose("cell", "cycle").values / 3600.0
        passed = np.fmin.reduce(np.where(begin <= x, x - begin, np.inf), axis=0, initial=np.inf)
        if np.isfinite(passed).any():
            self.cycle = int(halves["cycle"].values[passed.argmin()])

    def own_controls(self) -> Sequence[Any]:
        """Which protocol, what is left out, each replicate or their mean; see :class:`~.of_cells.CellsPanel`."""
        from .coulombic_controls import controls

        return controls(self)

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        return tuple(head.format(cycle=self.cycle) for head in HEADS)
