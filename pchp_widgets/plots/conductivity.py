"""Figures of coating conductivity: series resistances over temperature, and the conductivity against 1/T."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.conductivity import BARE
from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Lines, Marks, Picture, Whiskers
from .pieces import Looks, Rows, cell_rows, merged_bands, padded, texts

FloatArray = npt.NDArray[np.float64]

_ZERO = 273.15
_BOUND, _NOTHING_STATED = "triangle", -20.0
_WIDEST = 1e3  # an upper end beyond this many times the value is drawn at the edge
_CURVE = 80
_MILLI = 1e3


def series_resistance(samples: xr.Dataset, found: xr.Dataset, looks: Looks, selected: float | None = None) -> Picture:
    """Series resistance of every cell at every temperature, and the means of each coating.

    Parameters
    ----------
    samples
        As given by :func:`~pchp_widgets.analysis.conductivity.samples`.
    found
        As given by :func:`~pchp_widgets.analysis.conductivity.conductivity`, of the same cells; its means are drawn.
    looks
        By name of the cell.
    selected
        Temperature that is marked [degC]; none when left out.
    """
    names = [str(name) for name in samples["cell"].values]
    rows = cell_rows(names, looks)
    degrees = samples["temperature"].values
    stated = np.isfinite(degrees)
    coatings = samples["coating"].values.tolist()
    order = list(dict.fromkeys(coatings))
    width = _space(degrees[stated]) if stated.any() else 5.0
    each = {name: sorted({cell for cell, own in zip(names, coatings, strict=True) if own == name}) for name in order}
    places = [(each[own].index(cell), len(each[own])) for cell, own in zip(names, coatings, strict=True)]
    beside = np.array([0.05 * width * (at - (count - 1) / 2) for at, count in places])
    x = np.where(stated, degrees, _place_of_unstated(degrees)) + beside
    y = samples["series_resistance"].values
    said = {**rows, "error": samples["series_resistance_stderr"].values, "degrees": degrees}
    tips = [("cell", "@cell"), ("R_s", "@y{0.000} ± @error{0.000} Ω (fit)"), ("temperature", "@degrees{0.0} °C")]
    means = _means(found, looks)
    here = np.array([np.nan if selected is None else selected])
    layers: list[Layer] = [
        merged_bands(here - 0.15 * width, here + 0.15 * width),
        Lines([x for x, _, _ in means], [y for _, y, _ in means], {"color": texts(one for *_, one in means)}, "dashed",
              is_data=False),
        Marks(x, y, said, None, True, 8, tips, {"error": "ohm", "degrees": "degC"}),
    ]  # fmt: skip
    top = float(np.nanmax(y, initial=1.0))
    return Picture(
        Axis("temperature", "°C", ticks=() if stated.any() else ((_NOTHING_STATED, "not stated"),)),
        Axis("series resistance Rₛ", "Ω"),
        layers,
        xlim=padded(x, 0.08, 5.0),
        ylim=(min(0.0, float(np.nanmin(y, initial=0.0))), 1.08 * top),
        legend=[*cell_entries(list(dict.fromkeys(names)), looks), Entry("mean of a coating", theme.INK, "dashed")],
        title="" if len(y) else "no series resistance",
    )


def arrhenius(found: xr.Dataset, lines: xr.Dataset, vogel: xr.Dataset | None, colors: dict[str, str]) -> Picture:
    """Conductivity against 1/T with its interval; a bound is a hollow triangle that points to where the value may lie.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.conductivity.conductivity`.
    lines
        As given by :func:`~pchp_widgets.analysis.conductivity.arrhenius`, of the same coatings.
    vogel
        As given by :func:`~pchp_widgets.analysis.conductivity.vft`; None leaves its curve out.
    colors
        Of each coating.
    """
    kelvin = found["temperature"].values + _ZERO
    stated = np.isfinite(kelvin)
    inverse = np.where(stated, 1e3 / kelvin, np.nan if stated.any() else 0.0)
    names = [str(name) for name in found["coating"].values]
    # a live figure has the same layers whatever is shown
    nothing = Lines([], [], {"color": texts([])}, "dashed", is_data=False)
    layers: list[Layer] = [
        nothing if vogel is None else _vogel_curves(vogel, kelvin, names, colors),
        _arrhenius_lines(lines, kelvin, names, colors),
    ]
    layers += _points(found, inverse, names, colors)
    return Picture(
        Axis("1000 / T", "K⁻¹", ticks=() if stated.any() else ((0.0, "temperature not stated"),)),
        Axis("conductivity σ", "mS cm⁻¹", log=True),
        layers,
        xlim=padded(inverse, 0.08, 0.1),
        ylim=_limits(found),
        legend=_entries(names, colors, found, vogel is not None),
        title=_title(found),
    )


def _values(found: xr.Dataset) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Conductivity and the ends of its interval [mS cm-1]."""
    value, low, high = (_MILLI * found[f"conductivity{end}"].values for end in ("", "_low", "_high"))
    return value, low, high


def _limits(found: xr.Dataset) -> tuple[float, float]:
    """Range that holds all values, bounds and whiskers."""
    value, low, high = _values(found)
    top = _edge(value, low, high)
    drawn = np.concatenate([value[np.isfinite(value)], low[np.isfinite(low)], np.minimum(high, top)[np.isfinite(high)]])
    bottom = float(drawn[drawn > 0].min()) if (drawn > 0).any() else 1e-3
    highest = float(drawn.max()) if len(drawn) else 1.0
    return bottom / 1.5, highest * 1.5


def _points(found: xr.Dataset, inverse: FloatArray, names: list[str], colors: dict[str, str]) -> list[Layer]:
    """Whiskers, values and bounds."""
    value, low, high = _values(found)
    shape = value.shape
    row, column = np.nonzero(np.isfinite(value))
    color = np.array([colors[name] for name in names], object)
    degrees = np.broadcast_to(found["temperature"].values, shape)
    x = np.broadcast_to(inverse, shape)
    top = _edge(value, low, high)
    at = (row, column)
    layers: list[Layer] = [Whiskers(x[at], np.maximum(low[at], 0), np.minimum(high[at], top), {"color": color[row]})]
    tips = [
        ("", "@coating at @degrees{0.0} °C"),
        ("σ", "@y{0.0000} mS cm⁻¹, @low{0.0000} to @high{0.0000}"),
        ("per face", "@face{0.00} Ω cm²"),
    ]
    said = {
        "color": color[row],
        "coating": texts(names[one] for one in row),
        "degrees": degrees[at],
        "low": low[at],
        "high": high[at],
        "face": found["resistance_per_face"].values[at],
    }
    known = found["resolved"].values[at] == 1
    for filled in (True, False):
        chosen = known == filled
        part = {name: values[chosen] for name, values in said.items()}
        layers.append(Marks(x[at][chosen], value[at][chosen], part, "square", filled, 9, tips, {"face": "ohm cm2"}))
    bound = ~np.isfinite(value) & np.isfinite(low)
    layers.append(_bounds(x, low, degrees, bound, names, color))
    return layers


def _entries(names: list[str], colors: dict[str, str], found: xr.Dataset, vogel: bool) -> list[Entry]:
    entries = [Entry(theme.elided(name), colors[name]) for name in names]
    entries.append(Entry("Arrhenius", theme.INK, "solid"))
    if vogel:
        entries.append(Entry("Vogel", theme.INK, "dashed"))
    if (found["resolved"].values == 0).any():
        entries.append(Entry("lower bound", theme.INK, shape=_BOUND, filled=False))
    if (np.isfinite(found["conductivity"].values) & (found["resolved"].values != 1)).any():
        entries.append(Entry("error unknown", theme.INK, shape="square", filled=False))
    return entries


def _title(found: xr.Dataset) -> str:
    limit = found["measurable_conductivity"].values
    said = [f"{float(found.attrs['confidence']):.0%} intervals"]
    known = limit[np.isfinite(limit)]
    if known.size:
        said.append(f"measurable above {_MILLI * float(known.max()):.1g} mS cm⁻¹")
    unstated = ~np.isfinite(found["temperature"].values)
    if unstated.any() and not unstated.all():
        said.append("cells of unknown temperature are not drawn")
    nothing = found["resolved"].values == -2
    if nothing.any():
        said.append("none where coated cells have less resistance")
    return "; ".join(said)


def _bounds(
    x: FloatArray,
    low: FloatArray,
    degrees: FloatArray,
    chosen: npt.NDArray[np.bool_],
    names: list[str],
    color: npt.NDArray[np.object_],
) -> Marks:
    row, _ = np.nonzero(chosen)
    said: Rows = {"color": color[row], "coating": texts(names[one] for one in row), "degrees": degrees[chosen]}
    tips = [("", "@coating at @degrees{0.0} °C"), ("σ", "above @y{0.0000} mS cm⁻¹")]
    return Marks(x[chosen], low[chosen], said, _BOUND, False, 10, tips, {"degrees": "degC"})


def _arrhenius_lines(lines: xr.Dataset, kelvin: FloatArray, names: list[str], colors: dict[str, str]) -> Lines:
    from ..analysis.conductivity.formulas import BOLTZMANN

    known = kelvin[np.isfinite(kelvin)]
    there = np.isfinite(lines["activation_energy"].values) & bool(len(known))
    energy, logarithm = lines["activation_energy"].values, lines["logarithm"].values
    ends = np.linspace(known.min(), known.max(), 2) if len(known) else np.zeros(0)
    # ln (σ T) is a straight line, σ is not quite one: more points where that form was chosen
    at = ends if lines.attrs["form"] == "sigma" or not len(ends) else np.linspace(ends[0], ends[-1], _CURVE)
    over = at if lines.attrs["form"] == "sigma_T" else np.ones_like(at)
    rows = np.flatnonzero(there)
    y = [_MILLI * np.exp(logarithm[row] - energy[row] / (BOLTZMANN * at)) / over for row in rows]
    return Lines([1e3 / at for _ in rows], y, {"color": texts(colors[names[row]] for row in rows)}, is_data=False)


def _vogel_curves(vogel: xr.Dataset, kelvin: FloatArray, names: list[str], colors: dict[str, str]) -> Lines:
    known = kelvin[np.isfinite(kelvin)]
    rows = np.flatnonzero(np.isfinite(vogel["vogel_temperature"].values) & bool(len(known)))
    at = np.linspace(known.min(), known.max(), _CURVE) if len(known) else np.zeros(0)
    constant, origin, logarithm = (vogel[name].values for name in ("vogel_constant", "vogel_temperature", "logarithm"))
    y = [_MILLI * np.exp(logarithm[row] - constant[row] / (at - origin[row] - _ZERO)) for row in rows]
    return Lines(
        [1e3 / at for _ in rows], y, {"color": texts(colors[names[row]] for row in rows)}, "dashed", is_data=False
    )


def _means(found: xr.Dataset, looks: Looks) -> list[tuple[FloatArray, FloatArray, str]]:
    """Lines through the means of bare cells, and of each coating."""
    degrees = found["temperature"].values
    chosen = np.isfinite(degrees)
    named = {look.coating: look.color for look in reversed(list(looks.values()))}
    lines = (
        [(degrees[chosen], found["bare_resistance"].values[0][chosen], named.get(BARE, theme.INK))]
        if len(found["coating"])
        else []
    )
    for row, name in enumerate(found["coating"].values.tolist()):
        lines.append((degrees[chosen], found["coated_resistance"].values[row][chosen], named.get(name, theme.INK)))
    return lines


def _edge(value: FloatArray, low: FloatArray, high: FloatArray) -> float:
    """Where a whisker without an end stops."""
    known = np.concatenate([part[np.isfinite(part)] for part in (value, low)])
    largest = float(known.max()) if len(known) else 1.0
    ends = high[np.isfinite(high) & (high < _WIDEST * largest)]
    return max(2 * largest, float(ends.max()) if len(ends) else 0.0)


def _space(degrees: FloatArray) -> float:
    """Least distance of two temperatures, 10 K where there is one."""
    apart = np.diff(np.unique(degrees))
    apart = apart[apart > 1]
    return float(apart.min()) if len(apart) else 10.0


def _place_of_unstated(degrees: FloatArray) -> float:
    known = degrees[np.isfinite(degrees)]
    return float(known.min()) - 10.0 if len(known) else _NOTHING_STATED
