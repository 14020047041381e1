"""Rate capability against cells of known truth, the arithmetic of the paper, and real files."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets import open_cell
from pchp_widgets.analysis import cycling, rate
from pchp_widgets.io.synthetic.full import RATES, ageing_recipe, full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.cycles import steps


def per_cycle(name: str) -> xr.Dataset:
    design = DESIGNS[name]
    recipe = rate_recipe() if name.startswith("rate") else ageing_recipe(2.0, 20, 0.3)
    cell = full_cell(design, full_state(design, len(recipe.current_density)), recipe)
    coords = {"area": ("cell", [1.327]), "loading": ("cell", [15.0]), "nominal_capacity": ("cell", [3.0])}
    return cycling.per_cycle(steps(cell.points, rule="charge_first", cell=name, area=1.327, coords=coords))


def made(
    discharge: list[float],
    charge: list[float] | None = None,
    capacity: list[float] | None = None,
    interrupted: tuple[int, ...] = (),
) -> xr.Dataset:
    """What per_cycle would say of one cell of 1 cm2, 10 mg cm-2 and 2 mA h cm-2, by its currents."""
    n = len(discharge)
    j, flow = np.array([discharge], float), np.array([charge or discharge], float)
    q = np.array([capacity or [1.0] * n], float)
    table: dict[str, np.ndarray] = {
        "cv_share": np.zeros((1, n)),
        "interrupted": np.isin(np.arange(n), interrupted)[None],
    }
    for way, current in (("charge", flow), ("discharge", j)):
        table |= {f"{way}_current": current, f"{way}_current_density": current, f"{way}_capacity": q}
        table |= {
            f"{way}_areal_capacity": q,
            f"{way}_specific_capacity": 100 * q,
            f"{way}_volumetric_capacity": np.nan * q,
        }
    coords = {"cell": ["a"], "cycle": np.arange(1, n + 1), "nominal_capacity": ("cell", [2.0])}
    return xr.Dataset({name: (("cell", "cycle"), values) for name, values in table.items()}, coords)


@pytest.mark.parametrize(("name", "specific", "areal"), [("rate-PCHP", 90.2, 1.353), ("rate-bare", 32.4, 0.486)])
def test_reported_capacities_at_the_highest_rate_and_their_arithmetic_come_out(
    name: str, specific: float, areal: float
) -> None:
    at = rate.rate_steps(per_cycle(name)).sel(rate_step=RATES.index(5.0)).squeeze()
    assert at["specific_capacity"] == pytest.approx(specific, abs=0.1)
    assert at["areal_capacity"] == pytest.approx(areal, rel=5e-3)
    assert at["areal_capacity"] / 3.0 == pytest.approx(areal / 3.0, abs=1e-3)
    assert at["c_rate_nominal"] == pytest.approx(1.67, rel=5e-3)
    assert at["current_density"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("j", "nominal", "expected"), [(2, 3.0, 0.667), (2, 2.8, 0.714), (3, 3.9, 0.769), (5, 3.0, 1.67)]
)
def test_c_rates_of_the_paper(j: float, nominal: float, expected: float) -> None:
    found = made([j, j]).assign_coords(nominal_capacity=("cell", [nominal]))
    assert rate.rate_steps(found)["c_rate_nominal"].item() == pytest.approx(expected, rel=5e-3)


def test_rate_steps_follow_the_order_of_the_test_and_recovery_is_found() -> None:
    found = rate.rate_steps(per_cycle("rate-bare")).squeeze("cell")
    np.testing.assert_allclose(found["current_density"], RATES, rtol=1e-6)
    np.testing.assert_array_equal(found["first_cycle"], np.arange(1, 40, 5))
    np.testing.assert_array_equal(found["last_cycle"], np.arange(5, 41, 5))
    assert (found["n"] == 5).all()
    assert found["recovery_step"] == len(RATES) - 1
    assert found["recovered"] == pytest.approx(0.986, abs=1e-3)
    assert found["reference_step"] == 0
    assert found["retention"].values[0] == 1
    assert np.all(np.diff(found["retention"].values[:-1]) < 0)
    np.testing.assert_array_equal(found["step_of_cycle"], np.repeat(np.arange(8), 5))


def test_the_measured_c_rate_is_that_of_the_slowest_step() -> None:
    found = rate.rate_steps(made([2, 2, 1, 1, 4, 4], capacity=[1.5, 1.5, 2.0, 2.0, 1.0, 1.0])).squeeze("cell")
    assert found["reference_step"] == 1
    np.testing.assert_allclose(found["c_rate_measured"], [1.0, 0.5, 2.0])
    np.testing.assert_allclose(found["c_rate_nominal"], [1.0, 0.5, 2.0])
    np.testing.assert_allclose(found["retention"], [0.75, 1.0, 0.5])
    assert found["recovery_step"] == -1
    assert np.isnan(found["recovered"])


def test_mean_and_spread_are_those_of_the_cycles_of_a_step_without_interrupted_ones() -> None:
    found = rate.rate_steps(
        made([1, 1, 1, 1, 2, 2], capacity=[2.0, 1.0, 3.0, 0.1, 1.0, 1.0], interrupted=(3,))
    ).squeeze()
    np.testing.assert_allclose(found["capacity"], [2.0, 1.0])
    np.testing.assert_allclose(found["capacity_sd"], [1.0, 0.0])
    np.testing.assert_allclose(found["specific_capacity_sd"], [100.0, 0.0])
    np.testing.assert_array_equal(found["n"], [3, 2])
    np.testing.assert_array_equal(found["interrupted"], [1, 0])
    assert found["volumetric_capacity"].isnull().all()


def test_a_single_cycle_has_no_spread() -> None:
    assert np.isnan(rate.rate_steps(made([1.0]))["capacity_sd"]).all()


@pytest.mark.parametrize(
    ("discharge", "charge", "protocol"),
    [
        ([1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3], "same j"),
        ([1, 1, 2, 2, 3, 3], [1, 1, 1, 1, 1, 1], "constant charge rate"),
        ([1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 1, 1], "mixed"),
        ([1, 1, 1, 1], [1, 1, 1, 1], "undecided"),
        ([1, 1, 2, 2], [1, 1, np.nan, np.nan], "undecided"),
    ],
)
def test_the_charge_protocol_is_told_from_the_currents(
    discharge: list[float], charge: list[float], protocol: str
) -> None:
    assert rate.rate_steps(made(discharge, charge))["charge_protocol"].item() == protocol


def test_the_constant_voltage_of_the_charge_is_told_in_words() -> None:
    found = rate.rate_steps(made([1, 1, 2, 2, 3, 3]))
    assert rate.charge_in_words(found) == [f"{rate.PROTOCOLS['same j']}; no constant voltage"]
    found["cv_share"] = found["cv_share"] + [0.1, 0.2, 0.3]
    assert rate.charge_in_words(found)[0].endswith("10 to 30 % of the charge at constant voltage")
    found["cv_share"] = found["cv_share"] * np.nan
    assert rate.charge_in_words(found)[0].endswith("unknown whether a constant voltage followed")


@pytest.mark.parametrize(
    ("currents", "expected"),
    [
        ([1, 1, 2, 2, 3, 3], True),
        ([1, 1, 2, 2, 1, 1], False),
        ([1, 1, 2, 2, 3], False),
        ([1, 1, 1.03, 1.03, 2, 2], False),
        ([0.1, 0.1, *[2] * 50], False),
        ([np.nan] * 4, False),
    ],
)
def test_what_a_rate_test_is(currents: list[float], expected: bool) -> None:
    assert rate.is_rate_test(made(currents)).item() is expected


def test_ageing_is_no_rate_test_and_steps_may_be_given_as_they_are() -> None:
    assert not rate.is_rate_test(per_cycle("NCM-PCHP")).any()
    design = DESIGNS["rate-PCHP"]
    cell = full_cell(design, full_state(design, 40), rate_recipe())
    assert rate.is_rate_test(steps(cell.points, rule="charge_first")).all()


def test_replicates_are_averaged_step_by_step_and_those_at_another_current_are_left_out() -> None:
    capacities = {"a": [2.0, 2.0, 1.0, 1.0], "b": [4.0, 4.0, 3.0, 3.0], "c": [9.0, 9.0, 9.0, 9.0]}
    cells = [
        made([1, 1, 2, 2] if name != "c" else [1, 1, 8, 8], capacity=q).assign_coords(cell=[name])
        for name, q in capacities.items()
    ]
    rates = rate.rate_steps(xr.concat(cells, "cell"))
    found = rate.over_replicates(rates, dict.fromkeys("abc", "bare"), "capacity").sel(group="bare")
    np.testing.assert_allclose(found["mean"], [5.0, 2.0])
    np.testing.assert_allclose(found["sd"], [np.std([2, 4, 9], ddof=1), np.sqrt(2)])
    np.testing.assert_array_equal(found["n"], [3, 2])
    np.testing.assert_array_equal(found["unmatched"], [0, 1])
    with pytest.raises(ValueError, match="no such variable"):
        rate.over_replicates(rates, {}, "mass")


def test_what_is_not_per_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"give what cycling\.per_cycle returns"):
        rate.rate_steps(xr.Dataset())


@given(st.lists(st.tuples(st.floats(0.05, 20), st.integers(1, 4)), min_size=1, max_size=8), st.randoms())
def test_every_cycle_belongs_to_one_step_and_nothing_is_lost(groups: list[tuple[float, int]], chance: object) -> None:
    currents = [j for j, times in groups for _ in range(times)]
    q = [1 + chance.random() for _ in currents]  # type: ignore[attr-defined]
    found = rate.rate_steps(made(currents, capacity=q)).squeeze("cell")
    assert found["n"].sum() == len(currents)
    assert float((found["capacity"] * found["n"]).sum()) == pytest.approx(sum(q))
    distinct = 1 + sum(abs(a - b) > 0.05 * a for a, b in itertools.pairwise(currents))
    assert found.sizes["rate_step"] == distinct


def test_a_real_rate_test_has_the_capacities_its_own_counter_says(shared_data: Path) -> None:
    path = shared_data / "cycler/batplot/archive_unused/B443_rate.csv"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = open_cell(path, kind="half", cycle_rule="instrument", area="1.13 cm2")
    found = cycling.per_cycle(tree["steps"].to_dataset())
    assert rate.is_rate_test(found).item()
    rates = rate.rate_steps(found).squeeze("cell")
    np.testing.assert_allclose(rates["current_mean"], [0.7204, 1.4517, 2.8913], rtol=2e-3)
    frame = pl.read_csv(path, columns=["Cycle Index", "DChg. Cap.(mAh)"], infer_schema_length=None)
    own = frame.group_by("Cycle Index").agg(pl.col("DChg. Cap.(mAh)").max()).sort("Cycle Index").to_numpy()
    for place in range(3):
        first, last = int(rates["first_cycle"][place]), int(rates["last_cycle"][place])
        mean = own[(own[:, 0] >= first) & (own[:, 0] <= last), 1].mean()
        # up to one record, of 10 or 30 s, lies between two steps
        assert rates["capacity"][place] == pytest.approx(mean, rel=0.02)
    assert rates["charge_protocol"] == "same j"


def test_rates_of_a_real_test_whose_clock_was_mended(shared_data: Path, tmp_path: Path) -> None:
    name = "SINTEF__SLPBA842124HV__2024-10-23__Rate_25degC__Neware__Time_Bug.bdf.csv"
    path = shared_data / "cycler/battery-data-format/docs/examples/reference" / name
    frame = pl.read_csv(path)
    late = frame["test_time_second"].to_numpy()
    frame = frame.filter(pl.Series(late >= np.maximum.accumulate(late)))  # the first record of a step has a time of 0
    frame.write_csv(tmp_path / "mended.bdf.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = open_cell(tmp_path / "mended.bdf.csv", kind="full")
    rates = rate.rate_steps(cycling.per_cycle(tree["steps"].to_dataset())).squeeze("cell")
    np.testing.assert_allclose(rates["current_mean"], [654.1, 6549.8, 13099.4, 32747.4, 59447.9], rtol=1e-3)
    time, current, step = (frame[column].to_numpy() for column in ("test_time_second", "current_ampere", "step_index"))
    for place, number in enumerate([n for n in np.unique(step) if current[step == n].mean() < -0.1]):
        chosen = step == number
        expected = -np.trapezoid(current[chosen], time[chosen]) / 3.6
        assert rates["capacity"][place] == pytest.approx(expected, rel=1e-6)
    assert rates["charge_protocol"] == "constant charge rate"
