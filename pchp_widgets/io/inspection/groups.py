"""Which files of a folder are of one cell."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xarray as xr

from ..cell import cell_of
from ..contract import ReaderError, ReaderWarning
from ..files import CYCLE, FilesError, Source, by_numbers, sources
from .found import CellFile, without_points
from .names import Told, stem, told_by


@dataclass
class Cell:
    """Files that are one cell.

    Attributes
    ----------
    name
        Of the cell, unique in the folder.
    files
        What stands under ``files`` in ``study.toml``, or ``file`` where it is one: paths and patterns.
    parts
        The files.
    tree
        The cell they make, without its points.
    why
        What tells that they belong together, or that they do not though their names are alike.
    """

    name: str
    files: list[str]
    parts: list[CellFile]
    tree: xr.DataTree
    why: list[str] = field(default_factory=list)


def cells(folder: Path, files: Sequence[CellFile]) -> list[Cell]:
    """Put files together that have the same name but for counters, techniques and cycles, where their times agree."""
    told = {file.path: told_by(file.path.name, spectra=file.only_spectra) for file in files}
    groups: dict[tuple[Path, str], list[CellFile]] = {}
    for file in files:
        groups.setdefault((file.path.parent, told[file.path].cell.lower()), []).append(file)
    found: list[Cell] = []
    for group in _with_spectra_of_other_folders(groups):
        found += [_alone(group[0])] if len(group) == 1 else _together(folder, group, told)
    _name_apart(found)
    return sorted(found, key=lambda cell: by_numbers(cell.parts[0].path.as_posix()))


def _with_spectra_of_other_folders(groups: dict[tuple[Path, str], list[CellFile]]) -> list[list[CellFile]]:
    """Groups, where spectra that lie in a folder of their own join the one trace that has the same name."""
    found = {key: list(files) for key, files in groups.items()}
    for key, files in groups.items():
        if not all(file.only_spectra for file in files):
            continue
        traces = [
            other for other, own in groups.items() if other[1] == key[1] and not all(file.only_spectra for file in own)
        ]
        if len(traces) == 1:
            found[traces[0]] += found.pop(key)
    return list(found.values())


def _alone(file: CellFile, why: str = "") -> Cell:
    told = told_by(file.path.name, spectra=False)
    name = stem(file.path.name) if told.counted or told.described else told.cell
    return Cell(name, [file.path.as_posix()], [file], file.tree, [why] if why else [])


def _together(folder: Path, group: Sequence[CellFile], told: dict[Path, Told]) -> list[Cell]:
    """One cell of these files, or a cell of each and why."""
    home = next((file.path.parent for file in group if not file.only_spectra), group[0].path.parent)
    order = sorted(group, key=lambda file: (file.path.parent != home, by_numbers(file.path.name)))
    names = ", ".join(file.path.name for file in order)
    traces = [file for file in order if not file.only_spectra]
    plain = [file for file in traces if not (told[file.path].counted or told[file.path].described)]
    if len(plain) > 1 or any(file.needs for file in order):
        return [
            _alone(file, f"apart from others of its name ({names}): nothing in the names counts them") for file in order
        ]
    made = [Source(folder / file.path, _cycle(file, told)) for file in order]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)
            tree = cell_of(made, name=told[order[0].path].cell)
    except (ReaderError, ValueError) as error:
        reason = f"{error.path.name} {error.reason}" if isinstance(error, ReaderError) else str(error)
        return [_alone(file, f"apart from others of its name ({names}): {reason}") for file in order]
    assumed = any("the gap between them is assumed" in text for text in tree.attrs["warnings"])
    if assumed and any(told[file.path].counted and not told[file.path].described for file in traces):
        reason = "they do not tell when they were started. List them under files if they are one cell"
        return [_alone(file, f"perhaps one cell with others of its name ({names}): {reason}") for file in order]
    why = "one cell: the names differ in what counts or describes files only"
    why += "" if assumed or len(traces) < 2 else ", and by their times they follow each other"
    return [Cell(str(tree.name), _patterns(folder, made), order, without_points(tree), [why])]


def _cycle(file: CellFile, told: dict[Path, Told]) -> int | None:
    place = told[file.path].cycle
    return int(file.path.name[slice(*place)]) if place else None


def _patterns(folder: Path, made: Sequence[Source]) -> list[str]:
    """The shortest patterns that match these files and no others: one for the files of a folder, one for cycles."""
    found: list[str] = []
    kinds: dict[tuple[Path, bool], list[Source]] = {}
    for one in made:
        kinds.setdefault((one.path.parent, one.cycle is not None), []).append(one)
    for (_, with_cycle), chosen in kinds.items():
        places = [one.path.relative_to(folder) for one in chosen]
        pattern = _with_cycle(places) if with_cycle else _with_star(places)
        if pattern and _matches(folder, pattern, chosen) and (len(chosen) > 1 or with_cycle):
            found.append(pattern)
        else:
            found += [_with_cycle([place]) if with_cycle else place.as_posix() for place in places]
    return found


def _with_star(places: Sequence[Path]) -> str:
    names = [place.name for place in places]
    if not names:
        return ""
    length = next((at for at, signs in enumerate(zip(*names, strict=False)) if len(set(signs)) > 1), 0)
    start = names[0][:length].rstrip("0123456789")
    endings = {"".join(place.suffixes[-1:]) for place in places}
    return (places[0].parent / f"{start}*{endings.pop() if len(endings) == 1 else ''}").as_posix() if start else ""


def _with_cycle(places: Sequence[Path]) -> str:
    """The name with ``{cycle}`` in the place of the number; empty where the names differ in more than that."""
    found = set()
    for place in places:
        at = told_by(place.name, spectra=True).cycle
        if at is None:
            return ""
        found.add((place.parent / f"{place.name[: at[0]]}{CYCLE}{place.name[at[1] :]}").as_posix())
    return found.pop() if len(found) == 1 else ""


def _matches(folder: Path, pattern: str, chosen: Sequence[Source]) -> bool:
    try:
        return {one.path for one in sources(pattern, folder)} == {one.path for one in chosen}
    except FilesError:
        return False


def _name_apart(found: Sequence[Cell]) -> None:
    """Add the folder, and then the ending, to names that stand twice."""
    longer_names: list[Callable[[Cell], str]] = [
        lambda cell: "-".join([*cell.parts[0].path.parent.parts, cell.name]),
        lambda cell: f"{cell.name}-{cell.parts[0].path.suffix[1:]}",
        lambda cell: "-".join(cell.parts[0].path.parts),
    ]
    for longer in longer_names:
        names = [cell.name for cell in found]
        for cell in [cell for cell in found if names.count(cell.name) > 1]:
            cell.name = longer(cell)
