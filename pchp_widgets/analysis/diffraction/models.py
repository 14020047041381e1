"""What a pattern of an amorphous film is made of: halos, and the backgrounds that may lie under them.

Heights of halos and terms of a background are linear. Positions, widths, the share of a Lorentzian and the decay of
scattering by air are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial.legendre import legvander

FloatArray = npt.NDArray[np.float64]

SHAPES = {
    "gaussian": "Gaussians: what disorder in distances makes",
    "pseudo_voigt": "sums of a Gaussian and a Lorentzian of the same width, in a share that all halos have in common",
}
"""Shapes of halos."""

CORRECTIONS = {
    "none": "halos are what is measured",
    "powder": "halos times (1 + cos² 2θ) / (sin² θ cos θ), Lorentz and polarization factor of a powder",
    "monochromator": "the same with a graphite monochromator: (1 + cos² 2θm cos² 2θ) / (sin² θ cos θ), 2θm = 26.6°",
}
"""By what the scattering of a sample is multiplied in the measured pattern; the background is not."""

_MONOCHROMATOR = 26.6
_DECAY = 6.0  # degrees, to begin with


@dataclass(frozen=True)
class Background:
    """A background: which terms it has, and whether one of them decays with a length that is to be found."""

    text: str
    degree: int
    decays: bool = False
    inverse: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the linear terms."""
        ends = (("inverse",) if self.inverse else ()) + (("air",) if self.decays else ())
        return (*(f"legendre {degree}" for degree in range(self.degree + 1)), *ends)


BACKGROUNDS = {
    "air": Background("constant + scattering by air that decays exponentially", 0, decays=True),
    "air_slope": Background("constant + slope + scattering by air that decays exponentially", 1, decays=True),
    "hyperbola": Background("constant + slope + 1/2θ", 1, inverse=True),
    "cubic": Background("polynomial of degree 3", 3),
    "quintic": Background("polynomial of degree 5", 5),
}
"""Backgrounds, the physical ones first; each is fitted together with the halos, none is subtracted before."""


def correction(two_theta: FloatArray, kind: str) -> FloatArray:
    """Factor of :data:`CORRECTIONS`; same shape as the angles [degree].

    Raises
    ------
    ValueError
        When there is no such correction.
    """
    if kind not in CORRECTIONS:
        raise ValueError(f"correction {kind!r}: choose one of {', '.join(CORRECTIONS)}")
    if kind == "none":
        return np.ones_like(two_theta)
    whole = np.radians(two_theta)
    first = np.cos(np.radians(_MONOCHROMATOR)) ** 2 if kind == "monochromator" else 1.0
    polarized: FloatArray = (1 + first * np.cos(whole) ** 2) / (np.sin(whole / 2) ** 2 * np.cos(whole / 2))
    return polarized


class Model:
    """Columns of a pattern and their derivatives, for S samples of N points at once.

    The coordinates of a sample are centres, logarithms of widths, then the share of a Lorentzian and the logarithm of
    the decay, as far as shape and background have them.

    Parameters
    ----------
    two_theta
        (S, N) [degree].
    factor
        (S, N) what halos are multiplied by.
    count
        Number of halos.
    shape, background
        Of :data:`SHAPES` and :data:`BACKGROUNDS`.
    span
        First and last angle that count [degree].
    """

    def __init__(
        self,
        two_theta: FloatArray,
        factor: FloatArray,
        count: int,
        shape: str,
        background: str,
        span: tuple[float, float],
    ) -> None:
        self.x, self.factor, self.count = two_theta, factor, count
        self.voigt, self.of, self.span = shape == "pseudo_voigt", BACKGROUNDS[background], span
        self.columns = count + len(self.of.terms)
        self.coordinates = 2 * count + self.voigt + self.of.decays
        low, high = span
        along = (2 * two_theta - low - high) / (high - low)
        fixed = [legvander(along, self.of.degree)]
        if self.of.inverse:
            fixed.append((low / np.maximum(two_theta, 1e-3))[..., None])
        self.fixed = np.moveaxis(np.concatenate(fixed, -1), -1, 1)

    def limits(self, narrowest: float, widest: float) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest coordinates."""
        low, high = self.span
        ends = [(low, high)] * self.count + [(np.log(narrowest), np.log(widest))] * self.count
        ends += [(0.0, 1.0)] * self.voigt
        ends += [(np.log(1.0), np.log(high - low))] * self.of.decays
        found = np.array(ends, float).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def start(self, centres: FloatArray, widths: FloatArray) -> FloatArray:
        """(S, coordinates) to begin with, from (S, count) centres and widths [degree]."""
        parts = [centres, np.log(widths)]
        if self.voigt:
            parts.append(np.full((len(centres), 1), 0.1))
        if self.of.decays:
            parts.append(np.full((len(centres), 1), np.log(min(_DECAY, self.span[1] - self.span[0]))))
        return np.concatenate(parts, 1)

    def basis(self, coordinates: FloatArray) -> FloatArray:
        """(S, columns, N): halos of height 1, then the background."""
        return self._evaluated(coordinates)[0]

    def with_slopes(self, coordinates: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Columns, and (S, coordinates, N): derivative by each coordinate of the column it moves.

        That by the share of a Lorentzian is in `columns` order for all halos: it has `count` rows instead of one.
        """
        return self._evaluated(coordinates)

    def _evaluated(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        count = self.count
        width = np.exp(at[:, count : 2 * count])[..., None]
        u = (self.x[:, None] - at[:, :count, None]) / width  # in full widths at half maximum
        square = 4 * u * u
        bell = np.exp(-np.log(2) * square) * self.factor[:, None]
        slope = 8 * np.log(2) * u * bell  # by the centre, times the width
        wing = bell
        if self.voigt:
            share = at[:, 2 * count, None, None]
            tail = self.factor[:, None] / (1 + square)
            steep = 8 * u * tail * tail / self.factor[:, None]
            wing, slope = (1 - share) * bell + share * tail, (1 - share) * slope + share * steep
        slopes = [slope / width, slope * u]
        columns = [wing, self.fixed]
        if self.voigt:
            slopes.append(tail - bell)
        if self.of.decays:
            length = np.exp(at[:, -1:])[..., None]
            depth = (self.x[:, None] - self.span[0]) / length
            air = np.exp(-depth)
            columns.append(air)
            slopes.append(air * depth)
        return np.concatenate(columns, 1), np.concatenate(slopes, 1)

    def directions(self, slopes: FloatArray, linear: FloatArray) -> FloatArray:
        """(S, coordinates, N): derivatives of the whole pattern, its linear parts being (S, columns)."""
        count = self.count
        height = linear[:, :count, None]
        parts = [slopes[:, :count] * height, slopes[:, count : 2 * count] * height]
        if self.voigt:
            parts.append((slopes[:, 2 * count : 3 * count] * height).sum(1, keepdims=True))
        if self.of.decays:
            parts.append(slopes[:, -1:] * linear[:, -1:, None])
        return np.concatenate(parts, 1)
