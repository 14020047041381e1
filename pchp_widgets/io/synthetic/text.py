"""Small delimited text files in any dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt


def write_text(
    path: Path | str,
    columns: Mapping[str, npt.ArrayLike],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    encoding: str = "utf-8",
    preamble: Sequence[str] = (),
    units: Sequence[str] = (),
    newline: str = "\n",
) -> None:
    r"""Write columns under their headers.

    Parameters
    ----------
    path
        The file.
    columns
        Values by header; numbers are written so that they read back exactly, texts as they are.
    delimiter, decimal, encoding, newline
        The dialect, for example ``";"``, ``","``, ``"cp1252"`` and ``"\r\n"``.
    preamble
        Lines before the header.
    units
        Cells of a units row below the header.
    """
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    body = [delimiter.join(_cell(value, decimal) for value in row) for row in rows]
    head = [*preamble, delimiter.join(columns), *([delimiter.join(units)] if units else [])]
    Path(path).write_bytes((newline.join([*head, *body]) + newline).encode(encoding))


def _cell(value: object, decimal: str) -> str:
    return repr(value).replace(".", decimal) if isinstance(value, float) else str(value)
