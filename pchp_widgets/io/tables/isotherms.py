"""What files of isotherms share: units of pressure and of what is adsorbed, branches, and the dataset they become."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.gases import GASES, STP_VOLUME, called, gas_named
from ...model.measurements import measurement
from ..contract import ReaderError

FloatArray = npt.NDArray[np.float64]

_BAR = {
    "bar": 1.0, "mbar": 1e-3, "pa": 1e-5, "hpa": 1e-3, "kpa": 1e-2, "mpa": 10.0, "atm": 1.01325,
    "torr": 1.01325 / 760, "mtorr": 1.01325e-3 / 760, "mmhg": 1.01325 / 760, "psi": 0.06894757293168,
}  # fmt: skip
_MOLE = {"mmol": 1.0, "mol": 1e3, "umol": 1e-3, "kmol": 1e6}
_STP = {"cm3": 1 / STP_VOLUME, "cc": 1 / STP_VOLUME, "ml": 1 / STP_VOLUME, "l": 1e3 / STP_VOLUME}
_GRAM = {"g": 1.0, "kg": 1e3, "mg": 1e-3}


@dataclass
class Table:
    """Points of an isotherm as a file has them, in units of the model.

    Attributes
    ----------
    uptake
        [mmol g-1]
    pressure, saturation
        [bar]; None where the file has none.
    relative
        Pressure over vapour pressure; None where the file has none.
    desorption
        1 on the way down; None where the file does not say, and the highest pressure divides the branches.
    further
        Other columns by name.
    """

    uptake: FloatArray
    pressure: FloatArray | None = None
    saturation: FloatArray | None = None
    relative: FloatArray | None = None
    desorption: FloatArray | None = None
    further: Mapping[str, FloatArray] = field(default_factory=dict)


def bar_per(text: str) -> float | None:
    """Factor from a unit of pressure to bar; None when it is none."""
    return _BAR.get(re.sub(r"[\s.]", "", text).lower())


def uptake_factor(text: str, gas: str = "") -> float | None:
    """Factor from a unit of what is adsorbed per mass to mmol g-1; None when it is none.

    Parameters
    ----------
    text
        Such as ``cm3/g STP``, ``cc(STP) g^-1``, ``mmol/g``, ``mg/g``, ``wt%``; without a mass, per gram.
    gas
        The adsorptive, whose molar mass what was weighed needs.
    """
    word = unicodedata.normalize("NFKC", text).lower().replace("μ", "u")
    word = re.sub(r"\(?@?\s*stp\)?|\s+", " ", word).replace("^", "").replace("³", "3").strip()
    known = gas_named(gas)
    weighed = 1e3 / known.molar_mass if known else None  # mmol in a gram
    if word.replace(" ", "") in {"wt%", "%wt", "mass%"}:
        return weighed / 100 if weighed else None
    parts = re.fullmatch(r"(k?mol|[mu]mol|cm3|cc|ml|l|k?g|mg)\s*(?:(?:/|per)?\s*(k?g|mg)\s*(?:-1)?)?", word)
    if not parts:
        return None
    amount, mass = parts[1], _GRAM[parts[2] or "g"]
    if amount in _GRAM:
        return _GRAM[amount] * weighed / mass if weighed and parts[2] else None
    return (_MOLE | _STP)[amount] / mass


def dataset(path: Path, table: Table, gas: str, temperature: float, said: list[str]) -> xr.Dataset:
    """The measurement a table holds; what had to be left out or looked odd is added to `said`.

    Parameters
    ----------
    path
        The file, for messages.
    table
        Its points.
    gas, temperature
        What the file says, the latter in kelvin and NaN where it does not; they are held against each other.
    said
        Warnings.

    Raises
    ------
    ReaderError
        When no point is left.
    """
    columns = {"uptake": table.uptake, "pressure": table.pressure, "saturation_pressure": table.saturation}
    columns |= {"relative_pressure": table.relative, "desorption": table.desorption, **table.further}
    given = {name: np.asarray(column, float) for name, column in columns.items() if column is not None}
    places = [given[name] for name in ("pressure", "relative_pressure") if name in given]
    if not places:
        raise ReaderError(path, "there is no column of pressures")
    known = np.isfinite(given["uptake"]) & np.isfinite(places).all(axis=0)
    if not known.any():
        raise ReaderError(path, "there is no point with a pressure and an amount adsorbed")
    if not known.all():
        said.append(f"{int((~known).sum())} points without a pressure or an amount were left out")
    given = {name: column[known] for name, column in given.items()}
    given |= _derived(given)
    place = given["pressure"] if "pressure" in given else given["relative_pressure"]
    if "desorption" not in given:
        given["desorption"] = branches(place)
    said += doubts(given, gas, temperature)
    return measurement("sorption", given)


def _derived(given: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Absolute pressure of the relative one, or the other way round, where the instrument measured p0."""
    if "saturation_pressure" not in given:
        return {}
    p0 = given["saturation_pressure"]
    if "pressure" not in given:
        return {"pressure": given["relative_pressure"] * p0}
    return {} if "relative_pressure" in given else {"relative_pressure": given["pressure"] / p0}


