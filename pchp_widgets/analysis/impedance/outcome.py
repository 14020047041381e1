"""What a fit found, row by row, and the dataset it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..circuits import Circuit
from .weights import WEIGHTS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
StrArray = npt.NDArray[np.str_]

STATUS: dict[str, tuple[int, str]] = {
    "bound_hit": (1, "a parameter is at a bound and has no error"),
    "arcs_unresolved": (
        2,
        "arcs are not resolved (less than a decade apart, or not known to half of R): only their sum means something",
    ),
    "tau_outside_window": (4, "a time constant lies outside the frequencies: its arc is extrapolated"),
    "not_converged": (8, "the fit did not converge"),
    "too_few_points": (16, "there are too few points for this circuit"),
    "invalid": (32, "not fitted"),
    "not_causal": (64, "fails the Kramers-Kronig test: not to be interpreted"),
    "short": (128, "has no arc, as of a shorted cell"),
    "misfit": (256, "residuals are larger than the noise: the circuit does not describe the spectrum wholly"),
    "absent": (512, "the cell has no such spectrum"),
    "noisy": (1024, "the noise is above a fifth of |Z|: not to be interpreted"),
}
"""Name, bit and what is said of it."""

NOISY = 0.2
"""Noise, relative to |Z|, above which anything fits."""

_NUMBERS: dict[str, tuple[str, str]] = {
    "chi_squared": ("", "weighted sum of squared residuals of real and imaginary parts"),
    "reduced_chi_squared": ("", "chi_squared over the degrees of freedom: 2 x points - free parameters"),
    "noise": (
        "1",
        "standard deviation of real and of imaginary part over |Z|, from differences of high order along log frequency",
    ),
    "aicc": ("1", "N ln(chi_squared/N) + 2 k N/(N - k - 1), N = 2 x points, k = free parameters and the noise"),
    "bic": ("1", "N ln(chi_squared/N) + k ln N, N = 2 x points, k = free parameters and the noise"),
    "points": ("1", "frequencies that were used"),
    "frequency_lowest": ("Hz", "lowest frequency that was used"),
    "frequency_highest": ("Hz", "highest frequency that was used"),
}


@dataclass
class Rows:
    """Arrays over all spectra, filled grid by grid; (row, ...)."""

    values: FloatArray
    covariance: FloatArray
    at_bound: BoolArray
    cost: FloatArray
    degrees: IntArray
    noise: FloatArray
    points: IntArray
    lowest: FloatArray
    highest: FloatArray
    status: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.status = np.zeros(len(self.cost), np.int64)

    def set(self, name: str, rows: npt.NDArray[np.generic]) -> None:
        """Set a bit for some rows, given by number or as true and false."""
        self.status[rows] |= STATUS[name][0]

    def clear(self, rows: npt.NDArray[np.intp]) -> None:
        """Numbers of rows that could not be fitted are not known."""
        for of in (self.values, self.covariance, self.cost):
            of[rows] = np.nan
        self.at_bound[rows] = False

    def take(self, source: npt.NDArray[np.intp]) -> None:
        """Relabel: parameter k of a row is what parameter source[row, k] was."""
        self.values = np.take_along_axis(self.values, source, 1)
        self.at_bound = np.take_along_axis(self.at_bound, source, 1)
        half = np.take_along_axis(self.covariance, source[:, :, None], 1)
        self.covariance = np.take_along_axis(half, source[:, None, :], 2)


def empty_rows(count: int, parameters: int) -> Rows:
    """Nothing found yet."""
    unknown = {name: np.full(count, np.nan) for name in ("cost", "noise", "lowest", "highest")}
    return Rows(
        values=np.full((count, parameters), np.nan),
        covariance=np.full((count, parameters, parameters), np.nan),
        at_bound=np.zeros((count, parameters), bool),
        degrees=np.zeros(count, np.int64),
        points=np.zeros(count, np.int64),
        **unknown,
    )


def dataset(rows: Rows, of: Circuit, spectra: xr.Dataset, weights: str, reason: StrArray) -> xr.Dataset:
    """The result of a fit along (cell, spectrum); `reason` (row) is what is wrong with a spectrum."""
    variance = np.einsum("rpp->rp", rows.covariance)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(variance)
        scale = np.where(error > 0, error, np.nan)
        correlation = rows.covariance / scale[:, :, None] / scale[:, None, :]
    columns: dict[str, npt.NDArray[np.generic]] = {
        "value": rows.values,
        "value_stderr": error,
        "at_bound": rows.at_bound,
        "correlation": correlation,
        **_numbers(rows),
        "status": rows.status,
        "reason": reasons(rows.status, reason),
    }
    place, shape = ("cell", "spectrum", "parameter", "other"), (spectra.sizes["cell"], spectra.sizes["spectrum"])
    variables = {
        name: (place[: values.ndim + 1], values.reshape(*shape, *values.shape[1:]), _attrs(name, weights))
        for name, values in columns.items()
    }
    own: dict[object, object] = {
        name: known for name, known in spectra.coords.items() if set(known.dims) <= {"cell", "spectrum"}
    }
    own |= {name: spectra[name] for name in ("cycle", "time", "voltage") if name in spectra}
    own |= {
        "parameter": list(of.names),
        "other": list(of.names),
        "parameter_units": ("parameter", [parameter.units for parameter in of.parameters]),
        "parameter_definition": ("parameter", [parameter.definition for parameter in of.parameters]),
    }
    said = {"circuit": of.text, "weights": weights, "weights_definition": WEIGHTS[weights]}
    return xr.Dataset(variables, coords=own, attrs=said)


_VALUE = {
    "definition": "fitted value, in the units of coordinate parameter_units",
    "ancillary_variables": "value_stderr",
}
_STDERR = {
    "definition": "standard error from the curvature of the sum of squares, with the noise taken from the residuals; "
    "0 where the parameter was fixed, NaN where a bound holds it"
}
_CORRELATION = {"units": "1", "definition": "correlation of the errors of two parameters; NaN where one has none"}
_OF_PARAMETERS = {
    "value": _VALUE,
    "value_stderr": _STDERR,
    "at_bound": {"definition": "whether a bound holds the parameter back"},
    "correlation": _CORRELATION,
}


def _numbers(rows: Rows) -> dict[str, npt.NDArray[np.generic]]:
    size = 2.0 * rows.points
    free = size - rows.degrees + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = size * np.log(rows.cost / size)
        return {
            "chi_squared": rows.cost,
            "reduced_chi_squared": rows.cost / np.maximum(rows.degrees, 1),
            "noise": rows.noise,
            "aicc": np.where(size > free + 1, spread + 2 * free * size / (size - free - 1), np.nan),
            "bic": spread + free * np.log(size),
            "points": rows.points,
            "frequency_lowest": rows.lowest,
            "frequency_highest": rows.highest,
        }


def _attrs(name: str, weights: str) -> dict[str, object]:
    if name in _OF_PARAMETERS:
        return dict(_OF_PARAMETERS[name])
    if name == "status":
        bits = [bit for bit, _ in STATUS.values()]
        return {"long_name": "status", "flag_masks": bits, "flag_meanings": " ".join(STATUS)}
    if name == "reason":
        return {"definition": "what the status says; empty where there is nothing to say"}
    units, definition = _NUMBERS[name]
    if name.endswith("chi_squared"):
        units = "ohm2" if weights == "unit" else "1"
    return {"units": units, "definition": definition}


def reasons(status: IntArray, flaw: StrArray) -> StrArray:
    """A sentence for each bit, and for those that were not fitted what is wrong with the spectrum."""
    different, of = np.unique(status, return_inverse=True)
    said = ["; ".join(text for bit, text in STATUS.values() if bit & flag) for flag in different.tolist()]
    every = np.array(said or [""], dtype=object)[of]
    flawed = np.flatnonzero(status & STATUS["invalid"][0])
    for row in flawed[flaw[flawed] != ""]:
        every[row] = f"not fitted: {flaw[row]}"
    found: StrArray = every.astype(np.str_)
    return found
