"""The panel of indentations by its state: what is drawn, what follows a drag, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import IndentationPanel
from pchp_widgets.analysis.indentation import FLAGS
from pchp_widgets.io.synthetic.indentation import Indent, indented
from pchp_widgets.panels.controls import panel_box

SAMPLES = {"PCH": 3.46, "PCHP": 3.85, "PEO": 1.1}


@pytest.fixture(scope="module")
def samples() -> list[xr.Dataset]:
    return [
        indented(
            Indent(
                modulus=modulus, hardness=modulus / 18, tests=6, spread=0.03, depth_noise=0.3, continuous=name == "PCH"
            ),
            seed=seed,
            name=name,
            material=name,
        )
        for seed, (name, modulus) in enumerate(SAMPLES.items())
    ]


def column(panel: IndentationPanel, figure: str, layer: int, name: str) -> Any:
    return panel.figures[figure].renderers[layer].data_source.data[name]


def test_a_panel_needs_no_notebook(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples)
    assert panel.status == ""
    assert list(panel.figures) == ["curves", "unloading", "depth", "compared"]
    assert panel._widget is None


def test_a_window_that_is_dragged_drives_the_fit(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples)
    assert panel.span == (0.5, 0.98)
    before = panel.found()["modulus"].values
    panel.drag("window", 0.9, 0.3)
    assert panel.window == (0.3, 0.9)
    assert not np.allclose(panel.found()["modulus"].values, before, rtol=1e-5)
    panel.drag("window", -0.5, 1.7)
    assert panel.window == (0.01, 1.0)
    panel.window = ()
    assert np.array_equal(panel.found()["modulus"].values, before)
    with pytest.raises(traitlets.TraitError, match="shares of the peak load"):
        panel.window = (0.5, 1.5)


def test_the_range_of_depths_is_dragged_on_its_own(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples, source="continuous")
    assert panel.statistics()["n"].values.tolist() == [6, 0, 0]
    panel.drag("depths", 200.0, 500.0)
    assert panel.depths == (200.0, 500.0)
    assert panel.window == ()
    assert panel.over_depth().attrs["depths"] == (200.0, 500.0)
    panel.shown = ("PEO",)
    assert panel.status == "No sample shown has a stiffness along its loading: choose the unloading."


def test_the_readout_gives_interval_band_and_differences(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples)
    first, second, _ = panel.lines()
    assert first.values[0].startswith("3.4")
    assert first.values[4] == "6"
    assert second.values[2] == "3.52 to 4.05 GPa"
    assert any(text.startswith("E less that of PCHP: -0.") for text in first.remarks)
    panel.quantity = "hardness"
    assert any(text.startswith("H less that of PCHP") for text in panel.lines()[0].remarks)


def test_what_is_refused_is_counted_and_explained(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples, shown=("PCH",), frame_compliance=200.0)
    (line,) = panel.lines()
    assert line.values[0] == "none"
    assert line.values[4] == "0, 6 refused"
    assert line.values[5] == "refused"
    assert FLAGS["frame"][1] in line.remarks


def test_poissons_ratio_and_beta_move_the_modulus_as_they_should(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples, shown=("PCH",))
    before = panel.statistics()["mean"].item()
    panel.poisson = 0.4
    assert panel.statistics()["mean"].item() == pytest.approx(before * 0.84 / 0.8775, rel=1e-9)
    panel.poisson = None
    panel.beta = 1.034
    assert panel.statistics()["mean"].item() == pytest.approx(before / 1.034, rel=2e-3)


def test_a_click_at_an_indent_selects_its_test(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples)
    values = panel.last()["modulus"].values
    panel.select_at("compared", 1.2, float(values[1, 4]))
    assert panel.test == 5
    assert panel.figures["unloading"].title.text == "unloading of test 5: drag the window"
    panel.select_at("curves", 0.0, 0.0)
    assert panel.test == 5
    panel.test = 9
    assert panel.status == "No sample shown has a test 9: choose one from 1 to 6."


def test_nothing_shown_is_said(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples, shown=())
    assert panel.status == "No sample is selected: choose one in the list."
    assert panel.lines() == []
    panel.shown = ("PEO",)
    assert panel.status == ""


def test_widgets_follow_and_lead(samples: list[xr.Dataset]) -> None:
    panel = IndentationPanel(samples)
    box = panel_box(panel)
    words = [widget for widget in inside(box) if getattr(widget, "placeholder", "") == "of sample"]
    words[0].value = "0,3"
    assert panel.poisson == 0.3
    words[0].value = "7"
    assert "write a number" in panel.status
    panel.poisson = None
    assert words[0].value == ""


def inside(widget: Any) -> Any:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def test_the_code_makes_the_panel_again_and_files_hold_what_is_shown(samples: list[xr.Dataset], tmp_path: Path) -> None:
    panel = IndentationPanel(samples, test=2, creep=True, window=(0.4, 0.9))
    assert "IndentationPanel(samples, " in panel.to_code()
    assert "test=2" in panel.to_code()
    written = panel.export(tmp_path / "indentation.csv")
    assert {path.name for path in written} >= {"indentation_compared.csv", "indentation_curves.csv"}
    text = (tmp_path / "indentation_compared.csv").read_text("utf-8")
    assert "PCHP" in text


def test_one_test_without_time_or_tip_is_shown_with_its_doubts() -> None:
    data = indented(Indent(), name="alone").drop_vars(["time", "area_coefficients"])
    panel = IndentationPanel(data)
    (line,) = panel.lines()
    assert line.values[7] == "unknown"
    assert panel.figures["depth"].title.text == ""
    assert len(panel.figures) == 4
    assert FLAGS["ideal_tip"][1] in line.remarks
