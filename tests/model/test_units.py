from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.model.units import UnitError, conversion, magnitude, pretty


@pytest.mark.parametrize(
    ("text", "stored", "expected"),
    [
        ("1.327 cm2", "cm2", 1.327),
        ("132.7 mm²", "cm2", 1.327),
        ("1,327 cm^2", "cm2", 1.327),
        ("35µm", "um", 35.0),
        ("35 μm", "um", 35.0),  # the Greek letter, not the micro sign
        ("0.1 mA", "mA", 0.1),
        ("100 µA", "mA", 0.1),
        ("1 mAh/cm2", "mA h cm-2", 1.0),
        ("1 mA·h·cm⁻²", "mA h cm-2", 1.0),
        ("1 mA.h/cm2", "mA h cm-2", 1.0),
        ("3.6 C", "mA h", 1.0),
        ("25 °C", "degC", 25.0),
        ("298.15 K", "degC", 25.0),
        ("-20 degC", "degC", -20.0),
        ("2.5 kΩ", "ohm", 2500.0),
        ("1.5e-3 S/cm", "S cm-1", 1.5e-3),
        ("93 %", "1", 0.93),
        (3, "1", 3.0),
    ],
)
def test_a_quantity_is_read_as_people_write_it(text: str | float, stored: str, expected: float) -> None:
    assert magnitude(text, stored) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.327", "no unit"),
        (1.327, "no unit"),
        ("1.327 cm3", "does not measure the same"),
        ("1.327 parsec", "not known"),
        ("about one", "not a quantity"),
        ("", "not a quantity"),
    ],
)
def test_an_unclear_quantity_is_refused_with_the_remedy(text: str | float, reason: str) -> None:
    with pytest.raises(UnitError, match=reason) as error:
        magnitude(text, "cm2")
    assert 'write for example "1.0 cm2"' in str(error.value)


@given(value=st.floats(1e-6, 1e6), units=st.sampled_from(["cm2", "mA h cm-2", "um", "mg cm-2", "ohm cm2", "mV", "h"]))
def test_writing_and_reading_a_quantity_gives_it_back(value: float, units: str) -> None:
    assert magnitude(f"{value!r} {units}", units) == pytest.approx(value, rel=1e-9)


def test_conversion_of_temperatures_keeps_the_offset() -> None:
    factor, offset = conversion("K", "degC")
    assert factor * 300 + offset == pytest.approx(26.85)


def test_stored_units_are_shown_with_raised_powers() -> None:
    assert pretty("mA h cm-2") == "mA h cm⁻²"
    assert pretty("ohm cm2") == "Ω cm²"
    assert pretty("1") == ""
