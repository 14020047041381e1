"""Figures of polarized Li||Li cells: the current, its beginning over √t, the spectra, and the current fractions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Levels, Lines, Marks, Picture, Texts, Whiskers
from .pieces import Looks, Rows, cell_rows, texts

FloatArray = npt.NDArray[np.float64]

_OHMIC, _EXTRAPOLATED, _STEADY = "diamond", "inverted_triangle", "square"
_ABOVE = 1.12
_EARLY = 30.0  # s^½, a quarter of an hour
_SPREAD = 0.5
_JUDGED = {1: "usable", 0: "not usable", -1: "undecided"}


def traces_of(traces: dict[str, xr.Dataset]) -> xr.Dataset:
    """Currents of several cells, one after the other.

    Parameters
    ----------
    traces
        As :func:`~pchp_widgets.analysis.transference.trace_of` gives them, by name of the cell.

    Returns
    -------
    Dataset
        (point): ``time`` [s], ``current`` [mA]; (cell): ``point_start``, ``point_count``.
    """
    counts = np.array([trace.sizes["point"] for trace in traces.values()], int)
    start = np.cumsum(counts) - counts
    empty = np.zeros(0)
    return xr.Dataset(
        {
            name: (
                "point",
                np.concatenate([empty, *(trace[name].values for trace in traces.values())]),
                {"units": units},
            )
            for name, units in (("time", "s"), ("current", "mA"))
        }
        | {"point_start": ("cell", start), "point_count": ("cell", counts)},
        {"cell": list(traces)},
    )


def relaxation(traces: xr.Dataset, found: xr.Dataset, looks: Looks) -> Picture:
    """Current over the whole polarization, with the initial and the steady current that are used.

    The range leaves out the spike of the double layers.

    Parameters
    ----------
    traces
        As given by :func:`traces_of`.
    found
        As given by :func:`~pchp_widgets.analysis.transference.transference`, of the same cells.
    looks
        By name of the cell.
    """
    names = [str(name) for name in traces["cell"].values]
    rows = cell_rows(names, looks)
    pieces = _pieces(traces)
    tips = [("cell", "@cell"), ("time", "$x{0.00} h"), ("current", "$y{0.0000} mA")]
    last = found["duration"].values / 3600.0
    layers: list[Layer] = [Lines([x / 3600.0 for x, _ in pieces], [y for _, y in pieces], rows, tips=tips)]
    for column, at, shape, word in (
        ("initial_current", np.zeros(len(names)), _OHMIC, "I₀"),
        ("steady_current", last, _STEADY, "Iₛₛ"),
    ):
        layers.append(_marks(at, found[column].values, rows, shape, word, found[f"{column}_stderr"].values))
    top = _highest(found)
    return Picture(
        Axis("time since the step", "h"),
        Axis("current", "mA"),
        layers,
        xlim=(-0.02 * _most(last), 1.02 * _most(last)),
        ylim=(0.0, top),
        legend=[
            *cell_entries(names, looks),
            Entry("initial current used", theme.INK, shape=_OHMIC),
            Entry("steady current", theme.INK, shape=_STEADY),
        ],
        title="" if len(pieces) else "no polarization",
    )


def beginning(traces: xr.Dataset, found: xr.Dataset, looks: Looks) -> Picture:
    """The first minutes over √t: samples, the extrapolation to t = 0, and the ohmic current of the spectrum.

    Parameters
    ----------
    traces, found, looks
        As for :func:`relaxation`.
    """
    names = [str(name) for name in traces["cell"].values]
    rows = cell_rows(names, looks)
    pieces = [(np.sqrt(x[x <= _EARLY**2]), y[x <= _EARLY**2]) for x, y in _pieces(traces)]
    tips = [("cell", "@cell"), ("√t", "$x{0.0} √s"), ("current", "$y{0.0000} mA")]
    there = np.repeat(np.arange(len(pieces)), [len(x) for x, _ in pieces])
    x, y = (np.concatenate([np.zeros(0), *(piece[axis] for piece in pieces)]) for axis in (0, 1))
    nought = np.zeros(len(names))
    spread = found["extrapolated_current_stderr"].values if "extrapolated_current" in found else np.zeros(len(names))
    layers: list[Layer] = [
        Lines([x for x, _ in pieces], [y for _, y in pieces], rows, tips=tips, is_data=False),
        Marks(x, y, {name: values[there] for name, values in rows.items()}, "circle", True, 3, tips),
        _marks(nought, found["ohmic_current"].values, rows, _OHMIC, "ΔV / (R_b + R₀)", None),
    ]
    if "extrapolated_current" in found:
        layers.append(
            _marks(
                nought, found["extrapolated_current"].values, rows, _EXTRAPOLATED, "extrapolated", spread, filled=False
            )
        )
    least = float(np.nanmin(y, initial=np.inf)) if len(y) else 0.0
    top = _highest(found)
    low = max(0.0, least - 0.15 * (top - least)) if np.isfinite(least) else 0.0
    return Picture(
        Axis("√(time since the step)", "√s"),
        Axis("current", "mA"),
        layers,
        xlim=(-0.03 * _EARLY, _EARLY),
        ylim=(low, top),
        legend=[
            Entry("ΔV / (R_b + R₀)", theme.INK, shape=_OHMIC),
            Entry("extrapolated to t = 0", theme.INK, shape=_EXTRAPOLATED, filled=False),
        ],
    )


def fractions(found: xr.Dataset, groups: xr.Dataset, looks: Looks) -> Picture:
    """Current fraction of each cell with its interval, and the mean of each coating; unusable ones are hollow.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.transference.transference`.
    groups
        As given by :func:`~pchp_widgets.analysis.transference.by_coating`, of the same cells.
    looks
        By name of the cell.
    """
    names = [str(name) for name in found["cell"].values]
    coatings = [str(name) for name in groups["coating"].values]
    rows = cell_rows(names, looks)
    group = np.array([coatings.index(looks[name].coating) for name in names], int)
    x = _beside(group)
    value, low, high = (found[f"current_fraction{end}"].values for end in ("", "_low", "_high"))
    usable, bounded = found["usable"].values, np.isfinite(high)
    mean, middle = groups["mean"].values, np.arange(len(coatings), dtype=float)
    known = np.isfinite(mean)
    colors = np.array([_color(looks, name) for name in coatings], object)
    layers: list[Layer] = [
        Levels(np.array([0.0, 1.0]), {"color": np.array([theme.FAINT] * 2, object)}, "dashed", is_data=False),
        Lines(
            [np.array([at - 0.36, at + 0.36]) for at in middle[known]],
            [np.full(2, one) for one in mean[known]],
            {"color": colors[known]},
            is_data=False,
        ),
        Whiskers(x, np.where(bounded, low, np.nan), np.where(bounded, high, np.nan), {"color": rows["color"]}),
    ]
    layers += _fraction_marks(found, x, rows)
    lost = ~np.isfinite(value)
    nothing = {"label": texts(["none"] * int(lost.sum())), "side": texts(["center"] * int(lost.sum()))}
    layers.append(Texts(x[lost], np.full(int(lost.sum()), 0.02), nothing, above=True))
    ticks = tuple((float(at), name or "coating unknown") for at, name in enumerate(coatings))
    entries = [Entry("usable", theme.INK, shape="circle")]
    if (usable != 1).any():
        entries.append(Entry("not usable, or undecided", theme.INK, shape="circle", filled=False))
    return Picture(
        Axis("coating", ticks=ticks),
        Axis("current fraction ρ₊"),
        layers,
        xlim=(-0.6, max(len(coatings), 1) - 0.4),
        ylim=_fraction_limits(value, low, high),
        legend=[*entries, Entry("mean of the cells used", theme.INK, "solid")],
        title=f"steady-state current fraction, {float(found.attrs['confidence']):.0%} intervals",
    )


def _fraction_marks(found: xr.Dataset, x: FloatArray, rows: Rows) -> list[Marks]:
    """A mark per fraction: filled where it is usable."""
    value, low, high = (found[f"current_fraction{end}"].values for end in ("", "_low", "_high"))
    usable = found["usable"].values
    tips = [
        ("cell", "@cell"),
        ("ρ₊", "@y{0.000}, @low{0.000} to @high{0.000}"),
        ("R_int/R_b", "@ratio{0.00}"),
        ("", "@judged"),
    ]
    marks = []
    for filled in (True, False):
        chosen = np.isfinite(value) & ((usable == 1) if filled else (usable != 1))
        said = {name: values[chosen] for name, values in rows.items()}
        said |= {"low": low[chosen], "high": high[chosen], "ratio": found["resistance_ratio"].values[chosen]}
        said["judged"] = texts(_JUDGED[int(one)] for one in usable[chosen])
        marks.append(Marks(x[chosen], value[chosen], said, None, filled, 9, tips))
    return marks


def _fraction_limits(value: FloatArray, low: FloatArray, high: FloatArray) -> tuple[float, float]:
    """Range from 0 to 1, and what lies a little beyond it."""
    ends = np.concatenate([value, low, np.where(np.isfinite(high), high, np.nan), [0.0, 1.0]])
    bottom, top = float(np.nanmin(ends)), float(np.nanmax(ends))
    return max(bottom, -0.5) - 0.05, min(top, 2.0) + 0.05


def _pieces(traces: xr.Dataset) -> list[tuple[FloatArray, FloatArray]]:
    edges = zip(traces["point_start"].values.tolist(), traces["point_count"].values.tolist(), strict=True)
    time, current = traces["time"].values, traces["current"].values
    return [(time[start : start + count], current[start : start + count]) for start, count in edges]


def _marks(
    x: FloatArray, y: FloatArray, rows: Rows, shape: str, word: str,
    error: FloatArray | None, *, filled: bool = True,
) -> Marks:  # fmt: skip
    there = np.isfinite(y) & np.isfinite(x)
    said = {name: values[there] for name, values in rows.items()}
    text = "@y{0.0000} mA"
    if error is not None:
        said["error"] = error[there]
        text = "@y{0.0000} ± @error{0.0000} mA"
    return Marks(x[there], y[there], said, shape, filled, 9, [("cell", "@cell"), (word, text)], {"error": "mA"})


def _highest(found: xr.Dataset) -> float:
    """Top of the figures of currents, without the spike."""
    names = [name for name in ("initial_current", "ohmic_current", "extrapolated_current") if name in found]
    values = np.concatenate([np.zeros(1), *(found[name].values for name in names)])
    return _ABOVE * (float(np.nanmax(values)) or 1.0)


def _most(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else 1.0


def _beside(group: npt.NDArray[np.int64]) -> FloatArray:
    """Places of cells beside each other, around that of their group."""
    found = group.astype(float)
    for one in np.unique(group):
        members = np.flatnonzero(group == one)
        found[members] += _SPREAD * (np.arange(len(members)) - (len(members) - 1) / 2) / max(len(members), 3)
    return found


def _color(looks: Looks, coating: str) -> str:
    return next((look.color for look in looks.values() if look.coating == coating), theme.INK)
