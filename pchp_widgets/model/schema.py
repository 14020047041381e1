"""Names, dimensions and units of every variable, and the check that a dataset keeps to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from .units import UnitError, conversion

SCHEMA_VERSION = "2"

MODES = (
    "rest",
    "cc_charge",
    "cc_discharge",
    "cv_charge",
    "cv_discharge",
    "charge",
    "discharge",
    "eis",
)
"""Meanings of the step ``mode`` 0, 1, 2, ...; ``charge`` and ``discharge`` are steps whose control is not known."""

IDLE_MODES = (MODES.index("rest"), MODES.index("eis"))
"""Modes in which no charge is passed on purpose."""

CV_MODES = (MODES.index("cv_charge"), MODES.index("cv_discharge"))
"""Modes in which the voltage is held."""

CONTROLS = ("rest", "cc", "cv", "eis", "unknown")
"""Meanings of the point ``control`` 0, 1, 2, ...: what the instrument held, as far as its file says."""

FLAGS = {
    "interrupted": 1,
    "time_reversed": 2,
    "current_derived": 4,
    "current_assumed": 8,
}
"""Bits of the step variable ``flags``."""


@dataclass(frozen=True)
class Variable:
    """One variable of the model."""

    name: str
    dims: tuple[str, ...]
    units: str
    long_name: str
    required: bool = False
    dtype: str = "f8"

    @cached_property
    def attrs(self) -> dict[str, object]:
        """Attributes every stored variable of this name carries; a copy goes into each dataset."""
        found: dict[str, object] = {"long_name": self.long_name}
        if self.units:
            found["units"] = self.units
        meanings = {"mode": MODES, "control": CONTROLS}.get(self.name)
        if meanings:
            found |= {"flag_values": list(range(len(meanings))), "flag_meanings": " ".join(meanings)}
        if self.name == "flags":
            found |= {"flag_masks": list(FLAGS.values()), "flag_meanings": " ".join(FLAGS)}
        return found


_P, _S, _Z = ("point",), ("cell", "cycle", "step"), ("cell", "spectrum", "frequency")

POINTS = (
    Variable("time", _P, "s", "time since the start of the test", required=True),
    Variable("voltage", _P, "V", "cell voltage", required=True),
    Variable("current", _P, "mA", "current, positive on charge or stripping of the working electrode", required=True),
    Variable("charge_counter", _P, "mA h", "the instrument's own net charge counter"),
    Variable("energy_counter", _P, "mW h", "the instrument's own net energy counter"),
    Variable("instrument_cycle", _P, "1", "cycle number as the instrument wrote it", dtype="i8"),
    Variable("instrument_step", _P, "1", "step number as the instrument wrote it", dtype="i8"),
    Variable("control", _P, "", "what the instrument controlled", dtype="i1"),
    Variable("temperature", _P, "degC", "cell temperature"),
    Variable("file_number", _P, "1", "which of the files of the cell the point is from, counted from 0", dtype="i2"),
)

STEPS = (
    Variable("mode", _S, "", "kind of step; -1 where there is none", required=True, dtype="i1"),
    Variable("time_start", _S, "s", "time of the first point of the step", required=True),
    Variable("duration", _S, "s", "time from the first to the last point of the step", required=True),
    Variable("charge", _S, "mA h", "charge passed, signed: integral of the current inside the step", required=True),
    Variable("energy", _S, "mW h", "integral of voltage times current inside the step, signed"),
    Variable("charge_counter", _S, "mA h", "net charge of the step by the instrument's own counter"),
    Variable("charge_difference", _S, "mA h", "charge minus charge_counter"),
    Variable("current_mean", _S, "mA", "charge over duration"),
    Variable("current_density", _S, "mA cm-2", "current_mean over the electrode area"),
    Variable("areal_capacity", _S, "mA h cm-2", "charge over the electrode area, signed"),
    Variable("voltage_mean", _S, "V", "time-weighted mean voltage"),
    Variable("voltage_start", _S, "V", "voltage of the first point"),
    Variable("voltage_end", _S, "V", "voltage of the last point"),
    Variable("voltage_min", _S, "V", "lowest voltage"),
    Variable("voltage_max", _S, "V", "highest voltage"),
    Variable("point_start", _S, "1", "index of the first point; -1 where there is no step", required=True, dtype="i8"),
    Variable("point_count", _S, "1", "number of points; 0 where there is no step", required=True, dtype="i8"),
    Variable("instrument_cycle", _S, "1", "cycle number as the instrument wrote it; -1 where unknown", dtype="i8"),
    Variable("instrument_step", _S, "1", "step number as the instrument wrote it; -1 where unknown", dtype="i8"),
    Variable("flags", _S, "", "what to know before using the step", dtype="i2"),
)

SPECTRA = (
    Variable("z_real", _Z, "ohm", "real part of the impedance", required=True),
    Variable("z_imag", _Z, "ohm", "imaginary part of the impedance (negative for a capacitor)", required=True),
    Variable("time", ("cell", "spectrum"), "s", "time of the first frequency since the start of the test"),
    Variable("voltage", ("cell", "spectrum"), "V", "cell voltage at the first frequency"),
    Variable("cycle", ("cell", "spectrum"), "1", "cycle in which the spectrum was taken; -1 where there is none"),
)

GROUPS = {"points": POINTS, "steps": STEPS, "spectra": SPECTRA}
_ENTRIES = {(group, entry.name): entry for group, entries in GROUPS.items() for entry in entries}


def variable(group: str, name: str) -> Variable:
    """The entry of the schema for one variable of ``"points"``, ``"steps"`` or ``"spectra"``."""
    return _ENTRIES[group, name]


def dataset(
    group: str,
    columns: Mapping[str, np.ndarray],
    *,
    coords: Mapping[str, object] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """Put arrays under their names with the dimensions and attributes of the schema.

    Parameters
    ----------
    group
        ``"points"``, ``"steps"`` or ``"spectra"``.
    columns
        Arrays by name. Names the schema does not have are kept as extra variables along ``point`` (points only),
        with the instrument's own name as ``long_name``.
    coords
        Coordinates, as :class:`xarray.Dataset` takes them.
    attrs
        Attributes of the dataset.
    """
    variables = {}
    for name, values in columns.items():
        entry = _ENTRIES.get((group, name))
        if entry is None and group != "points":
            raise KeyError(f"{name} is no variable of {group}")
        dims, own = (entry.dims, entry.attrs) if entry else (("point",), {"long_name": name})
        variables[_stored_name(name)] = (dims, values, own)
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _stored_name(name: str) -> str:
    # "/" separates groups in Zarr and netCDF; the original name stays in long_name
    return name.replace("/", " in ")


def validate(data: xr.Dataset | xr.DataTree, group: str | None = None) -> list[str]:
    """Say in words everything that is wrong with a dataset.

    Parameters
    ----------
    data
        Points, steps or spectra, or a tree that has them as children.
    group
        Which of them a Dataset is; told from its dimensions when left out.

    Returns
    -------
    list of str
        One sentence per problem; empty when there is none.
    """
    if isinstance(data, xr.DataTree):
        found = [problem for name in GROUPS if name in data for problem in validate(data[name].to_dataset(), name)]
        missing = {"steps", "points"} - set(data.children)
        return [f"{name}: the group is missing" for name in sorted(missing)] + found
    if group is None:
        group = next((name for name, entries in GROUPS.items() if set(entries[0].dims) <= set(data.dims)), "points")
    problems = [text for entry in GROUPS[group] for text in variable_problems(data, group, entry)]
    if group == "points" and not problems:
        problems += _point_problems(data)
    return problems


def variable_problems(data: xr.Dataset, group: str, entry: Variable) -> list[str]:
    """What is wrong with one variable of a dataset, which the group is called in words."""
    where = f"{group}.{entry.name}"
    if entry.name not in data.variables:
        return [f"{where}: required variable is missing"] if entry.required else []
    found = data[entry.name]
    if tuple(found.dims) != entry.dims:
        return [f"{where}: dimensions are {tuple(map(str, found.dims))}, expected {entry.dims}"]
    if found.dtype.kind not in "iuf":
        return [f"{where}: values are of type {found.dtype}, numbers expected"]
    units = str(found.attrs.get("units", ""))
    if units == entry.units:
        return []
    try:
        conversion(units, entry.units)
    except UnitError as error:
        return [f"{where}: {error}"]
    return [f"{where}: units are {units!r}, expected {entry.units!r}"]


def _point_problems(points: xr.Dataset) -> list[str]:
    problems = []
    for name in ("time", "voltage", "current"):
        missing = int(np.count_nonzero(~np.isfinite(points[name].values)))
        if missing:
            problems.append(f"points.{name}: {missing} of {points.sizes['point']} values are not finite")
    backwards = int(np.count_nonzero(np.diff(points["time"].values) < 0))
    if backwards:
        problems.append(f"points.time: runs backwards {backwards} times")
    return problems
