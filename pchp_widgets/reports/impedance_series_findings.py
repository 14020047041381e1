"""What impedance spectra show over the cycles: how resistances changed, and coated cells against bare ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ..analysis import impedance as analysis
from ..analysis.replicates import spread
from ..model.units import pretty
from ..plots.impedance_values import ROLES
from .display import Text
from .impedance_series import ImpedanceSeries, resistance_names, variable
from .ratios import REFERENCE, Compared, compared, groups
from .tables import Column, Table, readable

_PERCENT = 100.0
CLAIMED = "charge_transfer_resistance"
"""The resistance whose fall is claimed."""

_ENDS = (("ratio", ""), ("low", "_low"), ("high", "_high"))
_FEW = (
    "From the scatter of the cells alone (Student's t of the logarithms): two cells of a kind give a wide interval, "
    "one gives none."
)
_PAIRS = (
    "The ratio is the median over all pairs of a coated and a bare cell, the interval that of Mann and Whitney's test; "
    "its level is what the number of cells allows."
)


def changes(of: ImpedanceSeries, role: str, per: str, confidence: float = 0.95) -> xr.Dataset:
    """How a resistance changed from the first to the last spectrum; see :func:`~.analysis.impedance.change`."""
    return analysis.change(of.resistances, variable(of, role, per), confidence=confidence)


def change_tables(of: ImpedanceSeries, per: str, confidence: float = 0.95) -> list[Table | Text]:
    """What changed in each cell and over the replicates, or one sentence where no resistance has a meaning."""
    tables = [make(of, per, confidence) for make in (change_table, replicates_table)]
    nothing = Text(f"{of.found.attrs['circuit']} has no arcs whose resistances could be followed.")
    return [table for table in tables if table] or [nothing]


def change_table(of: ImpedanceSeries, per: str, confidence: float = 0.95) -> Table | None:
    """Every resistance at the first and the last cycle of every cell, and their ratio with its interval."""
    names = resistance_names(of)
    if not names:
        return None
    found = {name: changes(of, name, per, confidence) for name in names}
    keys = [(name, at) for name in names for at in range(of.spectra.sizes["cell"])]

    def column(said: str, name: str, units: str = "", digits: int | None = None, error: str = "") -> Column:
        errors = [float(found[role][error].values[at]) for role, at in keys] if error else None
        return Column(said, [float(found[role][name].values[at]) for role, at in keys], units, errors, digits)

    units = str(of.resistances[variable(of, names[0], per)].attrs["units"])
    which = [
        Column("resistance", [ROLES[name] for name, _ in keys]),
        Column("cell", [of.cells.names[at] for _, at in keys]),
    ]
    numbers = [column(f"{end}_{of.cells.counted}", f"{end}_cycle", digits=0) for end in ("first", "last")]
    ends = [column(end, end, units, error=f"{end}_stderr") for end in ("first", "last")]
    ratio, low, high = (column(said, f"ratio{end}", digits=3) for said, end in _ENDS)
    verdict = Column("verdict", [str(found[role]["verdict"].values[at]) for role, at in keys])
    between = Column(of.listed, [" to ".join(pair) for pair in zip(*(n.shown() for n in numbers), strict=True)])
    interval = Column("interval", [" to ".join(pair) for pair in zip(low.shown(), high.shown(), strict=True)])
    return Table(
        "changes",
        f"From the first to the last spectrum of each cell: ratio with its {_PERCENT * confidence:g} % interval.",
        [*which, *numbers, *ends, ratio, low, high, verdict],
        view=[*which, between, *ends, ratio, interval, verdict],
        definitions=[("verdict", str(found[names[0]]["verdict"].attrs["definition"]))],
        notes=["The interval is that of one cell, from the errors of its two fits."],
    )


def replicates_table(of: ImpedanceSeries, per: str, confidence: float = 0.95) -> Table | None:
    """The same ratio over the replicates of each coating."""
    names = resistance_names(of)
    if not names:
        return None
    found = {name: changes(of, name, per, confidence) for name in names}
    keys = [(name, at) for name in names for at in range(found[name].sizes["group"])]

    def column(said: str, name: str, digits: int = 3) -> Column:
        return Column(said, [float(found[role][name].values[at]) for role, at in keys], digits=digits)

    return Table(
        "replicates",
        f"The same ratio over replicates of a coating: geometric mean with its {_PERCENT * confidence:g} % interval.",
        [
            Column("resistance", [ROLES[name] for name, _ in keys]),
            Column("coating", [str(found[role]["group"].values[at]) or "unknown" for role, at in keys]),
            column("cells", "cells", 0),
            column("ratio", "group_ratio"),
            column("low", "group_ratio_low"),
            column("high", "group_ratio_high"),
            Column("verdict", [str(found[role]["group_verdict"].values[at]) for role, at in keys]),
        ],
        notes=[_FEW],
    )


def against_reference(of: ImpedanceSeries, per: str, confidence: float = 0.9) -> list[Compared]:
    """Every resistance of coated cells against the reference, in the first and the last cycle that all cells have."""
    made: list[Compared] = []
    numbers = of.numbers
    shared = [n for n in np.unique(numbers[numbers >= 0]) if (numbers == n).any(1).all()]
    for number in dict.fromkeys([shared[0], shared[-1]]) if shared else ():
        for role in resistance_names(of):
            own = variable(of, role, per)
            values = of.resistances[own].transpose("cell", "spectrum")
            picked = np.array([row[np.argmax(at)] for row, at in zip(values.values, numbers == number, strict=True)])
            one = xr.DataArray(
                picked, dims="cell", coords={k: v for k, v in values.coords.items() if v.dims == ("cell",)}
            )
            units = str(values.attrs["units"])
            where = f"{of.cells.counted} {number}"
            made += compared(one, ROLES[role], where, units, "ratio", confidence=confidence)
    return made


def reference_table(of: ImpedanceSeries, per: str, confidence: float = 0.9) -> Table | Text:
    """Coated against bare cells, or one sentence where nothing can be compared."""
    rows = against_reference(of, per, confidence)
    if not rows:
        known = ", ".join(groups(of.resistances)) or "none stated"
        return Text(f"Nothing to compare: it takes {REFERENCE} and coated cells (coatings here: {known}).")
    units = rows[0].units
    which = [
        Column("resistance", [row.quantity for row in rows]),
        Column("coating", [row.coating for row in rows]),
        Column(of.cells.counted, [int(row.where.rpartition(" ")[2]) for row in rows]),
    ]
    means = [
        Column("coated", [row.coated.mean for row in rows], units, [row.coated.sd for row in rows]),
        Column(REFERENCE, [row.reference.mean for row in rows], units, [row.reference.sd for row in rows]),
    ]
    counts = [
        Column("coated_n", [row.coated.n for row in rows]),
        Column(f"{REFERENCE}_n", [row.reference.n for row in rows]),
    ]
    ratio, low, high = (
        Column(name, [getattr(row.found, of_row) for row in rows], digits=3)
        for name, of_row in (("ratio", "low"), ("low", "interval_low"), ("high", "interval_high"))
    )
    level = Column("level", [row.found.confidence * _PERCENT for row in rows], "%", digits=0)
    pairs = zip(low.shown(), high.shown(), level.shown(), strict=True)
    interval = Column("interval", [f"{a} to {b} ({at} %)" if a else "" for a, b, at in pairs])
    return Table(
        "comparison_resistances",
        f"Coated against {REFERENCE} cells: mean ± standard deviation, and how many times larger.",
        [*which, *means, *counts, ratio, low, high, level],
        view=[
            *which,
            *means,
            Column("n", [f"{row.coated.n}, {row.reference.n}" for row in rows]),
            ratio,
            interval,
        ],
        notes=[_PAIRS],
    )


def summary(of: ImpedanceSeries, per: str, confidence: float = 0.95) -> Text:
    """The findings in sentences."""
    passed = of.tested["passed"].transpose("cell", "spectrum").values[of.numbers >= 0]
    counts = {word: int((passed == value).sum()) for word, value in (("pass", 1), ("fail", 0), ("are undecided", -1))}
    tests = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    who = f"Cell {of.cells.names[0]}" if len(of.cells.names) == 1 else f"{len(of.cells.names)} cells"
    how = "given" if of.choice is None else "which does not suit all" if of.unsuited else "chosen by BIC"
    return Text(
        f"{who}: {readable(len(passed))} spectra. Kramers-Kronig: {tests}. Circuit {of.found.attrs['circuit']}, {how}.",
        of.unsuited,
        *_values(of, per),
        " ".join(_fell(of, per, confidence)),
        " ".join(_against(of, per)),
        of.others,
    )


def _values(of: ImpedanceSeries, per: str) -> Iterator[str]:
    """Mean of every resistance of each coating in the first and the last cycle."""
    names = of.spectra["cell"].values.astype(str).tolist()
    members = groups(of.resistances)
    known = {name for own in members.values() for name in own}
    members |= {name: [name] for name in names if name not in known}
    for label, own in members.items():
        at = [names.index(name) for name in own]
        numbers, sentences = of.numbers[at], []
        for number in dict.fromkeys([numbers[numbers >= 0].min(), numbers.max()]):
            said = []
            for role in resistance_names(of):
                values = of.resistances[variable(of, role, per)]
                one = spread(values.transpose("cell", "spectrum").values[at][numbers == number])
                if one.n:
                    units = pretty(str(values.attrs["units"]))
                    text = f"{one.mean:.2f} ± {one.sd:.2f}" if one.n > 1 else f"{one.mean:.3g}"
                    said.append(f"{ROLES[role]} {text} {units}")
            if said:
                sentences.append(f"{of.cells.counted} {number}: {', '.join(said)}")
        if sentences:
            basis = f"mean ± sd of {len(own)} cells" if len(own) > 1 else "one cell"
            yield f"{label} ({basis}): {'; '.join(sentences)}."


def _fell(of: ImpedanceSeries, per: str, confidence: float) -> Iterator[str]:
    """Whether the charge-transfer resistance fell: over the replicates of each coating, and cell by cell."""
    if CLAIMED not in resistance_names(of):
        return
    found = changes(of, CLAIMED, per, confidence)
    coatings = np.array(_coatings(of))
    for place, group in enumerate(found["group"].values.astype(str)):
        ratio, low, high = (float(found[f"group_ratio{end}"].values[place]) for end in ("", "_low", "_high"))
        if not np.isfinite(ratio):
            continue
        own = found.isel(cell=np.flatnonzero(coatings == group))
        single = own["verdict"].values.astype(str).tolist()
        first, last = (float(np.nanmin(own[name])) for name in ("first_cycle", "last_cycle"))
        whose = f"{group} cells" if group else "cells of unknown coating"
        over = f"{of.cells.counted} {first:.0f} to {last:.0f}"
        said = f"Charge-transfer resistance of {whose} from {over}: times {ratio:.3g}"
        cells = f"by the errors of the fits it fell in {single.count('fell')} of {len(single)} cells"
        if np.isfinite(low):
            verdict = str(found["group_verdict"].values[place])
            so = "the change is not resolved" if verdict == "not resolved" else f"it {verdict}"
            count = int(found["cells"].values[place])
            level = f"{_PERCENT * confidence:g} % interval over {count} cells"
            yield f"{said} ({level}: {low:.3g} to {high:.3g}): {so}; {cells}."
        else:
            yield f"{said}; {cells}. Without replicates nothing is said of the coating."


def _coatings(of: ImpedanceSeries) -> list[str]:
    coords = of.spectra.coords
    return [str(name) for name in coords["coating"].values] if "coating" in coords else [""] * of.spectra.sizes["cell"]


def _against(of: ImpedanceSeries, per: str) -> Iterator[str]:
    for row in against_reference(of, per):
        if row.quantity == ROLES[CLAIMED] and np.isfinite(row.found.low):
            interval = (
                f" ({_PERCENT * row.found.confidence:.0f} % interval: {row.found.interval_low:.3g} to "
                f"{row.found.interval_high:.3g})"
                if np.isfinite(row.found.interval_low)
                else " (too few cells for an interval)"
            )
            yield f"{row.coating} against {REFERENCE}, {row.where}: {row.quantity} times {row.found.low:.3g}{interval}."
