"""Weights of the residuals: what the errors of the points are taken to be."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

Weights = Literal["modulus", "unit", "proportional", "kramers_kronig"]

WEIGHTS: dict[str, str] = {
    "modulus": "1/|Z|: errors in proportion to the size of the impedance",
    "unit": "1: errors of the same size at all frequencies, the sum of squares in ohm2",
    "proportional": "1/|Re Z| of the real and 1/|Im Z| of the imaginary part, neither above 100/|Z|",
    "kramers_kronig": "1/(s |Z|), s the root mean square of the residuals of the Kramers-Kronig test, relative to |Z|, "
    "over the nine points around each frequency",
}
"""Names of the weights and their definitions; residuals are multiplied by them before they are squared."""

_LEAST_PART = 0.01
_NEIGHBOURS = 9
_FLOOR = 0.1  # of the median of s: points that happen to be well described do not rule the fit


def checked(weights: str) -> str:
    """The name of weights that exist; raises ValueError for any other."""
    if weights not in get_args(Weights):
        raise ValueError(f"weights {weights!r} are not known; choose one of {', '.join(WEIGHTS)}")
    return weights


def weighted(weights: str, z: ComplexArray, residual: FloatArray | None = None) -> ComplexArray:
    r"""Weights of the real part (its real part) and of the imaginary part, (spectrum, frequency).

    Parameters
    ----------
    weights
        One of :data:`WEIGHTS`.
    z
        (spectrum, frequency) [ohm].
    residual
        (spectrum, frequency) squared residuals of the Kramers-Kronig test relative to \|Z\|, mean of the two parts;
        needed for ``kramers_kronig`` only.
    """
    modulus = np.abs(z)
    if weights == "unit":
        return np.full(z.shape, 1 + 1j)
    if weights == "proportional":
        real, imaginary = (1 / np.maximum(np.abs(part), _LEAST_PART * modulus) for part in (z.real, z.imag))
        return np.asarray(real + 1j * imaginary)
    if weights == "modulus" or residual is None:
        return np.asarray((1 + 1j) / modulus)
    return np.asarray((1 + 1j) / (modulus * _local_size(residual)))


def _local_size(squared: FloatArray) -> FloatArray:
    """Root mean square around each point; the first and last points share the window at their end."""
    width = min(_NEIGHBOURS, squared.shape[1])
    mean = np.lib.stride_tricks.sliding_window_view(squared, width, axis=1).mean(-1)
    nearest = np.clip(np.arange(squared.shape[1]) - width // 2, 0, mean.shape[1] - 1)
    size = np.sqrt(mean[:, nearest])
    floor = _FLOOR * np.median(size, axis=1, keepdims=True)
    return np.asarray(np.maximum(size, np.where(floor > 0, floor, 1e-12)))
