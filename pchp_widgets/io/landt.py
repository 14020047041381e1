"""Landt (LANHE) exports of its records as text: one table, or a table below each step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from .delimited import read_text
from .tables.columns import Sheet
from .tables.headers import Heading, plain
from .tables.layout import NotATableError, encoding, layout, text_head
from .tables.textfile import Text, content, lines_of

if TYPE_CHECKING:
    pass

MEANINGS = {
    "testtime": Heading("time", "s"),
    "测试时间": Heading("time", "s"),
    "电压/v": Heading("voltage", "V"),
    "电流/ma": Heading("current", "mA"),
    "电流/a": Heading("current", "A"),
    "容量/mah": Heading("capacity", "mA h"),
    "容量/ah": Heading("capacity", "A h"),
    "能量/mwh": Heading("energy", "mW h"),
    "能量/wh": Heading("energy", "W h"),
    "cycle-index": Heading("instrument_cycle", "1"),
    "cycleno": Heading("instrument_cycle", "1"),
    "step-index": Heading("instrument_step", "1"),
    "stepno": Heading("instrument_step", "1"),
    "step-state": Heading("state", ""),
    "stepstatus": Heading("state", ""),
    "状态": Heading("state", ""),
    "step name": Heading("state", ""),
    "mode": Heading("state", "", 9),
}
"""By header as :func:`.headers.plain` writes it."""

_STATES = {
    "r": "Rest", "d_cc": "CC DChg", "d_rate": "CC DChg", "d_cv": "CV DChg", "c_cc": "CC Chg", "c_rate": "CC Chg",
    "c_cv": "CV Chg", "ccc": "CC Chg", "ccd": "CC DChg", "cvc": "CV Chg", "cvd": "CV DChg",
    "cccv_c": "CCCV Chg", "ccvc_c": "CCCV Chg", "cccv_d": "CCCV DChg", "ccvc_d": "CCCV DChg",
}  # fmt: skip
"""Landt's short words for a step; longer ones (``discharge CC``) are understood as they are."""

_STEP_HEAD = ("Index", "Mode", "Period")
_RECORD_HEAD = re.compile(r"(?:Index|Record|记录序号)(\t|,|;)\s*(?:TestTime|测试时间)")
_OF_CSV = {"channel index", "cycle index", "step index", "date time iso string", "test time s"}


class LandtReader:
    """What LANDdt writes as text.

    A magnitude of the current takes its sign from the state of the step. ``charge_counter`` is one net count of the
    capacity, which starts again at every step.
    """

    name = "landt"
    description = "Landt (LANHE) exports (csv, txt)"
    suffixes = (".csv", ".txt")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a table with Landt's names of columns."""
        try:
            head = text_head(head)
            if _is_nested(head):
                return None
            headers = layout(head).headers
        except NotATableError as reason:
            return str(reason)
        return None if are_landts(headers) else "no columns called TestTime, Voltage/V, Current/mA as Landt does"

    def read(self, path: Path, options: ReadOptions, text: Text | None = None) -> Recording:
        """Read the whole file, or a table `text` taken out of it.

        Raises
        ------
        ReaderError
            When the file is cut in the middle of a line and ``options.partial`` is not set, holds no records, or its
            counter shows that the current is not in the unit it should be in.
        """
        with path.open("rb") as file:
            head = text.raw[:HEAD_BYTES] if text else text_head(file.read(HEAD_BYTES))
        if _is_nested(head):
            text = _flattened(path, text or content(path, partial=options.partial))
        result = read_text(path, options, known=MEANINGS, prepare=_name_states, text=text)
        result.provenance["instrument"] = "Landt"
        return result


def are_landts(headers: Sequence[str]) -> bool:
    """Whether headers are those of Landt's table of records."""
    names = {plain(header) for header in headers}
    first = {name.split("/")[0] for name in names}
    return names >= _OF_CSV or first >= {"testtime", "voltage", "current"} or first >= {"测试时间", "电压", "电流"}


def _name_states(sheet: Sheet) -> None:
    """Words for Landt's abbreviations of the state of a step."""
    import polars as pl

    if "state" not in sheet.assignment:
        return
    column = str(sheet.assignment["state"][0])
    sheet.known |= {at for at, header in enumerate(sheet.headers) if plain(header) == "mode"}
    words = sheet.frame[column].cast(pl.String).str.strip_chars().str.to_lowercase()
    named = words.replace(list(_STATES), list(_STATES.values()))
    sheet.frame = sheet.frame.with_columns(named.alias(column))


def _is_nested(head: bytes) -> bool:
    lines = head.decode(encoding(head), errors="replace").splitlines()
    return any(tuple(re.split(r"[\t,;]", line)[:3]) == _STEP_HEAD for line in lines)


def _flattened(path: Path, text: Text) -> Text:
    """The records of all steps as one table, with the number and the mode of the step before their own cells.

    Raises
    ------
    ReaderError
        When no line names the columns of the records.
    """
    import polars as pl

    whole = text.raw.decode(encoding(text.raw[:HEAD_BYTES]), errors="replace").replace("\r\n", "\n")
    lines = lines_of(whole)
    found = _RECORD_HEAD.search(whole)
    if not found:
        raise ReaderError(path, "no line below the steps names TestTime and the other columns of the records")
    delimiter, header = found[1], whole[found.start() :].partition("\n")[0]
    step_head = lines.str.starts_with(delimiter.join(_STEP_HEAD))
    blank = lines.str.strip_chars(f" {delimiter}") == ""
    frame = pl.DataFrame({"line": lines, "number": pl.int_range(1, len(lines) + 1, eager=True)}).with_columns(
        step=step_head.cum_sum(), table=(lines == header).cum_sum()
    )
    inside = frame.filter(~step_head & (lines != header) & ~blank & (pl.col("step") > 0))
    modes = inside.filter(pl.col("table") < pl.col("step")).group_by("step", maintain_order=True).last()
    cells = modes["line"].str.split(delimiter).list.get(1, null_on_oob=True).fill_null("")
    records = inside.filter(pl.col("table") == pl.col("step"))
    mode = records["step"].replace_strict(modes["step"].to_list(), cells.to_list(), default="", return_dtype=pl.String)
    rows = records.select(pl.concat_str("step", mode.alias("mode"), "line", separator=delimiter))[:, 0]
    raw = "\n".join([delimiter.join(["Step-Index", "Mode", header]), *rows]).encode()
    start = whole.count("\n", 0, found.start()) + 1
    return Text(raw + b"\n" * whole.endswith("\n"), text.problem, [start, *records["number"].to_list()])
