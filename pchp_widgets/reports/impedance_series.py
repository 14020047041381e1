"""The report of impedance spectra over the cycles; the numbers come from :mod:`pchp_widgets.analysis.impedance`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import impedance as analysis
from ..analysis.circuits import circuit as parsed
from ..analysis.relaxation import peaks, relaxation_times
from ..analysis.validity import lin_kk
from ..panels.spectra_cells import SpectraCells
from ..panels.with_spectra import without
from ..plots.impedance_values import PREFIXES, ROLES, roles
from ..plots.impedance_view import Place, mask
from .display import Text
from .impedance_circuit import best, reason
from .source import Source, left_out, need_spectra
from .tables import Column, Table, readable

FloatArray = npt.NDArray[np.float64]

KINDS = ("symmetric", "full", "half", "li_cu", "")
"""Kinds of cells whose spectra are shown unless cells are named; a spectrum says something of any."""

_PERCENT = 100.0
_STABLE, _SHARE = 0.5, 0.05
_VERDICTS = {1: "passes", 0: "fails", -1: "undecided"}


@dataclass(frozen=True)
class ImpedanceSeries:
    """What the report is made of.

    Attributes
    ----------
    source
        The cells whose spectra are used.
    others
        Which others are not among them and why, in one sentence; empty when all are.
    cells
        Their spectra.
    spectra, keep, tested
        (cell, spectrum): the spectra, which points are fitted, and the Kramers-Kronig test.
    choice
        How the circuit was chosen; None where it was given.
    unsuited
        Why the circuit is fitted though it does not suit all spectra; empty where it does, or was given.
    found
        The fits.
    resistances
        By what they mean, with the number of each spectrum as ``cycle``.
    """

    source: Source
    others: str
    cells: SpectraCells
    spectra: xr.Dataset
    keep: xr.DataArray
    tested: xr.Dataset
    choice: xr.Dataset | None
    unsuited: str
    found: xr.Dataset
    resistances: xr.Dataset

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """Cycle of every spectrum (cell, spectrum), or its number; -1 where there is none."""
        return self.cells.numbers(self.spectra)

    @property
    def listed(self) -> str:
        """Heading of a column that lists them."""
        return "cycles" if self.cells.counted == "cycle" else "numbers"

    def rows(self) -> list[tuple[int, int, str, int]]:
        """Place, name of the cell and number of every spectrum, cell by cell."""
        names = self.spectra["cell"].values.astype(str)
        places = zip(*np.nonzero(self.numbers >= 0), strict=True)
        return [(int(row), int(at), str(names[row]), int(self.numbers[row, at])) for row, at in places]


def impedance_series(
    opened: Source,
    *,
    circuit: str = "",
    weights: str = "modulus",
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, Sequence[float]] | None = None,
    omitted: Sequence[Sequence[Any]] = (),
    window: Sequence[float] = (),
) -> ImpedanceSeries:
    """Fits of all spectra of some cells.

    Parameters
    ----------
    opened
        The cells; those without spectra are left out.
    circuit
        The one fitted; when empty the data choose it by BIC, one for all spectra. Where none suits four spectra in
        five, as of cells that have little in common, it is the one that suits most of them, which is said.
    weights, fixed, bounds, window
        As :class:`~pchp_widgets.panels.impedance.ImpedancePanel` has them.
    omitted
        Points that are not fitted, as ``left_out`` there.

    Raises
    ------
    NotInStudyError
        When no cell has spectra.
    ValueError
        When a point is not written as (cell, spectrum, frequency), or the circuit cannot be read.
    """
    need_spectra(opened.cells)
    trees = {str(tree.name): tree for tree in opened.cells}
    cells = SpectraCells(trees)
    spectra = cells.spectra(cells.names)
    keep = mask(spectra, [_place(one) for one in omitted], _limits(window))
    tested = lin_kk(without(spectra, keep))
    held: dict[str, Any] = {"weights": weights, "keep": keep, "validity": tested}
    ends = {name: (float(low), float(high)) for name, (low, high) in (bounds or {}).items()}
    choice = None if circuit else analysis.choose(spectra, per="study", **held)
    text, unsuited = (circuit, "") if choice is None else best(choice)
    free = analysis.fit(spectra, text, **held)
    values = dict(fixed or {})
    found = analysis.fit(spectra, text, fixed=values, bounds=ends, start=free, **held) if values or ends else free
    known = analysis.resistances(found) if roles(parsed(text)) else found[["status", "reason"]]
    known = known.assign_coords(cycle=(("cell", "spectrum"), cells.numbers(spectra).astype(float)))
    said = left_out(cells.without, "no spectra") if cells.without else ""
    used = replace(opened, cells=[trees[name] for name in cells.names])
    return ImpedanceSeries(used, said, cells, spectra, keep, tested, choice, unsuited, found, known)


def cells_table(of: ImpedanceSeries) -> Table:
    """What was measured: one row per cell, and whether its spectra may be interpreted."""
    coords, numbers = of.spectra.coords, of.numbers
    passed = of.tested["passed"].transpose("cell", "spectrum").values
    known = np.isfinite(of.spectra["z_real"].transpose("cell", "spectrum", "frequency").values)
    frequency = of.spectra["frequency"].values
    there = numbers >= 0

    def stated(name: str) -> list[Any]:
        return coords[name].values.tolist() if name in coords else [""] * len(numbers)

    columns = [
        Column("cell", list(of.cells.names)),
        Column("coating", stated("coating")),
        Column("area", stated("area"), "cm2"),
        Column("spectra", there.sum(1).tolist()),
        Column(
            "cycles" if of.cells.counted == "cycle" else "numbers", [_listed(row[row >= 0].tolist()) for row in numbers]
        ),
        Column("points", [int(row.sum(1).max()) for row in known]),
        Column("highest", [float(frequency[row.any(0)].max()) for row in known], "Hz", digits=0),
        Column("lowest", [float(frequency[row.any(0)].min()) for row in known], "Hz"),
        *(
            Column(word, ((passed == value) & there).sum(1).tolist())
            for word, value in (("pass", 1), ("fail", 0), ("undecided", -1))
        ),
    ]
    return Table(
        "cells",
        "The cells, and how many of their spectra pass the Kramers-Kronig test.",
        columns,
        notes=["A spectrum that fails is fitted, and its numbers are left out of resistances and comparisons."],
    )


def validity_table(of: ImpedanceSeries) -> Table:
    """The Kramers-Kronig test of every spectrum."""
    rows, tested = of.rows(), of.tested

    def column(name: str, units: str = "", digits: int | None = None, scale: float = 1.0, said: str = "") -> Column:
        values = tested[name].transpose("cell", "spectrum").values
        return Column(said or name, [float(values[row, at]) * scale for row, at, _, _ in rows], units, digits=digits)

    passed, doubt = (tested[name].transpose("cell", "spectrum").values for name in ("passed", "reason"))
    columns = [
        *_where(of),
        column("elements", digits=0, said="M"),
        column("mu", digits=2),
        column("residual_rms", "%", 3, _PERCENT, "rms"),
        column("residual_max", "%", 2, _PERCENT, "largest"),
        column("noise", "%", 3, _PERCENT),
        Column("verdict", [_VERDICTS[int(passed[row, at])] for row, at, _, _ in rows]),
    ]
    said = [str(doubt[row, at]) for row, at, _, _ in rows]
    doubts = ["" if passed[row, at] == 1 else text for (row, at, _, _), text in zip(rows, said, strict=True)]
    return Table(
        "kramers_kronig",
        "Lin-KK test of every spectrum: M RC elements, their residuals, and the noise of the points.",
        [*columns, Column("reason", said)],
        view=[*columns, Column("reason", doubts)],
        definitions=[
            ("M, µ", str(tested["elements"].attrs.get("definition", "RC elements; µ limits how many"))),
            ("verdict", str(tested["passed"].attrs.get("definition", ""))),
        ],
    )


def circuit_table(of: ImpedanceSeries) -> Table | Text:
    """Candidates with their BIC, summed over all spectra; a sentence where the circuit was given."""
    if of.choice is None:
        return Text(f"The circuit {of.found.attrs['circuit']} was given.")
    texts = of.choice["circuit"].values.astype(str).tolist()
    there = of.numbers >= 0
    bic = np.where(there[..., None], of.choice["bic"].transpose("cell", "spectrum", "circuit").values, np.nan)
    determined, describes = (
        of.choice[name].transpose("cell", "spectrum", "circuit").values & there[..., None]
        for name in ("admissible", "describes")
    )
    total = np.nansum(bic, axis=(0, 1))
    chosen = str(of.found.attrs["circuit"])
    place = texts.index(chosen)
    return Table(
        "circuits",
        "Candidates: BIC of all spectra together, above that of the circuit chosen, and for how many it is determined.",
        [
            Column("circuit", texts),
            Column("parameters", [len(parsed(text).parameters) for text in texts]),
            Column("bic", total.tolist(), digits=0),
            Column("above_the_chosen", (total - total[place]).tolist(), digits=0),
            Column("determined", determined.sum((0, 1)).tolist()),
            Column("describes", describes.sum((0, 1)).tolist()),
            Column("of", [int(there.sum())] * len(texts)),
            Column("chosen", ["yes" if text == chosen else "" for text in texts]),
        ],
        definitions=[
            ("bic", str(of.found["bic"].attrs["definition"])),
            ("determined", str(of.choice["admissible"].attrs["definition"])),
            ("describes", str(of.choice["describes"].attrs["definition"])),
        ],
        notes=[of.unsuited or f"{reason(of.choice)}."],
    )


def parameters_table(of: ImpedanceSeries) -> Table:
    """Every parameter of every fit in the csv; on the page the fits by their residuals and flags."""
    rows, found = of.rows(), of.found
    value, error = (found[name].transpose("cell", "spectrum", "parameter").values for name in ("value", "value_stderr"))
    units = found["parameter_units"].values.tolist()
    parameters = [
        Column(
            str(name),
            [float(value[row, at, place]) for row, at, _, _ in rows],
            units[place],
            [float(error[row, at, place]) for row, at, _, _ in rows],
        )
        for place, name in enumerate(found["parameter"].values)
    ]
    chi, noise, remarks = (
        found[name].transpose("cell", "spectrum").values for name in ("reduced_chi_squared", "noise", "reason")
    )
    residual = [
        Column("residual", [float(np.sqrt(chi[row, at])) * _PERCENT for row, at, _, _ in rows], "%", digits=2)
    ] * (found.attrs["weights"] == "modulus")
    quality = [
        Column("reduced_chi_squared", [float(chi[row, at]) for row, at, _, _ in rows]),
        *residual,
        Column("noise", [float(noise[row, at]) * _PERCENT for row, at, _, _ in rows], "%", digits=2),
        Column("remarks", [str(remarks[row, at]) for row, at, _, _ in rows]),
    ]
    return Table(
        "parameters",
        f"Fits of {found.attrs['circuit']}; the csv has all parameters with their standard errors.",
        [*_where(of), *parameters, *quality],
        definitions=[(str(found.attrs["weights"]), str(found.attrs["weights_definition"]))],
        view=[*_where(of), *(column for column in parameters if column.name.startswith("R")), *quality[1:]],
    )


def resistances_table(of: ImpedanceSeries, per: str) -> Table | Text:
    """Resistances by what they mean; a sentence for a circuit without arcs."""
    if not resistance_names(of):
        return Text(f"{of.found.attrs['circuit']} has no arcs that mean something by themselves.")
    rows = of.rows()
    columns = []
    for name in [*PREFIXES.values()]:
        for role in resistance_names(of):
            own = f"{name}{role}"
            if own in of.resistances:
                columns.append(_resistance(of, own, rows))
    shown = [_resistance(of, variable(of, role, per), rows, role) for role in resistance_names(of)]
    roles_said = str(of.resistances.attrs["roles"])
    return Table(
        "resistances",
        "Resistances by what the arcs stand for, ± one standard error; empty where an arc is not resolved.",
        [*_where(of), *columns],
        definitions=[(ROLES[role], str(of.resistances[role].attrs["definition"])) for role in resistance_names(of)],
        notes=[f"Arcs in order of their time constants: {roles_said}. The csv has them per cell, area and interface."],
        view=[*_where(of), *shown],
    )


def relaxation_table(of: ImpedanceSeries) -> Table:
    """Peaks of the distributions of relaxation times of every spectrum."""
    found = peaks(relaxation_times(without(of.spectra, of.keep)))
    tau, resistance, share, stability = (
        found[name].transpose("cell", "spectrum", "peak").values
        for name in ("time_constant", "resistance", "share", "stability")
    )
    rows = [(*place, peak) for place in of.rows() for peak in np.flatnonzero(np.isfinite(tau[place[0], place[1]]))]
    last = {name: max(number for _, _, own, number in of.rows() if own == name) for name in of.cells.names}
    first = {name: min(number for _, _, own, number in of.rows() if own == name) for name in of.cells.names}
    shown = [
        (row, at, name, number, peak)
        for row, at, name, number, peak in rows
        if number in {first[name], last[name]}
        and stability[row, at, peak] >= _STABLE
        and share[row, at, peak] >= _SHARE
    ]

    def columns(chosen: Sequence[Any], *, page: bool = False) -> list[Column]:
        def of_peaks(values: FloatArray, scale: float = 1.0) -> list[float]:
            return [float(values[row, at, peak]) * scale for row, at, _, _, peak in chosen]

        return [
            Column("cell", [name for _, _, name, _, _ in chosen]),
            Column(of.cells.counted, [number for _, _, _, number, _ in chosen]),
            Column("time_constant", [f"{one:.2g}" for one in of_peaks(tau)] if page else of_peaks(tau), "s"),
            Column("top_at", [readable(1 / (2 * np.pi * one), 0 if one < 0.01 else 2) for one in of_peaks(tau)], "Hz"),
            Column("resistance", of_peaks(resistance), "ohm", digits=2),
            Column("share", of_peaks(share, _PERCENT), "%", digits=1),
            Column("stability", of_peaks(stability, _PERCENT), "%", digits=0),
        ]

    return Table(
        "relaxation_peaks",
        "Peaks of the distributions of relaxation times in the first and the last spectrum, those of at least 5 % that "
        "stay for half of the λ; the csv has all of all spectra.",
        columns(rows),
        definitions=[(name, str(found[name].attrs.get("definition", ""))) for name in ("share", "stability")],
        view=columns(shown, page=True),
    )


def resistance_names(of: ImpedanceSeries) -> list[str]:
    """Resistances by what they mean that the circuit has."""
    return [name for name in roles(parsed(str(of.found.attrs["circuit"]))) if name in of.resistances]


def variable(of: ImpedanceSeries, role: str, per: str) -> str:
    """The variable that gives a resistance for the cell, the area or an interface: what there is of it."""
    own = f"{PREFIXES[per]}{role}"
    return own if own in of.resistances else f"areal_{role}"


def _resistance(of: ImpedanceSeries, own: str, rows: Sequence[Any], said: str = "") -> Column:
    values, errors = (of.resistances[name].transpose("cell", "spectrum").values for name in (own, f"{own}_stderr"))
    return Column(
        said or own,
        [float(values[row, at]) for row, at, *_ in rows],
        str(of.resistances[own].attrs["units"]),
        [float(errors[row, at]) for row, at, *_ in rows],
    )


def _where(of: ImpedanceSeries) -> list[Column]:
    """Cell and cycle of every row."""
    rows = of.rows()
    return [
        Column("cell", [name for _, _, name, _ in rows]),
        Column(of.cells.counted, [number for _, _, _, number in rows]),
    ]


def _place(one: Sequence[Any]) -> Place:
    try:
        cell, number, frequency = one
        return Place(str(cell), int(number), float(frequency))
    except (TypeError, ValueError):
        raise ValueError(f"left_out: {one!r}; write [cell, spectrum, frequency in Hz] for every point") from None


def _limits(window: Sequence[float]) -> tuple[float, float] | None:
    if not window:
        return None
    if len(window) != 2 or not 0 <= window[0] < window[1]:
        raise ValueError(f"window: {list(window)}; write the lowest and the highest frequency in Hz, or nothing")
    return float(window[0]), float(window[1])


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) if len(numbers) <= 8 else f"{numbers[0]} to {numbers[-1]}"
