from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.accessor import CellAccessor
from pchp_widgets.analysis import conductivity, transference
from pchp_widgets.analysis.spectra_resistances import of_cells

Cells = Callable[[str], list[xr.DataTree]]


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, float]]:
    path = Path(__file__).parents[2] / "data" / "pchp-study" / "truth.json"
    known: dict[str, dict[str, float]] = json.loads(path.read_text("utf-8"))["cells"]
    return known


def test_the_fit_gives_back_bulk_and_interfaces_of_polarized_cells(
    demo_cells: Cells, truth: dict[str, dict[str, float]]
) -> None:
    found = of_cells(demo_cells("BV-"))
    for cell in found["cell"].values.tolist():
        own, known = found.sel(cell=cell), truth[cell]
        expected = [known["initial_resistance"], known["steady_resistance"]]
        assert own["interfacial_resistance"].values == pytest.approx(expected, rel=0.01)
        assert own["series_resistance"].values == pytest.approx([known["bulk_resistance"]] * 2, rel=5e-3)
    np.testing.assert_allclose(found["highest_frequency"], 3e5, rtol=1e-6)
    assert np.isnan(found["temperature"].values).all()


def test_temperatures_are_those_at_which_the_spectra_were_taken(demo_cells: Cells) -> None:
    found = of_cells(demo_cells("warm-"))
    np.testing.assert_allclose(found["temperature"], np.tile([25, 35, 45, 55], (6, 1)), atol=0.3)


def test_ageing_cells_give_back_what_their_voltage_was_made_from(
    demo_cells: Cells, truth: dict[str, dict[str, float]]
) -> None:
    trees = [tree for tree in (*demo_cells("bare-"), *demo_cells("PCHP-")) if "spectra" in tree.children]
    found = of_cells(trees)
    for cell in found["cell"].values.tolist():
        for place, cycle in enumerate((0, 20, 40, 60)):
            own, known = found.sel(cell=cell).isel(spectrum=place), truth[cell]
            expected = known[f"sei_resistance_{cycle}"] + known[f"charge_transfer_resistance_{cycle}"]
            assert float(own["interfacial_resistance"]) == pytest.approx(expected, rel=0.02), (cell, cycle)
            assert float(own["series_resistance"]) == pytest.approx(known[f"series_resistance_{cycle}"], rel=0.03)


def test_the_whole_way_from_files_to_fractions_and_conductivities(
    demo_cells: Cells, truth: dict[str, dict[str, float]]
) -> None:
    fractions = transference.transference(transference.from_cells(demo_cells("BV-")))
    groups = transference.by_coating(fractions)
    for cell in fractions["cell"].values.tolist():
        own = fractions.sel(cell=cell)
        assert (
            float(own["current_fraction_low"]) < truth[cell]["current_fraction"] < float(own["current_fraction_high"])
        )
    sigma = conductivity.conductivity(conductivity.from_cells(demo_cells("warm-")))
    # one number joins them: the resistance that the rise of the fraction asks for is the one that the spectra show
    required = float(groups["required_resistance"].sel(coating="PCHP"))
    assert required == pytest.approx(float(sigma["added_resistance"].isel(coating=0, temperature=0)), rel=0.05)


def test_replicates_that_are_not_usable_are_counted_and_left_out(demo_cells: Cells) -> None:
    found = transference.transference(transference.from_cells(demo_cells("BV-")))
    found["usable"][0] = 0
    groups = transference.by_coating(found)
    assert groups["cells"].values.tolist() == [2, 3]
    assert groups["left_out"].values.tolist() == [1, 0]
    assert groups["mean"].values[0] == pytest.approx(float(found["current_fraction"].values[1:3].mean()))
    found["usable"][:3] = 0
    nothing = transference.by_coating(found)
    assert np.isnan(nothing["mean"].values[0])
    assert nothing["consistent"].values.tolist() == [-1, -1]


def test_one_word_gives_the_fraction_of_a_cell(demo_cells: Cells, truth: dict[str, dict[str, float]]) -> None:
    found = CellAccessor(demo_cells("BV-PCHP-1")[0]).transference()
    assert found["current_fraction"].item() == pytest.approx(truth["BV-PCHP-1"]["current_fraction"], abs=0.01)


def test_cells_without_spectra_are_refused(demo_cells: Cells) -> None:
    with pytest.raises(ValueError, match="none of the cells has one"):
        of_cells(demo_cells("bare-3"))
