"""Polarized Li||Li cells on the screen: the current, its beginning, the spectra, and the current fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import transference as analysis
from ..analysis.transference import words
from ..plots import spectra_lines
from ..plots import transference as plots
from .base import Result
from .spectra_cells import SpectraCells
from .transference_readout import EXPLAINED, HEADS, lines
from .transport import TransportPanel

if TYPE_CHECKING:
    from .cells import Given
    from .readout import Line


class PolarizedCells(SpectraCells):
    """Cells with spectra that were polarized at a small constant voltage.

    Parameters
    ----------
    given, kinds
        As for :class:`~.spectra_cells.SpectraCells`.

    Attributes
    ----------
    polarizations
        As :func:`~pchp_widgets.analysis.transference.polarizations` gives them, by name.

    Raises
    ------
    ValueError
        When none of the cells was polarized.
    """

    def __init__(self, given: Given, kinds: Sequence[str] = ()) -> None:
        super().__init__(given, kinds)
        found = {name: analysis.polarizations(self[name].tree).assign_coords(cell=[name]) for name in self.names}
        self.polarizations = {name: one for name, one in found.items() if int(one["point_start"].item()) >= 0}
        if not self.polarizations:
            raise ValueError(
                f"none of the cells has a polarization ({', '.join(self.names)}): a voltage of at most 100 mV against "
                "the cell at rest, held for five minutes or longer"
            )
        self.without += tuple(name for name in self.names if name not in self.polarizations)
        self.names = tuple(self.polarizations)


class TransferencePanel(TransportPanel):
    """Steady-state current fractions by the method of Bruce and Vincent, with all that limits them.

    Which arcs of the spectra count as interface, and which initial current is used, are choices on the screen.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study. Those without a
        polarization or without spectra are left out.
    **state
        ``shown``: names of the cells shown; ``circuit``: fitted to the spectra; ``counted``: arcs that count as
        interface, of :data:`~pchp_widgets.analysis.transference.ARCS`; ``initial``: one of
        :data:`~pchp_widgets.analysis.transference.INITIAL`; ``voltage_error`` [V], ``current_error`` and
        ``resistance_error`` (relative): standard errors of the instrument; ``confidence``.

    Raises
    ------
    ValueError
        When no cell was polarized.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> TransferencePanel(open_study("data/pchp-study"), initial="extrapolated")  # doctest: +SKIP
    """

    collection = PolarizedCells
    explained: ClassVar[Mapping[str, str]] = EXPLAINED
    cells: PolarizedCells

    counted = traitlets.Tuple(default_value=("sei", "charge_transfer"))
    initial = traitlets.Enum(list(analysis.INITIAL), "ohmic")
    voltage_error = traitlets.Float(words.VOLTAGE_ERROR, min=0.0, max=0.01)
    current_error = traitlets.Float(words.CURRENT_ERROR, min=0.0, max=0.5)
    resistance_error = traitlets.Float(words.RESISTANCE_ERROR, min=0.0, max=0.5)
    confidence = traitlets.Float(0.95, min=0.5, max=0.999)

    draw: ClassVar[Mapping[str, Any]] = {
        "relaxation": plots.relaxation,
        "beginning": plots.beginning,
        "spectra": spectra_lines.nyquist,
        "fractions": plots.fractions,
    }

    @traitlets.validate("counted")
    def _known_arcs(self, proposal: Mapping[str, Any]) -> tuple[str, ...]:
        unknown = [arc for arc in proposal["value"] if arc not in analysis.ARCS]
        if unknown or not proposal["value"]:
            said = f"{unknown[0]!r} is no arc" if unknown else "no arc counts as interface"
            raise traitlets.TraitError(f"counted: {said}; choose among {', '.join(analysis.ARCS)}")
        return tuple(arc for arc in analysis.ARCS if arc in proposal["value"])

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is thinned
        """Datasets of the figures; see :class:`~.base.Panel`."""
        found, looks = self.found(), self.looks
        traces = self.remembered(self._traces, *self.shown)
        return Result(
            {
                "relaxation": {"traces": traces, "found": found, "looks": looks},
                "beginning": {"traces": traces, "found": found, "looks": looks},
                "spectra": {"lines": self.remembered(self._spectra, self.circuit, *self.shown), "looks": looks},
                "fractions": {"found": found, "groups": self.groups(), "looks": looks},
            },
            self.remark(),
        )

    def found(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.transference.transference` gives it, of the cells shown."""
        return self.remembered(self._found, self.circuit, self.confidence, *self._choices(), *self.shown)

    def groups(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.transference.by_coating` gives it, of the cells shown."""
        return self.remembered(self._groups, self.circuit, self.confidence, *self._choices(), *self.shown)

    def _choices(self) -> tuple[Any, ...]:
        return (self.counted, self.initial, self.voltage_error, self.current_error, self.resistance_error)

    def _found(self, circuit: str, confidence: float, *said: Any) -> xr.Dataset:
        counted, initial, voltage, current, resistance, *shown = said
        names = tuple(shown) or self.cells.names[:1]
        known = analysis.measured(
            self.remembered(self._polarizations, *names),
            self.remembered(self._resistances, circuit, *names),
            counted=counted,
            voltage_error=voltage,
            current_error=current,
            resistance_error=resistance,
        )
        return analysis.transference(known, initial=initial, confidence=confidence).isel(cell=slice(len(shown)))

    def _polarizations(self, *names: str) -> xr.Dataset:
        return xr.concat([self.cells.polarizations[name] for name in names], "cell", combine_attrs="override")

    def _groups(self, circuit: str, confidence: float, *said: Any) -> xr.Dataset:
        return analysis.by_coating(self.remembered(self._found, circuit, confidence, *said), confidence=confidence)

    def _traces(self, *shown: str) -> xr.Dataset:
        trees = {name: self.cells[name].tree for name in shown}
        own = {name: self.cells.polarizations[name] for name in shown}
        return plots.traces_of({name: analysis.trace_of(tree, own[name]) for name, tree in trees.items()})

    def _spectra(self, circuit: str, *shown: str) -> xr.Dataset:
        names = shown or self.cells.names[:1]
        resistances = self.remembered(self._resistances, circuit, *names)
        known = analysis.measured(self.remembered(self._polarizations, *names), resistances).isel(
            cell=slice(len(shown))
        )
        spectra, series = (
            self.cells.spectra(names).isel(cell=slice(len(shown))),
            resistances["series_resistance"].values,
        )
        places = {"before": known["spectrum_before"].values, "at the end": known["spectrum_steady"].values}
        at = np.arange(len(shown))
        marked = [np.where(place >= 0, series[at, place], np.nan) for place in places.values()]
        return spectra_lines.lines_of(spectra, places, np.stack(marked, -1))

    def remark(self) -> str:
        """What there is to say about the selection, and of cells that were left out."""
        said = super().remark()
        if said or hasattr(self.cells.given, "cells") or not self.cells.without:
            return said
        return f"No polarization with spectra, and left out: {', '.join(self.cells.without)}."

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The currents side by side, the spectra and the fractions below them."""
        from ..plots.render import wrapped

        return wrapped([[figures["relaxation"], figures["beginning"]], [figures["spectra"], figures["fractions"]]])

    def own_controls(self) -> Sequence[Any]:
        """What counts as interface, which initial current is used, and how well the instrument measures."""
        from .transference_controls import controls

        return controls(self)

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        return tuple(head.format(confidence=f"{self.confidence:.0%}") for head in HEADS)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per cell, and one per coating."""
        return lines(self.found(), self.groups(), self.looks) if self.shown else []
