"""Conductivity of a coating on the screen: series resistances, spectra at one temperature, and Arrhenius' plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import conductivity as analysis
from ..plots import conductivity as plots
from ..plots import spectra_lines
from ..plots.theme import INK
from .base import Result
from .conductivity_readout import EXPLAINED, HEADS, lines
from .transport import TransportPanel

if TYPE_CHECKING:
    from .readout import Line


class ConductivityPanel(TransportPanel):
    """Ionic conductivity of a coating, from the series resistance of coated and of bare cells, over temperature.

    Click at a temperature to see its spectra.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study. Coated cells are
        compared with those whose coating is ``"bare"``.
    **state
        ``shown``: names of the cells shown; ``circuit``: fitted to the spectra; ``temperature``: that of the spectra
        shown [degC]; ``faces``: coated faces, 0 as stated; ``thickness``: of one coating in the cell [um], 0 as stated;
        ``thickness_error``, ``area_error``: relative standard errors; ``scatter``: standard deviation of the series
        resistance between like cells [ohm], where one cell of each kind does not tell it, 0 for unknown;
        ``permittivity`` of the film; ``form``: one of :data:`~pchp_widgets.analysis.conductivity.FORMS`; ``vogel``:
        whether Vogel's law is drawn; ``confidence``.

    Raises
    ------
    ValueError
        When no cell has spectra.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> ConductivityPanel(open_study("data/pchp-study"), thickness_error=0.1)  # doctest: +SKIP
    """

    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    temperature = traitlets.Float(allow_none=True)
    faces = traitlets.Int(0, min=0, max=2)
    thickness = traitlets.Float(0.0, min=0.0, max=1000.0)
    thickness_error = traitlets.Float(0.0, min=0.0, max=1.0)
    area_error = traitlets.Float(0.0, min=0.0, max=1.0)
    scatter = traitlets.Float(0.0, min=0.0, max=100.0)
    permittivity = traitlets.Float(5.0, min=1.0, max=200.0)
    form = traitlets.Enum(list(analysis.FORMS), "sigma")
    vogel = traitlets.Bool(False)
    confidence = traitlets.Float(0.95, min=0.5, max=0.999)

    draw: ClassVar[Mapping[str, Any]] = {
        "series": plots.series_resistance,
        "conductivity": plots.arrhenius,
        "spectra": spectra_lines.nyquist,
    }

    @traitlets.default("shown")
    def _with_temperatures(self) -> tuple[str, ...]:
        """Cells whose temperature is known, if there are any: the others have none to be drawn at."""
        every = analysis.samples(self._resistances(self.circuit, *self.cells.names))
        known = set(every["cell"].values[np.isfinite(every["temperature"].values)].tolist())
        return self.few([name for name in self.cells.names if name in known] or self.cells.names)

    @traitlets.default("temperature")
    def _lowest(self) -> float | None:
        known = self.temperatures()
        return known[0] if known else None

    def temperatures(self) -> list[float]:
        """Temperatures at which a cell shown has a spectrum [degC], ascending."""
        values = self.samples()["temperature"].values
        return [float(value) for value in np.unique(values[np.isfinite(values)])]

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is thinned
        """Datasets of the figures; see :class:`~.base.Panel`."""
        looks, samples = self.looks, self.samples()
        drawn: dict[str, dict[str, Any]] = {}
        found = self.found()
        drawn["series"] = {"samples": samples, "found": found, "looks": looks, "selected": self.temperature}
        drawn["conductivity"] = {
            "found": found,
            "lines": self.remembered(self._lines, self.form, *self._said()),
            "vogel": self.remembered(self._vogel, *self._said()) if self.vogel else None,
            "colors": self.remembered(self._colors, *self.shown),
        }
        spectra = self.remembered(self._spectra, self.temperature, self.circuit, *self.shown)
        known = self.temperature is not None
        drawn["spectra"] = {"lines": spectra, "looks": looks, "title": f"at {self.temperature:g} °C" if known else ""}
        return Result(drawn, self.remark())

    def samples(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.conductivity.samples` gives them, of the cells shown."""
        return self.remembered(self._samples, self.circuit, *self.shown)

    def found(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.conductivity.conductivity` gives it, of the cells shown."""
        return self.remembered(self._found, *self._said())

    def laws(self) -> tuple[xr.Dataset, xr.Dataset]:
        """Arrhenius' and Vogel's law of the cells shown."""
        return self.remembered(self._lines, self.form, *self._said()), self.remembered(self._vogel, *self._said())

    def _said(self) -> tuple[Any, ...]:
        geometry = (self.faces, self.thickness, self.thickness_error, self.area_error)
        return (self.circuit, *geometry, self.permittivity, self.scatter, self.confidence, *self.shown)

    def _samples(self, circuit: str, *shown: str) -> xr.Dataset:
        names = shown or self.cells.names[:1]
        found = analysis.samples(self.remembered(self._resistances, circuit, *names))
        return found if shown else found.isel(sample=slice(0))

    def _found(
        self, circuit: str, faces: int, thickness: float, thickness_error: float, area_error: float,
        permittivity: float, scatter: float, confidence: float, *shown: str,
    ) -> xr.Dataset:  # fmt: skip
        return analysis.conductivity(
            self.remembered(self._samples, circuit, *shown),
            faces=faces or None,
            thickness=thickness or np.nan,
            thickness_error=thickness_error,
            area_error=area_error,
            permittivity=permittivity,
            scatter=scatter or np.nan,
            confidence=confidence,
            missing="empty",
        )

    def _lines(self, form: analysis.Form, *said: Any) -> xr.Dataset:
        return analysis.arrhenius(self.remembered(self._found, *said), form=form, confidence=self.confidence)

    def _vogel(self, *said: Any) -> xr.Dataset:
        return analysis.vft(self.remembered(self._found, *said), confidence=self.confidence)

    def _colors(self, *shown: str) -> dict[str, str]:
        coated = [self.looks[name] for name in reversed(shown)]
        return {look.coating: look.color or INK for look in coated}

    def _spectra(self, temperature: float | None, circuit: str, *shown: str) -> xr.Dataset:
        names = shown or self.cells.names[:1]
        spectra = self.cells.spectra(names).isel(cell=slice(len(shown)))
        samples = self.remembered(self._samples, circuit, *shown)
        place, series = np.full(len(shown), -1), np.full((len(shown), 1), np.nan)
        degrees = samples["temperature"].values
        at = np.isnan(degrees) if temperature is None else np.abs(degrees - temperature) <= 0.5
        for sample in np.flatnonzero(at).tolist():
            cell = shown.index(str(samples["cell"].values[sample]))
            place[cell] = int(samples["spectrum"].values[sample])
            series[cell] = samples["series_resistance"].values[sample]
        return spectra_lines.lines_of(spectra, {"spectrum": place}, series)

    def remark(self) -> str:
        """What there is to say about the selection."""
        if not self.shown or analysis.comparable(self.samples()):
            return super().remark()
        return "Coated cells are compared with bare ones: show both."

    def select_at(self, name: str, x: float, y: float) -> None:  # noqa: ARG002  temperature is along x
        """Select the temperature nearest to some place of a figure."""
        known = np.array(self.temperatures())
        if name == "spectra" or not len(known) or x <= 0:
            return
        degrees = x if name == "series" else 1e3 / x - 273.15
        self.temperature = float(known[np.abs(known - degrees).argmin()])

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Resistances and conductivities side by side, the spectra below."""
        from ..plots.render import wrapped

        return wrapped([[figures["series"], figures["conductivity"]], [figures["spectra"]]])

    def own_controls(self) -> Sequence[Any]:
        """Circuit, geometry and its errors, the form of the law; see :class:`~.of_cells.ShownPanel`."""
        from .conductivity_controls import controls

        return controls(self)

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        return tuple(head.format(confidence=f"{self.confidence:.0%}") for head in HEADS)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per coating and temperature, and one per coating for its law."""
        if not self.shown:
            return []
        return lines(self.found(), *self.laws(), self.remembered(self._colors, *self.shown))
