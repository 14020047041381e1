"""What an installation brings with it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path

import pytest

import pchp_widgets

ROOT = Path(__file__).parents[1]
HEAVY = {"anywidget", "bokeh", "holoviews", "ipywidgets", "matplotlib", "pandas", "polars", "scipy", "xarray", "zarr"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, pchp_widgets; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_every_public_name_can_be_imported() -> None:
    assert {name: hasattr(pchp_widgets, name) for name in pchp_widgets.__all__} == dict.fromkeys(
        pchp_widgets.__all__, True
    )


def test_the_version_is_written_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project["version"] == pchp_widgets.__version__
    assert f"\nversion: {pchp_widgets.__version__}\n" in citation


def test_every_reader_that_is_announced_loads() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    announced = project["entry-points"]["pchp_widgets.readers"]
    installed = {point.name: point for point in entry_points(group="pchp_widgets.readers")}
    assert announced.keys() <= installed.keys()
    assert all(callable(installed[name].load()) for name in announced)


def test_the_wheel_carries_notebooks_and_demo_study_but_no_built_store(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "pchp_widgets/py.typed" in names
    assert "pchp_widgets/_notebooks/reports/symmetric_cell.ipynb" in names
    assert "pchp_widgets/_data/pchp-study/study.toml" in names
    assert not [name for name in names if ".zarr/" in name or "__pycache__" in name]
    assert {name.partition("/")[0] for name in names} == {"pchp_widgets", "pchp_widgets-0.1.0.dist-info"}


def test_every_library_that_is_imported_is_a_declared_dependency() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    declared = {re.split(r"[^\w-]", line)[0].replace("_", "-").lower() for line in dependencies}
    libraries = {name for module in MODULES for name in imports(ast.parse(module.read_text(encoding="utf-8")))}
    libraries -= {*sys.stdlib_module_names, "pchp_widgets"}
    installed = packages_distributions()
    distributions = {name: {dist.replace("_", "-").lower() for dist in installed[name]} for name in libraries}
    assert [name for name, dists in sorted(distributions.items()) if not dists & declared] == []


MODULES = sorted((ROOT / "pchp_widgets").rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module).partition(".")[0]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_have_one_subject_and_functions_fit_on_a_screen(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    long = [node.name for node in functions(ast.parse(text)) if (node.end_lineno or 0) - node.lineno >= 60]
    assert not long
    assert text.count("\n") <= 400


_UNIT = r"(?:[munkMG]?(?:mol|g|J|N|V|A|W|s|m|K|L|Pa|F|Ω|eV)|mA h|µm|min|h|counts|cm|[cm]?m[²³])"
_FRACTION = re.compile(rf"(?<![\w/.]){_UNIT}/{_UNIT}(?![\w/.(])")


@pytest.mark.parametrize("layer", ["analysis", "plots", "panels", "reports", "workbench"])
def test_units_are_shown_with_exponents_as_in_the_tables_and_not_as_fractions(layer: str) -> None:
    found = []
    for module in (module for module in MODULES if module.is_relative_to(ROOT / "pchp_widgets" / layer)):
        nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
        alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
        texts = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in alone]
        found += [f"{module.name}: {text}" for text in texts if isinstance(text, str) and _FRACTION.search(text)]
    assert not found
