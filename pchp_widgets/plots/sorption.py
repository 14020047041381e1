"""Figures of gas sorption: the isotherm, and the plots after BET, Rouquerol and Dubinin, with their ranges to drag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.sorption.isotherms import gases
from ..analysis.sorption.models import modelled
from ..model.gases import GAS_CONSTANT
from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Lines, Marks, Picture, Window
from .pieces import Looks, Rows, padded, texts

FloatArray = npt.NDArray[np.float64]

MICROPORES = "micropores"
"""Name of the range of the Dubinin plot."""

_TIPS = [("sample", "@sample"), ("p/p₀", "@relative_pressure{0.000000}"), ("p", "@pressure{0.0000} bar")]
_UNITS = {"pressure": "bar", "uptake": "mmol g-1"}
_LIMITS = {"low": "cm3 g-1", "high": "cm3 g-1"}
_TALLER = 5.0  # times the curve in the middle
_CURVE = 120  # points along a fitted curve
_MONOLAYER, _VOLUME = "diamond", "square"


def isotherm(
    adsorbed: xr.Dataset,
    desorbed: xr.Dataset,
    looks: Looks,
    window: tuple[float, float],
    model: xr.Dataset | None = None,
) -> Picture:
    """Uptake over relative pressure, desorption hollow, with a fitted model dashed.

    Parameters
    ----------
    adsorbed, desorbed
        As given by :func:`~pchp_widgets.analysis.sorption.isotherms` of either branch, of the same samples.
    looks
        By name of the sample.
    window
        Range of the BET plot.
    model
        As given by :func:`~pchp_widgets.analysis.sorption.model_fit`.
    """
    names = _names(adsorbed)
    layers: list[Layer] = [Window(np.array([window[0]]), np.array([window[1]]))]
    for branch in (adsorbed, desorbed):
        x, n = (branch[name].values for name in ("relative_pressure", "uptake"))
        layers.append(Lines([*x], [*n], _rows(names, looks), is_data=False))
    for branch, filled, word in ((adsorbed, True, "adsorption"), (desorbed, False, "desorption")):
        x, n, rows = _points(branch, looks)
        rows["branch"] = texts([word] * len(x))
        tips = [*_TIPS, ("uptake", "@y{0.0000} mmol g⁻¹"), ("", "@branch")]
        layers.append(Marks(x, n, rows, None, filled, 5, tips, _UNITS, places=("x", "y")))
    curves, entries = _model(adsorbed, names, looks, model)
    every = np.concatenate([layer.x for layer in layers if isinstance(layer, Marks)])
    heights = np.concatenate([layer.y for layer in layers if isinstance(layer, Marks)])
    if np.isfinite(desorbed["uptake"].values).any():
        entries = [Entry("desorption", theme.INK, shape="circle", filled=False), *entries]
    return Picture(
        Axis("relative pressure p/p₀"),
        Axis("uptake", "mmol g⁻¹"),
        [*layers, curves],
        xlim=padded(every, least=0.01),
        ylim=_from_nought(heights),
        legend=[*cell_entries(names, looks), *entries],
        title="" if len(every) or not names else "no relative pressure: the gas and its temperature are needed",
        height=320,
    )


def bet_plot(
    adsorbed: xr.Dataset, found: xr.Dataset, looks: Looks, window: tuple[float, float], reach: float
) -> Picture:
    """x/(n(1 − x)) over the relative pressure x, with the fitted lines.

    Parameters
    ----------
    adsorbed
        As for :func:`isotherm`.
    found
        As given by :func:`~pchp_widgets.analysis.sorption.bet`, of the same samples.
    looks
        By name of the sample.
    window
        Range of the fit that is dragged.
    reach
        Highest relative pressure in view.
    """
    names = _names(adsorbed)
    x, n, rows = _points(adsorbed, looks)
    with np.errstate(invalid="ignore", divide="ignore"):
        y = np.where((x > 0) & (x < 1), x / (n * (1 - x)), np.nan)
    ends = np.stack([np.zeros(len(names)), found["window_high"].values], -1)
    fitted = found["intercept"].values[:, None] + found["slope"].values[:, None] * ends
    owner = _owners(adsorbed)
    seen = np.where((x <= reach) & (n > 0), y, np.nan)
    top, above = _shared_top([seen[owner == at] for at in range(len(names))])
    hidden = f" ({', '.join(theme.elided(names[at]) for at in above)} above)" if above else ""
    return Picture(
        Axis("relative pressure p/p₀"),
        Axis("x / (n (1 − x))", "g mmol⁻¹"),
        [
            Window(np.array([window[0]]), np.array([window[1]])),
            Lines([*ends], [*fitted], _rows(names, looks), "dashed", is_data=False),
            Marks(x, y, rows, None, True, 5, [*_TIPS, ("x/(n(1 − x))", "@y{0.00000} g mmol⁻¹")], _UNITS),
        ],
        xlim=(0.0, reach),
        ylim=(0.0, top),
        title=f"BET: drag the band{hidden}",
        height=260,
    )


def rouquerol(
    adsorbed: xr.Dataset, found: xr.Dataset, looks: Looks, window: tuple[float, float], reach: float
) -> Picture:
    """n(1 − x) over the relative pressure x: it has to rise over the whole range; the monolayer as a diamond.

    Parameters
    ----------
    adsorbed, found, looks, window, reach
        As for :func:`bet_plot`.
    """
    names = _names(adsorbed)
    x, n, rows = _points(adsorbed, looks)
    free = n * (1 - x)
    every, every_uptake = (adsorbed[name].values for name in ("relative_pressure", "uptake"))
    at, monolayer = found["monolayer_pressure"].values, found["monolayer"].values
    known = np.isfinite(at)
    own = {name: column[known] for name, column in _rows(names, looks).items()}
    tips = [("sample", "@sample"), ("nₘ", "@monolayer{0.000} mmol g⁻¹"), ("at p/p₀", "@x{0.00000}")]
    mark = Marks(
        at[known], (monolayer * (1 - at))[known], own | {"monolayer": monolayer[known]}, _MONOLAYER, True, 11, tips,
        {"monolayer": "mmol g-1"},
    )  # fmt: skip
    return Picture(
        Axis("relative pressure p/p₀"),
        Axis("n (1 − x)", "mmol g⁻¹"),
        [
            Window(np.array([window[0]]), np.array([window[1]])),
            Lines([*every], [*(every_uptake * (1 - every))], _rows(names, looks), is_data=False),
            Marks(x, free, rows, None, True, 5, [*_TIPS, ("n(1 − x)", "@y{0.0000} mmol g⁻¹")], _UNITS),
            mark,
        ],
        xlim=(0.0, reach),
        ylim=_from_nought(np.append(free[x <= reach], (monolayer * (1 - at))[known & (at <= reach)])),
        legend=[Entry("monolayer nₘ", theme.INK, shape=_MONOLAYER)],
        title="Rouquerol: has to rise inside the band",
        height=260,
    )


def dubinin_plot(adsorbed: xr.Dataset, found: xr.Dataset, looks: Looks, window: tuple[float, float]) -> Picture:
    """Volume filled, on a logarithmic scale, over log²(p₀/p), with the fits; W₀ stands where p is p₀.

    Parameters
    ----------
    adsorbed
        As for :func:`isotherm`.
    found
        As given by :func:`~pchp_widgets.analysis.sorption.dubinin`, of the same samples.
    looks
        By name of the sample.
    window
        Range of the fit, of log²(p₀/p).
    """
    names = _names(adsorbed)
    x, n, rows = _points(adsorbed, looks)
    owner = _owners(adsorbed)
    own, volume = _rows(names, looks), found["volume"].values
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = log_squared(x)
        filled = np.where(n > 0, n * _volume_of_a_mmol(adsorbed, found)[owner], np.nan)
        of_root = GAS_CONSTANT * np.log(10) * adsorbed["bath_temperature"].values[:, None]  # A over log(p0/p)
        right = max(window[1] * 1.05, 1e-3)
        along = np.linspace(0, right, _CURVE)
        power = found["exponent"].values[:, None]
        steep = (np.sqrt(along) * of_root / found["energy"].values[:, None]) ** power
        curves = volume[:, None] * np.exp(-steep)
    known = np.isfinite(volume)
    said = {name: column[known] for name, column in own.items()}
    said |= {"low": found["volume_low"].values[known], "high": found["volume_high"].values[known]}
    tips = [("sample", "@sample"), ("W₀", "@y{0.0000} cm³ g⁻¹, @low{0.0000} to @high{0.0000}")]
    there = np.isfinite(squared) & np.isfinite(filled) & (filled > 0)
    heights = np.concatenate([filled[there], volume[known]])
    low, high = (float(np.min(heights)), float(np.max(heights))) if len(heights) else (0.01, 1.0)
    return Picture(
        Axis("log²(p₀/p)"),
        Axis("volume filled W", "cm³ g⁻¹", log=True),
        [
            Window(np.array([window[0]]), np.array([window[1]]), MICROPORES),
            Lines([along] * len(names), [*curves], own, "dashed", is_data=False),
            Marks(
                squared[there], filled[there], {name: column[there] for name, column in rows.items()}, None, True, 5,
                [*_TIPS, ("W", "@y{0.0000} cm³ g⁻¹")], _UNITS,
            ),
            Marks(np.zeros(int(known.sum())), volume[known], said, _VOLUME, True, 9, tips, _LIMITS),
        ],
        xlim=(-0.02 * right, max(1.02 * float(np.max(squared[there], initial=0.0)), 1.02 * right)),
        ylim=(low / 1.3, high * 1.3),
        legend=[Entry("W₀, of the fit", theme.INK, shape=_VOLUME)],
        title="Dubinin: drag the band" if known.any() else "Dubinin: no density, or too few points",
        height=260,
    )  # fmt: skip


def log_squared(relative: npt.ArrayLike) -> FloatArray:
    """log²(p₀/p) of relative pressures; NaN outside of 0 to 1."""
    x = np.asarray(relative, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = np.log10(np.where((x > 0) & (x <= 1), x, np.nan)) ** 2
    return found


def relative_of(squared: float) -> float:
    """The relative pressure with this log²(p₀/p)."""
    return float(10.0 ** -np.sqrt(max(squared, 0.0)))


def _volume_of_a_mmol(adsorbed: xr.Dataset, found: xr.Dataset) -> FloatArray:
    """Volume [cm3] of a mmol adsorbed, of each sample."""
    mass = np.array([gas.molar_mass if gas else np.nan for gas in gases(adsorbed)])
    volume: FloatArray = mass / 1e3 / found["density"].values
    return volume


def _names(data: xr.Dataset) -> list[str]:
    return [str(name) for name in data["sample"].values]


def _owners(data: xr.Dataset) -> npt.NDArray[np.intp]:
    """Which sample each point of :func:`_points` belongs to."""
    found: npt.NDArray[np.intp] = np.nonzero(_known(data))[0]
    return found


def _known(data: xr.Dataset) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.isfinite(data["relative_pressure"].values) & np.isfinite(data["uptake"].values)
    return found


def _rows(names: Sequence[str], looks: Looks) -> Rows:
    """What every line says of its sample."""
    columns: Mapping[str, list[str]] = {
        "sample": list(names),
        "material": [looks[name].coating for name in names],
        "color": [looks[name].color for name in names],
        "marker": [looks[name].marker for name in names],
    }
    return {name: np.array(column, object) for name, column in columns.items()}


def _points(data: xr.Dataset, looks: Looks) -> tuple[FloatArray, FloatArray, Rows]:
    """Relative pressures and uptakes of all samples, and what each point says of itself."""
    known, owner = _known(data), _owners(data)
    rows = {name: column[owner] for name, column in _rows(_names(data), looks).items()}
    x, n, p = (data[name].values[known] for name in ("relative_pressure", "uptake", "pressure"))
    return x, n, rows | {"relative_pressure": x, "pressure": p, "uptake": n}


def _model(
    adsorbed: xr.Dataset, names: Sequence[str], looks: Looks, model: xr.Dataset | None
) -> tuple[Lines, list[Entry]]:
    """Curves of a fitted model over the relative pressures of each sample."""
    if model is None or not adsorbed.sizes["point"]:
        return Lines([], [], _rows([], looks), "dashed", is_data=False), []
    p, x = adsorbed["pressure"].values, adsorbed["relative_pressure"].values
    share = np.linspace(0, 1, _CURVE)
    with np.errstate(invalid="ignore"):
        top, highest = (np.nanmax(np.where(np.isfinite(values), values, 0.0), -1) for values in (p, x))
    word = {"langmuir": "Langmuir", "dual_mode": "dual mode"}[str(model.attrs["model"])]
    curves = modelled(model, share * top[:, None])
    return Lines([*(share * highest[:, None])], [*curves], _rows(names, looks), "dashed", is_data=False), [
        Entry(word, theme.INK, "dashed")
    ]


def _shared_top(heights: Sequence[FloatArray]) -> tuple[float, list[int]]:
    """Top of the range of curves, and which of them are so much taller than the others that they would flatten them."""
    tops = np.array([np.nanmax(one) if np.isfinite(one).any() else 0.0 for one in heights])
    usual = _TALLER * float(np.median(tops[tops > 0])) if (tops > 0).any() else np.inf
    return 1.06 * float(tops[tops <= usual].max(initial=0.0)) or 1.0, np.flatnonzero(tops > usual).tolist()


def _from_nought(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = (min(float(known.min()), 0.0), float(known.max())) if known.size else (0.0, 1.0)
    return (1.05 * low if low < 0 else 0.0), (1.06 * high if high > 0 else 1.0)
