"""What the figures of Li||Cu cells show: results of the analysis, reduced to what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.coulombic import USED, interval
from . import symmetric_view
from .theme import Look

FloatArray = npt.NDArray[np.float64]

HALVES = ("stripping", "plating")

_DIP_CHARGES = {"dip_at": "dip_charge", "plateau_begin": "plateau_begin", "plateau_end": "plateau_end"}
_DIP_VOLTAGES = ("dip", "plateau", "nucleation")
"""What a positive and a negative current do on copper, in the order of the model's directions."""


def limits(steps: xr.Dataset) -> tuple[float, float]:
    """Lowest voltage [V] while lithium is plated, and the cut-off or, without one, the highest while it is stripped."""
    charge = steps["charge"].values
    low = np.nanmin(np.where(charge < 0, steps["voltage_min"].values, np.nan), initial=0.0)
    high = np.nanmax(np.where(charge > 0, steps["voltage_max"].values, np.nan), initial=0.1)
    return float(low), float(high)


def one_cycle(cells: Mapping[str, xr.DataTree], nucleation: xr.Dataset, cycle: int) -> xr.Dataset:
    """Voltage of one cycle of several cells against the charge passed in each half-cycle.

    Parameters
    ----------
    cells
        By name.
    nucleation
        Of the same cells, as given by :func:`~pchp_widgets.analysis.nucleation.nucleation`.
    cycle
        Its number. A cell that does not have it has no points.

    Returns
    -------
    Dataset
        ``capacity`` and ``voltage`` [V] (point), with ``point_start`` and ``point_count`` (cell, half); (cell):
        ``dip_at``, ``plateau_begin`` and ``plateau_end`` [as the capacity], ``dip``, ``plateau`` and ``nucleation``
        [V]. Capacities are in mA h cm-2 if the area of all cells is known, else in mA h.
    """
    found: xr.Dataset = symmetric_view.halves(cells, cycle, signed=True).rename(direction="half")
    found = found.assign_coords(half=list(HALVES))
    units = found["capacity"].attrs["units"]
    share = [tree["steps"]["area"].item() if units == "mA h cm-2" else 1.0 for tree in cells.values()]
    here = nucleation[[*_DIP_CHARGES.values(), *_DIP_VOLTAGES]].reindex(cell=list(cells), cycle=[cycle])
    charges = {name: here[source].values[:, 0] / share for name, source in _DIP_CHARGES.items()}
    voltages = {name: here[name].values[:, 0] for name in _DIP_VOLTAGES}
    return found.assign(
        {name: ("cell", values, {"units": units}) for name, values in charges.items()}
        | {name: ("cell", values, {"units": "V"}) for name, values in voltages.items()}
    ).assign_attrs(cycle=cycle)


def curves(found: xr.Dataset, looks: Mapping[str, Look], replicates: str = "each") -> xr.Dataset:
    """Coulombic efficiency of every cycle as curves, and that of each test as a level.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.coulombic.efficiency`.
    looks
        By name of the cell.
    replicates
        One of :data:`~.pieces.REPLICATES`.

    Returns
    -------
    Dataset
        (curve, cycle): ``efficiency`` of galvanostatic tests, ``spread`` (standard deviation over the replicates, or
        standard error of one cell) and ``use``; a mean has the cycles that all its cells use. (curve): ``level``, the
        efficiency of the test, ``low`` and ``high`` (one standard deviation over cycles or replicates to either side,
        the 95 % interval of one test with a reservoir), ``begin`` and ``end``, the cycles it is about, ``count`` of
        cells; coordinates ``protocol``, ``coating``, ``color`` and ``marker``.
    """
    # a study has cycles that none of these cells has
    there = (found["use"].values >= 0) | np.isfinite(found["cycle_efficiency"].values)
    found = found.isel(cycle=np.flatnonzero(there.any(0)))
    names = [str(name) for name in found["cell"].values]
    protocols = [str(name) for name in found["procedure"].values]
    groups: dict[tuple[str, str], list[int]] = {}
    for place, (name, protocol) in enumerate(zip(names, protocols, strict=True)):
        coating = looks[name].coating if replicates == "mean" else ""
        groups.setdefault((coating or name, protocol), []).append(place)
    several = len({label for label, _ in groups}) < len(groups)
    made = [_curve(found, members) for members in groups.values()]
    numbers = found["cycle"].values
    columns: dict[str, Any] = {
        name: (("curve", "cycle"), np.reshape([one[name] for one in made], (len(made), len(numbers))))
        for name in ("efficiency", "spread", "use")
    }
    for name in ("level", "low", "high", "begin", "end"):
        columns[name] = ("curve", np.array([one[name] for one in made], float))
    first = [looks[names[members[0]]] for members in groups.values()]
    labels = [f"{label}, {protocol}" if several else label for label, protocol in groups]
    return xr.Dataset(
        columns,
        {
            "curve": labels,
            "cycle": numbers,
            "protocol": ("curve", [protocol for _, protocol in groups]),
            **{key: ("curve", [getattr(look, key) for look in first]) for key in ("coating", "color", "marker")},
            "count": ("curve", [len(members) for members in groups.values()]),
        },
        {"replicates": replicates},
    )


def _curve(found: xr.Dataset, members: list[int]) -> dict[str, Any]:
    """What is drawn of one cell, or of some of one coating and protocol."""
    of = {name: found[name].values[members] for name in ("use", "cycle_efficiency", "cycle_efficiency_stderr")}
    value, error, sd = (
        found[name].values[members] for name in ("coulombic_efficiency", "coulombic_efficiency_stderr", "sd")
    )
    procedure = str(found["procedure"].values[members[0]])
    galvanostatic = procedure == "galvanostatic"
    used = of["use"] == USED
    cycles = np.flatnonzero(used.any(0))
    numbers = found["cycle"].values.astype(float)
    begin, end = (numbers[cycles[0]], numbers[cycles[-1]]) if len(cycles) else (np.nan, np.nan)
    ratio = of["cycle_efficiency"] if procedure in {"galvanostatic", "undecided"} else np.full(used.shape, np.nan)
    if len(members) == 1:
        low, high = (value[0] - sd[0], value[0] + sd[0]) if galvanostatic else interval(value[0], error[0])
        spread = of["cycle_efficiency_stderr"][0]
        drawn = {"efficiency": ratio[0], "spread": spread, "use": of["use"][0]}
        return {**drawn, "level": value[0], "low": low, "high": high, "begin": begin, "end": end}
    whole = used.all(0)
    with np.errstate(invalid="ignore"):
        mean, scatter = ratio.mean(0), ratio.std(0, ddof=1)
    known = value[np.isfinite(value)]
    level = float(known.mean()) if len(known) else np.nan
    half = float(known.std(ddof=1)) if len(known) > 1 else np.nan
    drawn = {
        "efficiency": np.where(whole, mean, np.nan),
        "spread": np.where(whole, scatter, np.nan),
        "use": np.where(whole, USED, -1),
    }
    return {**drawn, "level": level, "low": level - half, "high": level + half, "begin": begin, "end": end}
