"""What there is to know of a current fraction, and whether it can be used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import words

FloatArray = npt.NDArray[np.float64]


def judged(
    found: xr.Dataset,
    values: Mapping[str, FloatArray],
    results: Mapping[str, FloatArray],
) -> tuple[words.IntArray, words.IntArray]:
    """Flags, and whether the fraction is usable.

    Parameters
    ----------
    found
        As :func:`~pchp_widgets.analysis.transference.transference` is given it.
    values, results
        What went in [V, A, ohm], and what came out.
    """
    count = found.sizes["cell"]
    driving = values["voltage"] - values["initial_current"] * values["initial_resistance"]
    steady = values["voltage"] - values["steady_current"] * values["steady_resistance"]
    state = found["steady"].values if "steady" in found else np.full(count, -1)
    if "steady" not in found and "drift" in found:
        drift = np.abs(found["drift"].values)
        state = np.where(np.isfinite(drift), drift <= words.DRIFT_LIMIT, -1)
    rises = found["current_rise"].values > words.DRIFT_LIMIT if "current_rise" in found else np.zeros(count, bool)
    resistance = values["steady_resistance"] + np.where(
        np.isfinite(values["steady_bulk_resistance"]), values["steady_bulk_resistance"], values["bulk_resistance"]
    )
    with np.errstate(invalid="ignore"):
        above = values["steady_current"] * resistance > values["voltage"] * (1 + words.DRIFT_LIMIT)
        fell = values["steady_bulk_resistance"] < (1 - words.FALL_LIMIT) * values["bulk_resistance"]
        fraction = results["current_fraction"]
        missing = np.isnan(driving) | np.isnan(steady)
        true = {
            "no_driving_force": (driving <= 0) | (steady <= 0),
            "interfaces_dominate": results["resistance_ratio"] > words.RATIO_LIMIT,
            "not_steady": state == 0,
            "steadiness_unknown": state == -1,
            "voltage_high": values["voltage"] > words.LARGEST_VOLTAGE * (1 + 1e-9),
            "out_of_range": (fraction < 0) | (fraction > 1),
            "interfaces_grew": results["resistance_growth"] > words.GROWTH_LIMIT,
            "initial_currents_disagree": np.abs(results["disagreement"]) > words.DISAGREEMENT_LIMIT,
            "electronic_path": above | rises | fell,
            "not_measured": missing,
        }
    flags = words.bits(**true)
    bad = np.any([true[name] for name in words.DISQUALIFYING], axis=0)
    doubt = (state == -1) | np.isnan(results["resistance_ratio"])
    return flags, np.where(bad, 0, np.where(doubt, -1, 1))
