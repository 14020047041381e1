"""What fastnda makes of a file, with everything it says on the way, and what it does not notice."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import ReaderError

if TYPE_CHECKING:
    import polars as pl

ZIP = b"PK\x03\x04"
_FIRST_64_BIT_VERSION = 129
_PAGE = 4096
_PAGE_MASK = slice(4, 132)
_CLOCK_JUMPS = "the clock of the instrument jumps back in places; the time of the points does not come from it"


@contextmanager
def named_for_fastnda(path: Path) -> Iterator[Path]:
    """The file under an ending fastnda knows: it tells the format by that alone."""
    with path.open("rb") as file:
        suffix = ".ndax" if file.read(len(ZIP)) == ZIP else ".nda"
    if path.suffix.lower() == suffix:
        yield path
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        named = Path(folder) / f"copy{suffix}"
        shutil.copyfile(path, named)
        yield named


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        self.heard.append(_CLOCK_JUMPS if "negative jumps in the 'unix_time_s'" in text else f"fastnda: {text}")


@contextmanager
def told() -> Iterator[list[str]]:
    """What fastnda has to say, by log or warning, instead of on the user's screen."""
    heard: list[str] = []
    log, ear = logging.getLogger("fastnda"), _Ear(heard)
    propagate = log.propagate
    log.addHandler(ear)
    log.propagate = False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield heard
        heard += [f"fastnda: {warning.message}" for warning in caught]
    finally:
        log.removeHandler(ear)
        log.propagate = propagate


def records(path: Path, named: Path) -> pl.DataFrame:
    """The records of the file `path`, which is at hand as `named`.

    Raises
    ------
    ReaderError
        With whatever fastnda stumbled over.
    """
    import fastnda
    import polars as pl

    try:
        found: pl.DataFrame = fastnda.read(named, cycle_mode="raw", raw_categories=True)
    except MemoryError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # fastnda has no error of its own
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReaderError(path, f"fastnda cannot read it ({type(error).__name__}: {why})") from error
    return found


def facts(named: Path, said: list[str]) -> dict[str, Any]:
    """What the file says about its test: flat for .nda, by part of the zip for .ndax."""
    import fastnda

    try:
        found: dict[str, Any] = fastnda.read_metadata(named)
    except Exception as error:  # noqa: BLE001  the records are sound without what is said about them
        said.append(f"what the file says about its test cannot be read ({type(error).__name__}: {error})")
        return {}
    return found


def missing_end(path: Path, *, partial: bool) -> list[str]:
    """Say what is missing at the end of a cut file.

    Raises
    ------
    ReaderError
        When something is missing, unless the records before the cut can be had and `partial` is set.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(128)
    if head.startswith(ZIP):
        if not zipfile.is_zipfile(path):
            raise ReaderError(
                path, "the file is cut or still being written: the index of an .ndax is at its end, and is missing"
            )
        try:
            with zipfile.ZipFile(path) as parts:
                listed = parts.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise ReaderError(path, f"is damaged: it is no whole zip ({error})") from None
        for part in listed:
            if part.header_offset + part.compress_size > size:
                raise ReaderError(path, f"is damaged: its index gives {part.filename!r} more bytes than the file has")
        return []
    if len(head) < 128:
        raise ReaderError(path, f"the file is cut: {size} bytes are less than its header")
    start, width = (82, 8) if head[14] >= _FIRST_64_BIT_VERSION else (64, 4)
    begin = int.from_bytes(head[start : start + width], "little")
    length = int.from_bytes(head[start + width : start + 2 * width], "little")
    if begin + length <= size:
        return []
    problem = f"the file is cut: {max(0, size - begin)} of {length} bytes of records are there"
    if not partial:
        raise ReaderError(path, f"{problem}; partial=True gives the records before that")
    return [problem]


def interpolated(path: Path, count: int) -> list[str]:
    """How many records fastnda had to time itself.

    Newer .ndax hold voltage and current of every record, but time and counters only of some (``data_runInfo.ndc``,
    whose pages of 4096 bytes begin with a mask of the records they hold). fastnda fills the others in between from
    the sampling interval and the current, as Neware's own software does.
    """
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as parts:
        if "data_runInfo.ndc" not in parts.namelist():
            return []
        pages = np.frombuffer(parts.read("data_runInfo.ndc"), np.uint8)
    masks = pages[: len(pages) // _PAGE * _PAGE].reshape(-1, _PAGE)[1:, _PAGE_MASK]
    timed = int(np.bitwise_count(masks).sum())
    if timed >= count:
        return []
    # a record timed twice counts twice in the masks, so there can be a few more
    which = f"at least {count - timed} of {count} records"
    return [f"time and counters of {which} are interpolated between those that the instrument timed"]


def flat(tree: dict[str, Any]) -> dict[str, Any]:
    """Facts about the test by name, from fastnda's flat list (.nda) or the parts of the zip (.ndax)."""
    info, version, step = (tree.get(name) for name in ("TestInfo", "VersionInfo", "Step"))
    head = _part(step, "Head_Info")
    found = {name: value.get("Value") for name, value in head.items() if isinstance(value, dict)}
    found |= _part(version, "ZwjVersion")
    found |= _part(info, "TestInfo")
    return found | {name: value for name, value in tree.items() if not isinstance(value, dict)}


def _part(parent: object, name: str) -> dict[str, Any]:
    part = parent.get(name) if isinstance(parent, dict) else None
    return part if isinstance(part, dict) else {}
