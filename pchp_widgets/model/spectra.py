"""Flat impedance points to spectra, each with the cycle in which it was taken, and spectra of several cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from .schema import dataset, variable


def has_spectra(tree: xr.DataTree) -> bool:
    """Whether a cell has impedance spectra."""
    return "spectra" in tree.children and tree["spectra"].sizes.get("spectrum", 0) > 0


def spectra(
    flat: xr.Dataset, steps: xr.Dataset | None, cell: str, coords: Mapping[str, object] | None = None
) -> xr.Dataset:
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
    coords
        Further coordinates on ``cell``, as :class:`xarray.Dataset` takes them.

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
    given = {str(name): held.values for name, held in flat.variables.items()}
    _one_sweep_each(given["spectrum"], given["frequency"])
    number, first = np.unique(given["spectrum"], return_index=True)
    row = np.searchsorted(number, given["spectrum"])
    grid = np.unique(given["frequency"])[::-1]
    column = len(grid) - 1 - np.searchsorted(grid[::-1], given["frequency"])
    columns = {}
    for name in ("z_real", "z_imag"):
        table = np.full((1, len(number), len(grid)), np.nan)
        table[0, row, column] = given[name]
        columns[name] = table
    time = given["time"][first]
    columns["time"] = time[None]
    if "voltage" in given:
        columns["voltage"] = given["voltage"][first][None]
    cycle = _cycle_at(time, steps)
    if "cycle" in given:
        said = given["cycle"][first]
        cycle = np.where(said >= 0, said, cycle)
    columns["cycle"] = cycle[None]
    frequency = ("frequency", grid.astype(float), {"units": "Hz", "long_name": "frequency"})
    axes = {"cell": [cell], "spectrum": number, "frequency": frequency}
    return dataset("spectra", columns, coords=axes | dict(coords or {}))


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
    begin = np.fmin.reduce(steps.variables["time_start"].values[0], axis=1)
    order = np.argsort(begin)
    place = np.searchsorted(begin[order], time, side="right") - 1
    return np.where(np.isfinite(time), steps.variables["cycle"].values[order][np.maximum(place, 0)], -1)


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
