"""Symmetric cells on the screen: the whole test, one cycle, and polarization over the life of the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import symmetric as analysis
from ..analysis.shape_map import shape_map, transition
from ..analysis.shorts import shorts
from ..plots import shape_map as shape_plots
from ..plots import shorts as short_plots
from ..plots import symmetric as plots
from ..plots import symmetric_view as view
from ..plots.pieces import REPLICATES
from ..plots.traces import thinned
from .base import Result
from .symmetric_readout import EXPLAINED, lines
from .symmetric_words import shape_lines, short_lines
from .with_trace import TracePanel

if TYPE_CHECKING:
    from .cells import Cell
    from .readout import Line

_STATIC_POINTS = 6000

VIEWS: dict[str, Sequence[Sequence[str]]] = {
    "polarization": [["trace"], ["cycle", "polarization"]],
    "shape map": [["discharge_map", "charge_map"], ["cycle", "fingerprints"]],
    "shorts": [["scores", "evidence"], ["cycle", "trace"]],
}
"""Rows of figures, by what a view is called."""


class SymmetricPanel(TracePanel):
    r"""Li||Li cells: voltage over the whole test, one cycle of it, and polarization cycle by cycle.

    Three views: the polarization, the shape of the trace over the life of one cell, and the evidence for internal
    shorts; what a view needs is computed when it is first shown. Zoom the trace with the wheel or a box; a double click
    brings all of it back. Click into any figure but that of a single cycle to see the cycle of that place.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the cells shown; ``cycle``: the selected cycle; ``definition``: of the polarization, one of
        :data:`~pchp_widgets.analysis.symmetric.DEFINITIONS`; ``against``: ``"cycle"`` or ``"time"``; ``window``: time
        in view [h] as (start, stop), empty for all of it; ``view``: ``"polarization"``, ``"shape map"`` or
        ``"shorts"``; ``cell``: of the shape map, the first one shown when empty; ``replicates``: ``"each"`` cell, or
        the ``"mean"`` of each coating in a ribbon of one standard deviation.

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
    views: ClassVar[Mapping[str, Sequence[Sequence[str]]]] = VIEWS

    definition = traitlets.Enum(list(analysis.DEFINITIONS), "mid")
    against = traitlets.Enum(["cycle", "time"], "cycle")
    view = traitlets.Enum(list(VIEWS), "polarization")
    cell = traitlets.Unicode()
    replicates = traitlets.Enum(list(REPLICATES), "each")

    draw: ClassVar[Mapping[str, Any]] = {
        "trace": plots.whole_trace,
        "cycle": plots.one_cycle,
        "polarization": plots.polarization,
        "discharge_map": shape_plots.shape_map,
        "charge_map": shape_plots.shape_map,
        "fingerprints": shape_plots.fingerprints,
        "scores": short_plots.scores,
        "evidence": short_plots.evidence,
    }
    linked: ClassVar[Sequence[Sequence[str]]] = (
        ("discharge_map", "charge_map", "fingerprints"),
        ("scores", "evidence"),
    )

    @traitlets.validate("cell")
    def _known_cell(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] and proposal["value"] not in self.cells.names:
            there = ", ".join(self.cells.names)
            raise traitlets.TraitError(f"there is no cell {proposal['value']!r}; there are {there}")
        return str(proposal["value"])

    @property
    def mapped(self) -> str:
        """Name of the cell whose shape is shown: `cell` if it is shown at all, else the first; empty without any."""
        return self.cell if self.cell in self.shown else next(iter(self.shown), "")

    def data(self, *, live: bool = True) -> Result:
        """Datasets of the figures of this view; see :class:`~.base.Panel`."""
        make = {"polarization": self._of_polarization, "shape map": self._of_shapes, "shorts": self._of_shorts}
        return Result(make[self.view](live), self.remark())

    def _of_polarization(self, live: bool) -> dict[str, dict[str, Any]]:
        shown = self.shown
        drawn = {
            **self._of_traces(live),
            "polarization": {
                "by_cycle": self.remembered(self._by_cycle, self.definition, *shown),
                "ends": self.remembered(self._polarization, *shown)[1],
                "span": self.remembered(self._span, self.cycle, *shown),
                "looks": self.cells.looks,
                "against": self.against,
            },
        }
        if self.replicates == "mean":
            drawn["polarization"]["means"] = self.remembered(self._means, self.definition, *shown)
        return drawn

    def _of_shapes(self, _: bool) -> dict[str, dict[str, Any]]:
        turn, looks = self.remembered(self._turn_of, self.mapped, *self.shown), self.cells.looks
        maps = {
            f"{direction}_map": {"half": half, "turn": turn, "cycle": self.cycle}
            for direction, half in self.remembered(self._maps, self.mapped).items()
        }
        return {**maps, **self._of_one_cycle(), "fingerprints": {"turn": turn, "cycle": self.cycle, "looks": looks}}

    def _of_shorts(self, live: bool) -> dict[str, dict[str, Any]]:
        drawn = {"found": self.remembered(self._shorts, *self.shown), "looks": self.cells.looks, "cycle": self.cycle}
        return {"scores": drawn, "evidence": drawn, **self._of_traces(live)}

    def _of_traces(self, live: bool) -> dict[str, dict[str, Any]]:
        """The whole test and one cycle of it."""
        shown = self.shown
        return {
            "trace": {
                "trace": self.remembered(self._trace, live, self.window or None, *shown),
                "ends": self.remembered(self._polarization, *shown)[1],
                "span": self.remembered(self._span, self.cycle, *shown),
                "looks": self.cells.looks,
            },
            **self._of_one_cycle(),
        }

    def _of_one_cycle(self) -> dict[str, dict[str, Any]]:
        halves = self.remembered(self._halves, self.cycle, *self.shown)
        return {"cycle": {"halves": halves, "looks": self.cells.looks}}

    def _polarization(self, *shown: str) -> tuple[xr.Dataset, xr.Dataset]:
        """Polarization of the cells shown, and how they ended."""
        read = {name: self.cells[name] for name in shown or self.cells.names[:1]}
        pieces = [cell.polarization for cell in read.values()]
        found = xr.concat(pieces, "cell", join="outer", combine_attrs="drop_conflicts")
        found = found.assign_coords(cell=list(read)).isel(cell=slice(len(shown)))
        finished = {name: cell.finished for name, cell in read.items()}
        return found, view.ends(found, analysis.life(found, finished=finished))

    def _turns(self, *shown: str) -> xr.Dataset:
        """When the traces of the cells shown turn from peaks to arcs."""
        found, _ = self.remembered(self._polarization, *shown)
        return transition(found, analysis.life(found))

    def _turn_of(self, name: str, *shown: str) -> xr.Dataset:
        """The same of one of them; of no cell, what is said of one of which nothing is known."""
        if name:
            return self.remembered(self._turns, *shown).sel(cell=[name])
        some = self.remembered(self._turns, self.cells.names[0])
        return some.where(False).assign_attrs(some.attrs)

    def _maps(self, name: str) -> dict[str, shape_plots.HalfCycleMap]:
        found = shape_plots.on_capacity(shape_map(self.cells[name or self.cells.names[0]].tree))
        found = (found if name else found.where(False)).assign_attrs(found.attrs, cell=name)
        return {direction: shape_plots.half_cycle_map(found, direction) for direction in ("discharge", "charge")}

    def _shorts(self, *shown: str) -> xr.Dataset:
        trees = [self.cells[name].tree for name in shown or self.cells.names[:1]]
        found = shorts(trees).isel(cell=slice(len(shown)))
        return found.assign_coords(cell=list(shown))

    def _means(self, definition: analysis.Definition, *shown: str) -> xr.Dataset:
        ends = self.remembered(self._polarization, *shown)[1]
        return view.means(self.remembered(self._by_cycle, definition, *shown), ends, self.cells.looks)

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
        """What is shown, in words: a line per cell, or per coating where there are many or their mean is drawn."""
        if self.view == "shorts":
            return self.remembered(self._short_lines, *self.shown)
        if self.view == "shape map":
            return self.remembered(self._shape_lines, self.cycle, *self.shown)
        return self.remembered(self._lines, self.definition, self.cycle, self.replicates == "mean", *self.shown)

    def _lines(self, definition: analysis.Definition, cycle: int, grouped: bool, *shown: str) -> list[Line]:
        by_cycle = self.remembered(self._by_cycle, definition, *shown)
        _, ends = self.remembered(self._polarization, *shown)
        return lines(by_cycle, ends, cycle, self._read(shown), self.cells.looks, grouped=grouped)

    def _shape_lines(self, cycle: int, *shown: str) -> list[Line]:
        if not shown:
            return []
        turned = self.remembered(self._turned, *shown)
        return shape_lines(self.remembered(self._turns, *shown), turned, cycle, self.cells.looks)

    def _turned(self, *shown: str) -> dict[str, str]:
        found = self.remembered(self._turns, *shown)
        return {name: shape_plots.in_words(found.isel(cell=at)) for at, name in enumerate(shown)}

    def _short_lines(self, *shown: str) -> list[Line]:
        return short_lines(self.remembered(self._shorts, *shown), self.cells.looks)

    def _read(self, shown: Sequence[str]) -> dict[str, Cell]:
        return {name: self.cells[name] for name in shown}

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout, by view."""
        heads = {
            "polarization": (f"polarization, cycle {self.cycle}", "life"),
            "shape map": (f"shape, cycle {self.cycle}", "from peaks to arcs"),
            "shorts": ("short", "score", "since", "evidence"),
        }
        return heads[self.view]

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The rows of the view these figures belong to, side by side where there is room."""
        from ..plots.render import wrapped

        rows = next(rows for rows in VIEWS.values() if {name for row in rows for name in row} == figures.keys())
        return wrapped([[figures[name] for name in row] for row in rows])

    def select_in(self, name: str, x: float) -> None:
        """Select the cycle at some place of a figure; see :class:`~.with_trace.TracePanel`."""
        if name not in {"trace", "polarization"} or (name == "polarization" and self.against == "cycle"):
            self.select(x)
            return
        by_cycle = self.remembered(self._by_cycle, self.definition, *self.shown)
        begin = by_cycle["time"].values
        away = np.abs(begin - x) if name == "polarization" else np.where(begin <= x, x - begin, np.inf)
        distance = np.fmin.reduce(away, axis=0, initial=np.inf)
        if np.isfinite(distance).any():
            self.cycle = int(by_cycle["cycle"].values[distance.argmin()])

    def own_controls(self) -> Sequence[Any]:
        """Which view, and what can be chosen in it; see :class:`~.of_cells.CellsPanel`."""
        from .symmetric_controls import controls

        return controls(self)
