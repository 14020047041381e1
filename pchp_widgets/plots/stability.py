"""The chemomechanical map: how stiff a coating has to be for the size of its lithium ions, and where coatings stand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis.stability import POLYMER_VOLUME_RATIO, critical_modulus_ratio
from . import theme
from .picture import Axis, Entry, Layer, Levels, Lines, Marks, Picture, Ribbons, Texts, Verticals

_VOLUMES, _MODULI = (0.02, 50.0), (0.01, 20.0)
_FINE = 160
_STABLE = theme.FAINT


def chemomechanical_map(
    found: xr.Dataset, looks: Mapping[str, theme.Look], volume_ratios: Mapping[str, float] | None = None
) -> Picture:
    """Coatings as horizontal bands, for the volume of Li+ in them is hardly ever known, over what stability demands.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.stability.coating_stability`.
    looks
        Of its samples, by name.
    volume_ratios
        v = V(Li+) / V(Li) of those of which it is known: they are points with error bars.
    """
    ratios = found.attrs["poisson_ratios"]
    names = [str(name) for name in found["sample"].values]
    colors = [looks[name].color for name in names]
    middle, low, high = (found[f"modulus_ratio{side}"].values for side in ("", "_low", "_high"))
    ends = np.array(_VOLUMES)
    bands = [(np.full(2, a), np.full(2, b)) for a, b in zip(low, high, strict=True)]
    rows = {"sample": names, "color": colors}
    tips = [("", "@sample"), ("G / G(Li)", "$y{0.000}")]
    known = {name: v for name, v in (volume_ratios or {}).items() if name in names}
    places = [names.index(name) for name in known]
    points = Marks(
        np.array([*known.values()], float),
        middle[places],
        {"sample": [*known], "color": [colors[at] for at in places]},
        "circle",
        size=9,
        tips=tips,
    )
    unknown = "V(Li⁺) not known: a line, not a point; " if len(known) < len(names) else ""
    layers: list[Layer] = [
        *_stable(ratios),
        Ribbons([ends] * len(names), [a for a, _ in bands], [b for _, b in bands], rows),
        Lines([ends] * len(names), [np.full(2, value) for value in middle], rows, tips=tips),
        points,
        Levels(np.ones(1), {"color": [theme.FAINT], "label": ["as stiff as lithium"]}),
        Verticals(np.array([POLYMER_VOLUME_RATIO]), {"color": [theme.FAINT]}),
        Texts(np.array([POLYMER_VOLUME_RATIO]), np.array([0.02]), {"label": ["Li⁺ in PEO"], "side": ["left"]}),
        _words(),
    ]
    return Picture(
        Axis("V(Li⁺) in the coating / V(Li)", log=True),
        Axis("shear modulus / that of lithium", log=True),
        layers,
        _VOLUMES,
        _MODULI,
        legend=[
            *(Entry(theme.elided(name), color) for name, color in zip(names, colors, strict=True)),
            Entry("stable", _STABLE, shape="square"),
        ],
        title=f"{unknown}paler: depends on Poisson's ratio, {ratios[0]:.2f} to {ratios[1]:.2f}",
        height=340,
    )


def _stable(ratios: tuple[float, float]) -> list[Layer]:
    """The two regions in which a ripple dies out, and how far their borders depend on Poisson's ratio."""
    layers: list[Layer] = []
    for v, far in ((np.geomspace(_VOLUMES[0], 0.999, _FINE), 0), (np.geomspace(1.001, _VOLUMES[1], _FINE), 1)):
        borders = np.array([critical_modulus_ratio(v, nu) for nu in ratios])
        narrow, wide = (borders.max(0), borders.min(0)) if far else (borders.min(0), borders.max(0))
        outside = np.full(len(v), _MODULI[far])
        for border in (narrow, wide):
            inside = np.clip(border, *_MODULI)
            sides = (inside, outside) if far else (outside, inside)
            rows = {"color": [_STABLE], "curve": ["driven by pressure" if far else "driven by density"]}
            layers.append(Ribbons([v], [sides[0]], [sides[1]], rows, is_data=border is narrow))
    return layers


def _words() -> Texts:
    labels = ["stable: driven by density", "stable: driven by pressure", "unstable", "unstable"]
    rows = {"label": labels, "side": ["right", "left", "right", "left"]}
    return Texts(np.array([0.03, 40.0, 0.03, 40.0]), np.array([0.03, 9.0, 5.0, 0.3]), rows)
