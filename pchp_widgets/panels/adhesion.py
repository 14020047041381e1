"""Peel tests on the screen: the range of the plateau is dragged; strengths, materials and ratios follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets
import xarray as xr

from ..analysis import adhesion as analysis
from ..plots import adhesion as plots
from .adhesion_readout import EXPLAINED, HEADS, lines
from .base import Result
from .of_samples import SamplesPanel

if TYPE_CHECKING:
    from .readout import Line


class AdhesionPanel(SamplesPanel):
    """Strips that were peeled off: the plateau is evaluated in a window, by the rule of a standard or as dragged.

    The interval of a strip knows that neighbouring points of stick-slip belong together; that of a material is over
    its strips; that of a ratio is Fieller's. Nothing is claimed where the failure mode is not known.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``; ``window``: range of travel that counts [mm], empty for that of the rule; ``rule``: one of
        :data:`~pchp_widgets.analysis.adhesion.RULES`; ``statistic``: one of
        :data:`~pchp_widgets.analysis.adhesion.STATISTICS`; ``reference``: material the others are compared with, empty
        for the first.

    Raises
    ------
    ValueError
        When a width is missing, or nothing is left in the window.
    TraitError
        When a sample or material is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> AdhesionPanel(open_measurement("PCHP.csv", width="25 mm", peel_angle="180 degree"))  # doctest: +SKIP
    """

    technique = "adhesion"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    rule = traitlets.Enum(list(analysis.RULES), "ISO 8510-2")
    statistic = traitlets.Enum(list(analysis.STATISTICS), "strength")
    reference = traitlets.Unicode()

    draw: ClassVar[Mapping[str, Any]] = {
        "force": plots.force,
        "strength": plots.strength,
        "ratio": plots.ratio,
    }

    @traitlets.validate("reference")
    def _known_material(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] and proposal["value"] not in self.materials:
            raise traitlets.TraitError(
                f"reference {proposal['value']!r}: choose one of {', '.join(self.materials)}, or '' for the first"
            )
        return str(proposal["value"])

    @property
    def materials(self) -> tuple[str, ...]:
        """Materials of all samples, in their order."""
        return tuple(dict.fromkeys(analysis.materials(self.samples.together(self.samples.names))))

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  curves are thinned alike for both
        """Datasets of the figures, that of ratios where there are several materials; see :class:`~.base.Panel`."""
        found, compared = self.found(), self.compared()
        shown: dict[str, Mapping[str, Any]] = {
            "force": {
                "curves": self.remembered(self._drawn, *self.shown),
                "found": found,
                "looks": self.looks,
                "statistic": self.statistic,
            },
            "strength": {
                "found": found,
                "grouped": self.grouped(),
                "looks": self.looks,
                "statistic": self.statistic,
            },
        }
        if compared.sizes["material"]:
            shown["ratio"] = {"compared": compared, "colors": self.remembered(self._colors, *self.shown)}
        return Result(shown, self.remark())

    def found(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.adhesion.peel_strength` says of the samples shown."""
        return self.remembered(self._found, self.span, self.rule, *self.shown)

    def grouped(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.adhesion.by_material` says of them."""
        return self.remembered(self._grouped, self.statistic, self.span, self.rule, *self.shown)

    def compared(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.adhesion.ratios` says of them."""
        return self.remembered(self._compared, self.base(), self.statistic, self.span, self.rule, *self.shown)

    def base(self) -> str:
        """The material the others are compared with: the reference, where it is shown, else the first one shown."""
        there = list(dict.fromkeys(analysis.materials(self._measured(*self.shown))))
        return self.reference if self.reference in there else next(iter(there), "")

    def _suggested(self, *shown: str) -> tuple[float, float]:
        return self.remembered(self._by_rule, self.rule, *shown)

    @property
    def span(self) -> tuple[float, float]:
        """The range of travel that is evaluated."""
        return self.window or self._suggested(*self.shown)

    def suggested(self) -> tuple[float, float]:
        """That of the rule; see :class:`~.of_samples.SamplesPanel`."""
        return self._suggested(*self.shown)

    def _by_rule(self, rule: str, *shown: str) -> tuple[float, float]:
        return analysis.plateau_window(analysis.strips(self._measured(*(shown or self.samples.names))), rule)

    def _measured(self, *shown: str) -> xr.Dataset:
        whole = self.samples.together(shown or self.samples.names[:1])
        return whole.isel(sample=slice(len(shown)))

    def _drawn(self, *shown: str) -> plots.Curves:
        return plots.drawn(analysis.strips(self._measured(*shown)))

    def _found(self, window: tuple[float, float], rule: str, *shown: str) -> xr.Dataset:
        return analysis.peel_strength(self._measured(*shown), window=window, rule=rule)

    def _grouped(self, statistic: str, *what: Any) -> xr.Dataset:
        return analysis.by_material(self.remembered(self._found, *what), statistic)

    def _compared(self, reference: str, statistic: str, *what: Any) -> xr.Dataset:
        return analysis.ratios(self.remembered(self._found, *what), reference, statistic)

    def _colors(self, *shown: str) -> dict[str, str]:
        return plots.material_colors(self._measured(*shown), self.looks)

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Curves on top; materials and their ratios side by side below."""
        from ..plots.render import wrapped

        return wrapped([[figures["force"]], [figures[name] for name in ("strength", "ratio") if name in figures]])

    def own_controls(self) -> Sequence[Any]:
        """Rule, statistic and reference; see :class:`~.of_cells.ShownPanel`."""
        from .adhesion_controls import controls

        return controls(self)

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout."""
        return HEADS

    def lines(self) -> list[Line]:
        """What is shown, in words."""
        if not self.shown:
            return []
        return lines(self.found(), self.grouped(), self.compared(), self.remembered(self._colors, *self.shown))
