"""Which reader takes a file: decided by its content, and explained."""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from .contract import HEAD_BYTES, Reader, ReaderError, ReaderWarning

GROUP = "pchp_widgets.readers"


@lru_cache(1)
def readers() -> tuple[Reader, ...]:
    """Every installed reader, ours and plugins', in the order of their entry-point names.

    A plugin that cannot be imported is named in a warning and left out.
    """
    found: list[Reader] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            reader = point.load()()
        except Exception as error:  # noqa: BLE001  any fault of a plugin: the others must go on working
            warnings.warn(f"reader {point.name!r} ({point.value}) is left out: {error}", ReaderWarning, stacklevel=2)
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
    suffix = path.suffix.lower()
    declined = []
    for reader in sorted(readers(), key=lambda reader: (reader.fallback, suffix not in reader.suffixes)):
        reason = reader.sniff(head)
        if reason is None:
            return reader
        declined.append(f"  {reader.name}: {reason}")
    raise ReaderError(path, "no reader takes this file. Asked were:\n" + "\n".join(declined))


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
