"""Indentations on the screen: the window of the unloading dragged, modulus and hardness live, samples compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import traitlets
import xarray as xr

from ..analysis import indentation as analysis
from ..plots import indentation as plots
from ..plots import indentation_view as view
from .base import Result
from .indentation_readout import EXPLAINED, HEADS, lines
from .of_samples import SamplesPanel
from .ranges import a_range

if TYPE_CHECKING:
    from ..analysis.indentation.contact import Drift
    from ..analysis.indentation.statistics import Outliers
    from .readout import Line

TIPS = ("file", "ideal")
"""Whose area function counts: that of the file, or an ideal Berkovich tip's."""


class IndentationPanel(SamplesPanel):
    """Load-depth curves of several indents in several samples, with modulus and hardness by Oliver and Pharr.

    Drag the window in the unloading: the fit, E and H follow. Where a stiffness was measured along the loading, the
    range of depths that is averaged is dragged in the figure over depth. A click at an indent selects its test.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the samples shown; ``window``: shares of the peak load, empty for 0.5 to 0.98; ``test``:
        the selected one, from 1; ``quantity``: ``"modulus"`` or ``"hardness"``; ``source``: ``"unloading"``, or
        ``"continuous"`` for the mean over ``depths`` [nm] of the dynamic stiffness; ``epsilon``, ``beta``,
        ``poisson`` (None for that of each sample), ``frame_compliance`` [nm mN-1], ``drift`` and ``creep`` as
        :class:`~pchp_widgets.analysis.indentation.Settings` has them; ``tip``: ``"file"`` or ``"ideal"``;
        ``outliers``: one of :data:`~pchp_widgets.analysis.indentation.OUTLIERS`.

    Raises
    ------
    ValueError
        When there is no sample, or one was measured by another technique.
    TraitError
        When a sample is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> IndentationPanel([open_measurement("PCH.xls"), open_measurement("PCHP.xls")], creep=True)  # doctest: +SKIP
    """

    technique = "indentation"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    depths = traitlets.Tuple()
    test = traitlets.Int(1, min=1)
    quantity = traitlets.Enum(list(view.QUANTITIES), "modulus")
    source = traitlets.Enum(list(view.SOURCES), "unloading")
    epsilon = traitlets.Float(0.75, min=0.5, max=1.0)
    beta = traitlets.Float(1.0, min=0.9, max=1.2)
    poisson = traitlets.Float(None, min=-0.99, max=0.49, allow_none=True)
    tip = traitlets.Enum(list(TIPS), "file")
    frame_compliance = traitlets.Float(0.0, min=0.0)
    drift = traitlets.Enum(list(analysis.DRIFTS), "none")
    creep = traitlets.Bool(False)
    outliers = traitlets.Enum(list(analysis.OUTLIERS), "none")

    draw: ClassVar[Mapping[str, Any]] = {
        "curves": plots.load_depth,
        "unloading": plots.unloading,
        "depth": plots.over_depth,
        "compared": plots.compared,
    }

    @traitlets.validate("window")
    def _shares(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        ends = a_range(proposal["value"], "window")
        if ends and not 0 < ends[0] < ends[1] <= 1:
            raise traitlets.TraitError(f"window {ends}: shares of the peak load are expected, 0 < low < high <= 1")
        return ends

    @traitlets.validate("depths")
    def _range_of_depths(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], plots.DEPTHS)

    def suggested(self) -> tuple[float, float]:
        """The usual window of the unloading."""
        return analysis.Settings().window

    @property
    def settings(self) -> analysis.Settings:
        """How modulus and hardness follow, as the analysis takes it."""
        low, high = self.span
        return analysis.Settings(
            (low, high),
            self.epsilon,
            self.beta,
            self.poisson,
            area=tuple(analysis.ideal().tolist()) if self.tip == "ideal" else (),
            frame_compliance=self.frame_compliance,
            drift=cast("Drift", self.drift),
            creep=self.creep,
        )

    def found(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.indentation.oliver_pharr` gives it, of the samples shown."""
        return self.remembered(self._found, self.settings, *self.shown)

    def last(self) -> xr.Dataset:
        """The last unloading of each test."""
        return self.remembered(self._last, self.settings, *self.shown)

    def over_depth(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.indentation.over_depth` gives it, of the samples shown."""
        return self.remembered(self._over, self._of_depths, self.depths, *self.shown)

    def statistics(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.indentation.of_samples` gives it, of the quantity shown."""
        return self._of_quantity(self.quantity)

    def differences(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.indentation.differences` gives it, of the quantity shown."""
        return analysis.differences(self.statistics())

    def continuous(self) -> bool:
        """Whether any sample shown has a stiffness along its loading."""
        return bool(np.isfinite(self.over_depth()["modulus"].values).any())

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is refined by zooming
        """Datasets of the four figures; see :class:`~.base.Panel`."""
        looks, last = self.looks, self.last()
        over = self.over_depth()
        correction = self._correction
        return Result(
            {
                "curves": {
                    "curves": self.remembered(self._curves, correction, *self.shown),
                    "last": last,
                    "looks": looks,
                    "test": self.test,
                },
                "unloading": {
                    "cut": self.remembered(self._unloading, correction, self.test, *self.shown),
                    "last": last,
                    "looks": looks,
                    "window": self.remembered(tuple, self.span),
                    "test": self.test,
                },
                "depth": {
                    "found": self.found(),
                    "over": over,
                    "looks": looks,
                    "quantity": self.quantity,
                    "depths": self.remembered(tuple, over.attrs["depths"] if self.continuous() else ()),
                },
                "compared": {
                    "values": self._values(self.quantity),
                    "statistics": self.statistics(),
                    "last": last,
                    "looks": looks,
                    "quantity": self.quantity,
                    "source": self.source,
                },
            },
            self.remark(),
        )

    @property
    def _correction(self) -> analysis.Settings:
        """What changes the curves themselves."""
        return analysis.Settings(frame_compliance=self.frame_compliance, drift=cast("Drift", self.drift))

    @property
    def _of_depths(self) -> analysis.Settings:
        """What changes the values over depth: no window, no creep."""
        settings = self.settings
        return analysis.Settings(
            epsilon=settings.epsilon,
            beta=settings.beta,
            poisson=settings.poisson,
            area=settings.area,
            frame_compliance=settings.frame_compliance,
        )

    def _turns(self, *shown: str) -> xr.Dataset:
        return analysis.turning_points(self.samples.together(shown))

    def _found(self, settings: analysis.Settings, *shown: str) -> xr.Dataset:
        turns = self.remembered(self._turns, *shown)
        return analysis.oliver_pharr(self.samples.together(shown), settings, turns)

    def _last(self, settings: analysis.Settings, *shown: str) -> xr.Dataset:
        return analysis.last_unloading(self.remembered(self._found, settings, *shown))

    def _over(self, settings: analysis.Settings, depths: tuple[float, ...], *shown: str) -> xr.Dataset:
        turns = self.remembered(self._turns, *shown)
        ends = (depths[0], depths[1]) if depths else None
        return analysis.over_depth(self.samples.together(shown), turns, settings, depths=ends)

    def _corrected(self, settings: analysis.Settings, *shown: str) -> xr.Dataset:
        return analysis.corrected(self.samples.together(shown), self.remembered(self._turns, *shown), settings)

    def _curves(self, settings: analysis.Settings, *shown: str) -> xr.Dataset:
        return view.curves(self.remembered(self._corrected, settings, *shown))

    def _unloading(self, settings: analysis.Settings, test: int, *shown: str) -> xr.Dataset:
        turns = self.remembered(self._turns, *shown)
        return view.unloading_curves(self.remembered(self._corrected, settings, *shown), turns, test)

    def _values(self, quantity: str) -> xr.DataArray:
        return view.values(self.last(), self.over_depth(), quantity, self.source)

    def _of_quantity(self, quantity: str) -> xr.Dataset:
        of = (self.source, self.outliers, self.settings, self.depths)
        return self.remembered(self._statistics, quantity, *of, *self.shown)

    def _statistics(self, quantity: str, *_: Any) -> xr.Dataset:
        return analysis.of_samples(self._values(quantity), outliers=cast("Outliers", self.outliers))

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        said = super().remark()
        most = max(
            (part.sizes["test"] for name, part in self.samples.measured.items() if name in self.shown), default=1
        )
        if not said and self.test > most:
            return f"No sample shown has a test {self.test}: choose one from 1 to {most}."
        if not said and self.source == "continuous" and not self.continuous():
            return "No sample shown has a stiffness along its loading: choose the unloading."
        return said

    def drag(self, name: str, low: float, high: float) -> None:
        """Follow a window that was dragged; shares of the peak load stay between 0.01 and 1."""
        if name != plots.DEPTHS:
            super().drag(name, min(max(low, 0.01), 0.99), min(max(high, 0.02), 1.0))
        else:
            super().drag(name, max(low, 0.0), high)

    def _drawn_at(self, name: str) -> tuple[float, ...]:
        if name == plots.DEPTHS:
            found: tuple[float, ...] = tuple(self.over_depth().attrs["depths"])
            return found
        return super()._drawn_at(name)

    def select_at(self, name: str, x: float, y: float) -> None:
        """Select the test of the indent nearest to a click among the samples compared."""
        if name != "compared" or not self.shown:
            return
        found = self._values(self.quantity).values
        at = int(np.clip(round(x), 0, len(found) - 1))
        away = np.abs(found[at] - y)
        if np.isfinite(away).any():
            self.test = int(np.nanargmin(away)) + 1

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The curve and its unloading above the values over depth and by sample."""
        from ..plots.render import wrapped

        return wrapped([[figures["curves"], figures["unloading"]], [figures["depth"], figures["compared"]]])

    def own_controls(self) -> Sequence[Any]:
        """Which test and quantity, and how they are evaluated."""
        from .indentation_controls import controls

        return controls(self)

    def heads(self) -> tuple[str, ...]:
        """What stands above the columns of the readout."""
        return HEADS

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per sample."""
        if not self.shown:
            return []
        both = {name: self._of_quantity(name) for name in view.QUANTITIES}
        return lines(self.last(), both, self.differences(), self.test, self.quantity, self.looks)
