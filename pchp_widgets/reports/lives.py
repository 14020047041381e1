"""How long the cells lived: the table of lives every report has, survival curves, and Weibull life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, inf, isnan, log10, nan

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import FAILED, UNDECIDED
from ..analysis.survival import Quantity, kaplan_meier, lives, weibull
from ..model.stated import order_in_study
from ..plots import survival as plots
from ..plots.picture import Entry
from ..plots.theme import looks
from .display import Figure
from .ratios import families
from .tables import Column, Table, readable

FloatArray = npt.NDArray[np.float64]

_SIGNS = (
    "> stands for a cell that had not failed at its last cycle: its life is censored there, and longer than that. "
    "? stands for an end of which the data do not say whether it was a failure."
)
_OUTCOMES = {FAILED: "failed", UNDECIDED: "undecided"}
_SURVIVAL_NOTE = (
    "Median life by Kaplan and Meier, with the limits of Brookmeyer and Crowley; Weibull shape and scale by maximum "
    "likelihood, with profile-likelihood limits whose level is simulated for this number of cells and failures. Fewer "
    "than five cells cannot bound a median at 90 %, and fewer than two failures have no Weibull life."
)
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_AT_RISK_COLUMNS = 6


def life_table(life: xr.Dataset) -> Table:
    """When each cell failed by each criterion, or how long it had not when the test ended.

    Parameters
    ----------
    life
        (cell, criterion), as given by :func:`~pchp_widgets.analysis.symmetric.life`. The csv has a row per cell and
        criterion: ``cell``, ``criterion``, ``cycle``, ``time_h``, ``censored`` (whether the life is only a lower
        bound), ``outcome`` (failed, censored or undecided) and ``definition``.
    """
    life = life.transpose("cell", "criterion")
    cells, criteria = ([str(name) for name in life[of].values] for of in ("cell", "criterion"))
    definitions = dict(zip(criteria, map(str, life["definition"].values), strict=True))
    outcome = [_OUTCOMES.get(int(one), "censored") for one in life["observed"].values.ravel()]
    cycle = [_number(float(one)) for one in life["cycle"].values.ravel()]
    hours = (life["time"].values / 3600).ravel().tolist()
    texts = [_end_in_words(*end) for end in zip(outcome, cycle, hours, strict=True)]
    count = len(criteria)
    return Table(
        "life",
        "When the cells failed, by every criterion: cycle and time at which it first held.",
        [
            Column("cell", [cell for cell in cells for _ in criteria]),
            Column("criterion", criteria * len(cells)),
            Column("cycle", cycle),
            Column("time_h", hours),
            Column("censored", [one != "failed" for one in outcome]),
            Column("outcome", outcome),
            Column("definition", [definitions[criterion] for criterion in criteria] * len(cells)),
        ],
        definitions=[(_spoken(criterion), text) for criterion, text in definitions.items()],
        notes=[_SIGNS],
        view=[Column("cell", cells), *(Column(of, texts[place::count]) for place, of in enumerate(criteria))],
    )


def survival_figure(life: xr.Dataset, criterion: str, *, of: Quantity = "cycle", confidence: float = 0.9) -> Figure:
    """Survival curves of the coatings of each family, by one criterion.

    Parameters
    ----------
    life
        As for :func:`life_table`, with the coordinate ``coating``.
    criterion
        Which life.
    of
        ``"cycle"`` or ``"time"``.
    confidence
        Level of the bands.
    """
    parts = [(family, one.sel(criterion=criterion)) for family, one in _each(life)]
    curves = [(family, kaplan_meier(one, of=of, confidence=confidence)) for family, one in parts]
    curves = [(family, curve) for family, curve in curves if bool(curve["n"].sum())]
    names = {str(name): str(name) for _, curve in curves for name in curve["group"].values}
    colors = {name: look.color for name, look in looks(names, order_in_study(life)).items()}
    pictures = tuple(replace(plots.survival(curve, colors), title=family) for family, curve in curves)
    if len(pictures) > 1:  # small ones: a legend of the same size for each, and without what the caption says
        pictures = tuple(
            replace(picture, legend=[Entry(str(name), colors[str(name)]) for name in curve["group"].values])
            for picture, (_, curve) in zip(pictures, curves, strict=True)
        )
    definition = str(life["definition"].sel(criterion=criterion).item())
    return Figure(
        pictures,
        f"Cells alive by the criterion {_spoken(criterion)} ({definition}), by Kaplan and Meier, with the "
        f"{100 * confidence:g} % band: exact where all cells are alive, log-log elsewhere. A cross where a "
        "cell failed, an open triangle where cells were last seen alive.",
    )


def at_risk_table(life: xr.Dataset, criterion: str, *, of: Quantity = "cycle") -> Table:
    """Cells alive and under test at a few round cycles or hours: the numbers below the survival curves."""
    scale, units = (3600.0, "h") if of == "time" else (1.0, "")
    each = [(family, name, one) for family, part in _each(life) for name, one in _each_group(part, criterion, of)]
    longest = max((float(values.max(initial=0.0)) / scale for _, _, values in each), default=0.0)
    places = _round_places(longest)
    return Table(
        "at_risk",
        f"Number at risk: cells that had neither failed nor been censored before this {'time' if units else 'cycle'}.",
        [
            Column("family", [family for family, _, _ in each]),
            Column("coating", [name for _, name, _ in each]),
            *(
                Column(f"{place:g}", [int((values >= place * scale).sum()) for _, _, values in each], units)
                for place in places
            ),
        ],
    )


def survival_table(life: xr.Dataset, *, of: Quantity = "cycle", confidence: float = 0.9) -> Table:
    """Median and Weibull life of every group by every criterion."""
    rows = []
    for family, part in _each(life):
        for criterion in life["criterion"].values:
            one = part.sel(criterion=criterion)
            found = kaplan_meier(one, of=of, confidence=confidence)
            both = found.merge(weibull(one, of=of, confidence=confidence)[[*_WEIBULL, "why"]])
            rows += [
                (family, str(criterion), both.sel(group=name)) for name in both["group"].values[both["n"].values > 0]
            ]
    scale, units = (3600.0, "h") if of == "time" else (1.0, "")
    labels = [
        Column("family", [family for family, _, _ in rows]),
        Column("coating", [str(one["group"].item()) for _, _, one in rows]),
        Column("criterion", [criterion for _, criterion, _ in rows]),
    ]
    numbers = [one for _, _, one in rows]
    counts = [Column(name, [int(one[name]) for one in numbers]) for name in ("n", "failures", "undecided")]
    lasting = {name: [float(one[name]) / scale for one in numbers] for name in _LASTING}
    plain = {name: [float(one[name]) for one in numbers] for name in ("shape", "shape_low", "shape_high")}
    spoken = Column("criterion", [_spoken(criterion) for _, criterion, _ in rows])
    several = [column for column in (*labels[:2], spoken) if column.name != "family" or len(set(column.values)) > 1]
    return Table(
        "survival",
        f"Life of each group by every criterion, with {100 * confidence:g} % limits.",
        [
            *labels,
            *counts,
            *(Column(name, lasting[name], units) for name in _LASTING[:3]),
            *(Column(name, values) for name, values in plain.items()),
            *(Column(name, lasting[name], units) for name in _LASTING[3:]),
            Column("why", [str(one["why"].item()) for one in numbers]),
        ],
        notes=[_SURVIVAL_NOTE],
        view=[
            *several,
            Column("failed", [f"{int(one['failures'])} of {int(one['n'])}" for one in numbers]),
            Column("median", _with_limits(*(lasting[name] for name in _LASTING[:3]), digits=0), units),
            Column("Weibull_shape", _with_limits(*plain.values(), digits=1)),
            Column("Weibull_scale", _with_limits(*(lasting[name] for name in _LASTING[3:]), digits=0), units),
        ],
    )


_WEIBULL = ("shape", "shape_low", "shape_high", "scale", "scale_low", "scale_high")
_LASTING = ("median", "median_low", "median_high", "scale", "scale_low", "scale_high")


def _each(life: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    """The lives of each family."""
    for family, cells in families(life).items():
        yield family, life.sel(cell=cells)


def _each_group(life: xr.Dataset, criterion: str, of: Quantity) -> Iterator[tuple[str, FloatArray]]:
    for name, group in lives(life.sel(criterion=criterion), of=of).items():
        if len(group.value):
            yield name, group.value


def _with_limits(middle: Sequence[float], low: Sequence[float], high: Sequence[float], *, digits: int) -> list[str]:
    """Estimates with their limits in words; what is not reached or not bounded is said."""
    texts = []
    for estimate, least, most in zip(middle, low, high, strict=True):
        if isnan(estimate):
            texts.append("")
            continue
        said = "not reached" if estimate == inf else readable(estimate, digits)
        if least > 0 and most < inf:
            said += f" ({readable(least, digits)} to {readable(most, digits)})"
        elif least > 0:
            said += f" (at least {readable(least, digits)})"
        elif most < inf:
            said += f" (at most {readable(most, digits)})"
        texts.append(said)
    return texts


def _round_places(longest: float) -> list[float]:
    """A few round numbers from 0 on."""
    if not longest > 0:
        return [0.0]
    rough = longest / (_AT_RISK_COLUMNS - 1)
    power = 10.0 ** ceil(log10(rough) - 1)
    width = next(step for step in _ROUND if step * power >= rough * (1 - 1e-9)) * power
    return np.arange(0.0, longest * (1 + 1e-9), width).tolist()


def _number(value: float) -> int | float:
    """A whole cycle as a whole number."""
    return nan if isnan(value) else int(value) if value == int(value) else value


def _spoken(criterion: str) -> str:
    return criterion.replace("_", " ")


def _end_in_words(outcome: str, cycle: float, hours: float) -> str:
    if isnan(cycle):
        return "not known"
    sign = {"failed": "", "undecided": "? "}.get(outcome, "> ")
    return f"{sign}{readable(cycle)} ({readable(hours, 0)} h)"
