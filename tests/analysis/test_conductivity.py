from __future__ import annotations

import numpy as np
import numpy.testing as npt
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pchp_widgets.analysis import conductivity as sigma
from pchp_widgets.analysis import limiting_current as limits
from pchp_widgets.analysis.conductivity import formulas

AREA, THICKNESS = 1.327, 8.0


def cells(resistances: dict[str, list[float]], degrees: float = 25.0, **known: float) -> xr.Dataset:
    """Samples of one temperature, replicates by coating."""
    rows = [(coating, value) for coating, values in resistances.items() for value in values]
    count = len(rows)
    columns = {
        "series_resistance": np.array([value for _, value in rows]),
        "temperature": np.full(count, degrees),
        "area": np.full(count, AREA),
        "coating_thickness": np.array([np.nan if name == "bare" else THICKNESS for name, _ in rows]),
        "coated_faces": np.array([-1 if name == "bare" else 2 for name, _ in rows]),
        "highest_frequency": np.full(count, 3e5),
    } | {name: np.full(count, value) for name, value in known.items()}
    found = xr.Dataset({name: ("sample", values) for name, values in columns.items()})
    return found.assign(coating=("sample", [name for name, _ in rows]), cell=("sample", [str(n) for n in range(count)]))


def one(found: xr.Dataset, name: str) -> float:
    return float(found[name].values[0, 0])


@pytest.mark.parametrize(
    ("conductivity", "areal", "total"), [(1e-3, 0.8, 1.21), (1e-4, 8, 12.06), (1e-5, 80, 120.6), (1e-6, 800, 1206)]
)
def test_a_coating_of_8_um_adds_what_its_conductivity_says(conductivity: float, areal: float, total: float) -> None:
    assert float(sigma.added_resistance(conductivity, 8, 1.0, 1)) == pytest.approx(areal)
    assert float(sigma.added_resistance(conductivity, 8, AREA, 2)) == pytest.approx(total, rel=4e-3)
    assert float(formulas.conductivity(total, 8, AREA, 2)) == pytest.approx(conductivity, rel=4e-3)


@given(st.floats(1e-9, 1.0), st.floats(0.1, 100), st.floats(0.1, 10), st.sampled_from([1, 2]))
def test_resistance_and_conductivity_are_the_same_thing(
    value: float, thickness: float, area: float, faces: int
) -> None:
    added = sigma.added_resistance(value, thickness, area, faces)
    assert float(formulas.conductivity(added, thickness, area, faces)) == pytest.approx(value, rel=1e-12)
    # the printed formula lacks the thickness and the number of faces
    printed = float(sigma.areal_conductance(added, area))
    assert printed * faces * thickness * 1e-4 == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("permittivity", "limit"), [(5, 8.3e-7), (3, 5.0e-7), (10, 1.7e-6)])
def test_at_300_khz_a_film_must_conduct_better_than_it_polarizes(permittivity: float, limit: float) -> None:
    assert float(sigma.measurable_conductivity(3e5, permittivity)) == pytest.approx(limit, rel=0.02)


def test_replicates_give_the_conductivity_and_its_error() -> None:
    bare, coated = [1.4, 1.5, 1.6], [10.7, 11.1, 11.5]
    found = sigma.conductivity(cells({"bare": bare, "PCHP": coated}))
    added, error = 9.6, np.sqrt(0.1**2 / 3 + 0.4**2 / 3)
    assert one(found, "added_resistance") == pytest.approx(added)
    assert one(found, "added_resistance_stderr") == pytest.approx(error)
    assert one(found, "conductivity") == pytest.approx(2 * 8e-4 / (added * AREA))
    assert one(found, "conductivity_stderr") / one(found, "conductivity") == pytest.approx(error / added)
    assert one(found, "resistance_per_face") == pytest.approx(added * AREA / 2)
    assert one(found, "areal_conductance") == pytest.approx(1 / (added * AREA))
    assert "as printed" in found["areal_conductance"].attrs["definition"]
    assert found["conductivity_low"] < found["conductivity"] < found["conductivity_high"]
    assert found["resolved"].item() == 1
    assert found["within_window"].item() == 1
    assert sigma.remarks(found) == {"PCHP": [[]]}


