"""`DiffractionPanel` without a browser: traits in, what would be drawn and said out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from pchp_widgets import DiffractionPanel
from pchp_widgets.io.synthetic.diffraction import FILMS, Film, Halo, pattern, patterns
from pchp_widgets.panels.diffraction_controls import positions


@pytest.fixture
def panel() -> DiffractionPanel:
    return DiffractionPanel(patterns(("PCH", "PCHP"), step=0.05))


def inside(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def column(panel: DiffractionPanel, figure: str, layer: int, name: str) -> Any:
    return panel.figures[figure].renderers[layer].data_source.data[name]


def box(panel: DiffractionPanel) -> Any:
    return next(one for one in panel.figures["pattern"].center if getattr(one, "name", "") == "window")


def test_a_panel_needs_no_notebook_and_makes_no_widgets(panel: DiffractionPanel) -> None:
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == ["pattern", "residuals", "distances"]
    assert panel.span == (10.0, 70.0)


def test_the_window_that_is_dragged_drives_the_fit_once(panel: DiffractionPanel) -> None:
    edge = box(panel)
    asked = []
    panel.observe(lambda change: asked.append(change["new"]), "window")
    edge.right = 60.0
    assert panel.window == (10.0, 60.0)
    assert panel.found().attrs["window"] == (10.0, 60.0)
    assert max(column(panel, "pattern", 4, "xs")[0]) <= 60.0
    panel.window = (11.0, 55.0)
    assert (edge.left, edge.right) == (11.0, 55.0)
    assert asked == [(10.0, 60.0), (11.0, 55.0)]  # that the panel moves its own box is no drag


def test_the_numbers_below_are_those_of_the_analysis(panel: DiffractionPanel) -> None:
    (line, _) = panel.lines()
    d = panel.summary()["spacing"].values[0]
    assert line.name == "PCH"
    assert line.values[0].startswith(f"{d[0]:.3f} ± ")
    assert len(panel.heads()) == len(line.values) == 6
    assert any("the choice of the background moves d" in text for text in line.remarks)


def test_the_background_chosen_is_told_and_the_box_stays(panel: DiffractionPanel) -> None:
    before = panel.summary()
    found = panel.found()
    panel.background = "cubic"
    after = panel.summary()
    assert panel.found() is found
    assert not np.allclose(before["spacing"], after["spacing"])
    np.testing.assert_allclose(before["spacing_background_high"], after["spacing_background_high"])
    assert any("describes the pattern better" in text for text in panel.lines()[0].remarks)


def test_halos_can_be_counted_and_told_where_to_begin(panel: DiffractionPanel) -> None:
    panel.count = 2
    assert panel.found().sizes["halo"] == 2
    panel.starts = (41, 18.0, 12.8)
    assert panel.starts == (12.8, 18.0, 41.0)
    assert panel.found().sizes["halo"] == 3
    panel.halo = 4
    assert panel.status == ""
    assert len(column(panel, "distances", 3, "x")) == 0


def test_nothing_shown_is_said_and_drawn_as_nothing(panel: DiffractionPanel) -> None:
    panel.screen  # noqa: B018  made when first asked for
    panel.shown = ()
    assert panel.status.startswith("No sample is selected")
    assert panel.lines() == []
    assert column(panel, "pattern", 1, "xs") == []
    panel.shown = ("PCH",)
    assert panel.status == ""


def test_a_window_without_points_keeps_the_last_figures_and_says_what_to_do(panel: DiffractionPanel) -> None:
    panel.window = (20.0, 20.3)
    assert "widen the window" in panel.status
    panel.window = ()
    assert panel.status == ""


def test_sharp_lines_are_left_out_of_the_fit_unless_they_are_wanted() -> None:
    film = replace(FILMS["PCHP"], lines=(Halo(3000.0, 43.32, 0.2),))
    panel = DiffractionPanel(pattern(film, name="on copper", step=0.05), count=3)
    spared = panel.found()["misfit"].sel(background="air").item()
    assert any("43.3" in text and "Cu 111" in text for text in panel.lines()[0].remarks)
    panel.spare_lines = False
    assert panel.found()["misfit"].sel(background="air").item() > 2 * spared


def test_an_unknown_wavelength_and_intensities_that_are_no_counts_are_said() -> None:
    blind = pattern("PCH", step=0.05).assign_coords(
        wavelength=("sample", [np.nan]), intensity_kind=("sample", ["arbitrary"])
    )
    (line,) = DiffractionPanel(blind, count=3, references=("Li",)).lines()
    assert "wavelength not known" in line.values[0]
    assert any("no counts" in text for text in line.remarks)


def test_a_halo_that_is_not_there_is_undecided() -> None:
    panel = DiffractionPanel(pattern(Film((Halo(900.0, 20.0, 6.0),)), step=0.05), starts=(20, 55))
    (line,) = panel.lines()
    assert line.values[1].startswith("undecided")
    assert any("halo 2 is undecided" in text for text in line.remarks)


def test_controls_and_traits_are_one(panel: DiffractionPanel) -> None:
    widgets = {getattr(one, "description", ""): one for one in inside(panel.widget) if hasattr(one, "value")}
    widgets["background"].value = "quintic"
    widgets["LP factor"].value = "powder"
    widgets["halos"].value = 3
    widgets["begin at"].value = "12.8, 18.2 41"
    widgets["Cu"].value = True
    assert (panel.background, panel.factor, panel.count) == ("quintic", "powder", 3)
    assert panel.starts == (12.8, 18.2, 41.0)
    assert panel.references == ("Cu",)
    widgets["begin at"].value = "twelve"
    assert "write positions in degrees" in panel.status
    panel.starts = ()
    assert widgets["begin at"].value == ""


def test_positions_are_read_as_a_person_writes_them() -> None:
    assert positions("") == ()
    assert positions("12.8,18") == (12.8, 18.0)
    with pytest.raises(ValueError, match="at most 4"):
        positions("1 2 3 4 5")


def test_code_and_files_say_what_is_shown(panel: DiffractionPanel, tmp_path: Path) -> None:
    panel.background = "cubic"
    assert "background='cubic'" in panel.to_code()
    written = panel.export(tmp_path / "halos.csv")
    assert written
    assert all(path.stat().st_size for path in written)


@pytest.mark.parametrize(
    ("state", "words"),
    [({"background": "snip"}, "background"), ({"count": 9}, "count"), ({"references": ("Fe",)}, "choose among Li")],
)
def test_a_state_that_cannot_be_is_refused(state: dict[str, Any], words: str) -> None:
    with pytest.raises(traitlets.TraitError, match=words):
        DiffractionPanel(pattern("PCH", step=0.05), **state)
