"""`BokehPane` in a real browser."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.browser

FIGURE = """
import numpy as np
from bokeh.events import RangesUpdate
from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure
from pchp_widgets.panels.pane import BokehPane

source = ColumnDataSource({"x": np.arange(100.0), "y": np.sin(np.arange(100) / 8)}, name="trace")
plot = figure(height=300, sizing_mode="stretch_width", x_range=Range1d(0, 99), title="voltage",
              tools="pan,xwheel_zoom,tap,box_select,reset", active_scroll="xwheel_zoom")
plot.line("x", "y", source=source, line_width=2)
zooms = []
plot.on_event(RangesUpdate, lambda event: zooms.append((event.x0, event.x1)))
pane = BokehPane(plot)
"""


def test_a_figure_is_drawn(run_cells):
    page = run_cells(FIGURE, "pane")
    page.wait_painted()
    assert np.unique(page.pixels().reshape(-1, 3), axis=0).shape[0] > 20