def test_errors_of_thickness_and_area_come_on_top() -> None:
    of = cells({"bare": [1.4, 1.5, 1.6], "PCHP": [10.7, 11.1, 11.5]})
    plain = sigma.conductivity(of)
    more = sigma.conductivity(of, thickness_error=0.1, area_error=0.02)
    relative = one(plain, "conductivity_stderr") / one(plain, "conductivity")
    expected = np.sqrt(relative**2 + 0.1**2 + 0.02**2)
    assert one(more, "conductivity_stderr") / one(more, "conductivity") == pytest.approx(expected)
    assert one(more, "conductivity_low") < one(plain, "conductivity_low")


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    truth, held, count = 1.26e-4, 0, 600
    added = float(sigma.added_resistance(truth, THICKNESS, AREA, 2))
    for _ in range(count):
        found = sigma.conductivity(
            cells({"bare": list(1.5 + rng.normal(0, 0.4, 4)), "PCHP": list(1.5 + added + rng.normal(0, 0.4, 4))})
        )
        held += one(found, "conductivity_low") < truth < one(found, "conductivity_high")
    assert held / count == pytest.approx(0.95, abs=0.03)


def test_a_difference_that_is_not_resolved_gives_a_bound_and_no_value() -> None:
    found = sigma.conductivity(cells({"bare": [1.0, 2.0, 3.0], "PCHP": [1.4, 2.4, 3.4]}))
    assert found["resolved"].item() == 0
    assert np.isnan(one(found, "conductivity"))
    assert np.isinf(one(found, "conductivity_high"))
    highest = one(found, "added_resistance_high")
    assert one(found, "conductivity_low") == pytest.approx(2 * 8e-4 / (highest * AREA))
    assert "is above" in sigma.remarks(found)["PCHP"][0][0]


def test_less_resistance_with_the_coating_is_a_bound_or_a_contradiction() -> None:
    scattered = sigma.conductivity(cells({"bare": [1.0, 2.0, 3.0], "PCHP": [0.9, 1.9, 2.9]}))
    assert scattered["resolved"].item() == 0
    assert np.isnan(one(scattered, "areal_conductance"))
    sure = sigma.conductivity(cells({"bare": [3.0, 3.1, 3.2], "PCHP": [1.0, 1.1, 1.2]}))
    assert sure["resolved"].item() == -2
    assert np.isnan(one(sure, "conductivity_low"))
    assert "less series resistance" in sigma.remarks(sure)["PCHP"][0][0]


def test_one_cell_of_each_kind_has_no_error_unless_the_scatter_is_stated() -> None:
    pair = cells({"bare": [1.5], "PCHP": [11.1]})
    found = sigma.conductivity(pair)
    assert found["resolved"].item() == -1
    assert np.isfinite(one(found, "conductivity"))
    assert np.isnan(one(found, "conductivity_stderr"))
    assert "not known" in sigma.remarks(found)["PCHP"][0][0]
    stated = sigma.conductivity(pair, scatter=1.0)
    assert stated["resolved"].item() == 1
    assert one(stated, "added_resistance_stderr") == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize(("conductivity", "resolved"), [(5e-4, 0), (1e-4, 1)])
def test_with_a_scatter_of_one_ohm_good_conductors_are_not_told(conductivity: float, resolved: int) -> None:
    added = float(sigma.added_resistance(conductivity, 8, AREA, 2))
    found = sigma.conductivity(cells({"bare": [2.0], "PCHP": [2.0 + added]}), scatter=1.0)
    assert found["resolved"].item() == resolved


