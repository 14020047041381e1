"""What must not be overlooked in numbers on composition, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from .conversion import labels
from .elements import UNLIKELY

_PHASE = 0.02  # of the highest line
_NOISES, _BAND = 6.0, 0.01  # standard errors, and share, above which a band over base lines is told
_DELAYS = 5.0  # T1


def spectrum_doubts(found: xr.Dataset) -> dict[str, list[str]]:
    """What the reader of integrals has to know, by sample.

    Parameters
    ----------
    found
        As given by :func:`.integrals.integrals` of spectra of one nucleus.
    """
    regions, reference = [str(name) for name in found["region"].values], str(found.attrs["reference"])
    columns = {name: found[name].values for name in _INTEGRALS}
    known = {name: found[name].values for name in _KNOWN if name in found.coords}
    said = {}
    for at, name in enumerate(map(str, found["sample"].values)):
        one = {key: column[at] for key, column in columns.items()}
        reached = np.isfinite(one["integral"])
        about = {key: column[at] for key, column in known.items()}
        said[name] = [*_signal(one, regions, reference), *_counting(about, regions)] if reached.any() else []
        lost = [region for region, there in zip(regions, reached, strict=True) if not there]
        if lost:
            said[name].append(f"{', '.join(lost)}: the spectrum does not reach there")
    return said


_INTEGRALS = ("integral", "integral_stderr", "share", "share_stderr", "share_low", "share_high", "lowest")
_KNOWN = ("excitation", "nucleus", "relaxation_delay", "relaxation_time")


def _signal(one: Mapping[str, Any], regions: list[str], reference: str) -> list[str]:
    said = []
    if not np.isfinite(one["integral_stderr"]).any():
        said.append("the stretch for the noise is too short: there are no errors, and nothing is decided")
    elif not np.isfinite(one["share"][regions.index(reference)]):
        said.append(f"the reference {reference} is not seen: nothing can be compared with it")
    reach = one["share_high"] - one["share_low"]
    for texts, which in (
        ("the spectrum dips below its base line, phase or base line is off", one["lowest"] < -_PHASE),
        (
            "the base line matters more than the noise, see the band over base lines",
            (reach > _NOISES * one["share_stderr"]) & (reach > _BAND),
        ),
    ):
        names = [region for region, doubtful in zip(regions, which, strict=True) if doubtful]
        if names:
            said.append(f"{', '.join(names)}: {texts}")
    return said


def _counting(known: Mapping[str, Any], regions: list[str]) -> list[str]:
    """Whether intensities count nuclei."""
    excitation, nucleus = str(known.get("excitation", "")), str(known.get("nucleus", ""))
    if excitation == "cross_polarization":
        return ["intensities after cross polarization do not count nuclei: shares are of signal, not of groups"]
    said = []
    if nucleus not in {"", "1H"} and excitation == "":
        said.append("how the nuclei were excited is unknown: after cross polarization intensities do not count them")
    delay, longest = (float(known.get(name, np.nan)) for name in ("relaxation_delay", "relaxation_time"))
    if np.isfinite(delay) and np.isfinite(longest):
        if delay < _DELAYS * longest:
            loss = np.exp(-delay / longest)
            said.append(
                f"{delay:.3g} s from pulse to pulse are less than five T1 of {longest:.3g} s: up to {loss:.0%} of "
                "a line may be missing"
            )
    elif np.isfinite(delay):
        said.append(f"whether {delay:.3g} s from pulse to pulse are five T1 is unknown: give relaxation_time")
    else:
        said.append("the time from pulse to pulse is unknown: integrals count nuclei after five T1 only")
    if nucleus == "1H" and "acid" in regions:
        said.append("COOH exchanges with water and integrates too low then: the conversion by NMR is a lower bound")
    return said


def material_doubts(joined: xr.Dataset, analysed: xr.Dataset | None) -> dict[str, list[str]]:
    """What the reader of conversions has to know, by material.

    Parameters
    ----------
    joined
        As given by :func:`.conversion.conversion`.
    analysed
        As given by :func:`.elements.elements`, of the same samples.
    """
    said: dict[str, list[str]] = {}
    columns = {str(name): column.values for name, column in joined.data_vars.items()}
    for at, name in enumerate(map(str, joined["material"].values)):
        one = {key: column[at] for key, column in columns.items()}
        said[name] = [*_disagreement(one, str(joined.attrs["route"])), *_impossible(one), *_carbon(one)]
    if analysed is None:
        return said
    elements = [str(name) for name in analysed["element"].values]
    stated = analysed["element_error"].values if "element_error" in analysed.coords else None
    assumed = float(analysed.attrs["element_error"])
    for at, name in enumerate(labels(analysed)):
        one = {key: analysed[key].values[at] for key in ("mass_fraction", "mass_fraction_stderr", "scatter")}
        of_run = float(stated[at]) if stated is not None else np.nan
        said.setdefault(name, []).extend(_analysis(one, elements, of_run, assumed))
    return said


def _disagreement(one: Mapping[str, Any], route: str) -> list[str]:
    if int(one["agree"]) != 0:
        return []
    points, error = 100 * float(one["difference"]), 100 * float(one["difference_stderr"])
    which = "nitrogen" if route == "nitrogen" else "nitrogen over carbon"
    text = f"NMR reads {abs(points):.1f} ± {error:.1f} points {'more' if points > 0 else 'less'} than {which}"
    if points < 0:
        why = "COOH exchanged with water or was not relaxed, or the sample for elemental analysis held water"
    else:
        why = "a solvent with nitrogen (DMF) is left, or another line lies below COOH"
    return [f"{text} (likelihood {float(one['likelihood']):.2g}): there is no joint number. Usual reasons: {why}"]


def _impossible(one: Mapping[str, Any]) -> list[str]:
    words = {"nmr": "NMR", "nitrogen": "nitrogen", "ratio": "nitrogen over carbon"}
    said = []
    for kind, word in words.items():
        low, high = float(one[f"{kind}_low"]), float(one[f"{kind}_high"])
        if low > 1:
            said.append(f"{word}: more acid than there were nitriles, so something else is counted")
        elif high < 0:
            said.append(f"{word}: less than none is converted, so something else is counted")
        elif high > 1:
            said.append(f"{word}: a complete conversion is not excluded")
    return said


def _carbon(one: Mapping[str, Any]) -> list[str]:
    """Whether nitrogen, and nitrogen over carbon, say the same."""
    both = float(one["ratio"]) - float(one["nitrogen"])
    # most of their errors is the same nitrogen, so what tells them apart is less than either
    apart = np.sqrt(max(float(one["ratio_stderr"]) ** 2 + float(one["nitrogen_stderr"]) ** 2, 0.0))
    if not np.isfinite(both) or abs(both) < apart:
        return []
    return [f"nitrogen over carbon gives {100 * both:+.1f} points: carbon is not that of the dry polymer"]


def _analysis(one: Mapping[str, Any], elements: list[str], stated: float, assumed: float) -> list[str]:
    said = []
    known = np.isfinite(one["mass_fraction"])
    total, error = float(one["mass_fraction"][known].sum()), float(np.linalg.norm(one["mass_fraction_stderr"][known]))
    if total > 1 + 3 * error:
        said.append(f"the elements add up to {total:.1%}: are they weight percent?")
    far = [name for name, there, scatter in zip(elements, known, one["scatter"], strict=True) if there and scatter > 1]
    if far:
        said.append(
            f"{', '.join(far)}: runs scatter more than their stated error (less than {UNLIKELY:.0%} likely), "
            "so the scatter counts"
        )
    if known.any() and not np.isfinite(stated):
        said.append(f"the error of an elemental analysis is not stated: {100 * assumed:g} % are taken")
    return said
