"""Lithium inventory of cells with a lithium anode: reservoir, N/P, throughput, and the efficiency that follows.

Everything is per area of the cathode. A charge plates lithium and a discharge strips it, whichever comes first.
The formulas stand in :mod:`.ledger`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.stated import stated_numbers
from . import ledger as formulas
from ._cycling import FloatArray, ratio
from .cycling import mean_efficiency, retention
from .inventory_exhaustion import RAN_OUT, run_out

THICKNESS_TOLERANCE = 0.1
"""Relative tolerance of the thickness of a lithium foil, taken for granted unless something else is said."""

NEEDED = {
    "lithium_thickness": "reservoir, N/P, bound or prediction",
    "area": "areal capacity, and nothing that rests on it",
    "nominal_capacity": "N/P against the nominal capacity",
}
"""Metadata the ledger needs, and what for."""

_COURSE = {
    "plated": ("mA h cm-2", "charge capacity passed so far, i.e. lithium plated; cycles without both halves left out"),
    "stripped": ("mA h cm-2", "discharge capacity passed so far, i.e. lithium stripped, of the same cycles"),
    "plated_thickness": ("um", "plated / (F density / M of lithium), as dense lithium"),
    "turnovers": ("1", "plated / reservoir: how often the reservoir was plated over"),
    "not_returned": (
        "mA h cm-2",
        "plated - stripped: lithium the cathode did not take back, with all charge that went elsewhere",
    ),
    "lowest_efficiency": (
        "1",
        "1 - reservoir / plated, below the efficiency of lithium while excess is left; NaN after it is used up",
    ),
    "lowest_efficiency_low": ("1", "the same with the largest reservoir"),
    "lowest_efficiency_high": ("1", "the same with the smallest reservoir"),
    "lowest_efficiency_strict": (
        "1",
        "(stripped - largest reservoir) / plated: holds for any cathode, side reaction or short, and to the very end",
    ),
}


def missing(found: xr.Dataset) -> dict[str, list[str]]:
    """What the ledger needs and nobody said: names of metadata, by cell; cells that have everything are left out."""
    unknown = {name: ~np.isfinite(stated_numbers(found, name)) for name in NEEDED}
    lacks = {
        str(cell): [name for name in NEEDED if unknown[name][row]] for row, cell in enumerate(found["cell"].values)
    }
    return {cell: names for cell, names in lacks.items() if names}


def reservoir(
    found: xr.Dataset,
    *,
    tolerance: float = THICKNESS_TOLERANCE,
    lithium_area: float | None = None,
    utilisation: float = 1.0,
) -> xr.Dataset:
    """Lithium on the anode before the first charge, per area of the cathode.

    Parameters
    ----------
    found
        As given by :func:`.cycling.per_cycle`; its coordinates ``lithium_thickness`` [um] and ``area`` [cm2] are used.
    tolerance
        Relative tolerance of the thickness.
    lithium_area
        Area of the lithium [cm2] where it is not that of the cathode, which ``area`` is. Only lithium opposite the
        cathode counts; what lies beyond its edge is ``edge_lithium``.
    utilisation
        Share of the lithium that can be used.

    Returns
    -------
    Dataset
        (cell): ``reservoir`` with ``_low`` and ``_high``, ``edge_lithium`` [mA h cm-2]; NaN where the thickness is not
        known.

    Raises
    ------
    ValueError
        When the tolerance is not between 0 and 1, or the utilisation or the area is not above 0.
    """
    if not 0 <= tolerance < 1:
        raise ValueError(f"tolerance {tolerance}: a share of the thickness is expected, such as 0.1 for 10 %")
    if not 0 < utilisation <= 1:
        raise ValueError(f"utilisation {utilisation}: a share above 0 and at most 1 is expected")
    if lithium_area is not None and not lithium_area > 0:
        raise ValueError(f"lithium_area {lithium_area}: an area above 0 is expected, in cm2")
    area = stated_numbers(found, "area")
    covered = np.ones_like(area) if lithium_area is None else lithium_area / area
    whole = formulas.lithium_capacity(stated_numbers(found, "lithium_thickness"), utilisation)
    facing = whole * np.minimum(covered, 1.0)
    said = f"lithium_thickness x F density / M x utilisation {utilisation:g}, as far as it is opposite the cathode"
    band = f"thickness ± {100 * tolerance:g} %"
    values = {
        "reservoir": (facing, said),
        "reservoir_low": (facing * (1 - tolerance), f"{said}; {band}"),
        "reservoir_high": (facing * (1 + tolerance), f"{said}; {band}"),
        "edge_lithium": (whole * np.maximum(covered - 1.0, 0.0), "lithium beyond the edge of the cathode, not counted"),
    }
    return _per_cell(found, {name: (array, "mA h cm-2", text) for name, (array, text) in values.items()}).assign_attrs(
        tolerance=tolerance, utilisation=utilisation
    )


def ledger(found: xr.Dataset, of: xr.Dataset) -> xr.Dataset:
    """What was cycled so far, and the lower bounds of the efficiency of lithium that follow.

    Parameters
    ----------
    found
        As given by :func:`.cycling.per_cycle`.
    of
        As given by :func:`reservoir`.

    Returns
    -------
    Dataset
        (cell, cycle): ``plated``, ``stripped``, ``not_returned`` [mA h cm-2], ``plated_thickness`` [um],
        ``turnovers``, ``lowest_efficiency`` (``_low``, ``_high``) and ``lowest_efficiency_strict``, NaN beyond the last
        cycle with both halves; (cell): ``left_out``, cycles with one half only, which count for nothing, and
        ``exhausted_cycle`` with ``exhausted``: 1 the cell ran out of lithium, 0 not by its last cycle (which
        ``exhausted_cycle`` then is), -1 undecided.

    Notes
    -----
    A cell that has run out of lithium gives back less than it takes, and its capacity falls by that in each cycle.
    So it has where, up to the end of the test and over windows of ten cycles, both losses are at least half, and the
    fade is at most twice, what the ledger asks for at that point: 1 - CE = reservoir / plated.
    """
    charge, discharge = (_two(found, f"{way}_areal_capacity") for way in ("charge", "discharge"))
    whole = _both(charge, discharge)
    last = whole.shape[1] - 1 - whole[:, ::-1].argmax(1)
    inside = whole.any(1, keepdims=True) & (np.arange(whole.shape[1]) <= last[:, None])
    plated, stripped = (
        np.where(inside, np.cumsum(np.where(whole, one, 0.0), axis=1), np.nan) for one in (charge, discharge)
    )
    n0, low, high = (of[name].values[:, None] for name in ("reservoir", "reservoir_low", "reservoir_high"))
    kept = retention(found, of="discharge_areal_capacity")["retention"].values
    opens_with_charge = np.broadcast_to(found["opens"].values == "charge", plated.shape[:1])
    place, observed = run_out(kept, ratio(discharge, charge), ratio(n0, plated), last, opens_with_charge)
    alive = np.where(observed[:, None] == RAN_OUT, np.arange(whole.shape[1]) <= place[:, None], True)
    table = {
        "plated": plated,
        "stripped": stripped,
        "plated_thickness": formulas.lithium_thickness(plated),
        "turnovers": ratio(plated, n0),
        "not_returned": plated - stripped,
        "lowest_efficiency": np.where(alive, formulas.lowest_efficiency(n0, plated), np.nan),
        "lowest_efficiency_low": np.where(alive, formulas.lowest_efficiency(high, plated), np.nan),
        "lowest_efficiency_high": np.where(alive, formulas.lowest_efficiency(low, plated), np.nan),
        "lowest_efficiency_strict": formulas.lowest_efficiency_strict(high, plated, stripped),
    }
    variables: dict[str, Any] = {
        name: (("cell", "cycle"), values, dict(zip(("units", "definition"), _COURSE[name], strict=True)))
        for name, values in table.items()
    }
    numbers = np.where(whole.any(1), found["cycle"].values[place], -1)
    half = (np.isfinite(charge) ^ np.isfinite(discharge)).sum(1)
    variables |= {
        "left_out": ("cell", half, {"definition": "cycles of which one half is missing; they count for nothing"}),
        "exhausted_cycle": ("cell", numbers, {"long_name": "cycle from which lithium limits, or the last one"}),
        "exhausted": ("cell", observed, {"flag_values": [-1, 0, 1], "flag_meanings": "undecided not_yet ran_out"}),
    }
    return xr.Dataset(variables, {"cycle": found["cycle"], **_cell_coords(found)})


def balance(found: xr.Dataset, of: xr.Dataset, course: xr.Dataset, *, reference_cycle: int = 3) -> xr.Dataset:
    """N/P by both conventions against both capacities, throughput, and the efficiency of lithium, cell by cell.

    Parameters
    ----------
    found
        As given by :func:`.cycling.per_cycle`; its coordinate ``nominal_capacity`` [mA h cm-2] is used.
    of
        As given by :func:`reservoir`.
    course
        As given by :func:`ledger`.
    reference_cycle
        Cycle whose discharge capacity is the measured one; see :func:`.cycling.retention`.

    Returns
    -------
    Dataset
        (cell): all of `of`; ``nominal_capacity``, ``measured_capacity``, ``mean_capacity`` [mA h cm-2];
        ``n_to_p_nominal``, ``n_to_p_measured``, ``total_to_p_nominal``, ``total_to_p_measured``, each with ``_low`` and
        ``_high``; ``first_loss`` [mA h cm-2]; ``plated``, ``plated_thickness``, ``turnovers``, ``cycles`` and
        ``lowest_efficiency`` (``_low``, ``_high``, ``_strict``) at the end; ``lithium_efficiency`` (``_low``,
        ``_high``), known only where the cell ran out of lithium.
    """
    nominal = stated_numbers(found, "nominal_capacity")
    measured = retention(found, reference_cycle, "discharge_areal_capacity")["reference_value"].values
    charge, discharge = (_two(found, f"{way}_areal_capacity") for way in ("charge", "discharge"))
    whole = _both(charge, discharge)
    rows, first = np.arange(len(whole)), whole.argmax(1)
    count = whole.sum(1)
    place = np.maximum(np.searchsorted(found["cycle"].values, course["exhausted_cycle"].values), 0)
    at_end = {name: _last_known(course[name].values) for name in _COURSE}
    found_out = course["exhausted"].values == RAN_OUT
    low, high = at_end["lowest_efficiency_low"], at_end["lowest_efficiency_high"]
    table: dict[str, tuple[npt.NDArray[Any], str, str]] = {
        "nominal_capacity": (nominal, "mA h cm-2", "capacity the cell was designed for"),
        "measured_capacity": (measured, "mA h cm-2", f"discharge capacity of cycle {reference_cycle}, or as retention"),
        "mean_capacity": (
            ratio(course["plated"].values[rows, place], whole.cumsum(1)[rows, place]),
            "mA h cm-2",
            "plated / cycles, as long as the cell had not run out of lithium",
        ),
        "first_loss": (
            np.where(count > 0, (charge - discharge)[rows, first], np.nan),
            "mA h cm-2",
            "charge - discharge capacity of the first cycle: lithium the cathode gave once, or a side reaction",
        ),
        **_n_to_p(of, nominal, measured),
        **{name: (values, *_COURSE[name]) for name, values in at_end.items()},
        "cycles": (count, "1", "cycles with both halves"),
    }
    text = "1 - reservoir / plated at the cycle where the lithium ran out; NaN where it did not"
    for suffix, values in (("", at_end["lowest_efficiency"]), ("_low", low), ("_high", high)):
        table[f"lithium_efficiency{suffix}"] = (np.where(found_out, values, np.nan), "1", text)
    kept = course[["exhausted", "exhausted_cycle", "left_out"]].reset_coords(drop=True)
    return xr.merge([of, kept], combine_attrs="override").assign(_per_cell(found, table).data_vars)


def contradiction(found: xr.Dataset, of: xr.Dataset, *, reference_cycle: int = 3, margin: float = 0.02) -> xr.Dataset:
    """Whether the mean Coulombic efficiency and the retention of a cell agree, and what pays where they do not.

    Without excess lithium a cell keeps CE^n of its capacity. A cell that keeps more has drawn on its excess (or the
    charge that did not come back was never lithium).

    Parameters
    ----------
    found
        As given by :func:`.cycling.per_cycle`.
    of
        As given by :func:`balance`.
    reference_cycle
        Cycle that the retention refers to, and the first of the mean.
    margin
        Difference of retention and product above which they contradict each other.

    Returns
    -------
    Dataset
        (cell): ``efficiency`` (arithmetic mean) with ``_stderr``, ``n`` cycles from the reference to the last one,
        ``product`` = efficiency^n, ``retention`` at the last cycle, ``efficiency_needed`` for it without excess,
        ``missing_charge`` = cycles (1 - efficiency) P [mA h cm-2] with P nominal, or measured where that is not known,
        ``missing_share`` of the reservoir, and ``flag``: 0 agree, 1 contradict and the excess can pay, 2 contradict and
        the excess is too small, 3 the capacity fades faster than the efficiency explains, -1 undecided.
    """
    mean = mean_efficiency(found, first=reference_cycle)
    kept = retention(found, reference_cycle, "discharge_areal_capacity")
    n, at_end = _at_end(kept)
    efficiency = mean["arithmetic"].values
    product = formulas.efficiency_product(efficiency, n)
    nominal, measured = of["nominal_capacity"].values, of["measured_capacity"].values
    charge = formulas.charge_missing(efficiency, of["cycles"].values, np.where(np.isfinite(nominal), nominal, measured))
    share = ratio(charge, of["reservoir"].values)
    flag = np.select(
        [~np.isfinite(product - at_end) | (n < 1), product < at_end - margin, product > at_end + margin],
        [-1, np.where(share > 1, 2, 1), 3],
        0,
    ).astype(np.int8)
    one = "1"
    result = _per_cell(
        found,
        {
            "efficiency": (efficiency, one, str(mean["arithmetic"].attrs["definition"])),
            "efficiency_stderr": (mean["stderr"].values, one, str(mean["stderr"].attrs["definition"])),
            "n": (n, one, "cycles from the reference to the last one that counts"),
            "product": (product, one, "efficiency ^ n: what is left without excess lithium"),
            "retention": (at_end, one, "discharge capacity of the last cycle that counts / that of the reference"),
            "efficiency_needed": (formulas.efficiency_needed(at_end, n), one, "retention ^ (1/n)"),
            "missing_charge": (charge, "mA h cm-2", "cycles x (1 - efficiency) x P"),
            "missing_share": (share, one, "missing charge / reservoir"),
            "flag": (flag, one, f"difference of retention and product, margin {margin:g}"),
        },
    )
    words = "undecided agree excess_pays excess_too_small fades_faster"
    result["flag"].attrs |= {"flag_values": [-1, 0, 1, 2, 3], "flag_meanings": words}
    result["efficiency"].attrs["ancillary_variables"] = "efficiency_stderr"
    return result


def _at_end(kept: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    """Cycles from the reference to the last one that counts, and the retention there."""
    left, start = kept["retention"].values, kept["reference_cycle"].values
    known = np.isfinite(left)
    last = left.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    n = np.where(known.any(1), kept["cycle"].values[last] - start, 0).astype(float)
    return n, _last_known(left)


def _n_to_p(of: xr.Dataset, nominal: FloatArray, measured: FloatArray) -> dict[str, tuple[FloatArray, str, str]]:
    table = {}
    for word, capacity in (("nominal", nominal), ("measured", measured)):
        for suffix in ("", "_low", "_high"):
            found = ratio(of[f"reservoir{suffix}"].values, capacity)
            table[f"n_to_p_{word}{suffix}"] = (found, "1", f"N / P: reservoir / {word} capacity")
            text = f"(N + P) / P: lithium on the anode of the charged cell / {word} capacity"
            table[f"total_to_p_{word}{suffix}"] = (found + 1.0, "1", text)
    return table


def _last_known(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    last = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.where(known.any(1), values[np.arange(len(values)), last], np.nan)


def _two(found: xr.Dataset, name: str) -> FloatArray:
    values: FloatArray = found[name].transpose("cell", "cycle").values
    return values


def _both(charge: FloatArray, discharge: FloatArray) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.isfinite(charge) & np.isfinite(discharge)
    return found


def _cell_coords(found: xr.Dataset) -> dict[str, Any]:
    return {str(name): value for name, value in found.coords.items() if value.dims == ("cell",)}


def _per_cell(found: xr.Dataset, table: dict[str, tuple[npt.NDArray[Any], str, str]]) -> xr.Dataset:
    # a result of the same name as a coordinate takes its place
    coords = {name: value for name, value in _cell_coords(found).items() if name not in table}
    variables = {
        name: ("cell", values, {"units": units, "definition": text}) for name, (values, units, text) in table.items()
    }
    return xr.Dataset(variables, coords)


__all__ = ["NEEDED", "THICKNESS_TOLERANCE", "balance", "contradiction", "ledger", "missing", "reservoir"]
