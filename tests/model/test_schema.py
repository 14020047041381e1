from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.model.schema import GROUPS, dataset, validate
from pchp_widgets.model.units import unit


def points() -> xr.Dataset:
    return dataset("points", {name: np.arange(3.0) for name in ("time", "voltage", "current")})


def test_every_stored_unit_can_be_read() -> None:
    for entries in GROUPS.values():
        for entry in entries:
            unit(entry.units)


def test_a_good_dataset_has_no_problems() -> None:
    assert validate(points()) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda ds: ds.drop_vars("voltage"), "points.voltage: required variable is missing"),
        (lambda ds: ds.assign(voltage=("row", [1.0])), "points.voltage: dimensions are ('row',)"),
        (lambda ds: ds.assign(voltage=ds.voltage.assign_attrs(units="mV")), "units are 'mV', expected 'V'"),
        (lambda ds: ds.assign(voltage=ds.voltage.assign_attrs(units="s")), "'s' does not measure the same as 'V'"),
        (lambda ds: ds.assign(voltage=("point", ["a", "b", "c"])), "numbers expected"),
        (lambda ds: ds.assign(time=ds.time[::-1]), "points.time: runs backwards 2 times"),
        (lambda ds: ds.assign(current=ds.current.where(ds.current != 1)), "current: 1 of 3 values are not finite"),
    ],
)
def test_each_problem_is_said_in_words(spoil: object, said: str) -> None:
    found = validate(spoil(points()), "points")  # type: ignore[operator]
    assert any(said in problem for problem in found), found


def test_a_tree_without_steps_is_incomplete() -> None:
    tree = xr.DataTree.from_dict({"points": points()})
    assert validate(tree) == ["steps: the group is missing"]


def test_columns_outside_the_schema_are_kept_under_their_own_name() -> None:
    found = dataset("points", {"Analog IN 1/V": np.zeros(3)})
    assert found["Analog IN 1 in V"].attrs["long_name"] == "Analog IN 1/V"
