"""Indentations in a report; the numbers come from :mod:`pchp_widgets.analysis.indentation`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from ..analysis import indentation as analysis
from ..panels.indentation import IndentationPanel
from ..panels.indentation_readout import interval
from ..plots.indentation_view import QUANTITIES
from .display import Figure
from .intervals import interval_in_words
from .sections import Section, finding, noticed
from .source import few
from .tables import Column, Table

_ALL = 60  # indents; more stand in the csv alone
_LEVEL = 0.05  # of the tests of Welch, after Holm


def section(
    found: xr.Dataset,
    *,
    window: Sequence[float] = (),
    depths: Sequence[float] = (),
    source: str = "unloading",
    epsilon: float = 0.75,
    beta: float = 1.0,
    poisson: float | None = None,
    tip: str = "file",
    frame_compliance: float = 0.0,
    drift: str = "none",
    creep: bool = False,
    outliers: str = "none",
) -> Section:
    """What a report says of the indentations of some samples.

    Parameters
    ----------
    found
        Tests along ``sample``.
    window, depths, source, epsilon, beta, poisson, tip, frame_compliance, drift, creep, outliers
        As :class:`~pchp_widgets.panels.indentation.IndentationPanel` has them.

    Raises
    ------
    ValueError
        When there is no sample, or it was measured by another technique.
    TraitError
        When a parameter is not what it may be.
    """
    state = {
        "window": tuple(window),
        "depths": tuple(depths),
        "source": source,
        "epsilon": epsilon,
        "beta": beta,
        "poisson": poisson,
        "tip": tip,
        "frame_compliance": frame_compliance,
        "drift": drift,
        "creep": creep,
        "outliers": outliers,
    }
    names = tuple(str(name) for name in found["sample"].values)
    modulus, hardness = (IndentationPanel(found, shown=names, quantity=name, **state) for name in QUANTITIES)
    tables = [_samples(modulus, hardness), *_pairs(modulus, hardness), _indents(modulus)]
    return Section(
        "Nanoindentation",
        _paragraphs(modulus, hardness),
        _figures(modulus, hardness),
        {table.name: table for table in tables},
        _notices(modulus),
        _findings(modulus, hardness),
    )


def _figures(modulus: IndentationPanel, hardness: IndentationPanel) -> dict[str, Figure]:
    drawn, other = modulus.pictures(), hardness.pictures()
    unloading = replace(drawn["unloading"], title=drawn["unloading"].title.partition(":")[0])  # nothing is dragged here
    return {
        "indents": Figure(
            (drawn["curves"], unloading),
            "Load over depth, and depth over the load of the unloading with the window that is fitted.",
        ),
        "depth": Figure((drawn["depth"], other["depth"]), "Modulus and hardness over the contact depth."),
        "compared": Figure(
            (drawn["compared"], other["compared"]),
            "Each indent, and the mean of each sample with its 95 % interval; grey: what ε, β and ν leave open.",
        ),
    }


def _paragraphs(modulus: IndentationPanel, hardness: IndentationPanel) -> list[str]:
    settings = modulus.settings
    low, high = settings.window
    how = (
        f"Oliver and Pharr: unloading fitted between {low:.0%} and {high:.0%} of the peak load, "
        f"ε {settings.epsilon:g}, β {settings.beta:g}, indenter {settings.indenter_modulus:g} GPa "
        f"and ν {settings.indenter_poisson:g}; frame compliance subtracted here: {settings.frame_compliance:g} "
        f"nm mN⁻¹; drift: {analysis.DRIFTS[settings.drift]}; "
        f"creep {'corrected' if settings.creep else 'not corrected'}. Outliers: {analysis.OUTLIERS[modulus.outliers]}."
    )
    if modulus.source == "continuous":
        low, high = modulus.over_depth().attrs["depths"]
        how += f" Values are means of the dynamic stiffness between {low:.0f} and {high:.0f} nm."
    said = [how]
    stiff, hard = modulus.statistics(), hardness.statistics()
    for at, name in enumerate(str(name) for name in stiff["sample"].values):
        band = _band(modulus, at)
        said.append(
            f"{name}: E {interval(stiff, at)}, H {interval(hard, at)}, of {int(stiff['n'].values[at])} indents"
            + (f"; {band[0]:.3g} to {band[1]:.3g} GPa for ε, β and ν in use" if np.isfinite(band).all() else "")
            + "."
        )
    return said


def _findings(modulus: IndentationPanel, hardness: IndentationPanel) -> list[str]:
    said = []
    for word, panel in (("Modulus E", modulus), ("Hardness H", hardness)):
        found = panel.statistics()
        alone = np.where(np.isfinite(found["mean"]) & ~np.isfinite(found["mean_low"]), ", one indent, no interval", "")
        each = ((str(name), interval(found, at) + alone[at]) for at, name in enumerate(found["sample"].values))
        said += [finding(f"{word} (mean, 95 % intervals)", each), _apart(panel, word[-1])]
    return said


def _apart(panel: IndentationPanel, letter: str) -> str:
    """Which samples differ, and of which no difference is shown."""
    found = panel.differences()
    p = found["p_adjusted"].values
    both = zip(found["first"].values, found["second"].values, strict=True)
    pairs = np.array([f"{one} and {other}" for one, other in both])
    words = {f"{letter} differs (p < {_LEVEL:g})": p < _LEVEL, f"no difference of {letter} is shown": p >= _LEVEL}
    said = [f"{text} between {few(pairs[which].tolist())}" for text, which in words.items() if which.any()]
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}." if said else ""


def _band(panel: IndentationPanel, at: int) -> tuple[float, float]:
    """What the conventions make of the mean modulus of a sample."""
    if panel.source == "continuous":
        return np.nan, np.nan
    used = panel.statistics()["used"].values.astype(bool)[at]
    ends = [panel.last()[f"modulus_band_{end}"].values[at][used] for end in ("low", "high")]
    low, high = (float(end.mean()) if end.size else np.nan for end in ends)
    return low, high


def _notices(panel: IndentationPanel) -> list[str]:
    """Each flag once, with the samples it is about."""
    last = panel.last()
    samples = [str(name) for name in last["sample"].values]
    said = []
    for name, status in zip(samples, last["status"].values, strict=True):
        total = int((status >= 0).sum())
        for text, count in analysis.remarks(status):
            said.append((name if count == total else f"{name} ({count} of {total})", text))
    return noticed(said, samples)


def _samples(modulus: IndentationPanel, hardness: IndentationPanel) -> Table:
    stiff, hard, last = modulus.statistics(), hardness.statistics(), modulus.last()
    count = stiff.sizes["sample"]
    band = np.array([_band(modulus, at) for at in range(count)]).reshape(count, 2).T
    refused = analysis.refused(last).sum("test").values
    columns = [Column("sample", [str(name) for name in stiff["sample"].values])]
    for word, found in (("modulus", stiff), ("hardness", hard)):
        columns += [
            Column(word, found["mean"].values.tolist(), "GPa", digits=3),
            Column(f"{word}_low", found["mean_low"].values.tolist(), "GPa", digits=3),
            Column(f"{word}_high", found["mean_high"].values.tolist(), "GPa", digits=3),
            Column(f"{word}_sd", found["sd"].values.tolist(), "GPa", digits=3),
        ]
    columns += [
        Column("band_low", band[0].tolist(), "GPa", digits=3),
        Column("band_high", band[1].tolist(), "GPa", digits=3),
        Column("indents", stiff["n"].values.tolist()),
        Column("left_out", stiff["out"].values.tolist()),
        Column("refused", refused.tolist()),
    ]
    terms = [
        ("low, high", "95 % interval of the mean of the indents of that sample, Student's t"),
        ("band", str(last["modulus_band_low"].attrs["definition"]).replace("lowest", "lowest and highest")),
        ("refused", "no modulus can be given, for the reasons above"),
    ]
    view = [
        columns[0],
        *(_with_interval(word, found) for word, found in (("modulus", stiff), ("hardness", hard))),
        *(column for column in columns if column.name in {"band_low", "band_high", "indents", "left_out", "refused"}),
    ]
    return Table("indentation_samples", "Modulus and hardness of the samples.", columns, terms, view=view)


def _with_interval(word: str, found: xr.Dataset) -> Column:
    """Means with their intervals, as a person reads them."""
    ends = zip(*(found[name].values.tolist() for name in ("mean", "mean_low", "mean_high")), strict=True)
    return Column(f"{word} (low to high)", [interval_in_words(one, "GPa") for one in ends])


def _pairs(modulus: IndentationPanel, hardness: IndentationPanel) -> list[Table]:
    if len(modulus.shown) < 2:
        return []
    found = {name: panel.differences() for name, panel in zip(QUANTITIES, (modulus, hardness), strict=True)}
    first = found[QUANTITIES[0]]

    def both(name: str) -> list[float]:
        return [float(value) for one in found.values() for value in one[name].values]

    pairs = first.sizes["pair"]
    columns = [
        Column("quantity", [name for name in found for _ in range(pairs)]),
        Column("first", [str(name) for name in first["first"].values] * 2),
        Column("second", [str(name) for name in first["second"].values] * 2),
        *(Column(name, both(name), "GPa", digits=3) for name in ("difference", "difference_low", "difference_high")),
        Column("ratio", both("ratio"), digits=3),
        Column("p_adjusted", [f"{p:.2g}" if np.isfinite(p) else "" for p in both("p_adjusted")]),
    ]
    terms = [
        ("difference", "mean of the first less that of the second, with Welch's 95 % interval for this pair alone"),
        ("p adjusted", "two-sided, of Welch's test, adjusted by Holm for all pairs of a quantity"),
    ]
    notes = ["The indents of a sample are repeats of that sample, not of the material."]
    return [Table("indentation_differences", "How the samples differ.", columns, terms, notes)]


def _indents(panel: IndentationPanel) -> Table:
    """Every unloading, in the csv; on the page as long as there are few."""
    found = panel.found()
    sample, test, which = np.nonzero(found["status"].values >= 0)
    of = (sample, test, which)

    def column(name: str, units: str) -> Column:
        errors = found[f"{name}_stderr"].values[of].tolist() if f"{name}_stderr" in found else None
        return Column(name, found[name].values[of].tolist(), units, errors)

    columns = [
        Column("sample", found["sample"].values[sample].tolist()),
        Column("test", (test + 1).tolist()),
        Column("unloading", (which + 1).tolist()),
        column("modulus", "GPa"),
        column("hardness", "GPa"),
        column("reduced_modulus", "GPa"),
        column("stiffness", "N m-1"),
        column("exponent", "1"),
        column("depth", "nm"),
        column("contact_depth", "nm"),
        column("area", "nm2"),
        column("load", "mN"),
        Column("flags", [_words(int(bits)) for bits in found["status"].values[of]]),
    ]
    few = len(sample) <= _ALL
    notes = [] if few else [f"{len(sample)} unloadings: see the csv."]
    view = [columns[at] for at in (0, 1, 2, 3, 4, 6, 7, 9, 11, 12)] if few else [Column("unloadings", [len(sample)])]
    terms = [("±", "standard error from the fit of that unloading alone")]
    return Table("indentation_indents", "Every unloading.", columns, terms, notes, view)


def _words(bits: int) -> str:
    return ", ".join(name.replace("_", " ") for name, (bit, _) in analysis.FLAGS.items() if bits & bit)
