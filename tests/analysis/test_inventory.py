"""The inventory of lithium against ledgers whose efficiency, reservoir and end are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis import inventory, ledger
from pchp_widgets.analysis.lithium_life import predicted_life

KNOWN = {"lithium_thickness": 35.0, "area": 1.327, "nominal_capacity": 3.0}


def cell(charge: Any, discharge: Any, **metadata: float) -> xr.Dataset:
    """What :func:`.cycling.per_cycle` gives of one full cell, from its capacities."""
    charge, discharge = (np.asarray(values, float)[None] for values in (charge, discharge))
    two = ("cell", "cycle")
    said = {name: ("cell", [value]) for name, value in (KNOWN | metadata).items()}
    return xr.Dataset(
        {
            "charge_areal_capacity": (two, charge, {"units": "mA h cm-2"}),
            "discharge_areal_capacity": (two, discharge, {"units": "mA h cm-2"}),
            "coulombic_efficiency": (two, discharge / charge, {"units": "1"}),
            "discharge_current": (two, np.full(charge.shape, 2.6)),
            "interrupted": (two, np.zeros(charge.shape, bool)),
        },
        {"cell": ["a"], "cycle": np.arange(1, charge.shape[1] + 1), "opens": ("cell", ["charge"]), **said},
    )


def worn(reservoir: float, capacity: float, efficiency: float, cycles: int, **metadata: float) -> xr.Dataset:
    """A cell of which nothing but the lithium wears out."""
    discharged = ledger.course(reservoir, capacity, efficiency, cycles).capacity
    thickness = float(ledger.lithium_thickness(reservoir))
    return cell(np.append(capacity, discharged[:-1]), discharged, lithium_thickness=thickness, **metadata)


def found_in(cells: xr.Dataset, **options: Any) -> tuple[xr.Dataset, xr.Dataset]:
    of = inventory.reservoir(cells, **options)
    course = inventory.ledger(cells, of)
    return course, inventory.balance(cells, of, course)


def together(*cells: xr.Dataset) -> xr.Dataset:
    named = [one.assign_coords(cell=[f"c{place}"]) for place, one in enumerate(cells)]
    whole = xr.concat(named, "cell", join="outer")
    return whole.assign(interrupted=whole["interrupted"].fillna(False).astype(bool))


@pytest.mark.parametrize(
    ("nominal", "measured", "ratio", "effective"),
    [(2.8, 2.8, 2.58, 2.58), (3.0, 3.0, 2.41, 2.41), (3.9, 3.41, 1.85, 2.12)],
)
def test_n_to_p_by_both_conventions_against_both_capacities(
    nominal: float, measured: float, ratio: float, effective: float
) -> None:
    flat = np.full(20, measured)
    _, of = found_in(cell(flat, flat, nominal_capacity=nominal))
    assert of["n_to_p_nominal"].item() == pytest.approx(ratio, abs=5e-3)
    assert of["n_to_p_measured"].item() == pytest.approx(effective, abs=5e-3)
    for which in ("nominal", "measured"):
        assert of[f"total_to_p_{which}"].item() == pytest.approx(of[f"n_to_p_{which}"].item() + 1)
        assert of[f"n_to_p_{which}_low"].item() == pytest.approx(0.9 * of[f"n_to_p_{which}"].item())
        assert of[f"n_to_p_{which}_high"].item() == pytest.approx(1.1 * of[f"n_to_p_{which}"].item())


def test_only_lithium_opposite_the_cathode_counts() -> None:
    flat = cell(np.full(5, 3.0), np.full(5, 3.0), area=1.13)
    alike = inventory.reservoir(flat)
    larger = inventory.reservoir(flat, lithium_area=1.327)
    assert larger["reservoir"].item() == alike["reservoir"].item() == pytest.approx(7.218, abs=1e-3)
    assert larger["edge_lithium"].item() == pytest.approx(7.218 * (1.327 / 1.13 - 1), rel=1e-3)
    smaller = inventory.reservoir(flat, lithium_area=0.565)
    assert smaller["reservoir"].item() == pytest.approx(7.218 / 2, abs=1e-3)
    assert smaller["edge_lithium"].item() == 0


@pytest.mark.parametrize(
    ("cycles", "capacity", "retention", "bound"),
    [(400, 3.0, 0.76, 0.9932), (500, 2.8, 0.93, 0.9947), (300, 3.9, 0.84, 0.9933)],
)
def test_a_living_cell_bounds_the_efficiency_of_its_lithium(
    cycles: int, capacity: float, retention: float, bound: float
) -> None:
    discharged = capacity * np.linspace(1, retention, cycles)
    course, of = found_in(cell(discharged, discharged))
    assert round(of["lowest_efficiency"].item(), 4) == bound
    assert of["lowest_efficiency_low"].item() == pytest.approx(1 - 1.1 * (1 - of["lowest_efficiency"].item()))
    assert of["exhausted"].item() == 0
    assert np.isnan(of["lithium_efficiency"].item())
    assert course["plated"].values[0, -1] == pytest.approx(discharged.sum())
    assert of["turnovers"].item() == pytest.approx(discharged.sum() / 7.218, rel=1e-3)
    assert of["plated_thickness"].item() == pytest.approx(discharged.sum() / 0.2062, rel=1e-3)


@pytest.mark.parametrize(
    ("cycles", "efficiency", "retention", "capacity", "product", "missing", "share"),
    [(400, 0.9985, 0.76, 3.0, 0.55, 1.80, 0.25), (500, 0.9995, 0.93, 2.8, 0.78, 0.70, 0.097)],
)
def test_the_excess_must_pay_where_efficiency_and_retention_contradict_each_other(
    cycles: int, efficiency: float, retention: float, capacity: float, product: float, missing: float, share: float
) -> None:
    discharged = capacity * np.append([1, 1], np.linspace(1, retention, cycles - 2))
    cells = cell(discharged / efficiency, discharged, nominal_capacity=capacity)
    _, of = found_in(cells)
    said = inventory.contradiction(cells, of)
    assert said["n"].item() == cycles - 3
    assert round(said["product"].item(), 2) == product
    assert said["retention"].item() == pytest.approx(retention)
    assert said["missing_charge"].item() == pytest.approx(missing)
    assert said["missing_share"].item() == pytest.approx(share, rel=5e-3)
    assert said["efficiency_needed"].item() ** (cycles - 3) == pytest.approx(retention)
    assert said["flag"].item() == 1


def test_the_flag_says_when_they_agree_and_when_the_excess_is_too_small() -> None:
    steady = 3.0 * 0.999 ** np.arange(200)
    agree = cell(steady, steady * 0.999)
    flat = np.full(200, 3.0)
    poor = cell(flat, flat * 0.99, lithium_thickness=10.0)
    fades = cell(steady, steady)
    cells = together(agree, poor, fades)
    _, of = found_in(cells)
    assert inventory.contradiction(cells, of)["flag"].values.tolist() == [0, 2, 3]


def test_lithium_from_the_cathode_loosens_the_strict_bound_only() -> None:
    charged = np.full(300, 3.0)
    charged[0] += 0.3
    _, of = found_in(cell(charged, np.full(300, 3.0)))
    assert of["first_loss"].item() == pytest.approx(0.3)
    n0 = of["reservoir_high"].item()
    assert of["lowest_efficiency_strict"].item() == pytest.approx(1 - (n0 + 0.3) / charged.sum())


def test_a_cycle_with_one_half_only_is_told_and_counts_for_nothing() -> None:
    charged, discharged = np.full(30, 3.0), np.full(30, 3.0)
    charged[-1], discharged[-1] = 4.5, np.nan  # a short in the last charge
    course, of = found_in(cell(charged, discharged))
    assert course["left_out"].item() == 1
    assert of["plated"].item() == pytest.approx(87)
    assert of["exhausted_cycle"].item() == 29
    assert np.isnan(course["plated"].values[0, -1])


@given(st.floats(2, 8), st.floats(1, 4), st.floats(0.975, 0.993), st.floats(-0.1, 0.1))
@settings(max_examples=40, deadline=None)
def test_the_efficiency_of_a_cell_that_ran_out_lies_in_its_interval(
    reservoir: float, capacity: float, efficiency: float, error: float
) -> None:
    end = ledger.end_of_life(reservoir, capacity, efficiency, level=0.7)
    assume(20 < float(end.exhausted) < 600)
    cells = worn(reservoir, capacity, efficiency, int(end.total))
    # nobody knows the true thickness: what is stated is off by something within the tolerance
    cells = cells.assign_coords(lithium_thickness=cells["lithium_thickness"] * (1 + error))
    _, of = found_in(cells, tolerance=0.125)
    assert of["exhausted"].item() == 1
    assert of["exhausted_cycle"].item() == pytest.approx(float(end.exhausted), abs=6)
    slack = 6 * (1 - efficiency) / float(end.exhausted)  # the cycle is found within a few
    assert of["lithium_efficiency_low"].item() - slack <= efficiency <= of["lithium_efficiency_high"].item() + slack
    assert of["lowest_efficiency_strict"].item() <= efficiency + 1e-9


@given(st.floats(2, 8), st.floats(1, 4), st.floats(0.9, 0.9995), st.floats(0.9985, 1), st.integers(20, 250))
@settings(max_examples=40, deadline=None)
def test_the_bounds_hold_on_any_cell_that_lives(
    reservoir: float, capacity: float, efficiency: float, fade: float, cycles: int
) -> None:
    discharged = capacity * fade ** np.arange(cycles)
    assume(float((discharged * (1 - efficiency)).sum()) < reservoir)
    thickness = float(ledger.lithium_thickness(reservoir))
    course, of = found_in(cell(discharged, discharged, lithium_thickness=thickness))
    assert of["exhausted"].item() in {0, -1}
    for name in ("lowest_efficiency", "lowest_efficiency_low", "lowest_efficiency_strict"):
        assert (course[name].values <= efficiency + 1e-9).all()


def test_a_cell_that_fades_by_its_cathode_has_not_run_out() -> None:
    discharged = 3.0 * np.linspace(1, 0.6, 300)
    _, of = found_in(cell(discharged / 0.9985, discharged))
    assert of["exhausted"].item() == 0


def test_the_predicted_life_brackets_what_happens() -> None:
    cells = worn(7.2143, 3.0, 0.99, 290)
    _, of = found_in(cells)
    given_ = predicted_life(cells, of, efficiency=0.99)
    assert given_["cycle"].item() == pytest.approx(262.7, abs=0.5)
    assert given_["basis"].item() == "given"
    assert given_["observed"].item() == 1
    assert given_["cycle_low"].item() < given_["observed_cycle"].item() < given_["cycle_high"].item()
    own = predicted_life(cells, of)
    assert own["basis"].item() == "from this cell"
    assert own["cycle_low"].item() < own["observed_cycle"].item() < own["cycle_high"].item()


def test_a_living_cell_predicts_a_lower_bound_of_its_life() -> None:
    flat = np.full(300, 3.0)
    cells = cell(flat, flat)
    _, of = found_in(cells)
    life = predicted_life(cells, of)
    assert life["basis"].item() == "lower bound"
    assert life["cycle_high"].item() == np.inf
    assert life["cycle_low"].item() >= 300
    assert (life["observed"].item(), life["observed_cycle"].item()) == (0, 300)


def test_without_metadata_the_ledger_says_what_is_missing_and_gives_the_rest() -> None:
    flat = np.full(40, 3.0)
    cells = together(cell(flat, flat), cell(flat, flat, lithium_thickness=np.nan, nominal_capacity=np.nan))
    assert inventory.missing(cells) == {"c1": ["lithium_thickness", "nominal_capacity"]}
    _, of = found_in(cells)
    assert np.isnan(of["reservoir"].values).tolist() == [False, True]
    assert of["plated"].values.tolist() == pytest.approx([120, 120])
    assert of["exhausted"].values.tolist() == [0, -1]
    life = predicted_life(cells, of)
    assert life["basis"].values.tolist() == ["lower bound", ""]
    assert np.isnan(life["cycle"].values).tolist() == [False, True]
    bare = cells.drop_vars(["lithium_thickness", "nominal_capacity"])
    assert inventory.missing(bare) == {name: ["lithium_thickness", "nominal_capacity"] for name in ("c0", "c1")}


def test_many_cells_at_once_are_what_each_is_alone() -> None:
    cells = [worn(4.0, 3.0, 0.985, 150), worn(7.0, 2.0, 0.995, 220), worn(7.0, 2.0, 0.9, 60)]
    _, of = found_in(together(*cells))
    for place, one in enumerate(cells):
        _, alone = found_in(one)
        for name in ("plated", "exhausted_cycle", "exhausted", "lithium_efficiency", "measured_capacity"):
            np.testing.assert_allclose(of[name].values[place], alone[name].values[0], err_msg=name)


def test_every_number_states_its_unit_and_definition() -> None:
    cells = worn(7.2, 3.0, 0.99, 60)
    course, of = found_in(cells)
    for data in (course, of, inventory.contradiction(cells, of), predicted_life(cells, of)):
        for name, values in data.data_vars.items():
            assert {"definition", "long_name"} & set(values.attrs) or "flag_meanings" in values.attrs, name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 10}, "tolerance 10: a share"),
        ({"utilisation": 0}, "utilisation 0"),
        ({"lithium_area": -1.0}, "lithium_area -1.0"),
    ],
)
def test_what_cannot_be_is_refused_in_words(options: dict[str, float], message: str) -> None:
    cells = worn(7.2, 3.0, 0.99, 10)
    with pytest.raises(ValueError, match=message):
        inventory.reservoir(cells, **options)
    _, of = found_in(cells)
    with pytest.raises(ValueError, match="not in percent"):
        predicted_life(cells, of, efficiency=99.0)
