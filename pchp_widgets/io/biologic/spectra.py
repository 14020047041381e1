"""Impedance rows of an EC-Lab table to flat spectra."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import dataset
from ..tables.sweeps import sweep_numbers
from .columns import is_impedance, units
from .findings import Findings
from .table import Array, Table
from .techniques import IMPEDANCE

Mask = npt.NDArray[np.bool_]

FREQUENCY, MODULUS, PHASE, REAL, MINUS_IMAGINARY = "freq/Hz", "|Z|/Ohm", "Phase(Z)/deg", "Re(Z)/Ohm", "-Im(Z)/Ohm"
_COUNTERS = ("cycle number", "Ns", "loop")
"""Not "z cycle": Modulo Bat files were met in which it falls back to 0 in the middle of a spectrum."""


def impedance_rows(columns: dict[str, Array]) -> Mask | None:
    """Rows with a frequency; None when there are none. Rows at 0 Hz are points of the direct current."""
    frequency = columns.get(FREQUENCY)
    if frequency is None or not ({REAL, MINUS_IMAGINARY} <= columns.keys() or {MODULUS, PHASE} <= columns.keys()):
        return None
    rows = np.asarray(frequency > 0)
    return rows if rows.any() else None


def flat_spectra(table: Table, rows: Mask | None, voltage: Array | None, findings: Findings) -> xr.Dataset | None:
    """Impedance points one after the other, with the number of their spectrum.

    A spectrum begins where the loop, cycle or sequence changes, after points without a frequency, and where the
    frequency turns back. Columns that mean something only here (``Cs``, ``|Ewe|``, the second electrode, the quality
    figures) come along under EC-Lab's names. EC-Lab itself rejects the quality figures (``THD``, ``NSD``, ``NSR``,
    harmonics) at the two highest frequencies of a spectrum, where the binary file still holds a number.
    """
    columns = table.columns
    if rows is None:
        if REAL in columns and FREQUENCY not in columns:
            findings.note(f"has impedances ({REAL}) but no {FREQUENCY}: no spectrum can be made of them")
        return None
    direct = int(np.count_nonzero(~rows))
    if direct and table.technique in IMPEDANCE:
        findings.note(f"{direct} rows without a frequency are points of the direct current, not of a spectrum")
    picked = {name: values[rows] for name, values in columns.items() if is_impedance(name)}
    z_real, z_imag = _impedance(picked)
    counters = [columns[name][rows] for name in _COUNTERS if name in columns]
    frequency = picked.pop(FREQUENCY).astype(float)
    found: dict[str, Array] = {
        "spectrum": sweep_numbers(frequency, counters, np.flatnonzero(rows)),
        "frequency": frequency,
        "z_real": z_real,
        "z_imag": z_imag,
        "time": columns["time/s"][rows] if "time/s" in columns else np.full(len(frequency), np.nan),
    }
    if voltage is not None:
        found["voltage"] = voltage[rows]
    flat = dataset("points", found | {name: v for name, v in picked.items() if name not in (REAL, MINUS_IMAGINARY)})
    own = {"frequency": "Hz", "z_real": "ohm", "z_imag": "ohm", "spectrum": "1"}
    for variable in flat.data_vars.values():
        name = variable.attrs["long_name"]
        unit = own.get(name) or units(name)
        if unit:
            variable.attrs["units"] = unit
    return flat


def _impedance(picked: dict[str, Array]) -> tuple[Array, Array]:
    """Real and imaginary part [ohm]; from modulus and phase in Modulo Bat files, which store those only."""
    if REAL in picked and MINUS_IMAGINARY in picked:
        return picked[REAL].astype(float), -picked[MINUS_IMAGINARY].astype(float)
    modulus, phase = picked[MODULUS].astype(float), np.deg2rad(picked[PHASE].astype(float))
    return modulus * np.cos(phase), modulus * np.sin(phase)


def sign_stated(spectra: xr.Dataset | None, table: Table) -> dict[str, str]:
    """What EC-Lab holds as imaginary part, in the words of the other readers of impedance."""
    if spectra is None:
        return {}
    parts = {REAL, MINUS_IMAGINARY} <= table.columns.keys()
    held = f"-Im Z ({MINUS_IMAGINARY!r}), its sign is turned" if parts else f"the phase of Z ({PHASE!r})"
    return {"impedance_sign": f"the file holds {held}"}
