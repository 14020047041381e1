"""The live figures of a panel: made once, then patched in place, all changes of one action in one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..plots.picture import Picture, sharing_x

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
    linked
        Groups of names of figures that zoom and pan along x together.
    """

    def __init__(
        self,
        pictures: Mapping[str, Picture],
        arrange: Callable[[Mapping[str, Any]], Any],
        connect: Callable[[str, Any], None],
        linked: Sequence[Sequence[str]] = (),
    ) -> None:
        from ..plots.render import drawings

        self._linked = linked
        self._pictures = dict(pictures)
        self._drawings = drawings(pictures, linked)
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
        """Bring figures up to date, and those that share their range along x with one of them."""
        self._pictures |= pictures
        together = {name for group in self._linked if pictures.keys() & set(group) for name in group}
        with self._pane.batch() if self._pane else nullcontext():
            for name, picture in sharing_x(self._pictures, self._linked).items():
                if name in pictures or name in together:
                    self._drawings[name].patch(picture)
