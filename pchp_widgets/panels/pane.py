"""A Bokeh figure as a Jupyter widget that shows what Python holds now.

A view in the browser asks for a snapshot whenever it is mounted and follows patches from then on, so it is never blank,
stale or doubled. What the user does to it comes back as Bokeh's own document events. BokehJS travels as the state of a
widget, once per page, so nothing is fetched and no ``output_notebook()`` is needed. The other half is ``pane.js``.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import bokeh
import traitlets
from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Buffer, Serialized
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.document.events import (
    ColumnDataChangedEvent,
    ColumnsPatchedEvent,
    ColumnsStreamedEvent,
    DocumentPatchedEvent,
    ModelChangedEvent,
)
from bokeh.model import Model
from bokeh.models import Plot
from bokeh.protocol.messages.patch_doc import patch_doc

from .bokehjs import BokehJS
from .wire import WiredWidget

_LET_GO = 0.001
"""Seconds of rest after a patch. A kernel sends in a thread of its own, which otherwise stands still for 5 ms whenever
Python works on, as it does for the words that go with a figure."""
_SIZE_OF_ONE_VIEW = frozenset({"inner_width", "inner_height", "outer_width", "outer_height"})


class BokehPane(WiredWidget):
    """A live view of a Bokeh figure, or of a layout of figures, in a notebook.

    Change the models as usual; every view follows. Zooms, taps and selections reach the callbacks registered with
    ``model.on_event`` and ``model.on_change``, each once. Where the kernel has subshells, JupyterLab runs them in a
    thread of their own: a callback may then overlap with a running cell.

    Parameters
    ----------
    model
        The figure or layout, best complete: what it holds now is drawn at once, even while the cell still runs.
    **traits
        Traits of the widget, such as ``layout``.

    Raises
    ------
    ValueError
        If ``model`` is part of a larger Bokeh document.
    """

    _esm = Path(__file__).parent / "pane.js"
    _version = traitlets.Unicode(bokeh.__version__).tag(sync=True)

    def __init__(self, model: Model, **traits: Any) -> None:
        # ``min_width`` lets a pane beside its controls shrink; the width keeps "stretch_width" figures from collapsing.
        traits.setdefault("layout", {"width": "100%", "min_width": "0"})
        self._lock = threading.RLock()
        self._views: set[str] = set()
        self._former_views: set[str] = set()
        self._pending: dict[object, DocumentPatchedEvent] = {}
        self._open_batches = 0
        self._adopt(model)
        fields, columns = self._snapshot()
        super().__init__(first={**fields, "columns": columns}, **traits)  # until something changes
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self._model).__name__})"

    @property
    def model(self) -> Model:
        """The figure or layout shown."""
        return self._model

    @property
    def views(self) -> int:
        """Number of places in browsers that show this pane now."""
        return len(self._views)

    def replace(self, model: Model) -> None:
        """Show another figure in place of the present one, in every view."""
        with self._lock:
            previous = self._document
            self._adopt(model)
            if previous is not self._document:
                previous.remove_on_change(self)
            self.wire.first = None
            self._pending.clear()
            self._forget(*self._views)
            self.send({"kind": "remount"})

    def close(self) -> None:
        """Leave the figure, and every place where it is shown."""
        if self.comm is not None:
            self._document.remove_on_change(self)
            self._forget(*self._views)
        super().close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Collect the changes made inside, to any models of the figure, into one message to the browser."""
        with self._lock:
            self._open_batches += 1
        try:
            yield
        finally:
            with self._lock:
                self._open_batches -= 1
                if not self._open_batches:
                    self._flush()

    def _adopt(self, model: Model) -> None:
        document = model.document
        if document is None:
            document = Document()
            document.add_root(model)
        if document.roots != [model]:
            raise ValueError(f"{model} is part of a larger Bokeh document; show the whole layout, or a new figure")
        document.on_change_dispatch_to(self)
        self._model, self._document = model, document

    def _forget(self, *views: str) -> None:
        # Kept in mind because a question that such a view asked before may be answered later, in another thread.
        self._former_views.update(views)
        self._views.difference_update(views)

    # Python -> browser: Bokeh's JSON as it is, and the arrays it refers to, by name, as binary buffers

    def _snapshot(self) -> tuple[dict[str, Any], list[bytes]]:
        state = self._document.to_json()
        libraries = BokehJS.needed_by(self._document.models)
        fields, columns = _portable(serialize_json(state.content), state.buffers)
        return {**fields, "libraries": libraries}, columns

    def _document_patched(self, event: DocumentPatchedEvent) -> None:
        """Bokeh calls this after every change of a model; ``event.setter`` is the view that made it, if one did."""
        author, attribute = event.setter, getattr(event, "attr", None)
        if attribute == "subscribed_events":
            self._subscribe(cast("ModelChangedEvent", event).model)
        with self._lock:
            self.wire.first = None
            # The pixel size that one view reports is of no use to another, which has its own.
            if self._views - {author} and not (author and attribute in _SIZE_OF_ONE_VIEW):
                self._collect(event)
                if not self._open_batches:
                    self._flush()

    def _subscribe(self, model: Model) -> None:
        # Bokeh itself does so only when a model enters a document, and loses what is subscribed later.
        for name in model.subscribed_events:
            self._document.callbacks.subscribe(name, model)

    def _collect(self, event: DocumentPatchedEvent) -> None:
        if self._open_batches and isinstance(event, ColumnsStreamedEvent | ColumnsPatchedEvent):
            # Columns are read when the batch is sent: an increment on top would count twice.
            event = ColumnDataChangedEvent(self._document, event.model, event.attr, setter=event.setter)
        key: object = event
        if isinstance(event, ModelChangedEvent | ColumnDataChangedEvent):
            key = (event.model, event.attr)
            if key in self._pending and isinstance(event, ColumnDataChangedEvent):
                # It may hold some columns only, and the one before it others.
                event = ColumnDataChangedEvent(self._document, event.model, event.attr, setter=event.setter)
        self._pending.pop(key, None)
        self._pending[key] = event

    def _flush(self) -> None:
        pending, self._pending = list(self._pending.values()), {}
        for author, events in groupby(pending, key=lambda event: event.setter):
            if self._views - {author}:
                patch = patch_doc.create(list(events))
                fields, columns = _portable(patch.content_json, patch.buffers)
                self.send({"kind": "patch", "author": author, **fields}, columns)
        if pending and self._views:
            time.sleep(_LET_GO)

    def _welcome(self, view: str, *, shows_first: bool) -> None:
        with self._lock:
            self._flush()  # what is under way is part of the snapshot, but the other views still need it
            if shows_first and self.wire.first is not None:
                self.send({"kind": "current", "view": view})
            else:
                fields, columns = self._snapshot()
                self.send({"kind": "snapshot", "view": view, **fields}, columns)
            self._views.add(view)

    # Browser -> Python

    def _receive(self, _: object, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        view = message["view"]
        match message["kind"]:
            case "mounted" if view not in self._former_views:
                try:
                    self._welcome(view, shows_first=message["showsFirst"])
                except Exception as failure:
                    self.send({"kind": "failed", "view": view, "text": f"{type(failure).__name__}: {failure}"})
                    raise
            case "closed":
                self._forget(view)
            case "events" if view in self._views:
                try:
                    self._apply(message["json"], buffers, view)
                finally:
                    # The view gathers what happens meanwhile and sends it after this.
                    self.send({"kind": "ack", "view": view})
            case "events":
                # It was counted as closed, or shows a figure that has been replaced: its state is of no use.
                self.send({"kind": "remount", "view": view})

    def _apply(self, payload: str, buffers: Sequence[memoryview], view: str) -> None:
        columns = [Buffer(ID(str(index)), bytes(buffer)) for index, buffer in enumerate(buffers)]
        try:
            with self.batch():
                # Callbacks run when all is applied: none sees a range whose start has moved and whose end has not.
                self._document.hold("collect")
                try:
                    patch = self._of_all_views(json.loads(payload))
                    self._document.apply_json_patch(Serialized(patch, columns), setter=cast("Any", view))
                finally:
                    self._document.unhold()
        except Exception:
            self.send({"kind": "remount"})  # a callback failed: not every view was told what the others show
            raise

    def _of_all_views(self, patch: dict[str, Any]) -> Any:
        """A patch without the ends of ranges whose figure has equal axes: a view finds them for the frame it has."""
        plots = (model for model in self._document.select({"type": Plot}) if isinstance(model, Plot))
        equal = [plot for plot in plots if plot.match_aspect]
        own = {found.id for plot in equal for found in (plot.x_range, plot.y_range)}
        return {**patch, "events": [event for event in patch["events"] if event.get("model", {}).get("id") not in own]}


def _portable(payload: str, buffers: Sequence[Buffer]) -> tuple[dict[str, Any], list[bytes]]:
    return {"json": payload, "names": [buffer.id for buffer in buffers]}, [buffer.to_bytes() for buffer in buffers]
