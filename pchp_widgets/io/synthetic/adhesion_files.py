"""Peel tests as files of testing machines, to try readers with."""

from __future__ import annotations

import numpy as np
import xarray as xr


def bluehill_csv(data: xr.Dataset) -> str:
    """All strips of the first sample as Instron's Bluehill writes them, one below the other, everything in quotes."""
    parts = ['"Bluehill","Peel test"\n"Peel angle","180","deg"\n"Failure mode","adhesive"\n']
    for at, (travel, force, time) in enumerate(_strips(data), 1):
        parts.append(f'\n"Specimen label","strip {at}"\n"Width","25.00","mm"\n')
        parts.append('"Time","Extension","Load"\n"(s)","(mm)","(N)"\n')
        parts += [f'"{t:.3f}","{x:.4f}","{f:.5f}"\n' for x, f, t in zip(travel, force, time, strict=True)]
    return "".join(parts)


def zwick_txt(data: xr.Dataset) -> str:
    """All strips of the first sample as ZwickRoell's testXpert writes them, in German: decimal commas, semicolons."""
    parts = ["testXpert II\nSchälwinkel;180;°\nProbenbreite;25,0;mm\nBruchbild;adhäsiv\n"]
    for at, (travel, force, time) in enumerate(_strips(data), 1):
        parts.append(f"\nProbe {at}\nPrüfzeit;Standardweg;Standardkraft\ns;mm;N\n")
        rows = (f"{t:.3f};{x:.4f};{f:.5f}\n" for x, f, t in zip(travel, force, time, strict=True))
        parts += [row.replace(".", ",") for row in rows]
    return "".join(parts)


def table_csv(data: xr.Dataset, *, layout: str = "wide") -> str:
    """Strips of the first sample as plain csv: ``wide`` side by side, or ``long`` with a column of their names."""
    strips = list(_strips(data))
    if layout == "long":
        rows = [f"{at},{x:.4f},{f:.5f}\n" for at, (travel, force, _) in enumerate(strips, 1)
                for x, f in zip(travel, force, strict=True)]  # fmt: skip
        return "Specimen,Displacement (mm),Force (N)\n" + "".join(rows)
    heads = ",".join(f"Specimen {at} Displacement (mm),Specimen {at} Force (N)" for at in range(1, len(strips) + 1))
    longest = max(len(travel) for travel, _, _ in strips)
    lines = []
    for place in range(longest):
        cells = [
            f"{travel[place]:.4f},{force[place]:.5f}" if place < len(travel) else "," for travel, force, _ in strips
        ]
        lines.append(",".join(cells))
    return "\n".join([heads, *lines]) + "\n"


def _strips(data: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Travel, force and time of each strip of the first sample."""
    found = []
    for travel, force, time in zip(*(data[name].values[0] for name in ("displacement", "force", "time")), strict=True):
        known = np.isfinite(force)
        found.append((travel[known], force[known], time[known]))
    return found
