"""Indentations of real instruments against the numbers of other software."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import open_measurement
from pchp_widgets.analysis.indentation import FLAGS, Settings, ideal, oliver_pharr, over_depth, turning_points

Open = Callable[[str], xr.Dataset]
PERFECT = tuple(ideal())


@pytest.fixture
def opened(shared_data: Path) -> Open:
    def open_(name: str) -> xr.Dataset:
        path = shared_data / "materials" / "nanoindentation" / name
        if not path.is_file():
            pytest.skip(f"{name} is not there")
        return open_measurement(path)

    return open_


def test_the_reduced_modulus_of_the_high_load_file_is_that_of_nanodent(opened: Open) -> None:
    found = oliver_pharr(opened("Exp-50mN_0000.hld"))
    assert found["reduced_modulus"].item() == pytest.approx(107.776, rel=0.01)
    assert found["stiffness"].item() == pytest.approx(152_541, rel=0.01)
    assert found["contact_depth"].item() == pytest.approx(321.77, rel=0.005)
    assert found["hardness"].item() == pytest.approx(31.852, rel=0.01)


def test_the_frame_of_the_high_load_file_cannot_be_subtracted_again(opened: Open) -> None:
    data = opened("Exp-50mN_0000.hld")
    stated = data["frame_compliance"].item()
    assert stated == pytest.approx(6.63947)
    assert int(oliver_pharr(data)["status"].item()) & FLAGS["frame_stated"][0]
    twice = oliver_pharr(data, Settings(frame_compliance=stated))
    assert int(twice["status"].item()) & FLAGS["frame"][0]
    assert np.isnan(twice["modulus"].item())


def test_the_steel_has_the_stiffness_of_micromechanics_and_an_ideal_tip_is_too_stiff(opened: Open) -> None:
    found = oliver_pharr(opened("RobinSteel0000LC.txt"), Settings(poisson=0.3))
    # 203.5 by micromechanics, 205.1 by a power law of the load over the depth; the noise leaves 2 %
    assert 203.5e3 * 0.998 < found["stiffness"].item() < 205.2e3 * 1.002
    assert found["modulus"].item() == pytest.approx(287.3, rel=0.01)
    assert found["hardness"].item() == pytest.approx(5.558, rel=0.01)
    assert int(found["status"].item()) & FLAGS["ideal_tip"][0]


def test_every_cycle_of_the_fischerscope_file_is_evaluated(opened: Open) -> None:
    data = opened("FS1.txt")
    found = oliver_pharr(data, Settings(poisson=0.3))
    assert found.sizes == {"sample": 1, "test": 10, "unloading": 8}
    known = [135.9, 109.0, 99.2, 93.1, 89.1, 86.0]
    assert found["modulus"].values[0, 0, :6] == pytest.approx(known, rel=0.015)
    assert found["hardness"].values[0, 0, 0] == pytest.approx(23.5, rel=0.03)
    assert (np.diff(found["modulus"].values, axis=2) < 0).all()  # what an ideal tip makes of fused silica


def test_the_continuous_stiffness_of_fused_silica_gives_the_modulus_of_micromechanics(opened: Open) -> None:
    data = opened("Example.xls")
    turns = turning_points(data)
    ideal_tip = over_depth(data, turns, Settings(area=PERFECT), depths=(300.0, 1500.0))
    assert ideal_tip["mean_modulus"].values[0] == pytest.approx([74.09, 74.80], rel=0.005)
    assert ideal_tip["mean_modulus_sd"].values[0] == pytest.approx([1.47, 1.78], rel=0.25)
    assert ideal_tip["mean_hardness"].values[0] == pytest.approx([9.77, 9.79], rel=0.01)


def test_the_tip_of_the_workbook_gives_what_its_own_software_gave(opened: Open) -> None:
    data = opened("Example.xls")
    found = over_depth(data, turning_points(data), depths=(300.0, 1000.0))
    inside = (found["contact_depth"] > 300) & (found["contact_depth"] < 1000)
    ours, theirs = (one.where(inside).mean("point").values for one in (found["modulus"], data["instrument_modulus"]))
    assert ours == pytest.approx(theirs, rel=1e-3)
