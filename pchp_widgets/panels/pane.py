"""A Bokeh figure as a Jupyter widget that always shows what Python holds now.

A view in the browser asks for a snapshot whenever it is mounted and follows patches from then on, so it is never blank,
stale or doubled. What the user does to it comes back as Bokeh's own document events. BokehJS travels the same way, once
per page, so nothing is fetched from the network and no ``output_notebook()`` is needed. The other half is ``pane.js``.
"""

from __future__ import annotations

import gzip
import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import anywidget
import bokeh
import traitlets
from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Buffer, Serialized
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.document.json import PatchJson
from bokeh.model import Model
from bokeh.protocol.messages.patch_doc import patch_doc
from bokeh.util.paths import static_path

_KERNEL = uuid.uuid4().hex
_FIGURES = ("bokeh",)
_WIDGETS = ("bokeh", "bokeh-widgets", "bokeh-tables")
_SIZE_OF_ONE_VIEW = frozenset({"inner_width", "inner_height", "outer_width", "outer_height"})


@cache
def bokehjs(component: str) -> bytes:
    """Gzipped source of one BokehJS component (``"bokeh"``, ``"bokeh-widgets"``, ``"bokeh-tables"``)."""
    source = (static_path() / "js" / f"{component}.min.js").read_bytes()
    # Level 1: the browser is usually on the same machine, where time to compress counts more than bytes.
    return gzip.compress(source, compresslevel=1)


class BokehPane(anywidget.AnyWidget):
    """A live view of a Bokeh figure, or of a layout of figures, in a notebook.

    Change the models as usual; every view follows. Zooms, taps and selections reach the callbacks registered with
    ``model.on_event`` and ``model.on_change``, each once. JupyterLab runs them in a thread of its own when the kernel
    has subshells, so a callback may overlap with a running cell.

    Parameters
    ----------
    model
        The figure or layout. It is shown whole: a figure inside a layout that is shown elsewhere is refused.
    **traits
        Traits of the widget, such as ``layout``.

    Raises
    ------
    ValueError
        If ``model`` is part of a larger Bokeh document.
    """

    _esm = Path(__file__).parent / "pane.js"
    _version = traitlets.Unicode(bokeh.__version__).tag(sync=True)
    _kernel = traitlets.Unicode(_KERNEL).tag(sync=True)

    def __init__(self, model: Model, **traits: Any) -> None:
        # ``min_width`` lets a pane beside its controls shrink; the width keeps "stretch_width" figures from collapsing.
        traits.setdefault("layout", {"width": "100%", "min_width": "0"})
        self._lock = threading.RLock()
        self._views: set[str] = set()
        self._pending: list[DocumentPatchedEvent] = []
        self._open_batches = 0
        self._adopt(model)
        super().__init__(**traits)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self._model).__name__})"

    @property
    def model(self) -> Model:
        """The figure or layout shown."""
        return self._model

    @property
    def views(self) -> int:
        """Number of live views: how many places in browsers show this pane now."""
        return len(self._views)

    def replace(self, model: Model) -> None:
        """Show another figure in place of the present one, in every view."""
        with self._lock:
            self._document.remove_on_change(self)
            self._adopt(model)
            self._pending.clear()
            self._views.clear()
            self.send({"kind": "remount"})

    def close(self) -> None:
        """Leave the figure, and every place where it is shown."""
        if self.comm is not None:
            self._document.remove_on_change(self)
            self._views.clear()
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

    # Python -> browser

    def _document_patched(self, event: DocumentPatchedEvent) -> None:
        """Bokeh calls this after every change of a model; ``event.setter`` is the view that made it, if one did."""
        author = event.setter
        with self._lock:
            # The pixel size that one view reports is of no use to another, which has its own.
            if self._views - {author} and not (author and getattr(event, "attr", None) in _SIZE_OF_ONE_VIEW):
                self._pending.append(event)
                if not self._open_batches:
                    self._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        for author, events in groupby(pending, key=lambda event: event.setter):
            if self._views - {author}:
                message = patch_doc.create(list(events))
                self._transmit("patch", message.content_json, message.buffers, author=author)

    def _transmit(self, kind: str, payload: str, columns: Sequence[Buffer], **fields: Any) -> None:
        """Send Bokeh's JSON as it is, with the arrays it refers to as binary buffers."""
        names = [column.id for column in columns]
        self.send({"kind": kind, "json": payload, "names": names, **fields}, [column.to_bytes() for column in columns])

    def _send_snapshot(self, view: str) -> None:
        with self._lock:
            self._flush()  # what is under way is part of the snapshot, but the other views still need it
            self._views.add(view)
            state = self._document.to_json()
            names = [type(model).__module__ for model in self._document.models]
            components = _WIDGETS if any(name.startswith("bokeh.models.widgets") for name in names) else _FIGURES
            self._transmit("snapshot", serialize_json(state.content), state.buffers, view=view, components=components)

    # Browser -> Python

    def _receive(self, _: object, message: dict[str, str], buffers: Sequence[memoryview]) -> None:
        view = message.get("view", "")
        match message["kind"]:
            case "bokehjs":
                self.send(message, [bokehjs(message["component"])])
            case "snapshot":
                try:
                    self._send_snapshot(view)
                except Exception as failure:
                    self.send({"kind": "failed", "view": view, "text": f"{type(failure).__name__}: {failure}"})
                    raise
            case "closed":
                self._views.discard(view)
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
        failures = []
        with self.batch():
            for event in json.loads(payload)["events"]:
                try:
                    patch = Serialized(PatchJson(events=[event]), columns)
                    self._document.apply_json_patch(patch, setter=cast("Any", view))
                except Exception as failure:  # noqa: BLE001  one bad callback must not lose the events after it
                    failures.append(failure)
        if failures:
            raise ExceptionGroup(f"callbacks of {self!r} failed", failures)
