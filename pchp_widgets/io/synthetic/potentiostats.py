"""Small impedance files as potentiostats write them, from spectra of known truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
Sweep = tuple[FloatArray, ComplexArray]
"""Frequencies [Hz] in the order measured, and Z [ohm] at each."""

GRID: FloatArray = np.geomspace(1e5, 0.1, 37)
"""[Hz]"""


def arc(frequency: FloatArray = GRID, *, scale: float = 1.0) -> ComplexArray:
    """Z of R0-p(R1,C1) with 10 ohm, 50 ohm and 20 uF, times `scale`."""
    z = scale * (10 + 50 / (1 + 2j * np.pi * frequency * 50 * 20e-6))
    return z.astype(np.complex128)


def write_gamry(
    path: Path | str,
    sweeps: Sequence[Sweep],
    *,
    drift: float = 0.0,
    aborted: bool = False,
    decimal: str = ".",
) -> None:
    """A .DTA file of potentiostatic EIS, with the trace at open circuit before it.

    Parameters
    ----------
    path
        The file.
    sweeps
        A table ZCURVE each.
    drift
        What the raw impedance is larger than the drift-corrected one, relatively; no correction where it is 0.
    aborted
        Whether the run was aborted: said after the table, with the last sine wave as Gamry adds it.
    decimal
        Decimal sign.
    """
    lines = _gamry_header(drift)
    more = ["ZrealDrCor", "ZimagDrCor", "ZmodDrCor", "ZphzDrCor"] if drift else []
    names = ["Pt", "Time", "Freq", "Zreal", "Zimag", "Zsig", "Zmod", "Zphz", *more, "Idc", "Vdc", "IERange"]
    units = [
        "#",
        "s",
        "Hz",
        "ohm",
        "ohm",
        "V",
        "ohm",
        "\u00b0",
        *["ohm", "ohm", "ohm", "\u00b0"][: len(more)],
        "A",
        "V",
        "#",
    ]
    for frequency, z in sweeps:
        lines += ["ZCURVE\tTABLE", "\t" + "\t".join(names), "\t" + "\t".join(units)]
        for at, (f, right) in enumerate(zip(frequency, z, strict=True)):
            raw = right * (1 + drift)
            numbers = [at, 1.5 * at + 1, f, *_four(raw, signal=True), *(_four(right) if drift else []), 1e-6, 0.001, 8]
            lines.append("\t" + "\t".join(f"{number:.7G}" for number in numbers))
    if aborted:
        lines += [
            "EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted",
            "FRACURVE\tTABLE\t2",
            "\tPt\tT\tV\tI\tOlCtrl\tOverload",
        ]
        lines += [
            "\t#\tS\tV\tA\tbits\tbits",
            *(f"\t{at}\t2.0E+001\t1.0E-003\t1.0E-007\t......\t......" for at in range(2)),
        ]
    text = "\n".join(lines) + "\n"
    Path(path).write_bytes(text.replace(".", decimal).encode("cp1252") if decimal != "." else text.encode("cp1252"))


def _gamry_header(drift: float) -> list[str]:
    """Statements and the table at open circuit."""
    return [
        "EXPLAIN", "TAG\tEISPOT", "TITLE\tLABEL\tPotentiostatic EIS\tTest &Identifier", "DATE\tLABEL\t4/23/2018\tDate",
        "TIME\tLABEL\t16:43:15\tTime", "NOTES\tNOTES\t1\t&Notes...", "\tsynthetic",
        "PSTAT\tPSTAT\tREF3000-00000\tPotentiostat", "VDC\tPOTEN\t0.00000E+000\tT\tDC &Voltage (V)",
        f"DRIFTCOR\tSELECTOR\t{int(bool(drift))}\t&Drift Correction",
        "OCVCURVE\tTABLE\t3", "\tPt\tT\tVf\tVm\tAch\tOver\tTemp", "\t#\ts\tV vs. Ref.\tV\tV\tbits\tdeg C",
        *(f"\t{at}\t{0.25 * (at + 1)}\t1.0E-003\t1.0E-003\t0.0E+000\t..........a\t-327.67" for at in range(3)),
        "EOC\tQUANT\t0.001\tOpen Circuit (V)", "FRAMEWORKVERSION\tLABEL\t7.8.2\tFramework Version",
    ]  # fmt: skip


def _four(z: complex, *, signal: bool = False) -> list[float]:
    """Real part, imaginary part, modulus and phase [deg], and the strength of the signal between them."""
    return [z.real, z.imag, *([1.0] if signal else []), abs(z), float(np.degrees(np.angle(z)))]


def write_zview(path: Path | str, sweeps: Sequence[Sweep], *, comments: bool = True, planned: int = 0) -> None:
    """A .z file: the newer form with its comments, or the older one without, which states how many points to expect."""
    row = "{:.6E}{s}1.0000E-02{s}0.0000E+00{s}{:.6E}{s}{:.6E}{s}{:.6E}{s}0.0000E+00{s}0{s}5"
    separator = "\t" if comments else ", "
    points = [(f, z) for frequency, values in sweeps for f, z in zip(frequency, values, strict=True)]
    body = [row.format(f, 0.7 * at, z.real, z.imag, s=separator) for at, (f, z) in enumerate(points)]
    if comments:
        names = "  Freq(Hz)\tAmpl\tBias\tTime(Sec)\tZ'(a)\tZ''(b)\tGD\tErr\tRange"
        head = ["ZPLOT2 ASCII", "  Measured Data, ZPlot:       3.2c", "  Date:                       10-22-2018"]
        head += ["  Time:                       12:32:21", "  Begin User Comments:        0", names, "End Comments"]
    else:
        names = "\"  Freq(Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range\""
        head = ['"ZPlotW Data File: Version 3.2c"', '"Raw Data"', '"Sweep Frequency: Control Voltage"']
        head += ["Date: 12-17-2019    Time: 16:24:35", '"Frequency"', f"0,3,0,1,{points[0][0]:g},{points[-1][0]:g}"]
        head += [str(planned or len(points)), names]
    Path(path).write_text("\n".join([*head, *body]) + "\n", encoding="ascii")


def write_ch_instruments(path: Path | str, sweep: Sweep) -> None:
    """The text of "A.C. Impedance"."""
    head = ["Feb. 20, 2020   15:55:08", "A.C. Impedance", "File: c:\\data\\cell.bin", "Data Source:  Experiment"]
    head += ["Instrument Model:  CHI660E", "Header: ", "Note: ", "", "Init E (V) = 0", "High Frequency (Hz) = 1e+5"]
    head += ["Amplitude (V) = 0.005", "", "Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg", ""]
    body = [
        f"{f:.3e}, {z.real:.3e}, {z.imag:.3e}, {abs(z):.3e}, {np.degrees(np.angle(z)):.1f}"
        for f, z in zip(*sweep, strict=True)
    ]
    Path(path).write_text("\n".join([*head, *body]) + "\n", encoding="ascii")


def write_versastudio(path: Path | str, sweeps: Sequence[Sweep], *, direct: int = 0) -> None:
    """A .par file with one segment for each sweep; `direct` points without a frequency stand before the first."""
    names = (
        "Segment #, Point #, E(V), I(A), Elapsed Time(s), ADC Sync Input(V), Current Range, Status, E Applied(V),"
        " Frequency(Hz), E Real, E Imag, I Real, I Imag, Z Real, Z Imag, ActionId, AC Amplitude, 0"
    )
    row = "{},{},0.002,-3.282372E-06,{:.6g},-0.0024,5,53,0,{:.7g},0,0,0,0,{:.7g},{:.7g},21,0.02"
    lines = ["<Application>", "Name=VersaStudio", "Version=2.52.3.0", "</Application>", "", "<Instrument>"]
    lines += ["Type=VersaSTAT4", "SN=16334007", "</Instrument>", "", "<Experiment>", "TimeAcquired=9:40:30 AM"]
    lines += ["DateAcquired=Thursday, July 19, 2018", "</Experiment>", "", "<Action1>", "Name=Potentiostatic EIS"]
    lines += ["</Action1>", ""]
    for number, (frequency, values) in enumerate(sweeps):
        lines += [f"<Segment{number + 1}>", "Type=2", "Version=3", f"Definition={names}"]
        rest = range(direct if number == 0 else 0)
        lines += [row.format(number, at, 0.1 * at, 0, 0, 0) for at in rest]
        for at, (f, z) in enumerate(zip(frequency, values, strict=True)):
            lines.append(row.format(number, at, at + 1.812, f, z.real, z.imag))
        lines += [f"</Segment{number + 1}>", ""]
    Path(path).write_text("\n".join([*lines, "<Graph1>", "Type=Unknown", "</Graph1>"]) + "\n", encoding="utf-8")


def write_relaxis(path: Path | str, sweeps: Sequence[Sweep]) -> None:
    """What RelaxIS 3 exports as text, in ascending order of frequency."""
    lines = ["RelaxIS 3.0 Spectrum export", "Date: 12/16/2025 2:29:15 PM"]
    lines.append("Data: Frequency\tData: Z'\tData: Z''\tData: |Z|\tData: Theta (Z)")
    for number, (frequency, values) in enumerate(sweeps):
        lines.append(f"DC=0, TM=25\tModel: Unassigned Spectra\tSpectrum {number + 1}\t\t")
        for f, z in sorted(zip(frequency.tolist(), values.tolist(), strict=True), key=lambda one: one[0]):
            lines.append("\t".join(map(repr, [f, *_four(z)])))
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii")


def write_autolab_fra(path: Path | str, sweep: Sweep) -> None:
    """A .dfr file: nine numbers a point, one a line."""
    lines = ["VERSION8.0", f" {len(sweep[0])}", " 1"]
    for f, z in zip(*sweep, strict=True):
        lines += [f" {float(number)!r}" for number in (f, z.real, -z.imag, *[0.0] * 6)]
    Path(path).write_text("\n".join([*lines, " 1.0", "13.07.2022 22:32:00", " 2.0"]) + "\n", encoding="ascii")


def write_autolab_table(path: Path | str, sweep: Sweep) -> None:
    """A .P00 file: the names of the columns, how many points there are, and a tab behind every number."""
    lines = ["Procedure : Synthetic", "13.07.2022 22:32:00 - 13.07.2022 22:44:16 i(init)= 183.1nA - i(end)= 7.88nA"]
    names = ("f/Hz", "Z'/Ohm", "-Z''/Ohm", "time/s", "Edc/V", "Idc/A")
    lines += ["Description", "t =  736.4 s", "".join(f" {name:<11}\t" for name in names), f" {len(sweep[0])} "]
    for f, z in zip(*sweep, strict=True):
        lines.append("".join(f" {number:.6e}\t" for number in (f, z.real, -z.imag, 59.3, 0.30981, 1.8311e-7)))
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii")


def write_ivium(path: Path | str, sweeps: Sequence[Sweep], *, method: str = "Impedance") -> None:
    """An .idf file of one scan, or an .ids file of several."""
    lines = []
    for number, (frequency, values) in enumerate(sweeps):
        lines += ["Version=11", "Instrument=B08064", f"Method={method}", "Technique=PotentiostaticEIS"]
        lines += [f"Title=Synthetic {number + 1}", "Mconfig.Port=1", "primary_data", "3", str(len(frequency))]
        lines += [f" {z.real:.7e}  {z.imag:.7e}  {f:.7e}" for f, z in zip(frequency, values, strict=True)]
        lines += ["0", "QR=QR:1.0000E-3"]
    head = bytes(16) + b"\xfb\0\0\0\r\0"
    Path(path).write_bytes(head + "\r\n".join([*lines, ""]).encode("latin-1"))


def write_ism(path: Path | str, sweep: Sweep, *, voltage: float | None = None, stamp: float = 1.4e9) -> None:
    """A .ism file, with voltage and current of each point where a voltage [V] is given."""
    frequency, z = sweep
    count = len(frequency)
    arrays = [frequency, np.abs(z), np.angle(z), stamp + 2.5 * np.arange(count)]
    data = b"\x00\x00\xff\xff\xff\xfe" + (count - 1).to_bytes(6, "big")
    data += b"".join(np.asarray(one, ">f8").tobytes() for one in arrays) + np.full(count, 999, ">i2").tobytes()
    texts = ("160724", "Synthetic", "0.5V, Ampl: 10mV", "1nA", "23.8C", "", "first line", "", "", "", "1.327", "")
    data += b"".join(len(text).to_bytes(2, "big") + text.swapcase().encode() for text in texts)
    constants = np.zeros(32, ">f8")
    constants[25], constants[27] = 10.0, 32768 if voltage is not None else 0
    data += (257 if voltage is not None else 0).to_bytes(2, "big") + constants.tobytes()
    if voltage is not None:
        data += np.tile(np.array([voltage, 1e-9], ">f8"), count).tobytes()
    Path(path).write_bytes(data)
