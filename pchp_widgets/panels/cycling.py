"""Full and half cells on the screen: single cycles, capacity and Coulombic efficiency over the life of the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import traitlets
import xarray as xr

from ..analysis import cycling as analysis
from ..analysis.knee import knees
from ..plots import cycling as plots
from ..plots import cycling_profiles as single
from ..plots import cycling_view
from ..plots.pieces import REPLICATES
from .base import Result
from .cycling_readout import EXPLAINED, HEADS, lines
from .memory import Memory
from .of_cells import CellsPanel, extent

if TYPE_CHECKING:
    from .cells import Given
    from .readout import Line

VIEWS: dict[str, str] = {
    **single.KINDS,
    "voltage": "mean voltage on charge and on discharge, energy over charge, against the cycle",
    "voltage_gap": "mean voltage on charge minus that on discharge, against the cycle",
}
"""What stands beside capacity and efficiency."""

_OVER_CYCLES = ("voltage", "voltage_gap")
_CYCLES_OF_ONE_CELL = 5
_NARROWEST = 480
_PARTS_KEPT = 500
"""Cycles of cells that need not be cut out of the points again, 20 kB each."""


class Analysed(NamedTuple):
    """Results for the cells shown."""

    found: xr.Dataset
    kept: xr.Dataset
    life: xr.Dataset
    means: xr.Dataset
    knees: xr.Dataset


class CyclingPanel(CellsPanel):
    r"""Full cells (cathode||Li) and half cells: single cycles, capacity, Coulombic efficiency and mean voltages.

    Click at a cycle in the figures of capacity or efficiency, or at a curve of a single cycle, to select that cycle
    everywhere; the selected one is shown among the chosen ones. A double click brings all of a figure back.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the cells shown; ``cycle``: the selected cycle; ``cycles``: further ones shown one by one;
        ``view``: one of :data:`VIEWS`; ``basis`` of capacities, one of
        :data:`~pchp_widgets.plots.cycling_view.BASES`; ``reference_cycle`` of the retention; ``level`` of retention
        that ends a life; ``first_cycle`` of the mean efficiency; ``against``: ``"cycle"`` or ``"time"``;
        ``replicates``: ``"each"`` or ``"mean"``.

    Raises
    ------
    ValueError
        When no cell shown has that cycle.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> CyclingPanel(open_study("data/pchp-study"), cycle=100, basis="specific")  # doctest: +SKIP
    """

    kinds = ("full", "half")
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    cycles = traitlets.Tuple()
    view = traitlets.Enum(list(VIEWS), "profiles")
    basis = traitlets.Enum(list(cycling_view.BASES))
    reference_cycle = traitlets.Int(3)
    level = traitlets.Float(0.8)
    first_cycle = traitlets.Int(3)
    against = traitlets.Enum(["cycle", "time"], "cycle")
    replicates = traitlets.Enum(list(REPLICATES), "each")

    draw: ClassVar[Mapping[str, Any]] = {
        "detail": plots.detail,
        "capacity": plots.capacity,
        "efficiency": plots.efficiency,
    }
    linked = (("capacity", "efficiency"),)

    def __init__(self, cells: Given, **state: Any) -> None:
        self._parts = Memory(_PARTS_KEPT)
        super().__init__(cells, **state)

    @traitlets.default("shown")
    def _one_family_at_first(self) -> tuple[str, ...]:
        """All cells where they are few, else those of the first family."""
        steps = self.cells.steps(self.cells.names)
        families = cycling_view.families(steps)
        alike = [name for name, family in zip(self.cells.names, families, strict=True) if family == families[0]]
        return self.few(alike if len(self.cells.names) > len(self.few(self.cells.names)) else self.cells.names)

    @traitlets.default("basis")
    def _per_area_if_known(self) -> str:
        return cycling_view.usual_basis(self.cells.steps(self.cells.names))

    @traitlets.default("cycles")
    def _over_the_life_of_one_cell(self) -> tuple[int, ...]:
        """Some cycles of a single cell, so that one sees it age; of several cells the selected cycle alone."""
        if len(self.cells.names) > 1:
            return ()
        return tuple(single.typical_cycles(self.cells.steps(self.cells.names), _CYCLES_OF_ONE_CELL))

    @traitlets.validate("cycles")
    def _whole_numbers(self, proposal: Mapping[str, Any]) -> tuple[int, ...]:
        try:
            return tuple(sorted({int(number) for number in proposal["value"]}))
        except (TypeError, ValueError):
            raise traitlets.TraitError(f"cycles {proposal['value']}: give numbers of cycles, as (1, 50)") from None

    @traitlets.validate("level")
    def _share(self, proposal: Mapping[str, Any]) -> float:
        if not 0 < proposal["value"] < 1:
            raise traitlets.TraitError(f"level {proposal['value']}: give a retention between 0 and 1, such as 0.8")
        return float(proposal["value"])

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  the figures are the same on paper
        """Datasets of the three figures; see :class:`~.base.Panel`."""
        curves = self.remembered(self._curves, self.replicates, *self._drawn)
        selected = self.remembered(self._selected, self.cycle, self.replicates, *self._drawn)
        ends = self.remembered(self._ends, self.replicates, self._of, *self._drawn)
        over_cycles = self.view in _OVER_CYCLES
        drawn: dict[str, dict[str, Any]] = {
            "detail": {
                "shown": curves if over_cycles else self._profiles(),
                "selected": selected if over_cycles else None,
                "kind": self.view,
            },
            "capacity": {"curves": curves, "ends": ends, "selected": selected, "level": self.level},
            "efficiency": {"curves": curves, "selected": selected},
        }
        return Result(drawn, self._remark())

    @property
    def _of(self) -> tuple[Any, ...]:
        """What the results depend on."""
        return (self.reference_cycle, self.level, self.first_cycle, *self.shown)

    @property
    def _scaled(self) -> tuple[Any, ...]:
        """What the unit of the capacities depends on."""
        return (self.basis, self.reference_cycle if self.basis == "relative" else None, *self.shown)

    @property
    def _drawn(self) -> tuple[Any, ...]:
        """What the curves over the cycles depend on."""
        return (self.against, self.first_cycle, *self._scaled)

    def _profiles(self) -> xr.Dataset:
        chosen = tuple(sorted({*self.cycles, self.cycle}))
        selected = None if self.cycle in self.cycles else self.cycle
        found: xr.Dataset = self.remembered(self._single, self.view, chosen, selected, *self._scaled)
        return found

    def _single(self, kind: str, cycles: tuple[int, ...], selected: int | None, *scaled: Any) -> xr.Dataset:
        unit = self.remembered(self._unit, *scaled)
        keys = [(name, cycle) for name in scaled[2:] for cycle in cycles]
        found = {(name, cycle): self._parts(self._cycle_of_cell, kind, cycle, name) for name, cycle in keys}
        return single.profiles(found, kind, unit, self.looks).assign_attrs(selected=selected)

    def _cycle_of_cell(self, kind: str, cycle: int, name: str) -> single.Cycle:
        return single.CURVES[kind](self.cells[name].tree, cycle)

    def _analysed(self, reference_cycle: int, level: float, first_cycle: int, *shown: str) -> Analysed:
        """Results for the cells shown."""
        results = (
            self.remembered(self._found, *shown),
            self.remembered(self._kept, reference_cycle, *shown),
            self.remembered(self._life, level, reference_cycle, *shown),
            self.remembered(self._means, first_cycle, *shown),
            self.remembered(self._knees, reference_cycle, *shown),
        )
        return Analysed(*(data.isel(cell=slice(len(shown))) for data in results))

    def _found(self, *shown: str) -> xr.Dataset:
        """Numbers of every cycle; where no cell is shown, those of one, which lends all results their form."""
        return analysis.per_cycle(self.cells.steps(shown or self.cells.names[:1]))

    def _kept(self, reference_cycle: int, *shown: str) -> xr.Dataset:
        return analysis.retention(self.remembered(self._found, *shown), reference_cycle)

    def _knees(self, reference_cycle: int, *shown: str) -> xr.Dataset:
        return knees(self.remembered(self._kept, reference_cycle, *shown))

    def _life(self, level: float, reference_cycle: int, *shown: str) -> xr.Dataset:
        return analysis.cycle_at(self.remembered(self._kept, reference_cycle, *shown), level)

    def _means(self, first_cycle: int, *shown: str) -> xr.Dataset:
        return analysis.mean_efficiency(self.remembered(self._found, *shown), first_cycle)

    def _unit(self, basis: str, reference_cycle: int | None, *shown: str) -> xr.DataArray:
        found = self.remembered(self._found, *shown)
        if reference_cycle is None:
            return cycling_view.capacity_unit(found, basis)
        kept = self.remembered(self._kept, reference_cycle, *shown)
        return cycling_view.capacity_unit(found, basis, kept["reference_value"])

    def _curves(self, replicates: str, against: str, first_cycle: int, *scaled: Any) -> xr.Dataset:
        shown = scaled[2:]
        found, means = self.remembered(self._found, *shown), self.remembered(self._means, first_cycle, *shown)
        drawn = cycling_view.numbers(found, self.remembered(self._unit, *scaled), means, first_cycle)
        return cycling_view.curves(drawn.isel(cell=slice(len(shown))), self.looks, against, replicates)

    def _ends(self, replicates: str, of: tuple[Any, ...], *drawn: Any) -> xr.Dataset:
        results = self.remembered(self._analysed, *of)
        curves = self.remembered(self._curves, "each", *drawn)
        ends = cycling_view.ends(curves, results.kept, results.life, results.knees)
        return ends if replicates == "each" else ends.isel(cell=slice(0))

    def _selected(self, cycle: int, *drawn: Any) -> xr.Dataset:
        return cycling_view.selected(self.remembered(self._curves, *drawn), cycle)

    def _remark(self) -> str:
        said = self.remark()
        if said:
            return said
        unit = self.remembered(self._unit, *self._scaled)
        unknown = [name for name, value in zip(self.shown, unit.values, strict=True) if not np.isfinite(value)]
        missing = [] if self.view in _OVER_CYCLES else self._profiles().attrs["missing"]
        more = f" (and {len(missing) - 1} more like this)" if len(missing) > 1 else ""
        return " ".join(filter(None, [_unknown_unit(self.basis, unknown, len(self.shown)), *missing[:1]])) + more

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell, or per coating where there are many."""
        return self.remembered(self._lines, self.cycle, self.replicates, self._of, *self._scaled)

    def _lines(self, cycle: int, replicates: str, of: tuple[Any, ...], *scaled: Any) -> list[Line]:
        results = self.remembered(self._analysed, *of)
        unit = self.remembered(self._unit, *scaled)
        return lines(results, unit, cycle, self.looks, grouped=replicates == "mean")

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        said = {"cycle": self.cycle, "reference": self.reference_cycle, "first": self.first_cycle}
        return tuple(text.format(**said, level=100 * self.level) for text in HEADS)

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Single cycles beside capacity over efficiency where there is room, else above them."""
        from ..plots.render import wrapped

        return wrapped([[figures["detail"], [figures["capacity"], figures["efficiency"]]]])

    def select_at(self, name: str, x: float, y: float) -> None:
        """Select the cycle at some place of a figure: that of the nearest curve, or along an axis."""
        if name == "detail" and self.view not in _OVER_CYCLES:
            found = single.nearest(self.result.data[name]["shown"], x, y, extent(self.figures[name]))
            self.cycle = self.cycle if found is None else found
        elif self.against == "cycle":
            self.select(x)
        else:
            curves = self.result.data["capacity"]["curves"]
            away = np.fmin.reduce(np.abs(curves["x"].values - x), axis=0, initial=np.inf)
            if np.isfinite(away).any():
                self.cycle = int(curves["cycle"].values[away.argmin()])

    def own_controls(self) -> Sequence[Any]:
        """What of the cells is shown, and by which definition; see :class:`~.of_cells.CellsPanel`."""
        from .cycling_controls import controls

        return controls(self)


def _unknown_unit(basis: str, unknown: Sequence[str], count: int) -> str:
    """What is missing for capacities on a basis, and the remedy."""
    if not unknown:
        return ""
    who = "this cell" if count == 1 else "all cells" if len(unknown) == count else ", ".join(unknown)
    needs = {
        "areal": 'the area is not known: give area="1.327 cm2", or choose the basis absolute',
        "specific": 'area or loading is not known: give loading="15 mg cm-2" and area="1.327 cm2"',
        "relative": "there is no whole cycle to refer to: choose another reference cycle",
    }
    return f"No {basis} capacity of {who}: {needs[basis]}."
