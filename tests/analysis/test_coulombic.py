from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets import open_cell
from pchp_widgets.analysis import coulombic
from pchp_widgets.analysis.coulombic import formulas
from pchp_widgets.io.synthetic.li_cu import Copper, LiCuCell, galvanostatic_cell, modified_cell, reservoir_cell
from pchp_widgets.model.cycles import merged_steps, steps
from pchp_widgets.model.schema import dataset

CUT_OFF, PLATEAU = 1.0, 0.03


def cycled(*charges: float) -> xr.Dataset:
    """Steps of a test said by its charges: negative plates, positive strips, a strip given as complex is cut off."""
    parts = []
    clock = 0.0
    for charge in charges:
        size, emptied = abs(charge), isinstance(charge, complex)
        sign = 1.0 if emptied else np.sign(charge)
        time = clock + np.array([0.0, 0.5, 1.0]) * size * 3600
        clock = time[-1] + 1.0
        voltage = sign * np.array([PLATEAU, PLATEAU, CUT_OFF if emptied else PLATEAU])
        parts.append((time, voltage, np.full(3, sign)))
    time, voltage, current = (np.concatenate(column) for column in zip(*parts, strict=True))
    points = dataset("points", {"time": time, "voltage": voltage, "current": current})
    return steps(points, rule="plating_first", cell="cell")


def emptied(charge: float) -> complex:
    """A stripping that goes on to the cut-off."""
    return complex(charge)


def modified(n: int, each: float, total: float, left: float, *, conditioning: bool = True) -> xr.Dataset:
    """The modified protocol as its authors describe it."""
    before = [-total, emptied(0.9 * total)] if conditioning else []
    return cycled(*before, -total, *[each, -each] * n, emptied(left))


def reservoir(cycles: int, each: float, total: float) -> xr.Dataset:
    """A reservoir that lasts for a number of cycles, the last stripping of which meets the cut-off at its end."""
    return cycled(-total, *[each, -each] * (cycles - 1), emptied(each))


def counted(cell: LiCuCell, name: str = "cell") -> xr.Dataset:
    return steps(cell.points, rule="plating_first", cell=name, area=cell.copper.area)


def one(found: xr.Dataset) -> xr.Dataset:
    return found.isel(cell=0)


@pytest.mark.parametrize(
    ("left", "expected"), [(3.58, 0.97), (3.72, 0.98), (3.86, 0.99), (3.93, 0.995), (3.986, 0.999)]
)
def test_the_modified_protocol_gives_the_efficiencies_of_the_table(left: float, expected: float) -> None:
    assert formulas.modified_efficiency(4, 1, 10, left) == pytest.approx(expected, abs=1e-12)
    found = one(coulombic.efficiency(modified(10, 1, 4, left)))
    assert found["procedure"] == "modified"
    assert found["coulombic_efficiency"].item() == pytest.approx(expected, abs=1e-12)
    assert [found[name].item() for name in ("reservoir", "cycled", "left", "cycles_used")] == pytest.approx(
        [4, 1, left, 10]
    )


def test_a_larger_reservoir_gives_the_efficiency_of_the_table() -> None:
    found = one(coulombic.efficiency(modified(10, 1, 5, 4.85)))
    assert found["coulombic_efficiency"].item() == pytest.approx(0.99, abs=1e-12)


@pytest.mark.parametrize(("cycles", "expected"), [(100, 0.96), (200, 0.98)])
def test_a_reservoir_of_four_lasts_as_many_cycles_as_the_table_says(cycles: int, expected: float) -> None:
    assert formulas.reservoir_efficiency(4, 1, cycles) == pytest.approx(expected, abs=1e-12)
    found = one(coulombic.efficiency(reservoir(cycles, 1, 4)))
    assert found["procedure"] == "reservoir"
    assert found["coulombic_efficiency"].item() == pytest.approx(expected, abs=1e-12)
    assert found["cycles_used"] == pytest.approx(cycles)


def test_the_floor_of_ten_cycles_of_one_with_a_reservoir_of_four_is_0714() -> None:
    assert formulas.measurable_floor(4, 1, 10) == pytest.approx(10 / 14)
    assert round(float(one(coulombic.efficiency(modified(10, 1, 4, 3.9)))["floor"]), 3) == 0.714


