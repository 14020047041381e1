"""A parameter of impedance spectra against the cycle they were taken in, for single cells and for replicates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.units import pretty
from . import theme
from .cycling_legend import curve_entries
from .impedance_view import INTERVAL, of_cells
from .picture import Axis, Bands, Entry, Layer, Lines, Marks, Picture, Ribbons, Whiskers
from .pieces import curve_rows, padded
from .theme import Look

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def curves(values: xr.Dataset, numbers: IntArray, looks: Mapping[str, Look], replicates: str = "each") -> xr.Dataset:
    """A parameter of every spectrum as curves over the cycles.

    Parameters
    ----------
    values
        (cell, spectrum): ``value`` with its units and ``long_name``, ``stderr``, and ``sound``: whether nothing speaks
        against it.
    numbers
        (cell, spectrum): the cycle of each; below 0 there is no spectrum.
    looks
        By name of the cell.
    replicates
        One of :data:`~.pieces.REPLICATES`. A mean is over those cells whose value is sound.

    Returns
    -------
    Dataset
        (curve, number): ``value``, ``low`` and ``high`` (the 95 % interval of one cell, one standard deviation of the
        replicates to either side), ``sound``; (curve): its look and ``count``, how many cells it is the mean of.
    """
    places = np.unique(numbers[numbers >= 0])
    shape = (len(numbers), len(places))
    value, stderr, sound = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)
    row, column = np.nonzero(numbers >= 0)
    at = np.searchsorted(places, numbers[row, column])
    value[row, at] = values["value"].values[row, column]
    stderr[row, at] = values["stderr"].values[row, column]
    sound[row, at] = values["sound"].values[row, column]
    names = [str(name) for name in values["cell"].values]
    told = of_cells(names, looks)
    attrs = {**values["value"].attrs, "replicates": replicates}
    if replicates == "each":
        spread = INTERVAL * stderr
        found = {"value": value, "low": value - spread, "high": value + spread, "sound": sound}
        of_curve = {"curve": told["cell"], **{name: told[name] for name in ("coating", "color", "marker")}}
        return _dataset(found, places, {**of_curve, "count": np.ones(len(names), int)}, attrs)
    keys = np.array([looks[name].coating or name for name in names], object)
    groups = list(dict.fromkeys(keys.tolist()))
    known = np.where(sound, value, np.nan)
    count = np.array([np.isfinite(known[keys == group]).sum(0) for group in groups]).reshape(len(groups), -1)
    mean, sd = np.full(count.shape, np.nan), np.full(count.shape, np.nan)
    for place, group in enumerate(groups):
        own = known[keys == group]
        some, several = count[place] > 0, count[place] > 1
        mean[place, some] = np.nanmean(own[:, some], axis=0)
        sd[place, several] = np.nanstd(own[:, several], axis=0, ddof=1)
    first = [keys.tolist().index(group) for group in groups]
    of_curve = {
        "curve": np.array(groups, object),
        **{name: told[name][first] for name in ("coating", "color", "marker")},
    }
    of_curve["count"] = np.array([int((keys == group).sum()) for group in groups])
    found = {"value": mean, "low": mean - sd, "high": mean + sd, "sound": count > 0}
    return _dataset(found, places, of_curve, attrs)


def against_cycle(shown: xr.Dataset, selected: int, word: str = "cycle", hint: str = "") -> Picture:
    """A parameter against the cycle, with intervals; what has a flag is hollow.

    Parameters
    ----------
    shown
        As given by :func:`curves`.
    selected
        The selected cycle.
    word
        What the numbers count: cycles, or spectra.
    hint
        What to do where there is nothing to show.
    """
    x = shown["number"].values.astype(float)
    value, low, high, sound = (shown[name].values for name in ("value", "low", "high", "sound"))
    y = Axis(str(shown.attrs["long_name"]), pretty(str(shown.attrs["units"])))
    rows, there, limits = curve_rows(shown), np.isfinite(value), _limits(value, low, high, sound)
    mean = np.broadcast_to((shown["count"].values > 1)[:, None], value.shape)
    alone, several = there & sound & ~mean, mean.any(1)
    curve, _ = np.nonzero(alone)
    across = np.broadcast_to(x, value.shape)
    spread = "mean ± sd of replicates" if shown.attrs["replicates"] == "mean" else "95 % intervals of the fits"
    beyond = int((there & ((value < limits[0]) | (value > limits[1]))).sum())
    more = f"; {beyond} with a flag beyond this range" if beyond else ""
    layers: list[Layer] = [
        _band(selected, x),
        Ribbons(
            [x] * int(several.sum()),
            list(low[several]),
            list(high[several]),
            {name: column[several] for name, column in rows.items()},
            is_data=False,
        ),
        Whiskers(across[alone], low[alone], high[alone], {"color": rows["color"][curve]}),
        Lines(
            [x[own] for own in there & sound],
            [values[own] for own, values in zip(there & sound, value, strict=True)],
            rows,
            is_data=False,
        ),
        *(_marks(shown, there & (sound == filled), y, word, filled=filled) for filled in (True, False)),
    ]
    return Picture(
        Axis(word),
        y,
        layers,
        padded(x if len(x) else np.array([float(selected)]), 0.04, 1.0),
        limits,
        legend=_entries(shown, bool((there & ~sound).any())),
        title=f"{spread}{more}" if there.any() else hint or "nothing that is resolved and may be interpreted",
        height=270,
    )


def _band(selected: int, x: FloatArray) -> Bands:
    """The selected cycle, wide enough to be seen among cycles that lie far apart."""
    gap = float(np.diff(x).min()) if len(x) > 1 else 1.0
    half = min(0.45 * gap, max(0.5, 0.012 * float(np.ptp(x)))) if len(x) else 0.5
    return Bands(np.array([selected - half]), np.array([selected + half]))


def _limits(value: FloatArray, low: FloatArray, high: FloatArray, sound: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Range of the values that have no flag, and of intervals and flagged values as far as they are not absurd."""
    of = np.where(sound, value, np.nan)
    of = of if np.isfinite(of).any() else value
    known = of[np.isfinite(of)]
    if not known.size:
        return 0.0, 1.0
    reach = max(float(np.ptp(known)), 0.5 * float(np.abs(known).max()))
    near = (known.min() - reach, known.max() + reach)
    ends = np.concatenate([np.clip(end[sound], *near) for end in (low, high)])
    doubtful = value[np.isfinite(value) & (value >= near[0]) & (value <= near[1])]
    return padded(np.concatenate([known, ends, doubtful]), 0.08, 0.1 * float(np.abs(known).max()) or 1.0)


