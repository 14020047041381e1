"""Photoemission in a report; the numbers come from :mod:`pchp_widgets.analysis.photoemission`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis.photoemission.backgrounds import BACKGROUNDS
from ..analysis.photoemission.components import REFERENCE
from ..analysis.photoemission.outcome import DEFINITIONS
from ..analysis.photoemission.quantities import area_by_background, atomic_share
from ..analysis.photoemission.stoichiometry import CONVERSION
from ..panels.photoemission import PhotoemissionPanel
from ..panels.photoemission_readout import EXPLAINED, area_in_words, fraction, share_in_words
from .display import Figure
from .sections import Section, finding, notices
from .tables import Column, Table

_CALLED = {"shirley": "Shirley's", "tougaard": "Tougaard's (U2)", "linear": "a straight"}
_SHAPE = {"product": "the product GL", "sum": "the sum GL"}


def section(
    found: xr.Dataset,
    *,
    region: str = "",
    window: Sequence[float] = (),
    background: str = "shirley",
    active: bool = True,
    shape: str = "product",
    mixing: float = 0.3,
    components: Sequence[Sequence[object]] = (),
    shake_up: bool = False,
    reference: float = REFERENCE,
    conversion: float = CONVERSION,
) -> Section:
    """What a report says of photoemission from some samples.

    Parameters
    ----------
    found
        Measurements along ``sample``.
    region, window, background, active, shape, mixing, components, shake_up, reference, conversion
        As :class:`~pchp_widgets.panels.photoemission.PhotoemissionPanel` has them; `region` the one it begins with when
        left out.

    Raises
    ------
    ValueError
        When there is no spectrum, it was measured by another technique, or the window holds too few points.
    TraitError
        When a parameter is not what it may be.
    """
    panel = PhotoemissionPanel(
        found,
        shown=tuple(str(name) for name in found["sample"].values),
        **({"region": region} if region else {}),
        background=background,
        active=active,
        shape=shape,
        mixing=mixing,
        components=tuple(tuple(one) for one in components),
        shake_up=shake_up,
        reference=reference,
        conversion=conversion,
    )
    panel.window = tuple(window)
    if panel.error:
        raise panel.error
    lithiated = _lithiated(panel)
    tables = [_components(panel), *lithiated, *_carbon(panel), *_regions(panel)]
    return Section(
        "X-ray photoelectron spectroscopy",
        [_how(panel), *_paragraphs(panel)],
        _figures(panel),
        {table.name: table for table in tables},
        [*([panel.status] if panel.status else []), *notices(panel.lines())],
        [_acid(panel, lithiated[0]) if lithiated else _strengths(panel)],
    )


def _how(panel: PhotoemissionPanel) -> str:
    """By what the numbers were found."""
    low, high = panel.span
    fit = panel.found()
    kind = f"{_CALLED[panel.background]} background"
    if not fit.sizes["component"]:
        return f"{panel.region}: net area above {kind} from {low:.1f} to {high:.1f} eV."
    with_peaks = "fitted with the peaks" if panel.active else "taken off before"
    return (
        f"{panel.region} of {fit.sizes['sample']} samples was fitted at once from {low:.1f} to {high:.1f} eV, with the "
        f"same chemical shifts and widths in all of them, on {kind} that was {with_peaks}. The lines are "
        f"{_SHAPE[panel.shape]} of a Gaussian and {panel.mixing * 100:.0f} % Lorentzian; "
        f"{fit['component'].values[0]} stands at {float(fit['position'][0, 0]):.1f} eV, weights are those of counts."
    )


def _paragraphs(panel: PhotoemissionPanel) -> list[str]:
    """A sentence per sample."""
    fit = panel.found()
    said = []
    for at, name in enumerate(str(one) for one in fit["sample"].values):
        one = fit.isel(sample=at)
        if "lithiated_fraction" in one:
            said.append(
                f"{name}: of the acid, {fraction(one)} is COOLi; charging {float(one['charge_shift']):+.2f} eV, "
                f"reduced chi-square {float(one['chi_square']):.2f}."
            )
    return said


def _acid(panel: PhotoemissionPanel, lithiated: Table) -> str:
    """Share of the acid that is COOLi, with what the choice of the background makes of it."""
    fit = panel.found()
    by = 100 * np.array([column.values for column in lithiated.columns if column.name.startswith("on_")], float)
    said = []
    for at, name in enumerate(map(str, fit["sample"].values)):
        of = by[np.isfinite(by[:, at]), at]
        reach = f" ({of.min():.0f} to {of.max():.0f} % over backgrounds)" if len(of) else ""
        said.append((name, fraction(fit.isel(sample=at)) + reach))
    return finding("Share of the acid that is COOLi (95 % intervals)", said, "in")


def _strengths(panel: PhotoemissionPanel) -> str:
    """Shares of the components of another region, or its area where it has not several."""
    fit = panel.found()
    components = [str(name) for name in fit["component"].values] if fit.sizes["component"] > 1 else []
    said = []
    for at, name in enumerate(map(str, fit["sample"].values)):
        one = fit.isel(sample=at)
        shares = [f"{component} {share_in_words(one, place)}" for place, component in enumerate(components)]
        said.append((name, ", ".join(shares) or area_in_words(one)))
    return finding(f"{'Components' if components else 'Area'} of {panel.region} (± 95 %)", said, "in")


def _figures(panel: PhotoemissionPanel) -> dict[str, Figure]:
    pictures = panel.pictures()
    captions = {
        "fractions": "Share of the acid that is COOLi, with 95 % intervals by profile likelihood.",
        "carbon": "Carbon by component, with 95 % intervals; diamonds are the repeat unit.",
        "areas": "Area of each component, with 95 % intervals.",
        "acid": "The carboxyl carbon of the same fit.",
    }
    return {
        "spectra": Figure((pictures["spectra"],), "Spectra, components and background; grey is the window of the fit."),
        **{name: Figure((pictures[name],), text) for name, text in captions.items() if name in pictures},
        "residuals": Figure((pictures["residuals"],), "What the fit leaves, in standard deviations."),
    }


def _components(panel: PhotoemissionPanel) -> Table:
    """A row for each component of each sample."""
    fit = panel.found()
    sizes = (np.arange(fit.sizes[name]) for name in ("sample", "component"))
    sample, component = (one.ravel() for one in np.meshgrid(*sizes, indexing="ij"))

    def column(name: str, digits: int, units: str) -> Column:
        values, errors = (fit[f"{name}{end}"].values for end in ("", "_stderr"))
        at = (sample, component) if values.ndim == 2 else component
        return Column(name, values[at].tolist(), units, errors[at].tolist(), digits)

    columns = [
        Column("sample", [str(name) for name in fit["sample"].values[sample]]),
        Column("component", [str(name) for name in fit["component"].values[component]]),
    ]
    if fit.sizes["component"]:
        columns += [
            column("position", 2, "eV"),
            column("width", 2, "eV"),
            column("area", 0, "count s-1 eV"),
            column("share", 3, "1"),
            Column("charge_shift", fit["charge_shift"].values[sample].tolist(), "eV", digits=2),
        ]
    words = ("position", "width", "area", "share", "charge_shift")
    definitions = [(word.replace("_", " "), DEFINITIONS[word]) for word in words if fit.sizes["component"]]
    return Table("components", f"Components of {panel.region}.", columns, definitions=definitions)


def _lithiated(panel: PhotoemissionPanel) -> list[Table]:
    """Share of lithiated acid, and what other backgrounds would make of it."""
    fit = panel.found()
    if "lithiated_fraction" not in fit:
        return []
    names = [str(name) for name in fit["sample"].values]
    lithium = panel.lithium()
    columns = [Column("sample", names)]
    columns += [
        Column(label, fit[f"lithiated_fraction{end}"].values.tolist(), "1", digits=3)
        for label, end in (("lithiated_fraction", ""), ("low", "_low"), ("high", "_high"))
    ]
    others = [_with(panel, name) for name in BACKGROUNDS]
    columns += [
        Column(f"on_{name}", other.tolist(), "1", digits=3) for name, other in zip(BACKGROUNDS, others, strict=True)
    ]
    columns.append(
        Column(
            "lithium_per_COOLi",
            lithium["lithium_per_acid"].values.tolist(),
            "1",
            lithium["lithium_per_acid_stderr"].values.tolist(),
            2,
        )
    )
    definitions = [
        ("lithiated fraction", DEFINITIONS["lithiated_fraction"]),
        ("low, high", EXPLAINED["95 % interval"]),
        ("on ...", "the same with another background: what is left to choice, and not in the interval"),
        ("lithium per COOLi", EXPLAINED["Li per COOLi"]),
    ]
    return [Table("lithiated_acid", "Share of the carboxylic acid that is COOLi.", columns, definitions=definitions)]


def _with(panel: PhotoemissionPanel, background: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The lithiated fraction with another background."""
    other = PhotoemissionPanel(panel.samples.together(panel.shown), **{**panel.state(), "background": background})
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = other.found()["lithiated_fraction"].values
    return found


