from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.contract import ReaderError
from pchp_widgets.reports.bundled import bundled
from pchp_widgets.reports.errors import NotInStudyError
from pchp_widgets.reports.source import source


def test_a_study_is_shown_whole_with_its_notice(built_demo_study: Path) -> None:
    opened = source(kind="symmetric", study=str(built_demo_study))
    names = ["bare-1", "bare-2", "bare-3", "PCHP-1", "PCHP-2", "PCHP-3", "3mA-PCHP-1", "3mA-PCHP-2"]
    assert [str(tree.name) for tree in opened.cells] == names
    assert opened.notice.startswith("synthetic")
    assert opened.missing == ()


def test_cells_are_chosen_by_name(built_demo_study: Path) -> None:
    opened = source(kind="symmetric", study=str(built_demo_study), cells=["PCHP-1", "bare-1", "PCHP-1"])
    assert [str(tree.name) for tree in opened.cells] == ["PCHP-1", "bare-1"]


def test_a_file_is_of_the_kind_of_the_report_unless_meta_says_otherwise() -> None:
    raw = str(bundled("data/pchp-study") / "raw" / "PCHP-1.mpr")
    for meta, kind in (({}, "symmetric"), ({"kind": "li_cu"}, "li_cu")):
        (tree,) = source(kind=("symmetric", "li_cu"), file=raw, meta=meta).cells
        assert str(tree["steps"]["kind"].item()) == kind


def test_a_report_says_whether_each_test_had_ended() -> None:
    raw = str(bundled("data/pchp-study") / "raw" / "PCHP-1.mpr")
    assert source(kind="symmetric", file=raw).finished == {"PCHP-1": True}


def test_what_the_reader_doubts_of_a_file_stands_at_the_top(tmp_path: Path) -> None:
    time = np.arange(200) * 36e3
    current = np.repeat([1.0, -1.0], 100)
    rows = "".join(f"{t * 1e3},3.5,{i}\n" for t, i in zip(time, current, strict=True))
    (tmp_path / "late.csv").write_text("Time (s),Voltage (V),Current (mA)\n" + rows)
    opened = source(kind="full", file=str(tmp_path / "late.csv"))
    assert "would have lasted 227 years: the time is hardly in the unit its header says" in opened.notice
    assert "reader_warnings" in opened.notice
    sound = str(bundled("data/pchp-study") / "raw" / "PCHP-1.mpr")
    assert not source(kind="symmetric", file=sound).notice


def test_a_cell_that_could_not_be_read_is_named(built_demo_study: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(built_demo_study, tmp_path / "study")
    (copy / "study.zarr" / "zarr.json").unlink()  # it is built again, but only what changed is read
    (copy / "raw" / "bare-1.mpr").write_bytes(b"BIO-LOGIC MODULAR FILE, cut")
    with pytest.warns(UserWarning, match="bare-1"):
        opened = source(kind="symmetric", study=str(copy))
    assert "bare-1" not in [str(tree.name) for tree in opened.cells]
    assert "bare-1.mpr" in opened.missing[0]


def test_a_cell_without_current_is_left_out_and_named(tmp_path: Path) -> None:
    rows = "".join(f"{t},0.01,0\n" for t in np.arange(0, 10, 0.1))
    (tmp_path / "idle.csv").write_text("Time (h),Voltage (V),Current (mA)\n" + rows)
    opened = source(kind="symmetric", file=str(tmp_path / "idle.csv"))
    with pytest.raises(ValueError, match="cell 'idle': no current flows"):
        opened.cycled()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"study": "{study}", "meta": {"area": "1 cm2"}}, "its study.toml"),
        ({"study": "{study}", "cells": ["bare-9"]}, "no cell 'bare-9'"),
        ({"study": "{study}", "file": "a.mpr"}, "either a file, or a study"),
        ({"study": "{study}/raw"}, "a study folder holds a study.toml"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(asked: dict[str, object], said: str, built_demo_study: Path) -> None:
    given = {
        key: str(value).format(study=built_demo_study) if key == "study" else value for key, value in asked.items()
    }
    with pytest.raises(ValueError, match=said):
        source(kind="symmetric", **given)  # type: ignore[arg-type]


def test_a_kind_nobody_has_is_refused_with_what_there_is(built_demo_study: Path) -> None:
    with pytest.raises(ValueError, match=r"no cell of kind 'half'; it has bare-1 \(symmetric\)"):
        source(kind="half", study=str(built_demo_study))


def test_a_file_of_a_kind_the_report_is_not_about_is_refused_with_the_report_that_is() -> None:
    with pytest.raises(ValueError, match=r"about Li\|\|Cu cells and not about full cells.*a\.mpr.*full_cell"):
        source(kind="li_cu", file="a.mpr", meta={"kind": "full"})
    with pytest.raises(ValueError, match="about full cells or half cells and not about symmetric cells"):
        source(kind=("full", "half"), file="a.mpr", meta={"kind": "symmetric"})


def test_a_file_that_is_not_there_is_a_reader_error() -> None:
    with pytest.raises(ReaderError, match="there is no such file"):
        source(kind="symmetric", file="absent.mpr")


def test_a_cell_of_unknown_kind_is_left_out_and_named_unless_it_is_asked_for(
    built_demo_study: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(built_demo_study, tmp_path / "study", ignore=shutil.ignore_patterns("*.zarr"))
    head, *entries = (copy / "study.toml").read_text("utf-8").split("[[cells]]\n")
    first, second = (text.split("[[measurements]]")[0] for text in entries[:2])
    unknown = "".join(line for line in second.splitlines(keepends=True) if not line.startswith("kind"))
    (copy / "study.toml").write_text(f"{head}[[cells]]\n{first}[[cells]]\n{unknown}", "utf-8")
    opened = source(kind="symmetric", study=str(copy))
    assert [tree.name for tree in opened.cells] == ["bare-1"]
    assert "Of unknown kind, and in no report but that of spectra: bare-2" in opened.missing[0]
    assert [tree.name for tree in source(kind="symmetric", study=str(copy), cells=["bare-2"]).cells] == ["bare-2"]
    assert len(source(kind=("symmetric", ""), study=str(copy)).cells) == 2
    with pytest.raises(NotInStudyError, match=r"no cell of kind 'full'; it has bare-1 \(symmetric\), bare-2 \(kind un"):
        source(kind="full", study=str(copy))