def branches(pressure: FloatArray) -> FloatArray:
    """1 after the highest pressure, 0 up to it."""
    found: FloatArray = (np.arange(len(pressure)) > int(np.argmax(pressure))).astype(float)
    return found


def doubts(given: Mapping[str, FloatArray], gas: str, temperature: float) -> list[str]:
    """What does not fit together in an isotherm, in words."""
    found = []
    known = gas_named(gas)
    p0 = float(known.saturation_pressure(temperature)) if known else np.nan
    if gas and known is None:
        found.append(f"{gas}: its vapour pressure and molecule are not known here; known are {', '.join(GASES)}")
    elif known and np.isfinite(temperature) and not np.isfinite(p0):
        found.append(
            f"{known.name} has no liquid at {temperature:g} K, which the file gives as the temperature of the bath:"
            f" if that is wrong, open_measurement(..., temperature='77.35 K')"
        )
    measured = given.get("saturation_pressure")
    if measured is not None and np.isfinite(p0) and abs(float(np.nanmedian(measured)) / p0 - 1) > 0.1:
        found.append(
            f"the file's vapour pressure of {float(np.nanmedian(measured)):.4g} bar is not that of {called(gas)} at"
            f" {temperature:g} K, {p0:.4g} bar"
        )
    negative = int((given["uptake"] < 0).sum())
    if negative:
        found.append(f"{negative} amounts are negative: the cold volume, or a leak")
    return found


def metadata(gas: str, temperature: float, **further: object) -> dict[str, object]:
    """Metadata as a person would type them; what is not known is left out.

    Parameters
    ----------
    gas
        As the file calls it.
    temperature
        [K]
    **further
        As they are.
    """
    found: dict[str, object] = {"gas": called(gas)} if gas else {}
    if np.isfinite(temperature):
        found["temperature"] = f"{temperature!r} K"
    return found | {name: value for name, value in further.items() if value not in {"", None}}


def number_in(text: object) -> float:
    """The first number in a text such as ``1,013.25 mbar``; NaN without one."""
    if isinstance(text, int | float):
        return float(text)
    found = re.search(r"[-+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?", str(text))
    return float(found[0].replace(",", "")) if found else float("nan")


def kelvin(text: object, units: str = "") -> float:
    """A temperature in kelvin from a text such as ``77.300 K`` or ``25 °C``; in kelvin where nothing else is said."""
    said = units or str(text)
    offset = 273.15 if re.search(r"(°|º|deg)?\s*C\b", said) and "K" not in said else 0.0
    return number_in(text) + offset


def numbers(rows: Sequence[Sequence[str]], column: int) -> FloatArray:
    """A column of texts as numbers, NaN where there is none."""
    return np.array([_number(row[column]) if column < len(row) else np.nan for row in rows])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
