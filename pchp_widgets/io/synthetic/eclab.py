"""Writers of small EC-Lab files, binary (.mpr) and text (.mpt), for tests and for the demo study.

They write what the reader of these formats relies on; EC-Lab itself was never asked to open them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..biologic import modules, parameters, rows, settings
from ..biologic.columns import COLUMNS, FLAGS, INTEGER_DTYPES, LAST_POINT
from ..biologic.techniques import BY_NAME, INSTRUMENTS

Columns = Mapping[str | int, npt.ArrayLike]

_IDS = {column.name: identifier for identifier, column in reversed(COLUMNS.items())} | {
    flag.name: identifier for identifier, flag in FLAGS.items()
}
_RELEASES = {
    # data module: version of the other modules, start of the parameters, their tag for GCPL, copy of the settings
    2: (0, 1389, 8, settings.COPY_OFFSETS[1]),
    3: (0, 6208, 9, settings.COPY_OFFSETS[0]),
    11: (10, 6210, 10, settings.COPY_OFFSETS[0]),
}
_LONG_NAMES = {
    settings.SETTINGS: "VMP settings",
    rows.MODULE_NAME: "VMP data",
    settings.LOG: "VMP LOG",
    "VMP loop": "VMP expt. loop indexes",
}
_NEW_STYLE = 11
_GALVANOSTATIC, _POTENTIOSTATIC, _REST = 1, 2, 3


@dataclass(frozen=True)
class Statements:
    """What a file says beside its columns.

    Attributes
    ----------
    technique
        EC-Lab's short name.
    start
        ISO 8601, local time.
    area
        Of the electrode [cm2]; EC-Lab's default when left out.
    loops
        First row of each loop of the technique, and the number of rows.
    finished
        Whether the last row carries the mark of a finished run.
    sequences
        Parameters of each sequence by EC-Lab's names, in the units of the file (GCPL only).
    """

    technique: str = "GCPL"
    start: str = "2024-01-10T11:02:29.886"
    area: float = 0.001
    comment: str = ""
    electrolyte: str = ""
    material: str = ""
    instrument: str = "VMP3"
    serial_number: str = "0000"
    channel: int = 1
    software: str = "11.50"
    original_file: str = "C:\\data\\synthetic.mpr"
    loops: Sequence[int] = ()
    finished: bool = True
    sequences: Sequence[Mapping[str, float]] = field(default_factory=tuple)


def gcpl_columns(
    time: npt.ArrayLike, voltage: npt.ArrayLike, current: npt.ArrayLike, sequence: npt.ArrayLike
) -> dict[str | int, npt.NDArray[Any]]:
    """Columns of a GCPL file, which holds charges instead of currents.

    Parameters
    ----------
    time, voltage, current
        In s, V and mA; the current of a row is the mean since the row before. Rows without current are rests.
    sequence
        EC-Lab's Ns of each row.
    """
    t, v, i = (np.asarray(values, float) for values in (time, voltage, current))
    ns = np.asarray(sequence, np.uint16)
    dq = i * np.diff(t, prepend=t[:1]) / 3600
    mode = np.where(i == 0, _REST, _GALVANOSTATIC).astype(np.uint8)
    half_cycle = _half_cycles(i)
    charge = np.cumsum(dq)
    begins = np.flatnonzero(np.diff(half_cycle, prepend=-1))
    before = np.repeat((charge - dq)[begins], np.diff(begins, append=len(t)))
    changes = np.diff(ns.astype(int), prepend=int(ns[0]) if len(ns) else 0) != 0
    return {
        "mode": mode,
        "ox/red": i > 0,
        "error": np.zeros(len(t), bool),
        "control changes": changes,
        "Ns changes": changes,
        "counter inc.": np.zeros(len(t), bool),
        "Ns": ns,
        "time/s": t,
        "dq/mA.h": dq,
        "(Q-Qo)/mA.h": charge,
        "control/V/mA": i,
        "Ewe/V": v,
        "I Range": np.full(len(t), 41),
        "Q charge/discharge/mA.h": charge - before,
        "half cycle": half_cycle,
    }


def _half_cycles(current: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """EC-Lab's number of the half cycle: counts changes of sign; there is no 1 when the first one is a discharge."""
    flowing = np.flatnonzero(current)
    sign = np.zeros(len(current))
    if len(flowing):
        last = np.maximum.accumulate(np.where(current != 0, np.arange(len(current)), -1))
        sign = np.sign(current[np.where(last < 0, flowing[0], last)])
    number = np.cumsum(np.diff(sign, prepend=sign[:1]) != 0)
    return number + ((number > 0) & bool(len(flowing) and current[flowing[0]] < 0))


