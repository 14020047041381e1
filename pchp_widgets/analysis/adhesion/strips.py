"""Force per width of every strip, and between which places it was peeled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]

PEELING = 0.5
"""A strip is being peeled from where its force first exceeds this part of its median to where it last does."""


def strips(data: xr.Dataset) -> xr.Dataset:
    """Force per width along the travel of the grips.

    Parameters
    ----------
    data
        Measurement of ``adhesion`` (sample, test, point). The width is that of each strip (``specimen_width``) where
        the file states it, else the ``width`` of the sample.

    Returns
    -------
    Dataset
        (sample, test, point): ``travel`` [mm] from where the test began, ``force_per_width`` [N m-1], the points of
        each strip in order of travel and NaN behind them; (sample, test): ``width`` [mm], ``peel_start`` and
        ``peel_end`` [mm], between which the force exceeds half of its median.

    Raises
    ------
    ValueError
        When a sample has a force and no width.
    """
    force, travel = (np.asarray(data[name].values, float) for name in ("force", "displacement"))
    known = np.isfinite(force) & np.isfinite(travel)
    width = widths(data, known.any(-1))
    order = np.argsort(np.where(known, travel, np.inf), axis=-1, kind="stable")
    known = np.take_along_axis(known, order, -1)
    travel = np.where(known, np.take_along_axis(travel, order, -1), np.nan)
    travel = travel - travel[..., :1]
    per_width = np.where(known, np.take_along_axis(force, order, -1), np.nan) / width[..., None] * 1e3
    start, end = _peeled(travel, per_width)
    both, each = ("sample", "test", "point"), ("sample", "test")
    return xr.Dataset(
        {
            "travel": (both, travel, {"units": "mm", "definition": "travel of the grips since the start of the test"}),
            "force_per_width": (both, per_width, {"units": "N m-1", "definition": "force over the width of the strip"}),
            "width": (each, width, {"units": "mm", "definition": "width of the strip"}),
            "peel_start": (each, start, {"units": "mm", "definition": _edge("first")}),
            "peel_end": (each, end, {"units": "mm", "definition": _edge("last")}),
        },
        _labels(data),
    )


def widths(data: xr.Dataset, used: npt.NDArray[np.bool_]) -> FloatArray:
    """Width of each strip [mm] (sample, test); raises where one that is `used` has none."""
    nothing = np.full(used.shape, np.nan)
    own = np.asarray(data["specimen_width"].values, float) if "specimen_width" in data else nothing
    of_sample = np.asarray(data["width"].values, float)[:, None] if "width" in data.coords else nothing
    found: FloatArray = np.where(np.isfinite(own), own, of_sample)
    unknown = used & ~(found > 0)
    if unknown.any():
        name = str(data["sample"].values[np.flatnonzero(unknown.any(1))[0]])
        raise ValueError(f"{name}: the width of the strip is not known: open_measurement(..., width='25 mm')")
    return found


def _peeled(travel: FloatArray, per_width: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and last travel [mm] at which the force exceeds half of its median; NaN without a force."""
    shape = travel.shape[:-1]
    if not travel.size:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    # of what carries a force: a long slack, or a record that goes on without the strip, does not count
    highest = np.max(np.where(np.isfinite(per_width), per_width, 0.0), -1, keepdims=True, initial=0.0)
    carrying = np.where(per_width > 0.2 * highest, per_width, np.nan)
    some = np.isfinite(carrying).any(-1)
    middle = np.full(shape, np.nan)
    middle[some] = np.nanmedian(carrying[some], axis=-1)
    peeling = per_width > PEELING * middle[..., None]
    first, last = peeling.argmax(-1), peeling.shape[-1] - 1 - peeling[..., ::-1].argmax(-1)
    some = peeling.any(-1)
    ends = (np.where(some, np.take_along_axis(travel, at[..., None], -1)[..., 0], np.nan) for at in (first, last))
    start, end = ends
    return start, end


def _labels(data: xr.Dataset) -> dict[str, xr.Variable]:
    """Coordinates that say what a strip is, without those that they would bring along."""
    wanted = ("sample", "material", "peel_angle", "failure_mode", "source_file")
    return {name: data.coords[name].variable for name in wanted if name in data.coords}


def _edge(which: str) -> str:
    return f"{which} travel at which the force exceeds {PEELING:.0%} of its median"
