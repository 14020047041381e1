"""Diffraction patterns on the screen: halos fitted with the background, and what the background does to distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import diffraction as analysis
from ..plots import diffraction as plots
from .base import Result
from .diffraction_readout import EXPLAINED, heads, lines
from .of_samples import SamplesPanel

if TYPE_CHECKING:
    from .readout import Line


class DiffractionPanel(SamplesPanel):
    """Patterns of films: halos are fitted together with the background in a window, under five backgrounds at once.

    Drag the window by an edge or as a whole: the fits follow. The distances below carry the interval of the statistics
    and, as a box, the spread over all backgrounds that describe the pattern.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``; ``window``: the range that is fitted [degree], empty for what all samples have in common;
        ``background``: one of :data:`~pchp_widgets.analysis.diffraction.BACKGROUNDS`; ``count``: number of halos, 0
        for as many as the pattern asks for; ``starts``: positions to begin with [degree], empty to look for them;
        ``shape``, ``factor``, ``radiation``: as for :func:`~pchp_widgets.analysis.diffraction.halos`; ``spare_lines``:
        whether sharp lines are left out of the fit; ``stacked``: whether patterns are shifted; ``references``: phases
        whose lines are shown, of :data:`~pchp_widgets.analysis.diffraction.PHASES`; ``halo``: whose distances are
        drawn, counted from 1.

    Raises
    ------
    ValueError
        When the window holds too few points.
    TraitError
        When a sample is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> DiffractionPanel(open_measurement("PCHP.xy", wavelength="1.5406 angstrom"), count=3)  # doctest: +SKIP
    """

    technique = "diffraction"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    background = traitlets.Enum(list(analysis.BACKGROUNDS), "air")
    count = traitlets.Int(0, min=0, max=analysis.MOST)
    starts = traitlets.Tuple()
    shape = traitlets.Enum(list(analysis.SHAPES), "gaussian")
    factor = traitlets.Enum(list(analysis.CORRECTIONS), "none")
    radiation = traitlets.Enum(list(analysis.RADIATION), "alpha1")
    spare_lines = traitlets.Bool(True)
    stacked = traitlets.Bool(True)
    references = traitlets.Tuple()
    halo = traitlets.Int(1, min=1, max=analysis.MOST)

    draw: ClassVar[Mapping[str, Any]] = {
        "pattern": plots.pattern,
        "residuals": plots.residuals,
        "distances": plots.distances,
    }
    linked = (("pattern", "residuals"),)

    @traitlets.validate("starts")
    def _positions(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return tuple(sorted(float(start) for start in proposal["value"]))

    @traitlets.validate("references")
    def _known_phases(self, proposal: Mapping[str, Any]) -> tuple[str, ...]:
        unknown = [name for name in proposal["value"] if name not in analysis.PHASES]
        if unknown:
            raise traitlets.TraitError(f"references {unknown[0]!r}: choose among {', '.join(analysis.PHASES)}")
        return tuple(name for name in analysis.PHASES if name in proposal["value"])

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  patterns are thinned alike for both
        """Datasets of the three figures; see :class:`~.base.Panel`."""
        whole = self.remembered(self._whole, *self.shown)
        curves = self.remembered(self._curves, self.background, *self._fit())
        return Result(
            {
                "pattern": {
                    "whole": whole,
                    "curves": curves,
                    "lines": self.remembered(self._sharp, *self.shown),
                    "looks": self.looks,
                    "stacked": self.stacked,
                    "references": self.references,
                    "wavelength": self.remembered(self._wavelength, self.radiation, *self.shown),
                },
                "residuals": {
                    "curves": curves,
                    "looks": self.looks,
                    "span": self.remembered(self._extent, *self.shown),
                },
                "distances": {
                    "found": self.found(),
                    "summary": self.summary(),
                    "looks": self.looks,
                    "halo": self.halo,
                },
            },
            self.remark(),
        )

    def found(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.diffraction.halos` says of the samples shown."""
        return self.remembered(self._halos, *self._fit())

    def summary(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.diffraction.distances` says of them."""
        return self.remembered(self._distances, self.background, *self._fit())

    def suggested(self) -> tuple[float, float]:
        """What the samples shown have in common; see :class:`~.of_samples.SamplesPanel`."""
        return analysis.common(self._measured())

    def _measured(self, *shown: str) -> xr.Dataset:
        return self.samples.together(shown or self.shown or self.samples.names[:1])

    def _fit(self) -> tuple[Any, ...]:
        """What a fit depends on."""
        said = (self.count, self.starts, self.shape, self.factor, self.radiation, self.spare_lines)
        return (self.span, *said, *self.shown)

    def _halos(
        self,
        window: tuple[float, float],
        count: int,
        starts: tuple[float, ...],
        shape: str,
        factor: str,
        radiation: str,
        spare_lines: bool,
        *shown: str,
    ) -> xr.Dataset:
        exclude = analysis.spared(self.remembered(self._sharp, *shown)) if spare_lines else ()
        found = analysis.halos(
            self._measured(*shown),
            window=window,
            count=count,
            starts=starts,
            shape=shape,
            factor=factor,
            radiation=radiation,
            exclude=exclude,
        )
        return found.isel(sample=slice(len(shown)))

    def _curves(self, background: str, *fit: Any) -> xr.Dataset:
        found = self.remembered(self._halos, *fit)
        if not found.sizes["sample"]:
            every = self.remembered(self._halos, *fit, *self.samples.names[:1])
            return analysis.curves(self._measured(), every, background).isel(sample=slice(0))
        return analysis.curves(self._measured(*fit[7:]), found, background)

    def _distances(self, background: str, *fit: Any) -> xr.Dataset:
        return analysis.distances(self.remembered(self._halos, *fit), background)

    def _sharp(self, *shown: str) -> xr.Dataset:
        return analysis.reflections(self._measured(*shown)).isel(sample=slice(len(shown)))

    def _whole(self, *shown: str) -> xr.Dataset:
        return plots.drawn(self._measured(*shown)).isel(sample=slice(len(shown)))

    def _extent(self, *shown: str) -> tuple[float, float]:
        return plots.extent(self.remembered(self._whole, *shown))

    def _wavelength(self, radiation: str, *shown: str) -> float:
        known = analysis.wavelength(self._measured(*shown), radiation).values
        known = known[np.isfinite(known)]
        return float(known[0]) if known.size else float("nan")

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Patterns on top, then what is left of them, then the distances."""
        from ..plots.render import wrapped

        return wrapped([[figures["pattern"]], [figures["residuals"]], [figures["distances"]]])

    def own_controls(self) -> Sequence[Any]:
        """Background, halos, and how they are shown; see :class:`~.of_cells.ShownPanel`."""
        from .diffraction_controls import controls

        return controls(self)

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout."""
        return heads(self.summary())

    def lines(self) -> list[Line]:
        """What is shown, in words."""
        if not self.shown:
            return []
        sharp = self.remembered(self._sharp, *self.shown)
        return lines(self._measured(*self.shown), self.found(), self.summary(), sharp, self.looks)
