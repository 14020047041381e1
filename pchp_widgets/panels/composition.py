"""Composition on the screen: regions of spectra are dragged; conversions, stoichiometry and limits follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import composition as analysis
from ..plots import composition as plots
from .base import Result
from .composition_readout import EXPLAINED, heads, lines
from .of_samples import SamplesPanel
from .ranges import a_range

if TYPE_CHECKING:
    from .readout import Line

REGIONS = ("acid", "aromatic", "amide")
"""Regions of proton spectra that the conversion is made of."""

_RANGES = (*REGIONS, "searched", "compared")
_PROTONS, _CARBONS = "1H", "13C"
_PPM_IN_VIEW = (-1.0, 16.0)
_ROUNDED = 6
_GAP = 0.3  # ppm


class CompositionPanel(SamplesPanel):
    """What polymers are made of: nitrile to acid by 1H NMR and by elemental analysis, and groups that are sought.

    Drag a region by an edge or as a whole: integrals, conversions and limits follow. Spectra and elemental analyses of
    one material (and state) are put together by its name. What is not seen is not said to be absent: it is below a
    limit.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` or :func:`pchp_widgets.elemental_analysis` gives it,
        several in a list or by name, or a study.
    **state
        ``shown``; ``window``: stretch of the proton spectra without lines, that the noise is taken from [ppm];
        ``acid``, ``aromatic``, ``amide``: regions of proton spectra [ppm]; ``group``: one of
        :data:`~pchp_widgets.analysis.composition.GROUPS` that is sought, ``searched`` and ``compared``: its region and
        that of its reference [ppm]. Each range is empty for the usual one. ``baseline``: one of
        :data:`~pchp_widgets.analysis.composition.BASELINES`; ``route``: one of
        :data:`~pchp_widgets.analysis.composition.ROUTES`; ``element_error``: standard error of a run where it is not
        stated; ``molar_mass`` [g mol-1] and ``functionality`` of the PEGDE; ``stacked``: whether spectra are shifted.

    Raises
    ------
    TraitError
        When a sample or group is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> CompositionPanel([open_measurement("PCH/10", material="PCH", nitrogen="0.45 %")])  # doctest: +SKIP
    """

    technique = "composition"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    acid = traitlets.Tuple()
    aromatic = traitlets.Tuple()
    amide = traitlets.Tuple()
    group = traitlets.Enum(list(analysis.GROUPS))
    searched = traitlets.Tuple()
    compared = traitlets.Tuple()
    baseline = traitlets.Enum(list(analysis.BASELINES), "smooth")
    route = traitlets.Enum(list(analysis.ROUTES), "nitrogen")
    element_error = traitlets.Float(analysis.ELEMENT_ERROR, min=1e-4, max=0.02)
    molar_mass = traitlets.Float(500.0, min=100.0, max=20000.0)
    functionality = traitlets.Float(2.0, min=1.0, max=8.0)
    stacked = traitlets.Bool(True)

    draw: ClassVar[Mapping[str, Any]] = {
        "spectrum": plots.spectrum,
        "conversion": plots.conversion,
        "stoichiometry": plots.stoichiometry,
        "search": plots.spectrum,
        "presence": plots.presence,
    }

    @traitlets.default("group")
    def _likely_group(self) -> str:
        return "epoxide" if _CARBONS in self._nuclei().values() else "amide"

    @traitlets.validate(*_RANGES)
    def _a_range(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], proposal["trait"].name)

    @traitlets.observe("group")
    def _other_group(self, _: object) -> None:
        """Regions of one group are none of another."""
        if self.trait_has_value("group") and hasattr(self, "remembered"):
            self.searched, self.compared = (), ()

    def regions(self) -> dict[str, tuple[float, float]]:
        """Regions of proton spectra: the ones dragged, or the usual ones [ppm]."""
        return analysis.regions_of(REGIONS) | {name: getattr(self, name) for name in REGIONS if getattr(self, name)}

    def sought(self) -> dict[str, tuple[float, float]]:
        """The region of the group that is sought, and that of its reference [ppm]."""
        reference = self.reference
        found = analysis.regions_of((self.group, reference))
        return {self.group: self.searched or found[self.group], reference: self.compared or found[reference]}

    @property
    def reference(self) -> str:
        """The region that the group is compared with; one that is a reference itself, with another."""
        usual = analysis.REFERENCES[analysis.GROUPS[self.group].nucleus]
        others = {"aromatic": "aliphatic", "aryl ether": "carboxyl"}
        return others[usual] if usual == self.group else usual

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  spectra are thinned alike for both
        """Datasets of the figures that any sample has data for, shown or not, so that the page stays as it is."""
        shown: dict[str, Mapping[str, Any]] = {}
        protons, joined, sought = self.integrals(), self.conversion(), self.presence()
        colors = self.remembered(self._colors, *self.shown)
        if protons is not None:
            shown["spectrum"] = {
                "curves": self.remembered(self._drawn, _PROTONS, "aromatic", *self._of(_PROTONS)),
                "found": protons,
                "looks": self.looks,
                "windows": self.remembered(self._windows, self.span, *self.regions().items()),
                "stacked": self.stacked,
                "in_view": _PPM_IN_VIEW,
            }
        if self.remembered(self._convertible):
            shown["conversion"] = {"found": joined, "colors": colors}
            shown["stoichiometry"] = {"found": self.stoichiometry(), "colors": colors}
        if sought is not None:
            nucleus = analysis.GROUPS[self.group].nucleus
            ranges = self.sought()
            named = {"searched": ranges[self.group], "compared": ranges[self.reference]}
            shown["search"] = {
                "curves": self.remembered(self._drawn, nucleus, self.reference, *self._of(nucleus)),
                "found": sought,
                "looks": self.looks,
                "windows": self.remembered(dict, tuple(named.items())),
                "stacked": self.stacked,
            }
            shown["presence"] = {"found": sought, "group": self.group, "looks": self.looks}
        return Result(shown, self.remark())

    def integrals(self) -> xr.Dataset | None:
        """What :func:`~pchp_widgets.analysis.composition.integrals` says of the proton spectra shown; None of none."""
        return self._areas(_PROTONS, self.regions(), "aromatic")

    def elements(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.composition.elements` says of the samples shown."""
        return self.remembered(self._elements, self.element_error, *self.shown)

    def conversion(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.composition.conversion` says of their materials."""
        return self.remembered(self._conversion, *self._joined())

    def stoichiometry(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.composition.stoichiometry` says of those conversions."""
        return self.remembered(self._stoichiometry, self.molar_mass, self.functionality, *self._joined())

    def presence(self) -> xr.Dataset | None:
        """Integrals of the group that is sought, and of its reference; None where no sample has such a spectrum."""
        return self._areas(analysis.GROUPS[self.group].nucleus, self.sought(), self.reference)

    def _areas(self, nucleus: str, regions: Mapping[str, tuple[float, float]], reference: str) -> xr.Dataset | None:
        if not self._some(nucleus):
            return None
        window = self.span if nucleus == _PROTONS else None
        said = (nucleus, window, tuple(regions.items()), reference, self.baseline)
        return self.remembered(self._integrals, *said, *self._of(nucleus))

    def suggested(self) -> tuple[float, float]:
        """The longest stretch without a line that all proton spectra have; see :class:`~.of_samples.SamplesPanel`."""
        own = self._some(_PROTONS)
        if not own:
            return 0.0, 1.0
        low, high = analysis.suggested_window(self.remembered(self._spectra, None, *own))
        for first, last in analysis.regions_of(REGIONS).values():  # beside usual regions, so that edges can be grasped
            low = last + _GAP if first <= low < last + _GAP < high else low
            high = first - _GAP if low < first - _GAP < high <= last else high
        return round(low, _ROUNDED), round(high, _ROUNDED)

    def doubts(self) -> dict[str, list[str]]:
        """What must not be overlooked, by material."""
        said = analysis.material_doubts(self.conversion(), self.elements())
        names = dict(zip(self.shown, analysis.labels(self.samples.together(self.shown)), strict=True))
        for found in (self.integrals(), self.presence()):
            for name, texts in ({} if found is None else analysis.spectrum_doubts(found)).items():
                own = said.setdefault(names[name], [])
                own += [text for text in texts if text not in own]
        return said

    def _nuclei(self) -> dict[str, str]:
        """Nucleus of each sample that has a spectrum, ``"?"`` where nobody said."""
        found = {}
        for name, part in self.samples.measured.items():
            if "intensity" in part and np.isfinite(part["intensity"].values).any():
                found[name] = str(part["nucleus"].item()) if "nucleus" in part.coords else ""
        return {name: nucleus or "?" for name, nucleus in found.items()}

    def _of(self, nucleus: str) -> tuple[str, ...]:
        """Samples shown with a spectrum of some nucleus."""
        known = self.remembered(self._nuclei)
        return tuple(name for name in self.shown if known.get(name) == nucleus)

    def _some(self, nucleus: str) -> tuple[str, ...]:
        """The same; with none, the first there is of all samples, for the form of what is drawn of it."""
        there = (name for name, of in self.remembered(self._nuclei).items() if of == nucleus)
        return self._of(nucleus) or tuple(there)[:1]

    def _convertible(self) -> bool:
        """Whether any sample tells a conversion."""
        found = self._elements(self.element_error, *self.samples.names)
        nitrogen = found["mass_fraction"].sel(element="N").values
        return bool(self._some(_PROTONS)) or bool(np.isfinite(nitrogen).any())

    def _spectra(self, window: tuple[float, float] | None, *names: str) -> xr.Dataset:
        return analysis.spectra(self.samples.together(names), window)

    def _drawn(self, nucleus: str, reference: str, *names: str) -> plots.Curves:
        window = None if nucleus != _PROTONS else self.suggested()
        found = self.remembered(self._spectra, window, *self._some(nucleus)).isel(sample=slice(len(names)))
        return plots.drawn(found, analysis.regions_of([reference])[reference])

    def _windows(
        self, window: tuple[float, float], *regions: tuple[str, tuple[float, float]]
    ) -> dict[str, tuple[float, float]]:
        return {**dict(regions), "window": window}

    def _integrals(
        self,
        nucleus: str,
        window: tuple[float, float] | None,
        regions: tuple[tuple[str, tuple[float, float]], ...],
        reference: str,
        baseline: str,
        *names: str,
    ) -> xr.Dataset:
        found = self.remembered(self._spectra, window, *self._some(nucleus))
        areas = analysis.integrals(found, dict(regions), reference=reference, baseline=baseline)
        return areas.isel(sample=slice(len(names)))

    def _elements(self, error: float, *shown: str) -> xr.Dataset:
        return analysis.elements(self.samples.together(shown), error)

    def _conversion(
        self,
        span: tuple[float, float],  # noqa: ARG002  with the regions, what the integrals depend on
        regions: Any,  # noqa: ARG002
        baseline: str,  # noqa: ARG002
        route: str,
        error: float,
        *shown: str,
    ) -> xr.Dataset:
        analysed = self.remembered(self._elements, error, *shown)
        order = list(dict.fromkeys(analysis.labels(self.samples.together(shown))))
        found = analysis.conversion(self.integrals(), analysed, route=route, materials=order)
        known = np.isfinite(np.stack([found[kind].values for kind in ("nmr", "nitrogen", "ratio")])).any(0)
        return found.isel(material=np.flatnonzero(known))

    def _joined(self) -> tuple[Any, ...]:
        """What a conversion depends on."""
        said = (self.span, tuple(self.regions().items()), self.baseline, self.route, self.element_error)
        return (*said, *self.shown)

    def _stoichiometry(self, molar_mass: float, functionality: float, *joined: Any) -> xr.Dataset:
        found = self.remembered(self._conversion, *joined)
        return analysis.stoichiometry(found, molar_mass=molar_mass, functionality=functionality)

    def _colors(self, *shown: str) -> dict[str, str]:
        found: dict[str, str] = {}
        labels = analysis.labels(self.samples.together(shown))
        for name, label in zip(shown, labels, strict=True):
            found.setdefault(label, self.looks[name].color)
        return found

    def _drawn_at(self, name: str) -> tuple[float, ...]:
        if name in REGIONS:
            return self.regions()[name]
        if name in {"searched", "compared"}:
            return self.sought()[self.group if name == "searched" else self.reference]
        return super()._drawn_at(name)

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        if not self.shown:
            return super().remark()
        known = self.remembered(self._nuclei)
        unknown = [name for name in self.shown if known.get(name) == "?"]
        if unknown:
            return f"{', '.join(unknown)}: the nucleus is not known, open with nucleus='1H' or '13C'."
        if not self._of(analysis.GROUPS[self.group].nucleus):
            return f"No sample shown has a {analysis.GROUPS[self.group].nucleus} spectrum, where {self.group} is seen."
        return ""

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Proton spectra, then conversion and stoichiometry, then the group that is sought."""
        from ..plots.render import wrapped

        rows = (("spectrum",), ("conversion", "stoichiometry"), ("search",), ("presence",))
        return wrapped([[figures[name] for name in row if name in figures] for row in rows if {*row} & {*figures}])

    def own_controls(self) -> Sequence[Any]:
        """Base line, route, PEGDE, and the group that is sought; see :class:`~.of_cells.ShownPanel`."""
        from .composition_controls import controls

        return controls(self)

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout."""
        return heads(self.group)

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per material."""
        if not self.shown:
            return []
        colors = self.remembered(self._colors, *self.shown)
        return lines(self.conversion(), self.stoichiometry(), self.presence(), self.group, colors, self.doubts())
