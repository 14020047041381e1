"""Figures of indentations: load over depth, the unloading with its window, values over depth, samples compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .indentation_view import QUANTITIES, SOURCES, fitted, indent_rows
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Lines, Marks, Picture, Whiskers, Window
from .pieces import Looks, Rows, cell_rows, padded

FloatArray = npt.NDArray[np.float64]

DEPTHS = "depths"
"""Name of the range of depths of the continuous stiffness."""

_MEAN = "diamond"
_NOWHERE = (-2e9, -1e9)  # nm, out of sight: a figure keeps its layers


def load_depth(curves: xr.Dataset, last: xr.Dataset, looks: Looks, test: int) -> Picture:
    """Load over depth of every test, the selected one in its full colour with the fitted unloading dashed.

    Parameters
    ----------
    curves
        As given by :func:`~.indentation_view.curves`.
    last
        As given by :func:`~pchp_widgets.analysis.indentation.last_unloading`.
    looks
        By name of the sample.
    test
        Number of the selected test.
    """
    depth, load = curves["depth"].values, curves["load"].values
    chosen = curves["test"].values == test
    layers: list[Layer] = []
    for part in (~chosen, chosen):
        rows = _rows(curves["sample"].values[part], looks)
        rows["test"] = curves["test"].values[part]
        if part is not chosen:
            rows["color"] = np.array([theme.lighter(color, 0.55) for color in rows["color"]], object)
        tips = [("sample", "@sample"), ("test", "@test"), ("", "$x{0.0} nm, $y{0.000} mN")]
        layers.append(Lines([*depth[part]], [*load[part]], rows, tips=tips))
    names = last["sample"].values
    share, along = _fits(last, test)
    peak = _of_test(last, "load", test)
    layers.append(
        Lines([*along], [*(share * peak[:, None])], _rows(names, looks) | _ink(names), "dashed", is_data=False)
    )
    return Picture(
        Axis("depth", "nm"),
        Axis("load", "mN"),
        layers,
        xlim=padded(np.append(depth[load > 0.005 * np.nanmax(load, initial=0.0)], 0.0)),
        ylim=padded(np.append(load, 0.0)),
        legend=[
            *cell_entries([str(name) for name in names], looks),
            Entry("fitted unloading", theme.INK, "dashed"),
        ],
        title=f"test {test}; the others pale" if curves.sizes["curve"] > len(names) else f"test {test}",
        height=300,
    )


def unloading(cut: xr.Dataset, last: xr.Dataset, looks: Looks, window: tuple[float, float], test: int) -> Picture:
    """Depth over the load of the unloading, with the window that is fitted: drag it, by an edge or as a whole.

    Parameters
    ----------
    cut
        As given by :func:`~.indentation_view.unloading_curves`.
    last
        As for :func:`load_depth`.
    looks
        By name of the sample.
    window
        Shares of the peak load.
    test
        Number of the test.
    """
    names = last["sample"].values
    top = np.array([np.nan if not np.isfinite(row).any() else row[np.isfinite(row)][0] for row in cut["depth"].values])
    share, along = _fits(last, test)
    heights = cut["depth"].values - top[:, None]
    x = cut["share"].values
    marks = np.isfinite(heights) & np.isfinite(x)
    row, _ = np.nonzero(marks)
    rows = {name: column[row] for name, column in _rows(names, looks).items()}
    seen = heights[marks & (x > 0.02)]
    tips = [("sample", "@sample"), ("share of the peak load", "@x{0.000}"), ("depth", "@y{0.00} nm from the peak")]
    return Picture(
        Axis("load over peak load"),
        Axis("depth from that at the peak", "nm"),
        [
            Window(np.array([window[0]]), np.array([window[1]])),
            Marks(x[marks], heights[marks], rows, None, True, 3, tips),
            Lines([*share], [*(along - top[:, None])], _rows(names, looks) | _ink(names), "dashed", is_data=False),
        ],
        xlim=(0.0, 1.02),
        ylim=padded(seen, 0.04),
        title=f"unloading of test {test}: drag the window",
        height=300,
    )


def over_depth(found: xr.Dataset, over: xr.Dataset, looks: Looks, quantity: str, depths: tuple[float, ...]) -> Picture:
    """Modulus or hardness over the contact depth: of every unloading, and along the loading where it is known.

    Parameters
    ----------
    found, over
        As given by :func:`~pchp_widgets.analysis.indentation.oliver_pharr` and ``over_depth``.
    looks
        By name of the sample.
    quantity
        ``"modulus"`` or ``"hardness"``.
    depths
        Range that is averaged; empty where the stiffness is not known along the loading.
    """
    names = found["sample"].values
    value, deep = found[quantity].values, found["contact_depth"].values
    there = np.isfinite(value) & np.isfinite(deep)
    sample, test, which = np.nonzero(there)
    rows = indent_rows(sample, test, _rows(names, looks))
    rows |= {"unloading": which + 1, f"{quantity}_stderr": found[f"{quantity}_stderr"].values[there]}
    word = "E" if quantity == QUANTITIES[0] else "H"
    tips = [
        ("sample", "@sample, test @test, unloading @unloading"),
        ("contact depth", "@x{0.0} nm"),
        (word, f"@y{{0.000}} ± @{quantity}_stderr{{0.000}} GPa"),
    ]
    lines = np.isfinite(over[quantity].values).any(axis=2)
    of, which_test = np.nonzero(lines)
    curve_rows = indent_rows(of, which_test, _rows(names, looks))
    x, y = over["contact_depth"].values[lines], over[quantity].values[lines]
    step = max(int(np.isfinite(y).any(axis=0).sum()) // 200, 1)  # others may have many more points
    ends = depths or _NOWHERE
    layers: list[Layer] = [
        Window(np.array([ends[0]]), np.array([ends[1]]), DEPTHS),
        Lines([*x[:, ::step]], [*y[:, ::step]], curve_rows, tips=[("sample", "@sample, test @test")]),
        Marks(deep[there], value[there], rows, None, True, 7, tips, {f"{quantity}_stderr": "GPa"}),
    ]
    inside = y[(x >= 0.5 * depths[0]) & (x <= 1.2 * depths[1])] if depths else y.ravel()
    heights = np.concatenate([value[there], inside[np.isfinite(inside)]])
    return Picture(
        Axis("contact depth", "nm"),
        Axis(f"{'modulus E' if word == 'E' else 'hardness H'}", "GPa"),
        layers,
        xlim=padded(np.concatenate([deep[there], x[np.isfinite(y)], [0.0]])),
        ylim=_from_nought(heights),
        title="drag the range of depths" if depths else "",
        height=300,
    )


def compared(
    values: xr.DataArray, statistics: xr.Dataset, last: xr.Dataset, looks: Looks, quantity: str, source: str
) -> Picture:
    """Every indent of every sample, the mean with its 95 % interval, and what the conventions leave open.

    Parameters
    ----------
    values
        Of each indent (sample, test).
    statistics
        As given by :func:`~pchp_widgets.analysis.indentation.of_samples` for them.
    last
        As for :func:`load_depth`.
    looks
        By name of the sample.
    quantity, source
        As in :mod:`.indentation_view`.
    """
    names = [str(name) for name in values["sample"].values]
    used = statistics["used"].values.astype(bool)
    place = np.arange(len(names), dtype=float)
    tests = values.shape[1]
    spread = np.linspace(-0.18, 0.18, tests) if tests > 1 else np.zeros(1)
    x = place[:, None] + spread
    layers: list[Layer] = []
    tips = [("sample", "@sample, test @test"), (quantity, "@y{0.000} GPa")]
    for chosen, filled in ((used, True), (np.isfinite(values.values) & ~used, False)):
        sample, test = np.nonzero(chosen)
        rows = indent_rows(sample, test, _rows(names, looks))
        layers.append(Marks(x[chosen], values.values[chosen], rows, None, filled, 5, tips))
    mean, low, high, count = (statistics[name].values for name in ("mean", "mean_low", "mean_high", "n"))
    side = place + 0.3
    said = {"n": count, "low": low, "high": high, "sd": statistics["sd"].values}
    about = [
        ("sample", "@sample"),
        (f"mean of @n {quantity}", "@y{0.000} GPa"),
        ("95 % interval", "@low{0.000} to @high{0.000} GPa"),
        ("sd", "@sd{0.000} GPa"),
    ]
    band = _band(last, used, quantity, source)
    layers += [
        Whiskers(side + 0.1, band[0], band[1], {"color": [theme.FAINT] * len(names)}),
        Whiskers(side, low, high, _rows(names, looks)),
        Marks(
            side, mean, _rows(names, looks) | said, _MEAN, True, 9, about, {"low": "GPa", "high": "GPa", "sd": "GPa"}
        ),
    ]
    heights = np.concatenate([values.values.ravel(), low, high, band[0], band[1]])
    return Picture(
        Axis("sample", ticks=tuple((at, theme.elided(name, 14)) for at, name in enumerate(names))),
        Axis("modulus E" if quantity == QUANTITIES[0] else "hardness H", "GPa"),
        layers,
        xlim=(-0.5, max(len(names) - 0.5, 0.5)),
        ylim=padded(heights, 0.06, 0.05),
        legend=_legend(bool(np.isfinite(band).any()), out=bool((np.isfinite(values.values) & ~used).any())),
        title="each indent" if source == SOURCES[0] else "each indent, mean over the range of depths",
        height=300,
    )


def _legend(band: bool, *, out: bool) -> list[Entry]:
    """The legend of what there is."""
    entries = [Entry("mean, 95 % interval", theme.INK, shape=_MEAN)]
    entries += [Entry("ε, β and ν in use", theme.FAINT)] if band else []
    return entries + ([Entry("left out", theme.INK, shape="circle", filled=False)] if out else [])


def _band(last: xr.Dataset, used: npt.NDArray[np.bool_], quantity: str, source: str) -> FloatArray:
    """Mean over the indents of the band of the modulus: (2, sample), NaN where there is none."""
    found = np.full((2, len(used)), np.nan)
    if quantity != QUANTITIES[0] or source != SOURCES[0]:
        return found
    count = used.sum(axis=1)
    for end, name in zip(found, ("modulus_band_low", "modulus_band_high"), strict=True):
        total = np.where(used, last[name].values, 0.0).sum(axis=1)
        end[count > 0] = total[count > 0] / count[count > 0]
    return found


def _fits(last: xr.Dataset, test: int) -> tuple[FloatArray, FloatArray]:
    """Share of the peak load and depth of the fitted unloading of one test of each sample."""
    final, m = _of_test(last, "final_depth", test), _of_test(last, "exponent", test)
    return fitted(final, _of_test(last, "fitted_depth", test), m)


def _of_test(last: xr.Dataset, name: str, test: int) -> FloatArray:
    if not 1 <= test <= last.sizes["test"]:
        return np.full(last.sizes["sample"], np.nan)
    found: FloatArray = np.asarray(last[name].values[:, test - 1], float)
    return found


def _rows(names: npt.ArrayLike, looks: Looks) -> Rows:
    rows = cell_rows([str(name) for name in np.atleast_1d(names)], looks)
    return {"sample": rows["cell"], "material": rows["coating"], "color": rows["color"], "marker": rows["marker"]}


def _ink(names: npt.ArrayLike) -> Rows:
    return {"color": np.full(np.size(names), theme.INK, object)}


def _from_nought(values: FloatArray) -> tuple[float, float]:
    """From zero to a little more than all but the most extreme of the values."""
    known = values[np.isfinite(values)]
    high = float(np.quantile(known, 0.98)) if known.size else 1.0
    return 0.0, 1.25 * high
