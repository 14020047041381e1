"""Which column of a file holds what: what its headers say themselves, and what the caller says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..contract import ReaderError, ReadOptions
from .headers import STORED_UNITS, Heading, headings, names_and_units, stated_unit

Assignment = dict[str, tuple[int, Heading]]
"""Column and meaning of each quantity."""

_ALIASES = {"charge_counter": "net_capacity", "energy_counter": "net_energy"}


def assignment(
    path: Path,
    headers: Sequence[str],
    units: Sequence[str],
    options: ReadOptions,
    known: Mapping[str, Heading] | None = None,
) -> Assignment:
    """Which column holds which quantity: what the caller says, and what the headers say themselves.

    Parameters
    ----------
    path, headers, units, options
        The file, its headers with their units, and what the caller says.
    known
        What an instrument's own headers mean, as :func:`.headers.headings` takes it.

    Raises
    ------
    ReaderError
        When the caller's map names no column of the file, or nothing tells where time, voltage or (without a given
        amplitude) current are; lists the headers and shows what to write.
    """
    found = headings(headers, units, known)
    for name, wanted in options.columns.items():
        quantity = _ALIASES.get(name, name)
        if quantity not in STORED_UNITS:
            names = ", ".join(sorted(set(STORED_UNITS) | set(_ALIASES)))
            raise ReaderError(path, f"columns: {name!r} is no quantity; known are {names}")
        found[quantity] = _mapped(path, quantity, wanted, headers, units)
    missing = [name for name in ("time", "voltage") if name not in found]
    if missing:
        example = ", ".join(f'"{name}": "<header> [{STORED_UNITS[name]}]"' for name in missing)
        raise ReaderError(
            path,
            f"no column says that it holds {' or '.join(missing)} and in which unit. {_listed(headers)}"
            f" Say which it is: columns={{{example}}}",
        )
    if "current" not in found and not np.isfinite(options.current):
        raise ReaderError(
            path,
            'no column says that it holds the current and in which unit. If there is none, current="0.1 mA" gives the'
            f" amplitude, and its sign is taken from the half-cycles of the voltage. {_listed(headers)} If one is the"
            ' current: columns={"current": "<header> [mA]"}',
        )
    return found


def _mapped(
    path: Path, quantity: str, wanted: str, headers: Sequence[str], units: Sequence[str]
) -> tuple[int, Heading]:
    named, given = wanted.strip(), ""
    if named not in headers:
        parts = re.fullmatch(r"(.*?)\s*\[([^\]]*)\]", named)
        named, given = (parts[1], parts[2]) if parts else (named, "")
    if named not in headers:
        near = difflib.get_close_matches(named, headers, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ReaderError(path, f"columns: {quantity} = {wanted!r} is no header of this file.{hint} {_listed(headers)}")
    column = list(headers).index(named)
    texts = [given] if given else [text for _, text in names_and_units(named, units[column])]
    stated = next((known for text in texts if (known := stated_unit(text, quantity))), None)
    if stated is None and STORED_UNITS[quantity] in {"", "1"} and not given:
        stated = STORED_UNITS[quantity]
    if stated is None:
        problem = f"{given!r} is no unit of {quantity}" if given else f"the header states no unit of {quantity}"
        example = f'write for example "{named} [{STORED_UNITS[quantity]}]"'
        raise ReaderError(path, f"columns: {quantity} = {wanted!r}: {problem}; {example}")
    return column, Heading(quantity, stated)


def _listed(headers: Sequence[str]) -> str:
    return "The headers are " + ", ".join(repr(header) for header in headers) + "."
