from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis import transference as bv
from pchp_widgets.analysis.transference import formulas
from pchp_widgets.io.cell import cell_tree
from pchp_widgets.io.contract import Recording
from pchp_widgets.io.synthetic.polarization import Noise, Polarized, polarized_cell, relaxation_current

TABLE_1 = [
    # J. Evans, C. A. Vincent, P. G. Bruce, Polymer 28 (1987) 2324, Table 1: mV, ohm, ohm, uA, uA, t+ printed
    (10.0, 156, 250, 20.0, 10.15, 0.47),
    (10.0, 243, 250, 17.54, 10.78, 0.48),
    (10.2, 150, 249, 21.0, 10.1, 0.44),
    (10.2, 246, 244, 17.57, 10.18, 0.44),
    (10.2, 136, 197, 19.93, 10.42, 0.48),
    (10.2, 209, 213, 17.51, 10.1, 0.47),
]


def measured(rb: float, r0: float, rss: float, rho: float, *, current: float = 0.005, resistance: float = 0.02,
             scatter: float = 0.0, **more: float) -> xr.Dataset:  # fmt: skip
    """What a cell of known fraction gives at 10 mV, with relative errors."""
    i0, iss = 10 / (rb + r0), 1e3 * formulas.steady_current(rho, 0.01, rb, rss)
    numbers: dict[str, Any] = {
        "voltage": 0.01, "voltage_stderr": scatter, "initial_current": i0, "initial_current_stderr": i0 * current,
        "steady_current": iss, "steady_current_stderr": iss * current, "initial_resistance": r0,
        "initial_resistance_stderr": r0 * resistance, "steady_resistance": rss,
        "steady_resistance_stderr": rss * resistance, "bulk_resistance": rb, "drift": 0.0,
    }  # fmt: skip
    return bv.measurement(**(numbers | more))


def flags(found: xr.Dataset, cell: int = 0) -> set[str]:
    return {name for name, (bit, _) in bv.FLAGS.items() if int(found["flags"].values[cell]) & bit}


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., xr.DataTree]:
    """Makes a polarized cell as `open_cell` would give it; the truth is in its attributes."""
    folder = tmp_path_factory.mktemp("polarized")

    def make(name: str, *, seed: int = 0, noise: Noise | None = None, control: bool = True, **of: float) -> xr.DataTree:
        made = polarized_cell(Polarized(**({"bulk": 10, "fraction": 0.28, "sei": 8, "charge_transfer": 11} | of)),
                              noise=noise, seed=seed)  # fmt: skip
        path = folder / name
        path.write_bytes(b"")
        points = made.points if control else made.points.drop_vars(["control", "instrument_step"])
        said = {"kind": "symmetric", "area": "1.327 cm2"}
        reader = SimpleNamespace(name="synthetic", version="1")
        tree = cell_tree(Recording(points, spectra=made.flat), path, reader, name, said, "0" * 64)
        tree.attrs["truth"] = made.truth
        return tree

    return make


def known_resistances(*trees: xr.DataTree, relative: float = 0.002) -> xr.Dataset:
    """The resistances of the generator, as a fit would give them."""
    truth = [tree.attrs["truth"] for tree in trees]
    pairs = np.array([[t["initial_resistance"], t["steady_resistance"]] for t in truth])
    series = np.array([[t["bulk_resistance"]] * 2 for t in truth])
    columns = {
        "series_resistance": series,
        "series_resistance_stderr": relative * series,
        "interfacial_resistance": pairs,
        "interfacial_resistance_stderr": relative * pairs,
        "sei_resistance": pairs * 0.4,
        "charge_transfer_resistance": pairs * 0.6,
        "time": np.concatenate([tree["spectra"]["time"].values for tree in trees]),
    }
    dims = ("cell", "spectrum")
    return xr.Dataset({key: (dims, value) for key, value in columns.items()}, {"cell": [tree.name for tree in trees]})


