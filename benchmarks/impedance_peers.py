"""The same spectra through peers, in turn with us on one core: ``python benchmarks/impedance.py --peers [kind ...]``.

How they are compared stands in the tables.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from measure import are_there, in_process, peers, seconds
from record import Table, duration

from pchp_widgets.analysis import impedance
from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.analysis.validity import lin_kk
from pchp_widgets.io.synthetic.impedance import KnownSpectra

FloatArray = npt.NDArray[np.float64]

FIT = Table(
    "Fits of impedance against other programs",
    "The spectra of two of these kinds. We fit 1,000 in one call and know no start. A peer begins at a poor one "
    "(values wrong by up to 30 times either way, exponents from 0.5 to 1) or, as fasteis for the circuits it has "
    "learned, at its own. It fits as many spectra as begin within its time, and one that takes it more than 8 s has "
    "failed. The ratio is the median, over its spectra, of its time to ours in the same turn; the median is kinder "
    "to a peer than the mean. The aim is how many times faster we want to be.",
    ("kind", "program", "spectra", "success", "median", "mean", "aim", "ratio"),
)
LIN_KK_TABLE = Table(
    "Kramers-Kronig test against impedance.py",
    "The linear test of Schönleber as impedance.py has it, on the same spectra. Same is the share of spectra for "
    "which both choose the same number of elements by the published rule; ours is then guarded against too many of "
    "them.",
    ("kind", "program", "spectra", "same", "median", "mean", "ratio"),
)
KINDS = ("lili", "batt")
ROUNDS = 2


class Peer(NamedTuple):
    python: Path
    budget: float
    """Seconds for one kind, in all turns; those that are slow by spectrum need more to show a share of success."""
    demanded: float | None
    """How many times faster we want to be."""


FITS = {
    "impedance.py": Peer(peers("eis"), 20, 100),
    "pyimpspec": Peer(peers(), 8, 50),
    "impedancefitter": Peer(peers("eis"), 12, 50),
    "fasteis": Peer(peers("eis"), 5, 4),
}
LIN_KK = {"impedance.py linKK": Peer(peers("eis"), 3, None)}


class Turns(NamedTuple):
    """What a peer did in all its turns, and what we took beside it."""

    seconds: FloatArray
    values: list[list[float] | None]
    ours: float
    ratio: float

    @property
    def typical(self) -> tuple[str, str]:
        """Median and mean of the peer."""
        return duration(float(np.median(self.seconds))), duration(float(self.seconds.mean()))


def compare(spectra: Mapping[str, KnownSpectra], within: float) -> None:
    """Print the tables; a fit succeeds when every resistance is right within a share."""
    if not are_there(peers(), peers("eis")):
        return
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: exported(known, Path(folder) / f"{kind}.npz") for kind, known in spectra.items()}
        for kind, known in spectra.items():
            compare_fits(kind, known, files[kind], within)
        for kind, known in spectra.items():
            compare_tests(kind, known, files[kind])


def exported(known: KnownSpectra, file: Path) -> Path:
    """The spectra in a file, with a poor start of each."""
    truth = true_values(known)
    exponent = np.array([parameter.kind == "exponent" for parameter in circuit(known.circuit).parameters])
    rng = np.random.default_rng(0)
    poor = truth * 10 ** rng.uniform(-1.5, 1.5, truth.shape)
    start = np.where(exponent, rng.uniform(0.5, 1.0, truth.shape), poor)
    frequency = known.spectra["frequency"].values
    z = known.spectra["z_real"].values[:, 0] + 1j * known.spectra["z_imag"].values[:, 0]
    np.savez(file, circuit=known.circuit, frequency=frequency, z=z, start=start)
    return file


def true_values(known: KnownSpectra) -> FloatArray:
    """(spectrum, parameter) in the order in which the circuit names them."""
    names = [parameter.name for parameter in circuit(known.circuit).parameters]
    values: FloatArray = known.truth["value"].sel(parameter=names).values[:, 0]
    return values


def in_turn(name: str, peer: Peer, file: Path, count: int, ours: Callable[[], object]) -> Turns:
    """A peer and us in turn; `ours` takes all the spectra of the file, `count` of them."""
    spent: list[float] = []
    values: list[list[float] | None] = []
    own: list[float] = []
    ratio: list[float] = []
    budget = str(peer.budget / ROUNDS)
    while len(own) < ROUNDS and len(spent) < count:
        before = seconds(ours, 3)
        found = in_process("peers/fit_spectra.py", name, str(file), str(len(spent)), budget, python=peer.python)
        own.append((before + seconds(ours, 3)) / 2 / count)
        spent += found["seconds"]
        values += found["values"]
        ratio += [taken / own[-1] for taken in found["seconds"]]
    return Turns(np.array(spent), values, float(np.median(own)), float(np.median(ratio)))


def compare_fits(kind: str, known: KnownSpectra, file: Path, within: float) -> None:
    def ours() -> object:
        return impedance.fit(known.spectra, known.circuit)

    truth = true_values(known)
    found = impedance.fit(known.spectra, known.circuit)["value"].values[:, 0]
    turns = {name: in_turn(name, peer, file, len(truth), ours) for name, peer in FITS.items()}
    mine = duration(float(np.median([turn.ours for turn in turns.values()])))
    FIT.row(kind, "ours", str(len(truth)), f"{success(known.circuit, found, truth, within):.3f}", mine, mine)
    for name, turn in turns.items():
        values = np.array([value or np.full(truth.shape[1], np.nan) for value in turn.values])
        share = success(known.circuit, values, truth[: len(values)], within)
        aim = "" if (aimed := FITS[name].demanded) is None else f"{aimed:g}x"
        FIT.row(kind, name, str(len(values)), f"{share:.3f}", *turn.typical, aim, ratio=turn.ratio)


def compare_tests(kind: str, known: KnownSpectra, file: Path) -> None:
    published = lin_kk(known.spectra, guard=False)["elements"].values[:, 0]
    for name, peer in LIN_KK.items():
        turn = in_turn(name, peer, file, len(published), lambda: lin_kk(known.spectra))
        theirs = np.array([np.nan if value is None else value[0] for value in turn.values])
        mine = duration(turn.ours)
        LIN_KK_TABLE.row(kind, "ours", str(len(published)), "", mine, mine)
        same = float((published[: len(theirs)] == theirs).mean())
        LIN_KK_TABLE.row(kind, name, str(len(theirs)), f"{same:.3f}", *turn.typical, ratio=turn.ratio)


def success(text: str, values: FloatArray, truth: FloatArray, within: float) -> float:
    """Share of spectra in which every resistance is right, whichever way round the arcs are."""
    names = [parameter.name for parameter in circuit(text).parameters]
    right = np.abs(in_order(names, values) / in_order(names, truth) - 1) < within
    return float(right.all(1).mean())


def in_order(names: list[str], values: FloatArray) -> FloatArray:
    """Resistances (spectrum, resistance), those of arcs in order of time constant."""
    arcs = [name[3:-2] for name in names if name.startswith("CPE") and name.endswith("_Q")]
    r, q, n = (values[:, [names.index(form.format(arc)) for arc in arcs]] for form in ("R{}", "CPE{}_Q", "CPE{}_n"))
    with np.errstate(all="ignore"):  # what a peer found may be anything
        slow = np.argsort(np.log(r * q) / n, axis=1)
    return np.column_stack([values[:, names.index("R0")], np.take_along_axis(r, slow, 1)])
