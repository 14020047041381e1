"""The bundled demo study: six Li||Li cells, bare and coated, each in a file format of its own.

``python -m pchp_widgets.io.synthetic.study data/pchp-study`` writes it anew, byte for byte.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from ..bdf import write_bdf
from .cells import NOTICE, Recipe, SyntheticCell, state, symmetric_cell
from .eclab import Statements, gcpl_columns, write_mpr, write_mpt

GENERATOR_VERSION = "1"

_STUDY = f"""\
# {NOTICE}
# Regenerate with: python -m pchp_widgets.io.synthetic.study data/pchp-study

[study]
name = "PCHP on lithium metal"
description = "Li||Li cells at 1 mA cm-2 and 1 mA h cm-2, bare lithium against a microporous polymer layer (PCHP)"
notice = "{NOTICE}"

# Holds for every cell that does not say otherwise. What nobody stated (temperature, electrolyte volume, pressure,
# thickness of the lithium, formation) is left out, and reports say that it is missing.
[defaults]
kind = "symmetric"
area = "1.327 cm2"
half_cycle_capacity = "1 mA h cm-2"
electrolyte = "1 M LiPF6 in EC:DEC 1:1 (v/v) + 10 % FEC + 1 % VC (w/w)"
separator = "Celgard 2500"
protocol = "galvanostatic, 1 mA cm-2, 1 h plating and 1 h stripping by turns"
"""


def _write_mpr(cell: SyntheticCell, path: Path) -> None:
    time, voltage, current = _trace(cell)
    columns = gcpl_columns(time, voltage, current, sequence=np.where(current < 0, 0, 1))
    write_mpr(path, columns, Statements(comment="synthetic", original_file=f"C:\\data\\{path.name}"))


def _write_mpt(cell: SyntheticCell, path: Path) -> None:
    time, voltage, current = _trace(cell)
    columns = gcpl_columns(time, voltage, current, sequence=np.where(current < 0, 0, 1))
    chosen: dict[str | int, np.ndarray] = {
        name: columns[name] for name in ("mode", "ox/red", "Ns", "time/s", "dq/mA.h", "(Q-Qo)/mA.h", "Ewe/V")
    }
    write_mpt(path, chosen | {"<I>/mA": current}, Statements(comment="synthetic"), decimal=",")


def _write_bdf(cell: SyntheticCell, path: Path) -> None:
    kept = cell.points[["time", "voltage", "current", "instrument_cycle", "instrument_step"]]
    write_bdf(kept.assign({name: kept[name].round(6) for name in ("time", "voltage", "current")}), path)


def _write_text(cell: SyntheticCell, path: Path) -> None:
    rows = zip(*_trace(cell), strict=True)
    lines = ["Time [s]\tVoltage [mV]\tCurrent [mA]", *(f"{t:.1f}\t{1e3 * v:.3f}\t{i:.5f}" for t, v, i in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


def _write_voltage_only(cell: SyntheticCell, path: Path) -> None:
    time, voltage, _ = _trace(cell)
    lines = ["Time (h);ΔE (V)", *(f"{t / 3600:.6f};{v:.5f}" for t, v in zip(time, voltage, strict=True))]
    path.write_text("\n".join(lines) + "\n", "utf-8-sig", newline="\n")


def _trace(cell: SyntheticCell) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    points: xr.Dataset = cell.points
    return points["time"].values, points["voltage"].values, points["current"].values


_CELLS: dict[str, tuple[int | None, str, Callable[[SyntheticCell, Path], None], str]] = {
    # first cycle with a short (from 0), ending of the file, its writer, and what only study.toml can say
    "bare-1": (172, ".mpr", _write_mpr, ""),
    "bare-2": (163, ".mpt", _write_mpt, ""),
    "bare-3": (179, ".csv", _write_voltage_only, 'current = "1.327 mA"  # the file holds time and voltage only\n'),
    "PCHP-1": (None, ".mpr", _write_mpr, ""),
    "PCHP-2": (None, ".bdf.csv", _write_bdf, ""),
    "PCHP-3": (None, ".txt", _write_text, ""),
}


def demo_cell(name: str) -> SyntheticCell:
    """One cell of the demo study, with its truth."""
    short, *_ = _CELLS[name]
    seed = list(_CELLS).index(name)
    cycles = 500 if short is None else short + 18
    spread = 0.0 if name.endswith("-1") else 0.04
    made = state("PCHP" if name.startswith("PCHP") else "bare", cycles, spread=spread, seed=seed)
    return symmetric_cell(made, Recipe(area=1.327, cycles=cycles, points=21, short_at=short), seed=seed)


def write_demo_study(folder: Path | str) -> None:
    """Write ``study.toml``, the raw files and ``truth.json`` (what they were made from) into a folder."""
    folder = Path(folder)
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    text, truth = _STUDY, {}
    for name, (_, suffix, write, more) in _CELLS.items():
        cell = demo_cell(name)
        write(cell, folder / "raw" / f"{name}{suffix}")
        coating, replicate = name.split("-")
        thickness = 'coating_thickness = "8 um"\ncoated_faces = 2\n' if coating == "PCHP" else ""
        text += f'\n[[cells]]\nname = "{name}"\nfile = "raw/{name}{suffix}"\ncoating = "{coating}"\n'
        text += f'replicate = "{replicate}"\n{thickness}{more}'
        truth[name] = cell.truth
    (folder / "study.toml").write_text(text, "utf-8", newline="\n")
    said = {"notice": NOTICE, "generator_version": GENERATOR_VERSION, "cells": truth}
    (folder / "truth.json").write_text(json.dumps(said, indent=1) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    write_demo_study(sys.argv[1])
