"""Which arc is which: by time constant, and the same from cycle to cycle of a cell.

A fit gives arcs in any order. In each spectrum they are put in order of time constant. Along the cycles of a cell an
arc keeps its place as long as its time constant and its capacitance go on from one spectrum to the next, also where two
time constants cross. The labels are found for all spectra of a cell at once, as the path of least change (Viterbi,
IEEE Trans. Inf. Theory 13 (1967) 260); spectra whose arcs are not resolved have no say.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..circuits import Circuit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

_CROSSING = 1.0  # what a change of order costs, in units of ln tau and ln C
_MOST = 4


class Exchangeable(NamedTuple):
    """Arcs of one shape in series, which a circuit cannot tell apart."""

    places: IntArray
    """(arc, parameter of the arc): R, then C, or Q and n."""


def exchangeable(circuit: Circuit, named: Collection[str]) -> list[Exchangeable]:
    """Groups of two arcs or more that can change places.

    Parameters
    ----------
    circuit
        The circuit.
    named
        Parameters that are fixed, bounded or tied: their arcs stay where they are.
    """
    held = {circuit.index(name) for name in named}
    groups: dict[object, list[list[int]]] = {}
    for arc in circuit.arcs():
        places = [circuit.index(name) for name in (arc.resistance, *arc.capacitor)]
        inside = f"p({arc.resistance},{arc.capacitor[0].partition('_')[0]})"
        swapped = f"p({arc.capacitor[0].partition('_')[0]},{arc.resistance})"
        in_series = {inside, swapped} & {str(part) for part in getattr(circuit.root, "parts", ())}
        own = [circuit.parameters[place] for place in places]
        if arc.pure and in_series and not held & set(places) and not any(p.fixed for p in own):
            limits = tuple((p.kind, p.lower, p.upper) for p in own)
            groups.setdefault(limits, []).append(places)
    return [Exchangeable(np.array(places)) for places in groups.values() if 1 < len(places) <= _MOST]


def ordering(of: Exchangeable, values: FloatArray, resolved: BoolArray, along: IntArray) -> IntArray:
    """Places (cell, spectrum, parameter) from which each parameter of the relabelled circuit is taken.

    Parameters
    ----------
    of
        Arcs that can change places.
    values
        (cell, spectrum, parameter)
    resolved
        (cell, spectrum) whether the arcs are found well enough to carry their identity on.
    along
        (cell, spectrum) order of the spectra of each cell in time.
    """
    tau, capacitance = _features(of, values)
    label = np.argsort(np.where(np.isfinite(tau), tau, np.inf), axis=-1)
    if values.shape[1] > 1:
        label = _kept(label, np.stack([tau, capacitance], -1), resolved, along)
    source = np.broadcast_to(np.arange(values.shape[-1]), values.shape).copy()
    for position, places in enumerate(of.places):
        source[..., places] = of.places[label[..., position]]
    return source


def _features(of: Exchangeable, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logarithms of tau and C (cell, spectrum, arc)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r, q = np.log(values[..., of.places[:, 0]]), np.log(values[..., of.places[:, 1]])
        tau = (r + q) / (values[..., of.places[:, 2]] if of.places.shape[1] > 2 else 1.0)
    return tau, tau - r


def _kept(by_tau: IntArray, features: FloatArray, resolved: BoolArray, along: IntArray) -> IntArray:
    """Arcs in the order (cell, spectrum, arc) that changes least along the spectra of each cell."""
    every = np.array(list(permutations(range(by_tau.shape[-1]))))
    cell = np.arange(len(by_tau))
    ranked = np.take_along_axis(features, by_tau[..., None], 2)
    switch = _CROSSING * (every[:, None] != every[None]).any(-1)
    total = np.zeros((len(by_tau), len(every)))
    origin = np.zeros((along.shape[1], *total.shape), int)
    last, known = np.zeros_like(ranked[:, 0]), np.zeros(len(by_tau), bool)
    for step in range(along.shape[1]):  # over the spectra, all cells at once
        own, says = ranked[cell, along[:, step]], resolved[cell, along[:, step]]
        change = np.abs(own[:, every][:, None] - last[:, every][:, :, None]).sum((-2, -1))
        change = np.where((says & known)[:, None, None], change + switch, 1e9 * (switch > 0))
        total = total[:, :, None] + change
        origin[step] = total.argmin(1)
        total = total.min(1)
        last, known = np.where(says[:, None, None], own, last), known | says
    state, path = total.argmin(1), np.zeros(along.shape, int)
    for step in reversed(range(along.shape[1])):
        path[cell, along[:, step]] = state
        state = origin[step, cell, state]
    path = _named_by_tau(path, every, resolved)
    return np.asarray(np.take_along_axis(by_tau, every[path], 2))


def _named_by_tau(path: IntArray, every: IntArray, resolved: BoolArray) -> IntArray:
    """The same identities under the names that put most spectra of the cell in order of time constant."""
    ranks = every[path]  # (cell, spectrum, identity): place in the order of tau
    rank_sum = np.where(resolved[..., None], ranks, 0).sum(1)
    rename = np.argsort(rank_sum, axis=1, kind="stable")
    renamed = np.take_along_axis(ranks, rename[:, None, :], 2)
    return np.asarray((renamed[:, :, None] == every).all(-1).argmax(-1))
