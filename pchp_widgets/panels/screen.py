"""The live figures of a panel: made once, then patched in place, all changes of one action in one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..plots.picture import Picture, sharing_x
from ..plots.render import link

if TYPE_CHECKING:
    from ..plots.drawing import Drawing
    from .pane import BokehPane


class Screen:
    """Bokeh figures in a layout, and the pane that brings them into the notebook.

    Parameters
    ----------
    pictures
        What the figures show at first, by name.
    arrange
        Makes a Bokeh layout of the figures in view.
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
        from bokeh.models import Column

        self._arrange, self._connect, self._linked = arrange, connect, linked
        self._drawings: dict[str, Drawing] = {}
        self._pictures: dict[str, Picture] = {}
        self._tables: dict[str, Any] = {}
        self._pane: BokehPane | None = None
        self._shown = list(pictures)
        self._draw(pictures)
        self.layout = Column(sizing_mode="stretch_width")
        self._views: dict[tuple[str, ...], Any] = {}
        self._bring_into_view()

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

    def show(self, pictures: Mapping[str, Picture], names: Iterable[str]) -> None:
        """Bring figures up to date, and those that share their range along x with one of them.

        Parameters
        ----------
        pictures
            By name; those not shown before are made.
        names
            Of all figures to be in view: when these are others than before, the layout is arranged anew. What leaves
            the view is kept for its return.
        """
        with self._pane.batch() if self._pane else nullcontext():
            shown, self._shown = self._shown, list(names)
            self._draw(pictures)
            if self._shown != shown:
                self._bring_into_view()

    def _bring_into_view(self) -> None:
        """Show the figures in view and hide the others; the browser keeps what it has made of them."""
        view = tuple(self._shown)
        if view not in self._views:
            self._views[view] = self._arrange({name: self._drawings[name].figure for name in view})
            self.layout.children = [*self._views.values()]
        for known, arranged in self._views.items():
            arranged.visible = known == view

    def _draw(self, pictures: Mapping[str, Picture]) -> None:
        """Make or patch the drawings of pictures; a range shared along x depends on all of its group in view."""
        from ..plots.drawing import Drawing

        self._pictures |= pictures
        in_view = {name: self._pictures[name] for name in self._shown}
        together = {name for group in self._linked if pictures.keys() & set(group) for name in group}
        for name, picture in sharing_x(in_view, self._linked).items():
            if name not in self._drawings:
                self._drawings[name] = Drawing(picture, self._tables)
                self._connect(name, self._drawings[name].figure)
            elif name in pictures or name in together:
                self._drawings[name].patch(picture)
        link(self._drawings, self._linked)
