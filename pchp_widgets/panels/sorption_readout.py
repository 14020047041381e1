"""What the panel of isotherms says in words about the samples it shows."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import xarray as xr

from ..analysis import sorption as analysis
from ..plots.theme import BARE, FAINT, HUES, Look, elided
from .readout import Line, scrolled

Sample = Mapping[str, Any]
"""What is known of one sample, by name."""

HEADS = (
    "W₀, {confidence} interval",
    "W₀ by density",
    "E",
    "n",
    "slit width, by β",
    "BET area",
    "nₘ",
    "C",
    "range p/p₀",
    "model",
    "micropores seen from",
)
"""What stands above the columns."""

EXPLAINED: dict[str, str] = {
    "W₀": "micropore volume: uptake at p₀ by Dubinin's equation, over the density of the adsorbed phase. The interval "
    "is that of the scatter about the curve, uptakes with equal relative errors",
    "W₀ by density": "what the same uptake gives by each convention of the density in use: no statistics, and the "
    "larger uncertainty",
    "E, n": "ln W = ln W₀ − (A/E)ⁿ, A = RT ln(p₀/p); n = 2 by Radushkevich, fitted by Astakhov. A fitted n at a bound "
    "is said below",
    "slit width": "L = 10.8/(E/β − 11.4) nm (Stoeckli and Ballerini, Fuel 70 (1991) 557), for each affinity "
    "coefficient β in use",
    "BET area": "nₘ times Avogadro's number times the area σ of a molecule. It is apparent unless the four criteria of "
    "Rouquerol are met (J. Rouquerol, P. Llewellyn, F. Rouquerol, Stud. Surf. Sci. Catal. 160 (2007) 49)",
    **{f"criterion {text[0]}": text[3:].format(tolerance=analysis.TOLERANCE) for text in analysis.CRITERIA.values()},
    "p₀": "as the file has it; else the vapour pressure of the gas at the temperature of the bath: CO2 by Span and "
    "Wagner (1996), N2 by Span et al. (2000), Ar by Tegeler, Span and Wagner (1999)",
    "micropores seen from": "limit of detection of a micropore volume (Currie 1968), of pores with E = 12 kJ mol⁻¹ "
    "beside uptake in proportion to the pressure. Less may be there without being seen",
    "against": "relative change with its interval; a standard error of 1 % of all uptakes of a sample is taken for its "
    "mass. Conventions that both samples share cancel",
}
"""What the numbers of the panel mean."""

_STATES = {1: (HUES[1], "●", "passed"), 0: (BARE, "✕", "failed"), -1: (FAINT, "○", "undecided")}


def lights(areas: xr.Dataset, looks: Mapping[str, Look]) -> str:
    """HTML of the four criteria, a light for each and for each sample.

    Parameters
    ----------
    areas
        As given by :func:`~pchp_widgets.analysis.sorption.bet`.
    looks
        By name of the sample.
    """
    cell = "padding:1px 18px 1px 0;text-align:left;white-space:nowrap"
    faint = "font-weight:normal;color:var(--jp-ui-font-color2,#555)"
    texts = [text.format(tolerance=float(areas.attrs["tolerance"])) for text in analysis.CRITERIA.values()]
    short = ("1 n(1 − x) rises", "2 C > 0", "3 nₘ in range", "4 p(nₘ)")
    head = "".join(
        f'<th style="{cell};{faint}" title="{escape(text)}">{escape(word)}</th>'
        for word, text in zip(short, texts, strict=True)
    )
    rows = []
    for name, states in zip(areas["sample"].values, areas["criteria"].values, strict=True):
        marks = "".join(
            f'<td style="{cell}"><span style="color:{color};font-size:16px">{mark}</span> {word}</td>'
            for color, mark, word in (_STATES[int(state)] for state in states)
        )
        look = looks[str(name)]
        rows.append(
            f'<tr><td style="{cell}"><span style="color:{look.color}">&#9632;</span> '
            f"{escape(elided(str(name), 28))}</td>"
            f"{marks}</tr>"
        )
    title = f'<th style="{cell};{faint}">Rouquerol</th>'
    return scrolled(f'<table class="pchp-lights"><tr>{title}{head}</tr>{"".join(rows)}</table>')


def lines(
    isotherms: xr.Dataset,
    areas: xr.Dataset,
    volumes: xr.Dataset,
    model: xr.Dataset | None,
    limits: xr.Dataset,
    changes: Mapping[str, xr.Dataset],
    looks: Mapping[str, Look],
) -> list[Line]:
    """One line per sample.

    Parameters
    ----------
    isotherms, areas, volumes, model, limits
        As :mod:`pchp_widgets.analysis.sorption` gives them, of the same samples; no model where there is none.
    changes
        Of volume and area, by name; empty without a reference.
    looks
        By name of the sample.
    """
    said = [
        analysis.remarks(isotherms),
        analysis.dubinin_remarks(volumes),
        analysis.bet_remarks(areas),
        analysis.model_remarks(model) if model is not None else {},
        analysis.porosity_remarks(limits),
        analysis.change_remarks(changes["volume"]) if changes else {},
    ]
    found = []
    columns = zip(
        analysis.each(volumes),
        analysis.each(areas),
        analysis.each(model) if model is not None else [None] * areas.sizes["sample"],
        analysis.each(limits),
        strict=True,
    )
    for at, (volume, area, fitted, limit) in enumerate(columns):
        name = str(area["sample"])
        values = (*_volume(volume), *_area(area), _model(fitted, model), _limit(limit))
        against = (_change(changes, at, str(changes["volume"].attrs["reference"])),) if changes else ()
        remarks = tuple(text for part in said for text in part.get(name, ()))
        found.append(Line(looks[name].color, name, (*values, *against), remarks))
    return found


def interval(one: Sample, name: str, form: str, units: str = "") -> str:
    """A number with its limits, in words."""
    value, low, high = (float(one[name + end]) for end in ("", "_low", "_high"))
    if not np.isfinite(value):
        return "none"
    unit = f" {units}" if units else ""
    if not np.isfinite(low):
        return f"{value:{form}}{unit}"
    top = f"to {high:{form}}" if np.isfinite(high) else "or more"
    return f"{value:{form}} ({low:{form}} {top}){unit}"


def _volume(one: Sample) -> tuple[str, ...]:
    least, most = float(one["volume_least"]), float(one["volume_most"])
    band = f"{least:.4f} to {most:.4f}" if np.isfinite(least) and most > least * 1.0001 else "one convention"
    pairs = zip(one["affinity"], one["slit_width"], strict=True)
    widths = [f"{width:.2f} nm (β {beta:g})" for beta, width in pairs if np.isfinite(width)]
    n = float(one["exponent"])
    bound = " at bound" if int(one["at_bound"]) == 1 else ""
    return (
        interval(one, "volume", ".4f", "cm³ g⁻¹"),
        band if np.isfinite(float(one["volume"])) else "",
        interval(one, "energy", ".2f", "kJ mol⁻¹"),
        "" if not np.isfinite(n) else f"{n:.2f}{bound}",
        ", ".join(widths) or "none",
    )


def _area(one: Sample) -> tuple[str, ...]:
    word = {1: "", 0: " apparent", -1: " undecided"}[int(one["passed"])]
    area = interval(one, "area", ".0f", "m² g⁻¹")
    constant, monolayer = float(one["constant"]), float(one["monolayer"])
    return (
        area + (word if area != "none" else ""),
        f"{monolayer:.3f} mmol g⁻¹" if np.isfinite(monolayer) else "none",
        f"{constant:.4g}" if np.isfinite(constant) else "none",
        f"{float(one['window_low']):.3g} to {float(one['window_high']):.3g}, {int(one['points'])} points",
    )


def _model(one: Sample | None, model: xr.Dataset | None) -> str:
    if one is None or model is None:
        return ""
    names = {"capacity": "C'" if "henry" in one else "nₘ", "affinity": "b" if "henry" in one else "K", "henry": "k_D"}
    parameters = analysis.MODELS[str(model.attrs["model"])]
    return ", ".join(f"{names[name]} {interval(one, name, '.3g')}" for name in parameters)


def _limit(one: Sample) -> str:
    limit = float(one["detection_limit"])
    word = {1: "seen", 0: "none seen", -1: "undecided"}[int(one["porous"])]
    return f"{limit:.2g} cm³ g⁻¹: {word}" if np.isfinite(limit) else "undecided"


def _change(changes: Mapping[str, xr.Dataset], at: int, reference: str) -> str:
    if str(changes["volume"]["sample"].values[at]) == reference:
        return "reference"
    words = {"volume": "W₀", "area": "area"}
    parts = []
    for name, changed in changes.items():
        value, low, high = (100 * float(changed[f"change{end}"].values[at]) for end in ("", "_low", "_high"))
        if np.isfinite(value):
            parts.append(f"{words[name]} {value:+.1f} % ({low:+.1f} to {high:+.1f})")
    return ", ".join(parts) or "none"
