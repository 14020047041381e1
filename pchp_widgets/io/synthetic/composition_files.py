"""Spectra and elemental analyses as files, to try readers with: Bruker folders, JCAMP-DX, csv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from .composition import SPAN, CompositionTruth, lines

FloatArray = npt.NDArray[np.float64]

_SQUEEZED = dict(zip(range(-9, 10), "ihgfedcba@ABCDEFGHI", strict=True))
_DIFFERENCE = dict(zip(range(-9, 10), "rqponmlkj%JKLMNOPQR", strict=True))
_REPEATED = " STUVWXYZs"
_ON_A_LINE = 24
_PROGRAMS = {"direct": "zg30", "cross_polarization": "cp", "": ""}


def bruker_processed(data: xr.Dataset, folder: Path) -> Path:
    """The first sample as TopSpin keeps a spectrum; the path of ``procs``."""
    shift, intensity = _spectrum(data)
    place = folder / "pdata" / "1"
    place.mkdir(parents=True)
    frequency = float(data.attrs["frequency"])
    exponent = int(np.ceil(np.log2(np.abs(intensity).max() / 2**30)))
    width = (shift[0] - shift[-1]) * frequency * len(shift) / (len(shift) - 1)
    (place / "1r").write_bytes(np.rint(intensity / 2.0**exponent).astype("<i4").tobytes())
    said = {
        "ABSF1": 100, "AXNUC": f"<{_text(data, 'nucleus')}>", "BYTORDP": 0, "DTYPP": 0, "FT_mod": 6, "LB": 0.3,
        "NC_proc": exponent, "OFFSET": repr(float(shift[0])), "SF": repr(frequency), "SI": len(shift),
        "STSI": 0, "STSR": 0, "SW_p": repr(float(width)),
    }  # fmt: skip
    (place / "procs").write_text(_parameters(said), encoding="latin-1")
    (folder / "acqus").write_text(_parameters(_acquired(data, 2 * len(shift), width, frequency)), encoding="latin-1")
    return place / "procs"


def bruker_decay(truth: CompositionTruth, folder: Path, *, delay: int = 68, seed: int = 0) -> Path:
    """A decay of protons as TopSpin keeps it, after a digital filter with a delay [points]; the path of ``acqus``."""
    folder.mkdir(parents=True)
    frequency, count = 500.0, 1 << 14
    low, high = SPAN["1H"]
    width, carrier = (high - low) * frequency, (low + high) / 2
    times = (np.arange(count) - delay) / width
    decay = np.zeros(count, complex)
    for shift, line, nuclei in lines(truth):
        if nuclei:
            fall = (np.pi * line * frequency) ** 2 / (4 * np.log(2))
            decay += nuclei * np.exp(2j * np.pi * (shift - carrier) * frequency * times - fall * times**2)
    decay[times < 0] = 0.0
    decay *= np.exp(0.7j)  # a phase that the receiver adds
    rng = np.random.default_rng(seed)
    decay += 0.002 * (rng.standard_normal(count) + 1j * rng.standard_normal(count))
    scaled = np.rint(decay.view(float) / np.abs(decay).max() * 2**28).astype("<i4")
    (folder / "fid").write_bytes(scaled.tobytes())
    said = _parameters_of("1H", "DMSO", "zg30", 2 * count, width, frequency) | {
        "BF1": repr(frequency), "SFO1": repr(frequency * (1 + carrier * 1e-6)), "GRPDLY": delay,
    }  # fmt: skip
    (folder / "acqus").write_text(_parameters(dict(sorted(said.items()))), encoding="latin-1")
    return folder / "acqus"


def jcamp(data: xr.Dataset, path: Path, *, form: str = "DIFDUP", hertz: bool = False) -> None:
    """The first sample as JCAMP-DX: `form` ``"AFFN"``, ``"PAC"``, ``"SQZ"`` or ``"DIFDUP"``, over ppm or Hz."""
    shift, intensity = _spectrum(data)
    frequency = float(data.attrs["frequency"])
    scale = float(np.abs(intensity).max()) / 2**24
    whole = np.rint(intensity / scale).astype(int)
    x = shift * frequency if hertz else shift
    step = (x[-1] - x[0]) / (len(x) - 1)
    head = {
        "TITLE": str(data["sample"].values[0]), "JCAMP-DX": "5.01", "DATA TYPE": "NMR SPECTRUM",
        "ORIGIN": "synthetic", ".OBSERVE FREQUENCY": repr(frequency), ".OBSERVE NUCLEUS": f"^{_text(data, 'nucleus')}",
        ".SOLVENT NAME": _text(data, "solvent"), "XUNITS": "HZ" if hertz else "PPM", "YUNITS": "ARBITRARY UNITS",
        ".SHIFT REFERENCE": f"INTERNAL, TMS, 1, {float(shift[0])!r}", "XFACTOR": "1.0", "YFACTOR": repr(scale),
        "FIRSTX": repr(float(x[0])), "LASTX": repr(float(x[-1])), "NPOINTS": str(len(x)), "XYDATA": "(X++(Y..Y))",
    }  # fmt: skip
    rows = [f"##{label}= {value}" for label, value in head.items()]
    for start in range(0, len(whole), _ON_A_LINE):
        end = start + _ON_A_LINE + (1 if form == "DIFDUP" else 0)  # a line of differences ends where the next begins
        rows.append(f"{x[0] + start * step:.6f}{_line(whole[start:end].tolist(), form)}")
    if form == "DIFDUP":
        rows.append(f"{x[-1]:.6f}{_line([int(whole[-1])], form)}")
    path.write_text("\n".join([*rows, "##END="]) + "\n", encoding="latin-1", newline="")


def elemental_csv(data: xr.Dataset, path: Path) -> None:
    """Elemental analyses of all samples that have one, a row for each run."""
    elements = [str(name) for name in data["element"].values]
    rows = ["Sample," + ",".join(f"{name} (wt%)" for name in elements)]
    for at, material in enumerate(data["material"].values):
        runs = [run for run in data["mass_fraction"].values[at].T if not np.isnan(run).all()]
        cells = (",".join("" if np.isnan(value) else f"{100 * value:.4f}" for value in run) for run in runs)
        rows += [f"{material},{text}" for text in cells]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")


def _line(values: list[int], form: str) -> str:
    """Ordinates of a line."""
    if form == "AFFN":
        return "".join(f" {value}" for value in values)
    if form == "PAC":
        return "".join(f"{value:+d}" for value in values)
    if form == "SQZ":
        return "".join(_coded(value, _SQUEEZED) for value in values)
    text, before, times = _coded(values[0], _SQUEEZED), None, 1
    for step in np.diff(values).tolist():
        if step == before and times < 9:
            times += 1
            continue
        text += _REPEATED[times] if times > 1 else ""
        text += _coded(step, _DIFFERENCE)
        before, times = step, 1
    return text + (_REPEATED[times] if times > 1 else "")


def _coded(value: int, letters: dict[int, str]) -> str:
    """A whole number whose first digit and sign are a letter."""
    digits = str(abs(value))
    return letters[int(digits[0]) * (1 if value >= 0 else -1)] + digits[1:]


def _spectrum(data: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    shift, intensity = data["shift"].values[0], data["intensity"].values[0]
    known = np.isfinite(intensity)
    return shift[known], intensity[known]


def _acquired(data: xr.Dataset, count: int, width: float, frequency: float) -> dict[str, object]:
    said = _parameters_of(
        _text(data, "nucleus"), _text(data, "solvent"), _PROGRAMS[_text(data, "excitation")], count, width, frequency
    )
    wait = float(data["relaxation_delay"].values[0] - count / 2 / width)
    return dict(sorted({**said, "BF1": repr(frequency), "D": f"(0..3)\n0 {wait!r} 0 0"}.items()))


def _parameters_of(
    nucleus: str, solvent: str, program: str, count: int, width: float, frequency: float
) -> dict[str, object]:
    return {
        "AQ_mod": 3, "BYTORDA": 0, "D": "(0..3)\n0 20 0 0", "DECIM": 16, "DSPFVS": 20, "DTYPA": 0,
        "INSTRUM": "<synthetic>", "NS": 16, "NUC1": f"<{nucleus}>",
        "PULPROG": f"<{program}>", "SFO1": repr(frequency), "SOLVENT": f"<{solvent}>",
        "SW_h": repr(float(width)), "TD": count,
    }  # fmt: skip


def _parameters(said: dict[str, object]) -> str:
    rows = [f"##${name}= {value}" for name, value in said.items()]
    head = ["##TITLE= Parameter file, synthetic", "##JCAMPDX= 5.0", "##DATATYPE= Parameter Values", "##OWNER= nobody"]
    return "\n".join([*head, *rows, "##END="]) + "\n"


def _text(data: xr.Dataset, name: str) -> str:
    return str(data[name].values[0])
