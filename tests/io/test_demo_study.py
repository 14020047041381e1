from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pchp_widgets import Study
from pchp_widgets.analysis import symmetric
from pchp_widgets.io.synthetic.cells import NOTICE
from pchp_widgets.io.synthetic.study import write_demo_study

BUNDLED = Path(__file__).parents[2] / "data" / "pchp-study"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "study.zarr" not in path.parts
    }


def test_the_bundled_study_is_what_its_generator_writes(tmp_path: Path) -> None:
    write_demo_study(tmp_path)
    assert files(tmp_path) == files(BUNDLED)


def test_the_bundled_study_is_small() -> None:
    assert sum(map(len, files(BUNDLED).values())) < 5e6


def test_the_bundled_study_shows_what_it_was_made_from(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(BUNDLED, folder, ignore=shutil.ignore_patterns("study.zarr"))
    study = Study.build(folder)
    assert study.problems == {}
    assert study.notice == NOTICE
    assert len({study.cell(name).attrs["reader"] for name in study.cells}) == 4
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["cells"]
    found = symmetric.polarization(study.cell(name) for name in study.cells)
    mid, life = symmetric.per_cycle(found, "mid"), symmetric.life(found).sel(criterion="short")
    for name, known in truth.items():
        for key, value in known.items():
            if key.startswith("polarization_mid_"):
                cycle = int(key.rsplit("_", 1)[1])
                noise = 0.012 if cycle > 150 and name.startswith("bare") else 4e-4  # it flutters before its short
                assert mid.sel(cell=name, cycle=cycle).item() == pytest.approx(value, abs=noise)
        failed = life.sel(cell=name)
        assert bool(failed["observed"] == 1) == ("short_at_cycle" in known)
        if "short_at_cycle" in known:
            assert failed["cycle"] == known["short_at_cycle"]
            assert failed["time"] / 3600 == pytest.approx(known["short_at_hours"], abs=0.01)


def test_headline_values_of_the_study_come_out(tmp_path: Path) -> None:
    write_demo_study(tmp_path)
    study = Study.build(tmp_path)
    found = symmetric.polarization([study.cell("bare-1"), study.cell("PCHP-1")])
    assert symmetric.per_cycle(found).sel(cell="PCHP-1", cycle=500).item() == pytest.approx(0.026, abs=3e-4)
    short = symmetric.life(found).sel(criterion="short", cell="bare-1")
    assert short["time"] / 3600 == pytest.approx(344, abs=0.01)