def test_the_table_of_evans_vincent_and_bruce_comes_out() -> None:
    dv, r0, rss, i0, iss, printed = np.array(TABLE_1).T
    found = bv.transference(
        bv.measurement(
            cell=[str(n) for n in range(6)], voltage=1e-3 * dv, initial_resistance=r0, steady_resistance=rss,
            initial_current=1e-3 * i0, steady_current=1e-3 * iss,
        )
    )  # fmt: skip
    npt.assert_allclose(found["current_fraction"], printed, atol=0.005)
    assert found["current_ratio"].values[1] == pytest.approx(0.615, abs=1e-3)  # without the interfaces it is far off
    assert float(found["current_fraction"].mean()) == pytest.approx(0.464, abs=1e-3)


@pytest.mark.parametrize(
    ("rb", "r0", "rss", "rho", "i0", "iss"),
    [
        (10, 40, 42, 0.38, 2.0000e-4, 1.46379e-4),
        (10, 19, 19, 0.28, 3.448e-4, 1.828e-4),
        (10, 15, 15, 0.74, 4e-4, 3.507e-4),
    ],
)
def test_a_known_fraction_gives_its_currents_and_comes_back(
    rb: float, r0: float, rss: float, rho: float, i0: float, iss: float
) -> None:
    assert 0.01 / (rb + r0) == pytest.approx(i0, rel=2e-4)
    assert float(formulas.steady_current(rho, 0.01, rb, rss)) == pytest.approx(iss, rel=2e-4)
    found = bv.transference(measured(rb, r0, rss, rho))
    assert found["current_fraction"].item() == pytest.approx(rho, abs=1e-12)
    assert float(formulas.current_fraction(0.01, i0, iss, r0, rss)) == pytest.approx(rho, abs=5e-4)


def test_the_naive_ratio_of_the_currents_is_given_beside_the_fraction() -> None:
    assert bv.transference(measured(10, 40, 42, 0.38))["current_ratio"].item() == pytest.approx(0.732, abs=5e-4)


@pytest.mark.parametrize(("ratio", "error"), [(0.5, 0.005), (2, 0.0175), (4, 0.034), (10, 0.084)])
def test_errors_grow_with_the_share_of_the_interfaces(ratio: float, error: float) -> None:
    found = bv.transference(measured(10, 10 * ratio, 10 * ratio, 0.38))
    assert found["current_fraction_stderr"].item() == pytest.approx(error, abs=6e-4)
    assert found["resistance_ratio"].item() == pytest.approx(ratio)
    assert found["usable"].item() == int(ratio <= 5)
    assert ("interfaces_dominate" in flags(found)) == (ratio > 5)


def test_the_monte_carlo_interval_is_lopsided_as_the_error_is() -> None:
    found = bv.transference(measured(10, 40, 40, 0.38), confidence=0.6827, draws=20_000)
    assert found["current_fraction_low"].item() == pytest.approx(0.346, abs=2e-3)
    assert found["current_fraction_high"].item() == pytest.approx(0.415, abs=2e-3)


@pytest.mark.parametrize(
    ("rb", "r0", "rss", "rho", "amplification", "error"),
    [(3, 200, 210, 0.28, 67.7, 0.106), (8, 120, 125, 0.74, 16, 0.076)],
)
def test_large_interfaces_amplify_small_errors(
    rb: float, r0: float, rss: float, rho: float, amplification: float, error: float
) -> None:
    found = bv.transference(measured(rb, r0, rss, rho, current=0.002, resistance=0.005, scatter=1e-5))
    assert found["amplification"].item() == pytest.approx(amplification, abs=0.05)
    assert found["current_fraction_stderr"].item() == pytest.approx(error, abs=1e-3)
    assert found["usable"].item() == 0


@given(
    rb=st.floats(0.5, 50), ratio=st.floats(0.1, 4), growth=st.floats(0.8, 1.2), rho=st.floats(0.05, 1),
    dv=st.floats(1e-3, 2e-2),
)  # fmt: skip
def test_any_cell_gives_back_its_fraction(rb: float, ratio: float, growth: float, rho: float, dv: float) -> None:
    r0 = ratio * rb
    iss = 1e3 * formulas.steady_current(rho, dv, rb, growth * r0)
    given_ = bv.measurement(voltage=dv, steady_current=iss, initial_resistance=r0, steady_resistance=growth * r0,
                            bulk_resistance=rb)  # fmt: skip
    found = bv.transference(given_, draws=50)
    assert found["current_fraction"].item() == pytest.approx(rho, rel=1e-9)
    assert found["current_fraction_low"].item() <= found["current_fraction"].item() * (1 + 1e-9)


