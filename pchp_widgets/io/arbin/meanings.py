"""What Arbin's names of columns mean where they state no unit.

Its database has one unit for each quantity, whatever the range of the channel: s, V, A, A h, W h and degC. Exports that
name the unit in the header are understood by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..tables.headers import Heading, plain

MEANINGS = {
    "test time": Heading("time", "s"),
    "voltage": Heading("voltage", "V"),
    "current": Heading("current", "A"),
    "charge capacity": Heading("charge_capacity", "A h"),
    "discharge capacity": Heading("discharge_capacity", "A h"),
    "charge energy": Heading("charge_energy", "W h"),
    "discharge energy": Heading("discharge_energy", "W h"),
    "cycle index": Heading("instrument_cycle", "1"),
    "step index": Heading("instrument_step", "1"),
    "temperature": Heading("temperature", "degC"),
}
"""By header as :func:`.headers.plain` writes it."""

_OWN = {"data point", "test time", "step time", "step index", "cycle index", "current", "voltage"}


def are_arbins(headers: Sequence[str]) -> bool:
    """Whether headers are those of Arbin's table of points, with units or without."""
    names = {re.split(r"\s*[(\[]", plain(header))[0] for header in headers}
    return {name.replace(" id", " index") for name in names} >= _OWN  # its databases of results say Cycle_ID
