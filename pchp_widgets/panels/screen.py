"""The live figures of a panel: made once, then patched in place, all changes of one action in one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..plots.picture import Picture

if TYPE_CHECKING:
    from .pane import BokehPane


class Screen:
    """Bokeh figures in a layout, and the pane that brings them into the notebook.

    Parameters
    ----------
    pictures
        What the figures show at first, by name.
    arrange
        Makes a Bokeh layout of the figures.
    connect
        Called with the name of each figure and the figure, to listen to what the user does to it.
    """

    def __init__(
        self,
        pictures: Mapping[str, Picture],
        arrange: Callable[[Mapping[str, Any]], Any],
        connect: Callable[[str, Any], None],
    ) -> None:
        from ..plots.drawing import Drawing

        self._drawings = {name: Drawing(picture) for name, picture in pictures.items()}
        self._pane: BokehPane | None = None
        self.layout = arrange(self.figures)
        for name, figure in self.figures.items():
            connect(name, figure)

    @property
    def figures(self) -> dict[str, Any]:
        """The Bokeh figures, by name."""
        return {name: drawing.figure for name, drawing in self._drawings.items()}

    @property
    def pane(self) -> BokehPane:
        """The widget that shows the layout; made when it is first asked for."""
        if self._pane is None:
            from .pane import BokehPane

            self._pane = BokehPane(self.layout)
        return self._pane

    def show(self, pictures: Mapping[str, Picture]) -> None:
        """Bring every figure up to date."""
        with self._pane.batch() if self._pane else nullcontext():
            for name, picture in pictures.items():
                self._drawings[name].patch(picture)
