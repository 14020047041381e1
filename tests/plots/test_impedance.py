"""The figures of impedance spectra against the datasets they are made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.analysis.impedance import STATUS, fit, model
from pchp_widgets.io.synthetic.impedance import known_spectra
from pchp_widgets.plots import impedance as plots
from pchp_widgets.plots import impedance_series as series
from pchp_widgets.plots import impedance_view as view
from pchp_widgets.plots.export import export
from pchp_widgets.plots.impedance_values import PER, flagged, quantities, unit_text, values
from pchp_widgets.plots.impedance_view import Place
from pchp_widgets.plots.picture import Lines, Marks, Picture, Ribbons, Texts, Whiskers
from pchp_widgets.plots.theme import looks

TWO_ARCS = circuit("R0-p(R1,CPE1)-p(R2,CPE2)")


def layers(picture: Picture, kind: type) -> list:
    return [layer for layer in picture.layers if isinstance(layer, kind)]


@pytest.fixture(scope="module")
def known() -> xr.Dataset:
    """Two cells, one spectrum each."""
    made = known_spectra("lili", 2, noise=1e-3, seed=3).spectra
    coords = {"coating": ["bare", "PCHP"], "area": [1.327, 1.327], "kind": ["symmetric", "full"]}
    return made.assign_coords(cell=["a", "b"], **{name: ("cell", column) for name, column in coords.items()})


@pytest.fixture(scope="module")
def found(known: xr.Dataset) -> xr.Dataset:
    return fit(known, TWO_ARCS)


LOOKS = looks({"a": "bare", "b": "PCHP"})


def drawn(known: xr.Dataset, found: xr.Dataset, left_out: tuple = (), areal: bool = False) -> tuple:
    one = view.chosen(known, known["cycle"].values, 1)
    keep = view.mask(one, left_out)
    fitted = model(found, known["frequency"].values)
    points = view.points(one, keep, LOOKS, areal=areal, fitted=fitted)
    return points, view.curves(one, TWO_ARCS, found["value"].values[:, 0], areal=areal)


def test_every_measured_point_is_drawn_once_and_in_the_same_table(known: xr.Dataset, found: xr.Dataset) -> None:
    points, curves = drawn(known, found)
    pictures = [plots.nyquist(points, curves, LOOKS), plots.modulus(points, curves, LOOKS), plots.residuals(points)]
    for picture in pictures:
        for mark in (mark for mark in layers(picture, Marks) if mark.table == plots.KEPT):
            assert len(mark.x) == 112
            assert set(mark.columns) == set(layers(pictures[0], Marks)[0].columns)
    np.testing.assert_allclose(layers(pictures[0], Marks)[0].x, known["z_real"].values.ravel())
    np.testing.assert_allclose(layers(pictures[0], Marks)[0].y, -known["z_imag"].values.ravel())


def test_a_nyquist_plot_has_equal_axes_and_holds_nought_and_all_points(known: xr.Dataset, found: xr.Dataset) -> None:
    picture = plots.nyquist(*drawn(known, found), LOOKS)
    assert picture.equal
    (left, right), (low, high) = picture.xlim, picture.ylim
    assert left <= 0
    assert right > known["z_real"].max()
    assert low <= 0
    assert high > -known["z_imag"].min()


def test_decades_lie_on_the_spectrum_and_are_labelled(known: xr.Dataset, found: xr.Dataset) -> None:
    points, curves = drawn(known, found)
    marks = view.decades(points)
    assert marks["frequency"].values[marks["cell"].values == "a"].tolist() == [1, 10, 100, 1e3, 1e4, 1e5]
    values_ = found["value"].values[0, 0]
    z = TWO_ARCS.impedance(values_, marks["frequency"].values[marks["cell"].values == "a"])
    np.testing.assert_allclose(marks["z_real"].values[marks["cell"].values == "a"], z.real, rtol=0.02)
    (words,) = layers(plots.nyquist(points, curves, LOOKS), Texts)
    assert {"1 Hz", "1 kHz"} <= set(words.rows["label"])
    assert set(words.rows["side"]) <= {"left", "right"}


@pytest.mark.parametrize(
    ("frequency", "text"), [(3e5, "300 kHz"), (1e6, "1 MHz"), (1000.0, "1 kHz"), (0.01, "10 mHz"), (971.7, "971.7 Hz")]
)
def test_frequencies_are_written_as_people_do(frequency: float, text: str) -> None:
    assert plots.hertz(frequency) == text


def test_points_left_out_are_hollow_everywhere(known: xr.Dataset, found: xr.Dataset) -> None:
    places = (Place("a", 1, float(known["frequency"][3])), Place("", -1, float(known["frequency"][9])))
    points, curves = drawn(known, found, places)
    assert int((~points["kept"]).sum()) == 3
    for picture in (plots.nyquist(points, curves, LOOKS), plots.phase(points, curves, LOOKS)):
        (hollow,) = [mark for mark in layers(picture, Marks) if mark.table == plots.LEFT_OUT]
        assert not hollow.filled
        assert len(hollow.x) == 3
    assert "left out" in [entry.label for entry in plots.nyquist(points, curves, LOOKS).legend]


def test_a_marked_frequency_is_ringed_in_every_figure(known: xr.Dataset, found: xr.Dataset) -> None:
    points, curves = drawn(known, found)
    frequency = float(known["frequency"][20])
    for picture in (plots.nyquist(points, curves, LOOKS, frequency), plots.residuals(points, frequency=frequency)):
        rings = [mark for mark in layers(picture, Marks) if mark.size == 13]
        assert all(len(ring.x) == 2 for ring in rings)


def test_residuals_are_the_difference_in_per_cent(known: xr.Dataset, found: xr.Dataset) -> None:
    points, _ = drawn(known, found)
    z = (known["z_real"] + 1j * known["z_imag"]).values[:, 0]
    fitted = TWO_ARCS.impedance(found["value"].values[:, 0], known["frequency"].values)
    np.testing.assert_allclose(points["residual_real"], (100 * (z - fitted).real / np.abs(z)).ravel(), atol=1e-9)
    picture = plots.residuals(points, noise=0.002)
    assert picture.ylim[0] == -picture.ylim[1]
    assert picture.ylim[1] >= 0.6


def test_per_area_everything_is_larger_by_the_area(known: xr.Dataset, found: xr.Dataset) -> None:
    (one, _), (other, curves) = drawn(known, found), drawn(known, found, areal=True)
    np.testing.assert_allclose(other["modulus"], 1.327 * one["modulus"])
    np.testing.assert_allclose(other["phase"], one["phase"])
    assert plots.nyquist(other, curves, LOOKS).x.units == "Ω cm²"


def test_a_cell_that_was_not_fitted_has_points_and_no_curve(known: xr.Dataset, found: xr.Dataset) -> None:
    unknown = found.assign(value=found["value"].where(found["cell"] == "a"))
    points, curves = drawn(known, unknown)
    picture = plots.nyquist(points, curves, LOOKS)
    assert layers(picture, Lines)[0].rows["cell"].tolist() == ["a"]
    assert len(layers(picture, Marks)[0].x) == 112


def test_figures_of_nothing_can_be_drawn(known: xr.Dataset, found: xr.Dataset) -> None:
    none = view.chosen(known, known["cycle"].values, 7)
    assert none["number"].values.tolist() == [-1, -1]
    points, curves = view.points(none, view.mask(none, ()), LOOKS), view.curves(none)
    for picture in (plots.nyquist(points, curves, LOOKS, title="cycle 7"), plots.modulus(points, curves, LOOKS)):
        assert np.isfinite([*picture.xlim, *picture.ylim]).all()
    assert plots.nyquist(points, curves, LOOKS, title="cycle 7").title == "cycle 7: no points"
    assert plots.residuals(points).title.endswith("none")


def test_of_several_spectra_of_one_cycle_the_last_is_chosen(known: xr.Dataset) -> None:
    z = xr.Variable(("cell", "spectrum", "frequency"), known["z_real"].values.swapaxes(0, 1))
    both = xr.Dataset({"z_real": z}, {"cell": ["a"], "spectrum": [1, 2], "frequency": known["frequency"].values})
    one = view.chosen(both, np.array([[5, 5]]), 5)
    assert one["number"].item() == 2
    np.testing.assert_array_equal(one["z_real"].values[0, 0], known["z_real"].values[1, 0])


def numbers_and_values(replicates: str) -> Picture:
    dims = ("cell", "spectrum")
    made = xr.Dataset(
        {
            "value": (dims, np.array([[10.0, 8.0], [12.0, 9.0], [5.0, 300.0]]), {"units": "ohm", "long_name": "R2"}),
            "stderr": (dims, np.full((3, 2), 0.5)),
            "sound": (dims, np.array([[True, True], [True, True], [True, False]])),
        },
        {"cell": ["a1", "a2", "b"]},
    )
    own = looks({"a1": "bare", "a2": "bare", "b": "PCHP"})
    return series.against_cycle(series.curves(made, np.array([[0, 20], [0, 20], [0, 20]]), own, replicates), 20)


def test_a_value_with_a_flag_is_hollow_sets_no_range_and_is_told() -> None:
    picture = numbers_and_values("each")
    filled, hollow = layers(picture, Marks)
    assert (len(filled.x), len(hollow.x)) == (5, 1)
    assert picture.ylim[1] < 50
    assert "1 with a flag beyond this range" in picture.title
    (whiskers,) = layers(picture, Whiskers)
    np.testing.assert_allclose(whiskers.high[0] - whiskers.low[0], 2 * view.INTERVAL * 0.5)


def test_the_mean_of_replicates_has_their_standard_deviation() -> None:
    picture = numbers_and_values("mean")
    (ribbon,) = layers(picture, Ribbons)
    sd = np.sqrt(2.0)
    np.testing.assert_allclose(ribbon.high[0][0] - ribbon.low[0][0], 2 * sd)
    filled = layers(picture, Marks)[0]
    assert sorted(filled.y.tolist()) == [5.0, 8.5, 11.0]


def test_series_of_nothing_say_what_to_do() -> None:
    dims = ("cell", "spectrum")
    variables = {name: (dims, np.zeros((1, 1))) for name in ("value", "stderr")}
    made = xr.Dataset(variables | {"sound": (dims, np.zeros((1, 1), bool))}, {"cell": ["a"]})
    made["value"].attrs = {"units": "ohm", "long_name": "R2"}
    curves = series.curves(made, np.array([[-1]]), LOOKS)
    assert series.against_cycle(curves, 3, hint="press").title == "press"


def test_quantities_are_given_for_the_cell_the_area_and_an_interface(found: xr.Dataset) -> None:
    own = {per: values(found, "R2", per)["value"].values[:, 0] for per in PER}
    np.testing.assert_allclose(own["area"], 1.327 * own["cell"])
    np.testing.assert_allclose(own["interface"][0], own["area"][0] / 2)
    assert np.isnan(own["interface"][1])  # not a symmetric cell
    capacitance = {per: values(found, "R2.capacitance", per)["value"] for per in PER}
    np.testing.assert_allclose(capacitance["area"][0], capacitance["cell"][0] / 1.327)
    assert capacitance["area"].attrs["units"] == "uF cm-2"
    np.testing.assert_allclose(values(found, "R0", "interface")["value"], values(found, "R0", "area")["value"])
    np.testing.assert_allclose(values(found, "charge_transfer_resistance")["value"], values(found, "R2")["value"])
    with pytest.raises(ValueError, match="has no 'R7'"):
        values(found, "R7")


def test_a_spectrum_with_a_flag_has_no_sound_value(found: xr.Dataset) -> None:
    assert values(found, "R2")["sound"].values.all()
    for flag in ("not_causal", "noisy"):
        marked = found.assign(status=found["status"].copy(data=[[STATUS[flag][0]], [0]]))
        assert flagged(marked, (flag,)).ravel().tolist() == [True, False]
        assert values(marked, "R2")["sound"].values.ravel().tolist() == [False, True]


@pytest.mark.parametrize("text", ["R0", "R0-Wo1", "L0-R0-p(R1,C1)", "R0-p(R1,CPE1)-p(CPE2,R2-W1)"])
def test_every_quantity_of_a_circuit_has_words_and_units(text: str) -> None:
    found = quantities(circuit(text))
    assert set(circuit(text).names) <= set(found)
    assert all(one.words and one.units for one in found.values())


def test_units_of_constant_phase_elements_are_readable() -> None:
    assert unit_text("ohm-1 cm-2 s^n") == "Ω⁻¹ cm⁻² sⁿ"
    assert unit_text("ohm cm2 s-0.5") == "Ω cm² s⁻½"


def test_a_spectrum_without_relaxation_times_says_why_and_is_drawn_on_paper(tmp_path: Path) -> None:
    dims = ("cell", "spectrum")
    found = xr.Dataset(
        {
            "density": ((*dims, "time_constant"), np.full((1, 1, 30), np.nan)),
            "reason": (dims, np.array([["does not close"]])),
        },
        {"cell": ["a"], "time_constant": np.geomspace(1e-6, 1, 30)},
    )
    none = ((*dims, "peak"), np.full((1, 1, 2), np.nan))
    peaks = xr.Dataset(dict.fromkeys(("time_constant", "share", "stability"), none), {"cell": ["a"]})
    picture = plots.relaxation(view.relaxation(found, peaks, LOOKS), LOOKS)
    assert picture.title == "no relaxation times: does not close"
    (written,) = export({"relaxation": picture}, tmp_path / "out.svg", arrange=lambda figures: figures)
    assert written.stat().st_size > 2000
