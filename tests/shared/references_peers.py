"""Cycles and capacities that other programs find in files of cyclers, as ``cycler/INDEX.md`` beside the files has them.

Where they differ from ours the instrument decides: its own export, or what stands in the file a second time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr
from reference_numbers import Number, Reason, Source, points_of

from pchp_widgets.model.cycles import steps

FloatArray = npt.NDArray[np.float64]
Files = dict[str, Callable[[], Iterator[Number]]]

PROGRAMS = {
    "F": "fastnda",
    "N": "NewareNDA",
    "Y": "yadg",
    "D": "datalab-org-galvani",
    "galvani": "galvani",
    "V": "navani",
    "B": "batterydf",
    "S": "battery-data-standard",
    "C": "cellpy",
    "P": "PyProBE",
    "beep": "beep",
}
"""By the heads of section E."""

_STEP_OF_A_CYCLE = Reason(
    "Maccor's counter begins anew at every step; cellpy takes what one of the steps of a cycle passed for all of it",
    "the integral of the current in the same file, which knows nothing of the counter",
)
DIFFERENT = {
    ("cellpy", "maccor_one.txt", "capacities"): _STEP_OF_A_CYCLE,
    ("cellpy", "maccor_001.txt", "capacities"): _STEP_OF_A_CYCLE,
    ("fastnda", "SINTEF__G20M7_BTS91.nda", "capacities"): Reason(
        "Neware's counter starts again twice inside the discharge, which fastnda and Neware's software leave out of it",
        "the integral of the current in the same file: 3855.17 mA h, and not 3716.03",
    ),
    ("datalab-org-galvani", "mb.issue_149.mpr", "capacities"): Reason(
        "EC-Lab leaves out of dq, which is summed here, what flowed before the first row of a sequence",
        "the counter (Q-Qo) in the same file",
    ),
    ("NewareNDA", "21_10_7_85.ndax", "points"): Reason("it leaves out a record", "BTSDA's own export, which has 141"),
}
"""By source, file and quantity."""

_NUMBER = re.compile(r"\d+")
_NOTED = re.compile(r"(\S+\.nda) \(([\d,]+) rows(?:, (\d+) cycles?)?(?:, chg ([\d.]+) mAh)?, dchg ([\d.]+) mAh")
_TOLD = re.compile(r"(maccor_\w+) `\w+` ([\d,]+) rows/(\d+) cycles?")


def rows(folder: Path, section: str) -> list[list[str]]:
    """Cells of the table of one section of the index; files that are not here are left out."""
    text = _section(folder, section)
    table = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [cells for cells in table[2:] if (folder / cells[0]).is_file()]


def rows_read(data: Path) -> dict[str, dict[str, int]]:
    """Rows that each program reads, by file and program; files that none of them opens are left out."""
    folder = data / "cycler"
    head = next((line for line in _section(folder, "E").splitlines() if line.startswith("|file|")), "")
    names = [PROGRAMS[name] for name in head.strip("|").split("|")[4:]]
    found = {}
    for file, _, _, _, *cells in rows(folder, "E"):
        read = {name: int(first[0]) for name, cell in zip(names, cells, strict=False) if (first := _NUMBER.match(cell))}
        if read:
            found[f"cycler/{file}"] = read
    return found


def both_ways(points: xr.Dataset, rule: str) -> tuple[FloatArray, FloatArray]:
    """Charge and discharge of each cycle by the instrument's own counter [mA h]."""
    counted = steps(points, rule=rule)["charge_counter"].values[0]  # type: ignore[arg-type]
    return np.nansum(np.clip(counted, 0, None), 1), np.nansum(np.clip(-counted, 0, None), 1)


def _section(folder: Path, section: str) -> str:
    index = folder / "INDEX.md"
    text = index.read_text(encoding="utf-8") if index.is_file() else ""
    return text.partition(f"## {section}. ")[2].partition("\n## ")[0]


def _fastnda(data: Path) -> Files:
    folder = data / "cycler"
    with_records = [cells for cells in rows(folder, "B") if int(cells[2])]
    found: Files = {
        f"cycler/{cells[0]}": partial(_neware, folder / cells[0], *cells[2:5], *cells[6:8]) for cells in with_records
    }
    for name, *noted in _NOTED.findall(_section(folder, "F")):
        if (path := folder / "fastnda-empa" / name).is_file():
            found[f"cycler/fastnda-empa/{name}"] = partial(_noted, path, *noted)
    return found


