r"""Li||Li cells under a small constant voltage, of known current fraction, with the spectra before and at the end.

The current that follows a step of the voltage by :math:`\Delta V` is that of the ohmic resistance, the interfaces and a
finite layer in which a concentration difference builds up, all linear:

.. math::

    I(s) = \frac{\Delta V / s}{R_b + R_{int} + R_d \tanh(\sqrt{s\tau}) / \sqrt{s\tau}},
    \qquad R_d = R_b (1/\rho_+ - 1)

Its inverse is the sum over the roots of :math:`(R_b + R_{int})\beta + R_d \tan\beta = 0`, so the current falls with
√t at first and ends at :math:`\Delta V / (R_b/\rho_+ + R_{int})`. The interfaces are two depressed arcs in the spectra;
their double layers are charged in less than a second, which is the spike of the first samples. The branch of the
diffusion lies below the lowest frequency and is left out of the spectra.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS, dataset

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

FREQUENCIES: FloatArray = np.geomspace(3e5, 1.0, 40)
"""[Hz]"""
SWEEP_TIME = 60.0
"""Duration of a spectrum [s]."""
_TERMS = 400


@dataclass(frozen=True)
class Polarized:
    """A cell to be polarized; resistances are of the whole cell [ohm]."""

    bulk: float
    """R_b: electrolyte and coating, ohmic."""
    fraction: float
    """ρ+."""
    sei: float
    charge_transfer: float
    growth: float = 1.0
    """R_ss / R_0, of both arcs."""
    voltage: float = 0.01
    """ΔV [V]."""
    hours: float = 3.0
    relaxation: float = 2400.0
    """τ of the layer in which concentrations build up [s]."""
    rest_voltage: float = 0.0
    """Of the cell at rest [V]."""
    leak: float = np.inf
    """Metallic path in parallel from the beginning of the polarization [ohm]."""


@dataclass(frozen=True)
class Noise:
    """What the instrument adds."""

    current: float = 5e-4
    """Scatter of the current, relative."""
    voltage: float = 2e-5
    """Scatter of the voltage [V]."""
    impedance: float = 1e-3
    """Scatter of real and imaginary part, relative to the size of Z."""


class PolarizedCell:
    """Trace and spectra of a polarized cell, and its truth.

    Attributes
    ----------
    points
        Rest, spectrum, polarization, spectrum under the polarization; with ``time``, ``voltage``, ``current``,
        ``control``, ``instrument_step``.
    flat
        The two spectra as flat points: ``spectrum``, ``frequency``, ``z_real``, ``z_imag``, ``time``.
    truth
        ``current_fraction``, ``initial_current``, ``steady_current`` [mA], ``bulk_resistance``,
        ``initial_resistance``, ``steady_resistance`` [ohm].
    """

    def __init__(self, points: xr.Dataset, flat: xr.Dataset, truth: Mapping[str, float]) -> None:
        self.points, self.flat, self.truth = points, flat, dict(truth)


def relaxation_current(of: Polarized, time: npt.ArrayLike) -> FloatArray:
    """Current [mA] at some times [s] after the step of the voltage, without noise and without the double layers."""
    t = np.asarray(time, float)
    ohmic = of.bulk + of.sei + of.charge_transfer
    built = of.bulk * (1 / of.fraction - 1)
    steady = of.voltage / (ohmic + built)
    beta = _roots(ohmic, built)
    # dF/ds of F = R + R_d tanh(√(sτ))/√(sτ) at s = -β²/τ, times s
    tan = -ohmic * beta / built
    slope = built / 2 * ((1 + tan**2) - tan / beta)
    decay = np.exp(-np.multiply.outer(t, beta**2) / of.relaxation)
    # the terms beyond the last one decay at once: at t = 0 all of them sum up to the ohmic current
    found: FloatArray = steady + of.voltage * (decay / slope).sum(-1)
    grown = (of.growth - 1) * (of.sei + of.charge_transfer)
    resistance = grown * (1 - np.exp(-4 * t / (of.hours * 3600)))
    found = found / (1 + found * resistance / of.voltage)
    return 1e3 * (found + of.voltage / of.leak)


def polarized_cell(of: Polarized, *, noise: Noise | None = None, seed: int = 0) -> PolarizedCell:
    """Rest, spectrum, polarization, spectrum.

    Parameters
    ----------
    of
        The cell.
    noise
        Of the instrument.
    seed
        Of the noise.
    """
    noise = noise or Noise()
    rng = np.random.default_rng(seed)
    interface = of.sei + of.charge_transfer
    rest = np.arange(0, 601, 30.0)
    held = np.concatenate([np.geomspace(0.05, 60, 40), np.arange(75, of.hours * 3600 + 1, 60.0)])
    begin = rest[-1] + SWEEP_TIME + 10.0
    sweep = np.linspace(0, SWEEP_TIME, len(FREQUENCIES))
    after = begin + held[-1] + 5.0
    charging = 1e3 * of.voltage / of.bulk * np.exp(-held / 0.02)
    current = relaxation_current(of, held) + charging
    current = current * (1 + noise.current * rng.standard_normal(held.shape))
    level = of.rest_voltage + of.voltage
    stretches: Sequence[tuple[str, FloatArray, npt.ArrayLike, npt.ArrayLike]] = (
        ("rest", rest, of.rest_voltage, 0.0),
        ("eis", rest[-1] + 5.0 + sweep, of.rest_voltage, 0.0),
        ("cv", begin + held, level, current),
        ("eis", after + sweep, level, current[-1]),
    )
    columns = {
        "time": np.concatenate([time for _, time, _, _ in stretches]),
        "voltage": np.concatenate([np.broadcast_to(values, time.shape) for _, time, values, _ in stretches]),
        "current": np.concatenate([np.broadcast_to(values, time.shape) for _, time, _, values in stretches]),
        "control": np.concatenate([np.full(len(t), CONTROLS.index(name), np.int8) for name, t, _, _ in stretches]),
        "instrument_step": np.concatenate([np.full(len(t), at) for at, (_, t, _, _) in enumerate(stretches)]),
    }
    columns["voltage"] = columns["voltage"] + noise.voltage * rng.standard_normal(len(columns["voltage"]))
    times = (stretches[1][1], stretches[3][1])
    arcs = ((of.sei, of.charge_transfer), (of.growth * of.sei, of.growth * of.charge_transfer))
    spectra = [two_arcs(of.bulk, *pair, leak=leak) for pair, leak in zip(arcs, (np.inf, of.leak), strict=True)]
    flat = flat_spectra(spectra, times, noise.impedance, rng)
    truth = {
        "current_fraction": of.fraction,
        "initial_current": 1e3 * of.voltage / (of.bulk + interface),
        "steady_current": 1e3 * of.voltage / (of.bulk / of.fraction + of.growth * interface),
        "bulk_resistance": of.bulk,
        "initial_resistance": interface,
        "steady_resistance": of.growth * interface,
    }
    return PolarizedCell(dataset("points", columns), flat, truth)


def two_arcs(
    series: float, sei: float, charge_transfer: float, *, frequency: FloatArray = FREQUENCIES, leak: float = np.inf
) -> ComplexArray:
    """Impedance [ohm] of a series resistance and two depressed arcs, 1/(2πτ) at 6 kHz and 90 Hz.

    A `leak` [ohm] lies in parallel to all of it.
    """
    omega = 2j * np.pi * frequency
    z = np.full(len(frequency), series, np.complex128)
    for resistance, tau, exponent in ((sei, 2.6e-5, 0.9), (charge_transfer, 1.8e-3, 0.85)):
        z += resistance / (1 + (omega * tau) ** exponent)
    return np.asarray(z / (1 + z / leak), np.complex128)


def flat_spectra(
    spectra: Sequence[ComplexArray],
    times: Sequence[FloatArray],
    noise: float,
    rng: np.random.Generator,
    *,
    frequency: FloatArray = FREQUENCIES,
) -> xr.Dataset:
    """Spectra as a reader gives them: one point after the other."""
    z = np.stack(spectra)
    z = z * (1 + noise * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape)))
    count, points = z.shape
    return dataset(
        "points",
        {
            "spectrum": np.repeat(np.arange(count), points),
            "frequency": np.tile(frequency, count),
            "z_real": z.real.ravel(),
            "z_imag": z.imag.ravel(),
            "time": np.concatenate(times),
        },
    )


def _roots(ohmic: float, built: float) -> FloatArray:
    """The first roots of (R_b + R_int) β + R_d tan β = 0, one in each interval from (k - 1/2)π to kπ, by bisection."""
    k = np.arange(1, _TERMS + 1)
    low, high = (k - 0.5) * np.pi + 1e-12, k * np.pi - 0.0
    for _ in range(60):
        middle = (low + high) / 2
        above = ohmic * middle + built * np.tan(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    found: FloatArray = (low + high) / 2
    return found
