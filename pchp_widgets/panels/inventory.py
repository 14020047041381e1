"""The lithium ledger on the screen, with cells or without, and the energy of a stack with its assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import cycling, energy, ledger
from ..analysis import inventory as analysis
from ..analysis.lithium_life import EFFICIENCY_TOLERANCE
from ..plots import energy as energy_plots
from ..plots import inventory as plots
from ..plots import inventory_view as view
from .base import Panel, Result
from .cells import Cells
from .inventory_readout import EXPLAINED, HEADS, energy_lines, lithium_lines
from .of_cells import CellsPanel

if TYPE_CHECKING:
    from .cells import Given
    from .readout import Line

VIEWS = {
    "lithium": "what is on the anode, what each cycle costs, and when it is used up",
    "energy": "energy of a stack per mass and volume, what the coating costs, and which assumption matters",
}
"""Views of the panel."""

_USUAL = {"lithium_thickness": 35.0, "capacity": 3.0, "voltage": 3.8, "loading": 15.0, "coating_thickness": 8.0}
_EFFICIENCY, _CATHODE = 0.995, "NCM83"


class NoCells(Cells):
    """Nothing measured: the ledger alone."""

    def __init__(self) -> None:
        self.given: Any = {}
        self.notice = ""
        self.cycles = {}
        self.names = ()
        self.looks = {}


class InventoryPanel(CellsPanel):
    """Lithium anodes: capacity and excess lithium cycle by cycle as a ledger says, with measured cells on top.

    Without cells it is a calculator. What is assumed holds for all cells shown; where the lithium of one is stated
    otherwise, this is told below the figures. Click into a figure to select a cycle.

    Parameters
    ----------
    cells
        One full or half cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, a study, or
        nothing.
    **state
        ``shown``, ``cycle``; ``view``: ``"lithium"`` or ``"energy"``; ``lithium_thickness`` [um] and its relative
        ``tolerance``; ``efficiency`` of lithium and its absolute ``efficiency_tolerance``; ``capacity`` plated in each
        cycle [mA h cm-2]; ``level``: retention at the end of life; ``reference_cycle``; ``voltage``: mean on discharge
        [V]; ``loading`` [mg cm-2]; ``coating_thickness`` [um]; ``cathode``: its active material; ``assumptions``:
        those of :class:`~pchp_widgets.analysis.energy.Assumptions` that are changed, by name. What is left out is
        taken from the first cell shown as far as it is known there.

    Raises
    ------
    ValueError
        When no cell shown has that cycle, or an assumption is not possible.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> InventoryPanel(lithium_thickness=20, efficiency=0.99, capacity=4)  # doctest: +SKIP
    >>> InventoryPanel(open_study("data/pchp-study"), shown=["NCM-bare-1"])  # doctest: +SKIP
    """

    kinds = ("full", "half")
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    view = traitlets.Enum(list(VIEWS), "lithium")
    lithium_thickness = traitlets.Float(min=0.1, max=1000.0)
    tolerance = traitlets.Float(analysis.THICKNESS_TOLERANCE, min=0.0, max=0.5)
    efficiency = traitlets.Float(min=0.5, max=1.0)
    efficiency_tolerance = traitlets.Float(EFFICIENCY_TOLERANCE, min=0.0, max=0.05)
    capacity = traitlets.Float(min=0.05, max=20.0)
    level = traitlets.Float(ledger.END_OF_LIFE, min=0.05, max=0.99)
    reference_cycle = traitlets.Int(3, min=0)
    voltage = traitlets.Float(min=0.05, max=6.0)
    loading = traitlets.Float(min=0.1, max=200.0)
    coating_thickness = traitlets.Float(min=0.0, max=100.0)
    cathode = traitlets.Unicode()
    assumptions = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Float())

    draw: ClassVar[Mapping[str, Any]] = {
        "capacity": plots.capacity,
        "excess": plots.excess,
        "bound": plots.bound,
        "specific_energy": energy_plots.against_coating,
        "energy_density": energy_plots.against_coating,
        "specific_assumptions": energy_plots.tornado,
        "density_assumptions": energy_plots.tornado,
    }
    linked = (("capacity", "excess"),)

    def __init__(self, cells: Given | None = None, **state: Any) -> None:
        if cells is None:
            self.cells = NoCells()
            Panel.__init__(self, **state)
        else:
            super().__init__(cells, **state)

    @traitlets.default("shown")
    def _one_cell_at_first(self) -> tuple[str, ...]:
        return self.cells.names[:1]

    @traitlets.default("cycle")
    def _first_cycle(self) -> int:
        numbers = self.cells.cycle_numbers(self.shown or self.cells.names)
        return int(max(numbers.min(), min(1, numbers.max()))) if len(numbers) else 1

    @traitlets.default("lithium_thickness")
    def _thickness_stated(self) -> float:
        return self.stated("lithium_thickness")

    @traitlets.default("loading")
    def _loading_stated(self) -> float:
        return self.stated("loading")

    @traitlets.default("coating_thickness")
    def _coating_stated(self) -> float:
        return 0.0 if self._text("coating") == "bare" else self.stated("coating_thickness")

    @traitlets.default("cathode")
    def _cathode_stated(self) -> str:
        return self._text("cathode") or _CATHODE

    @traitlets.default("capacity")
    def _capacity_measured(self) -> float:
        return self._measured("measured_capacity") or self.stated("nominal_capacity", _USUAL["capacity"])

    @traitlets.default("voltage")
    def _voltage_measured(self) -> float:
        return self._measured("discharge_voltage") or _USUAL["voltage"]

    @traitlets.default("efficiency")
    def _efficiency_found(self) -> float:
        found = self._measured("lithium_efficiency", 4) or self._measured("lowest_efficiency", 4)
        return found if 0.5 <= found <= 1 else _EFFICIENCY

    def stated(self, name: str, otherwise: float | None = None) -> float:
        """A quantity that the metadata of the first cell shown state, or a usual value."""
        if self.shown:
            values = self.found()[name].values if name in self.found().coords else [np.nan]
            if np.isfinite(values[0]) and values[0] > 0:
                return float(values[0])
        return _USUAL[name] if otherwise is None else otherwise

    def _text(self, name: str) -> str:
        known = self.shown and name in self.found().coords
        return str(self.found()[name].values[0]) if known else ""

    def _measured(self, name: str, digits: int = 3) -> float:
        """A number of the first cell shown, 0 where it has none."""
        if not self.shown:
            return 0.0
        if name == "discharge_voltage":
            value = float(self.found()[name].isel(cell=0).median())
        else:
            assumed = (self.stated("lithium_thickness"), self.tolerance, self.reference_cycle, self.level)
            value = float(self.remembered(self._balance, *assumed, *self.shown)[name][0])
        return round(value, digits) if np.isfinite(value) else 0.0

    def found(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.cycling.per_cycle` says of the cells shown."""
        return self.remembered(self._per_cycle, *self.shown)

    def _per_cycle(self, *shown: str) -> xr.Dataset:
        steps = self.cells.steps(shown)
        there = (steps["point_count"] > 0).any(("cell", "step")).values
        return cycling.per_cycle(steps.isel(cycle=there))

    def _balance(
        self, thickness: float, tolerance: float, reference_cycle: int, level: float, *shown: str
    ) -> xr.Dataset:
        """What the analysis says of cells whose lithium is as thick as assumed."""
        found = self.remembered(self._per_cycle, *shown)
        assumed = found.assign_coords(lithium_thickness=("cell", np.full(len(shown), thickness)))
        of = analysis.reservoir(assumed, tolerance=tolerance)
        balance = analysis.balance(assumed, of, analysis.ledger(assumed, of), reference_cycle=reference_cycle)
        said = analysis.contradiction(assumed, balance, reference_cycle=reference_cycle)
        kept = cycling.retention(found, reference_cycle, "discharge_areal_capacity")
        at_level = cycling.cycle_at(kept, level)
        agreement = {name: said[name] for name in ("efficiency", "n", "product", "retention", "missing_share", "flag")}
        ends = {"level_cycle": at_level["cycle"], "level_reached": at_level["observed"]}
        return balance.assign(agreement | {name: ("cell", values.values) for name, values in ends.items()})

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is thinned
        """Datasets of the figures of the view; see :class:`~.base.Panel`."""
        if self.view == "energy":
            course = self.remembered(self._against_coating, self._stack(), *self._changed())
            effects = self.remembered(self._sensitivity, self._stack(), *self._changed())
            parts = {"specific": "specific_energy", "density": "energy_density"}
            curves = {name: {"course": course, "name": name} for name in parts.values()}
            bars = {f"{part}_assumptions": {"effects": effects, "name": name} for part, name in parts.items()}
            return Result({**curves, **bars}, self.remark())
        reservoir = self.reservoir()
        shown = self.shown
        last = max((int(self.cells.cycles[name].max()) for name in shown), default=0)
        sides = (
            self.efficiency - self.efficiency_tolerance,
            self.efficiency,
            self.efficiency + self.efficiency_tolerance,
        )
        model = self.remembered(
            view.model, reservoir, self.capacity, tuple(np.clip(sides, 1e-6, 1.0).tolist()), self.level, last
        )
        measured = self.remembered(self._in_ledger, reservoir, self.efficiency, *shown) if shown else None
        arguments = {"model": model, "measured": measured, "cycle": self.cycle}
        drawn = dict.fromkeys(("capacity", "excess"), arguments)
        return Result({**drawn, "bound": arguments} if shown else drawn, self.remark())

    def reservoir(self) -> tuple[float, float, float]:
        """Lowest, assumed and highest [mA h cm-2]."""
        middle = float(ledger.lithium_capacity(self.lithium_thickness))
        return (1 - self.tolerance) * middle, middle, (1 + self.tolerance) * middle

    def of(self) -> energy.Assumptions:
        """The assumptions on a stack."""
        return energy.assumptions(self.cathode, self.assumptions)

    def _stack(self) -> tuple[float, ...]:
        return (self.capacity, self.voltage, self.loading, self.lithium_thickness, self.coating_thickness)

    def _changed(self) -> tuple[Any, ...]:
        return (self.cathode, *sorted(self.assumptions.items()))

    def _against_coating(self, stack: tuple[float, ...], cathode: str, *changed: tuple[str, float]) -> xr.Dataset:
        capacity, voltage, loading, lithium, coating = stack
        of = energy.assumptions(cathode, dict(changed))
        return view.against_coating(capacity, voltage, loading, lithium, coating, of)

    def _sensitivity(self, stack: tuple[float, ...], cathode: str, *changed: tuple[str, float]) -> xr.Dataset:
        return energy.sensitivity(*stack, of=energy.assumptions(cathode, dict(changed)))

    def _in_ledger(self, reservoir: tuple[float, float, float], efficiency: float, *shown: str) -> xr.Dataset:
        return view.measured(self.remembered(self._per_cycle, *shown), reservoir, efficiency, self.cells.looks)

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        if not self.shown:
            return "" if not self.cells.names else "No cell is selected: the ledger alone."
        return super().remark()

    def heads(self) -> Sequence[str]:
        """What stands above the columns of :meth:`lines`."""
        return [head.format(cycle=self.cycle) for head in HEADS[self.view]]

    def lines(self) -> list[Line]:
        """What is shown, in words: the ledger and a line per cell, or the stack."""
        if self.view == "energy":
            return energy_lines(self.result.data["specific_energy"]["course"])
        shown = self.shown
        assumed = (self.lithium_thickness, self.tolerance, self.reference_cycle, self.level)
        balance = self.remembered(self._balance, *assumed, *shown) if shown else None
        model = self.result.data["capacity"]["model"]
        measured = self.result.data["capacity"]["measured"]
        return lithium_lines(model, self.reservoir(), balance, measured, self.cycle, self._stated_otherwise())

    def _stated_otherwise(self) -> dict[str, str]:
        """Cells whose metadata say something else than what is assumed for all."""
        if not self.shown:
            return {}
        found, said = self.found(), {}
        known = (
            found["lithium_thickness"].values
            if "lithium_thickness" in found.coords
            else np.full(len(self.shown), np.nan)
        )
        for name, value in zip(self.shown, known, strict=True):
            if not np.isfinite(value):
                said[name] = f"thickness of the lithium is not stated; {self.lithium_thickness:g} µm is assumed"
            elif abs(value - self.lithium_thickness) > 1e-9:
                said[name] = f"lithium stated as {value:g} µm, shown as if it were {self.lithium_thickness:g} µm"
        return said

    def take_from_cell(self) -> None:
        """Assume what is known of the first cell shown."""
        with self.hold_trait_notifications():
            self.lithium_thickness, self.capacity = self._thickness_stated(), self._capacity_measured()
            self.efficiency, self.voltage = self._efficiency_found(), self._voltage_measured()
            self.loading, self.coating_thickness = self._loading_stated(), self._coating_stated()
            self.cathode = self._cathode_stated()

    def to_code(self) -> str:
        """Python that makes this panel again."""
        if self.cells.names:
            return super().to_code()
        state = ", ".join(f"{name}={value!r}" for name, value in self.changed().items())
        return f"from pchp_widgets import InventoryPanel\n\nInventoryPanel({state})\n"

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Capacity on top, excess and bound below it; or energy on top and the assumptions below it."""
        from ..plots.render import wrapped

        rows = [["capacity"], ["excess", "bound"], ["specific_energy", "energy_density"]]
        rows.append(["specific_assumptions", "density_assumptions"])
        return wrapped([[figures[name] for name in row if name in figures] for row in rows if row[0] in figures])

    def select_at(self, name: str, x: float, y: float) -> None:  # noqa: ARG002  every figure has its choice along x
        """Select the cycle, or the thickness of the coating, at some place of a figure."""
        if name in {"capacity", "excess", "bound"}:
            self.select(x)
        elif name in {"specific_energy", "energy_density"}:
            self.coating_thickness = round(float(np.clip(x, 0, 100)), 1)

    def controls(self) -> Sequence[Any]:
        """Which cells and cycle, where there are any, and what is assumed; see :class:`~.of_cells.CellsPanel`."""
        return super().controls() if self.cells.names else self.own_controls()

    def own_controls(self) -> Sequence[Any]:
        """What is assumed; see :class:`~.of_cells.CellsPanel`."""
        from .inventory_controls import controls

        return controls(self)
