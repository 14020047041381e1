"""What "no melting" means: the heat of melting that would have been seen, as an upper limit on crystallinity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .crystallinity import PEO_ENTHALPIES, peg_fraction, why_unknown
from .noise import covariance, line_weights, noise_of
from .results import Result, results, window_of

FloatArray = npt.NDArray[np.float64]

WIDTHS = (0.6, 1.0, 1.6)
"""The band of the limit is over endotherms so many times as wide as stated."""

_POINTS = 400
_POSITIONS = 17
_ORDER = 2
_TO_SIGMA = 2.3548
_LIMITS = ("enthalpy_limit", "crystallinity_limit")
_ABOUT = {
    "enthalpy_limit": (
        "J g-1",
        "heat of an injected endotherm that is found at the stated level, wherever in the range it lies",
    ),
    "enthalpy_seen": ("J g-1", "heat of the endotherm that agrees best with the curve"),
    "seen_at": ("degC", "temperature of the peak of that endotherm"),
    "melting_p": ("1", "share of draws of the noise alone that look as much like an endotherm as the curve does"),
    "crystallinity_limit": ("1", "enthalpy_limit over PEG fraction and heat of fusion of the perfect crystal"),
}


def crystallinity_limit(
    curves: xr.Dataset,
    window: tuple[float, float],
    *,
    width: float = 8.0,
    reference_enthalpy: float = PEO_ENTHALPIES[0],
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> xr.Dataset:
    r"""Upper limit on the crystallinity of a sample that shows no melting.

    The curve in the range is a parabola and an endotherm of given width and unknown place; its heat :math:`h_p` at each
    of 17 places is a linear fit, its noise of first order is found in the residuals. The test statistic is
    :math:`\max_p h_p/\sigma_p`. Draws of the noise give its threshold (:math:`1-`\ `level` false alarms), and for each
    draw the least injected heat that passes it; the `level` quantile of these, at the worst place, is the limit.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    window
        Range [degC] in which the PEG would melt, free of other events.
    width
        Full width at half maximum of the endotherm looked for [K].
    reference_enthalpy
        Heat of fusion of the perfect crystal [J g-1].
    level
        Confidence.
    draws, seed
        Of the noise.

    Returns
    -------
    Dataset (sample)
        ``enthalpy_limit`` [J g-1] and ``crystallinity_limit`` [1], with ``_low`` and ``_high`` over endotherms 0.6 to
        1.6 times as wide; ``enthalpy_seen``, ``seen_at``, ``melting_p``. ``limit_outcome`` is ``"no melting"``,
        ``"melting"`` where the test finds an endotherm (there is no limit then), or why neither can be said.

    Raises
    ------
    ValueError
        When the range is empty or less than three times as long as the endotherm is wide, or `level` is no probability.
    """
    span = window[1] - window[0]
    if not width > 0 or span < 3 * width:
        raise ValueError(
            f"window of {span:g} K: an endotherm of {width:g} K needs {3 * width:g} K to be told from a drift"
        )
    if not 0.5 < level < 1:
        raise ValueError(f"level {level}: a probability between 0.5 and 1 is expected")
    pairs = zip(window_of(curves, "specific_heat_flow", window), curves["rate"].values / 60, strict=True)
    found = [_limit(x, q, float(rate), width, level, draws, seed) for (x, q), rate in pairs]
    for one, share in zip(found, peg_fraction(curves), strict=True):
        _normalise(one, float(share), reference_enthalpy)
    return _described(results(curves, found, _LIMITS, _ABOUT, "limit_outcome", window), level, width)


def _described(out: xr.Dataset, level: float, width: float) -> xr.Dataset:
    """Limits say of which level and width they are; they have no standard error."""
    out = out.drop_vars([f"{name}_stderr" for name in _LIMITS])
    for name in _LIMITS:
        out[name].attrs |= {"ancillary_variables": f"{name}_low {name}_high", "level": level, "width": width}
        for suffix, word in (("low", "lowest"), ("high", "highest")):
            out[f"{name}_{suffix}"].attrs["definition"] = f"{word} over endotherms of {_widths(width)} K"
    return out


def _normalise(one: Result, share: float, reference_enthalpy: float) -> None:
    """Turn the limit of a heat into that of the crystallinity, where nothing melts and the PEG fraction is known."""
    if one.outcome != "no melting":
        return
    if not share > 0:
        one.outcome = f"no melting; {why_unknown(np.array(share))}"
        return
    for suffix in ("", "_low", "_high"):
        heat = float(np.ravel(one.values[f"enthalpy_limit{suffix}"])[0])
        one.values[f"crystallinity_limit{suffix}"] = heat / (share * reference_enthalpy)


def _widths(width: float) -> str:
    return ", ".join(f"{share * width:g}" for share in WIDTHS)


def _limit(x: FloatArray, q: FloatArray, rate: float, width: float, level: float, draws: int, seed: int) -> Result:
    if len(x) < 50:
        return Result("no curve in the range")
    if not rate > 0:
        return Result("the run is no heating")
    x, q = _thinned(x, q)
    bands = [_tested(x, q, rate, share * width, level, draws, seed) for share in WIDTHS]
    limit, p, seen, at = bands[WIDTHS.index(1.0)]
    limits = [band[0] for band in bands]
    values: dict[str, float | tuple[float, ...]] = {
        "enthalpy_limit": limit,
        "enthalpy_limit_low": min(limits),
        "enthalpy_limit_high": max(limits),
        "enthalpy_seen": seen,
        "seen_at": at,
        "melting_p": p,
    }
    return Result("melting" if p < 1 - level else "no melting", values)


def _thinned(x: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means of neighbours: an endotherm is far wider than a point."""
    block = max(1, len(x) // _POINTS)
    whole = len(x) // block * block
    return x[:whole].reshape(-1, block).mean(1), q[:whole].reshape(-1, block).mean(1)


def _tested(
    x: FloatArray, q: FloatArray, rate: float, width: float, level: float, draws: int, seed: int
) -> tuple[float, float, float, float]:
    """Limit of the heat, p value, heat seen and where."""
    sigma = width / _TO_SIGMA
    places = np.linspace(x[0] + width, x[-1] - width, _POSITIONS)
    # one J g-1 over time is one over rate along temperature
    shapes = rate / (sigma * np.sqrt(2 * np.pi)) * np.exp(-0.5 * ((x - places[:, None]) / sigma) ** 2)
    u = (x - x.mean()) / np.ptp(x)
    powers, fit = np.vander(u, _ORDER + 1, increasing=True), line_weights(u, _ORDER)
    free = shapes - (shapes @ powers) @ fit  # what of the endotherms no parabola can be
    heats = free / np.sum(free * free, axis=1)[:, None]
    flat = q - powers @ (fit @ q)
    seen = heats @ flat
    best = int(np.argmax(seen / np.linalg.norm(heats, axis=1)))
    noise = noise_of([flat - max(seen[best], 0.0) * free[best]], _ORDER + 2)
    spread = covariance(heats, noise)
    error = np.sqrt(np.maximum(np.diag(spread), 0))
    if not np.all(error > 0):
        return 0.0, 1.0 if seen[best] <= 0 else 0.0, float(seen[best]), float(places[best])
    # the heats of a draw of the noise are normal with this covariance: no curve has to be drawn for them
    size, vectors = np.linalg.eigh(spread / np.outer(error, error))
    drawn = np.random.default_rng(seed).standard_normal((draws, len(places))) @ (vectors * np.sqrt(size.clip(0))).T
    statistic = drawn.max(axis=1)
    threshold = float(np.quantile(statistic, level))
    observed = float((seen / error).max())
    response = (heats @ shapes[::2].T) / error[:, None]  # (place tested, place injected)
    with np.errstate(divide="ignore"):
        needed = np.where(response > 0, (threshold - drawn[:, :, None]) / np.maximum(response, 1e-300), np.inf)
    limit = float(np.quantile(np.maximum(needed.min(axis=1), 0), level, axis=0).max())
    p = float((np.count_nonzero(statistic >= observed) + 1) / (draws + 1))
    return limit, p, float(seen[best]), float(places[best])
