from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis import symmetric
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps
from pchp_widgets.model.schema import dataset


def tree_of(points: xr.Dataset, name: str = "cell", area: float = np.nan) -> xr.DataTree:
    counted = steps(points, rule="plating_first", cell=name, area=area)
    counted = counted.assign_coords(area=("cell", [area]))
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)


def half_cycles_of(*traces: tuple[np.ndarray, np.ndarray], hours: float = 1.0) -> xr.Dataset:
    """Points of half-cycles given as (depth, signed voltage): the sign of the voltage is that of the current."""
    parts = []
    for number, (depth, voltage) in enumerate(traces):
        time = (depth + number) * hours * 3600
        sign = np.sign(voltage[len(voltage) // 2])
        parts.append((time, voltage, np.full(len(depth), sign)))
    time, voltage, current = (np.concatenate(column) for column in zip(*parts, strict=True))
    return dataset("points", {"time": time, "voltage": voltage, "current": current})


def test_every_definition_of_the_polarization_on_a_trace_of_known_truth() -> None:
    # |V| = 80 + 20 (q - 0.5) mV, with a peak of 120 mV at the very beginning and a dip below 5 %
    q = np.linspace(0, 1, 1001)
    size = 0.080 + 0.020 * (q - 0.5)
    size[0] = 0.120
    found = symmetric.polarization(tree_of(half_cycles_of((q, -size), (q, size)))).isel(cell=0, cycle=0)
    names = ("mid", "last", "max", "min", "per_electrode", "initial_peak")
    both = {name: found[name].values.tolist() for name in names}
    assert both == {
        "mid": pytest.approx([0.080] * 2),
        "last": pytest.approx([0.089] * 2),
        "max": pytest.approx([0.120] * 2),
        "min": pytest.approx([0.071] * 2, abs=2.1e-5),  # one record
        "per_electrode": pytest.approx([0.040] * 2),
        "initial_peak": pytest.approx([0.120] * 2),
    }
    mean = np.trapezoid(size, q)
    assert found["mean"].values == pytest.approx([mean] * 2)
    assert found["hysteresis"].item() == pytest.approx(2 * mean)
    assert found["asymmetry"].item() == pytest.approx(0)
    assert found["offset"].item() == pytest.approx(0, abs=1e-12)
    assert found["arc"].values == pytest.approx([89 / 71] * 2, rel=1e-3)
    assert found["peaking"].values == pytest.approx([1.5] * 2)


def test_an_offset_makes_the_halves_unequal_and_leaves_the_hysteresis() -> None:
    q = np.linspace(0, 1, 101)
    flat = np.full(101, 0.050)
    found = symmetric.polarization(tree_of(half_cycles_of((q, -flat + 0.005), (q, flat + 0.005)))).isel(cell=0, cycle=0)
    assert found["offset"].item() == pytest.approx(0.005)
    assert found["hysteresis"].item() == pytest.approx(0.100)
    assert found["asymmetry"].item() == pytest.approx((0.055 - 0.045) / 0.100)


def test_the_mean_is_weighted_by_charge_not_by_samples() -> None:
    dense = np.r_[np.linspace(0, 0.02, 500), np.linspace(0.03, 1, 98)]  # records triggered by the initial peak
    size = np.where(dense < 0.02, 0.200, 0.050)
    found = symmetric.polarization(tree_of(half_cycles_of((dense, -size), (dense, size))))
    assert found["mean"].values.ravel() == pytest.approx(np.trapezoid(size, dense), rel=1e-9)
    assert found["mean"].values.ravel()[0] < 0.06 < size.mean()


def test_noise_is_found_and_becomes_the_standard_error() -> None:
    rng = np.random.default_rng(1)
    q = np.linspace(0, 1, 4001)
    size = 0.05 + 0.01 * q + rng.normal(0, 0.001, q.size)
    found = symmetric.polarization(tree_of(half_cycles_of((q, -size), (q, size))))
    assert found["noise"].values.ravel() == pytest.approx([0.001] * 2, rel=0.05)
    assert found["mid_stderr"].values.ravel() == pytest.approx([0.001] * 2, rel=0.05)
    assert (found["mean_stderr"] < found["mid_stderr"] / 40).all()


def test_rests_inside_a_half_cycle_count_for_nothing() -> None:
    time = np.r_[np.linspace(0, 1800, 50), np.linspace(1801, 5400, 20), np.linspace(5401, 7201, 50)]
    current = np.r_[np.full(50, -1.0), np.zeros(20), np.full(50, -1.0)]
    voltage = np.where(current < 0, -0.05, -0.001)
    found = symmetric.polarization(tree_of(dataset("points", {"time": time, "voltage": voltage, "current": current})))
    assert found["min"].sel(direction="discharge").values.ravel() == pytest.approx([0.05])
    assert found["mean"].sel(direction="discharge").values.ravel() == pytest.approx([0.05])


def test_an_interrupted_half_cycle_keeps_its_numbers_but_enters_no_average() -> None:
    q = np.linspace(0, 1, 51)
    size = np.full(51, 0.05)
    halves = [(q, -size), (q, size)] * 3
    points = half_cycles_of(*halves[:-1], (q[:20], np.full(20, 0.2)))
    found = symmetric.polarization(tree_of(points))
    mean = symmetric.per_cycle(found, "mid")
    assert found["mid"].values[0, -1].tolist() == pytest.approx([0.2, 0.05])
    assert mean.values[0].tolist() == pytest.approx([0.05, 0.05, 0.05])
    assert mean.attrs["left_out"] == 1
    assert np.isnan(symmetric.per_cycle(found, "hysteresis").values[0, -1])


def test_every_number_states_its_definition_and_unit() -> None:
    found = symmetric.polarization(tree_of(half_cycles_of((np.linspace(0, 1, 9), np.full(9, -0.1)))))
    for name in symmetric.DEFINITIONS:
        assert found[name].attrs["definition"] == symmetric.DEFINITIONS[name]
        assert found[name].attrs["units"] == "V"
    assert found["mid"].attrs["ancillary_variables"] == "mid_stderr"


def test_the_generator_is_recovered() -> None:
    made = symmetric_cell(state("PCHP", 500), Recipe(noise=2e-5), seed=4)
    found = symmetric.polarization(tree_of(made.points))
    for cycle in (1, 20, 100, 500):
        value = symmetric.per_cycle(found).sel(cycle=cycle).item()
        assert value == pytest.approx(made.truth[f"polarization_mid_{cycle}"], abs=1e-4)
    assert symmetric.per_cycle(found).sel(cycle=500).item() == pytest.approx(0.026, abs=2e-4)


def test_several_cells_are_told_apart_and_padded() -> None:
    cells = [tree_of(symmetric_cell(state("bare", n), Recipe(cycles=n), seed=n).points, f"cell-{n}") for n in (3, 5)]
    found = symmetric.polarization(cells)
    assert found["cell"].values.tolist() == ["cell-3", "cell-5"]
    assert found["mid"].notnull().sum(("cycle", "direction")).values.tolist() == [6, 10]
    alone = symmetric.polarization(cells[0])
    np.testing.assert_array_equal(found["mid"].values[0, :3], alone["mid"].values[0])


@given(scale=st.floats(0.1, 10), seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_scaling_the_voltage_scales_every_polarization_and_no_shape(scale: float, seed: int) -> None:
    points = symmetric_cell(state("bare", 3, spread=0.1, seed=seed), Recipe(cycles=3), seed=seed).points
    one = symmetric.polarization(tree_of(points))
    scaled = points.assign(voltage=points["voltage"] * scale)
    other = symmetric.polarization(tree_of(scaled))
    for name in ("mid", "mean", "last", "max", "min", "hysteresis", "noise"):
        np.testing.assert_allclose(other[name], one[name] * scale, rtol=1e-9)
    for name in ("peaking", "arc", "flatness", "asymmetry"):
        np.testing.assert_allclose(other[name], one[name], rtol=1e-6, atol=1e-9)


def test_the_trace_of_a_cycle_is_given_per_area_where_the_area_is_known() -> None:
    made = symmetric_cell(state("PCHP", 3), Recipe(cycles=3))
    per_area = symmetric.half_cycle_trace(tree_of(made.points, area=made.recipe.area), 2)
    assert per_area["capacity"].attrs["units"] == "mA h cm-2"
    assert float(per_area["capacity"].max()) == pytest.approx(1.0, rel=1e-3)
    assert symmetric.half_cycle_trace(tree_of(made.points), 2)["capacity"].attrs["units"] == "mA h"


def test_a_cycle_that_is_not_there_is_named() -> None:
    tree = tree_of(symmetric_cell(state("PCHP", 3), Recipe(cycles=3)).points, "PCHP-1")
    with pytest.raises(ValueError, match="PCHP-1: there is no cycle 9; it has 1 to 3"):
        symmetric.half_cycle_trace(tree, 9)


def test_an_unknown_definition_is_refused_with_the_list() -> None:
    found = symmetric.polarization(tree_of(symmetric_cell(state("PCHP", 2), Recipe(cycles=2)).points))
    with pytest.raises(ValueError, match="choose one of mid, mean, last"):
        symmetric.per_cycle(found, "median")  # type: ignore[arg-type]


def test_the_error_of_a_mean_of_two_halves_is_that_of_one_over_root_two() -> None:
    q = np.linspace(0, 1, 4001)
    size = 0.05 + np.random.default_rng(1).normal(0, 1e-3, q.size)
    found = symmetric.polarization(tree_of(half_cycles_of((q, -size), (q, size))))
    assert symmetric.per_cycle_stderr(found, "mid").item() == pytest.approx(1e-3 / np.sqrt(2), rel=0.05)
    assert np.isnan(symmetric.per_cycle_stderr(found, "max")).all()
