"""A raw file on one screen: what is in it, how it is counted, what is known, what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ..model.metadata import UNITS
from ..model.schema import MODES
from ..model.units import pretty
from .provenance import files, known_metadata, texts
from .tables import Column, Table, readable

_SHOWN = 8


def overview(tree: xr.DataTree) -> str:
    """Summary of one cell as plain text, at most one screen long.

    Parameters
    ----------
    tree
        As :func:`pchp_widgets.open_cell` gives it.
    """
    return "\n".join(line for part in _parts(tree) for line in part)


def _parts(tree: xr.DataTree) -> Iterator[list[str]]:
    attrs = tree.attrs
    started = f", started {attrs['start_time']}" if attrs.get("start_time") else ""
    instrument = f", {attrs['instrument']}" if attrs.get("instrument") else ""
    first, *others = [f"{one['source_file']}: {one['reader']} {one['reader_version']}" for one in files(attrs)]
    more = [f"... {len(others) - _SHOWN} more files"] if len(others) > _SHOWN else []
    yield [f"{first}{instrument}{started}", *others[:_SHOWN], *more]
    if "points" in tree:
        yield _trace(tree["points"].to_dataset(), tree["steps"].to_dataset())
        yield ["", *_cycles(tree["steps"].to_dataset())]
    if "spectra" in tree:
        frequency = tree["spectra"].to_dataset()["frequency"].values
        count = tree["spectra"].sizes["spectrum"]
        yield [f"{count} impedance spectra, {np.nanmax(frequency):.4g} to {np.nanmin(frequency):.4g} Hz"]
    yield ["", *_metadata(tree)]
    warned = texts(attrs.get("warnings", ()))
    yield ["", *(f"warning: {text}" for text in warned)] if warned else []


def _trace(points: xr.Dataset, steps: xr.Dataset) -> list[str]:
    time, voltage, current = (points[name].values for name in ("time", "voltage", "current"))
    origin = str(points["current"].attrs.get("origin", ""))
    modes, counts = np.unique(steps["mode"].values[steps["mode"].values >= 0], return_counts=True)
    kinds = ", ".join(f"{count} {MODES[mode]}" for mode, count in zip(modes, counts, strict=True))
    span = " to ".join(readable(float(end) / 3600, 1) for end in (time[0], time[-1]))
    flow = f"current {np.nanmin(current):.4g} to {np.nanmax(current):.4g} mA"
    rule, meaning, why = (str(steps.attrs.get(f"cycle_rule{part}", "")) for part in ("", "_meaning", "_origin"))
    return [
        f"{readable(len(time))} points from {span} h; {kinds}",
        f"voltage {np.nanmin(voltage):.4f} to {np.nanmax(voltage):.4f} V, {flow}{f' ({origin})' if origin else ''}",
        f"cycles counted by {rule}: {meaning} ({why})",
    ]


def _cycles(steps: xr.Dataset) -> list[str]:
    one = steps.isel(cell=0)
    there = (one["point_count"] > 0).any("step").values
    numbers = one["cycle"].values[there]
    charge = one["charge"].isel(cycle=there)
    passed = {"charge": charge.where(charge > 0), "discharge": -charge.where(charge < 0)}
    table = Table(
        "cycles",
        "",
        [
            Column("cycle", numbers.tolist()),
            *(Column(name, values.sum("step").values.tolist(), "mA h") for name, values in passed.items()),
            Column("duration", (one["duration"].isel(cycle=there).sum("step").values / 3600).tolist(), "h", digits=2),
            Column("lowest", one["voltage_min"].isel(cycle=there).min("step").values.tolist(), "V"),
            Column("highest", one["voltage_max"].isel(cycle=there).max("step").values.tolist(), "V"),
        ],
    )
    lines = table.text().splitlines()
    if len(numbers) <= _SHOWN:
        return lines
    half = _SHOWN // 2
    return [*lines[: 1 + half], f"... {len(numbers) - 2 * half} more", *lines[-half:]]


def _metadata(tree: xr.DataTree) -> list[str]:
    known = known_metadata(tree)
    missing = known.missing()
    quantities = {name: f"{getattr(known, name):g} {pretty(units)}" for name, units in UNITS.items()}
    unknown = {"", -1, *(f"nan {pretty(units)}" for units in UNITS.values())}
    given = {name: quantities.get(name, value) for name, value in known}
    said = ", ".join(f"{name} {value}" for name, value in given.items() if value not in unknown)
    return [f"known: {said or 'nothing'}", f"not known: {', '.join(missing) or 'nothing'}"]
