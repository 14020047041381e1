"""What the figures of symmetric cells show: results of the analysis, reduced to what is drawn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis import symmetric
from ..analysis.life import FAILED
from ..model.cycles import DIRECTIONS
from .decimate import envelope
from .theme import Look
from .traces import POINTS_PER_CELL, joined

_SECONDS_PER_HOUR = 3600.0


def ends(found: xr.Dataset, life: xr.Dataset) -> xr.Dataset:
    r"""How each cell ended: at the criterion that fired first, or alive.

    Parameters
    ----------
    found, life
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization` and
        :func:`~pchp_widgets.analysis.symmetric.life`.

    Returns
    -------
    Dataset
        (cell): ``end_cycle``, ``end_time`` [h], ``observed``, ``criterion`` and ``definition`` as
        :func:`~pchp_widgets.analysis.symmetric.first_failure` says, and ``end_voltage`` [V], the highest peak
        of that cycle: negative where the trace stays below 0 V.
    """
    end = symmetric.first_failure(life)
    peak = found["peak"].max("direction").sel(cycle=end["cycle"].astype(int), cell=end["cell"])
    return xr.Dataset(
        {
            "end_cycle": end["cycle"].astype(int),
            "end_time": (end["time"] / _SECONDS_PER_HOUR).assign_attrs(units="h"),
            "end_voltage": peak.drop_vars("cycle").assign_attrs(units="V"),
            "observed": end["observed"],
            "criterion": end["criterion"],
            "definition": end["definition"],
        }
    )


def cycle_span(found: xr.Dataset, cycle: int) -> xr.Dataset:
    """When each cell was in one cycle.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization`.
    cycle
        Its number.

    Returns
    -------
    Dataset
        (cell): ``cycle_start``, ``cycle_stop`` [h], NaN where a cell has no such cycle.
    """
    begin, duration = (
        found[name].transpose("cell", "cycle", "direction").values for name in ("time_start", "duration")
    )
    here = found["cycle"].values == cycle
    start = np.fmin.reduce(begin[:, here], axis=(1, 2), initial=np.inf)
    stop = np.fmax.reduce((begin + duration)[:, here], axis=(1, 2), initial=-np.inf)
    limits = {"cycle_start": start, "cycle_stop": stop}
    return xr.Dataset(
        {
            name: ("cell", np.where(np.isfinite(value), value, np.nan) / _SECONDS_PER_HOUR, {"units": "h"})
            for name, value in limits.items()
        },
        coords={"cell": found["cell"]},
        attrs={"cycle": cycle},
    )


def halves(cells: Mapping[str, xr.DataTree], cycle: int, *, signed: bool = False) -> xr.Dataset:
    r"""Voltage of one cycle of several cells against the charge passed in each half-cycle.

    Parameters
    ----------
    cells
        By name.
    cycle
        Its number. A cell that does not have it has no points.
    signed
        Whether the voltage is taken with its sign.

    Returns
    -------
    Dataset
        ``capacity`` and ``voltage`` (\|V\| unless signed) [V] (point), with ``point_start`` and ``point_count`` (cell,
        direction). The capacity is in mA h cm-2 if the area of all cells is known, else in mA h.
    """
    steps = {name: tree["steps"].to_dataset() for name, tree in cells.items()}
    area = {name: own["area"].item() if "area" in own.coords else np.nan for name, own in steps.items()}
    per_area = bool(area) and bool(np.isfinite(list(area.values())).all())
    pieces = []
    for name, tree in cells.items():
        if cycle not in steps[name]["cycle"].values:
            pieces += [(np.zeros(0), np.zeros(0))] * len(DIRECTIONS)
            continue
        trace = symmetric.half_cycle_trace(tree, cycle)
        scale = 1.0 if per_area or np.isnan(area[name]) else area[name]
        for direction in range(len(DIRECTIONS)):
            inside = trace["direction"].values == direction
            capacity, voltage = trace["capacity"].values[inside] * scale, trace["voltage"].values[inside]
            voltage = voltage if signed else np.abs(voltage)
            drawn = envelope(capacity, voltage, POINTS_PER_CELL)
            pieces.append((capacity[drawn], voltage[drawn]))
    found = joined(pieces, ("capacity", "voltage"), cell=list(cells), direction=DIRECTIONS)
    found["voltage"].attrs = {"units": "V", "long_name": "cell voltage" if signed else "|V|"}
    found["capacity"].attrs = {
        "units": "mA h cm-2" if per_area else "mA h",
        "long_name": "areal capacity" if per_area else "capacity",
    }
    return found.assign_attrs(cycle=cycle)


def by_cycle(found: xr.Dataset, definition: symmetric.Definition) -> xr.Dataset:
    """Polarization cycle by cycle, and that of the half-cycles that were interrupted.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization`.
    definition
        Which polarization.

    Returns
    -------
    Dataset
        ``polarization``, ``polarization_stderr`` [V] and ``time`` [h], the beginning, (cell, cycle), and
        ``interrupted`` [V] (cell, cycle, direction), NaN for half-cycles that were not.
    """
    mean = symmetric.per_cycle(found, definition)
    short = found["interrupted"].astype(bool) & found["mid"].notnull()
    begin = found["time_start"].min("direction") / _SECONDS_PER_HOUR
    return xr.Dataset(
        {
            "polarization": mean,
            "polarization_stderr": symmetric.per_cycle_stderr(found, definition),
            "time": begin.assign_attrs(units="h", long_name="time"),
            "interrupted": found[definition].where(short).assign_attrs(units="V"),
        },
        attrs={"definition": definition},
    ).reset_coords(drop=True)


def means(by_cycle: xr.Dataset, ends: xr.Dataset, looks: Mapping[str, Look]) -> xr.Dataset:
    """Mean polarization of the replicates of each coating, cycle by cycle.

    It goes as far as all of them live: beyond, it would rise or fall only because of who is left. A cell of unknown
    coating stands for itself.

    Parameters
    ----------
    by_cycle, ends
        As given by :func:`by_cycle` and :func:`ends`.
    looks
        By name of the cell.

    Returns
    -------
    Dataset
        ``polarization``, ``sd`` (NaN for a single cell) [V] and ``time`` [h], the mean beginning, (group, cycle), and
        ``n``, the number of cells (group); coordinates ``group``, what it is called, ``coating`` and ``color``.
    """
    names = by_cycle["cell"].values.tolist()
    groups = np.array([looks[name].coating or name for name in names], object)
    alive = by_cycle["cycle"].values <= ends["end_cycle"].values[:, None] - (ends["observed"].values == FAILED)[:, None]
    values, time = (by_cycle[name].transpose("cell", "cycle").values for name in ("polarization", "time"))
    order = list(dict.fromkeys(groups.tolist()))
    found = np.full((3, len(order), by_cycle.sizes["cycle"]), np.nan)
    for row, group in enumerate(order):
        of = groups == group
        whole = alive[of].all(0)
        found[0, row] = np.where(whole, values[of].mean(0), np.nan)
        found[1, row] = np.where(whole, values[of].std(0, ddof=1), np.nan) if of.sum() > 1 else np.nan
        found[2, row] = np.where(whole, time[of].mean(0), np.nan)
    first = [looks[names[groups.tolist().index(group)]] for group in order]
    dims = ("group", "cycle")
    return xr.Dataset(
        {
            "polarization": (dims, found[0], {"units": "V"}),
            "sd": (dims, found[1], {"units": "V", "long_name": "standard deviation over the cells"}),
            "time": (dims, found[2], {"units": "h"}),
            "n": ("group", [int((groups == group).sum()) for group in order]),
        },
        {
            "group": np.array(order, object),
            "cycle": by_cycle["cycle"].values,
            "coating": ("group", np.array([look.coating for look in first], object)),
            "color": ("group", np.array([look.color for look in first], object)),
        },
    )
