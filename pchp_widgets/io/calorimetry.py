"""What readers of calorimeter files share: columns by their headers, the sign of the heat flow, sound curves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.measurements import measurement
from ..model.units import UnitError, conversion
from .contract import ReaderError, ReadOptions

FloatArray = npt.NDArray[np.float64]

TARGETS = {"time": "s", "temperature": "degC", "heat_flow": "mW", "specific_heat_flow": "W g-1", "segment": "1"}
"""Quantities a column can hold, with the unit they are brought to."""

_WORDS = (
    ("segment", re.compile(r"^segment\b")),
    ("time", re.compile(r"^(time|zeit|t)$|^(run|test|elapsed|total) time\b|^time\b")),
    ("temperature", re.compile(r"^(sample temp|temp|ts$|t s\b|tr$)")),
    ("heat_flow", re.compile(r"^(heat ?flow|hf$|dsc\b|unsubtracted heat ?flow|value$|fw\b)|^normalized heat ?flow")),
)
_WORSE = re.compile(r"furnace|program|set ?point|reference|tr$")  # temperatures that are not the sample's
_UNITS = {
    "øc": "degC", "°c": "degC", "ºc": "degC", "c": "degC", "deg c": "degC", "celsius": "degC", "k": "K", "°f": "",
    "min": "min", "s": "s", "sec": "s", "h": "h", "mw": "mW", "w": "W", "uw": "uW", "µw": "uW",
    "w/g": "W g-1", "mw/mg": "W g-1", "wg^-1": "W g-1", "w g-1": "W g-1", "w/kg": "W kg-1", "mw/g": "mW g-1",
}  # fmt: skip
_UNIT = re.compile(r"^(.*?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\]|/\s*\(?([^()]*)\)?)\s*$")


class Heading(NamedTuple):
    """What a column holds; `exo_up` where its header says so itself."""

    quantity: str
    units: str
    exo_up: bool | None = None


def heading(header: str, unit: str = "") -> Heading | None:
    """What a header such as ``Heat Flow (mW)``, ``DSC/(mW/mg)`` or ``Heat Flow Endo Up (mW)`` means.

    Parameters
    ----------
    header
        As in the file.
    unit
        From a row of units below it, where there is one.
    """
    text = header.strip().strip("#").strip()
    found = _UNIT.match(text)
    name, given = (found[1], next(part for part in found.groups()[1:] if part is not None)) if found else (text, "")
    units = _UNITS.get((unit.strip().strip("[]()") or given).strip().lower(), "")
    plain = re.sub(r"[^a-zà-ÿ ]+", " ", name.lower()).strip()
    quantity = next((word for word, pattern in _WORDS if pattern.search(plain)), None)
    if quantity is None or (quantity != "segment" and not units):
        return None
    exo_up = None
    if quantity == "heat_flow":
        exo_up = _stated_direction(plain)
        quantity = "specific_heat_flow" if units.endswith("g-1") else quantity
    try:
        conversion(units or "1", TARGETS[quantity])
    except UnitError:
        return None
    return Heading(quantity, units or "1", exo_up)


def _stated_direction(plain: str) -> bool | None:
    if re.search(r"exo\w* up|endo\w* down", plain):
        return True
    return False if re.search(r"endo\w* up|exo\w* down", plain) else None


def assigned(
    path: Path,
    headers: Sequence[str],
    units: Sequence[str],
    options: ReadOptions,
    needed: Sequence[str] = ("temperature", "time"),
) -> dict[str, tuple[int, Heading]]:
    """Which column holds what: what the caller says, then what the headers say; the sample's own temperature first.

    Beside those `needed` there has to be a heat flow.

    Raises
    ------
    ReaderError
        When the caller's map names no column, or temperature, time or heat flow is in none; lists the headers.
    """
    found: dict[str, tuple[int, Heading]] = {}
    read = [heading(text, unit) for text, unit in zip(headers, [*units, *[""] * len(headers)], strict=False)]
    for place in sorted(range(len(headers)), key=lambda at: bool(_WORSE.search(headers[at].lower().strip()))):
        one = read[place]
        if one is not None and one.quantity not in found:
            found[one.quantity] = (place, one)
    for name, wanted in options.columns.items():
        place, one = _mapped(path, name, wanted, headers, read)

        found[one.quantity] = place, one
    missing = [name for name in needed if name not in found]
    if not {"heat_flow", "specific_heat_flow"} & set(found):
        missing.append("heat_flow")
    if missing:
        listed = ", ".join(repr(text.strip()) for text in headers)
        example = ", ".join(f'"{name}": "<header> [{TARGETS[name]}]"' for name in missing)
        wanted = " and ".join(name.replace("_", " ") for name in missing)
        raise ReaderError(
            path,
            f"no column says that it holds {wanted} with its unit; the headers are {listed}. Say which it is: "
            f"columns={{{example}}}" + (_NO_TIME if missing == ["time"] else ""),
        )
    return found


_NO_TIME = (
    ". A heat is an integral over time: best export the curve again with its time; or give the rate of a single ramp, "
    'columns={"time": "10 K/min"}'
)


def _mapped(
    path: Path, name: str, wanted: str, headers: Sequence[str], read: Sequence[Heading | None]
) -> tuple[int, Heading]:
    if name not in TARGETS:
        raise ReaderError(path, f"columns: {name!r} is no quantity; known are {', '.join(TARGETS)}")
    plain = [text.strip() for text in headers]
    direction = re.fullmatch(r"(.*?)\s+(exo|endo) up", wanted.strip())
    title, unit = (direction[1] if direction else wanted).strip(), ""
    if title not in plain and (parts := re.fullmatch(r"(.*?)\s*\[([^\]]*)\]", title)):
        title, unit = parts[1], parts[2]
    if title not in plain:
        raise ReaderError(path, f"columns: there is no column {title!r}; the headers are {', '.join(plain)}")
    place = plain.index(title)
    known = read[place]
    units = unit or (known.units if known is not None else "")
    units = _UNITS.get(units.strip().lower(), units)
    if name == "heat_flow" and units.endswith("g-1"):
        name = "specific_heat_flow"
    try:
        conversion(units or "1", TARGETS[name])
    except UnitError as error:
        raise ReaderError(path, f'columns: {name}: {error}; write "{title} [{TARGETS[name]}]"') from None
    exo_up = direction[2] == "exo" if direction else (known.exo_up if known is not None else None)
    return place, Heading(name, units or "1", exo_up)


def mass_of(text: str) -> tuple[dict[str, object], list[str]]:
    """Metadata with the mass of the sample from what a file says (``5.2 mg``), or what is wrong with it."""
    size = re.match(r"\s*(\d+(?:[.,]\d+)?)\s*(mg|g|ug|µg)\b", text.replace("\t", " "))
    if size and float(size[1].replace(",", ".")) > 0:
        return {"mass": f"{size[1].replace(',', '.')} {size[2]}"}, []
    if not text.strip():
        return {}, []  # the analysis asks for it, unless the caller gives it
    return {}, [f"the mass of the sample reads {text.strip()!r}: heats per mass need it, give mass='5.2 mg'"]


def curve(
    path: Path, columns: Mapping[str, tuple[FloatArray, str]], *, exo_up: bool | None, attrs: Mapping[str, object]
) -> tuple[xr.Dataset, list[str]]:
    """A measurement from columns in the units of the file, with endothermic positive, and what is doubtful of it.

    Parameters
    ----------
    path
        Named in errors.
    columns
        Values and their unit by quantity.
    exo_up
        Whether the file draws exothermic upwards; None when it does not say, which is taken for endothermic up.
    attrs
        Attributes of the measurement.

    Raises
    ------
    ReaderError
        When fewer than three rows have time, temperature and heat flow.
    """
    said, stored = [], {}
    for name, (values, units) in columns.items():
        factor, offset = conversion(units, TARGETS[name])
        stored[name] = values * factor + offset
    flows = [name for name in ("heat_flow", "specific_heat_flow") if name in stored]
    whole = np.logical_and.reduce([np.isfinite(stored[name]) for name in ("time", "temperature", *flows)])
    if np.count_nonzero(whole) < 3:
        raise ReaderError(path, "fewer than three rows have a time, a temperature and a heat flow")
    if not whole.all():
        said.append(f"{np.count_nonzero(~whole)} rows lack time, temperature or heat flow: left out")
        stored = {name: values[whole] for name, values in stored.items()}
    if "segment" in stored:
        stored["segment"] = np.unique(stored["segment"], return_inverse=True)[1].astype(float)
    time = stored["time"]
    back = int(np.count_nonzero(np.diff(time) < 0))
    if back:
        said.append(f"time runs backwards {back} times: heats across these points are wrong")
    for name in flows:
        stored[name] = -stored[name] if exo_up else stored[name]
    if exo_up is None:
        said.append(
            "the file does not say whether exothermic is up: endothermic is taken to be positive. If that is wrong: "
            'columns={"heat_flow": "<header> exo up"}'
        )
        heating = np.gradient(stored["temperature"]) > 0
        if heating.any() and np.median(stored[flows[0]][heating]) < 0:
            said.append("on heating the heat flow is below zero, as it is where exothermic is up: make sure of it")
    stored["time"] = time - time[0]
    direction = {True: "exothermic", False: "endothermic", None: "assumed endothermic"}[exo_up]
    about = {"file_direction_up": direction, "time_offset": float(time[0]), **attrs}
    return measurement("thermal", stored, attrs=about), said
