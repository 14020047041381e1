"""Gas sorption in a report; the numbers come from :mod:`pchp_widgets.analysis.sorption`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from ..analysis import sorption as analysis
from ..panels.sorption import SorptionPanel
from ..panels.sorption_readout import interval
from ..plots.picture import Picture
from .display import Figure
from .sections import Section, finding, notices
from .tables import Column, Table

_CAPTIONS = {
    "isotherm": "Isotherms; desorption hollow. The band is the range of the BET equation.",
    "dubinin": "Dubinin plot: the filled volume, and W₀ where the pressure is p₀. The band is the range of the fit.",
    "bet": "BET plot: the line is the fit in the band.",
    "rouquerol": "Plot of Rouquerol, which has to rise inside the band.",
}
_STATES = {1: "passed", 0: "failed", -1: "undecided"}


def section(
    found: xr.Dataset,
    *,
    window: Sequence[float] = (),
    micropores: Sequence[float] = (),
    exponent: float = 2.0,
    density: str = analysis.SATURATED,
    molecule_area: float = 0.0,
    reference: str = "",
    confidence: float = 0.95,
) -> Section:
    """What a report says of the isotherms of some samples.

    Parameters
    ----------
    found
        Isotherms along ``sample``.
    window, micropores, exponent, density, molecule_area, reference, confidence
        As :class:`~pchp_widgets.panels.sorption.SorptionPanel` has them.

    Raises
    ------
    ValueError
        When there is no isotherm, or it was measured by another technique.
    TraitError
        When a parameter is not what it may be.
    """
    panel = SorptionPanel(
        found,
        shown=tuple(str(name) for name in found["sample"].values),
        window=tuple(window),
        micropores=tuple(micropores),
        exponent=exponent,
        density=density,
        molecule_area=molecule_area,
        reference=reference,
        confidence=confidence,
    )
    pictures = panel.pictures()
    figures = {name: Figure((_still(pictures[name]),), text) for name, text in _CAPTIONS.items()}
    tables = [_volumes(panel), _areas(panel), *_changes(panel)]
    return Section(
        "Gas sorption",
        _paragraphs(panel),
        figures,
        {table.name: table for table in tables},
        notices(panel.lines()),
        _findings(panel),
    )


def _still(picture: Picture) -> Picture:
    """A figure of which nothing can be dragged."""
    return replace(picture, title=picture.title.replace(": drag the band", ""))


def _paragraphs(panel: SorptionPanel) -> list[str]:
    volumes, areas, limits = panel.volumes(), panel.areas(), panel.limits()
    isotherms = panel.branch()
    said = []
    columns = zip(
        *(analysis.each(data) for data in (isotherms, volumes, areas, limits)), analysis.gases(isotherms), strict=True
    )
    for isotherm, volume, area, limit, gas in columns:
        name, kelvin = str(isotherm["sample"]), float(isotherm["bath_temperature"])
        where = f"{gas.name if gas else 'unknown gas'} at {kelvin:.2f} K" if np.isfinite(kelvin) else "unknown bath"
        text = f"{name} ({where}): W₀ {interval(volume, 'volume', '.4f', 'cm³ g⁻¹')}"
        least, most = float(volume["volume_least"]), float(volume["volume_most"])
        if most > 1.0001 * least:
            text += f", {least:.4f} to {most:.4f} cm³ g⁻¹ by the conventions of the density"
        text += f"; E {interval(volume, 'energy', '.2f', 'kJ mol⁻¹')}."
        if np.isfinite(float(area["area"])):
            word = {1: "", 0: "apparent ", -1: "undecided "}[int(area["passed"])]
            text += (
                f" BET area, {word}{interval(area, 'area', '.0f', 'm² g⁻¹')}, criteria {_in_short(area['criteria'])}."
            )
        if int(limit["porous"]) == 0:
            text += f" No micropores seen; {float(limit['detection_limit']):.2g} cm³ g⁻¹ would have been."
        said.append(text)
    ranges = np.stack([areas["window_low"].values, areas["window_high"].values], -1)
    if not panel.window and len(np.unique(ranges, axis=0)) > 1:
        said.append("Each BET area is of the range suggested for that sample; the band is the middle of them.")
    return said + _against(panel)


def _against(panel: SorptionPanel) -> list[str]:
    """Each sample beside the reference, where there is one."""
    said = []
    for name, changed in panel.changes().items():
        word = {"volume": "W₀", "area": "BET area"}[name]
        percent = [100 * changed[f"change{end}"].values for end in ("", "_low", "_high")]
        said += [
            f"{sample} against {panel.reference}: {word} {value:+.1f} % ({low:+.1f} to {high:+.1f} %)."
            for sample, value, low, high in zip(changed["sample"].values, *percent, strict=True)
            if str(sample) != panel.reference and np.isfinite(value)
        ]
    return said


def _findings(panel: SorptionPanel) -> list[str]:
    gases = [gas.name if gas else "unknown gas" for gas in analysis.gases(panel.branch())]
    areas = analysis.each(panel.areas())
    volumes = list(map(_micropores, analysis.each(panel.volumes()), analysis.each(panel.limits())))
    found = [
        interval(one, "area", ".0f", "m² g⁻¹") if np.isfinite(float(one["area"])) else "undecided" for one in areas
    ]
    probe, gas = _shared(gases)
    verdict, own = _shared(list(map(_verdict, areas)))
    names = [f"{one['sample']}{f' ({text})' if text else ''}" for one, text in zip(areas, gas, strict=True)]
    met = [", ".join(filter(None, one)) for one in zip(found, own, strict=True)]
    level = f"{100 * panel.confidence:g} % intervals"
    return [
        finding(f"Micropore volume W₀ ({'; '.join(filter(None, [probe, level]))})", zip(names, volumes, strict=True)),
        finding(f"BET area ({'; '.join(filter(None, [verdict, level]))})", zip(names, met, strict=True)),
        *_against(panel),
    ]


def _micropores(volume: Mapping[str, Any], limit: Mapping[str, Any]) -> str:
    """Micropore volume of one sample, unless its isotherm is one without micropores."""
    if int(limit["porous"]) == 0:
        return f"none seen, less than {float(limit['detection_limit']):.2g} cm³ g⁻¹"
    if not np.isfinite(float(volume["volume"])):
        return "undecided"
    doubt = "" if int(limit["porous"]) == 1 else ", undecided whether of micropores"
    return interval(volume, "volume", ".4f", "cm³ g⁻¹") + doubt


def _verdict(area: Mapping[str, Any]) -> str:
    """How much a BET area is to be believed, by the criteria."""
    word = {1: "", 0: "apparent: ", -1: "undecided: "}[int(area["passed"])]
    return f"{word}Rouquerol's criteria {_in_short(area['criteria'])}" if np.isfinite(float(area["area"])) else ""


def _shared(texts: list[str]) -> tuple[str, list[str]]:
    """What holds of all, and else of each."""
    return (texts[0], [""] * len(texts)) if len(set(texts)) == 1 else ("", texts)


def _volumes(panel: SorptionPanel) -> Table:
    volumes, limits, isotherms = panel.volumes(), panel.limits(), panel.branch()
    main = [
        *_samples(isotherms),
        _column(volumes, "volume", 4),
        _column(volumes, "volume_low", 4),
        _column(volumes, "volume_high", 4),
        _column(volumes, "energy", 2),
        _column(volumes, "exponent", 2),
        _column(volumes, "points", 0),
    ]
    names = ("volume_least", "volume_most", "density", "energy_low", "energy_high", "exponent_low", "exponent_high")
    more = [_column(volumes, name) for name in (*names, "at_bound", "correlation", "window_low", "window_high")]
    more += [column for at in range(volumes.sizes["convention"]) for column in _slits(volumes, at)]
    more += [_column(limits, name) for name in ("micropore_volume", "detection_limit", "henry")]
    seen = {1: "yes", 0: "no", -1: "undecided"}
    more.append(Column("micropores_seen", [seen[int(one)] for one in limits["porous"].values]))
    level = f"{panel.confidence:.0%}"
    return Table(
        "micropore_volumes",
        f"Micropore volumes after Dubinin with {level} intervals.",
        [*main, *more],
        definitions=_definitions(volumes, ("volume", "energy", "exponent")),
        notes=["The csv has the conventions of the density, slit widths, ranges and limits of detection."],
        view=main,
    )


def _areas(panel: SorptionPanel) -> Table:
    areas = panel.areas()
    main = [
        *_samples(areas),
        _column(areas, "area", 0),
        _column(areas, "area_low", 0),
        _column(areas, "area_high", 0),
        _column(areas, "constant"),
    ]
    states = areas["criteria"].values
    each = [
        Column(f"criterion_{at + 1}", [_STATES[int(one)] for one in states[:, at]]) for at in range(states.shape[1])
    ]
    names = ["monolayer", "monolayer_low", "monolayer_high", "slope", "intercept", "r_squared", "points"]
    names += ["window_low", "window_high", "monolayer_pressure", "expected_pressure", "molecule_area"]
    words = [text.format(tolerance=panel.tolerance) for text in analysis.CRITERIA.values()]
    return Table(
        "bet_areas",
        f"BET areas with {panel.confidence:.0%} intervals, and Rouquerol's criteria.",
        [*main, *each, *(_column(areas, name) for name in names)],
        definitions=[
            *_definitions(areas, ("area", "constant")),
            *((f"criterion {text[0]}", text[3:]) for text in words),
        ],
        notes=["An area whose criteria are not all met is apparent."],
        view=[*main, Column("criteria", [_in_short(one) for one in states])],
    )


def _in_short(states: Sequence[int]) -> str:
    """States of the four criteria, as ``1 2 4 passed, 3 failed``."""
    found = {
        word: [str(at + 1) for at, one in enumerate(states) if int(one) == state] for state, word in _STATES.items()
    }
    return ", ".join(f"{' '.join(numbers)} {word}" for word, numbers in found.items() if numbers)


def _changes(panel: SorptionPanel) -> list[Table]:
    found: Mapping[str, xr.Dataset] = panel.changes()
    if not found:
        return []
    columns = [Column("sample", [str(name) for name in found["volume"]["sample"].values])]
    for name, changed in found.items():
        columns += [
            Column(f"{name}_{end}", (100 * changed[end].values).tolist(), "percent", digits=1)
            for end in ("change", "change_low", "change_high")
        ]
    alike = [{1: "yes", 0: "no", -1: "unknown"}[int(state)] for state in found["volume"]["alike"].values]
    return [
        Table(
            "sorption_changes",
            f"Changes against {panel.reference} with {panel.confidence:.0%} intervals.",
            [*columns, Column("measured_alike", alike)],
            notes=[
                "A relative standard error of 1 % of all uptakes of a sample is taken for its mass and cold volume."
            ],
        )
    ]


def _samples(data: xr.Dataset) -> list[Column]:
    names = [str(name) for name in data["sample"].values]
    known = {name: [str(one) for one in data[name].values] for name in ("material", "gas") if name in data.coords}
    telling = {name: words for name, words in known.items() if any(words) and words != names}
    return [Column("sample", names), *(Column(name, words) for name, words in telling.items())]


def _column(data: xr.Dataset, name: str, digits: int | None = None) -> Column:
    units = str(data[name].attrs["units"])
    return Column(name, data[name].values.tolist(), "" if units == "1" else units, digits=digits)


def _slits(volumes: xr.Dataset, at: int) -> list[Column]:
    one = volumes.isel(convention=at)
    names = ("affinity", "slit_width", "slit_area")
    return [
        Column(f"{name}_{at + 1}", one[name].values.tolist(), {"slit_width": "nm", "slit_area": "m2 g-1"}.get(name, ""))
        for name in names
    ]


def _definitions(data: xr.Dataset, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, str(data[name].attrs["definition"])) for name in names]
