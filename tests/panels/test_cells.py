"""Cells in whatever way they are given to a panel."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.panels.cells import Cells

from .conftest import MakeCell


def test_one_cell_several_or_named_cells_are_taken(make_cell: MakeCell) -> None:
    one, other = make_cell("a"), make_cell("b", "bare")
    assert Cells(one).names == ("a",)
    assert Cells([one, other]).names == ("a", "b")
    assert Cells({"x": one, "y": other}).names == ("x", "y")


def test_cells_with_the_same_name_are_refused_with_the_remedy(make_cell: MakeCell) -> None:
    with pytest.raises(ValueError, match=r"same name; give a dict, or name them: open_cell\(\.\.\., name='a'\)"):
        Cells([make_cell("a"), make_cell("a")])


@pytest.mark.parametrize(("given", "found"), [(3, "int"), (["a.mpr"], "str"), (xr.Dataset(), "Dataset")])
def test_what_is_no_cell_is_refused(given: object, found: str) -> None:
    with pytest.raises(
        TypeError, match=f"what open_cell or open_study returns, alone, in a list or in a dict; not {found}"
    ):
        Cells(given)  # type: ignore[arg-type]


def test_no_cell_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no cell was given"):
        Cells([])


def test_a_cell_without_a_trace_is_named_with_what_it_has() -> None:
    spectra = xr.DataTree.from_dict({"spectra": xr.Dataset({"z_real": ("frequency", np.ones(3))})}, name="eis")
    with pytest.raises(ValueError, match="eis: has no trace, only spectra"):
        Cells(spectra)


def test_a_cell_is_read_once(make_cell: MakeCell) -> None:
    cells = Cells([make_cell("a"), make_cell("b")])
    assert cells["a"] is cells["a"]
    assert cells._read.keys() == {"a"}


def test_cycles_of_several_cells_are_all_of_theirs(make_cell: MakeCell) -> None:
    cells = Cells([make_cell("a", cycles=4), make_cell("b", cycles=8)])
    assert cells.cycle_numbers(["a"]).tolist() == [1, 2, 3, 4]
    assert cells.cycle_numbers(["a", "b"]).tolist() == list(range(1, 9))
    assert cells.cycle_numbers([]).tolist() == []


def test_what_nobody_said_of_a_cell_is_known(make_cell: MakeCell) -> None:
    assert "area" in Cells(make_cell("a", area=np.nan))["a"].missing
    assert "area" not in Cells(make_cell("a"))["a"].missing


def test_steps_of_chosen_cells_stand_under_their_names(make_cell: MakeCell) -> None:
    cells = Cells({"first": make_cell("x", cycles=3), "second": make_cell("x", cycles=5)})
    steps = cells.steps(["second", "first"])
    assert steps["cell"].values.tolist() == ["second", "first"]
    assert steps.sizes["cycle"] == 5
    assert (steps["point_count"].sel(cell="first", cycle=5) == 0).all()
