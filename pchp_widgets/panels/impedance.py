"""Impedance spectra on the screen: Nyquist, Bode, residuals, relaxation times, and what a circuit makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import impedance as analysis
from ..analysis.circuits import circuit as parsed
from ..analysis.relaxation import peaks, relaxation_times
from ..plots import impedance as plots
from ..plots import impedance_series as series
from ..plots import impedance_view as view
from ..plots.impedance_values import PER, quantities, table, values
from ..plots.pieces import REPLICATES
from .base import Result
from .impedance_readout import EXPLAINED, HEADS, lines
from .with_spectra import SpectraPanel

if TYPE_CHECKING:
    from .readout import Line

VIEWS = {
    "circuit": "the spectrum and a circuit fitted to it, and one of its quantities over the cycles",
    "model-free": "whether the spectrum obeys Kramers and Kronig, and its relaxation times",
}
"""Views of the panel."""

_AT_FREQUENCY = {
    "modulus": ("frequency", "modulus"),
    "phase": ("frequency", "phase"),
    "residuals": ("frequency", "residual_real", "residual_imag"),
    "kramers_kronig": ("frequency", "kk_real", "kk_imag"),
}
"""Columns of the points drawn along and up each figure over frequency."""


class ImpedancePanel(SpectraPanel):
    """Impedance spectra: Nyquist and Bode plots, a circuit fitted to them, and its parameters over the cycles.

    Every change fits again. Click at a point to mark its frequency in all figures, or at one over the cycles to see
    that spectrum; a box drawn with the brush leaves points out of the fits, or takes them back.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study. Those without
        spectra are left out; a trace is not needed.
    **state
        ``shown``: names of the cells shown; ``cycle``: that of the spectrum shown (its number, where spectra have no
        cycles of their own); ``view``: one of :data:`VIEWS`; ``circuit``: as
        :func:`~pchp_widgets.analysis.circuits.circuit` reads it; ``weights``: one of
        :data:`~pchp_widgets.analysis.impedance.WEIGHTS`; ``fixed``: values by name that are not fitted; ``bounds``:
        (lower, upper) by name; ``left_out``: points that are not fitted, (cell, spectrum, frequency) each, an empty
        cell meaning all spectra of all cells; ``window``: lowest and highest frequency fitted [Hz], empty for all;
        ``frequency``: that of the marked point [Hz], 0 for none; ``quantity``: what is drawn against the cycle, one of
        :func:`~pchp_widgets.plots.impedance_values.quantities`; ``per``: ``"cell"``, ``"area"`` or ``"interface"``;
        ``replicates``: ``"each"`` or ``"mean"``; ``fit_all``: whether all spectra of the cells shown are fitted;
        ``cell``: whose parameters stand in the table, the first one shown when empty.

    Raises
    ------
    ValueError
        When no cell has a spectrum, none shown has that cycle, or the circuit has no such parameter.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> ImpedancePanel(open_study("data/pchp-study"), cycle=40, quantity="R2")  # doctest: +SKIP
    """

    kinds = ("symmetric", "full", "half", "li_cu")  # those of transport have panels of their own
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    view = traitlets.Enum(list(VIEWS), "circuit")
    frequency = traitlets.Float(0.0, min=0.0)
    quantity = traitlets.Unicode()
    per = traitlets.Enum(list(PER), "cell")
    replicates = traitlets.Enum(list(REPLICATES), "each")
    cell = traitlets.Unicode()

    draw: ClassVar[Mapping[str, Any]] = {
        "nyquist": plots.nyquist,
        "modulus": plots.modulus,
        "phase": plots.phase,
        "residuals": plots.residuals,
        "kramers_kronig": plots.residuals,
        "relaxation": plots.relaxation,
        "series": series.against_cycle,
    }
    linked = (("modulus", "phase", "residuals", "kramers_kronig"),)
    everywhere = False
    """Whether what is brushed is left out of all spectra, or of those that are shown: no part of the state."""

    @traitlets.default("quantity")
    def _usual_quantity(self) -> str:
        known = quantities(parsed(self.circuit))
        usual = ("charge_transfer_resistance", "interfacial_resistance")
        return next((name for name in usual if name in known), parsed(self.circuit).names[0])

    @traitlets.validate("cell")
    def _known_cell(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] and proposal["value"] not in self.cells.names:
            raise traitlets.TraitError(f"there is no cell {proposal['value']!r}")
        return str(proposal["value"])

    @property
    def tabled(self) -> str:
        """The cell whose parameters stand in the table; empty when none is shown."""
        return self.cell if self.cell in self.shown else next(iter(self.shown), "")

    def use(self, text: str) -> None:
        """Fit another circuit; see :meth:`~.with_spectra.SpectraPanel.use`."""
        with self.hold_trait_notifications():
            super().use(text)
            if self.quantity not in quantities(parsed(text)):
                self.quantity = self._usual_quantity()

    def choose(self) -> None:
        """Fit the circuit that all spectra of the cells shown determine best, and say why it is that one."""
        if not self.shown:
            return
        spectra = self.cells.spectra(self.shown)
        keep, tested = (
            self.remembered(of, *self.setting[4:], *self.shown) for of in (self._all_kept, self._all_checked)
        )
        found = analysis.choose(spectra, weights=self.weights, per="study", keep=keep, validity=tested)
        place, reason = (found[name].values.ravel() for name in ("chosen", "reason"))
        best = np.flatnonzero(place >= 0)
        if len(best):
            self.use(str(found["circuit"].values[place[best[0]]]))
        self.status = f"Chosen by BIC: {reason[best[0] if len(best) else 0]}."

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is thinned
        """Datasets of the figures of the view; see :class:`~.base.Panel`."""
        shown, looks, areal = self.shown, self.looks, self.per != "cell"
        if self.view == "circuit":
            of = (areal, self.cycle, self.fit_all, self.setting, *shown)
            points, curves = self.remembered(self._fitted_points, *of), self.remembered(self._curves, *of)
        else:
            points = self.remembered(self._tested_points, areal, *self.chosen)
            curves = self.remembered(self._no_curves, areal, self.cycle, *shown)
        marked = {"points": points, "frequency": self.frequency}
        fitted = {**marked, "curves": curves, "looks": looks}
        drawn: dict[str, dict[str, Any]] = {"nyquist": {**fitted, "title": self._title()}}
        if self.view == "circuit":
            alone = self.found()["noise"].values.ravel() if len(shown) == 1 else [np.nan]
            drawn |= {"modulus": fitted, "phase": fitted}
            drawn["residuals"] = {**marked, "kind": "residual", "noise": float(alone[0])}
            drawn["series"] = {
                "shown": self._over_cycles(),
                "selected": self.cycle,
                "word": self.cells.counted,
                "hint": "" if self.fit_all else "press “fit all” to see all spectra",
            }
        else:
            relaxed = self.remembered(self._relaxed, areal, *self.chosen)
            drawn["relaxation"] = {"shown": relaxed, "looks": looks, "frequency": self.frequency}
            drawn["kramers_kronig"] = {**marked, "kind": "kk"}
        return Result(drawn, self.remark())

    def _title(self) -> str:
        marked = f", {plots.hertz(self.frequency)} marked" if self.frequency else ""
        return f"{self.cells.counted} {self.cycle}{marked}"

    def _over_cycles(self) -> xr.Dataset:
        wanted = (self.quantity, self.per, self.replicates)
        if self.fit_all:
            return self.remembered(self._series, *wanted, self.setting, *self.shown)
        return self.remembered(self._no_series, *wanted, self.circuit, *self.shown)

    def _no_series(self, quantity: str, per: str, replicates: str, *_: str) -> xr.Dataset:
        """What is drawn as long as not all spectra are fitted: axes, and no point."""
        nothing = np.full((len(self.shown), 1), -1)
        return series.curves(values(self.found(), quantity, per), nothing, self.looks, replicates)

    def _series(self, quantity: str, per: str, replicates: str, setting: Any, *shown: str) -> xr.Dataset:
        found, numbers = self.remembered(self._all_found, setting, *shown), self.remembered(self._numbers, *shown)
        return series.curves(values(found, quantity, per), numbers, self.looks, replicates)

    def _fitted_points(self, areal: bool, cycle: int, fit_all: bool, setting: Any, *shown: str) -> xr.Dataset:
        one = self.remembered(self._one, cycle, *shown)
        keep = self.remembered(self._keep, cycle, *setting[4:], *shown)
        found = self.remembered(self._found, cycle, fit_all, setting, *shown)
        fitted = analysis.model(found, one["frequency"].values)
        return view.points(one, keep, self.looks, areal=areal, fitted=fitted)

    def _tested_points(self, areal: bool, cycle: int, left_out: Any, window: Any, *shown: str) -> xr.Dataset:
        chosen = (cycle, left_out, window, *shown)
        keep, checked = self.remembered(self._keep, *chosen), self.remembered(self._checked, *chosen)
        return view.points(self.remembered(self._one, cycle, *shown), keep, self.looks, areal=areal, checked=checked)

    def _no_curves(self, areal: bool, cycle: int, *shown: str) -> xr.Dataset:
        return view.curves(self.remembered(self._one, cycle, *shown), areal=areal)

    def _curves(self, areal: bool, cycle: int, fit_all: bool, setting: Any, *shown: str) -> xr.Dataset:
        found = self.remembered(self._found, cycle, fit_all, setting, *shown)
        fitted = table(found, "value", "parameter")[:, 0]
        return view.curves(self.remembered(self._one, cycle, *shown), parsed(setting[0]), fitted, areal=areal)

    def _relaxed(self, areal: bool, cycle: int, left_out: Any, window: Any, *shown: str) -> xr.Dataset:
        one = self.remembered(self._kept_of_one, cycle, left_out, window, *(shown or self.cells.names[:1]))
        found = relaxation_times(one)
        own = slice(len(shown))
        return view.relaxation(found.isel(cell=own), peaks(found).isel(cell=own), self.looks, areal=areal)

    def remark(self) -> str:
        """What there is to say about the selection, and of cells that have no spectra."""
        said = super().remark()
        if said:
            return said.replace("cycle", self.cells.counted)
        names = self.cells.without
        return (
            f"No spectra, and left out: {', '.join(names)}." if names and not hasattr(self.cells.given, "cells") else ""
        )

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout, by view."""
        return HEADS[self.view]

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell."""
        if not self.shown:
            return []
        found = self.found() if self.view == "circuit" else None
        return lines(found, self.checked(), self.one(), self.keep(), self.looks, self.per)

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Nyquist beside Bode, and residuals beside what is drawn over the cycles; or beside relaxation times."""
        from ..plots.render import wrapped

        if "series" in figures:
            bode = [figures["modulus"], figures["phase"]]
            return wrapped([[figures["nyquist"], bode], [figures["residuals"], figures["series"]]])
        return wrapped([[figures["nyquist"], figures["relaxation"]], [figures["kramers_kronig"]]])

    def select_at(self, name: str, x: float, y: float) -> None:
        """Mark the frequency of the point nearest to some place of a figure, or select a spectrum over the cycles."""
        if name == "series":
            self.select(x)
        elif name == "relaxation":
            self._mark(1 / (2 * np.pi * x) if x > 0 else 0.0)
        elif name in _AT_FREQUENCY:
            self._mark(x)
        elif self._shown_points().sizes["point"]:
            points = self._shown_points()
            away = np.hypot(points["z_real"].values - x, points["z_negative"].values - y)
            self._mark(float(points["frequency"].values[away.argmin()]))

    def _shown_points(self) -> xr.Dataset:
        points: xr.Dataset = self.result.data["nyquist"]["points"]
        return points

    def _mark(self, frequency: float) -> None:
        """Mark the measured frequency nearest to one on a logarithmic axis; a second time, none."""
        known = np.unique(self._shown_points()["frequency"].values)
        if len(known) and frequency > 0:
            nearest = float(known[np.abs(np.log(known / frequency)).argmin()])
            self.frequency = 0.0 if nearest == self.frequency else nearest

    def brush(self, name: str, left: float, right: float, low: float, high: float) -> None:
        """Leave the points in a box of a figure out of the fits; take them back where all in it are left out already.

        Parameters
        ----------
        name
            Of the figure.
        left, right, low, high
            Sides of the box, in the units of its axes.
        """
        along, *up = _AT_FREQUENCY.get(name, ("z_real", "z_negative"))
        points = self._shown_points()
        x = points[along].values
        inside = np.zeros(len(x), bool)
        for column in up:
            y = points[column].values
            inside |= (x >= left) & (x <= right) & (y >= low) & (y <= high)
        if inside.any():
            self._leave(points.isel(point=np.flatnonzero(inside)))

    def leave_marked(self) -> None:
        """Leave the marked frequency out of the fits, or take it back."""
        points = self._shown_points()
        near = np.isclose(points["frequency"].values, self.frequency, rtol=1e-4, atol=0.0)
        if self.frequency and near.any():
            self._leave(points.isel(point=np.flatnonzero(near)))

    def _leave(self, points: xr.Dataset) -> None:
        numbers = dict(zip(self.shown, self.one()["number"].values.tolist(), strict=True))
        pairs = zip(points["cell"].values.tolist(), points["frequency"].values.tolist(), strict=True)
        own = {("", -1, hertz) if self.everywhere else (cell, numbers[cell], hertz) for cell, hertz in pairs}
        if points["kept"].values.any():
            self.left_out = (*self.left_out, *own)
            return
        everywhere = {("", -1, hertz) for _, _, hertz in own}  # what is left out of all spectra comes back to all
        self.left_out = tuple(place for place in self.left_out if place not in own | everywhere)

    def connect(self, name: str, figure: Any) -> None:
        """A click marks or selects, the brush leaves points out; see :class:`~.base.Panel`."""
        from bokeh.events import SelectionGeometry

        super().connect(name, figure)
        if name not in {"series", "relaxation"}:
            figure.on_event(SelectionGeometry, lambda event: self._brushed(name, event))

    def _brushed(self, name: str, event: Any) -> None:
        box = event.geometry
        if event.final and box.get("type") == "rect":
            self.brush(name, *sorted((box["x0"], box["x1"])), *sorted((box["y0"], box["y1"])))

    def controls(self) -> Sequence[Any]:
        """Which cells and which spectrum, beside :meth:`own_controls`; see :class:`~.of_cells.CellsPanel`."""
        from .controls import cell_controls, listed_cycles, shown_controls

        if (np.diff(self.cells.cycle_numbers(self.cells.names)) == 1).all():  # every number between has a spectrum
            return cell_controls(self, self.own_controls(), self.cells.counted)
        return shown_controls(self, [listed_cycles(self, self.cells.counted), *self.own_controls()])

    def own_controls(self) -> Sequence[Any]:
        """The circuit, its parameters, and what is drawn; see :class:`~.of_cells.CellsPanel`."""
        from .impedance_controls import controls

        return controls(self)
