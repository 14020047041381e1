"""Files damaged in thousands of ways: a reader has to answer with a sound result or a refusal."""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import xarray as xr

from .io.cell import cell_tree, open_cell
from .io.contract import Measured, ReaderError, ReadOptions
from .io.measurement import open_measurement, sample_dataset
from .testing import AnyReader, Result, check_result

SECONDS = 2.0
"""Time of the processor that one damaged file may take."""
MEMORY = 256 * 2**20
"""What a reader may take besides ten times the size of the file [bytes]: buffers and threads of its libraries."""
_EXTREMES = (
    b"\0" * 8,
    b"\xff" * 8,
    b"\xff\xff\xff\x7f" * 2,
    b"\0\0\0\x80" * 2,
    b"\0\0\xc0\x7f" * 2,
    b"\0" * 6 + b"\xf8\x7f",
)
_WORDS = (b"", b"nan", b"-inf", b"1e400", b"-1", b"0", b"99999999999999999999", b"1.2.3", b"\xc3\x28", b'"', b"<", b"{")
_EVERY = 4


def fuzz_reader(
    reader_class: Callable[[], AnyReader],
    path: Path | str,
    *,
    mutations: int,
    seed: int = 0,
    options: ReadOptions | None = None,
    loss_shows: bool = True,
    folder: Path | str | None = None,
) -> None:
    """Read damaged copies of a sound file: cut, with flipped bits, spliced, with other decimal signs and numbers.

    Each gives a :class:`~pchp_widgets.io.contract.ReaderError` or a result that keeps to the schema, within
    :data:`SECONDS` and :data:`MEMORY` plus ten times the file; a copy that was cut and gives fewer values than the
    sound one says so in a warning. Every fourth copy goes through ``open_cell`` or ``open_measurement`` as well. Time
    and memory are bounded on Linux only.

    Parameters
    ----------
    reader_class, path, options, loss_shows, folder
        As for :func:`pchp_widgets.testing.check_reader`; of `folder` every file is damaged in turn.
    mutations
        How many copies.
    seed
        The copies are the same for the same seed, and number n is the same however many there are.

    Raises
    ------
    AssertionError
        Lists the copies that were answered wrongly, by number.
    """
    path, options, reader = Path(path), options or ReadOptions(), reader_class()
    sound = None if not _readable(reader, path, options) else _values(reader.read(path, options))
    wrong: dict[str, str] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        copy = Path(scratch) / path.name
        if folder is not None:
            copy = Path(shutil.copytree(folder, Path(scratch) / "copy")) / path.relative_to(folder)
        originals = {} if folder is None else {at: at.read_bytes() for at in copy.parent.rglob("*") if at.is_file()}
        originals[copy] = path.read_bytes()
        targets = sorted(originals)
        for number in range(mutations):
            target = targets[number % len(targets)]
            how, data = mutated(originals[target], np.random.default_rng([seed, number]))
            target.write_bytes(data)
            what = f"copy {number} of seed {seed} ({target.name}: {how})"
            shows = loss_shows and how.startswith("cut") and sound is not None
            fault = _fault(reader, copy, options, sound if shows and sound else 0, public=number % _EVERY == 0)
            if fault:
                wrong.setdefault(fault, what)
            target.write_bytes(originals[target])
    if wrong:
        listed = "\n".join(f"  {what}: {fault}" for fault, what in wrong.items())
        raise AssertionError(f"{reader.name}: {len(wrong)} kinds of wrong answers\n{listed}")


