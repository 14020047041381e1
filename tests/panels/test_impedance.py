"""The panel of impedance spectra, without a notebook: what its state shows, and what its widgets do to it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import ImpedancePanel
from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.model.schema import dataset
from pchp_widgets.panels.impedance_readout import number

CIRCUIT = "R0-p(R1,CPE1)-p(R2,CPE2)"
FREQUENCY = np.geomspace(3e5, 1.0, 56)
BARE, COATED = (3.0, 60.0, 4e-6, 0.85, 40.0, 6e-4, 0.82), (6.0, 30.0, 4e-6, 0.85, 20.0, 6e-4, 0.82)


def spectra(
    name: str,
    coating: str = "bare",
    start: tuple[float, ...] = BARE,
    seed: int = 0,
    noise: float = 2e-3,
    **changed: Any,
) -> xr.DataTree:
    """Spectra of cycles 0, 20 and 40, R2 growing by 10 ohm each time, unless it is said otherwise."""
    rng = np.random.default_rng(seed)
    growth = np.array([0, 0, 0, 0, 10.0, 0, 0])
    z = circuit(CIRCUIT).impedance(np.array(start) + growth * np.arange(3)[:, None], FREQUENCY)
    z = z * (1 + noise * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape)))
    columns = {
        "z_real": z.real[None],
        "z_imag": z.imag[None],
        "time": np.array([[0.0, 1e5, 2e5]]),
        "cycle": np.array([changed.pop("cycles", (0, 20, 40))]),
    }
    place = {"cell": [name], "spectrum": [1, 2, 3], "frequency": FREQUENCY}
    known = {"coating": coating, "area": 1.327, "kind": "symmetric"} | changed
    own = dataset("spectra", columns, coords=place)
    return xr.DataTree.from_dict(
        {"spectra": own.assign_coords({key: ("cell", [of]) for key, of in known.items()})}, name=name
    )


@pytest.fixture(scope="module")
def cells() -> list[xr.DataTree]:
    return [spectra("bare-1"), spectra("bare-2", seed=1), spectra("PCHP-1", "PCHP", COATED, seed=2)]


@pytest.fixture
def panel(cells: list[xr.DataTree]) -> ImpedancePanel:
    return ImpedancePanel(cells)


def source(panel: ImpedancePanel, figure: str, layer: int) -> Any:
    return panel.figures[figure].renderers[layer].data_source


def inside(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def widget(panel: ImpedancePanel, kind: str, accepts: Callable[[Any], bool] = lambda _: True) -> Any:
    return next(one for one in inside(panel.widget) if type(one).__name__ == kind and accepts(one))


def sliders(panel: ImpedancePanel) -> list[Any]:
    """Those of the parameters."""
    return [one for one in inside(panel.widget) if type(one).__name__ == "IntSlider"]


def value(panel: ImpedancePanel, name: str, cell: int = 0) -> float:
    return float(panel.found()["value"].isel(cell=cell, spectrum=0).sel(parameter=name))


def test_a_panel_needs_neither_a_trace_nor_a_notebook(panel: ImpedancePanel) -> None:
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == ["nyquist", "modulus", "phase", "residuals", "series"]
    assert value(panel, "R2") == pytest.approx(40, rel=0.02)
    assert value(panel, "R2", 2) == pytest.approx(20, rel=0.02)


def test_the_selected_spectrum_is_shown_in_every_figure(panel: ImpedancePanel) -> None:
    panel.figures  # noqa: B018  made now
    before = source(panel, "nyquist", 1).data["z_real"].copy()
    panel.cycle = 40
    assert value(panel, "R2") == pytest.approx(60, rel=0.02)
    assert panel.figures["nyquist"].title.text == "cycle 40"
    assert not np.allclose(before, source(panel, "nyquist", 1).data["z_real"])
    assert source(panel, "series", 0).data["x0"][0] < 40 < source(panel, "series", 0).data["x1"][0]


def test_all_figures_show_the_very_same_points(panel: ImpedancePanel) -> None:
    tables = {name: source(panel, name, layer) for name, layer in (("nyquist", 1), ("modulus", 1), ("residuals", 4))}
    assert len({id(table) for table in tables.values()}) == 1


def test_a_click_marks_a_frequency_everywhere_and_a_second_one_unmarks_it(panel: ImpedancePanel) -> None:
    panel.select_at("modulus", 1050.0, 50.0)
    assert panel.frequency == pytest.approx(FREQUENCY[np.abs(np.log(FREQUENCY / 1050)).argmin()])
    rings = {"nyquist": 4, "modulus": 3, "phase": 3, "residuals": 8}
    assert all(len(source(panel, name, layer).data["x"]) == 3 for name, layer in rings.items())
    assert panel.figures["nyquist"].title.text.endswith("Hz marked")
    panel.select_at("phase", 1050.0, 50.0)
    assert panel.frequency == 0
    points = panel.result.data["nyquist"]["points"]
    panel.select_at("nyquist", float(points["z_real"][7]), float(points["z_negative"][7]))
    assert panel.frequency == pytest.approx(float(points["frequency"][7]))


def test_a_click_over_the_cycles_selects_the_spectrum(panel: ImpedancePanel) -> None:
    panel.select_at("series", 27.0, 50.0)
    assert panel.cycle == 20


def test_a_fixed_parameter_is_kept_and_the_others_are_fitted_again(panel: ImpedancePanel) -> None:
    panel.fixed = {"R1": 66.0}
    assert value(panel, "R1") == 66.0
    assert abs(value(panel, "R2") - 40) > 2
    assert "does not describe" in panel.lines()[0].remarks[0]
    panel.fixed = {}
    assert value(panel, "R1") == pytest.approx(60, rel=0.02)


def test_bounds_are_kept_and_said(panel: ImpedancePanel) -> None:
    panel.bounds = {"R2": (1.0, 30.0)}
    assert value(panel, "R2") == pytest.approx(30.0, rel=1e-3)
    assert "bound" in panel.lines()[0].remarks[0]
    with pytest.raises(traitlets.TraitError, match="lower one first"):
        panel.bounds = {"R2": (30.0, 1.0)}


def test_a_box_leaves_points_out_and_takes_them_back(panel: ImpedancePanel) -> None:
    panel.shown = ("bare-1",)
    panel.brush("modulus", 1e5, 4e5, 0.0, 1e3)
    assert len(panel.left_out) == (FREQUENCY > 1e5).sum()
    assert {place[:2] for place in panel.left_out} == {("bare-1", 1)}
    assert int(panel.found()["points"].item()) == 56 - len(panel.left_out)
    assert len(source(panel, "nyquist", 2).data["z_real"]) == len(panel.left_out)
    assert f"{len(panel.left_out)} of 56 points left out" in panel.lines()[0].remarks
    panel.cycle = 20
    assert int(panel.found()["points"].item()) == 56
    panel.cycle = 0
    panel.brush("modulus", 1e5, 4e5, 0.0, 1e3)
    assert panel.left_out == ()


def test_points_can_be_left_out_of_all_spectra(panel: ImpedancePanel) -> None:
    panel.everywhere = True
    panel.frequency = float(FREQUENCY[3])
    panel.leave_marked()
    assert panel.left_out == (("", -1, float(FREQUENCY[3])),)
    assert set(panel.all_found()["points"].values.ravel().tolist()) == {55}
    panel.leave_marked()
    assert panel.left_out == ()


def test_the_window_of_frequencies_limits_the_fit(panel: ImpedancePanel) -> None:
    panel.window = (10.0, 1e5)
    assert int(panel.found()["points"][0].item()) == ((FREQUENCY >= 10) & (FREQUENCY <= 1e5)).sum()
    with pytest.raises(traitlets.TraitError, match="lowest, highest"):
        panel.window = (1e5, 10.0)


def test_a_wrong_circuit_is_told_in_words_and_the_last_good_fit_stays(panel: ImpedancePanel) -> None:
    box = widget(panel, "Combobox", lambda one: one.description == "circuit")
    box.value = "R0-p(R1,"
    assert "the text ends where an element is needed" in panel.status
    assert panel.circuit == CIRCUIT
    assert value(panel, "R2") == pytest.approx(40, rel=0.02)
    box.value = "R0-p(R1,CPE1)"
    assert panel.status == ""
    assert panel.circuit == "R0-p(R1,CPE1)"
    with pytest.raises(traitlets.TraitError, match="no element"):
        panel.circuit = "nonsense"


def test_another_circuit_keeps_what_it_has_in_common(panel: ImpedancePanel) -> None:
    panel.fixed, panel.bounds, panel.quantity = {"R0": 3.0, "R2": 40.0}, {"CPE2_n": (0.5, 0.9)}, "R2"
    panel.use("R0-p(R1,CPE1)")
    assert panel.fixed == {"R0": 3.0}
    assert panel.bounds == {}
    assert panel.quantity == "interfacial_resistance"
    assert panel.status == ""


def test_the_data_choose_the_circuit_and_say_why(panel: ImpedancePanel) -> None:
    panel.use("R0-p(R1,CPE1)")
    panel.choose()
    assert panel.circuit == CIRCUIT
    assert panel.status.startswith(f"Chosen by BIC: {CIRCUIT}: its BIC is ")


def test_all_spectra_are_drawn_over_the_cycles_for_cells_and_replicates(panel: ImpedancePanel) -> None:
    panel.quantity = "R2"
    assert len(source(panel, "series", 4).data["x"]) == 9
    panel.replicates = "mean"
    assert len(source(panel, "series", 4).data["x"]) == 6
    drawn = panel.result.data["series"]["shown"].sel(number=40)
    assert drawn["value"].values == pytest.approx([60.0, 40.0], rel=0.02)
    panel.fit_all = False
    assert len(source(panel, "series", 4).data["x"]) == 0
    assert panel.figures["series"].title.text.startswith("press")
    assert value(panel, "R2") == pytest.approx(40, rel=0.02)


@pytest.mark.parametrize(
    ("per", "factor", "units"), [("cell", 1.0, "ohm"), ("area", 1.327, "ohm cm2"), ("interface", 1.327 / 2, "ohm cm2")]
)
def test_resistances_are_given_for_the_cell_the_area_or_an_interface(
    panel: ImpedancePanel, per: str, factor: float, units: str
) -> None:
    panel.per = per
    shown = panel.result.data["series"]["shown"]
    assert shown["value"].sel(number=0).values[0] == pytest.approx(40 * factor, rel=0.02)
    assert shown.attrs["units"] == units
    assert panel.figures["nyquist"].below[0].axis_label == ("Re Z (Ω)" if per == "cell" else "Re Z (Ω cm²)")


def test_without_an_area_there_is_nothing_per_area(cells: list[xr.DataTree]) -> None:
    panel = ImpedancePanel(spectra("a", area=np.nan), per="area")
    assert "area unknown: nothing can be given per area" in panel.lines()[0].remarks
    assert panel.lines()[0].values[0] == "—"


def test_a_spectrum_that_fails_kramers_kronig_says_so_in_both_views() -> None:
    drifting = spectra("drift")
    own = drifting["spectra"].to_dataset()
    factor = xr.DataArray(np.geomspace(1.0, 1.5, 56), dims="frequency")
    drifting["spectra"] = own.assign(z_real=own["z_real"] * factor, z_imag=own["z_imag"] * np.sqrt(factor))
    panel = ImpedancePanel(drifting)
    assert panel.lines()[0].values[-1] == "FAILS: do not interpret"
    assert "Kramers-Kronig" in panel.lines()[0].remarks[0]
    panel.view = "model-free"
    assert panel.lines()[0].values[0].startswith("FAILS")
    assert list(panel.result.data) == ["nyquist", "relaxation", "kramers_kronig"]


def test_relaxation_times_are_where_the_arcs_are(panel: ImpedancePanel) -> None:
    panel.view = "model-free"
    shown = panel.result.data["relaxation"]["shown"]
    largest = shown["peak_time_constant"].values[0][np.argsort(-np.nan_to_num(shown["share"].values[0]))[:2]]
    truth = [(r * q) ** (1 / n) for r, q, n in (BARE[1:4], BARE[4:7])]
    assert np.log10(sorted(largest)) == pytest.approx(np.log10(truth), abs=0.15)
    panel.select_at("relaxation", truth[0], 1.0)
    assert panel.frequency == pytest.approx(1 / (2 * np.pi * truth[0]), rel=0.15)


def test_no_cell_selected_says_what_to_do(panel: ImpedancePanel) -> None:
    for view in ("circuit", "model-free"):
        panel.view, panel.shown = view, ()
        assert panel.status == "No cell is selected: choose one in the list."
        assert panel.lines() == []
        panel.shown = ("PCHP-1",)
        assert panel.status == ""


def test_a_cell_without_that_spectrum_says_so() -> None:
    panel = ImpedancePanel([spectra("a"), spectra("b", cycles=(0, 20, 60))], cycle=60)
    assert [line.values[0] == "no such spectrum" for line in panel.lines()] == [True, False]
    panel.cycle = 30
    assert "No cell shown has a cycle 30" in panel.status


def test_spectra_without_cycles_are_counted() -> None:
    panel = ImpedancePanel(spectra("a", cycles=(-1, -1, -1)), cycle=3)
    assert panel.figures["nyquist"].title.text == "spectrum 3"
    assert panel.figures["series"].below[0].axis_label == "spectrum"


def test_cells_without_spectra_are_left_out_and_named(cells: list[xr.DataTree], make_cell: Any) -> None:
    traced = make_cell("traced")
    panel = ImpedancePanel([*cells, traced])
    assert panel.status == "No spectra, and left out: traced."
    with pytest.raises(ValueError, match="none of the cells has impedance spectra"):
        ImpedancePanel([traced])


def test_widgets_and_state_are_one(panel: ImpedancePanel) -> None:
    slider = widget(panel, "SelectionSlider")
    assert slider.options == (0, 20, 40)
    slider.value = 20
    assert panel.cycle == 20
    panel.cycle = 40
    assert slider.value == 40
    boxes = [one for one in inside(panel.widget) if type(one).__name__ == "Checkbox" and "hold R1" in str(one.tooltip)]
    boxes[0].value = True
    assert panel.fixed == {"R1": pytest.approx(60, rel=0.02)}
    boxes[0].value = False
    assert panel.fixed == {}
    r1 = sliders(panel)[1]
    assert 10 ** (0.005 * r1.value) == pytest.approx(60, rel=0.02)
    r1.value = round(np.log10(70) / 0.005)
    assert panel.fixed == {"R1": pytest.approx(70, rel=0.006)}
    assert boxes[0].value
    lower = [one for one in inside(panel.widget) if type(one).__name__ == "Text" and one.tooltip == "lower bound"]
    lower[4].value = "1,5"
    assert panel.bounds["R2"][0] == 1.5
    lower[4].value = "much"
    assert "write plain numbers" in panel.status
    lower[4].value = ""
    assert panel.bounds == {}
    every = widget(panel, "ToggleButton", lambda one: one.description == "fit all")
    every.value = False
    assert not panel.fit_all
    quantity = widget(panel, "Dropdown", lambda one: one.description == "draw")
    quantity.value = "R1.capacitance"
    assert panel.quantity == "R1.capacitance"
    which = widget(panel, "Dropdown", lambda one: one.description == "of")
    which.value = "PCHP-1"
    assert panel.tabled == "PCHP-1"


def test_a_slider_counts_steps_so_that_a_browser_has_nothing_to_send_back(panel: ImpedancePanel) -> None:
    assert all(isinstance(slider.value, int) and slider.step == 1 for slider in sliders(panel))
    r1 = sliders(panel)[1]
    panel.fixed = {"R1": 60 * 10**0.002}  # between two steps
    assert r1.value == round(np.log10(60) / 0.005)
    assert panel.fixed == {"R1": 60 * 10**0.002}


def test_a_slider_goes_on_where_a_value_is_near_its_end(panel: ImpedancePanel) -> None:
    r1, seen = sliders(panel)[1], []
    r1.observe(lambda _: seen.append((r1.min, r1.value, r1.max)), ["min", "value", "max"])
    panel.fixed = {"R1": 6000.0}
    assert r1.value == round(np.log10(6000) / 0.005)
    assert r1.min < r1.value - 100 < r1.value + 100 < r1.max
    assert all(low <= value <= high for low, value, high in seen)


def test_the_table_of_parameters_follows_the_circuit(panel: ImpedancePanel) -> None:
    panel.widget  # noqa: B018  made now
    panel.use("R0-p(R1,CPE1)")
    rows = [one.value for one in inside(panel.widget) if type(one).__name__ == "HTML" and "title=" in one.value]
    assert sum("CPE2" in row for row in rows) == 0
    assert sum("CPE1_Q" in row for row in rows) >= 1


def test_the_brush_is_taken_up_in_all_figures_of_points(panel: ImpedancePanel) -> None:
    drag = widget(panel, "ToggleButtons", lambda one: "leave out points" in one.options)
    drag.value = "leave out points"
    active = {name: type(figure.toolbar.active_drag).__name__ for name, figure in panel.figures.items()}
    assert active == {
        "nyquist": "BoxSelectTool",
        "modulus": "BoxSelectTool",
        "phase": "BoxSelectTool",
        "residuals": "BoxSelectTool",
        "series": "BoxZoomTool",
    }


def test_tables_of_the_figures_carry_units_and_every_point(cells: list[xr.DataTree], tmp_path: Path) -> None:
    panel = ImpedancePanel(cells, quantity="R2")
    written = {path.stem: path for path in panel.export(tmp_path / "out.csv")}
    assert set(written) == {f"out_{name}" for name in ("nyquist", "modulus", "phase", "residuals", "series")}
    with written["out_nyquist"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"cell", "Re Z (Ω)", "−Im Z (Ω)", "frequency (Hz)"} <= rows[0].keys()
    assert sum(row["frequency (Hz)"] != "" for row in rows) >= 3 * 56
    with written["out_series"].open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 9


@pytest.mark.parametrize("ending", [".svg", ".html"])
def test_figures_are_written_for_paper_and_page(panel: ImpedancePanel, tmp_path: Path, ending: str) -> None:
    assert all(path.stat().st_size > 2000 for path in panel.export(tmp_path / f"out{ending}"))


def test_the_state_is_code(panel: ImpedancePanel) -> None:
    panel.fixed, panel.left_out = {"R0": 3.0}, [("bare-1", 1, 10.0)]
    code = panel.to_code()
    assert "ImpedancePanel(cells, fixed={'R0': 3.0}, left_out=(('bare-1', 1, 10.0),))" in code


def test_wrong_states_are_refused(cells: list[xr.DataTree]) -> None:
    with pytest.raises(ValueError, match="has no parameter 'R9'"):
        ImpedancePanel(cells, fixed={"R9": 1.0})
    with pytest.raises(traitlets.TraitError, match="cell, spectrum, frequency"):
        ImpedancePanel(cells, left_out=[("a", 1)])
    with pytest.raises(traitlets.TraitError):
        ImpedancePanel(cells, weights="guess")
    with pytest.raises(ValueError, match="No cell shown has a cycle 99"):
        ImpedancePanel(cells, cycle=99)
    with pytest.raises(ValueError, match="has no 'R7'"):
        ImpedancePanel(cells, quantity="R7")


def test_every_word_of_the_readout_is_explained(panel: ImpedancePanel) -> None:
    assert {"R_s", "R_SEI, R_ct", "R_int", "residual", "Kramers-Kronig", "relaxation times"} <= panel.explained.keys()


def test_one_word_on_the_tree_fits_a_circuit(cells: list[xr.DataTree], make_cell: Any) -> None:
    found = cells[0].pchp.impedance()  # type: ignore[attr-defined]
    assert found.attrs["circuit"] == CIRCUIT
    fixed = cells[0].pchp.impedance("R0-p(R1,CPE1)", fixed={"CPE1_n": 0.8})  # type: ignore[attr-defined]
    assert set(fixed["value"].sel(parameter="CPE1_n").values.ravel()) == {0.8}
    with pytest.raises(ValueError, match="has no impedance spectra"):
        make_cell("traced").pchp.impedance()


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (12.345, 0.067, "12.345 ± 0.067 Ω"),
        (200.0, 8e-6, "200.000 ± 8e-06 Ω"),
        (4.016e-6, 3.9e-8, "(4.016 ± 0.039)×10⁻⁶ Ω"),
        (66.0, 0.0, "66 Ω (fixed)"),
        (3.0, float("nan"), "3 Ω"),
        (float("nan"), 1.0, "—"),
    ],
)
def test_values_are_written_as_far_as_they_are_known(value: float, stderr: float, text: str) -> None:
    assert number(value, stderr, "Ω") == text
