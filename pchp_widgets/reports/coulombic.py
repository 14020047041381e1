"""Tables of the report of Li||Cu cells; the numbers come from :mod:`pchp_widgets.analysis.coulombic`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import coulombic as analysis
from ..analysis.nucleation import FOUND, NO_PLATING, OUTCOMES
from ..panels.coulombic_readout import runs_in_words
from .tables import Column, Table

FloatArray = npt.NDArray[np.float64]

_PERCENT, _MILLI = 100.0, 1e3
_BALANCE = (
    "The charge balance is all that was stripped over all that was plated; by the modified protocol that is the "
    "efficiency itself. The floor, by the formula of the reservoir protocol, lies below it: it counts the whole "
    "reservoir as lost."
)
_INTERVAL = (
    "Charges are taken to have independent relative errors of {error:g} %; a gain error they share cancels. The "
    "interval says how well this cell is known, not how much equal cells differ."
)


def cells_table(cells: Sequence[xr.DataTree], found: xr.Dataset) -> Table:
    """What was tested: one row per cell."""
    of = [found.sel(cell=str(tree.name)) for tree in cells]
    area = np.array([float(one["area"]) if "area" in one.coords else np.nan for one in of])
    per_area = bool(np.isfinite(area).all())
    share, units = (area, "mA h cm-2") if per_area else (np.ones(len(of)), "mA h")
    hours = [float((tree["steps"]["time_start"] + tree["steps"]["duration"]).max()) / 3600 for tree in cells]
    plated = np.array([float(one["plated"].median()) for one in of]) / share
    columns = [
        Column("cell", [str(tree.name) for tree in cells]),
        Column("coating", [str(one["coating"].values) if "coating" in one.coords else "" for one in of]),
        Column("protocol", [str(one["procedure"].item()) for one in of]),
        Column("recognised_by", [str(one["reason"].item()) for one in of]),
        Column("area", area.tolist(), "cm2"),
        Column("plated", plated.tolist(), units),
        Column("cut_off", [float(one["cut_off"]) for one in of], "V", digits=2),
        Column("cycles", [int(one["cycle_efficiency"].notnull().sum()) for one in of]),
        Column("test_time", hours, "h", digits=1),
        Column("points", [tree["points"].sizes["point"] for tree in cells]),
    ]
    notes = [
        "Plated: median over the cycles. Cut-off: median of the highest voltage of strippings that went on to one."
    ]
    if not per_area:
        notes.append("The area of a cell is unknown: charge stands in mA h.")
    return Table("cells", "The cells.", columns, notes=notes, view=[c for c in columns if c.name != "recognised_by"])


def efficiency_table(found: xr.Dataset, confidence: float = 0.95) -> Table:
    """Coulombic efficiency of every cell by its protocol, with interval and definition."""
    cells = [found.isel(cell=at) for at in range(found.sizes["cell"])]
    bounds = [
        analysis.interval(float(one["coulombic_efficiency"]), float(one["coulombic_efficiency_stderr"]), confidence)
        for one in cells
    ]
    said = analysis.remarks(found)

    def percent(name: str) -> list[float]:
        return [float(one[name]) * _PERCENT for one in cells]

    names = Column("cell", [str(one["cell"].item()) for one in cells])
    protocol = Column("protocol", [str(one["procedure"].item()) for one in cells])
    value = Column("efficiency", percent("coulombic_efficiency"), "%", percent("coulombic_efficiency_stderr"), 2)
    low = Column("low", [low * _PERCENT for low, _ in bounds], "%", digits=2)
    high = Column("high", [high * _PERCENT for _, high in bounds], "%", digits=2)
    at_least = Column("at_least", percent("coulombic_efficiency_low"), "%", digits=2)
    others = [
        Column("median", percent("median"), "%", digits=2),
        Column("sd", percent("sd"), "%", digits=2),
        Column("cycles_used", [float(one["cycles_used"]) for one in cells], digits=0),
        Column("balance", percent("balance"), "%", digits=2),
        Column("floor", percent("floor"), "%", digits=1),
    ]
    charges = [
        Column(name, [float(one[of]) for one in cells], "mA h")
        for name, of in (("Q_T", "reservoir"), ("Q_c", "cycled"), ("Q_s", "left"))
    ]
    remarks = Column("remarks", ["; ".join(said[str(name)]) for name in names.values])
    definition = Column("definition", [str(one["definition_used"].item()) for one in cells])
    used = [protocol for protocol in analysis.DEFINITIONS if protocol in set(found["procedure"].values.tolist())]
    undecided = [
        f"{name}: undecided, {said[str(name)][0]}."
        for name, kind in zip(names.values, protocol.values, strict=True)
        if kind == "undecided"
    ]
    return Table(
        "coulombic_efficiency",
        f"Coulombic efficiency by protocol, ± one standard error, with its {confidence * _PERCENT:g} % interval.",
        [names, protocol, value, low, high, at_least, *others, *charges, remarks, definition],
        definitions=[(protocol, analysis.DEFINITIONS[protocol]) for protocol in used],
        notes=[_INTERVAL.format(error=found.attrs["charge_error"] * _PERCENT), _BALANCE, *undecided],
        view=[names, protocol, value, low, high, at_least, *others],
    )


def cycles_table(found: xr.Dataset) -> Table:
    """Every cycle in the csv; on the page which of them are not in the mean, and why."""
    use = found["use"].transpose("cell", "cycle").values
    ratio, error, plated, stripped = (
        found[name].transpose("cell", "cycle").values
        for name in ("cycle_efficiency", "cycle_efficiency_stderr", "plated", "stripped")
    )
    cell, cycle = np.nonzero(np.isfinite(plated) | np.isfinite(stripped))
    names = found["cell"].values
    words = [analysis.USES[number] if number >= 0 else "" for number in use[cell, cycle]]
    out = {str(name): analysis.left_out(found, str(name)) for name in names}
    galvanostatic = [str(name) for name in names if found["procedure"].sel(cell=name) == "galvanostatic"]
    rows = [(name, why, runs_in_words(cycles)) for name in galvanostatic for why, cycles in out[name].items()]
    return Table(
        "cycle_efficiency",
        "Cycles that are not in the mean of a galvanostatic test.",
        [
            Column("cell", [str(name) for name in names[cell]]),
            Column("cycle", found["cycle"].values[cycle].tolist()),
            Column("plated", plated[cell, cycle].tolist(), "mA h"),
            Column("stripped", stripped[cell, cycle].tolist(), "mA h"),
            Column(
                "efficiency", (ratio[cell, cycle] * _PERCENT).tolist(), "%", (error[cell, cycle] * _PERCENT).tolist()
            ),
            Column("use", words),
        ],
        notes=["The csv has the charges and the efficiency of every cycle of every cell."],
        view=[
            Column("cell", [name for name, _, _ in rows]),
            Column("why", [why for _, why, _ in rows]),
            Column("cycles", [cycles for _, _, cycles in rows]),
        ],
    )


def nucleation_table(dips: xr.Dataset) -> Table:
    """Nucleation overpotential of every cycle in the csv; on the page the first, the second, and the later ones."""
    there = dips["outcome"].transpose("cell", "cycle").values
    value, error, plateau, slope = (
        dips[name].transpose("cell", "cycle").values
        for name in ("nucleation", "nucleation_stderr", "plateau", "slope_charge")
    )
    cell, cycle = np.nonzero(there >= 0)
    names, numbers = [str(name) for name in dips["cell"].values], dips["cycle"].values
    first = numbers == 1
    later = np.where(numbers[None, :] > 2, value, np.nan)
    counts = np.isfinite(later).sum(1)
    absent = [
        f"{name}: no number in {int((there[at] > FOUND).sum())} cycles ({OUTCOMES[number]})."
        for at, name in enumerate(names)
        for number in range(NO_PLATING, len(OUTCOMES))
        if (there[at] == number).any()
    ]
    return Table(
        "nucleation",
        "Nucleation overpotential: how far the voltage dips below the plateau.",
        [
            Column("cell", [names[at] for at in cell]),
            Column("cycle", numbers[cycle].tolist()),
            Column("nucleation", (value[cell, cycle] * _MILLI).tolist(), "mV", (error[cell, cycle] * _MILLI).tolist()),
            Column("plateau", (plateau[cell, cycle] * _MILLI).tolist(), "mV"),
            Column("slope_charge", slope[cell, cycle].tolist(), "mA h"),
            Column("outcome", [OUTCOMES[number] for number in there[cell, cycle]]),
        ],
        definitions=[
            ("nucleation", str(dips["nucleation"].attrs["definition"])),
            ("plateau", str(dips["plateau"].attrs["definition"])),
            ("slope charge", str(dips["slope_charge"].attrs["definition"])),
        ],
        notes=[*absent, "Later: median from cycle 3 on, with the number of cycles."],
        view=[
            Column("cell", names),
            Column("cycle_1", _column(value, first, _MILLI), "mV", _column(error, first, _MILLI), digits=1),
            Column("plateau_1", _column(plateau, first, _MILLI), "mV", digits=1),
            Column("slope_charge_1", _column(slope, first), "mA h", digits=3),
            Column("cycle_2", _column(value, numbers == 2, _MILLI), "mV", digits=1),
            Column("later", [_median(row) * _MILLI for row in later], "mV", digits=1),
            Column("n", counts.tolist()),
        ],
    )


def _column(values: FloatArray, chosen: npt.NDArray[np.bool_], scale: float = 1.0) -> list[float]:
    """The one column chosen, NaN where there is none."""
    found = values[:, chosen][:, 0] * scale if chosen.any() else np.full(len(values), np.nan)
    return [float(value) for value in found]


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan
