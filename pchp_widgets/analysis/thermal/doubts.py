"""What must not be overlooked in a thermal result, as sentences."""

from __future__ import annotations

import numpy as np
import xarray as xr

PEO_GLASS = (-67.0, -50.0)
"""Glass transitions reported for PEO and its oligomers [degC] (from memory)."""
_DRYING = (60.0, 120.0)
_UNEQUAL_RATES = 0.05


def doubts(curves: xr.Dataset, window: tuple[float, float]) -> list[str]:
    """What the reader of numbers from a run has to know, in sentences.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    window
        Range that is evaluated [degC].
    """
    run = str(curves.attrs.get("run", ""))
    said = [
        f"{name}: {outcome}."
        for name, outcome in zip(curves["sample"].values, curves["outcome"].values, strict=True)
        if outcome
    ]
    if run == "heating 1":
        said.append("The first heating carries the history of the sample: drying, storage, strain.")
        if window[0] < _DRYING[1] and window[1] > _DRYING[0]:
            low, high = _DRYING
            said.append(
                f"Water and solvent leave at {low:g} to {high:g} °C in a first heating and may hide a transition."
            )
    measured = np.isfinite(curves["specific_heat_flow"].values)
    temperature = np.where(measured, curves["temperature"].values, np.nan)
    some = temperature[measured.any(axis=1)]
    if some.size:
        lowest = float(np.nanmin(some, axis=1).max())
        if lowest > PEO_GLASS[1]:
            low, high = PEO_GLASS
            said.append(
                f"The run begins at {lowest:.0f} °C, above the glass transition of PEO or PEGDE (about {low:g} to "
                f"{high:g} °C): that none is seen says nothing about the PEG, which is called amorphous only because "
                "nothing melts."
            )
    rates = np.abs(curves["rate"].values)
    rates = rates[np.isfinite(rates)]
    if len(rates) and np.ptp(rates) > _UNEQUAL_RATES * rates.max():
        said.append(
            f"The samples were scanned at {rates.min():.3g} to {rates.max():.3g} K min⁻¹: transitions shift with it."
        )
    return said
