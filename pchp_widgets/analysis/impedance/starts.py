r"""Starts of a fit without a guess of the user: variable projection on a grid of time constants.

A sum of terms in series is linear in the amplitude of each of them,

.. math:: Z(\omega) = \sum_k a_k\,\varphi_k(\omega; \tau_k, n_k),

so that for given time constants and exponents the best amplitudes follow in closed form (Golub and Pereyra, SIAM J.
Numer. Anal. 10 (1973) 413). Every combination of nodes of the grid is tried for all spectra at once; what is left of
the sum of squares orders them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise, product
from math import comb, prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
ComplexArray = npt.NDArray[np.complex128]

LINEAR = ("R", "L", "C", "W")
"""Terms without any parameter but their amplitude."""


class Search(NamedTuple):
    """Which combinations of nodes are tried, and how many of the best are kept.

    Attributes
    ----------
    exponents
        Exponents tried for every arc with a constant phase element.
    nearest
        Decades between two arcs of one combination.
    top
        How many combinations are kept, each apart from the better ones.
    """

    exponents: tuple[float, ...]
    nearest: float
    top: int


FIRST = Search((0.85,), 1.0, 1)
"""Arcs that can be told apart: closer ones would copy a single arc of another exponent."""

MORE = (Search((0.65, 0.8, 0.95), 0.8, 2), Search((0.85,), 0.4, 1))
"""What is tried where the first start was not good enough."""

_TAIL_EXPONENTS = (0.3, 0.5, 0.7, 0.9)
_DENSITIES = (5.0, 4.0, 3.0, 2.0, 1.5, 1.0)  # nodes per decade
_MOST_COMBINATIONS = 4000
_MORE = 2  # times as many where several exponents are tried
_BLOCK = 60_000  # numbers per temporary array, which then stays in the cache
_PIVOT = 1e-9


class Term(NamedTuple):
    """One term of a sum in series.

    Attributes
    ----------
    kind
        ``R``, ``L``, ``C``, ``W``, ``CPE``, ``RC``, ``ZARC``, ``Wo``, ``Ws`` or ``G``.
    exponent
        The exponent where it is known (ZARC and CPE only).
    """

    kind: str
    exponent: float | None = None


class Start(NamedTuple):
    """Amplitudes, time constants and exponents (spectrum, term), and what the sum of squares falls by."""

    amplitude: FloatArray
    time_constant: FloatArray
    exponent: FloatArray
    reduction: FloatArray


class _Grid(NamedTuple):
    """Nodes of all terms and their combinations, for one set of frequencies."""

    columns: ComplexArray
    """(shared terms, then nodes; frequency)"""
    time_constant: FloatArray
    exponent: FloatArray
    combos: IntArray
    """(combination, term with nodes): place among the nodes"""
    pairs: IntArray
    """(2, pair): places of the products that the combinations need"""
    place: IntArray
    """(node, node): place among the pairs"""


def starts(
    terms: Sequence[Term],
    frequency: FloatArray,
    z: ComplexArray,
    weight: tuple[FloatArray, FloatArray],
    search: Search = FIRST,
) -> list[Start]:
    """The best combinations of the grid for each spectrum, and their amplitudes.

    Parameters
    ----------
    terms
        Terms of the sum, in any order.
    frequency
        (frequency) [Hz].
    z
        (spectrum, frequency) [ohm].
    weight
        Of real and imaginary part, (spectrum, frequency) each [ohm-1].
    search
        Which combinations.

    Returns
    -------
    list of Start
        Best first. Amplitudes are positive; where no combination allows that, they are set to a small number.
    """
    order, shared = _order(terms)
    grid = _grid(tuple(terms[k] for k in order), shared, frequency.tobytes(), search)
    products = _products(grid, shared, alike=np.array_equal(*weight))
    rows = max(1, _BLOCK // max(len(grid.combos), 1))
    kinds, parts = [terms[k].kind for k in order], []
    for low in range(0, len(z), rows):
        block = slice(low, low + rows)
        squares = tuple(np.square(part[block]) for part in weight)
        parts.append(_best(grid, kinds, _eliminated(grid, shared, products, z[block], squares), search.top))
    back = np.argsort(order)
    found = []
    for rank in range(search.top):
        amplitude, tau, n, reduction = (np.concatenate([part[rank][k] for part in parts]) for k in range(4))
        found.append(Start(amplitude[:, back], tau[:, back], n[:, back], reduction))
    return found


def _order(terms: Sequence[Term]) -> tuple[list[int], int]:
    """Linear terms first, equal ones together; and how many linear ones there are."""
    order = sorted(
        range(len(terms)), key=lambda k: (terms[k].kind not in LINEAR, terms[k].kind, str(terms[k].exponent))
    )
    return order, sum(term.kind in LINEAR for term in terms)


def shape(
    kind: str, frequency: FloatArray, time_constant: FloatArray | float, exponent: FloatArray | float
) -> ComplexArray:
    """Impedance of a term of amplitude 1; `time_constant` and `exponent` have a last axis of length 1 or none."""
    jw = 2j * np.pi * frequency
    if kind in LINEAR:
        linear = {"R": 1 + 0 * jw, "L": jw, "C": 1 / jw, "W": (1 - 1j) / np.sqrt(2 * np.pi * frequency)}
        return np.asarray(linear[kind], complex)
    if kind == "CPE":
        return np.asarray(jw ** -np.asarray(exponent))
    s = jw * time_constant
    if kind in {"RC", "ZARC"}:
        return np.asarray(1 / (1 + s ** np.asarray(exponent)))
    root = np.sqrt(s if kind != "G" else 1 + s)
    if kind == "G":
        return np.asarray(1 / root)
    tanh = np.tanh(np.where(root.real > 20, 20, root))  # beyond, the element is a plain Warburg element
    return np.asarray(tanh / root if kind == "Ws" else 1 / (tanh * root))


@lru_cache(maxsize=32)
def _grid(terms: tuple[Term, ...], shared: int, frequency: bytes, search: Search) -> _Grid:
    f = np.frombuffer(frequency)
    kinds = Counter(terms[shared:])
    counts: list[int] = []
    for density in _DENSITIES:
        tau = _time_constants(f, density)
        nodes = {term: _nodes(term, tau, search.exponents) for term in kinds}
        apart = int(np.ceil(search.nearest * density - 1e-9))
        counts = [
            comb(max(len(tau) - (c - 1) * (apart - 1), c), c) * (len(nodes[t][0]) // len(tau) or 1) ** c
            for t, c in kinds.items()
        ]
        if prod(counts) <= _MOST_COMBINATIONS * (_MORE if len(search.exponents) > 1 else 1):
            break
    columns = [shape(term.kind, f, 1.0, 1.0)[None] for term in terms[:shared]]
    taus, ns, groups, begin = [], [], [], 0
    for term, count in kinds.items():
        own_tau, own_n = nodes[term]
        columns.append(shape(term.kind, f, own_tau[:, None], own_n[:, None]))
        taus.append(own_tau)
        ns.append(own_n)
        groups.append([tuple(begin + k for k in members) for members in _members(own_tau, count, search.nearest)])
        begin += len(own_tau)
    of_each = [sum(members, ()) for members in product(*groups)]  # a single empty one where no term has nodes
    combos = np.array(of_each, int).reshape(len(of_each), -1)
    place = np.full((begin, begin), -1)
    for a, b in product(range(combos.shape[1]), repeat=2):
        place[np.minimum(combos[:, a], combos[:, b]), np.maximum(combos[:, a], combos[:, b])] = 0
    pairs = np.array(np.nonzero(place == 0))
    place[tuple(pairs)] = np.arange(pairs.shape[1])
    place = np.maximum(place, place.T)
    join = [np.concatenate([*values, np.zeros(0)]) for values in (taus, ns)]
    return _Grid(np.concatenate(columns), join[0], join[1], combos, pairs, place)


def _time_constants(frequency: FloatArray, density: float) -> FloatArray:
    """A factor e beyond what the frequencies cover at both ends."""
    omega = 2 * np.pi * frequency
    return np.exp(np.arange(-np.log(omega.max()) - 1, -np.log(omega.min()) + 1, np.log(10) / density))


def _nodes(term: Term, tau: FloatArray, exponents: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    """Time constant and exponent of every node of one term."""
    if term.kind == "CPE":
        n = np.array(_TAIL_EXPONENTS if term.exponent is None else (term.exponent,))
        return np.full(len(n), np.nan), n
    if term.kind != "ZARC":
        return tau, np.ones(len(tau))
    n = np.array(exponents if term.exponent is None else (term.exponent,))
    return np.repeat(tau, len(n)), np.tile(n, len(tau))


def _members(tau: FloatArray, count: int, nearest: float) -> list[tuple[int, ...]]:
    """Sets of nodes whose time constants are apart."""
    if count == 1:
        return [(k,) for k in range(len(tau))]
    gap = nearest * np.log(10) * (1 - 1e-9)
    place = np.log(tau)
    return [
        members
        for members in combinations(range(len(tau)), count)
        if all(place[b] - place[a] >= gap for a, b in pairwise(members))
    ]


def _products(grid: _Grid, shared: int, *, alike: bool) -> list[FloatArray]:
    """Products (frequency, pair) of real and of imaginary parts, or their sum where both have the same weights.

    The pairs are those of nodes, then of shared terms, then of a shared term and a node.
    """
    own, nodes = np.arange(shared), shared + np.arange(len(grid.columns) - shared)
    first = np.concatenate([nodes[grid.pairs[0]], np.repeat(own, shared), np.repeat(own, len(nodes))])
    second = np.concatenate([nodes[grid.pairs[1]], np.tile(own, shared), np.tile(nodes, shared)])
    parts = [np.ascontiguousarray((part[first] * part[second]).T) for part in (grid.columns.real, grid.columns.imag)]
    return [parts[0] + parts[1]] if alike else parts


class _Equations(NamedTuple):
    """Normal equations of the nodes, from which the shared terms are eliminated."""

    curvature: FloatArray
    """(spectrum, pair)"""
    slope: FloatArray
    """(spectrum, node)"""
    base: FloatArray
    """(spectrum): what the sum of squares falls by with the shared terms alone."""
    alone: FloatArray
    """(spectrum, shared term): amplitudes without any node."""
    mixed: FloatArray
    """(spectrum, shared term, node): by how much an amplitude is less for each unit of a node."""


def _eliminated(
    grid: _Grid, shared: int, products: list[FloatArray], z: ComplexArray, squares: tuple[FloatArray, ...]
) -> _Equations:
    count, nodes, pairs = len(z), len(grid.columns) - shared, grid.pairs.shape[1]
    every: FloatArray = np.sum([square @ part for square, part in zip(squares, products, strict=False)], axis=0)
    onto = (squares[0] * z.real) @ grid.columns.real.T + (squares[1] * z.imag) @ grid.columns.imag.T
    curvature, slope = every[:, :pairs], onto[:, shared:]
    if not shared:
        return _Equations(curvature, slope, np.zeros(count), np.zeros((count, 0)), np.zeros((count, 0, nodes)))
    within = every[:, pairs : pairs + shared**2].reshape(count, shared, shared)
    cross = every[:, pairs + shared**2 :].reshape(count, shared, nodes)
    solved = np.linalg.solve(_regular(within), np.concatenate([onto[:, :shared, None], cross], 2))
    alone, mixed = solved[..., 0], solved[..., 1:]
    for k in range(shared):
        curvature -= mixed[:, k, grid.pairs[0]] * cross[:, k, grid.pairs[1]]
    slope = slope - np.einsum("bsm,bs->bm", cross, alone)
    return _Equations(curvature, slope, (onto[:, :shared] * alone).sum(1), alone, mixed)


def _regular(matrix: FloatArray) -> FloatArray:
    """The matrix with a diagonal that is never zero: two resistors in series have no unique values."""
    diagonal = np.einsum("bii->bi", matrix)
    found: FloatArray = matrix + np.eye(matrix.shape[1]) * (_PIVOT * diagonal + 1e-300)[..., None]
    return found


def _best(grid: _Grid, kinds: list[str], of: _Equations, top: int) -> list[Start]:
    """The combinations that leave least of the sum of squares, those with positive amplitudes first."""
    amplitudes, score, good = _solved(grid, of.curvature, of.slope)
    score += of.base[:, None]
    of_shared = []
    for k in range(of.alone.shape[1]):
        value = np.repeat(of.alone[:, k, None], len(grid.combos), 1)
        for q, amplitude in enumerate(amplitudes):
            value -= of.mixed[:, k, grid.combos[:, q]] * amplitude
        of_shared.append(value)
        if kinds[k] != "L":  # hardly ever determined: of either sign within its error
            good &= value > 0
    every = of_shared + amplitudes
    known = np.isfinite(score)
    largest = np.abs(np.where(known, score, 0.0)).max(1, keepdims=True)
    rank = np.where(known, np.where(good, score, score - 1e3 * largest - 1), -np.inf)
    row, found = np.arange(len(rank)), []
    for _ in range(top):
        pick = rank.argmax(1)
        values = np.stack([value[row, pick] for value in every], 1) if every else np.zeros((len(rank), 0))
        chosen = grid.combos[pick]
        fill = np.full((len(rank), of.alone.shape[1]), np.nan)
        tau = np.concatenate([fill, grid.time_constant[chosen]], 1)
        n = np.concatenate([fill, grid.exponent[chosen]], 1)
        found.append(Start(_positive(values, kinds), tau, n, score[row, pick]))
        if len(found) < top:
            rank[_near(grid, chosen)] = -np.inf
    return found


def _solved(
    grid: _Grid, curvature: FloatArray, slope: FloatArray
) -> tuple[list[FloatArray], FloatArray, npt.NDArray[np.bool_]]:
    """Gaussian elimination over (spectrum, combination): amplitudes, fall of the sum of squares, all positive."""
    size = grid.combos.shape[1]
    y = [slope[:, grid.combos[:, a]] for a in range(size)]
    m = {
        (a, b): curvature[:, grid.place[grid.combos[:, a], grid.combos[:, b]]]
        for a in range(size)
        for b in range(a, size)
    }
    fall = np.zeros((len(slope), len(grid.combos)))
    good = np.ones(fall.shape, bool)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for a in range(size):
            fall += y[a] ** 2 / m[a, a]
            for b in range(a + 1, size):
                factor = m[a, b] / m[a, a]
                y[b] = y[b] - factor * y[a]
                for c in range(b, size):
                    m[b, c] = m[b, c] - factor * m[a, c]
        x: list[FloatArray] = [np.zeros(0)] * size
        for a in reversed(range(size)):
            x[a] = y[a]
            for c in range(a + 1, size):
                x[a] = x[a] - m[a, c] * x[c]
            x[a] = x[a] / m[a, a]
            good &= (x[a] > 0) & (m[a, a] > 0)
    return x, fall, good


def _positive(values: FloatArray, kinds: list[str]) -> FloatArray:
    """Amplitudes that can have a logarithm: those that are not positive become small."""
    resistive = [k for k, kind in enumerate(kinds) if kind in {"R", "RC", "ZARC", "Wo", "Ws", "G"}]
    scale = np.abs(values[:, resistive]).max(1, initial=0.0, keepdims=True)
    least = np.where([kind == "L" for kind in kinds], 1e-9, 1e-3) * np.where(scale > 0, scale, 1.0)
    return np.where(np.isfinite(values) & (values > 0), values, least)


def _near(grid: _Grid, chosen: IntArray) -> npt.NDArray[np.bool_]:
    """(spectrum, combination): whose nodes are all neighbours of the chosen ones."""
    with np.errstate(invalid="ignore"):
        apart = np.log(grid.time_constant)[grid.combos][None] - np.log(grid.time_constant)[chosen][:, None]
        other = grid.exponent[grid.combos][None] - grid.exponent[chosen][:, None]
    tau_near = ~(np.abs(apart) > 0.5 * np.log(10))
    return np.asarray((tau_near & (np.abs(other) < 0.1)).all(-1))
