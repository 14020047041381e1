"""What makes the repository open on Binder: pins that fit, and the steps of the image."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from shutil import copy, copytree, ignore_patterns

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pchp_widgets.io.synthetic.study import demo_entries, write_study

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"


def requirements() -> list[Requirement]:
    """What binder/lock.py asks pip for."""
    spec = importlib.util.spec_from_file_location("lock", BINDER / "lock.py")
    assert spec
    assert spec.loader
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    return [Requirement(line) for line in lock.requirements()]


def pins() -> dict[str, str]:
    text = (BINDER / "environment.yml").read_text(encoding="utf-8")
    pairs = re.findall(r"^ +- ([\w.-]+)==(\S+)$", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pairs}


def unmet(wanted: list[Requirement], by: dict[str, str]) -> list[str]:
    """Requirements that no pin meets, and those of what is pinned as it is installed here."""
    (python,) = re.findall(r"- python=(\S+)", (BINDER / "environment.yml").read_text(encoding="utf-8"))
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    found, seen, todo = [], set(), [(one, frozenset(one.extras)) for one in wanted]
    while todo:
        one, extras = todo.pop()
        name = canonicalize_name(one.name)
        if name not in by or not one.specifier.contains(by[name], prereleases=True):
            found.append(str(one))
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if installed.version != by.get(name):
            continue
        for line in installed.requires or ():
            more = Requirement(line)
            if not more.marker or any(more.marker.evaluate({**here, "extra": extra}) for extra in ("", *extras)):
                todo.append((more, frozenset(more.extras)))
    return sorted(found)


def test_every_requirement_is_pinned_to_a_version_that_meets_it() -> None:
    assert unmet(requirements(), pins()) == []


def test_a_pin_that_is_missing_or_too_old_is_noticed() -> None:
    wanted, by = requirements(), pins()
    assert any(line.startswith("tifffile") for line in unmet(wanted, {**by, "tifffile": "2020.1.1"}))
    assert any(line.startswith("numpy") for line in unmet(wanted, {k: v for k, v in by.items() if k != "numpy"}))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, with a small study in place of the demo, in which postBuild ran in a Python of its own."""
    place = tmp_path_factory.mktemp("image") / "repository"
    built = ignore_patterns("__pycache__", "*.zarr")
    for folder in ("pchp_widgets", "notebooks", "binder"):
        copytree(ROOT / folder, place / folder, ignore=built)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        copy(ROOT / file, place / file)
    write_study(place / "data" / "pchp-study", [one for one in demo_entries() if one.name == "PCHP-3"], ())
    copy(ROOT / "data" / "claims.toml", place / "data")

    python = place.parent / "env" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", python.parents[1]], check=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(python.parents[1])})
    (Path(packages) / "pinned.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    for script in ("jupyter", "jupyter-labextension"):
        text = (Path(sysconfig.get_path("scripts")) / script).read_text(encoding="utf-8")
        (python.parent / script).write_text(f"#!{python}\n{text.partition(chr(10))[2]}", encoding="utf-8")
        (python.parent / script).chmod(0o755)
    offline = {"PIP_NO_BUILD_ISOLATION": "false", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    home = {"HOME": str(place.parent), "JUPYTER_CONFIG_DIR": str(place.parent / "jupyter")}
    done = subprocess.run(
        ["bash", "binder/postBuild"],
        cwd=place,
        env={**os.environ, **offline, **home, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place


@pytest.mark.skipif(os.name != "posix", reason="Binder's images are Linux")
def test_the_steps_of_the_image_end_with_a_study_and_start_at_the_workbench(image: Path) -> None:
    python = image.parent / "env" / "bin" / "python"
    assert (image / "data" / "pchp-study" / "study.zarr").is_dir()
    code = "from jupyterlab.labapp import LabApp; app = LabApp(); app.load_config_file(); print(app.default_url)"
    started = subprocess.run([python, "-c", code], cwd=image, capture_output=True, text=True, check=True)
    page = started.stdout.split()[-1]
    assert page == "/lab/tree/notebooks/explore/workbench.ipynb"
    assert (image / page.removeprefix("/lab/tree/")).is_file()
    where = "import pchp_widgets; print(pchp_widgets.__file__)"
    package = subprocess.run([python, "-c", where], cwd="/", capture_output=True, text=True, check=True)
    assert Path(package.stdout.strip()).is_relative_to(image.parent / "env")


def test_the_system_package_that_a_reader_asks_for_is_in_the_image() -> None:
    assert (BINDER / "apt.txt").read_text(encoding="utf-8").split() == ["mdbtools"]
