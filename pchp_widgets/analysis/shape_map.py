"""Shape of the trace over the life of a symmetric cell: half-cycles on one grid, and when peaks give way to arcs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.cycles import half_cycles
from . import _halves
from .life import CENSORED, FAILED, UNDECIDED
from .life import _in_a_row as in_a_row_from

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SHAPES: dict[str, str] = {
    "unknown": "no whole half-cycle",
    "peaking": "peaking index above 1 + {margin:g} and not below the arc index",
    "flat": "neither index above 1 + {margin:g}",
    "arcing": "arc index above 1 + {margin:g} and above the peaking index",
}
"""Shapes of a cycle, in the order of their flags; braces are filled with the margin asked for."""

TRANSITION = "first of {in_a_row} arcing cycles in a row that come after {in_a_row} peaking cycles in a row"
"""When peaks give way to arcs; cycles without a whole half-cycle are passed over in counting."""

UNKNOWN, PEAKING, FLAT, ARCING = range(4)
NEVER_PEAKING, NOT_SEEN, SEEN = UNDECIDED, CENSORED, FAILED


def shape_map(cells: xr.DataTree | Iterable[xr.DataTree], depths: int = 101) -> xr.Dataset:
    r"""\|V\| of every half-cycle on one grid of depths, by linear interpolation between the points of that half-cycle.

    Rests are left out. Half-cycles that were interrupted are NaN, because their depth counts from a charge that is
    not that of the others; their number is in ``attrs["left_out"]``. Nothing is interpolated across half-cycles.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points``.
    depths
        How many, from the beginning of the half-cycle to its end.

    Returns
    -------
    Dataset
        ``voltage`` [V] (cell, cycle, direction, depth); ``charge`` [mA h], ``areal_capacity`` [mA h cm-2],
        ``time_start`` [s] and ``interrupted`` of :func:`~pchp_widgets.model.cycles.half_cycles`; coordinate ``depth``
        is the fraction of the half-cycle's charge.

    Raises
    ------
    ValueError
        When there is no cell, or fewer than two depths are asked for.
    """
    if depths < 2:
        raise ValueError(f"shape_map: depths is {depths}; a map needs 2 at least, the beginning and the end")
    grid = np.linspace(0.0, 1.0, depths)
    whole = _halves.each_cell(cells, lambda tree: _one_cell(tree, grid), "shape_map")
    whole["interrupted"] = whole["interrupted"].fillna(False).astype(bool)
    return whole.assign_attrs(left_out=int((whole["interrupted"] & (whole["charge"] != 0)).sum()))


def _one_cell(tree: xr.DataTree, depths: FloatArray) -> xr.Dataset:
    steps = tree["steps"].to_dataset().load()
    found = half_cycles(steps)[["charge", "areal_capacity", "time_start", "interrupted"]]
    of = _halves.halves(tree["points"].to_dataset(), steps.isel(cell=0))
    voltage = np.full((1, *found["interrupted"].shape[1:], len(depths)), np.nan)
    voltage[0, of.row, of.column] = _halves.at_depths(of, np.abs(of.voltage), depths)
    voltage[found["interrupted"].values.astype(bool)] = np.nan
    definition = "|V| by linear interpolation between the points of the half-cycle; NaN where it was interrupted"
    return found.assign(
        voltage=(("cell", "cycle", "direction", "depth"), voltage, {"units": "V", "definition": definition})
    ).assign_coords(depth=("depth", depths, {"units": "1", "long_name": "fraction of the half-cycle's charge"}))


def transition(
    found: xr.Dataset, life: xr.Dataset | None = None, *, margin: float = 0.05, in_a_row: int = 3
) -> xr.Dataset:
    """When the trace stops starting with a peak and begins to arc.

    Early peaks belong to nucleation and to pits that stripping opens, arcs to slow transport through a layer of
    inactive lithium (Wood et al., ACS Cent. Sci. 2 (2016) 790; Chen et al., J. Mater. Chem. A 5 (2017) 11671). The
    limits are a convention of this function.

    Parameters
    ----------
    found
        As given by :func:`~.symmetric.polarization`: ``peaking`` and ``arc``, of which the mean over the half-cycles
        of a cycle counts, interrupted ones left out.
    life
        As given by :func:`~.symmetric.life`; cycles from a hard short on (criterion ``short``) are then left out,
        because what is left of the trace has no shape of electrodes.
    margin
        How far above 1 an index must be.
    in_a_row
        How many cycles in a row it takes.

    Returns
    -------
    Dataset
        (cell, cycle): ``peaking``, ``arc`` and ``shape`` (flags of :data:`SHAPES`). (cell): ``observed``: 1 the
        transition was seen, 0 not up to the last cycle that counts, -1 undecided because the cell was never seen
        peaking; ``transition_cycle`` and ``transition_time`` [s], its beginning, NaN unless seen; ``peaking_until``,
        the last peaking cycle before it, and ``last_cycle``, the last that counts, NaN where there is none.

    Raises
    ------
    ValueError
        When `margin` is negative or `in_a_row` not positive.
    """
    if margin < 0 or in_a_row < 1:
        raise ValueError(f"transition: margin {margin} must not be negative, in_a_row {in_a_row} must be 1 at least")
    whole = ~found["interrupted"].astype(bool)
    index = {name: found[name].where(whole).mean("direction").transpose("cell", "cycle") for name in ("peaking", "arc")}
    cycles = found["cycle"].values
    counts = np.ones(index["arc"].shape, bool)
    if life is not None:
        short = life.sel(criterion="short", cell=found["cell"])
        counts = ~((short["observed"].values == FAILED)[:, None] & (cycles >= short["cycle"].values[:, None]))
    peaking, arc = (np.where(counts, values.values, np.nan) for values in index.values())
    known = np.isfinite(peaking) & np.isfinite(arc)
    shape = np.where(known, FLAT, UNKNOWN)
    shape = np.where(known & (peaking > 1 + margin) & (peaking >= arc), PEAKING, shape)
    shape = np.where(known & (arc > 1 + margin) & (arc > peaking), ARCING, shape)
    return _dataset(found, index, shape, margin, in_a_row)


def _dataset(
    found: xr.Dataset, index: dict[str, xr.DataArray], shape: npt.NDArray[np.int64], margin: float, in_a_row: int
) -> xr.Dataset:
    order = np.argsort(shape == UNKNOWN, axis=1, kind="stable")  # what counts comes first, in order of the cycles
    packed = np.take_along_axis(shape, order, 1)
    begins = {kind: in_a_row_from(packed == kind, in_a_row) for kind in (PEAKING, ARCING)}
    peaked = np.pad(np.cumsum(begins[PEAKING], axis=1) > 0, ((0, 0), (in_a_row, 0)))[:, : shape.shape[1]]
    turns = begins[ARCING] & peaked
    cycles = np.take_along_axis(np.broadcast_to(found["cycle"].values, shape.shape), order, 1)
    begin = found["time_start"].min("direction").transpose("cell", "cycle").values
    seen, ever = turns.any(axis=1), peaked.any(axis=1)
    place = turns.argmax(1)[:, None]
    at, since = (np.take_along_axis(values, place, 1)[:, 0] for values in (cycles, np.take_along_axis(begin, order, 1)))
    peaks = (packed == PEAKING) & ~(np.expand_dims(seen, 1) & (np.arange(shape.shape[1]) >= place))
    outcome = np.where(seen, SEEN, np.where(ever, NOT_SEEN, NEVER_PEAKING)).astype(np.int8)
    texts = [text.format(margin=margin) for text in SHAPES.values()]
    flags = {"flag_values": list(range(len(SHAPES))), "flag_meanings": " ".join(SHAPES), "definition": "; ".join(texts)}
    definition = {"definition": TRANSITION.format(in_a_row=in_a_row)}
    return xr.Dataset(
        {
            **{name: values.assign_attrs(found[name].attrs) for name, values in index.items()},
            "shape": (("cell", "cycle"), shape.astype(np.int8), flags),
            "observed": ("cell", outcome, {"flag_values": [-1, 0, 1], "flag_meanings": "undecided not_seen seen"}),
            "transition_cycle": ("cell", np.where(seen, at, np.nan), {"units": "1", **definition}),
            "transition_time": ("cell", np.where(seen, since, np.nan), {"units": "s", **definition}),
            "peaking_until": (
                "cell",
                _last(peaks, cycles),
                {"units": "1", "long_name": "last peaking cycle before it"},
            ),
            "last_cycle": ("cell", _last(packed != UNKNOWN, cycles), {"units": "1", "long_name": "last that counts"}),
        },
        coords={"cell": found["cell"], "cycle": found["cycle"]},
        attrs={"margin": margin, "in_a_row": in_a_row},
    )


def _last(condition: BoolArray, cycles: npt.NDArray[np.int64]) -> FloatArray:
    """Number of the last cycle that fulfils a condition."""
    place = condition.shape[1] - 1 - condition[:, ::-1].argmax(1)
    return np.where(condition.any(1), cycles[np.arange(len(cycles)), place], np.nan)
