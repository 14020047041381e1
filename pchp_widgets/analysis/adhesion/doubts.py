"""What has to be said about peel tests before anything is claimed from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from .rules import known_rule, travel_per_length

Known = npt.NDArray[np.bool_]

FEW = 5
"""Standards ask for as many strips at least."""

_FEW_BLOCKS = 8


def doubts(found: xr.Dataset) -> dict[str, list[str]]:
    """Sentences on each sample, by its name.

    Parameters
    ----------
    found
        As given by :func:`~.plateau.peel_strength`.
    """
    return {str(name): _doubts(found.isel(sample=at)) for at, name in enumerate(found["sample"].values)}


def unfit(modes: Mapping[str, str], names: Sequence[str]) -> str:
    """Why the strengths of some materials cannot be compared as those of their bonds; empty when they can."""
    unknown = [name for name in names if not modes[name]]
    if unknown:
        return (
            f"the failure mode of {' and '.join(unknown)} is not known, and without it nothing can be claimed: "
            "open_measurement(..., failure_mode='adhesive'), 'cohesive' or 'mixed'"
        )
    if len({modes[name] for name in names}) > 1:
        each = ", ".join(f"{name}: {modes[name]}" for name in names)
        return f"they failed in different ways ({each}): these are strengths of different things"
    return ""


def _doubts(one: xr.Dataset) -> list[str]:
    known = np.isfinite(one["strength"].values)
    said = [*_of_range(one, known), *_of_words(one)]
    if known.any():
        said += _of_strips(one, known)
    return said


def _of_range(one: xr.Dataset, known: Known) -> list[str]:
    """What is wrong with the part of the record that counts."""
    said, rule = [], known_rule(one.attrs["rule"])
    low, high = one.attrs["window"]
    made = np.isfinite(one["highest"].values)
    short = [str(at + 1) for at in np.flatnonzero(made & ~known)]
    if short:
        said.append(
            f"strip {', '.join(short)} of {made.sum()}: peeled over less than half of {low:.0f} to {high:.0f} mm, "
            "and left out"
        )
    if not known.any():
        return said
    peeled, start = float(one["peeled"].values[known].min()), float(one["peel_start"].values[known].max())
    if peeled < rule.least - 0.5:
        said.append(f"{peeled:.0f} mm of bond are in the range; {one.attrs['rule']} asks for {rule.least:.0f}")
    left_out = max((low - start) / _factor(one), 0.0)
    if left_out < rule.discard - 0.5:
        said.append(
            f"the range begins {left_out:.0f} mm after the start of peeling; by {one.attrs['rule']} the first "
            f"{rule.discard:.0f} mm do not count, for the starting peak is no peel strength"
        )
    return said


def _of_strips(one: xr.Dataset, known: Known) -> list[str]:
    """What is wrong with the strips."""
    said, count = [], int(known.sum())
    if count < FEW:
        said.append(f"{count} strip{'s' * (count != 1)}; standards ask for at least {FEW}")
    blocks = one["peeled"].values[known] * _factor(one) / one["block_length"].values[known]
    if blocks.min() < _FEW_BLOCKS:
        said.append("the force changes slowly over the range, so that little is independent: a longer range says more")
    if (one["strength"].values[known] <= 0).any():
        said.append("a mean force is not positive: was the load cell zeroed, and is a pull counted as positive?")
    return said


def _factor(one: xr.Dataset) -> float:
    """Travel per length of bond."""
    return float(travel_per_length(float(one["peel_angle"]) if "peel_angle" in one.coords else np.nan))


def _of_words(one: xr.Dataset) -> list[str]:
    angle = float(one["peel_angle"]) if "peel_angle" in one.coords else np.nan
    mode = str(one["failure_mode"].item()) if "failure_mode" in one.coords else ""
    said = []
    if not np.isfinite(angle):
        said.append(
            "the peel angle is not known: no energy of release, and travel is taken for the length that was peeled; "
            "open_measurement(..., peel_angle='180 degree')"
        )
    if not mode:
        said.append(
            "the failure mode is not known, and without it nothing can be claimed: "
            "open_measurement(..., failure_mode='adhesive'), 'cohesive' or 'mixed'"
        )
    elif mode != "adhesive":
        inside = "inside the film" if mode == "cohesive" else "partly inside the film"
        said.append(f"{mode} failure, {inside}: the bond is at least as strong, and this is no strength of it alone")
    return said
