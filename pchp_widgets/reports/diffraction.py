"""Diffraction in a report; the numbers come from :mod:`pchp_widgets.analysis.diffraction`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis import diffraction as analysis
from ..panels.diffraction import DiffractionPanel
from ..panels.diffraction_readout import EXPLAINED, Fitted, distance_in_words, plain
from .display import Figure
from .sections import Section, finding, notices
from .tables import Column, Table


def section(
    found: xr.Dataset,
    *,
    window: Sequence[float] = (),
    background: str = "air",
    count: int = 0,
    starts: Sequence[float] = (),
    shape: str = "gaussian",
    factor: str = "none",
    radiation: str = "alpha1",
    spare_lines: bool = True,
    references: Sequence[str] = (),
) -> Section:
    """What a report says of the diffraction patterns of some samples.

    Parameters
    ----------
    found
        Patterns along ``sample``.
    window, background, count, starts, shape, factor, radiation, spare_lines, references
        As :class:`~pchp_widgets.panels.diffraction.DiffractionPanel` has them.

    Raises
    ------
    ValueError
        When there is no pattern, it was measured by another technique, or the window holds too few points.
    TraitError
        When a parameter is not what it may be.
    """
    panel = DiffractionPanel(
        found,
        shown=tuple(str(name) for name in found["sample"].values),
        window=tuple(window),
        background=background,
        count=count,
        starts=tuple(starts),
        shape=shape,
        factor=factor,
        radiation=radiation,
        spare_lines=spare_lines,
        references=tuple(references),
    )
    tables = [_distances(panel), _backgrounds(panel), *_lines(panel)]
    return Section(
        "X-ray diffraction",
        [_how(panel), *_paragraphs(panel)],
        _figures(panel),
        {table.name: table for table in tables},
        notices(panel.lines()),
        _findings(panel),
    )


def _how(panel: DiffractionPanel) -> str:
    """By what the numbers were found."""
    low, high = panel.span
    taken = panel.found().attrs["exclude"]
    spared = "; around sharp lines nothing was fitted" if taken else ""
    correction = "" if panel.factor == "none" else f" Lorentz and polarization: {analysis.CORRECTIONS[panel.factor]}."
    text = (
        f"Halos and background were fitted together from {low:.2f} to {high:.2f}°{spared}; halos are "
        f"{analysis.SHAPES[panel.shape]}. The numbers stand on the background '"
        f"{analysis.BACKGROUNDS[panel.background].text}'; behind them in brackets is the range over all backgrounds "
        f"that describe the pattern. Wavelength: {analysis.RADIATION[panel.radiation]}.{correction}"
    )
    if panel.factor == "none":
        text += " No Lorentz and polarization factor was divided out."
    return text


def _paragraphs(panel: DiffractionPanel) -> list[str]:
    """A sentence per sample."""
    return [
        f"{one.name}: d {_each_distance(one)}; reduced chi-square {one.reduced_chi_square:.2f}."
        for one in plain(panel.summary())
    ]


def _findings(panel: DiffractionPanel) -> list[str]:
    said = ((one.name, _each_distance(one)) for one in plain(panel.summary()))
    return [finding("Distances d (± 95 % by the noise, in brackets over backgrounds)", said)]


def _each_distance(one: Fitted) -> str:
    return ", ".join(distance_in_words(one, halo) for halo in range(len(one.position)))


def _figures(panel: DiffractionPanel) -> dict[str, Figure]:
    pictures = panel.pictures()
    figures = {
        "pattern": Figure((pictures["pattern"],), "Patterns with their fits; dashed is the background."),
        "residuals": Figure((pictures["residuals"],), "What the fits leave, in standard errors; colours as above."),
    }
    looks = panel.looks
    for number in panel.summary()["halo"].values.tolist():
        picture = panel.draw["distances"](found=panel.found(), summary=panel.summary(), looks=looks, halo=number)
        text = f"Distance of halo {number}: whiskers are 95 % by the noise, the box is the range over backgrounds."
        figures[f"distance {number}"] = Figure((picture,), text)
    return figures


def _distances(panel: DiffractionPanel) -> Table:
    """A row for each halo of each sample."""
    summary = panel.summary()
    sample, halo = (
        one.ravel() for one in np.meshgrid(*(np.arange(summary.sizes[d]) for d in ("sample", "halo")), indexing="ij")
    )

    def column(name: str, digits: int, label: str = "") -> Column:
        values = summary[name].values[sample, halo]
        units = str(summary[name].attrs.get("units", ""))
        error = summary[f"{name}_stderr"].values[sample, halo] if f"{name}_stderr" in summary else None
        return Column(label or name, values.tolist(), units, None if error is None else error.tolist(), digits)

    main = [
        Column("sample", [str(name) for name in summary["sample"].values[sample]]),
        Column("halo", summary["halo"].values[halo].tolist(), digits=0),
        column("position", 2),
        column("spacing", 3, "d"),
        column("spacing_low", 3, "d_low"),
        column("spacing_high", 3, "d_high"),
        column("spacing_background_low", 2, "d_background_low"),
        column("spacing_background_high", 2, "d_background_high"),
        column("correlation_length", 1),
        column("interchain", 2),
    ]
    more = [column("width", 2), column("height", 0), column("area", 0), column("decided", 0)]
    words = ("d", "interval", "over backgrounds", "reach of the order", "1.23 d")
    names = ("d", "d_low, d_high", "d_background", "correlation length", "interchain")
    return Table(
        "halo_distances",
        "Distances by Bragg's law with both of their errors.",
        [*main, *more],
        definitions=[(name, EXPLAINED[word]) for name, word in zip(names, words, strict=True)],
        notes=["The csv has widths, heights and areas of the halos too."],
        view=main,
    )


def _backgrounds(panel: DiffractionPanel) -> Table:
    """A row for each background of each sample."""
    found = panel.found()
    taken = analysis.accepted(found)
    sizes = (np.arange(found.sizes[name]) for name in ("sample", "background"))
    sample, background = (one.ravel() for one in np.meshgrid(*sizes, indexing="ij"))
    lowest = found["criterion"].values.min(1, keepdims=True)
    texts = [analysis.BACKGROUNDS[str(name)].text for name in found["background"].values]
    columns = [
        Column("sample", [str(name) for name in found["sample"].values[sample]]),
        Column("background", [texts[at] for at in background]),
        Column("reduced_chi_square", found["reduced_chi_square"].values[sample, background].tolist(), digits=3),
        Column("criterion_above_best", (found["criterion"].values - lowest)[sample, background].tolist(), digits=0),
        Column("in_the_band", ["yes" if one else "no" for one in taken.values[sample, background]]),
        *(
            Column(f"d_{number}", found["spacing"].values[sample, background, at].tolist(), "angstrom", digits=3)
            for at, number in enumerate(found["halo"].values.tolist())
        ),
    ]
    definitions = [
        ("reduced chi square", EXPLAINED["χ²"]),
        ("criterion above best", "Schwarz's criterion less that of the likeliest background; above 10 is decisive"),
        ("in the band", str(taken.attrs["definition"])),
    ]
    return Table("backgrounds", "The same halos under every background.", columns, definitions=definitions)


def _lines(panel: DiffractionPanel) -> list[Table]:
    """Sharp lines, where there are any."""
    found = analysis.reflections(panel.samples.together(panel.shown))
    sample, line = np.nonzero(np.isfinite(found["position"].values))
    if not len(sample):
        return []
    columns = [
        Column("sample", [str(name) for name in found["sample"].values[sample]]),
        Column("position", found["position"].values[sample, line].tolist(), "degree", digits=2),
        Column("height", found["height"].values[sample, line].tolist(), "count", digits=0),
        Column("significance", found["significance"].values[sample, line].tolist(), digits=0),
        Column("near", [str(name) or "none in the table" for name in found["phase"].values[sample, line]]),
    ]
    named = {str(name).split(" ")[0] for name in found["phase"].values[sample, line] if name}
    sources = [(name, phase.source) for name, phase in analysis.PHASES.items() if name in named]
    return [
        Table(
            "sharp_lines",
            "Sharp lines in the patterns.",
            columns,
            definitions=[("significance", EXPLAINED["sharp line"]), *sources],
        )
    ]
