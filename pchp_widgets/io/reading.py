"""What opening a cell and opening a measurement have in common: a reader at work, and where its data come from."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, overload

from ..model.schema import SCHEMA_VERSION
from .contract import Measured, MeasurementReader, Reader, ReaderError, ReaderWarning, ReadOptions, Recording
from .joining import Part

_CHUNK = 1 << 22
_SMALL = 1 << 19
"""Bytes that are hashed sooner than a thread begins to."""


@overload
def read_file(reader: Reader, path: Path, options: ReadOptions, frames: int = 1) -> tuple[Recording, str]: ...
@overload
def read_file(reader: MeasurementReader, path: Path, options: ReadOptions, frames: int = 1) -> tuple[Measured, str]: ...
def read_file(reader: Any, path: Path, options: ReadOptions, frames: int = 1) -> tuple[Any, str]:
    """Let a reader read, and hash the file meanwhile.

    Parameters
    ----------
    reader, path, options
        Who reads what, and how.
    frames
        How many functions up the one is that a person called; warnings point to where.

    Returns
    -------
    found, digest
        What the reader gives, and the SHA-256 of the bytes.

    Raises
    ------
    ReaderError
        Whatever a damaged file does to the reader.

    Warns
    -----
    ReaderWarning
        For everything the reader remarks.
    """
    if path.stat().st_size < _SMALL:
        digest, found = file_digest(path), _read(reader, path, options)
    else:
        with ThreadPoolExecutor(1) as beside:  # hashing needs no interpreter: it costs no time while the file is read
            hashing = beside.submit(file_digest, path)
            found = _read(reader, path, options)
        digest = hashing.result()
    for text in found.warnings:
        warnings.warn(f"{path.name}: {text}", ReaderWarning, stacklevel=frames + 2)
    return found, digest


def _read(reader: Any, path: Path, options: ReadOptions) -> Any:
    try:
        return reader.read(path, options)
    except ReaderError:
        raise
    except OSError as error:
        raise ReaderError(path, f"cannot be read: {error.strerror or error}") from error
    except Exception as error:
        raise ReaderError(path, f"{reader.name} cannot make sense of it ({type(error).__name__}: {error})") from error


def file_digest(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def provenance(
    found: Recording | Measured, path: Path, reader: Reader | MeasurementReader, digest: str
) -> dict[str, Any]:
    """Attributes that say where data come from."""
    source = {
        "source_file": path.name,
        "source_sha256": digest,
        "source_bytes": path.stat().st_size,
        "reader": reader.name,
        "reader_version": reader.version,
    }
    return source | _said(found)


def joint_provenance(found: Recording, parts: Sequence[Part]) -> dict[str, Any]:
    """The same of data that come from several files: lists in the order of the files."""
    source = {
        "source_file": [part.name for part in parts],
        "source_sha256": [part.digest for part in parts],
        "source_bytes": [part.path.stat().st_size for part in parts],
        "reader": [part.reader.name for part in parts],
        "reader_version": [part.reader.version for part in parts],
    }
    return source | _said(found)


def _said(found: Recording | Measured) -> dict[str, Any]:
    from .. import __version__

    return {
        "pchp_widgets_version": __version__,
        "schema_version": SCHEMA_VERSION,
        "warnings": list(found.warnings),
        "settings": json.dumps(found.settings, default=str),
        **{key: str(value) for key, value in found.provenance.items() if value},
    }
