"""Which reader takes a file."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
import xarray as xr

from pchp_widgets.io import registry
from pchp_widgets.io.bdf import write_bdf
from pchp_widgets.io.contract import ReaderError, ReaderWarning, ReadOptions, Recording
from pchp_widgets.io.registry import measurement_readers, reader_for, readers
from pchp_widgets.io.synthetic.neware import write_nda, write_ndax
from pchp_widgets.io.synthetic.text import write_text


class OwnReader:
    """A reader as a plugin brings it."""

    name = "own"
    description = "files that begin with OWN"
    suffixes = (".own",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        return None if head.startswith(b"OWN") else "does not begin with OWN"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        return Recording(xr.Dataset())


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points in place of those that are installed."""
    points: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry._announced.cache_clear()
    yield points
    registry._announced.cache_clear()


def test_the_readers_of_the_package_are_found() -> None:
    assert {"neware", "bdf", "delimited-text", "biologic-mpr", "biologic-mpt"} <= {reader.name for reader in readers()}


def test_content_decides_and_not_the_ending(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_nda(tmp_path / "a.csv", cycling)
    write_ndax(tmp_path / "b.mpr", cycling)
    write_bdf(cycling, tmp_path / "c.parquet")
    (tmp_path / "c.parquet").rename(tmp_path / "c.nda")
    write_text(tmp_path / "d.ndax", {"t / s": [0.0, 1.0], "U [V]": [1.0, 1.0]})
    found = {path.name: reader_for(path).name for path in tmp_path.iterdir()}
    assert found == {"a.csv": "neware", "b.mpr": "neware", "c.nda": "bdf", "d.ndax": "delimited-text"}


def test_a_reader_of_anything_is_asked_last(tmp_path: Path, cycling: xr.Dataset) -> None:
    write_bdf(cycling, tmp_path / "a.csv")
    (tmp_path / "a.csv").rename(tmp_path / "a.txt")
    assert reader_for(tmp_path / "a.txt").name == "bdf"


def test_an_unknown_file_lists_who_was_asked_and_why_they_declined(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(bytes(range(256)))
    with pytest.raises(ReaderError) as error:
        reader_for(tmp_path / "a.csv")
    lines = str(error.value).splitlines()
    assert lines[0] == f"{tmp_path / 'a.csv'}: no reader takes this file. Asked were:"
    asked = dict(line.strip().split(": ", 1) for line in lines[1:])
    assert set(asked) == {reader.name for reader in readers()}
    assert all(asked.values())
    assert asked["neware"] == "begins neither with NEWARE nor as a zip"
    assert asked["delimited-text"] == "binary data, no text"


@pytest.mark.parametrize(
    ("name", "message"), [("none.mpr", "there is no such file"), ("", "is a folder"), ("empty.csv", "is empty")]
)
def test_what_cannot_be_opened_says_why(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ReaderError, match=message):
        reader_for(tmp_path / name)


def test_a_plugin_takes_its_files(installed: list[EntryPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = ModuleType("own_plugin")
    plugin.OwnReader = OwnReader  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_plugin", plugin)
    installed.append(point("own", "own_plugin:OwnReader"))
    (tmp_path / "a.csv").write_bytes(b"OWN 1")
    assert reader_for(tmp_path / "a.csv").name == "own"


def test_a_broken_plugin_is_named_and_the_others_go_on(installed: list[EntryPoint], tmp_path: Path) -> None:
    installed += [
        point("broken", "no_such_module:Reader"),
        point("delimited-text", "pchp_widgets.io.delimited:DelimitedTextReader"),
    ]
    write_text(tmp_path / "a.csv", {"t / s": [0.0, 1.0], "U [V]": [1.0, 1.0]})
    with pytest.warns(ReaderWarning, match=r"reader 'broken' \(no_such_module:Reader\) is left out: No module named"):
        assert reader_for(tmp_path / "a.csv").name == "delimited-text"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"\x93NUMPY\x01\x00v\x00{'descr': '<c16', 'fortran_order': False, 'shape': (50, 50), }",
            "It is a NumPy array",
        ),
        (b'{\n  "circuit": "two_rq_l",\n  "n_spectra": 1000\n}', "It is JSON that no instrument is known to write"),
        (b"\x80\x04\x95\x10\x00\x00\x00", "It is a Python pickle"),
        (b"3.16e-03\n3.98e-03\n5.01e-03\n6.31e-03\n", "It is bare numbers, of which nothing tells what they are"),
        ('\ufeff{"Type":"PalmSens.DataFiles.SessionFile"}'.encode("utf-16-le"), "It is a session of PalmSens' PSTrace"),
    ],
)
def test_a_known_format_that_is_not_read_is_refused_by_name_with_the_remedy(
    content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / "spectra.bin").write_bytes(content)
    with pytest.raises(ReaderError, match=said) as refused:
        reader_for(tmp_path / "spectra.bin")
    assert re.search(r"as text with|as csv", str(refused.value))


def test_the_page_of_formats_lists_the_readers_that_are_announced() -> None:
    root = Path(__file__).parents[2]
    announced = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    page = (root / "docs" / "formats.md").read_text(encoding="utf-8").partition("## Real files")[0]
    listed = [
        line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| reader", "| ---"))
    ]
    ours = [*announced["pchp_widgets.readers"], *announced["pchp_widgets.measurement_readers"]]
    found = {one.name: one for one in (*readers(), *measurement_readers())}
    assert len(announced["pchp_widgets.readers"]) >= 20
    assert listed == [f"| {name} | {', '.join(found[name].suffixes)} | {found[name].description} |" for name in ours], (
        "renew the page: python benchmarks/files.py --write"
    )
