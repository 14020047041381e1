"""Notebooks in a real JupyterLab: the server, and a page that shows one of them and can be asked and operated."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import numpy.typing as npt
from PIL import Image

SCREEN = {"width": 1280, "height": 1400}
PATIENCE = 120
"""Seconds after which something never comes, on however busy a machine."""
# Without a look at `kernel.info`, run-all-cells returns false on some occasions and runs nothing.
NOTEBOOK_READY = """async () => {
    const until = async (ready) => {
        for (let left = 2400; !ready() && left; left--) await new Promise((done) => setTimeout(done, 50));
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
TAKE_THE_PLACE = """async (path) => {
    const { commands, shell } = window.jupyterapp, former = shell.currentWidget;
    const { id } = former.sessionContext.session.kernel;
    await commands.execute('docmanager:open', { path, factory: 'Notebook', kernel: { id } });
    former.dispose();
}"""
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
EXECUTE = """async ([code, expression]) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const future = kernel.requestExecute({ code, user_expressions: { value: expression }, store_history: false });
    const { content } = await future.done;
    if (content.status !== 'ok') throw new Error(content.traceback.join('\\n'));
    const { value } = content.user_expressions;
    if (value.status !== 'ok') throw new Error(value.traceback.join('\\n'));
    return value.data['text/plain'];
}"""
REMEMBER = "import warnings; warnings.at_first = [*warnings.filters]"
FORGET = """async (limit) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const code = 'import ipywidgets, warnings; ipywidgets.Widget.close_all(); warnings.filters[:] = warnings.at_first; '
        + 'get_ipython().reset()';
    const { done } = kernel.requestExecute({ code, store_history: false });
    return (await Promise.race([done, new Promise((late) => setTimeout(late, limit))]))?.content.status === 'ok';
}"""
# What Voila's own page asks for, even when it is empty, and does without; and what anywidget says where a widget takes
# more than 2 s to come up, as on a busy machine: whether it came is what the tests ask.
HARMLESS = re.compile(r"fontawesome|mathjax|jupyterlab_pyviz|\[anywidget\] Failed to initialize model")
# The BokehJS that panes keep to themselves; its documents are in the order in which views were mounted.
IN_BOKEH = """([expression, index]) => {
    const bokeh = Object.values(globalThis.__pchp_bokeh__ ?? {})[0]?.scope.Bokeh;
    const documents = (bokeh?.require('document').documents ?? []).filter((doc) => doc.views_manager);
    const doc = documents.at(index), root = doc?.roots()[0], view = root && doc.views_manager.get(root);
    const shown = root?.children?.find((one) => one.visible) ?? root;
    const names = { documents, doc, root, shown, view };
    return new Function(...Object.keys(names), `return ${expression}`)(...Object.values(names));
}"""
# Where the frame of a figure is on the page, once it has been scrolled into view, and the ends of its x-axis.
FRAME = """(({{ el, frame: {{ bbox }}, model: {{ x_range, y_range }} }}) => {{
    el.scrollIntoViewIfNeeded();
    const {{ x, y }} = el.getBoundingClientRect();
    return [x + bbox.left, y + bbox.top, bbox.width, bbox.height,
            x_range.start, x_range.end, y_range.start, y_range.end];
}})(doc.views_manager.find_one({figure}))"""
FIGURES = ".bk-Canvas:visible"

Place = tuple[float, float]


@dataclass
class Server:
    """A Jupyter server, with Voila as its extension."""

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

    def kernels(self) -> set[str]:
        """The kernels that run, by their ids."""
        return {kernel["id"] for kernel in json.loads(self._ask("GET", "/api/kernels"))}

    def shut_down(self, kernels: set[str]) -> None:
        for kernel in kernels:
            self._ask("DELETE", f"/api/kernels/{kernel}")

    def _ask(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310  our own server
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.read()
        return b"[]"


@dataclass
class NotebookPage:
    """A page with a notebook whose cells run; ``page`` is Playwright's.

    ``errors`` and ``strangers`` are what must not happen: lines of error in the console, and requests to other hosts.
    """

    page: Any
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("pageerror", lambda error: self._note_error(error.stack or str(error)))
        self.page.on("console", self._note_line)
        self.page.on("request", self._note_stranger)
        self.page.on("websocket", self._note_stranger)

    def _note_line(self, line: Any) -> None:
        if line.type == "error":
            self._note_error(f"{line.text} ({line.location['url']})")

    def _note_error(self, text: str) -> None:
        if not HARMLESS.search(text):
            self.errors.append(text)

    def _note_stranger(self, thing: Any) -> None:
        if re.match(r"(http|ws)s?://(?!127\.0\.0\.1[:/])", thing.url) and not HARMLESS.search(thing.url):
            self.strangers.append(thing.url)

    def open(self, server: Server, notebook: str) -> None:
        """Load JupyterLab with a notebook, alone on the page, and a new kernel."""
        self.page.goto(f"{server.url}/doc/workspaces/{Path(notebook).stem}/tree/{notebook}?reset")
        self.page.evaluate(NOTEBOOK_READY)
        self.python("None", REMEMBER)

    def turn_to(self, notebook: str) -> None:
        """Show another notebook in place of the present one, with the same kernel, as on a page just opened."""
        self.errors.clear()
        self.strangers.clear()
        self.page.set_viewport_size(SCREEN)
        self.page.mouse.move(0, 0)
        self.page.evaluate(TAKE_THE_PLACE, notebook)
        self.page.evaluate(NOTEBOOK_READY)

    def run_all(self) -> None:
        self.page.evaluate(RUN_ALL)

    def interrupt(self) -> None:
        """Stop the cell that is running."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
        self.page.locator(".jp-InputPrompt", has_text="[*]").wait_for(state="detached")

    def forget(self, limit: float = 10_000) -> bool:
        """Close the widgets, drop the names and the filters of warnings of the kernel; whether it came to that."""
        if not self.page.evaluate(FORGET, limit):
            return False
        self.wait_in_bokeh("documents.length === 0")
        return True

    def in_bokeh(self, expression: str, view: int = 0) -> Any:
        """JavaScript value of an expression of ``documents`` and of what belongs to one of them.

        That is ``doc``, its model ``root``, the ``view`` that draws it, and ``shown``, the figures of a panel in view.
        """
        return self.page.evaluate(IN_BOKEH, [expression, view])

    def wait_in_bokeh(self, condition: str, view: int = 0) -> None:
        """Wait until a condition of the same names holds."""
        self.page.wait_for_function(IN_BOKEH, arg=[f"Boolean({condition})", view])

    def wait_painted(self, views: int = 1, seconds: float = PATIENCE) -> None:
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

    def wait_in_python(self, condition: str, seconds: float = PATIENCE) -> None:
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
        picture = self.page.locator(FIGURES).nth(view).screenshot()
        return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))

    def figures_drawn(self) -> int:
        """Number of figures on the page; each is required to have the many colours of a drawing."""
        figures = self.page.locator(FIGURES).count()
        for figure in range(figures):
            colours = np.unique(self.pixels(figure).astype(np.uint32) @ (1, 1 << 8, 1 << 16))
            assert len(colours) > 20, f"figure {figure} has {len(colours)} colours"
        return figures

    def keep_picture(self, what: str = "") -> None:
        """Save the screen as <class of ``panel``><what>.png in $PCHP_PICTURES_TO, if that is set, to be looked at."""
        folder = os.environ.get("PCHP_PICTURES_TO")
        if not folder:
            return
        self.page.set_viewport_size(SCREEN | {"height": 2100})
        self.settle()
        self.page.screenshot(path=Path(folder) / f"{self.python('type(panel).__name__')}{what}.png")
        self.page.set_viewport_size(SCREEN)

    def figure(self, name: str) -> str:
        """Expression for a figure of ``panel``, by the name it has there."""
        return f"doc.get_model_by_id({self.python(f'panel.figures[{name!r}].id')!r})"

    def place(
        self,
        figure: str,
        x: float | None = None,
        y: float | None = None,
        *,
        across: float = 0.5,
        down: float = 0.5,
    ) -> Place:
        """Where on the page values of the axes of a figure are, or else shares of the size of its frame.

        ``figure`` is an expression for the model, such as `figure` gives.
        """
        left, top, width, height, start, end, bottom, ceiling = self.in_bokeh(FRAME.format(figure=figure))
        if x is not None:
            across = (x - start) / (end - start)
        if y is not None:
            down = (ceiling - y) / (ceiling - bottom)
        return left + across * width, top + down * height

    def click(self, figure: str, **where: float) -> None:
        """Click at a `place` of a figure: in its middle, if nothing else is said."""
        self.page.mouse.click(*self.place(figure, **where))

    def drag(self, start: Place, stop: Place, steps: int = 4) -> None:
        """Press the mouse at one place, move it to another, and let go."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*stop, steps=steps)
        self.page.mouse.up()

    def reload(self) -> None:
        """Load the page again; the kernel goes on."""
        self.page.reload()
        self.page.evaluate(NOTEBOOK_READY)
