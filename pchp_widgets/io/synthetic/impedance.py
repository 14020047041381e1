r"""Impedance spectra of known circuits, drawn at random: what a fit has to find again.

.. math:: Z = j\omega L_0 + R_0 + \sum_i \frac{R_i}{1 + R_i Q_i (j\omega)^{n_i}} + A_w\frac{1 - j}{\sqrt{\omega}}

with the terms that the circuit has; in the Randles circuit the Warburg element stands in the branch of the resistance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import dataset

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

LI_LI: FloatArray = np.geomspace(3e5, 1.0, 56)
"""Frequencies of a Li||Li cell with a coating [Hz]."""

BATTERY: FloatArray = np.geomspace(1e5, 1e-2, 71)
"""Frequencies that reach diffusion [Hz]."""


class KnownSpectra(NamedTuple):
    """Spectra and what they were made of.

    Attributes
    ----------
    spectra
        As the schema has it, one of each cell: ``z_real``, ``z_imag`` [ohm], ``cycle``, ``time``.
    circuit
        The circuit in the notation of impedance.py.
    truth
        (cell, spectrum, parameter): ``value`` of each parameter, named as the analysis names them.
    """

    spectra: xr.Dataset
    circuit: str
    truth: xr.Dataset


class _Kind(NamedTuple):
    circuit: str
    frequency: FloatArray
    draw: Callable[[np.random.Generator, int, FloatArray], dict[str, FloatArray]]


def known_spectra(kind: str, count: int, *, noise: float = 0.002, seed: int = 0) -> KnownSpectra:
    """One spectrum of each of many cells of one kind, all with parameters of their own.

    Parameters
    ----------
    kind
        One of :data:`KINDS`. ``lili``: two arcs, 300 kHz to 1 Hz; ``batt``: two arcs and diffusion, 100 kHz to
        10 mHz; ``inductive``: ``lili`` behind the inductance of the leads; ``one_arc``, ``three_arcs``; ``randles``:
        diffusion in the branch of the charge transfer.
    count
        Number of cells.
    noise
        Standard deviation of real and of imaginary part, each, relative to the size of Z.
    seed
        Of parameters and noise.

    Returns
    -------
    KnownSpectra
        Spectra, circuit, truth.

    Raises
    ------
    ValueError
        When the kind is not known.
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not known; choose one of {', '.join(KINDS)}")
    circuit, frequency, draw = KINDS[kind]
    rng = np.random.default_rng(seed)
    parameters = draw(rng, count, frequency)
    z = impedance(parameters, frequency, nested=kind == "randles")
    z = z + noise * np.abs(z) * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape))
    columns = {
        "z_real": z.real[:, None],
        "z_imag": z.imag[:, None],
        "time": np.zeros((count, 1)),
        "cycle": np.ones((count, 1), int),
    }
    place = {"cell": [f"{kind} {number}" for number in range(1, count + 1)], "spectrum": [1]}
    spectra = dataset("spectra", columns, coords={**place, "frequency": ("frequency", frequency, {"units": "Hz"})})
    value = np.stack(list(parameters.values()), -1)[:, None]
    truth = xr.Dataset(
        {"value": (("cell", "spectrum", "parameter"), value)}, {**place, "parameter": list(parameters)}, {"kind": kind}
    )
    return KnownSpectra(spectra, circuit, truth)


def impedance(parameters: dict[str, FloatArray], frequency: FloatArray, *, nested: bool = False) -> ComplexArray:
    """Impedance of the circuits of this module.

    Parameters
    ----------
    parameters
        Arrays (spectrum) by name; ``R0`` and at least one arc ``R1``, ``CPE1_Q``, ``CPE1_n``.
    frequency
        [Hz].
    nested
        Whether the Warburg element lies in the branch of ``R1`` and not in series with everything.

    Returns
    -------
    array
        (spectrum, frequency) [ohm].
    """
    of = {name: np.asarray(values)[:, None] for name, values in parameters.items()}
    omega = 2 * np.pi * frequency
    warburg = of["W1"] * (1 - 1j) / np.sqrt(omega) if "W1" in of else 0.0
    z: ComplexArray = of["R0"] + 1j * omega * of.get("L0", np.zeros((1, 1)))
    for arc in "123":
        if f"R{arc}" in of:
            branch = of[f"R{arc}"] + (warburg if nested else 0.0)
            z = z + branch / (1 + branch * of[f"CPE{arc}_Q"] * (1j * omega) ** of[f"CPE{arc}_n"])
    return z if nested else z + warburg


