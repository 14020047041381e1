r"""Li||Cu cells of known truth: lithium plated on copper and stripped again, by the three protocols in use.

The truth is the share of the plated lithium that can be stripped again, cycle by cycle; all charges follow from it.
With S the lithium on copper that can be stripped [mA h cm-2], plating a charge Q adds :math:`\mathrm{CE}_k Q`, and
stripping takes at most S and then meets the cut-off voltage. The voltages are

.. math::

    V_\text{plate} = -\eta_k - \eta_\text{nuc} e^{-q/q_n} + V_0 e^{-q/q_0}, \qquad
    V_\text{strip} = \eta_k + (V_\text{cut} - \eta_k) e^{-(S - q)/q_s}

and before the first plating the voltage falls from that of the fresh cell to 0 while an SEI forms on the copper.
The data are synthetic; nothing here was measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS, dataset

FloatArray = npt.NDArray[np.float64]

_FRESH = 2.6  # V, of copper in a fresh cell
_SETTLING = 0.004  # share of a half-cycle in which the voltage settles after a reversal
_END_ROUND = 0.006  # mA h cm-2 over which the voltage rises to the cut-off


@dataclass(frozen=True)
class Copper:
    """What a cell is made of, and how it is recorded."""

    efficiency: FloatArray
    """Share of the plated lithium that can be stripped again, by cycle (the last value holds for all later ones)."""
    overpotential: FloatArray
    """Of the plateau, by cycle [V]."""
    nucleation: float = 0.060
    """Height of the nucleation dip below the plateau in the first cycle [V]; later ones have 0.4 of it on copper that
    was stripped, and 0.1 on lithium that was left."""
    nucleation_width: float = 0.03
    """Charge over which the dip fades, as a share of the half-cycle."""
    sei: float = 0.02
    """Charge consumed above 0 V in the first plating [mA h cm-2]."""
    leak_from: int | None = None
    """First cycle (from 1) of a soft short: from there on more is stripped than was plated."""
    leak: float = 0.02
    """Share of the stripped charge that flows through the short."""
    cut_off: float = 1.0
    """Voltage at which stripping ends [V]."""
    current_density: float = 0.5
    """[mA cm-2]"""
    area: float = np.pi * 0.65**2
    """[cm2]"""
    points: int = 25
    """Recorded in each half-cycle, closer together at its beginning and at its end."""
    rest_minutes: float = 10.0
    """Between half-cycles."""
    noise: float = 2e-4
    """Of the voltage reading [V]."""
    decimals: int = 5
    """Of the voltage reading in V."""


@dataclass(frozen=True)
class LiCuCell:
    """A trace and the truth it was made from."""

    points: xr.Dataset
    copper: Copper
    truth: dict[str, float] = field(default_factory=dict)


def galvanostatic_cell(of: Copper, *, areal_capacity: float = 1.0, cycles: int = 60, seed: int = 0) -> LiCuCell:
    """Plate a charge and strip to the cut-off, again and again.

    Parameters
    ----------
    of
        The cell.
    areal_capacity
        Plated in each cycle [mA h cm-2].
    cycles
        How many.
    seed
        Of the noise.

    Returns
    -------
    LiCuCell
        The truth has ``efficiency_<k>``, stripped over plated in cycle k (from 1), ``mean_from_2``, its mean without
        cycle 1, and ``nucleation_1`` [V].
    """
    made = _Test(of, seed)
    for _ in range(cycles):
        made.plate(areal_capacity)
        made.strip(np.inf)
    ratio = np.array(made.stripped) / np.array(made.plated)
    truth = {f"efficiency_{k}": float(ratio[k - 1]) for k in sorted({1, 2, min(10, cycles), cycles})}
    truth |= {"mean_from_2": float(ratio[1:].mean()) if cycles > 1 else np.nan}
    return made.cell(truth)


def reservoir_cell(
    of: Copper, *, reservoir: float = 4.0, cycled: float = 1.0, most_cycles: int = 1000, seed: int = 0
) -> LiCuCell:
    """Plate a reservoir, then strip and plate the same charge until stripping meets the cut-off early.

    Parameters
    ----------
    of
        The cell.
    reservoir, cycled
        Q_T and Q_c [mA h cm-2].
    most_cycles
        Where the test ends at the latest.
    seed
        Of the noise.

    Returns
    -------
    LiCuCell
        The truth has ``efficiency``, 1 - Q_T / (N Q_c) with the charges that were passed, and ``cycles``, N.
    """
    made = _Test(of, seed)
    made.plate(reservoir)
    for _ in range(most_cycles):
        if made.strip(cycled) < cycled:
            break
        made.plate(cycled)
    passed = sum(made.stripped)
    return made.cell({"efficiency": 1 - made.plated[0] / passed, "cycles": passed / cycled})


def modified_cell(
    of: Copper, *, reservoir: float = 4.0, cycled: float = 1.0, cycles: int = 10, seed: int = 0
) -> LiCuCell:
    """A conditioning cycle, a reservoir, n cycles of one charge, and a last stripping to the cut-off.

    Parameters
    ----------
    of
        The cell. Efficiency 1 is that of the conditioning cycle, 2 that of the reservoir, the others of the n cycles.
    reservoir, cycled, cycles
        Q_T, Q_c [mA h cm-2] and n.
    seed
        Of the noise.

    Returns
    -------
    LiCuCell
        The truth has ``efficiency`` after the conditioning: all stripped over all plated, or 1 - Q_T / (N Q_c) if the
        reservoir was used up before, ``conditioning``, ``left`` [mA h cm-2] and ``exhausted_in`` (0 where not).
    """
    made = _Test(of, seed)
    made.plate(reservoir)
    made.strip(np.inf)
    made.plate(reservoir)
    exhausted_in = 0
    for number in range(cycles):
        if made.strip(cycled) < cycled and not exhausted_in:
            exhausted_in = number + 1
        made.plate(cycled)
    left = made.strip(np.inf)
    plated, stripped = np.array(made.plated[1:]), np.array(made.stripped[1:])
    found = stripped.sum() / plated.sum()
    if exhausted_in:
        found = 1 - plated[0] / stripped[:exhausted_in].sum()
    truth = {"efficiency": float(found), "conditioning": made.stripped[0] / made.plated[0]}
    return made.cell({**truth, "left": left, "exhausted_in": float(exhausted_in)})


class _Test:
    """A test as it goes on: what is on the copper, and what has been recorded."""

    def __init__(self, of: Copper, seed: int) -> None:
        self.of = of
        self.plated: list[float] = []
        self.stripped: list[float] = []
        self._rng = np.random.default_rng(seed)
        self._on_copper = 0.0
        self._emptied = True
        self._clock = 0.0
        self._parts: list[dict[str, Any]] = []
        self._rest(_FRESH, _FRESH)

    def plate(self, charge: float) -> None:
        """Plate a charge [mA h cm-2]; part of it cannot be stripped again."""
        of, first = self.of, not self.plated
        sei = of.sei if first else 0.0
        self.plated.append(charge)
        self._on_copper += self._now(of.efficiency) * (charge - sei)
        q = charge * np.linspace(0, 1, of.points) ** 2
        if sei:
            # enough points for the slope to 0 V and for the dip after it
            q = np.union1d(np.linspace(0, sei, 9), sei + (charge - sei) * np.linspace(0, 1, of.points) ** 2)
        eta, nucleation = self._now(of.overpotential), of.nucleation * (1.0 if first else 0.4 if self._emptied else 0.1)
        metal = np.clip(q - sei, 0, None)
        voltage = -eta - nucleation * np.exp(-metal / (of.nucleation_width * charge))
        if sei:
            voltage = np.where(q < sei, _FRESH * np.expm1(-3 * (q / sei - 1)) / np.expm1(3), voltage)
        elif self._emptied:
            voltage = voltage + of.cut_off / 2 * np.exp(-metal / (_SETTLING * charge / 8))
        self._record(q, voltage, -1)
        self._rest(-0.004, 0.0)

    def strip(self, most: float) -> float:
        """Strip a charge, or all there is; the charge [mA h cm-2]."""
        of = self.of
        leaking = of.leak_from is not None and len(self.plated) >= of.leak_from
        there = self._on_copper * (1 + of.leak) / self._now(of.efficiency) if leaking else self._on_copper
        charge = min(there, most)
        eta = self._now(of.overpotential)
        rising = (charge - charge * np.linspace(0, 1, of.points) ** 2)[::-1]
        q = np.union1d(rising, charge * np.array([0, 1e-3, 1e-2, 0.1, 0.3, 0.5]))
        voltage = eta * (1 - 0.5 * np.exp(-q / (_SETTLING * charge)))
        voltage = voltage + (of.cut_off - voltage[-1]) * np.exp(-(there - q) / _END_ROUND)
        self._record(q, voltage, +1)
        self._on_copper = max(self._on_copper - charge, 0.0) if not leaking else 0.0
        self.stripped.append(charge)
        self._emptied = charge >= there
        self._rest(0.5 * of.cut_off if self._emptied else 0.004, 0.3 * of.cut_off if self._emptied else 0.0)
        return charge

    def cell(self, truth: dict[str, float]) -> LiCuCell:
        """The cell, as recorded."""
        names = list(self._parts[0])
        columns = {name: np.concatenate([part[name] for part in self._parts]) for name in names}
        columns["voltage"] = np.round(
            columns["voltage"] + self.of.noise * self._rng.standard_normal(len(columns["voltage"])), self.of.decimals
        )
        return LiCuCell(dataset("points", columns), self.of, {**truth, "nucleation_1": self.of.nucleation})

    def _now(self, by_cycle: FloatArray) -> float:
        """Value of the present cycle, which the latest plating opened."""
        values = np.atleast_1d(np.asarray(by_cycle, float))
        return float(values[min(len(self.plated) - 1, len(values) - 1)])

    def _record(self, q: FloatArray, voltage: FloatArray, sign: int) -> None:
        time = self._clock + q / self.of.current_density * 3600
        self._clock = float(time[-1])
        current = np.full(len(q), sign * self.of.current_density * self.of.area)
        self._add(time, voltage, current, "cc")

    def _rest(self, begin: float, end: float) -> None:
        time = self._clock + 60 * self.of.rest_minutes * np.array([0.002, 0.2, 1.0])
        self._clock = float(time[-1]) + 0.1
        self._add(time, np.linspace(begin, end, len(time)), np.zeros(len(time)), "rest")

    def _add(self, time: FloatArray, voltage: FloatArray, current: FloatArray, control: str) -> None:
        count = len(time)
        self._parts.append(
            {
                "time": time,
                "voltage": voltage,
                "current": current,
                "instrument_cycle": np.full(count, max(len(self.plated), 1)),
                "instrument_step": np.full(count, len(self._parts) + 1),
                "control": np.full(count, CONTROLS.index(control), np.int8),
            }
        )
