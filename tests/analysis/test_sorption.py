"""Gas sorption against known truth, against pyGAPS, and on real isotherms."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pchp_widgets import open_measurement
from pchp_widgets.analysis.sorption import (
    bet,
    bet_remarks,
    change,
    change_remarks,
    check_kernel,
    dual_mode,
    dubinin,
    dubinin_remarks,
    isotherms,
    langmuir,
    model_fit,
    modelled,
    pore_widths,
    porosity_limit,
    porosity_remarks,
    remarks,
    suggested_ranges,
)
from pchp_widgets.analysis.sorption.bet import AREA_PER_MMOL
from pchp_widgets.io.synthetic.sorption import Glassy, Layered, Porous, Run, cross_linked, isotherm
from pchp_widgets.model.measurements import merged

N2_RUN = Run(np.geomspace(1e-4, 0.5, 60))
SETS = 200


def made(truth: object, run: Run | None = None, seed: int = 0, **known: object) -> xr.Dataset:
    return isotherms(isotherm(truth, run, seed=seed, **known))  # type: ignore[arg-type]


def many(truth: object, run: Run) -> xr.Dataset:
    return isotherms(merged(isotherm(truth, run, name=f"{seed}", seed=seed) for seed in range(SETS)))  # type: ignore[arg-type]


def covered(found: xr.Dataset, name: str, truth: float) -> float:
    low, high = (found[f"{name}_{end}"].values for end in ("low", "high"))
    return float(((low <= truth) & (truth <= high)).mean())


# Dubinin


def test_radushkevich_gives_back_exact_volume_and_energy() -> None:
    found = dubinin(made(Porous(0.25, 12.0)))
    assert found["volume"].item() == pytest.approx(0.25, rel=1e-9)
    assert found["energy"].item() == pytest.approx(12.0, rel=1e-9)
    assert found["correlation"].item() == pytest.approx(-1.0)


def test_the_exact_isotherm_has_the_uptake_of_the_reference() -> None:
    assert made(Porous())["uptake"].values[0, -1] == pytest.approx(3.140573, rel=3e-5)  # density of another equation


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 1.0), st.floats(6.0, 20.0), st.floats(1.1, 2.9))
def test_astakhov_gives_back_exact_truth(volume: float, energy: float, exponent: float) -> None:
    found = dubinin(made(Porous(volume, energy, exponent)), exponent=None)
    assert found["volume"].item() == pytest.approx(volume, rel=1e-5)
    assert found["energy"].item() == pytest.approx(energy, rel=1e-5)
    assert found["exponent"].item() == pytest.approx(exponent, abs=1e-5)
    assert found["at_bound"].item() == 0


NITROGEN = {"gas": "N2", "temperature": 77.355}
COLD_RUN = Run(np.geomspace(1e-6, 0.9, 60), 0.01)


@pytest.mark.parametrize("exponent", [1.5, 2.0, 2.6])
def test_astakhov_finds_the_exponent_of_nitrogen_too_where_that_of_the_steadiest_slope_is_the_bound(
    exponent: float,
) -> None:
    truth = Porous(0.25, 8.0, exponent, **NITROGEN)  # type: ignore[arg-type]
    found = dubinin(many(truth, COLD_RUN), (1e-5, 1e-2), exponent=None)
    for name in ("volume", "energy", "exponent"):
        assert found[name].median().item() == pytest.approx(getattr(truth, name), rel=0.02)
        assert 0.90 <= covered(found, name, getattr(truth, name)) <= 0.98
    assert not found["at_bound"].any()
    assert steadiest_exponent(made(truth, COLD_RUN), (1e-5, 1e-2)) == 3.0  # as pyGAPS 4.6.1 has it


def steadiest_exponent(one: xr.Dataset, window: tuple[float, float]) -> float:
    """The exponent whose slope has the least standard error: its units change with the exponent."""
    x, uptake = one["relative_pressure"].values[0], one["uptake"].values[0]
    used = (x >= window[0]) & (x <= window[1])
    tried = np.linspace(1.0, 3.0, 201)
    errors = [stats.linregress((-np.log(x[used])) ** n, np.log(uptake[used])).stderr for n in tried]
    return float(tried[np.argmin(errors)])


def test_nitrogen_in_layers_has_no_exponent_and_it_is_said() -> None:
    found = dubinin(made(Layered(), N2_RUN), (0.05, 0.3), exponent=None)
    assert found["at_bound"].item() == 1
    assert "the model does not describe this range" in " ".join(dubinin_remarks(found)["sample"])


def test_an_exponent_at_its_bound_is_said() -> None:
    run = Run(np.geomspace(0.005, 1.0, 40), 0.002)
    found = dubinin(made(Porous(exponent=3.0), run, seed=3), exponent=None)
    steep = dubinin(made(Layered(), Run(np.linspace(0.3, 0.8, 30))), (0.01, 0.9), exponent=None)
    assert {found["at_bound"].item(), steep["at_bound"].item()} == {1}
    assert "held at its bound" in " ".join(dubinin_remarks(steep)["sample"])
    assert np.isnan(steep["exponent_low"].item())


def test_slit_widths_and_areas_follow_from_either_affinity_coefficient() -> None:
    found = dubinin(made(Porous(0.25, 12.0)))
    np.testing.assert_allclose(found["affinity"].values[0], [0.35, 0.46])
    np.testing.assert_allclose(found["slit_width"].values[0], [0.472, 0.735], atol=5e-4)
    np.testing.assert_allclose(found["slit_area"].values[0], [1060, 680], rtol=1e-3)


def test_the_convention_of_the_density_is_a_band_of_thirteen_percent() -> None:
    found = dubinin(made(Porous(0.25, 12.0)))
    assert found["volume_most"].item() == pytest.approx(0.25)
    assert found["volume_least"].item() == pytest.approx(0.25 * 0.9035 / 1.023, rel=1e-4)
    other = dubinin(made(Porous(0.25, 12.0)), density="1.023 g/cm3")
    assert other["volume"].item() == pytest.approx(found["volume_least"].item())


def test_a_wrong_temperature_moves_the_volume_as_the_reference_says() -> None:
    data = isotherm(Porous(0.25, 12.0), Run(np.geomspace(0.005, 1.0, 40)))
    wrong = dubinin(isotherms(data.assign_coords(temperature=("sample", [0.0]))))
    assert wrong["volume"].item() == pytest.approx(0.2381, abs=2e-3)


def test_without_a_liquid_there_is_no_volume_and_it_is_said() -> None:
    data = isotherm(Porous()).assign_coords(temperature=("sample", [40.0]))
    found = dubinin(isotherms(data))
    assert np.isnan(found["volume"].item())
    assert "no density" in dubinin_remarks(found)["sample"][0]
    assert "has no liquid" in remarks(isotherms(data))["sample"][0]


def test_what_is_wrong_with_arguments_is_said() -> None:
    one = made(Porous())
    for wrong, text in (
        ({"exponent": 4.0}, "exponent"),
        ({"density": "lead"}, "density 'lead'"),
        ({"window": (0.2, 0.1)}, "window"),
    ):
        with pytest.raises(ValueError, match=text):
            dubinin(one, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="branch"):
        isotherms(isotherm(Porous()), branch="sideways")
    with pytest.raises(ValueError, match="model 'toth'"):
        model_fit(one, "toth")


# BET


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 30.0), st.floats(5.0, 900.0))
def test_bet_gives_back_exact_monolayer_and_constant(monolayer: float, constant: float) -> None:
    found = bet(made(Layered(monolayer, constant), N2_RUN), (0.03, 0.3))
    assert found["monolayer"].item() == pytest.approx(monolayer, rel=1e-6)
    assert found["constant"].item() == pytest.approx(constant, rel=1e-4)
    assert found["area"].item() == pytest.approx(monolayer * AREA_PER_MMOL * 0.162, rel=1e-6)


def test_all_four_criteria_are_met_in_the_suggested_range_of_an_exact_isotherm() -> None:
    one = made(Layered(), N2_RUN)
    found = bet(one)
    assert found["criteria"].values.tolist() == [[1, 1, 1, 1]]
    assert found["passed"].item() == 1
    assert bet_remarks(found)["sample"] == []
    np.testing.assert_array_equal(suggested_ranges(one)[0], [found["window_low"].item(), found["window_high"].item()])


def test_each_criterion_fails_where_it_should() -> None:
    one = made(Layered(constant=120.0), Run(np.linspace(0.005, 0.95, 120)))
    assert bet(one, (0.05, 0.9))["criteria"].values[0, 0] == 1  # the equation itself rises for ever
    flat = isotherm(Layered(), Run(np.linspace(0.005, 0.95, 120)))
    flat["uptake"] = flat["uptake"].clip(max=5.0)
    assert bet(isotherms(flat), (0.05, 0.9))["criteria"].values[0, 0] == 0
    assert bet(isotherms(flat), (0.3, 0.9))["criteria"].values[0, 1] == 0
    assert bet(one, (0.3, 0.6))["criteria"].values[0].tolist() == [1, 1, 0, 1]


def test_carbon_dioxide_below_one_bar_never_meets_the_third_criterion() -> None:
    found = bet(made(Porous(0.25, 12.0)))
    assert found["criteria"].values[0, 2] == 0
    assert found["passed"].item() == 0
    text = " ".join(bet_remarks(found)["sample"])
    assert "apparent" in text
    assert "3 (monolayer inside)" in text
    assert "not recommended for CO2" in text


def test_the_area_of_a_molecule_is_a_choice() -> None:
    one = made(Porous())
    ratio = bet(one, area=0.21)["area"].item() / bet(one, area=0.17)["area"].item()
    assert ratio == pytest.approx(0.21 / 0.17)


def test_a_sample_alone_and_among_others_has_the_same_results() -> None:
    parts = [isotherm(Layered(2.0 + at, 100.0), Run(N2_RUN.pressures[: 40 + at]), name=f"{at}") for at in range(12)]
    together = isotherms(merged(parts))
    for name, function in {"area": bet, "volume": dubinin, "capacity": langmuir}.items():
        apart = [function(isotherms(part))[name].item() for part in parts]  # type: ignore[operator]
        np.testing.assert_allclose(function(together)[name].values, apart, rtol=1e-7)  # type: ignore[operator]


def test_no_sample_and_no_point_are_no_fault() -> None:
    data = isotherm(Layered(), Run(desorption=False))
    none = isotherms(data.isel(sample=slice(0)))
    empty = isotherms(data, branch="desorption")
    for one in (none, empty):
        assert not np.isfinite(bet(one)["area"].values).any()
        assert not np.isfinite(dubinin(one)["volume"].values).any()
        assert not np.isfinite(dubinin(one, exponent=None)["volume"].values).any()
        assert not np.isfinite(dual_mode(one)["capacity"].values).any()
        assert not np.isfinite(porosity_limit(one)["micropore_volume"].values).any()


# Models


def test_langmuir_and_dual_mode_give_back_exact_parameters() -> None:
    one = made(Glassy(), Run(np.linspace(0.1, 20.0, 40)))
    found = dual_mode(one)
    for name in ("henry", "capacity", "affinity"):
        assert found[name].item() == pytest.approx(getattr(Glassy(), name), rel=1e-5), name
    assert found["determined"].item() == 1
    np.testing.assert_allclose(modelled(found, one["pressure"].values), one["uptake"], rtol=1e-6)
    plain = langmuir(made(Glassy(henry=0.0), Run(np.linspace(0.1, 20.0, 40))))
    assert plain["capacity"].item() == pytest.approx(4.6, rel=1e-6)


def test_parameters_the_data_do_not_determine_are_said() -> None:
    found = dual_mode(made(Glassy(capacity=1e-9), Run(np.linspace(0.1, 1.0, 30), 0.01)))
    assert found["determined"].item() == 0


# Limits of detection, changes, kernels


def test_a_dense_polymer_is_not_called_porous_and_a_porous_one_is() -> None:
    found = porosity_limit(isotherms(merged(cross_linked())))
    assert found["porous"].values.tolist() == [1, 1, 1, 0]
    said = porosity_remarks(found)
    assert said["PCH"] == []
    assert "would have passed unseen" in said["PEO"][0]


def test_the_limit_of_detection_is_what_is_found_in_nineteen_of_twenty() -> None:
    run = Run(np.linspace(0.02, 1.0, 40), error=0.004)
    blank = porosity_limit(many(Porous(0.0, henry=0.1), run))
    assert 0.01 <= (blank["porous"].values == 1).mean() <= 0.10
    limit = float(np.median(blank["detection_limit"].values))
    seen = porosity_limit(many(Porous(limit, henry=0.1), run))
    assert 0.90 <= (seen["porous"].values == 1).mean() <= 0.99


def test_an_instrument_worse_than_the_scatter_raises_the_limit() -> None:
    one = made(Porous(0.0, henry=0.1), Run(np.linspace(0.02, 1.0, 40), error=1e-4), mass=60.0)
    fine, coarse = porosity_limit(one), porosity_limit(one, volume_error=0.1)
    assert coarse["detection_limit"].item() > 3 * fine["detection_limit"].item()
    with pytest.raises(ValueError, match="mass"):
        porosity_limit(made(Porous(), Run()), volume_error=0.1)


def test_a_change_has_an_interval_and_says_whether_it_was_measured_alike() -> None:
    data = merged(cross_linked())
    found = change(dubinin(isotherms(data)), "volume", "PCH")
    assert found["change"].values[0] == 0
    assert (found["change_low"] <= found["change"]).all()
    assert (found["change"] <= found["change_high"]).all()
    assert found["change"].sel(sample="PCHP").item() == pytest.approx(0.125 / 0.22 - 1, abs=0.02)
    assert change_remarks(found)["PCHP"] == []
    other = data.assign_coords(degas_temperature=("sample", [80.0, 120.0, np.nan, 80.0]))
    states = change(dubinin(isotherms(other)), "volume", "PCH")["alike"].values
    assert states.tolist() == [1, 0, -1, 1]
    with pytest.raises(ValueError, match="is no sample"):
        change(dubinin(isotherms(data)), "volume", "nobody")


def kernel(gas: str, temperature: float) -> xr.Dataset:
    """Pores of each width fill at a pressure of their own."""
    width, x = np.linspace(0.4, 2.0, 30), np.geomspace(1e-6, 0.9, 200)
    uptake = 20.0 / (1 + (10 ** (-7 + 3 * width[:, None]) / x) ** 2)
    return xr.Dataset(
        {"uptake": (("width", "relative_pressure"), uptake)},
        {"width": width, "relative_pressure": x},
        {"gas": gas, "temperature": temperature},
    )


def test_a_kernel_of_another_gas_or_temperature_is_refused() -> None:
    co2 = made(Porous())
    with pytest.raises(ValueError, match="was measured with CO2, and the kernel is for N2 at 77"):
        pore_widths(co2, kernel("nitrogen", 77.355))
    with pytest.raises(ValueError, match="at 277 K, and the kernel is for CO2 at 77"):
        check_kernel(co2, kernel("CO2", 77.0))
    with pytest.raises(ValueError, match="its attributes must say"):
        check_kernel(co2, kernel("", 77.0))
    with pytest.warns(UserWarning, match="the kernel is for 273.15 K"):
        check_kernel(co2, kernel("CO2", 273.15))


def test_pores_are_found_at_the_width_that_made_the_isotherm() -> None:
    of = kernel("N2", 77.355)
    p0 = 1.01321
    data = isotherm(Layered(), Run(np.geomspace(2e-6, 0.8, 80) * p0))
    data["uptake"][:] = 0.3 * np.interp(data["pressure"] / p0, of["relative_pressure"], of["uptake"].values[10])
    found = pore_widths(isotherms(data), of)["pore_volume"].isel(sample=0)
    assert found["width"].values[found.values.argmax()] == pytest.approx(of["width"].values[10], abs=0.06)
    assert float(found.sum()) == pytest.approx(0.3, rel=0.02)


# Two hundred seeded isotherms: intervals of 95 % cover the truth in 90 to 98 % of them


@pytest.mark.parametrize(("name", "truth"), [("volume", 0.25), ("energy", 12.0)])
def test_intervals_of_radushkevich_cover(name: str, truth: float) -> None:
    found = dubinin(many(Porous(), Run(np.geomspace(0.005, 1.0, 40), 0.01)))
    assert 0.90 <= covered(found, name, truth) <= 0.98


@pytest.mark.parametrize(("name", "truth"), [("volume", 0.25), ("energy", 12.0), ("exponent", 2.0)])
def test_intervals_of_astakhov_cover(name: str, truth: float) -> None:
    found = dubinin(many(Porous(), Run(np.geomspace(0.005, 1.0, 40), 0.005)), exponent=None)
    assert 0.90 <= covered(found, name, truth) <= 0.98


def test_intervals_of_a_volume_beside_what_dissolves_cover() -> None:
    run = Run(np.linspace(0.02, 1.0, 40), error=0.004)
    found = porosity_limit(many(Porous(0.1, henry=0.1), run))
    assert 0.90 <= covered(found, "micropore_volume", 0.1) <= 0.98


def test_intervals_of_bet_cover() -> None:
    found = bet(many(Layered(), Run(np.linspace(0.03, 0.32, 24), 0.005)), (0.04, 0.3))
    assert 0.90 <= covered(found, "monolayer", 4.0) <= 0.98


@pytest.mark.parametrize("name", ["henry", "capacity", "affinity"])
def test_intervals_of_dual_mode_cover(name: str) -> None:
    found = dual_mode(many(Glassy(), Run(np.linspace(0.1, 20.0, 30), 0.01)))
    assert 0.90 <= covered(found, name, getattr(Glassy(), name)) <= 0.98


def test_intervals_of_a_change_cover_with_the_error_of_the_mass() -> None:
    run = Run(np.geomspace(0.005, 1.0, 40), 0.005)
    mass = np.random.default_rng(7)
    inside = 0
    for seed in range(SETS):
        pair = [
            isotherm(Porous(volume), run, name=name, seed=2 * seed + at)
            for at, (name, volume) in enumerate({"before": 0.25, "after": 0.15}.items())
        ]
        weighed = [one.assign(uptake=one["uptake"] * (1 + 0.01 * mass.standard_normal())) for one in pair]
        found = change(dubinin(isotherms(merged(weighed))), "volume", "before").sel(sample="after")
        inside += found["change_low"].item() <= -0.4 <= found["change_high"].item()
    assert 0.90 <= inside / SETS <= 0.98


# pyGAPS 4.6.1 on real isotherms, in its own range


PYGAPS = {
    "Takeda_5A_CO2_303K": ((739.116, 31.74), (8, 18), (0.68910, 9.3003, -0.99571)),
    "HKUST-1_CO2_303K": ((1263.699, 41.86), (5, 14), (1.27980, 8.8635, -0.99684)),
    "Takeda_5A_N2_77K": ((1109.800, 372.83), (20, 43), (0.48395, 5.8425, -0.98369)),
    "MCM-41_N2_77K": ((358.532, 129.24), (5, 16), (0.24607, 4.1573, -0.84085)),
    "SiO2_N2_77K": ((210.389, 24.09), (3, 14), None),
}


@pytest.fixture
def folder(shared_data: Path) -> Path:
    found = shared_data / "materials" / "sorption"
    if not found.is_dir():
        pytest.skip("the real isotherms are not there")
    return found


@pytest.mark.parametrize("name", PYGAPS)
def test_areas_in_a_given_range_are_those_of_pygaps(name: str, folder: Path) -> None:
    one = isotherms(open_measurement(folder / f"{name}.json"))
    x = one["relative_pressure"].values[0]
    (area, constant), (first, last), _ = PYGAPS[name]
    found = bet(one, (x[first], x[last]))
    assert found["area"].item() == pytest.approx(area, rel=1e-4)
    assert found["constant"].item() == pytest.approx(constant, rel=3e-4)
    assert bet(one)["area"].item() == pytest.approx(area, rel=0.05)
    assert bet(one)["passed"].item() == 1


@pytest.mark.parametrize("name", [name for name, known in PYGAPS.items() if known[2]])
def test_volumes_from_all_points_are_those_of_pygaps(name: str, folder: Path) -> None:
    found = dubinin(isotherms(open_measurement(folder / f"{name}.json")), (1e-12, 1 - 1e-9))
    volume, energy, correlation = PYGAPS[name][2]  # type: ignore[misc]
    assert found["volume"].item() == pytest.approx(volume, rel=1e-4)
    assert found["energy"].item() == pytest.approx(energy, rel=1e-4)
    assert found["correlation"].item() == pytest.approx(correlation, abs=2e-5)


@pytest.mark.parametrize(
    ("name", "affinity", "capacity"),
    [("Takeda_5A_CO2_303K", 0.20712, 11.0837), ("HKUST-1_CO2_303K", 0.350327, 16.28284)],
)
def test_langmuir_with_equal_errors_is_that_of_pygaps(
    name: str, affinity: float, capacity: float, folder: Path
) -> None:
    found = langmuir(isotherms(open_measurement(folder / f"{name}.json")), weights="absolute")
    assert found["affinity"].item() == pytest.approx(affinity, rel=1e-4)
    assert found["capacity"].item() == pytest.approx(capacity, rel=1e-4)
    assert found["affinity_low"].item() < affinity < found["affinity_high"].item()


def test_the_exact_isotherm_of_carbon_dioxide_has_the_areas_of_pygaps() -> None:
    run = Run(np.geomspace(0.01, 1.0, 50))
    one = made(Porous(), run)
    assert bet(one)["area"].item() == pytest.approx(369.43, rel=0.05)


def test_a_real_instrument_that_gives_a_wrong_bath_is_not_evaluated(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = open_measurement(folder / "quantachrome_RE-22.txt")
    assert np.isnan(dubinin(isotherms(data))["volume"].item())
    told = data.assign_coords(temperature=("sample", [77.35 - 273.15]))
    assert np.isfinite(dubinin(isotherms(told), (0.001, 0.2))["volume"].item())
