"""The shape of a trace over the life of a cell, against shapes of known truth."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis import symmetric
from pchp_widgets.analysis.life import FAILED
from pchp_widgets.analysis.shape_map import ARCING, FLAT, PEAKING, SHAPES, UNKNOWN, shape_map, transition
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps
from pchp_widgets.model.schema import dataset

_P, _F, _A = 1.5, 1.0, 1.5  # values of the two indices


def tree_of(*halves: tuple[np.ndarray, np.ndarray], name: str = "cell") -> xr.DataTree:
    """A cell of half-cycles given as (depth, |V|), plating and stripping by turns, 1 h at 1 mA each."""
    time = np.concatenate([(depth + at) * 3600 for at, (depth, _) in enumerate(halves)])
    sign = np.repeat([-1.0 if at % 2 == 0 else 1.0 for at in range(len(halves))], [len(depth) for depth, _ in halves])
    points = dataset(
        "points", {"time": time, "voltage": np.concatenate([v for _, v in halves]) * sign, "current": sign}
    )
    counted = steps(points, rule="plating_first", cell=name, area=2.0).assign_coords(area=("cell", [2.0]))
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)


def indices(peaking: list[float], arc: list[float], interrupted: list[int] = []) -> xr.Dataset:  # noqa: B006
    """What `polarization` says of one cell, as far as its shape goes; both half-cycles are alike."""
    both = {
        name: np.repeat(np.array(values)[None, :, None], 2, -1) for name, values in (("peaking", peaking), ("arc", arc))
    }
    begin = 7200.0 * np.arange(len(arc))[None, :, None] + np.array([3600.0, 0.0])
    cut = np.zeros(both["arc"].shape, bool)
    cut[:, interrupted] = True
    dims = ("cell", "cycle", "direction")
    data = {**both, "time_start": begin, "interrupted": cut}
    return xr.Dataset(
        {name: (dims, values) for name, values in data.items()},
        coords={"cell": ["cell"], "cycle": np.arange(1, len(arc) + 1), "direction": ["charge", "discharge"]},
    )


def items(found: xr.Dataset, *names: str) -> list[float]:
    return [float(found[name].item()) for name in names]


def peaks(*stages: tuple[int, int]) -> xr.Dataset:
    """Stages of so many cycles with this shape."""
    shape = np.repeat([kind for kind, _ in stages], [count for _, count in stages])
    return indices(np.where(shape == PEAKING, _P, _F).tolist(), np.where(shape == ARCING, _A, _F).tolist())


def test_a_straight_trace_is_met_exactly_at_every_depth_whatever_its_points() -> None:
    uneven = np.linspace(0, 1, 37) ** 3
    dense = np.linspace(0, 1, 501)
    found = shape_map(tree_of((uneven, 0.02 + 0.03 * uneven), (dense, 0.05 - 0.01 * dense)), depths=11)
    voltage = found["voltage"].isel(cell=0, cycle=0)
    np.testing.assert_allclose(voltage.sel(direction="discharge"), 0.02 + 0.03 * found["depth"], rtol=1e-12)
    np.testing.assert_allclose(voltage.sel(direction="charge"), 0.05 - 0.01 * found["depth"], rtol=1e-12)
    assert found["depth"].values.tolist() == pytest.approx(np.linspace(0, 1, 11))
    assert found["areal_capacity"].values.ravel() == pytest.approx([0.5, -0.5])


def test_neighbouring_half_cycles_do_not_mix_at_the_ends() -> None:
    q = np.linspace(0, 1, 5)
    found = shape_map(tree_of(*((q, np.full(5, level)) for level in (0.01, 0.02, 0.03, 0.04))), depths=3)
    assert found["voltage"].sel(direction="discharge").values[0].tolist() == [[0.01] * 3, [0.03] * 3]
    assert found["voltage"].sel(direction="charge").values[0].tolist() == [[0.02] * 3, [0.04] * 3]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), points=st.integers(2, 60), depths=st.integers(2, 50))
def test_the_map_never_leaves_what_was_measured(seed: int, points: int, depths: int) -> None:
    rng = np.random.default_rng(seed)
    halves = []
    for _ in range(6):
        q = np.sort(np.concatenate([[0.0, 1.0], rng.random(points - 2)]))
        halves.append((q, rng.uniform(0.01, 0.1, points)))
    found = shape_map(tree_of(*halves), depths)["voltage"].values[0]
    for number, (_, voltage) in enumerate(halves):
        values = found[number // 2, 1 - number % 2]
        assert (values >= voltage.min() - 1e-12).all()
        assert (values <= voltage.max() + 1e-12).all()
        assert values[[0, -1]] == pytest.approx(voltage[[0, -1]])


def test_an_interrupted_half_cycle_is_empty_and_counted() -> None:
    q = np.linspace(0, 1, 21)
    whole, cut = (q, np.full(21, 0.03)), (q[:8], np.full(8, 0.03))
    found = shape_map(tree_of(*[whole] * 7, cut))
    assert found.attrs["left_out"] == 1
    empty = found["voltage"].isnull()
    assert bool(empty.sel(cycle=4, direction="charge").all())
    assert int(empty.any("depth").sum()) == 1


def test_cells_of_different_length_lie_on_one_grid() -> None:
    q = np.linspace(0, 1, 21)
    half = (q, np.full(21, 0.03))
    found = shape_map([tree_of(half, half, name="a"), tree_of(*[half] * 6, name="b")])
    assert found["voltage"].sizes == {"cell": 2, "cycle": 3, "direction": 2, "depth": 101}
    assert found["voltage"].sel(cell="a").isnull().any(("direction", "depth")).values.tolist() == [False, True, True]
    assert found["interrupted"].dtype == bool


def test_a_map_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no cell was given"):
        shape_map([])
    with pytest.raises(ValueError, match="depths is 1"):
        shape_map(xr.DataTree(), depths=1)


def test_the_transition_is_the_first_arcing_cycle_after_peaks() -> None:
    found = transition(peaks((PEAKING, 10), (FLAT, 5), (ARCING, 5))).isel(cell=0)
    assert items(found, "observed", "transition_cycle", "transition_time") == [1, 16, 15 * 7200.0]
    assert items(found, "peaking_until", "last_cycle") == [10, 20]
    assert found["shape"].values.tolist() == [PEAKING] * 10 + [FLAT] * 5 + [ARCING] * 5
    assert "3 arcing cycles in a row" in found["transition_cycle"].attrs["definition"]


@pytest.mark.parametrize(
    ("stages", "observed", "peaking_until"),
    [
        (((PEAKING, 10), (FLAT, 10)), 0, 10),  # seen to the end without an arc
        (((PEAKING, 10), (ARCING, 2), (FLAT, 5)), 0, 10),  # two arcs are not yet a stage
        (((FLAT, 5), (ARCING, 10)), -1, np.nan),  # arcs from the start: when it turned is not in the data
        (((PEAKING, 2), (ARCING, 10)), -1, 2),
        (((PEAKING, 2),), -1, 2),
        (((ARCING, 5), (PEAKING, 5)), 0, 10),  # the other way round is no transition
    ],
)
def test_without_a_transition_there_is_no_cycle_of_it(
    stages: tuple[tuple[int, int], ...], observed: int, peaking_until: float
) -> None:
    found = transition(peaks(*stages)).isel(cell=0)
    assert found["observed"] == observed
    assert np.isnan(found["transition_cycle"])
    assert np.isnan(found["transition_time"])
    np.testing.assert_equal(found["peaking_until"].item(), peaking_until)


def test_a_peak_that_comes_back_after_the_transition_is_not_what_came_before_it() -> None:
    found = transition(peaks((PEAKING, 10), (ARCING, 5), (PEAKING, 1), (ARCING, 4))).isel(cell=0)
    assert items(found, "transition_cycle", "peaking_until") == [11, 10]


def test_interrupted_cycles_are_passed_over_and_not_counted() -> None:
    found = peaks((PEAKING, 6), (ARCING, 8))
    found["interrupted"].loc[{"cycle": [2, 8, 9]}] = True
    found = transition(found).isel(cell=0)
    assert found["transition_cycle"] == 7
    assert found["shape"].sel(cycle=[2, 8, 9]).values.tolist() == [UNKNOWN] * 3


def test_what_follows_a_hard_short_has_no_shape() -> None:
    found = peaks((PEAKING, 6), (ARCING, 8))
    life = xr.Dataset(
        {"cycle": (("cell", "criterion"), [[7.0]]), "observed": (("cell", "criterion"), [[FAILED]])},
        coords={"cell": ["cell"], "criterion": ["short"]},
    )
    short = transition(found, life).isel(cell=0)
    assert items(short, "observed", "last_cycle") == [0, 6]
    assert transition(found, life.assign(observed=life["observed"] * 0)).isel(cell=0)["observed"] == 1


def test_the_larger_index_decides_the_shape_and_the_margin_what_is_flat() -> None:
    found = indices([1.2, 1.1, 1.04, 1.02], [1.1, 1.2, 1.01, 1.04])
    assert transition(found).isel(cell=0)["shape"].values.tolist() == [PEAKING, ARCING, FLAT, FLAT]
    assert transition(found, margin=0.03).isel(cell=0)["shape"].values.tolist() == [PEAKING, ARCING, PEAKING, ARCING]
    assert list(SHAPES) == transition(found)["shape"].attrs["flag_meanings"].split()


@pytest.mark.parametrize("wrong", [{"margin": -0.1}, {"in_a_row": 0}])
def test_limits_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="margin"):
        transition(peaks((PEAKING, 3)), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_a_bare_cell_turns_late_and_a_coated_one_becomes_flat(seed: int) -> None:
    trees = []
    for name in ("bare", "PCHP"):
        made = symmetric_cell(state(name, 190, spread=0.03, seed=seed), Recipe(cycles=190, points=201), seed=seed)
        counted = steps(made.points, rule="plating_first", cell=name)
        trees.append(xr.DataTree.from_dict({"steps": counted, "points": made.points}, name=name))
    found = transition(symmetric.polarization(trees))
    bare, coated = found.sel(cell="bare"), found.sel(cell="PCHP")
    assert bare["observed"] == 1
    assert 110 < bare["transition_cycle"] < 190  # inactive lithium speeds up at cycle 110
    assert coated["observed"] == 0
    assert coated["peaking_until"] < 60
    assert coated["shape"].values[-1] == FLAT
