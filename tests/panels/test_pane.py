"""`BokehPane` without a browser: the tests play the part of ``pane.js``."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from bokeh.core.serialization import Buffer, Deserializer, Serialized
from bokeh.document import Document
from bokeh.events import RangesUpdate
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, Div, Range1d
from bokeh.plotting import figure

from pchp_widgets.panels.bokehjs import BokehJS
from pchp_widgets.panels.pane import BokehPane


class Browser:
    """A stand-in for the views of one pane, which keeps a copy of the document and of every message."""

    def __init__(self, pane: BokehPane, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pane = pane
        self.messages: list[tuple[dict, list[bytes]]] = []
        monkeypatch.setattr(pane, "send", lambda content, buffers=(): self.messages.append((content, list(buffers))))

    def mount(self, view: str = "a", *, shows_first: bool = False) -> None:
        self.pane._receive(None, {"kind": "mounted", "view": view, "showsFirst": shows_first}, [])

    def close(self, view: str = "a") -> None:
        self.pane._receive(None, {"kind": "closed", "view": view}, [])

    def tell(self, *events: dict, view: str = "a", buffers: tuple[bytes, ...] = ()) -> None:
        message = {"kind": "events", "view": view, "json": json.dumps({"events": events})}
        self.pane._receive(None, message, [memoryview(buffer) for buffer in buffers])

    def kinds(self) -> list[str]:
        return [content["kind"] for content, _ in self.messages]

    def patches(self) -> list[list[dict]]:
        return [json.loads(content["json"])["events"] for content, _ in self.messages if content["kind"] == "patch"]


def copy_of(content: dict, columns: list[bytes]) -> Document:
    """The document as a browser would build it from a snapshot."""
    buffers = [Buffer(name, data) for name, data in zip(content["names"], columns, strict=True)]
    copy = Document()
    for root in Deserializer().deserialize(Serialized(json.loads(content["json"])["roots"], buffers)):
        copy.add_root(root)
    return copy


def model_changed(model, attribute, value):
    return {"kind": "ModelChanged", "model": {"id": model.id}, "attr": attribute, "new": value}


@pytest.fixture
def source():
    return ColumnDataSource({"x": np.arange(5.0), "y": np.arange(5.0) ** 2})


@pytest.fixture
def plot(source):
    plot = figure(x_range=Range1d(0, 4), title="before")
    plot.line("x", "y", source=source)
    return plot


@pytest.fixture
def pane(plot):
    pane = BokehPane(plot)
    yield pane
    pane.close()


@pytest.fixture
def browser(pane, monkeypatch):
    return Browser(pane, monkeypatch)


def test_repr_names_the_model_and_nothing_that_varies(pane):
    assert repr(pane) == "BokehPane(figure)"
    assert pane._repr_mimebundle_()[0]["text/plain"] == "BokehPane(figure)"


def test_snapshot_is_the_present_document_with_binary_columns(pane, browser, plot, source):
    plot.title.text = "after"
    source.data = {"x": np.arange(3.0), "y": np.array([1.0, np.nan, 3.0])}
    browser.mount()
    ((content, columns),) = browser.messages
    (root,) = copy_of(content, columns).roots
    (renderer,) = root.renderers
    assert content["kind"] == "snapshot"
    assert root.title.text == "after"
    np.testing.assert_array_equal(renderer.data_source.data["y"], [1.0, np.nan, 3.0])
    assert columns[0] == np.arange(3.0).tobytes()


def test_first_state_travels_with_the_widget_until_something_changes(pane, browser, plot):
    (root,) = copy_of(pane.wire.first, pane.wire.first["columns"]).roots
    assert root.title.text == "before"
    browser.mount("a", shows_first=True)
    plot.title.text = "after"
    browser.mount("b", shows_first=True)
    assert pane.wire.first is None
    assert browser.kinds() == ["current", "patch", "snapshot"]


def test_change_is_sent_once_with_binary_columns(browser, source):
    browser.mount()
    source.data = {"x": np.arange(2.0), "y": np.arange(2.0)}
    ((event,),) = browser.patches()
    _, columns = browser.messages[-1]
    assert (event["kind"], event["model"]["id"], event["attr"]) == ("ColumnDataChanged", source.id, "data")
    assert columns == [np.arange(2.0).tobytes()] * 2


def test_nothing_is_sent_while_nobody_looks(pane, browser, plot):
    plot.title.text = "unseen"
    browser.mount()
    browser.close()
    plot.title.text = "unseen again"
    assert browser.kinds() == ["snapshot"]
    assert pane.views == 0


def test_question_that_arrives_after_its_view_has_closed_is_not_answered(pane, browser):
    browser.close()
    browser.mount()
    assert browser.messages == []
    assert pane.views == 0


def test_batch_is_one_message_with_each_property_once(pane, browser, plot, source):
    browser.mount()
    with pane.batch():
        source.data = {"x": [1.0], "y": [1.0]}
        with pane.batch():
            plot.title.text = "one"
            plot.title.text = "two"
        source.data = {"x": [2.0], "y": [2.0]}
    (events,) = browser.patches()
    assert [(event["attr"], event.get("new")) for event in events] == [("text", "two"), ("data", None)]
    assert dict(events[1]["data"]["entries"]) == {"x": [2.0], "y": [2.0]}


def test_rows_streamed_in_a_batch_are_sent_once(pane, browser, source):
    browser.mount()
    with pane.batch():
        source.stream({"x": [5.0], "y": [25.0]})
        source.patch({"y": [(0, 7.0)]})
    ((event,),) = browser.patches()
    assert event["kind"] == "ColumnDataChanged"
    source.stream({"x": [6.0], "y": [36.0]})
    assert browser.patches()[1][0]["kind"] == "ColumnsStreamed"


def test_new_model_is_described_once_and_then_named(browser, plot):
    browser.mount()
    renderer = plot.scatter([1], [2])
    renderer.glyph.size = 9
    first, second = browser.patches()[0][0], browser.patches()[-1][0]
    assert first["attr"] == "renderers"
    assert any(entry.get("type") == "object" and entry["id"] == renderer.id for entry in first["new"])
    assert second["model"] == {"id": renderer.glyph.id}


def test_event_of_a_view_reaches_callbacks_once_and_other_views_only(pane, browser, plot):
    calls = []
    plot.x_range.on_change("start", lambda name, old, new: calls.append((old, new, plot.x_range.end)))
    browser.mount("a")
    browser.mount("b")
    browser.messages.clear()
    browser.tell(model_changed(plot.x_range, "start", 1.5), model_changed(plot.x_range, "end", 2.5))
    assert calls == [(0, 1.5, 2.5)]
    assert browser.kinds() == ["patch", "ack"]
    assert browser.messages[0][0]["author"] == "a"


def test_event_of_the_only_view_is_not_echoed_but_its_consequence_is_sent(browser, plot, source):
    plot.on_event(RangesUpdate, lambda event: source.update(data={"x": [event.x0], "y": [event.x1]}))
    browser.mount()
    values = {
        "type": "map",
        "entries": [["model", {"id": plot.id}], ["x0", 1.0], ["x1", 2.0], ["y0", 0.0], ["y1", 1.0]],
    }
    event = {"type": "event", "name": "rangesupdate", "values": values}
    browser.tell(
        model_changed(plot.x_range, "start", 1.0),
        {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event},
    )
    ((change,),) = browser.patches()
    assert change["attr"] == "data"
    assert source.data == {"x": [1.0], "y": [2.0]}
    assert browser.kinds() == ["snapshot", "patch", "ack"]


def test_correction_by_a_callback_is_sent_to_the_view_that_was_corrected(browser, plot):
    plot.x_range.on_change("start", lambda name, old, new: setattr(plot.x_range, "start", max(new, 0)))
    browser.mount()
    browser.tell(model_changed(plot.x_range, "start", -1.0))
    ((change,),) = browser.patches()
    assert (change["attr"], change["new"]) == ("start", 0)


def test_binary_columns_of_a_view_are_applied(browser, source):
    def column_of(name):
        return {
            "type": "ndarray",
            "array": {"type": "bytes", "data": {"id": name}},
            "shape": [2],
            "dtype": "float64",
            "order": "little",
        }

    browser.mount()
    data = {"type": "map", "entries": [["x", column_of("0")], ["y", column_of("1")]]}
    browser.tell(
        model_changed(source, "data", data), buffers=(np.array([1.0, 2]).tobytes(), np.array([3.0, 4]).tobytes())
    )
    np.testing.assert_array_equal(source.data["y"], [3.0, 4.0])


def test_rows_streamed_and_patched_by_a_view_are_applied(browser, source):
    browser.mount()
    model = {"id": source.id}
    row = {"type": "map", "entries": [["x", [5.0]], ["y", [25.0]]]}
    patches = {"type": "map", "entries": [["y", [[0, 7.0]]]]}
    browser.tell(
        {"kind": "ColumnsStreamed", "model": model, "attr": "data", "data": row, "rollover": None},
        {"kind": "ColumnsPatched", "model": model, "attr": "data", "patches": patches},
    )
    np.testing.assert_array_equal(source.data["y"], [7, 1, 4, 9, 16, 25])


def test_pixel_size_of_one_view_is_kept_from_the_others(browser, plot):
    browser.mount("a")
    browser.mount("b")
    browser.tell(model_changed(plot, "inner_width", 500))
    assert plot.inner_width == 500
    assert browser.patches() == []


def test_failing_callback_is_raised_acknowledged_and_views_start_afresh(browser, plot):
    plot.x_range.on_change("start", lambda name, old, new: 1 / 0)
    browser.mount()
    with pytest.raises(ZeroDivisionError):
        browser.tell(model_changed(plot.x_range, "start", 1.0), model_changed(plot.x_range, "end", 3.0))
    assert (plot.x_range.start, plot.x_range.end) == (1.0, 3.0)
    assert browser.kinds() == ["snapshot", "remount", "ack"]


def test_replaced_figure_is_asked_for_and_the_old_one_is_heard_no_more(pane, browser, plot):
    browser.mount("a")
    other = figure(title="other")
    pane.replace(other)
    plot.title.text = "unheard"
    browser.tell(model_changed(plot.x_range, "start", 1.0), view="a")
    browser.mount("b")
    other.title.text = "heard"
    assert browser.kinds() == ["snapshot", "remount", "remount", "snapshot", "patch"]
    assert plot.x_range.start == 0
    assert repr(pane) == "BokehPane(figure)"


def test_figure_that_cannot_replace_leaves_the_present_one_live(pane, browser, plot):
    other = figure()
    layout = BokehPane(column(other))
    browser.mount()
    with pytest.raises(ValueError, match="larger Bokeh document"):
        pane.replace(other)
    plot.title.text = "still heard"
    assert browser.kinds() == ["snapshot", "patch"]
    layout.close()


def test_closed_pane_lets_go_of_the_figure(plot):
    pane = BokehPane(plot)
    pane.close()
    pane.close()
    assert plot.document.callbacks.change_callbacks() == ()


def test_one_figure_can_be_shown_by_two_panes(pane, browser, plot, monkeypatch):
    second = BokehPane(plot)
    other = Browser(second, monkeypatch)
    browser.mount("a")
    other.mount("b")
    browser.tell(model_changed(plot.x_range, "start", 1.0))
    assert browser.patches() == []
    assert other.patches()[0][0]["new"] == 1.0
    second.close()


def test_part_of_a_shown_layout_is_refused(plot):
    pane = BokehPane(column(plot))
    with pytest.raises(ValueError, match="larger Bokeh document"):
        BokehPane(plot)
    pane.close()


def test_bokehjs_is_shared_and_has_widgets_only_where_drawn(plot):
    (figures,) = BokehJS.needed_by(plot.references())
    assert [figures] == BokehJS.needed_by(plot.references())
    assert len(BokehJS.needed_by(column(Div(), figure()).references())) == 3
    library = BokehJS._shared["bokeh"]
    assert b"Bokeh" in gzip.decompress(library.source)
    library.close()
    assert BokehJS.needed_by(plot.references()) != [figures]


def test_unserializable_state_is_told_to_the_view(browser, source):
    source.data = {"x": [object()], "y": [1.0]}
    with pytest.raises(ValueError, match="serialize"):
        browser.mount()
    ((message, _),) = browser.messages
    assert message["kind"] == "failed"
    assert "serialize" in message["text"]