@given(seed=st.integers(0, 2**32 - 1), ohmic=st.booleans())
def test_the_first_order_error_is_that_of_numerical_derivatives(seed: int, ohmic: bool) -> None:
    rng = np.random.default_rng(seed)
    rb, r0 = rng.uniform(1, 20, 2)
    rss = r0 * rng.uniform(0.9, 1.1)
    values = {"voltage": 0.01, "steady_current": float(formulas.steady_current(0.4, 0.01, rb, rss)),
              "initial_current": 0.01 / (rb + r0), "initial_resistance": r0, "steady_resistance": rss,
              "bulk_resistance": rb}  # fmt: skip
    names = (
        ("voltage", "steady_current", "bulk_resistance", "steady_resistance")
        if ohmic
        else ("voltage", "initial_current", "steady_current", "initial_resistance", "steady_resistance")
    )
    function = formulas.ohmic_current_fraction if ohmic else formulas.current_fraction
    errors = {name: values[name] * rng.uniform(1e-4, 1e-2) for name in names}

    def at(**changed: float) -> float:
        return float(function(*({**values, **changed}[name] for name in names)))

    steps = {name: 1e-6 * values[name] for name in names}
    slopes = [(at(**{n: values[n] + h}) - at(**{n: values[n] - h})) / (2 * h) * errors[n] for n, h in steps.items()]
    analytic = float(formulas.current_fraction_stderr(values, errors, ohmic=ohmic))
    assert analytic == pytest.approx(float(np.hypot.reduce(slopes)), rel=1e-4)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    count, si, sr = 4000, 0.003, 0.01
    rb, r0, rho = 10.0, 20.0, 0.28
    iss = 1e3 * formulas.steady_current(rho, 0.01, rb, r0)
    drawn = {name: value * (1 + error * rng.standard_normal(count)) for name, value, error in (
        ("steady_current", iss, si), ("initial_current", 10 / (rb + r0), si), ("initial_resistance", r0, sr),
        ("steady_resistance", r0, sr), ("bulk_resistance", rb, sr))}  # fmt: skip
    errors = {f"{name}_stderr": drawn[name] * (si if name.endswith("current") else sr) for name in drawn}
    whole = bv.measurement(cell=np.arange(count).astype(str), voltage=0.01, **drawn, **errors)
    for initial in ("", "ohmic"):
        found = bv.transference(whole, initial=initial, draws=400)
        held = (found["current_fraction_low"] < rho) & (rho < found["current_fraction_high"])
        assert float(held.mean()) == pytest.approx(0.95, abs=0.015), initial
        off = np.abs(found["current_fraction"] - rho) < 1.96 * found["current_fraction_stderr"]
        assert float(off.mean()) == pytest.approx(0.95, abs=0.015), initial


def test_interfaces_that_take_the_whole_voltage_leave_no_fraction() -> None:
    found = bv.transference(measured(10, 40, 42, 0.38, initial_resistance=60.0))
    assert np.isnan(found["current_fraction"].item())
    assert flags(found) >= {"no_driving_force"}
    assert found["usable"].item() == 0
    assert "whole voltage" in bv.remarks(found)["cell"][0]


@pytest.mark.parametrize(
    ("change", "flag", "usable"),
    [
        ({"drift": -0.03}, "not_steady", 0),
        ({"drift": np.nan}, "steadiness_unknown", -1),
        ({"voltage": 0.03, "initial_current": 0.6, "steady_current": 0.45}, "voltage_high", 0),
        ({"steady_current": 0.21}, "out_of_range", 0),
        ({"steady_current": 0.21}, "electronic_path", 0),
        ({"steady_resistance": 50.0, "steady_current": 0.13}, "interfaces_grew", 1),
        ({"initial_current": 0.18}, "initial_currents_disagree", 1),
        ({"steady_current": np.nan}, "not_measured", 0),
    ],
)
def test_what_spoils_a_fraction_is_said(change: dict[str, float], flag: str, usable: int) -> None:
    found = bv.transference(measured(10, 40, 42, 0.38, **change))
    assert flag in flags(found)
    assert found["usable"].item() == usable
    assert any(bv.FLAGS[flag][1] in text for text in bv.remarks(found)["cell"])


