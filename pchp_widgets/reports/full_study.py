"""A whole study in one report: for every technique it holds, the summary and the figure that says most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import xarray as xr

from ..analysis import cycling as per_cycle
from ..analysis import symmetric as polarization
from ..analysis.audit import Facts
from ..analysis.coulombic import efficiency
from ..analysis.inventory import THICKNESS_TOLERANCE
from ..analysis.knee import knees
from ..analysis.nucleation import nucleation
from ..analysis.rate import rate_steps
from ..analysis.shorts import shorts
from ..analysis.stability import CAVEATS, coating_stability
from ..io.study import Study, open_study
from ..model.claims import read_claims_file
from ..model.cycles import merged_steps
from ..plots.stability import chemomechanical_map
from ..plots.theme import looks
from . import (
    audit,
    claims,
    conductivity,
    coulombic_figures,
    coulombic_findings,
    cycling,
    cycling_figures,
    cycling_shorts,
    cycling_summary,
    figures,
    impedance_series,
    impedance_series_figures,
    impedance_series_findings,
    inventory,
    inventory_findings,
    materials,
    rate,
    rate_figures,
    rate_resistance,
    summary,
    transference,
)
from .alike import with_families
from .benchmark import FILE_NAME, benchmark_results, benchmarks
from .display import Figure, Text
from .errors import NotInStudyError
from .progress import begins
from .provenance import known_metadata
from .quantities import Evidence
from .sections import Heading
from .shorts import shorts_table
from .source import Source, cells_of_study, of_unknown_kind, study_folder
from .study_facts import study_facts
from .verdict import verdict as comparison_in_words


class FullStudy:
    """What the report is about: a study, opened once, and what several of its parts need.

    Parameters
    ----------
    study
        The study.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.evidence = Evidence(study)

    def cells(self, *kinds: str) -> Source:
        """Its cells of some kinds; raises NotInStudyError where there is none."""
        return cells_of_study(self.study, kinds)

    def cycled(self, *kinds: str) -> Source:
        """Those of them that were charged or discharged; raises NotInStudyError where there is none."""
        return self.evidence.once("cycled", kinds, of=lambda: self.cells(*kinds).cycled())

    @property
    def trees(self) -> list[xr.DataTree]:
        """Every cell, for the tables on where numbers come from."""
        return self.evidence.trees

    @cached_property
    def facts(self) -> Facts:
        """What it says of itself, for the audit and the map of benchmarks."""
        return study_facts(self.evidence)


def full_study(study: str = "demo") -> FullStudy:
    """Open a study.

    Raises
    ------
    StudyError
        When it cannot be opened.
    """
    return FullStudy(open_study(study_folder(study)))


def contents(of: FullStudy) -> Text:
    """What is in the study, and what could not be built."""
    cells = f"{len(of.study.cells)} cells" if of.study.cells else "no cells"
    measured = ", ".join(f"{name} of {', '.join(samples)}" for name, samples in of.study.measurements.items())
    problems = [f"Not built: {text}" for text in of.study.problems.values()]
    unknown = of_unknown_kind({name: known_metadata(of.study.cell(name)).kind for name in of.study.cells})
    return Text(f"{of.study.name}: {cells}. Materials: {measured or 'none'}.", unknown, *problems)


def results(of: FullStudy) -> Iterator[object]:
    """Every technique of the study: a heading, the summary, figures, and the table that says most."""
    for title, part in _PARTS.items():
        begins(title)
        try:
            found = list(part(of))
        except NotInStudyError:
            continue
        except ValueError as error:
            found = [Text(f"Not possible: {error}", role="notice")]
        if found:
            yield Heading(title)
            yield from found


def _symmetric(of: FullStudy) -> Iterator[object]:
    opened = of.cycled("symmetric")
    found = with_families(polarization.polarization(opened.cells), ["half_cycle_capacity"])
    life = polarization.life(found, finished=opened.finished)
    yield summary.summary(opened.cells, found, life, "mid")
    yield figures.whole_test(opened.cells, found, life)
    yield figures.polarization(found, life, "mid")
    yield shorts_table(shorts(opened.cells))


def _compared(of: FullStudy) -> Iterator[object]:
    from .compare import Settings, compare

    for kind in ("symmetric", "full"):
        found = compare(of.cycled(kind), kind, Settings())
        if found.lives:
            yield comparison_in_words(found)


