"""The audit: what fits together agrees, what does not is found, and what is missing is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis.audit import (
    CHECKS,
    ITEMS,
    Facts,
    Finding,
    Statement,
    audit,
    fact,
    interval,
    propagated,
    stated_facts,
)
from pchp_widgets.model.claims import ClaimsError, read_claims_file

PAPER = Path(__file__).parents[2] / "data" / "claims.toml"

# the inconsistencies of the paper as its readers listed them: check, and subject where it matters
KNOWN = {
    "1 formula without thickness": ("formula of the conductivity", ""),
    "2 captions and text of Fig. 5": ("said in two ways", "cathode of Fig. 5d"),
    "3 names": ("names of samples", "PHCP"),
    "4 capacity put forward": ("said in two ways", "areal capacity of the LFP cell that is put forward"),
    "5 numbers of references": ("said in two ways", "reference of the method of Bruce and Vincent"),
    "6 where the data are": ("said in two ways", "where the data are"),
    "7 irreversibility": ("said in two ways", "what lithium has little of"),
    "8 exceeds 50 %": ("cross-linker and micropores", "PCHP2"),
    "9 pores outside the scan": ("pore width and range of the scan", "PCH"),
    "10 BET of CO2 at 277 K": ("range of the isotherm and BET area", "PCH"),
    "11 13C of the acid": ("NMR signal of the acid", "PCH"),
    "12 XPS of the acid": ("XPS binding energy of the acid", "PCH"),
    "13 26 mV of what": ("reporting", "polarization_definition"),
    "14 spectra end at 1 Hz": ("spectra and diffusion", "Li||Li PCHP"),
    "15 not stated": ("reporting", "temperature"),
    "16 two kinds of failure": ("said in two ways", "how bare cells fail"),
    "17 number of the cell or of the coating": ("said in two ways", "what the transference number 0.74 belongs to"),
}


def _paper() -> list[Finding]:
    return audit(stated_facts(read_claims_file(PAPER)))


@pytest.mark.parametrize(("check", "subject"), KNOWN.values(), ids=KNOWN)
def test_every_known_inconsistency_of_the_paper_is_found(check: str, subject: str) -> None:
    (found,) = (one for one in _paper() if (one.check, one.subject) == (check, subject))
    assert found.verdict == ("missing" if check == "reporting" else "differs")


def test_numbers_that_contradict_each_other_are_shown_with_both_sides() -> None:
    found = {(one.check, one.subject): one for one in _paper()}
    retained = found["efficiency and retention", "NCM83 PCHP"]
    assert (retained.verdict, round(retained.left.value, 2), retained.right.value) == ("differs", 0.55, 0.76)
    loaded = found["capacity and loading", "LFP PCHP"]
    assert (loaded.verdict, round(loaded.left.value, 1)) == ("differs", 171.8)
    assert round(found["capacity delivered", "LFP PCHP, 3.9 mA h cm-2"].left.value, 2) == 3.41
    assert found["efficiency and reservoir", "NCM83 PCHP"].left.value == pytest.approx(1.80)
    assert found["pore width and range of the scan", "PCH"].left.value == pytest.approx(9.82, abs=0.01)
    assert found["range of the isotherm and BET area", "PCH"].left.value == pytest.approx(0.026, abs=0.0005)


def test_what_is_not_stated_is_undecided_with_the_number_that_would_fit() -> None:
    found = {(one.check, one.subject): one for one in _paper()}
    ratio = found["N/P", "LFP PCHP"]
    assert (ratio.verdict, round(ratio.right.value, 2)) == ("undecided", 2.58)
    drop = found["coating mass and drop volume", "PCHP"]
    assert drop.verdict == "undecided"
    assert drop.right.value / 12.5e-3 == pytest.approx(93.4, abs=0.5)  # uL
    assert "drop volume" in drop.words
    assert found["hydrogen from the acid", "PCHP"].right.value == pytest.approx(27, abs=0.5)


CONSISTENT = {
    "area": "1.3273 cm2", "diameter": "13 mm", "current_density": "2 mA cm-2", "half_cycle_capacity": "1 mA h cm-2",
    "cycles": 100, "hours": "100 h", "polarization": "52 mV", "resistance_sum": "19.6 ohm", "coated_faces": 2,
    "series_resistance_shift": "9.6 ohm", "coating_thickness": "8 um", "conductivity": "1.25e-4 S cm-1",
    "transference_number": 0.74, "separator_transference": 0.28, "separator_resistance": "2 ohm cm2",
    "coating_resistance": "12.7 ohm cm2", "nominal_capacity": "3 mA h cm-2", "loading": "18 mg cm-2",
    "theoretical_capacity": "169.9 mA h g-1", "specific_capacity": "150 mA h g-1", "retention": 0.9,
    "mean_efficiency": 0.9995, "lithium_thickness": "35 um", "c_rate": "0.667 h-1", "n_to_p": 2.41,
    "lowest_frequency": "0.01 Hz", "highest_frequency": "300 kHz", "acid_fraction_nmr": 0.92, "acid_fraction_ea": 0.925,
    "acid_fraction_xps": 0.9, "solution_concentration": "12.5 mg mL-1", "drop_volume": "93 uL",
    "coating_density": "1.1 g cm-3", "crosslinker_share": 0.6, "porosity_lost_above": 0.5, "pore_width": "7 angstrom",
    "scan_start": "5 degree", "wavelength": "1.5406 angstrom", "adsorption_temperature": "273.15 K",
    "adsorption_pressure": "30 bar", "acid_shift": "172 ppm", "acid_binding_energy": "289.0 eV",
    "alkoxide_binding_energy": "54.9 eV", "acid_content": "3.71 mmol g-1", "polymer_share": 0.667,
    "hydrogen": "26.6 uL cm-2", "mean_voltage": "3.4 V", "coating_energy_cost": 0.024,
}  # fmt: skip


def _facts(**changed: str | float) -> Facts:
    numbers = {name: fact(name, said) for name, said in {**CONSISTENT, **changed}.items()}
    return Facts({"cell": numbers}, reported=dict.fromkeys(ITEMS, True), powers={"l": 1, "R": -1, "A": -1})


def test_a_consistent_study_has_no_finding_against_it() -> None:
    found = audit(_facts())
    assert [one for one in found if one.verdict != "agrees"] == []
    assert {one.check for one in found} >= {check.name for check in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_each_check_turns_when_its_numbers_do(check: object) -> None:
    """A slip by a thousand in any number of an equation has to be noticed by it in one direction at least."""
    noticed = False
    for name in (*check.left_of, *check.right_of):  # type: ignore[attr-defined]
        for factor in (1000.0, 1e-3):
            facts = _facts()
            own = dict(facts.numbers["cell"])
            value = own[name].value * factor
            own[name] = interval(value)
            (found,) = check.findings(Facts({"cell": own}))  # type: ignore[attr-defined]
            noticed |= found.verdict == "differs"
    assert noticed


def test_intervals_that_meet_agree_and_wider_ones_do_so_more_easily() -> None:
    apart, meeting = ("30 mV", "29 mV", "31 mV"), ("30 mV", "21 mV", "39 mV")
    check = next(one for one in CHECKS if one.name == "impedance and polarization")
    base = {"resistance_sum": "14 ohm", "area": "1.327 cm2", "current_density": "1 mA cm-2"}
    for said, verdict in ((apart, "differs"), (meeting, "agrees")):
        numbers = {name: fact(name, text) for name, text in base.items()} | {
            "polarization": fact("polarization", *said)
        }
        (found,) = check.findings(Facts({"cell": numbers}))
        assert found.verdict == verdict


@given(a=st.floats(1, 10), b=st.floats(1, 10), da=st.floats(0, 0.5), db=st.floats(0, 0.5))
def test_errors_of_a_sum_add_in_quadrature(a: float, b: float, da: float, db: float) -> None:
    found = propagated(lambda x, y: x - y, interval(a, a - da, a + da), interval(b, b - db, b + db))
    assert found.value == pytest.approx(a - b, abs=1e-12)
    assert found.high - found.value == pytest.approx(np.hypot(da, db), abs=1e-9)
    assert found.value - found.low == pytest.approx(np.hypot(da, db), abs=1e-9)


def test_an_end_that_cannot_be_computed_leaves_the_result_open() -> None:
    found = propagated(lambda x: 1 / x, interval(1.0, 0.0, 2.0))
    assert (found.value, found.low, found.high) == (1.0, -np.inf, np.inf)


def test_a_number_outside_its_interval_or_without_its_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="outside its interval"):
        fact("retention", 0.9, 0.95, 1.0)
    with pytest.raises(ValueError, match="has no unit; write for example"):
        fact("polarization", 26)
    with pytest.raises(ValueError, match="no such fact"):
        fact("colour", 1)


def test_one_statement_said_twice_is_no_contradiction() -> None:
    facts = Facts(statements=(Statement("area", "1 cm2", "text"), Statement("area", "1 cm2", "caption")))
    assert [one.verdict for one in audit(facts)] == ["agrees"]


def test_a_file_of_claims_with_a_slip_is_refused_with_file_key_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    file.write_text('[source]\ntitle = "x"\n[wordng]\n')
    with pytest.raises(ClaimsError, match=r"claims\.toml: wordng: no such field; did you mean 'wording'"):
        read_claims_file(file)
    file.write_text('[source]\ntitle = "x"\n[facts.all]\narea = "13 mm"\n')
    with pytest.raises(ValueError, match=r"facts of 'all': area: .*does not measure"):
        stated_facts(read_claims_file(file))
