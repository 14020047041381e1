"""What Bokeh paints again when something changes: all but overlays, which have a canvas of their own."""

from __future__ import annotations

from typing import Any


def below(figure: Any) -> dict[str, Any]:
    """The columns and ranges that are painted on the canvas below the overlays."""
    drawn = {one.id: one.data_source.data for one in figure.renderers if one.level != "overlay"}
    ends = [[axis_range.start, axis_range.end] for axis_range in (figure.x_range, figure.y_range)]
    return {"ends": ends, **{f"{of} {name}": column for of, data in drawn.items() for name, column in data.items()}}
