"""XPS of coatings on the screen: one fit over all layers, refitted while the window of the background is dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis.photoemission import backgrounds
from ..analysis.photoemission.components import ASSIGNMENTS, COOH, COOLI, REFERENCE, components_of
from ..analysis.photoemission.layers import global_fit, referenced
from ..analysis.photoemission.quantities import without_components
from ..analysis.photoemission.shapes import Shape
from ..analysis.photoemission.stoichiometry import CONVERSION, carbon_shares, lithium_per_acid
from ..plots import photoemission as plots
from .base import Result
from .of_samples import SamplesPanel
from .photoemission_readout import EXPLAINED, heads, lines

if TYPE_CHECKING:
    from .readout import Line

_CARBON = "C 1s"
_KNOWN = {COOH, COOLI}


class PhotoemissionPanel(SamplesPanel):
    """Layers or states of a coating in one global fit: components, charging, and the share of lithiated acid.

    Drag the window by its edges or as a whole: background and components are fitted anew between them.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``; ``window``: binding energies between which it is fitted [eV], charging taken off, empty for all of
        the region; ``region``: which; ``background``: one of
        :data:`~pchp_widgets.analysis.photoemission.backgrounds.BACKGROUNDS`; ``active``: whether it is fitted with the
        peaks; ``shape``: ``"product"`` or ``"sum"``; ``mixing``: Lorentzian share of the lines; ``components``: others
        than the assignments of the coatings, as (name, binding energy [eV], tolerance [eV]), the reference first;
        ``shake_up``: add the satellite of aromatic rings; ``reference``: binding energy of the first component of C 1s
        [eV]; ``conversion``: of the nitriles, for the repeat unit.

    Raises
    ------
    ValueError
        When no sample has the region, or the window holds too few points.
    TraitError
        When a sample is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> PhotoemissionPanel(open_measurement("layers.vms"), window=(282.0, 294.0))  # doctest: +SKIP
    """

    technique = "photoemission"
    explained: ClassVar[Mapping[str, str]] = EXPLAINED

    region = traitlets.Unicode()
    background = traitlets.Enum(list(backgrounds.BACKGROUNDS), "shirley")
    active = traitlets.Bool(True)
    shape = traitlets.Enum(["product", "sum"], "product")
    mixing = traitlets.Float(0.3, min=0.0, max=1.0)
    components = traitlets.Tuple()
    shake_up = traitlets.Bool(False)
    reference = traitlets.Float(REFERENCE, min=280.0, max=290.0)
    conversion = traitlets.Float(CONVERSION, min=0.0, max=1.0)

    draw: ClassVar[Mapping[str, Any]] = {
        "spectra": plots.spectra,
        "acid": plots.acid,
        "residuals": plots.residuals,
        "fractions": plots.fractions,
        "carbon": plots.carbon,
        "areas": plots.areas,
    }
    linked = (("spectra", "residuals"),)

    @traitlets.default("region")
    def _first_region(self) -> str:
        """C 1s where it is there, else the first region with an assignment, else the first."""
        there = self.regions
        return next((name for name in (_CARBON, *there) if name in there and name in ASSIGNMENTS), there[0])

    @traitlets.validate("region")
    def _known_region(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] not in self.regions:
            raise traitlets.TraitError(f"region {proposal['value']!r}: there are {', '.join(self.regions)}")
        return str(proposal["value"])

    @traitlets.validate("components")
    def _sound_components(self, proposal: Mapping[str, Any]) -> tuple[tuple[str, float, float], ...]:
        try:
            found = components_of(_CARBON, proposal["value"]) if proposal["value"] else ()
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return tuple((one.name, one.position, one.tolerance) for one in found)

    @traitlets.observe("region")
    def _another_scale(self, _: object) -> None:
        self.window = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions that any sample has."""
        return tuple(
            dict.fromkeys(str(one) for part in self.samples.measured.values() for one in part["region"].values)
        )

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  spectra are short
        """Datasets of the figures; see :class:`~.base.Panel`."""
        fit, looks = self.found(), self.looks
        found: dict[str, dict[str, Any]] = {
            "spectra": {
                "whole": self.remembered(self._whole, self.region, self.reference, *self.shown),
                "fit": fit,
                "looks": looks,
                "window": self.span,
                "span": self.suggested(),
            },
            "residuals": {"fit": fit, "looks": looks, "span": self.suggested()},
        }
        if "lithiated_fraction" in fit:
            found["acid"] = {"whole": found["spectra"]["whole"], "fit": fit, "looks": looks}
            found["fractions"] = {"fit": fit, "looks": looks}
        if self._is_carbon(fit):
            found["carbon"] = {"shares": self.shares(), "looks": looks}
        else:
            found["areas"] = {"fit": fit, "looks": looks}
        return Result(found, self.remark())

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        fit = self.found()
        lacking = [name for name in self.shown if name not in fit["sample"].values]
        if self.shown and lacking:
            return f"{', '.join(lacking)}: no region {self.region}."
        if self.shown and not fit.sizes["component"]:
            return f"Nobody said what {self.region} consists of: give components; until then the net area is shown."
        return super().remark()

    def found(self) -> xr.Dataset:
        """The fit, as :func:`~pchp_widgets.analysis.photoemission.layers.global_fit` gives it."""
        return self.remembered(self._fit, *self._said())

    def _said(self) -> tuple[Any, ...]:
        """What the fit depends on."""
        how = (self.background, self.active, self.shape, self.mixing, self.components, self.shake_up)
        return self.span, self.reference, self.region, *how, *self.shown

    def shares(self) -> xr.Dataset:
        """Carbon by component, as :func:`~pchp_widgets.analysis.photoemission.stoichiometry.carbon_shares` gives it."""
        return self.remembered(self._shares, self.conversion, *self._said())

    def _shares(self, conversion: float, *said: Any) -> xr.Dataset:
        return carbon_shares(self.remembered(self._fit, *said), conversion)

    def lithium(self) -> xr.Dataset:
        """Lithium per lithiated acid of the samples shown."""
        return lithium_per_acid(self._measured(*self.shown), self.found())

    def suggested(self) -> tuple[float, float]:
        """All of the region; see :class:`~.of_samples.SamplesPanel`."""
        return self.remembered(self._suggested_for, self.region, self.reference, *self.shown)

    def _suggested(self, *shown: str) -> tuple[float, float]:
        return self._suggested_for(self.region, self.reference, *shown)

    @property
    def span(self) -> tuple[float, float]:
        """The binding energies that are fitted."""
        return self.window or self.suggested()

    def _suggested_for(self, region: str, reference: float, *shown: str) -> tuple[float, float]:
        energy = self.remembered(self._whole, region, reference, *self._some(region, *shown))["energy"].values
        known = energy[np.isfinite(energy)]
        if not known.size:
            return 0.0, 1.0
        return float(np.nanmin(energy, axis=1).max()), float(np.nanmax(energy, axis=1).min())

    def _some(self, region: str, *shown: str) -> tuple[str, ...]:
        """The samples shown; with none, the first that has the region, for the form of what is drawn of it."""
        having = (name for name, part in self.samples.measured.items() if region in part["region"].values)
        return shown or (next(having),)

    def _measured(self, *shown: str) -> xr.Dataset:
        return self.samples.together(shown or self.samples.names[:1])

    def _shift(self, reference: float, *shown: str) -> xr.DataArray:
        """Charging of the samples as the whole of C 1s tells it: the scale of the figures, which no window moves."""
        data = self._measured(*shown)
        none = xr.DataArray(np.zeros(data.sizes["sample"]), {"sample": data["sample"].values}, ["sample"])
        stated = data["charge_shift"] if "charge_shift" in data.coords else none * np.nan
        if _CARBON in data["region"].values and not bool(np.isfinite(stated.values).all()):
            try:
                fit = global_fit(data, reference=reference, intervals=False)
            except ValueError:  # what is wrong with it, the fit that is shown says
                return stated.fillna(0.0)
            return referenced(data, fit)["charge_shift"].fillna(0.0)
        return stated.fillna(0.0)

    def _whole(self, region: str, reference: float, *shown: str) -> xr.Dataset:
        some = self._some(region, *shown)
        data, shift = self._measured(*some), self.remembered(self._shift, reference, *some)
        if region not in data["region"].values:
            data = data.reindex(region=[*data["region"].values, region])
        found = plots.whole(data, region, shift)
        return found.isel(sample=slice(len(shown)))

    def _fit(
        self,
        span: tuple[float, float],
        reference: float,
        region: str,
        background: str,
        active: bool,
        shape: str,
        mixing: float,
        given: tuple[Any, ...],
        shake_up: bool,
        *shown: str,
    ) -> xr.Dataset:
        some = self._some(region, *shown)
        data, shift = self._measured(*some), self.remembered(self._shift, reference, *some)
        if not region.startswith(_CARBON):
            data = data.drop_vars("charge_shift", errors="ignore").assign(charge_shift=shift)
        chosen = components_of(region, given, shake_up=shake_up)
        if not chosen:
            found = without_components(data, region, window=span, background=background, shift=shift)
        else:
            found = global_fit(
                data,
                region=region,
                window=span,
                background=background,
                active=active,
                shape=Shape(shape, mixing),
                components=chosen,
                reference=reference,
                shift=shift,
            )
        return found.isel(sample=slice(len(shown) and None))

    def _is_carbon(self, fit: xr.Dataset) -> bool:
        names = set(fit["component"].values.tolist())
        return self.region.startswith(_CARBON) and {"C–C", "C–O", *_KNOWN} <= names

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """Spectra beside their carboxyl carbon, then residuals, then what follows from them."""
        from ..plots.render import wrapped

        below = [figures[name] for name in ("fractions", "carbon", "areas") if name in figures]
        above = [figures[name] for name in ("spectra", "acid") if name in figures]
        return wrapped([above, [figures["residuals"]], below])

    def own_controls(self) -> Sequence[Any]:
        """Region, background, line shape, reference; see :class:`~.of_cells.ShownPanel`."""
        from .photoemission_controls import controls

        return controls(self)

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout."""
        return heads(self.found())

    def lines(self) -> list[Line]:
        """What is shown, in words."""
        fit = self.found()
        shares = self.shares() if self._is_carbon(fit) else None
        lithium = self.lithium() if self._is_carbon(fit) else None
        return lines(self._measured(*self.shown), fit, shares, lithium, self.looks) if self.shown else []
