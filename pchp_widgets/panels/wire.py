"""What goes between Python and the views of a widget of ours, however busy the page is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import ipywidgets
import traitlets


class Wire(ipywidgets.Widget):  # type: ignore[misc]
    """A plain widget that carries the messages of another one, and what its views draw before they are answered."""

    first = traitlets.Instance(dict, allow_none=True).tag(sync=True)


class WiredWidget(anywidget.AnyWidget):
    """An anywidget that hears what it is told, however late its module came up.

    anywidget gives a page 2 s for that. After them it shows the widget all the same, but withholds from it, for good,
    every message and every change of its state. What has to arrive therefore goes over a plain widget.

    Parameters
    ----------
    first
        What a view may draw before it is answered.
    **traits
        Traits of the widget.
    """

    _wire = traitlets.Unicode().tag(sync=True)

    def __init__(self, first: dict[str, Any] | None = None, **traits: Any) -> None:
        self.wire = Wire(first=first)
        super().__init__(_wire=self.wire.model_id, **traits)

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send a message to every view."""
        self.wire.send(content, buffers)

    def on_msg(self, callback: Callable[..., Any], remove: bool = False) -> None:
        """Call a function with every message of a view."""
        self.wire.on_msg(callback, remove)

    def close(self) -> None:
        """Leave every place where it is shown."""
        if self.comm is not None:
            self.wire.close()
        super().close()
