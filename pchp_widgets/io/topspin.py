"""Experiments of Bruker's TopSpin and XWIN-NMR: folders of binary data beside text files of their parameters.

A folder holds the decay as ``fid`` with ``acqus``, and in ``pdata/1`` the spectrum as ``1r`` with ``procs``. Binary
data show nothing of their kind, so it is the parameter file that is opened; :func:`parameter_file` finds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..model.measurements import measurement
from .contract import Measured, ReaderError, ReadOptions
from .jcamp import records
from .tables.rows import decoded

FloatArray = npt.NDArray[np.float64]

_MOST = 1 << 24  # points; more is a damaged count
_BROADENING = 0.3  # Hz
_PHASED, _ROUNDS = 8192, 200  # points that phases are sought with, and steps of the search
_UNFILTERED = 1  # DECIM of data that no digital filter went over
_PROGRAMS = {"cp": "cross_polarization", "zg": "direct", "hpdec": "direct", "onepulse": "direct"}
_BESIDE = {"1r": "procs", "1i": "procs", "proc": "procs", "fid": "acqus", "acqu": "acqus", "ser": "acqus"}


def parameter_file(path: Path) -> Path:
    """The file to open of a Bruker experiment, for its folder or any file in it; any other path as it is.

    Of an experiment with a spectrum that is the spectrum, as it was processed.
    """
    if path.is_dir():
        inside = (path / "procs", path / "pdata" / "1" / "procs", path / "acqus")
        found = (one for one in inside if one.is_file() and (one.name == "acqus" or (one.parent / "1r").is_file()))
        return next(found, path)
    beside = path.with_name(_BESIDE.get(path.name, path.name))
    return beside if beside.is_file() else path


class ProcessedReader:
    """``procs`` with the spectrum ``1r`` beside it, as it was phased and referenced in TopSpin."""

    name = "bruker-processed"
    description = "Bruker TopSpin spectra (pdata/1: procs with 1r)"
    suffixes = ()
    version = "1"
    fallback = False
    technique = "composition"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no parameters of a processed spectrum."""
        return _declined(head, ("$ABSF1", "$FTMOD", "$SI", "$NCPROC"), "procs")

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the spectrum.

        Raises
        ------
        ReaderError
            When ``1r`` is missing or not as long as ``procs`` says, or the experiment has several dimensions.
        """
        processed = _parameters(path)
        if (path.parent / "2rr").is_file():
            raise ReaderError(path, "belongs to a spectrum of two dimensions: one of one dimension is expected")
        count, width, frequency, offset = (_needed(path, processed, name) for name in ("$SI", "$SWP", "$SF", "$OFFSET"))
        if not (0 < count <= _MOST and width > 0 and frequency > 0):
            raise ReaderError(path, f"{count:g} points over {width:g} Hz at {frequency:g} MHz: it is damaged")
        start, kept = (int(_float(processed.get(name, ""), 0.0)) for name in ("$STSR", "$STSI"))
        kept = kept or int(count)
        if not 0 <= start < start + kept <= count:
            raise ReaderError(path, f"it keeps {kept} points from {start} on, of {count:g}: it is damaged")
        said: list[str] = []
        values = _binary(path, path.parent / "1r", processed, ("$BYTORDP", "$DTYPP"), kept, options, said)
        values = values * 2.0 ** _needed(path, processed, "$NCPROC")
        shift = offset - (start + np.arange(len(values))) * width / frequency / int(count)
        acquired = _beside(path.parents[2] / "acqus") if len(path.parents) > 2 else {}
        return _measured(path, shift, values, acquired, processed, said)

    def companions(self, path: Path) -> Sequence[Path]:
        """The spectrum, and how it was recorded; see :class:`~.contract.OfSeveralFiles`."""
        return [path.parent / "1r", *(folder / "acqus" for folder in path.parents[2:3])]


class DecayReader:
    """``acqus`` with the decay ``fid`` beside it, which is transformed and phased here."""

    name = "bruker-fid"
    description = "Bruker TopSpin decays (acqus with fid), transformed and phased on reading"
    suffixes = ()
    version = "1"
    fallback = False
    technique = "composition"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no parameters of an acquisition."""
        return _declined(head, ("$AQMOD", "$BF1", "$BYTORDA", "$DECIM"), "acqus")

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the decay, take the group delay of the digital filter away, transform and phase it.

        Raises
        ------
        ReaderError
            When ``fid`` is missing or not as long as ``acqus`` says, or was recorded in a way that is not understood.
        """
        acquired = _parameters(path)
        if (path.parent / "ser").is_file() and not (path.parent / "fid").is_file():
            raise ReaderError(path, "has a ser, an experiment of two dimensions: a fid is expected")
        if acquired.get("$AQMOD", "3").strip() not in {"1", "3"}:
            raise ReaderError(
                path, "AQ_mod says that only one channel was recorded: transform it in TopSpin, open procs"
            )
        count, width, frequency = (_needed(path, acquired, name) for name in ("$TD", "$SWH", "$SFO1"))
        if not (16 <= count <= _MOST and width > 0 and frequency > 0):
            raise ReaderError(path, f"{count:g} points over {width:g} Hz at {frequency:g} MHz: it is damaged")
        said: list[str] = []
        raw = _binary(path, path.parent / "fid", acquired, ("$BYTORDA", "$DTYPA"), int(count), options, said)
        decay = _unfiltered(path, raw[: len(raw) // 2 * 2].view(complex), acquired, said)
        processed = _beside(path.parent / "pdata" / "1" / "procs")
        spectrum = _spectrum(decay, width, _float(processed.get("$LB", ""), _BROADENING))
        real = _phased(path, spectrum)
        said.append("the decay was transformed and phased automatically: look at the phase before trusting integrals")
        zero = _float(processed.get("$SF", ""), float("nan"))
        if not zero > 0:
            zero = _needed(path, acquired, "$BF1")
            said.append("shifts are not referenced: 0 ppm is at BF1 of acqus")
        hertz = np.fft.fftshift(np.fft.fftfreq(len(real), 1 / width))
        shift = ((frequency - zero) * 1e6 + hertz) / zero
        return _measured(path, shift[::-1], real[::-1], acquired, processed, said)

    def companions(self, path: Path) -> Sequence[Path]:
        """The decay, and how it was processed; see :class:`~.contract.OfSeveralFiles`."""
        return [path.parent / "fid", path.parent / "pdata" / "1" / "procs"]


def _declined(head: bytes, wanted: tuple[str, ...], called: str) -> str | None:
    text = decoded(head)
    if not re.match(r"\s*##TITLE=\s*Parameter file", text, re.IGNORECASE):
        return "does not begin with '##TITLE= Parameter file'"
    labels = {label for label, _ in records(text)}
    missing = [name for name in wanted if name not in labels]
    return f"has no {missing[0]}, which {called} has" if missing else None


def _parameters(path: Path) -> dict[str, str]:
    found = dict(records(decoded(path.read_bytes())))
    if "END" not in found:
        raise ReaderError(path, "has no ##END=: it is cut")
    return found


def _beside(path: Path) -> dict[str, str]:
    """Parameters of a file that may not be there."""
    return dict(records(decoded(path.read_bytes()))) if path.is_file() else {}


def _needed(path: Path, parameters: Mapping[str, str], label: str) -> float:
    number = _float(parameters.get(label, ""), float("nan"))
    if not np.isfinite(number):
        raise ReaderError(path, f"##{label}= is missing or no number: the spectrum cannot be made")
    return number


def _binary(
    path: Path,
    data: Path,
    parameters: Mapping[str, str],
    labels: tuple[str, str],
    count: int,
    options: ReadOptions,
    said: list[str],
) -> FloatArray:
    """Numbers of a binary file, whose byte order and type the parameters state."""
    if not data.is_file():
        raise ReaderError(path, f"{data.name} is not beside it: copy the whole folder of the experiment")
    order, kind = (parameters.get(label, "0").strip() for label in labels)
    if order not in {"0", "1"} or kind not in {"0", "2"}:
        raise ReaderError(path, f"{labels[0]} {order!r} and {labels[1]} {kind!r}: 0 or 1, and 0 or 2 are expected")
    dtype = np.dtype("<>"[int(order)] + {"0": "i4", "2": "f8"}[kind])
    bytes_of = data.read_bytes()
    found = np.frombuffer(bytes_of, dtype, len(bytes_of) // dtype.itemsize)[:count].astype(float)
    if len(found) < count:
        if not options.partial:
            raise ReaderError(path, f"{data.name} has {len(found)} of {count} points: partial=True takes them")
        said.append(f"{data.name} has {len(found)} of {count} points: the others are missing")
    if len(found) < 16 or not np.isfinite(found).all():
        raise ReaderError(path, f"{data.name} holds no spectrum: {len(found)} points, or some that are no numbers")
    return found


def _unfiltered(
    path: Path, decay: npt.NDArray[np.complex128], acquired: Mapping[str, str], said: list[str]
) -> npt.NDArray[np.complex128]:
    """The decay without the group delay of the digital filter."""
    from nmrglue.fileio.bruker import rm_dig_filter

    delay, decimation = _float(acquired.get("$GRPDLY", ""), 0.0), _float(acquired.get("$DECIM", ""), 0.0)
    if delay <= 0 and decimation <= _UNFILTERED:
        return decay
    if not 0 <= delay < len(decay) / 2:
        raise ReaderError(path, f"##$GRPDLY= {delay:g}: a group delay shorter than the decay is expected")
    try:
        found = rm_dig_filter(decay, int(decimation), int(_float(acquired.get("$DSPFVS", ""), 0.0)), max(delay, 0.0))
    except (KeyError, ValueError, IndexError):
        said.append("the group delay of the digital filter is unknown: the spectrum may roll")
        return decay
    return np.asarray(found, complex)


def _spectrum(decay: npt.NDArray[np.complex128], width: float, broadening: float) -> npt.NDArray[np.complex128]:
    """Transform of a decay, broadened by some Hz and filled with zeros to twice its length."""
    times = np.arange(len(decay)) / width
    weighted = decay * np.exp(-np.pi * max(broadening, 0.0) * times)
    weighted[0] /= 2  # a sum from zero on is not an integral: half of the first point would lift the base line
    size = 1 << (2 * len(decay) - 1).bit_length()
    return np.asarray(np.fft.fftshift(np.fft.fft(weighted, size)), complex)


def _phased(path: Path, spectrum: npt.NDArray[np.complex128]) -> FloatArray:
    """Absorption with lines upwards: the phases of zeroth and first order that leave the least area.

    Dispersion falls off with the distance from a line, absorption with its square: any of it adds area.
    """
    from scipy.optimize import minimize

    highest = float(np.abs(spectrum).max())
    if not (np.isfinite(highest) and highest > 0):
        raise ReaderError(path, "fid is zero all over: there is no spectrum")
    step = max(len(spectrum) // _PHASED, 1)
    thinned = spectrum[: len(spectrum) // step * step].reshape(-1, step).mean(1) / highest
    pivot = int(np.argmax(np.abs(thinned))) / len(thinned)

    def turned(of: npt.NDArray[np.complex128], zero: float, first: float) -> FloatArray:
        angle = zero + first * (np.arange(len(of)) / len(of) - pivot)
        return np.asarray((of * np.exp(1j * angle)).real, float)

    def area(phases: FloatArray) -> float:
        return float(np.abs(turned(thinned, *phases)).sum())

    start = min(np.deg2rad(np.arange(0.0, 180.0, 5.0)), key=lambda zero: area(np.array([zero, 0.0])))
    simplex = [[start, 0.0], [start + 0.1, 0.0], [start, 0.3]]
    limits = {"maxiter": _ROUNDS, "initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-9}
    found = minimize(area, simplex[0], method="Nelder-Mead", options=limits)
    real = turned(spectrum, *found.x)
    return real if real.max() > -real.min() else -real


def _measured(
    path: Path,
    shift: FloatArray,
    intensity: FloatArray,
    acquired: Mapping[str, str],
    processed: Mapping[str, str],
    said: list[str],
) -> Measured:
    frequency = _float(acquired.get("$SFO1", ""), _float(processed.get("$SF", ""), float("nan")))
    attrs = {"frequency": frequency} if np.isfinite(frequency) else {}
    data = measurement("composition", {"shift": shift, "intensity": intensity}, attrs=attrs)
    program = _text(acquired, "$PULPROG")
    nucleus = _text(acquired, "$NUC1") or _text(processed, "$AXNUC")
    metadata: dict[str, object] = {
        "nucleus": nucleus if nucleus[:1].isdigit() else "",
        "solvent": _text(acquired, "$SOLVENT"),
        "excitation": next((kind for begin, kind in _PROGRAMS.items() if program.lower().startswith(begin)), ""),
    }
    pulse = _between_pulses(acquired)
    if pulse > 0:
        metadata["relaxation_delay"] = f"{pulse!r} s"
    provenance = {
        "software": re.sub(r"^Parameter file,\s*", "", (acquired or processed).get("TITLE", "")).strip(),
        "instrument": _text(acquired, "$INSTRUM"),
        "operator": (acquired or processed).get("OWNER", ""),
        "pulse_program": program,
    }
    names = ("$NS", "$TD", "$SWH", "$TE", "$RG", "$DECIM", "$GRPDLY", "$SI", "$LB", "$PHC0", "$PHC1")
    settings = {name.lstrip("$"): {**processed, **acquired}.get(name, "") for name in names}
    return Measured(data, metadata, provenance, dict(settings), said, _experiment(path))


def _experiment(path: Path) -> str:
    """Folder and number of an experiment: what its owner called it."""
    folder = path.parents[2] if path.name == "procs" and path.parent.parent.name == "pdata" else path.parent
    return f"{folder.parent.name}-{folder.name}" if folder.name.isdigit() and folder.parent.name else folder.name


def _between_pulses(acquired: Mapping[str, str]) -> float:
    """Seconds from pulse to pulse: the delay D1 and the acquisition."""
    delays = acquired.get("$D", "").partition(")")[2].split()
    count, width = (_float(acquired.get(name, ""), float("nan")) for name in ("$TD", "$SWH"))
    delay = _float(delays[1], float("nan")) if len(delays) > 1 else float("nan")
    return float(delay + count / 2 / width) if width > 0 else float("nan")


def _text(parameters: Mapping[str, str], label: str) -> str:
    found = re.sub(r"\$\$.*", "", parameters.get(label, "")).strip().strip("<>").strip()
    return "" if found.lower() in {"none", "off", "undefined"} else found


def _float(text: str, otherwise: float) -> float:
    try:
        number = float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return otherwise
    return number if np.isfinite(number) else otherwise
