"""The cells a report is about: one raw file, or the cells of a study."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import xarray as xr

from ..io.cell import open_cell
from ..io.contract import ReaderWarning
from ..io.study import Study, open_study
from ..model.cycles import half_cycles
from ..model.spectra import has_spectra
from .bundled import DEMO_STUDY, bundled, demo_study
from .errors import NotInStudyError
from .provenance import known_metadata, texts

DEMO = "demo"
"""Name of the study that comes with the package, where the folder of a study is expected."""

_KINDS = {
    "symmetric": "symmetric cells",
    "transport": "cells that are polarized or measured by impedance",
    "full": "full cells",
    "half": "half cells",
    "li_cu": "Li||Cu cells",
}
_NAMED = 4
_REPORTS = {
    "symmetric": "symmetric_cell",
    "transport": "transference",
    "full": "full_cell",
    "half": "full_cell",
    "li_cu": "coulombic_efficiency",
}


@dataclass(frozen=True)
class Source:
    """What a report is about.

    Attributes
    ----------
    cells
        One tree per cell, as :func:`pchp_widgets.open_cell` gives it.
    title
        File or study, in a few words.
    description
        What the study is about, as its study.toml says.
    notice
        What has to stand with every figure, for example that the data are synthetic, or what a reader doubts of a file.
    missing
        Why cells of the study are not there, a sentence for each.
    """

    cells: list[xr.DataTree]
    title: str
    description: str
    notice: str
    missing: tuple[str, ...]

    @property
    def finished(self) -> dict[str, bool | None]:
        """Whether the test of each cell had ended when its file was written; None where the file does not tell."""
        words = {"yes": True, "no": False}
        return {str(tree.name): words.get(str(tree.attrs.get("test_finished"))) for tree in self.cells}

    def cycled(self) -> Source:
        """The same with those cells only that have half-cycles; the others are named in :attr:`missing`.

        Raises
        ------
        NotInStudyError
            When none is left.
        """
        cells = [tree for tree in self.cells if has_half_cycles(tree)]
        idle = [str(tree.name) for tree in self.cells if not has_half_cycles(tree)]
        left_out = tuple(f"cell {name!r}: no current flows, so it has no half-cycles" for name in idle)
        if not cells:
            raise NotInStudyError("; ".join(left_out))
        return replace(self, cells=cells, missing=self.missing + left_out)


def source(
    *,
    kind: str | Sequence[str],
    file: str = "",
    study: str = DEMO,
    cells: Sequence[str] = (),
    meta: Mapping[str, object] | None = None,
) -> Source:
    """Open what a report is asked to show.

    Parameters
    ----------
    kind
        Kind of the cells the report knows, or kinds: the first is taken for granted of a file unless `meta` says that
        it is another of them, and all are chosen among the cells of a study. Cells whose kind nobody said are left
        out, which is said, unless ``""`` is among the kinds or they are named.
    file
        Raw file of one cell; the study is not looked at when it is given.
    study
        Folder of a study, or ``"demo"``.
    cells
        Names of cells of the study; all of that kind when empty.
    meta
        Metadata of the file, with units.

    Raises
    ------
    ReaderError, StudyError
        When the file or the study cannot be opened.
    NotInStudyError
        When the study has no such cell.
    ValueError
        When both are given, or the file is said to be of a kind the report is not about.
    """
    asked = (kind,) if isinstance(kind, str) else tuple(kind)
    if file:
        return _of_file(file, study, cells, asked, meta or {})
    if meta:
        raise ValueError("meta: describes a file; what is known of the cells of a study stands in its study.toml")
    return cells_of_study(open_study(study_folder(study)), asked, cells)


def cells_of_study(opened: Study, kinds: Sequence[str], cells: Sequence[str] = ()) -> Source:
    """The cells of some kinds of a study that is open already, or those that are named; see :func:`source`."""
    known = {name: known_metadata(opened.cell(name)).kind for name in opened.cells}
    chosen = list(dict.fromkeys(cells)) or [name for name in opened.cells if known[name] in kinds]
    if not chosen:
        wanted = " or ".join(map(repr, filter(None, kinds)))
        raise NotInStudyError(f"study {opened.name!r} has no cell of kind {wanted}; it has {_listed(known)}")
    trees = [opened.cell(name) for name in chosen]
    unknown = "" if cells or "" in kinds else of_unknown_kind(known)
    missing = (*opened.problems.values(), *filter(None, [unknown]))
    return Source(trees, f"Study {opened.name}", opened.description, opened.notice, missing)


def of_unknown_kind(kinds: Mapping[str, str]) -> str:
    """One sentence on the cells of a study whose kind nobody said; empty where there is none."""
    names = [name for name, kind in kinds.items() if not kind]
    if not names:
        return ""
    return f"Of unknown kind, and in no report but that of spectra: {few(names)}; write their kind into study.toml."


def left_out(names: Sequence[str], why: str) -> str:
    """One sentence on cells that a report does not show."""
    return f"Left out ({why}): {few(names)}."


def few(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def reader_remarks(attrs: Mapping[Any, Any]) -> str:
    """What the reader doubts of a file, by the attributes it gave: wrong numbers must not be read before the doubt."""
    said = texts(attrs.get("warnings", ()))
    return f"The reader remarks of this file (table reader_warnings): {'; '.join(said)}." if said else ""


def study_folder(study: str) -> Path:
    """Where a study lies, of which ``"demo"`` is the one that comes with the package."""
    return _demo() if study == DEMO else Path(study)


def names_of_cells(study: str, pattern: str) -> list[str]:
    """Names of the cells of a study that fit a pattern such as ``"LFP-*"``.

    Raises
    ------
    ValueError
        When none does; names those there are.
    """
    there = open_study(study_folder(study)).cells
    found = [name for name in there if fnmatchcase(name, pattern)]
    if not found:
        raise ValueError(f"cells: no cell of the study fits {pattern!r}; there are {', '.join(there)}")
    return found


def has_half_cycles(tree: xr.DataTree) -> bool:
    """Whether a cell was charged or discharged at all; one of spectra or of rest alone was not."""
    return "steps" in tree and bool(half_cycles(tree["steps"].to_dataset())["charge"].notnull().any())


def need_spectra(cells: Sequence[xr.DataTree]) -> None:
    """Refuse cells of which none has a spectrum.

    Raises
    ------
    NotInStudyError
        When that is so.
    """
    if not any(map(has_spectra, cells)):
        raise NotInStudyError("cells: none of them has a spectrum, of files such as PEIS")


def _of_file(file: str, study: str, cells: Sequence[str], kinds: Sequence[str], stated: Mapping[str, object]) -> Source:
    if study not in {"", DEMO} or cells:
        raise ValueError("file: give either a file, or a study and the names of its cells")
    meta = {"kind": kinds[0], **stated}
    kind = str(meta["kind"])
    if kind in _REPORTS and kind not in kinds:
        about = " or ".join(_KINDS[one] for one in kinds if one)
        raise ValueError(
            f"kind: this report is about {about} and not about {_KINDS[kind]}, as which {Path(file).name} was given; "
            f"the report of those is {_REPORTS[kind]}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)  # the tree keeps them, and the report shows them in their place
        tree = open_cell(file, **meta)  # type: ignore[arg-type]
    return Source([tree], f"File {Path(file).name}", "", reader_remarks(tree.attrs), ())


@cache
def _demo() -> Path:
    folder = bundled(DEMO_STUDY)
    if not folder.is_relative_to(Path(__file__).parents[1]):
        return folder
    # An installed package is no place to write a store into.
    scratch = tempfile.mkdtemp(prefix="pchp-demo-")
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    return demo_study(Path(scratch) / folder.name)


def _listed(known: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({kind or 'kind unknown'})" for name, kind in known.items())
