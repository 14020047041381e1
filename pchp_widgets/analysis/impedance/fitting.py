"""The fit of one circuit to every spectrum of a study at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from .._spectra import Grid, grids, in_order
from ..circuits import Circuit
from ..circuits import circuit as parsed
from ..circuits.coordinates import Coordinates, Tie
from ..validity import DEFECTS, lin_kk
from ..validity.defect_flags import Flaws, row_flaws
from .arc_numbers import arc_arrays
from .best import Task, best
from .order import exchangeable, ordering
from .outcome import NOISY, STATUS, Rows, dataset, empty_rows
from .weights import checked, weighted

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Given = float | xr.DataArray
_DIMS = ("cell", "spectrum", "frequency")
Bound = tuple[float, float]


def fit(
    spectra: xr.Dataset,
    circuit: str | Circuit,
    *,
    weights: str = "modulus",
    fixed: Mapping[str, Given] | None = None,
    bounds: Mapping[str, Bound] | None = None,
    tied: Mapping[str, Tie] | None = None,
    start: Mapping[str, Given] | xr.Dataset | None = None,
    keep: xr.DataArray | None = None,
    validity: xr.Dataset | None = None,
) -> xr.Dataset:
    r"""Fit a circuit to every spectrum, without a guess of the user.

    .. math:: \chi^2 = \sum_k \left(w'_k\,\mathrm{Re}(Z_k - \hat Z_k)\right)^2
        + \left(w''_k\,\mathrm{Im}(Z_k - \hat Z_k)\right)^2

    is made smallest for all spectra of the same frequencies at once, with more starts where residuals exceed the noise.

    Parameters
    ----------
    spectra
        (cell, spectrum, frequency) with ``z_real``, ``z_imag`` [ohm], NaN at frequencies a spectrum does not have.
    circuit
        As :func:`~pchp_widgets.analysis.circuits.circuit` reads it: ``R0-p(R1,CPE1)-p(R2,CPE2)-W1``.
    weights
        One of :data:`~.weights.WEIGHTS`.
    fixed
        Value by name of parameters that are not varied; a number, or a DataArray along cell, spectrum or both.
    bounds
        (lower, upper) by name; they replace the bounds of the circuit.
    tied
        By name, the parameter it follows, or that and a factor: ``{"CPE2_n": "CPE1_n", "R2": ("R1", 2.0)}``.
    start
        Values by name to begin with, or an earlier fit of the same circuit. Where all parameters have one, the fit
        begins there and nowhere else: to refit one spectrum quickly, or to see another minimum.
    keep
        Which points to use (cell, spectrum, frequency), or along some of these; all when left out.
    validity
        As given by :func:`~pchp_widgets.analysis.validity.lin_kk`. When left out, the test is made of spectra that the
        circuit does not describe: what a circuit describes to within the noise obeys Kramers and Kronig.

    Returns
    -------
    Dataset
        (cell, spectrum, parameter): ``value``, ``value_stderr``, ``at_bound``, and ``correlation`` along ``other`` too;
        (cell, spectrum): ``chi_squared``, ``reduced_chi_squared``, ``noise``, ``aicc``, ``bic``, ``points``,
        ``frequency_lowest``, ``frequency_highest`` [Hz], ``status`` (bits of :data:`~.outcome.STATUS`), ``reason`` (its
        words). Spectra that are not usable have NaN. Arcs of one shape are in order of time constant and keep their
        identity along the cycles of a cell.

    Raises
    ------
    ValueError
        When the circuit cannot be read, a name, bound, tie or weight is impossible, or the spectra lack something.
    """
    of = parsed(circuit) if isinstance(circuit, str) else circuit
    task = _task(spectra, of, fixed or {}, bounds or {}, tied or {}, start)
    return _fitted(spectra, kept_points(spectra, keep), task, checked(weights), validity)


def _task(
    spectra: xr.Dataset,
    of: Circuit,
    fixed: Mapping[str, Given],
    bounds: Mapping[str, Bound],
    tied: Mapping[str, Tie],
    start: Mapping[str, Given] | xr.Dataset | None,
) -> Task:
    """What is fitted; raises ValueError for names and limits that cannot be."""
    Coordinates(of, dict.fromkeys(fixed, 1.0), bounds, tied)
    kept: dict[str, Given] = {parameter.name: parameter.value for parameter in of.parameters if parameter.fixed}
    by_row = {name: _as_rows(spectra, name, value) for name, value in (kept | dict(fixed)).items()}
    return Task(of, by_row, bounds, tied, _start(spectra, of, start))


def _fitted(spectra: xr.Dataset, used: xr.Dataset, task: Task, weights: str, validity: xr.Dataset | None) -> xr.Dataset:
    """The fit of the points `used` of `spectra`."""
    flaws = row_flaws(used)
    rows = empty_rows(len(flaws.z), len(task.circuit.parameters))
    rows.points[:] = flaws.points
    residual = _squared_residual(used, flaws, validity) if weights == "kramers_kronig" else None
    for grid in grids(used["frequency"].values, flaws.z, flaws.usable):
        own = None if residual is None else residual[np.ix_(grid.row, grid.column)]
        _fill(rows, task, grid, weights, own)
    named = [*task.fixed, *task.bounds, *task.tied]
    named += [tie if isinstance(tie, str) else tie[0] for tie in task.tied.values()]
    _put_in_order(rows, task.circuit, spectra, named)
    _flag(rows, task.circuit, flaws)
    _flag_causality(rows, used, flaws, validity)
    return dataset(rows, task.circuit, spectra, weights, flaws.reason)


def kept_points(spectra: xr.Dataset, keep: xr.DataArray | None) -> xr.Dataset:
    """The spectra with NaN where a point is not to be used."""
    if keep is None:
        return spectra
    unknown = set(map(str, keep.dims)) - set(_DIMS)
    if unknown or keep.dtype != bool:
        raise ValueError(
            f"keep: true or false along cell, spectrum and frequency is needed, not {keep.dtype} {keep.dims}"
        )
    if "z_real" not in spectra or "z_imag" not in spectra:
        return spectra  # which says so itself
    own = {name: spectra[name] for name in keep.dims if name in keep.coords}
    if not all(np.array_equal(keep[name].values, index.values) for name, index in own.items()):
        keep = keep.reindex(own, fill_value=False)
    mask = in_order(keep)[tuple(slice(None) if name in keep.dims else None for name in _DIMS)]
    parts = {name: (_DIMS, np.where(mask, in_order(spectra[name]), np.nan)) for name in ("z_real", "z_imag")}
    return spectra.assign(parts)


def _as_rows(spectra: xr.Dataset, name: str, given: Given) -> FloatArray:
    """A number, or an array (row) of values along cell, spectrum or both."""
    if not isinstance(given, xr.DataArray):
        return np.asarray(given, float)
    if set(given.dims) - {"cell", "spectrum"}:
        raise ValueError(f"{name}: has dimensions {given.dims}; it can go along cell and spectrum")
    if set(given.dims) == {"cell", "spectrum"} and _same_place(given, spectra):
        return in_order(given).astype(float).ravel()
    like = spectra["z_real"].isel(frequency=0, drop=True)
    whole = given.reindex_like(like) if given.dims else given
    return in_order(whole.broadcast_like(like)).astype(float).ravel()


def _same_place(one: xr.DataArray, other: xr.Dataset) -> bool:
    return all(np.array_equal(one[name].values, other[name].values) for name in ("cell", "spectrum"))


def _start(spectra: xr.Dataset, of: Circuit, start: Mapping[str, Given] | xr.Dataset | None) -> FloatArray | None:
    """Start (row, parameter), NaN where nobody gave one."""
    if start is None:
        return None
    rows = spectra.sizes["cell"] * spectra.sizes["spectrum"]
    if isinstance(start, xr.Dataset):
        if start.attrs.get("circuit") != of.text:
            raise ValueError(f"start: is of the circuit {start.attrs.get('circuit')!r}, not of {of.text!r}")
        own = start["value"].transpose("cell", "spectrum", "parameter")
        if not _same_place(own, spectra):
            own = own.reindex(cell=spectra["cell"].values, spectrum=spectra["spectrum"].values)
        return np.asarray(own.values.reshape(rows, -1))
    found = np.full((rows, len(of.parameters)), np.nan)
    for name, value in start.items():
        found[:, of.index(str(name))] = _as_rows(spectra, str(name), value)
    if np.any(found <= 0):
        raise ValueError("start: every parameter must be positive")
    return found


def _squared_residual(spectra: xr.Dataset, flaws: Flaws, validity: xr.Dataset | None) -> FloatArray:
    """Squared residuals (row, frequency) of the Kramers-Kronig test; of the one given if it was of the same points."""
    needed = np.isfinite(flaws.z) & flaws.usable[:, None]
    if validity is not None:
        squared = _squared(validity)
        if squared.shape == needed.shape and np.isfinite(squared[needed]).all():
            return squared
    return _squared(lin_kk(spectra))


def _squared(tested: xr.Dataset) -> FloatArray:
    parts = [in_order(tested[f"residual_{part}"]) for part in ("real", "imag")]
    mean: FloatArray = (parts[0] ** 2 + parts[1] ** 2) / 2
    return mean.reshape(-1, mean.shape[-1])


def _fill(rows: Rows, task: Task, grid: Grid, weights: str, residual: FloatArray | None) -> None:
    """Fit the spectra of one grid."""
    at = grid.row
    rows.lowest[at], rows.highest[at] = grid.frequency.min(), grid.frequency.max()
    weight = weighted(weights, grid.z, residual)
    found, noise, misfit = best(task.of(at), grid.frequency, grid.z, weight)
    rows.values[at], rows.covariance[at], rows.at_bound[at] = found.values, found.covariance, found.at_bound
    rows.cost[at], rows.degrees[at], rows.noise[at] = found.cost, found.degrees, noise
    fitted = np.isfinite(found.cost) & (found.degrees > 0)
    rows.set("too_few_points", at[found.degrees <= 0])
    rows.set("invalid", at[~fitted])
    rows.set("not_converged", at[fitted & ~found.converged])
    rows.set("misfit", at[fitted & misfit])
    rows.set("noisy", at[fitted & (noise > NOISY)])
    rows.clear(at[~fitted])


def _put_in_order(rows: Rows, of: Circuit, spectra: xr.Dataset, named: list[str]) -> None:
    groups = exchangeable(of, named)
    if not groups or not rows.cost.size:
        return
    shape = (spectra.sizes["cell"], spectra.sizes["spectrum"])
    along = np.argsort(_times(spectra, shape), axis=1, kind="stable")
    resolved = np.ones(shape, bool)
    if shape[1] > 1:  # else there is no identity to keep
        numbers = arc_arrays(of, rows.values, rows.covariance, rows.lowest, rows.highest)
        resolved = np.asarray((numbers.apart & numbers.determined).all(-1)).reshape(shape)
    for group in groups:
        source = ordering(group, rows.values.reshape(*shape, -1), resolved, along).reshape(rows.values.shape)
        rows.take(source)


def _times(spectra: xr.Dataset, shape: tuple[int, int]) -> FloatArray:
    """By what spectra are put in order: their time, else their cycle, else their number."""
    for name in ("time", "cycle"):
        if name in spectra:
            values = in_order(spectra[name]).astype(float)
            if np.isfinite(values).any():
                return np.broadcast_to(values, shape)
    return np.broadcast_to(np.arange(float(shape[1])), shape)


def _flag(rows: Rows, of: Circuit, flaws: Flaws) -> None:
    """Bits of what the numbers say, and of the spectra that were not fitted."""
    fitted = np.isfinite(rows.cost)
    numbers = arc_arrays(of, rows.values, rows.covariance, rows.lowest, rows.highest)
    times = np.array([of.index(p.name) for p in of.parameters if p.kind == "time"], int)
    with np.errstate(divide="ignore", invalid="ignore"):
        top = 1 / (2 * np.pi * rows.values[:, times])
        beyond = (top < rows.lowest[:, None]) | (top > rows.highest[:, None])
    rows.set("bound_hit", fitted & rows.at_bound.any(1))
    rows.set("arcs_unresolved", fitted & ~(numbers.apart & numbers.determined).all(1))
    rows.set("tau_outside_window", fitted & (~numbers.inside.all(1) | beyond.any(1)))
    rows.set("absent", ~flaws.present)
    rows.set("invalid", ~flaws.usable & flaws.present)
    rows.set("too_few_points", (flaws.flags & DEFECTS["too_few_points"][0]) > 0)
    rows.set("short", (flaws.flags & (DEFECTS["short"][0] | DEFECTS["inductive"][0])) > 0)


def _flag_causality(rows: Rows, spectra: xr.Dataset, flaws: Flaws, validity: xr.Dataset | None) -> None:
    if validity is not None:
        rows.set("not_causal", _as_rows(spectra, "validity", validity["passed"]) == 0)
        return
    doubtful = np.flatnonzero(rows.status & STATUS["misfit"][0])
    if not doubtful.size:
        return
    z, at = flaws.z[doubtful], {"frequency": spectra["frequency"].values}
    part = xr.Dataset({"z_real": (_DIMS, z.real[None]), "z_imag": (_DIMS, z.imag[None])}, at)
    rows.set("not_causal", doubtful[lin_kk(part)["passed"].values[0] == 0])
