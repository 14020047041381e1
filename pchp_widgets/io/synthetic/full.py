r"""Cathode||Li cells of known truth: one latent state per cycle, and a ledger of the lithium.

The voltage at the fraction s of the cathode's capacity taken out of it is

.. math::

    V = U(s + g) \pm j\,R - \frac{\varepsilon}{L}, \qquad \dot g = \frac{\pm j\,\delta - g}{\tau}

with U the open-circuit voltage, R the resistance of the cell, g how far the surface of the cathode is ahead of its
inside (:math:`\delta` per mA cm-2 when steady) and L the lithium left on the anode: the last term ends a discharge
when there is none. Of the charge passed, a share is parasitic and comes back in neither electrode; of the lithium
plated, the share 1 - CE\ :sub:`Li` is lost. While lithium is in excess the cathode sets the capacity; afterwards each
discharge gives CE\ :sub:`Li` times the one before.

The constants of :data:`.full_designs.DESIGNS` are chosen so that the cells behave as the reported ones do. The data are
synthetic; nothing here was measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS, dataset
from .full_designs import Design

FloatArray = npt.NDArray[np.float64]

_REST, _CC, _CV = (CONTROLS.index(name) for name in ("rest", "cc", "cv"))
_FIRST_READING = 0.1
"""Time of the first reading of a step [s]."""
_DEPLETION = 1e-3
"""Overpotential of the anode times the lithium left on it [V mA h cm-2]."""
_GRID = 300
"""Points in which the end of a half-cycle is sought, and twice again between the two it lies between."""


RATES = (0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 0.1)
"""Current densities of the rate test; the last one shows what comes back [mA cm-2]."""


@dataclass(frozen=True)
class FullState:
    """What a cell is made of, cycle by cycle."""

    capacity: FloatArray
    """Of the cathode [mA h cm-2]."""
    resistance: FloatArray
    """Of the whole cell [ohm cm2]."""
    lithium_efficiency: FloatArray
    parasitic: FloatArray
    flutter: FloatArray
    """Scatter from point to point on charge, which grows before a short [V]."""
    diffusion: float
    relaxation: float = 60.0
    """Time in which the surface of the cathode follows [s]."""


@dataclass(frozen=True)
class FullRecipe:
    """How a cell is cycled and recorded."""

    current_density: tuple[float, ...]
    """Of each cycle, the same on charge and discharge [mA cm-2]."""
    area: float = 1.327
    """[cm2]"""
    lithium: float = 35 * 0.2062
    """On the anode before the first charge [mA h cm-2]."""
    cv_until: float | None = None
    """The charge ends at constant voltage when the current has fallen to this [mA cm-2]; no such step when None."""
    rest: float = 600.0
    """After each half-cycle [s]."""
    dense: tuple[int, ...] = ()
    """Cycles, counted from 1, of which a dense trace is kept."""
    points: tuple[int, int] = (8, 64)
    """Recorded in each half-cycle: in most cycles, and in the dense ones."""
    noise: float = 1e-4
    """Of the voltage reading [V]."""
    decimals: int = 4
    """Of the voltage reading in V."""


@dataclass(frozen=True)
class FullCell:
    """A trace and the truth it was made from.

    ``truth`` is a Dataset (cycle) with ``charge_capacity``, ``discharge_capacity`` and ``excess_lithium`` [mA h cm-2],
    ``resistance`` [ohm cm2]; its attributes are the cycles in which the lithium was ``exhausted_at_cycle`` and a
    ``short_at_cycle``, where there are any.
    """

    points: xr.Dataset
    design: Design
    state: FullState
    recipe: FullRecipe
    truth: xr.Dataset


def full_state(of: Design, cycles: int, *, spread: float = 0.0, seed: int = 0) -> FullState:
    """State of a cell over its cycles.

    Parameters
    ----------
    of
        One of :data:`.full_designs.DESIGNS`.
    cycles
        How many.
    spread
        Relative scatter between replicates: of the resistance and the fade; a tenth of it of the capacity, and of what
        lithium lacks of an efficiency of 1.
    seed
        Of that scatter.
    """
    n = np.arange(cycles, dtype=float)
    r, fade, capacity, loss = 1 + spread * np.array([1, 1, 0.1, 0.1]) * np.random.default_rng(seed).standard_normal(4)
    age = np.maximum(n - 2, 0) / (of.life - 3)
    parasitic = np.where(n == 0, of.first_loss, of.parasitic)
    flutter = np.zeros(cycles)
    if of.short_at is not None:
        before = np.clip(n - (of.short_at - 11), 0, None) / 10  # ten cycles in which the short announces itself
        parasitic, flutter = parasitic + 0.03 * before**2, 0.008 * before
    return FullState(
        capacity=of.cathode.capacity * capacity * (1 - of.fade * fade * age),
        resistance=(of.resistance[0] + of.resistance[1] * age) * r,
        lithium_efficiency=np.full(cycles, 1 - (1 - of.lithium_efficiency) * loss),
        parasitic=parasitic,
        flutter=flutter,
        diffusion=of.diffusion,
    )


def full_cell(of: Design, state: FullState, recipe: FullRecipe, *, seed: int = 0) -> FullCell:
    """Cycle a full cell: charge at constant current, perhaps at constant voltage, rest, discharge, rest.

    Parameters
    ----------
    of
        What the cell is.
    state
        State over at least as many cycles as the recipe has.
    recipe
        How it is cycled.
    seed
        Of the noise.

    Returns
    -------
    FullCell
        Points with ``time``, ``voltage``, ``current``, ``charge_counter``, ``instrument_cycle``, ``instrument_step``
        and ``control``.
    """
    return _Bench(of, state, recipe, np.random.default_rng(seed)).run()


def ageing_recipe(current_density: float, cycles: int, formation: float, **options: object) -> FullRecipe:
    """Two cycles at the current density of the formation, then all at one; dense traces at the start and every 50th."""
    dense = (*range(1, 6), *range(50, cycles + 1, 50))
    steps = (formation,) * 2 + (current_density,) * (cycles - 2)
    return FullRecipe(steps, dense=dense, **options)  # type: ignore[arg-type]


def rate_recipe(repeats: int = 5, **options: object) -> FullRecipe:
    """Each of ``RATES`` in some cycles, charged at the same current density as discharged, without constant voltage."""
    steps = tuple(np.repeat(RATES, repeats).tolist())
    dense = tuple(range(repeats, len(steps) + 1, repeats))
    return FullRecipe(steps, dense=dense, **options)  # type: ignore[arg-type]


@dataclass
class _Bench:
    """A cell on its channel: where it stands, and what was recorded so far."""

    design: Design
    state: FullState
    recipe: FullRecipe
    rng: np.random.Generator
    taken: float = 0.0
    """Fraction of the cathode's capacity taken out."""
    ahead: float = 0.0
    clock: float = 0.0
    counter: float = 0.0
    step: int = 0
    lithium: float = 0.0
    rows: list[tuple[FloatArray, ...]] = field(default_factory=list)

    def run(self) -> FullCell:
        count = len(self.recipe.current_density)
        table = {name: np.full(count, np.nan) for name in ("charge_capacity", "discharge_capacity", "excess_lithium")}
        self.lithium, said = self.recipe.lithium, {}
        for n, j in enumerate(self.recipe.current_density):
            if n + 1 == self.design.short_at:
                self._shorted(n, j)
                said["short_at_cycle"] = n + 1
                break
            table["charge_capacity"][n] = self._constant_current(n, j) + self._constant_voltage(n, j)
            self._rest(n)
            table["discharge_capacity"][n] = self._constant_current(n, -j)
            table["excess_lithium"][n] = self.lithium
            if self.lithium < 0.01:
                said.setdefault("exhausted_at_cycle", n + 1)
            self._rest(n)
        units = {"units": "mA h cm-2"}
        truth = xr.Dataset(
            {name: ("cycle", values, units) for name, values in table.items()}
            | {"resistance": ("cycle", self.state.resistance[:count], {"units": "ohm cm2"})},
            {"cycle": np.arange(1, count + 1)},
            said,
        )
        return FullCell(self._points(), self.design, self.state, self.recipe, truth)

    def _constant_current(self, n: int, j: float) -> float:
        """Pass a current until the cut-off is reached; gives the charge passed per area."""
        capacity = self.state.capacity[n]
        start, stop = 0.0, 1.3 * capacity / abs(j) * 3600
        for _ in range(3):
            grid = np.linspace(start, stop, _GRID)
            beyond = np.sign(j) * (self._voltage(n, j, grid) - self.design.cathode.cut_offs[int(j > 0)])
            at = max(int(np.argmax(beyond >= 0)), 1)
            start, stop = grid[at - 1 : at + 1]
        whole = max(float(stop), 2 * _FIRST_READING)
        time = self._times(n, whole)
        voltage = self._voltage(n, j, time)
        if j > 0:
            voltage += self.state.flutter[n] * self.rng.standard_normal(len(time))
        passed = abs(j) * whole / 3600
        self._settle(n, j, whole)
        self._record(n, time, voltage, np.full(len(time), j), _CC)
        return passed

    def _constant_voltage(self, n: int, j: float) -> float:
        """Hold the upper cut-off until the current has fallen; gives the charge passed per area."""
        last, top = self.recipe.cv_until, self.design.cathode.cut_offs[1]
        if last is None or last >= j:
            return 0.0
        end = self.design.cathode.fraction(top - last * self.state.resistance[n] * 1e-3) - last * self.state.diffusion
        passed = (end - self.taken) * self.state.capacity[n] / (1 - self.state.parasitic[n])
        if passed <= 0:
            return 0.0
        current = np.geomspace(j, last, 14 if self._is_dense(n) else 6)
        decay = np.log(j / current)  # time in units of a time constant, which then makes the charge come out
        time = decay * (passed * 3600 - j * _FIRST_READING) / np.trapezoid(current, decay)
        self._deposit(n, passed)
        self.ahead = last * self.state.diffusion
        self._record(n, time + _FIRST_READING, np.full(len(time), top), current, _CV)
        return float(passed)

    def _rest(self, n: int) -> None:
        if not self.recipe.rest:
            return
        time = np.round(np.geomspace(1, self.recipe.rest, 6 if self._is_dense(n) else 2), 1)
        voltage = self._voltage(n, 0.0, time)
        self.ahead *= float(np.exp(-self.recipe.rest / self.state.relaxation))
        self._record(n, time, voltage, np.zeros(len(time)), _REST)

    def _shorted(self, n: int, j: float) -> None:
        """A charge in which the voltage falls to that of a metallic path, ended by the limit of charge."""
        whole = 1.5 * self.design.cathode.capacity / j * 3600
        time = np.linspace(_FIRST_READING, whole, 120)
        voltage = self._voltage(n, j, np.minimum(time, 0.4 * whole))
        voltage += self.state.flutter[n] * self.rng.standard_normal(len(time))
        metallic = j * 3e-3 * (1 + 0.05 * self.rng.standard_normal(len(time)))
        self._record(n, time, np.where(time < 0.4 * whole, voltage, metallic), np.full(len(time), j), _CC)

    def _voltage(self, n: int, j: float, time: FloatArray) -> FloatArray:
        rate, tau = j / 3600 / self.state.capacity[n], self.state.relaxation
        share = 1 - self.state.parasitic[n] if j > 0 else 1.0
        steady = j * self.state.diffusion
        ahead = steady + (self.ahead - steady) * np.exp(-time / tau)
        left = np.maximum(self.lithium + j * share * time / 3600, 1e-6)
        open_circuit = self.design.cathode.voltage(self.taken + rate * share * time + ahead)
        return np.asarray(open_circuit + j * self.state.resistance[n] * 1e-3 - (j < 0) * _DEPLETION / left)

    def _settle(self, n: int, j: float, whole: float) -> None:
        steady = j * self.state.diffusion
        self.ahead = steady + (self.ahead - steady) * float(np.exp(-whole / self.state.relaxation))
        if j > 0:
            self._deposit(n, j * whole / 3600)
        else:
            self.taken += j * whole / 3600 / self.state.capacity[n]
            self.lithium = max(self.lithium + j * whole / 3600, 0.0)

    def _deposit(self, n: int, passed: float) -> None:
        """Plate the lithium that comes out of the cathode; a share of it is lost."""
        plated = passed * (1 - self.state.parasitic[n])
        self.taken += plated / self.state.capacity[n]
        self.lithium += plated * self.state.lithium_efficiency[n]

    def _is_dense(self, n: int) -> bool:
        return n + 1 in self.recipe.dense

    def _times(self, n: int, whole: float) -> FloatArray:
        """Times of the readings, closer together at both ends, where the voltage is steep."""
        dense = self._is_dense(n)
        even = np.linspace(0, 1, self.recipe.points[int(dense)])
        bunched = (1 - np.cos(np.pi * even)) / 2
        time = whole * ((even + bunched) / 2 if dense else bunched)
        time[0] = _FIRST_READING
        return time

    def _record(self, n: int, time: FloatArray, voltage: FloatArray, current: FloatArray, control: int) -> None:
        self.step += 1
        read = np.round(voltage + self.recipe.noise * self.rng.standard_normal(len(time)), self.recipe.decimals)
        flow = current * self.recipe.area
        since = np.append(0.0, time)
        passed = np.cumsum(np.convolve(np.append(flow[0], flow), [0.5, 0.5], "valid") * np.diff(since)) / 3600
        labels = (np.full(len(time), value) for value in (n + 1, self.step, control))
        self.rows.append((self.clock + time, read, flow, self.counter + passed, *labels))
        self.clock += float(time[-1])
        self.counter += float(passed[-1])

    def _points(self) -> xr.Dataset:
        names = ("time", "voltage", "current", "charge_counter", "instrument_cycle", "instrument_step", "control")
        columns = {name: np.concatenate(parts) for name, parts in zip(names, zip(*self.rows, strict=True), strict=True)}
        columns["control"] = columns["control"].astype(np.int8)
        return dataset("points", columns)
