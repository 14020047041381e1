"""The conformance kit finds what it is there to find."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.contract import Measured, ReaderError, ReadOptions, Recording
from pchp_widgets.model.measurements import measurement
from pchp_widgets.model.schema import dataset
from pchp_widgets.testing import check_reader

MAGIC = b"PLAIN\0"


class PlainReader:
    """Rows of three doubles and a checksum of each, under a magic word."""

    name = "plain"
    description = "a format for this test"
    suffixes = (".plain",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        return None if head.startswith(MAGIC) else "does not begin with PLAIN"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        data = path.read_bytes()
        if not data.startswith(MAGIC):
            raise ReaderError(path, "does not begin with PLAIN")
        count = (len(data) - len(MAGIC)) // 32
        cut = (len(data) - len(MAGIC)) % 32 > 0
        if cut and not options.partial:
            raise ReaderError(path, "is cut")
        rows = np.frombuffer(data, "<f8", count * 4, len(MAGIC)).reshape(-1, 4)
        with np.errstate(all="ignore"):
            sound = np.isfinite(rows).all(axis=1) & (rows[:, :3].sum(axis=1) == rows[:, 3])
        warnings = ["is cut"] * cut + [f"{np.count_nonzero(~sound)} rows are damaged: left out"] * (not sound.all())
        time, voltage, current, _ = rows[sound].T.copy()
        points = dataset("points", {"time": time, "voltage": voltage, "current": current})
        return Recording(points, warnings=warnings)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    rows = np.arange(1.0, 301.0).reshape(100, 3)
    path = tmp_path / "a.plain"
    path.write_bytes(MAGIC + np.column_stack([rows, rows.sum(axis=1)]).tobytes())
    return path


def test_a_reader_that_keeps_the_contract_passes(plain: Path) -> None:
    check_reader(PlainReader, plain)


class Sluggish(PlainReader):
    def sniff(self, head: bytes) -> str | None:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        return super().sniff(head)


class Greedy(PlainReader):
    def sniff(self, head: bytes) -> str | None:
        return None


class Curious(PlainReader):
    def sniff(self, head: bytes) -> str | None:
        Path(__file__).read_bytes()
        return super().sniff(head)


class Speechless(PlainReader):
    def sniff(self, head: bytes) -> str | None:
        return super().sniff(head) and ""


class Crude(PlainReader):
    def read(self, path: Path, options: ReadOptions) -> Recording:
        if len(path.read_bytes()) % 32 != len(MAGIC):
            raise ValueError("cannot reshape")
        return super().read(path, options)


class Careless(PlainReader):
    def read(self, path: Path, options: ReadOptions) -> Recording:
        found = super().read(path, ReadOptions(partial=True))
        found.warnings.clear()
        return found


class Strict(PlainReader):
    def read(self, path: Path, options: ReadOptions) -> Recording:
        return super().read(path, ReadOptions(partial=False))


class Fickle(PlainReader):
    def read(self, path: Path, options: ReadOptions) -> Recording:
        found = super().read(path, options)
        return Recording(found.points + np.random.default_rng().random(), warnings=found.warnings)


class NameBound(PlainReader):
    def read(self, path: Path, options: ReadOptions) -> Recording:
        if path.suffix != ".plain":
            raise ReaderError(path, "its name does not end in .plain")
        return super().read(path, options)


class Unitless(PlainReader):
    def read(self, path: Path, options: ReadOptions) -> Recording:
        found = super().read(path, options)
        return Recording(xr.Dataset({name: ("point", found.points[name].values) for name in found.points}))


class Nameless(PlainReader):
    name = ""


class Shouting(PlainReader):
    suffixes = (".PLAIN",)


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (Sluggish, "less than 10 ms is expected"),
        (Greedy, "sniff of no bytes: a reason is expected"),
        (Curious, "sniff must not open anything"),
        (Speechless, "a reason is expected, found ''"),
        (Crude, "ValueError instead of a ReaderError: cannot reshape"),
        (Careless, "a ReaderError or a warning is expected"),
        (Strict, "with partial=True: what is sound is expected"),
        (Fickle, "the points differ when read a second time"),
        (NameBound, "its name does not end in"),
        (Unitless, "points.time: units are '', expected 's'|points.time: '' does not measure"),
        (Nameless, "name: must not be empty"),
        (Shouting, "lower case with the dot is expected"),
    ],
)
def test_each_breach_is_found(reader: type[PlainReader], message: str, plain: Path) -> None:
    with pytest.raises(AssertionError, match=message):
        check_reader(reader, plain)


def test_a_format_that_hides_a_loss_can_be_checked_all_the_same(plain: Path) -> None:
    check_reader(Careless, plain, loss_shows=False)
    check_reader(Strict, plain, partial_ok=False)


class CurveReader(PlainReader):
    """The same bytes as a measurement of heat flow."""

    technique = "thermal"

    def read(self, path: Path, options: ReadOptions) -> Measured:  # type: ignore[override]
        found = super().read(path, options)
        if not found.points.sizes["point"]:
            raise ReaderError(path, "holds no row")
        time, temperature, flow = (found.points[name].values for name in ("time", "voltage", "current"))
        data = measurement("thermal", {"time": time, "temperature": temperature, "heat_flow": flow})
        return Measured(data, {"mass": "5.2 mg"}, warnings=found.warnings)


class Astray(CurveReader):
    technique = "diffraction"


class Nowhere(CurveReader):
    technique = "alchemy"


class Heavy(CurveReader):
    def read(self, path: Path, options: ReadOptions) -> Measured:  # type: ignore[override]
        found = super().read(path, options)
        return Measured(found.data, {"mass": "5.2"}, warnings=found.warnings)


class Timeless(CurveReader):
    def read(self, path: Path, options: ReadOptions) -> Measured:  # type: ignore[override]
        return Measured(super().read(path, options).data.drop_vars("time"))


class Companion(CurveReader):
    """Needs a second file beside its own."""

    def read(self, path: Path, options: ReadOptions) -> Measured:  # type: ignore[override]
        if not (path.parent / "scale.txt").exists():
            raise ReaderError(path, "scale.txt is not beside it")
        return super().read(path, options)


def test_a_reader_of_materials_is_held_to_its_technique(plain: Path) -> None:
    check_reader(CurveReader, plain)


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (Astray, "a measurement of diffraction is expected, found 'thermal'"),
        (Nowhere, "technique: one of thermal, "),
        (Timeless, "thermal.time: required variable is missing"),
    ],
)
def test_each_breach_of_a_reader_of_materials_is_found(reader: type[CurveReader], message: str, plain: Path) -> None:
    with pytest.raises(AssertionError, match=message):
        check_reader(reader, plain)


def test_metadata_without_a_unit_are_a_breach(plain: Path) -> None:
    with pytest.raises(ValueError, match="mass"):
        check_reader(Heavy, plain)


def test_files_that_belong_together_are_damaged_one_at_a_time(plain: Path) -> None:
    (plain.parent / "scale.txt").write_text("1 nm")
    check_reader(Companion, plain, folder=plain.parent)
    with pytest.raises(AssertionError, match=r"scale.txt is not beside it"):
        check_reader(Companion, plain)
