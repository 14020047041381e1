from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import Study, StudyError, open_cell, open_study
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.store import Store, group_name
from pchp_widgets.io.study import StudyWarning
from pchp_widgets.io.synthetic import composition_files, micrograph_files, sorption_files
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.io.synthetic.composition import CompositionTruth, spectrum
from pchp_widgets.io.synthetic.micrograph import Camera, CoatingTruth, cross_section
from pchp_widgets.io.synthetic.sorption import Porous, isotherm
from pchp_widgets.model.schema import SCHEMA_VERSION
from pchp_widgets.model.stated import order_in_study

CELLS = {"bare-1": ("bare", 4), "bare-2": ("bare", 3), "PCHP-1": ("PCHP", 6)}


def write_raw(path: Path, coating: str, cycles: int, seed: int = 0) -> None:
    points = symmetric_cell(state(coating, cycles), Recipe(cycles=cycles, points=9), seed=seed).points  # type: ignore[arg-type]
    rows = zip(*(points[name].values for name in ("time", "voltage", "current")), strict=True)
    lines = ["Time (s);Voltage (V);Current (mA)", *(f"{t:.3f};{v:.6f};{i:.6f}" for t, v, i in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_study(folder: Path) -> None:
    lines = ['[study]\nname = "Coatings"\nnotice = "synthetic"\n\n[defaults]\nkind = "symmetric"\narea = "1.327 cm2"\n']
    for seed, (name, (coating, cycles)) in enumerate(CELLS.items()):
        write_raw(folder / f"{name}.csv", coating, cycles, seed)
        lines.append(f'[[cells]]\nname = "{name}"\nfile = "{name}.csv"\ncoating = "{coating}"\n')
    (folder / "study.toml").write_text("\n".join(lines), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_study(tmp_path)
    return tmp_path


def groups(folder: Path) -> dict[str, int]:
    return {
        place.name: place.stat().st_mtime_ns for place in (folder / "study.zarr" / "cells").iterdir() if place.is_dir()
    }


def test_a_study_opens_with_steps_and_metadata_of_every_cell(folder: Path) -> None:
    study = open_study(folder)
    assert study.cells == tuple(CELLS)
    assert (study.name, study.notice) == ("Coatings", "synthetic")
    assert study.steps.sizes == {"cell": 3, "cycle": 6, "step": 2}
    assert study.steps["coating"].values.tolist() == ["bare", "bare", "PCHP"]
    assert study.steps["cycle_rule"].values.tolist() == ["plating_first"] * 3
    assert repr(study) == "<Study 'Coatings': 3 cells>"


def test_a_cell_of_a_study_equals_the_opened_file(folder: Path) -> None:
    study = Study.build(folder)
    direct = open_cell(folder / "bare-1.csv", kind="symmetric", area="1.327 cm2", coating="bare", name="bare-1")
    for child in ("steps", "points"):
        xr.testing.assert_allclose(study.cell("bare-1")[child].to_dataset(), direct[child].to_dataset())
    assert study.cell("bare-1").attrs == direct.attrs
    assert study.cell("bare-1")["points"]["current"].attrs == direct["points"]["current"].attrs


def test_shorter_cells_are_padded_and_never_with_zeros(folder: Path) -> None:
    steps = open_study(folder).steps.sel(cell="bare-2", cycle=[4, 5, 6])
    assert np.isnan(steps["charge"]).all()
    assert (steps["mode"] == -1).all()
    assert (steps["point_start"] == -1).all()
    assert steps["point_start"].dtype == np.int64


def test_only_what_changed_is_read_again(folder: Path) -> None:
    Study.build(folder)
    before = groups(folder)
    write_raw(folder / "bare-1.csv", "bare", 5, seed=9)
    read: list[str] = []
    study = Study.build(folder, progress=lambda name, done, total: read.append(name))
    assert read == ["bare-1"]
    kept = {name: stamp for name, stamp in groups(folder).items() if not name.startswith("bare-1")}
    assert kept.items() <= before.items()
    assert len(groups(folder)) == 3  # the former bare-1 is cleared away
    assert study.cell("bare-1")["steps"].sizes["cycle"] == 5


def test_changed_metadata_reads_that_cell_again(folder: Path) -> None:
    Study.build(folder)
    path = folder / "study.toml"
    path.write_text(path.read_text("utf-8").replace('coating = "PCHP"', 'coating = "PCHP"\narea = "0.5 cm2"'), "utf-8")
    read: list[str] = []
    study = Study.build(folder, progress=lambda name, done, total: read.append(name))
    assert read == ["PCHP-1"]
    assert study.steps["area"].values.tolist() == [1.327, 1.327, 0.5]


def test_touching_a_file_reads_nothing_again(folder: Path) -> None:
    Study.build(folder)
    os.utime(folder / "bare-1.csv")
    read: list[str] = []
    Study.build(folder, progress=lambda name, done, total: read.append(name))
    assert read == []


def test_opening_a_study_whose_files_changed_says_so(folder: Path) -> None:
    Study.build(folder)
    write_raw(folder / "bare-2.csv", "bare", 5)
    with pytest.warns(StudyWarning, match="the files of bare-2 changed since the study was built; run `pchp build"):
        open_study(folder)


def test_one_bad_file_does_not_keep_the_others_out(folder: Path) -> None:
    (folder / "bare-2.csv").write_bytes(b"")
    with pytest.warns(StudyWarning, match=r"cell 'bare-2': .*bare-2\.csv: the file is empty"):
        study = Study.build(folder)
    assert study.cells == ("bare-1", "PCHP-1")
    assert "empty" in study.problems["bare-2"]
    with pytest.raises(StudyError, match=r"there is no cell 'bare-2'; .*empty"):
        study.cell("bare-2")


def test_a_study_without_any_readable_cell_is_an_error(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_bytes(b"")
    with pytest.raises(StudyError, match="no file could be read"):
        Study.build(folder)


def test_files_can_be_read_at_the_same_time(folder: Path) -> None:
    one = Study.build(folder).steps.load()
    again = Study.build(folder, force=True, jobs=2).steps.load()
    xr.testing.assert_identical(one, again)


def test_points_are_read_only_when_asked_for(folder: Path) -> None:
    points = Study.build(folder).cell("PCHP-1")["points"]
    assert not points["voltage"].variable._in_memory
    assert points["voltage"].values.shape == (108,)


def test_a_store_of_another_schema_is_built_anew(folder: Path) -> None:
    Study.build(folder)
    root = folder / "study.zarr" / "zarr.json"
    root.write_text(
        root.read_text("utf-8").replace(f'"schema_version": "{SCHEMA_VERSION}"', '"schema_version": "0"'), "utf-8"
    )
    assert open_study(folder).cells == tuple(CELLS)


def test_a_damaged_root_names_the_remedy(folder: Path) -> None:
    Study.build(folder)
    (folder / "study.zarr" / "zarr.json").write_text("{", "utf-8")
    with pytest.raises(StudyError, match="delete it and build again"):
        open_study(folder)


def test_names_of_cells_are_safe_on_every_file_system() -> None:
    assert group_name("cells", "Li | PCHP: 8 µm?", "0123456789abcdef") == "cells/Li_PCHP_8_m_-0123456789ab"


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_killed_build_leaves_a_study_that_opens_and_the_next_build_completes_it(folder: Path, after: int) -> None:
    Study.build(folder)
    former = open_study(folder).steps.load()
    for seed, (name, (coating, cycles)) in enumerate(CELLS.items()):
        write_raw(folder / f"{name}.csv", coating, cycles + 1, seed)
    kill_build_after(folder, len(CELLS) + after)
    with pytest.warns(StudyWarning, match="changed since the study was built"):
        opened = open_study(folder)
    xr.testing.assert_identical(opened.steps.load(), former)
    assert opened.cell("bare-1")["points"]["voltage"].notnull().all()
    read: list[str] = []
    study = Study.build(folder, progress=lambda name, done, total: read.append(name))
    assert len(read) <= len(CELLS) - after
    assert study.steps.sizes["cycle"] == 7
    assert not list(folder.glob(".study.zarr-*"))
    assert set(groups(folder)) == {Path(group).name for group in Store(folder).index()["cells"].values()}


def kill_build_after(folder: Path, count: int) -> None:
    """Kill a build in another process as soon as `count` cells stand in the store, while it writes the next."""
    code = f"from pchp_widgets import Study; Study.build({str(folder)!r})"
    build = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and build.poll() is None:
        busy = bool(list(folder.glob(".study.zarr-*/group")))
        if len(list((folder / "study.zarr" / "cells").glob("*-*"))) >= count and busy:
            build.send_signal(signal.SIGKILL)
            break
        time.sleep(0.0005)
    build.wait(60)


def split(folder: Path, name: str, cycles: int = 6) -> None:
    """Two text files of one cell, which do not tell when they were started."""
    points = symmetric_cell(state("PCHP", cycles), Recipe(cycles=cycles, points=9)).points
    half = points.sizes["point"] // 2
    for number, part in enumerate((slice(0, half), slice(half, None)), start=1):
        rows = zip(*(points[column].values[part] for column in ("time", "voltage", "current")), strict=True)
        lines = ["Time (s);Voltage (V);Current (mA)", *(f"{t:.3f};{v:.6f};{i:.6f}" for t, v, i in rows)]
        (folder / f"{name}_{number:02}.csv").write_text("\n".join(lines) + "\n", "utf-8")


def add_cell(folder: Path, text: str) -> None:
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[[cells]]\n{text}\n")


def test_a_pattern_gathers_the_files_of_a_cell_and_a_change_of_any_is_noticed(folder: Path) -> None:
    split(folder, "long")
    add_cell(folder, 'name = "long"\nfiles = "long_*.csv"')
    study = Study.build(folder)
    assert study.cell("long")["steps"].sizes["cycle"] == 6
    assert study.cell("long").attrs["source_file"] == ["long_01.csv", "long_02.csv"]
    assert study.steps["source_file"].sel(cell="long").item() == "long_01.csv, long_02.csv"
    with pytest.warns(ReaderWarning, match="the clock of long_02.csv runs on from that of long_01.csv"):
        direct = open_cell(str(folder / "long_*.csv"), kind="symmetric", area="1.327 cm2", name="long")
    assert study.cell("long").attrs == direct.attrs
    split(folder, "long", cycles=8)
    with pytest.warns(StudyWarning, match="the files of long changed"):
        open_study(folder)
    read: list[str] = []
    assert Study.build(folder, progress=lambda name, *_: read.append(name)).cell("long")["steps"].sizes["cycle"] == 8
    assert read == ["long"]
    write_raw(folder / "long_03.csv", "PCHP", 2)
    with pytest.warns(StudyWarning, match="the files of long changed"):
        open_study(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('files = "B_*.csv"', "cell 'x': files: 'B_*.csv' matches no file in"),
        ('files = "bare*.csv"', "'bare-1.csv' belongs to cell 'bare-1' and cell 'x'"),
        ('files = "*.csv"', "matches the files of more than one cell"),
        ('file = "bare-*.csv"', "'bare-*.csv' is a pattern and stands under file; write it under files"),
    ],
)
def test_patterns_that_cannot_be_meant_name_the_cell_the_field_and_the_remedy(
    folder: Path, text: str, said: str
) -> None:
    add_cell(folder, f'name = "x"\n{text}')
    with pytest.warns(StudyWarning) as caught:
        study = Study.build(folder)
    assert said.replace("'bare-1.csv'", str(folder / "bare-1.csv")) in str(study.problems["x"])
    assert caught


def test_a_cell_with_spectra_alone_is_built_beside_the_others(folder: Path) -> None:
    rows = [f"{f:.6E}\t{10 + 1e3 / f:.6E}\t{1e3 / f:.6E}" for f in np.geomspace(1e5, 1, 11)]
    (folder / "EIS.mpt").write_text("freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\n" + "\n".join(rows) + "\n", "utf-8")
    add_cell(folder, 'name = "EIS"\nfile = "EIS.mpt"')
    study = Study.build(folder)
    assert study.cells[-1] == "EIS"
    assert "EIS" not in study.steps["cell"]
    assert study.cell("EIS")["spectra"].sizes["spectrum"] == 1


def add_measurement(folder: Path, technique: str, name: str, file: str) -> None:
    with (folder / "study.toml").open("a", encoding="utf-8") as out:
        out.write(f'\n[[measurements]]\nname = "{name}"\ntechnique = "{technique}"\nfile = "{file}"\n')


def test_a_micrograph_is_read_again_when_the_text_beside_it_changes_comes_or_goes(folder: Path) -> None:
    made = cross_section(CoatingTruth(thickness=0.8), Camera(rows=96, columns=128, pixel_size=0.02480469, bar=1.0))
    text = micrograph_files.hitachi_files(made, folder / "a.tif")
    add_measurement(folder, "micrograph", "a", "a.tif")
    before = Study.build(folder).measurement("micrograph", "a")["pixel_size"].item()
    size = re.search(r"PixelSize=([\d.]+)", text.read_text("utf-8"))
    assert size is not None
    text.write_text(text.read_text("utf-8").replace(size[0], f"PixelSize={2 * float(size[1]):.5f}"), "utf-8")
    with pytest.warns(StudyWarning, match=r"the files of micrograph/a changed"):
        open_study(folder)
    assert Study.build(folder).measurement("micrograph", "a")["pixel_size"].item() == pytest.approx(2 * before)
    aside = text.rename(folder / "aside")
    assert "text_sha256" not in Study.build(folder).measurement("micrograph", "a").attrs
    aside.rename(text)
    with pytest.warns(StudyWarning, match=r"the files of micrograph/a changed"):
        open_study(folder)
    assert Study.build(folder).measurement("micrograph", "a")["pixel_size"].item() == pytest.approx(2 * before)


def test_an_experiment_of_bruker_is_named_by_its_folder_and_read_again_when_its_spectrum_changes(folder: Path) -> None:
    procs = composition_files.bruker_processed(spectrum(CompositionTruth(), name="PCH"), folder / "PCH" / "10")
    add_measurement(folder, "composition", "PCH", "PCH/10")
    before = Study.build(folder).measurement("composition", "PCH")["intensity"].values
    one = procs.with_name("1r")
    one.write_bytes((np.frombuffer(one.read_bytes(), "<i4") // 2).tobytes())
    with pytest.warns(StudyWarning, match=r"the files of composition/PCH changed"):
        open_study(folder)
    after = Study.build(folder).measurement("composition", "PCH")["intensity"].values
    assert after.max() == pytest.approx(before.max() / 2, rel=1e-3)


def test_a_study_names_its_coatings_and_materials_in_order_also_those_only_a_file_states(folder: Path) -> None:
    sorption_files.aif(isotherm(Porous(), name="stated by the file", mass=60.0), folder / "x.aif")
    add_measurement(folder, "sorption", "x", "x.aif")
    study = Study.build(folder)
    assert study.coatings[-1] == "stated by the file"
    assert set(study.coatings[:-1]) == set(study.steps["coating"].values.tolist())
    assert order_in_study(study.steps) == study.coatings
    assert order_in_study(study.cell(study.cells[0])["steps"].to_dataset()) == study.coatings
    assert order_in_study(study.measurement("sorption", "x")) == study.coatings
    assert Study.build(folder).coatings == study.coatings
