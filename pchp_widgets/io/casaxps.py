"""Text export of CasaXPS: blocks of columns under "Cycle n:sample:region"."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import Region, dataset, number, positive, soundly

_TITLE = re.compile(r"^Cycle\s+\d+:(?P<sample>.*):(?P<region>[^:\t]*)")
_PHOTON, _SECONDS = "Characteristic Energy eV", "Acquisition Time s"


class CasaXpsReader:
    """Rows of K.E., Counts, B.E. and CPS; components that were fitted there are passed over."""

    name = "casaxps-txt"
    description = "CasaXPS spectra exported as text (rows of regions)"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for a text whose first line names a cycle of CasaXPS."""
        first = head.decode("utf-8", "replace").splitlines()[:1]
        return None if first and _TITLE.match(first[0]) else "does not begin with 'Cycle n:sample:region'"

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read all blocks.

        Raises
        ------
        ReaderError
            When a block has no columns B.E. and CPS, or the file ends within a line.
        """
        text = path.read_text(encoding="utf-8", errors="replace")
        warnings: list[str] = []
        if not text.endswith("\n"):
            reason = "the last line is not ended: the file was cut"
            if not options.partial:
                raise ReaderError(path, f"{reason}; partial=True takes the lines before it")
            warnings.append(reason)
            text = text[: text.rfind("\n") + 1]
        lines = text.splitlines()
        starts = [at for at, line in enumerate(lines) if _TITLE.match(line)]
        regions = [
            _block(path, lines[start:stop], warnings)
            for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True)
        ]
        return Measured(dataset(path, [one for one in regions if one], warnings), warnings=warnings)


def _block(path: Path, lines: list[str], warnings: list[str]) -> Region | None:
    title = _TITLE.match(lines[0])
    heads = next((at for at, line in enumerate(lines) if "B.E." in line and "CPS" in line), None)
    if title is None or heads is None:
        warnings.append(f"block {lines[0][:40]!r} has no columns B.E. and CPS and is left out")
        return None
    stated = [cell.strip() for line in lines[1:heads] for cell in line.split("\t")]
    photon, dwell = (
        next((number(stated[at + 1]) for at, cell in enumerate(stated[:-1]) if cell == what), float("nan"))
        for what in (_PHOTON, _SECONDS)
    )
    columns = [cell.strip() for cell in lines[heads].split("\t")]
    energy, rate = columns.index("B.E."), columns.index("CPS")
    try:
        rows = [line.split("\t") for line in lines[heads + 1 :] if line.strip()]
        table = np.array([(row[energy], row[rate]) for row in rows], float).reshape(-1, 2)
    except (IndexError, ValueError) as error:
        raise ReaderError(path, f"block {lines[0][:40]!r}: {error}") from None
    return Region(
        title["region"], table[:, 0], table[:, 1], positive(dwell), positive(photon), sample=title["sample"].strip()
    )
