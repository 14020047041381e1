"""Reader of BioLogic's binary files (.mpr) of EC-Lab 10.40 to 11.62 and BT-Lab."""

from __future__ import annotations

import struct
from pathlib import Path

from ..contract import ReadOptions, Recording
from .findings import Findings, file_content
from .modules import MAGIC, Module, modules
from .points import recording
from .rows import MODULE_NAME, data_columns
from .settings import LOG, add_statements
from .table import Array, Table, loop_numbers

LOOPS, DEVICE = "VMP loop", "VMP ExtDev"
_DEVICE_NAMES = {2: (54, 99), 3: (55,)}


class MprReader:
    """BioLogic EC-Lab and BT-Lab binary files."""

    name = "biologic-mpr"
    description = "BioLogic EC-Lab / BT-Lab, binary (.mpr, data modules of version 2, 3 and 11)"
    suffixes: tuple[str, ...] = (".mpr",)
    version = "3"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are not ours, or None when they are."""
        return None if head.startswith(MAGIC) else "the file does not begin with 'BIO-LOGIC MODULAR FILE'"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        The voltage is ``Ewe`` (working against reference electrode, which is the cell voltage of a cell with two
        electrodes); ``Ece`` stays beside it. Techniques that store charges but no current (GCPL) get the current
        EC-Lab itself exports: dq over dt, 0 in the first row, marked as derived.

        Raises
        ------
        ReaderError
            When the file is cut, damaged or of an unknown version, and ``options.partial`` is not set.
        """
        findings = Findings(path, options.partial)
        return recording(read_table(file_content(path), findings), findings)


def columns(path: Path) -> dict[str, Array]:
    """Stored columns of a file by EC-Lab's names, flags split, values untouched.

    Raises
    ------
    ReaderError
        As :meth:`MprReader.read`.
    """
    path = Path(path)
    return read_table(file_content(path), Findings(path)).columns


def read_table(content: bytes, findings: Findings) -> Table:
    """Everything a binary file holds."""
    found = modules(content, findings)
    data = found.get(MODULE_NAME)
    if data is None:
        findings.refuse(f"has no module {MODULE_NAME!r}: it holds no measurement, or was cut before it")
    values, finished = data_columns(data, findings)
    table = Table(values, finished=finished)
    add_statements(table, found, findings)
    if finished is False:
        findings.note("the last point lacks the mark of a finished run: the file was copied while the test was running")
    elif finished is None and LOG not in found:
        findings.note("has no log module and its rows carry no flags: whether the run had ended is not known")
    _add_loops(table, found.get(LOOPS), findings)
    _add_device_names(table, found.get(DEVICE))
    return table


def _add_loops(table: Table, module: Module | None, findings: Findings) -> None:
    if module is None or len(module.body) < 4:
        return
    (count,) = struct.unpack_from("<I", module.body)
    stored = min(count, (len(module.body) - 4) // 4)
    bounds = list(struct.unpack_from(f"<{stored}I", module.body, 4))
    rows = len(next(iter(table.columns.values())))
    if bounds != sorted(bounds) or bounds[:1] != [0]:
        findings.damage("its list of loops is out of order")
    elif len(bounds) > 2:
        table.columns["loop"] = loop_numbers(bounds, rows)


def _add_device_names(table: Table, module: Module | None) -> None:
    """What the analog inputs were wired to; the columns keep EC-Lab's names, their values are already scaled."""
    if module is None or not len(module.body):
        return
    for number, offset in enumerate(_DEVICE_NAMES.get(module.body[0], ()), start=1):
        text = bytes(module.body[offset : offset + 45])
        name = text[1 : 1 + text[0]].decode("cp1252", "replace") if text else ""
        if name:
            table.settings[f"Analog IN {number}"] = name
