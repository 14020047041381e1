"""A folder of raw files, inspected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...model.study import FILE_NAME, StudyError
from .draft import draft
from .found import Findings, MeasurementFile, files_of
from .groups import Cell, cells

Progress = Callable[[str, int, int], None]
"""Told the name of each file as it was looked at, how many are done, and of how many."""


@dataclass
class Inspection:
    """What a folder of raw files holds.

    Attributes
    ----------
    folder
        The folder.
    cells
        Cells, each with its files.
    measurements
        Files about materials.
    unread
        Why files are not used, by their path in the folder.
    text
        A first ``study.toml``.
    """

    folder: Path
    cells: list[Cell]
    measurements: list[MeasurementFile]
    unread: dict[Path, str]
    text: str

    def write(self, path: Path | str | None = None, *, force: bool = False) -> Path:
        """Write the first ``study.toml``.

        Parameters
        ----------
        path
            Where; ``study.toml`` in the folder when left out.
        force
            Write over a file that is there.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        StudyError
            When the file is there and `force` is not set, or nothing in the folder can be part of a study.
        """
        target = Path(path) if path is not None else self.folder / FILE_NAME
        if not (self.cells or self.measurements):
            reasons = "".join(f"\n  {name.as_posix()}: {reason}" for name, reason in self.unread.items())
            raise StudyError(f"{self.folder}: no file of it can be part of a study{reasons or '; it holds no files'}")
        if target.exists() and not force:
            raise StudyError(f"{target}: is there already; force=True (--force) writes over it, another name beside it")
        target.write_text(self.text, "utf-8")
        return target


def inspect_folder(folder: Path | str, *, progress: Progress | None = None) -> Inspection:
    """Look at a folder of raw files: what each is, which are one cell, what kind of cell, and what is not known.

    Every file is read once, by whatever reader takes it. Files in one folder are one cell where their names differ only
    in counters, techniques (``_01_OCV``, ``_02_GCPL``, ``_EIS``), parts and cycles, and their times do not
    contradict it. What cannot be decided is left to the person, in a comment.

    Parameters
    ----------
    folder
        The folder; those inside of it are looked at too.
    progress
        Called after each file.

    Returns
    -------
    Inspection
        What was found, with a first ``study.toml`` as text that :meth:`Inspection.write` writes.

    Raises
    ------
    StudyError
        When there is no such folder.

    Examples
    --------
    >>> inspect_folder("raw").write()  # doctest: +SKIP
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise StudyError(f"{folder}: there is no such folder")
    findings, paths = Findings(), files_of(folder)
    for done, path in enumerate(paths, start=1):
        findings.look_at(folder, path)
        if progress:
            progress(path.as_posix(), done, len(paths))
    found = cells(folder, findings.cells)
    text = draft(folder.absolute(), found, findings.measurements, findings.unread)
    return Inspection(folder, found, findings.measurements, findings.unread, text)
