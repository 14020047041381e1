"""What Li||Cu cells show: coated copper against bare, what the tests can tell apart, and the findings in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..analysis import coulombic as analysis
from ..analysis.coulombic.design import Difference, difference, resolution
from ..analysis.replicates import spread
from .display import Text
from .ratios import REFERENCE, groups
from .tables import Column, Table, readable

_PERCENT, _MILLI = 100.0, 1e3
_RANKED = (
    "Difference of the means with its {level:g} % interval. Ranked: the interval leaves out 0. Efficiencies of "
    "different protocols are not compared: they do not measure the same."
)
_LEAST = (
    "At {level:g} % confidence. Cells for 0.05 points: of each kind, to see such a difference with a chance of 80 %, "
    "where the errors of the charges of every cell are independent and equal cells do not scatter: the least number."
)


class Compared(NamedTuple):
    """Cells of one coating against the reference, in one protocol."""

    protocol: str
    coating: str
    of: list[float]
    to: list[float]
    found: Difference


def compared(found: xr.Dataset, confidence: float = 0.95, reference: str = REFERENCE) -> list[Compared]:
    """Every coating against the reference, protocol by protocol."""
    return list(_pairs(found, confidence, reference))


def comparison(found: xr.Dataset, confidence: float = 0.95, reference: str = REFERENCE) -> list[Table | Text]:
    """Coatings against the reference and what the tests can resolve, or one sentence where nothing can be compared."""
    rows = compared(found, confidence, reference)
    if not rows:
        known = ", ".join(groups(found)) or "none stated"
        said = f"it takes {reference} copper and coated copper by the same protocol (coatings here: {known})"
        return [Text(f"Nothing to compare: {said}.")]
    spreads = [(spread(row.of), spread(row.to)) for row in rows]
    coating, protocol = (
        Column("coating", [row.coating for row in rows]),
        Column("protocol", [row.protocol for row in rows]),
    )
    means = [
        Column("coated", [of.mean for of, _ in spreads], "%", [of.sd for of, _ in spreads], 2),
        Column(reference, [to.mean for _, to in spreads], "%", [to.sd for _, to in spreads], 2),
    ]
    gap, low, high = (
        Column(name, [getattr(row.found, of) * _PERCENT for row in rows], "percentage points", digits=2)
        for name, of in (("difference", "value"), ("low", "low"), ("high", "high"))
    )
    ranked = Column("ranked", ["yes" if row.found.ranked else "no" for row in rows])
    bases = {row.found.rests_on: None for row in rows}
    table = Table(
        "comparison_efficiency",
        f"Coated copper against {reference}: mean ± standard deviation of the cells.",
        [
            coating,
            protocol,
            *means,
            *(
                Column(name, [row.found.n[at] for row in rows])
                for at, name in enumerate(("coated_n", f"{reference}_n"))
            ),
            gap,
            low,
            high,
            ranked,
            Column("interval_rests_on", [row.found.rests_on for row in rows]),
        ],
        notes=[
            _RANKED.format(level=confidence * _PERCENT),
            *(f"{_said_of(rows, basis)}: the interval rests on {basis}." for basis in bases),
            *_unlike(found),
        ],
        view=[
            coating,
            protocol,
            *means,
            Column("n", [f"{row.found.n[0]}, {row.found.n[1]}" for row in rows]),
            Column("difference", [f"{row.found.value * _PERCENT:+.2f}" for row in rows], "points"),
            Column("interval", [_interval(row) for row in rows], "points"),
            ranked,
        ],
    )
    return [table, resolution_table(found, confidence)]


def resolution_table(found: xr.Dataset, confidence: float = 0.95) -> Table:
    """What one cell of each kind, and several, can tell apart by the errors of the charges alone."""
    rows = []
    for protocol in analysis.DEFINITIONS:
        of = found.isel(cell=np.flatnonzero(found["procedure"].values == protocol))
        value = spread(of["coulombic_efficiency"].values)
        if value.n:
            stderr = float(of["coulombic_efficiency_stderr"].median())
            low, high = analysis.interval(0.0, stderr * np.sqrt(2), confidence)
            rows.append((protocol, stderr, (high - low) / 2, _needed(of, value.mean, confidence)))
    return Table(
        "resolution",
        "What can be told apart: efficiencies that differ by less cannot be ranked from one cell of each kind.",
        [
            Column("protocol", [row[0] for row in rows]),
            Column("stderr_of_one_cell", [row[1] * _PERCENT for row in rows], "%", digits=3),
            Column("smallest_difference", [row[2] * _PERCENT for row in rows], "percentage points", digits=2),
            Column("cells_for_0.05_points", [row[3] for row in rows]),
        ],
        notes=[_LEAST.format(level=confidence * _PERCENT)],
    )


def summary(cells: Sequence[xr.DataTree], found: xr.Dataset, dips: xr.Dataset, confidence: float = 0.95) -> Text:
    """The findings in sentences."""
    points = sum(tree["points"].sizes["point"] for tree in cells)
    kinds = found["procedure"].values.tolist()
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    who = f"Cell {cells[0].name}" if len(cells) == 1 else f"{len(cells)} cells"
    tested = f"{who}: {readable(points)} points; protocol: {counted}."
    return Text(
        tested,
        " ".join(_efficiencies(found)),
        " ".join(_flags(found)),
        " ".join(_nucleations(found, dips)),
        " ".join(_ranking(row, confidence) for row in compared(found, confidence)),
    )


def _pairs(found: xr.Dataset, confidence: float, reference: str) -> Iterator[Compared]:
    for protocol in analysis.DEFINITIONS:
        chosen = found.isel(cell=np.flatnonzero(found["procedure"].values == protocol))
        members = groups(chosen)
        base = members.pop(reference, [])
        for coating, names in members.items() if base else ():
            values, errors = (
                [chosen[name].sel(cell=of).values for of in (names, base)]
                for name in ("coulombic_efficiency", "coulombic_efficiency_stderr")
            )
            gap = difference(values[0], values[1], errors[0], errors[1], confidence)
            of, to = ((one * _PERCENT).tolist() for one in values)
            yield Compared(protocol, coating, of, to, gap)


def _needed(of: xr.Dataset, efficiency: float, confidence: float) -> object:
    """Cells of each kind that resolve 0.05 points, where the protocol says it."""
    if of["procedure"].values[0] != "modified":
        return None
    one = {name: float(of[name].median()) for name in ("cycled", "reservoir", "cycles_used")}
    made = resolution(
        cycles=one["cycles_used"],
        cycled=one["cycled"],
        reservoir=one["reservoir"],
        efficiency=min(efficiency, 1.0),
        difference=5e-4,
        charge_error=float(of.attrs["charge_error"]),
        confidence=confidence,
    )
    return int(made["replicates_needed"].item())


def _efficiencies(found: xr.Dataset) -> Iterator[str]:
    for protocol in dict.fromkeys(found["procedure"].values.tolist()):
        chosen = found.isel(cell=np.flatnonzero(found["procedure"].values == protocol))
        members = groups(chosen)
        known = {name for names in members.values() for name in names}
        members |= {str(name): [str(name)] for name in chosen["cell"].values if str(name) not in known}
        for label, names in members.items():
            of = spread(chosen["coulombic_efficiency"].sel(cell=names).values * _PERCENT)
            if not of.n:
                yield f"{label}, {protocol}: no efficiency."
            elif of.n == 1:
                error = float(chosen["coulombic_efficiency_stderr"].sel(cell=names).max()) * _PERCENT
                yield f"{label}, {protocol}: {of.mean:.2f} ± {error:.2f} % (one cell, standard error)."
            else:
                yield f"{label}, {protocol}: {of.mean:.2f} ± {of.sd:.2f} % (mean and sd of {of.n} cells)."


def _flags(found: xr.Dataset) -> Iterator[str]:
    for name, texts in analysis.remarks(found).items():
        if texts:
            yield f"{name}: {'; '.join(texts)}."


def _nucleations(found: xr.Dataset, dips: xr.Dataset) -> Iterator[str]:
    if 1 not in dips["cycle"].values:
        return
    value = dips["nucleation"].sel(cycle=1)
    for label, names in groups(found).items():
        of = spread(value.sel(cell=names).values * _MILLI)
        if of.n:
            scatter = f" ± {of.sd:.1f} mV (mean and sd of {of.n} cells)" if of.n > 1 else " mV"
            yield f"Nucleation overpotential of {label} in cycle 1: {of.mean:.1f}{scatter}."


def _unlike(found: xr.Dataset) -> Iterator[str]:
    """A warning where the cells of a protocol were not tested alike."""
    for protocol in analysis.DEFINITIONS:
        of = found.isel(cell=np.flatnonzero(found["procedure"].values == protocol))
        for what, values in {
            "their cut-off": of["cut_off"].values,
            "what they plate in a cycle": of["plated"].median("cycle").values,
        }.items():
            known = values[np.isfinite(values)]
            if len(known) and known.max() > 1.05 * known.min():
                yield f"The {protocol} tests are not alike: {what} differs by more than 5 %."


def _said_of(rows: Sequence[Compared], basis: str) -> str:
    """Which comparisons rest on something."""
    return ", ".join(f"{row.coating} {row.protocol}" for row in rows if row.found.rests_on == basis)


def _interval(row: Compared) -> str:
    return f"{row.found.low * _PERCENT:+.2f} to {row.found.high * _PERCENT:+.2f}".replace("inf", "∞")


def _ranking(row: Compared, confidence: float) -> str:
    verdict = "" if row.found.ranked else ": they cannot be ranked"
    return (
        f"{row.coating} against {REFERENCE}, {row.protocol}: {row.found.value * _PERCENT:+.2f} percentage points "
        f"({confidence * _PERCENT:g} %: {_interval(row)}, from {row.found.rests_on}){verdict}."
    )
