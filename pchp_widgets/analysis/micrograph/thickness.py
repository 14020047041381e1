"""Thickness of a coating along a cross section, with an interval that knows that neighbours belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .._blocks import block_means
from .layer import Faces, faces, suggested_line
from .scale import Line, aspect, grey_values, pixel_sizes, rows_of_picture

FloatArray = npt.NDArray[np.float64]

FEWEST = 50
"""Profiles below which a thickness is doubtful."""

_NOTHING = np.zeros(0)


class _One(NamedTuple):
    line: tuple[float, ...]
    faces: Faces | None
    pixel: float
    angle: float


def thickness(
    data: xr.Dataset,
    lines: Mapping[str, Line] | None = None,
    *,
    sizes: xr.Dataset | None = None,
    section_angle: float = np.nan,
) -> xr.Dataset:
    """Thickness map of a layer and its mean.

    Both faces are found in profiles along the normals of the smoother one (:func:`~.layer.faces`). A section that is
    looked at from the angle α to its plane is foreshortened, ``t = t_seen / sin α``, where the axis of the tilt lies
    along the layer.

    Parameters
    ----------
    data
        Measurement of ``micrograph``.
    lines
        By sample, a line across the layer: column and row of its beginning and of its end. Suggested where left out.
    sizes
        As given by :func:`~.scale.pixel_sizes`; asked there when left out.
    section_angle
        For all samples [degree]; that of each sample when left out, and 90 where that is not known.

    Returns
    -------
    Dataset
        (sample, place): ``thickness`` [um] and ``position`` [um] along the layer; (sample, face, place): ``column`` and
        ``row`` of the ``near`` and the ``far`` face. (sample): ``mean`` [um] with ``mean_stderr``, ``mean_low`` and
        ``mean_high`` (95 %, of blocks of neighbours, :func:`~.._blocks.block_means`), ``sd``, ``least``, ``most``,
        ``profiles``, ``found``, the part of them with both faces, ``independent``, how many profiles count as one each,
        ``section_angle`` used and ``angle_known``; (sample, end): ``line``. What has no pixel size or no layer is NaN.

    Raises
    ------
    ValueError
        When an angle is not above 0 and up to 90 degrees, or a line does not have four numbers.
    """
    if not (np.isnan(section_angle) or 0 < section_angle <= 90):
        raise ValueError(f"section_angle {section_angle}: an angle above 0 and up to 90 degree is expected")
    lines = lines or {}
    sizes = pixel_sizes(data) if sizes is None else sizes
    names = [str(name) for name in data["sample"].values]
    ones = []
    for at, name in enumerate(names):
        line = tuple(float(number) for number in lines.get(name, ()))
        if len(line) not in {0, 4}:
            raise ValueError(f"{name}: a line is four numbers, column and row of both ends; found {len(line)}")
        pixel = float(sizes["pixel_size"].sel(sample=name))
        ones.append(_of_one(data.isel(sample=[at]), line, pixel, section_angle))
    return _together(ones, data)


def _of_one(one: xr.Dataset, line: tuple[float, ...], pixel: float, section_angle: float) -> _One:
    grey, ratio = grey_values(one)[: rows_of_picture(one)], aspect(one)
    grey = np.where(np.isfinite(grey), grey, np.nanmin(grey)) if not np.isfinite(grey).all() else grey
    line = line or suggested_line(grey, ratio) or ()
    found = faces(grey, line, ratio) if line else None
    stated = float(one["section_angle"].values[0]) if "section_angle" in one.coords else np.nan
    angle = section_angle if np.isfinite(section_angle) else stated
    return _One(line, found, pixel, angle)


def _together(ones: Sequence[_One], data: xr.Dataset) -> xr.Dataset:
    """Samples side by side, padded with NaN."""
    angles = np.array([one.angle for one in ones], float)
    factor = [one.pixel / np.sin(np.radians(one.angle if np.isfinite(one.angle) else 90.0)) for one in ones]
    maps = [one.faces.across * scale if one.faces else _NOTHING for one, scale in zip(ones, factor, strict=True)]
    along = [one.faces.along * one.pixel if one.faces else _NOTHING for one in ones]
    edges = [[side for one_side in (one.faces.near, one.faces.far) for side in one_side.T] if one.faces
             else [_NOTHING] * 4 for one in ones]  # fmt: skip
    longest = max((len(one) for one in maps), default=0)
    numbers = np.array([_moments(one) for one in maps], float).reshape(-1, len(_NUMBERS))
    ends = np.array([one.line or (np.nan,) * 4 for one in ones], float).reshape(-1, 4)
    corners = np.array([_padded(one, longest) for one in edges], float).reshape(len(ones), 2, 2, longest)
    each, both = ("sample",), ("sample", "place")
    return xr.Dataset(
        {
            "thickness": (both, _padded(maps, longest), {"units": "um", "definition": (
                "distance of both faces along the normal of the smoother one, over the sine of the section angle")}),
            "position": (both, _padded(along, longest), {"units": "um", "definition": "along the smoother face"}),
            "column": (("sample", "face", "place"), corners[:, :, 0], {"units": "1", "definition": "of each face"}),
            "row": (("sample", "face", "place"), corners[:, :, 1], {"units": "1", "definition": "of each face"}),
            **{
                name: (each, numbers[:, at], {"units": units, "definition": text})
                for at, (name, (units, text)) in enumerate(_NUMBERS.items())
            },
            "section_angle_used": (each, np.where(np.isfinite(angles), angles, 90.0), {
                "units": "degree", "definition": "between the line of sight and the section; 90 where nobody said"}),
            "angle_known": (each, np.isfinite(angles).astype(int), {"units": "1", "definition": "1 where it was said"}),
            "line": (("sample", "end"), ends, {"units": "1", "definition": "column and row of both ends, in pixels"}),
        },
        {"face": ["near", "far"], **sample_coords(data, {"thickness"})},
    )  # fmt: skip


_NUMBERS = {
    "mean": ("um", "mean thickness over all profiles in which both faces were found"),
    "mean_stderr": ("um", "standard error of the mean, of blocks of neighbouring profiles"),
    "mean_low": ("um", "lower end of the 95 % interval of the mean, of blocks of neighbouring profiles"),
    "mean_high": ("um", "upper end of the 95 % interval of the mean, of blocks of neighbouring profiles"),
    "sd": ("um", "standard deviation of the thickness from profile to profile"),
    "least": ("um", "least thickness"),
    "most": ("um", "largest thickness"),
    "profiles": ("1", "profiles that fit into the picture"),
    "found": ("1", "part of the profiles in which both faces were found"),
    "independent": ("1", "profiles that would say as much if they did not belong together"),
}


def _moments(values: FloatArray) -> tuple[float, ...]:
    """Numbers of one map, in the order of the table."""
    known = values[np.isfinite(values)]
    share = len(known) / len(values) if len(values) else np.nan
    if len(known) < 3:
        return (*(np.nan,) * 7, float(len(values)), share, np.nan)
    mean, sd = float(known.mean()), float(known.std(ddof=1))
    least, most = float(known.min()), float(known.max())
    low = high = error = independent = np.nan
    if len(known) >= FEWEST:
        means = block_means(known[None])
        low, high, error = float(means.low[0]), float(means.high[0]), float(means.stderr[0])
        independent = min((sd / error) ** 2, len(known)) if error > 0 else float(len(known))
    return mean, error, low, high, sd, least, most, float(len(values)), share, independent


def _padded(rows: Sequence[FloatArray], longest: int) -> FloatArray:
    made = np.full((len(rows), longest), np.nan)
    for at, row in enumerate(rows):
        made[at, : len(row)] = row
    return made
