"""Net areas of regions above their backgrounds, and atomic percentages from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from .backgrounds import BACKGROUNDS, FloatArray, weights
from .components import SENSITIVITY
from .layers import region_of
from .outcome import known_shift

_ENDS = 5


def net_area(
    data: xr.Dataset,
    region: str,
    *,
    window: Iterable[float] = (),
    background: str = "shirley",
    ends: int = 1,
    shift: xr.DataArray | None = None,
) -> xr.Dataset:
    r"""Area of a region above its background, of all samples that have it.

    .. math:: A = \int (I - B)\,dE

    by the trapezoid rule. The standard error is that of the counts, in the region and in the ends that hold the
    background: what the choice of the background and of the window leaves open is more, see :func:`area_by_background`.

    Parameters
    ----------
    data
        Measurements of :data:`~pchp_widgets.model.measurements.TECHNIQUES` ``["photoemission"]``.
    region
        Which region.
    window, shift
        As for :func:`~.layers.global_fit`.
    background
        One of :data:`~.backgrounds.BACKGROUNDS`.
    ends
        How many points at either end are averaged for it.

    Returns
    -------
    Dataset
        ``net_area`` (sample) [count s-1 eV] with ``net_area_stderr``, NaN where the counting time is not known, and
        ``background`` (sample, point).

    Raises
    ------
    ValueError
        As :func:`~.layers.region_of`, or when there is no such background.
    """
    if background not in BACKGROUNDS:
        raise ValueError(f"background {background!r}: choose one of {', '.join(BACKGROUNDS)}")
    part = region_of(data, region, window, shift)
    energy, rate = part["binding_energy"].values, part["intensity"].values
    below = BACKGROUNDS[background](energy, rate, ends=ends)
    weight = weights(np.where(np.isfinite(rate), energy, np.nan))
    area = np.where(np.isfinite(below).any(1), np.nansum(weight * (rate - below), axis=1), np.nan)
    spread = _area_spread(weight, rate, below, ends, part["dwell_time"].values)
    definition = f"area above the {background} background by the trapezoid rule"
    attrs = {"units": "count s-1 eV", "definition": definition, "ancillary_variables": "net_area_stderr"}
    return part.assign(
        background=(("sample", "point"), below, {"units": "count s-1"}),
        net_area=("sample", area, attrs),
        net_area_stderr=("sample", spread, {"units": "count s-1 eV"}),
    )


def _area_spread(weight: FloatArray, rate: FloatArray, below: FloatArray, ends: int, dwell: FloatArray) -> FloatArray:
    """Standard error of an area from the counts of the region, and of the ends that hold its background."""
    wide = weight.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        counting = np.nansum(weight**2 * np.maximum(rate, 0.0), axis=1)
        level = np.nansum(weight * np.maximum(below, 0.0), axis=1) / wide
        found: FloatArray = np.sqrt((counting + wide**2 / 2 * level / ends) / dwell)
    return found


def area_by_background(data: xr.Dataset, region: str, window: Iterable[float] = ()) -> xr.Dataset:
    """Net area of a region by every background: how much of it is a choice.

    Returns
    -------
    Dataset
        ``net_area`` (background, sample) [count s-1 eV].
    """
    limits = tuple(window)
    found = [net_area(data, region, window=limits, background=name)["net_area"] for name in BACKGROUNDS]
    return (
        xr.concat(found, "background", coords="minimal", compat="override")
        .assign_coords(background=list(BACKGROUNDS))
        .to_dataset(name="net_area")
    )


def atomic_share(
    data: xr.Dataset,
    *,
    regions: Iterable[str] = (),
    sensitivity: Mapping[str, float] = SENSITIVITY,
    background: str = "shirley",
) -> xr.Dataset:
    r"""Share of the atoms of each element, hydrogen left out.

    .. math:: x_i = \frac{A_i / S_i}{\sum_j A_j / S_j}

    with cross-sections S (ISO 18118). No correction for transmission and escape depth is made: it is good to some ten
    per cent between regions that lie far apart.

    Parameters
    ----------
    data
        Measurements.
    regions
        Which; all that have a cross-section when empty.
    sensitivity
        Cross-sections over that of C 1s.
    background
        Taken off each region.

    Returns
    -------
    Dataset
        ``atomic_share`` (sample, region) with ``atomic_share_stderr`` from the counts. Where the background has no
        solution, because there is no step to see, a straight line is taken.

    Raises
    ------
    ValueError
        When there is no region with a cross-section, or one that was asked for has none.
    """
    asked = _with_cross_section(data, tuple(regions), sensitivity)
    names = data["sample"].values
    parts = [_area_or_line(data, name, background).reindex(sample=names) for name in asked]
    per = np.array([sensitivity[name] for name in asked])
    areas, spreads = (
        np.stack([part[name].values for part in parts], axis=1) / per for name in ("net_area", "net_area_stderr")
    )
    areas = np.maximum(areas, 0.0)
    total = np.nansum(areas, axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, areas / total, np.nan)
        others = np.nansum(spreads**2, axis=1, keepdims=True) - spreads**2
        spread = np.sqrt(((1 - share) * spreads) ** 2 + share**2 * others) / total
    definition = "area over cross-section, of the regions given; hydrogen is not seen"
    attrs = {"units": "1", "definition": definition, "ancillary_variables": "atomic_share_stderr"}
    return xr.Dataset(
        {
            "atomic_share": (("sample", "region"), share, attrs),
            "atomic_share_stderr": (("sample", "region"), spread, {"units": "1"}),
        },
        {"sample": names, "region": list(asked)},
    )


def _with_cross_section(
    data: xr.Dataset, regions: tuple[str, ...], sensitivity: Mapping[str, float]
) -> tuple[str, ...]:
    asked = regions or tuple(str(name) for name in data["region"].values if str(name) in sensitivity)
    unknown = [name for name in asked if name not in sensitivity]
    if unknown or not asked:
        raise ValueError(f"no cross-section for {unknown[0] if unknown else 'any region'}: give sensitivity={{...}}")
    return asked


def _area_or_line(data: xr.Dataset, region: str, background: str) -> xr.Dataset:
    found = net_area(data, region, background=background, ends=_ENDS)[["net_area", "net_area_stderr"]]
    straight = net_area(data, region, background="linear", ends=_ENDS)[["net_area", "net_area_stderr"]]
    return found.where(np.isfinite(found["net_area"]), straight)


def without_components(
    data: xr.Dataset,
    region: str,
    *,
    window: Iterable[float] = (),
    background: str = "shirley",
    shift: xr.DataArray | None = None,
) -> xr.Dataset:
    """A region with its background alone, in the form of :func:`~.layers.global_fit`: nobody said what it consists of.

    Parameters
    ----------
    data, region, window, background, shift
        As for :func:`~.layers.global_fit`.

    Returns
    -------
    Dataset
        With no component; ``net_area`` (sample) [count s-1 eV] is the area above the background.
    """
    found = net_area(data, region, window=window, background=background, shift=shift)
    none = np.zeros((found.sizes["sample"], 0))
    stated = known_shift(found)
    rate = found["intensity"]
    kept = found[["binding_energy", "intensity", "background", "net_area", "net_area_stderr"]]
    return (
        kept.drop_vars("charge_shift", errors="ignore")
        .assign(
            envelope=found["background"],
            line=(("sample", "component", "point"), np.zeros((found.sizes["sample"], 0, found.sizes["point"]))),
            residual=rate * np.nan,
            charge_shift=("sample", np.nan_to_num(stated), {"units": "eV"}),
            area=(("sample", "component"), none),
            area_stderr=(("sample", "component"), none),
        )
        .assign_coords(component=np.array([], str))
        .assign_attrs(region=region, background=background)
    )
