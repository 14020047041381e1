"""Plain columns of an energy and an intensity, as beamlines and people write them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import Region, dataset, soundly

_BINDING = re.compile(r"binding|\bB\.?E\b|^BE_|E_?B\b", re.IGNORECASE)
_KINETIC = re.compile(r"kinetic|\bK\.?E\b|^KE_|E_?kin", re.IGNORECASE)
_INTENSITY = re.compile(r"count|intens|cps|\bc/s\b|signal", re.IGNORECASE)
_PHOTON = re.compile(r"(?:h\s*[vν]|photon[ _]?energy|excitation[ _]?energy)\s*[=:]?\s*([\d.]+)\s*(k?)eV", re.IGNORECASE)
_SEPARATORS = (",", ";", "\t")
_MINIMUM = 5


class SpectrumCsvReader:
    """Text whose first line names a binding or a kinetic energy and an intensity, one region per file.

    The region is a core level that the lines down to the headers name, else "spectrum". Over kinetic energy, they say
    the photon energy too, as in ``hv=180eV``.
    ``columns`` gives other names, ``{"binding_energy": "x", "intensity": "y"}``.
    """

    name = "spectrum-csv"
    description = "Columns of binding or kinetic energy and intensity (csv, txt)"
    suffixes = (".csv", ".txt", ".dat")
    version = "1"
    fallback = True
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for numbers under a line that names an energy and an intensity."""
        if b"\0" in head:
            return "is no text"
        lines = head.decode("utf-8-sig", "replace").splitlines()
        try:
            found = _layout(lines)
        except ValueError as reason:
            return str(reason)
        head_cells = found[1]
        if not any(_BINDING.search(cell) or _KINETIC.search(cell) for cell in head_cells):
            return "no column is called binding energy or kinetic energy"
        return (
            None if any(_INTENSITY.search(cell) for cell in head_cells) else "no column is called counts or intensity"
        )

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the columns.

        Raises
        ------
        ReaderError
            When an energy or an intensity is not found, or kinetic energies come without the photon energy.
        """
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        lines = text.splitlines()
        warnings: list[str] = []
        try:
            at, cells, separator = _layout(lines)
        except ValueError as reason:
            raise ReaderError(path, str(reason)) from None
        if text and not text.endswith(("\n", "\r")) and len(_cells(lines[-1], separator)) < len(cells):
            if not options.partial:
                raise ReaderError(path, "the last line is cut; partial=True takes the lines before it")
            warnings.append("the last line is cut and left out")
            lines = lines[:-1]
        energy_at, kinetic, intensity_at = _columns(path, cells, options)
        rows = [_cells(line, separator) for line in lines[at + 1 :] if line.strip() and not line.startswith("#")]
        bad = [row for row in rows if len(row) <= max(energy_at, intensity_at)]
        if bad:
            raise ReaderError(path, f"{len(bad)} lines have fewer columns than the headers, such as {bad[0]}")
        try:
            table = np.array([(row[energy_at], row[intensity_at]) for row in rows], float).reshape(-1, 2)
        except ValueError as error:
            raise ReaderError(path, f"{error}: numbers are expected below the headers") from None
        stated = _PHOTON.search("\n".join(line for line in lines[: at + 1]))
        photon = float(stated[1]) * (1000.0 if stated[2] else 1.0) if stated else float("nan")
        energy = table[:, 0]
        if kinetic:
            if not photon > 0:
                remedy = "write it in the first line, as hv=1486.68eV"
                raise ReaderError(path, f"has kinetic energies, and does not say the photon energy: {remedy}")
            energy = photon - energy
        warnings.append("the counting time is not in the file: the noise is taken from the fit")
        region = Region(_level(lines[: at + 1]), energy, table[:, 1], photon=photon)
        return Measured(dataset(path, [region], warnings), warnings=warnings)


def _level(lines: list[str]) -> str:
    """The core level that the headers name, or "spectrum"."""
    found = re.search(r"\b([A-Z][a-z]?)\s?([1-7][spdf])\b", "\n".join(lines))
    return f"{found[1]} {found[2]}" if found else "spectrum"


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.lstrip("#").split(separator)]


def _layout(lines: list[str]) -> tuple[int, list[str], str]:
    """The line of the headers, its cells, and what separates them."""
    for at, line in enumerate(lines[:60]):
        following = [one for one in lines[at + 1 : at + 1 + _MINIMUM] if one.strip()]
        for separator in _SEPARATORS:
            cells = _cells(line, separator)
            if len(cells) < 2 or _is_number(cells[0]) or len(following) < 2:
                continue
            below = [_cells(one, separator) for one in following[:-1] or following]
            if all(len(row) >= 2 and _is_number(row[0]) and _is_number(row[1]) for row in below):
                return at, cells, separator
    remedy = "name the columns in the first line, such as 'binding energy (eV),counts'"
    raise ValueError(f"there are no headers above the numbers: {remedy}")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _columns(path: Path, cells: list[str], options: ReadOptions) -> tuple[int, bool, int]:
    """Places of the energy and of the intensity, and whether the energy is kinetic."""
    named = {name: cells.index(head) for name, head in options.columns.items() if head in cells}
    lost = [head for head in options.columns.values() if head not in cells]
    if lost:
        raise ReaderError(path, f"there is no column {lost[0]!r}; there are {', '.join(cells)}")
    binding = next((at for at, cell in enumerate(cells) if _BINDING.search(cell)), None)
    kinetic = next((at for at, cell in enumerate(cells) if _KINETIC.search(cell)), None)
    intensity = next((at for at, cell in enumerate(cells) if _INTENSITY.search(cell)), None)
    binding, kinetic = named.get("binding_energy", binding), named.get("kinetic_energy", kinetic)
    intensity = named.get("intensity", intensity)
    energy = binding if binding is not None else kinetic
    if energy is None or intensity is None:
        remedy = 'columns={"binding_energy": "x", "intensity": "y"}'
        raise ReaderError(path, f"which of {', '.join(cells)} are energy and intensity? say {remedy}")
    return energy, binding is None, intensity