def _newarenda(data: Path) -> Files:
    """Where its column says "same" it has the rows, cycles and capacities of fastnda."""
    folder, found = data / "cycler", dict[str, Callable[[], Iterator[Number]]]()
    for cells in rows(folder, "B"):
        file, said = f"cycler/{cells[0]}", cells[8]
        if own := re.fullmatch(r"rows (\d+), cycles (\d+), (\[.*\])", said):
            found[file] = partial(_neware, data / file, own[1], own[2], "", own[3], "[]")
        elif said == "same":
            found[file] = partial(_neware, data / file, *cells[2:4], "", *cells[6:8])
    return found


def _neware(path: Path, count: str, cycles: str, tested: str, first: str, last: str) -> Iterator[Number]:
    points = points_of(path)
    charge, discharge = both_ways(points, "charge_first")
    theirs = np.array([*ast.literal_eval(first), *ast.literal_eval(last)])
    at = theirs[:, 0].astype(int) - 1
    yield Number("points", points.sizes["point"], int(count))
    yield Number("cycles", len(charge), int(cycles))
    if tested:
        yield Number("steps", len(np.unique(points["instrument_step"])), int(tested))
    yield Number("capacities", np.stack([charge[at], discharge[at]], 1), theirs[:, 1:], 2e-6, 1e-6)


def _noted(path: Path, count: str, cycles: str, charged: str, discharged: str) -> Iterator[Number]:
    """Numbers of the whole test, to the third decimal."""
    points = points_of(path)
    charge, discharge = both_ways(points, "charge_first")
    yield Number("points", points.sizes["point"], int(count.replace(",", "")))
    if cycles:
        yield Number("cycles", len(charge), int(cycles))
    known = [(float(np.sum(ours)), float(said)) for ours, said in ((charge, charged), (discharge, discharged)) if said]
    yield Number("capacities", *zip(*known, strict=True), atol=6e-4)


def _galvani(data: Path) -> Files:
    folder = data / "cycler"
    known = [cells for cells in rows(folder, "C") if cells[5] and cells[6] != "[]"]
    return {
        f"cycler/{file}": partial(_biologic, folder / file, read, count, charges)
        for file, _, _, read, _, count, charges, *_ in known
    }


def _biologic(path: Path, read: str, count: str, charges: str) -> Iterator[Number]:
    points = points_of(path)
    half = points["half cycle"].values.astype(int)
    begins = np.flatnonzero(np.diff(half, prepend=-1))
    passed = np.add.reduceat(points["dq in mA.h"].values, begins)
    counted = np.add.reduceat(np.diff(points["charge_counter"].values, prepend=0.0), begins)
    theirs = np.array(ast.literal_eval(charges))
    yield Number("points", points.sizes["point"], int(read.rpartition("/")[2]))
    yield Number("half-cycles", len(begins), int(count))
    yield Number("dq of half-cycles", np.stack([half[begins], passed], 1)[: len(theirs)], theirs, 1e-6)
    yield Number("capacities", counted, passed, 2e-6, 2e-4)


def _cellpy(data: Path) -> Files:
    """Maccor files that it reads only when told which model they are stand below the table, without capacities."""
    folder, found = data / "cycler", dict[str, Callable[[], Iterator[Number]]]()
    told = {name: (count.replace(",", ""), cycles) for name, count, cycles in _TOLD.findall(_section(folder, "D"))}
    for file, _, _, count, cycles, discharges, charges, *_ in (cells for cells in rows(folder, "D") if len(cells) > 7):
        name = f"cycler/{file}"
        if count != "ERR":
            found[name] = partial(_by_instrument, data / name, count, cycles, discharges, charges)
        elif (stem := Path(file).stem) in told:
            found[name] = partial(_by_instrument, data / name, *told[stem], "[]", "[]")
    return found


def _by_instrument(path: Path, count: str, cycles: str, discharges: str, charges: str) -> Iterator[Number]:
    points = points_of(path)
    theirs = np.array([ast.literal_eval(charges), ast.literal_eval(discharges)])
    ours = np.stack(both_ways(points, "instrument")) / 1e3
    yield Number("points", points.sizes["point"], int(count))
    yield Number("cycles", ours.shape[1], int(cycles))
    if theirs.size:
        yield Number("capacities", ours[:, : theirs.shape[1]], theirs, 1e-6, 1e-6)


SOURCES = (
    Source("fastnda", _fastnda, 15),
    Source("NewareNDA", _newarenda, 12),
    Source("datalab-org-galvani", _galvani, 20),
    Source("cellpy", _cellpy, 8),
)
