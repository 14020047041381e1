from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import pchp_widgets
from pchp_widgets import ReaderError, open_cell
from pchp_widgets.io.contract import Reader, ReaderWarning, ReadOptions, Recording
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.schema import dataset, validate


class Fake:
    """A reader of files that begin with FAKE; what it gives is set by the test."""

    name, description, suffixes, version, fallback = "fake", "for tests", (".fake",), "1", False
    recording: Recording
    seen: ReadOptions

    def sniff(self, head: bytes) -> str | None:
        return None if head.startswith(b"FAKE") else "does not begin with FAKE"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        self.seen = options
        return self.recording


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    reader = Fake()
    assert isinstance(reader, Reader)
    made = symmetric_cell(state("PCHP", 3), Recipe(cycles=3, rest_hours=2))
    reader.recording = Recording(made.points, provenance={"instrument": "none"}, finished=True)
    monkeypatch.setattr("pchp_widgets.io.registry.readers", lambda: (reader,))
    return reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "cell-7.fake"
    file.write_bytes(b"FAKE and more")
    return file


def test_a_cell_is_a_tree_that_keeps_to_the_schema(fake: Fake, path: Path) -> None:
    tree = open_cell(path, kind="symmetric", area="1.327 cm2")
    assert set(tree.children) == {"steps", "points"}
    assert validate(tree) == []
    assert tree.name == "cell-7"
    assert tree["steps"].sizes == {"cell": 1, "cycle": 3, "step": 3}


def test_provenance_says_where_every_number_comes_from(fake: Fake, path: Path) -> None:
    fake.recording.warnings.append("one row was odd")
    with pytest.warns(ReaderWarning, match=r"cell-7\.fake: one row was odd"):
        found = open_cell(path).attrs
    assert found["source_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found["source_file"] == "cell-7.fake"
    assert (found["reader"], found["reader_version"]) == ("fake", "1")
    assert found["pchp_widgets_version"] == pchp_widgets.__version__
    assert found["warnings"] == ["one row was odd"]
    assert found["test_finished"] == "yes"
    json.dumps(found)


def test_metadata_are_coordinates_and_the_callers_win_over_the_files(fake: Fake, path: Path) -> None:
    fake.recording.metadata = {"area": "0.5 cm2", "electrolyte": "1 M LiPF6"}
    steps = open_cell(path, area="1.0 cm2", coating="PCHP")["steps"]
    assert steps["area"].item() == 1.0
    assert steps["area"].attrs["units"] == "cm2"
    assert (steps["coating"].item(), steps["electrolyte"].item()) == ("PCHP", "1 M LiPF6")


def test_options_reach_the_reader(fake: Fake, path: Path) -> None:
    open_cell(path, partial=True, columns={"time": "t"}, current="100 µA")
    assert fake.seen == ReadOptions(partial=True, current=0.1, columns={"time": "t"})


@pytest.mark.parametrize(
    ("metadata", "rule", "origin"),
    [
        ({"kind": "symmetric"}, "plating_first", "usual for kind 'symmetric'"),
        ({"kind": "full"}, "charge_first", "usual for kind 'full'"),
        ({"cycle_rule": "charge_first", "kind": "symmetric"}, "charge_first", "given"),
        ({}, "discharge_first", "direction of the first half-cycle in the file"),
    ],
)
def test_the_cycle_rule_and_its_origin_are_stored(
    fake: Fake, path: Path, metadata: dict[str, object], rule: str, origin: str
) -> None:
    found = open_cell(path, **metadata)["steps"]
    assert (found.attrs["cycle_rule"], found.attrs["cycle_rule_origin"]) == (rule, origin)
    assert found["cycle_rule"].item() == rule


def test_spectra_know_the_cycle_they_were_taken_in(fake: Fake, path: Path) -> None:
    frequency = np.array([1e5, 1e3, 10.0])
    flat = {
        "spectrum": np.repeat([0, 1], 3),
        "frequency": np.r_[frequency, frequency[:2], 1.0],
        "z_real": np.arange(6.0),
        "z_imag": -np.arange(6.0),
        "time": np.repeat([100.0, 4.5 * 3600], 3),
    }
    fake.recording.spectra = xr.Dataset({name: ("point", values) for name, values in flat.items()})
    spectra = open_cell(path, kind="symmetric")["spectra"]
    assert spectra["cycle"].values.tolist() == [[1, 2]]
    assert spectra["frequency"].values.tolist() == [1e5, 1e3, 10.0, 1.0]
    assert np.isnan(spectra["z_real"].values[0, 1, 2])
    assert spectra["z_real"].values[0, 1].tolist()[:2] == [3.0, 4.0]


def test_an_area_of_nonsense_in_the_file_is_named_with_the_file(fake: Fake, path: Path) -> None:
    fake.recording.metadata = {"area": "1 furlong"}
    with pytest.raises(ReaderError, match=r"cell-7\.fake: area"):
        open_cell(path)


def test_a_fault_inside_a_reader_becomes_a_reader_error(
    fake: Fake, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "read", lambda *_: 1 / 0)
    with pytest.raises(ReaderError, match=r"fake cannot make sense of it .ZeroDivisionError"):
        open_cell(path)


def test_a_file_without_any_point_is_refused(fake: Fake, path: Path) -> None:
    fake.recording = Recording(dataset("points", {}))
    with pytest.raises(ReaderError, match="neither a trace nor a spectrum"):
        open_cell(path)


def test_the_shortcuts_of_a_cell_slice_its_points(fake: Fake, path: Path) -> None:
    tree = open_cell(path, kind="symmetric")
    whole = tree.pchp.points(cycle=2)  # type: ignore[attr-defined]
    one = tree.pchp.points(cycle=2, step=1)  # type: ignore[attr-defined]
    assert (whole.sizes["point"], one.sizes["point"]) == (62, 31)
    assert tree.pchp.validate() == []  # type: ignore[attr-defined]
    with pytest.raises(KeyError, match="cycle 2 has no step 3"):
        tree.pchp.points(cycle=2, step=3)  # type: ignore[attr-defined]


def test_two_sweeps_under_one_number_are_refused_with_the_file(fake: Fake, path: Path) -> None:
    frequency = np.array([100.0, 10.0, 1.0, 90.0, 9.0])
    columns = {name: np.ones(5) for name in ("z_real", "z_imag", "time")}
    fake.recording.spectra = xr.Dataset(
        {name: ("point", values) for name, values in (columns | {"frequency": frequency}).items()}
    ).assign(spectrum=("point", np.zeros(5, int)))
    with pytest.raises(ReaderError, match=r"cell-7\.fake: spectrum 0 turns back"):
        open_cell(path)