def mutated(data: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """What was done to the bytes, and the damaged bytes; of archives half the time the inside is damaged."""
    if rng.random() < 0.5:
        inside = _inside(data, rng)
        if inside is not None:
            return inside
    name, change = list(_CHANGES.items())[int(rng.integers(len(_CHANGES)))]
    changed = change(data, rng)
    return name, changed if changed != data else data[:-1]


def _inside(data: bytes, rng: np.random.Generator) -> tuple[str, bytes] | None:
    if data.startswith(b"\x1f\x8b"):
        how, inner = mutated(gzip.decompress(data), rng)
        return f"inside, {how}", gzip.compress(inner, mtime=0)
    if not data.startswith(b"PK\x03\x04"):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(members)[int(rng.integers(len(members)))]
    how, members[name] = mutated(members[name], rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return f"inside, {name} {how}", packed.getvalue()


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut anywhere; a text in the first third of a line, for cut at the end of a line or of a number it looks whole."""
    end = int(rng.integers(0, max(len(data), 1)))
    if b"\0" in data[:4096] or b"\n" not in data:
        return data[:end]
    begin = data.rfind(b"\n", 0, end) + 1
    stop = data.find(b"\n", end)
    line = data[begin : stop if stop >= 0 else len(data)]
    kept = data[begin : begin + max(len(line) // 3, 1)]
    return data[: begin + len(kept)] if any(sign not in b" \t\r,;" for sign in kept) else data[:begin]


def _flip(data: bytes, rng: np.random.Generator) -> bytes:
    found = bytearray(data)
    for at in rng.integers(0, max(len(data), 1), int(rng.integers(1, 9))) if data else ():
        found[at] ^= 1 << int(rng.integers(8))
    return bytes(found)


def _splice(data: bytes, rng: np.random.Generator) -> bytes:
    """A run is left out, put in twice, or put in elsewhere."""
    (first, last), to = np.sort(rng.integers(0, len(data) + 1, 2)).tolist(), int(rng.integers(len(data) + 1))
    last = min(last, first + int(10 ** rng.uniform(0, 4)))
    run, kind = data[first:last], int(rng.integers(3))
    if kind == 0:
        return data[:first] + data[last:]
    return data[:to] + run + data[to:] if kind == 1 else data[:last] + run + data[last:]


def _decimals(data: bytes, rng: np.random.Generator) -> bytes:
    """Point and comma change places: all, those of a line, or one."""
    swapped = data.translate(bytes.maketrans(b".,", b",."))
    at, kind = int(rng.integers(len(data) + 1)), int(rng.integers(3))
    if kind == 0:
        return swapped
    sign = next((place for place in range(at, len(data)) if data[place] in b".,"), at)
    end = data.find(b"\n", sign) if kind == 1 else sign + 1
    return data[:sign] + swapped[sign : end if end >= 0 else len(data)] + data[end if end >= 0 else len(data) :]


def _extreme(data: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes, as a length or a number, are the largest, the smallest or no number."""
    at, long = int(rng.integers(len(data) + 1)), int(rng.choice([1, 2, 4, 8]))
    word = _EXTREMES[int(rng.integers(len(_EXTREMES)))][-long:]
    return data[:at] + word + data[at + long :]


def _number(data: bytes, rng: np.random.Generator) -> bytes:
    """A number of a text is another, or none."""
    at = int(rng.integers(len(data) + 1))
    first = next((place for place in range(at, len(data)) if data[place] in b"0123456789"), at)
    last = next((place for place in range(first, len(data)) if data[place] not in b"0123456789.eE+-"), len(data))
    return data[:first] + _WORDS[int(rng.integers(len(_WORDS)))] + data[last:]


def _lines(data: bytes, rng: np.random.Generator) -> bytes:
    """A line is left out, doubled, or changes places with another."""
    lines = data.splitlines(keepends=True) or [b""]
    first, second, kind = (int(at) for at in rng.integers(0, [len(lines), len(lines), 3]))
    if kind == 2:
        lines[first], lines[second] = lines[second], lines[first]
    else:
        lines[first : first + 1] = [lines[first]] * 2 * kind
    return b"".join(lines)


_CHANGES: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    "cut": _cut,
    "bits flipped": _flip,
    "spliced": _splice,
    "decimal signs": _decimals,
    "extreme bytes": _extreme,
    "another number": _number,
    "lines": _lines,
}


def _readable(reader: AnyReader, path: Path, options: ReadOptions) -> bool:
    """Whether the sound file is read; a reader may be there only to refuse its files with words."""
    try:
        reader.read(path, options)
    except ReaderError:
        return False
    return True


def _fault(reader: AnyReader, path: Path, options: ReadOptions, sound: int, *, public: bool) -> str:
    """What is wrong with the answer to a damaged file."""
    try:
        with warnings.catch_warnings(), _bounded(path.stat().st_size):
            warnings.simplefilter("ignore")
            found = reader.read(path, options)
            check_result(reader, found, path.name)
            _assembled(found, path, reader)
            if public:
                _open(reader, path, options)
    except ReaderError as error:
        named = str(path.parent) in str(error) and bool(error.reason)
        return "" if named else f"the error must name the file and the reason: {error}"
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  panics of extension modules are no Exception
        return f"{type(error).__name__} at {_place(error)}: {str(error)[:200]}"
    silent = not found.warnings and _values(found) < sound
    return "a part is given without a warning" if silent else ""


def _assembled(found: Result, path: Path, reader: AnyReader) -> None:
    """What the framework makes of the result."""
    if isinstance(found, Measured):
        sample_dataset(found, path, reader, "a", {}, "0" * 64)  # type: ignore[arg-type]
    else:
        cell_tree(found, path, reader, "a", {}, "0" * 64)  # type: ignore[arg-type]


def _open(reader: AnyReader, path: Path, options: ReadOptions) -> None:
    """Open a file as a user does, whichever reader then takes it."""
    if getattr(reader, "technique", None) is None:
        known: dict[str, object] = {} if np.isnan(options.current) else {"current": f"{options.current} mA"}
        open_cell(path, columns=options.columns, name=None, partial=False, **known)
    else:
        open_measurement(path, columns=options.columns)


def _values(found: Result) -> int:
    """How many numbers were read."""
    parts: list[xr.Dataset | None] = [found.data] if isinstance(found, Measured) else [found.points, found.spectra]
    arrays = [one.values for part in parts if part is not None for one in part.variables.values()]
    return sum(int(np.isfinite(values).sum()) for values in arrays if values.dtype.kind in "iuf")


def _place(error: BaseException) -> str:
    """The innermost line of this package that an exception went through."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "pchp_widgets" in file.parts:
            place = f"{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


class _TooLong(BaseException):
    """No Exception: a reader that catches everything must not catch it."""


@contextmanager
def _bounded(size: int) -> Iterator[None]:
    """Bound the processor time and the memory of what is inside."""
    if sys.platform != "linux":
        yield
        return
    import resource
    import signal

    def stop(*_: object) -> None:
        raise _TooLong(f"still at work after {SECONDS:g} s")

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGPROF, stop)
    resource.setrlimit(resource.RLIMIT_AS, (taken + 10 * size + MEMORY, before[1]))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGPROF, handler)
