"""A study: a folder of raw files with a ``study.toml``, and the Zarr store built from it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from ..model.cycles import merged_steps
from ..model.schema import SCHEMA_VERSION
from ..model.study import FILE_NAME, CellEntry, StudyError, read_study_file
from .cell import file_digest, open_cell
from .contract import ReaderError, ReaderWarning
from .registry import reader_for
from .store import Store, group_name

Progress = Callable[[str, int, int], None]
"""Told the name of each cell as it is done, how many are done, and of how many."""


class StudyWarning(UserWarning):
    """Something about a study that does not keep it from opening."""


class Study:
    """Cells of one study, opened from its store: steps and metadata at once, points when they are asked for.

    Attributes
    ----------
    folder
        The folder with ``study.toml``.
    name, description, notice
        As ``study.toml`` says.
    cells
        Names of the cells that are built, in the order of ``study.toml``.
    problems
        Why a cell is not there, by its name; empty when all are.
    """

    def __init__(self, folder: Path, *, problems: dict[str, str] | None = None) -> None:
        self.folder = folder
        self._store = Store(folder)
        self._index = self._store.index()
        self.name: str = self._index["name"]
        self.description: str = self._index["description"]
        self.notice: str = self._index["notice"]
        self.cells: tuple[str, ...] = tuple(self._index["cells"])
        self.problems: dict[str, str] = dict(problems if problems is not None else self._index["problems"])
        self._opened: dict[str, xr.DataTree] = {}

    @cached_property
    def steps(self) -> xr.Dataset:
        """Steps of all cells (cell, cycle, step); metadata are coordinates on ``cell``."""
        return self._store.dataset(self._index["steps"])

    def cell(self, name: str) -> xr.DataTree:
        """One cell, shaped as :func:`pchp_widgets.open_cell` gives it; its points are read when asked for.

        Raises
        ------
        StudyError
            When the study has no such cell, or it could not be built.
        """
        if name not in self.cells:
            reason = self.problems.get(name, f"the study has {', '.join(self.cells)}")
            raise StudyError(f"{self.folder}: there is no cell {name!r}; {reason}")
        if name not in self._opened:
            self._opened[name] = self._store.cell(self._index["cells"][name], name)
        return self._opened[name]

    def __repr__(self) -> str:
        missing = f", {len(self.problems)} not built" if self.problems else ""
        return f"<Study {self.name!r}: {len(self.cells)} cells{missing}>"

    @classmethod
    def build(
        cls, folder: Path | str, *, force: bool = False, jobs: int = 1, progress: Progress | None = None
    ) -> Study:
        """Read what is new or changed among the raw files into the store.

        A cell is read again when the bytes of its file, its reader, its metadata or the schema changed, and not
        otherwise. A file that cannot be read is named in :attr:`problems` and in a warning; the other cells are built
        all the same.

        Parameters
        ----------
        folder
            Folder with ``study.toml``.
        force
            Read every file again.
        jobs
            How many files to read at the same time.
        progress
            Called after each cell.

        Raises
        ------
        StudyError
            When ``study.toml`` is wrong or no cell at all can be read.
        """
        folder = Path(folder)
        header, entries = _entries(folder)
        store = Store(folder)
        tasks, problems = _tasks(folder, entries)
        todo = [task for task in tasks if force or not store.has(task.group)]
        for done, (task, problem) in enumerate(_run(todo, jobs), start=1):
            if problem:
                problems[task.entry.name] = problem
            if progress:
                progress(task.entry.name, done, len(todo))
        built = {task.entry.name: task.group for task in tasks if task.entry.name not in problems}
        if not built:
            raise StudyError(f"{folder}: no cell could be read\n" + "\n".join(problems.values()))
        for problem in problems.values():
            warnings.warn(problem, StudyWarning, stacklevel=2)
        steps = _write_steps(store, built, [task.key for task in tasks if task.entry.name in built])
        stamps = {task.entry.name: _stamp(folder / task.entry.file) for task in tasks}
        store.commit({**header, "cells": built, "steps": steps, "problems": problems, "stamps": stamps})
        return cls(folder, problems=problems)


def open_study(folder: Path | str) -> Study:
    """Open a study; it is built first where there is no store yet.

    Parameters
    ----------
    folder
        Folder with ``study.toml`` and the raw files.

    Raises
    ------
    StudyError
        When there is no ``study.toml``, it is wrong, or no cell can be read.

    Warns
    -----
    StudyWarning
        When raw files or ``study.toml`` changed since the store was built.
    """
    folder = Path(folder)
    index = Store(folder).index()
    if "steps" not in index:
        return Study.build(folder)
    header, entries = _entries(folder)
    names = [entry.name for entry in entries]
    stamps = index.get("stamps", {})
    changed = [entry.name for entry in entries if stamps.get(entry.name) != _stamp(folder / entry.file)]
    changed += sorted(stamps.keys() - set(names))
    if changed or header["study_toml"] != index["study_toml"]:
        what = f"the files of {', '.join(changed[:5])}{' ...' if len(changed) > 5 else ''}" if changed else FILE_NAME
        text = f"{folder}: {what} changed since the study was built; run `pchp build {folder}` or Study.build"
        warnings.warn(text, StudyWarning, stacklevel=2)
    return Study(folder)


class _Task(NamedTuple):
    folder: Path
    entry: CellEntry
    key: str
    group: str


def _entries(folder: Path) -> tuple[dict[str, object], tuple[CellEntry, ...]]:
    path = folder / FILE_NAME
    content = read_study_file(path)
    header = content.study.model_dump()
    return {**header, "study_toml": hashlib.sha256(path.read_bytes()).hexdigest()}, content.cells


def _tasks(folder: Path, entries: tuple[CellEntry, ...]) -> tuple[list[_Task], dict[str, str]]:
    tasks, problems = [], {}
    for entry in entries:
        path = folder / entry.file
        try:
            reader = reader_for(path)
        except ReaderError as error:
            problems[entry.name] = f"cell {entry.name!r}: {error}"
            continue
        content = file_digest(path)
        said = json.dumps(entry.model_dump(mode="json"), sort_keys=True)
        text = f"{content} {reader.name} {reader.version} {SCHEMA_VERSION} {said}"
        key = hashlib.sha256(text.encode()).hexdigest()
        tasks.append(_Task(folder, entry, key, group_name(entry.name, key)))
    return tasks, problems


def _run(todo: list[_Task], jobs: int) -> Iterator[tuple[_Task, str]]:
    if jobs <= 1 or len(todo) < 2:
        return ((task, _build_cell(task)) for task in todo)
    return _run_together(todo, jobs)


def _run_together(todo: list[_Task], jobs: int) -> Iterator[tuple[_Task, str]]:
    with ProcessPoolExecutor(min(jobs, len(todo)), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_build_cell, task): task for task in todo}
        for future in as_completed(running):
            yield running[future], future.result()


def _build_cell(task: _Task) -> str:
    """Read one cell into the store; gives the problem in words, or nothing."""
    entry = task.entry
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)  # they are kept in the cell's attributes
            tree = open_cell(
                task.folder / entry.file,
                name=entry.name,
                partial=entry.partial,
                columns=entry.columns,
                **entry.metadata(),
            )
        Store(task.folder).write_cell(task.group, tree)
    except (ReaderError, ValueError) as error:
        return f"cell {entry.name!r}: {error}"
    return ""


def _write_steps(store: Store, built: dict[str, str], keys: list[str]) -> str:
    group = f"steps-{hashlib.sha256(chr(0).join(keys).encode()).hexdigest()[:12]}"
    if not store.has(group):
        parts = [store.dataset(f"{place}/steps").load() for place in built.values()]
        store.write_steps(group, merged_steps(parts))
    return group


def _stamp(path: Path) -> list[int]:
    """Size and time of change: enough to notice at opening that a raw file is not the one that was read."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]