def test_a_changed_bulk_is_corrected_for() -> None:
    found = bv.transference(measured(10, 20, 20, 0.3, steady_bulk_resistance=11.0))
    assert found["bulk_corrected_fraction"].item() == pytest.approx(0.33)


def test_a_number_that_is_not_asked_for_is_refused() -> None:
    with pytest.raises(ValueError, match="steady_currant"):
        bv.measurement(steady_currant=1.0)
    with pytest.raises(ValueError, match="steady_resistance: not in the dataset"):
        bv.transference(bv.measurement(voltage=0.01, initial_current=1, steady_current=0.5, initial_resistance=3.0))
    with pytest.raises(ValueError, match="'frist' is not known"):
        bv.transference(measured(10, 20, 20, 0.3), initial="frist")  # type: ignore[arg-type]


def test_the_current_of_the_generator_is_that_of_its_transform() -> None:
    of = Polarized(10, 0.28, 8, 11)
    assert relaxation_current(of, 0.05).item() == pytest.approx(10 / 29, rel=6e-3)
    assert relaxation_current(of, 1e5).item() == pytest.approx(10 / (10 / 0.28 + 19), rel=1e-9)
    early = np.array([0.5, 2.0])
    built, ohmic = 10 * (1 / 0.28 - 1), 29.0
    sand = 10 / ohmic * (1 - 2 * built / ohmic * np.sqrt(early / (np.pi * of.relaxation)))
    npt.assert_allclose(relaxation_current(of, early), sand, rtol=1e-3)


@pytest.mark.parametrize("control", [True, False])
def test_the_polarization_is_found_in_the_trace(cell: Callable[..., xr.DataTree], control: bool) -> None:
    tree = cell("a", control=control, rest_voltage=0.0007)
    truth, found = tree.attrs["truth"], bv.polarizations(tree).isel(cell=0)
    assert float(found["voltage"]) == pytest.approx(0.01, abs=2e-5)
    assert float(found["rest_voltage"]) == pytest.approx(0.0007, abs=2e-5)
    assert float(found["steady_current"]) == pytest.approx(truth["steady_current"], rel=1e-3)
    assert float(found["extrapolated_current"]) == pytest.approx(truth["initial_current"], rel=5e-3)
    assert float(found["first_current"]) > 1.1 * truth["initial_current"]  # the double layers
    assert found["steady"].item() == 1
    assert float(found["time_start"]) == pytest.approx(670, abs=61)


@pytest.mark.parametrize(("rho", "rb"), [(0.28, 10.0), (0.74, 10.0)])
def test_a_cell_gives_back_its_fraction_within_its_interval(
    cell: Callable[..., xr.DataTree], rho: float, rb: float
) -> None:
    trees = [cell(f"c{seed}", seed=seed, fraction=rho, bulk=rb, growth=1.05) for seed in range(6)]
    whole = bv.from_cells(trees, known_resistances(*trees))
    for initial in ("ohmic", "extrapolated"):
        found = bv.transference(whole, initial=initial)
        npt.assert_allclose(found["current_fraction"], rho, atol=4 * float(found["current_fraction_stderr"].max()))
        assert found["usable"].values.tolist() == [1] * 6, bv.remarks(found)
    assert found.attrs["label"] == "steady-state current fraction"
    first = bv.transference(whole, initial="first")
    assert all("initial_currents_disagree" in flags(first, n) for n in range(6))


def test_a_current_that_still_falls_is_said(cell: Callable[..., xr.DataTree]) -> None:
    found = bv.polarizations(cell("slow", hours=0.5, relaxation=9000.0)).isel(cell=0)
    assert found["steady"].item() == 0
    assert float(found["drift"]) < -0.05
    assert float(found["limiting_current"]) < float(found["steady_current"])


