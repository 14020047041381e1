"""Shorts are found where they were planted, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets import open_cell
from pchp_widgets.analysis.shorts import DEFINITIONS, WEIGHTS, parallel_path, shorts
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.synthetic.cells import State, state
from pchp_widgets.io.synthetic.faults import course_of_life, faulty_cell, faulty_cells
from pchp_widgets.io.synthetic.pulses import (
    Pulses,
    Reading,
    alternating,
    cell_tree,
    one_directional,
    pulse_voltage,
    recorded,
    shorted,
)
from pchp_widgets.io.synthetic.spectra import spectra_of
from pchp_widgets.model.schema import dataset

BUNDLED = Path(__file__).parents[2] / "data" / "pchp-study"
AREA = 1.327


def made(
    of: State,
    pulses: Pulses,
    *,
    short_at: int | None = None,
    resistance: float = 20.0,
    until: int | None = None,
    area: float = AREA,
    reading: Reading | None = None,
    name: str = "cell",
) -> xr.DataTree:
    """A cell with a short from pulse `short_at` (from 0) until pulse `until`."""
    time, size, left = pulse_voltage(of, pulses)
    path = np.full(len(size), np.inf)
    if short_at is not None:
        path[short_at:until] = resistance
    size = shorted(size, pulses.current_density[:, None], path[:, None])
    points = recorded(pulses, time, size, left, area=AREA, reading=reading or Reading(), seed=1)
    return cell_tree(points, name, area=area)


def one(tree: xr.DataTree, **limits: float) -> xr.Dataset:
    return shorts(tree, **limits).isel(cell=0)  # type: ignore[arg-type]


def present(found: xr.Dataset) -> dict[str, int]:
    return dict(zip(found["evidence"].values.tolist(), found["present"].values.tolist(), strict=True))


def is_close(tree: xr.DataTree, found: xr.Dataset) -> bool:
    """Whether the start found lies within three cycles (pulses, where plating goes one way) of the planted one."""
    truth = tree.attrs["truth"]
    if "one_directional" in truth.nuisances:
        steps = tree["steps"].to_dataset()
        begins = np.sort(steps["time_start"].values[steps["mode"].values > 0])
        apart = np.diff(np.searchsorted(begins, [truth.start_time, float(found["start_time"])], side="right"))
        return bool(-1 <= apart.item() <= 3)
    return bool(-1 <= found["start_cycle"] - truth.start_cycle <= 3)


@pytest.mark.parametrize("seed", [0, 101])  # nothing was tuned on the second
def test_of_two_hundred_cells_the_shorted_ones_are_found_and_no_other(seed: int) -> None:
    trees = list(faulty_cells(200, seed=seed))
    found = shorts(trees)
    detected, alarms, planted = 0, 0, 0
    for number, tree in enumerate(trees):
        cell = found.isel(cell=number)
        alarm = cell["kind"].item() in {"soft", "hard"}
        if tree.attrs["truth"].short == "none":
            alarms += alarm
        else:
            planted += 1
            detected += alarm and is_close(tree, cell)
    assert planted == 100
    assert detected >= 0.95 * planted
    assert alarms <= 0.01 * (len(trees) - planted)


@pytest.mark.parametrize(
    ("resistance", "millivolts", "fraction"), [(200, 23.0, 0.115), (50, 17.1, 0.34), (20, 11.3, 0.57), (5, 4.2, 0.84)]
)
def test_voltage_and_electronic_fraction_of_a_parallel_path(
    resistance: float, millivolts: float, fraction: float
) -> None:
    voltage, share = parallel_path(1.0, 26.0, resistance)
    assert voltage * 1e3 == pytest.approx(millivolts, abs=0.05)
    assert share == pytest.approx(fraction, abs=0.005)


@given(j=st.floats(0.01, 10), cell=st.floats(0.1, 1e4), path=st.floats(0.01, 1e6))
def test_what_does_not_take_the_path_makes_the_voltage(j: float, cell: float, path: float) -> None:
    voltage, share = parallel_path(j, cell, path)
    assert voltage == pytest.approx(j * 1e-3 * cell * (1 - share), rel=1e-6, abs=1e-9 * j * cell)
    assert voltage == pytest.approx(j * 1e-3 * path * share, rel=1e-9)


def test_resistances_that_are_not_positive_are_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        parallel_path(1.0, 26.0, 0.0)


@pytest.mark.parametrize(
    ("path", "metadata"),
    [
        ("yadg/tests/test_x_eclab/gcpl.mpr", {"area": "1 cm2"}),
        ("yadg/tests/test_x_eclab/mb.mpr", {}),
        ("NickAlba/Data_Figure_3bc_PHJ_13_201.csv", {"current": "0.1 mA"}),
    ],
)
@pytest.mark.filterwarnings("ignore::pchp_widgets.io.contract.ReaderWarning")
def test_real_cells_that_are_stable_raise_no_alarm(shared_data: Path, path: str, metadata: dict[str, str]) -> None:
    found = one(open_cell(shared_data / "cycler" / path, kind="symmetric", **metadata))
    assert found["kind"] == "none"
    assert not (found["present"] == 1).any()
    assert float(found["cycle_score"].max()) == 0


@pytest.mark.filterwarnings(f"ignore::{ReaderWarning.__module__}.{ReaderWarning.__name__}")
def test_the_planted_shorts_of_the_demo_study_are_found() -> None:
    truth = json.loads((BUNDLED / "truth.json").read_text("utf-8"))["cells"]
    files = {path.name.split(".")[0]: path for path in (BUNDLED / "raw").iterdir()}
    names = ["bare-1", "bare-2", "bare-3", "PCHP-1", "PCHP-2", "PCHP-3"]
    trees = [
        open_cell(files[name], name=name, kind="symmetric", area="1.327 cm2", current="1.327 mA") for name in names
    ]
    found = shorts(trees)
    assert found["kind"].values.tolist() == ["hard"] * 3 + ["none"] * 3
    assert found["start_cycle"].values[:3].tolist() == [truth[name]["short_at_cycle"] for name in names[:3]]
    hours = [truth[name]["short_at_hours"] for name in names[:3]]
    assert found["start_time"].values[:3] / 3600 == pytest.approx(hours, abs=0.01)
    assert found["score"].values[3:].tolist() == [0] * 3


@pytest.mark.parametrize("course", ["activation", "drifting_up", "drifting_down", "arcing", "stable"])
def test_a_thousand_hours_of_slow_change_are_no_short(course: str) -> None:
    of = course_of_life(course, 500, total=60.0, rng=np.random.default_rng(3))
    found = one(made(of, alternating(500, 1.0, 1.0)))
    assert found["kind"] == "none"
    assert present(found)["step"] == 0


def test_the_fall_at_the_step_is_the_electronic_fraction() -> None:
    of = state("PCHP", 160)
    tree = made(of, alternating(160, 1.0, 1.0), short_at=200, resistance=26.0)
    found = one(tree)
    assert (found["kind"], found["start_cycle"]) == ("soft", 101)
    assert found["start_time"] / 3600 == pytest.approx(200, abs=0.01)
    assert found["fall"] == pytest.approx(0.5, abs=0.02)


def test_a_fall_in_one_direction_only_recovers_on_reversal_and_is_no_short() -> None:
    of, pulses = state("PCHP", 120), alternating(120, 1.0, 1.0)
    time, size, left = pulse_voltage(of, pulses)
    size[160::2] *= 0.5
    points = recorded(pulses, time, size, left, area=AREA, reading=Reading())
    found = one(cell_tree(points, "cell", area=AREA))
    assert found["kind"] == "none"
    assert present(found)["step"] == 0


def test_two_low_half_cycles_are_no_short() -> None:
    found = one(made(state("PCHP", 120), alternating(120, 1.0, 1.0), short_at=160, until=162))
    assert (found["kind"], found["score"]) == ("none", 0)


def test_the_score_of_a_cycle_returns_to_zero_when_the_short_burns_out() -> None:
    found = one(made(state("PCHP", 160), alternating(160, 1.0, 1.0), short_at=200, until=230))
    score = found["cycle_score"]
    assert found["kind"] == "soft"
    assert (score.sel(cycle=slice(1, 100)) == 0).all()
    assert (score.sel(cycle=slice(101, 115)) > 0.5).all()
    assert (score.sel(cycle=slice(117, 160)) == 0).all()


def test_plating_in_one_direction_is_judged_pulse_by_pulse() -> None:
    pulses = one_directional(80, 1.0, 0.2)
    of = state("PCHP", 80)
    assert one(made(of, pulses))["kind"] == "none"
    found = one(made(of, pulses, short_at=50, resistance=15.0))
    assert found["kind"] == "soft"
    assert found["start_time"] == pytest.approx(50 * (720 + 300), abs=1)
    assert found["start_cycle"] == 1  # the current never reverses


def test_a_change_of_the_capacity_begins_a_trend_of_its_own() -> None:
    capacity = np.r_[np.full(70, 1.0), np.full(30, 0.4)]
    of = course_of_life("arcing", 100, total=60.0, rng=np.random.default_rng(1))
    pulses = alternating(100, 1.0, capacity)
    sound = one(made(of, pulses))
    assert (sound["kind"], sound["left_out"]) == ("none", 0)
    found = one(made(of, pulses, short_at=2 * 84, resistance=30.0))
    assert (found["kind"], found["start_cycle"]) == ("soft", 85)


def test_interrupted_half_cycles_are_left_out_and_counted() -> None:
    pulses = alternating(60, 1.0, 1.0)
    time, size, left = pulse_voltage(state("PCHP", 60), pulses)
    ends = np.ones(120)
    ends[[50, 71]] = 0.4
    points = recorded(pulses, time, size, left, area=AREA, reading=Reading(), ends=ends)
    found = one(cell_tree(points, "cell", area=AREA))
    assert (found["kind"], found["left_out"]) == ("none", 2)


@pytest.mark.parametrize("seed", range(3))
def test_in_one_long_plating_the_short_is_found_within_it(seed: int) -> None:
    of, pulses = state("bare", 1, spread=0.1, seed=seed), replace(one_directional(1, 1.0, 10.0, rest=0.0), points=400)
    time, size, left = pulse_voltage(of, pulses)
    path = np.where(time >= 6 * 3600, 20.0, np.inf)
    sound, failed = (
        cell_tree(recorded(pulses, time, trace, left, area=AREA, reading=Reading(), seed=seed), "cell", area=AREA)
        for trace in (size, shorted(size, pulses.current_density[:, None], path))
    )
    assert one(sound)["kind"] == "none"
    found = one(failed)
    assert found["kind"] == "soft"
    assert found["start_time"] / 3600 == pytest.approx(6, abs=0.5)  # a twentieth of the record
    assert present(found)["rectangular"] == present(found)["proportional"] == -1


def test_a_change_of_the_current_is_no_short() -> None:
    levels = np.r_[np.full(30, 1.0), np.full(30, 3.0), np.full(30, 1.0)]
    assert one(made(state("bare", 90), alternating(90, levels, levels)))["kind"] == "none"


def test_below_what_separator_and_electrolyte_have_a_short_is_hard_from_the_first_cycle_on() -> None:
    tree = made(state("PCHP", 6), alternating(6, 1.0, 1.0), short_at=0, resistance=1.0)
    found = one(tree)
    assert (found["kind"], found["start_cycle"]) == ("hard", 1)
    assert present(found)["floor"] == 1
    assert found["strength"].sel(evidence="floor") == pytest.approx(1 - 0.98 / 2, abs=0.02)
    assert one(tree, ohmic_floor=0.5)["kind"] == "undecided"


def test_without_the_area_the_floor_is_unknown_and_not_false() -> None:
    found = one(made(state("PCHP", 60), alternating(60, 1.0, 1.0), short_at=80, resistance=0.5, area=np.nan))
    assert present(found)["floor"] == -1
    assert (found["kind"], found["start_cycle"]) == ("hard", 41)  # the fall alone says so


def test_without_rests_proportionality_is_unknown_and_with_them_it_is_seen() -> None:
    of = course_of_life("arcing", 80, total=60.0, rng=np.random.default_rng(0))
    assert present(one(made(of, alternating(80, 1.0, 1.0))))["proportional"] == -1
    pulses = alternating(80, 1.0, 1.0, rest=600.0)
    assert present(one(made(of, pulses)))["proportional"] == 0
    time, size, left = pulse_voltage(of, pulses)
    there = np.arange(len(size)) >= 100
    size = shorted(size, pulses.current_density[:, None], np.where(there, 20.0, np.inf)[:, None])
    points = recorded(pulses, time, size, np.where(there, 0.0, left), area=AREA, reading=Reading())
    found = one(cell_tree(points, "cell", area=AREA))
    assert present(found)["proportional"] == 1
    assert found["evidence_cycle"].sel(evidence="proportional") == 51


def with_spectra(coating: str, at: list[int], *, short_at: int | None = None, resistance: float = 20.0) -> xr.DataTree:
    of = state("PCHP" if coating == "PCHP" else "bare", 80)
    start = None if short_at is None else 2 * (short_at - 1)
    tree = made(of, alternating(80, 1.0, 1.0), short_at=start, resistance=resistance)
    path = [resistance if short_at is not None and cycle >= short_at else np.inf for cycle in at]
    time = 7200.0 * (np.array(at) - 1)
    tree["spectra"] = xr.DataTree(spectra_of(of, at, time, area=AREA, resistance=path, noise=0.002))
    return tree


@pytest.mark.parametrize("coating", ["bare", "PCHP"])
def test_spectra_of_a_sound_cell_speak_for_it_even_while_it_activates(coating: str) -> None:
    found = one(with_spectra(coating, [1, 20, 40, 60]))
    assert (present(found)["arcs"], present(found)["below_spectrum"]) == (0, 0)
    assert found["kind"] == "none"


def test_a_short_too_early_for_a_step_is_found_by_the_spectrum_before_it() -> None:
    found = one(with_spectra("bare", [1, 20, 46], short_at=3, resistance=10.0))
    assert present(found) | {"noise": 0} == {
        "step": 0, "rectangular": 0, "proportional": -1, "noise": 0, "floor": 0, "arcs": 1, "below_spectrum": 1
    }  # fmt: skip
    assert (found["kind"], found["start_cycle"]) == ("soft", 3)
    assert found["evidence_interval"].sel(evidence="below_spectrum") == 2
    assert found["evidence_cycle"].sel(evidence="arcs") == 20


def test_arcs_that_collapse_after_the_step_raise_the_score() -> None:
    without = one(with_spectra("PCHP", [1, 20], short_at=50, resistance=5.0))
    found = one(with_spectra("PCHP", [1, 20, 60], short_at=50, resistance=5.0))
    assert present(without)["arcs"] == 0
    assert present(found)["arcs"] == 1
    assert found["score"] > without["score"]


def test_every_piece_of_evidence_states_definition_start_and_strength() -> None:
    found = shorts(made(state("PCHP", 120), alternating(120, 1.0, 1.0), short_at=160, resistance=1.0))
    assert found["evidence"].values.tolist() == list(DEFINITIONS) == list(WEIGHTS)
    assert "below 2 ohm cm2" in found["definition"].sel(evidence="floor").item()
    there = found["present"] == 1
    assert there.sum() >= 2
    for name in ("strength", "evidence_cycle", "evidence_time"):
        assert (found[name].notnull() == there).all()
        assert found[name].attrs["units"]
    assert ((found["strength"] >= 0) & (found["strength"] <= 1)).where(there, True).all()


def test_the_shape_of_the_trace_alone_never_raises_an_alarm() -> None:
    alone = [WEIGHTS[name][1] for name in ("rectangular", "proportional", "noise")]
    assert 1 - np.prod(1 - np.array(alone)) < 0.5


def test_several_cells_are_judged_as_each_alone() -> None:
    trees = [faulty_cell(kind, f"{kind}-1", seed=5) for kind in ("soft", "stable", "hard")]
    together = shorts(trees)
    for number, tree in enumerate(trees):
        alone = shorts(tree)
        xr.testing.assert_allclose(together.isel(cell=[number]).sel(cycle=alone["cycle"]), alone)
        others = together["cycle_score"].isel(cell=number).drop_sel(cycle=alone["cycle"].values)
        assert others.isnull().all()


@given(gain=st.floats(0.2, 5), flipped=st.booleans(), offset=st.floats(-5e-3, 5e-3), seed=st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_neither_gain_nor_wiring_nor_offset_of_the_instrument_changes_the_verdict(
    gain: float, flipped: bool, offset: float, seed: int
) -> None:
    short_at = 60 if seed % 2 else None
    tree = made(state("bare", 50, spread=0.1, seed=seed), alternating(50, 1.0, 1.0), short_at=short_at, area=np.nan)
    points = tree["points"].to_dataset()
    changed = points.assign(voltage=(-1 if flipped else 1) * gain * points["voltage"] + offset)
    before, after = one(tree), one(cell_tree(changed, "cell"))
    assert before["kind"].item() == after["kind"].item() == ("soft" if short_at else "none")
    assert before["start_cycle"].item() == pytest.approx(after["start_cycle"].item(), nan_ok=True)


@pytest.mark.parametrize("cycles", [1, 2, 4])
def test_a_few_cycles_are_undecided(cycles: int) -> None:
    assert one(made(state("PCHP", cycles), alternating(cycles, 1.0, 1.0)))["kind"] == "undecided"


def test_a_cell_that_only_rested_is_undecided() -> None:
    rest = {"time": np.arange(50) * 60.0, "voltage": np.zeros(50), "current": np.zeros(50)}
    found = one(cell_tree(dataset("points", rest), "cell", area=AREA))
    assert (found["kind"], found["score"]) == ("undecided", 0)
    assert (found["present"] == -1).all()


def test_a_full_cell_no_cell_and_a_limit_out_of_range_are_refused() -> None:
    tree = made(state("PCHP", 3), alternating(3, 1.0, 1.0), name="NMC-1")
    steps = tree["steps"].to_dataset().assign_coords(kind=("cell", ["full"]))
    full = xr.DataTree.from_dict({"steps": steps, "points": tree["points"].to_dataset()}, name="NMC-1")
    with pytest.raises(ValueError, match="NMC-1 is a full cell"):
        shorts(full)
    with pytest.raises(ValueError, match="no cell was given"):
        shorts([])
    with pytest.raises(ValueError, match="ohmic_floor must be positive"):
        shorts(tree, ohmic_floor=0.0)
