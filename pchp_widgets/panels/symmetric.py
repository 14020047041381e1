"""Symmetric cells on the screen: the whole test, one cycle, and polarization over the life of the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import symmetric as analysis
from ..plots import symmetric as plots
from ..plots import symmetric_view as view
from ..plots.traces import thinned
from .base import Result
from .of_cells import CellsPanel, go_home, on_tap
from .symmetric_readout import EXPLAINED, lines

if TYPE_CHECKING:
    from .readout import Line

_STATIC_POINTS = 6000


class SymmetricPanel(CellsPanel):
    r"""Li||Li cells: voltage over the whole test, one cycle of it, and polarization cycle by cycle.

    Zoom the trace with the wheel or a box; a double click brings all of it back. Click into the trace or at a point of
    the polarization to see that cycle.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the cells shown; ``cycle``: the selected cycle; ``definition``: of the polarization, one of
        :data:`~pchp_widgets.analysis.symmetric.DEFINITIONS`; ``against``: ``"cycle"`` or ``"time"``; ``window``: time
        in view [h] as (start, stop), empty for all of it.

    Raises
    ------
    ValueError
        When no cell shown has that cycle.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> SymmetricPanel(open_study("data/pchp-study"), cycle=100, definition="last")  # doctest: +SKIP
    """

    kinds = ("symmetric",)
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    definition = traitlets.Enum(list(analysis.DEFINITIONS), "mid")
    against = traitlets.Enum(["cycle", "time"], "cycle")
    window = traitlets.Tuple()

    draw: ClassVar[Mapping[str, Any]] = {
        "trace": plots.whole_trace,
        "cycle": plots.one_cycle,
        "polarization": plots.polarization,
    }

    @traitlets.validate("window")
    def _start_before_stop(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        window = tuple(float(edge) for edge in proposal["value"])
        if window and not (len(window) == 2 and window[0] < window[1]):
            raise traitlets.TraitError(f"window {window}: write (start, stop) in hours, or () for the whole test")
        return window

    def data(self, *, live: bool = True) -> Result:
        """Datasets of the three figures; see :class:`~.base.Panel`."""
        shown = self.shown
        _, ends = self.remembered(self._polarization, *shown)
        looks, span = self.cells.looks, self.remembered(self._span, self.cycle, *shown)
        drawn: dict[str, dict[str, Any]] = {
            "trace": {
                "trace": self.remembered(self._trace, live, self.window or None, *shown),
                "ends": ends,
                "span": span,
            },
            "cycle": {"halves": self.remembered(self._halves, self.cycle, *shown)},
            "polarization": {
                "by_cycle": self.remembered(self._by_cycle, self.definition, *shown),
                "ends": ends,
                "span": span,
                "against": self.against,
            },
        }
        return Result({name: {**arguments, "looks": looks} for name, arguments in drawn.items()}, self.remark())

    def _polarization(self, *shown: str) -> tuple[xr.Dataset, xr.Dataset]:
        """Polarization of the cells shown, and how they ended."""
        read = {name: self.cells[name] for name in shown or self.cells.names[:1]}
        pieces = [cell.polarization for cell in read.values()]
        found = xr.concat(pieces, "cell", join="outer", combine_attrs="drop_conflicts")
        found = found.assign_coords(cell=list(read)).isel(cell=slice(len(shown)))
        finished = {name: cell.finished for name, cell in read.items()}
        return found, view.ends(found, analysis.life(found, finished=finished))

    def _trace(self, live: bool, window: tuple[float, float] | None, *shown: str) -> xr.Dataset:
        points = None if live else _STATIC_POINTS
        return thinned({name: self.cells[name].trace for name in shown}, window, points)

    def _halves(self, cycle: int, *shown: str) -> xr.Dataset:
        return view.halves({name: self.cells[name].tree for name in shown}, cycle)

    def _span(self, cycle: int, *shown: str) -> xr.Dataset:
        return view.cycle_span(self.remembered(self._polarization, *shown)[0], cycle)

    def _by_cycle(self, definition: analysis.Definition, *shown: str) -> xr.Dataset:
        return view.by_cycle(self.remembered(self._polarization, *shown)[0], definition)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell, or per coating where there are many."""
        return self.remembered(self._lines, self.definition, self.cycle, *self.shown)

    def _lines(self, definition: analysis.Definition, cycle: int, *shown: str) -> list[Line]:
        by_cycle = self.remembered(self._by_cycle, definition, *shown)
        _, ends = self.remembered(self._polarization, *shown)
        return lines(by_cycle, ends, cycle, {name: self.cells[name] for name in shown}, self.cells.looks)

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The trace on top, the cycle and the polarization below it, side by side where there is room."""
        from ..plots.render import wrapped

        return wrapped([[figures["trace"]], [figures["cycle"], figures["polarization"]]])

    def connect(self, name: str, figure: Any) -> None:
        """Zoom adds detail, a click selects a cycle, a double click goes back to everything."""
        from bokeh.events import DoubleTap, RangesUpdate, Reset

        super().connect(name, figure)
        if name == "trace":
            figure.on_event(RangesUpdate, self._zoom)
            for event in (DoubleTap, Reset):
                figure.on_event(event, lambda _: self._whole_test(figure))
        if name != "cycle":
            on_tap(figure, lambda event: self._select(name, event.x))

    def _zoom(self, event: Any) -> None:
        self.window = (event.x0, event.x1)

    def _whole_test(self, figure: Any) -> None:
        go_home(figure)
        self.window = ()

    def _select(self, name: str, x: float) -> None:
        """Select the cycle at some place of a figure."""
        if name == "polarization" and self.against == "cycle":
            self.select(x)
            return
        by_cycle = self.result.data["polarization"]["by_cycle"]
        begin = by_cycle["time"].values
        away = np.abs(begin - x) if name == "polarization" else np.where(begin <= x, x - begin, np.inf)
        distance = np.fmin.reduce(away, axis=0, initial=np.inf)
        if np.isfinite(distance).any():
            self.cycle = int(by_cycle["cycle"].values[distance.argmin()])

    def own_controls(self) -> Sequence[Any]:
        """Which definition, against what; see :class:`~.of_cells.CellsPanel`."""
        from .symmetric_controls import controls

        return controls(self)

    def readouts(self) -> Sequence[Any]:
        """A table of the cells shown; see :class:`~.base.Panel`."""
        from .readout import readout

        return [readout(self, lambda: (f"polarization, cycle {self.cycle}", "life"), self.lines)]
