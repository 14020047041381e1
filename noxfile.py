#!/usr/bin/env -S uv run --script
# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""The make targets for those who type `nox`, and for systems without make."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"


@nox.session
def tests(session: nox.Session) -> None:
    """Run the test suite; the browser tests skip themselves where no Chromium is found."""
    session.install("--editable", ".[test]")
    notebooks = ["--nbval-lax", "--nbval-current-env", "--nbval-sanitize-with", "tests/notebooks/sanitize.cfg"]
    session.run("pytest", *notebooks, *(session.posargs or ["-n", "2", "tests", "notebooks"]))


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Read two thousand damaged files of every format."""
    session.install("--editable", ".[test]")
    session.run("pytest", "tests/io/test_fuzz.py", env={"PCHP_MUTATIONS": "2000"})


@nox.session
def check(session: nox.Session) -> None:
    """Run the linters, the type checker and the repository conventions."""
    session.install("--editable", ".", *nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "dev"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")
    session.run("zizmor", "--offline", "--quiet", ".")
    session.run("repo-review", ".")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation into site/."""
    session.install("--editable", ".[docs]")
    session.run("mkdocs", "build", "--strict")


if __name__ == "__main__":
    nox.main()
