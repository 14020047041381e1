"""Isotherms on the screen: areas with the criteria of Rouquerol live, micropore volumes, models, and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import sorption as analysis
from ..plots import sorption as plots
from .base import Result
from .of_samples import SamplesPanel
from .ranges import a_range
from .sorption_readout import EXPLAINED, HEADS, lights, lines

if TYPE_CHECKING:
    from .readout import Line

MODELS = ("none", *analysis.MODELS)
_ALIKE = 1.25  # ends of ranges that differ by less than this factor pass for the same
_BEYOND = 2.5  # times the range of the BET plot that is suggested, in view


class SorptionPanel(SamplesPanel):
    """Areas, micropore volumes and models of isotherms, with all that limits them.

    The band in the isotherm and in the BET and Rouquerol plots is the range of the BET equation, whose four criteria
    follow while it is dragged; the band in the Dubinin plot is that of the micropores.

    Parameters
    ----------
    samples
        One isotherm as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the samples shown; ``window``: range of p/p0 of the BET equation, and ``micropores``: that
        of Dubinin's, empty for those suggested for each sample, of which the figures show the middle; ``exponent``: of
        Dubinin's equation, 0 to fit it; ``density``: of the adsorbed phase, as for
        :func:`~pchp_widgets.analysis.sorption.dubinin`; ``molecule_area`` [nm2]: 0 for that of the gas; ``model``:
        drawn through the isotherm; ``reference``: sample that the others are compared with, empty for none;
        ``tolerance`` of the fourth criterion; ``confidence``.

    Raises
    ------
    ValueError
        When there is no isotherm.
    TraitError
        When a sample is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> SorptionPanel([open_measurement("PCH.xls"), open_measurement("PCHP.xls")], reference="PCH")  # doctest: +SKIP
    """

    technique = "sorption"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED
    linked = (("bet", "rouquerol"),)

    micropores = traitlets.Tuple()
    exponent = traitlets.Float(2.0, min=0.0, max=analysis.EXPONENTS[1])
    density = traitlets.Unicode(analysis.SATURATED)
    molecule_area = traitlets.Float(0.0, min=0.0, max=1.0)
    model = traitlets.Enum(list(MODELS), "none")
    reference = traitlets.Unicode()
    tolerance = traitlets.Float(analysis.TOLERANCE, min=0.01, max=1.0)
    confidence = traitlets.Float(0.95, min=0.5, max=0.999)

    draw: ClassVar[Mapping[str, Any]] = {
        "isotherm": plots.isotherm,
        "bet": plots.bet_plot,
        "rouquerol": plots.rouquerol,
        "dubinin": plots.dubinin_plot,
    }

    @traitlets.validate("micropores")
    def _low_before_high_there(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], "micropores")

    @traitlets.validate("exponent")
    def _an_exponent(self, proposal: Mapping[str, Any]) -> float:
        value, (low, high) = float(proposal["value"]), analysis.EXPONENTS
        if value and not low <= value <= high:
            raise traitlets.TraitError(f"exponent {value:g}: from {low:g} to {high:g}, or 0 to fit it")
        return value

    @traitlets.validate("density")
    def _known_density(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] not in self.densities:
            raise traitlets.TraitError(f"density {proposal['value']!r}: choose one of {', '.join(self.densities)}")
        return str(proposal["value"])

    @traitlets.validate("reference")
    def _known_reference(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] and proposal["value"] not in self.cells.names:
            raise traitlets.TraitError(
                f"reference {proposal['value']!r}: is no sample; there are {', '.join(self.cells.names)}"
            )
        return str(proposal["value"])

    @property
    def densities(self) -> tuple[str, ...]:
        """Conventions of the density of the adsorbed phase that the gases of the samples have."""
        known = [gas for part in self.samples.measured.values() for gas in analysis.gases(part) if gas]
        return tuple(dict.fromkeys([analysis.SATURATED, *(name for gas in known for name in gas.densities)]))

    def branch(self, name: str = "adsorption") -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.sorption.isotherms` gives it, of the samples shown."""
        return self.remembered(self._branch, name, *self.shown)

    def suggested(self) -> tuple[float, float]:
        """The middle of what is suggested for each sample shown."""
        return _middle(self.remembered(self._own_ranges, *self.shown))

    @property
    def micropore_span(self) -> tuple[float, float]:
        """The range of Dubinin's equation."""
        return self.micropores or _middle(self.remembered(self._own_micropores, *self.shown))

    def areas(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.sorption.bet` gives it, of the samples shown."""
        said = (self.window, self.molecule_area, self.tolerance, self.confidence)
        return self.remembered(self._areas, *said, *self.shown)

    def volumes(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.sorption.dubinin` gives it, of the samples shown."""
        said = (self.micropores, self.exponent, self.density, self.confidence)
        return self.remembered(self._volumes, *said, *self.shown)

    def modelled(self) -> xr.Dataset | None:
        """As :func:`~pchp_widgets.analysis.sorption.model_fit` gives it, of the samples shown; None without a model."""
        return (
            None if self.model == "none" else self.remembered(self._modelled, self.model, self.confidence, *self.shown)
        )

    def limits(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.sorption.porosity_limit` gives it, of the samples shown."""
        return self.remembered(self._limits, self.confidence, *self.shown)

    def changes(self) -> dict[str, xr.Dataset]:
        """Volume and area against those of the reference, of the samples shown; empty where it is not among them."""
        if not self.reference or self.reference not in self.shown:
            return {}
        found = {"volume": self.volumes(), "area": self.areas()}
        return {
            name: analysis.change(data, name, self.reference, confidence=self.confidence)
            for name, data in found.items()
        }

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is thinned
        """Datasets of the figures; see :class:`~.base.Panel`."""
        adsorbed, looks = self.branch(), self.looks
        areas, volumes, window = self.areas(), self.volumes(), self.remembered(tuple, self.span)
        fit = {"adsorbed": adsorbed, "found": areas, "looks": looks, "window": window, "reach": self.reach}
        return Result(
            {
                "isotherm": {
                    "adsorbed": adsorbed,
                    "desorbed": self.branch("desorption"),
                    "looks": looks,
                    "window": window,
                    "model": self.modelled(),
                },
                "bet": fit,
                "rouquerol": fit,
                "dubinin": {
                    "adsorbed": adsorbed,
                    "found": volumes,
                    "looks": looks,
                    "window": self.remembered(_on_axis, *self.micropore_span),
                },
            },
            self.remark(),
        )

    @property
    def reach(self) -> float:
        """Highest relative pressure in view in the plots of BET and Rouquerol."""
        return self.remembered(self._reach, *self.shown)

    def _reach(self, *shown: str) -> float:
        x = self.remembered(self._branch, "adsorption", *shown)["relative_pressure"].values
        last = float(np.nanmax(x, initial=0.0)) if np.isfinite(x).any() else 1.0
        return min(_BEYOND * self.suggested()[1], 1.02 * last)

    def drag(self, name: str, low: float, high: float) -> None:
        """Follow a band that was dragged; that of the Dubinin plot is in log²(p0/p)."""
        if name != plots.MICROPORES:
            super().drag(name, max(low, 0.0), min(high, 1.0))
            return
        ends = (max(min(low, high), 0.0), max(low, high))
        if ends[0] < ends[1] and ends != _on_axis(*self.micropore_span):
            self.micropores = (plots.relative_of(ends[1]), plots.relative_of(ends[0]))

    def _branch(self, name: str, *shown: str) -> xr.Dataset:
        return analysis.isotherms(self.samples.together(shown), branch=name)

    def _own_ranges(self, *shown: str) -> Any:
        return analysis.suggested_ranges(self.remembered(self._branch, "adsorption", *shown))

    def _own_micropores(self, *shown: str) -> Any:
        return analysis.suggested_micropore_ranges(self.remembered(self._branch, "adsorption", *shown))

    def _areas(
        self, window: tuple[float, ...], area: float, tolerance: float, confidence: float, *shown: str
    ) -> xr.Dataset:
        return analysis.bet(
            self.remembered(self._branch, "adsorption", *shown),
            window or self.remembered(self._own_ranges, *shown),  # type: ignore[arg-type]
            area=area or np.nan,
            tolerance=tolerance,
            confidence=confidence,
        )

    def _volumes(
        self, window: tuple[float, ...], exponent: float, density: str, confidence: float, *shown: str
    ) -> xr.Dataset:
        return analysis.dubinin(
            self.remembered(self._branch, "adsorption", *shown),
            window or self.remembered(self._own_micropores, *shown),  # type: ignore[arg-type]
            exponent=exponent or None,
            density=density,
            confidence=confidence,
        )

    def _modelled(self, model: str, confidence: float, *shown: str) -> xr.Dataset:
        return analysis.model_fit(self.remembered(self._branch, "adsorption", *shown), model, confidence=confidence)

    def _limits(self, confidence: float, *shown: str) -> xr.Dataset:
        return analysis.porosity_limit(self.remembered(self._branch, "adsorption", *shown), confidence=confidence)

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        said = super().remark()
        if said:
            return said
        if self.reference and self.reference not in self.shown:
            return f"{self.reference} is what the others are compared with, and is not shown: choose it in the list."
        if not self.window and _differ(self.remembered(self._own_ranges, *self.shown)):
            return (
                "Each sample is evaluated in the BET range suggested for it, see the table, until the band is dragged."
            )
        return ""

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The isotherm and the Dubinin plot above those of BET and Rouquerol."""
        from ..plots.render import wrapped

        return wrapped([[figures["isotherm"], figures["dubinin"]], [figures["bet"], figures["rouquerol"]]])

    def own_controls(self) -> Sequence[Any]:
        """Conventions, the model, and what is compared."""
        from .sorption_controls import controls

        return controls(self)

    def readouts(self) -> Sequence[Any]:
        """The four lights, and the table; see :class:`~.base.Panel`."""
        import ipywidgets

        shown = ipywidgets.HTML(layout={"width": "100%"})
        traitlets.dlink(
            (self, "result"), (shown, "value"), lambda _: lights(self.areas(), self.looks) if self.shown else ""
        )
        return [shown, *super().readouts()]

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        against = (f"against {self.reference}",) if self.reference else ()
        return (*(head.format(confidence=f"{self.confidence:.0%}") for head in HEADS), *against)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per sample."""
        if not self.shown:
            return []
        return lines(
            self.branch(), self.areas(), self.volumes(), self.modelled(), self.limits(), self.changes(), self.looks
        )


def _middle(ranges: Any) -> tuple[float, float]:
    if not len(ranges):
        return 0.05, 0.3
    low, high = np.median(ranges, axis=0)
    return float(low), float(high)


def _differ(ranges: Any) -> bool:
    """Whether ranges are not nearly the same."""
    return bool(len(ranges) and (np.max(ranges, axis=0) > _ALIKE * np.min(ranges, axis=0)).any())


def _on_axis(low: float, high: float) -> tuple[float, float]:
    """A range of relative pressure as the axis of the Dubinin plot has it."""
    ends = plots.log_squared([high, low])
    return float(ends[0]), float(ends[1])
