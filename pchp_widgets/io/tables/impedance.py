"""Points of impedance, of whatever origin, to flat spectra: checked, numbered by sweep, and with the sign of Im Z."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import dataset
from ..contract import ReaderError, Recording
from .sweeps import NoSweepError, sweep_doubts, sweep_numbers

FloatArray = npt.NDArray[np.float64]

_FEWEST_POINTS = 12
_SHOWN = 3
_FEWEST_FOR_A_SLOPE = 6
_REACH = 2
_DECISIVE = 0.2
_CONTRADICTION = 0.02
_RELATION = "the size of Z has to fall with frequency where the phase is negative and to rise where it is positive"


@dataclass
class Impedance:
    """Points of impedance as a file has them, one after the other.

    Attributes
    ----------
    frequency
        [Hz]
    z_real, z_imag
        [ohm]; ``z_imag`` is Im Z as far as the file states its sign.
    convention
        What the file holds as imaginary part, in words: ``"-Im Z ('-Zim'), its sign is turned"``.
    certain
        Whether the format or its header leaves no doubt about the sign. Where it does, the data decide.
    modulus
        [ohm], where the file has it beside the parts: they are compared.
    time, voltage
        [s], [V] of each point.
    counters
        The instrument's own counts at each point; a change of one begins a spectrum.
    """

    frequency: FloatArray
    z_real: FloatArray
    z_imag: FloatArray
    convention: str
    certain: bool = True
    modulus: FloatArray | None = None
    time: FloatArray | None = None
    voltage: FloatArray | None = None
    counters: Sequence[npt.NDArray[np.generic]] = ()

    def at(self, rows: npt.NDArray[np.bool_]) -> Impedance:
        """The same at some of the points."""
        return Impedance(
            self.frequency[rows],
            self.z_real[rows],
            self.z_imag[rows],
            self.convention,
            self.certain,
            None if self.modulus is None else self.modulus[rows],
            None if self.time is None else self.time[rows],
            None if self.voltage is None else self.voltage[rows],
            [counter[rows] for counter in self.counters],
        )


def impedance_recording(path: Path, found: Impedance, points: xr.Dataset | None = None) -> Recording:
    """A recording of spectra.

    Its provenance says as ``impedance_sign`` what the file holds as imaginary part and what was made of it.

    Parameters
    ----------
    path
        Named in errors.
    found
        The points of all spectra.
    points
        The trace, where the file has one.

    Raises
    ------
    ReaderError
        When no point is left, a frequency is negative, or the frequencies are in no order.
    """
    said: list[str] = []
    sound = _sound_points(path, found, said)
    alternating = sound.frequency > 0
    if not alternating.any():
        raise ReaderError(path, "all its frequencies are 0 Hz: it holds no impedance")
    direct = int(np.count_nonzero(~alternating))
    if direct and points is None:
        said.append(f"{direct} rows at 0 Hz are points of the direct current, not of a spectrum")
    picked = sound.at(alternating)
    number = sweep_numbers(picked.frequency, picked.counters, np.flatnonzero(alternating))
    try:
        said += sweep_doubts(picked.frequency, number)
    except NoSweepError as reason:
        raise ReaderError(path, str(reason)) from None
    z_imag, convention = _signed(picked, number, said)
    said += _doubts(picked, z_imag, number)
    columns: dict[str, npt.NDArray[np.generic]] = {
        "spectrum": number,
        "frequency": picked.frequency,
        "z_real": picked.z_real,
        "z_imag": z_imag,
        "time": np.full(len(number), np.nan) if picked.time is None else picked.time,
    }
    if picked.voltage is not None:
        columns["voltage"] = picked.voltage
    flat = dataset("points", columns)
    for name, units in (("frequency", "Hz"), ("z_real", "ohm"), ("z_imag", "ohm"), ("spectrum", "1")):
        flat[name].attrs["units"] = units
    provenance = {"impedance_sign": convention}
    return Recording(xr.Dataset() if points is None else points, flat, provenance=provenance, warnings=said)


def joined_spectra(parts: Mapping[str, Recording]) -> Recording:
    """Spectra of several tables, numbered through in their order; a voltage where all have one.

    Parameters
    ----------
    parts
        Recordings of spectra alone, by the name of the table they come from.
    """
    flats = [part.spectra for part in parts.values() if part.spectra is not None]
    counts = [int(flat["spectrum"].values[-1]) + 1 for flat in flats]
    before = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    numbers = [flat["spectrum"].values + start for flat, start in zip(flats, before, strict=True)]
    kept = [name for name in flats[0].data_vars if name != "spectrum" and all(name in flat for flat in flats)]
    columns = {str(name): np.concatenate([flat[name].values for flat in flats]) for name in kept}
    whole = dataset("points", {"spectrum": np.concatenate(numbers), **columns})
    for name in whole.data_vars:
        whole[name].attrs |= flats[0][name].attrs
    remarks: dict[str, list[str]] = {}
    for name, part in parts.items():
        for text in part.warnings:
            remarks.setdefault(text, []).append(name)
    said = [f"{', '.join(names)}: {text}" for text, names in remarks.items()]
    signs = dict.fromkeys(part.provenance["impedance_sign"] for part in parts.values())
    return Recording(xr.Dataset(), whole, provenance={"impedance_sign": "; ".join(signs)}, warnings=said)


def _sound_points(path: Path, found: Impedance, said: list[str]) -> Impedance:
    """The points that have a frequency and both parts."""
    finite = np.isfinite(found.frequency) & np.isfinite(found.z_real) & np.isfinite(found.z_imag)
    if not finite.any():
        raise ReaderError(path, "no row holds a frequency and an impedance")
    lost = int(np.count_nonzero(~finite))
    if lost:
        said.append(
            f"{lost} of {len(finite)} points have no number as frequency or impedance, the first is point"
            f" {int(np.argmin(finite)) + 1}: left out"
        )
        found = found.at(finite)
    negative = found.frequency < 0
    if negative.any():
        at = int(np.argmax(negative))
        raise ReaderError(
            path,
            f"point {at + 1} has a frequency of {found.frequency[at]:.6g} Hz, which cannot be. Is another"
            ' column the frequency? columns={"frequency": "<header> [Hz]"} names it',
        )
    return found


def _signed(found: Impedance, number: npt.NDArray[np.int64], said: list[str]) -> tuple[FloatArray, str]:
    """Im Z, and what the file had."""
    shown = sign_shown(found.frequency, found.z_real, found.z_imag, number)
    z_imag, convention = found.z_imag, f"the file holds {found.convention}"
    mostly_positive = np.count_nonzero(z_imag > 0) > len(z_imag) / 2
    if shown < 0 and not found.certain:
        z_imag = -z_imag
        said.append(
            f"the imaginary part is named as if it were Im Z ({found.convention}), but it is -Im Z, and its sign was"
            f" turned: {_RELATION}, and so it does only then"
        )
        return z_imag, f"{convention}; by the relation of gain and phase that is -Im Z: its sign is turned"
    if shown < 0:
        said.append(f"the imaginary part has the wrong sign by its own modulus ({_RELATION}); it is left as stated")
        return z_imag, f"{convention}; the relation of gain and phase contradicts it"
    if shown == 0 and mostly_positive and not found.certain:
        said.append(
            f"whether the imaginary part is Im Z or -Im Z is undecided: it is positive at most frequencies, it is named"
            f" {found.convention}, and the size of Z changes too little to tell. It is taken as Im Z;"
            ' columns={"minus_z_imag": "<header> [ohm]"} takes it as -Im Z'
        )
        return z_imag, f"{convention}; its sign is undecided, taken as Im Z"
    if np.all(z_imag > 0):
        said.append("Im Z is positive at all frequencies: an inductance, or not the impedance of a cell")
    return z_imag, convention


def sign_shown(
    frequency: FloatArray, z_real: FloatArray, z_imag: FloatArray, number: npt.NDArray[np.int64]
) -> Literal[-1, 0, 1]:
    r"""Whether numbers are Im Z (1) or -Im Z (-1), by what the modulus does; 0 where that does not tell.

    .. math:: \varphi(\omega) \approx \frac{\pi}{2}\,\frac{d\ln|Z|}{d\ln\omega}

    The modulus does not know the sign, the phase does: the sign under which the two agree better, with less
    than a fifth of the squared difference, is the right one.

    Parameters
    ----------
    frequency, z_real, z_imag
        [Hz], [ohm]
    number
        Sweep of each point; sweeps of fewer than six points tell nothing.

    Notes
    -----
    First term of the logarithmic Hilbert transform: W. Ehm et al., ACH-Models in Chemistry 137 (2000) 145.
    """
    as_is = turned = 0.0
    for sweep in range(int(number[-1]) + 1):
        rows = number == sweep
        if np.count_nonzero(rows) < _FEWEST_FOR_A_SLOPE:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.log(np.hypot(z_real[rows], z_imag[rows]))
            scale = np.log(frequency[rows])
            slope = (size[2 * _REACH :] - size[: -2 * _REACH]) / (scale[2 * _REACH :] - scale[: -2 * _REACH])
            phase = np.arctan2(z_imag[rows], z_real[rows])[_REACH:-_REACH]
        usable = np.isfinite(slope)
        as_is += float(np.sum((phase - np.pi / 2 * slope)[usable] ** 2))
        turned += float(np.sum((phase + np.pi / 2 * slope)[usable] ** 2))
    if as_is < _DECISIVE * turned:
        return 1
    return -1 if turned < _DECISIVE * as_is else 0


def _doubts(found: Impedance, z_imag: FloatArray, number: npt.NDArray[np.int64]) -> list[str]:
    """What is odd about the impedance itself."""
    said = []
    few = np.flatnonzero(np.bincount(number) < _FEWEST_POINTS)
    if len(few):
        counts = np.bincount(number)[few[:_SHOWN]].tolist()
        listed = ", ".join(f"{at} ({count})" for at, count in zip(few.tolist(), counts, strict=False))
        more = ", ..." if len(few) > _SHOWN else ""
        said.append(f"fewer than {_FEWEST_POINTS} points are in spectrum {listed}{more}")
    negative = int(np.count_nonzero(found.z_real < 0))
    if negative > len(z_imag) / 2:
        said.append(f"Re Z is negative in {negative} of {len(z_imag)} points: are two columns exchanged?")
    if found.modulus is not None:
        size = np.hypot(found.z_real, z_imag)
        apart = np.abs(found.modulus - size) > _CONTRADICTION * np.maximum(size, found.modulus)
        if apart.any():
            said.append(
                f"modulus and parts of Z disagree in {np.count_nonzero(apart)} of {len(size)} points, first"
                f" at {found.frequency[int(np.argmax(apart))]:.6g} Hz; the parts are used"
            )
    return said
