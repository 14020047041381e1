"""What must not be overlooked in numbers on composition, as sentences."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .conversion import labels
from .elements import UNLIKELY

_PHASE, _NOISES = 0.02, 6.0
_DELAYS = 5.0
_HIGHEST_SUM = 1.0


def spectrum_doubts(found: xr.Dataset) -> dict[str, list[str]]:
    """What the reader of integrals has to know, by sample.

    Parameters
    ----------
    found
        As given by :func:`.integrals.integrals` of spectra of one nucleus.
    """
    said = {}
    for at, name in enumerate(map(str, found["sample"].values)):
        one = found.isel(sample=at)
        said[name] = [] if not np.isfinite(one["integral"].values).any() else [*_signal(one), *_counting(one)]
        lost = [str(region) for region in one["region"].values[~np.isfinite(one["integral"].values)]]
        if lost:
            said[name].append(f"{', '.join(lost)}: the spectrum does not reach there")
    return said


def _signal(one: xr.Dataset) -> list[str]:
    said = []
    reference = str(one.attrs["reference"])
    if not np.isfinite(one["integral_stderr"].values).any():
        said.append("the stretch for the noise is too short: there are no errors, and nothing is decided")
    elif not np.isfinite(float(one["share"].sel(region=reference))):
        said.append(f"the reference {reference} is not seen: nothing can be compared with it")
    dips = [str(region) for region in one["region"].values[one["lowest"].values < -_PHASE]]
    if dips:
        said.append(f"{', '.join(dips)}: the spectrum dips below its base line, phase or base line is off")
    shifts = one["region"].values[_band_matters(one)]
    if len(shifts):
        names = ", ".join(map(str, shifts))
        said.append(f"{names}: the base line matters more than the noise, see the band over base lines")
    return said


def _band_matters(one: xr.Dataset) -> np.ndarray:
    reach = one["share_high"].values - one["share_low"].values
    return np.asarray((reach > _NOISES * one["share_stderr"].values) & (reach > 0.01))


def _counting(one: xr.Dataset) -> list[str]:
    """Whether intensities count nuclei."""
    excitation, nucleus = _text(one, "excitation"), _text(one, "nucleus")
    if excitation == "cross_polarization":
        return ["intensities after cross polarization do not count nuclei: shares are of signal, not of groups"]
    said = []
    if nucleus not in {"", "1H"} and excitation == "":
        said.append("how the nuclei were excited is unknown: after cross polarization intensities do not count them")
    delay, longest = _number(one, "relaxation_delay"), _number(one, "relaxation_time")
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
    if nucleus == "1H" and "acid" in one["region"].values:
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
    for at, name in enumerate(map(str, joined["material"].values)):
        one = joined.isel(material=at)
        said[name] = [*_disagreement(one, str(joined.attrs["route"])), *_impossible(one), *_carbon(one)]
    if analysed is None:
        return said
    for at, name in enumerate(labels(analysed)):
        said.setdefault(name, []).extend(_analysis(analysed.isel(sample=at)))
    return said


def _disagreement(one: xr.Dataset, route: str) -> list[str]:
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


def _impossible(one: xr.Dataset) -> list[str]:
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


def _carbon(one: xr.Dataset) -> list[str]:
    """Whether nitrogen, and nitrogen over carbon, say the same."""
    both = float(one["ratio"]) - float(one["nitrogen"])
    # most of their errors is the same nitrogen, so what tells them apart is less than either
    apart = np.sqrt(max(float(one["ratio_stderr"]) ** 2 + float(one["nitrogen_stderr"]) ** 2, 0.0))
    if not np.isfinite(both) or abs(both) < apart:
        return []
    return [f"nitrogen over carbon gives {100 * both:+.1f} points: carbon is not that of the dry polymer"]


def _analysis(one: xr.Dataset) -> list[str]:
    said = []
    known = np.isfinite(one["mass_fraction"].values)
    total = float(one["mass_fraction"].values[known].sum())
    if total > _HIGHEST_SUM + 3 * float(np.sqrt(np.square(one["mass_fraction_stderr"].values[known]).sum())):
        said.append(f"the elements add up to {total:.1%}: are they weight percent?")
    far = [str(name) for name in one["element"].values[known & (one["scatter"].values > 1)]]
    if far:
        said.append(
            f"{', '.join(far)}: runs scatter more than their stated error (less than {UNLIKELY:.0%} likely), "
            "so the scatter counts"
        )
    stated = _number(one, "element_error")
    if known.any() and not np.isfinite(stated):
        said.append(
            f"the error of an elemental analysis is not stated: {100 * float(one.attrs['element_error']):g} % are taken"
        )
    return said


def _text(one: xr.Dataset, name: str) -> str:
    return str(one[name].item()) if name in one.coords else ""


def _number(one: xr.Dataset, name: str) -> float:
    return float(one[name]) if name in one.coords else float("nan")
