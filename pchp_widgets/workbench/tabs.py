"""Which panels a study has something for, and which reports go with them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..model.measurements import TECHNIQUES

if TYPE_CHECKING:
    from ..io.study import Study
    from ..panels.of_cells import ShownPanel


@dataclass(frozen=True)
class Tab:
    """A technique of a study.

    Attributes
    ----------
    name
        Word of the technique, the same in every layer.
    title
        What a person calls it.
    panel
        Class of its panel, ``module:name``, beside this one.
    report
        The report on it.
    kinds
        Kinds of cells it is for; none for materials.
    fixed
        Parameters of the report that say which technique is meant.
    names
        Name of the parameter that takes what is shown.
    """

    name: str
    title: str
    panel: str
    report: str
    kinds: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    names: str = "cells"

    def made(self, study: Study) -> ShownPanel:
        """The panel on a study."""
        module, _, name = self.panel.partition(":")
        made: ShownPanel = getattr(importlib.import_module(module, __package__), name)(study)
        return made


_CELLS = (
    Tab("symmetric", "Li||Li", "..panels.symmetric:SymmetricPanel", "symmetric_cell", ("symmetric",)),
    Tab("cycling", "full cells", "..panels.cycling:CyclingPanel", "full_cell", ("full", "half")),
    Tab("rate", "rate", "..panels.rate:RatePanel", "rate_capability", ("full", "half")),
    Tab("inventory", "lithium ledger", "..panels.inventory:InventoryPanel", "lithium_ledger", ("full", "half")),
    Tab("coulombic", "Li||Cu", "..panels.coulombic:CoulombicPanel", "coulombic_efficiency", ("li_cu",)),
    Tab(
        "impedance", "impedance", "..panels.impedance:ImpedancePanel", "impedance_series", ("symmetric", "full", "half")
    ),
    Tab("transference", "transference", "..panels.transference:TransferencePanel", "transference", ("transport",)),
    Tab(
        "conductivity",
        "conductivity",
        "..panels.conductivity:ConductivityPanel",
        "coating_conductivity",
        ("transport",),
    ),
)
_AUDIT = Tab("audit", "audit", ".audit:AuditPanel", "consistency_audit", names="subjects")


def tabs(study: Study, kinds: Sequence[str]) -> dict[str, Tab]:
    """Tabs of a study by name: those for the kinds of its cells, and one for each technique of materials.

    Parameters
    ----------
    study
        The study.
    kinds
        Kinds of its cells; cells of unknown kind go with any.
    """
    there = {*kinds}
    found = [tab for tab in _CELLS if there & {*tab.kinds, ""}]
    found += [_of_materials(name) for name in TECHNIQUES if name in study.measurements]
    found += [_AUDIT] if study.cells else []
    return {tab.name: tab for tab in found}


_SHORT = {"thermal": "DSC", "diffraction": "XRD", "photoemission": "XPS", "composition": "NMR, EA", "micrograph": "SEM"}


def _of_materials(name: str) -> Tab:
    panel = f"..panels.{name}:{name.capitalize()}Panel"
    fixed: dict[str, Any] = {"technique": name}
    return Tab(name, _SHORT.get(name, name), panel, "materials", fixed=fixed, names="samples")
