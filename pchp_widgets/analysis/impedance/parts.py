"""What the arcs of a fit mean: series, coating, SEI and charge-transfer resistance, and their capacitances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.stated import stated_numbers, stated_texts
from ..circuits import Circuit, circuit
from ..circuits.tree import Element
from .arc_numbers import APART, DETERMINED, arc_arrays, covariance_of
from .outcome import STATUS

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ROLES: dict[str, str] = {
    "series": "conducts ions as the electrolyte does; its resistance is counted to the series resistance",
    "coating": "the coating",
    "sei": "the solid electrolyte interphase",
    "charge_transfer": "charge transfer",
    "interface": "the interfaces as a whole, where SEI and charge transfer are one arc",
    "none": "left out",
}
"""What an arc can stand for."""

USUAL = {
    0: (),
    1: ("interface",),
    2: ("sei", "charge_transfer"),
    3: ("coating", "sei", "charge_transfer"),
}
"""Roles of the arcs of a circuit by their number, in order of time constant, where nobody says otherwise."""

INTERFACIAL = ("sei", "charge_transfer", "interface")
"""Roles that make up the interfacial resistance."""

_DOUBTED = ("not_converged", "not_causal", "invalid", "short", "absent", "noisy")


class _Sum(NamedTuple):
    """A sum of resistances (cell, spectrum), its error, and whether it can be told from the rest."""

    value: FloatArray
    error: FloatArray
    resolved: BoolArray


def resistances(
    found: xr.Dataset,
    roles: Sequence[str] | Mapping[str, str] | None = None,
    *,
    interfaces: int | None = None,
    keep_doubtful: bool = False,
) -> xr.Dataset:
    r"""Resistances and capacitances by what they mean, of the cell, per area and per interface.

    A sum of resistances has the variance :math:`\sum_{ij}\mathrm{cov}(R_i, R_j)`.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.impedance.fit`.
    roles
        What each arc stands for, one of :data:`ROLES`: in the order of the circuit's text, or by the name of the
        resistance, the others being left out. :data:`USUAL` when left out; the choice is in ``attrs["roles"]``.
    interfaces
        Interfaces that are in series in a cell. When left out, two for cells of ``kind`` symmetric or transport, and
        unknown for others, whose electrodes differ.
    keep_doubtful
        Whether to keep numbers of spectra that fail the Kramers-Kronig test, are noise, or whose fit did not converge.

    Returns
    -------
    Dataset
        (cell, spectrum): ``series_resistance``, ``sei_resistance``, ``charge_transfer_resistance``,
        ``interfacial_resistance`` (SEI, charge transfer and interface together), ``coating_resistance`` where an arc
        has this role [ohm]; ``sei_capacitance`` and so on [F]; ``areal_`` of each [ohm cm2, F cm-2]; ``interface_`` of
        those of the interfaces: per area of one interface. All with ``_stderr``. NaN where an arc is not resolved from
        one outside the sum, lies outside the frequencies, or is not known to half of itself; ``reason`` says what the
        fit had to say.

    Raises
    ------
    ValueError
        When a role is not known, an arc not there, or the circuit has more than three arcs and no roles are given.
    """
    of = circuit(str(found.attrs["circuit"]))
    by_arc = _roles(of, roles)
    doubted = (found["status"].values & sum(STATUS[name][0] for name in _DOUBTED)) > 0
    variables = _variables(found, of, _members(by_arc), doubted & (not keep_doubtful))
    area = stated_numbers(found, "area")
    alike = ("symmetric", "transport")
    symmetric = np.array([2.0 if kind in alike else np.nan for kind in stated_texts(found, "kind")])
    count = symmetric if interfaces is None else np.full(len(area), float(interfaces))
    variables |= _per_area(variables, area, "areal_", "per area of the electrode")
    of_interface = {
        name: values for name, values in variables.items() if name.startswith((*INTERFACIAL, "interfacial"))
    }
    variables |= _per_area(of_interface, area / count, "interface_", "per area of one interface")
    said = ", ".join(f"{arc.resistance}: {role}" for arc, role in zip(of.arcs(), by_arc, strict=True))
    own = {"status": found["status"], "reason": found["reason"]}
    return xr.Dataset(variables | own, found["status"].coords, {**found.attrs, "roles": said})


def _members(by_arc: tuple[str, ...]) -> dict[str, list[int]]:
    """Numbers of the arcs that belong to each resistance."""
    found = {role: [k for k, own in enumerate(by_arc) if own == role] for role in ROLES}
    sums = {role: found[role] for role in ("series", "coating", "sei", "charge_transfer")}
    if not sums["coating"]:
        del sums["coating"]
    return {**sums, "interfacial": [k for k, role in enumerate(by_arc) if role in INTERFACIAL]}


def _roles(of: Circuit, roles: Sequence[str] | Mapping[str, str] | None) -> tuple[str, ...]:
    """Role of each arc, in the order of the text."""
    names = [arc.resistance for arc in of.arcs()]
    if roles is None:
        if len(names) not in USUAL:
            raise ValueError(f"roles: {of.text} has {len(names)} arcs; say what each of {', '.join(names)} stands for")
        return USUAL[len(names)]
    if isinstance(roles, Mapping):
        unknown = [name for name in roles if name not in names]
        if unknown:
            raise ValueError(f"roles: {of.text} has no arc {unknown[0]!r}; it has {', '.join(names)}")
        found = tuple(roles.get(name, "none") for name in names)
    else:
        found = tuple(roles)
    if len(found) != len(names):
        raise ValueError(f"roles: {of.text} has the arcs {', '.join(names)}; {len(found)} roles were given")
    for role in found:
        if role not in ROLES:
            raise ValueError(f"roles: {role!r} is not known; choose among {', '.join(ROLES)}")
    return found


Variable = tuple[tuple[str, str], FloatArray, dict[str, str]]


def _variables(
    found: xr.Dataset, of: Circuit, members: Mapping[str, list[int]], doubted: BoolArray
) -> dict[str, Variable]:
    """Resistances of all roles, and capacitances of those that have one arc."""
    values = found["value"].transpose("cell", "spectrum", "parameter").values
    covariance = covariance_of(found.transpose("cell", "spectrum", "parameter", "other", ...))
    numbers = arc_arrays(of, values, covariance, found["frequency_lowest"].values, found["frequency_highest"].values)
    place = np.log10(numbers.value["time_constant"])
    names = [arc.resistance for arc in of.arcs()]
    made: dict[str, Variable] = {}
    for role, arcs in members.items():
        parts = [of.index(names[k]) for k in arcs] + (_in_series(of) if role == "series" else [])
        total = _total(values, covariance, parts)
        told = total.resolved & ~doubted & _apart(place, arcs) & numbers.inside[..., arcs].all(-1)
        if role == "series":  # an arc beyond the highest frequency cannot be told from a resistance
            told &= (place >= -np.log10(2 * np.pi * found["frequency_highest"].values)[..., None]).all(-1)
        which = " + ".join(of.parameters[k].name for k in parts)
        _add(made, f"{role}_resistance", "ohm", which, np.where(told, total.value, np.nan), total.error)
        if len(arcs) == 1 and role != "series":
            value, error = (part["capacitance"][..., arcs[0]] for part in (numbers.value, numbers.error))
            text = f"time constant of the arc of {which} over {which}"
            _add(made, f"{role}_capacitance", "F", text, np.where(told, value, np.nan), error)
    return made


def _total(values: FloatArray, covariance: FloatArray, parts: list[int]) -> _Sum:
    if not parts:
        nothing = np.full(values.shape[:-1], np.nan)
        return _Sum(nothing, nothing, np.zeros(nothing.shape, bool))
    value = values[..., parts].sum(-1)
    within = covariance[..., parts, :][..., parts]
    with np.errstate(invalid="ignore"):
        error = np.sqrt(within.sum((-2, -1)))
        return _Sum(value, error, np.asarray(error <= DETERMINED * value))


def _apart(place: FloatArray, arcs: list[int]) -> BoolArray:
    """Whether no arc of the sum is within a decade of one outside it."""
    others = [k for k in range(place.shape[-1]) if k not in arcs]
    if not arcs or not others:
        return np.ones(place.shape[:-1], bool)
    gap = np.abs(place[..., arcs][..., None] - place[..., others][..., None, :])
    return np.asarray((gap >= APART).all((-2, -1)))


def _in_series(of: Circuit) -> list[int]:
    """Places of the resistors that all the current passes."""
    parts = getattr(of.root, "parts", (of.root,)) if not str(of.root).startswith("p(") else ()
    return [part.first for part in parts if isinstance(part, Element) and part.symbol == "R"]


def _add(made: dict[str, Variable], name: str, units: str, which: str, value: FloatArray, error: FloatArray) -> None:
    dims = ("cell", "spectrum")
    linked = {"ancillary_variables": f"{name}_stderr"}
    made[name] = (dims, value, {"units": units, "definition": which or "no arc has this role", **linked})
    of_error = np.where(np.isfinite(value), error, np.nan)
    said = {"units": units, "definition": f"standard error of {name}, from the covariance of the fit"}
    made[f"{name}_stderr"] = (dims, of_error, said)


def _per_area(of: Mapping[str, Variable], area: FloatArray, prefix: str, words: str) -> dict[str, Variable]:
    """Resistances times the area, capacitances over it."""
    found: dict[str, Variable] = {}
    for name, (dims, values, attrs) in of.items():
        units = f"{attrs['units']} cm2" if attrs["units"] == "ohm" else f"{attrs['units']} cm-2"
        scale = area if attrs["units"] == "ohm" else 1 / area
        said = {**attrs, "units": units, "definition": f"{attrs['definition']}, {words}"}
        if "ancillary_variables" in attrs:
            said["ancillary_variables"] = f"{prefix}{name}_stderr"
        found[f"{prefix}{name}"] = (dims, values * scale[:, None], said)
    return found