def write_mpr(path: Path, columns: Columns, statements: Statements | None = None, *, version: int = 11) -> None:
    """Write a binary file.

    Parameters
    ----------
    columns
        Arrays of equal length by EC-Lab's names, or by column id where two ids share a name.
    version
        Of the data module: 2, 3 (both with the older module headers) or 11.
    """
    statements = statements or Statements()
    other, _, _, copy = _RELEASES[version]
    body = _settings_body(statements, version)
    parts = {
        settings.SETTINGS: (other, body),
        rows.MODULE_NAME: (version, _data_body(columns, statements, version)),
        settings.LOG: (other, _log_body(statements, body, copy)),
    }
    if statements.loops:
        loops = struct.pack(f"<I{len(statements.loops)}I", len(statements.loops), *statements.loops) + bytes(256)
        parts["VMP loop"] = (other, loops)
    year, month, day = statements.start[2:10].split("-")
    content = modules.MAGIC + b"\x1a" + bytes(modules.FIRST_MODULE - 4 - 23).replace(b"\0", b" ") + bytes(4)
    for name, (number, part) in parts.items():
        content += modules.module_header(
            name, _LONG_NAMES[name], number, f"{month}/{day}/{year}", len(part), new_style=version >= _NEW_STYLE
        )
        content += part
    path.write_bytes(content)


def _data_body(columns: Columns, statements: Statements, version: int) -> bytes:
    layout = rows.LAYOUTS[version]
    values = {_IDS[name] if isinstance(name, str) else name: np.asarray(array) for name, array in columns.items()}
    flags = [identifier for identifier in FLAGS if identifier in values]
    own = [identifier for identifier in values if identifier not in FLAGS]
    count = len(next(iter(values.values())))
    dtype = np.dtype(
        [("flags", "u1")] * bool(flags) + [(str(identifier), COLUMNS[identifier].dtype) for identifier in own]
    )
    table = np.zeros(count, dtype)
    for identifier in own:
        table[str(identifier)] = values[identifier]
    for identifier in flags:
        table["flags"] |= values[identifier].astype(np.uint8) << np.uint8(FLAGS[identifier].shift)
    if flags and count and statements.finished:
        table["flags"][[bound - 1 for bound in statements.loops if bound] or [-1]] |= LAST_POINT
    ids = [*flags, *own]
    head = struct.pack(layout.numbers, count, len(ids)).ljust(layout.ids, b"\0")
    head += struct.pack(f"<{len(ids)}H", *ids).ljust(2 * layout.slots, b"\0")
    return head.ljust(layout.first_row, b"\x01") + table.tobytes()


def _settings_body(statements: Statements, version: int) -> bytes:
    _, start, tag, _ = _RELEASES[version]
    body = bytearray(start)
    body[0] = BY_NAME[statements.technique].code
    body[settings.AREA_UNIT], body[settings.CHARACTERISTIC_MASS_UNIT] = 2, 1
    struct.pack_into("<f", body, settings.AREA, statements.area)
    for offset in (settings.MASS, settings.CHARACTERISTIC_MASS):
        struct.pack_into("<f", body, offset, 0.001)
    for offset, text in (
        (settings.COMMENT, statements.comment),
        (settings.MATERIAL, statements.material),
        (settings.ELECTROLYTE, statements.electrolyte),
        (settings.REFERENCE, "(unspecified)"),
    ):
        _put_text(body, offset, text)
    block = b""
    if statements.sequences:
        fields = parameters.fields_of(statements.technique, tag)
        stride = max(one.offset + np.dtype(one.dtype).itemsize for one in fields)
        table = np.zeros(len(statements.sequences), parameters.row_dtype(fields, stride))
        for row, sequence in zip(table, statements.sequences, strict=True):
            for name, value in sequence.items():
                row[name] = value
        block = parameters.encoded_parameters(table, tag)
    return bytes(body) + block + bytes(parameters.TAIL)


