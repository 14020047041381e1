"""Where a layer begins and ends: both faces along the normals of the smoother one, to a part of a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_ALONG, _ACROSS = 1.5, 1.5  # pixels of smoothing
_APART = 5  # pixels between the faces, at least
_CERTAIN = 4.0  # times the noise of the gradient
_REACH = 0.45  # of the distance between the faces: how far from its mean place a face is looked for
_FINER = (6.0, 2.0, 0.7)  # degrees about the best direction so far
_COARSE = 320  # pixels of a picture in which a layer is looked for
_AROUND = 0.6  # of the layer, on both sides of it in a suggested line
_INNER = 0.2  # of a line may lie beyond the picture, at both ends
_FEW, _MOST = 120, 1200  # profiles that show where the faces are, and that are measured
_NEIGHBOURS, _FAR, _CLOSE = 31, 8.0, 4.0  # profiles; times the scatter about their median, pixels: a jump is farther
_BEYOND, _RIM = 8.0, 6  # pixels: how much farther a face may lie than in the few, and what smoothing needs


class Faces(NamedTuple):
    """Both faces of a layer in the normals of the smoother one; places in pixels, NaN where a face was not found.

    `along` is the place along that face and `across` the distance between both, in widths of a pixel; `near` and `far`
    are (place, 2): column and row of the face towards the beginning of the line, and of the other.
    """

    along: FloatArray
    across: FloatArray
    near: FloatArray
    far: FloatArray


def suggested_line(grey: npt.NDArray[np.floating], ratio: float = 1.0) -> tuple[float, float, float, float] | None:
    """A line across the layer whose faces have the most contrast: column and row of its beginning and of its end.

    The direction of the normal is that in which the grey changes most steeply, made finer until the mean along the
    layer changes most sharply. The two sharpest changes of that mean are the faces.

    Parameters
    ----------
    grey
        Grey values (row, column), all finite.
    ratio
        Height of a pixel over its width.
    """
    from scipy import ndimage

    step = max(max(grey.shape) // _COARSE, 1)
    rows, columns = (size // step * step for size in grey.shape)
    small = grey[:rows, :columns].reshape(rows // step, step, columns // step, step).mean((1, 3), dtype=float)
    if min(small.shape) < 4 * _APART:
        return None
    small = ndimage.gaussian_filter(small, 1.0)
    down, right = (np.arange(size) - (size - 1) / 2 for size in small.shape)
    best: tuple[float, float, FloatArray, FloatArray] | None = None
    for angle in (_steepest(small, ratio), 0.0, np.pi / 2):
        best = _better(small, right, down * ratio, angle, best)
    for width in _FINER:
        middle = best[0] if best else 0.0
        for angle in middle + np.radians([-2 * width, -width, width, 2 * width]):
            best = _better(small, right, down * ratio, angle, best)
    if best is None:
        return None
    angle, _, places, change = best
    faces = _two_faces(change)
    if faces is None:
        return None
    low, high = places[faces[0]], places[faces[1]]
    margin = max(_AROUND * (high - low), 2.0)
    centre = (step - 1) / 2 + step * np.array([(small.shape[1] - 1) / 2, (small.shape[0] - 1) / 2])
    normal = step * np.array([np.cos(angle), np.sin(angle) / ratio])
    ends = [centre + normal * max(low - margin, places[0]), centre + normal * min(high + margin, places[-1])]
    size = np.array([grey.shape[1] - 1, grey.shape[0] - 1], float)
    begin, end = (np.clip(one, 0, size) for one in ends)
    return float(begin[0]), float(begin[1]), float(end[0]), float(end[1])


def faces(grey: npt.NDArray[np.floating], line: Sequence[float], ratio: float = 1.0) -> Faces | None:
    """Faces of the layer that a line crosses, all along it.

    The line is turned about its middle to where the grey changes most steeply, and profiles parallel to it are laid
    side by side. The two sharpest changes of their mean are the faces; in each
    profile a face is where the grey changes most in the same sense, nearby, and to a part of a pixel by a parabola. A
    polynomial of second degree through the smoother face gives the normals along which everything is measured again.
    A face beyond the picture, in the noise, farther away than 45 % of the layer, or far from the median of its
    neighbours is not found.

    Parameters
    ----------
    grey
        Grey values (row, column), all finite.
    line
        Column and row of its beginning, and of its end.
    ratio
        Height of a pixel over its width.

    Returns
    -------
    Faces or None
        None when the line is too short, or there are no two changes along it.
    """
    begin, end = np.array([line[0], line[1] * ratio]), np.array([line[2], line[3] * ratio])
    length = float(np.hypot(*(end - begin)))
    if not length >= 2 * _APART:
        return None
    normal = (end - begin) / length
    tangent = np.array([-normal[1], normal[0]])
    for _ in range(2):  # a line is drawn by hand: the grey knows better where the normal points
        normal, tangent = _turned(grey, (begin + end) / 2, normal, length, ratio)
    begin = (begin + end - length * normal) / 2
    along = _room(grey.shape, begin, begin + length * normal, tangent, ratio)
    if len(along) < 2 * _APART:
        return None
    few = along[:: max(len(along) // _FEW, 1)]
    rough = _rough(grey, begin + few[:, None] * tangent, normal, np.arange(np.floor(length) + 1), ratio)
    if rough is None:
        return None
    smooth = int(np.argmin([_residual(few, place) for place in rough.places]))
    curve = _curve(few, rough.places[smooth])
    if curve is None:
        return None
    fitted = np.polyval(curve, along)
    slope = np.polyval(np.polyder(curve), along)
    turned = normal - slope[:, None] * tangent
    turned = turned / np.hypot(*turned.T)[:, None]
    base = begin + along[:, None] * tangent + fitted[:, None] * normal  # on the curve, where the normals begin
    found = []
    for place, sign in zip(rough.places, rough.signs, strict=True):
        away = place - np.polyval(curve, few)
        centre = float(np.nanmedian(away))
        reach = min(float(np.nanmax(np.abs(away - centre))) + _BEYOND, rough.reach)
        found.append(_without_jumps(_fine(grey, base, turned, (centre, reach, sign), rough.noise, ratio)))
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(along), np.diff(fitted)))])
    points = [base + place[:, None] * turned for place in found]
    near, far = (np.stack([point[:, 0], point[:, 1] / ratio], 1) for point in points)
    return Faces(arc, found[1] - found[0], near, far)


def _turned(
    grey: npt.NDArray[np.floating], middle: FloatArray, normal: FloatArray, length: float, ratio: float
) -> tuple[FloatArray, FloatArray]:
    """Normal and tangent of the layer about the middle of a line, within 45 degrees of it: along the mean gradient."""
    from scipy import ndimage

    tangent = np.array([-normal[1], normal[0]])
    across = np.arange(np.floor(length) + 1) - length / 2
    along = np.linspace(-length, length, _FEW)
    place = middle + along[:, None, None] * tangent + across[:, None] * normal
    inside = (place >= 0).all(-1) & (place <= [grey.shape[1] - 1, (grey.shape[0] - 1) * ratio]).all(-1)
    values = ndimage.map_coordinates(
        grey, [place[..., 1] / ratio, place[..., 0]], order=1, mode="nearest", output=float
    )
    up = ndimage.gaussian_filter(values, _ACROSS, order=(0, 1)) * inside
    beside = ndimage.gaussian_filter(values, _ACROSS, order=(1, 0)) * inside / (along[1] - along[0])
    weight = up**2 + beside**2
    angle = 0.5 * np.arctan2(2 * (weight * up * beside).sum(), (weight * (up**2 - beside**2)).sum())
    if abs(angle) > np.pi / 4:  # nothing there changes across the line
        return normal, tangent
    found = np.cos(angle) * normal + np.sin(angle) * tangent
    return found, np.array([-found[1], found[0]])


class _Rough(NamedTuple):
    """Faces of some profiles (place,) from the base, the sense in which the grey changes, how far they were sought."""

    places: tuple[FloatArray, FloatArray]
    signs: tuple[float, float]
    reach: float
    noise: float


def _steepest(small: FloatArray, ratio: float) -> float:
    """Angle of the mean gradient, where steep ones count most: main axis of the structure tensor."""
    down, right = np.gradient(small)
    down = down / ratio
    weight = right**2 + down**2
    return float(0.5 * np.arctan2((2 * weight * right * down).sum(), (weight * (right**2 - down**2)).sum()))


def _better(
    small: FloatArray,
    right: FloatArray,
    down: FloatArray,
    angle: float,
    best: tuple[float, float, FloatArray, FloatArray] | None,
) -> tuple[float, float, FloatArray, FloatArray] | None:
    """The better one of two directions: in whose mean the two faces stand out more."""
    place = right * np.cos(angle) + (down * np.sin(angle))[:, None]
    bins = np.rint(place - place.min()).astype(int).ravel()
    count = np.bincount(bins)
    enough = count >= 0.3 * count.max()
    mean = (np.bincount(bins, small.ravel()) / np.maximum(count, 1))[enough]
    change = np.gradient(np.convolve(np.pad(mean, 1, "edge"), [0.25, 0.5, 0.25], "valid"))
    pair = _two_faces(change)
    if pair is None:
        return best
    score = float(np.abs(change[list(pair)]).min())
    if best is None or score > best[1]:
        return float(angle), score, place.min() + np.flatnonzero(enough).astype(float), change
    return best


def _two_faces(change: FloatArray) -> tuple[int, int] | None:
    """The places of the two largest changes, ascending, as far apart as faces are."""
    size = np.abs(change)
    inner = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] > size[2:])) + 1
    order = inner[np.argsort(-size[inner])]
    if not len(order):
        return None
    apart = order[np.abs(order - order[0]) >= min(_APART, max(len(change) // 10, 2))]
    if not len(apart) or size[apart[0]] == 0:
        return None
    low, high = sorted((int(order[0]), int(apart[0])))
    return low, high


def _room(shape: tuple[int, ...], begin: FloatArray, end: FloatArray, tangent: FloatArray, ratio: float) -> FloatArray:
    """Places along the tangent from which a profile fits into the picture, without a gap about the line."""
    most = int(np.hypot(shape[0] * ratio, shape[1]))
    along = np.arange(-most, most + 1.0)
    inside = np.ones(len(along), bool)
    limits = np.array([shape[1] - 1, (shape[0] - 1) * ratio])
    for share in (_INNER, 1 - _INNER):
        place = begin + share * (end - begin) + along[:, None] * tangent
        inside &= ((place >= 0) & (place <= limits)).all(1)
    if not inside[most]:
        return np.zeros(0)
    before = np.flatnonzero(~inside[:most])
    behind = np.flatnonzero(~inside[most:])
    first = int(before[-1]) + 1 if len(before) else 0
    last = most + int(behind[0]) if len(behind) else len(along)
    found = along[first:last]
    return found if len(found) <= _MOST else np.linspace(found[0], found[-1], _MOST)


def _rough(
    grey: npt.NDArray[np.floating], base: FloatArray, normal: FloatArray, across: FloatArray, ratio: float
) -> _Rough | None:
    """Faces along the whole length of some profiles; None where their mean has no two changes."""
    change = _change(grey, base, np.broadcast_to(normal, base.shape), across, ratio)
    mean = change.mean(0)
    pair = _two_faces(mean)
    if pair is None:
        return None
    reach = max(_REACH * (pair[1] - pair[0]), 2.0)
    away = np.abs(np.arange(len(across)) - np.array(pair)[:, None]).min(0) > reach
    rest = change[:, away] if away.any() else change
    rest = rest[rest != 0]  # beyond the picture nothing changes
    noise = 1.4826 * float(np.median(np.abs(rest - np.median(rest)))) if rest.size else 0.0
    signs = float(np.sign(mean[pair[0]])), float(np.sign(mean[pair[1]]))
    first, second = (_peak(sign * change, at, reach, noise) for sign, at in zip(signs, pair, strict=True))
    if not (np.isfinite(first).any() and np.isfinite(second).any()):
        return None
    return _Rough((first, second), signs, reach, noise)


def _fine(
    grey: npt.NDArray[np.floating],
    base: FloatArray,
    normals: FloatArray,
    sought: tuple[float, float, float],
    noise: float,
    ratio: float,
) -> FloatArray:
    """Place of one face along every profile, from its base: sought about a centre, so far, and in that sense."""
    centre, reach, sign = sought
    across = np.arange(np.floor(centre - reach) - _RIM, np.ceil(centre + reach) + _RIM + 1)
    change = sign * _change(grey, base, normals, across, ratio)
    return np.asarray(across[0] + _peak(change, round(centre - across[0]), reach, noise), float)


def _without_jumps(place: FloatArray) -> FloatArray:
    """Places of a face without those of another edge that was taken for it, far from the median of its neighbours."""
    from scipy import ndimage

    known = np.isfinite(place)
    if known.sum() < _NEIGHBOURS:
        return place
    filled = np.where(known, place, np.nanmedian(place))
    away = np.abs(place - ndimage.median_filter(filled, _NEIGHBOURS, mode="nearest"))
    limit = max(_FAR * 1.4826 * float(np.nanmedian(away)), _CLOSE)
    return np.where(away > limit, np.nan, place)


def _change(
    grey: npt.NDArray[np.floating], base: FloatArray, normals: FloatArray, across: FloatArray, ratio: float
) -> FloatArray:
    """Change of the grey along each profile (place, across), smoothed."""
    from scipy import ndimage

    place = base[:, None, :] + across[:, None] * normals[:, None, :]
    values = ndimage.map_coordinates(
        grey, [place[..., 1] / ratio, place[..., 0]], order=1, mode="nearest", output=float
    )
    return np.asarray(ndimage.gaussian_filter(values, (_ALONG, _ACROSS), order=(0, 1), mode="nearest"), float)


def _peak(change: FloatArray, middle: int, reach: float, noise: float) -> FloatArray:
    """Where the change is largest near the middle, in each profile; NaN where it is in the noise or at the limit."""
    low, high = max(int(middle - reach), 1), min(int(middle + reach) + 1, change.shape[1] - 1)
    near = change[:, low:high]
    at = near.argmax(1) + low
    rows = np.arange(len(change))
    left, top, right = (change[rows, at + by] for by in (-1, 0, 1))
    bend = left - 2 * top + right
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(bend < 0, 0.5 * (left - right) / bend, 0.0)
    sound = (top > _CERTAIN * noise) & (np.abs(shift) <= 1) & (at > low) & (at < high - 1)
    return np.where(sound, at + shift, np.nan)


def _curve(along: FloatArray, place: FloatArray) -> FloatArray | None:
    """Polynomial of second degree through a face; far ones count less (Huber), as chips and pores do not belong."""
    known = np.isfinite(place)
    if known.sum() < 2 * _APART:
        return None
    x, y = along[known], place[known]
    weight = np.ones(len(x))
    curve = np.polyfit(x, y, 2)
    for _ in range(5):
        away = np.abs(y - np.polyval(curve, x))
        limit = 1.345 * 1.4826 * np.median(away) + 1e-9
        weight = np.sqrt(np.minimum(limit / np.maximum(away, limit), 1.0))
        curve = np.polyfit(x, y, 2, w=weight)
    return np.asarray(curve, float)


def _residual(along: FloatArray, place: FloatArray) -> float:
    """How rough a face is: the median distance from its curve; more where less of it was found."""
    curve = _curve(along, place)
    if curve is None:
        return np.inf
    known = np.isfinite(place)
    away = np.abs(place[known] - np.polyval(curve, along[known]))
    return float(np.median(away) / known.mean())