def _marks(shown: xr.Dataset, member: npt.NDArray[np.bool_], y: Axis, word: str, *, filled: bool) -> Marks:
    curve, place = np.nonzero(member)
    rows = {name: column[curve] for name, column in curve_rows(shown).items()}
    rows |= {name: shown[name].values[member] for name in ("low", "high")}
    tips = [
        ("", "@curve"),
        (word, "@x{0}"),
        (y.label, f"@y{{0.[0000]}} {y.units}"),
        ("interval", f"@low{{0.[0000]}} to @high{{0.[0000]}} {y.units}"),
    ]
    x = shown["number"].values[place].astype(float)
    return Marks(x, shown["value"].values[member], rows, None, filled, 7, tips, {"low": y.units, "high": y.units})


def _entries(shown: xr.Dataset, doubtful: bool) -> list[Entry]:
    entries = curve_entries(shown)
    return [*entries, Entry("with a flag", theme.INK, shape="circle", filled=False)] if doubtful else entries


def _dataset(
    found: Mapping[str, npt.NDArray[np.generic]],
    places: IntArray,
    of_curve: Mapping[str, npt.NDArray[np.generic]],
    attrs: Mapping[str, object],
) -> xr.Dataset:
    variables = {name: (("curve", "number"), column) for name, column in found.items()}
    coords = {name: ("curve", column) for name, column in of_curve.items()}
    return xr.Dataset(variables, coords | {"number": places}, dict(attrs))
