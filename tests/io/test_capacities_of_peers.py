"""Cycles and capacities of real files, against those that other programs found: ``cycler/INDEX.md`` beside the files.

Where they differ the instrument decides: its own export, or what stands in the file a second time.
"""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

from pchp_widgets.io.contract import ReaderError, ReadOptions
from pchp_widgets.io.registry import reader_for
from pchp_widgets.model.cycles import steps

FloatArray = npt.NDArray[np.float64]

NO_RECORDS = {"empty.ndax"}
ONE_STEP_OF_A_CYCLE = {"maccor_one.txt", "maccor_001.txt"}
"""Maccor's counter begins anew at every step; the peer takes what one of the steps of a cycle passed for all of it."""
COUNTED_OTHERWISE = {"mb.issue_149.mpr"}
"""EC-Lab leaves out of dq, which the peer sums, what flowed before the first row of a sequence."""


def rows(folder: Path, section: str) -> list[list[str]]:
    """Cells of the table of one section of the index; files that are not here are left out."""
    index = folder / "INDEX.md"
    if not index.is_file():
        pytest.skip("the numbers of other programs are not beside the files")
    text = index.read_text(encoding="utf-8").partition(f"## {section}. ")[2].partition("\n## ")[0]
    table = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")][2:]
    return [cells for cells in table if (folder / cells[0]).is_file()]


def points_of(path: Path) -> xr.Dataset:
    return reader_for(path).read(path, ReadOptions()).points


def both_ways(points: xr.Dataset, rule: str) -> tuple[FloatArray, FloatArray]:
    """Charge and discharge of each cycle by the instrument's own counter [mA h]."""
    counted = steps(points, rule=rule)["charge_counter"].values[0]  # type: ignore[arg-type]
    return np.nansum(np.clip(counted, 0, None), 1), np.nansum(np.clip(-counted, 0, None), 1)


def test_neware_files_have_the_cycles_and_capacities_of_fastnda(shared_data: Path, subtests: pytest.Subtests) -> None:
    folder = shared_data / "cycler"
    known = [cells for cells in rows(folder, "B") if Path(cells[0]).name not in NO_RECORDS]
    assert len(known) >= 15
    for file, _, count, cycles, tested, _, first, last, *_ in known:
        with subtests.test(file):
            points = points_of(folder / file)
            charge, discharge = both_ways(points, "charge_first")
            assert points.sizes["point"] == int(count)
            assert len(charge) == int(cycles)
            assert len(np.unique(points["instrument_step"])) == int(tested)
            for number, *theirs in (*ast.literal_eval(first), *ast.literal_eval(last)):
                ours = [charge[number - 1], discharge[number - 1]]
                np.testing.assert_allclose(ours, theirs, atol=2e-6, rtol=1e-6)


def test_biologic_files_have_the_half_cycles_and_charges_of_galvani(
    shared_data: Path, subtests: pytest.Subtests
) -> None:
    folder = shared_data / "cycler"
    known = [cells for cells in rows(folder, "C") if cells[5] and cells[6] != "[]"]
    assert len(known) >= 20
    for file, _, _, _, _, count, charges, *_ in known:
        with subtests.test(file):
            points = points_of(folder / file)
            half = points["half cycle"].values.astype(int)
            begins = np.flatnonzero(np.diff(half, prepend=-1))
            assert len(begins) == int(count)
            passed = np.add.reduceat(points["dq in mA.h"].values, begins)
            for number, theirs in ast.literal_eval(charges):
                assert passed[half[begins] == number] == pytest.approx(theirs, abs=1e-6)
            if Path(file).name not in COUNTED_OTHERWISE:
                counted = np.add.reduceat(np.diff(points["charge_counter"].values, prepend=0.0), begins)
                np.testing.assert_allclose(counted, passed, atol=2e-6, rtol=2e-4)


def test_cycles_and_capacities_are_those_of_cellpy(shared_data: Path, subtests: pytest.Subtests) -> None:
    folder = shared_data / "cycler"
    known = [cells for cells in rows(folder, "D") if cells[3] != "ERR"]
    assert len(known) >= 8
    for file, _, _, count, cycles, discharges, charges, _ in known:
        with subtests.test(file):
            try:
                points = points_of(folder / file)
            except ReaderError as error:
                if "mdbtools" not in str(error):
                    raise
                pytest.skip("mdbtools are not installed")
            assert points.sizes["point"] == int(count)
            charge, discharge = (one / 1e3 for one in both_ways(points, "instrument"))
            assert len(charge) == int(cycles)
            theirs = ast.literal_eval(charges), ast.literal_eval(discharges)
            if Path(file).name in ONE_STEP_OF_A_CYCLE:
                assert_is_what_the_counter_of_each_step_says(points, charge, discharge)
                assert charge[0] > theirs[0][0]
                assert discharge[0] > theirs[1][0]
                continue
            for ours, other in zip((charge, discharge), theirs, strict=True):
                np.testing.assert_allclose(ours[: len(other)], other, atol=1e-6, rtol=1e-6)


def assert_is_what_the_counter_of_each_step_says(points: xr.Dataset, charge: FloatArray, discharge: FloatArray) -> None:
    """The integral of the current, which knows nothing of the counter, comes to the same."""
    integral = steps(points, rule="instrument")["charge"].values[0] / 1e3
    np.testing.assert_allclose(charge, np.nansum(np.clip(integral, 0, None), 1), rtol=5e-3)
    np.testing.assert_allclose(discharge, np.nansum(np.clip(-integral, 0, None), 1), rtol=5e-3)
