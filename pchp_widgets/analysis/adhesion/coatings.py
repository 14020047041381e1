"""Strips of one material together, and materials compared: ratios with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from .doubts import unfit
from .plateau import STATISTICS

FloatArray = npt.NDArray[np.float64]

CONFIDENCE = 0.95
_REPLICATES = 4999
_MODES = {"adhesive", "cohesive", "mixed"}


def by_material(found: xr.Dataset, statistic: str = "strength") -> xr.Dataset:
    """Mean over the strips of each material, with Student's interval: what varies between strips, not within them.

    Parameters
    ----------
    found
        As given by :func:`~.plateau.peel_strength` (sample, test). Samples of one material are pooled; one of no
        material is its own.
    statistic
        One of :data:`~.plateau.STATISTICS`, or ``energy``.

    Returns
    -------
    Dataset
        (material): ``mean``, ``mean_stderr``, ``sd``, ``low``, ``high`` (95 %) [N m-1], ``count`` of strips,
        ``failure_mode`` (``""`` where it is not known for all of them, ``"mixed"`` where it differs). The mean of a
        single strip has no interval: NaN.

    Raises
    ------
    ValueError
        When there is no such statistic.
    """
    from scipy import special

    values = _grouped(found, statistic)
    count = np.array([len(own) for own in values.values()], float)
    mean, sd = _moments(values)
    stderr = sd / np.sqrt(np.maximum(count, 1))
    reach = np.where(count > 1, special.stdtrit(np.maximum(count - 1, 1), (1 + CONFIDENCE) / 2), np.nan) * stderr
    units, text = found[statistic].attrs["units"], found[statistic].attrs["definition"]

    def column(of: FloatArray, definition: str, own: str = units) -> tuple[str, FloatArray, dict[str, str]]:
        return "material", of, {"units": own, "definition": definition}

    return xr.Dataset(
        {
            "mean": column(mean, f"mean over strips of the {text}"),
            "mean_stderr": column(stderr, "standard deviation over the root of the number of strips"),
            "sd": column(sd, "standard deviation between strips"),
            "low": column(mean - reach, "95 % interval of the mean by Student's t over strips"),
            "high": column(mean + reach, "95 % interval of the mean by Student's t over strips"),
            "count": column(count, "strips with a number", "1"),
            "failure_mode": ("material", _failures(found, list(values)), {"definition": "how the bond failed"}),
        },
        {"material": list(values)},
        {"statistic": statistic, **found.attrs},
    )


def ratios(found: xr.Dataset, reference: str = "", statistic: str = "strength") -> xr.Dataset:
    """How many times larger the mean of each material is than that of the reference, with two intervals.

    Parameters
    ----------
    found
        As given by :func:`~.plateau.peel_strength`.
    reference
        A material; the first when empty.
    statistic
        As for :func:`by_material`.

    Returns
    -------
    Dataset
        (material) without the reference: ``ratio``; ``fieller_low``, ``fieller_high``: Fieller's interval (J. R. Stat.
        Soc. B 16 (1954) 175) for unequal variances, with Welch's degrees of freedom at the ratio found;
        ``bootstrap_low``, ``bootstrap_high``: expanded percentile interval over resampled strips; ``differs``: 1 where
        Fieller's interval leaves out 1, 0 where it does not, -1 undecided, as it is without an interval or without a
        failure mode that makes the two comparable; ``doubt``: why.

    Raises
    ------
    ValueError
        When there is no such material or statistic.
    """
    values = _grouped(found, statistic)
    reference = reference or next(iter(values), "")
    if values and reference not in values:
        raise ValueError(f"reference {reference!r}: choose one of {', '.join(values)}")
    others = [name for name in values if name != reference]
    below = values.get(reference, np.zeros(0))
    modes = dict(zip(values, _failures(found, list(values)), strict=True))
    rows, doubts, differs = [], [], []
    for name in others:
        ratio = float(values[name].mean() / below.mean()) if len(values[name]) and len(below) else np.nan
        low, high = fieller(values[name], below)
        rows.append((ratio, low, high, *_resampled(values[name], below)))
        doubt = unfit(modes, (name, reference)) or _no_interval(len(values[name]), len(below), low)
        doubts.append(doubt)
        differs.append(-1 if doubt else int(low > 1 or high < 1))
    table = np.array(rows, float).reshape(-1, 5)
    said = (
        ("ratio", "ratio of the means over strips"),
        ("fieller_low", "95 % interval after Fieller, with Welch's degrees of freedom"),
        ("fieller_high", "95 % interval after Fieller, with Welch's degrees of freedom"),
        ("bootstrap_low", "95 % interval over resampled strips, expanded percentile"),
        ("bootstrap_high", "95 % interval over resampled strips, expanded percentile"),
    )
    columns = {
        name: ("material", table[:, at], {"units": "1", "definition": text}) for at, (name, text) in enumerate(said)
    }
    verdict = {"units": "1", "definition": "1: Fieller's interval leaves out 1; 0: it does not; -1: undecided"}
    return xr.Dataset(
        {**columns, "differs": ("material", np.array(differs, int), verdict), "doubt": ("material", _texts(doubts))},
        {"material": _texts(others)},
        {"reference": reference, "statistic": statistic, **found.attrs},
    )


def fieller(of: npt.ArrayLike, to: npt.ArrayLike, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval of the ratio of two means; NaN where there is none because the lower mean may be zero, or of few."""
    from scipy import special

    above, below = np.asarray(of, float), np.asarray(to, float)
    if min(len(above), len(below)) < 2:
        return np.nan, np.nan
    a, b = above.mean(), below.mean()
    va, vb = above.var(ddof=1) / len(above), below.var(ddof=1) / len(below)
    r = a / b
    spread = va + r**2 * vb
    if spread == 0:
        return float(r), float(r)
    freedom = spread**2 / (va**2 / (len(above) - 1) + r**4 * vb**2 / (len(below) - 1))
    t = special.stdtrit(freedom, (1 + confidence) / 2)
    g = t**2 * vb / b**2
    if g >= 1:
        return np.nan, np.nan
    reach = t / b * np.sqrt(spread - g * va)
    low, high = sorted(((r - reach) / (1 - g), (r + reach) / (1 - g)))
    return float(low), float(high)


