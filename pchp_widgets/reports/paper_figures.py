"""The figures of a paper drawn again from a study, by their number."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..analysis import cycling as per_cycle
from ..analysis import symmetric as polarization
from ..analysis.knee import knees
from ..analysis.rate import rate_steps
from ..model.claims import ClaimsError, PaperFigure
from . import (
    cycling,
    cycling_figures,
    figures,
    impedance_series,
    impedance_series_figures,
    rate_figures,
    transference,
)
from .benchmark import FILE_NAME, benchmark_results, benchmarks
from .display import Figure, Text
from .errors import NotInStudyError
from .provenance import known_metadata
from .quantities import Evidence
from .sections import Heading
from .source import Source
from .study_facts import study_facts


def redrawn(asked: Sequence[PaperFigure], of: Evidence) -> Iterator[object]:
    """A heading and the figure for each number; a sentence where the study holds nothing for it.

    Parameters
    ----------
    asked
        Figures of a ``claims.toml``.
    of
        The study.

    Raises
    ------
    ClaimsError
        When a figure is of a kind that is not known; names those there are.
    """
    for one in asked:
        yield Heading(f"Fig. {one.number}: {one.shows}", level=3)
        try:
            yield from _drawn(one, of)
        except (ValueError, KeyError) as error:
            if isinstance(error, ClaimsError):
                raise
            yield Text(f"Not in the study: {error}.")


def _drawn(one: PaperFigure, of: Evidence) -> Iterator[Any]:
    technique, _, name = one.figure.partition("/")
    if technique in _OF_CELLS:
        yield from _OF_CELLS[technique](of, one)
    elif technique in of.study.measurements or technique in _MATERIALS:
        measured = of.measured(technique, *one.samples)
        section = of.once("section", technique, one.samples, of=lambda: _section(technique, measured))
        if name not in section.figures:
            there = ", ".join(section.figures)
            raise NotInStudyError(f"{technique} has no figure {name!r}; it has {there}")
        yield section.figures[name]
    else:
        known = ", ".join([*_OF_CELLS, *(f"{name}/..." for name in _MATERIALS)])
        raise ClaimsError(f"figure {one.number}: no figure {one.figure!r}; known are {known}")


def _section(technique: str, measured: Any) -> Any:
    return importlib.import_module(f".{technique}", __package__).section(measured)


def _cells(of: Evidence, one: PaperFigure, *kinds: str) -> Source:
    """Cells that fit, of these kinds."""
    trees = of.cells(one.cells)
    found = [tree for tree in trees if not kinds or known_metadata(tree).kind in {*kinds, ""}]
    if not found:
        raise NotInStudyError(f"no cell that is called {one.cells!r} is of kind {' or '.join(kinds)}")
    return Source(found, of.study.name, "", "", ())


def _trace(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    opened = _cells(of, one, "symmetric").cycled()
    found = polarization.polarization(opened.cells)
    yield figures.whole_test(opened.cells, found, polarization.life(found, finished=opened.finished))


def _capacity(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    found = per_cycle.per_cycle(cycling.steps(_cells(of, one).cycled().cells))
    kept = per_cycle.retention(found)
    ends, means, bends = per_cycle.cycle_at(kept), per_cycle.mean_efficiency(found), knees(kept)
    how = cycling_figures.shown(basis=cycling_figures.chosen_basis(found, ""), against="cycle", replicates="each")
    yield from cycling_figures.capacity(found, kept, ends, bends, means, **how)
    yield from cycling_figures.efficiency(found, kept, means, **how)


def _profiles(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    opened = _cells(of, one).cycled()
    found = per_cycle.per_cycle(cycling.steps(opened.cells))
    basis = cycling_figures.chosen_basis(found, "")
    yield from cycling_figures.single_cycles(opened.cells, found, per_cycle.retention(found), "profiles", [], basis)


def _rate(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    found = per_cycle.per_cycle(cycling.steps(_cells(of, one).cycled().cells))
    yield from rate_figures.capacity(found, rate_steps(found), rate_figures.chosen_basis(found, ""), "mean")


def _rate_profiles(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    opened = _cells(of, one).cycled()
    found = per_cycle.per_cycle(cycling.steps(opened.cells))
    basis = rate_figures.chosen_basis(found, "")
    yield from rate_figures.curves(opened.cells, found, rate_steps(found), basis)


def _nyquist(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    found = impedance_series.impedance_series(_cells(of, one, *impedance_series.KINDS))
    yield from impedance_series_figures.nyquist(found, [], "cell")
    yield from impedance_series_figures.over_cycles(found, "cell")


def _transference(of: Evidence, one: PaperFigure) -> Iterator[Figure]:
    found = transference.transference(_cells(of, one, *transference.KINDS))
    yield transference.relaxation(found)
    yield transference.spectra(found)


def _benchmark(of: Evidence, one: PaperFigure) -> Iterator[Any]:  # noqa: ARG001  all full cells
    yield from benchmark_results(benchmarks(study_facts(of), Path(of.study.folder) / FILE_NAME))


_OF_CELLS: Mapping[str, Callable[[Evidence, PaperFigure], Iterator[Any]]] = {
    "trace": _trace,
    "capacity": _capacity,
    "profiles": _profiles,
    "rate": _rate,
    "rate_profiles": _rate_profiles,
    "nyquist": _nyquist,
    "transference": _transference,
    "benchmark": _benchmark,
}
_MATERIALS = (
    "thermal",
    "diffraction",
    "sorption",
    "indentation",
    "photoemission",
    "composition",
    "adhesion",
    "micrograph",
)
