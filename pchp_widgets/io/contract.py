"""What a reader of instrument files is, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import xarray as xr

HEAD_BYTES = 8192
"""How much of a file a reader is shown before it has to say whether the file is its own."""


class ReaderError(ValueError):
    """A file that cannot be read, with the file, the reason and the remedy."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = Path(path)
        self.reason = reason


class ReaderWarning(UserWarning):
    """Something in a file that was passed over, repaired or is doubtful."""


@dataclass(frozen=True)
class ReadOptions:
    """What the caller adds to a file.

    Attributes
    ----------
    partial
        Give what is sound of a damaged or still growing file, with a warning, instead of an error.
    current
        Amplitude of the current [mA] for files that hold none; NaN when not given.
    columns
        Header of the file by our name, for text files whose headers are not understood:
        ``{"time": "t (h)", "voltage": "E"}``. The unit is taken from the header unless written as ``"E [mV]"``.
    """

    partial: bool = False
    current: float = float("nan")
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Recording:
    """What one file holds, before steps and cycles are counted.

    Attributes
    ----------
    points
        Dataset (point) with at least ``time`` [s], ``voltage`` [V] and ``current`` [mA], made by
        :func:`pchp_widgets.model.schema.dataset`. A variable that was not measured says so in
        ``attrs["origin"]`` (``"derived: ..."`` or ``"assumed: ..."``). Empty (no variables) when the file holds only
        spectra.
    spectra
        Flat impedance points: Dataset (point) with ``spectrum`` (0, 1, ...), ``frequency`` [Hz], ``z_real``,
        ``z_imag`` [ohm], ``time`` [s] and, where known, ``voltage`` [V]; None when the file has none. A spectrum is one
        sweep: its frequencies are positive and run one way.
    metadata
        Cell metadata the file itself states, typed as a person would (``{"area": "0.5 cm2"}``). The caller's win.
    provenance
        Texts on where the data come from: ``instrument``, ``software``, ``start_time`` (ISO 8601), ``technique``,
        ``channel``, ``serial_number``, ``comment`` ... whatever the file has.
    settings
        The protocol as the file states it, for people to read; may be empty.
    warnings
        Sentences on everything passed over, repaired or doubtful.
    finished
        Whether the test had ended when the file was written; None when the file does not tell.
    """

    points: xr.Dataset
    spectra: xr.Dataset | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    finished: bool | None = None


@runtime_checkable
class Reader(Protocol):
    """A reader needs no base class: it has these attributes and two methods.

    It is announced by one line of ``[project.entry-points."pchp_widgets.readers"]`` whose value is the class.
    """

    name: str
    """Short and unique, for example ``"biologic-mpr"``."""
    description: str
    """Instrument, software and format, for the table of formats."""
    suffixes: tuple[str, ...]
    """Usual endings in lower case with the dot; only used to ask the likelier readers first."""
    version: str
    """Changes whenever the same bytes would give another result, so that studies are rebuilt."""
    fallback: bool
    """True for a reader of anything (plain columns): it is asked after all the others."""

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are not ours, or None when they are. Must not open anything."""
        ...

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file is truncated, damaged or not what it seemed, and ``options.partial`` is not set.
        """
        ...


@dataclass
class Measured:
    """What one file about a material holds.

    Attributes
    ----------
    data
        One sample, made by :func:`pchp_widgets.model.measurements.measurement`; a file of several holds them along
        ``sample``. What the file states about the measurement and is no metadata of a sample is in its attributes.
    metadata
        Metadata of the sample the file itself states, typed as a person would (``{"mass": "5.2 mg"}``). The caller's
        win.
    provenance, settings, warnings
        As for :class:`Recording`.
    name
        Of the sample, where the name of the file says nothing, as ``procs``.
    """

    data: xr.Dataset
    metadata: dict[str, object] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    name: str = ""


@runtime_checkable
class MeasurementReader(Protocol):
    """A reader of files about materials: as :class:`Reader`, but it gives a measurement of one technique.

    It is announced by one line of ``[project.entry-points."pchp_widgets.measurement_readers"]``.
    """

    name: str
    description: str
    suffixes: tuple[str, ...]
    version: str
    fallback: bool
    technique: str
    """One of :data:`pchp_widgets.model.measurements.TECHNIQUES`."""

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are not ours, or None when they are. Must not open anything."""
        ...

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file is truncated, damaged or not what it seemed.
        """
        ...


@runtime_checkable
class OfSeveralFiles(Protocol):
    """What a reader of a format of several files has besides: a change of any of them is a change of the data."""

    def companions(self, path: Path) -> Sequence[Path]:
        """Places of the other files that go into what `path` is read as, whether they are there or not."""
        ...


def companions(reader: Reader | MeasurementReader, path: Path) -> tuple[Path, ...]:
    """Files that are read with this one, where they are there; none for a reader of single files."""
    return tuple(reader.companions(path)) if isinstance(reader, OfSeveralFiles) else ()
