"""Novonix (U)HPC files (.csv): sections ``[Summary]``, ``[Protocol]`` and ``[Data]``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from .contract import ReaderError, ReadOptions, Recording
from .delimited import read_text
from .tables.columns import Sheet
from .tables.dates import iso_start
from .tables.headers import Heading
from .tables.textfile import Text, content

if TYPE_CHECKING:
    import polars as pl

_SUMMARY, _DATA = b"[Summary]", re.compile(rb"^\[Data\]\s*?\n", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"
_STATEMENT = re.compile(r"\s*([^:]+?)\s*:\s*(.*?)\s*$")
_NOT_GIVEN = 1.0
"""What Novonix writes as mass and area where nobody typed them."""

_MEANINGS = {
    "run time (h)": Heading("time", "h"),
    "capacity (ah)": Heading("net_capacity", "A h"),
    "energy (wh)": Heading("net_energy", "W h"),
    "step type": Heading("state", ""),
}
_STEP_TYPES = {
    0: "Rest", 1: "CC Chg", 2: "CC DChg", 3: "CCCV Chg", 4: "CCCV DChg",
    7: "CC Chg", 8: "CV Chg", 9: "CC DChg", 10: "CV DChg",
}  # fmt: skip
"""Numbers of the column ``Step Type``. Those to 4 are named in the protocol of a file; 7 and 8 are the two parts of
CC-CV_charge there, and 9 and 10 those of CC-CV_discharge."""

_PROVENANCE = {
    "Channel": "channel",
    "Cell": "sample",
    "Serial Number": "serial_number",
    "Description": "comment",
    "Version": "software",
}


class NovonixReader:
    """Novonix HPC and UHPC.

    The net count ``Capacity`` becomes ``charge_counter``. Mass and area of 1.000 are what the software writes where
    nobody typed them, and count as not given.
    """

    name = "novonix"
    description = "Novonix HPC and UHPC (csv)"
    suffixes = (".csv",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for text that begins with ``[Summary]`` and names Novonix."""
        if head.removeprefix(_BOM).startswith(_SUMMARY) and b"novonix" in head[:400].lower():
            return None
        return "does not begin with [Summary] and the name of Novonix"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file ends before its section ``[Data]``, is cut in the middle of a line and ``options.partial`` is
            not set, or holds no points.
        """
        whole = content(path, partial=options.partial)
        raw = whole.raw.removeprefix(_BOM)
        data = _DATA.search(raw)
        if not data:
            raise ReaderError(path, "the file was cut: it has no section [Data]")
        head, body = raw[: data.start()], raw[data.end() :]
        if not body.strip():
            raise ReaderError(path, "the section [Data] is empty: the test had not begun, or the file was cut")
        if body.startswith(b'"'):
            body = body.replace(b'"', b"")  # earlier versions put quotes around each line
        before = head.count(b"\n") + 1
        text = Text(body, whole.problem, range(before + 1, before + 2 + body.count(b"\n")))
        result = read_text(path, options, known=_MEANINGS, prepare=_name_steps, text=text)
        _add_statements(result, head.decode("utf-8", errors="replace"))
        return result


def _name_steps(sheet: Sheet) -> None:
    """Words for the numbers of the column ``Step Type``."""
    import polars as pl

    if "state" not in sheet.assignment:
        return
    column = str(sheet.assignment["state"][0])
    codes: pl.Series = sheet.frame[column].cast(pl.Int64, strict=False)
    unknown = sorted(set(codes.drop_nulls().unique().to_list()) - _STEP_TYPES.keys())
    if unknown:
        sheet.warnings.append(
            f"step types {', '.join(map(str, unknown))} are not known: what is held there is not said"
        )
    words = codes.replace_strict(_STEP_TYPES, default="", return_dtype=pl.String)
    sheet.frame = sheet.frame.with_columns(words.alias(column))


def _add_statements(result: Recording, head: str) -> None:
    """What the sections before the data say."""
    summary, _, protocol = head.partition("[Protocol]")
    stated = {found[1]: found[2] for line in summary.splitlines() if (found := _STATEMENT.match(line.strip('"')))}
    lines = [line.strip() for line in summary.splitlines()]
    kind = next((line.removesuffix("data file").strip() for line in lines if line.endswith("data file")), "Novonix")
    result.provenance |= {ours: stated[name] for name, ours in _PROVENANCE.items() if stated.get(name)}
    result.provenance["instrument"] = kind
    date, _, clock = stated.get("Started", "").partition(" ")
    if start := iso_start(date, clock):
        result.provenance["start_time"] = start
    area = _number(stated.get("Area (cm2)", ""))
    if area not in {None, 0.0, _NOT_GIVEN}:
        result.metadata["area"] = f"{area:g} cm2"
    mass = _number(stated.get("Mass (g)", ""))
    if mass not in {None, 0.0, _NOT_GIVEN}:
        result.settings["active_mass"] = f"{mass:g} g"
    for name in ("Capacity (Ah)", "DC Offset Voltage (V)"):
        if stated.get(name):
            result.settings[name] = stated[name]
    steps = protocol.replace("[End Protocol]", "").strip()
    try:
        result.settings["protocol"] = json.loads(steps)
    except ValueError:
        result.settings["protocol"] = [line.strip('"') for line in steps.splitlines()]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
