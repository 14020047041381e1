"""What fitted arcs mean: identity along cycles, resistances by role, changes, and the choice of a circuit."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import impedance
from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.io.synthetic.impedance import known_spectra

TWO = "R0-p(R1,CPE1)-p(R2,CPE2)"
FREQUENCY = np.geomspace(3e5, 1.0, 56)


def two_arcs(
    first: np.ndarray,
    second: np.ndarray,
    capacitance: tuple[float, float] = (1e-6, 1e-4),
    seed: int = 0,
    noise: float = 0.002,
) -> xr.Dataset:
    """Spectra (cell, spectrum) of two arcs of constant capacitance [F] and given resistances (cell, spectrum) [ohm]."""
    n, parts = 0.9, []
    for resistance, c in zip((first, second), capacitance, strict=True):
        parts += [resistance, (resistance * c) ** n / resistance, np.full(resistance.shape, n)]
    z = circuit(TWO).impedance(np.stack([np.full(first.shape, 3.0), *parts], -1), FREQUENCY)
    z = z * (1 + noise * (np.random.default_rng(seed).standard_normal((*z.shape, 2)) @ [1, 1j]))
    dims, cycle = ("cell", "spectrum", "frequency"), np.arange(first.shape[1])
    coords = {
        "cell": [f"c{k}" for k in range(len(first))],
        "spectrum": cycle + 1,
        "frequency": FREQUENCY,
        "cycle": (dims[:2], np.broadcast_to(10 * cycle, first.shape)),
        "area": ("cell", np.full(len(first), 1.327)),
        "kind": ("cell", ["symmetric"] * len(first)),
        "coating": ("cell", ["bare", "PCHP"][: len(first)] if len(first) < 3 else ["PCHP"] * len(first)),
    }
    return xr.Dataset({"z_real": (dims, z.real), "z_imag": (dims, z.imag)}, coords)


# -- identity


def test_arcs_are_in_order_of_time_constant_whatever_the_start_is():
    known = known_spectra("lili", 20, seed=6)
    swap = {"R1": "R2", "R2": "R1", "CPE1_Q": "CPE2_Q", "CPE2_Q": "CPE1_Q", "CPE1_n": "CPE2_n", "CPE2_n": "CPE1_n"}
    start = {name: known.truth["value"].sel(parameter=swap.get(name, name), drop=True) for name in [*swap, "R0"]}
    found = impedance.fit(known.spectra, TWO, start=start)
    tau = impedance.arcs(found)["time_constant"]
    assert (tau.isel(arc=0) < tau.isel(arc=1)).all()
    covariance = found["correlation"].values
    np.testing.assert_allclose(covariance, np.swapaxes(covariance, -1, -2))


def test_an_arc_keeps_its_name_where_time_constants_cross():
    first, second = np.geomspace(10, 8000, 60)[None], np.geomspace(300, 60, 60)[None]
    found = impedance.fit(two_arcs(first, second, (1e-6, 5e-6), noise=3e-4), TWO)
    arcs = impedance.arcs(found)
    tau = arcs["time_constant"].values
    late = first * 1e-6 > 15 * second * 5e-6
    early = second * 5e-6 > 15 * first * 1e-6
    assert late.any()
    assert early.any()
    assert (tau[..., 0] > tau[..., 1])[late].all()
    assert (tau[..., 0] < tau[..., 1])[early].all()
    for k, truth in enumerate((first, second)):
        np.testing.assert_allclose(arcs["resistance"].values[..., k][late | early], truth[late | early], rtol=0.15)


def test_arcs_of_a_user_who_fixed_one_are_not_exchanged():
    spectra = two_arcs(np.full((1, 1), 50.0), np.full((1, 1), 200.0))
    found = impedance.fit(spectra, TWO, fixed={"R1": 200.0})
    assert found["value"].sel(parameter="R1").item() == pytest.approx(200)
    assert found["value"].sel(parameter="R2").item() == pytest.approx(50, rel=0.05)


# -- arcs


def test_arcs_have_the_capacitance_of_their_time_constant():
    known = known_spectra("lili", 200, seed=8)
    arcs = impedance.arcs(impedance.fit(known.spectra, known.circuit))
    truth = {name: known.truth["value"].sel(parameter=name).values for name in known.truth["parameter"].values}
    for k, arc in enumerate("12"):
        r, q, n = (truth[name] for name in (f"R{arc}", f"CPE{arc}_Q", f"CPE{arc}_n"))
        for name, exact in {"time_constant": (r * q) ** (1 / n), "capacitance": (r * q) ** (1 / n) / r}.items():
            value, error = arcs[name].isel(arc=k).values, arcs[f"{name}_stderr"].isel(arc=k).values
            assert 0.9 < (abs(value - exact) < 1.96 * error).mean() < 0.99, name
    assert arcs["resolved"].all()
    assert arcs["branch"].values.tolist() == ["R1 || CPE1", "R2 || CPE2"]


# -- resistances


def test_the_sum_of_two_resistances_uses_their_covariance():
    found = impedance.fit(two_arcs(np.full((1, 200), 60.0), np.full((1, 200), 30.0), (1e-6, 3e-5), seed=3), TWO)
    parts = impedance.resistances(found)
    total, error = (parts[name].values for name in ("interfacial_resistance", "interfacial_resistance_stderr"))
    apart = np.hypot(parts["sei_resistance_stderr"].values, parts["charge_transfer_resistance_stderr"].values)
    assert (error < 0.6 * apart)[np.isfinite(apart)].all()
    assert np.mean(abs(total - 90) < 1.96 * error) == pytest.approx(0.95, abs=0.04)
    np.testing.assert_allclose(total.std(), error.mean(), rtol=0.2)


def test_resistances_are_given_of_the_cell_per_area_and_per_interface():
    found = impedance.fit(two_arcs(np.full((1, 1), 60.0), np.full((1, 1), 300.0)), TWO)
    parts = impedance.resistances(found)
    sei = parts["sei_resistance"].item()
    assert sei == pytest.approx(60, rel=0.03)
    assert parts["areal_sei_resistance"].item() == pytest.approx(sei * 1.327)
    assert parts["interface_sei_resistance"].item() == pytest.approx(sei * 1.327 / 2)
    assert parts["interface_sei_capacitance"].item() == pytest.approx(parts["sei_capacitance"].item() * 2 / 1.327)
    assert parts["interface_sei_resistance"].attrs["units"] == "ohm cm2"
    assert parts.attrs["roles"] == "R1: sei, R2: charge_transfer"
    other = impedance.resistances(found.assign_coords(kind=("cell", ["full"])))
    assert np.isnan(other["interface_sei_resistance"]).all()
    assert np.isfinite(impedance.resistances(found, interfaces=1)["interface_sei_resistance"]).all()


def test_which_arc_counts_as_what_is_a_choice():
    found = impedance.fit(two_arcs(np.full((1, 1), 60.0), np.full((1, 1), 300.0)), TWO)
    coated = impedance.resistances(found, roles={"R1": "coating", "R2": "interface"})
    assert coated["coating_resistance"].item() == pytest.approx(60, rel=0.03)
    assert coated["interfacial_resistance"].item() == pytest.approx(300, rel=0.03)
    bulk = impedance.resistances(found, roles=["series", "interface"])
    assert bulk["series_resistance"].item() == pytest.approx(63, rel=0.03)
    assert np.isnan(bulk["sei_resistance"]).all()
    assert "coating_resistance" not in bulk


@pytest.mark.parametrize(
    ("roles", "said"), [(["sei"], "R1, R2"), ({"R3": "sei"}, "R3"), (["sei", "film"], "film"), ({"R1": "x"}, "'x'")]
)
def test_roles_that_do_not_exist_are_refused(roles, said):
    found = impedance.fit(two_arcs(np.full((1, 1), 60.0), np.full((1, 1), 300.0)), TWO)
    with pytest.raises(ValueError, match=said):
        impedance.resistances(found, roles=roles)


# -- change and replicates


def test_a_fall_is_told_from_none_with_an_interval():
    second = np.array([[300.0, 290.0, 150.0], [300.0, 300.0, 300.0]])
    parts = impedance.resistances(impedance.fit(two_arcs(np.full((2, 3), 60.0), second, seed=2), TWO))
    found = impedance.change(parts)
    assert found["verdict"].values.tolist() == ["fell", "not resolved"]
    assert found["first_cycle"].values.tolist() == [0, 0]
    assert found["last_cycle"].values.tolist() == [20, 20]
    assert found["ratio_low"].values[0] < 0.5 < found["ratio_high"].values[0]
    assert found["difference_low"].values[0] < -150 < found["difference_high"].values[0]
    between = impedance.change(parts, first=0, last=10)
    assert between["last"].values[0] == pytest.approx(290, rel=0.03)
    assert impedance.change(parts, first=0, last=70)["verdict"].values.tolist() == ["not known", "not known"]


def test_replicates_say_whether_cells_of_a_kind_changed():
    second = np.array([[300.0, 150.0], [280.0, 160.0], [310.0, 140.0]])
    parts = impedance.resistances(impedance.fit(two_arcs(np.full((3, 2), 60.0), second), TWO))
    found = impedance.change(parts)
    assert found["group"].values.tolist() == ["PCHP"]
    assert found["cells"].item() == 3
    assert found["group_ratio"].item() == pytest.approx(np.exp(np.log(second[:, 1] / second[:, 0]).mean()), rel=0.02)
    assert found["group_verdict"].item() == "fell"
    one = impedance.change(parts.isel(cell=[0]))
    assert np.isnan(one["group_ratio_low"].item())
    assert one["group_verdict"].item() == "not known"
    with pytest.raises(ValueError, match="charge_transfer_resistance"):
        impedance.change(parts, "nothing")
    with pytest.raises(ValueError, match="confidence"):
        impedance.change(parts, confidence=95)


def test_the_spread_of_replicates_is_given_against_cycle():
    second = np.array([[300.0, 150.0], [280.0, 160.0], [310.0, 140.0]])
    parts = impedance.resistances(impedance.fit(two_arcs(np.full((3, 2), 60.0), second), TWO))
    found = impedance.spread(parts, "charge_transfer_resistance")
    assert found["cycle"].values.tolist() == [0, 10]
    np.testing.assert_allclose(found["mean"].sel(coating="PCHP"), second.mean(0), rtol=0.02)
    np.testing.assert_allclose(found["sd"].sel(coating="PCHP"), second.std(0, ddof=1), rtol=0.2)
    assert found["cells"].values.tolist() == [[3, 3]]


# -- choice


@pytest.mark.parametrize(("kind", "arcs"), [("one_arc", 1), ("lili", 2), ("three_arcs", 3)])
def test_the_circuit_of_the_truth_is_chosen_with_a_reason(kind, arcs):
    known = known_spectra(kind, 30, seed=3)
    three = [TWO.replace("-p(R2,CPE2)", ""), TWO, f"{TWO}-p(R3,CPE3)"]
    found = impedance.choose(known.spectra, three)
    assert (found["chosen"] == arcs - 1).mean() > 0.95
    assert all(reason.startswith(three[arcs - 1]) for reason in found["reason"].values[found["chosen"] == arcs - 1])
    whole = impedance.choose(known.spectra, three, per="study")
    assert (whole["chosen"] == arcs - 1).all()


def test_points_that_are_brushed_out_do_not_matter_for_the_choice():
    spectra = known_spectra("lili", 3, seed=3).spectra
    spectra["z_real"][:, :, 30:33] *= 1.4
    keep = xr.DataArray(np.abs(np.arange(56) - 31) > 1, dims="frequency")
    three = [TWO.replace("-p(R2,CPE2)", ""), TWO, f"{TWO}-p(R3,CPE3)"]
    assert (impedance.choose(spectra, three, keep=keep)["chosen"] == 1).all()
    assert (impedance.choose(spectra, three)["reason"].str.contains("R1")).all()


def test_one_circuit_is_chosen_for_each_cell():
    both = xr.concat([known_spectra(kind, 2, seed=1).spectra for kind in ("one_arc", "lili")], "cell")
    found = impedance.choose(both, ["R0-p(R1,CPE1)", TWO], per="cell")
    assert found["chosen"].values.ravel().tolist() == [0, 0, 1, 1]


def test_an_ideal_capacitor_does_not_speak_against_its_circuit():
    rc = circuit("R0-p(R1,C1)-p(R2,C2)").impedance([3.0, 40.0, 1e-6, 60.0, 1e-4], FREQUENCY)
    rng = np.random.default_rng(0)
    z = rc * (1 + 0.002 * (rng.standard_normal((1, 20, 56)) + 1j * rng.standard_normal((1, 20, 56))))
    spectra = two_arcs(np.full((1, 20), 40.0), np.full((1, 20), 60.0))
    spectra["z_real"][:], spectra["z_imag"][:] = z.real, z.imag
    assert (impedance.choose(spectra, ["R0-p(R1,CPE1)", TWO])["chosen"] == 1).all()


def test_a_circuit_that_describes_the_spectrum_is_preferred_to_one_that_is_merely_determined():
    near = two_arcs(np.full((1, 1), 60.0), np.full((1, 1), 90.0), (1e-6, 4e-6), noise=2e-4)
    found = impedance.choose(near, ["R0-p(R1,C1)", TWO])
    assert found["chosen"].item() == 1
    assert "not resolved" in found["reason"].item()


def test_where_no_circuit_fits_the_least_bad_is_said_to_be_so():
    three = known_spectra("three_arcs", 5, seed=2).spectra
    found = impedance.choose(three, ["R0-p(R1,C1)", "R0-p(R1,CPE1)"])
    assert found["reason"].str.contains("no circuit describes").all()
    nothing = impedance.choose(three.where(False), ["R0-p(R1,CPE1)", TWO])
    assert (nothing["chosen"] == -1).all()
    with pytest.raises(ValueError, match="two"):
        impedance.choose(three, ["R0-p(R1,CPE1)"])
    with pytest.raises(ValueError, match="per"):
        impedance.choose(three, per="day")
