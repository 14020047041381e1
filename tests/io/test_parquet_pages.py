"""Parquet files whose pages are not where their index says."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pytest

from pchp_widgets.io.tables.parquet_pages import misplaced

ROWS = 3000
FRAME = pl.DataFrame(
    {
        "time": np.arange(ROWS) * 1.5,
        "cycle": np.arange(ROWS) // 100,
        "state": np.array(["Rest", "CC", "CV"])[np.arange(ROWS) % 3],
        "gaps": [None if at % 7 else 0.5 for at in range(ROWS)],
    }
)


@pytest.mark.parametrize("compression", ["zstd", "snappy", "gzip", "uncompressed"])
@pytest.mark.parametrize("rows", [None, 700])
def test_a_sound_file_has_its_pages_in_place(
    compression: Literal["zstd", "snappy", "gzip", "uncompressed"], rows: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.parquet"
    FRAME.write_parquet(path, compression=compression, row_group_size=rows, data_page_size=2000)
    assert misplaced(path) == ""


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7])
@pytest.mark.parametrize("length", [-40, 40])
def test_bytes_that_were_lost_or_put_in_are_seen(share: float, length: int, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    FRAME.write_parquet(path, compression="uncompressed", data_page_size=2000)
    data = path.read_bytes()
    at = int(share * len(data))
    path.write_bytes(data[:at] + data[at - 40 : at] * (length > 0) + data[at - min(length, 0) :])
    assert "its pages" in misplaced(path)


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"\xff" * 8, b"PAR1" + b"\x19" * 400 + b"\x90\x01\0\0PAR1"])
def test_what_has_no_index_is_no_file_with_pages(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    assert "its pages are not where its index says" in misplaced(path)