def test_charges_known_to_a_thousandth_leave_four_in_ten_thousand_uncertain() -> None:
    found = one(coulombic.efficiency(modified(10, 1, 4, 3.93)))
    assert round(float(found["coulombic_efficiency_stderr"]), 4) == 0.0004
    low, high = coulombic.interval(0.9955, float(found["coulombic_efficiency_stderr"]))
    assert low < 0.9960 < high


@given(gain=st.floats(0.9, 1.1), left=st.floats(0.5, 3.999), n=st.integers(2, 20))
@settings(max_examples=30, deadline=None)
def test_a_common_gain_error_cancels(gain: float, left: float, n: int) -> None:
    true = formulas.modified_efficiency(4.0, 1.0, n, left)
    assert formulas.modified_efficiency(4.0 * gain, gain, n, left * gain) == pytest.approx(true, rel=1e-12)
    assert formulas.reservoir_efficiency(4 * gain, gain, n) == pytest.approx(1 - 4 / n, rel=1e-9, abs=1e-12)
    assert formulas.measurable_floor(4.0, 1.0, n) <= true < 1


@given(charge_errors=st.tuples(*[st.floats(-1, 1)] * 3), left=st.floats(3.0, 4.0), reservoir_charge=st.floats(4.0, 6.0))
@settings(max_examples=30, deadline=None)
def test_the_standard_error_is_that_of_the_linearised_formula(
    charge_errors: tuple[float, float, float], left: float, reservoir_charge: float
) -> None:
    size = 1e-6
    values = np.array([reservoir_charge, 1.0, left])
    slopes = []
    for place in range(3):
        moved = values.copy()
        moved[place] *= 1 + size
        t, c, s = moved
        slopes.append(
            float(
                formulas.modified_efficiency(t, c, 10, s) - formulas.modified_efficiency(reservoir_charge, 1, 10, left)
            )
            / size
        )
    expected = 1e-3 * np.hypot(np.hypot(slopes[0], slopes[1]), slopes[2])
    assert formulas.modified_stderr(reservoir_charge, 1, 10, left, 1e-3) == pytest.approx(expected, rel=1e-3)


def test_a_reservoir_used_up_in_cycle_k_is_flagged_and_gives_one_minus_the_reservoir_over_k_cycles() -> None:
    used_up = cycled(-4, emptied(3.6), -4, *[1, -1] * 7, emptied(1.0), -1, emptied(0.5), -1, emptied(0.5))
    data = coulombic.efficiency(used_up)
    found = one(data)
    assert found["procedure"] == "modified"
    assert found["coulombic_efficiency"].item() == pytest.approx(1 - 4 / 8)
    assert found["exhausted_cycle"] == 8
    assert np.isnan(found["floor"])
    assert coulombic.remarks(data)["cell"] == ["reservoir used up before the end: CE = 1 - Q_T / (N Q_c) (cycle 8)"]


def test_a_reservoir_used_up_at_once_has_no_efficiency_by_the_formula() -> None:
    found = one(coulombic.efficiency(cycled(-4, emptied(2), -4, 1, -1, 1, -1, emptied(0.3))))
    assert np.isnan(found["coulombic_efficiency"])
    assert int(found["flags"]) & coulombic.FLAGS["too_few"][0]
    assert found["balance"].item() == pytest.approx(2.3 / 6)


def test_more_left_than_there_was_is_an_efficiency_above_one_with_a_flag() -> None:
    data = coulombic.efficiency(modified(10, 1, 4, 4.2))
    assert one(data)["coulombic_efficiency"].item() == pytest.approx(14.2 / 14)
    assert "Q_s > Q_T" in coulombic.remarks(data)["cell"][0]


def test_a_small_last_stripping_counts_as_such_where_the_number_of_cycles_is_known() -> None:
    test = modified(10, 1, 4, 0.5)
    assert one(coulombic.efficiency(test))["exhausted_cycle"] == 11
    found = one(coulombic.efficiency(test, cycles_planned=10))
    assert found["coulombic_efficiency"].item() == pytest.approx(10.5 / 14)
    assert np.isnan(found["exhausted_cycle"])


