"""A study: a folder of raw files with a ``study.toml``, and the Zarr store built from it."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from ..model.cycles import merged_steps
from ..model.schema import SCHEMA_VERSION
from ..model.stated import set_order_in_study
from ..model.study import FILE_NAME, CellEntry, MeasurementEntry, StudyError, StudyFile, read_study_file
from .cell import cell_of
from .contract import ReaderError, ReaderWarning, companions
from .files import FilesError, Source, is_pattern, sources
from .measurement import open_measurement
from .reading import file_digest
from .registry import measurement_reader_for, reader_for
from .store import Store, group_name
from .topspin import parameter_file

Progress = Callable[[str, int, int], None]
"""Told the name of each cell or sample as it is done, how many are done, and of how many."""


class StudyWarning(UserWarning):
    """Something about a study that does not keep it from opening."""


class Study:
    """Cells and materials of one study, opened from its store: steps at once, points when they are asked for.

    Attributes
    ----------
    folder
        The folder with ``study.toml``.
    name, description, notice
        As ``study.toml`` says.
    cells
        Names of the cells that are built, in the order of ``study.toml``.
    measurements
        Names of the samples that are built, by technique.
    coatings
        Of cells, and materials of samples, in the order of ``study.toml``: each has one colour in all figures.
    problems
        Why a cell or a measurement is not there, by its name or ``technique/name``; empty when all are.
    """

    def __init__(self, folder: Path, *, problems: dict[str, str] | None = None) -> None:
        self.folder = folder
        self._store = Store(folder)
        self._index = self._store.index()
        self.name: str = self._index["name"]
        self.description: str = self._index["description"]
        self.notice: str = self._index["notice"]
        self.cells: tuple[str, ...] = tuple(self._index["cells"])
        self.measurements: dict[str, tuple[str, ...]] = {
            technique: tuple(samples) for technique, samples in self._index.get("measurements", {}).items()
        }
        self.coatings: tuple[str, ...] = tuple(self._index.get("coatings", ()))  # stores were built without it once
        self.problems: dict[str, str] = dict(problems if problems is not None else self._index["problems"])
        self._opened: dict[str, xr.DataTree] = {}
        self._measured: dict[tuple[str, str], xr.Dataset] = {}

    @cached_property
    def steps(self) -> xr.Dataset:
        """Steps of all cells that have a trace (cell, cycle, step); metadata are coordinates on ``cell``.

        Raises
        ------
        StudyError
            When the study has measurements of materials alone, or only spectra of its cells.
        """
        if not self._index["steps"]:
            there = "spectra of its cells" if self.cells else ", ".join(self.measurements)
            raise StudyError(f"{self.folder}: the study has no trace of a cell, only {there}")
        return self._ordered(self._store.dataset(self._index["steps"]))

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
            tree = self._store.cell(self._index["cells"][name], name)
            for group in tree.children.values():
                set_order_in_study(group, self.coatings)
            self._opened[name] = tree
        return self._opened[name]

    def measurement(self, technique: str, name: str) -> xr.Dataset:
        """One sample measured by a technique, as :func:`pchp_widgets.open_measurement` gives it.

        Raises
        ------
        StudyError
            When the study has no such measurement, or it could not be built.
        """
        built = self._index.get("measurements", {}).get(technique, {})
        if name not in built:
            there = ", ".join(built) or f"no measurement of that kind, only {', '.join(self.measurements) or 'cells'}"
            reason = self.problems.get(f"{technique}/{name}", f"the study has {there}")
            raise StudyError(f"{self.folder}: there is no {technique} of {name!r}; {reason}")
        if (technique, name) not in self._measured:
            self._measured[technique, name] = self._ordered(self._store.dataset(built[name]))
        return self._measured[technique, name]

    def _ordered(self, data: xr.Dataset) -> xr.Dataset:
        set_order_in_study(data, self.coatings)
        return data

    def __repr__(self) -> str:
        missing = f", {len(self.problems)} not built" if self.problems else ""
        return f"<Study {self.name!r}: {len(self.cells)} cells{missing}>"

    @classmethod
    def build(
        cls, folder: Path | str, *, force: bool = False, jobs: int = 1, progress: Progress | None = None
    ) -> Study:
        """Read what is new or changed among the raw files into the store.

        A cell is read again when the bytes of its files, their readers, its metadata or the schema changed, and not
        otherwise. One that cannot be read is named in :attr:`problems` and in a warning; the others are built all the
        same.

        Parameters
        ----------
        folder
            Folder with ``study.toml``.
        force
            Read every file again.
        jobs
            How many files to read at the same time.
        progress
            Called after each file.

        Raises
        ------
        StudyError
            When ``study.toml`` is wrong or no file at all can be read.
        """
        folder = Path(folder)
        header, content = _content(folder)
        store = Store(folder)
        tasks, problems = _tasks(folder, content)
        todo = [task for task in tasks if force or not store.has(task.group)]
        for done, (task, problem) in enumerate(_run(todo, jobs), start=1):
            if problem:
                problems[task.entry.key] = problem
            if progress:
                progress(task.entry.name, done, len(todo))
        built = [task for task in tasks if task.entry.key not in problems]
        if not built:
            raise StudyError(f"{folder}: no file could be read\n" + "\n".join(problems.values()))
        for problem in problems.values():
            warnings.warn(problem, StudyWarning, stacklevel=2)
        index, groups = _index(store, built)
        beside = {
            task.entry.key: [os.path.relpath(one, folder) for one in task.beside] for task in tasks if task.beside
        }
        stamps = {entry.key: _stamps(folder, entry, beside.get(entry.key, ())) for entry in content.entries}
        store.commit({**header, **index, "problems": problems, "stamps": stamps, "beside": beside}, groups)
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
    header, content = _content(folder)
    stamps, beside = index.get("stamps", {}), index.get("beside", {})
    known = {entry.key: _stamps(folder, entry, beside.get(entry.key, ())) for entry in content.entries}
    changed = [key for key, stamp in known.items() if stamps.get(key) != stamp]
    changed += sorted(stamps.keys() - {entry.key for entry in content.entries})
    if changed or header["study_toml"] != index["study_toml"]:
        what = f"the files of {', '.join(changed[:5])}{' ...' if len(changed) > 5 else ''}" if changed else FILE_NAME
        text = f"{folder}: {what} changed since the study was built; run `pchp build {folder}` or Study.build"
        warnings.warn(text, StudyWarning, stacklevel=2)
    return Study(folder)


Entry = CellEntry | MeasurementEntry


class _Task(NamedTuple):
    folder: Path
    entry: Entry
    key: str
    group: str
    beside: tuple[Path, ...]
    """Where other files may be that go into it, as the text of a micrograph."""


def _content(folder: Path) -> tuple[dict[str, object], StudyFile]:
    path = folder / FILE_NAME
    content = read_study_file(path)
    header = content.study.model_dump()
    return {**header, "study_toml": hashlib.sha256(path.read_bytes()).hexdigest()}, content


def _tasks(folder: Path, content: StudyFile) -> tuple[list[_Task], dict[str, str]]:
    tasks: list[_Task] = []
    problems: dict[str, str] = {}
    found, owners = _found(folder, content, problems)
    for entry, files in found:
        shared = next((file.path for file in files if len(owners[file.path]) > 1), None)
        if shared is not None and isinstance(entry, CellEntry) and entry.files:
            whose = " and ".join(one.label for one in owners[shared])
            remedy = "narrow the patterns under files, so that every file belongs to one cell"
            problems[entry.key] = f"{entry.label}: files: {shared} belongs to {whose}; {remedy}"
            continue
        measured = entry.technique if isinstance(entry, MeasurementEntry) else ""
        said = [json.dumps(entry.model_dump(mode="json"), sort_keys=True)]
        beside: list[Path] = []
        try:
            for path, cycle in files:
                reader = measurement_reader_for(path, measured) if measured else reader_for(path)
                said.append(f"{file_digest(path)} {reader.name} {reader.version} {cycle}")
                others = companions(reader, path)
                said += [f"{one.name} {file_digest(one)}" for one in others if one.is_file()]
                beside += others
        except ReaderError as error:
            problems[entry.key] = f"{entry.label}: {error}"
            continue
        key = hashlib.sha256(" ".join([SCHEMA_VERSION, *said]).encode()).hexdigest()
        place = ("measurements", f"{measured}-{entry.name}") if measured else ("cells", entry.name)
        tasks.append(_Task(folder, entry, key, group_name(*place, key), tuple(beside)))
    return tasks, problems


def _found(
    folder: Path, content: StudyFile, problems: dict[str, str]
) -> tuple[list[tuple[Entry, list[Source]]], dict[Path, list[Entry]]]:
    """The files of every entry, and the entries that claim a file."""
    found: list[tuple[Entry, list[Source]]] = []
    owners: dict[Path, list[Entry]] = {}
    for entry in content.entries:
        try:
            files = _sources(folder, entry)
        except FilesError as error:
            problems[entry.key] = f"{entry.label}: files: {error}"
            continue
        found.append((entry, files))
        for file in files:
            owners.setdefault(file.path, []).append(entry)
    return found, owners


def _sources(folder: Path, entry: Entry) -> list[Source]:
    if isinstance(entry, CellEntry) and entry.files:
        return sources(entry.files, folder)
    if is_pattern(entry.file) and not (folder / entry.file).exists():
        raise FilesError(f"{entry.file!r} is a pattern and stands under file; write it under files")
    return [Source(folder / entry.file if isinstance(entry, CellEntry) else parameter_file(folder / entry.file))]


def _run(todo: list[_Task], jobs: int) -> Iterator[tuple[_Task, str]]:
    if jobs <= 1 or len(todo) < 2:
        return ((task, _build(task)) for task in todo)
    return _run_together(todo, jobs)


def _run_together(todo: list[_Task], jobs: int) -> Iterator[tuple[_Task, str]]:
    with ProcessPoolExecutor(min(jobs, len(todo)), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_build, task): task for task in todo}
        for future in as_completed(running):
            yield running[future], future.result()


def _build(task: _Task) -> str:
    """Read the files of one entry into the store; gives the problem in words, or nothing."""
    entry, store = task.entry, Store(task.folder)
    read: dict[str, Any] = {"name": entry.name, "partial": entry.partial, "columns": entry.columns, **entry.metadata()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)  # they are kept in the attributes
            if isinstance(entry, MeasurementEntry):
                path = task.folder / entry.file
                store.write_dataset(task.group, open_measurement(path, technique=entry.technique, **read))
            else:
                store.write_cell(task.group, cell_of(_sources(task.folder, entry), **read))
    except (ReaderError, ValueError) as error:
        return f"{entry.label}: {error}"
    return ""


def _index(store: Store, built: list[_Task]) -> tuple[dict[str, object], list[str]]:
    """What the root says of the groups of a study, and all of these groups."""
    cells = [task for task in built if isinstance(task.entry, CellEntry)]
    measurements: dict[str, dict[str, str]] = {}
    for task in built:
        if isinstance(task.entry, MeasurementEntry):
            measurements.setdefault(task.entry.technique, {})[task.entry.name] = task.group
    steps = _write_steps(store, cells)
    index: dict[str, object] = {
        "cells": {task.entry.name: task.group for task in cells},
        "steps": steps,
        "measurements": measurements,
        "coatings": list(dict.fromkeys(filter(None, (_coating(store, task) for task in built)))),
    }
    return index, [*(task.group for task in built), steps]


def _coating(store: Store, task: _Task) -> str:
    """Coating of a cell or material of a sample, which its file may state where ``study.toml`` does not."""
    if isinstance(task.entry, CellEntry):
        return task.entry.coating
    known = store.dataset(task.group).coords if not task.entry.material else {}
    return str(known["material"].item()) if "material" in known else task.entry.material


def _write_steps(store: Store, cells: list[_Task]) -> str:
    """The group of the steps of all cells that have a trace; empty where none has."""
    with_trace = [task for task in cells if store.has(f"{task.group}/steps")]
    if not with_trace:
        return ""
    keys = chr(0).join(task.key for task in with_trace)
    group = f"steps-{hashlib.sha256(keys.encode()).hexdigest()[:12]}"
    if not store.has(group):
        parts = [store.dataset(f"{task.group}/steps").load() for task in with_trace]
        store.write_dataset(group, merged_steps(parts))
    return group


def _stamps(folder: Path, entry: Entry, beside: Sequence[str]) -> list[object]:
    """Names, sizes and times of change: enough to notice at opening that files are not those that were read."""
    found: list[object] = []
    try:
        for path, _ in _sources(folder, entry):
            found += _stamp(path)
    except (OSError, FilesError):
        return []
    for other in beside:
        with suppress(FileNotFoundError):
            found += _stamp(folder / other)
    return found


def _place(folder: Path, path: Path) -> str:
    """How a file is found again, also where the folder of the study was moved to."""
    same_drive = path.absolute().anchor == folder.absolute().anchor
    return os.path.relpath(path, folder) if same_drive else str(path.absolute())


def _stamp(path: Path) -> list[object]:
    status = path.stat()
    return [path.name, status.st_size, status.st_mtime_ns]
