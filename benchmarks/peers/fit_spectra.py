"""Spectra through one peer, in the environment of the peers: ``fit_spectra.py fasteis spectra.npz 0 5``.

Takes the spectra from one number on, as many as begin within a time [s], and prints the seconds each took and what
came of it as JSON. The file has ``circuit``, ``frequency`` [Hz], ``z`` (spectrum, frequency) [ohm] and ``start``
(spectrum, parameter), the parameters in the order in which the circuit's text names them. This script lies in a folder
of its own because a script's folder is searched first, and ``impedance`` shall be the peer, not the benchmark.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from types import FrameType

import numpy as np

PATIENCE = 8.0
"""A spectrum that takes longer [s] counts as failed."""

ELEMENT = re.compile(r"(CPE|R|L|W)(\d+)")
FIELDS = {"R": ("R",), "L": ("L",), "W": ("Y",), "CPE": ("Y", "n")}
"""Names of pyimpspec."""

Values = Sequence[float] | np.ndarray
Job = Callable[[], Values]
Peer = Callable[[np.ndarray, np.ndarray], Job]


class OutOfPatience(BaseException):
    """Not an Exception: no peer may take it for one of its own."""


def impedance_py(circuit: str, frequency: np.ndarray) -> Peer:
    from impedance.models.circuits import CustomCircuit

    def job(z: np.ndarray, start: np.ndarray) -> Job:
        own = CustomCircuit(circuit, initial_guess=start.tolist())
        return lambda: own.fit(frequency, z, weight_by_modulus=True).parameters_

    return job


def lin_kk(_circuit: str, frequency: np.ndarray) -> Peer:
    from impedance.validation import linKK

    return lambda z, _start: lambda: linKK(frequency, z, c=0.85, max_M=50, fit_type="complex", add_cap=True)[:2]


def pyimpspec(circuit: str, frequency: np.ndarray) -> Peer:
    from pyimpspec import DataSet, fit_circuit, parse_cdc

    code = re.sub(r"(\w+(?:-\w+)+)(?=[,)])", r"[\1]", circuit).replace("p(", "(").replace("CPE", "Q")
    code = re.sub(r"[-,\d]", "", code)
    elements = [kind for kind, _ in ELEMENT.findall(circuit)]
    names = [(at, field) for at, kind in enumerate(elements) for field in FIELDS[kind]]
    # Its W is 1/(Y sqrt(j w)), ours A (1 - j)/sqrt(w).
    inverse = np.array([elements[at] == "W" for at, _ in names])

    def turned(values: np.ndarray) -> np.ndarray:
        return np.where(inverse, 1 / (np.sqrt(2) * values), values)

    def job(z: np.ndarray, start: np.ndarray) -> Job:
        own = parse_cdc(code)
        parts = own.get_elements()
        for (at, field), value in zip(names, turned(start), strict=True):
            parts[at].set_values(**{field: float(value)})
        data = DataSet(frequency, z)

        def fit() -> Values:
            found = fit_circuit(own, data, method="least_squares", weight="modulus", num_procs=1)
            parts = found.circuit.get_elements()
            return turned(np.array([parts[at].get_value(field) for at, field in names]))

        return fit

    return job


def impedancefitter(circuit: str, frequency: np.ndarray) -> Peer:
    import pandas as pd
    from impedancefitter import Fitter

    model = ELEMENT.sub(r"\1_x\2", circuit).replace("p(", "parallel(").replace("-", "+")
    fields = {"R": ("R",), "L": ("L",), "W": ("Aw",), "CPE": ("k", "alpha")}
    names = [f"x{number}_{field}" for kind, number in ELEMENT.findall(circuit) for field in fields[kind]]
    inverse = np.array([name.endswith("_k") for name in names])  # k = 1/Q

    def turned(values: np.ndarray) -> np.ndarray:
        return np.where(inverse, 1 / values, values)

    def job(z: np.ndarray, start: np.ndarray) -> Job:
        frame = pd.DataFrame({"f": frequency, "re": z.real, "im": z.imag})
        columns = {f"df_{part}_column": name for part, name in (("freq", "f"), ("real", "re"), ("imag", "im"))}
        own = Fitter("DF", LogLevel="ERROR", df=frame, **columns)
        given = {name: {"value": value, "min": 0.0} for name, value in zip(names, turned(start), strict=True)}
        for name in names:
            given[name] |= {"max": 1.0} if name.endswith("_alpha") else {}

        def fit() -> Values:
            own.run(model, parameters=given, weighting="modulus")
            found = next(iter(own.fit_data.values()))
            return turned(np.array([found[name] for name in names]))

        return fit

    return job


def fasteis(circuit: str, frequency: np.ndarray) -> Peer:
    """Starts of its own where it has learned the circuit, else those of the file."""
    from fasteis import Circuit

    own = Circuit(circuit)
    names = own.param_names()
    try:
        own.guess(frequency, own.impedance(frequency))
        learned = True
    except ValueError:
        learned = False

    def in_order(found: dict[str, float]) -> Values:
        return [found[name] for name in names]

    def job(z: np.ndarray, start: np.ndarray) -> Job:
        if learned:
            return lambda: in_order(own.fit(frequency, z, guess_init=True).params)
        begun = own.with_values(start.tolist())
        return lambda: in_order(begun.fit(frequency, z, guess_init=False).params)

    return job


PEERS: dict[str, Callable[[str, np.ndarray], Peer]] = {
    "impedance.py": impedance_py,
    "impedance.py linKK": lin_kk,
    "pyimpspec": pyimpspec,
    "impedancefitter": impedancefitter,
    "fasteis": fasteis,
}


def timed(job: Job) -> tuple[float, list[float] | None]:
    """Seconds and result of a job; no result where it fails or takes too long."""
    begin = time.perf_counter()
    found: list[float] | None = None
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        try:
            found = [float(value) for value in job()]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
    except (Exception, OutOfPatience) as why:  # noqa: BLE001  a peer may raise anything, and to fail is a result
        print(f"failed: {why!r}")
    spent = time.perf_counter() - begin
    return spent, found if spent <= PATIENCE else None


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfPatience


def main(name: str, file: str, first: int, budget: float) -> None:
    signal.signal(signal.SIGALRM, _give_up)
    warnings.simplefilter("ignore")
    with np.load(file) as given:
        z, start = given["z"], given["start"]
        make = PEERS[name](str(given["circuit"]), given["frequency"])
    seconds, values = [], []
    begin = time.perf_counter()
    for at in range(first, len(z)):
        spent, found = timed(make(z[at], start[at]))
        seconds.append(spent)
        values.append(found)
        if time.perf_counter() - begin > budget:
            break
    print()
    print(json.dumps({"seconds": seconds, "values": values}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
