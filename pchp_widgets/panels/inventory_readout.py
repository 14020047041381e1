"""What the panel of the lithium ledger says in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from ..plots import theme
from .readout import Line

EXPLAINED = {
    "reservoir": "lithium on the anode before the first charge: thickness x 0.2062 mA h cm⁻² µm⁻¹ (F density / M)",
    "N/P": "reservoir / capacity of the cathode: lithium of the anode only, the first of two conventions",
    "(N+P)/P": "the other convention: lithium on the anode of the charged cell / capacity of the cathode",
    "excess lithium": "X = reservoir - (1 - CE) x all charge plated so far, CE being that of lithium",
    "ledger": "while X > 0 each cycle passes P; afterwards the capacity falls by CE in each cycle",
    "end of life": "N0 / (P (1 - CE)) + ln(level) / ln(CE), if nothing but lost lithium ends the cell",
    "lower bound": (
        "a cell that is alive after plating Q in all lost no more than its reservoir: CE ≥ 1 - N0 / Q, "
        "if the cathode takes back what it gives"
    ),
    "strict lower bound": (
        "in brackets behind the other: (all stripped - largest N0) / all plated; "
        "holds whatever else takes part of the charge"
    ),
    "CE and retention": (
        "without excess lithium a cell keeps CE^n of its capacity, CE being the mean of the cell; "
        "one that keeps more draws on its excess, or the missing charge was no lithium"
    ),
    "specific energy": (
        "capacity x mean voltage / mass of cathode, lithium, half of the foils, separator, electrolyte and coating"
    ),
    "energy density": "the same per volume, with all electrolyte inside the pores",
}
"""What the words of the panel mean."""

HEADS = {
    "lithium": (
        "reservoir",
        "N/P · (N+P)/P",
        "as measured",
        "plated",
        "excess, cycle {cycle}",
        "CE of lithium",
        "end of life",
    ),
    "energy": ("stack", "without coating", "the coating costs", "electrolyte"),
}
"""What stands above the columns, by view."""

_UNDECIDED = -1


def lithium_lines(
    model: xr.Dataset,
    reservoir: tuple[float, float, float],
    balance: xr.Dataset | None,
    measured: xr.Dataset | None,
    cycle: int,
    remarks: Mapping[str, str],
) -> list[Line]:
    """The ledger in one line, and one per cell.

    Parameters
    ----------
    model, measured
        As given by :mod:`pchp_widgets.plots.inventory_view`.
    reservoir
        Lowest, assumed and highest [mA h cm-2].
    balance
        As given by :func:`~pchp_widgets.analysis.inventory.balance`, with what
        :func:`~pchp_widgets.analysis.inventory.contradiction` says, and ``level_cycle``, ``level_reached``.
    cycle
        The selected one.
    remarks
        What to say of some of the cells.
    """
    low, end, high = model["end"].values
    excess = model["excess"].values[1, model["cycle"].values == cycle]
    own = Line(
        theme.INK,
        "ledger",
        (
            f"{reservoir[1]:.2f} ± {reservoir[2] - reservoir[1]:.2f} mA h cm⁻²",
            _both_ways(reservoir[1] / model.attrs["nominal"]),
            "",
            "",
            f"{excess[0]:.2f}" if np.isfinite(excess).any() else "",
            f"{100 * model.attrs['efficiency']:.2f} %",
            _cycles(end, low, high),
        ),
    )
    if balance is None or measured is None:
        return [own]
    cells = [balance.isel(cell=at) for at in range(balance.sizes["cell"])]
    return [own, *(_cell_line(one, measured, cycle, model.attrs["level"], remarks) for one in cells)]


def contradiction_in_words(of: xr.Dataset) -> str:
    """What mean efficiency and retention of one cell say together.

    Parameters
    ----------
    of
        As given by :func:`~pchp_widgets.analysis.inventory.contradiction`, for one cell.
    """
    flag = int(of["flag"])
    if flag == _UNDECIDED:
        return "mean CE and retention cannot be compared"
    n, efficiency, product, kept, share = (
        float(of[name]) for name in ("n", "efficiency", "product", "retention", "missing_share")
    )
    said = f"a mean CE of {100 * efficiency:.2f} % leaves {100 * product:.0f} % after {n:.0f} cycles"
    if flag == 0:
        return f"{said}, as much as there is ({100 * kept:.0f} %)"
    if flag == 3:
        return f"{said}, but only {100 * kept:.0f} % is left: the capacity is lost elsewhere"
    paid = "the reservoir is not known" if np.isnan(share) else f"which takes {100 * share:.1f} % of the reservoir"
    if flag == 2:
        paid = f"which would take {100 * share:.0f} % of the reservoir: more than there is"
    return f"{said}, but {100 * kept:.0f} % is left: they contradict each other unless the excess lithium pays, {paid}"


def energy_lines(course: xr.Dataset) -> list[Line]:
    """The chosen stack in one line.

    Parameters
    ----------
    course
        As given by :func:`~pchp_widgets.plots.inventory_view.against_coating`.
    """
    of = course.isel(stack=course.attrs["chosen"])
    kg, litre, kg_bare, litre_bare, kg_cost, litre_cost, kg_share, litre_share, filling = (
        float(of[name])
        for name in (
            "specific_energy", "energy_density", "specific_energy_uncoated", "energy_density_uncoated",
            "specific_cost", "density_cost", "specific_cost_share", "density_cost_share", "pore_filling",
        )
    )  # fmt: skip
    known = np.isfinite(litre)
    remarks = []
    if filling > 1:
        remarks.append(
            f"the electrolyte takes {filling:.1f} times the volume of the pores: the stack is thicker than counted"
        )
    if not known:
        remarks.append("the density of this cathode is not known: give cathode_density for numbers per volume")
    electrolyte = float(of["mass"].sel(component="electrolyte") / of["mass"].sum("component"))
    return [
        Line(
            theme.HUES[0],
            f"coating of {float(of['coating_thickness']):g} µm",
            (
                f"{kg:.1f} W h kg⁻¹" + (f", {litre:.0f} W h L⁻¹" if known else ""),
                f"{kg_bare:.1f} W h kg⁻¹" + (f", {litre_bare:.0f} W h L⁻¹" if known else ""),
                f"{kg_cost:.1f} W h kg⁻¹ ({100 * kg_share:.1f} %)"
                + (f", {litre_cost:.0f} W h L⁻¹ ({100 * litre_share:.1f} %)" if known else ""),
                f"{100 * electrolyte:.0f} % of the mass",
            ),
            tuple(remarks),
        )
    ]


def efficiency_in_words(of: xr.Dataset) -> str:
    """What is known of the efficiency of lithium of one cell, from :func:`~pchp_widgets.analysis.inventory.balance`."""
    known, low, high = (100 * float(of[f"lithium_efficiency{side}"]) for side in ("", "_low", "_high"))
    if np.isfinite(known):
        return f"{known:.2f} % ({low:.2f} to {high:.2f})"
    bound, strict = 100 * float(of["lowest_efficiency"]), 100 * float(of["lowest_efficiency_strict"])
    if not np.isfinite(bound) or bound <= 0:
        return "no bound yet"
    return f"≥ {bound:.2f} % (≥ {max(strict, 0.0):.2f})"


def _cell_line(of: xr.Dataset, measured: xr.Dataset, cycle: int, level: float, remarks: Mapping[str, str]) -> Line:
    name = str(of["cell"].item())
    here = measured.sel(cell=name)
    plated = float(of["plated"])
    notes = [contradiction_in_words(of)]
    if left_out := int(of["left_out"]):
        notes.append(f"{left_out} cycle{'s' * (left_out != 1)} with one half only left out")
    if name in remarks:
        notes.append(remarks[name])
    there = here["cycle"].values == cycle
    plated_then, excess = (here[name].values[there] for name in ("plated", "excess"))
    at = f"{excess[0]:.2f}" if np.isfinite(plated_then).any() else ""
    return Line(
        str(here["color"].item()),
        name,
        (
            "",
            _both_ways(float(of["n_to_p_nominal"])),
            _both_ways(float(of["n_to_p_measured"])),
            f"{plated:.0f} mA h cm⁻²" if np.isfinite(plated) else "area not known",
            at,
            efficiency_in_words(of),
            end_in_words(of, level),
        ),
        tuple(notes),
    )


def _both_ways(ratio: float) -> str:
    """N/P by both conventions."""
    return f"{ratio:.2f} · {ratio + 1:.2f}" if np.isfinite(ratio) else "not known"


def end_in_words(of: xr.Dataset, level: float) -> str:
    """What happened to one cell, from a balance with ``level_cycle`` and ``level_reached``."""
    said = []
    if int(of["exhausted"]) == 1:
        said.append(f"used up at {int(of['exhausted_cycle'])}")
    reached = int(of["level_reached"])
    if reached == 1:
        said.append(f"{100 * level:g} % at {float(of['level_cycle']):.0f}")
    elif reached == 0:
        said.append(f"above {100 * level:g} % to {float(of['level_cycle']):.0f}")
    return "; ".join(said) or "not known"


def _cycles(middle: float, low: float, high: float) -> str:
    def one(value: float) -> str:
        return f"{value:.0f}" if np.isfinite(value) else "∞"

    return f"{one(middle)} ({one(low)} to {one(high)})"


__all__: list[Any] = [
    "EXPLAINED",
    "HEADS",
    "contradiction_in_words",
    "efficiency_in_words",
    "end_in_words",
    "energy_lines",
    "lithium_lines",
]
