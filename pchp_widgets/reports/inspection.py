"""What was found in a folder of raw files, on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from ..io.inspection import Inspection
from ..io.inspection.kinds import kind
from .tables import Column, Table

_SHOWN = 12
_WIDTH, _LINE = 100, 130


def inspected(found: Inspection) -> str:
    """Summary of a folder as plain text, at most one screen long.

    Parameters
    ----------
    found
        As :func:`pchp_widgets.inspect_folder` gives it.
    """
    return "\n".join(line for part in _parts(found) for line in part)


def _parts(found: Inspection) -> Iterator[list[str]]:
    files = sum(len(cell.parts) for cell in found.cells)
    counts = [f"{files} files of {len(found.cells)} cells", f"{len(found.measurements)} of materials"]
    yield [f"{found.folder}: {', '.join(counts)}, {len(found.unread)} not used"]
    if found.cells:
        yield ["", *_cells(found)]
    techniques = [measured.technique for measured in found.measurements]
    if techniques:
        yield ["", ", ".join(f"{techniques.count(name)} {name}" for name in dict.fromkeys(techniques))]
    if found.unread:
        lines = [f"{path.as_posix()}: {' '.join(reason.split())}" for path, reason in found.unread.items()]
        more = [f"... {len(lines) - _SHOWN // 2} more, see the end of the file"] if len(lines) > _SHOWN // 2 else []
        yield ["", "not used:", *(f"  {_short(line)}" for line in lines[: _SHOWN // 2]), *more]
    unknown = [cell.name for cell in found.cells if not kind(cell.tree)[0]]
    if unknown:
        yield [
            "",
            _short(f"kind to be filled in (else only spectra are reported): {', '.join(unknown)}", _LINE),
        ]
    waiting = [cell.name for cell in found.cells if any(part.needs for part in cell.parts)]
    if waiting:
        yield [
            "",
            _short(f"current to be filled in before they count: {', '.join(waiting)}", _LINE),
        ]


def _cells(found: Inspection) -> list[str]:
    shown = found.cells[:_SHOWN]
    table = Table(
        "cells",
        "",
        [
            Column("cell", [cell.name for cell in shown]),
            Column("files", [len(cell.parts) for cell in shown]),
            Column("kind", [kind(cell.tree)[0] or "?" for cell in shown]),
            Column("why", [_short(kind(cell.tree)[1], 64) for cell in shown]),
        ],
    )
    more = [f"... {len(found.cells) - _SHOWN} more"] if len(found.cells) > _SHOWN else []
    return [*table.text().splitlines(), *more]


def _short(text: str, width: int = _WIDTH) -> str:
    return text if len(text) <= width else f"{text[: width - 4]} ..."
