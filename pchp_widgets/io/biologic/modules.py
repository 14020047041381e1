"""The modules of a BioLogic modular file: settings, data, log, loops, one after the other.

Bytes 0..51 are the file's own header. Every module has a header of 57 bytes, or of 65 bytes (64-bit length, marked by
FF FF FF FF in the place of the older length) since EC-Lab 11.50, and a body of the length it states. All numbers are
little-endian.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from .findings import Findings

MAGIC = b"BIO-LOGIC MODULAR FILE"
FIRST_MODULE = 52
_TAG = b"MODULE"
_NEW_STYLE = 0xFFFFFFFF
OLD_HEADER, NEW_HEADER = 57, 65


class Module(NamedTuple):
    """One module; `body` is shorter than `declared` where the file was cut."""

    name: str
    version: int
    date: str
    body: memoryview
    declared: int


def modules(content: bytes, findings: Findings) -> dict[str, Module]:
    """The modules by short name (``"VMP data"``), in the order of the file.

    Raises
    ------
    ReaderError
        When the file is not a modular file; when it is cut or has stray bytes, and only the whole file will do.
    """
    if not content.startswith(MAGIC):
        findings.refuse("not a BioLogic modular file: the first bytes are not 'BIO-LOGIC MODULAR FILE'")
    found: dict[str, Module] = {}
    view = memoryview(content)
    position = FIRST_MODULE
    while position < len(content):
        if content[position : position + 6] != _TAG[: len(content) - position]:
            findings.damage(f"byte {position} should begin a module and does not: the file is damaged")
            break
        header = _header_size(content, position)
        if len(content) < position + header:
            findings.damage("the file ends inside the header of a module: it was cut or is still being written")
            break
        module = _module(view, position, header)
        if len(module.body) < module.declared:
            findings.damage(
                f"the file ends after {len(module.body)} of the {module.declared} bytes of its module "
                f"{module.name!r}: it was cut or is still being written"
            )
        if module.name in found:
            findings.note(f"a second module {module.name!r} was passed over")
        found.setdefault(module.name, module)
        position += header + module.declared
    return found


def _header_size(content: bytes, position: int) -> int:
    return NEW_HEADER if content[position + 41 : position + 45] == b"\xff\xff\xff\xff" else OLD_HEADER


def _module(view: memoryview, position: int, header: int) -> Module:
    if header == NEW_HEADER:
        length, version = struct.unpack_from("<QI", view, position + 45)
    else:
        length, version = struct.unpack_from("<II", view, position + 41)
    start = position + header
    name = bytes(view[position + 6 : position + 16]).decode("cp1252", "replace").strip()
    date = bytes(view[start - 8 : start]).decode("cp1252", "replace")
    return Module(name, version, date, view[start : min(start + length, len(view))], length)


def module_header(name: str, long_name: str, version: int, date: str, length: int, *, new_style: bool) -> bytes:
    """Header of a module, for writing one."""
    names = _TAG + name.ljust(10).encode() + long_name.ljust(25).encode()
    size = struct.pack("<IQ", _NEW_STYLE, length) if new_style else struct.pack("<I", length)
    return names + size + struct.pack("<I", version) + date.encode()
