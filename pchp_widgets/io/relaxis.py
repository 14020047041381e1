"""Spectra that RelaxIS exported as text."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import ReaderError, ReadOptions, Recording
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_FIRST_LINE = re.compile(rb"(?:\xef\xbb\xbf)?RelaxIS [\d.]+ Spectrum export")
_DATA = "Data: "
_COLUMNS = ("Frequency", "Z'", "Z''")
_NUMBERS = re.compile(r"^\s*[-+]?[\d.,]+(?:[eE][-+]?\d+)?(?:\t|\s*$)")


class RelaxISReader:
    """Columns that begin with "Data:"; a line of text between the numbers begins the next spectrum. Z'' is Im Z."""

    name = "relaxis-text"
    description = "RelaxIS 3, spectrum export as text (.txt)"
    suffixes = (".txt",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a file that begins with RelaxIS' line."""
        return None if _FIRST_LINE.match(head) else "the first line is not 'RelaxIS ... Spectrum export'"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read all spectra.

        Raises
        ------
        ReaderError
            When frequency, Z' or Z'' are missing or stand there several times.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        heads = next((at for at, line in enumerate(lines) if line.startswith(_DATA)), None)
        if heads is None:
            raise ReaderError(path, "no line names its data ('Data: Frequency'): it is cut")
        names = [one.strip().removeprefix(_DATA) for one in lines[heads].rstrip("\r\n").split("\t")]
        for name in _COLUMNS:
            if names.count(name) != 1:
                reason = f"has {names.count(name)} columns {name!r}; one is expected"
                raise ReaderError(path, f"{reason}. Export frequency, Z' and Z'' of each spectrum, one below the other")
        numeric = [at for at in range(heads + 1, len(lines)) if _NUMBERS.match(lines[at])]
        titles = [at for at in range(heads + 1, len(lines)) if at not in set(numeric) and lines[at].strip()]
        body = [lines[at] for at in numeric]
        comma = any("," in line for line in body)
        values, said = number_rows(
            path, body, len(names), delimiter="\t", decimal_comma=comma, partial=options.partial, first_line=heads + 2
        )
        if len(titles) > 1 and len(values) != len(body):
            raise ReaderError(path, "rows of several spectra are damaged: which belong to which is not known")
        block = [sum(title < at for title in titles) for at in numeric][: len(values)]
        frequency, z_real, z_imag = (values[:, names.index(name)] for name in _COLUMNS)
        found = Impedance(
            frequency,
            z_real,
            z_imag,
            "Im Z (column Z'')",
            modulus=values[:, names.index("|Z|")] if "|Z|" in names else None,
            counters=[] if len(titles) < 2 else [values[:, 0] * 0 + block],
        )
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        result.settings = {"spectra": [lines[at].strip() for at in titles]}
        result.provenance |= {"software": lines[0].strip().lstrip("\ufeff").removesuffix(" Spectrum export")}
        return result
