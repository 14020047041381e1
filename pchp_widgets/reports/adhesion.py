"""Peel tests in a report; the numbers come from :mod:`pchp_widgets.analysis.adhesion`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis import adhesion as analysis
from ..panels.adhesion import AdhesionPanel
from ..panels.adhesion_readout import EXPLAINED, interval_in_words
from ..plots.adhesion import CALLED
from .display import Figure
from .sections import Section, finding, notices
from .tables import Column, Table

_STRIP = ("strength", "strength_median", "strength_peaks")
_VERDICTS = {1: "yes", 0: "not shown", -1: "undecided"}


def section(
    found: xr.Dataset,
    *,
    window: Sequence[float] = (),
    rule: str = "ISO 8510-2",
    statistic: str = "strength",
    reference: str = "",
) -> Section:
    """What a report says of the peel tests of some samples.

    Parameters
    ----------
    found
        Measurement of ``adhesion`` along ``sample``.
    window, rule, statistic, reference
        As :class:`~pchp_widgets.panels.adhesion.AdhesionPanel` has them.

    Raises
    ------
    ValueError
        When a width is missing, nothing is left in the window, or it was measured by another technique.
    TraitError
        When a parameter is not what it may be.
    """
    panel = AdhesionPanel(
        found,
        shown=tuple(str(name) for name in found["sample"].values),
        window=tuple(window),
        rule=rule,
        statistic=statistic,
        reference=reference,
    )
    pictures = panel.pictures()
    low, high = panel.span
    captions = {
        "force": (
            f"Force per width of every strip. The grey range, {low:.1f} to {high:.1f} mm of travel, counts; "
            "dashed, the mean over the strips of a sample with its 95 % interval."
        ),
        "strength": "Strips with their intervals, and the mean of each material with its interval over strips.",
    }
    if panel.compared().sizes["material"]:
        captions["ratio"] = (
            f"Means over that of {panel.base()}, with 95 % intervals after Fieller (left) and by a bootstrap "
            "over strips."
        )
    tables = [_strips(panel.found()), _materials(panel), *_ratios(panel)]
    return Section(
        "Adhesion",
        _paragraphs(panel),
        {name: Figure((pictures[name],), text) for name, text in captions.items()},
        {table.name: table for table in tables},
        notices(panel.lines(), "All materials"),
        _findings(panel),
    )


def _paragraphs(panel: AdhesionPanel) -> list[str]:
    low, high = panel.span
    chosen = analysis.RULES[panel.rule]
    how = f"by {panel.rule} ({chosen.text})" if not panel.window else "as chosen by hand"
    said = [
        (
            f"Peel strength is the {CALLED[panel.statistic]} of the force per width from {low:.1f} to {high:.1f} mm of "
            f"travel, {how}. Lengths of standards are those of the bond; the strip is taken not to stretch."
        )
    ]
    grouped = panel.grouped()
    for name in map(str, grouped["material"].values):
        one = grouped.sel(material=name)
        count = int(one["count"])
        if np.isfinite(one["mean"]):
            mode = str(one["failure_mode"].item()) or "failure mode unknown"
            text = f"{name}: {interval_in_words(one)} (95 %, {count} strip{'s' * (count != 1)}; {mode})."
            said.append(text.replace(", one strip (95 %, 1 strip;", " (one strip, no interval;"))
        else:
            said.append(f"{name}: no strip has a plateau in the range.")
    said += [_compared(one, str(panel.base())) for one in _each(panel.compared())]
    return said


def _findings(panel: AdhesionPanel) -> list[str]:
    grouped = panel.grouped()
    each = []
    for name in map(str, grouped["material"].values):
        one = grouped.sel(material=name)
        count = f"{int(one['count'])} strips, " if int(one["count"]) > 1 else ""
        mode = str(one["failure_mode"].item()) or "unknown"
        each.append((name, f"{interval_in_words(one)} ({count}failure mode {mode})"))
    compared = [_compared(one, str(panel.base())) for one in _each(panel.compared())]
    return [finding("Peel strength (mean over strips ± 95 %)", each), *compared]


def _compared(one: xr.Dataset, reference: str) -> str:
    """A ratio in words: what is not decided is not claimed."""
    name = str(one["material"].item())
    number, low, high = (float(one[part]) for part in ("ratio", "fieller_low", "fieller_high"))
    reach = f" (95 % interval {low:.2f} to {high:.2f})" if np.isfinite(low) else ""
    if int(one["differs"]) == 1:
        return f"{name} holds {number:.2f}{reach} times as strongly as {reference}."
    if int(one["differs"]) == 0:
        return f"{name} over {reference}: {number:.2f}{reach}; no difference is shown."
    return f"{name} over {reference}: the forces are in the ratio {number:.2f}{reach}, from which nothing is claimed."


def _strips(found: xr.Dataset) -> Table:
    """A row per strip."""
    sample, test = np.nonzero(np.isfinite(found["highest"].values))
    names = [str(name) for name in found["sample"].values[sample]]

    def column(name: str, digits: int | None = None, *, stderr: bool = False) -> Column:
        errors = found[f"{name}_stderr"].values[sample, test].tolist() if stderr else None
        units = str(found[name].attrs["units"])
        return Column(name, found[name].values[sample, test].tolist(), "" if units == "1" else units, errors, digits)

    main = [
        Column("sample", names),
        Column("strip", (test + 1).tolist()),
        *(column(name, 2, stderr=True) for name in _STRIP),
        column("strength_25_mm", 3),
        column("energy", 1, stderr=True),
        column("peeled", 0),
    ]
    more = ("strength_low", "strength_high", "naive_stderr", "correlated_points", "block_length", "peak_count")
    rest = [column(name) for name in (*more, "highest", "covered", "width", "peel_start", "peel_end")]
    definitions = [
        (name.replace("_", " "), str(found[name].attrs["definition"])) for name in (*_STRIP, "energy", "peeled")
    ]
    note = (
        "± is the standard error within a strip, by a bootstrap of blocks of the curve; that of the peaks takes them "
        "for independent. The csv has 95 % intervals too."
    )
    return Table("peel_strips", "The plateau of every strip.", [*main, *rest], definitions, [note], main)


def _materials(panel: AdhesionPanel) -> Table:
    """A row per material."""
    grouped = panel.grouped()
    units = str(grouped["mean"].attrs["units"])
    columns = [Column("material", [str(name) for name in grouped["material"].values])]
    columns += [Column(name, grouped[name].values.tolist(), units, digits=1) for name in ("mean", "low", "high", "sd")]
    columns += [
        Column("strips", grouped["count"].values.astype(int).tolist()),
        Column("failure_mode", [str(mode) or "not known" for mode in grouped["failure_mode"].values]),
    ]
    texts = [(name, str(grouped[name].attrs["definition"])) for name in ("mean", "low", "sd")]
    texts.append(("failure mode", EXPLAINED["failure mode"]))
    return Table("peel_materials", "Peel strength of each material, over its strips.", columns, texts)


def _ratios(panel: AdhesionPanel) -> list[Table]:
    """A row per material that is compared; no table where there is none."""
    compared = panel.compared()
    if not compared.sizes["material"]:
        return []
    names = ("ratio", "fieller_low", "fieller_high", "bootstrap_low", "bootstrap_high")
    columns = [
        Column("material", [str(name) for name in compared["material"].values]),
        *(Column(name, compared[name].values.tolist(), digits=2) for name in names),
        Column("differs", [_VERDICTS[int(one)] for one in compared["differs"].values]),
        Column("doubt", [str(text) for text in compared["doubt"].values]),
    ]
    texts = [(name.replace("_", " "), str(compared[name].attrs["definition"])) for name in (names[0], *names[1::2])]
    caption = f"Means over that of {compared.attrs['reference']}."
    return [Table("peel_ratios", caption, columns, texts, view=columns[:-1])]


def _each(compared: xr.Dataset) -> list[xr.Dataset]:
    return [compared.isel(material=at) for at in range(compared.sizes["material"])]
