"""Small files of photoemission in the formats of instruments, for tests and demonstrations."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
Spectrum = tuple[str, str, FloatArray, FloatArray, float, float, float]


def spectra(data: xr.Dataset) -> Iterator[Spectrum]:
    """Every spectrum: sample, region, binding energy, counts per second, dwell time, photon energy, pass energy."""
    for sample in data["sample"].values:
        for region in data["region"].values:
            one = data.sel(sample=sample, region=region)
            energy, rate = one["binding_energy"].values, one["intensity"].values
            known = np.isfinite(rate)
            dwell, photon, passed = (float(one[name]) for name in ("dwell_time", "photon_energy", "pass_energy"))
            yield str(sample), str(region), energy[known][::-1], rate[known][::-1], dwell, photon, passed


def write_vamas(path: Path, data: xr.Dataset, *, irregular: bool = False) -> None:
    """Write measurements as a VAMAS file in counts, a block per region and sample.

    Parameters
    ----------
    path
        Of the file.
    data
        As :func:`.photoemission.layers` gives it.
    irregular
        Write every energy, as of an irregular scan.
    """
    every = list(spectra(data))
    lines = ["VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4"]
    lines += ["Not Specified", "generated", "Not Specified", "Not Specified", "0", "NORM"]
    lines += ["IRREGULAR" if irregular else "REGULAR", str(data.sizes["region"]), "0", "0", "0", "0", "0"]
    lines += [str(len(every))]
    for one in every:
        lines += _block(one, irregular)
    path.write_text("\n".join([*lines, "end of experiment", ""]), encoding="utf-8")


def _block(one: Spectrum, irregular: bool) -> list[str]:
    sample, region, energy, rate, dwell, photon, passed = one
    counts = np.rint(rate * dwell).astype(int)
    species, _, transition = region.partition(" ")
    none = "1E+37"
    lines = [region, sample, "2026", "1", "1", "0", "0", "0", "0", "0", "XPS", "Al Ka", f"{photon}"]
    lines += [none] * 5 + ["FAT", f"{passed}"] + [none] * 7 + [species, transition, "-1"]
    axis = ["kinetic energy", "eV"]
    if irregular:
        lines += ["2", *axis, "counts", "d"]
    else:
        lines += [*axis, f"{photon - energy[0]:.6f}", f"{energy[0] - energy[1]:.6f}", "1", "counts", "d"]
    lines += ["pulse counting", f"{dwell}", "1", none, none, none, none, "0"]
    if not irregular:
        return [*lines, str(len(counts)), str(counts.min()), str(counts.max()), *map(str, counts)]
    pairs = [text for at, count in zip(energy, counts, strict=True) for text in (f"{photon - at:.6f}", str(count))]
    ends = [f"{photon - energy[0]}", f"{photon - energy[-1]}", str(counts.min()), str(counts.max())]
    return [*lines, str(2 * len(counts)), *ends, *pairs]


def write_casaxps(path: Path, data: xr.Dataset) -> None:
    """Write measurements as CasaXPS exports them."""
    lines = []
    for at, (sample, region, energy, rate, dwell, photon, _) in enumerate(spectra(data)):
        lines += [f"Cycle {at}:{sample}:{region}"]
        lines += [f"\tCharacteristic Energy eV\t{photon:.6e}\tAcquisition Time s\t{dwell:.6e}"]
        lines += ["Name\t\t", "Position\t\t", "FWHM\t\t", "Area\t\t", "Lineshape\t\t", "K.E.\tCounts\t\tB.E.\tCPS"]
        for place, height in zip(energy, rate, strict=True):
            lines += [f"{photon - place:.6e}\t{height * dwell:.9e}\t\t{place:.9e}\t{height:.9e}"]
        lines += [""]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_specs(path: Path, data: xr.Dataset) -> None:
    """Write measurements as SpecsLab exports them to xy."""
    lines = ["# Created by:        SpecsLab Prodigy, Version 4.100.1", "#", "# XY-Serializer Export Settings:"]
    lines += ["#   Energy Axis:              Binding Energy", "#   Count Rate:               Counts per Second", "#"]
    for sample, region, energy, rate, dwell, photon, passed in spectra(data):
        lines += [f"# Group:   {sample}", "#", f"# Region:   {region}", f"# Values/Curve:   {len(energy)}"]
        lines += [f"# Dwell Time:   {dwell}", f"# Excitation Energy:   {photon}", f"# Pass Energy:   {passed}", ""]
        lines += ["# Cycle: 0", "#", "# Number of Scans: 1", "# ColumnLabels:   energy counts/s"]
        lines += [f"{place:.6f}  {height:.9g}" for place, height in zip(energy, rate, strict=True)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_avantage(path: Path, data: xr.Dataset) -> None:
    """Write one sample as a workbook of Avantage."""
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.Workbook()
    book.remove(book.active)
    for _, region, energy, rate, *_ in spectra(data):
        sheet = book.create_sheet(f"{region.replace(' ', '')} Scan")
        for row in ([], ["Axis", "Energy", "Elements=", len(energy)], [], ["Binding Energy (E)"]):
            sheet.append(row or [None])
        sheet.append(["eV", None, "Counts / s"])
        for place, height in zip(energy, rate, strict=True):
            sheet.append([float(place), None, float(height)])
    book.save(path)


def write_phi(path: Path, data: xr.Dataset) -> None:
    """Write one sample as a PHI file."""
    every = list(spectra(data))
    lines = ["SOFH", "Platform: PC", "Technique: XPS", "FileType:  SPECTRUM", "InstrumentModel: generated"]
    lines += [f"XraySource: Al {every[0][5]} mono", f"NoSpectralReg: {len(every)}"]
    for at, (_, region, energy, _, dwell, _, passed) in enumerate(every, 1):
        name, step = region.replace(" ", ""), (energy[-1] - energy[0]) / (len(energy) - 1)
        ends = f"{energy[0]} {energy[-1]} {energy[0]} {energy[-1]}"
        lines += [f"SpectralRegDef: {at} 1 {name} 6 {len(energy)} {step} {ends} {dwell} {passed} AREA"]
    heads, bodies = struct.pack("<4I", 1, len(every), 96, 16), b""
    offset = 16 + 96 * len(every)
    for at, (_, _, energy, rate, *_) in enumerate(every, 1):
        body = rate.astype("<f8").tobytes()
        words = [at, 1, 1, 1, 1, len(energy), 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]
        heads += struct.pack("<18I", *words) + b"f8\0\0" + struct.pack("<5I", len(body), offset, 0, 0, 0)
        bodies, offset = bodies + body, offset + len(body)
    path.write_bytes("\r\n".join([*lines, "EOFH", ""]).encode() + heads + bodies)


def write_scienta(path: Path, data: xr.Dataset) -> None:
    """Write one sample as SES exports it, of a pulse-counting detector."""
    every = list(spectra(data))
    lines = ["[Info]", f"Number of Regions={len(every):04d}", "Version=1.3.1", ""]
    for at, (_, region, energy, rate, dwell, photon, passed) in enumerate(every, 1):
        lines += [f"[Region {at}]", f"Region Name={region}", "Dimension 1 name=Binding Energy [eV]"]
        lines += [f"Dimension 1 size={len(energy)}", "", f"[Info {at}]", f"Region Name={region}"]
        lines += [f"Pass Energy={passed}", "Number of Sweeps=1", f"Excitation Energy={photon}"]
        lines += [f"Step Time={1000 * dwell}", "DetectorMode=Pulse Counting", "", f"[Data {at}]"]
        lines += [f" {place:.9E}  {height * dwell:.9E}" for place, height in zip(energy, rate, strict=True)]
        lines += [""]
    path.write_text("\r\n".join(lines), encoding="utf-8")


def write_csv(path: Path, data: xr.Dataset) -> None:
    """Write one spectrum over kinetic energy."""
    ((_, region, energy, rate, _, photon, _),) = list(spectra(data))
    lines = [f"# {region}, hv={photon}eV", "kinetic energy (eV),counts/s"]
    lines += [f"{photon - place:.6f},{height:.9g}" for place, height in zip(energy, rate, strict=True)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


WRITERS: dict[str, Callable[[Path, xr.Dataset], None]] = {
    ".vms": write_vamas,
    ".txt": write_casaxps,
    ".xy": write_specs,
    ".xlsx": write_avantage,
    ".spe": write_phi,
    ".ses.txt": write_scienta,
}
"""Writers of files with several regions, by ending."""
