"""VAMAS surface chemical analysis files (ISO 14976): regular and irregular scans, any number of blocks.

The format is a list of lines whose meaning follows from their place; W.A. Dench, L.B. Hazell and M.P. Seah, Surf.
Interface Anal. 13 (1988) 63, in the order of ISO 14976:1998. Files of CasaXPS, Kratos, SPECS and Thermo keep to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import FloatArray, Region, dataset, positive, separated, soundly

_MAGIC = b"VAMAS Surface Chemical Analysis Standard Data Transfer Format"
_MAPS, _LINES = {"MAP", "MAPDP"}, {"MAPSV", "MAPSVDP", "SEM"}
_SPUTTERED = {"MAPDP", "MAPSVDP", "SDP", "SDPSV"}
_ION_TECHNIQUES = {"FABMS", "FABMS energy spec", "ISS", "SIMS", "SIMS energy spec", "SNMS", "SNMS energy spec"}
_REGIONAL = {"MAP", "MAPDP", "NORM", "SDP"}
_MOST = 1_000_000
_UNKNOWN = {"", "not specified", "none"}
_CALIBRATED = re.compile(r"Calib\s+M\s*=\s*\S+\s+A\s*=\s*\S+\s+\w+\s+\w+", re.IGNORECASE)


class VamasReader:
    """Every block with technique XPS or UPS is a region; levels of a depth profile and positions are samples."""

    name = "vamas"
    description = "VAMAS (ISO 14976) spectra of photoemission, from CasaXPS and most instruments"
    suffixes = (".vms", ".npl")
    version = "1"
    fallback = False
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for a file that begins with the line every VAMAS file begins with."""
        return None if head.lstrip().startswith(_MAGIC) else "does not begin with 'VAMAS Surface Chemical Analysis'"

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read all blocks.

        Raises
        ------
        ReaderError
            When the file ends within a block and ``options.partial`` is not set, a line is not what should stand
            there, or there is no spectrum of photoelectrons.
        """
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        cursor = _Cursor(path, lines, partial=options.partial)
        form = _Form(cursor)
        regions: list[Region] = []
        levels: list[str] = []
        warnings: list[str] = []
        for block in range(form.blocks):
            try:
                found = _block(cursor, form, path)
            except ReaderError as error:
                if not (options.partial and regions):
                    raise
                warnings.append(f"only {block} of {form.blocks} blocks are whole: {error.reason}")
                break
            if found is None:
                warnings.append(f"block {block + 1} is no photoelectron spectrum and is left out")
                continue
            regions.append(found[0])
            levels.append(found[1])
        else:
            if not cursor.ended:
                _cut(path, options, warnings)
        if not regions:
            raise ReaderError(path, "holds no block of photoelectron spectra (technique XPS or UPS)")
        separated(regions, levels)
        shifted = sorted({text for region in regions for text in region.notes.values()})
        warnings += [f"CasaXPS states a calibration, which is not applied: {text}" for text in shifted]
        provenance = {"instrument": form.instrument, "institution": form.institution, "comment": form.comment}
        data = dataset(path, regions, warnings)
        return Measured(data, provenance=provenance, warnings=warnings)


def _cut(path: Path, options: ReadOptions, warnings: list[str]) -> None:
    text = "the line 'end of experiment' is missing: the file was cut, or has more blocks than it says"
    if not options.partial:
        raise ReaderError(path, f"{text}; partial=True takes what is there")
    warnings.append(text)


class _Cursor:
    """A place in the lines."""

    def __init__(self, path: Path, lines: list[str], *, partial: bool) -> None:
        self.path, self.lines, self.partial, self.at = path, lines, partial, 0

    def text(self) -> str:
        if self.at >= len(self.lines):
            raise ReaderError(self.path, "ends in the middle of a block; partial=True takes what is before it")
        self.at += 1
        return self.lines[self.at - 1].strip()

    def real(self, what: str) -> float:
        text = self.text()
        try:
            value = float(text)
        except ValueError:
            raise ReaderError(self.path, f"line {self.at}: {what} is expected, found {text[:40]!r}") from None
        return value if abs(value) < 1e36 else float("nan")

    def count(self, what: str) -> int:
        value = self.real(what)
        if not (value == int(value) if np.isfinite(value) else False) or abs(value) > _MOST:
            raise ReaderError(self.path, f"line {self.at}: {what} is expected, found {value}")
        return int(value)

    def skip(self, lines: int) -> None:
        for _ in range(lines):
            self.text()

    def reals(self, count: int, width: int, what: str) -> FloatArray:
        left = len(self.lines) - self.at
        if count > left:
            if not self.partial or left <= 2 * width:
                raise ReaderError(self.path, "ends in the middle of a block; partial=True takes what is before it")
            count = (left - 1) // width * width  # the last line may be cut itself
        try:
            values = np.array(self.lines[self.at : self.at + count], float)
        except ValueError as error:
            raise ReaderError(self.path, f"from line {self.at + 1}: {what} are expected: {error}") from None
        self.at += count
        return np.where(np.abs(values) < 1e36, values, np.nan)

    @property
    def ended(self) -> bool:
        return self.at < len(self.lines) and self.lines[self.at].strip().lower() == "end of experiment"


class _Form:
    """The header: which lines a block has."""

    def __init__(self, cursor: _Cursor) -> None:
        cursor.text()
        self.institution, self.instrument = cursor.text(), cursor.text()
        cursor.skip(2)
        self.comment = "; ".join(cursor.text() for _ in range(cursor.count("the number of comment lines")))
        self.mode, self.scan = cursor.text().upper(), cursor.text().upper()
        if self.scan not in {"REGULAR", "IRREGULAR"}:
            reason = f"scan mode {self.scan[:20]!r}: only REGULAR and IRREGULAR scans hold spectra"
            raise ReaderError(cursor.path, reason)
        if self.mode in _REGIONAL:
            cursor.count("the number of regions")
        if self.mode in _MAPS:
            cursor.skip(1 + 2)  # number of positions, coordinates
        self.variables = [
            (cursor.text(), cursor.text()) for _ in range(cursor.count("the number of experimental variables"))
        ]
        excluded = cursor.count("the number of excluded entries")
        if excluded:
            reason = "leaves out lines of its blocks by an inclusion list; export it again without one"
            raise ReaderError(cursor.path, reason)
        cursor.skip(cursor.count("the number of manual entries"))
        self.further, self.more = cursor.count("a number of entries"), cursor.count("a number of entries")
        cursor.skip(self.further)
        self.blocks = cursor.count("the number of blocks")


@dataclass
class _Block:
    """What the lines of a block say."""

    called: str
    sample: str
    comments: list[str]
    technique: str
    level: str
    photon: float = float("nan")
    passed: float = float("nan")
    species: str = ""
    transition: str = ""
    axis: str = ""
    first: float = 0.0
    step: float = 0.0


def _block(cursor: _Cursor, form: _Form, path: Path) -> tuple[Region, str] | None:
    """A block as a region and its level; None when it is no spectrum of photoelectrons."""
    block = _conditions(cursor, form)
    variables = [(cursor.text(), cursor.text()) for _ in range(cursor.count("the number of variables"))]
    mode, seconds = cursor.text(), cursor.real("the time per point")
    scans = cursor.real("the number of scans")
    cursor.skip(1 + (7 if form.mode in _SPUTTERED else 0) + 3)
    cursor.skip(3 * cursor.count("the number of further numbers") + form.more)
    count = cursor.count("the number of values")
    cursor.skip(2 * len(variables))
    if count < 0 or not variables or count % len(variables):
        raise ReaderError(path, f"line {cursor.at}: {count} values do not fit {len(variables)} variables")
    table = cursor.reals(count, len(variables), f"{count} values of block {block.called!r}").reshape(-1, len(variables))
    energy: FloatArray = block.first + block.step * np.arange(len(table), dtype=float)
    intensity: FloatArray = table[:, 0]
    if form.scan == "IRREGULAR":
        if len(variables) < 2:
            raise ReaderError(path, f"block {block.called!r} has energies but no intensity")
        energy, intensity = table[:, 0], table[:, 1]
        block.axis, variables = variables[0][0], variables[1:]
    if block.technique not in {"XPS", "UPS"}:
        return None
    if "kinetic" in block.axis.lower():
        if not block.photon > 0:
            raise ReaderError(path, f"block {block.called!r}: kinetic energy without the energy of the source")
        energy = block.photon - energy
    dwell = positive(seconds * scans)
    rate = "/s" in variables[0][1] or "per sec" in f"{variables[0][0]} {block.called}".lower() or mode == "analogue"
    if rate and seconds == scans == 1:  # what programs write that were not told
        dwell = float("nan")
    intensity = intensity if rate or not np.isfinite(dwell) else intensity / dwell
    return _region(block, energy, intensity, dwell), block.level


def _conditions(cursor: _Cursor, form: _Form) -> _Block:
    """The lines of a block before its variables."""
    called, sample = cursor.text(), cursor.text()
    cursor.skip(7)
    comments = [cursor.text() for _ in range(cursor.count("the number of comment lines"))]
    technique = cursor.text()
    cursor.skip(2 if form.mode in _MAPS else 0)
    level = ", ".join(f"{label} {cursor.text()} {units}".strip() for label, units in form.variables)
    block = _Block(called, sample, comments, technique, level)
    cursor.skip(1 + (3 if form.mode in _SPUTTERED or technique in _ION_TECHNIQUES else 0))
    block.photon = cursor.real("the energy of the source")
    cursor.skip(3 + (2 if form.mode in _MAPS | _LINES else 0) + (6 if form.mode in _LINES else 0) + 3)
    block.passed = cursor.real("the pass energy")
    cursor.skip((1 if technique == "AES diff" else 0) + 7)
    block.species, block.transition = cursor.text(), cursor.text()
    cursor.skip(1)
    if form.scan == "REGULAR":
        block.axis = cursor.text()
        cursor.skip(1)
        block.first, block.step = cursor.real("the first energy"), cursor.real("the step of energy")
    return block


def _region(block: _Block, energy: FloatArray, intensity: FloatArray, dwell: float) -> Region:
    line = re.fullmatch(r"[1-7][spdf].*", block.transition)
    name = f"{block.species} {block.transition}"
    if not line:
        name = block.called if block.species.lower() in _UNKNOWN else block.species
    shifts = [found[0] for text in block.comments if (found := _CALIBRATED.search(text))]
    known = "" if block.sample.lower() in _UNKNOWN else block.sample
    notes = {"calibration": shifts[0]} if shifts else {}
    return Region(name, energy, intensity, dwell, positive(block.photon), positive(abs(block.passed)), known, notes)
