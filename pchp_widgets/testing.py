"""What a reader has to keep to, as one function for the tests of readers inside and outside of this package."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from .io.contract import HEAD_BYTES, Measured, MeasurementReader, Reader, ReaderError, ReadOptions, Recording
from .model.measurements import TECHNIQUES, faults
from .model.samples import sample_metadata
from .model.schema import validate

AnyReader: TypeAlias = Reader | MeasurementReader
Result: TypeAlias = Recording | Measured

_SNIFF_SECONDS = 0.010
_READ_SECONDS = 1.0
_FLIPS = 24
_SPECTRA = ("spectrum", "frequency", "z_real", "z_imag")

_random = np.random.default_rng(20241101)
_FOREIGN = {
    "no bytes": b"",
    "random bytes": _random.bytes(HEAD_BYTES),
    "zeros": bytes(HEAD_BYTES),
    "a PNG image": b"\x89PNG\r\n\x1a\n" + _random.bytes(500),
    "a PDF": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "a zip of something else": b"PK\x03\x04\x14\0\0\0\x08\0" + _random.bytes(16) + b"\x08\0\0\0word.xml",
    "HTML": b"<!DOCTYPE html>\n<html><body><p>1, 2, 3</p></body></html>\n",
    "prose": b"The cell was kept at rest for ten hours. Then it was cycled.\n" * 20,
}


def check_reader(
    reader_class: Callable[[], AnyReader],
    path: Path | str,
    *,
    options: ReadOptions | None = None,
    partial_ok: bool = True,
    loss_shows: bool = True,
    folder: Path | str | None = None,
) -> None:
    """Check a reader of cells or of materials against its contract on one sound file.

    It has all attributes; sniffing takes less than 10 ms, opens nothing, takes the file's first bytes and declines
    foreign ones with a reason; what is read keeps to the schema, is the same the second time and under another file
    name; empty, cut and bit-flipped copies give a :class:`ReaderError` or a result that keeps to the schema, within a
    second, and never any other exception. The contracts are :class:`pchp_widgets.io.contract.Reader` and
    :class:`~pchp_widgets.io.contract.MeasurementReader`.

    Parameters
    ----------
    reader_class
        The value of the entry point.
    path
        A sound file, best of some 10 to 100 kB: several dozen damaged copies of it are read.
    options
        What the file needs to be read (the amplitude of the current, a column map).
    partial_ok
        Whether ``partial=True`` gives what is left of a cut file, as it should wherever the format allows.
    loss_shows
        Whether the format lets a cut be noticed. A cut copy then has to raise, or at least to warn.
    folder
        For a format of several files, the folder that holds them all, `path` among them: damaged copies of `path` lie
        in sound copies of it, and the file keeps its name.

    Raises
    ------
    AssertionError
        Says what is expected and what was found.

    Examples
    --------
    >>> check_reader(MyReader, "tests/data/small.xyz")  # doctest: +SKIP
    """
    path, options = Path(path), options or ReadOptions()
    reader = reader_class()
    _check_attributes(reader)
    _check_sniff(reader, path)
    sound = _read(reader, path, options)
    check_result(reader, sound, path.name)
    if isinstance(sound, Measured):
        sample_metadata(sound.metadata)
    _check_same(sound, _read(reader, path, options), "read a second time")
    data = path.read_bytes()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        if folder is None:
            copy, renamed = Path(scratch) / path.name, Path(scratch) / "renamed.unknown"
            renamed.write_bytes(data)
            _check_same(sound, _read(reader, renamed, options), "read under a name with another ending")
        else:
            copy = Path(shutil.copytree(folder, Path(scratch) / "copy")) / path.relative_to(folder)
        _check_damaged(reader, data, copy, options, partial_ok=partial_ok, loss_shows=loss_shows)


def _expect(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def _check_attributes(reader: AnyReader) -> None:
    for name, kind in (("name", str), ("description", str), ("version", str), ("suffixes", tuple), ("fallback", bool)):
        value = getattr(reader, name, None)
        _expect(isinstance(value, kind), f"{name}: a {kind.__name__} is expected, found {value!r}")
        _expect(value or name in {"suffixes", "fallback"}, f"{name}: must not be empty")
    for suffix in reader.suffixes:
        _expect(
            suffix.startswith(".") and suffix == suffix.lower(),
            f"suffixes: lower case with the dot is expected, found {suffix!r}",
        )
    _expect(isinstance(reader, Reader), "sniff(head) and read(path, options) are expected")
    technique = getattr(reader, "technique", None)
    _expect(technique in {None, *TECHNIQUES}, f"technique: one of {', '.join(TECHNIQUES)} is expected")


def _check_sniff(reader: AnyReader, path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    reason = reader.sniff(head)
    _expect(reason is None, f"sniff declines the sound file: {reason}")
    seconds = []
    with _opened_files() as opened:
        for _ in range(5):
            start = time.thread_time()  # what others do on the machine is not counted
            reader.sniff(head)
            seconds.append(time.thread_time() - start)
    _expect(not opened, f"sniff must not open anything, it opened {opened[:3]}")
    quickest = min(seconds)
    _expect(quickest < _SNIFF_SECONDS, f"sniff takes {quickest * 1e3:.1f} ms; less than 10 ms is expected")
    for what, foreign in _FOREIGN.items():
        reason = reader.sniff(foreign)
        _expect(isinstance(reason, str) and reason, f"sniff of {what}: a reason is expected, found {reason!r}")


def check_result(reader: AnyReader, found: Result, where: str) -> None:
    """Check that a result is what the contract asks for; `where` is said first in the ``AssertionError``."""
    technique = getattr(reader, "technique", None)
    kind = Recording if technique is None else Measured
    _expect(isinstance(found, kind), f"{where}: read must give a {kind.__name__}, found {type(found).__name__}")
    _expect(all(isinstance(text, str) for text in found.warnings), f"{where}: warnings must be sentences")
    _expect(all(isinstance(text, str) for text in found.provenance.values()), f"{where}: provenance must be texts")
    if isinstance(found, Recording):
        _check_recording(found, where)
        return
    stated = found.data.attrs.get("technique")
    _expect(stated == technique, f"{where}: a measurement of {technique} is expected, found {stated!r}")
    wrong = faults(found.data)
    _expect(not wrong, f"{where}: the measurement does not keep to the schema: {'; '.join(wrong)}")


def _check_recording(recording: Recording, where: str) -> None:
    points, spectra = recording.points, recording.spectra
    if points.variables:
        form = validate(points.isel(point=slice(0, 0)), "points")
        _expect(not form, f"{where}: the points do not keep to the schema: {'; '.join(form)}")
        doubts = validate(points, "points")
        _expect(not doubts or recording.warnings, f"{where}: not said in the warnings: {'; '.join(doubts)}")
    else:
        _expect(spectra is not None, f"{where}: there are neither points nor spectra")
    if spectra is not None:
        missing = [name for name in _SPECTRA if name not in spectra.variables]
        _expect(not missing, f"{where}: the spectra lack {', '.join(missing)}")


def _check_same(first: Result, second: Result, how: str) -> None:
    if isinstance(first, Recording) and isinstance(second, Recording):
        _expect(first.points.identical(second.points), f"the points differ when {how}")
        if first.spectra is not None and second.spectra is not None:
            _expect(first.spectra.identical(second.spectra), f"the spectra differ when {how}")
        else:
            _expect(first.spectra is second.spectra, f"the spectra differ when {how}")
    if isinstance(first, Measured) and isinstance(second, Measured):
        _expect(first.data.identical(second.data), f"the data differ when {how}")
    for name in ("metadata", "provenance", "warnings"):
        _expect(getattr(first, name) == getattr(second, name), f"{name} differs when {how}")


def _check_damaged(
    reader: AnyReader, data: bytes, path: Path, options: ReadOptions, *, partial_ok: bool, loss_shows: bool
) -> None:
    path.write_bytes(b"")
    found = _outcome(reader, path, options, "an empty file")
    _expect(isinstance(found, ReaderError), "an empty file: a ReaderError is expected")
    for fraction in (0.02, 0.3, 0.6, 0.95):
        end = int(fraction * len(data))
        while end > 1 and data[end - 1 : end] in {b"\n", b"\r"}:
            end -= 1  # a text cut at the end of a line looks whole
        path.write_bytes(data[:end])
        what = f"a copy cut to {fraction:.0%}"
        found = _outcome(reader, path, options, what)
        if loss_shows:
            shows = isinstance(found, ReaderError) or found.warnings
            _expect(shows, f"{what}: a ReaderError or a warning is expected, a result without any was given")
        if partial_ok and fraction > 0.5:
            found = _outcome(reader, path, replace(options, partial=True), f"{what}, with partial=True")
            given = not isinstance(found, ReaderError)
            _expect(given, f"{what}, with partial=True: what is sound is expected, found {found}")
    bits = np.random.default_rng(1)
    for position in np.sort(bits.integers(0, len(data), _FLIPS)).tolist():
        flipped = bytearray(data)
        flipped[position] ^= 1 << int(bits.integers(8))
        path.write_bytes(flipped)
        _outcome(reader, path, options, f"a copy with a bit flipped in byte {position}")


def _read(reader: AnyReader, path: Path, options: ReadOptions) -> Result:
    try:
        return reader.read(path, options)
    except ReaderError as error:
        raise AssertionError(f"the sound file cannot be read: {error.reason}") from error


def _outcome(reader: AnyReader, path: Path, options: ReadOptions, what: str) -> Result | ReaderError:
    """What a damaged file gives; anything but a ReaderError or a result in order is a failure."""
    for attempt in (1, 2):  # a second time before a slow machine is taken for a slow reader
        start = time.perf_counter()
        found: Result | ReaderError
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = reader.read(path, options)
        except ReaderError as error:
            found = error
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # panics of extension modules are no Exception
            raise AssertionError(f"{what}: {type(error).__name__} instead of a ReaderError: {error}") from error
        seconds = time.perf_counter() - start
        if seconds < _READ_SECONDS:
            break
        _expect(attempt == 1, f"{what}: took {seconds:.1f} s; less than a second is expected")
    if isinstance(found, ReaderError):
        _expect(str(path) in str(found) and found.reason, f"{what}: the error must name the file and the reason")
    else:
        check_result(reader, found, what)
    return found


_watched: list[list[str]] = []


def _note_open(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watched:
        _watched[-1].append(str(arguments[0]))


@contextmanager
def _opened_files() -> Iterator[list[str]]:
    """Names of all files that are opened inside; an audit hook cannot be taken back, so there is only one."""
    if _note_open not in _hooks:
        sys.addaudithook(_note_open)
        _hooks.append(_note_open)
    names: list[str] = []
    _watched.append(names)
    try:
        yield names
    finally:
        _watched.remove(names)


_hooks: list[Callable[[str, tuple[Any, ...]], None]] = []
