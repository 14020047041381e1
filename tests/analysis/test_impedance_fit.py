"""Fits of circuits to spectra: known truth, reference fits of other programs, bad input, what the user prescribes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis import impedance
from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.analysis.validity import lin_kk
from pchp_widgets.io.synthetic.impedance import KINDS, known_spectra

TWO = "R0-p(R1,CPE1)-p(R2,CPE2)"
FREQUENCY = np.geomspace(1e5, 0.1, 61)


def spectra_of(z: np.ndarray, frequency: np.ndarray = FREQUENCY, **coords: object) -> xr.Dataset:
    """Spectra (cell, spectrum, frequency) of impedances with these dimensions, or fewer."""
    table = np.atleast_3d(z).reshape(-1, 1, len(frequency)) if np.ndim(z) < 3 else z
    dims = ("cell", "spectrum", "frequency")
    place = {"cell": [f"c{k}" for k in range(len(table))], "spectrum": np.arange(1, table.shape[1] + 1)}
    variables = {"z_real": (dims, table.real), "z_imag": (dims, table.imag)}
    return xr.Dataset(variables, {**place, "frequency": frequency, **coords})


def made(text: str, values: list[float], noise: float = 0.002, seed: int = 0, count: int = 1) -> xr.Dataset:
    """Spectra of one set of parameters, with noise in proportion to |Z|."""
    z = np.repeat(circuit(text).impedance(values, FREQUENCY)[None], count, 0)
    return spectra_of(z + noise * np.abs(z) * (np.random.default_rng(seed).standard_normal((*z.shape, 2)) @ [1, 1j]))


def from_table(path: Path, columns: tuple[int, int, int], **how: object) -> xr.Dataset:
    """A spectrum from a text file: columns of frequency, real and imaginary part."""
    table = np.loadtxt(path, delimiter=",", usecols=columns, **how)
    table = table[np.argsort(-table[:, 0])]
    return spectra_of(table[:, 1] + 1j * table[:, 2], table[:, 0])


def values(found: xr.Dataset) -> dict[str, float]:
    return {str(name): found["value"].sel(parameter=name).item() for name in found["parameter"].values}


def flags(found: xr.Dataset) -> set[str]:
    return {name for name, (bit, _) in impedance.STATUS.items() if int(found["status"].max()) & bit}


# -- known truth


@pytest.mark.parametrize(
    ("kind", "success"), [("lili", 0.99), ("batt", 0.99), ("one_arc", 1.0), ("inductive", 0.98), ("three_arcs", 0.92)]
)
def test_resistances_are_found_within_5_percent_without_a_start(kind, success):
    known = known_spectra(kind, 250, seed=4)
    found = impedance.fit(known.spectra, known.circuit)
    truth = known.truth["value"].sel(parameter=found["parameter"])
    resistances = [name for name in found["parameter"].values if name.startswith("R")]
    told = {name: truth.sel(parameter=name, drop=True) for name in truth["parameter"].values}
    from_truth = impedance.fit(known.spectra, known.circuit, start=told)
    right, best = (
        (abs(fit["value"] / truth - 1) < 0.05).sel(parameter=resistances).all("parameter").mean().item()
        for fit in (found, from_truth)
    )
    assert right >= success
    assert right >= best - 0.01  # what the noise allows
    inside = abs(found["value"] - truth) < 1.96 * found["value_stderr"]
    assert 0.93 < inside.sel(parameter=resistances).mean() < 0.97


def test_a_diffusion_element_inside_the_arc_is_found():
    known = known_spectra("randles", 100, seed=1)
    found = impedance.fit(known.spectra, known.circuit)
    truth = known.truth["value"].sel(parameter=found["parameter"])
    assert (abs(found["value"] / truth - 1) < 0.05).sel(parameter=["R0", "R1"]).mean() > 0.99


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("R0-p(R1,C1)-CPE2", [5, 80, 2e-6, 0.02, 0.7]),
        ("R0-p(R1-Ws1,C1)", [5, 80, 40, 0.05, 2e-6]),
        ("R0-p(CPE1,R1-p(CPE2,R2))", [5, 2e-6, 0.85, 80, 1e-3, 0.8, 40]),
        ("R0-G1", [5, 40, 0.01]),
        ("p(L1,R1)-R0-p(R2,CPE2)", [1e-4, 4, 5, 80, 2e-6, 0.85]),
        ("C1", [1e-6]),
    ],
)
def test_any_circuit_is_fitted_without_a_start(text, truth):
    found = impedance.fit(made(text, truth, noise=1e-4), text)
    np.testing.assert_allclose(found["value"].values.ravel(), truth, rtol=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_the_spectra_of_known_truth_are_those_of_their_circuit(kind):
    known = known_spectra(kind, 3, noise=0.0, seed=2)
    of = circuit(known.circuit)
    truth = known.truth["value"].sel(parameter=list(of.names)).values
    z = (known.spectra["z_real"] + 1j * known.spectra["z_imag"]).values
    np.testing.assert_allclose(of.impedance(truth, known.spectra["frequency"].values), z, rtol=1e-12)


def test_an_unknown_kind_of_known_spectra_is_refused():
    with pytest.raises(ValueError, match="lili"):
        known_spectra("nothing", 1)


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-3, 1e5), st.booleans())
def test_a_fit_scales_with_the_impedance_and_knows_no_order_of_frequencies(factor, backwards):
    known = known_spectra("lili", 3, seed=9)
    scaled = known.spectra.assign({name: known.spectra[name] * factor for name in ("z_real", "z_imag")})
    scaled = scaled.isel(frequency=slice(None, None, -1)) if backwards else scaled
    one, other = (impedance.arcs(impedance.fit(spectra, known.circuit)) for spectra in (known.spectra, scaled))
    np.testing.assert_allclose(other["resistance"], factor * one["resistance"], rtol=1e-3)
    np.testing.assert_allclose(other["capacitance"], one["capacitance"] / factor, rtol=1e-3)
    np.testing.assert_allclose(other["time_constant"], one["time_constant"], rtol=1e-3)


# -- reference fits


def _file(shared_data: Path, name: str) -> xr.Dataset:
    folder = shared_data / "eis"
    if name == "exampleData":
        spectra = from_table(folder / "impedance.py" / "exampleData.csv", (0, 1, 2))
        return spectra.where((spectra["z_imag"] < 0).compute(), drop=True)
    return from_table(folder / "pyDRTtools" / f"{name}.csv", (1, 2, 3), skiprows=1)


def _reference(shared_data: Path, name: str, program: str) -> tuple[str, dict[str, tuple[float, float]]]:
    """Circuit of a reference fit, and value and standard error of its parameters."""
    everything = json.loads((shared_data / "eis" / "reference.json").read_text(encoding="utf-8"))
    entry = everything[name][program]
    of = circuit(entry["circuit"])
    names = [of.names[of.index(key)] for key in entry["names"]]
    return entry["circuit"], dict(zip(names, zip(entry["p"], entry["se"], strict=True), strict=True))


@pytest.mark.parametrize("weights", ["unit", "modulus"])
@pytest.mark.parametrize("name", ["1ZARC", "2ZARC1", "exampleData"])
def test_reference_fits_are_reached_within_their_standard_errors(shared_data, name, weights):
    text, reference = _reference(shared_data, name, f"impedance.py-1.7.1 {weights}")
    start = {key: value for key, (value, _) in reference.items()} if name == "exampleData" else None
    found = impedance.fit(_file(shared_data, name), text, weights=weights, start=start)
    for key, (value, error) in reference.items():
        assert abs(values(found)[key] - value) < error, key


def test_without_a_start_a_better_minimum_than_the_reference_is_found(shared_data):
    text, reference = _reference(shared_data, "exampleData", "impedance.py-1.7.1 modulus")
    spectra = _file(shared_data, "exampleData")
    start = {key: value for key, (value, _) in reference.items()}
    there, better = impedance.fit(spectra, text, start=start), impedance.fit(spectra, text)
    assert there["chi_squared"].item() == pytest.approx(0.0200216, rel=1e-3)
    assert better["chi_squared"].item() < 0.0186


def test_the_minimum_that_other_programs_miss_is_found(shared_data):
    found = values(impedance.fit(_file(shared_data, "2ZARC0"), TWO))
    assert found["R2"] == pytest.approx(9.533, rel=1e-3)
    assert found["CPE2_n"] == pytest.approx(0.794, rel=1e-3)


def test_weights_of_the_real_size_of_the_errors_come_closest_to_the_truth(shared_data):
    spectra, truth = _file(shared_data, "2ZARC0"), {"R0": 10, "R1": 50, "R2": 10}
    for weights in ("unit", "kramers_kronig"):  # the errors of this file are of one size
        found = values(impedance.fit(spectra, TWO, weights=weights))
        assert all(found[key] == pytest.approx(value, rel=0.02) for key, value in truth.items()), weights


def test_every_sweep_of_a_file_is_fitted(shared_data):
    from pchp_widgets import open_cell

    with pytest.warns(match="log module"):
        spectra = open_cell(shared_data / "eis" / "aurora-cycler-manager" / "PEIS.mpr")["spectra"].to_dataset()
    found = impedance.fit(spectra, "R0-p(R1,CPE1)-CPE3")
    assert found.sizes["spectrum"] == 4
    first = found.isel(spectrum=0, cell=0)["value"]
    assert first.sel(parameter="R1").item() == pytest.approx(9.7972, abs=0.205)
    assert first.sel(parameter="CPE3_Q").item() == pytest.approx(0.4477, abs=0.0078)


def test_a_spectrum_that_fails_kramers_and_kronig_says_so_and_gives_no_resistance(shared_data):
    from pchp_widgets import open_cell

    spectra = open_cell(shared_data / "eis" / "yadg" / "peis.issue_225.no_ece.mpr")["spectra"].to_dataset()
    found = impedance.fit(spectra, "R0-p(R1,CPE1)")
    assert {"not_causal", "misfit"} <= flags(found)
    told = impedance.fit(spectra, "R0-p(R1,CPE1)", validity=lin_kk(spectra))
    assert "not_causal" in flags(told)
    assert np.isnan(impedance.resistances(found)["interfacial_resistance"]).all()
    assert np.isfinite(impedance.resistances(found, keep_doubtful=True)["interfacial_resistance"]).all()


# -- flags


def test_arcs_less_than_a_decade_apart_are_flagged_and_only_their_sum_is_given():
    tau = np.array([1e-3, 4e-3])
    z = circuit(TWO).impedance([5, 50, tau[0] ** 0.9 / 50, 0.9, 70, tau[1] ** 0.9 / 70, 0.9], FREQUENCY)
    rng = np.random.default_rng(1)
    many = z * (1 + 0.002 * (rng.standard_normal((40, 1, 61)) + 1j * rng.standard_normal((40, 1, 61))))
    found = impedance.fit(spectra_of(many), TWO)
    assert ((found["status"].values & impedance.STATUS["arcs_unresolved"][0]) > 0).mean() > 0.9
    parts = impedance.resistances(found)
    unresolved = (found["status"].values & impedance.STATUS["arcs_unresolved"][0]) > 0
    for name in ("sei_resistance", "charge_transfer_resistance"):
        assert np.isnan(parts[name].values[unresolved]).all()
    total, error = parts["interfacial_resistance"].values, parts["interfacial_resistance_stderr"].values
    assert np.isfinite(total).mean() > 0.9
    assert np.nanmean(abs(total - 120) < 1.96 * error) > 0.85


def test_an_arc_beyond_the_frequencies_is_flagged_and_its_resistance_not_given():
    found = impedance.fit(made("R0-p(R1,C1)", [5, 80, 1.0], noise=1e-4), "R0-p(R1,C1)")
    assert "tau_outside_window" in flags(found)
    assert not impedance.arcs(found)["resolved"].any()
    assert np.isnan(impedance.resistances(found)["interfacial_resistance"]).all()


def test_a_circuit_that_cannot_describe_the_spectrum_says_so():
    found = impedance.fit(made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8]), "R0-p(R1,CPE1)")
    assert flags(found) >= {"misfit"}
    assert "misfit" not in flags(impedance.fit(made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8]), TWO))


GOOD = made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8])
BAD = {
    "ten points": GOOD.isel(frequency=slice(0, 60, 6)),
    "negative frequency": GOOD.assign_coords(frequency=np.where(np.arange(61) == 7, -1.0, FREQUENCY)),
    "unordered": GOOD.assign_coords(frequency=FREQUENCY[np.random.default_rng(0).permutation(61)]),
    "wrong sign": GOOD.assign(z_imag=-GOOD["z_imag"]),
    "two grids": xr.concat([GOOD, GOOD.assign_coords(frequency=FREQUENCY * 1.02)], "frequency").sortby("frequency"),
    "short": GOOD.assign(z_real=0 * GOOD["z_real"] + 0.02, z_imag=0 * GOOD["z_imag"] + 1e-5 * FREQUENCY**0.5),
    "nothing": GOOD.where(False),  # all NaN
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_spectra_give_no_number_and_say_why(kind):
    found = impedance.fit(BAD[kind], TWO)
    assert np.isnan(found["value"]).all()
    assert flags(found) & {"invalid", "absent"}
    assert found["reason"].item()
    assert np.isnan(impedance.resistances(found)["interfacial_resistance"]).all()
    if kind == "short":
        assert "short" in flags(found)


def test_a_spectrum_of_noise_is_named_and_gives_no_resistance():
    rng = np.random.default_rng(0)
    found = impedance.fit(spectra_of(rng.random((5, 61)) - 1j * rng.random((5, 61))), "R0-p(R1,CPE1)")
    assert ((found["status"] & impedance.STATUS["noisy"][0]) > 0).all()
    assert np.isnan(impedance.resistances(found)["interfacial_resistance"]).all()


def test_a_circuit_of_one_resistor_is_fitted_and_said_not_to_describe_a_cell():
    found = impedance.fit(made(TWO, [5, 60, 2e-5, 0.9, 120, 2e-3, 0.8]), "R0")
    assert 5 < found["value"].item() < 185
    assert "misfit" in flags(found)


def test_a_circuit_with_two_elements_that_do_the_same_is_fitted_and_flagged():
    frequency = FREQUENCY[::5]
    warburg = 5 + 3 * (1 - 1j) / np.sqrt(2 * np.pi * frequency)
    found = impedance.fit(spectra_of(warburg[None], frequency), "R0-G1-Ws1")
    curve = impedance.model(found, frequency)
    np.testing.assert_allclose((curve["z_real"] + 1j * curve["z_imag"]).values[0, 0], warburg, rtol=1e-3)
    assert flags(found) & {"tau_outside_window", "bound_hit", "not_converged"}


def test_one_bad_spectrum_leaves_the_others_as_they_are():
    known = known_spectra("lili", 4, seed=2)
    spoilt = known.spectra.copy(deep=True)
    spoilt["z_real"][1] = np.nan
    spoilt["z_imag"][2, :, 5] = np.nan
    whole, part = (impedance.fit(spectra, TWO) for spectra in (known.spectra, spoilt))
    assert np.isnan(part["value"].values[1]).all()
    np.testing.assert_allclose(part["value"].values[[0, 3]], whole["value"].values[[0, 3]], rtol=1e-6)
    assert part["points"].values[2, 0] == 55
    np.testing.assert_allclose(part["value"].values[2], whole["value"].values[2], rtol=0.02)


def test_cells_with_other_frequencies_are_fitted_together():
    one, other = known_spectra("lili", 2, seed=1), known_spectra("batt", 2, seed=1)
    both = xr.concat([one.spectra, other.spectra], "cell", join="outer")
    found = impedance.fit(both, TWO)
    alone = impedance.fit(one.spectra, TWO)
    np.testing.assert_allclose(found["value"].values[:2], alone["value"].values, rtol=1e-6)
    assert found["frequency_highest"].values.ravel().tolist() == pytest.approx([3e5, 3e5, 1e5, 1e5])


# -- what the user prescribes


def test_kept_bounded_and_tied_parameters_are_as_asked():
    spectra = made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8])
    found = impedance.fit(spectra, TWO, fixed={"R0": 5.5}, bounds={"R2": (10, 35)}, tied={"CPE2_n": "CPE1_n"})
    got = values(found)
    assert got["R0"] == pytest.approx(5.5)
    assert got["R2"] == pytest.approx(35)
    assert got["CPE1_n"] == got["CPE2_n"]
    assert found["at_bound"].sel(parameter="R2").item()
    assert "bound_hit" in flags(found)
    assert found["value_stderr"].sel(parameter="R0").item() == 0
    assert np.isnan(found["value_stderr"].sel(parameter="R2").item())


def test_a_fixed_value_may_differ_from_spectrum_to_spectrum():
    known = known_spectra("lili", 3, seed=5)
    kept = known.truth["value"].sel(parameter="R0", drop=True)
    found = impedance.fit(known.spectra, TWO, fixed={"R0": kept})
    np.testing.assert_allclose(found["value"].sel(parameter="R0"), kept)


def test_what_the_text_of_a_circuit_states_is_kept_but_is_no_trap():
    spectra = made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8])
    far = "R{R=5F}(R{R=1e4}Q{Y=1e-9,n=0.4})(R{R=1e4}Q{Y=1e-9,n=0.4})"
    found = impedance.fit(spectra, far)
    assert list(values(found).values()) == pytest.approx([5, 80, 2e-6, 0.85, 40, 1e-3, 0.8], rel=0.05)
    assert found["value"].values.ravel()[0] == 5
    partial = impedance.fit(spectra, TWO, start={"R1": 2e4, "CPE1_Q": 1e-9})
    assert values(partial)["R1"] == pytest.approx(80, rel=0.05)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fixed": {"R7": 1.0}}, "R7"),
        ({"bounds": {"R1": (5, 2)}}, "R1"),
        ({"tied": {"R1": "CPE1_n"}}, "R1"),
        ({"weights": "modulo"}, "modulus"),
        ({"start": {"R1": -3.0}}, "positive"),
        ({"start": {"R9": 3.0}}, "R9"),
        ({"keep": xr.DataArray(np.ones(61), dims="frequency")}, "true or false"),
    ],
)
def test_impossible_wishes_are_refused_with_their_name(given, said):
    with pytest.raises(ValueError, match=said):
        impedance.fit(made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8]), TWO, **given)


def test_points_that_are_brushed_out_do_not_matter():
    good = made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8])
    spoilt = good.copy(deep=True)
    spoilt["z_real"][..., 20:24] += 30
    keep = xr.DataArray((np.arange(61) < 20) | (np.arange(61) > 23), dims="frequency")
    one, other = (impedance.fit(spectra, TWO, keep=keep) for spectra in (good, spoilt))
    xr.testing.assert_allclose(one["value"], other["value"])
    assert one["points"].item() == 57


def test_a_whole_start_decides_which_minimum_is_found():
    spectra = made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8])
    cold = impedance.fit(spectra, TWO)
    again = impedance.fit(spectra, TWO, start=cold)
    np.testing.assert_allclose(again["value"], cold["value"], rtol=1e-3)
    with pytest.raises(ValueError, match="circuit"):
        impedance.fit(spectra, "R0-p(R1,CPE1)", start=cold)


# -- what comes out


def test_every_result_has_units_and_a_definition():
    found = impedance.fit(made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8]), TWO)
    results = (impedance.arcs(found), impedance.resistances(found), impedance.model(found, FREQUENCY))
    for result in results:
        for name, variable in result.data_vars.items():
            assert variable.attrs.get("definition") or "flag_masks" in variable.attrs, name
            assert "units" in variable.attrs or variable.dtype.kind in "bUi", name
    for name, variable in found.data_vars.items():
        assert variable.attrs.get("definition") or "flag_masks" in variable.attrs, name
    assert found["parameter_units"].sel(parameter="CPE1_Q").item() == "ohm-1 s^n"


def test_the_model_of_a_fit_is_the_impedance_of_its_circuit():
    found = impedance.fit(made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8]), TWO)
    curve = impedance.model(found, [10.0, 1.0])
    z = circuit(TWO).impedance(found["value"].values[0, 0], [10.0, 1.0])
    np.testing.assert_allclose((curve["z_real"] + 1j * curve["z_imag"]).values[0, 0], z)
    with pytest.raises(ValueError, match="positive"):
        impedance.model(found, [1.0, -1.0])


def test_an_empty_study_gives_an_empty_result():
    spectra = made(TWO, [5, 80, 2e-6, 0.85, 40, 1e-3, 0.8]).isel(cell=slice(0))
    found = impedance.fit(spectra, TWO)
    assert found.sizes["cell"] == 0
    assert impedance.arcs(found).sizes["cell"] == 0
    assert impedance.resistances(found)["series_resistance"].size == 0
