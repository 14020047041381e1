"""The figures of full and half cells against the datasets they are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis import cycling as analysis
from pchp_widgets.analysis.knee import knees
from pchp_widgets.model.cycles import merged_steps
from pchp_widgets.plots import cycling as plots
from pchp_widgets.plots import cycling_profiles as single
from pchp_widgets.plots import cycling_view as view
from pchp_widgets.plots.picture import Bands, Levels, Lines, Marks, Picture, Ribbons
from pchp_widgets.plots.theme import looks

MakeCell = Callable[..., xr.DataTree]
Trees = Mapping[str, xr.DataTree]
LOOKS = looks({"PCHP-1": "PCHP", "PCHP-2": "PCHP", "bare-1": "bare"})


@pytest.fixture(scope="module")
def trees(make_full_cell: MakeCell) -> dict[str, xr.DataTree]:
    cells = [
        make_full_cell("PCHP-1"),
        make_full_cell("PCHP-2", seed=1),
        make_full_cell("bare-1", "NCM-bare", cycles=30),
    ]
    return {str(tree.name): tree for tree in cells}


@pytest.fixture(scope="module")
def found(trees: Trees) -> xr.Dataset:
    return analysis.per_cycle(merged_steps(tree["steps"].to_dataset() for tree in trees.values()))


@pytest.fixture(scope="module")
def kept(found: xr.Dataset) -> xr.Dataset:
    return analysis.retention(found)


def drawn(
    found: xr.Dataset, kept: xr.Dataset, basis: str = "areal", against: str = "cycle", replicates: str = "each"
) -> xr.Dataset:
    unit = view.capacity_unit(found, basis, kept["reference_value"])
    numbers = view.numbers(found, unit, analysis.mean_efficiency(found, 3), 3)
    return view.curves(numbers, LOOKS, against, replicates)


def picture(found: xr.Dataset, kept: xr.Dataset, **how: str) -> Picture:
    curves = drawn(found, kept, **how)
    alone = drawn(found, kept, **{**how, "replicates": "each"})
    ends = view.ends(alone, kept, analysis.cycle_at(kept), knees(kept))
    return plots.capacity(curves, ends, view.selected(curves, 5), 0.8)


def layers(of: Picture, kind: type) -> list[object]:
    return [layer for layer in of.layers if isinstance(layer, kind)]


def test_capacity_is_that_of_the_truth_on_every_basis(trees: Trees, found: xr.Dataset, kept: xr.Dataset) -> None:
    truth = trees["PCHP-1"].attrs["truth"]["discharge_capacity"].values
    reference = truth[2]
    for basis, expected in {
        "areal": truth,
        "specific": truth / 15.0 * 1000,
        "absolute": truth * 1.327,
        "relative": truth / reference,
    }.items():
        curves = drawn(found, kept, basis)
        np.testing.assert_allclose(curves["capacity"].values[0], expected, rtol=2e-3)


def test_a_basis_that_needs_an_unknown_area_gives_nothing_for_that_cell(make_full_cell: MakeCell) -> None:
    steps = [make_full_cell(name, area=area)["steps"].to_dataset() for name, area in (("a", "1.327 cm2"), ("b", ""))]
    found = analysis.per_cycle(merged_steps(steps))
    unit = view.capacity_unit(found, "areal", analysis.retention(found)["reference_value"])
    assert np.isfinite(unit.values).tolist() == [True, False]
    assert np.isfinite(view.capacity_unit(found, "absolute", unit).values).all()


def test_the_mean_of_replicates_goes_as_far_as_all_of_them(make_full_cell: MakeCell) -> None:
    cells = [make_full_cell("PCHP-1", cycles=40), make_full_cell("PCHP-2", cycles=25, seed=1)]
    found = analysis.per_cycle(merged_steps(tree["steps"].to_dataset() for tree in cells))
    kept = analysis.retention(found)
    each, mean = drawn(found, kept), drawn(found, kept, replicates="mean")
    assert mean["curve"].values.tolist() == ["PCHP"]
    both = each["capacity"].values[:, :25]
    np.testing.assert_allclose(mean["capacity"].values[0, :25], both.mean(0))
    np.testing.assert_allclose(mean["capacity_sd"].values[0, :25], both.std(0, ddof=1))
    assert np.isnan(mean["capacity"].values[0, 25:]).all()


@given(values=st.lists(st.lists(st.floats(0.1, 10), min_size=4, max_size=4), min_size=1, max_size=5))
def test_a_mean_lies_between_its_cells(values: list[list[float]]) -> None:
    cells = np.array(values)
    mean, sd = view._spread(cells, np.isfinite(cells))
    assert ((mean >= cells.min(0) - 1e-9) & (mean <= cells.max(0) + 1e-9)).all()
    assert np.isfinite(sd).all() == (len(cells) > 1)


def test_replicates_of_two_cathodes_are_not_averaged(make_full_cell: MakeCell) -> None:
    cells = [make_full_cell("N", "NCM-PCHP"), make_full_cell("L", "LFP-PCHP"), make_full_cell("T", "LFP3.9-PCHP")]
    found = analysis.per_cycle(merged_steps(tree["steps"].to_dataset() for tree in cells))
    assert view.families(found) == ["NCM83", "LFP 16.3 mg cm⁻²", "LFP 23.1 mg cm⁻²"]
    members = view.groups(["N", "L", "T"], looks(dict.fromkeys("NLT", "PCHP")), view.families(found))
    assert list(members.values()) == [["N"], ["L"], ["T"]]


def test_reference_and_end_of_life_are_marked_where_the_analysis_says(found: xr.Dataset, kept: xr.Dataset) -> None:
    end = analysis.cycle_at(kept)
    assert end["observed"].values.tolist() == [1, 1, 1]
    reference, _, crossed, last = (mark for mark in layers(picture(found, kept), Marks) if not mark.is_data)  # type: ignore[attr-defined]
    assert reference.x.tolist() == [3.0, 3.0, 3.0]  # type: ignore[attr-defined]
    np.testing.assert_allclose(crossed.x, end["cycle"])  # type: ignore[attr-defined]
    assert len(last.x) == 0  # type: ignore[attr-defined]
    start = [float(drawn(found, kept)["capacity"].sel(curve=name, cycle=3)) for name in LOOKS]
    np.testing.assert_allclose(crossed.y, 0.8 * np.array(start), rtol=1e-3)  # type: ignore[attr-defined]


def test_the_level_is_one_line_where_capacities_are_relative(found: xr.Dataset, kept: xr.Dataset) -> None:
    (level,) = layers(picture(found, kept, basis="relative"), Levels)
    assert level.y.tolist() == [80.0]  # type: ignore[attr-defined]
    (each,) = layers(picture(found, kept), Levels)
    np.testing.assert_allclose(each.y, 0.8 * kept["reference_value"].values / 1.327)  # type: ignore[attr-defined]


def test_the_knee_lies_on_the_curve_with_its_interval(found: xr.Dataset, kept: xr.Dataset) -> None:
    bends = knees(kept)
    bends["knee"][:], bends["knee_low"][:], bends["knee_high"][:] = 20.5, 18.0, 22.0
    curves = drawn(found, kept)
    ends = view.ends(curves, kept, analysis.cycle_at(kept), bends)
    np.testing.assert_allclose(ends["knee_value"], curves["capacity"].sel(cycle=[20, 21]).mean("cycle"), rtol=1e-9)
    assert ends["knee_low_at"].values.tolist() == [18.0] * 3


def test_against_time_a_cycle_spans_from_its_beginning_to_the_next(found: xr.Dataset, kept: xr.Dataset) -> None:
    curves = drawn(found, kept, against="time")
    begin = found["time_start"].sel(cell="PCHP-1").values / 3600
    span = view.selected(curves, 7)
    assert float(span["start"][0]) == pytest.approx(begin[6])
    assert float(span["stop"][0]) == pytest.approx(begin[7])
    assert np.isnan(view.selected(curves, 99)["start"]).all()
    assert np.isfinite(view.selected(curves, 40)["stop"].values[0])


def test_the_range_of_the_efficiency_is_that_of_its_window(found: xr.Dataset, kept: xr.Dataset) -> None:
    curves = drawn(found, kept)
    made = plots.efficiency(curves, view.selected(curves, 5))
    first = curves["coulombic_efficiency"].sel(cycle=1).values * 100
    assert (first < made.ylim[0]).all()  # the first cycle loses 9 %
    assert "cycles 3 to the last" in made.title
    assert "beyond this range" in made.title
    assert made.ylim[1] - made.ylim[0] >= 0.2
    (dashed,) = [layer for layer in layers(made, Lines) if layer.dash == "dashed"]  # type: ignore[attr-defined]
    mean = analysis.mean_efficiency(found, 3)["arithmetic"].values * 100
    np.testing.assert_allclose([np.nanmax(line) for line in dashed.y], mean)  # type: ignore[attr-defined]
    assert np.isnan(dashed.y[0][:2]).all()  # type: ignore[attr-defined]


def test_few_curves_show_the_error_of_every_efficiency(found: xr.Dataset, kept: xr.Dataset) -> None:
    curves = drawn(found, kept)
    (ribbon,) = layers(plots.efficiency(curves, view.selected(curves, 5)), Ribbons)
    error = found["coulombic_efficiency_stderr"].values * 100
    np.testing.assert_allclose((ribbon.high[0] - ribbon.low[0]) / 2, error[0])  # type: ignore[attr-defined]


def test_a_profile_ends_at_the_capacity_of_its_half_cycle(trees: Trees, found: xr.Dataset, kept: xr.Dataset) -> None:
    keys = [(name, 5) for name in trees]
    halves = {key: single.voltage_profile(trees[key[0]], key[1]) for key in keys}
    unit = view.capacity_unit(found, "specific", kept["reference_value"])
    profiles = single.profiles(halves, "profiles", unit, LOOKS)
    assert profiles["x"].attrs["units"] == "mA h g-1"
    starts, counts = profiles["point_start"].values, profiles["point_count"].values
    last = profiles["x"].values[starts + counts - 1]
    expected = found[["charge_specific_capacity", "discharge_specific_capacity"]].sel(cycle=5).to_array().values.T
    np.testing.assert_allclose(last, expected, rtol=1e-6)
    made = plots.single_cycles(profiles)
    assert [layer.dash for layer in layers(made, Lines)] == ["solid", "dashed"]  # type: ignore[attr-defined]


def test_the_area_below_dq_dv_is_the_charge(trees: Trees, found: xr.Dataset) -> None:
    charge, discharge = single.derivative("dq_dv", trees["PCHP-1"], 2).halves
    step = np.median(np.diff(charge.x))
    expected = found["charge_capacity"].sel(cell="PCHP-1", cycle=2).item()
    assert charge.y.sum() * step == pytest.approx(expected, rel=0.03)
    assert (discharge.y <= 0).all()


def test_a_sparsely_recorded_cycle_has_no_derivative_and_says_why(
    trees: Trees, found: xr.Dataset, kept: xr.Dataset
) -> None:
    cycle = single.derivative("dv_dq", trees["PCHP-1"], 17)
    assert "points are too few to differentiate" in cycle.missing
    unit = view.capacity_unit(found, "areal", kept["reference_value"])
    profiles = single.profiles({("PCHP-1", 17): cycle}, "dv_dq", unit, LOOKS)
    assert plots.single_cycles(profiles).title == "cycle 17: nothing to show"
    assert profiles.attrs["missing"] == [cycle.missing]
    assert profiles["y"].attrs["units"] == "V mA-1 h-1 cm2"


def test_typical_cycles_are_those_recorded_best(trees: Trees) -> None:
    steps = merged_steps([trees["PCHP-1"]["steps"].to_dataset()])
    chosen = single.typical_cycles(steps, 5)
    assert chosen == sorted(chosen)
    assert len(chosen) == 5
    assert chosen[0] in range(1, 6)  # the first five are recorded densely
    assert single.typical_cycles(steps.isel(cycle=slice(0)), 5) == []


def test_cycles_of_one_cell_differ_in_colour_and_of_several_in_paleness(trees: Trees) -> None:
    one = xr.Dataset(coords={"cell": ("profile", ["PCHP-1"] * 2), "cycle": ("profile", [1, 40])})
    first, last = view.colored(one, LOOKS)
    assert first != last
    assert LOOKS["PCHP-1"].color not in {first, last}
    two = xr.Dataset(coords={"cell": ("profile", ["PCHP-1", "bare-1"] * 2), "cycle": ("profile", [1, 1, 40, 40])})
    assert view.colored(two, LOOKS)[2:] == [LOOKS["PCHP-1"].color, LOOKS["bare-1"].color]


@pytest.mark.parametrize(("kind", "units"), [("voltage", "V"), ("voltage_gap", "mV")])
def test_figures_that_take_turns_have_the_same_layers(
    trees: Trees, found: xr.Dataset, kept: xr.Dataset, kind: str, units: str
) -> None:
    curves = drawn(found, kept)
    over_cycles = plots.detail(curves, view.selected(curves, 5), kind)
    unit = view.capacity_unit(found, "areal", kept["reference_value"])
    halves = {("bare-1", 5): single.voltage_profile(trees["bare-1"], 5)}
    one_by_one = plots.detail(single.profiles(halves, "profiles", unit, LOOKS), None, "profiles")
    assert [type(layer) for layer in over_cycles.layers] == [type(layer) for layer in one_by_one.layers]
    assert over_cycles.y.units == units
    (band,) = layers(over_cycles, Bands)
    assert band.start.tolist() == [4.6]  # type: ignore[attr-defined]


def test_a_click_finds_the_cycle_of_the_nearest_curve(trees: Trees, found: xr.Dataset, kept: xr.Dataset) -> None:
    unit = view.capacity_unit(found, "areal", kept["reference_value"])
    halves = {("PCHP-1", cycle): single.voltage_profile(trees["PCHP-1"], cycle) for cycle in (3, 40)}
    profiles = single.profiles(halves, "profiles", unit, LOOKS)
    for place, cycle in enumerate((3, 40)):
        at = int(profiles["point_start"].values[place, 0]) + 4
        assert single.nearest(profiles, float(profiles["x"][at]), float(profiles["y"][at]), (3.0, 1.5)) == cycle
    empty = single.profiles({}, "profiles", unit, LOOKS)
    assert single.nearest(empty, 1.0, 3.7, (3.0, 1.5)) is None


def test_no_cells_make_empty_figures(found: xr.Dataset, kept: xr.Dataset) -> None:
    whole = (found, kept, analysis.cycle_at(kept), knees(kept), analysis.mean_efficiency(found, 3))
    none, none_kept, life, bends, means = (data.isel(cell=slice(0)) for data in whole)
    unit = view.capacity_unit(none, "areal", none_kept["reference_value"])
    curves = view.curves(view.numbers(none, unit, means, 3), LOOKS)
    selected = view.selected(curves, 3)
    for made in (
        plots.capacity(curves, view.ends(curves, none_kept, life, bends), selected, 0.8),
        plots.efficiency(curves, selected),
        plots.detail(curves, selected, "voltage"),
        plots.single_cycles(single.profiles({}, "profiles", unit, LOOKS)),
    ):
        assert made.xlim[0] < made.xlim[1]
        assert made.ylim[0] < made.ylim[1]
