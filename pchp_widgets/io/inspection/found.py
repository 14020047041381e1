"""What each file of a folder is."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.cycles import half_cycles
from ..cell import cell_of
from ..contract import MeasurementReader, Reader, ReaderError, ReaderWarning
from ..files import Source, by_numbers
from ..measurement import open_measurement
from ..registry import measurement_reader_for, measurement_readers, reader_for, readers

_STAND_IN = "1 mA"
_FEW = 3
"""Readers of an ending, up to which their words help; of texts there are dozens."""
_ENOUGH = 20
"""Points from which on two files with the same times and voltages at both ends are the same measurement."""

_ALIKE = 5e-5
"""Voltages [V] and times [s] of two exports agree within this, and 1e-5 of the value."""

_SAME_CURRENT = 1e-3
"""And currents within this share of the largest."""


@dataclass
class CellFile:
    """A file of a cell.

    Attributes
    ----------
    path
        Relative to the folder.
    tree
        As :func:`pchp_widgets.open_cell` gives it, without the points.
    points
        How many points it has.
    likeness
        Time, voltage and current (quantity, point) at some points, to know two exports of one measurement by; empty
        where there is too little.
    needs
        Metadata without which it cannot be opened: ``"current"``, or nothing.
    """

    path: Path
    tree: xr.DataTree
    points: int
    likeness: npt.NDArray[np.float64]
    needs: str = ""

    @cached_property
    def only_spectra(self) -> bool:
        """Whether it holds spectra, and no current that was passed on purpose."""
        if "steps" not in self.tree.children:
            return True
        idle = not bool(half_cycles(self.tree["steps"].to_dataset())["charge"].notnull().any())
        return idle and "spectra" in self.tree.children


@dataclass
class MeasurementFile:
    """A file about a material, measured by a technique."""

    path: Path
    technique: str
    data: xr.Dataset


@dataclass
class Findings:
    """All files of a folder: those of cells, those about materials, and why the others are not used."""

    cells: list[CellFile] = field(default_factory=list)
    measurements: list[MeasurementFile] = field(default_factory=list)
    unread: dict[Path, str] = field(default_factory=dict)

    def look_at(self, folder: Path, path: Path) -> None:
        """Read a file, and keep what it is or why it is not used."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)  # they are kept with what was read
            found = _look(folder, path)
        if isinstance(found, MeasurementFile):
            self.measurements.append(found)
        elif isinstance(found, str):
            self.unread[path] = found
        else:
            twin = next((one for one in self.cells if _same(one, found)), None)
            if twin is None:
                self.cells.append(found)
            else:
                self.unread[path] = f"the same measurement as {twin.path.as_posix()}"


def files_of(folder: Path) -> list[Path]:
    """Every file that may hold data, relative to the folder: nothing hidden, no stores, no TOML."""
    found = []
    for path in folder.rglob("*"):
        place = path.relative_to(folder)
        passed_over = any(part.startswith((".", "__", "~$")) or part.endswith(".zarr") for part in place.parts)
        if path.is_file() and not passed_over and path.suffix.lower() != ".toml":
            found.append(place)
    return sorted(found, key=lambda place: by_numbers(place.as_posix()))


def _same(one: CellFile, other: CellFile) -> bool:
    if one.tree.attrs["source_sha256"] == other.tree.attrs["source_sha256"]:
        return True
    if one.points != other.points or not one.likeness.size or not other.likeness.size:
        return False
    *traces, current = zip(one.likeness, other.likeness, strict=True)
    # held at the same voltage, cells differ by their current alone
    flows_alike = np.allclose(*current, rtol=0, atol=_SAME_CURRENT * float(np.max(np.abs(current))))
    return flows_alike and all(np.allclose(*pair, rtol=1e-5, atol=_ALIKE) for pair in traces)


def _look(folder: Path, path: Path) -> CellFile | MeasurementFile | str:
    """Ask the readers that know a format by its marks, those of cells first, then those of any table."""
    whole, reasons = folder / path, []
    try:
        reader = reader_for(whole)
    except ReaderError as error:
        reader = None
        reasons.append(_why_none(error, path))
    if reader is not None and not reader.fallback:
        return _of_cell(whole, path, reader)
    own = _measurement(whole, path, fallback=False)
    if own is not None:
        return own
    if reader is not None:
        found = _of_cell(whole, path, reader)
        if not isinstance(found, str):
            return found
        reasons.append(found)
    return _measurement(whole, path, fallback=True) or reasons[-1]


def _of_cell(whole: Path, path: Path, reader: Reader) -> CellFile | str:
    try:
        return _cell_file(cell_of([Source(whole)]), path)
    except (ReaderError, ValueError) as error:
        reason = error.reason if isinstance(error, ReaderError) else str(error)
    if reader.fallback:
        try:
            found = _cell_file(cell_of([Source(whole)], current=_STAND_IN), path)
        except (ReaderError, ValueError):
            return reason
        found.needs = "current"
        return found
    return f"{reader.name}: {reason}"


def _cell_file(tree: xr.DataTree, path: Path) -> CellFile:
    likeness, count = np.zeros(0), 0
    if "points" in tree.children:
        points = tree["points"].to_dataset()
        count = points.sizes["point"]
        if count >= _ENOUGH and np.ptp(points["voltage"].values) > 10 * _ALIKE:
            places = np.linspace(0, count - 1, _ENOUGH).astype(int)
            likeness = np.stack([points[name].values[places] for name in ("time", "voltage", "current")])
    return CellFile(path, without_points(tree), count, likeness)


def without_points(tree: xr.DataTree) -> xr.DataTree:
    """A cell without its points, which may be large and are not needed any more."""
    kept = {name: child.to_dataset() for name, child in tree.children.items() if name != "points"}
    return xr.DataTree.from_dict({"/": tree.to_dataset(), **kept}, name=tree.name)


def _measurement(whole: Path, path: Path, *, fallback: bool) -> MeasurementFile | str | None:
    """What a reader of materials makes of a file; None where none takes it, or only one of any table fails."""
    if not fallback:
        try:
            reader = measurement_reader_for(whole)
        except ReaderError:
            return None
        if reader.fallback:
            return None
        try:
            return MeasurementFile(path, reader.technique, open_measurement(whole))
        except (ReaderError, ValueError) as error:
            return f"{reader.name}: {error.reason if isinstance(error, ReaderError) else error}"
    for technique in dict.fromkeys(reader.technique for reader in measurement_readers() if reader.fallback):
        try:
            return MeasurementFile(path, technique, open_measurement(whole, technique=technique))
        except (ReaderError, ValueError):
            continue
    return None


def _why_none(error: ReaderError, path: Path) -> str:
    """Why no reader takes a file: the word of the few that usually take this ending, or that none does."""
    first, *declined = error.reason.splitlines()
    known: list[Reader | MeasurementReader] = [*readers(), *measurement_readers()]
    likely = {reader.name for reader in known if path.suffix.lower() in reader.suffixes}
    own = [line.strip() for line in declined if line.strip().partition(":")[0] in likely]
    return "; ".join(own) if 0 < len(own) <= _FEW else first.partition(" Asked were")[0]
