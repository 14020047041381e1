"""Indentations of known modulus and hardness, exact up to the noise that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement

FloatArray = npt.NDArray[np.float64]

TIP = (24.5, 300.0, 50.0)
"""Coefficients of a somewhat blunt tip."""

_GRID = 400


@dataclass(frozen=True)
class Indent:
    """What is indented, and how.

    Attributes
    ----------
    modulus, hardness, poisson
        Of the sample [GPa]; ``spread`` is the relative standard deviation of both from indent to indent.
    peak_load
        [mN]
    tests
        How many indents.
    exponent
        m of the unloading.
    tip
        Coefficients of its area.
    epsilon, beta, indenter_modulus, indenter_poisson
        As in the equations of Oliver and Pharr.
    frame_compliance
        Added to the depth [nm mN-1].
    load_time, hold_time, drift_hold
        [s]; the last one at 10 % of the peak load, after the unloading.
    creep_rate
        Of the depth at the end of the hold and all through the unloading [nm s-1].
    drift
        Thermal, all the time [nm s-1].
    depth_noise, load_noise
        Standard deviations [nm] and [mN].
    continuous
        Whether the stiffness is measured all along the loading.
    rate
        Points per second.
    """

    modulus: float = 3.5
    hardness: float = 0.2
    poisson: float = 0.35
    spread: float = 0.0
    peak_load: float = 5.0
    tests: int = 1
    exponent: float = 1.35
    tip: tuple[float, ...] = TIP
    epsilon: float = 0.75
    beta: float = 1.0
    indenter_modulus: float = 1141.0
    indenter_poisson: float = 0.07
    frame_compliance: float = 0.0
    load_time: float = 15.0
    hold_time: float = 10.0
    drift_hold: float = 0.0
    creep_rate: float = 0.0
    drift: float = 0.0
    depth_noise: float = 0.0
    load_noise: float = 0.0
    continuous: bool = False
    rate: float = 20.0


def indented(of: Indent, *, seed: int = 0, name: str = "sample", material: str = "") -> xr.Dataset:
    """A sample with indents; each one's truth is in ``true_modulus``, ``true_hardness``, ``true_stiffness`` [N m-1].

    Parameters
    ----------
    of
        What is made.
    seed
        Of the noise and of the spread.
    name, material
        Of the sample.

    Notes
    -----
    The loading is that of a sample whose modulus and hardness do not change with depth: P = H A(h_c), S = 2 beta E_r
    sqrt(A / pi), h = h_c + epsilon P / S. The unloading is P = B (h - h_f)^m with the slope S at the peak, and whatever
    creeps, drifts or gives way in the frame is added to its depth.
    """
    random = np.random.default_rng(seed)
    scale = np.exp(of.spread * random.standard_normal(of.tests))
    curves = [_curve(of, of.modulus * one, of.hardness * one, random) for one in scale]
    truth = {
        "true_modulus": of.modulus * scale,
        "true_hardness": of.hardness * scale,
        "true_stiffness": np.array([1e6 * stiff for _, stiff in curves]),
    }
    columns: dict[str, object] = {key: np.stack([curve[key] for curve, _ in curves]) for key in curves[0][0]} | {
        "area_coefficients": np.tile(np.array(of.tip, float), (of.tests, 1))
    }
    made = measurement("indentation", columns, sample=name)
    known = {"poisson_ratio": ("sample", [of.poisson], {"units": "1"}), "material": ("sample", [material])}
    return made.assign_coords(known).assign(
        {key: (("sample", "test"), values[None], {"units": "GPa"}) for key, values in truth.items()}
    )


def area(depth: FloatArray, tip: tuple[float, ...]) -> FloatArray:
    """Area of a tip [nm2] at contact depths [nm]."""
    total: FloatArray = tip[0] * depth**2
    for order, factor in enumerate(tip[1:], 1):
        total = total + factor * depth ** (2.0 ** (1 - order))
    return total


def _curve(
    of: Indent, modulus: float, hardness: float, random: np.random.Generator
) -> tuple[dict[str, FloatArray], float]:
    """Columns of one indent, and its stiffness at the peak [mN nm-1]."""
    reduced = 1 / ((1 - of.poisson**2) / modulus + (1 - of.indenter_poisson**2) / of.indenter_modulus)
    # the contact depth at the peak: H A(h_c) = P, by bisection
    low, high = 0.0, 1e3 * np.sqrt(of.peak_load / hardness) + 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if 1e-6 * hardness * area(np.array(middle), of.tip) < of.peak_load else (low, middle)
    deep = np.linspace(high / _GRID, high, max(int(of.load_time * of.rate), _GRID))
    load = 1e-6 * hardness * area(deep, of.tip)
    stiff = 2e-6 * of.beta * reduced * np.sqrt(area(deep, of.tip) / np.pi)
    depth = deep + of.epsilon * load / stiff
    top, peak, slope = float(depth[-1]), float(load[-1]), float(stiff[-1])
    recovered = of.exponent * peak / slope  # h_max - h_f
    if recovered >= top:
        raise ValueError(f"exponent {of.exponent}: such an elastic sample would end above its surface; make it smaller")
    speed = peak / of.load_time
    pieces = [(load, depth, load / speed)]
    held = np.arange(1, int(of.hold_time * of.rate) + 1) / of.rate
    pieces.append((np.full(len(held), peak), np.full(len(held), top), of.load_time + held))
    start = of.load_time + (held[-1] if len(held) else 0.0)
    last = 0.1 if of.drift_hold else 0.0
    down = np.arange(1, int((1 - last) * of.load_time * of.rate) + 1) / of.rate
    falling = np.maximum(peak - speed * down, 0.0)
    pieces.append((falling, top - recovered * (1 - (falling / peak) ** (1 / of.exponent)), start + down))
    waiting = np.arange(1, int(of.drift_hold * of.rate) + 1) / of.rate
    pieces.append(
        (np.full(len(waiting), falling[-1]), np.full(len(waiting), pieces[-1][1][-1]), start + down[-1] + waiting)
    )
    loads, depths, time = (np.concatenate(column) for column in zip(*pieces, strict=True))
    depths = depths + of.creep_rate * np.clip(time - start, -of.hold_time, down[-1]) + of.drift * time
    columns = {"depth": depths + of.frame_compliance * loads, "load": loads, "time": time}
    columns["depth"] = columns["depth"] + of.depth_noise * random.standard_normal(len(time))
    columns["load"] = columns["load"] + of.load_noise * random.standard_normal(len(time))
    if of.continuous:
        measured = np.full(len(time), np.nan)
        measured[: len(stiff)] = 1e6 / (1 / stiff + of.frame_compliance)
        columns["stiffness"] = measured
    return columns, slope


def write_table(data: xr.Dataset, path: Path) -> None:
    """Write the tests of one sample as plain columns."""
    lines = ["test,time (s),depth (nm),load (mN)"]
    for test in range(data.sizes["test"]):
        of = data.isel(sample=0, test=test)
        columns = (of[name].values for name in ("time", "depth", "load"))
        lines += [f"{test + 1},{t:.4f},{h:.5f},{p:.7f}" for t, h, p in zip(*columns, strict=True) if np.isfinite(p)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_hysitron(data: xr.Dataset, path: Path) -> None:
    """Write the first test of one sample as Hysitron's software exports it."""
    of = data.isel(sample=0, test=0)
    rows = np.stack([of["depth"].values, 1e3 * of["load"].values, of["time"].values], axis=1)
    lines = ["Mon Apr 29 10:41:06 2019", "", f"Number of Points = {len(rows)}", "Depth (nm)\tLoad (µN)\tTime (s)"]
    lines += [f"{h:.6f}\t{p:.6f}\t{t:.6f}" for h, p, t in rows]
    path.write_bytes(("\n".join(lines) + "\n").encode("latin-1"))


