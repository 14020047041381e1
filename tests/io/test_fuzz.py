"""Damaged files of every reader: a sound result or a refusal, soon, in little memory. ``make fuzz`` reads many more."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from reader_files import EXAMPLES, READERS, REFUSING, reader_of

from pchp_widgets import fuzzing
from pchp_widgets.fuzzing import fuzz_reader, mutated
from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.model.schema import dataset
from pchp_widgets.testing import check_reader

MUTATIONS = int(os.environ.get("PCHP_MUTATIONS", "12"))
SEED = int(os.environ.get("PCHP_SEED", "0"))


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    return request.param, EXAMPLES[request.param].written(tmp_path)


every_example = pytest.mark.parametrize("example", EXAMPLES, indirect=True, ids=lambda what: what.replace(":", " "))


def test_every_reader_has_a_file_here() -> None:
    assert {what.partition(":")[0] for what in EXAMPLES} == READERS.keys() - REFUSING


@every_example
def test_readers_keep_the_contract(example: tuple[str, Path], tmp_path: Path) -> None:
    what, path = example
    of = EXAMPLES[what]
    check_reader(
        reader_of(what),
        path,
        options=of.options,
        partial_ok=of.partial_ok,
        loss_shows=of.loss_shows,
        folder=tmp_path if of.companions else None,
    )


@every_example
def test_damaged_files_give_a_sound_result_or_a_refusal(example: tuple[str, Path], tmp_path: Path) -> None:
    what, path = example
    of = EXAMPLES[what]
    fuzz_reader(
        reader_of(what),
        path,
        mutations=MUTATIONS,
        seed=SEED,
        options=of.options,
        loss_shows=of.loss_shows,
        folder=tmp_path if of.companions else None,
    )


ONCE_WRONG = [
    ("cycler-workbook:landt", 162, r"would be \d+ rows"),
    ("zahner-ism", 95, "bytes of it were changed"),
    ("bdf:parquet", 1768, "pages are not where"),
    ("micromeritics-xls", 820, "no whole Excel workbook"),
    ("nanosuite-xls", 88, r"would be \d+ rows"),
    ("hysitron-hld", 702, "columns of depth and load"),
    ("neware:ndax", 146, "more bytes than the file has"),
]


@pytest.mark.parametrize(("what", "number", "why"), ONCE_WRONG)
def test_copies_that_were_once_answered_wrongly_are_refused(what: str, number: int, why: str, tmp_path: Path) -> None:
    path = EXAMPLES[what].written(tmp_path)
    path.write_bytes(mutated(path.read_bytes(), np.random.default_rng([0, number]))[1])
    with pytest.raises(ReaderError, match=why):
        reader_of(what)().read(path, ReadOptions())


def test_records_of_neware_whose_step_is_damaged_are_left_out_and_counted(tmp_path: Path) -> None:
    path = EXAMPLES["neware:ndax"].written(tmp_path)
    path.write_bytes(mutated(path.read_bytes(), np.random.default_rng([0, 244]))[1])
    found = reader_of("neware:ndax")().read(path, ReadOptions())
    assert found.points.sizes["point"] == 350
    assert "100 records without a time, voltage, current or step: left out" in found.warnings


def test_a_cut_in_the_head_of_a_region_of_specs_is_said(tmp_path: Path) -> None:
    path = EXAMPLES["specs-xy"].written(tmp_path)
    path.write_bytes(mutated(path.read_bytes(), np.random.default_rng([0, 1747]))[1])
    found = reader_of("specs-xy")().read(path, ReadOptions())
    assert "the last line has no end: the file may be cut" in found.warnings


@pytest.mark.parametrize("name", sorted(REFUSING))
def test_a_reader_that_only_refuses_does_so_whatever_follows(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(np.random.default_rng(0).bytes(4000))
    fuzz_reader(READERS[name], tmp_path / "a.bin", mutations=MUTATIONS)


@pytest.mark.parametrize("data", [b"x", b"1,2\n3.5,4\n" * 20, bytes(300)])
def test_copies_differ_from_the_file_and_are_the_same_for_the_same_seed(data: bytes) -> None:
    for number in range(60):
        first, second = (mutated(data, np.random.default_rng([1, number]))[1] for _ in range(2))
        assert first == second
        assert first != data


class Spoiled:
    """A reader with one fault, which shows on damaged files only."""

    name, description, suffixes, version, fallback = "spoiled", "nothing", (".txt",), "1", False

    def __init__(self, fault: Callable[[bytes], object]) -> None:
        self.fault = fault

    def sniff(self, head: bytes) -> str | None:
        return None if head.startswith(b"t,E,I") else "not ours"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        data = path.read_bytes()
        if data != SOUND:
            self.fault(data)
        rows = [line.split(b",") for line in data.split(b"\n")[1:]]
        try:
            values = np.array([row for row in rows if len(row) == 3], float)
        except ValueError as error:
            raise ReaderError(path, str(error)) from None
        columns = dict(zip(("time", "voltage", "current"), values.reshape(-1, 3).T, strict=True))
        try:
            return Recording(dataset("points", columns), warnings=["a warning"] if options.partial else [])
        except ValueError as error:
            raise ReaderError(path, str(error)) from None


SOUND = b"t,E,I\n" + b"".join(b"%d,3.5,0.5\n" % at for at in range(40))


def key_error(data: bytes) -> object:
    return {}[len(data)]


def endless(data: bytes) -> None:
    while True:
        pass


def large(data: bytes) -> object:
    return np.ones(2**28)


@pytest.mark.skipif(sys.platform != "linux", reason="time and memory are bounded on Linux only")
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (key_error, "KeyError"),
        (endless, "still at work after"),
        (large, "MemoryError"),
        (len, "a part is given without a warning"),
    ],
)
def test_each_wrong_answer_is_found(
    fault: Callable[[bytes], object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzzing, "SECONDS", 0.05)
    (tmp_path / "a.txt").write_bytes(SOUND)
    with pytest.raises(AssertionError, match=message):
        fuzzing.fuzz_reader(lambda: Spoiled(fault), tmp_path / "a.txt", mutations=60)
