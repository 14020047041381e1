"""What headers mean."""

from __future__ import annotations

import pytest

from pchp_widgets.io.tables.headers import heading, headings


@pytest.mark.parametrize(
    ("header", "quantity", "units"),
    [
        ("Time (h)", "time", "h"),
        ("t / s", "time", "s"),
        ("Test_Time(s)", "time", "s"),
        ("test_time_millisecond", "time", "ms"),
        ("Test (Sec)", "time", "s"),
        ("Ewe/V", "voltage", "V"),
        ("ΔE (V)", "voltage", "V"),
        ("Voltage(mV)", "voltage", "mV"),
        ("Potential vs Li (V)", "voltage", "V"),
        ("E (V vs Li/Li+)", "voltage", "V"),
        ("voltage_volt", "voltage", "V"),
        ("Volts", "voltage", "V"),
        ("I/mA", "current", "mA"),
        ("<I>/mA", "current", "mA"),
        ("Current [A]", "current", "A"),
        ("Current(µA)", "current", "µA"),
        ("Current(¦ÌA)", "current", "uA"),  # GBK read as cp1252
        ("mAmps", "current", "mA"),
        ("Capacity (mAh)", "capacity", "mAh"),
        ("(Q-Qo)/mA.h", "net_capacity", "mA.h"),
        ("DChg. Cap.(Ah)", "discharge_capacity", "Ah"),
        ("charging_capacity_ah", "charge_capacity", "A h"),
        ("Cycle Index", "instrument_cycle", "1"),
        ("Step Count / 1", "instrument_step", "1"),
        ("Surface Temperature T1 / degC", "temperature", "degC"),
        ("T [°C]", "temperature", "°C"),
        ("Cell_Temperature_C", "temperature", "degC"),
        ("Step Type", "state", ""),
    ],
)
def test_headers_of_the_field_are_understood(header: str, quantity: str, units: str) -> None:
    found = heading(header)
    assert found is not None
    assert (found.quantity, found.units) == (quantity, units)


@pytest.mark.parametrize(
    "header",
    [
        "Voltage",
        "Time",
        "Current",
        "Capacity",
        "Step (Sec)",
        "Spec. Cap.(mAh/g)",
        "Current density (mA cm-2)",
        "Time (V)",
    ],
)
def test_no_unit_or_a_wrong_one_is_not_guessed(header: str) -> None:
    assert heading(header) is None


def test_a_units_row_gives_the_unit() -> None:
    found = heading("Voltage", "(mV)")
    assert found is not None
    assert found.units == "mV"


def test_of_two_columns_of_one_quantity_the_better_named_is_taken() -> None:
    found = headings(["Time (s)", "Total Time (s)", "Voltage (V)"])
    assert found["time"][0] == 1