def write_hld(data: xr.Dataset, path: Path, *, machine: float = 0.0) -> None:
    """Write the first test of one sample as a file of Hysitron's high-load transducer."""
    of = data.isel(sample=0, test=0)
    rows = np.stack([of["time"].values, of["depth"].values, 1e3 * of["load"].values], axis=1)
    header = {"File Version": "Hysitron HighLoad FBControls 6.1 Release", "Test Temp": "23 deg C"}
    header |= {"System": "Hysitron HighLoad System", "Machine Comp": f"{machine / 1e3:g} nm/µN"}
    tip = of["area_coefficients"].values
    header |= {f"Tip C{at}": f"{value:g} nm" for at, value in enumerate(tip[np.isfinite(tip)])}
    lines = [f"{name}: {text}" for name, text in header.items()]
    lines += [f"Test Data Points: {len(rows)}", "Time_s\tDisp_nm\tForce_µN"]
    lines += [f"{t:.6f}\t{h:.6f}\t{p:.6f}" for t, h, p in rows]
    path.write_bytes(("\n".join(lines) + "\n").encode("latin-1"))


def write_fischerscope(data: xr.Dataset, path: Path) -> None:
    """Write the tests of one sample as a Fischerscope does, with decimal commas."""
    count = data.sizes["test"]
    lines = ["PCH.hap\tName of the application", "F = 5.000mN/15s", f"{count}\tn\tStatistics of block"]
    for test in range(count):
        of = data.isel(sample=0, test=test)
        lines += [f"PCH.hap   26.05.2020  15:1{test % 10}:54", "", "F\th\tt"]
        rows = zip(of["load"].values, of["depth"].values / 1e3, of["time"].values, strict=True)
        lines += [f"{p:.7f}\t{h:.8f}\t{t:.3f}".replace(".", ",") for p, h, t in rows if np.isfinite(p)]
    path.write_bytes(("\n".join(lines) + "\n").encode("latin-1"))