def test_geometry_may_be_given_and_is_missed_where_it_is_not() -> None:
    of = cells({"bare": [1.4, 1.5, 1.6], "PCHP": [10.7, 11.1, 11.5]}, coated_faces=-1)
    assert np.isnan(one(sigma.conductivity(of), "conductivity"))
    assert "not stated" in sigma.remarks(sigma.conductivity(of))["PCHP"][0][-1]
    one_face = sigma.conductivity(of, faces=1, thickness=10.0, area=1.0)
    assert one(one_face, "conductivity") == pytest.approx(10e-4 / 9.6)


def test_without_bare_cells_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(ValueError, match="'bare'; there are only PCHP"):
        sigma.conductivity(cells({"PCHP": [1.0]}))
    nothing = sigma.conductivity(cells({"PCHP": [1.0]}), missing="empty")
    assert nothing.sizes["coating"] == 0
    assert sigma.arrhenius(nothing).sizes["coating"] == 0
    assert sigma.remarks(nothing) == {}


def test_a_poor_conductor_lies_outside_the_window() -> None:
    found = sigma.conductivity(cells({"bare": [1.4, 1.5, 1.6], "PCHP": [2400, 2410, 2420]}))
    assert found["within_window"].item() == 0
    assert "capacitor" in sigma.remarks(found)["PCHP"][0][0]


def test_only_the_first_spectrum_of_a_cell_at_a_temperature_counts() -> None:
    resistances = xr.Dataset(
        {
            "series_resistance": (("cell", "spectrum"), [[1.5, 1.9, 1.2], [11.0, np.nan, 9.0]]),
            "time": (("cell", "spectrum"), [[100.0, 0.0, 200.0], [0.0, 1.0, 2.0]]),
            "temperature": (("cell", "spectrum"), [[25.3, 25.0, 60.0], [25.2, 40.0, 60.4]]),
        },
        {"cell": ["a", "b"], "coating": ("cell", ["bare", "PCHP"]), "area": ("cell", [AREA, AREA])},
    )
    found = sigma.samples(resistances)
    assert found["series_resistance"].values.tolist() == [1.9, 1.2, 11.0, 9.0]
    assert found["spectra"].values.tolist() == [2, 1, 1, 1]
    npt.assert_allclose(found["temperature"], [25.2, 60.2, 25.2, 60.2], atol=0.01)
    assert found["coating"].values.tolist() == ["bare", "bare", "PCHP", "PCHP"]
    assert np.isnan(found["coating_thickness"].values).all()


def law(degrees: list[float], values: NDArray[np.float64], relative: float = 0.03) -> xr.Dataset:
    dims = ("coating", "temperature")
    return xr.Dataset(
        {
            "conductivity": (dims, np.asarray(values)[None]),
            "conductivity_stderr": (dims, relative * np.asarray(values)[None]),
            "resolved": (dims, np.ones((1, len(degrees)), int)),
        },
        {"coating": ["PCHP"], "temperature": degrees},
    )


DEGREES = [25.0, 35.0, 45.0, 55.0, 65.0]
KELVIN = np.array(DEGREES) + 273.15


def test_an_activation_energy_of_350_mev_means_a_factor_of_4_from_25_to_60_degrees() -> None:
    assert sigma.activation_energy(25, 60, 4.184) == pytest.approx(0.35, abs=1e-4)


def test_arrhenius_gives_back_its_energy_in_either_form() -> None:
    values = 50 * np.exp(-0.35 / (formulas.BOLTZMANN * KELVIN))
    found = sigma.arrhenius(law(DEGREES, values))
    assert found["activation_energy"].item() == pytest.approx(0.35)
    assert found["logarithm"].item() == pytest.approx(np.log(50))
    assert found["curved"].item() == 0
    other = sigma.arrhenius(law(DEGREES, values), form="sigma_T")
    assert other["activation_energy"].item() - 0.35 == pytest.approx(formulas.BOLTZMANN * 318, abs=1e-3)  # k_B T
    assert other.attrs["form_meaning"] == "ln (σ T) against 1/T"
    with pytest.raises(ValueError, match="'ln' is not known"):
        sigma.arrhenius(law(DEGREES, values), form="ln")  # type: ignore[arg-type]


