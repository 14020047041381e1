"""Panels that show the voltage over the whole test, of which a zoom brings more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from .of_cells import CellsPanel, go_home
from .ranges import a_range


class TracePanel(CellsPanel):
    """A panel with a figure ``trace`` over the whole test, and a figure ``cycle`` of the selected cycle alone.

    A subclass says in :meth:`select_in` what a click into any figure but ``cycle`` selects.

    Parameters
    ----------
    cells
        As for :class:`~.of_cells.CellsPanel`.
    **state
        ``shown``; ``cycle``; ``window``: time in view [h] as (start, stop), empty for all of it; and what the subclass
        adds.
    """

    window = traitlets.Tuple()

    @traitlets.validate("window")
    def _start_before_stop(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], "window", "(start, stop) in hours, or () for the whole test")

    def select_at(self, name: str, x: float, y: float) -> None:  # noqa: ARG002  time and cycles are on the other axis
        """Select the cycle at some place of a figure; there is but one in the figure ``cycle``."""
        if name != "cycle":
            self.select_in(name, x)

    def select_in(self, name: str, x: float) -> None:  # noqa: ARG002  subclasses tell figures apart
        """Select the cycle at some place along the axis of a figure, here one of cycles."""
        self.select(x)

    def connect(self, name: str, figure: Any) -> None:
        """Zoom adds detail to the trace, a double click goes back to the whole test; see :class:`~.base.Panel`."""
        from bokeh.events import DoubleTap, RangesUpdate, Reset

        super().connect(name, figure)
        if name == "trace":
            figure.on_event(RangesUpdate, self._zoom)
            for event in (DoubleTap, Reset):
                figure.on_event(event, lambda _: self._whole_test(figure))

    def _zoom(self, event: Any) -> None:
        self.window = (event.x0, event.x1)

    def _whole_test(self, figure: Any) -> None:
        go_home(figure)
        self.window = ()
