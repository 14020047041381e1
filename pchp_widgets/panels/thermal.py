"""Calorimetry on the screen: heat flow of one run, with ranges of melting and of the glass transition to drag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets
import xarray as xr

from ..analysis import thermal as analysis
from ..plots import thermal as plots
from .base import Result
from .of_samples import SamplesPanel
from .ranges import a_range
from .thermal_readout import EXPLAINED, HEADS, lines

if TYPE_CHECKING:
    from .readout import Line

_DRAWS = 400  # of the noise: a drag has to be followed


class ThermalPanel(SamplesPanel):
    """Differential scanning calorimetry: glass transition, melting, crystallinity of the PEG or its upper limit.

    Drag the windows in the figure of the heat flow, the one named melting or the one of the glass transition.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the samples shown; ``run``: ``"heating 2"`` and the like, empty for the last heating;
        ``window``: range of melting [degC], empty for the one suggested; ``glass``: range of the glass transition
        [degC], empty for one around the clearest step of each sample;
        ``base``: share of `glass` that each base line is fitted to; ``baseline``: one of
        :data:`~pchp_widgets.analysis.thermal.BASELINES`; ``width``: of the endotherm whose absence is to be shown [K];
        ``reference_enthalpy``: heat of fusion of the perfect crystal [J g-1]; ``exo_up``: whether exothermic points
        upwards; ``stacked``: whether curves are moved apart.

    Raises
    ------
    ValueError
        When there is no sample, or one was measured by another technique.
    TraitError
        When a sample is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> ThermalPanel([open_measurement("PCHP.txt", material="PCHP", peg_fraction="33.3 %")])  # doctest: +SKIP
    """

    technique: ClassVar[str] = "thermal"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    run = traitlets.Unicode("")
    glass = traitlets.Tuple()
    base = traitlets.Float(0.25, min=0.05, max=0.45)
    baseline = traitlets.Enum(list(analysis.BASELINES), "linear")
    width = traitlets.Float(8.0, min=1.0, max=40.0)
    reference_enthalpy = traitlets.Float(analysis.PEO_ENTHALPIES[0], min=1.0, max=1000.0)
    exo_up = traitlets.Bool(False)
    stacked = traitlets.Bool(True)

    draw: ClassVar[Mapping[str, Any]] = {
        "program": plots.program,
        "curves": plots.curves,
        "step": plots.step,
        "heat": plots.heat,
        "crystallinity": plots.crystallinity,
    }

    @traitlets.validate("glass")
    def _a_range(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], "glass")

    @traitlets.validate("run")
    def _known_run(self, proposal: Mapping[str, Any]) -> str:
        known = self.runs()
        if proposal["value"] and proposal["value"] not in known:
            raise traitlets.TraitError(f"run {proposal['value']!r}: there are {', '.join(known) or 'none'}")
        return str(proposal["value"])

    def runs(self) -> list[str]:
        """Names of the runs that any of the samples has."""
        return analysis.run_names(analysis.segments(self.samples.together(self.samples.names)))

    @property
    def chosen(self) -> str:
        """The run that is evaluated: the last heating that a sample shown has, unless another is chosen."""
        return self.run or analysis.last_heating(self.remembered(self._segments, *self._used))

    @property
    def glass_span(self) -> tuple[float, float]:
        """The range in which the glass transition is evaluated; one that holds those of all samples by default."""
        return self.glass or self.remembered(self._suggested_glass, self.chosen, *self.shown)

    def glass_ranges(self) -> dict[str, tuple[float, float]]:
        """The range of each sample: the one dragged, or those around the most significant steps."""
        if self.glass:
            return dict.fromkeys(self.shown, self.glass)
        return dict(self.remembered(self._steps, self.chosen, *self.shown))

    def suggested(self) -> tuple[float, float]:
        """Where PEG melts, as far as the run goes there; see :class:`~.of_samples.SamplesPanel`."""
        return analysis.melting_range(self.scans()) if self.chosen else (0.0, 100.0)

    def _suggested_glass(self, *_: str) -> tuple[float, float]:
        ranges = analysis.glass_ranges(self.scans()).values() if self.chosen else ()
        if ranges:
            return min(low for low, _ in ranges), max(high for _, high in ranges)
        return analysis.glass_range(self.scans()) if self.chosen else (0.0, 100.0)

    def _steps(self, *of: str) -> dict[str, tuple[float, float]]:
        """Ranges around steps; the one for all where a sample has none."""
        scans = self.remembered(self._scans, *of)
        return {str(name): analysis.glass_range(scans) for name in scans["sample"].values} | analysis.glass_ranges(
            scans
        )

    def _drawn_at(self, name: str) -> tuple[float, ...]:
        return tuple(self.glass_span if name == "glass" else super()._drawn_at(name))

    @property
    def _used(self) -> tuple[str, ...]:
        """The samples shown; when none is, one lends its form."""
        return self.shown or self.samples.names[:1]

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  curves are thinned alike for both
        """Datasets of the figures; see :class:`~.base.Panel`."""
        if not self.chosen:
            return Result({}, "The temperature is the same all the time: there is no run to evaluate.")
        scans, glass, melted = self.scans(), self.transitions(), self.melted()
        looks = self.looks
        return Result(
            {
                "program": {
                    "data": self.remembered(self._together, *self.shown),
                    "segments": self.remembered(self._shown_segments, *self.shown),
                    "run": self.chosen,
                    "looks": looks,
                },
                "curves": {
                    "scans": scans,
                    "glass": glass,
                    "melted": melted,
                    "looks": looks,
                    "window": self.span,
                    "glass_window": self.glass_span,
                    "exo_up": self.exo_up,
                    "stacked": self.stacked,
                },
                "step": {"scans": scans, "glass": glass, "looks": looks, "glass_window": self.glass_span},
                "heat": {"scans": scans, "melted": melted, "looks": looks, "window": self.span},
                "crystallinity": {"found": self.crystallinity(), "limits": self.limits(), "looks": looks},
            },
            self.remark(),
        )

    def scans(self) -> xr.Dataset:
        """The run of the samples shown, as :func:`~pchp_widgets.analysis.thermal.scans` gives it."""
        return self.remembered(self._scans, self.chosen, *self.shown)

    def transitions(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.thermal.glass_transition` gives it."""
        return self.remembered(self._glass, tuple(self.glass), self.base, self.chosen, *self.shown)

    def melted(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.thermal.melting` gives it."""
        return self.remembered(self._melted, self.span, self.baseline, self.chosen, *self.shown)

    def crystallinity(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.thermal.crystallinity` gives it."""
        said = (self.reference_enthalpy, self.span, self.baseline, self.chosen, *self.shown)
        return self.remembered(self._crystallinity, *said)

    def limits(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.thermal.crystallinity_limit` gives it."""
        return self.remembered(self._limits, self.width, self.reference_enthalpy, self.span, self.chosen, *self.shown)

    def _together(self, *shown: str) -> xr.Dataset:
        return self.samples.together(shown)

    def _segments(self, *names: str) -> xr.Dataset:
        return analysis.segments(self.samples.together(names))

    def _shown_segments(self, *shown: str) -> xr.Dataset:
        return self.remembered(self._segments, *self._used).isel(sample=slice(len(shown)))

    def _scans(self, run: str, *shown: str) -> xr.Dataset:
        names = shown or self.samples.names
        segments = self.remembered(self._segments, *names)
        if not (segments["run"].values == run).any():
            names = self.samples.names  # which has the run, and lends its form
            segments = self.remembered(self._segments, *names)
            found = analysis.scans(self.samples.together(names), run, segments)
            return found.sel(sample=list(shown))
        return analysis.scans(self.samples.together(names), run, segments).isel(sample=slice(len(shown)))

    def _glass(self, span: tuple[()] | tuple[float, float], base: float, *of: str) -> xr.Dataset:
        window = span or self.remembered(self._steps, *of)
        return analysis.glass_transition(self.remembered(self._scans, *of), window, base=base)

    def _melted(self, span: tuple[float, float], baseline: Any, *of: str) -> xr.Dataset:
        return analysis.melting(self.remembered(self._scans, *of), span, baseline=baseline)

    def _crystallinity(self, reference_enthalpy: float, *of: Any) -> xr.Dataset:
        return analysis.crystallinity(self.remembered(self._melted, *of), reference_enthalpy=reference_enthalpy)

    def _limits(self, width: float, reference: float, span: tuple[float, float], *of: str) -> xr.Dataset:
        width = min(width, (span[1] - span[0]) / 3)
        curves = self.remembered(self._scans, *of)
        return analysis.crystallinity_limit(curves, span, width=width, reference_enthalpy=reference, draws=_DRAWS)

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        if not self.shown or not self.chosen:
            return super().remark()
        if self.span[1] - self.span[0] < 3 * self.width:
            narrow = (self.span[1] - self.span[0]) / 3
            return f"The window of melting is too short for an endotherm of {self.width:g} K: {narrow:.1f} K is taken."
        return ""

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The curves on top, then step and heat, then crystallinity and program."""
        from ..plots.render import wrapped

        if not figures:
            return wrapped([])
        below = [[figures["heat"], figures["step"]], [figures["crystallinity"], figures["program"]]]
        return wrapped([[figures["curves"]], *below])

    def own_controls(self) -> Sequence[Any]:
        """Run, base lines, direction, shift, and what the limit depends on; see :class:`~.of_cells.ShownPanel`."""
        from .thermal_controls import controls

        return controls(self)

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        return HEADS

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per sample."""
        if not self.shown or not self.chosen:
            return []
        said = analysis.doubts(self.scans(), self.span)
        return lines(self.transitions(), self.melted(), self.crystallinity(), self.limits(), said, self.looks)
