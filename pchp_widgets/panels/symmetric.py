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
from .base import Panel, Result
from .cells import Cells
from .code import reproduction
from .symmetric_readout import Line, lines

if TYPE_CHECKING:
    from .cells import Given

_SHOWN_AT_FIRST = 12
_STATIC_POINTS = 6000


class SymmetricPanel(Panel):
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

    shown = traitlets.Tuple()
    cycle = traitlets.Int()
    definition = traitlets.Enum(list(analysis.DEFINITIONS), "mid")
    against = traitlets.Enum(["cycle", "time"], "cycle")
    window = traitlets.Tuple()

    draw: ClassVar[Mapping[str, Any]] = {
        "trace": plots.whole_trace,
        "cycle": plots.one_cycle,
        "polarization": plots.polarization,
    }

    def __init__(self, cells: Given, **state: Any) -> None:
        self.cells = Cells(cells)
        super().__init__(**state)
        if "cycle" in state and self.shown and self.cycle not in self.cells.cycle_numbers(self.shown):
            raise ValueError(self.status)

    @traitlets.default("shown")
    def _shown_at_first(self) -> tuple[str, ...]:
        """All cells, or as many replicates of each coating as can be told apart."""
        names = self.cells.names
        if len(names) <= _SHOWN_AT_FIRST:
            return names
        coatings = [self.cells.looks[name].coating for name in names]
        each = max(_SHOWN_AT_FIRST // len(set(coatings)), 1)
        return tuple(name for at, name in enumerate(names) if coatings[:at].count(coatings[at]) < each)

    @traitlets.default("cycle")
    def _first_whole_cycle(self) -> int:
        numbers = self.cells.cycle_numbers(self.shown or self.cells.names)
        return int(max(numbers.min(), min(1, numbers.max())))

    @traitlets.validate("shown")
    def _known_cells(self, proposal: Mapping[str, Any]) -> tuple[str, ...]:
        unknown = [name for name in proposal["value"] if name not in self.cells.names]
        if unknown:
            raise traitlets.TraitError(f"there is no cell {unknown[0]!r}; there are {', '.join(self.cells.names)}")
        return tuple(name for name in self.cells.names if name in proposal["value"])

    @traitlets.validate("window")
    def _start_before_stop(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        window = tuple(float(edge) for edge in proposal["value"])
        if window and not (len(window) == 2 and window[0] < window[1]):
            raise traitlets.TraitError(f"window {window}: write (start, stop) in hours, or () for the whole test")
        return window

    def data(self, *, live: bool = True) -> Result:
        """Datasets of the three figures; see :class:`Panel`."""
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
        return Result({name: {**arguments, "looks": looks} for name, arguments in drawn.items()}, self._remark())

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

    def _remark(self) -> str:
        if not self.shown:
            return "No cell is selected: choose one in the list."
        numbers = self.cells.cycle_numbers(self.shown)
        if self.cycle not in numbers:
            return f"No cell shown has a cycle {self.cycle}: choose one from {numbers.min()} to {numbers.max()}."
        return ""

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell, or per coating where there are many."""
        return self.remembered(self._lines, self.definition, self.cycle, *self.shown)

    def _lines(self, definition: analysis.Definition, cycle: int, *shown: str) -> list[Line]:
        by_cycle = self.remembered(self._by_cycle, definition, *shown)
        _, ends = self.remembered(self._polarization, *shown)
        return lines(by_cycle, ends, cycle, {name: self.cells[name] for name in shown}, self.cells.looks)

    def to_code(self) -> str:
        """Python that makes this panel again, as far as it is known where the cells come from."""
        return reproduction(type(self).__name__, self.cells.given, self.changed())

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The trace on top, the cycle and the polarization below it, side by side where there is room."""
        from ..plots.render import wrapped

        return wrapped([[figures["trace"]], [figures["cycle"], figures["polarization"]]])

    def connect(self, name: str, figure: Any) -> None:
        """Zoom adds detail, a click selects a cycle, a double click goes back to everything."""
        from bokeh.events import DoubleTap, RangesUpdate, Reset, Tap

        figure.on_event(DoubleTap, lambda _: self._go_home(figure))
        if name == "trace":
            figure.on_event(RangesUpdate, self._zoom)
            figure.on_event(Reset, lambda _: self._go_home(figure))
        if name != "cycle":
            figure.on_event(Tap, lambda event: self._select(name, event.x))

    def _zoom(self, event: Any) -> None:
        self.window = (event.x0, event.x1)

    def _go_home(self, figure: Any) -> None:
        for axis_range in (figure.x_range, figure.y_range):
            axis_range.update(start=axis_range.reset_start, end=axis_range.reset_end)
        if figure is self.figures["trace"]:
            self.window = ()

    def _select(self, name: str, x: float) -> None:
        """Select the cycle at some place of a figure."""
        by_cycle = self.result.data["polarization"]["by_cycle"]
        if name == "polarization" and self.against == "cycle":
            distance = np.abs(by_cycle["cycle"].values - x)
        else:
            begin = by_cycle["time"].values
            away = np.abs(begin - x) if name == "polarization" else np.where(begin <= x, x - begin, np.inf)
            distance = np.fmin.reduce(away, axis=0, initial=np.inf)
        if np.isfinite(distance).any():
            self.cycle = int(by_cycle["cycle"].values[distance.argmin()])

    def controls(self) -> Sequence[Any]:
        """Which cells, which cycle, which definition; see :class:`Panel`."""
        from .symmetric_controls import controls

        return controls(self)

    def readouts(self) -> Sequence[Any]:
        """A table of the cells shown; see :class:`Panel`."""
        from .symmetric_controls import readouts

        return readouts(self)
