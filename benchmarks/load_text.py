"""Seconds to load a text export. Usage: load_text.py cell|polars FILE [LINES-BEFORE-THE-HEADER [DELIMITER]].

No other reader of these formats is installed beside us that opens the files (galvani opens none of the .mpt). polars
is the bare parser: columns as they stand, no units, no steps, nothing checked. It is the limit, not a peer.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable

from measure import seconds

who, file, *layout = sys.argv[1:]
warnings.simplefilter("ignore")


def cell() -> Callable[[], object]:
    """All a user gets: points, steps, metadata, provenance."""
    from pchp_widgets import open_cell

    return lambda: open_cell(file)


def bare() -> Callable[[], object]:
    """Columns of text and numbers, whatever they are."""
    import polars as pl

    before, delimiter = int(layout[0]), layout[1].encode().decode("unicode_escape") if len(layout) > 1 else ","
    return lambda: pl.read_csv(
        file,
        skip_lines=before,
        separator=delimiter,
        encoding="utf8-lossy",
        truncate_ragged_lines=True,
        ignore_errors=True,
        infer_schema_length=2000,
    )


print(json.dumps(seconds({"cell": cell, "polars": bare}[who](), 5)))
