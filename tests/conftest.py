"""What tests of every layer share."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xarray as xr
from xdist.scheduler import LoadFileScheduling

from pchp_widgets import Study, StudyError
from pchp_widgets.io.cell import cell_tree, open_cell
from pchp_widgets.io.contract import ReaderWarning, Recording
from pchp_widgets.io.synthetic.full import ageing_recipe, full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.study import read_study_file
from pchp_widgets.reports.bundled import bundled

TOGETHER = {
    "tests/browser/test_report.py": "reports",
    "tests/notebooks/": "reports",
    "tests/browser/": "JupyterLab",
}
"""What one of several processes has to itself, by where the tests are: all other files are dealt out one by one."""


class _Together(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((what for where, what in TOGETHER.items() if file.startswith(where)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together:
    """Deal out tests to the processes of ``pytest -n``."""
    return _Together(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Build the bundled study before there are several processes that open it."""
    with warnings.catch_warnings(), suppress(StudyError):  # what is wrong with it is told by its tests
        warnings.simplefilter("ignore")
        Study.build(bundled("data/pchp-study"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real instrument files: $PCHP_DATA, or ../shared/data beside the repository."""
    folder = Path(os.environ.get("PCHP_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real instrument files are not at {folder}; set PCHP_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def demo_cells() -> Callable[[str], list[xr.DataTree]]:
    """Opens the cells of the bundled study whose names begin with something, with what its study.toml says of them."""
    folder = Path(__file__).parents[1] / "data" / "pchp-study"
    if not folder.is_dir():
        pytest.skip("the bundled study is not beside the tests")
    entries = read_study_file(folder / "study.toml").cells

    @cache
    def opened(beginning: str) -> list[xr.DataTree]:
        chosen = [entry for entry in entries if entry.name.startswith(beginning)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)  # bare-3 has no current
            return [open_cell(folder / entry.file, name=entry.name, **entry.metadata()) for entry in chosen]

    return opened


@pytest.fixture(scope="session")
def built_demo_study() -> Path:
    """Folder of the bundled study, its store up to date; it is not to be changed."""
    return Study.build(bundled("data/pchp-study")).folder


@pytest.fixture(scope="session")
def default_report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the page of a report run with what stands in its parameters: it is run once for all tests."""

    from pchp_widgets.reports.runner import report

    @cache
    def page(name: str) -> Path:
        return report(name, tmp_path_factory.mktemp("report") / "report.html")

    return page


@pytest.fixture(scope="session")
def make_full_cell(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., xr.DataTree]:
    """Makes a full cell of known truth, as `open_cell` would give it; the truth is in ``tree.attrs["truth"]``."""
    folder = tmp_path_factory.mktemp("full")

    def make(
        name: str,
        design: str = "NCM-PCHP",
        *,
        cycles: int = 40,
        fade: float = 0.4,
        seed: int = 0,
        rate: bool = False,
        **known: str,
    ) -> xr.DataTree:
        of = replace(DESIGNS[design], life=cycles, fade=fade, short_at=None)
        recipe = rate_recipe(2) if rate else ageing_recipe(2.0, cycles, 2.0)
        made = full_cell(of, full_state(of, len(recipe.current_density), spread=0.02, seed=seed), recipe, seed=seed)
        metadata = {
            "kind": "full",
            "coating": design.partition("-")[2],
            "cathode": of.cathode.name,
            "area": f"{recipe.area} cm2",
            "loading": f"{of.cathode.loading} mg cm-2",
        } | known
        path = folder / f"{name}.raw"
        path.write_bytes(name.encode())
        reader = SimpleNamespace(name="synthetic", version="1")
        metadata = {field: text for field, text in metadata.items() if text}
        tree = cell_tree(Recording(made.points, finished=True), path, reader, name, metadata, "0" * 64)
        tree.attrs["truth"] = made.truth
        return tree

    return make
