"""Each claim on the bundled study turns red when what its generator was told is changed by 20 %.

Where nothing is claimed to be there (no melting, no pores, no halo), 20 % of what there could be is put there; where a
direction is claimed, it is turned around.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pchp_widgets import Study
from pchp_widgets.io.synthetic import composition, full_designs, study, study_materials, study_spectra
from pchp_widgets.io.synthetic.cells import Recipe, State, state
from pchp_widgets.io.synthetic.diffraction import Halo
from pchp_widgets.io.synthetic.polarization import Polarized
from pchp_widgets.model.claims import Claim, read_claims_file
from pchp_widgets.reports import claims
from pchp_widgets.reports.quantities import Evidence

CLAIMS = {one.id: one for one in read_claims_file(claims.claims_file(claims.PAPER)).claims if one.quantity}
MORE, LESS = 1.2, 0.8
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Change:
    """What is told to the generator, the cells and techniques that are written then, and the claims that turn."""

    apply: Callable[[Patch], None]
    claims: tuple[str, ...]
    cells: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


def _aged(name: str, **changes: float) -> Callable[[Patch], None]:
    """Fields of the design of a full cell, by factors; of an efficiency, that of what it lacks to 1."""

    def apply(patch: Patch) -> None:
        of = full_designs.DESIGNS[name]
        told = {key: _times(key, getattr(of, key), factor) for key, factor in changes.items()}
        patch.setitem(full_designs.DESIGNS, name, replace(of, **told))

    return apply


def _times(key: str, told: Any, factor: float) -> Any:
    if key == "lithium_efficiency":
        return 1 - (1 - told) * factor
    return tuple(part * factor for part in told) if isinstance(told, tuple) else told * factor


def _lasting(name: str, factor: float) -> Callable[[Patch], None]:
    """Cycles of a full cell."""

    def apply(patch: Patch) -> None:
        suffix, write, cycles, density = study._FULL[name]
        patch.setitem(study._FULL, name, (suffix, write, round(cycles * factor), density))

    return apply


def _both(*changes: Callable[[Patch], None]) -> Callable[[Patch], None]:
    def apply(patch: Patch) -> None:
        for change in changes:
            change(patch)

    return apply


def _shorted(patch: Patch) -> None:
    short, *rest = study._SYMMETRIC["bare-1"]
    assert short is not None
    patch.setitem(study._SYMMETRIC, "bare-1", (round(short * LESS), *rest))


def _resisting(patch: Patch) -> None:
    def resisting(*args: Any, **said: Any) -> State:
        made = state(*args, **said)
        names = ("electrolyte", "coating", "sei", "charge_transfer")
        return replace(made, **{name: getattr(made, name) * MORE for name in names})

    patch.setattr(study, "state", resisting)


def _shorted_early(patch: Patch) -> None:
    patch.setattr(study, "Recipe", lambda *args, **said: Recipe(*args, **{**said, "short_at": 400}))


def _turned(patch: Patch) -> None:
    """What grew falls, and the other way round."""

    def turned(*args: Any, **said: Any) -> State:
        made = state(*args, **said)
        return replace(made, charge_transfer=made.charge_transfer[60] ** 2 / made.charge_transfer)

    patch.setattr(study, "state", turned)


def _fractions(patch: Patch) -> None:
    patch.setattr(study_spectra, "Polarized", lambda **said: Polarized(**{**said, "fraction": LESS * said["fraction"]}))


def _stiffer(patch: Patch) -> None:
    for name, (modulus, hardness) in study_materials.MODULI.items():
        patch.setitem(study_materials.MODULI, name, (MORE * modulus, hardness))


def _changed(table: dict[str, object], name: str, **told: object) -> Callable[[Patch], None]:
    return lambda patch: patch.setitem(table, name, replace(table[name], **told))  # type: ignore[type-var]


def _lines_moved(patch: Patch) -> None:
    of = composition.lines
    patch.setattr(composition, "lines", lambda *args: [(MORE * at, *rest) for at, *rest in of(*args)])


def _halos_moved(patch: Patch) -> None:
    of = study_materials.HALOS["PCH"]
    halos = tuple(replace(one, position=MORE * one.position) for one in of.halos)
    patch.setitem(study_materials.HALOS, "PCH", replace(of, halos=halos))


def _halos_back(patch: Patch) -> None:
    for name in ("PCHP2", "PCHP3"):
        of = study_materials.HALOS[name]
        halos = (Halo(0.2 * of.halos[0].height, 13.6, 5.0), *of.halos)
        patch.setitem(study_materials.HALOS, name, replace(of, halos=halos))


def _crystalline(patch: Patch) -> None:
    for name in ("PCHP", "PCHP2", "PCHP3"):
        _changed(study_materials.HEATED, name, crystallinity=0.2)(patch)  # type: ignore[arg-type]


def _porous(patch: Patch) -> None:
    table = study_materials.PORES
    full, left = table["PCH"].volume, table["PCHP"]
    patch.setitem(table, "PCHP", replace(left, volume=MORE * left.volume, henry=MORE * left.henry))
    for name in ("PCHP2", "PCHP3", "PEO"):
        patch.setitem(table, name, replace(table[name], volume=0.2 * full))


def _holding(patch: Patch) -> None:
    of = study_materials.PEELED["PCHP"]
    patch.setitem(study_materials.PEELED, "PCHP", replace(of, strength=MORE * of.strength))


def _thicker(patch: Patch) -> None:
    of = study_materials.SECTION
    patch.setattr(study_materials, "SECTION", replace(of, thickness=MORE * of.thickness))


def _shifted(patch: Patch) -> None:
    """Chemical shifts, from C–C and from metallic lithium at 52.4 eV."""
    of = study_materials.LAYERS
    first = of.positions[0]
    places = tuple(first + MORE * (one - first) for one in of.positions)
    patch.setattr(study_materials, "LAYERS", replace(of, positions=places, lithium=52.4 + MORE * (of.lithium - 52.4)))


def _three(name: str) -> tuple[str, ...]:
    return tuple(f"{name}-{replicate}" for replicate in (1, 2, 3))


CHANGES = {
    "current fractions": Change(_fractions, ("C03", "C04"), ("BV-bare-1", "BV-bare-2", "BV-PCHP-1", "BV-PCHP-2")),
    "moduli": Change(_stiffer, ("C05a", "C05b", "C05c", "C05d"), techniques=("indentation",)),
    "conversion": Change(
        _changed(study_materials.POLYMERS, "PCH", conversion=LESS * study_materials.CONVERSION),  # type: ignore[arg-type]
        ("C06a", "C06b"),
        techniques=("composition",),
    ),
    "shifts of lines": Change(_lines_moved, ("C07a", "C07b"), techniques=("composition",)),
    "crystallinity": Change(_crystalline, ("C10a", "C10b", "C10c"), techniques=("thermal",)),
    "places of halos": Change(_halos_moved, ("C11a", "C11b"), techniques=("diffraction",)),
    "the halo that is gone": Change(_halos_back, ("C12a", "C12b"), techniques=("diffraction",)),
    "pores": Change(_porous, ("C13a", "C13b", "C13c", "C13d"), techniques=("sorption",)),
    "peel strength": Change(_holding, ("C14",), techniques=("adhesion",)),
    "thickness": Change(_thicker, ("C15",), techniques=("micrograph",)),
    "chemical shifts": Change(_shifted, ("C16b", "C16c", "C16d", "C17"), techniques=("photoemission",)),
    "the short of bare lithium": Change(_shorted, ("C18",), ("bare-1",)),
    "resistances": Change(_resisting, ("C19",), ("PCHP-1",)),
    "a short at 3 mA": Change(_shorted_early, ("C20",), ("3mA-PCHP-2",)),
    "ageing of the charge transfer": Change(_turned, ("C23a", "C23b"), ("bare-1", "PCHP-3")),
    "rate, coated": Change(_aged("rate-PCHP", resistance=MORE), ("C24a",), ("rate-PCHP-2",)),
    "rate, bare": Change(_aged("rate-bare", resistance=MORE), ("C24b",), ("rate-bare-3",)),
    "NCM83, coated": Change(_aged("NCM-PCHP", fade=MORE, parasitic=MORE), ("C25a", "C25b"), _three("NCM-PCHP")),
    "NCM83, bare": Change(
        _both(_aged("NCM-bare", lithium_efficiency=LESS), _lasting("NCM-bare-1", 1.5)), ("C26",), ("NCM-bare-1",)
    ),
    "LFP, coated": Change(_aged("LFP-PCHP", fade=MORE, parasitic=MORE), ("C27a", "C27b"), _three("LFP-PCHP")),
    "LFP, bare": Change(
        _both(_aged("LFP-bare", fade=MORE), _lasting("LFP-bare-2", LESS)), ("C28a", "C28b"), ("LFP-bare-2",)
    ),
    "thick LFP": Change(_aged("LFP3.9-PCHP", fade=MORE), ("C29a", "C29b"), ("LFP3.9-PCHP-1",)),
}  # fmt: skip
WITHOUT_DATA = {"C01"}
"""Follows from constants of nature."""


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Evidence]:
    """Studies of what a change concerns, each written once."""
    made: dict[str, Evidence] = {}

    def of(name: str) -> Evidence:
        if name not in made:
            change, folder = CHANGES[name], tmp_path_factory.mktemp("changed")
            with pytest.MonkeyPatch.context() as patch:
                change.apply(patch)
                _write(folder, change)
            made[name] = Evidence(Study.build(folder, jobs=1))
        return made[name]

    return of


def _write(folder: Path, change: Change) -> None:
    entries = [entry for entry in study.demo_entries() if entry.name in change.cells]
    measured = study_materials.demo_measurements(change.techniques) if change.techniques else ()
    study.write_study(folder, entries, measured)


@pytest.mark.parametrize(("name", "claim"), [(name, one) for name, of in CHANGES.items() for one in of.claims])
def test_a_claim_turns_red_when_its_parameter_is_changed(
    name: str, claim: str, evidence: Callable[[str], Evidence]
) -> None:
    of: Claim = CLAIMS[claim]
    found = claims.judged(of, evidence(name))
    assert found.verdict == "differs", (found.why, found.claimed, found.interval)


def test_every_claim_that_data_decide_is_put_to_the_test() -> None:
    assert {one for change in CHANGES.values() for one in change.claims} | WITHOUT_DATA == set(CLAIMS)
