"""The report of coating conductivity; the numbers come from :mod:`pchp_widgets.analysis.conductivity`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from ..analysis import conductivity as analysis
from ..analysis.spectra_resistances import TWO_ARCS, of_cells
from ..model.spectra import has_spectra, merged_spectra
from ..panels.conductivity_readout import EXPLAINED, energy_in_words, law, value
from ..plots import conductivity as plots
from ..plots import spectra_lines
from .cells import looks_of
from .display import Figure, Text
from .errors import NotInStudyError
from .source import Source, left_out, need_spectra
from .tables import Column, Table

KINDS = ("transport", "symmetric")
"""Kinds of cells whose spectra are used."""

_STATES = {1: "resolved", 0: "lower bound", -1: "undecided", -2: "contradiction"}
_WINDOW = {1: "yes", 0: "no", -1: "undecided"}
_MILLI = 1e3


@dataclass(frozen=True)
class Conductivity:
    """What the report is made of.

    Attributes
    ----------
    source
        The cells whose spectra are used.
    others
        Which others are not among them and why, in one sentence; empty when all are.
    resistances, samples, found, arrhenius, vogel
        As the analysis gives them.
    """

    source: Source
    others: str
    resistances: xr.Dataset
    samples: xr.Dataset
    found: xr.Dataset
    arrhenius: xr.Dataset
    vogel: xr.Dataset


def conductivity(
    opened: Source,
    *,
    circuit: str = TWO_ARCS,
    faces: int = 0,
    thickness: float = 0.0,
    thickness_error: float = 0.0,
    area_error: float = 0.0,
    scatter: float = 0.0,
    permittivity: float = 5.0,
    form: analysis.Form = "sigma",
    confidence: float = 0.95,
) -> Conductivity:
    """Conductivities of the coatings of some cells.

    Parameters
    ----------
    opened
        Coated and bare cells. Where the temperature of some is known, those of which it is not are left out.
    circuit, faces, thickness, thickness_error, area_error, scatter, permittivity, form, confidence
        As :class:`~pchp_widgets.panels.conductivity.ConductivityPanel` has them.

    Raises
    ------
    NotInStudyError
        When no cell has spectra, or there are no bare or no coated ones.
    """
    need_spectra(opened.cells)
    cells = [tree for tree in opened.cells if has_spectra(tree)]
    resistances = of_cells(cells, circuit)
    known = np.isfinite(resistances["temperature"].values).any(1)
    if known.any():
        resistances = resistances.isel(cell=np.flatnonzero(known))
        cells = [tree for tree, one in zip(cells, known.tolist(), strict=True) if one]
    used = {str(tree.name) for tree in cells}
    names = [str(tree.name) for tree in opened.cells if str(tree.name) not in used]
    samples = analysis.samples(resistances)
    if not analysis.comparable(samples):
        raise NotInStudyError("cells: coated ones are compared with bare ones, and there are not both with spectra")
    found = analysis.conductivity(
        samples,
        faces=faces or None,
        thickness=thickness or np.nan,
        thickness_error=thickness_error,
        area_error=area_error,
        scatter=scatter or np.nan,
        permittivity=permittivity,
        confidence=confidence,
    )
    said = left_out(names, "without spectra, or of unknown temperature") if names else ""
    lines = analysis.arrhenius(found, form=form, confidence=confidence)
    curves = analysis.vft(found, confidence=confidence)
    return Conductivity(replace(opened, cells=cells), said, resistances, samples, found, lines, curves)


def summary(of: Conductivity) -> Text:
    """The result in a few sentences."""
    found = of.found
    said = []
    remarks = analysis.remarks(found)
    for row, coating in enumerate(found["coating"].values.tolist()):
        for column, degrees in enumerate(found["temperature"].values.tolist()):
            one = found.isel(coating=row, temperature=column)
            if not np.isfinite(float(one["added_resistance"])):
                continue
            where = f"at {degrees:g} °C" if np.isfinite(degrees) else "at a temperature that is not stated"
            low, high = (float(one[f"conductivity_{end}"]) * _MILLI for end in ("low", "high"))
            ends = f" ({low:.3g} to {high:.3g})" if int(one["resolved"]) == 1 else ""
            texts = [f"{text}." for text in remarks[coating][column] if "temperature is not" not in text]
            said.append(" ".join([f"{coating} {where}: σ {value(one)}{ends}.", *texts]))
        if int(of.arrhenius["temperatures"].values[row]) > 1:
            energy, reach = energy_in_words(of.arrhenius.isel(coating=row))
            said.append(
                f"{coating}: E_a {energy} ({reach}), from {of.arrhenius.attrs['form_meaning']}; "
                f"{law(of.arrhenius.isel(coating=row), of.vogel.isel(coating=row)).partition(': ')[2]}."
            )
    counts = f"up to {int(found['bare_cells'].max())} bare and {int(found['coated_cells'].max())} coated cells"
    return Text(
        f"Conductivity from what a coating adds to the series resistance: {counts}, "
        f"{float(found.attrs['confidence']):.0%} intervals.",
        *said,
        of.others,
    )


def conductivity_table(of: Conductivity) -> Table:
    """Conductivity of each coating at each temperature, with all that it was made from."""
    found = of.found
    rows = [(row, column) for row in range(found.sizes["coating"]) for column in range(found.sizes["temperature"])]
    remarks = analysis.remarks(found)

    def column(name: str, units: str, of_name: str, digits: int | None = None, scale: float = 1.0) -> Column:
        values = [float(found[of_name].values[at]) * scale for at in rows]
        errors = (
            [float(found[f"{of_name}_stderr"].values[at]) * scale for at in rows]
            if f"{of_name}_stderr" in found
            else None
        )
        return Column(name, values, units, errors, digits)

    names = [str(found["coating"].values[row]) for row, _ in rows]
    warm = [float(found["temperature"].values[at]) for _, at in rows]
    coating, degrees = Column("coating", names), Column("temperature", warm, "degC", digits=1)
    state = Column("state", [_STATES[int(found["resolved"].values[at])] for at in rows])
    bare, coated = (column(name, "", name, 0) for name in ("bare_cells", "coated_cells"))
    said = ["; ".join(remarks[name][at]) for name, (_, at) in zip(names, rows, strict=True)]
    view = [
        coating, degrees, bare, coated,
        column("added_resistance", "ohm", "added_resistance", 2),
        state,
        column("conductivity", "mS cm-1", "conductivity", 3, _MILLI),
        column("low", "mS cm-1", "conductivity_low", 3, _MILLI),
        column("high", "mS cm-1", "conductivity_high", 3, _MILLI),
        column("per_face", "ohm cm2", "resistance_per_face", 2),
    ]  # fmt: skip
    more = [
        column("bare_resistance", "ohm", "bare_resistance"),
        column("bare_sd", "ohm", "bare_sd"),
        column("coated_resistance", "ohm", "coated_resistance"),
        column("coated_sd", "ohm", "coated_sd"),
        column("areal_conductance", "S cm-2", "areal_conductance"),
        column("measurable", "S cm-1", "measurable_conductivity"),
        Column("within_window", [_WINDOW[int(found["within_window"].values[at])] for at in rows]),
        Column("remarks", said),
    ]  # fmt: skip
    return Table(
        "conductivity",
        "Conductivity of the coating, ± one standard error.",
        [*view, *more],
        definitions=[(word, EXPLAINED[word]) for word in ("σ", "ΔRₛ", "interval", "lower bound", "measurable")],
        notes=[
            "The csv has the formula that is printed in the paper too, as areal conductance: it lacks the thickness."
        ],
        view=view,
    )


def samples_table(of: Conductivity) -> Table:
    """Series resistance of every cell at every temperature."""
    samples = of.samples
    columns = [
        Column("cell", samples["cell"].values.tolist()),
        Column("coating", samples["coating"].values.tolist()),
        Column("temperature", samples["temperature"].values.tolist(), "degC", digits=1),
        Column("series_resistance", samples["series_resistance"].values.tolist(), "ohm",
               samples["series_resistance_stderr"].values.tolist(), 3),
        Column("area", samples["area"].values.tolist(), "cm2"),
        Column("coating_thickness", samples["coating_thickness"].values.tolist(), "um"),
        Column("coated_faces", [int(n) if n > 0 else None for n in samples["coated_faces"].values]),
        Column("spectra", samples["spectra"].values.astype(int).tolist()),
    ]  # fmt: skip
    return Table(
        "series_resistances",
        "Series resistance of every cell at every temperature, with the error of the fit.",
        columns,
        notes=["Of several spectra of a cell at one temperature the first is used: later ones are no replicates."],
    )


def law_table(of: Conductivity) -> Table:
    """Activation energy of each coating, and the test of curvature."""
    lines, curves = of.arrhenius, of.vogel

    def plain(name: str, found: xr.Dataset, of_name: str, units: str = "", digits: int | None = None) -> Column:
        error = found[f"{of_name}_stderr"].values.tolist() if f"{of_name}_stderr" in found else None
        return Column(name, found[of_name].values.tolist(), units, error, digits)

    curved = {1: "yes", 0: "no", -1: "undecided"}
    view = [
        Column("coating", lines["coating"].values.tolist()),
        Column("temperatures", lines["temperatures"].values.astype(int).tolist()),
        plain("activation_energy", lines, "activation_energy", "eV", 3),
        plain("low", lines, "activation_energy_low", "eV", 3),
        plain("high", lines, "activation_energy_high", "eV", 3),
        plain("ln_A", lines, "logarithm", "", 2),
        plain("curvature_p", lines, "curvature_p", "", 2),
        Column("curved", [curved[int(one)] for one in lines["curved"].values]),
    ]
    vogel = [
        plain("T_0", curves, "vogel_temperature", "degC", 0),
        plain("T_0_low", curves, "vogel_temperature_low", "degC", 0),
        plain("T_0_high", curves, "vogel_temperature_high", "degC", 0),
        plain("B", curves, "vogel_constant", "K", 0),
    ]
    bent = bool((lines["curved"].values == 1).any())
    return Table(
        "temperature_dependence",
        f"How the conductivity depends on temperature: {lines.attrs['form_meaning']}.",
        [*view, *vogel],
        definitions=[(word, EXPLAINED[word]) for word in ("E_a", "curved", "Vogel")],
        notes=[] if bent else ["No curvature was found: what Vogel's law makes of the points stands in the csv only."],
        view=[*view, *vogel] if bent else view,
    )


def series_resistance(of: Conductivity) -> Figure:
    """Series resistance over temperature."""
    looks = looks_of(of.resistances)
    picture = plots.series_resistance(of.samples, of.found, looks)
    return Figure(
        (picture,), "Series resistance of every cell, replicates beside each other; dashed: means of a coating."
    )


def arrhenius(of: Conductivity, *, vogel: bool = False) -> Figure:
    """Conductivity against 1/T."""
    looks = looks_of(of.resistances)
    colors = {look.coating: look.color for look in reversed(list(looks.values()))}
    picture = plots.arrhenius(of.found, of.arrhenius, of.vogel if vogel else None, colors)
    return Figure(
        (picture,),
        "Conductivity of the coating with its interval, and Arrhenius' law. A hollow triangle is a lower bound: the "
        "resistance that the coating adds is not resolved there.",
    )


def spectra(of: Conductivity, temperatures: Sequence[float] = ()) -> list[Figure]:
    """Spectra at some temperatures, a figure each; the lowest and the highest when none is given.

    Raises
    ------
    ValueError
        When no spectrum was taken at one of them.
    """
    degrees = of.samples["temperature"].values
    known = np.unique(degrees[np.isfinite(degrees)])
    chosen = list(temperatures) or list(dict.fromkeys([float(known[0]), float(known[-1])] if len(known) else [np.nan]))
    every = merged_spectra(tree["spectra"].to_dataset().load() for tree in of.source.cells)
    names, looks = [str(name) for name in every["cell"].values], looks_of(of.resistances)
    figures = []
    for one in chosen:
        at = np.isnan(degrees) if np.isnan(one) else np.abs(degrees - one) <= 0.5
        if not at.any():
            raise ValueError(f"temperatures: no spectrum at {one:g} °C; there are {', '.join(f'{d:g}' for d in known)}")
        place, series = np.full(len(names), -1), np.full((len(names), 1), np.nan)
        for sample in np.flatnonzero(at).tolist():
            cell = names.index(str(of.samples["cell"].values[sample]))
            place[cell], series[cell] = (
                of.samples["spectrum"].values[sample],
                of.samples["series_resistance"].values[sample],
            )
        where = f"at {one:g} °C" if np.isfinite(one) else "at a temperature that is not stated"
        picture = spectra_lines.nyquist(spectra_lines.lines_of(every, {"spectrum": place}, series), looks)
        figures.append(Figure((picture,), f"Spectra {where}; the series resistance of the fit is marked on the axis."))
    return figures