def test_a_test_without_its_last_stripping_gives_a_bound() -> None:
    data = coulombic.efficiency(cycled(-4, emptied(3.6), -4, *[1, -1] * 10))
    found = one(data)
    assert found["procedure"] == "modified"
    assert np.isnan(found["coulombic_efficiency"])
    assert found["coulombic_efficiency_low"].item() == pytest.approx(10 / 13)
    assert "not stripped yet" in coulombic.remarks(data)["cell"][0]


def test_reservoir_and_modified_protocol_are_not_told_apart_before_the_end() -> None:
    data = coulombic.efficiency(cycled(-4, *[1, -1] * 10))
    assert one(data)["procedure"] == "undecided"
    assert "look alike" in coulombic.remarks(data)["cell"][0]
    assert one(data)["coulombic_efficiency_low"].item() == pytest.approx(10 / 13)
    assert one(coulombic.efficiency(cycled(-4, *[1, -1] * 10), protocol="reservoir"))["procedure"] == "reservoir"


def test_an_interrupted_cycle_counts_by_the_charge_it_passed() -> None:
    broken = cycled(-4, emptied(3.6), -4, *[1, -1] * 4, 1, -0.4, *[1, -1] * 5, emptied(3.2))
    data = coulombic.efficiency(broken)
    assert one(data)["coulombic_efficiency"].item() == pytest.approx((10 + 3.2) / (4 + 9.4))
    assert "interrupted" in coulombic.remarks(data)["cell"][0]


def test_the_galvanostatic_mean_leaves_out_what_it_names() -> None:
    ratios = [0.80, 0.95, 0.96, 0.97, 0.5, 0.96]
    halves = [half for ratio in ratios for half in (-1.0, emptied(ratio))]
    halves[8], halves[9] = -0.5, emptied(0.25)  # cycle 5: plating was interrupted
    data = coulombic.efficiency(cycled(*halves))
    found = one(data)
    assert found["procedure"] == "galvanostatic"
    assert found["coulombic_efficiency"].item() == pytest.approx(np.mean([0.95, 0.96, 0.97, 0.96]))
    assert found["median"].item() == pytest.approx(0.96)
    assert found["sd"].item() == pytest.approx(np.std([0.95, 0.96, 0.97, 0.96], ddof=1))
    assert found["cycles_used"] == 4
    assert list(coulombic.left_out(data, "cell").values()) == [[1], [5]]
    assert found["cycle_efficiency"].values == pytest.approx(ratios)
    assert found["cycle_efficiency_stderr"].values == pytest.approx(np.array(ratios) * 1e-3 * np.sqrt(2))


def test_formation_cycles_are_left_out_where_they_are_known() -> None:
    test = cycled(*[half for ratio in (0.8, 0.9, 0.95, 0.97) for half in (-1.0, emptied(ratio))])
    known = test.assign_coords(formation_cycles=("cell", [2]))
    assert one(coulombic.efficiency(known, exclude=()))["coulombic_efficiency"].item() == pytest.approx(0.96)


def test_a_stripping_that_was_cut_short_spoils_the_next_cycle_too() -> None:
    test = cycled(-1, emptied(0.9), -1, emptied(0.95), -1, 0.5, -1, emptied(1.4), -1, emptied(0.95))
    data = coulombic.efficiency(test)
    assert one(data)["coulombic_efficiency"].item() == pytest.approx(0.95)
    assert [3, 4] in coulombic.left_out(data, "cell").values()
    assert np.isnan(one(data)["soft_short_cycle"])


@pytest.mark.parametrize(("over", "shorted"), [((1.003,), False), ((1.003, 1.01), True), ((1.002, 1.001), False)])
def test_more_than_100_2_percent_twice_is_a_soft_short(over: tuple[float, ...], shorted: bool) -> None:
    ratios = [0.9, 0.97, 0.97, *over, 0.97]
    data = coulombic.efficiency(cycled(*[half for ratio in ratios for half in (-1.0, emptied(ratio))]))
    assert bool(np.isfinite(one(data)["soft_short_cycle"])) is shorted
    assert (coulombic.remarks(data)["cell"] != []) is shorted
    if shorted:
        assert one(data)["soft_short_cycle"] == 4
        assert one(data)["coulombic_efficiency"].item() == pytest.approx(0.97)