def _arc(number: int, resistance: FloatArray, tau: FloatArray, exponent: FloatArray) -> dict[str, FloatArray]:
    return {f"R{number}": resistance, f"CPE{number}_Q": tau**exponent / resistance, f"CPE{number}_n": exponent}


def _two_arcs(rng: np.random.Generator, n: int, fastest: tuple[float, float]) -> dict[str, FloatArray]:
    series, first, second = (10 ** rng.uniform(low, high, n) for low, high in ((0, 1.3), (1.3, 2.5), (1.3, 2.5)))
    tau = 10 ** rng.uniform(*fastest, n)
    slower = tau * 10 ** rng.uniform(1.3, 2.7, n)
    exponents = rng.uniform(0.75, 0.95, n), rng.uniform(0.75, 0.95, n)
    return {"R0": series, **_arc(1, first, tau, exponents[0]), **_arc(2, second, slower, exponents[1])}


def _lili(rng: np.random.Generator, n: int, _frequency: FloatArray) -> dict[str, FloatArray]:
    return _two_arcs(rng, n, (-5.2, -4.0))


def _inductive(rng: np.random.Generator, n: int, frequency: FloatArray) -> dict[str, FloatArray]:
    return {"L0": 10 ** rng.uniform(-7, -6, n), **_lili(rng, n, frequency)}


def _batt(rng: np.random.Generator, n: int, frequency: FloatArray) -> dict[str, FloatArray]:
    own = _two_arcs(rng, n, (-4.6, -3.2))
    return {**own, "W1": rng.uniform(0.1, 0.6, n) * (own["R1"] + own["R2"]) * _diffusion(frequency)}


def _diffusion(frequency: FloatArray) -> float:
    """Coefficient of a Warburg element of 1 ohm at the lowest frequency."""
    return float(np.sqrt(2 * np.pi * frequency.min()) / np.sqrt(2))


def _one_arc(rng: np.random.Generator, n: int, _frequency: FloatArray) -> dict[str, FloatArray]:
    series, own = 10 ** rng.uniform(0, 1.3, n), 10 ** rng.uniform(1.3, 2.5, n)
    return {"R0": series, **_arc(1, own, 10 ** rng.uniform(-4.6, -2.5, n), rng.uniform(0.75, 0.95, n))}


def _three_arcs(rng: np.random.Generator, n: int, _frequency: FloatArray) -> dict[str, FloatArray]:
    found = {"R0": 10 ** rng.uniform(0, 1.3, n)}
    tau = 10 ** rng.uniform(-4.6, -4.0, n)
    for number in (1, 2, 3):
        found |= _arc(number, 10 ** rng.uniform(1.3, 2.3, n), tau, rng.uniform(0.75, 0.95, n))
        tau = tau * 10 ** rng.uniform(1.3, 1.9, n)
    return found


def _randles(rng: np.random.Generator, n: int, frequency: FloatArray) -> dict[str, FloatArray]:
    own = _one_arc(rng, n, frequency)
    return {**own, "W1": rng.uniform(0.5, 2.0, n) * own["R1"] * _diffusion(frequency)}


_TWO = "R0-p(R1,CPE1)-p(R2,CPE2)"

KINDS: dict[str, _Kind] = {
    "lili": _Kind(_TWO, LI_LI, _lili),
    "batt": _Kind(f"{_TWO}-W1", BATTERY, _batt),
    "inductive": _Kind(f"L0-{_TWO}", LI_LI, _inductive),
    "one_arc": _Kind("R0-p(R1,CPE1)", LI_LI, _one_arc),
    "three_arcs": _Kind(f"{_TWO}-p(R3,CPE3)", BATTERY, _three_arcs),
    "randles": _Kind("R0-p(CPE1,R1-W1)", BATTERY, _randles),
}
"""Circuits, frequencies and ranges of the parameters of every kind."""
