"""Micrographs in a report; the numbers come from :mod:`pchp_widgets.analysis.micrograph`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from ..analysis import micrograph as analysis
from ..panels.micrograph import PHOTOS, MicrographPanel
from ..panels.micrograph_readout import EXPLAINED, difference_in_words, pores_in_words, thickness_in_words
from .display import Figure
from .sections import Section, finding, noticed
from .tables import Column, Table

_AGREE = {1: "yes", 0: "no", -1: "nothing to compare"}


def section(
    found: xr.Dataset,
    *,
    across: Mapping[str, Sequence[float]] | None = None,
    rulers: Mapping[str, Sequence[float]] | None = None,
    lengths: Mapping[str, float] | None = None,
    section_angle: float = 0.0,
    window: Sequence[float] = (),
    reference: str = "",
) -> Section:
    """What a report says of micrographs: pixel sizes, thickness of sections, pores of surfaces.

    Pictures that are marked as neither (``imaged``) are taken for sections where a coating is found in them, and are
    taken for surfaces as well.

    Parameters
    ----------
    found
        Measurement of ``micrograph`` along ``sample``.
    across, rulers, lengths, section_angle, window, reference
        As :class:`~pchp_widgets.panels.micrograph.MicrographPanel` has them.

    Raises
    ------
    ValueError
        When it was measured by another technique.
    TraitError
        When a parameter is not what it may be.
    """
    panel = MicrographPanel(
        found,
        shown=tuple(str(name) for name in found["sample"].values),
        view="scale",
        across=dict(across or {}),
        rulers=dict(rulers or {}),
        lengths=dict(lengths or {}),
        section_angle=section_angle,
        window=tuple(window),
        reference=reference,
    )
    figures = {"sources": Figure((panel.pictures()["sources"],), _SOURCES)}
    tables, said, doubts = [_sizes(panel.sizes())], [_scale(panel.sizes())], _notices(panel)
    findings = []
    for part in (_sections, _surfaces):
        more, own, words, in_short = part(panel)
        figures |= more
        tables += own
        said += words
        findings.append(in_short)
        doubts += _notices(panel) if words else []
    notices = list(dict.fromkeys(doubts))
    return Section("Micrographs", said, figures, {table.name: table for table in tables}, notices, findings)


_Part = tuple[dict[str, Figure], list[Table], list[str], str]


def _sections(panel: MicrographPanel) -> _Part:
    """Figures, tables, sentences and the finding on the coatings that were found; nothing where none was."""
    panel.view = "thickness"
    thick = {name: one for name, one in panel.thicknesses().items() if np.isfinite(one["mean"].values).any()}
    if not thick:
        return {}, [], [], ""
    figures = _pictured(panel, tuple(thick))
    figures |= {name: Figure((panel.pictures()[name],), text) for name, text in _THICKNESS.items()}
    means = [one.drop_dims("place") for one in thick.values()]
    whole = xr.concat(means, "sample", coords="minimal", compat="override", join="outer")
    said = [_coating(name, one) for name, one in thick.items()]
    each = ((name, thickness_in_words(one)) for name, one in thick.items())
    return figures, [_thickness(whole), _materials(whole)], said, finding("Thickness (mean, 95 % intervals)", each)


def _surfaces(panel: MicrographPanel) -> _Part:
    """Figures, the table, sentences and the finding on pores; nothing where there is no surface."""
    panel.view = "pores"
    if not panel.measured:
        return {}, [], [], ""
    figures = _pictured(panel, panel.measured)
    figures |= {name: Figure((panel.pictures()[name],), text) for name, text in _PORES.items()}
    return figures, [_pores(panel)], _porous(panel), _porosity(panel)


_SOURCES = (
    "Pixel sizes by every source, over the one that is taken; the dashed lines are 2 % away. Whiskers are two standard "
    "errors of reading a line."
)
_THICKNESS = {
    "thickness": "Thickness along each coating; dashed and shaded, its mean with the 95 % interval.",
    "coatings": "Mean thickness with its 95 % interval (dark), and from the least to the most (pale).",
}
_PORES = {
    "darker": "Part of the area darker than every threshold. The grey band counts, its middle above all.",
    "fractions": (
        "Pore fraction at the middle of the band with the 95 % interval for the area that was seen (dark), and over "
        "the band of thresholds too (pale)."
    ),
    "orientation": "Anisotropy with its 95 % interval over tiles of the picture, and the direction of rods.",
}


def _pictured(panel: MicrographPanel, names: Sequence[str]) -> dict[str, Figure]:
    """A figure of each picture, with what was found in it."""
    made = {}
    for name in names:
        panel.picture = name
        photo = PHOTOS[panel.view]
        text = "with both faces of the coating" if panel.view == "thickness" else "with its pores"
        made[f"{photo}_{name}"] = Figure((panel.pictures()[photo],), f"{name}, {text} as they were found.")
    panel.picture = ""
    return made


def _scale(sizes: xr.Dataset) -> str:
    agree = sizes["agree"].values
    wrong = [str(name) for name in sizes["sample"].values[agree == 0]]
    text = "The width of a pixel is that of a calibration, else of the file, of the scale bar, or of a line, compared."
    if wrong:
        return f"{text} They do not agree for {', '.join(wrong)}."
    compared = int((agree == 1).sum())
    return f"{text} They agree within 2 % for {compared} of {len(agree)} pictures; the others have one source or none."


def _coating(name: str, one: xr.Dataset) -> str:
    sd, profiles, share = (float(one[of].values.item()) for of in ("sd", "profiles", "found"))
    words = thickness_in_words(one).replace("(", "(95 % ")
    return f"{name}: {words} thick, ± {sd:.2f} µm from profile to profile ({profiles * share:.0f} profiles)."


def _porous(panel: MicrographPanel) -> list[str]:
    found, compared = panel.pores(), panel.compared()
    low, high = panel.span
    meant = (
        f"Pores are what is darker than a threshold from {low:g} to {high:g} of the way from the mean grey of the "
        "pores to that of the rest, after the shading is taken off. The grey of secondary electrons is no height: "
        "nothing is said of depth, and fractions are for comparison."
    )
    said = [meant]
    for name in panel.measured:
        one = found.sel(sample=name)
        least, most = 100 * float(one["band_low"]), 100 * float(one["band_high"])
        band = f"; {least:.1f} to {most:.1f} % over the band" if np.isfinite(least) else ""
        text = f"{name}: {pores_in_words(one)}{band}"
        difference, doubt = difference_in_words(compared, name)
        against = f"; less {compared.attrs['reference']} {difference}" if difference not in {"", "reference"} else ""
        said.append(text + (f"; {difference}: {doubt}." if doubt else f"{against}."))
    return said


def _porosity(panel: MicrographPanel) -> str:
    """Pores of every surface, and less those of the reference."""
    found, compared = panel.pores(), panel.compared()
    said = []
    for name in panel.measured:
        difference, doubt = difference_in_words(compared, name)
        against = f", less {compared.attrs['reference']} {difference}" if difference not in {"", "reference"} else ""
        against = f", {difference} with {compared.attrs['reference']}" if doubt else against
        said.append((name, f"{pores_in_words(found.sel(sample=name))}{against}"))
    return finding("Surface (95 % intervals)", said)


def _notices(panel: MicrographPanel) -> list[str]:
    """Each remark once, with the samples it is about: a view has lines of some of them."""
    said = ((line.name, text) for line in panel.lines() for text in line.remarks)
    return noticed(said, list(panel.shown))


def _sizes(sizes: xr.Dataset) -> Table:
    """A row per picture on how wide its pixels are."""
    by = [
        Column(f"by_{str(source).replace(' ', '_')}", sizes["size"].values[:, at].tolist(), "um", digits=5)
        for at, source in enumerate(sizes["source"].values)
    ]
    columns = [
        Column("sample", [str(name) for name in sizes["sample"].values]),
        Column("pixel_size", sizes["pixel_size"].values.tolist(), "um", digits=5),
        Column("taken_from", [str(one) or "nothing" for one in sizes["chosen"].values]),
        *by,
        Column("disagreement", (100 * sizes["disagreement"].values).tolist(), "%", digits=2),
        Column("agree", [_AGREE[int(one)] for one in sizes["agree"].values]),
    ]
    texts = [("pixel size", EXPLAINED["pixel"]), ("scale bar", EXPLAINED["scale bar"])]
    return Table("micrograph_scale", "Width of a pixel, by every source.", columns, texts)


def _thickness(whole: xr.Dataset) -> Table:
    """A row per cross section."""
    names = ("mean", "mean_low", "mean_high", "sd", "least", "most")
    columns = [
        Column("sample", [str(name) for name in whole["sample"].values]),
        *(Column(name, whole[name].values.tolist(), "um", digits=3) for name in names),
        Column("profiles", whole["profiles"].values.astype(int).tolist()),
        Column("found", (100 * whole["found"].values).tolist(), "%", digits=0),
        Column("independent", whole["independent"].values.tolist(), digits=0),
        Column("section_angle", whole["section_angle_used"].values.tolist(), "degree", digits=1),
    ]
    texts = [(name.replace("_", " "), str(whole[name].attrs["definition"])) for name in (*names, "independent")]
    texts.append(("section angle", EXPLAINED["section angle"]))
    return Table("coating_thickness", "Thickness of the coating in every section.", columns, texts)


def _materials(whole: xr.Dataset) -> Table:
    """A row per material."""
    grouped = analysis.by_material(whole)
    columns = [
        Column("material", [str(name) for name in grouped["material"].values]),
        *(Column(name, grouped[name].values.tolist(), "um", digits=3) for name in ("mean", "low", "high", "sd")),
        Column("pictures", grouped["pictures"].values.astype(int).tolist()),
    ]
    texts = [(name, str(grouped[name].attrs["definition"])) for name in ("mean", "low", "sd")]
    return Table("coating_materials", "Thickness of each material, over its pictures.", columns, texts)


def _pores(panel: MicrographPanel) -> Table:
    """A row per surface."""
    found, compared = panel.pores(), panel.compared()
    shown = (
        "pore_fraction", "pore_fraction_low", "pore_fraction_high", "band_low", "band_high", "anisotropy",
        "anisotropy_low", "anisotropy_high",
    )  # fmt: skip
    words = [difference_in_words(compared, str(name)) for name in found["sample"].values]
    columns = [
        Column("sample", [str(name) for name in found["sample"].values]),
        *(Column(name, found[name].values.tolist(), digits=3) for name in shown),
        Column("direction", found["direction"].values.tolist(), "degree", digits=0),
        Column("chord", found["chord"].values.tolist(), "um", digits=3),
        Column("pixel_size", found["pixel_size"].values.tolist(), "um", digits=5),
        Column("less_the_reference", [text for text, _ in words]),
    ]
    more = [
        *(Column(name, found[name].values.tolist()) for name in ("total_low", "total_high", "independent", "contrast")),
        Column("field", found["field"].values.tolist(), "um2"),
        Column("doubt", [doubt for _, doubt in words]),
    ]
    texts = [(name.replace("_", " "), str(found[name].attrs["definition"])) for name in (*shown, "direction", "chord")]
    texts.append(("less the reference", EXPLAINED["less the reference"]))
    return Table("surface_pores", "Pores of every surface.", [*columns, *more], texts, view=columns)
