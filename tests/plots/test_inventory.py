"""The figures of the lithium ledger and of the energy of a stack against the datasets they are made from."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import energy, ledger
from pchp_widgets.plots import energy as energy_plots
from pchp_widgets.plots import inventory as plots
from pchp_widgets.plots import inventory_view as view
from pchp_widgets.plots.picture import Lines, Marks, Picture, Ribbons, Verticals
from pchp_widgets.plots.theme import looks

RESERVOIR, EFFICIENCY = (6.5, 7.2143, 7.9), (0.9895, 0.99, 0.9905)
LFP = energy.assumptions("LFP")


def of_kind(picture: Picture, kind: type) -> list[object]:
    return [layer for layer in picture.layers if isinstance(layer, kind)]


@pytest.fixture(scope="module")
def found() -> xr.Dataset:
    """Two cells in their ledger: one runs out of lithium, one stays at 3 mA h cm-2."""
    worn = ledger.course(7.2143, 3.0, 0.985, 200).capacity
    discharge = np.stack([worn, np.full(200, 3.0)])
    charge = np.concatenate([[[3.0], [3.0]], discharge[:, :-1]], axis=1)
    two = ("cell", "cycle")
    return xr.Dataset(
        {
            "charge_areal_capacity": (two, charge),
            "discharge_areal_capacity": (two, discharge, {"units": "mA h cm-2"}),
            "discharge_current": (two, np.full((2, 200), 2.6)),
            "interrupted": (two, np.zeros((2, 200), bool)),
        },
        {"cell": ["worn", "flat"], "cycle": np.arange(1, 201), "opens": ("cell", ["charge"] * 2)},
    )


@pytest.fixture(scope="module")
def model() -> xr.Dataset:
    return view.model(RESERVOIR, 3.0, EFFICIENCY, 0.8)


@pytest.fixture(scope="module")
def measured(found: xr.Dataset) -> xr.Dataset:
    return view.measured(found, RESERVOIR, 0.985, looks({"worn": "bare", "flat": "PCHP"}))


def test_the_model_ends_where_the_formula_says(model: xr.Dataset) -> None:
    assert model["end"].sel(side="middle").item() == pytest.approx(262.7, abs=0.05)
    low, middle, high = model["end"].values
    assert low < middle < high < model["cycle"].values[-1]


def test_an_efficiency_of_one_has_no_end_and_still_a_figure() -> None:
    endless = view.model(RESERVOIR, 3.0, (1.0, 1.0, 1.0), 0.8)
    picture = plots.capacity(endless, None, 1)
    vertical = of_kind(picture, Verticals)[0]
    assert isinstance(vertical, Verticals)
    assert np.isnan(vertical.x).all()
    assert np.isfinite(picture.xlim).all()


def test_capacity_shows_model_cells_band_and_where_the_lithium_ran_out(model: xr.Dataset, measured: xr.Dataset) -> None:
    picture = plots.capacity(model, measured, 7)
    ledger_line, cells = of_kind(picture, Lines)
    assert isinstance(ledger_line, Lines)
    assert isinstance(cells, Lines)
    assert (ledger_line.dash, cells.rows["curve"]) == ("dashed", ["worn", "flat"])
    band = of_kind(picture, Ribbons)[0]
    assert isinstance(band, Ribbons)
    assert band.x[0].tolist() == pytest.approx(model["end"].values[[0, 2]].tolist())
    out = of_kind(picture, Marks)[0]
    assert isinstance(out, Marks)
    exhausted = float(ledger.end_of_life(7.2143, 3.0, 0.985).exhausted)
    assert out.x.tolist() == pytest.approx([exhausted], abs=6)
    assert out.rows["curve"] == ["worn"]


def test_excess_of_a_cell_falls_by_what_its_charge_cost(model: xr.Dataset, measured: xr.Dataset) -> None:
    cells = of_kind(plots.excess(model, measured, 7), Lines)[1]
    assert isinstance(cells, Lines)
    flat = cells.y[1]
    assert flat[-1] == pytest.approx(7.2143 - 0.015 * 600)
    assert plots.excess(model, measured, 7).ylim[0] < 0


def test_a_picture_without_cells_has_the_same_layers(model: xr.Dataset, measured: xr.Dataset) -> None:
    for draw in (plots.capacity, plots.excess):
        with_cells, without = draw(model, measured, 1), draw(model, None, 1)
        assert [type(one) for one in with_cells.layers] == [type(one) for one in without.layers]


def test_the_bound_of_a_cell_stays_below_its_efficiency(model: xr.Dataset, measured: xr.Dataset) -> None:
    bound, strict = of_kind(plots.bound(model, measured, 1), Lines)
    assert isinstance(bound, Lines)
    assert isinstance(strict, Lines)
    assert np.nanmax(bound.y[0]) <= 98.5 + 0.05
    assert (strict.y[0] <= 98.5 + 1e-6).all()
    assert np.nanmax(bound.y[0]) == pytest.approx(98.5, abs=0.1)


def test_energy_is_marked_at_the_coating_that_is_meant() -> None:
    course = view.against_coating(2.8, 3.35, 16.3, 35, 8, LFP)
    picture = energy_plots.against_coating(course, "specific_energy")
    mark = of_kind(picture, Marks)[0]
    assert isinstance(mark, Marks)
    assert (mark.x.tolist(), mark.y.tolist()) == ([8.0], pytest.approx([261.0], abs=0.05))
    assert picture.title == "8 µm: 261.0 W h kg⁻¹, 6.6 (2.4 %) less than without coating"
    assert (
        "not known"
        in energy_plots.against_coating(
            view.against_coating(2.8, 3.35, 16.3, 35, 8, energy.assumptions("S8")), "energy_density"
        ).title
    )


def test_the_tornado_begins_with_the_largest_effect() -> None:
    effects = energy.sensitivity(2.8, 3.35, 16.3, 35, 8, of=LFP)
    for name in ("specific_energy", "energy_density"):
        picture = energy_plots.tornado(effects, name)
        low, high = of_kind(picture, Marks)
        assert isinstance(low, Marks)
        assert isinstance(high, Marks)
        assert picture.y.ticks[0][1] == "active share"
        reach = np.maximum(
            abs(low.x - effects.attrs["reference"][name]), abs(high.x - effects.attrs["reference"][name])
        )
        assert (np.diff(reach) <= 1e-9).all()
        assert "packaging share" not in [word for _, word in picture.y.ticks]
