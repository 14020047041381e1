"""`RatePanel` without a browser: traits in, what would be drawn and said out."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from rate_cells import CELLS, REPEATS, tree

from pchp_widgets import RatePanel
from pchp_widgets.io.synthetic.full import RATES


def marks(panel: RatePanel) -> dict[str, Any]:
    """Columns of the filled markers of the capacity."""
    return dict(panel.figures["capacity"].renderers[5].data_source.data)


def bands(panel: RatePanel) -> np.ndarray:
    return np.asarray(panel.figures["capacity"].renderers[0].data_source.data["x0"])


def test_a_panel_needs_no_notebook_and_makes_no_widgets() -> None:
    panel = RatePanel(CELLS)
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == ["capacity", "profiles"]


def test_every_cycle_of_every_cell_is_drawn_and_labelled_with_its_current_density() -> None:
    drawn = marks(RatePanel(CELLS))
    assert len(drawn["x"]) == 4 * REPEATS * len(RATES)
    np.testing.assert_allclose(drawn["flow"][: REPEATS * len(RATES)], np.repeat(RATES, REPEATS), rtol=1e-6)
    labels = RatePanel(CELLS).pictures()["capacity"].x.ticks
    assert [text.split("\n")[0] for _, text in labels] == [f"{rate:g}" for rate in RATES]


def test_against_current_density_there_is_a_mark_per_rate_step_with_its_spread() -> None:
    panel = RatePanel(CELLS)
    assert panel.figures
    panel.against = "current density"
    drawn = marks(panel)
    assert sorted(set(np.round(drawn["x"], 6))) == sorted(set(RATES))
    back = panel.figures["capacity"].renderers[6].data_source.data
    np.testing.assert_allclose(back["x"], 0.1, rtol=1e-6)
    assert len(back["x"]) == len(CELLS)
    assert panel.figures["capacity"].xaxis[0].axis_label == "current density (mA cm⁻²)"


def test_the_mean_of_replicates_is_theirs() -> None:
    panel = RatePanel(CELLS, against="current density")
    each = panel.result.data["capacity"]["steps"]["capacity"]
    panel.replicates = "mean"
    steps = panel.result.data["capacity"]["steps"]
    assert steps["curve"].values.tolist() == ["bare", "PCHP"]
    np.testing.assert_allclose(steps["capacity"].sel(curve="bare"), each.values[:2].mean(0))
    np.testing.assert_allclose(steps["sd"].sel(curve="PCHP"), each.values[2:].std(0, ddof=1))
    assert [line.name for line in panel.lines()] == ["bare (2 cells)", "PCHP (2 cells)"]


@pytest.mark.parametrize(
    ("basis", "worth"), [("absolute", 1.0), ("areal", 1 / 1.327), ("specific", 1000 / (1.327 * 15))]
)
def test_capacities_are_related_to_what_the_basis_says(basis: str, worth: float) -> None:
    absolute = RatePanel(CELLS, basis="absolute").result.data["capacity"]["steps"]["capacity"].values
    found = RatePanel(CELLS, basis=basis).result.data["capacity"]["steps"]["capacity"].values
    np.testing.assert_allclose(found, absolute * worth)


def test_relative_capacities_begin_with_one() -> None:
    panel = RatePanel(CELLS, basis="relative")
    np.testing.assert_allclose(panel.result.data["capacity"]["steps"]["capacity"].values[:, 0], 1.0)
    assert panel.pictures()["capacity"].y.units == "%"


def test_the_selected_cycle_is_marked_and_its_rate_step_is_said() -> None:
    panel = RatePanel(CELLS)
    assert panel.figures
    panel.cycle = 13
    np.testing.assert_allclose(bands(panel), [12.5])
    assert panel.lines()[0].values[0].startswith("5 mA cm⁻² (1.7 C nominal, 1.7 C measured)")
    panel.against = "current density"
    assert bands(panel)[0] < 5 < panel.figures["capacity"].renderers[0].data_source.data["x1"][0]


def test_curves_are_those_of_one_cell_of_each_coating_or_of_the_selected_rate() -> None:
    panel = RatePanel(CELLS, cycle=13)
    shown = panel.result.data["profiles"]["shown"]
    assert set(shown["cell"].values) == {"bare-1", "PCHP-1"}
    assert sorted(set(shown["cycle"].values.tolist())) == list(range(REPEATS, REPEATS * len(RATES) + 1, REPEATS))
    panel.profiles = "selected rate"
    shown = panel.result.data["profiles"]["shown"]
    assert shown["cell"].values.tolist() == [cell.name for cell in CELLS]
    assert set(shown["cycle"].values.tolist()) == {14}
    np.testing.assert_allclose(shown["current_density"], 5.0, rtol=1e-6)


def test_a_click_selects_a_cycle_in_every_figure() -> None:
    panel = RatePanel(CELLS)
    assert panel.figures
    panel.select_at("capacity", 6.2, 0.0)
    assert panel.cycle == 6
    panel.against = "current density"
    panel.select_at("capacity", 3.1, 0.0)
    assert panel.cycle == REPEATS * (RATES.index(3.0) + 1)
    curve = panel.result.data["profiles"]["shown"]
    panel.select_at("profiles", float(curve["x"].values[0]), float(curve["y"].values[0]))
    assert panel.cycle == int(curve["cycle"].values[0])


def test_the_readout_holds_capacity_recovery_charge_and_resistance() -> None:
    line = RatePanel(CELLS, cycle=13).lines()[2]
    assert line.name == "PCHP-1"
    assert float(line.values[1].split()[0]) == pytest.approx(90.2, abs=1.0)
    assert float(line.values[3].split()[0]) == pytest.approx(99.6, abs=0.2)
    low, high = (float(part) for part in line.values[4].split("(")[1].split(")")[0].split(" to "))
    assert low < 67 < high
    assert line.remarks == (
        "charge: charged at the same current density as discharged, within 5 %; no constant voltage",
    )


def test_of_a_study_of_many_cells_rate_tests_are_shown_first() -> None:
    panel = RatePanel([*CELLS, tree("aged", ageing=True)])
    assert panel.shown == tuple(cell.name for cell in CELLS)
    panel.shown = ("aged",)
    assert "No cell shown is a rate test" in panel.status


def test_cells_charged_in_different_ways_are_remarked_upon() -> None:
    panel = RatePanel([*CELLS, tree("held", cv=True)])
    assert "constant voltage" in panel.lines()[-1].remarks[0]
    assert "no constant voltage" not in panel.lines()[-1].remarks[0]


def test_without_an_area_capacities_are_absolute_and_the_remedy_is_said() -> None:
    panel = RatePanel(tree("unknown", area=False))
    assert panel.basis == "absolute"
    assert panel.status == ""
    assert panel.pictures()["capacity"].y.units == "mA h"
    assert panel.lines()[0].values[0].endswith("measured)")
    assert panel.lines()[0].values[4] == "undecided"
    panel.basis = "specific"
    assert "choose another basis" in panel.status


def test_no_cell_and_no_cycle_are_said_in_words() -> None:
    panel = RatePanel(CELLS)
    panel.shown = ()
    assert panel.status == "No cell is selected: choose one in the list."
    panel.shown = ("bare-1",)
    panel.cycle = 99
    assert "choose one from 1 to 16" in panel.status
    with pytest.raises(ValueError, match="cycle 99"):
        RatePanel(CELLS, cycle=99)


@pytest.mark.parametrize("state", [{"basis": "mass"}, {"against": "time"}, {"replicates": "all"}, {"profiles": "none"}])
def test_what_no_state_is_is_refused(state: dict[str, str]) -> None:
    with pytest.raises(traitlets.TraitError):
        RatePanel(CELLS, **state)


def test_the_code_of_a_panel_makes_it_again() -> None:
    panel = RatePanel(CELLS, against="current density", replicates="mean", cycle=5)
    assert "RatePanel(cells, against='current density', cycle=5, replicates='mean')" in panel.to_code()


def test_what_is_shown_is_exported_with_units(tmp_path: Path) -> None:
    written = RatePanel(CELLS, against="current density").export(tmp_path / "rate.csv")
    assert [path.name for path in written] == ["rate_capacity.csv", "rate_profiles.csv"]
    with written[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(CELLS) * len(RATES)
    assert any("mA h g" in name for name in rows[0])


def test_controls_follow_the_traits() -> None:
    panel = RatePanel(CELLS)
    assert panel.widget
    panel.against = "current density"
    against = panel.own_controls()[0].children[0].children[1]
    assert against.value == "current density"
    against.value = "cycle"
    assert panel.against == "cycle"


def test_every_number_shown_is_explained() -> None:
    assert {"rate step", "capacity", "recovered", "ASR", "C-rate", "charge"} <= set(RatePanel.explained)
