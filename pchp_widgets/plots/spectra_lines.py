"""Nyquist plot of a few spectra of several cells, one line each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Lines, Marks, Picture
from .pieces import Looks, cell_rows, texts

FloatArray = npt.NDArray[np.float64]

DASHES = ("solid", "dashed")
_SPACE = 0.06


def lines_of(spectra: xr.Dataset, places: dict[str, npt.NDArray[np.int64]], resistance: FloatArray) -> xr.Dataset:
    """Points of some spectra, to be drawn.

    Parameters
    ----------
    spectra
        (cell, spectrum, frequency).
    places
        Place of one spectrum of each cell by what it is called, -1 where there is none; at most two.
    resistance
        (cell, called): series resistance to be marked on the axis [ohm], NaN for none.

    Returns
    -------
    Dataset
        (line, frequency): ``z_real``, ``z_negative`` [ohm]; ``cell``, ``called`` and ``resistance`` along ``line``.
    """
    real, imaginary = (spectra[name].transpose("cell", "spectrum", "frequency").values for name in ("z_real", "z_imag"))
    rows: list[tuple[str, str, float]] = []
    points: list[tuple[FloatArray, FloatArray]] = []
    for column, (called, place) in enumerate(places.items()):
        for cell, (name, at) in enumerate(zip(spectra["cell"].values, place.tolist(), strict=True)):
            if at >= 0 and np.isfinite(real[cell, at]).any():
                rows.append((str(name), called, float(resistance[cell, column])))
                points.append((real[cell, at], -imaginary[cell, at]))
    shape = (0, spectra.sizes["frequency"])
    x, y = (
        np.stack(part) if points else np.zeros(shape) for part in (zip(*points, strict=True) if points else ((), ()))
    )
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    named = dict(zip(("cell", "called", "resistance"), columns, strict=True))
    return xr.Dataset(
        {
            "z_real": (("line", "frequency"), x),
            "z_negative": (("line", "frequency"), y),
            "resistance": ("line", np.array(named["resistance"], float)),
        },
        {
            "cell": ("line", texts(named["cell"])),
            "called": ("line", texts(named["called"])),
            "frequency": spectra["frequency"],
        },
        {"called": tuple(places)},
    )


def nyquist(lines: xr.Dataset, looks: Looks, title: str = "") -> Picture:
    """-Im Z against Re Z with equal axes; the series resistance of the fit is a mark on the axis.

    Parameters
    ----------
    lines
        As given by :func:`lines_of`.
    looks
        By name of the cell.
    title
        Above the figure.
    """
    called = list(lines.attrs["called"])
    layers: list[Layer] = []
    for place, name in enumerate(called):
        own = lines.isel(line=np.flatnonzero(lines["called"].values == name))
        known = np.isfinite(own["z_real"].values)
        rows = cell_rows(own["cell"].values, looks)
        x = [row[there] for row, there in zip(own["z_real"].values, known, strict=True)]
        y = [row[there] for row, there in zip(own["z_negative"].values, known, strict=True)]
        tips = [("cell", "@cell"), ("", name), ("Z", "$x{0.00} − j $y{0.00} Ω")]
        layers.append(Lines(x, y, {**rows, "called": np.full(len(x), name, object)}, DASHES[place % 2], tips))
        series = own["resistance"].values
        there = np.isfinite(series)
        layers.append(
            Marks(
                series[there], np.zeros(int(there.sum())), {key: values[there] for key, values in rows.items()},
                None, place == 0, 7, [("cell", "@cell"), (f"Rₛ, {name}", "@x{0.000} Ω")],
            )
        )  # fmt: skip
    real, negative = lines["z_real"].values, lines["z_negative"].values
    right = float(np.nanmax(real, initial=1.0))
    low, high = min(0.0, float(np.nanmin(negative, initial=0.0))), float(np.nanmax(negative, initial=0.3 * right))
    entries = cell_entries(list(dict.fromkeys(str(name) for name in lines["cell"].values)), looks)
    if len(called) > 1:
        entries += [Entry(name, theme.INK, dash) for name, dash in zip(called, DASHES, strict=False)]
    return Picture(
        Axis("Re Z", "Ω"),
        Axis("−Im Z", "Ω"),
        layers,
        xlim=(-_SPACE * right / 2, right * (1 + _SPACE)),
        ylim=(low - _SPACE * right / 2, high + _SPACE * right),
        legend=entries,
        title=title if lines.sizes["line"] else "no spectrum",
        equal=True,
    )