def _log_body(statements: Statements, settings_body: bytes, copy: int) -> bytes:
    body = bytearray(copy)
    days = (np.datetime64(statements.start, "ms") - np.datetime64("1899-12-30", "ms")) / np.timedelta64(1, "D")
    body[2] = settings_body[0]
    body[9] = statements.channel - 1
    body[9 + statements.channel] = 1
    struct.pack_into("<d", body, settings.START, days)
    body[974] = next(code for code, name in INSTRUMENTS.items() if name == statements.instrument)
    _put_text(body, 593, statements.original_file)
    _put_text(body, 951, statements.software)
    _put_text(body, 965, statements.software)
    _put_text(body, 975, statements.serial_number)
    return bytes(body) + settings_body[: -parameters.TAIL]


def _put_text(body: bytearray, offset: int, text: str) -> None:
    encoded = text.replace("\n", "\r\n").encode("cp1252")
    body[offset : offset + 1 + len(encoded)] = bytes([len(encoded)]) + encoded


def write_mpt(
    path: Path,
    columns: Columns,
    statements: Statements | None = None,
    *,
    decimal: str = ".",
    newline: str = "\r\n",
    header: bool = True,
    encoding: str = "cp1252",
) -> None:
    """Write a text export.

    Parameters
    ----------
    columns
        Arrays of equal length by the names of the header line, in its order.
    decimal, newline, encoding
        As the PC that exported it was set up.
    header
        Without it the file begins with the names of the columns.
    """
    names = [name if isinstance(name, str) else COLUMNS[name].name for name in columns]
    cells = [_printed(name, np.asarray(values)) for name, values in zip(names, columns.values(), strict=True)]
    lines = ["\t".join(row) for row in zip(*cells, strict=True)]
    body = re.sub(r"E([+-])(\d\d)\b", r"E\g<1>0\2", "\n".join(lines)).replace(".", decimal)
    text = "\t".join([*names, ""]) + "\n" + body + "\n"
    if header:
        head = _header(statements or Statements(), decimal)
        text = "\n".join(["EC-Lab ASCII FILE", f"Nb header lines : {len(head) + 3:<26}", *head, text])
    path.write_bytes(text.replace("\n", newline).encode(encoding))


def _printed(name: str, values: npt.NDArray[Any]) -> list[str]:
    """Whole numbers as such, single precision with 8 digits, double precision with 16."""
    if name in INTEGER_DTYPES:
        return [str(int(value)) for value in values]
    single = name in _IDS and COLUMNS[_IDS[name]].dtype == "<f4"
    if single:
        return [f"{value:.7E}" for value in values.astype(np.float32).tolist()]
    return [f"{value:.15E}" for value in values.tolist()]


def _header(statements: Statements, decimal: str) -> list[str]:
    date, clock = statements.start.split("T")
    year, month, day = date.split("-")
    folder, _, file = statements.original_file.rpartition("\\")
    lines = [
        "",
        BY_NAME[statements.technique].title,
        "",
        f"Run on channel : {statements.channel} (SN 0)",
        f"Acquisition started on : {month}/{day}/{year} {clock}",
        "Saved on :",
        f"\tFile : {file}",
        f"\tDirectory : {folder}\\",
        f"Device : {statements.instrument} (SN {statements.serial_number})",
        f"EC-Lab for windows v{statements.software} (software)",
        f"Command interpretor v{statements.software} (firmware)",
        f"Electrode material : {statements.material}",
        f"Electrolyte : {statements.electrolyte}",
        *(f"Comments : {line}" for line in statements.comment.split("\n")),
        f"Electrode surface area : {statements.area:.3f} cm²".replace(".", decimal),
        "Cycle Definition : Charge/Discharge alternance",
    ]
    names = list(dict.fromkeys(name for sequence in statements.sequences for name in sequence))
    for name in ["Ns"] * bool(names) + names:
        values = [sequence.get(name, place) for place, sequence in enumerate(statements.sequences)]
        lines.append(
            "".join(f"{cell:<20}" for cell in (name, *(f"{value:g}".replace(".", decimal) for value in values)))
        )
    loops = statements.loops
    if len(loops) > 2:
        lines += ["", f"Number of loops : {len(loops) - 1}"]
        lines += [f"Loop {n} from point number {loops[n]} to {loops[n + 1] - 1}" for n in range(len(loops) - 1)]
    return [*lines, ""]
