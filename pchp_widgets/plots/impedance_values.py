"""Quantities of fitted spectra that can be drawn against the cycle: parameters, and what their arcs mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import impedance
from ..analysis.circuits import Circuit, circuit
from ..analysis.impedance.parts import USUAL
from ..model.stated import stated_numbers, stated_texts
from ..model.units import pretty

FloatArray = npt.NDArray[np.float64]

PER = {
    "cell": "as measured, of the whole cell",
    "area": "of the whole cell, for 1 cm² of electrode",
    "interface": "for 1 cm² of one of the two interfaces that a symmetric cell has in series; unknown for others",
}
"""What resistances and capacitances are given for."""

ROLES = {
    "series_resistance": "series resistance",
    "coating_resistance": "resistance of the coating",
    "sei_resistance": "SEI resistance",
    "charge_transfer_resistance": "charge-transfer resistance",
    "interfacial_resistance": "interfacial resistance",
}
"""Resistances by what they mean."""

PREFIXES = {"cell": "", "area": "areal_", "interface": "interface_"}
"""How variables of :func:`~pchp_widgets.analysis.impedance.resistances` begin, by what they are given for."""

_DISQUALIFYING = ("not_converged", "too_few_points", "invalid", "not_causal", "short", "absent", "noisy")
_OF_ARCS = {
    "capacitance": ("effective capacitance", "F"),
    "time_constant": ("time constant", "s"),
}
_POWER = {"resistance": 1, "warburg": 1, "inductance": 1, "capacitance": -1, "admittance": -1}
"""Of the area by which a quantity of a cell is multiplied."""
_MICRO = 1e6


class Quantity(NamedTuple):
    """What one of the names stands for: words, units for the whole cell, power of the area."""

    words: str
    units: str
    power: int


def quantities(of: Circuit) -> dict[str, Quantity]:
    """What can be drawn of the fits of a circuit, by name: resistances by role, numbers of arcs, parameters."""
    found = {name: Quantity(ROLES[name], "ohm", 1) for name in roles(of)}
    for arc in of.arcs():
        for name, (words, units) in _OF_ARCS.items():
            power = -1 if name == "capacitance" else 0
            found[f"{arc.resistance}.{name}"] = Quantity(f"{words} of the arc of {arc.resistance}", units, power)
    for parameter in of.parameters:
        found[parameter.name] = Quantity(parameter.name, parameter.units, _POWER.get(parameter.kind, 0))
    return found


def roles(of: Circuit) -> list[str]:
    """Those of :data:`ROLES` that the arcs of a circuit usually have; none where nobody can say."""
    usual = USUAL.get(len(of.arcs()), ())
    names = [f"{role}_resistance" for role in usual if role != "interface"]
    return ["series_resistance", *names, "interfacial_resistance"] if usual else []


def values(found: xr.Dataset, name: str, per: str = "cell") -> xr.Dataset:
    """One quantity of every spectrum.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.impedance.fit`.
    name
        One of :func:`quantities`.
    per
        One of :data:`PER`; NaN where the area is not known.

    Returns
    -------
    Dataset
        (cell, spectrum): ``value`` with its units and ``long_name``, ``stderr``, and ``sound``: whether no flag speaks
        against it.

    Raises
    ------
    ValueError
        When the circuit has no such quantity.
    """
    of = circuit(str(found.attrs["circuit"]))
    known = quantities(of)
    if name not in known:
        raise ValueError(f"{of.text} has no {name!r}; it has {', '.join(known)}")
    quantity = known[name]
    if name in ROLES:
        return _of_role(found, name, per)
    value, stderr, doubted = _of_cell(found, name)
    in_series = name in of.names and not any(name in {arc.resistance, *arc.capacitor} for arc in of.arcs())
    scale, units = _scaled(found, quantity, "area" if in_series and per == "interface" else per)
    attrs = {"units": units, "long_name": quantity.words}
    sound = np.isfinite(value) & ~doubted & ~flagged(found, _DISQUALIFYING)
    dims = ("cell", "spectrum")
    return xr.Dataset(
        {
            "value": (dims, value * scale[:, None], attrs),
            "stderr": (dims, stderr * scale[:, None], attrs),
            "sound": (dims, sound),
        },
        {"cell": found["cell"].values},
    )


def table(data: xr.Dataset, name: str, *more: str) -> npt.NDArray[Any]:
    """Values of a variable (cell, spectrum, ...)."""
    variable, dims = data.variables[name], ("cell", "spectrum", *more)
    found: npt.NDArray[Any] = variable.values if variable.dims == dims else variable.transpose(*dims).values
    return found


def flagged(found: xr.Dataset, names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Spectra (cell, spectrum) with any of these flags."""
    bits = sum(impedance.STATUS[name][0] for name in names)
    return np.asarray(table(found, "status") & bits) > 0


def unit_text(units: str) -> str:
    """Units as a person reads them, those of constant phase and Warburg elements too."""
    return pretty(units).replace("s-0.5", "s⁻½").replace("s^n", "sⁿ")


def _of_role(found: xr.Dataset, name: str, per: str) -> xr.Dataset:
    """A resistance by what it means; one that is not resolved is NaN."""
    own = f"{PREFIXES[per]}{name}"
    if own not in (of := impedance.resistances(found)):  # a series resistance is that of no interface
        own = f"areal_{name}"
    attrs = {"units": of[own].attrs["units"], "long_name": ROLES[name]}
    dims, value = ("cell", "spectrum"), table(of, own)
    variables = {"value": (dims, value, attrs), "stderr": (dims, table(of, f"{own}_stderr"), attrs)}
    return xr.Dataset({**variables, "sound": (dims, np.isfinite(value))}, {"cell": found["cell"].values})


def _of_cell(found: xr.Dataset, name: str) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Value, standard error, and where something of its own speaks against it; (cell, spectrum) each."""
    resistance, _, part = name.partition(".")
    if part:
        of = impedance.arcs(found)
        at = of["arc"].values.tolist().index(resistance)
        value, stderr, resolved = (table(of, own, "arc")[..., at] for own in (part, f"{part}_stderr", "resolved"))
        return value, stderr, ~resolved
    at = found["parameter"].values.tolist().index(name)
    value, stderr, held = (table(found, own, "parameter")[..., at] for own in ("value", "value_stderr", "at_bound"))
    arcs = circuit(str(found.attrs["circuit"])).arcs()
    in_an_arc = any(name in {arc.resistance, *arc.capacitor} for arc in arcs)
    return value, stderr, held | (flagged(found, ("arcs_unresolved",)) if in_an_arc else np.zeros(value.shape, bool))


def _scaled(found: xr.Dataset, quantity: Quantity, per: str) -> tuple[FloatArray, str]:
    """What the values of each cell are multiplied by, and the units they have then."""
    scale = np.ones(found.sizes["cell"])
    micro = quantity.units == "F"
    units = "uF" if micro else quantity.units
    if per != "cell" and quantity.power:
        symmetric = np.array([kind == "symmetric" for kind in stated_texts(found, "kind")])
        faces = np.where(symmetric, 2.0, np.nan) if per == "interface" else 1.0
        scale = (stated_numbers(found, "area") / faces) ** quantity.power
        first, _, rest = units.partition(" ")
        units = " ".join(filter(None, (first, "cm2" if quantity.power > 0 else "cm-2", rest)))
    return scale * (_MICRO if micro else 1.0), units