def test_energies_lie_in_their_intervals_and_straight_lines_are_seldom_called_curved() -> None:
    rng = np.random.default_rng(1)
    clean = 50 * np.exp(-0.35 / (formulas.BOLTZMANN * KELVIN))
    held, curved, count = 0, 0, 300
    for _ in range(count):
        found = sigma.arrhenius(law(DEGREES, clean * np.exp(0.05 * rng.standard_normal(5)), 0.05))
        held += bool(found["activation_energy_low"] < 0.35 < found["activation_energy_high"])
        curved += found["curved"].item() == 1
    assert held / count == pytest.approx(0.96, abs=0.03)
    assert curved / count < 0.09


def test_vogels_law_is_told_from_a_straight_line_and_gives_back_its_temperature() -> None:
    degrees = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]
    kelvin = np.array(degrees) + 273.15
    bent = law(degrees, 0.2 * np.exp(-900 / (kelvin - 200)), 0.02)
    assert sigma.arrhenius(bent)["curved"].item() == 1
    assert sigma.arrhenius(bent)["curvature"].item() < 0
    found = sigma.vft(bent)
    assert found["vogel_temperature"].item() == pytest.approx(200 - 273.15, abs=2)
    assert found["vogel_constant"].item() == pytest.approx(900, rel=0.03)
    assert found["vogel_temperature_low"] < -73 < found["vogel_temperature_high"]
    straight = law(degrees, 50 * np.exp(-0.35 / (formulas.BOLTZMANN * kelvin)), 0.02)
    assert np.isinf(sigma.vft(straight)["vogel_temperature_low"].item())


def test_too_few_temperatures_are_undecided() -> None:
    found = sigma.arrhenius(law([25.0], np.array([1e-4])))
    assert np.isnan(found["activation_energy"].item())
    assert sigma.arrhenius(law([25.0, 45.0, 60.0], np.array([1e-4, 2e-4, 4e-4])))["curved"].item() == -1
    assert np.isnan(sigma.vft(law([25.0, 45.0, 60.0], np.array([1e-4, 2e-4, 4e-4])))["vogel_temperature"].item())


def test_bounds_are_left_out_of_the_line() -> None:
    values = 50 * np.exp(-0.35 / (formulas.BOLTZMANN * KELVIN))
    of = law(DEGREES, values)
    of["resolved"][0, -1] = 0
    of["conductivity"][0, -1] = np.nan
    assert sigma.arrhenius(of)["temperatures"].item() == 4


def test_sand_and_the_limiting_current() -> None:
    assert float(limits.sand_time(1, 3e-6, 1, 0.38)) == pytest.approx(57_062, rel=1e-3)
    assert float(limits.sand_time(5, 3e-6, 1, 0.38)) == pytest.approx(2282, rel=1e-3)
    assert float(limits.relaxation_time(1.2e-6, 25)) == pytest.approx(0.52, abs=0.01)
    assert float(limits.limiting_current_density(1.2e-6, 1, 0.39, 25)) == pytest.approx(152, rel=0.01)
    assert float(limits.limiting_current_density(1e-8, 1, 0.74, 8)) == pytest.approx(9.3, rel=0.01)
    assert float(limits.limiting_current_density(1e-9, 1, 0.74, 8)) == pytest.approx(0.93, rel=0.01)
    assert float(limits.limiting_current_density(1e-7, 1, 0.38, 50)) == pytest.approx(6.2, rel=0.01)
    assert np.isinf(limits.sand_time(5, 1.2e-6, 1, 0.39, 25))  # in a separator it never comes
    assert np.isfinite(limits.sand_time(5, 1e-9, 1, 0.74, 8))
