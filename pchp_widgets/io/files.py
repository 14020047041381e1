"""Which files a cell has: paths, patterns such as ``raw/cell_A_*.mpr``, and the cycle a name tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

CYCLE = "{cycle}"
_WILD = re.compile(r"\*\*|\*|\?|\[[^\]]+\]|\{cycle\}")
_REGEX = {"**": ".*", "*": "[^/]*", "?": "[^/]", CYCLE: r"(?P<cycle>\d+)"}
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


class FilesError(ValueError):
    """Patterns of files that match nothing, or files of two cells."""


class Source(NamedTuple):
    """A file of a cell, and the cycle its name tells; None where the pattern has no ``{cycle}``."""

    path: Path
    cycle: int | None = None


def sources(given: Path | str | Sequence[Path | str], folder: Path = Path()) -> list[Source]:
    """The files that paths and patterns stand for.

    ``*``, ``?``, ``[...]`` and ``**`` are those of :meth:`pathlib.Path.glob`. ``{cycle}`` stands for the digits of the
    number of the cycle in which a file was measured: ``A_EIS_{cycle}.mpr``. What exists under the very name is taken
    as it is, whatever signs the name has.

    Parameters
    ----------
    given
        A path or pattern, or several.
    folder
        Where relative ones begin.

    Returns
    -------
    list of Source
        In the order given; what one pattern matches by the numbers in the names, those of ``{cycle}`` first.

    Raises
    ------
    FilesError
        When there is none, a pattern matches nothing or the files of several cells, or a file stands twice.
    """
    found: list[Source] = []
    for one in [given] if isinstance(given, str | Path) else given:
        found += _matched(str(one), folder) if _is_pattern(str(one), folder) else [Source(folder / one)]
    if not found:
        raise FilesError("no file is given; write at least one")
    places = [source.path.absolute() for source in found]
    twice = sorted({place.name for place in places if places.count(place) > 1})
    if twice:
        raise FilesError(f"{', '.join(twice)} is given twice; once is enough")
    return found


def is_pattern(text: str) -> bool:
    """Whether a text has signs of a pattern."""
    return bool(_WILD.search(text))


def by_numbers(text: str) -> list[tuple[int, str]]:
    """Sorts names as a person does: ``A_2`` before ``A_10``."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"(\d+)", text)]


def _is_pattern(text: str, folder: Path) -> bool:
    if (folder / text).exists():
        return False
    wrong = sorted({name for name in _PLACEHOLDER.findall(text) if name != "cycle"})
    if wrong:
        raise FilesError(f"{text!r}: {{{wrong[0]}}} means nothing here; the only placeholder is {CYCLE}")
    return is_pattern(text)


def _matched(pattern: str, folder: Path) -> list[Source]:
    """What a pattern matches, in the order of the numbers."""
    whole = Path(pattern)
    if whole.is_absolute():
        folder, pattern = Path(whole.anchor), whole.relative_to(whole.anchor).as_posix()
    pattern = pattern.replace("\\", "/").removeprefix("./")
    regex = re.compile(_regex(pattern), re.IGNORECASE)
    found = []
    for path in folder.glob(pattern.replace(CYCLE, "*")):
        match = regex.fullmatch(path.relative_to(folder).as_posix()) if path.is_file() else None
        if match:
            found.append(Source(path, int(match["cycle"]) if CYCLE in pattern else None))
    if not found:
        raise FilesError(f"{pattern!r} matches no file in {folder.absolute()}; {_nearest(pattern, folder)}")
    names = {source.path: source.path.relative_to(folder).as_posix() for source in found}
    _refuse_two_cells(pattern, list(names.values()))
    return sorted(found, key=lambda source: (source.cycle or 0, by_numbers(names[source.path])))


def _regex(pattern: str) -> str:
    parts, last, told = [], 0, False
    for sign in _WILD.finditer(pattern):
        text = _REGEX.get(sign[0], sign[0].replace("[!", "[^"))
        if sign[0] == CYCLE:
            text, told = (r"(?P=cycle)" if told else text), True
        parts += [re.escape(pattern[last : sign.start()]), text]
        last = sign.end()
    return "".join([*parts, re.escape(pattern[last:])]).replace(r".*/", r"(?:.*/)?")


def _nearest(pattern: str, folder: Path) -> str:
    """What to look at when a pattern matches nothing."""
    place = folder / pattern[: _WILD.search(pattern).start()].rpartition("/")[0]  # type: ignore[union-attr]
    if not place.is_dir():
        return f"there is no folder {place}"
    names = sorted(path.name for path in place.iterdir() if path.is_file())
    shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    return f"{place} holds {shown}" if names else f"{place} holds no files"


def _refuse_two_cells(pattern: str, names: Iterable[str]) -> None:
    """Refuse ``cell_1*.mpr`` where there is a ``cell_10.mpr``, and ``*.mpr`` where there are ``A.mpr`` and ``B.mpr``.

    The word or number in which the wildcard begins must be the same in all names, unless it is a counter with leading
    zeros. Which of ``A_1`` and ``A_2`` belong together no name can tell: that is left to their times.
    """
    signs = list(_WILD.finditer(pattern))
    if signs[0][0] != "*" or not re.fullmatch(r"(\.\w+)*", pattern[signs[-1].end() :]):
        return
    before = pattern[: signs[0].start()].rpartition("/")[2]
    if re.search(r"(?<!\d)0\d*$", before):
        return
    kind = r"\d*" if before[-1:].isdigit() else r"[^\W\d_]*"
    begun: dict[str, str] = {}
    for name in names:
        rest = name[signs[0].start() :]
        begun.setdefault(before + (re.match(kind, rest) or [""])[0], name)
    if len(begun) > 1 and (not before or before[-1].isalnum()):
        first, second = sorted(begun.values())[:2]
        raise FilesError(
            f"{pattern!r} matches the files of more than one cell: {first} and {second}. Write more of the name before "
            f"the {signs[0][0]!r}, or list the files if they do belong together"
        )


__all__ = ["CYCLE", "FilesError", "Source", "by_numbers", "is_pattern", "sources"]
