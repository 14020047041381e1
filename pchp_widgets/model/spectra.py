"""Flat impedance points to spectra, each with the cycle in which it was taken, and spectra of several cells."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from .schema import dataset, variable


def has_spectra(tree: xr.DataTree) -> bool:
    """Whether a cell has impedance spectra."""
    return "spectra" in tree.children and tree["spectra"].sizes.get("spectrum", 0) > 0


def spectra(flat: xr.Dataset, steps: xr.Dataset | None, cell: str) -> xr.Dataset:
    """Lay flat impedance points out as one row per spectrum.

    Parameters
    ----------
    flat
        Dataset (point) with ``spectrum``, ``frequency`` [Hz], ``z_real``, ``z_imag`` [ohm], ``time`` [s] and perhaps
        ``voltage`` [V], and ``cycle`` where it is known without the time; -1 where it is not.
    steps
        Steps of the same cell, or None when the file holds no trace.
    cell
        Name of the cell.

    Returns
    -------
    Dataset
        ``z_real``, ``z_imag`` (cell, spectrum, frequency), NaN at frequencies a spectrum does not have; ``cycle`` and
        ``time`` (cell, spectrum). Frequencies descend, as they are measured.

    Raises
    ------
    ValueError
        When a frequency is not positive, or those of a spectrum turn back: it is two sweeps, of which the points of one
        would take the places of the other.
    """
    _one_sweep_each(flat["spectrum"].values, flat["frequency"].values)
    number, first = np.unique(flat["spectrum"].values, return_index=True)
    row = np.searchsorted(number, flat["spectrum"].values)
    grid = np.unique(flat["frequency"].values)[::-1]
    column = len(grid) - 1 - np.searchsorted(grid[::-1], flat["frequency"].values)
    columns = {}
    for name in ("z_real", "z_imag"):
        table = np.full((1, len(number), len(grid)), np.nan)
        table[0, row, column] = flat[name].values
        columns[name] = table
    time = flat["time"].values[first]
    columns["time"] = time[None]
    if "voltage" in flat:
        columns["voltage"] = flat["voltage"].values[first][None]
    cycle = _cycle_at(time, steps)
    if "cycle" in flat:
        said = flat["cycle"].values[first]
        cycle = np.where(said >= 0, said, cycle)
    columns["cycle"] = cycle[None]
    found = dataset("spectra", columns).assign_coords(cell=[cell], spectrum=number, frequency=grid.astype(float))
    found["frequency"].attrs = {"units": "Hz", "long_name": "frequency"}
    return found


def _one_sweep_each(number: np.ndarray, frequency: np.ndarray) -> None:
    """Refuse spectra that cannot be laid out along one axis of frequencies without loss."""
    bad = ~(frequency > 0)
    if bad.any():
        at = int(np.argmax(bad))
        raise ValueError(f"spectrum {number[at]} has a frequency of {frequency[at]} Hz; leave such points out")
    order = np.argsort(number, kind="stable")
    inside = number[order][1:] == number[order][:-1]
    way = np.sign(np.diff(frequency[order]))
    turned = inside & (way == 0)
    turned[1:] |= inside[1:] & inside[:-1] & (way[1:] != way[:-1])
    if turned.any():
        at = int(np.argmax(turned)) + 1
        raise ValueError(
            f"spectrum {number[order][at]} turns back at {frequency[order][at]:g} Hz: it holds two sweeps; "
            "each needs a number of its own"
        )


def _cycle_at(time: np.ndarray, steps: xr.Dataset | None) -> np.ndarray:
    """Cycle running at each time; -1 where there are no cycles, or the time is not known."""
    if steps is None or steps.sizes["cycle"] == 0:
        return np.full(len(time), -1)
    begin = steps["time_start"].isel(cell=0).min("step").values
    order = np.argsort(begin)
    place = np.searchsorted(begin[order], time, side="right") - 1
    return np.where(np.isfinite(time), steps["cycle"].values[order][np.maximum(place, 0)], -1)


def merged_spectra(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Spectra of several cells along ``cell``, NaN where a cell lacks a spectrum, or a spectrum a frequency.

    Frequencies are those of any cell, descending; ``cycle`` is -1 where there is none.

    Raises
    ------
    ValueError
        When there is no cell.
    """
    whole = list(parts)
    if not whole:
        raise ValueError("spectra: no cell was given")
    columns = ("z_real", "z_imag", "time", "voltage", "cycle")
    alike = [part.assign({name: _unknown(part, name) for name in columns if name not in part}) for part in whole]
    found = xr.concat(
        alike,
        "cell",
        join="outer",
        fill_value={"cycle": -1},
        data_vars="all",
        coords="minimal",
        combine_attrs="drop_conflicts",
    )
    return found.sortby("frequency", ascending=False)


def _unknown(part: xr.Dataset, name: str) -> xr.DataArray:
    """A variable that a cell does not have, so that it lines up with one that has it."""
    entry = variable("spectra", name)
    sizes = [part.sizes[dim] for dim in entry.dims]
    return xr.DataArray(np.full(sizes, -1 if name == "cycle" else np.nan), dims=entry.dims, attrs=entry.attrs)
