"""Small Novonix files with given contents."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS
from .cycler import counted, step_time
from .text import write_text

START = datetime(2024, 11, 1, 9)  # noqa: DTZ001  the clock on the wall
"""Start of the tests that are written."""

_LONG = '{"Version":"UHPC Control: 2.13.0","ProtocolStepList":[' + ",".join(['{"StepType":3}'] * 700) + "]}"


def write_novonix(path: Path | str, points: xr.Dataset, *, area: float = 1.0, quoted: bool = False) -> None:
    """Write points as a Novonix file, whose protocol is longer than what a reader is shown of a file.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle``, ``instrument_step``
        and ``control``.
    area
        [cm2]; 1 is what the software writes where nobody typed one.
    quoted
        Put quotes around each line, and 12-hour clocks, as earlier versions do.
    """
    n = points.sizes["point"]
    time, flow = points["time"].values, points["current"].values
    counts = counted(points, np.zeros(n, np.int64))
    held = np.array(CONTROLS)[points["control"].values]
    form = "%Y-%m-%d %I:%M:%S %p" if quoted else "%Y-%m-%d %H:%M:%S"
    columns: dict[str, npt.ArrayLike] = {
        "Date and Time": [f"{START + timedelta(seconds=float(seconds)):{form}}" for seconds in time],
        "Cycle Number": points["instrument_cycle"].values,
        "Step Type": np.select([held == "rest", held == "cv", flow >= 0], [0, 8, 1], default=2),
        "Run Time (h)": time / 3600,
        "Step Time (h)": step_time(points) / 3600,
        "Current (A)": flow / 1e3,
        "Potential (V)": points["voltage"].values,
        "Capacity (Ah)": (counts["charge"] - counts["discharge"]) / 1e3,
        "Temperature (\N{DEGREE SIGN}C)": np.full(n, 25.5),
        "Circuit Temperature (\N{DEGREE SIGN}C)": np.full(n, 26.5),
        "Energy (Wh)": (counts["charge_energy"] - counts["discharge_energy"]) / 1e3,
        "Step Number": points["instrument_step"].values,
    }
    preamble = [
        "[Summary]", "Novonix UHPC data file", "Novonix", "Channel: 01", "Cell: synthetic_CH01.csv", "Serial Number: ",
        "Description: synthetic", "Protocol:", "Mass (g): 1.000", "Capacity (Ah): 5", f"Area (cm2): {area:.3f}",
        f"Started: {START:{form}}", "Version: 2.13.0", "[End Summary]", "[Protocol]", _LONG, "[End Protocol]", "[Data]",
    ]  # fmt: skip
    write_text(path, columns, preamble=preamble)
    if quoted:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        body = [f'"{line}"' for line in lines[len(preamble) :]]
        Path(path).write_text("\n".join([*lines[: len(preamble)], *body]) + "\n", encoding="utf-8")
