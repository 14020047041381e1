"""A line in a figure that the user draws: both of its ends are dragged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import theme
from .layers import Lines


@dataclass(frozen=True)
class Ruler(Lines):
    """A single line from end to end, with a handle at each; made by :func:`ruler`.

    Attributes
    ----------
    name
        The trait of the panel that follows it.
    """

    is_data: bool = False
    name: str = "line"

    @property
    def ends(self) -> tuple[tuple[float, float], ...]:
        """Both ends; not a number where there is no line."""
        if not len(self.x):
            return ((np.nan, np.nan),) * 2
        return tuple((float(self.x[0][at]), float(self.y[0][at])) for at in (0, -1))


def ruler(line: Sequence[float], name: str = "line", color: str = theme.ON_MAP) -> Ruler:
    """A ruler.

    Parameters
    ----------
    line
        x and y of its beginning, and of its end; empty for none.
    name
        The trait of the panel that follows it.
    color
        Of the line.
    """
    if len(line) != 4:
        return Ruler([], [], {"color": []}, name=name)
    x, y = np.array([line[0], line[2]], float), np.array([line[1], line[3]], float)
    return Ruler([x], [y], {"color": [color]}, name=name)
