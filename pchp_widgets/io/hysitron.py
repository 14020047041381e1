"""Hysitron (Bruker) nanoindenters: exported text, and files of the high-load transducer (.hld)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .tables.indents import FloatArray, ended, indents, rows_of_numbers

_MILLI = 1e-3  # uN to mN
_COUNT = re.compile(r"Number of Points\s*=\s*(\d+)", re.IGNORECASE)
_DATA = re.compile(r"^Test Data Points:\s*(\d+)\s*$", re.MULTILINE)
_TIP = re.compile(r"^Tip C(\d): (\S+)", re.MULTILINE)


class HysitronTextReader:
    """Load and depth exported by Hysitron's software as text."""

    name = "hysitron-text"
    description = "load-depth curves exported by Hysitron (Bruker) nanoindenters as text"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "indentation"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        text = head.decode("latin-1")
        if _COUNT.search(text) and re.search(r"^Depth \(nm\)\s+Load \(", text, re.MULTILINE):
            return None
        return "no 'Number of Points' above columns 'Depth (nm)' and 'Load (uN)'"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        lines = [line for line in _text(path).splitlines() if line.strip()]
        heads = [at for at, line in enumerate(lines) if line.startswith("Depth (nm)")]
        counts = [int(found[1]) for line in lines if (found := _COUNT.match(line))]
        if not heads or len(counts) != len(heads):
            raise ReaderError(path, "each table is expected below its number of points, and headers 'Depth (nm)'")
        tests, said = [], []
        for at, stop, count in zip(heads, [*heads[1:], len(lines) + 2], counts, strict=True):
            body = lines[at + 1 : min(at + 1 + count, stop)]
            names = lines[at].split("\t")
            numbers, wrong = rows_of_numbers(body, len(names))
            said += ended(path, len(numbers), count, partial=options.partial)
            said += [f"{wrong} lines hold no numbers and were left out"] if wrong else []
            tests.append(_columns(path, names, numbers))
        if not _whole(path) and not options.partial:
            said.append("the last line has no end: the file may be cut")
        first = lines[0].strip()
        return Measured(indents(path, tests), {}, {"start_time": first} if first else {}, {}, said)


class HysitronHldReader:
    """Files of Hysitron's high-load transducer."""

    name = "hysitron-hld"
    description = "tests of Hysitron (Bruker) high-load nanoindenters (.hld)"
    suffixes = (".hld",)
    version = "1"
    fallback = False
    technique = "indentation"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        return None if head.startswith(b"File Version: Hysitron") else "does not begin with 'File Version: Hysitron'"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = _text(path)
        data = _DATA.search(text)
        if data is None:
            raise ReaderError(path, "has no 'Test Data Points': it was cut, or the test did not run")
        header = text[: data.start()]
        lines = text[data.end() :].lstrip("\r\n").splitlines()
        if not lines:
            raise ReaderError(path, "ends before its test data")
        names = lines[0].split("\t")
        numbers, wrong = rows_of_numbers(lines[1:], len(names))
        said = ended(path, len(numbers), int(data[1]), partial=options.partial)
        said += [f"{wrong} lines hold no numbers and were left out"] if wrong else []
        said += [] if _whole(path) or options.partial else ["the last line has no end: the file may be cut"]
        settings = dict(re.findall(r"^([^:\t\n]+): (.+?)\s*$", header, re.MULTILINE))
        tip = [float(value) for _, value in sorted(_TIP.findall(header))]
        machine, drift = _number(settings.get("Machine Comp")), _number(settings.get("Drift Rate"))
        measured = indents(
            path,
            [_columns(path, names, numbers)],
            tips=[tip] if tip and tip[0] > 0 else (),
            of_tests={"frame_compliance": [machine / _MILLI], "drift_rate": [drift]},
        )
        temperature = settings.get("Test Temp", "").replace(" deg C", " degC")
        own = {"instrument": "System", "software": "File Version", "start_time": "Time Stamp", "tip": "Tip ID"}
        return Measured(
            measured,
            {"temperature": temperature} if re.fullmatch(r"-?[\d.]+ degC", temperature) else {},
            {name: settings[word] for name, word in own.items() if settings.get(word)},
            dict(settings),
            said,
        )


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 1, 0))
        return file.read() in {b"\n", b"\r"}


def _columns(path: Path, names: list[str], numbers: FloatArray) -> dict[str, FloatArray]:
    """Columns by our names, from headers such as ``Force_uN`` or ``Load (uN)``."""
    found: dict[str, FloatArray] = {}
    for name, values in zip(names, numbers.T, strict=False):
        word = name.strip()
        if word in {"Depth (nm)", "Disp_nm"}:
            found["depth"] = values
        elif re.match(r"(Load \(|Force_).?.?N", word):
            found["load"] = values * _MILLI
        elif word in {"Time (s)", "Time_s"}:
            found["time"] = values
    if not {"depth", "load"} <= found.keys():
        raise ReaderError(path, f"columns of depth and load are expected, found {', '.join(names)}")
    return found


def _number(text: str | None) -> float:
    found = re.match(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", text or "")
    return float(found[0]) if found else np.nan