def test_cycles_that_begin_with_stripping_are_no_pairs() -> None:
    data = cycled(*[half for _ in range(4) for half in (-1.0, emptied(0.95))])
    shifted = data.assign(time_start=-data["time_start"])
    found = coulombic.efficiency(shifted)
    assert one(found)["procedure"] == "undecided"
    assert "plating_first" in coulombic.remarks(found)["cell"][0]


def test_the_cut_off_is_found_or_given() -> None:
    test = cycled(*[half for ratio in (0.9, 0.95, 0.96) for half in (-1.0, emptied(ratio))])
    assert one(coulombic.efficiency(test))["cut_off"].item() == pytest.approx(CUT_OFF)
    assert one(coulombic.efficiency(test, cut_off=1.0))["procedure"] == "galvanostatic"
    later = one(coulombic.efficiency(test, cut_off=1.5))
    assert later["procedure"] == "undecided"
    assert np.isnan(later["cut_off"])


@given(gain=st.floats(0.95, 1.05), true=st.floats(0.75, 0.999), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_a_wrong_current_range_changes_no_efficiency(gain: float, true: float, seed: int) -> None:
    made = modified_cell(Copper(np.array([0.9, true]), FLAT, points=9), seed=seed)
    wrong = made.points.assign(current=made.points["current"] * gain)
    right, found = (
        one(coulombic.efficiency(steps(points, rule="plating_first", cell="cell"))) for points in (made.points, wrong)
    )
    assert found["coulombic_efficiency"].item() == pytest.approx(right["coulombic_efficiency"].item(), rel=1e-9)
    assert found["reservoir"].item() == pytest.approx(gain * right["reservoir"].item(), rel=1e-9)


def test_many_cells_at_once_say_what_each_says_alone() -> None:
    made = {
        "a": galvanostatic_cell(Copper(np.array([0.9, 0.95]), FLAT), cycles=9, seed=1),
        "b": modified_cell(Copper(np.array([0.9, 0.98]), FLAT), seed=2),
        "c": reservoir_cell(Copper(np.array([0.9]), FLAT), seed=3),
        "d": modified_cell(Copper(np.array([0.6]), FLAT), seed=4),
    }
    alone = {name: counted(cell, name) for name, cell in made.items()}
    together = coulombic.efficiency(merged_steps(alone.values()))
    for name, each in alone.items():
        own = coulombic.efficiency(each)
        for number in ("coulombic_efficiency", "coulombic_efficiency_stderr", "flags", "cut_off", "balance", "left"):
            assert together[number].sel(cell=name).item() == pytest.approx(own[number].item(), nan_ok=True)
        assert together["procedure"].sel(cell=name) == own["procedure"].item()


def test_a_real_symmetric_cell_is_no_test_of_copper(shared_data: Path) -> None:
    files = sorted(shared_data.rglob("gcpl.mpr"))
    if not files:
        pytest.skip(f"there is no gcpl.mpr below {shared_data}")
    data = coulombic.efficiency(open_cell(files[0], kind="li_cu")["steps"].to_dataset())
    assert one(data)["procedure"] == "undecided"
    assert coulombic.remarks(data)["gcpl"]


def test_without_any_cut_off_nothing_is_decided() -> None:
    found = one(coulombic.efficiency(cycled(*[-1.0, 1.0] * 5)))
    assert found["procedure"] == "undecided"
    assert np.isnan(found["coulombic_efficiency"])
    assert "cut-off" in str(found["reason"].item())


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"protocol": "adams"}, "galvanostatic"),
        ({"cycles_planned": 0}, "cycles_planned"),
        ({"cut_off": 0.0}, "give 1.0 for 1.0 V"),
        ({"charge_error": -1}, "0.1 %"),
    ],
)
def test_wrong_words_and_numbers_are_refused_with_a_remedy(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        coulombic.efficiency(modified(2, 1, 4, 3), **arguments)  # type: ignore[arg-type]


K = np.arange(60)
FLAT = np.array([0.03])


def test_a_drifting_efficiency_is_found_cycle_by_cycle() -> None:
    made = galvanostatic_cell(Copper(0.985 - 5e-4 * K, FLAT, sei=0.05), cycles=60, seed=3)
    found = one(coulombic.efficiency(counted(made)))
    for key, value in made.truth.items():
        if key.startswith("efficiency_"):
            assert found["cycle_efficiency"].sel(cycle=int(key[11:])).item() == pytest.approx(value, abs=1e-9)
    assert found["coulombic_efficiency"].item() == pytest.approx(made.truth["mean_from_2"], abs=1e-9)
    assert found["cut_off"].item() == pytest.approx(1.0, abs=1e-3)


def test_a_dead_cell_and_a_soft_short_end_the_mean() -> None:
    dying = Copper(np.where(K < 40, 0.97, 0.97 * np.exp(-(K - 39) / 2.0)), FLAT)
    shorted = Copper(np.array([0.97]), FLAT, leak_from=31)
    both = [counted(galvanostatic_cell(of, seed=1), name) for of, name in ((dying, "dead"), (shorted, "shorted"))]
    found = coulombic.efficiency(xr.concat(both, "cell", join="outer"))
    assert found["coulombic_efficiency"].values == pytest.approx([0.97, 0.97])
    assert found["dead_cycle"].sel(cell="dead") == 41
    assert found["soft_short_cycle"].sel(cell="shorted") == 31
    padded = coulombic.efficiency(xr.concat(both, "cell", join="outer").reindex(cycle=np.arange(1, 501)))
    xr.testing.assert_equal(padded["dead_cycle"], found["dead_cycle"])
    xr.testing.assert_allclose(padded["coulombic_efficiency"], found["coulombic_efficiency"])


def test_a_poor_beginning_is_no_death() -> None:
    ratios = [0.5, 0.7, 0.96, 0.97, 0.97, 0.5, 0.97]
    data = coulombic.efficiency(cycled(*[half for ratio in ratios for half in (-1.0, emptied(ratio))]), exclude=(1, 2))
    assert np.isnan(one(data)["dead_cycle"])
    assert one(data)["cycles_used"] == 5


def test_the_charge_balance_of_a_reservoir_is_the_truth_and_the_formula_lies_below() -> None:
    made = reservoir_cell(Copper(np.array([0.96]), FLAT, sei=0.0), seed=2)
    found = one(coulombic.efficiency(counted(made)))
    assert found["procedure"] == "reservoir"
    assert found["balance"].item() == pytest.approx(0.96, abs=1e-6)
    assert found["coulombic_efficiency"].item() == pytest.approx(made.truth["efficiency"], abs=1e-9)
    assert found["cycles_used"].item() == pytest.approx(made.truth["cycles"], rel=1e-6)


@pytest.mark.parametrize("true", [0.60, 0.95, 0.995])
def test_the_modified_protocol_finds_the_planted_efficiency(true: float) -> None:
    made = modified_cell(Copper(np.array([0.9, true]), FLAT), seed=4)
    found = one(coulombic.efficiency(counted(made)))
    assert found["procedure"] == "modified"
    assert found["coulombic_efficiency"].item() == pytest.approx(made.truth["efficiency"], abs=1e-6)
    assert bool(np.isfinite(found["exhausted_cycle"])) == (made.truth["exhausted_in"] > 0) == (true < 10 / 14)


def test_a_tree_answers_in_one_word() -> None:
    made = modified_cell(Copper(np.array([0.9, 0.98]), FLAT), seed=4)
    tree = xr.DataTree.from_dict({"steps": counted(made), "points": made.points}, name="cell")
    assert one(tree.pchp.coulombic())["coulombic_efficiency"].item() == pytest.approx(0.98)  # type: ignore[attr-defined]


def test_every_number_says_what_it_is() -> None:
    found = coulombic.efficiency(modified(10, 1, 4, 3.9))
    for values in found.data_vars.values():
        if values.dtype.kind == "f":
            assert values.attrs["units"]
            assert values.attrs["definition"]
    assert found["coulombic_efficiency"].attrs["ancillary_variables"] == "coulombic_efficiency_stderr"
    assert one(found)["definition_used"] == formulas.DEFINITIONS["modified"]
