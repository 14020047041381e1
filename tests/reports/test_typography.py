from __future__ import annotations

import pytest

from pchp_widgets.reports.typography import definition, heading, typeset, unbroken

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("below 2 ohm cm2, what", "below 2 Ω cm², what"),
        ("1 mA cm-2, 1 h plating", "1 mA cm⁻², 1 h plating"),
        ("6.94 g mol-1", "6.94 g mol⁻¹"),
        ("reservoir / (P (1 - CE)) + ln 0.8", "reservoir / (P (1 − CE)) + ln 0.8"),
        ("thickness x F", "thickness × F"),
        ("retention ^ (1/n)", "retention^(1/n)"),
        ("efficiency ^ n", "efficiencyⁿ"),
        ("less than 9.8e-05 cm³", "less than 9.8 × 10⁻⁵ cm³"),
        ("95% and 80 %", "95 % and 80 %"),
        ("shifted by -0.30 eV", "shifted by −0.30 eV"),
        ("mu <= 0.85", "mu ≤ 0.85"),
    ],
)
def test_what_programs_write_is_printed_as_people_write_it(plain: str, printed: str) -> None:
    assert typeset(plain) == printed


@pytest.mark.parametrize(
    "text",
    [
        "LFP-bare-1, 3mA-PCHP-2",
        "C29H22O8 and CO2 and Li2CO3",
        "samples S1, V1 and h2",
        "O 1s at 531.5–532",
        'meta: --meta area="1.327 cm2"',
        "R0-p(R1,CPE1)-p(R2,CPE2)",
        "2024-01-10T11:02:29.886",
        "4fad1b507dc36f39b5ebab38804d20de54c7f6c6d8221c76bad6d15e22a3602f",
    ],
)
def test_names_formulas_and_what_is_to_be_typed_in_stay_as_they_are(text: str) -> None:
    assert typeset(text) == text


def test_a_number_is_not_parted_from_its_uncertainty_nor_from_its_sign_of_per_cent() -> None:
    assert unbroken("95 % of 1.5 ± 0.2 mV") == f"95{NBSP}% of 1.5{NBSP}±{NBSP}0.2 mV"


def test_a_definition_speaks_of_quantities_and_not_of_variables() -> None:
    assert definition("lithium_thickness x F; NaN unless V_min is known") == (
        "lithium thickness × F; empty unless V_min is known"
    )


def test_abbreviations_in_headers_are_capitals_and_words_that_hold_them_are_not() -> None:
    assert heading("charge_transfer_resistance") == "charge-transfer resistance"
    assert heading("highest_cv_share") == "highest CV share"
    assert heading("spice_balance") == "spice balance"
