"""Which reader takes a file: decided by its content, and explained."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from .contract import HEAD_BYTES, MeasurementReader, Reader, ReaderError, ReaderWarning
from .unread import unread

AnyReader = TypeVar("AnyReader", Reader, MeasurementReader)

GROUP = "pchp_widgets.readers"
MEASUREMENTS = "pchp_widgets.measurement_readers"


def readers() -> tuple[Reader, ...]:
    """Every installed reader of cells, ours and plugins', in the order of their entry-point names.

    A plugin that cannot be imported is named in a warning and left out.
    """
    return _announced(GROUP)


def measurement_readers() -> tuple[MeasurementReader, ...]:
    """Every installed reader of materials, as :func:`readers`."""
    return _announced(MEASUREMENTS)


@lru_cache
def _announced(group: str) -> tuple[Any, ...]:
    found = []
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            reader = point.load()()
        except Exception as error:  # noqa: BLE001  any fault of a plugin: the others must go on working
            warnings.warn(f"reader {point.name!r} ({point.value}) is left out: {error}", ReaderWarning, stacklevel=3)
            continue
        found.append(reader)
    return tuple(found)


def reader_for(path: Path | str) -> Reader:
    """The reader whose format the first bytes of the file show.

    Raises
    ------
    ReaderError
        When the file is missing, empty, or no reader takes it; says which were asked and why each declined.
    """
    path = Path(path)
    head = _head(path)
    found = _first(readers(), path, head)
    if isinstance(found, list):
        material = _first([one for one in measurement_readers() if not one.fallback], path, head)
        other = "" if isinstance(material, list) else f"It looks like {material.description}: use open_measurement."
        raise _refusal(path, head, other, found)
    return found


def measurement_reader_for(path: Path | str, technique: str = "") -> MeasurementReader:
    """The reader of materials whose format the first bytes of the file show.

    Parameters
    ----------
    path
        The file.
    technique
        Ask the readers of this technique only.

    Raises
    ------
    ReaderError
        As for :func:`reader_for`.
    """
    path = Path(path)
    head = _head(path)
    asked = [reader for reader in measurement_readers() if technique in {"", reader.technique}]
    found = _first(asked, path, head)
    if isinstance(found, list):
        cell = _first([one for one in readers() if not one.fallback], path, head)
        other = "" if isinstance(cell, list) else f"It looks like {cell.description}: use open_cell."
        raise _refusal(path, head, other, found)
    return found


def _first(asked: Sequence[AnyReader], path: Path, head: bytes) -> AnyReader | list[str]:
    """The first reader that takes the file, likelier ones first, or why each declined."""
    suffix, declined = path.suffix.lower(), []
    for reader in sorted(asked, key=lambda reader: (reader.fallback, suffix not in reader.suffixes)):
        reason = reader.sniff(head)
        if reason is None:
            return reader
        declined.append(f"  {reader.name}: {reason}")
    return declined


def _refusal(path: Path, head: bytes, other: str, declined: Sequence[str]) -> ReaderError:
    """Why no reader takes a file: what it is, as far as that is known, and what each reader says."""
    known = other or unread(head)
    first = " ".join(filter(None, ["no reader takes this file.", known, "Asked were:"]))
    return ReaderError(path, "\n".join([first, *declined]))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise ReaderError(path, "there is no such file") from None
    except IsADirectoryError:
        raise ReaderError(path, "is a folder; give one file, or open_study(folder)") from None
    except OSError as error:
        raise ReaderError(path, f"cannot be opened: {error.strerror}") from None
    if not head:
        raise ReaderError(path, "the file is empty (0 bytes)")
    return head
