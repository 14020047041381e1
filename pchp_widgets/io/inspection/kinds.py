"""The kind a cell seems to be of, by its voltage and current."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.cycles import half_cycles
from ...model.schema import CV_MODES, IDLE_MODES

FloatArray = npt.NDArray[np.float64]
_NEAR_ZERO = 0.1
_CUTOFF = 0.25
_LITHIUM_BELOW = 0.6
_CATHODE_ABOVE = 2.0
_SWING = 0.2


def kind(tree: xr.DataTree) -> tuple[str, str]:
    """The kind of a cell, ``""`` where it cannot be told, and why.

    Parameters
    ----------
    tree
        As :func:`pchp_widgets.open_cell` gives it.

    Returns
    -------
    kind, reason
        A kind of :class:`~pchp_widgets.model.metadata.CellMetadata`, and what it was told by, in one sentence.
    """
    if "steps" not in tree.children:
        return "", "spectra alone"
    steps = tree["steps"].to_dataset()
    lowest, highest = float(steps["voltage_min"].min()), float(steps["voltage_max"].max())
    span = f"{lowest:.3g} to {highest:.3g} V"
    largest = max(abs(lowest), abs(highest))
    halves = half_cycles(steps).isel(cell=0)
    if not halves["charge"].notnull().any():
        if "spectra" in tree.children and largest < _NEAR_ZERO:
            return "transport", f"spectra at about 0 V ({span}), no current in between"
        return "", f"no current flows ({span}), so that there is nothing to tell it by"
    if _is_polarized(tree, steps):
        return "transport", f"held at up to {1e3 * largest:.3g} mV between spectra"
    up, down = _voltages(steps, "charge"), _voltages(steps, "discharge")
    near_zero = all(abs(float(np.median(mean))) < _LITHIUM_BELOW for mean, _ in (up, down) if len(mean))
    found = _against_lithium(steps, up, down[0]) if near_zero else ("", "")
    return found if found[0] else _against_an_electrode(halves, np.r_[up[0], down[0]], lowest, highest)


def _is_polarized(tree: xr.DataTree, steps: xr.Dataset) -> bool:
    """Whether the cell was held at a small voltage, with spectra before or after, rather than cycled."""
    mode = steps["mode"].values[steps["point_count"].values > 0]
    active = mode[~np.isin(mode, IDLE_MODES)]
    small = float(np.abs(steps["voltage_mean"]).max()) < _NEAR_ZERO
    return "spectra" in tree.children and small and bool(np.isin(active, CV_MODES).all())


def _voltages(steps: xr.Dataset, direction: str) -> tuple[FloatArray, FloatArray]:
    """Mean and last voltage of the steps that pass current one way, in the order of time."""
    one = steps.isel(cell=0)
    charge = np.where(np.isin(one["mode"], IDLE_MODES), 0.0, one["charge"].values)
    order = np.argsort(one["time_start"].values[chosen := (charge > 0 if direction == "charge" else charge < 0)])
    mean, last = one["voltage_mean"].values[chosen][order], one["voltage_end"].values[chosen][order]
    return mean, last


def _against_lithium(steps: xr.Dataset, charge: tuple[FloatArray, FloatArray], down: FloatArray) -> tuple[str, str]:
    """Li||Li or Li||Cu: both pass their charge near 0 V; only copper is stripped up to a limit."""
    up, up_end = charge
    if not len(up) or not len(down):
        return "", ""
    plating, stripping = float(np.median(down)), float(np.median(up))
    begins = float(steps["voltage_start"].values[steps["point_start"].values == 0].item())
    limits = up_end[:-1] if len(up_end) > 1 else up_end  # the last one may be the end of a cell that fails
    limit = float(np.max(limits[:3], initial=-1.0))
    if plating < 0 and limit >= _CUTOFF > 3 * abs(plating):
        return "li_cu", f"plated at {1e3 * plating:.3g} mV, stripped up to {limit:.3g} V"
    if plating < 0 and begins > 3 * _CUTOFF:
        return "li_cu", f"began at {begins:.3g} V, plated at {1e3 * plating:.3g} mV"
    if plating < 0 < stripping and stripping + plating < 0.5 * (stripping - plating):
        return "symmetric", f"the voltage goes both ways about 0 V ({1e3 * plating:.3g} and {1e3 * stripping:.3g} mV)"
    return "", ""


def _against_an_electrode(halves: xr.Dataset, means: FloatArray, lowest: float, highest: float) -> tuple[str, str]:
    """A cathode, which is charged first, or another electrode, which is not; voltages between them do not tell."""
    span = f"{lowest:.3g} to {highest:.3g} V"
    if highest - lowest < _SWING:
        return "", f"the voltage stays within {1e3 * (highest - lowest):.3g} mV ({span})"
    charged_first = np.nanargmin(halves["time_start"].values) % 2 == 0  # (cycle, direction), charge before discharge
    mean = float(np.median(means))
    if charged_first and mean > _CATHODE_ABOVE:
        return "full", f"charged first, {span}"
    if not charged_first and 0 < mean < _CATHODE_ABOVE:
        return "half", f"discharged first, {span}: an electrode such as graphite against lithium"
    if mean > _CATHODE_ABOVE:
        return "", f"{span}, but discharged first: full for a cathode that was charged before, half otherwise"
    first = "charged" if charged_first else "discharged"
    return "", f"{first} first, {span}: neither Li||Li nor Li||Cu, and no cathode that is usual"
