"""dQ/dV and dV/dQ of curves whose peaks are known: their places, heights, areas and noise."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.differential import dq_dv, dv_dq
from pchp_widgets.model.cycles import half_cycles, steps
from pchp_widgets.model.schema import CONTROLS, dataset

PEAKS = ((1.0, 3.70, 0.030), (0.6, 3.95, 0.020), (0.4, 4.15, 0.025))
"""Charge [mA h], voltage and width [V] of each."""

SLOPE = 0.2
SHIFT = 0.05
"""By which the discharge lies below the charge [V]."""


def truth(voltage: np.ndarray) -> np.ndarray:
    """DQ/dV [mA h V-1]."""
    return SLOPE + sum(q / (2 * w) / np.cosh((voltage - at) / w) ** 2 for q, at, w in PEAKS)


def cell(noise: float = 0.0, points: int = 4000, peaks: tuple = PEAKS, held: float = 0.0) -> tuple[xr.DataTree, float]:
    """A charge at 1 mA, perhaps with a CV step, and a discharge that is its mirror image; and the charge passed."""
    voltage = np.linspace(3.0, 4.3, 20_001)
    passed = SLOPE * voltage + sum(q * (1 + np.tanh((voltage - at) / w)) / 2 for q, at, w in peaks)
    passed -= passed[0]
    time = np.linspace(0, passed[-1], points)
    clean = np.interp(time, passed, voltage)
    rng = np.random.default_rng(0)
    hours = [time, time[-1] + np.linspace(0, held, 50), time[-1] + held + time]
    columns = {
        "time": 3600 * np.concatenate(hours),
        "voltage": np.concatenate([clean + noise * rng.standard_normal(points), np.full(50, 4.3), clean[::-1] - SHIFT]),
        "current": np.concatenate([np.ones(points), np.linspace(1, 0.1, 50), -np.ones(points)]),
        "control": np.repeat([CONTROLS.index("cc"), CONTROLS.index("cv"), CONTROLS.index("cc")], [points, 50, points]),
    }
    keep = np.ones(2 * points + 50, bool)
    keep[points : points + 50] = held > 0
    trace = dataset("points", {name: values[keep] for name, values in columns.items()})
    tree = xr.DataTree.from_dict({"steps": steps(trace, rule="charge_first", cell="a"), "points": trace}, name="a")
    return tree, float(passed[-1])


def heights_at_peaks(found: xr.Dataset, shift: float = 0.0) -> np.ndarray:
    voltage, values = found["voltage"].values, found["dq_dv"].values
    order = np.argsort(voltage)
    return np.interp([at - shift for _, at, _ in PEAKS], voltage[order], values[order])


def test_peaks_stand_where_they_are_and_are_as_high() -> None:
    tree, _ = cell()
    found = dq_dv(tree, 1)
    voltage, values = found["voltage"].values, found["dq_dv"].values
    for _, at, _ in PEAKS:
        near = np.abs(voltage - at) < 0.05
        assert voltage[near][values[near].argmax()] == pytest.approx(at, abs=2e-3)
    assert values == pytest.approx(truth(voltage), rel=0.08, abs=0.02)  # smoothing fills the steep valleys


def test_the_area_below_the_curve_is_the_charge() -> None:
    tree, charge = cell()
    for direction in ("charge", "discharge"):
        found = dq_dv(tree, 1, direction)
        middle = np.sort(found["voltage"].values)
        width = np.full(len(middle), found.attrs["voltage_step"])
        width[0 if direction == "discharge" else -1] = 2 * (abs(np.diff(middle)[[0, -1]]).max()) - width[1]
        order = np.argsort(found["voltage"].values)
        assert (np.abs(found["dq_dv"].values[order]) * width).sum() == pytest.approx(charge, rel=1e-3)


def test_the_area_of_one_peak_is_the_charge_of_its_transition() -> None:
    tree, _ = cell()
    found = dq_dv(tree, 1)
    inside = np.abs(found["voltage"].values - 3.70) < 0.12
    above = found["dq_dv"].values[inside] - SLOPE
    assert above.sum() * found.attrs["voltage_step"] == pytest.approx(1.0, rel=0.01)


def test_on_discharge_the_sign_is_negative_and_the_peaks_lie_lower() -> None:
    tree, _ = cell()
    found = dq_dv(tree, 1, "discharge")
    assert (found["dq_dv"].values < 0).all()
    assert heights_at_peaks(found, SHIFT) == pytest.approx(-truth(np.array([at for _, at, _ in PEAKS])), rel=0.01)
    assert (dv_dq(tree, 1, "discharge")["dv_dq"].values < 0).all()


@pytest.mark.parametrize("noise", [1e-4, 1e-3])
def test_the_noise_is_measured_and_sets_the_step_and_the_error(noise: float) -> None:
    tree, _ = cell(noise)
    found = dq_dv(tree, 1)
    assert found.attrs["noise"] == pytest.approx(noise, rel=0.1)
    assert found.attrs["voltage_step"] == pytest.approx(max(3 * noise, 1e-3), rel=0.1)
    away = found["dq_dv"].values - truth(found["voltage"].values)
    stated = found["dq_dv_stderr"].values
    assert np.sqrt(np.mean(away**2)) == pytest.approx(np.sqrt(np.mean(stated**2)), rel=0.4)
    noisy, clean = dv_dq(tree, 1), dv_dq(cell()[0], 1)
    middle = slice(100, -100)  # at its ends the smoothing has a one-sided polynomial
    scatter = np.std((noisy["dv_dq"].values - clean["dv_dq"].values)[middle])
    assert scatter == pytest.approx(noisy.attrs["noise_floor"], rel=0.1)
    assert noisy["dv_dq_stderr"].values == pytest.approx(noisy.attrs["noise_floor"])


def test_dv_dq_is_the_reciprocal() -> None:
    tree, charge = cell()
    found = dv_dq(tree, 1)
    assert found["capacity"].values[-1] == pytest.approx(charge, rel=1e-6)
    assert found["dv_dq"].values == pytest.approx(1 / truth(found["voltage"].values), rel=0.05)


def test_constant_voltage_is_dropped() -> None:
    plain, charge = cell()
    held, _ = cell(held=0.5)
    assert half_cycles(held["steps"].to_dataset())["charge"].values[0, 0, 0] > charge + 0.2
    assert dq_dv(held, 1)["dq_dv"].values == pytest.approx(dq_dv(plain, 1)["dq_dv"].values, rel=1e-6)
    assert dv_dq(held, 1)["capacity"].values[-1] == pytest.approx(charge, rel=1e-6)


def test_a_flat_plateau_is_pointed_out_in_favour_of_dv_dq() -> None:
    flat, _ = cell(peaks=((2.6, 3.43, 0.008),))
    found = dq_dv(flat, 1)
    assert found.attrs["plateau"] > 0.8
    assert found.attrs["advice"].endswith("read dV/dQ instead")
    assert dq_dv(cell()[0], 1).attrs["advice"] == ""


def test_charge_passed_while_the_voltage_falls_back_is_counted_where_it_had_been_and_told() -> None:
    tree, _ = cell()
    assert dq_dv(tree, 1).attrs["retreat"] == 0
    voltage = tree["points"]["voltage"].values
    voltage[400:600] = voltage[400] - 0.01 * np.sin(np.linspace(0, np.pi, 200))  # of 4000 points
    found = dq_dv(tree, 1)
    assert found.attrs["retreat"] == pytest.approx(200 / 4000, abs=0.015)
    passed = (found["dq_dv"].values * found.attrs["voltage_step"])[:-1].sum()
    assert passed == pytest.approx(cell()[1], rel=2e-3)


def test_a_step_below_three_times_the_noise_is_refused() -> None:
    tree, _ = cell(1e-3)
    with pytest.raises(ValueError, match=r"voltage_step 0.001 V: at least three times the noise"):
        dq_dv(tree, 1, voltage_step=0.001)
    assert dq_dv(tree, 1, voltage_step=0.02).attrs["voltage_step"] == 0.02


def test_what_cannot_be_differentiated_is_refused_in_words() -> None:
    tree, _ = cell()
    with pytest.raises(ValueError, match="there is no cycle 7"):
        dq_dv(tree, 7)
    with pytest.raises(ValueError, match="choose one of charge, discharge"):
        dq_dv(tree, 1, "up")
    with pytest.raises(ValueError, match="window 2"):
        dv_dq(tree, 1, window=2)
    with pytest.raises(ValueError, match="12 points are too few"):
        dq_dv(cell(points=12)[0], 1)
