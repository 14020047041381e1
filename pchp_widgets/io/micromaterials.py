"""Micro Materials instruments: recognised, and refused with what to do instead."""

from __future__ import annotations

from pathlib import Path

from .contract import Measured, ReaderError, ReadOptions


class MicroMaterialsReader:
    """HDF5 files of Micro Materials instruments."""

    name = "micromaterials-hdf5"
    description = "Micro Materials nanoindenters (HDF5): refused, to be exported as text"
    suffixes = (".hdf5", ".h5")
    version = "1"
    fallback = True
    technique = "indentation"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        return None if head.startswith(b"\x89HDF\r\n\x1a\n") else "no HDF5 file"

    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  there is nothing to choose
        """Refuse."""
        raise ReaderError(
            path,
            "is an HDF5 file, as Micro Materials nanoindenters write: it needs a library of 20 MB that is not part of"
            " this package. Export the tests from the instrument's software as text with columns such as"
            " 'test', 'depth (nm)', 'load (mN)', 'time (s)', and open that",
        )
