"""Tables of an Access database through mdbtools, whose programs write them as csv."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import ReaderError

if TYPE_CHECKING:
    import polars as pl

JET = b"\x00\x01\x00\x00Standard Jet DB\x00"
ACE = b"\x00\x01\x00\x00Standard ACE DB\x00"

_PROGRAMS = ("mdb-tables", "mdb-export", "mdb-count")
_SECONDS, _SECONDS_PER_MEGABYTE = 2.0, 1.0
"""Exporting takes some 0.05 s a megabyte; a program that takes much longer runs in circles in a damaged file."""
_VERSION = 0x14
_PAGE, _PAGES = 4096, {b"\0": 2048}
"""Bytes of a page, by the byte that tells the version of the format."""
_BOUND = 30
"""Text of a table is at most this many times the size of its database, and of a sound one about as long."""


class Database:
    """An Access database, read table by table.

    Parameters
    ----------
    path
        The file.
    partial
        Whether tables that cannot be read to their end are taken as far as they go, with a sentence in ``said``.

    Raises
    ------
    ReaderError
        When mdbtools are not installed, or find no tables in the file.
    """

    def __init__(self, path: Path, *, partial: bool = False) -> None:
        self.path, self.partial = path, partial
        self.said: list[str] = []
        missing = [name for name in _PROGRAMS if shutil.which(name) is None]
        if missing:
            raise ReaderError(
                path,
                f"reading this database takes the package mdbtools, and its program {missing[0]} is not found. Install"
                " it (apt install mdbtools, brew install mdbtools, conda install -c conda-forge mdbtools), or export"
                " the test as csv from Arbin's software",
            )
        with path.open("rb") as file:
            page = _PAGES.get(file.read(_VERSION + 1)[-1:], _PAGE)
        if path.stat().st_size % page:
            self.damaged(f"the file ends inside one of its pages of {page} bytes")
        listed, problem = self._output("mdb-tables", "-1", str(path.resolve()))
        self.names = [name for name in listed.decode(errors="replace").splitlines() if name]
        if not self.names:
            raise ReaderError(path, f"the database is damaged or cut: no tables are found in it{_because(problem)}")

    def count(self, name: str) -> int:
        """How many rows a table says it has; 0 where it is not there."""
        if name not in self.names:
            return 0
        text, problem = self._output("mdb-count", str(self.path.resolve()), name)
        if not text.strip().isdigit():
            self.damaged(f"the number of rows of {name} cannot be read{_because(problem)}")
            return 0
        return int(text)

    def table(self, name: str, *, numbers: bool = False) -> pl.DataFrame:
        """All rows of a table, as numbers or as texts; no columns where it is not there.

        Raises
        ------
        ReaderError
            When it cannot be read to its end and ``partial`` is not set.
        """
        import polars as pl

        expected = self.count(name)
        if not expected:
            return pl.DataFrame()
        text, problem = self._output("mdb-export", str(self.path.resolve()), name)
        try:
            frame = pl.read_csv(text, infer_schema=False, truncate_ragged_lines=True, encoding="utf8-lossy")
            if numbers:
                frame = frame.with_columns(pl.all().cast(pl.Float64))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            self.damaged(f"nothing can be read of table {name}{_because(problem or str(error).splitlines()[0])}")
            return pl.DataFrame()
        if frame.height != expected:
            self.damaged(f"{frame.height} of the {expected} rows of {name} are there{_because(problem)}")
        elif problem:
            self.damaged(f"table {name} is damaged{_because(problem)}")
        return frame

    def damaged(self, problem: str) -> None:
        """Refuse the file, or say what is wrong with it where what can be read is asked for."""
        if not self.partial:
            raise ReaderError(
                self.path, f"the database is damaged or cut: {problem}; partial=True gives what can be read"
            )
        self.said.append(problem)

    def _output(self, *command: str) -> tuple[bytes, str]:
        """What a program writes, and the first of its complaints."""
        size = self.path.stat().st_size
        environment = os.environ | {"LC_ALL": "C.UTF-8", "MDB_JET3_CHARSET": "CP1252"}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                done = subprocess.run(  # noqa: S603  no shell, and the arguments are a path and names of tables
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    timeout=_SECONDS + _SECONDS_PER_MEGABYTE * size / 1e6,
                    env=environment,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return b"", f"{command[0]} finds no end in it"
            if out.seek(0, os.SEEK_END) > 100_000 + _BOUND * size:
                return b"", f"{command[0]} reads rows in it again and again"
            out.seek(0)
            err.seek(0)
            complaint = err.read(2000).decode(errors="replace").strip().splitlines()
            text = out.read()
        problem = f"{command[0]} breaks down at it" if done.returncode < 0 else ""
        return text, problem or (complaint[0] if complaint else "")


def _because(problem: str) -> str:
    return f" ({problem})" if problem else ""
