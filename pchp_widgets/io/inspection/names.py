"""What the name of a file tells: the cell, and what counts or describes the files of that cell."""

from __future__ import annotations

import re
from typing import NamedTuple

_SUFFIX = re.compile(r"(\.(bdf|trios|ngb))?\.\w+(\.gz)?$", re.IGNORECASE)
_CHANNEL = re.compile(r"(C\d\d|CH\d+|D\d)", re.IGNORECASE)
_TECHNIQUE = re.compile(
    r"(OCV|GCPL\d?|MB|S?PEIS|S?GEIS|EIS|IMPEDANCE|IMP|CP|CA|CVA?|LSV|ZIR|MP|CST[CV])", re.IGNORECASE
)
_PART = re.compile(r"(part|pt|cont|continued|restart|resumed|next)(\d*)", re.IGNORECASE)
_CYCLE = re.compile(r"(cycle|cyc|c|n)?(\d{1,5})", re.IGNORECASE)
_CYCLE_WORD = re.compile(r"(cycle|cyc)", re.IGNORECASE)
_COUNTER = re.compile(r"\d{2,3}")
_TOKENS = re.compile(r"[^\W_]+")


class Told(NamedTuple):
    """What a name tells.

    Attributes
    ----------
    cell
        What is left when everything that counts or describes files is taken off.
    counted
        Whether a counter with leading zeros was taken off: ``A_01``.
    described
        Whether a technique or a word such as ``part2`` was taken off, so that the file is one of several.
    cycle
        Where the digits of the number of a cycle stand in the name, as far as it tells one.
    """

    cell: str
    counted: bool
    described: bool
    cycle: tuple[int, int] | None


def stem(name: str) -> str:
    """The name without its ending, ``.bdf.csv`` and ``.csv.gz`` as one."""
    return _SUFFIX.sub("", name) or name


def told_by(name: str, *, spectra: bool) -> Told:
    """What the name of a file tells.

    Channel, technique, one counter and words such as ``part2`` are taken off from the end; of a file of spectra also
    the number of a cycle (``EIS_cycle10``, ``PEIS_c5``).
    """
    text = stem(name)
    tokens = list(_TOKENS.finditer(text))
    end, counted, described, cycle = len(text), False, False, None
    while len(tokens) > 1:
        token = tokens[-1]
        word = token[0]
        if spectra and cycle is None and (found := _cycle(tokens)):
            cycle = found
            if not _CYCLE.fullmatch(word)[1] and _CYCLE_WORD.fullmatch(tokens[-2][0]):  # type: ignore[index]
                tokens.pop()
            described = True
        elif _PART.fullmatch(word) or _TECHNIQUE.fullmatch(word):
            described = True
        elif _COUNTER.fullmatch(word) and not counted:
            counted = True
        elif not _CHANNEL.fullmatch(word):
            break
        tokens.pop()
        end = tokens[-1].end()
    return Told(text[:end], counted, described, cycle)


def _cycle(tokens: list[re.Match[str]]) -> tuple[int, int] | None:
    """Where the number of a cycle stands at the end of a name: in ``cycle10``, ``c5``, ``cycle_10`` or ``EIS_10``."""
    match = _CYCLE.fullmatch(tokens[-1][0])
    if match is None or (match[1] is None and len(match[2]) > 1 and match[2].startswith("0")):
        return None
    before = tokens[-2][0]
    if match[1] is None and not (_CYCLE_WORD.fullmatch(before) or _TECHNIQUE.fullmatch(before)):
        return None
    if match[1] and match[1].lower() == "c" and len(match[2]) == 2:  # EC-Lab's channel
        return None
    start = tokens[-1].start() + match.start(2)
    return start, start + len(match[2])
