"""PEC exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.contract import ReaderError, ReadOptions
from pchp_widgets.io.pec import PecReader
from pchp_widgets.io.registry import reader_for
from pchp_widgets.io.synthetic.pec import write_pec

HALF = 0.5 * 49 * 60 / 3600
"""Charge of each half-cycle of the recording [mA h]."""


@pytest.mark.parametrize("newer", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_what_was_recorded_is_read(tmp_path: Path, cycling: xr.Dataset, ended: bool, newer: bool) -> None:
    write_pec(tmp_path / "a.csv", cycling, ended=ended, newer=newer)
    reader = reader_for(tmp_path / "a.csv")
    assert reader.name == "pec-csv"
    recording = reader.read(tmp_path / "a.csv", ReadOptions())
    for name in ("time", "instrument_cycle", "instrument_step"):
        np.testing.assert_array_equal(recording.points[name], cycling[name])
    for name in ("voltage", "current"):
        np.testing.assert_allclose(recording.points[name], cycling[name])
    if newer:
        np.testing.assert_array_equal(recording.points["control"], cycling["control"])
    np.testing.assert_allclose(recording.points["temperature"], 24.5)
    last_of_each_step = recording.points["charge_counter"].values[49::50]
    np.testing.assert_allclose(last_of_each_step, HALF * np.array([-1, -1, 0] * 3), atol=1e-9)
    energy = recording.points["energy_counter"].values[49]
    np.testing.assert_allclose(energy, HALF * (0.1 + 0.0002 * 24.5), rtol=1e-4)
    assert recording.warnings == []
    assert recording.finished is ended
    assert recording.provenance["channel"] == "SBT0550-1-1"
    assert recording.provenance["technique"] == "synthetic"


def test_several_cells_in_one_table_are_refused(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_pec(tmp_path / "a.csv", cycling, cells=("1", "2"))
    with pytest.raises(ReaderError, match="the table holds 2 cells"):
        PecReader().read(tmp_path / "a.csv", ReadOptions())


def test_a_test_in_progress_of_a_large_cell(shared_data: Path) -> None:
    path = shared_data / "cycler/cellpy/examples/data/pec.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the files")
    recording = reader_for(path).read(path, ReadOptions())
    points = recording.points
    assert points.sizes["point"] == 16_255
    assert recording.warnings == []
    assert not recording.finished
    # the counters at the end of each half-cycle, as the file has them [mA h]
    passed = np.diff(points["charge_counter"].values, prepend=0.0)
    for cycle, charge, discharge in ((0, 0.0, 11634.168), (1, 44424.915, 44351.991), (2, 44258.93, 0.0)):
        inside = passed[points["instrument_cycle"].values == cycle]
        assert np.sum(inside[inside > 0]) == pytest.approx(charge)
        assert -np.sum(inside[inside < 0]) == pytest.approx(discharge)
    energy = np.diff(points["energy_counter"].values, prepend=0.0)[points["instrument_cycle"].values == 1]
    assert np.sum(energy[energy > 0]) == pytest.approx(148_356.771)
