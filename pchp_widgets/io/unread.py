"""Formats that are known and not read, and what to do with such a file instead."""

from __future__ import annotations

import re

_TABLE = "Save it as text with headers that state quantity and unit, for example frequency/Hz, Re(Z)/ohm, -Im(Z)/ohm"
_KNOWN = {
    rb"\x93NUMPY": f"a NumPy array, which does not say what its numbers are. {_TABLE}",
    rb"\x80[\x02-\x05]": f"a Python pickle, which may run anything when it is opened. {_TABLE}",
    rb"MATLAB 5\.0 MAT-file": f"a MATLAB file, which does not say what its numbers are. {_TABLE}",
    rb"\x89HDF\r\n\x1a\n": (
        "HDF5, in which cellpy and battery-data-toolkit keep cells: it takes a library of 20 MB that is not part"
        " of this package. Take the raw file of the cycler, or save the records from there as csv or Parquet"
    ),
    rb"\x1f\x8b": "packed by gzip, and no table of text: unpack it (gunzip) and open what was in it",
    rb"(?s).{,200}Maccor Procedure File": "a Maccor procedure, which holds no data",
    rb"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\d-])": f"JSON that no instrument is known to write. {_TABLE}",
    rb"[\s\d.,;eE+-]{20}": f"bare numbers, of which nothing tells what they are. {_TABLE}",
}


def unread(head: bytes) -> str:
    """What a file is that no reader takes, and what to do with it; empty where that is not known either.

    Parameters
    ----------
    head
        The first bytes of the file.
    """
    if b"P\0a\0l\0m\0S\0e\0n\0s\0" in head:
        return "It is a session of PalmSens' PSTrace (.pssession). Export the spectra from PSTrace as csv."
    for beginning, said in _KNOWN.items():
        if re.match(beginning, head):
            return f"It is {said}."
    return ""
