from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import Study
from pchp_widgets.analysis import (
    adhesion,
    composition,
    coulombic,
    indentation,
    micrograph,
    symmetric,
    transference,
)
from pchp_widgets.io.synthetic.cells import NOTICE
from pchp_widgets.io.synthetic.study import demo_entries, write_demo_study
from pchp_widgets.model.cycles import half_cycles
from pchp_widgets.model.measurements import merged

BUNDLED = Path(__file__).parents[2] / "data" / "pchp-study"


def files(folder: Path) -> dict[str, bytes]:
    """Content by name; of a zip its parts, because another zlib may pack them otherwise."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and "study.zarr" not in path.parts:
            name = path.relative_to(folder).as_posix()
            if path.suffix != ".ndax":
                found[name] = path.read_bytes()
                continue
            with zipfile.ZipFile(path) as parts:
                found |= {f"{name}/{part.filename}": parts.read(part) for part in parts.infolist()}
    return found


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "study.zarr" not in path.parts)


def test_the_bundled_study_is_what_its_generator_writes(tmp_path: Path) -> None:
    write_demo_study(tmp_path)
    assert files(tmp_path) == files(BUNDLED)


def test_the_bundled_study_is_small() -> None:
    assert size(BUNDLED) < 10e6


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("demo") / "study"
    shutil.copytree(BUNDLED, folder, ignore=shutil.ignore_patterns("study.zarr"))
    return Study.build(folder)


def truth(study: Study) -> dict[str, dict[str, float]]:
    known: dict[str, dict[str, float]] = json.loads((study.folder / "truth.json").read_text("utf-8"))["cells"]
    kinds = dict(zip(study.steps["cell"].values.tolist(), study.steps["kind"].values.tolist(), strict=True))
    return {f"{kinds[name]} {name}": values for name, values in known.items()}


def of_kind(study: Study, kind: str) -> dict[str, dict[str, float]]:
    return {name.split()[1]: values for name, values in truth(study).items() if name.startswith(f"{kind} ")}


def test_every_cell_of_the_bundled_study_is_read_and_says_what_it_is(study: Study) -> None:
    assert study.problems == {}
    assert study.notice == NOTICE
    assert len({study.cell(name).attrs["reader"] for name in study.cells}) == 5
    assert len(study.cells) == len(demo_entries())
    for name in study.cells:
        doubts = study.cell(name).attrs["warnings"]
        assert doubts == [] or (name == "bare-3" and "no current" in doubts[0]), name
    full = study.steps.sel(cell=study.steps["kind"].values == "full")
    assert set(full["cathode"].values) == {"LFP", "NCM83"}
    for name in ("loading", "nominal_capacity", "lithium_thickness"):
        assert bool(full[name].notnull().all()), name


def test_symmetric_cells_of_the_bundled_study_show_what_they_were_made_from(study: Study) -> None:
    known = of_kind(study, "symmetric")
    found = symmetric.polarization(study.cell(name) for name in known)
    mid, life = symmetric.per_cycle(found, "mid"), symmetric.life(found).sel(criterion="short")
    for name, values in known.items():
        for key, value in values.items():
            if key.startswith("polarization_mid_"):
                cycle = int(key.rsplit("_", 1)[1])
                noise = 0.012 if cycle > 150 and name.startswith("bare") else 4e-4  # it flutters before its short
                assert mid.sel(cell=name, cycle=cycle).item() == pytest.approx(value, abs=noise)
        failed = life.sel(cell=name)
        assert bool(failed["observed"] == 1) == ("short_at_cycle" in values)
        if "short_at_cycle" in values:
            assert failed["cycle"] == values["short_at_cycle"]
            assert failed["time"] / 3600 == pytest.approx(values["short_at_hours"], abs=0.01)


def test_full_cells_of_the_bundled_study_show_what_they_were_made_from(study: Study) -> None:
    known = of_kind(study, "full")
    halves = half_cycles(study.steps.sel(cell=list(known)))
    passed = abs(halves["areal_capacity"])
    efficiency = passed.sel(direction="discharge") / passed.sel(direction="charge")
    for name, values in known.items():
        last = int(passed["cycle"].values[passed.sel(cell=name, direction="discharge").notnull()].max())
        for key, value in values.items():
            if key.startswith("discharge_capacity_"):
                cycle = int(key.rsplit("_", 1)[1])
                measured = passed.sel(cell=name, direction="discharge", cycle=cycle).item()
                assert measured == pytest.approx(value, rel=4e-4)  # the first 0.1 s are not recorded
        mean = efficiency.sel(cell=name, cycle=slice(3, last)).mean().item()
        assert mean == pytest.approx(values["mean_efficiency"], abs=4e-5), name
        if "short_at_cycle" in values:
            assert last == values["short_at_cycle"] - 1


def test_li_cu_cells_of_the_bundled_study_show_what_they_were_made_from(study: Study) -> None:
    known = of_kind(study, "li_cu")
    found = coulombic.efficiency(study.steps.sel(cell=list(known)))
    for name, values in known.items():
        one = found.sel(cell=name)
        if "efficiency" in values:
            assert one["procedure"] == "modified"
            assert one["coulombic_efficiency"].item() == pytest.approx(values["efficiency"], abs=3e-5), name
            continue
        assert one["procedure"] == "galvanostatic"
        for key, value in values.items():
            if key.startswith("efficiency_"):
                measured = one["cycle_efficiency"].sel(cycle=int(key.rsplit("_", 1)[1])).item()
                assert measured == pytest.approx(value, abs=1e-4), name
    said = {name: texts for name, texts in coulombic.remarks(found).items() if texts}
    assert list(said) == ["Cu-bare-1", "Cu-bare-2"]
    assert "dead" in said["Cu-bare-1"][0]
    assert "soft short" in said["Cu-bare-2"][0]


def test_headline_values_of_the_study_come_out(study: Study) -> None:
    found = symmetric.polarization([study.cell("bare-1"), study.cell("PCHP-1")])
    assert symmetric.per_cycle(found).sel(cell="PCHP-1", cycle=500).item() == pytest.approx(0.026, abs=3e-4)
    short = symmetric.life(found).sel(criterion="short", cell="bare-1")
    assert short["time"] / 3600 == pytest.approx(344, abs=0.05)  # four spectra took 80 s


@pytest.mark.parametrize(
    ("name", "last", "retention"),
    [("NCM-PCHP-1", 400, 0.76), ("LFP-PCHP-1", 500, 0.93), ("LFP-bare-1", 200, 0.786), ("LFP3.9-PCHP-1", 300, 0.84)],
)
def test_headline_retention_of_the_full_cells_comes_out(study: Study, name: str, last: int, retention: float) -> None:
    capacity = half_cycles(study.steps.sel(cell=[name]))["charge"].sel(direction="discharge", cell=name)
    assert (capacity.sel(cycle=last) / capacity.sel(cycle=3)).item() == pytest.approx(retention, abs=1e-3)


def test_spectra_of_ageing_cells_follow_from_the_state_that_makes_their_voltage(study: Study) -> None:
    known = of_kind(study, "symmetric")
    measured = [name for name in known if "spectra" in study.cell(name).children]
    assert measured == ["bare-1", "bare-2", "PCHP-1", "PCHP-3"]
    for name in measured:
        spectra = study.cell(name)["spectra"].to_dataset().isel(cell=0)
        assert spectra["cycle"].values.tolist() == [1, 20, 40, 60]  # the first one was taken before cycle 1
        assert spectra["frequency"].max() == pytest.approx(3e5)
        assert spectra["frequency"].min() == pytest.approx(1.0)
        for place, cycle in enumerate((0, 20, 40, 60)):
            own = {part: known[name][f"{part}_resistance_{cycle}"] for part in ("series", "sei", "charge_transfer")}
            real = spectra["z_real"].isel(spectrum=place)
            assert float(real.sel(frequency=1.0, method="nearest")) == pytest.approx(sum(own.values()), rel=0.02)
            assert own["series"] < float(real.min()) < own["series"] + 0.3 * own["sei"]


def test_transport_cells_of_the_bundled_study_show_what_they_were_made_from(study: Study) -> None:
    known = of_kind(study, "transport")
    assert len(known) == 12
    for name, values in known.items():
        spectra = study.cell(name)["spectra"].to_dataset().isel(cell=0)
        least = [float(spectra["z_real"].isel(spectrum=at).min()) for at in range(spectra.sizes["spectrum"])]
        if name.startswith("warm"):
            series = [values[f"series_resistance_{degrees}"] for degrees in (25, 35, 45, 55)]
            assert least == pytest.approx(series, abs=0.35 * max(series))
            assert np.ptp(study.cell(name)["points"]["temperature"].values) == pytest.approx(30, abs=1)
            continue
        found = transference.polarizations(study.cell(name))
        assert found["voltage"].item() == pytest.approx(0.01, abs=2e-5)
        assert found["steady_current"].item() == pytest.approx(values["steady_current"], rel=3e-3)
        assert found["steady"].item() == 1
        mean = 0.28 if "bare" in name else 0.74
        assert values["current_fraction"] == pytest.approx(mean, abs=0.02)


def test_materials_of_the_bundled_study_show_what_they_were_made_from(study: Study) -> None:
    known = json.loads((study.folder / "truth.json").read_text("utf-8"))["measurements"]
    assert study.measurements["indentation"] == ("PCH", "PCHP", "PCHP2", "PCHP3")
    for name in study.measurements["indentation"]:
        found = indentation.oliver_pharr(study.measurement("indentation", name))
        for quantity in ("modulus", "hardness"):
            truth = known[f"indentation/{name}"][f"true_{quantity}"]
            assert found[quantity].mean().item() == pytest.approx(truth, rel=0.05)  # indents differ by 4 %
    for name in study.measurements["adhesion"]:
        strength = adhesion.peel_strength(study.measurement("adhesion", name))["strength"].mean().item()
        assert strength == pytest.approx(known[f"adhesion/{name}"]["true_peel_strength"], rel=0.03)  # strips by 3 %
    thickness = micrograph.thickness(study.measurement("micrograph", "PCHP"))["mean"].item()
    assert thickness == pytest.approx(known["micrograph/PCHP"]["true_thickness"], rel=0.02)
    analysed = [study.measurement("composition", name) for name in ("PCH-EA", "PIM-1-EA")]
    converted = composition.conversion(None, composition.elements(merged(analysed)))
    assert converted["nitrogen"].values.tolist() == pytest.approx([0.92, 0.0], abs=0.03)
