"""Panels that fit a circuit to impedance spectra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import traitlets
import xarray as xr

from ..analysis import impedance as analysis
from ..analysis.circuits import circuit as parsed
from ..analysis.spectra_resistances import TWO_ARCS
from ..analysis.validity import lin_kk
from ..plots import impedance_view as view
from .of_cells import CellsPanel
from .ranges import a_range
from .spectra_cells import SpectraCells

if TYPE_CHECKING:
    from .cells import Given

IntArray = npt.NDArray[np.int64]
Setting = tuple[str, str, tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], tuple[float, ...]]

_AT_ONCE = 100
"""Spectra that are all fitted without being asked for."""


class SpectraPanel(CellsPanel):
    """A panel that fits a circuit to one spectrum of each cell shown, and to all of them where that is wanted.

    Parameters
    ----------
    cells
        As for :class:`~.of_cells.CellsPanel`; they need spectra and no trace.
    **state
        ``shown``; ``cycle``; ``circuit``, ``weights``, ``fixed``, ``bounds``, ``left_out``, ``window`` and ``fit_all``
        as :class:`~.impedance.ImpedancePanel` has them; and what the subclass adds.
    """

    collection = SpectraCells
    cells: SpectraCells

    circuit = traitlets.Unicode(TWO_ARCS)
    weights = traitlets.Enum(list(analysis.WEIGHTS), "modulus")
    fixed = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Float())
    bounds = traitlets.Dict(key_trait=traitlets.Unicode())
    left_out = traitlets.Tuple()
    window = traitlets.Tuple()
    fit_all = traitlets.Bool()

    def __init__(self, cells: Given, **state: Any) -> None:
        for name in ("fixed", "bounds"):
            _check_names(state.get("circuit", TWO_ARCS), name, state.get(name, {}))
        super().__init__(cells, **state)

    @traitlets.default("cycle")
    def _first_spectrum(self) -> int:
        return int(self.cells.cycle_numbers(self.shown or self.cells.names).min())

    @traitlets.default("fit_all")
    def _if_few(self) -> bool:
        return self._few(self.shown)

    def _few(self, shown: Sequence[str]) -> bool:
        return sum(len(self.cells.cycles[name]) for name in shown) <= _AT_ONCE

    @traitlets.validate("circuit")
    def _a_circuit(self, proposal: Mapping[str, Any]) -> str:
        try:
            parsed(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return str(proposal["value"])

    @traitlets.validate("bounds")
    def _lower_before_upper(self, proposal: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
        found = {name: tuple(float(end) for end in ends) for name, ends in proposal["value"].items()}
        wrong = [name for name, ends in found.items() if not (len(ends) == 2 and ends[0] < ends[1])]
        if wrong:
            raise traitlets.TraitError(f"bounds of {wrong[0]}: write (lower, upper), the lower one first")
        return {name: (low, high) for name, (low, high) in found.items()}

    @traitlets.validate("window")
    def _lowest_before_highest(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], "window", "(lowest, highest) frequency in Hz, or () for all", least=0.0)

    @traitlets.validate("left_out")
    def _places(self, proposal: Mapping[str, Any]) -> tuple[tuple[str, int, float], ...]:
        try:
            places = {(str(cell), int(number), float(hertz)) for cell, number, hertz in proposal["value"]}
        except (TypeError, ValueError):
            raise traitlets.TraitError("left_out: write (cell, spectrum, frequency) for every point") from None
        return tuple(sorted(places))

    def use(self, text: str) -> None:
        """Fit another circuit; what is fixed or bounded stays so where it has the same parameters.

        Raises
        ------
        ValueError
            When it is no circuit.
        """
        names = set(parsed(text).names)
        with self.hold_trait_notifications():
            self.circuit = text
            self.fixed = {name: value for name, value in self.fixed.items() if name in names}
            self.bounds = {name: ends for name, ends in self.bounds.items() if name in names}

    @property
    def setting(self) -> Setting:
        """What a fit depends on, besides the spectra."""
        fixed, bounds = (tuple(sorted(of.items())) for of in (self.fixed, self.bounds))
        return (self.circuit, self.weights, fixed, bounds, self.left_out, self.window)

    @property
    def chosen(self) -> tuple[Any, ...]:
        """Which points of which spectra are fitted."""
        return (self.cycle, self.left_out, self.window, *self.shown)

    def one(self) -> xr.Dataset:
        """The spectrum shown of each cell."""
        return self.remembered(self._one, self.cycle, *self.shown)

    def keep(self) -> xr.DataArray:
        """Which of their points are fitted."""
        return self.remembered(self._keep, *self.chosen)

    def found(self) -> xr.Dataset:
        """The fit of the spectrum shown of each cell, as :func:`~pchp_widgets.analysis.impedance.fit` gives it."""
        return self.remembered(self._found, self.cycle, self.fit_all, self.setting, *self.shown)

    def all_found(self) -> xr.Dataset:
        """The fits of all spectra of the cells shown."""
        return self.remembered(self._all_found, self.setting, *self.shown)

    def checked(self) -> xr.Dataset:
        """The Kramers-Kronig test of the spectrum shown of each cell, without the points left out."""
        return self.remembered(self._checked, *self.chosen)

    def numbers(self) -> IntArray:
        """Cycle or number of all spectra (cell, spectrum) of the cells shown."""
        return self.remembered(self._numbers, *self.shown)

    def _some(self, *shown: str) -> xr.Dataset:
        """Spectra of the cells shown; without any, one lends its form."""
        return self.cells.spectra(shown or self.cells.names[:1]).isel(cell=slice(len(shown)))

    def _numbers(self, *shown: str) -> IntArray:
        return self.cells.numbers(self.remembered(self._some, *shown))

    def _one(self, cycle: int, *shown: str) -> xr.Dataset:
        return view.chosen(self.remembered(self._some, *shown), self.remembered(self._numbers, *shown), cycle)

    def _keep(self, cycle: int, left_out: tuple[Any, ...], window: tuple[float, float], *shown: str) -> xr.DataArray:
        return _kept(self.remembered(self._one, cycle, *shown), left_out, window)

    def _checked(self, cycle: int, left_out: tuple[Any, ...], window: tuple[float, float], *shown: str) -> xr.Dataset:
        if shown and self._few(shown):  # all of them take no longer than a glance, and the next cycle none at all
            every = self.remembered(self._all_checked, left_out, window, *shown)
            return view.chosen(every, self.remembered(self._numbers, *shown), cycle)
        one = self.remembered(self._kept_of_one, cycle, left_out, window, *(shown or self.cells.names[:1]))
        return lin_kk(one).isel(cell=slice(len(shown)))

    def _kept_of_one(self, cycle: int, left_out: tuple[Any, ...], window: tuple[float, ...], *shown: str) -> xr.Dataset:
        """The points of the spectrum shown of each cell that are not left out."""
        one = self.remembered(self._one, cycle, *shown)
        return without(one, self.remembered(self._keep, cycle, left_out, window, *shown))

    def _all_kept(self, left_out: tuple[Any, ...], window: tuple[float, float], *shown: str) -> xr.DataArray:
        return _kept(self.cells.spectra(shown), left_out, window)

    def _all_checked(self, left_out: tuple[Any, ...], window: tuple[float, float], *shown: str) -> xr.Dataset:
        return lin_kk(without(self.cells.spectra(shown), self.remembered(self._all_kept, left_out, window, *shown)))

    def _all_found(self, setting: Setting, *shown: str) -> xr.Dataset:
        form = shown or self.cells.names[:1]  # without any cell, one lends its form
        keep = self.remembered(self._all_kept, *setting[4:], *form)
        tested = self.remembered(self._all_checked, *setting[4:], *form)
        start = self.remembered(self._all_found, freed(setting), *form) if freed(setting) != setting else None
        return fitted(self.cells.spectra(form), keep, tested, setting, start).isel(cell=slice(len(shown)))

    def _found(self, cycle: int, fit_all: bool, setting: Setting, *shown: str) -> xr.Dataset:
        if fit_all or not shown:
            every, numbers = self.remembered(self._all_found, setting, *shown), self.remembered(self._numbers, *shown)
            return view.chosen(every, numbers, cycle)
        one = self.remembered(self._one, cycle, *shown)
        keep = self.remembered(self._keep, cycle, *setting[4:], *shown)
        tested = self.remembered(self._checked, cycle, *setting[4:], *shown)
        start = (
            self.remembered(self._found, cycle, False, freed(setting), *shown) if freed(setting) != setting else None
        )
        return fitted(one, keep, tested, setting, start)


def without(spectra: xr.Dataset, keep: xr.DataArray) -> xr.Dataset:
    """Spectra with NaN in place of the points that are not kept."""
    dims = ("cell", "spectrum", "frequency")
    parts = {name: np.where(keep.values, spectra[name].values, np.nan) for name in ("z_real", "z_imag")}
    return spectra.assign({name: (dims, values, spectra[name].attrs) for name, values in parts.items()})


def _kept(spectra: xr.Dataset, left_out: Sequence[Any], window: tuple[float, ...]) -> xr.DataArray:
    limits = (window[0], window[1]) if window else None
    return view.mask(spectra, [view.Place(*place) for place in left_out], limits)


def freed(setting: Setting) -> Setting:
    """A setting with nothing fixed and no bounds but the usual ones."""
    return (*setting[:2], (), (), *setting[4:])


def fitted(
    spectra: xr.Dataset, keep: xr.DataArray, tested: xr.Dataset, setting: Setting, free: xr.Dataset | None = None
) -> xr.Dataset:
    """Fits with what is fixed or bounded, from where the parameters are when they are free.

    Parameters
    ----------
    spectra, keep, tested
        The spectra, which points are fitted, and the Kramers-Kronig test.
    setting
        What is fitted, and how.
    free
        The fits of the same circuit with nothing fixed or bounded, where something is.
    """
    circuit, weights, fixed, bounds = setting[:4]
    varied: dict[str, Any] = {"fixed": dict(fixed), "bounds": dict(bounds)}
    return analysis.fit(spectra, circuit, weights=weights, keep=keep, validity=tested, start=free, **varied)


def _check_names(circuit: str, what: str, given: Mapping[str, object]) -> None:
    for name in given:
        try:
            parsed(circuit).index(name)
        except ValueError as error:
            raise ValueError(f"{what}: {error}") from None