def test_a_soft_short_is_said_and_makes_the_fraction_unusable(cell: Callable[..., xr.DataTree]) -> None:
    tree = cell("leaky", leak=40.0)
    found = bv.transference(bv.from_cells(tree, known_resistances(tree)))
    assert found["current_fraction"].item() > 1.2
    assert "electronic_path" in flags(found)
    assert found["usable"].item() == 0


def test_a_leak_too_small_for_the_current_alone_shows_in_the_spectra(cell: Callable[..., xr.DataTree]) -> None:
    tree = cell("seeping", leak=150.0)
    found = bv.transference(bv.from_cells(tree))
    assert 0.28 * 1.15 < found["current_fraction"].item() < 1  # a fraction like any other, but wrong
    assert "electronic_path" in flags(found)
    assert found["usable"].item() == 0


def test_a_cell_without_polarization_is_undecided(cell: Callable[..., xr.DataTree]) -> None:
    tree = cell("short", hours=0.05)
    found = bv.transference(bv.from_cells(tree, known_resistances(tree)))
    assert np.isnan(found["current_fraction"].item())
    assert flags(found) >= {"not_measured"}
    assert bv.trace_of(tree, found).sizes["point"] == 0


def test_which_arcs_count_is_a_choice(cell: Callable[..., xr.DataTree]) -> None:
    tree = cell("a")
    own = known_resistances(tree).assign(coating_resistance=(("cell", "spectrum"), [[2.0, 2.0]]))
    both = bv.from_cells(tree, own)
    assert both["initial_resistance"].item() == pytest.approx(19)
    assert both["bulk_resistance"].item() == pytest.approx(12)
    coated = bv.from_cells(tree, own, counted=bv.ARCS)
    assert coated["initial_resistance"].item() == pytest.approx(21)
    assert coated.attrs["counted"] == "coating, sei, charge_transfer"
    one = bv.from_cells(tree, own, counted=("charge_transfer",))
    assert one["initial_resistance"].item() == pytest.approx(11.4)
    assert one["bulk_resistance"].item() == pytest.approx(10 + 2 + 7.6)
    with pytest.raises(ValueError, match="'sie' is no arc"):
        bv.from_cells(tree, own, counted=("sie",))


def test_the_coating_must_carry_most_of_the_resistance_to_explain_the_rise() -> None:
    share = float(bv.coating_share(0.74, 0.28))
    assert share == pytest.approx(0.863, abs=1e-3)
    assert 2 * share / (1 - share) == pytest.approx(12.7, abs=0.1)  # ohm cm2, beside 2 of the separator
    assert float(bv.coating_share(0.2, 0.28)) == 0


def test_layers_in_series_are_taken_apart_again() -> None:
    rho = formulas.series_fraction([1.507, 9.57], [0.28, 0.9])
    found = bv.two_layers([rho], 0.28, 1.507, 9.57, errors=(0.01, 0.01, 0.05, 0.3))
    assert found["coating_fraction"].item() == pytest.approx(0.9)
    assert found["coating_fraction_low"].item() < 0.9 < found["coating_fraction_high"].item()
    assert found["coating_fraction_stderr"].item() == pytest.approx(
        (found["coating_fraction_high"] - found["coating_fraction_low"]).item() / 3.92, rel=0.15
    )
    assert found["consistent"].item() == 1
    thin = bv.two_layers([0.74], 0.28, 1.507, 2.0, errors=(0.01, 0.01, 0.05, 0.1))
    assert thin["consistent"].item() == 0  # so thin a coating cannot raise it so much
    assert bv.two_layers([0.74], 0.28, 1.507, np.nan)["consistent"].item() == -1


def test_every_result_says_what_it_is() -> None:
    found = bv.transference(measured(10, 20, 20, 0.3, steady_bulk_resistance=10.0))
    for name, values in found.data_vars.items():
        if name != "drift":
            assert values.attrs.get("definition"), name
    assert found["current_fraction"].attrs["ancillary_variables"] == "current_fraction_stderr"
    assert "only in a dilute" in found["current_fraction"].attrs["definition"]
