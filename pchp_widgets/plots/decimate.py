"""Which points of a long trace are worth drawing: the first and last of the view, and the extremes in between."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def ascending(x: FloatArray) -> FloatArray:
    """Stand-in for `x` to search in: `x` itself, or its running maximum where it runs backwards."""
    return x if len(x) < 2 or bool((x[1:] >= x[:-1]).all()) else np.maximum.accumulate(x)


def envelope(x: FloatArray, y: FloatArray, points: int, window: tuple[float, float] | None = None) -> IntArray:
    """Indices of the points that draw the same picture as all of them.

    The window is divided into bins of equal width, and of each the lowest and the highest point are kept. So no peak is
    lost, whatever the zoom. Triangle-based choices (LTTB, also after a min-max pass) keep one point per bin, and a cell
    that oscillates has both extremes in every bin. A million points take about a millisecond.

    Parameters
    ----------
    x
        Never decreasing, see :func:`ascending`.
    y
        Values, of the same length. NaN is drawn only where nothing is left out.
    points
        How many to keep at most; a window that holds no more of them is kept whole.
    window
        Range of `x` in view, None for all of it. The nearest point beyond either edge is kept as well, so that the
        line reaches the edge.

    Returns
    -------
    ndarray
        Increasing indices, always with the first and the last point of what is in view.
    """
    low, high = 0, len(x)
    if window is not None:
        low = max(int(np.searchsorted(x, window[0], "left")) - 1, 0)
        high = min(int(np.searchsorted(x, window[1], "right")) + 1, len(x))
    if high - low <= max(points, 6):
        return np.arange(low, high)
    from tsdownsample import MinMaxDownsampler

    # The points beyond the edges may be far away, and would make the bins too wide.
    inner = slice(low + 1, high - 1)
    kept = MinMaxDownsampler().downsample(  # type: ignore[no-untyped-call]
        np.ascontiguousarray(x[inner]), np.ascontiguousarray(y[inner]), n_out=max(points - 2, 4) // 2 * 2
    )
    return np.concatenate([[low], np.unique(kept).astype(np.int64) + low + 1, [high - 1]])
