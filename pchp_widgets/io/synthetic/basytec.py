"""Small Basytec result files with given contents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from ...model.schema import CONTROLS
from .cycler import counted, step_time
from .text import write_text

_TIMES = {"s": 1.0, "min": 60.0, "h": 3600.0}


def write_basytec(path: Path | str, points: xr.Dataset, *, time: str = "s", current: str = "A") -> None:
    """Write points as a Basytec result file.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle``, ``instrument_step``
        and ``control``.
    time
        Unit of the time: ``"s"``, ``"min"`` or ``"h"``.
    current
        Unit of the current: ``"A"``, ``"mA"``, or ``"A/kg"`` as the software gives it per mass.
    """
    n = points.sizes["point"]
    counts = counted(points, np.zeros(n, np.int64))
    net = {name: (counts[name] - counts[f"dis{name}"]) / 1e3 for name in ("charge", "charge_energy")}
    flow = points["current"].values
    rest = points["control"].values == CONTROLS.index("rest")
    words = np.where(rest, "Pause", np.where(flow >= 0, "Charge", "Discharge"))
    columns = {
        f"~Time[{time}]": points["time"].values / _TIMES[time],
        "DataSet": np.arange(1, n + 1),
        f"t-Step[{time}]": step_time(points) / _TIMES[time],
        "Line": points["instrument_step"].values,
        "Command": words,
        "U[V]": points["voltage"].values,
        f"I[{current}]": flow if current == "mA" else flow / 1e3,
        "Ah[Ah]": net["charge"],
        "Wh[Wh]": net["charge_energy"],
        "T1[\N{DEGREE SIGN}C]": np.full(n, 25.5),
        "Cyc-Count": points["instrument_cycle"].values,
        "State": np.ones(n, int),
    }
    preamble = [
        "~Resultfile from Basytec Battery Test System", "~Date and Time of Data Converting: 02.11.2024 10:00:00", "~",
        "~Name of Test: synthetic", "~Battery: cell", "~Testchannel: 1 CH1", "~Start of Test: 01.11.2024 09:00:00",
        "~End of Test: 02.11.2024 09:00:00", "~",
    ]  # fmt: skip
    write_text(path, columns, delimiter="\t", preamble=preamble, encoding="cp1252", newline="\r\n")