def _carbon(panel: PhotoemissionPanel) -> list[Table]:
    """Carbon beside the repeat unit."""
    if "carbon" not in panel.result.data:
        return []
    shares = panel.shares()
    sizes = (np.arange(shares.sizes[name]) for name in ("sample", "group"))
    sample, group = (one.ravel() for one in np.meshgrid(*sizes, indexing="ij"))
    columns = [
        Column("sample", [str(name) for name in shares["sample"].values[sample]]),
        Column("carbon", [str(name) for name in shares["group"].values[group]]),
        Column(
            "share",
            shares["share"].values[sample, group].tolist(),
            "1",
            shares["share_stderr"].values[sample, group].tolist(),
            3,
        ),
        Column("repeat_unit", shares["expected"].values[group].tolist(), "1", digits=3),
        Column("deviation", shares["deviation"].values[sample, group].tolist(), digits=1),
    ]
    definitions = [
        ("repeat unit", str(shares["expected"].attrs["definition"])),
        ("deviation", str(shares["deviation"].attrs["definition"])),
    ]
    return [Table("carbon", "Carbon by component beside that of the repeat unit.", columns, definitions=definitions)]


def _regions(panel: PhotoemissionPanel) -> list[Table]:
    """Net area of every region that has a cross-section, by every background, and shares of atoms."""
    data = panel.samples.together(panel.shown)
    try:
        atoms = atomic_share(data)
    except ValueError:  # no region with a cross-section: there is nothing to tabulate
        return []
    names, regions = ([str(one) for one in atoms[dim].values] for dim in ("sample", "region"))
    rows = [(sample, region) for sample in range(len(names)) for region in range(len(regions))]
    areas = {region: area_by_background(data, region)["net_area"].reindex(sample=names) for region in regions}
    columns = [
        Column("sample", [names[sample] for sample, _ in rows]),
        Column("region", [regions[region] for _, region in rows]),
        *(
            Column(
                f"area_{background}",
                [float(areas[regions[region]].sel(background=background)[sample]) for sample, region in rows],
                "count s-1 eV",
                digits=1,
            )
            for background in BACKGROUNDS
        ),
        Column(
            "atoms",
            [float(atoms["atomic_share"].values[at]) for at in rows],
            "1",
            [float(atoms["atomic_share_stderr"].values[at]) for at in rows],
            3,
        ),
    ]
    definitions = [("atoms", str(atoms["atomic_share"].attrs["definition"]))]
    return [Table("regions", "Net areas of all regions, and shares of atoms.", columns, definitions=definitions)]
