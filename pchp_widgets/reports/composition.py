"""Composition in a report; the numbers come from :mod:`pchp_widgets.analysis.composition`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis import composition as analysis
from ..panels.composition import CompositionPanel
from ..panels.composition_readout import percent, share_in_words, two_decimals
from .display import Figure
from .sections import Section, finding, notices
from .tables import Column, Table

_METHOD = (
    "By 1H NMR the conversion of nitriles to acids is 2 I(COOH) / I(aromatic H), by elements it follows from {route}. "
    "± is half of a 95 % interval: of integrals from the correlated noise and the base line ({baseline}), of elements "
    "from the error of a run. Where the two differ by more than is 5 % likely, they are not joined."
)
_CAPTIONS = {
    "spectrum": "Proton spectra over the height of their aromatic lines, with the regions that are integrated.",
    "conversion": "Conversion by each way there is, with 95 % intervals, and both together where they agree.",
    "stoichiometry": "COOH of the polymer over epoxide of the PEGDE, by their weight ratio.",
    "search": "Spectra in which {group} is sought, over the height of {reference}.",
    "presence": "Share of {group}, or the limit it is below: what is not seen is not shown to be absent.",
}
_WAYS = ("nmr", "amide", "nitrogen", "ratio", "conversion")


def section(
    found: xr.Dataset,
    *,
    window: Sequence[float] = (),
    acid: Sequence[float] = (),
    aromatic: Sequence[float] = (),
    amide: Sequence[float] = (),
    group: str = "",
    searched: Sequence[float] = (),
    compared: Sequence[float] = (),
    baseline: str = "smooth",
    route: str = "nitrogen",
    element_error: float = analysis.ELEMENT_ERROR,
    molar_mass: float = 500.0,
    functionality: float = 2.0,
) -> Section:
    """What a report says of the composition of some samples.

    Parameters
    ----------
    found
        Measurement of ``composition`` along ``sample``: spectra, elemental analyses, or both.
    window, acid, aromatic, amide, searched, compared, baseline, route, element_error, molar_mass, functionality
        As :class:`~pchp_widgets.panels.composition.CompositionPanel` has them.
    group
        That is sought; when empty, epoxide where there are 13C spectra, else amide.

    Raises
    ------
    ValueError
        When it was measured by another technique.
    TraitError
        When a parameter is not what it may be.
    """
    ranges = {"window": window, "acid": acid, "aromatic": aromatic, "amide": amide}
    ranges |= {"searched": searched, "compared": compared}
    panel = CompositionPanel(
        found,
        shown=tuple(str(name) for name in found["sample"].values),
        baseline=baseline,
        route=route,
        element_error=element_error,
        molar_mass=molar_mass,
        functionality=functionality,
        **{name: tuple(given) for name, given in ranges.items() if given},
        **({"group": group} if group else {}),
    )
    words = {"group": panel.group, "reference": panel.reference}
    figures = {name: Figure((picture,), _CAPTIONS[name].format(**words)) for name, picture in panel.pictures().items()}
    tables = [*_conversions(panel), *_integrals(panel), *_elements(panel)]
    return Section(
        "Composition",
        _paragraphs(panel),
        figures,
        {table.name: table for table in tables},
        notices=notices(panel.lines(), "All materials"),
        findings=_findings(panel),
    )


def _paragraphs(panel: CompositionPanel) -> list[str]:
    route = {"nitrogen": "the mass fraction of nitrogen", "ratio": "nitrogen over carbon"}[panel.route]
    said = []
    joined, sought = panel.conversion(), panel.presence()
    if joined.sizes["material"]:
        said.append(_METHOD.format(route=route, baseline=panel.baseline))
        ratios = panel.stoichiometry()
        for at, name in enumerate(map(str, joined["material"].values)):
            said.append(_converted(name, joined.isel(material=at), ratios.isel(material=at)))
    if sought is not None:
        said += [
            f"{name}: {panel.group} {_seen(sought.isel(sample=at).sel(region=panel.group))}."
            for at, name in enumerate(map(str, sought["sample"].values))
        ]
    return said


def _converted(name: str, one: xr.Dataset, ratios: xr.Dataset) -> str:
    ways = {"nmr": "NMR", "nitrogen": "N", "ratio": "N/C"}
    numbers = {str(kind): one[kind].item() for kind in one.data_vars if one[kind].dtype.kind == "f"}
    each = ", ".join(f"{percent(numbers, kind)} by {word}" for kind, word in ways.items() if percent(numbers, kind))
    together = percent(numbers, "conversion")
    if not together:
        return f"{name}: {each}; they disagree, and nothing is claimed."
    per = " / ".join(two_decimals(float(value)) for value in ratios["acid_per_epoxide"].values)
    content = float(ratios["acid_content"])
    alone = f"{each}; " if "," in each else ""
    basis = one["basis"].item()
    return (
        f"{name}: {alone}{together} of the nitriles are acids ({basis}), {two_decimals(content)} mmol g⁻¹ of COOH; "
        f"COOH per epoxide {per} for 2:1, 1:1, 1:2."
    )


def _findings(panel: CompositionPanel) -> list[str]:
    joined, sought = panel.conversion(), panel.presence()
    materials = [joined.isel(material=at) for at in range(joined.sizes["material"])]
    shares = [] if sought is None else [sought.isel(sample=at) for at in range(sought.sizes["sample"])]
    seen = ((str(one["sample"].item()), _share(one.sel(region=panel.group))) for one in shares)
    return [
        finding(
            "Conversion of nitriles to acids (± 95 %)",
            ((str(one["material"].item()), _acid(one)) for one in materials),
            "in",
        ),
        finding(f"Share of {panel.group} (± 95 %)", seen, "in"),
    ]


def _acid(one: xr.Dataset) -> str:
    numbers = {name: one[name].item() for name in ("conversion", "conversion_stderr")}
    together = percent(numbers, "conversion")
    return f"{together} by {one['basis'].item()}" if together else "undecided, the ways to it disagree"


def _share(one: xr.Dataset) -> str:
    return share_in_words({name: one[name].item() for name in ("share", "share_stderr", "share_limit", "seen")})


def _seen(one: xr.Dataset) -> str:
    text = _share(one)
    return f"is {text}" if text.startswith(("not", "undecided")) else f"is seen, {text} of all there can be"


def _conversions(panel: CompositionPanel) -> list[Table]:
    joined = panel.conversion()
    if not joined.sizes["material"]:
        return []
    ratios = panel.stoichiometry()
    columns = [Column("material", joined["material"].values.tolist())]
    for kind in _WAYS:
        value, error = (100 * joined[f"{kind}{end}"].values for end in ("", "_stderr"))
        if np.isfinite(value).any():
            columns.append(Column(kind, value.tolist(), "percent", error.tolist(), 2))
    band = [
        Column(f"nmr_band_{end}", (100 * joined[f"nmr_band_{end}"].values).tolist(), "percent", digits=2)
        for end in ("low", "high")
    ]
    acid = [ratios[f"acid_content{end}"].values.tolist() for end in ("", "_stderr")]
    columns += [*band, Column("likelihood", joined["likelihood"].values.tolist(), digits=3)]
    columns += [Column("basis", joined["basis"].values.tolist()), Column("COOH", acid[0], "mmol g-1", acid[1], 3)]
    for at, ratio in enumerate(ratios["weight_ratio"].values):
        value, error = (ratios[f"acid_per_epoxide{end}"].values[:, at].tolist() for end in ("", "_stderr"))
        columns.append(Column(f"COOH_per_epoxide_{ratio:g}", value, "", error, 2))
    words = {kind: str(joined[kind].attrs["definition"]) for kind in _WAYS}
    terms = [*words.items(), ("nmr band", "lowest and highest over base lines")]
    terms += [
        ("likelihood", str(joined["likelihood"].attrs["definition"])),
        ("COOH", str(ratios["acid_content"].attrs["definition"])),
        ("COOH per epoxide", f"for polymer to PEGDE by mass; Mn {panel.molar_mass:g} g mol⁻¹"),
    ]
    of_acid = [column for column in columns if column.name.startswith(("material", "COOH"))]
    others = {*(column.name for column in of_acid[1:]), "nmr_band_low", "nmr_band_high", "basis"}
    view = [column for column in columns if column.name not in others]
    note = ["± is a standard error."]
    return [
        Table("conversions", "Conversion of nitriles to acids.", columns, terms[:-2], note, view=view),
        Table("stoichiometry", "Acid, and acid per epoxide of the cross-linker.", of_acid, terms[-2:], note),
    ]


def _integrals(panel: CompositionPanel) -> list[Table]:
    """A row for each region of each spectrum."""
    made = []
    sought = panel.presence()
    same = sought is not None and panel.group in panel.regions()
    for name, caption, found in (
        ("integrals", "Integrals of the proton spectra.", panel.integrals()),
        ("sought", f"Integrals of {panel.group} and its reference.", None if same else sought),
    ):
        if found is None:
            continue
        sample, region = np.indices(found["integral"].shape).reshape(2, -1)
        picked = {kind: found[kind].values.ravel().tolist() for kind in found.data_vars}
        columns = [
            Column("sample", found["sample"].values[sample].tolist()),
            Column("region", found["region"].values[region].tolist()),
            Column("from", found["low"].values[region].tolist(), "1e-6", digits=2),
            Column("to", found["high"].values[region].tolist(), "1e-6", digits=2),
            Column("nuclei", picked["nuclei"], "", picked["nuclei_stderr"], 3),
            Column("share", picked["share"], "", picked["share_stderr"], 4),
            *(Column(kind, picked[kind], digits=4) for kind in ("share_low", "share_high", "share_limit")),
            Column("detection_limit", picked["detection_limit"], digits=4),
            Column("seen", [{1.0: "yes", 0.0: "no"}.get(value, "undecided") for value in picked["seen"]]),
        ]
        words = ("nuclei", "share", "share_low", "share_high", "share_limit", "detection_limit")
        terms = [(word.replace("_", " "), str(found[word].attrs["definition"])) for word in words]
        made.append(Table(name, caption, columns, terms, ["± is a standard error."]))
    return made


def _elements(panel: CompositionPanel) -> list[Table]:
    analysed = panel.elements()
    rows = np.flatnonzero(np.isfinite(analysed["mass_fraction"].values).any(1))
    if not len(rows):
        return []
    columns = [Column("sample", analysed["sample"].values[rows].tolist())]
    for at, name in enumerate(map(str, analysed["element"].values)):
        value, error = (100 * analysed[f"mass_fraction{end}"].values[rows, at] for end in ("", "_stderr"))
        columns.append(Column(name, value.tolist(), "percent", error.tolist(), 3))
    runs = np.nanmax(analysed["runs"].values[rows], axis=1).astype(int)
    columns.append(Column("runs", runs.tolist()))
    return [Table("elements", "Elemental analysis, weight percent.", columns, notes=["± is a standard error."])]
