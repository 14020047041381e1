"""A real JupyterLab and Voila, seen through Chromium, with every host but this one out of reach.

One server, one browser, one page and one kernel serve the whole session. Each test gets a notebook of its own; after
it every widget is closed and every name in the kernel dropped. A test that fails, or leaves the kernel busy, takes page
and kernel with it. A test fails if its page logged an error or asked another host for anything.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from notebook_pages import PATIENCE, SCREEN, NotebookPage, Server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
JUPYTER_FLAGS = (
    "--no-browser",
    "--allow-root",
    "--expose-app-in-browser",
    "--IdentityProvider.token=",
    "--ServerApp.port_retries=0",
    "--ServerApp.disable_check_xsrf=True",
)
FAILED = pytest.StashKey[bool]()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own_directories(root: Path) -> dict[str, str]:
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return {variable: str(root / name) for variable, name in names.items()}


def _write_quiet_settings(root: Path) -> None:
    """Not the offer of news: it asks another host, and covers the page. Nor a debugger: it complains of restarts."""
    settings = root / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    extensions = root / "config" / "labconfig" / "page_config.json"
    extensions.parent.mkdir(parents=True)
    extensions.write_text('{"disabledExtensions": {"@jupyterlab/debugger-extension": true}}')


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab server with settings of its own."""
    root = tmp_path_factory.mktemp("lab")
    _write_quiet_settings(root)
    port = _free_port()
    command = [sys.executable, "-m", "jupyterlab", *JUPYTER_FLAGS, f"--ServerApp.port={port}", f"--notebook-dir={root}"]
    server = Server(root, f"http://127.0.0.1:{port}")
    with (root / "server.log").open("wb") as log:
        environment = os.environ | _own_directories(root)
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_up(server, process)
            yield server
            server.shut_down(server.kernels())
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(server.url + "/api", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not come up; its log ends:\n{server.log[-3000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, from $PCHP_CHROMIUM or the system."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra: test)")
    found = [os.environ.get("PCHP_CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES)]
    executable = next(filter(None, found), None)
    if executable is None:
        pytest.skip(f"no browser: set PCHP_CHROMIUM, or install one of {', '.join(CHROMIUM_NAMES)}")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def notebook_page(lab: Server, browser: Any) -> Iterator[NotebookPage]:
    """A page of its own, still empty, for what must not share one; the kernels it starts end with it."""
    others = lab.kernels()
    context = browser.new_context(viewport=SCREEN)
    notebook = NotebookPage(context.new_page())
    yield notebook
    context.close()
    lab.shut_down(lab.kernels() - others)
    assert notebook.errors == []
    assert notebook.strangers == []


class OpenLab:
    """One JupyterLab page and its kernel for test after test: to open them takes longer than most tests."""

    def __init__(self, lab: Server, browser: Any) -> None:
        self.lab, self.browser = lab, browser
        self.notebook: NotebookPage | None = None

    def show(self, name: str) -> NotebookPage:
        if self.notebook:
            self.notebook.turn_to(name)
        else:
            self.notebook = NotebookPage(self.browser.new_context(viewport=SCREEN).new_page())
            self.notebook.open(self.lab, name)
        return self.notebook

    def leave(self, *, sound: bool) -> None:
        """Make ready for the next test, or close what is in no state to be used again."""
        sound_still = False
        try:
            sound_still = sound and self.notebook is not None and self.notebook.forget()
        finally:
            if not sound_still:
                self.close()

    def close(self) -> None:
        if self.notebook:
            self.notebook.page.context.close()
            self.notebook = None
            self.lab.shut_down(self.lab.kernels())


@pytest.fixture(scope="session")
def open_lab(lab: Server, browser: Any) -> Iterator[OpenLab]:
    """The page that `run_cells` uses."""
    opened = OpenLab(lab, browser)
    yield opened
    opened.close()


@pytest.fixture
def run_cells(open_lab: OpenLab, request: pytest.FixtureRequest) -> Iterator[Callable[..., NotebookPage]]:
    """Show a notebook with these cells in JupyterLab, alone on the page, and run them all.

    Page and kernel were used by other tests, and no trace of these is left, unless the page is to be ``alone``.
    """
    shown = None

    def run(*cells: str, alone: bool = False) -> NotebookPage:
        nonlocal shown
        name = open_lab.lab.notebook(request.node.name, *cells)
        if alone:
            notebook: NotebookPage = request.getfixturevalue("notebook_page")
            notebook.open(open_lab.lab, name)
        else:
            notebook = shown = open_lab.show(name)
        notebook.run_all()
        return notebook

    yield run
    if shown is not None:
        open_lab.leave(sound=FAILED not in request.node.stash)
        assert "\n".join(shown.errors) == ""
        assert shown.strangers == []


@pytest.fixture
def voila(lab: Server, notebook_page: NotebookPage, request: pytest.FixtureRequest) -> Callable[..., NotebookPage]:
    """Open a notebook with these cells as a Voila dashboard, with ``theme="dark"`` if wanted."""

    def run(*cells: str, theme: str = "light") -> NotebookPage:
        name = lab.notebook(request.node.name, *cells)
        notebook_page.page.goto(f"{lab.url}/voila/render/{name}?theme={theme}")
        return notebook_page

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show the end of the server's log below a failure."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    server = getattr(item, "funcargs", {}).get("lab")
    if report.failed and server is not None:
        report.sections.append(("end of the server's log", server.log[-2000:]))
    return report
