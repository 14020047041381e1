"""Files of calorimeters, written as their instruments write them, from a synthetic measurement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]


def universal_analysis(data: xr.Dataset, path: Path) -> None:
    """Text of TA Universal Analysis, exothermic up, rows of time -1 between segments."""
    header = [
        "CLOSED", "Version\t0.4", "Run\t1", "Instrument\tDSC Q1000 V9.9", "Module\tDSC Standard Cell",
        f"Sample\t{_name(data)}", f"Size\t{_mass(data):.5f}\tmg", "Exotherm\tUp", "Nsig\t3", "Sig1\tTime (min)",
        "Sig2\tTemperature (øC)", "Sig3\tHeat Flow (mW)", "Date\t25-Jan-17", "Time\t17:45", "StartOfData",
    ]  # fmt: skip
    rows = []
    for time, temperature, flow in _segments(data):
        rows.append(f"-1.000000\t{temperature[0]:.5f}\t0.0000000")
        rows += [f"{t / 60:.6f}\t{x:.5f}\t{-q:.7f}" for t, x, q in zip(time, temperature, flow, strict=True)]
    rows.append("-1.000000\t0.00000\t0.0000000")
    path.write_text("\n".join([*header, *rows]) + "\n", encoding="latin-1", newline="")


def trios_text(data: xr.Dataset, path: Path) -> None:
    """Text of TRIOS, a block for each segment, heat flow per mass."""
    parts = list(_segments(data))
    names = [_in_words(time, temperature) for time, temperature, _ in parts]
    lines = ["Filename\tsynthetic.tri", "Instrument name\tDSC2500", "Operator\tsynthetic"]
    lines += [f"Sample name\t{_name(data)}", f"proceduresegments\t{'; '.join(['Equilibrate', *names, 'Data off'])}"]
    lines += [f"Sample Mass\t{_mass(data):.5f} mg", "Exotherm direction\tDown", ""]
    for name, (time, temperature, flow) in zip(names, parts, strict=True):
        lines += ["[step]", name, "Time\tTemperature\tHeat Flow (Normalized)", "min\t°C\tW/g"]
        per_mass = flow / _mass(data)
        lines += [f"{t / 60:.6f}\t{x:.5f}\t{q:.8f}" for t, x, q in zip(time, temperature, per_mass, strict=True)]
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def trios_json(data: xr.Dataset, path: Path) -> None:
    """JSON of TRIOS, whose rows are objects."""
    rows = [
        {"Time_min": t / 60, "Temperature_°C": x, "Heat flow_mW": q, "Step id": f"step-{number}"}
        for number, columns in enumerate(_segments(data))
        for t, x, q in zip(*(column.tolist() for column in columns), strict=True)
    ]
    headers = {
        key: {
            "DisplayName": key.split("_", maxsplit=1)[0],
            "ValueType": "Number",
            "Unit": {"Name": key.partition("_")[2]},
        }
        for key in ("Time_min", "Temperature_°C", "Heat flow_mW", "Step id")
    }
    content = {
        "Schema": {"Url": "https://software.tainstruments.com/schemas/TRIOSJSONExportSchema"},
        "Sample": {"Name": _name(data), "Mass": {"Value": _mass(data), "Unit": {"Name": "mg"}}},
        "Results": {"Processed": {"ResultsSteps": [], "ColumnHeaders": headers, "Rows": rows}},
    }
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def netzsch(data: xr.Dataset, path: Path) -> None:
    """Text of NETZSCH Proteus with decimal commas, exothermic up."""
    lines = [
        "#EXPORTTYPE:DATA ALL", "#INSTRUMENT:NETZSCH DSC 204F1 Phoenix", f"#SAMPLE:{_name(data)}",
        f"#SAMPLE MASS /mg:{_mass(data):.3f}".replace(".", ","), "#SEPARATOR:SEMICOLON", "#DECIMAL:COMMA", "#EXO:1",
        "##Temp./°C;Time/min;DSC/(mW/mg);Sensit./(uV/mW);Segment",
    ]  # fmt: skip
    for number, (time, temperature, flow) in enumerate(_segments(data), 1):
        rows = zip(temperature, time / 60, -flow / _mass(data), strict=True)
        lines += [f"{x:.5f};{t:.6f};{q:.8f};3,4;{number}".replace(".", ",") for x, t, q in rows]
    path.write_text("\n".join(lines) + "\n", encoding="latin-1", newline="")


def mettler(data: xr.Dataset, path: Path) -> None:
    """Table of Mettler-Toledo STARe, exothermic up, name and mass in the last line."""
    lines = [f"{'Index':>14}{'t':>14}{'Heatflow':>14}{'Ts':>14}", f"{'[#]':>14}{'[s]':>14}{'[mW]':>14}{'[°C]':>14}"]
    columns = (np.concatenate(parts) for parts in zip(*_segments(data), strict=True))
    rows = enumerate(zip(*columns, strict=True))
    lines += [f"{at:>14}{t:>14.5e}{-q:>14.5e}{x:>14.5e}" for at, (t, x, q) in rows]
    lines.append(f"{_name(data)}, {_mass(data):.4f} mg, ^exo")
    path.write_text("\n".join(lines) + "\n", encoding="latin-1", newline="")


def setaram(data: xr.Dataset, path: Path) -> None:
    """Csv of Setaram as it should be: semicolons and decimal commas."""
    lines = ["Time (s);Furnace Temperature (°C);Sample Temperature (°C);HeatFlow (mW)"]
    columns = (np.concatenate(parts) for parts in zip(*_segments(data), strict=True))
    rows = zip(*columns, strict=True)
    lines += [f"{t:.2f};{x + 0.4:.5f};{x:.5f};{q:.7f}".replace(".", ",") for t, x, q in rows]
    path.write_text("\n".join(lines) + "\n", encoding="latin-1", newline="")


def table(data: xr.Dataset, path: Path) -> None:
    """Plain csv whose header says what is up."""
    columns = (np.concatenate(parts) for parts in zip(*_segments(data), strict=True))
    rows = [f"{t:.2f}, {x:.5f}, {-q:.7f}" for t, x, q in zip(*columns, strict=True)]
    path.write_text("\n".join(["Time (s), Temperature (C), Heat Flow Exo Up (mW)", *rows]) + "\n", newline="")


def _segments(data: xr.Dataset) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
    """Time [s], temperature [degC] and heat flow [mW], endothermic positive, of each segment of the first sample."""
    time, temperature, flow, segment = (
        data[name].values[0] for name in ("time", "temperature", "heat_flow", "segment")
    )
    for number in np.unique(segment[np.isfinite(segment)]):
        inside = segment == number
        yield time[inside], temperature[inside], flow[inside]


def _in_words(time: FloatArray, temperature: FloatArray) -> str:
    minutes = (time[-1] - time[0]) / 60
    change = abs(temperature[-1] - temperature[0])
    return (
        f"Ramp {change / minutes:.2f} °C/min to {temperature[-1]:.2f} °C" if change else f"Isothermal {minutes:.1f} min"
    )


def _name(data: xr.Dataset) -> str:
    return str(data["sample"].values[0])


def _mass(data: xr.Dataset) -> float:
    return float(data["mass"].values[0])
