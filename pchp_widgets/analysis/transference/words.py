"""What results of a polarization are called: units, definitions, and what to know before using them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LABEL = "steady-state current fraction"
MEANING = (
    "ρ+ = I_ss (ΔV - I_0 R_0) / (I_0 (ΔV - I_ss R_ss)), the steady-state current fraction. It equals the transference "
    "number t+ only in a dilute, ideal electrolyte; in a concentrated one it is 1/(1 + Ne) and may differ much from t+"
)

LARGEST_VOLTAGE = 0.020
"""Beyond it a polarization is not linear [V]."""
DRIFT_LIMIT = 0.01
"""Largest relative change of the current per hour at a steady state [1/h]."""
RATIO_LIMIT = 5.0
"""Largest R_int/R_b with which the fraction can be told."""
GROWTH_LIMIT = 1.2
"""Largest R_ss/R_0 of interfaces that are taken for unchanged."""
DISAGREEMENT_LIMIT = 0.05
"""Largest relative difference of two initial currents that are taken for the same."""

FALL_LIMIT = 0.05
"""Largest relative fall of the bulk resistance during a polarization without a metallic path."""
VOLTAGE_ERROR, CURRENT_ERROR, RESISTANCE_ERROR = 1e-5, 2e-3, 5e-3
"""Standard errors taken for granted unless something else is said: of a voltage [V], and relative ones of a current
and of a resistance. The scatter of a trace and the error of a fit know nothing of the gain of an instrument."""

FLAGS: dict[str, tuple[int, str]] = {
    "no_driving_force": (
        1,
        "the interfaces take the whole voltage (ΔV - I_0 R_0 or ΔV - I_ss R_ss is not positive): no fraction exists",
    ),
    "interfaces_dominate": (
        2,
        f"R_int/R_b is above {RATIO_LIMIT:g}: errors of the resistances are amplified beyond use",
    ),
    "not_steady": (4, f"the current still changes by more than {DRIFT_LIMIT:.0%} per hour at the end"),
    "steadiness_unknown": (8, "whether the current is steady at the end cannot be told"),
    "voltage_high": (16, f"ΔV is above {LARGEST_VOLTAGE * 1e3:g} mV: the response is not linear"),
    "out_of_range": (32, "the fraction lies outside 0 to 1"),
    "interfaces_grew": (64, f"R_ss/R_0 is above {GROWTH_LIMIT:g}: the interfaces grew during the polarization"),
    "initial_currents_disagree": (
        128,
        f"the initial current differs by more than {DISAGREEMENT_LIMIT:.0%} from ΔV / (R_b + R_0)",
    ),
    "electronic_path": (
        256,
        (
            "more current flows than the resistances allow, it rises during the polarization, or the bulk resistance "
            f"fell by more than {FALL_LIMIT:.0%}: a soft short, which raises the fraction towards 1"
        ),
    ),
    "not_measured": (512, "a quantity is missing"),
}
"""What to know of a fraction: bit and meaning."""

DISQUALIFYING = ("no_driving_force", "interfaces_dominate", "not_steady", "voltage_high", "out_of_range",
                 "electronic_path", "not_measured")  # fmt: skip
"""Flags that make a fraction unusable; the others are to be said with it."""

ATTRS: dict[str, tuple[str, str]] = {
    "current_fraction": ("1", MEANING),
    "current_fraction_stderr": ("1", "first order in independent errors of voltage, currents and resistances"),
    "current_fraction_low": ("1", "lower end of the Monte Carlo interval"),
    "current_fraction_high": ("1", "upper end of the Monte Carlo interval"),
    "bulk_corrected_fraction": ("1", "ρ+ R_b,ss / R_b,0, where the bulk resistance changed during the polarization"),
    "current_ratio": ("1", "I_ss / I_0, what is left when the interfaces are not taken off"),
    "amplification": (
        "1",
        "ΔV / (ΔV - I_0 R_0): by how much a relative error of the initial current is enlarged in the fraction",
    ),
    "steady_amplification": ("1", "ΔV / (ΔV - I_ss R_ss): the same for the steady current"),
    "resistance_ratio": ("1", "R_int / R_b before the polarization"),
    "resistance_growth": ("1", "R_ss / R_0"),
    "voltage": ("V", "ΔV, step of the voltage against the cell at rest"),
    "initial_current": ("mA", "I_0 as it was used"),
    "ohmic_current": ("mA", "ΔV / (R_b + R_0)"),
    "disagreement": ("1", "measured initial current over ΔV / (R_b + R_0), less 1"),
    "steady_current": ("mA", "I_ss: straight line through the last fifth of the polarization, at its end"),
    "initial_resistance": ("ohm", "R_0: the arcs that count as interface, in the spectrum before the polarization"),
    "steady_resistance": ("ohm", "R_ss: the same in the spectrum at its steady state"),
    "bulk_resistance": ("ohm", "R_b: series resistance and all arcs that do not count as interface, before"),
    "steady_bulk_resistance": ("ohm", "the same at the steady state"),
    "flags": ("", "; ".join(f"{bit}: {text}" for bit, text in FLAGS.values())),
    "usable": ("", "1: the fraction can be used, with what the flags say; 0: it cannot; -1: undecided"),
}


def bits(**true: BoolArray) -> IntArray:
    """Flags of every cell."""
    found: IntArray = np.sum([np.where(values, FLAGS[name][0], 0) for name, values in true.items()], axis=0)
    return found


def attrs(name: str, names: object = ()) -> dict[str, Any]:
    """Attributes of a result, linked to its standard error where there is one among `names`."""
    of = name.removesuffix("_stderr")
    units, definition = ATTRS.get(name) or (ATTRS[of][0], f"standard error of {of}")
    found: dict[str, Any] = {"definition": definition} | ({"units": units} if units else {})
    if isinstance(names, dict) and f"{name}_stderr" in names:
        found["ancillary_variables"] = f"{name}_stderr"
    if name == "flags":
        found |= {"flag_masks": [bit for bit, _ in FLAGS.values()], "flag_meanings": " ".join(FLAGS)}
    return found
