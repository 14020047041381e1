"""Rate tests on the screen: capacity at each current density, and the voltage curves behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import cycling
from ..analysis import rate as analysis
from ..analysis.rate_profiles import rate_profiles
from ..analysis.rate_resistance import shift_resistance
from ..plots import cycling_profiles as single
from ..plots import cycling_view, rate_view
from ..plots import rate as plots
from ..plots.pieces import REPLICATES
from .base import Result
from .of_cells import CellsPanel, extent
from .rate_readout import EXPLAINED, HEADS, lines

if TYPE_CHECKING:
    from .readout import Line


class RatePanel(CellsPanel):
    r"""Rate tests of full or half cells: capacity against cycle or current density, and curves at each of them.

    Click at a point of the capacity, or at a voltage curve, to select that cycle everywhere. A double click brings all
    of a figure back. Of a study, the cells that were tested at three or more current densities are shown at first.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the cells shown; ``cycle``: the selected cycle; ``basis`` of capacities, one of
        :data:`~pchp_widgets.plots.rate_view.BASES`; ``against``: ``"cycle"`` or ``"current density"``; ``replicates``:
        ``"each"`` or ``"mean"``; ``profiles``: one of :data:`~pchp_widgets.plots.rate_view.PROFILES`.

    Raises
    ------
    ValueError
        When no cell shown has that cycle.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> RatePanel(open_study("data/pchp-study"), against="current density")  # doctest: +SKIP
    """

    kinds = ("full", "half")
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    basis = traitlets.Enum(list(rate_view.BASES))
    against = traitlets.Enum(["cycle", "current density"], "cycle")
    replicates = traitlets.Enum(list(REPLICATES), "each")
    profiles = traitlets.Enum(list(rate_view.PROFILES), "all rates")

    draw: ClassVar[Mapping[str, Any]] = {"capacity": plots.capacity, "profiles": plots.profiles}

    @traitlets.default("shown")
    def _rate_tests_at_first(self) -> tuple[str, ...]:
        names = self.cells.names
        tested = analysis.is_rate_test(self.cells.steps(names)).values
        chosen = [name for name, yes in zip(names, tested, strict=True) if yes]
        return self.few(chosen or names)

    @traitlets.default("basis")
    def _per_mass_if_known(self) -> str:
        return rate_view.usual_basis(self.cells.steps(self.cells.names))

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  the figures are the same on paper
        """Datasets of the two figures; see :class:`~.base.Panel`."""
        shown = self.shown
        drawn: dict[str, dict[str, Any]] = {
            "capacity": {
                "curves": self.remembered(self._curves, self.replicates, self.basis, *shown),
                "steps": self.remembered(self._steps, self.replicates, self.basis, *shown),
                "selected": self.remembered(self._selected, self.cycle, *shown),
                "against": self.against,
            },
            "profiles": {"shown": self.remembered(self._profiles, self._cycles_drawn(), self.basis, *shown)},
        }
        return Result(drawn, self._remark())

    def _tested(self, *shown: str) -> tuple[xr.Dataset, xr.Dataset]:
        """Cycles and rate steps of the cells shown."""
        found = cycling.per_cycle(self.cells.steps(shown or self.cells.names[:1])).isel(cell=slice(len(shown)))
        return found, analysis.rate_steps(found)

    def _unit(self, basis: str, *shown: str) -> xr.DataArray:
        return rate_view.unit(*self.remembered(self._tested, *shown), basis)

    def _curves(self, replicates: str, basis: str, *shown: str) -> xr.Dataset:
        unit = self.remembered(self._unit, basis, *shown)
        return rate_view.cycles(*self.remembered(self._tested, *shown), unit, self.looks, replicates)

    def _steps(self, replicates: str, basis: str, *shown: str) -> xr.Dataset:
        _, rates = self.remembered(self._tested, *shown)
        return rate_view.rate_steps(rates, self.remembered(self._unit, basis, *shown), self.looks, replicates)

    def _selected(self, cycle: int, *shown: str) -> xr.Dataset:
        return rate_view.selected(self.remembered(self._tested, *shown)[1], cycle)

    def _cycles_drawn(self) -> tuple[tuple[str, int], ...]:
        """Which cycles of which cells stand in the figure of the curves."""
        drawn: tuple[tuple[str, int], ...] = self.remembered(self._one_by_one, *self.shown)
        if self.profiles == "all rates":
            return drawn
        return tuple(self.remembered(self._last_cycles, self.cycle, *self.shown))

    def _last_cycles(self, cycle: int, *shown: str) -> tuple[tuple[str, int], ...]:
        _, rates = self.remembered(self._tested, *shown)
        steps = rate_view.step_of(rates, cycle).items()
        return tuple((name, int(rates["last_cycle"].sel(cell=name)[step])) for name, step in steps)

    def _one_by_one(self, *shown: str) -> tuple[tuple[str, int], ...]:
        _, rates = self.remembered(self._tested, *shown)
        first = rate_view.representatives(shown, self.looks, cycling_view.families(rates))
        last = rates["last_cycle"].sel(cell=first).values
        return tuple((name, int(cycle)) for name, row in zip(first, last, strict=True) for cycle in row if cycle >= 0)

    def _profiles(self, drawn: tuple[tuple[str, int], ...], basis: str, *shown: str) -> xr.Dataset:
        _, rates = self.remembered(self._tested, *shown)
        found = {(name, cycle): self.remembered(self._curve, name, cycle) for name, cycle in drawn}
        return rate_view.profiles(found, rates, self.remembered(self._unit, basis, *shown), self.looks)

    def _curve(self, name: str, cycle: int) -> single.Cycle:
        return single.voltage_profile(self.cells[name].tree, cycle)

    def _resistance(self, name: str, *shown: str) -> xr.Dataset:
        _, rates = self.remembered(self._tested, *shown)
        points = self.cells[name].tree["points"].to_dataset()
        return shift_resistance(rate_profiles(points, self.cells.steps([name]), rates))

    def _remark(self) -> str:
        said = self.remark()
        if said:
            return said
        found, rates = self.remembered(self._tested, *self.shown)
        unit = self.remembered(self._unit, self.basis, *self.shown)
        remarks = []
        if not np.isfinite(unit.values).all():
            without = ", ".join(
                name for name, worth in zip(self.shown, unit.values, strict=True) if not np.isfinite(worth)
            )
            remarks.append(
                f"No {self.basis} capacity of {without}: area or loading is not known; choose another basis."
            )
        tested = analysis.is_rate_test(found).values
        if not tested.any():
            remarks.append("No cell shown is a rate test: three current densities in two or more cycles each make one.")
        if len(set(rates["charge_protocol"].values[tested].tolist())) > 1:
            remarks.append(
                "The cells were not all charged in the same way: their rate capabilities cannot be compared."
            )
        return " ".join(remarks)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell, or per coating where there are many."""
        return self.remembered(self._lines, self.cycle, self.replicates, self.basis, *self.shown)

    def _lines(self, cycle: int, replicates: str, basis: str, *shown: str) -> list[Line]:
        _, rates = self.remembered(self._tested, *shown)
        unit = self.remembered(self._unit, basis, *shown)
        asr = {name: self.remembered(self._resistance, name, *shown) for name in shown}
        return lines(rates, unit, asr, cycle, self.looks, grouped=replicates == "mean")

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        return tuple(text.format(cycle=self.cycle) for text in HEADS)

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Capacity beside the curves where there is room."""
        from ..plots.render import wrapped

        return wrapped([[figures["capacity"], figures["profiles"]]])

    def select_at(self, name: str, x: float, y: float) -> None:
        """Select the cycle at some place of a figure: that of the nearest curve, or along an axis."""
        if name == "profiles":
            found = single.nearest(self.result.data[name]["shown"], x, y, extent(self.figures[name]))
            self.cycle = self.cycle if found is None else found
        elif self.against == "cycle":
            self.select(x)
        else:
            steps = self.result.data["capacity"]["steps"]
            away = np.abs(steps["current_density"].values - x)
            if np.isfinite(away).any():
                self.cycle = int(steps["last_cycle"].values.ravel()[np.nanargmin(away)])

    def own_controls(self) -> Sequence[Any]:
        """Against what, which capacity, which curves; see :class:`~.of_cells.CellsPanel`."""
        from .controls import choice, in_a_row, toggle

        basis, _ = choice(self, "basis", "capacity", rate_view.BASES)
        curves, meaning = choice(self, "profiles", "curves", rate_view.PROFILES)
        against = toggle(self, "against", "against", ["cycle", "current density"])
        against.children[1].style.button_width = "auto"
        return [
            in_a_row(against),
            in_a_row(basis, toggle(self, "replicates", "replicates", REPLICATES)),
            curves,
            meaning,
        ]
