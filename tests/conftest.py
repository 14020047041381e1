"""What tests of every layer share."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import xarray as xr

from pchp_widgets.io.cell import cell_tree, open_cell
from pchp_widgets.io.contract import ReaderWarning, Recording
from pchp_widgets.io.synthetic.full import ageing_recipe, full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.study import read_study_file


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
