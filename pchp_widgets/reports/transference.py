"""The report of polarized Li||Li cells; the numbers come from :mod:`pchp_widgets.analysis.transference`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from ..analysis import transference as analysis
from ..analysis.spectra_resistances import TWO_ARCS, of_cells
from ..analysis.transference import words
from ..model.spectra import has_spectra, merged_spectra
from ..panels.transference_readout import coating_alone
from ..plots import spectra_lines
from ..plots import transference as plots
from .cells import looks_of
from .display import Figure, Text
from .errors import NotInStudyError
from .source import Source, left_out
from .tables import Column, Table

KINDS = ("transport", "symmetric")
"""Kinds of cells that may have been polarized."""

_MORE = (
    "initial_current",
    "ohmic_current",
    "first_current",
    "extrapolated_current",
    "steady_current",
    "limiting_current",
    "bulk_resistance",
    "steady_bulk_resistance",
    "initial_resistance",
    "steady_resistance",
    "disagreement",
    "resistance_growth",
    "bulk_corrected_fraction",
)
_JUDGED = {1: "usable", 0: "not usable", -1: "undecided"}


@dataclass(frozen=True)
class Transference:
    """What the report is made of.

    Attributes
    ----------
    source
        The cells that were polarized and have spectra.
    others
        Why others are not among them, in one sentence; empty when all are.
    resistances, found, groups
        As the analysis gives them.
    """

    source: Source
    others: str
    resistances: xr.Dataset
    found: xr.Dataset
    groups: xr.Dataset


def transference(
    opened: Source,
    *,
    circuit: str = TWO_ARCS,
    counted: Sequence[str] = ("sei", "charge_transfer"),
    initial: analysis.Initial = "ohmic",
    voltage_error: float = words.VOLTAGE_ERROR,
    current_error: float = words.CURRENT_ERROR,
    resistance_error: float = words.RESISTANCE_ERROR,
    confidence: float = 0.95,
) -> Transference:
    """Current fractions of the cells that were polarized.

    Parameters
    ----------
    opened
        Cells of which some were polarized.
    circuit, counted, initial, voltage_error, current_error, resistance_error, confidence
        As :class:`~pchp_widgets.panels.transference.TransferencePanel` has them.

    Raises
    ------
    NotInStudyError
        When no cell was polarized and has spectra.
    ValueError
        When a choice is not known.
    """
    with_spectra = [tree for tree in opened.cells if has_spectra(tree) and "points" in tree.children]
    polarized = analysis.polarizations(with_spectra) if with_spectra else None
    there = [] if polarized is None else (polarized["point_start"].values >= 0).tolist()
    cells = [tree for tree, one in zip(with_spectra, there, strict=True) if one]
    if polarized is None or not cells:
        raise NotInStudyError(
            "cells: none of them has both spectra and a polarization (at most 100 mV, held for five minutes or longer)"
        )
    used = {str(tree.name) for tree in cells}
    others = [str(tree.name) for tree in opened.cells if str(tree.name) not in used]
    resistances = of_cells(cells, circuit)
    known = analysis.measured(
        polarized.isel(cell=np.flatnonzero(there)),
        resistances,
        counted=counted,
        voltage_error=voltage_error,
        current_error=current_error,
        resistance_error=resistance_error,
    )
    found = analysis.transference(known, initial=initial, confidence=confidence)
    said = left_out(others, "not polarized, or without spectra") if others else ""
    groups = analysis.by_coating(found, confidence=confidence)
    return Transference(replace(opened, cells=cells), said, resistances, found, groups)


def summary(of: Transference) -> Text:
    """The result in a few sentences."""
    found, groups = of.found, of.groups
    level = f"{float(found.attrs['confidence']):.0%}"
    said = []
    for at in range(groups.sizes["coating"]):
        one = groups.isel(coating=at)
        name, count = str(one["coating"].item()) or "coating unknown", int(one["cells"])
        if not count:
            said.append(f"{name}: no usable current fraction.")
            continue
        spread = f" (mean of {count} cells, sd {float(one['sd']):.3f})" if count > 1 else " (one cell)"
        ends = f"{float(one['mean_low']):.2f} to {float(one['mean_high']):.2f}"
        said.append(f"{name}: ρ₊ {float(one['mean']):.3f}{spread}, {level} interval {ends}.")
        said += [f"{text}." for text in coating_alone(one)]
    doubts = [f"{name}: {'; '.join(texts)}." for name, texts in analysis.remarks(found).items() if texts]
    choice = f"Counted as interface: {arcs_in_words(found)}. Initial current: {found.attrs['initial']}."
    return Text(
        f"Steady-state current fractions of {found.sizes['cell']} cells; t₊ only in a dilute, ideal electrolyte.",
        *said,
        choice,
        *doubts,
        of.others,
    )


def fractions_table(of: Transference) -> Table:
    """Current fraction of every cell, and what it was made from."""
    found = of.found
    said = analysis.remarks(found)
    names = [str(name) for name in found["cell"].values]
    coatings = found["coating"].values.tolist() if "coating" in found.coords else [""] * len(names)
    main = [
        Column("cell", names),
        Column("coating", coatings),
        _column(found, "current_fraction", digits=3),
        _column(found, "low", "", "current_fraction_low", 3),
        _column(found, "high", "", "current_fraction_high", 3),
        Column("judgement", [_JUDGED[int(one)] for one in found["usable"].values]),
        _column(found, "resistance_ratio", digits=2),
        _column(found, "amplification", digits=2),
        _column(found, "current_ratio", digits=3),
    ]
    units = {"current": "mA", "resistance": "ohm"}
    more = [_column(found, name, units.get(name.rpartition("_")[2], "")) for name in _MORE]
    more += [_column(found, name, unit) for name, unit in (("voltage", "V"), ("drift", "1/h"), ("delay_before", "s"))]
    more += [_column(found, "delay_steady", "s"), Column("remarks", ["; ".join(said[name]) for name in names])]
    return Table(
        "current_fraction",
        f"Current fraction, ± one standard error, with its {float(found.attrs['confidence']):.0%} interval.",
        [*main, *more],
        definitions=[
            ("current fraction", words.MEANING),
            ("amplification", words.ATTRS["amplification"][1]),
            (
                "resistance ratio",
                f"{words.ATTRS['resistance_ratio'][1]}; above {words.RATIO_LIMIT:g} the fraction is not usable",
            ),
            ("current ratio", words.ATTRS["current_ratio"][1]),
        ],
        notes=["The csv has the currents, resistances and the tests of each cell."],
        view=main,
    )


def currents_table(of: Transference) -> Table:
    """The initial current in three ways, and whether the last one is steady."""
    found = of.found
    steady = {1: "yes", 0: "no", -1: "undecided"}
    drift = Column(
        "drift", (100 * found["drift"]).values.tolist(), "%/h", (100 * found["drift_stderr"]).values.tolist(), 2
    )
    columns = [
        Column("cell", [str(name) for name in found["cell"].values]),
        _column(found, "ohmic", "mA", "ohmic_current", 4),
        _column(found, "extrapolated", "mA", "extrapolated_current", 4),
        _column(found, "first_sample", "mA", "first_current", 4),
        _column(found, "steady", "mA", "steady_current", 4),
        _column(found, "exponential_ends_at", "mA", "limiting_current", 4),
        drift,
        Column("is_steady", [steady[int(one)] for one in found["steady"].values]),
    ]
    explained = {"extrapolated": "extrapolated_current", "steady": "steady_current", "drift": "drift"}
    return Table(
        "currents",
        "The initial current by three ways, and the last one.",
        columns,
        definitions=[
            ("ohmic", analysis.INITIAL["ohmic"]),
            *((name, str(found[of_name].attrs["definition"])) for name, of_name in explained.items()),
        ],
        notes=["The first sample holds the spike of the double layers, or misses the first milliseconds."],
    )


def resistances_table(of: Transference) -> Table:
    """Resistances of the spectra before and at the end."""
    found = of.found
    names = {
        "before": ("bulk_resistance", "initial_resistance"),
        "at the end": ("steady_bulk_resistance", "steady_resistance"),
    }
    rows = [(at, when) for at in range(found.sizes["cell"]) for when in names]

    def column(name: str, which: int) -> Column:
        values, errors = (
            [float(found[f"{names[when][which]}{end}"].values[at]) for at, when in rows] for end in ("", "_stderr")
        )
        return Column(name, values, "ohm", errors, 3)

    return Table(
        "resistances",
        "Resistances by the fit, of both electrodes together.",
        [
            Column("cell", [str(found["cell"].values[at]) for at, _ in rows]),
            Column("spectrum", [when for _, when in rows]),
            column("bulk", 0),
            column("interfaces", 1),
        ],
        definitions=[
            ("interfaces", f"arcs that count: {arcs_in_words(found)}"),
            ("bulk", "series resistance, and all arcs that do not count"),
        ],
    )


def coatings_table(of: Transference) -> Table:
    """Means of the coatings, and what the coating itself must be like."""
    groups = of.groups
    columns = [
        Column("coating", groups["coating"].values.tolist()),
        Column("cells", groups["cells"].values.astype(int).tolist()),
        Column("left_out", groups["left_out"].values.astype(int).tolist()),
        _column(groups, "mean", digits=3),
        _column(groups, "low", "", "mean_low", 3),
        _column(groups, "high", "", "mean_high", 3),
        _column(groups, "sd", digits=3),
    ]
    definitions = [("mean", str(groups["mean"].attrs["definition"]))]
    if "coating_fraction" in groups:
        columns += [
            _column(groups, "share_of_coating", "%", "coating_share", 0, 100),
            _column(groups, "least_share", "%", "least_share", 0, 100),
            _column(groups, "coating_alone", "", "coating_fraction", 2),
            _column(groups, "alone_low", "", "coating_fraction_low", 2),
            _column(groups, "alone_high", "", "coating_fraction_high", 2),
        ]
        for name, of_name in (("least share", "least_share"), ("coating alone", "coating_fraction")):
            definitions.append((name, str(groups[of_name].attrs["definition"])))
    return Table("coatings", "Replicates of each coating.", columns, definitions=definitions)


def arcs_in_words(found: xr.Dataset) -> str:
    """Which arcs count as interface."""
    return str(found.attrs["counted"]).replace("_", " ").replace("sei", "SEI")


def _column(
    found: xr.Dataset, name: str, units: str = "", of: str = "", digits: int | None = None, scale: float = 1.0
) -> Column:
    """A column of a dataset under another name, with its standard error where it has one."""
    source = of or name
    error = (scale * found[f"{source}_stderr"].values).tolist() if f"{source}_stderr" in found else None
    return Column(name, (scale * found[source].values).tolist(), units, error, digits)


def relaxation(of: Transference) -> Figure:
    """The current over the whole polarization."""
    picture = plots.relaxation(_traces(of), of.found, looks_of(of.found))
    return Figure(
        (picture,),
        "Current after the step of the voltage. A diamond is the initial current that is used, a square the steady "
        "one; the spike of the double layers is beyond the figure.",
    )


def beginning(of: Transference) -> Figure:
    """The first quarter of an hour over √t."""
    picture = plots.beginning(_traces(of), of.found, looks_of(of.found))
    return Figure(
        (picture,),
        "The first quarter of an hour over √t; colours as above. Where the extrapolation and the ohmic current of the "
        "spectrum part, one of them is wrong.",
    )


def spectra(of: Transference) -> Figure:
    """Spectra before the polarization and at its end."""
    found = of.found
    every = merged_spectra(tree["spectra"].to_dataset().load() for tree in of.source.cells)
    places = {"before": found["spectrum_before"].values, "at the end": found["spectrum_steady"].values}
    series, at = of.resistances["series_resistance"].values, np.arange(found.sizes["cell"])
    marked = np.stack([np.where(place >= 0, series[at, place], np.nan) for place in places.values()], -1)
    picture = spectra_lines.nyquist(spectra_lines.lines_of(every, places, marked), looks_of(found))
    return Figure(
        (picture,), "Spectra before the polarization (solid) and at its end (dashed); Rₛ of the fit is marked."
    )


def fractions(of: Transference) -> Figure:
    """Current fractions of all cells."""
    picture = plots.fractions(of.found, of.groups, looks_of(of.found))
    return Figure(
        (replace(picture, title=""),),
        f"Current fraction of every cell with its {float(of.found.attrs['confidence']):.0%} interval, and the mean of "
        "each coating. Hollow: not usable, or undecided.",
    )


def _traces(of: Transference) -> xr.Dataset:
    return plots.traces_of({str(tree.name): analysis.trace_of(tree, of.found) for tree in of.source.cells})
