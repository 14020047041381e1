"""What every panel does, on a panel of one curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
import traitlets

from pchp_widgets.panels.base import Panel, Result
from pchp_widgets.plots.picture import Axis, Lines, Picture


def wave(values: np.ndarray) -> Picture:
    line = Lines([np.arange(len(values), dtype=float)], [values], {"color": ["#000000"]})
    return Picture(Axis("point"), Axis("height", "m"), [line], xlim=(0.0, 10.0), ylim=(-1.0, 1.0))


def level(value: float) -> Picture:
    return wave(np.full(2, value))


class WavePanel(Panel):
    frequency = traitlets.Float(1.0)
    height = traitlets.Float(1.0)
    draw: ClassVar[Mapping[str, Any]] = {"wave": wave, "level": level}
    computed = 0

    def data(self, *, live: bool = True) -> Result:
        self.computed += 1
        if self.frequency < 0:
            raise ValueError("frequency: -1 is below zero; choose a positive one")
        values = self.remembered(self._values, self.frequency, live)
        return Result(
            {"wave": {"values": values}, "level": {"value": self.height}}, "slow" if self.frequency == 0 else ""
        )

    def _values(self, frequency: float, live: bool) -> np.ndarray:
        return np.sin(frequency * np.arange(10 if live else 100))

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        from pchp_widgets.plots.render import wrapped

        return wrapped([list(figures.values())])


def test_the_state_is_the_traits_a_panel_declares() -> None:
    panel = WavePanel(frequency=2.0)
    assert panel.state() == {"frequency": 2.0, "height": 1.0}
    assert panel.changed() == {"frequency": 2.0}
    assert repr(panel) == "WavePanel(frequency=2.0)"
    assert WavePanel(**panel.state()).state() == panel.state()


def test_one_action_is_one_computation_however_many_traits_it_changes() -> None:
    panel = WavePanel()
    before = panel.computed
    with panel.hold_trait_notifications():
        panel.frequency, panel.height = 3.0, 0.5
    assert panel.computed == before + 1
    panel.frequency = 3.0
    assert panel.computed == before + 1


def test_readouts_hear_of_a_result_when_the_figures_show_it() -> None:
    panel = WavePanel()
    figure = panel.figures["wave"]
    seen = []
    panel.observe(lambda _: seen.append(np.asarray(figure.renderers[0].data_source.data["ys"][0])[1]), "result")
    panel.frequency = 2.0
    assert seen == [np.sin(2.0)]


def test_an_error_is_told_in_words_and_the_figures_stay() -> None:
    panel = WavePanel()
    shown = panel.figures["wave"].renderers[0].data_source.data["ys"][0]
    result = panel.result
    panel.frequency = -1.0
    assert panel.status.startswith("frequency: -1 is below zero; choose a positive one")
    assert isinstance(panel.error, ValueError)
    assert panel.result is result
    assert panel.figures["wave"].renderers[0].data_source.data["ys"][0] is shown
    panel.frequency = 1.5
    assert (panel.status, panel.error) == ("", None)


def test_an_error_nobody_foresaw_says_where_its_traceback_is(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = WavePanel()
    monkeypatch.setattr(panel, "_values", lambda *_: 1 / 0)
    panel.frequency = 7.0
    assert panel.status.startswith("ZeroDivisionError: division by zero. The traceback: `raise panel.error`")


def test_a_panel_that_cannot_begin_raises() -> None:
    with pytest.raises(ValueError, match="choose a positive one"):
        WavePanel(frequency=-1.0)


def test_a_remark_is_shown_as_long_as_it_holds() -> None:
    panel = WavePanel(frequency=0.0)
    assert panel.status == "slow"
    panel.frequency = 1.0
    assert panel.status == ""


def test_only_figures_with_other_data_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = WavePanel()
    drawn = []
    monkeypatch.setattr(panel.screen, "show", lambda pictures, _: drawn.append(list(pictures)))
    panel.height = 0.25
    panel.frequency = 4.0
    assert drawn == [["level"], ["wave"]]


def test_what_is_remembered_is_computed_once() -> None:
    panel = WavePanel()
    assert panel.data().data["wave"]["values"] is panel.result.data["wave"]["values"]


def test_paper_gets_more_points_than_a_screen_that_can_zoom() -> None:
    panel = WavePanel()
    assert len(panel.pictures()["wave"].layers[0].columns["ys"][0]) == 100  # type: ignore[union-attr]
    assert len(panel.figures["wave"].renderers[0].data_source.data["ys"][0]) == 10


class ViewsPanel(WavePanel):
    """The wave alone, or with the level; both zoom along x together."""

    both = traitlets.Bool(False)
    linked = (("wave", "level"),)

    def data(self, *, live: bool = True) -> Result:
        whole = super().data(live=live)
        return whole if self.both else Result({"wave": whole.data["wave"]})


def _rows_in_view(panel: Panel) -> list[list[object]]:
    shown: list[Any] = [one for one in panel.screen.layout.children if one.visible]
    (view,) = shown
    return [row.children for row in view.children]


def test_a_figure_is_made_when_its_view_is_first_shown_and_kept() -> None:
    panel = ViewsPanel()
    assert list(panel.figures) == ["wave"]
    wave_figure = panel.figures["wave"]
    panel.both = True
    assert _rows_in_view(panel) == [[wave_figure, panel.figures["level"]]]
    level_figure = panel.figures["level"]
    panel.both = False
    assert _rows_in_view(panel) == [[wave_figure]]
    assert list(panel.pictures()) == ["wave"]
    panel.set_trait("height", 3.0)
    panel.both = True
    assert _rows_in_view(panel) == [[wave_figure, level_figure]]
    assert len(panel.screen.layout.children) == 2  # what was arranged once is shown again, and nothing made anew
    assert level_figure.renderers[0].data_source.data["ys"][0].tolist() == [3.0, 3.0]


def test_linked_figures_of_a_panel_zoom_together_in_whichever_order_they_come() -> None:
    panel = ViewsPanel(both=True)
    assert panel.figures["wave"].x_range is panel.figures["level"].x_range
    later = ViewsPanel()
    shared = later.figures["wave"].x_range
    later.both = True
    assert later.figures["level"].x_range is shared
