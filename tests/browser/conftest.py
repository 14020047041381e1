"""A real JupyterLab and Voila, seen through Chromium, with every host but this one out of reach.

One server and one browser serve the whole session; each notebook gets a kernel of its own, which is shut down with the
test. A test fails if its page logged an error or asked another host for anything.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

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
# Without a look at `kernel.info`, run-all-cells returns false on some occasions and runs nothing.
NOTEBOOK_READY = """async () => {
    const until = async (ready) => {
        for (let left = 600; !ready() && left; left--) await new Promise((done) => setTimeout(done, 100));
        if (!ready()) throw new Error(`never came true: ${ready}`);
    };
    await until(() => window.jupyterapp);
    const app = window.jupyterapp;
    await app.restored;
    await until(() => app.shell.currentWidget?.sessionContext);
    const { revealed, sessionContext } = app.shell.currentWidget;
    await revealed;
    await sessionContext.ready;
    await until(() => sessionContext.session?.kernel);
    await sessionContext.session.kernel.info;
    await until(() => app.commands.isEnabled('notebook:run-all-cells'));
}"""
EXECUTE = """async ([code, expression]) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const future = kernel.requestExecute({ code, user_expressions: { value: expression }, store_history: false });
    const { content } = await future.done;
    if (content.status !== 'ok') throw new Error(content.traceback.join('\\n'));
    const { value } = content.user_expressions;
    if (value.status !== 'ok') throw new Error(value.traceback.join('\\n'));
    return value.data['text/plain'];
}"""
# What Voila's own page asks for, even when it is empty, and does without.
VOILAS_OWN = re.compile("fontawesome|mathjax|jupyterlab_pyviz")
# The BokehJS that panes keep to themselves; its documents are in the order in which views were mounted.
IN_BOKEH = """([expression, index]) => {
    const bokeh = Object.values(globalThis.__pchp_bokeh__ ?? {})[0]?.scope.Bokeh;
    const documents = (bokeh?.require('document').documents ?? []).filter((doc) => doc.views_manager);
    const doc = documents.at(index), root = doc?.roots()[0], view = root && doc.views_manager.get(root);
    return new Function('documents', 'doc', 'root', 'view', `return ${expression}`)(documents, doc, root, view);
}"""


@dataclass
class Server:
    """The Jupyter server of the session, with Voila as its extension."""

    root: Path
    url: str

    @property
    def log(self) -> str:
        return (self.root / "server.log").read_text(errors="replace")

    def notebook(self, name: str, *cells: str) -> str:
        """File name of a new notebook."""
        path = Path(re.sub(r"\W+", "_", name)).with_suffix(".ipynb")
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        document.metadata["kernelspec"] = kernel
        nbformat.write(document, self.root / path)
        return str(path)

    def shut_kernels_down(self) -> None:
        for kernel in json.loads(self._ask("GET", "/api/kernels")):
            self._ask("DELETE", f"/api/kernels/{kernel['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310  our own server
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.read()
        return b"[]"


@dataclass
class NotebookPage:
    """A page with a notebook whose cells run; ``page`` is Playwright's."""

    page: Any
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def in_bokeh(self, expression: str, view: int = 0) -> Any:
        """JavaScript value of an expression of ``doc``, ``root`` (model), ``view`` and ``documents`` of one view."""
        return self.page.evaluate(IN_BOKEH, [expression, view])

    def wait_in_bokeh(self, condition: str, view: int = 0, timeout: float = 20_000) -> None:
        """Wait until a condition of the same names holds."""
        self.page.wait_for_function(IN_BOKEH, arg=[f"Boolean({condition})", view], timeout=timeout)

    def wait_painted(self, views: int = 1, seconds: float = 60) -> None:
        """Wait until this many views, no more and no fewer, have been drawn."""
        end = time.monotonic() + seconds
        while not self.in_bokeh(f"documents.length === {views} && documents.every((doc) => doc.is_idle)"):
            tracebacks = self.page.locator(".jp-OutputArea-output[data-mime-type$=stderr]").all_inner_texts()
            assert not tracebacks, "\n".join(tracebacks)
            assert time.monotonic() < end, f"{self.in_bokeh('documents.length')} views drawn; console: {self.errors}"
            self.page.wait_for_timeout(50)

    def python(self, expression: str, code: str = "") -> Any:
        """Value that a Python literal expression has in the kernel, after running some code there."""
        return ast.literal_eval(self.page.evaluate(EXECUTE, [code, expression]))

    def wait_in_python(self, condition: str, seconds: float = 10) -> None:
        """Wait until a condition holds in the kernel."""
        end = time.monotonic() + seconds
        while not self.python(f"bool({condition})"):
            assert time.monotonic() < end, f"in the kernel, never: {condition}"
            time.sleep(0.05)

    def settle(self) -> None:
        """Let messages that are under way arrive on both sides."""
        for _ in range(3):
            self.python("None")
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")

    def pixels(self, view: int = 0) -> npt.NDArray[np.uint8]:
        """RGB picture of one figure as it is on screen, ``(row, column, 3)``."""
        picture = self.page.locator(".bk-Canvas").nth(view).screenshot()
        return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))

    def reload(self) -> None:
        """Load the page again; the kernel goes on."""
        self.page.reload()
        self.page.evaluate(NOTEBOOK_READY)


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
    """The offer of news asks another host, and covers a corner of the page."""
    settings = root / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')


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
            server.shut_kernels_down()
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
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
    """An empty page that remembers what must not happen."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    notebook = NotebookPage(context.new_page())

    def note_stranger(thing: Any) -> None:
        if re.match(r"(http|ws)s?://(?!127\.0\.0\.1[:/])", thing.url) and not VOILAS_OWN.search(thing.url):
            notebook.strangers.append(thing.url)

    def note_error(line: Any) -> None:
        text = f"{line.text} ({line.location['url']})"
        if line.type == "error" and not VOILAS_OWN.search(text):
            notebook.errors.append(text)

    notebook.page.on("pageerror", lambda error: notebook.errors.append(str(error)))
    notebook.page.on("console", note_error)
    notebook.page.on("request", note_stranger)
    notebook.page.on("websocket", note_stranger)
    yield notebook
    context.close()
    lab.shut_kernels_down()
    assert notebook.errors == []
    assert notebook.strangers == []


@pytest.fixture
def run_cells(lab: Server, notebook_page: NotebookPage, request: pytest.FixtureRequest) -> Callable[..., NotebookPage]:
    """Open a notebook with these cells in JupyterLab, alone on the page, and run them all."""

    def run(*cells: str) -> NotebookPage:
        name = lab.notebook(request.node.name, *cells)
        page = notebook_page.page
        page.goto(f"{lab.url}/doc/workspaces/{Path(name).stem}/tree/{name}?reset")
        page.evaluate(NOTEBOOK_READY)
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        return notebook_page

    return run


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
    server = getattr(item, "funcargs", {}).get("lab")
    if report.failed and server is not None:
        report.sections.append(("end of the server's log", server.log[-2000:]))
    return report