def _full(of: FullStudy) -> Iterator[object]:
    opened = cycling.ageing(of.cycled("full", "half"), [])
    found = per_cycle.per_cycle(cycling.steps(opened.cells))
    kept = per_cycle.retention(found)
    ends, means, bends = per_cycle.cycle_at(kept), per_cycle.mean_efficiency(found), knees(kept)
    signs = cycling_shorts.short_signs(opened.cells, found, 3)
    yield cycling_summary.summary(opened.cells, found, kept, ends, bends, means, signs)
    basis = cycling_figures.chosen_basis(found, "")
    yield from cycling_figures.capacity(
        found, kept, ends, bends, means, **cycling_figures.shown(basis=basis, against="cycle", replicates="each")
    )
    yield cycling.retention_table(found, kept, cycling.retention_cycles(kept, []))


def _rate(of: FullStudy) -> Iterator[object]:
    opened = rate.tested(of.cycled("full", "half"), [])
    found = per_cycle.per_cycle(cycling.steps(opened.cells))
    rates = rate_steps(found)
    yield rate.summary(rates, rate_resistance.profiles(opened.cells, rates))
    yield from rate_figures.capacity(found, rates, rate_figures.chosen_basis(found, ""), "mean")


def _lithium(of: FullStudy) -> Iterator[object]:
    opened = cycling.ageing(of.cycled("full", "half"), [])
    found = inventory.inventory(cycling.steps(opened.cells), tolerance=THICKNESS_TOLERANCE)
    yield inventory_findings.summary(found)
    yield inventory.agreement_table(found)


def _copper(of: FullStudy) -> Iterator[object]:
    opened = of.cycled("li_cu")
    found = efficiency(merged_steps(tree["steps"].to_dataset() for tree in opened.cells))
    yield coulombic_findings.summary(opened.cells, found, nucleation(opened.cells), 0.95)
    yield from coulombic_figures.efficiency(found)


def _impedance(of: FullStudy) -> Iterator[object]:
    found = impedance_series.impedance_series(of.cells(*impedance_series.KINDS))
    yield impedance_series_findings.summary(found, "interface")
    yield from impedance_series_figures.nyquist(found, [], "interface")
    yield from impedance_series_figures.over_cycles(found, "interface")


def _transference(of: FullStudy) -> Iterator[object]:
    found = transference.transference(of.cells(*transference.KINDS))
    yield transference.summary(found)
    yield transference.fractions(found)


def _conductivity(of: FullStudy) -> Iterator[object]:
    found = conductivity.conductivity(of.cells(*conductivity.KINDS))
    yield conductivity.summary(found)
    yield conductivity.series_resistance(found)


def _materials(of: FullStudy) -> Iterator[object]:
    if of.study.measurements:
        made = list(materials.sections(materials.materials_of_study(of.study)))
        yield materials.summary(made)
        yield from made


def _stability(of: FullStudy) -> Iterator[object]:
    if "indentation" not in of.study.measurements:
        return
    from .quantities.materials import moduli

    modulus, error = moduli(of.evidence)
    found = coating_stability(modulus, error)
    names = [str(name) for name in found["sample"].values]
    yield Figure(
        (chemomechanical_map(found, looks({name: name for name in names}, of.study.coatings)),),
        "Where coatings stand between the two ways to be stable. The volume of Li⁺ in a coating is hardly ever known.",
    )
    yield Text(f"Read as an order, not as a proof: {'; '.join(CAVEATS)}.")


def _benchmark(of: FullStudy) -> Iterator[object]:
    yield from benchmark_results(benchmarks(of.facts, of.study.folder / FILE_NAME))


def _audit(of: FullStudy) -> Iterator[object]:
    found = audit.study_audit(of.evidence, of.facts)
    yield audit.summary(found)
    yield audit.overview(found)
    yield audit.audit_table(found)
    yield audit.reporting_table(found)


def _claims(of: FullStudy) -> Iterator[object]:
    found = claims.held_against(read_claims_file(claims.claims_of_study(of.study.folder)), of.evidence)
    if any(one.found for one in found.judged):
        yield claims.summary(found)
        yield claims.overview(found)
        yield claims.claims_table(found)


_PARTS: dict[str, Callable[[FullStudy], Iterator[object]]] = {
    "Li||Li cells": _symmetric,
    "Full cells": _full,
    "Rate capability": _rate,
    "Lithium ledger": _lithium,
    "Li||Cu cells": _copper,
    "Coated against bare": _compared,
    "Impedance over the cycles": _impedance,
    "Transference": _transference,
    "Conductivity of the coating": _conductivity,
    "Materials": _materials,
    "Chemomechanical stability": _stability,
    "Beside other work": _benchmark,
    "Consistency audit": _audit,
    "Claims of the paper": _claims,
}
