"""Nano Indenter instruments (MTS, Agilent, Keysight, KLA): workbooks (.xls) of NanoSuite and TestWorks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .tables.indents import FloatArray, indents
from .tables.workbook import xls_values

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEST = re.compile(r"Test (\d+)(?: Tagged)?")
_COLUMNS = {
    "depth": ("displacement into surface", {"nm": 1.0, "um": 1e3}),
    "load": ("load on sample", {"mn": 1.0, "un": 1e-3}),
    "time": ("time on sample", {"s": 1.0}),
    "stiffness": ("harmonic contact stiffness", {"n/m": 1.0}),
    "instrument_hardness": ("hardness", {"gpa": 1.0}),
    "instrument_modulus": ("modulus", {"gpa": 1.0}),
}
Sheet = list[list[Any]]


class NanoSuiteReader:
    """Workbooks of Nano Indenter instruments."""

    name = "nanosuite-xls"
    description = "workbooks (.xls) of NanoSuite: Nano Indenter of MTS, Agilent, Keysight or KLA"
    suffixes = (".xls",)
    version = "1"
    fallback = False
    technique = "indentation"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        if not head.startswith(_OLE):
            return "no Excel workbook (.xls)"
        words = ("Required Inputs", "Test 0")
        found = any(word.encode(code) in head for word in words for code in ("latin-1", "utf-16-le"))
        return None if found else "no sheet 'Required Inputs' or 'Test 001' shows in the head of the workbook"

    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  a part of a workbook is none
        """Read the whole file."""
        sheets = {name.strip(): rows for name, rows in xls_values(path).items()}
        numbers = sorted(int(found[1]) for name in sheets if (found := _TEST.fullmatch(name)))
        tests: dict[int, dict[str, FloatArray]] = {}
        said: list[str] = []
        for name, sheet in sheets.items():
            found = _TEST.fullmatch(name)
            if found is None:
                continue
            columns = _columns(sheet)
            if {"depth", "load"} <= columns.keys():
                tests[int(found[1])] = columns
            else:
                said.append(f"sheet {name!r} has no load and displacement, and was left out")
        if not tests:
            text = "of its tests none has" if numbers else "no sheet 'Test 001' has"
            raise ReaderError(path, f"{text} columns 'Load On Sample' and 'Displacement Into Surface' with units")
        order = sorted(tests)
        results, inputs, after = (
            _by_test(sheets.get(name, [])) for name in ("Results", "Required Inputs", "Inputs Editable Post Test")
        )
        ratios = {inputs[at]["Poissons Ratio"] for at in order if "Poissons Ratio" in inputs.get(at, {})}
        frame = [_compliance(after.get(at, {}).get("Frame Stiffness Correction", 0.0)) for at in order]
        # a drift that the instrument corrected is no longer in the displacement
        drift = [
            np.nan
            if after.get(at, {}).get("Perform Drift Correction")
            else results.get(at, {}).get("Drift Correction", np.nan)
            for at in order
        ]
        measured = indents(
            path,
            [tests[at] for at in order],
            tips=[_tip(results.get(at, {})) for at in order],
            of_tests={"frame_compliance": frame, "drift_rate": drift},
        )
        ratio = ratios.pop() if len(ratios) == 1 else np.nan
        return Measured(
            measured,
            {"poisson_ratio": float(ratio)} if -1 < ratio < 0.5 else {},
            {"software": "NanoSuite"},
            {
                "tests": order,
                "results": [results.get(at, {}) for at in order],
                "inputs": [inputs.get(at, {}) for at in order],
            },
            said,
        )


def _columns(sheet: Sheet) -> dict[str, FloatArray]:
    """Columns of one test by our names; their units stand below the headers."""
    if len(sheet) < 3:
        return {}
    heads, units = ([str(cell).strip().lower() for cell in row] for row in sheet[:2])
    body = [row for row in sheet[2:] if str(row[0]).strip().upper() != "END"]
    found = {}
    for name, (head, factors) in _COLUMNS.items():
        if head in heads:
            at = heads.index(head)
            factor = factors.get(units[at].replace("µ", "u"))
            if factor is not None:
                found[name] = factor * np.array([_number(row[at]) for row in body])
    return found


def _number(cell: object) -> float:
    """A cell; the instrument writes the largest number there is where it has none."""
    return float(cell) if isinstance(cell, float) and abs(cell) < 1e300 else np.nan


def _by_test(sheet: Sheet) -> dict[int, dict[str, float]]:
    """Numbers of each test from a sheet with a row per test."""
    found: dict[int, dict[str, float]] = {}
    heads = [str(cell).strip() for cell in sheet[0]] if sheet else []
    for row in sheet[2:]:
        number = re.fullmatch(r"(\d+)(?:\.0)?", str(row[0]).strip()) if row else None
        if number:
            cells = zip(heads[1:], row[1:], strict=False)
            found[int(number[1])] = {name: cell for name, cell in cells if isinstance(cell, float)}
    return found


def _tip(results: Mapping[str, float]) -> Sequence[float]:
    """Coefficients of the tip, the first for the square of the depth."""
    found = []
    for order in range(1, 10):
        value = results.get(f"Area Coefficient {order}")
        if value is None:
            break
        found.append(value)
    return found if found and found[0] > 0 else ()


def _compliance(stiffness: float) -> float:
    """Compliance [nm mN-1] of a stiffness [N m-1]; none where there was no correction."""
    return 1e6 / stiffness if stiffness > 0 else np.nan
