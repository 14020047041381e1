"""`SorptionPanel` without a browser: traits in, what would be drawn and said out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import SorptionPanel
from pchp_widgets.io.synthetic.sorption import Glassy, Layered, Porous, Run, cross_linked, isotherm
from pchp_widgets.panels.sorption_readout import lights
from pchp_widgets.plots.sorption import log_squared, relative_of

N2 = Run(np.geomspace(1e-5, 0.9, 90), desorption=True)


@pytest.fixture
def panel() -> SorptionPanel:
    return SorptionPanel(cross_linked(), reference="PCH")


def nitrogen(**state: Any) -> SorptionPanel:
    return SorptionPanel(isotherm(Layered(), N2, name="MCM"), **state)


def test_a_panel_needs_no_notebook_and_makes_no_widgets(panel: SorptionPanel) -> None:
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == ["isotherm", "bet", "rouquerol", "dubinin"]


def test_dragging_the_band_moves_area_and_lights() -> None:
    panel = nitrogen()
    assert panel.areas()["passed"].item() == 1
    panel.drag("window", 0.3, 0.6)
    assert panel.window == (0.3, 0.6)
    assert panel.areas()["criteria"].values.tolist() == [[1, 1, 0, 1]]
    shown = lights(panel.areas(), panel.looks)
    assert shown.count("passed") == 3
    assert shown.count("failed") == 1


def test_the_band_is_the_same_in_three_figures_and_follows(panel: SorptionPanel) -> None:
    panel.screen  # noqa: B018  made when first asked for
    panel.drag("window", 0.004, 0.02)
    for name in ("isotherm", "bet", "rouquerol"):
        layer = panel.pictures()[name].layers[0]
        assert (layer.start[0], layer.stop[0]) == (0.004, 0.02)  # type: ignore[union-attr]


def test_the_band_of_dubinin_is_dragged_on_its_own_axis(panel: SorptionPanel) -> None:
    panel.drag("micropores", *log_squared([0.02, 0.002]))
    assert panel.micropores == pytest.approx((0.002, 0.02))
    assert panel.volumes()["window_high"].values == pytest.approx(0.02)
    before = panel.micropores
    drawn = panel.pictures()["dubinin"].layers[0]
    panel.drag("micropores", float(drawn.start[0]), float(drawn.stop[0]))  # type: ignore[union-attr]
    assert panel.micropores == before, "a panel does not take its own drawing for a drag"


def test_a_place_on_the_axis_of_dubinin_is_a_pressure_and_back() -> None:
    x = np.geomspace(1e-7, 1.0, 20)
    np.testing.assert_allclose([relative_of(place) for place in log_squared(x)], x, rtol=1e-12)


def test_the_suggested_ranges_come_back_with_an_empty_window() -> None:
    panel = nitrogen()
    first = panel.span
    panel.window = (0.01, 0.02)
    panel.window = ()
    assert panel.span == first


def test_conventions_move_what_they_should(panel: SorptionPanel) -> None:
    volume, area = panel.volumes()["volume"].values[0], panel.areas()["area"].values[0]
    panel.density = "1.023 g/cm3"
    panel.molecule_area = 0.21
    assert panel.volumes()["volume"].values[0] == pytest.approx(volume * 0.9035 / 1.023, rel=1e-4)
    assert panel.areas()["area"].values[0] == pytest.approx(area * 0.21 / 0.17)


def test_a_fitted_exponent_and_a_model_are_said() -> None:
    panel = SorptionPanel(
        isotherm(Glassy(), Run(np.linspace(0.1, 20.0, 40)), name="PIM"), model="dual_mode", exponent=0.0
    )
    (line,) = panel.lines()
    assert any(text.startswith("k_D 0.12 (") for text in line.values)
    assert panel.pictures()["isotherm"].legend[-1].label == "dual mode"


def test_every_sample_has_a_line_with_as_many_values_as_heads(panel: SorptionPanel) -> None:
    assert [line.name for line in panel.lines()] == ["PCH", "PCHP", "PCHP2", "PEO"]
    assert {len(line.values) for line in panel.lines()} == {len(panel.heads())}
    panel.reference = ""
    assert {len(line.values) for line in panel.lines()} == {len(panel.heads())}


def test_samples_keep_their_own_ranges_until_one_is_dragged() -> None:
    panel = SorptionPanel([isotherm(Layered(), N2, name="a"), isotherm(Porous(), name="b")])
    assert "the BET range suggested for it" in panel.status
    low = panel.areas()["window_low"].values
    assert low[0] != low[1]
    panel.window = (0.01, 0.02)
    assert panel.areas()["window_low"].values.tolist() == [0.01, 0.01]
    assert panel.status == ""


def test_nothing_shown_is_no_fault(panel: SorptionPanel) -> None:
    panel.screen  # noqa: B018
    panel.shown = ()
    assert panel.error is None
    assert panel.status.startswith("No sample is selected")
    panel.shown = ("PEO",)
    assert "is not shown" in panel.status


def test_an_isotherm_without_gas_and_temperature_is_shown_with_what_is_missing() -> None:
    data = isotherm(Porous(), name="who").assign_coords(gas=("sample", [""]))
    panel = SorptionPanel(data)
    assert "which gas is not known" in " ".join(panel.lines()[0].remarks)
    assert "needed" in panel.pictures()["isotherm"].title


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"window": (0.3, 0.1)}, "window"),
        ({"micropores": (1.0,)}, "micropores"),
        ({"exponent": 0.5}, "exponent"),
        ({"density": "lead"}, "density"),
        ({"reference": "nobody"}, "reference"),
        ({"model": "toth"}, "model"),
        ({"shown": ("nobody",)}, "no sample 'nobody'"),
    ],
)
def test_a_wrong_state_is_refused_with_its_name(state: dict[str, Any], text: str) -> None:
    with pytest.raises(traitlets.TraitError, match=text):
        SorptionPanel(cross_linked(), **state)


def test_a_measurement_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="not of gas sorption"):
        SorptionPanel(xr.Dataset(coords={"sample": ["a"]}, attrs={"technique": "thermal"}))


def test_controls_follow_the_state_and_the_state_the_controls(panel: SorptionPanel) -> None:
    import ipywidgets

    boxes = [box for box in widgets_of(panel.widget) if isinstance(box, ipywidgets.Dropdown)]
    by_label = {box.description: box for box in boxes}
    by_label["Dubinin"].value = 0.0
    assert panel.exponent == 0.0
    panel.exponent = 1.5
    assert by_label["Dubinin"].label == "n = 1.5"
    by_label["against"].value = ""
    assert panel.reference == ""
    by_label["model"].value = "langmuir"
    assert panel.model == "langmuir"
    panel.window = (0.005, 0.02)
    (back,) = (one for one in widgets_of(panel.widget) if getattr(one, "description", "") == "suggested ranges")
    back.click()
    assert panel.window == ()


def widgets_of(root: Any) -> list[Any]:
    return [root, *(inner for child in getattr(root, "children", ()) for inner in widgets_of(child))]


def test_what_is_shown_can_be_saved_and_made_again(panel: SorptionPanel, tmp_path: Path) -> None:
    written = panel.export(tmp_path / "a.csv")
    assert written
    assert all(path.stat().st_size for path in written)
    assert "SorptionPanel" in panel.to_code()
