"""Real files have the numbers that other programs, authors and the instruments' own software have of them.

Where others differ the instrument decides: its own export, or what stands in the file a second time.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from reference_numbers import Source, points_of
from references import SOURCES, reason
from references_exports import stated
from references_peers import both_ways, rows_read

from pchp_widgets import open_cell
from pchp_widgets.io.contract import ReaderError, ReaderWarning
from pchp_widgets.model.cycles import steps


@pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
def test_real_files_have_the_numbers_of(source: Source, shared_data: Path, subtests: pytest.Subtests) -> None:
    files = source.files(shared_data)
    if not files:
        pytest.skip("its numbers are not beside the files")
    assert len(files) >= source.least
    for file, numbers in files.items():
        with subtests.test(file):
            try:
                found = list(numbers())
            except ReaderError as error:
                if "mdbtools" not in str(error):
                    raise
                pytest.skip("mdbtools are not installed")
            for quantity, ours, theirs, atol, rtol in found:
                if reason(source.name, file, quantity):
                    with pytest.raises(AssertionError):
                        np.testing.assert_allclose(ours, theirs, atol=atol, rtol=rtol)
                else:
                    assert np.shape(ours) == np.shape(theirs), quantity
                    np.testing.assert_allclose(ours, theirs, atol=atol, rtol=rtol, err_msg=quantity)


def test_where_programs_read_different_numbers_of_rows_the_file_or_its_export_decides(
    shared_data: Path, subtests: pytest.Subtests
) -> None:
    read = rows_read(shared_data)
    if not read:
        pytest.skip("the numbers of other programs are not beside the files")
    for file, theirs in read.items():
        with subtests.test(file), warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)
            try:
                ours = open_cell(shared_data / file)["points"].sizes["point"]
            except ReaderError as error:
                if "mdbtools" in str(error):
                    pytest.skip("mdbtools are not installed")
                ours = 0
            if set(theirs.values()) != {ours}:
                decides = stated(shared_data / file)
                assert decides is not None, f"{ours} points, others: {theirs}"
                assert ours == decides[1], decides[0]


def test_the_counter_of_each_half_cycle_of_a_modulo_bat_counts_more_than_dq(shared_data: Path) -> None:
    name = "mb.issue_149.mpr"
    assert reason("datalab-org-galvani", name, "capacities")
    points = points_of(shared_data / "cycler/yadg/tests/test_x_eclab" / name)
    assert abs(points["charge_counter"].values[-1]) > abs(float(points["dq in mA.h"].sum()))


@pytest.mark.parametrize("name", ["cellpy/examples/data/maccor_one.txt", "cellpy/testdata/data/maccor_001.txt"])
def test_a_maccor_counter_that_begins_anew_is_what_the_current_passed(name: str, shared_data: Path) -> None:
    path = shared_data / "cycler" / name
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the files")
    assert reason("cellpy", name, "capacities")
    points = points_of(path)
    charge, discharge = both_ways(points, "instrument")
    integral = steps(points, rule="instrument")["charge"].values[0]
    np.testing.assert_allclose(charge, np.nansum(np.clip(integral, 0, None), 1), rtol=5e-3)
    np.testing.assert_allclose(discharge, np.nansum(np.clip(-integral, 0, None), 1), rtol=5e-3)
    (cellpy,) = (source for source in SOURCES if source.name == "cellpy")
    (capacities,) = (one for one in cellpy.files(shared_data)[f"cycler/{name}"]() if one.quantity == "capacities")
    assert (np.asarray(capacities.ours) > np.asarray(capacities.theirs)).all()


def test_a_file_numbers_fewer_cycles_than_its_export_which_a_charge_opens(shared_data: Path) -> None:
    path = shared_data / "cycler/fastnda/tests/test_data/test_2.ndax"
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the files")
    points = points_of(path)
    assert points["instrument_cycle"].values.max() == 44
    assert steps(points, rule="charge_first").sizes["cycle"] == 54
