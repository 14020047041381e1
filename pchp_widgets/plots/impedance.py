"""Figures of impedance spectra: Nyquist, Bode, residuals, and relaxation times.

Each is a pure function from datasets of :mod:`.impedance_view` to a :class:`~.picture.Picture`. The measured points are
one table that all figures share: whoever points at one sees it in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.units import pretty
from . import theme
from .impedance_view import decades
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Levels, Lines, Marks, Picture, Texts, Verticals
from .pieces import Looks, Rows, cell_rows, padded, texts

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

KEPT, LEFT_OUT = "points", "left_out"
"""Names of the tables that the figures share: of the points a fit goes by, and of those it does not."""

RESIDUALS = {
    "residual": "of the fit",
    "kk": "of the Kramers-Kronig test",
}
"""Kinds of residuals, by the prefix of their columns."""

_TABLE = (
    "frequency",
    "z_real",
    "z_negative",
    "modulus",
    "phase",
    "residual_real",
    "residual_imag",
    "kk_real",
    "kk_imag",
)
_LABELLED_CELLS = 2
_APART = (0.075, 0.05)  # of the width and the height of a Nyquist plot: labels closer than this would overlap
_STABLE, _PALE = 0.5, 0.55
_FEW = 3
_GAMMA = "\N{GREEK SMALL LETTER GAMMA}"
_TIPS = (
    ("", "@cell"),
    ("frequency", "@frequency{0.[00]a} Hz"),
)


def nyquist(points: xr.Dataset, curves: xr.Dataset, looks: Looks, frequency: float = 0.0, title: str = "") -> Picture:
    """-Im Z against Re Z with equal axes; decades of the frequency are marked, and what is fitted is a line.

    Parameters
    ----------
    points, curves
        As given by :func:`.impedance_view.points` and :func:`.impedance_view.curves`.
    looks
        By name of the cell.
    frequency
        The one that is marked [Hz]; none when 0.
    title
        Above the figure.
    """
    units = pretty(str(points.attrs["units"]))
    kept = points["kept"].values
    x, y = points["z_real"].values, points["z_negative"].values
    shown = kept if kept.any() else np.ones(len(x), bool)
    xlim, ylim = _from_nought(x[shown]), _from_nought(y[shown])
    marks = decades(points)
    ringed = _ring(points, frequency, ("z_real", "z_negative"))
    layers: list[Layer] = [
        _fit(curves, looks, ("z_real", "z_negative")),
        *_measured(points, ("z_real", "z_negative"), units),
        Marks(
            marks["z_real"].values,
            marks["z_negative"].values,
            {"color": np.full(marks.sizes["mark"], theme.INK, object)},
            "circle",
            True,
            4,
            is_data=False,
        ),
        ringed,
        _decade_labels(marks, list(dict.fromkeys(points["cell"].values.tolist())), (xlim, ylim)),
    ]
    return Picture(
        Axis("Re Z", units),
        Axis("−Im Z", units),
        layers,
        xlim,
        ylim,
        legend=_entries(points, curves, looks),
        title=title if len(x) else f"{title}: no points".removeprefix(": "),
        height=400,
        equal=True,
    )


def modulus(points: xr.Dataset, curves: xr.Dataset, looks: Looks, frequency: float = 0.0) -> Picture:
    """|Z| against frequency, both logarithmic; arguments as for :func:`nyquist`."""
    units = pretty(str(points.attrs["units"]))
    return _bode(points, curves, looks, frequency, "modulus", Axis("|Z|", units, log=True))


def phase(points: xr.Dataset, curves: xr.Dataset, looks: Looks, frequency: float = 0.0) -> Picture:
    """Negative phase against frequency; arguments as for :func:`nyquist`."""
    return _bode(points, curves, looks, frequency, "phase", Axis("−phase", "°"))


def residuals(
    points: xr.Dataset,
    kind: str = "residual",
    frequency: float = 0.0,
    noise: float = np.nan,
    title: str = "",
) -> Picture:
    r"""What is left of a spectrum once a model is taken away, against frequency.

    Parameters
    ----------
    points
        As given by :func:`.impedance_view.points`.
    kind
        One of :data:`RESIDUALS`.
    frequency
        The one that is marked [Hz]; none when 0.
    noise
        Of the points, relative to \|Z\|: drawn as two levels where it is known.
    title
        Above the figure.
    """
    names = [f"{kind}_real", f"{kind}_imag"]
    values = np.concatenate([points[name].values for name in names])
    kept = np.tile(points["kept"].values, 2)
    there = values[np.isfinite(values) & kept]
    reach = _rounded(1.1 * max(float(np.abs(there).max(initial=0.0)), 300 * noise if np.isfinite(noise) else 0.0))
    around = np.array([-100 * noise, 100 * noise]) if np.isfinite(noise) else np.zeros(0)
    marks = [
        mark
        for name, shape in zip(names, ("circle", "diamond"), strict=True)
        for mark in _measured(points, ("frequency", name), pretty(str(points.attrs["units"])), shape, 5)
    ]
    rings = [_ring(points, frequency, ("frequency", name)) for name in names]
    nought = Levels(np.zeros(1), {"color": [theme.FRAME]}, "solid")
    entries = [Entry("real part", theme.INK, shape="circle"), Entry("imaginary part", theme.INK, shape="diamond")]
    return Picture(
        _frequency_axis(),
        Axis("residual", "% of |Z|"),
        [nought, Levels(around, {"color": [theme.FAINT] * len(around)}), *_stems(points, names), *marks, *rings],
        _decades_of(points["frequency"].values),
        (-reach, reach),
        legend=entries,
        title=title or f"residuals {RESIDUALS[kind]}" + ("" if len(there) else ": none"),
        height=270,
    )


def relaxation(shown: xr.Dataset, looks: Looks, frequency: float = 0.0) -> Picture:
    """Distribution of relaxation times with the share of the resistance of every peak.

    Parameters
    ----------
    shown
        As given by :func:`.impedance_view.relaxation`.
    looks
        By name of the cell.
    frequency
        The one that is marked [Hz], where its time constant 1/(2 pi f) lies; none when 0.
    """
    units = pretty(str(shown.attrs["units"]))
    tau, density = shown["time_constant"].values.astype(float), shown["density"].values
    names = [str(name) for name in shown["cell"].values]
    rows = cell_rows(names, looks)
    tips = [("", "@cell"), ("τ", "$x{0.[000]a} s"), (_GAMMA, f"$y{{0.[00]}} {units}")]
    line = np.array([1 / (2 * np.pi * frequency)]) if frequency > 0 else np.zeros(0)
    top = 1.18 * float(np.nanmax(density, initial=0.0)) or 1.0
    there = np.isfinite(shown["height"].values)
    stable = there & (shown["stability"].values >= _STABLE)
    layers: list[Layer] = [
        Verticals(line, {"color": [theme.INK] * len(line)}),
        Lines([tau] * len(names), list(density), rows, tips=tips),
        *(_peaks(shown, rows, member, filled=filled) for member, filled in ((stable, True), (there & ~stable, False))),
        _shares(shown, stable if len(names) <= _FEW else np.zeros_like(stable)),
    ]
    entries = cell_entries(names, looks)
    if there.any():
        entries = [*entries, Entry("peak", theme.INK, shape="circle")]
    if (there & ~stable).any():
        entries.append(Entry("peak that depends on λ", theme.INK, shape="circle", filled=False))
    return Picture(
        Axis("time constant τ", "s", log=True),
        Axis(f"{_GAMMA}(ln τ)", units),
        layers,
        _decades_of(tau),
        (-0.03 * top, top),
        legend=entries,
        title="λ by generalised cross-validation" if np.isfinite(density).any() else _none(shown),
        height=400,
    )


def _none(shown: xr.Dataset) -> str:
    reason = str(shown.attrs.get("reason", ""))
    return f"no relaxation times: {reason}" if reason else "no relaxation times"


def _bode(points: xr.Dataset, curves: xr.Dataset, looks: Looks, frequency: float, name: str, y: Axis) -> Picture:
    values = points[name].values
    return Picture(
        _frequency_axis(),
        y,
        [
            _fit(curves, looks, ("frequency", name)),
            *_measured(points, ("frequency", name), pretty(str(points.attrs["units"]))),
            _ring(points, frequency, ("frequency", name)),
        ],
        _decades_of(points["frequency"].values),
        _decades_of(values, 0.06, 0.1) if y.log else _tens(values),
        height=210,
    )


def _fit(curves: xr.Dataset, looks: Looks, places: tuple[str, str]) -> Lines:
    """The fitted curve of each cell that has one."""
    x, y = (curves[name].values for name in places)
    there = np.isfinite(y).any(1)
    rows = {name: column[there] for name, column in cell_rows(curves["cell"].values, looks).items()}
    rows["model"] = np.full(int(there.sum()), "fit", object)
    return Lines(list(x[there]), list(y[there]), rows)


def _measured(
    points: xr.Dataset, places: tuple[str, str], units: str, shape: str | None = None, size: int = 6
) -> list[Marks]:
    """The points that are kept, and hollow those that are left out."""
    kept = points["kept"].values
    tips = [
        *_TIPS,
        ("Re Z, −Im Z", f"@z_real{{0.[000]}}, @z_negative{{0.[000]}} {units}"),
        ("|Z|, −phase", f"@modulus{{0.[000]}} {units}, @phase{{0.0}}°"),
    ]
    told = dict.fromkeys(("z_real", "z_negative", "modulus"), units)
    told |= {"frequency": "Hz", "phase": "°"} | dict.fromkeys(_TABLE[5:], "%")
    made = []
    for member, table in ((kept, KEPT), (~kept, LEFT_OUT)):
        rows: Rows = {name: points[name].values[member] for name in _TABLE if name not in places}
        rows |= {name: texts(points[name].values[member]) for name in ("cell", "coating", "color", "marker")}
        x, y = (points[name].values[member] for name in places)
        own = {name: of for name, of in told.items() if name in rows}
        made.append(Marks(x, y, rows, shape, table == KEPT, size, tips, own, table=table, places=places))
    return made


def _ring(points: xr.Dataset, frequency: float, places: tuple[str, str]) -> Marks:
    """The point of each cell at the marked frequency."""
    near = np.isclose(points["frequency"].values, frequency, rtol=1e-4, atol=0.0) if frequency > 0 else None
    member = np.zeros(points.sizes["point"], bool) if near is None else near
    x, y = (points[name].values[member] for name in places)
    ink = {"color": np.full(len(x), theme.INK, object)}
    return Marks(x, y, ink, "circle", False, 13, is_data=False)


def _decade_labels(
    marks: xr.Dataset, names: Sequence[str], limits: tuple[tuple[float, float], tuple[float, float]]
) -> Texts:
    """Frequencies beside the decades of the first cells, as far as they do not overlap."""
    (left, right), (low, high) = limits
    width = max(right - left, 2 * (high - low))
    order = np.argsort(marks["frequency"].values, kind="stable")
    kept: list[int] = []
    x, y = marks["z_real"].values, marks["z_negative"].values
    wanted = set(names[:_LABELLED_CELLS] if len(names) <= _LABELLED_CELLS else names[:1])
    for at in order:
        if marks["cell"].values[at] in wanted and all(
            abs(x[at] - x[other]) > _APART[0] * width or abs(y[at] - y[other]) > _APART[1] * width / 2 for other in kept
        ):
            kept.append(int(at))
    words = [hertz(float(marks["frequency"].values[at])) for at in kept]
    # inside the arc there is nothing: below its rising flank on the right, below its falling one on the left
    sides = np.where(marks["falling"].values[kept], "left", "right").astype(object)
    return Texts(x[kept], y[kept], {"label": texts(words), "side": sides})


def hertz(frequency: float) -> str:
    """A frequency as a person reads it."""
    for limit, unit in ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"), (1e-3, "mHz")):
        if frequency >= 0.9995 * limit:
            return f"{frequency / limit:.4g} {unit}"
    return f"{frequency:.3g} Hz"


def _stems(points: xr.Dataset, names: Sequence[str]) -> list[Lines]:
    """Lines along the residuals of few cells: real part solid, imaginary part dashed."""
    cells = list(dict.fromkeys(points["cell"].values.tolist()))
    made = []
    for name, dash in zip(names, ("solid", "dashed"), strict=True):
        xs, ys, colors = [], [], []
        for cell in cells if len(cells) <= _FEW else []:
            own = (points["cell"].values == cell) & points["kept"].values
            order = np.argsort(points["frequency"].values[own])
            xs.append(points["frequency"].values[own][order])
            ys.append(points[name].values[own][order])
            colors.append(theme.lighter(str(points["color"].values[own][0]), _PALE) if own.any() else theme.INK)
        made.append(Lines(xs, ys, {"color": np.array(colors, object)}, dash, is_data=False))
    return made


def _peaks(shown: xr.Dataset, rows: Rows, member: BoolArray, *, filled: bool) -> Marks:
    cell, _ = np.nonzero(member)
    own: Rows = {name: column[cell] for name, column in rows.items()}
    own["share"] = 100 * shown["share"].values[member]
    own["stability"] = 100 * shown["stability"].values[member]
    tips = [
        ("", "@cell"),
        ("τ", "@x{0.[000]a} s"),
        ("share of the resistance", "@share{0} %"),
        ("there for", "@stability{0} % of the λ"),
    ]
    x, y = (shown[name].values[member] for name in ("peak_time_constant", "height"))
    return Marks(x, y, own, "circle", filled, 8, tips, {"share": "%", "stability": "%"})


def _shares(shown: xr.Dataset, member: BoolArray) -> Texts:
    x, y, share = (shown[name].values[member] for name in ("peak_time_constant", "height", "share"))
    words = texts(f"{100 * one:.0f} %" for one in share)
    return Texts(x, y, {"label": words, "side": np.full(len(words), "center", object)}, above=True)


def _entries(points: xr.Dataset, curves: xr.Dataset, looks: Looks) -> list[Entry]:
    names = [str(name) for name in curves["cell"].values]
    entries = cell_entries(names, looks)
    if not entries and len(names) == 1:
        look = looks[names[0]]
        entries = [Entry("measured", look.color, shape=look.marker)]
        if np.isfinite(curves["z_real"].values).any():
            entries.append(Entry("fit", look.color))
    if not points["kept"].values.all():
        entries.append(Entry("left out", theme.INK, shape="circle", filled=False))
    return entries


def _frequency_axis() -> Axis:
    return Axis("frequency", "Hz", log=True)


def _from_nought(values: FloatArray) -> tuple[float, float]:
    """Range that holds nought and all values."""
    known = values[np.isfinite(values)]
    low, high = min(float(known.min(initial=0.0)), 0.0), max(float(known.max(initial=0.0)), 0.0)
    space = 0.06 * (high - low) or 1.0
    return (low - space if low < 0 else -0.5 * space), high + 1.8 * space  # beside the last point stands its frequency


def _decades_of(values: FloatArray, space: float = 0.03, step: float = 0.0) -> tuple[float, float]:
    """Range of positive values on a logarithmic axis, to whole steps of a decade where there is one."""
    known = values[np.isfinite(values) & (values > 0)]
    if not known.size:
        return 1.0, 1e5
    low, high = padded(np.log10(known), space, 0.5)
    if step:  # the axis stays as it is from one spectrum to the next
        low, high = step * np.floor(low / step), step * np.ceil(high / step)
    return float(10.0**low), float(10.0**high)


def _tens(values: FloatArray) -> tuple[float, float]:
    """Range of values in tens."""
    low, high = padded(values, 0.04, 5.0)
    return float(10 * np.floor(low / 10)), float(10 * np.ceil(high / 10))


def _rounded(reach: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten; 1 for nought."""
    if not reach > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(reach))
    return float(
        power * next(step for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0) if reach <= step * power * (1 + 1e-9))
    )
