"""What the figures of full and half cells show: results of the analysis, reduced to the curves that are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.stated import stated_numbers, stated_texts
from .theme import Look, among, lighter

FloatArray = npt.NDArray[np.float64]
Looks = Mapping[str, Look]

BASES: dict[str, str] = {
    "areal": "capacity over the area of the electrode",
    "specific": "capacity over the active mass: areal capacity / loading",
    "absolute": "capacity of the cell as it is",
    "relative": "capacity over the discharge capacity of the reference cycle of the same cell",
}
"""What a capacity can be related to."""

_SECONDS_PER_HOUR = 3600.0
_PALEST = 0.65
_LOOK = ("coating", "color", "marker")
_ALIKE = 0.05
"""Relative difference of loadings that are meant to be the same."""


def usual_basis(found: xr.Dataset) -> str:
    """What capacities are related to unless somebody says so: the area where it is known of all cells, else nothing."""
    return "areal" if np.isfinite(stated_numbers(found, "area")).all() else "absolute"


def capacity_unit(found: xr.Dataset, basis: str, reference: xr.DataArray | None = None) -> xr.DataArray:
    """What one mA h of each cell is worth in the units of a basis.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`.
    basis
        One of :data:`BASES`.
    reference
        Discharge capacity (cell) of the reference cycle [mA h]; the basis ``"relative"`` needs it.

    Returns
    -------
    DataArray
        (cell), NaN where the area or the loading of a cell is not known; ``attrs["units"]`` are those of the capacity.
    """
    area, loading = (stated_numbers(found, name) for name in ("area", "loading"))
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = {
            "areal": (1 / area, "mA h cm-2"),
            "specific": (1000 / (area * loading), "mA h g-1"),
            "absolute": (np.ones_like(area), "mA h"),
        }
        if reference is not None:
            worth["relative"] = (1 / reference.values, "1")
    values, units = worth[basis]
    return xr.DataArray(values, {"cell": found["cell"].values}, "cell", attrs={"units": units, "basis": basis})


def numbers(
    found: xr.Dataset, unit: xr.DataArray, means: xr.Dataset, first: int, last: int | None = None
) -> xr.Dataset:
    """What the figures over the cycles show of each cell.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`.
    unit
        As given by :func:`capacity_unit`.
    means
        As given by :func:`~pchp_widgets.analysis.cycling.mean_efficiency` for the cycles `first` to `last`.
    first, last
        That window.

    Returns
    -------
    Dataset
        (cell, cycle): ``capacity``, the discharge capacity in the units of the basis, ``coulombic_efficiency``
        (``_stderr``), ``window_mean``, its mean inside the window, the mean voltages and their gap [V],
        ``interrupted`` and ``time_start`` [s].
    """
    names = ["coulombic_efficiency", "coulombic_efficiency_stderr", "charge_voltage", "discharge_voltage"]
    kept = [name for name in ("cathode", "nominal_capacity", "loading") if name in found.coords]
    drawn = found[[*names, "voltage_gap", "interrupted", "time_start"]].reset_coords(drop=True)
    drawn = drawn.assign_coords({name: found[name].reset_coords(drop=True) for name in kept})
    cycles = found["cycle"]
    inside = (
        (cycles >= first) & (cycles <= (np.inf if last is None else last)) & drawn["coulombic_efficiency"].notnull()
    )
    drawn["capacity"] = (found["discharge_capacity"].reset_coords(drop=True) * unit).assign_attrs(unit.attrs)
    drawn["window_mean"] = means["arithmetic"].reset_coords(drop=True).where(inside)
    return drawn.assign_attrs(window=means.attrs["window"])


def curves(found: xr.Dataset, looks: Looks, against: str = "cycle", replicates: str = "each") -> xr.Dataset:
    """Every variable (cell, cycle) as curves: one per cell, or one per coating.

    The mean of a coating goes as far as all of its cells do: beyond the first cell that ended, a mean of the others
    would rise or fall only because of who is left. A cell of unknown coating stands for itself.

    Parameters
    ----------
    found
        Numbers (cell, cycle), among them ``time_start`` [s].
    looks
        By name of the cell.
    against
        ``"cycle"`` or ``"time"``.
    replicates
        One of :data:`~.pieces.REPLICATES`.

    Returns
    -------
    Dataset
        The same variables along (curve, cycle), each with a sibling ``<name>_sd``, ``x`` (curve, cycle), and ``count``
        of cells in a curve; coordinates ``coating``, ``color`` and ``marker`` of a ``curve``.
    """
    names = [str(name) for name in found["cell"].values]
    found = found.transpose("cell", "cycle", ...)
    members = groups(names, looks, families(found)) if replicates == "mean" else {name: [name] for name in names}
    rows = _averaged(_per_cycle(found, against), [np.flatnonzero(np.isin(names, of)) for of in members.values()])
    size = (len(members), found.sizes["cycle"])
    first = {name: looks[of[0]] for name, of in members.items()}
    drawn = among(first, list(first)) if replicates == "mean" else first
    return xr.Dataset(
        {
            name: (("curve", "cycle"), np.reshape(values, size), found[name].attrs if name in found else {})
            for name, values in rows.items()
        },
        {
            "curve": list(members),
            "cycle": found["cycle"].values,
            **{key: ("curve", [getattr(drawn[name], key) for name in members]) for key in _LOOK},
            "count": ("curve", [len(of) for of in members.values()]),
        },
        {**found.attrs, "against": against, "replicates": replicates},
    )


def families(found: xr.Dataset) -> list[str]:
    """What each cell is apart from its coating: cells with the same cathode and loading are one family.

    Parameters
    ----------
    found
        Results (cell, ...) with the coordinates ``cathode``, ``nominal_capacity`` and ``loading``, as far as known.

    Returns
    -------
    list of str
        A label per cell: the cathode, with its nominal capacity or loading where the same cathode comes with several;
        ``""`` where nobody said.
    """
    cathodes = stated_texts(found, "cathode")
    amounts = {name: stated_numbers(found, name) for name in ("nominal_capacity", "loading")}
    labels = list(cathodes)
    for cathode in set(cathodes):
        of = np.array([name == cathode for name in cathodes])
        for name, units in (("nominal_capacity", "mA h cm⁻²"), ("loading", "mg cm⁻²")):
            values = amounts[name][of]
            if np.isfinite(values).all() and np.ptp(values) > _ALIKE * values.max(initial=0.0):
                for at in np.flatnonzero(of):
                    labels[at] = f"{cathode} {amounts[name][at]:g} {units}".strip()
                break
    return labels


def groups(names: Sequence[str], looks: Looks, family: Sequence[str] = ()) -> dict[str, list[str]]:
    """Names of the cells that are replicates of each other, by what they have in common.

    Parameters
    ----------
    names
        Of the cells; one of unknown coating stands for itself.
    looks
        By name of the cell.
    family
        Of each cell, as given by :func:`families`; one family where left out.
    """
    found: dict[str, list[str]] = {}
    several = len(set(family)) > 1
    for name, of in zip(names, family or [""] * len(names), strict=True):
        coating = looks[name].coating
        label = f"{of or 'cathode unknown'}, {coating}" if several else coating
        found.setdefault(label if coating else name, []).append(name)
    return found


def colored(profiles: xr.Dataset, looks: Looks) -> list[str]:
    """Colours of profiles: by cycle where there is one cell, else that of the cell, paler the earlier the cycle.

    Parameters
    ----------
    profiles
        Coordinates ``cell`` and ``cycle`` of each ``profile``.
    looks
        By name of the cell.
    """
    cells, numbers = profiles["cell"].values, profiles["cycle"].values
    order = np.unique(numbers)
    rank = np.searchsorted(order, numbers) / max(len(order) - 1, 1)
    if len(set(cells.tolist())) == 1 and len(order) > 1:
        from bokeh.palettes import viridis

        shades = viridis(256)
        # its yellow end is too pale for lines
        return [shades[round(215 * share)] for share in rank]
    return [
        lighter(looks[str(cell)].color, _PALEST * (1 - share) if len(order) > 1 else 0.0)
        for cell, share in zip(cells, rank, strict=True)
    ]


def selected(curves: xr.Dataset, cycle: int) -> xr.Dataset:
    """Where one cycle lies along the axis of each curve.

    Parameters
    ----------
    curves
        As given by :func:`curves`.
    cycle
        Its number.

    Returns
    -------
    Dataset
        ``start`` and ``stop`` (curve), NaN where a curve does not have the cycle.
    """
    numbers, x = curves["cycle"].values, curves["x"].values
    after = numbers > cycle
    here = x[:, numbers == cycle]
    begin = here[:, 0] if here.size else np.full(len(x), np.nan)
    if curves.attrs["against"] == "cycle":
        limits = {"start": begin - 0.4, "stop": begin + 0.4}
    else:
        following = np.fmin.reduce(x[:, after], axis=1, initial=np.inf)
        steps = np.diff(x, axis=1)
        usual = float(np.median(steps[np.isfinite(steps)])) if np.isfinite(steps).any() else 1.0
        limits = {"start": begin, "stop": np.where(np.isfinite(following), following, begin + usual)}
    return xr.Dataset({name: ("curve", values) for name, values in limits.items()}, {"curve": curves["curve"].values})


def ends(drawn: xr.Dataset, kept: xr.Dataset, life: xr.Dataset, knees: xr.Dataset) -> xr.Dataset:
    """Reference, knee and end of life of each cell, as places in the figure of its capacity.

    Parameters
    ----------
    drawn
        As given by :func:`curves` for single cells, with ``capacity``.
    kept, life
        As given by :func:`~pchp_widgets.analysis.cycling.retention` and
        :func:`~pchp_widgets.analysis.cycling.cycle_at`.
    knees
        As given by :func:`~pchp_widgets.analysis.knee.knees`.

    Returns
    -------
    Dataset
        (cell): ``<name>_cycle``, ``<name>_at`` along the axis and ``<name>_value`` of the capacity, for ``reference``,
        ``knee`` and ``end``; ``observed``; ``knee_low_at`` and ``knee_high_at``, the interval of the knee; coordinate
        ``color``.
    """
    numbers = drawn["cycle"].values
    taken = kept["reference_cycle"].values.astype(float)
    cycles = {
        "reference": np.where(taken >= 0, taken, np.nan),
        "knee": knees["knee"].values,
        "end": life["cycle"].values.astype(float),
        "knee_low": knees["knee_low"].values,
        "knee_high": knees["knee_high"].values,
    }
    variables = {}
    for name, place in cycles.items():
        variables[f"{name}_cycle"] = place
        variables[f"{name}_at"] = _at(drawn["x"].values, numbers, place)
        variables[f"{name}_value"] = _at(drawn["capacity"].values, numbers, place)
    return xr.Dataset(
        {name: ("cell", values) for name, values in variables.items()}
        | {"observed": ("cell", life["observed"].values)},
        {"cell": drawn["curve"].values, "color": ("cell", drawn["color"].values)},
    )


def _at(values: FloatArray, numbers: npt.NDArray[np.int64], place: FloatArray) -> FloatArray:
    """Rows of values (cell, cycle) at a cycle of each cell, which may lie between two; NaN where there is none."""
    found = np.full(len(values), np.nan)
    for row, (known, cycle) in enumerate(zip(values, place, strict=True)):
        there = np.isfinite(known)
        if there.any() and np.isfinite(cycle):
            found[row] = np.interp(cycle, numbers[there], known[there], np.nan, np.nan)
    return found


def _per_cycle(found: xr.Dataset, against: str) -> dict[str, FloatArray]:
    """Arrays (cell, cycle) of every variable, and ``x``, their place along the axis."""
    numbers = {
        str(name): np.asarray(values.values, float)
        for name, values in found.data_vars.items()
        if values.dims == ("cell", "cycle")
    }
    begin = numbers["time_start"]
    by_cycle = np.where(np.isfinite(begin), found["cycle"].values.astype(float), np.nan)
    return numbers | {"x": begin / _SECONDS_PER_HOUR if against == "time" else by_cycle}


def _averaged(
    numbers: Mapping[str, FloatArray], groups: Sequence[npt.NDArray[np.int64]]
) -> dict[str, list[FloatArray]]:
    """Mean and ``_sd`` of every array over each group of its rows."""
    there = np.isfinite(numbers["time_start"])
    rows: dict[str, list[FloatArray]] = {}
    for name, values in numbers.items():
        pairs = [_spread(values[of], there[of]) for of in groups]
        rows[name], rows[f"{name}_sd"] = [mean for mean, _ in pairs], [sd for _, sd in pairs]
    return rows


def _spread(values: FloatArray, there: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over cells, as far as all of them go."""
    if len(values) == 1:
        return values[0], np.full(values.shape[1], np.nan)
    last = there.shape[1] - np.argmax(there[:, ::-1], axis=1)
    reached = np.arange(values.shape[1]) < last[there.any(1)].min(initial=values.shape[1])
    known = np.isfinite(values)
    count = known.sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, values, 0.0).sum(0) / count
        sd = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(0) / (count - 1))
    return np.where(reached & (count > 0), mean, np.nan), np.where(reached & (count > 1), sd, np.nan)
