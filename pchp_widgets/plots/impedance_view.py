"""What the figures of impedance spectra show: results of the analysis, reduced to what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.circuits import Circuit
from ..model.stated import stated_numbers
from .theme import Look

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

INTERVAL = 1.959963984540054
"""Standard errors on either side of a value that make its 95 % interval."""

_PERCENT, _DEGREES = 100.0, 180.0 / np.pi
_BESIDE = 0.15  # decades
_FINE = 40  # points of a fitted curve per decade
_UNKNOWN: dict[str, Any] = {"f": np.nan, "b": False, "U": "", "O": ""}
_OF_CELL = ("cell", "coating", "color", "marker")


class Place(NamedTuple):
    """A point somebody left out of the fits: of one spectrum, or of every one where `cell` is empty."""

    cell: str
    spectrum: int
    frequency: float


def chosen(spectra: xr.Dataset, numbers: IntArray, number: int) -> xr.Dataset:
    """One spectrum of each cell, or what was found of it.

    Parameters
    ----------
    spectra
        (cell, spectrum, ...).
    numbers
        (cell, spectrum): the cycle of each, or whatever tells them apart; -1 where there is none. Of several with the
        same number it is the last one.
    number
        The one wanted. Of a cell that does not have it nothing is known: NaN, -1 or an empty text.

    Returns
    -------
    Dataset
        (cell, spectrum, ...) with one spectrum each, whose own number is the coordinate ``number`` (cell).
    """
    fits = (numbers == number) & (numbers >= 0)
    there, rows = fits.any(1), np.arange(len(fits))
    last = fits.shape[1] - 1 - fits[:, ::-1].argmax(1) if fits.shape[1] else np.zeros(len(fits), int)
    variables = {}
    for name, variable in spectra.variables.items():
        if variable.dims[:2] == ("cell", "spectrum"):
            values = variable.values[rows, last]
            values[~there] = _UNKNOWN.get(values.dtype.kind, -1)
            variables[name] = (variable.dims, values[:, None], variable.attrs)
    own = {name: coord for name, coord in spectra.coords.items() if "spectrum" not in coord.dims}
    of = np.where(there, spectra["spectrum"].values[last], -1) if fits.shape[1] else np.full(len(fits), -1)
    return xr.Dataset(variables, own | {"number": ("cell", of)}, spectra.attrs)


def mask(spectra: xr.Dataset, left_out: Iterable[Place], window: tuple[float, float] | None = None) -> xr.DataArray:
    """Which points are kept (cell, spectrum, frequency).

    Parameters
    ----------
    spectra
        (cell, spectrum, frequency); where it has a coordinate ``number`` (cell), that is the spectrum of each cell.
    left_out
        Points that are not. A frequency is meant to one part in ten thousand.
    window
        Lowest and highest frequency kept [Hz].
    """
    frequency = spectra["frequency"].values
    keep = np.ones([spectra.sizes[dim] for dim in ("cell", "spectrum", "frequency")], bool)
    if window is not None:
        keep &= (frequency >= window[0]) & (frequency <= window[1])
    names = spectra["cell"].values.astype(str)
    numbers = (
        spectra["number"].values[:, None]
        if "number" in spectra.coords
        else np.broadcast_to(spectra["spectrum"].values, keep.shape[:2])
    )
    for place in left_out:
        at = np.isclose(frequency, place.frequency, rtol=1e-4, atol=0.0)
        whole = not place.cell
        of = np.full(numbers.shape, True) if whole else (names == place.cell)[:, None] & (numbers == place.spectrum)
        keep &= ~(of[:, :, None] & at)
    return xr.DataArray(keep, dims=("cell", "spectrum", "frequency"), coords={"cell": spectra["cell"]})


def areas(spectra: xr.Dataset, areal: bool) -> FloatArray:
    """What impedances are multiplied by: the area [cm2] of each cell, or 1."""
    return stated_numbers(spectra, "area") if areal else np.ones(spectra.sizes["cell"])


def points(
    one: xr.Dataset,
    keep: xr.DataArray,
    looks: Mapping[str, Look],
    *,
    areal: bool = False,
    fitted: xr.Dataset | None = None,
    checked: xr.Dataset | None = None,
) -> xr.Dataset:
    r"""Every measured point of one spectrum of each cell, with all that any figure shows of it.

    Parameters
    ----------
    one
        As given by :func:`chosen`.
    keep
        As given by :func:`mask`.
    looks
        By name of the cell.
    areal
        Whether impedances are per area [ohm cm2].
    fitted
        ``z_real``, ``z_imag`` of the fit at the same frequencies, where there is one.
    checked
        ``residual_real``, ``residual_imag`` of the Kramers-Kronig test, relative to \|Z\|.

    Returns
    -------
    Dataset
        (point): ``frequency`` [Hz], ``z_real``, ``z_negative`` (-Im Z), ``modulus`` [ohm or ohm cm2], ``phase``
        (negative) [degree], ``residual_real``, ``residual_imag``, ``kk_real``, ``kk_imag`` [%], ``kept``, and the cell
        with its look.
    """
    real, imaginary = (_plain(one, name) for name in ("z_real", "z_imag"))
    there = np.isfinite(real) & np.isfinite(imaginary)
    cell, _, column = np.nonzero(there)
    z = (real + 1j * imaginary)[there]
    size = np.abs(z)
    scale = areas(one, areal)[cell]
    found: dict[str, Any] = {
        "frequency": one["frequency"].values[column],
        "z_real": z.real * scale,
        "z_negative": -z.imag * scale,
        "modulus": size * scale,
        "phase": -np.angle(z) * _DEGREES,
        "kept": keep.values[there],
    }
    none = np.full(len(z), np.nan)
    for name, part in (("real", np.real), ("imag", np.imag)):
        fit = none if fitted is None else _plain(fitted, f"z_{name}")[there]
        found[f"residual_{name}"] = _PERCENT * (part(z) - fit) / size
        test = none if checked is None else _plain(checked, f"residual_{name}")[there]
        found[f"kk_{name}"] = _PERCENT * test
    units = "ohm cm2" if areal else "ohm"
    attrs = {name: {"units": units} for name in ("z_real", "z_negative", "modulus")}
    names = [str(name) for name in one["cell"].values]
    variables = {name: ("point", values, attrs.get(name, {})) for name, values in found.items()}
    told = of_cells(names, looks)
    return xr.Dataset(variables | {name: ("point", told[name][cell]) for name in _OF_CELL}, attrs={"units": units})


def _plain(data: xr.Dataset, name: str) -> FloatArray:
    """Values (cell, spectrum, frequency) of a variable."""
    variable, order = data.variables[name], ("cell", "spectrum", "frequency")
    return np.asarray(variable.values if variable.dims == order else variable.transpose(*order).values)


def of_cells(names: Sequence[str], looks: Mapping[str, Look]) -> dict[str, npt.NDArray[Any]]:
    """Name, coating, colour and marker of each cell."""
    told = [(name, looks[name].coating, looks[name].color, looks[name].marker) for name in names]
    return {field: np.array([row[at] for row in told], object) for at, field in enumerate(_OF_CELL)}


def curves(
    one: xr.Dataset, circuit: Circuit | None = None, values: FloatArray | None = None, *, areal: bool = False
) -> xr.Dataset:
    """The fitted curve of each cell, over the frequencies it was measured at.

    Parameters
    ----------
    one
        As given by :func:`chosen`.
    circuit, values
        What was fitted, (cell, parameter); a row with NaN has no curve, and none has one where nothing was fitted.
    areal
        As for :func:`points`.

    Returns
    -------
    Dataset
        (cell, place): ``frequency`` [Hz], ``z_real``, ``z_negative``, ``modulus``, ``phase``.
    """
    known = np.asarray(np.isfinite(_plain(one, "z_real")).any(1))
    frequency = one["frequency"].values
    low = np.min(np.where(known, frequency, np.inf), axis=1, initial=np.inf)
    high = np.max(np.where(known, frequency, -np.inf), axis=1, initial=-np.inf)
    spans = [(a, b) if a < b else (1.0, 10.0) for a, b in zip(low, high, strict=True)]
    fine = max((int(_FINE * np.log10(b / a)) + 2 for a, b in spans), default=2)
    grid = np.array([np.geomspace(b, a, fine) for a, b in spans]).reshape(len(spans), fine)
    z = np.full(grid.shape, complex(np.nan, np.nan))
    if circuit is not None and values is not None:
        fitted = np.asarray(known.any(1) & np.isfinite(values).all(1))
        for span in dict.fromkeys(spans):
            rows = [row for row, own in enumerate(spans) if own == span and fitted[row]]
            if rows:
                z[rows] = circuit.impedance(values[rows], grid[rows[0]])
    scale = areas(one, areal)[:, None]
    found = {
        "frequency": grid,
        "z_real": z.real * scale,
        "z_negative": -z.imag * scale,
        "modulus": np.abs(z) * scale,
        "phase": -np.angle(z) * _DEGREES,
    }
    dims = ("cell", "place")
    return xr.Dataset({name: (dims, column) for name, column in found.items()}, {"cell": one["cell"].values})


def decades(shown: xr.Dataset) -> xr.Dataset:
    """Where on a Nyquist plot the frequency passes a power of ten.

    Parameters
    ----------
    shown
        As given by :func:`points`; between two of them the impedance is taken to be linear in log f.

    Returns
    -------
    Dataset
        (mark): ``frequency`` [Hz], ``z_real``, ``z_negative``, ``cell``, and ``falling``: whether -Im Z falls there
        towards lower frequencies.
    """
    cells = shown["cell"].values
    rows: list[tuple[float, float, float, bool, str]] = []
    for name in dict.fromkeys(cells.tolist()):
        own = shown.isel(point=np.flatnonzero(cells == name))
        order = np.argsort(own["frequency"].values)
        log = np.log10(own["frequency"].values[order])
        whole = np.arange(np.ceil(log[0] - 1e-6), np.floor(log[-1] + 1e-6) + 1)
        real, negative = (np.interp(whole, log, own[part].values[order]) for part in ("z_real", "z_negative"))
        higher, lower = (np.interp(whole + step, log, own["z_negative"].values[order]) for step in (_BESIDE, -_BESIDE))
        rows += zip(10.0**whole, real, negative, lower < higher, [name] * len(whole), strict=True)
    kinds = {"frequency": float, "z_real": float, "z_negative": float, "falling": bool, "cell": object}
    return xr.Dataset(
        {name: ("mark", np.array([row[at] for row in rows], kind)) for at, (name, kind) in enumerate(kinds.items())}
    )


def relaxation(found: xr.Dataset, peaks: xr.Dataset, looks: Mapping[str, Look], *, areal: bool = False) -> xr.Dataset:
    """Distributions of relaxation times of one spectrum of each cell, and their peaks.

    Parameters
    ----------
    found, peaks
        As given by :func:`~pchp_widgets.analysis.relaxation.relaxation_times` and
        :func:`~pchp_widgets.analysis.relaxation.peaks`, with one spectrum each.
    looks
        By name of the cell.
    areal
        As for :func:`points`.

    Returns
    -------
    Dataset
        (cell, time_constant): ``density`` [ohm or ohm cm2]; (cell, peak): ``peak_time_constant`` [s], ``share``,
        ``stability``, ``height``; (cell): its look. Why there is none is in ``attrs["reason"]``.
    """
    density = found["density"].isel(spectrum=0).transpose("cell", "time_constant").values * areas(found, areal)[:, None]
    tau = found["time_constant"].values
    one = peaks.isel(spectrum=0)
    place, share, stability = (
        one[name].transpose("cell", "peak").values for name in ("time_constant", "share", "stability")
    )
    height = np.full(place.shape, np.nan)
    for row, at in enumerate(place):
        known = np.isfinite(at) & (at > 0)
        height[row, known] = np.interp(np.log(at[known]), np.log(tau), density[row])
    names = [str(name) for name in found["cell"].values]
    dims = ("cell", "peak")
    shown = xr.Dataset(
        {
            "density": (("cell", "time_constant"), density),
            "peak_time_constant": (dims, place),
            "share": (dims, share),
            "stability": (dims, stability),
            "height": (dims, height),
        },
        {"cell": names, "time_constant": tau},
        {
            "units": "ohm cm2" if areal else "ohm",
            "reason": "; ".join(dict.fromkeys(text for text in found["reason"].values.ravel().astype(str) if text))
            if "reason" in found
            else "",
        },
    )
    return shown.assign({name: ("cell", column) for name, column in of_cells(names, looks).items() if name != "cell"})