def _resampled(above: FloatArray, below: FloatArray) -> tuple[float, float]:
    """Interval of the ratio over resampled strips, as far out as Student's t for the smaller group asks for."""
    from scipy import special

    least = min(len(above), len(below))
    if least < 3:  # two strips give three different means
        return np.nan, np.nan
    rng = np.random.default_rng(0)
    means = [own[rng.integers(len(own), size=(_REPLICATES, len(own)))].mean(1) for own in (above, below)]
    stretch = np.sqrt(least / (least - 1))
    tail = float(special.ndtr(special.stdtrit(least - 1, (1 - CONFIDENCE) / 2) * stretch))
    low, high = np.quantile(means[0] / means[1], [tail, 1 - tail])
    return float(low), float(high)


def materials(found: xr.Dataset) -> list[str]:
    """The material of each sample, or its name where nobody said."""
    names = [str(name) for name in found["sample"].values]
    if "material" not in found.coords:
        return names
    return [str(material) or name for material, name in zip(found["material"].values, names, strict=True)]


def _grouped(found: xr.Dataset, statistic: str) -> dict[str, FloatArray]:
    """Numbers that are known, by material."""
    if statistic not in {*STATISTICS, "energy"}:
        raise ValueError(f"statistic {statistic!r}: choose one of {', '.join(STATISTICS)}, energy")
    of = materials(found)
    whole = found[statistic].values
    grouped = {}
    for name in dict.fromkeys(of):
        own = whole[[at for at, one in enumerate(of) if one == name]].ravel()
        grouped[name] = own[np.isfinite(own)]
    return grouped


def _moments(values: dict[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    mean = np.array([own.mean() if len(own) else np.nan for own in values.values()], float)
    sd = np.array([own.std(ddof=1) if len(own) > 1 else np.nan for own in values.values()], float)
    return mean, sd


def _failures(found: xr.Dataset, names: Sequence[str]) -> list[str]:
    """How the strips of each material failed: unknown where it is of any, mixed where they differ."""
    of = materials(found)
    known = found["failure_mode"].values if "failure_mode" in found.coords else np.full(len(of), "")
    modes = {name: {str(mode) for mode, own in zip(known, of, strict=True) if own == name} for name in names}
    return ["" if not own <= _MODES else own.pop() if len(own) == 1 else "mixed" for own in modes.values()]


def _no_interval(above: int, below: int, low: float) -> str:
    if min(above, below) < 2:
        return "one strip says nothing of how strips differ: measure at least five of each"
    return "" if np.isfinite(low) else f"the strips scatter too much for an interval: measure more than {below}"


def _texts(values: Sequence[str]) -> npt.NDArray[np.str_]:
    return np.array(values, dtype=str)
