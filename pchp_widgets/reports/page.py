"""One HTML file out of an executed notebook: everything inside, nothing asked of the network."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from html import escape
from importlib.metadata import version
from pathlib import Path
from string import Template

import nbformat

from ..plots.render import bokehjs
from .catalogue import ReportNotebook
from .display import NEEDS_BOKEHJS

_VERSIONS = ("pchp_widgets", "numpy", "xarray", "bokeh", "papermill")
# A canvas is a raster: with two dots for each CSS pixel, or more where the screen has them, it is sharp on paper too.
# Only twice the dots of the screen are averaged by pairs; thrice lose thin lines, such as the minus of an exponent.
_SHARP = """<script>{
  const own = window.devicePixelRatio;
  Object.defineProperty(window, "devicePixelRatio", {get: () => own < 2 ? 2 * own : own});
}</script>"""
_CHAPTERS = 8  # from which on a page begins with a list of them
_IMAGES = ("image/png", "image/jpeg", "image/gif")


def html(notebook: nbformat.NotebookNode, report: ReportNotebook, parameters: Mapping[str, object]) -> str:
    """The page of an executed report.

    Parameters
    ----------
    notebook
        The executed notebook.
    report
        The report it came from.
    parameters
        What it was run with.

    Returns
    -------
    str
        A whole HTML document. Its content security policy forbids every request, so a browser shows what is in the
        file or nothing at all.
    """
    given = "".join(f", {name}={value!r}" for name, value in parameters.items())
    made = datetime.now().astimezone()
    folder = Path(__file__).parent
    body = _with_contents("\n".join(_block(cell) for cell in notebook.cells))
    subject = re.search(r'<p class="subject">(.*?)</p>', body)
    return Template((folder / "page.html").read_text("utf-8")).substitute(
        title=escape(report.title) + (f": {subject[1]}" if subject else ""),
        name=escape(report.name),
        style=(folder / "page.css").read_text("utf-8"),
        scripts=_SHARP + bokehjs() if _needs_bokehjs(notebook) else "",
        body=body,
        made=made.isoformat(timespec="seconds"),
        day=made.strftime("%Y-%m-%d %H:%M"),
        call=escape(f"report({report.name!r}{given})"),
        version=escape(_versions()[0]),
        versions=escape(" · ".join(_versions())),
    )


def _with_contents(body: str) -> str:
    """The same with a list of its chapters above the first of them, where they are many."""
    titles: list[str] = []

    def with_name(found: re.Match[str]) -> str:
        titles.append(re.sub(r"<a class=\"anchor-link\".*?</a>", "", found[1]))
        return f'<h2 id="chapter-{len(titles)}">{found[1]}</h2>'

    named = re.sub(r"<h2(?: [^>]*)?>(.*?)</h2>", with_name, body)
    if len(titles) < _CHAPTERS:
        return body
    links = "\n".join(f'<a href="#chapter-{number}">{title}</a>' for number, title in enumerate(titles, 1))
    before, first, after = named.partition('<h2 id="chapter-1">')
    return f"{before}<nav>{links}</nav>{first}{after}"


def _block(cell: nbformat.NotebookNode) -> str:
    """A cell as the page shows it: prose, or code (hidden until asked for) and what it gave; raw cells are left out."""
    if cell.cell_type == "markdown":
        return _prose(cell.source)
    if cell.cell_type != "code":
        return ""
    code = f'<pre class="code">{escape(cell.source)}</pre>' if cell.source.strip() else ""
    return code + "\n".join(_output(output) for output in cell.outputs)


def _needs_bokehjs(notebook: nbformat.NotebookNode) -> bool:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return any(output.get("metadata", {}).get("text/html") == NEEDS_BOKEHJS for output in outputs)


def _output(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return f'<pre class="{output.name}">{escape(output.text)}</pre>'
    if output.output_type == "error":
        return f'<pre class="stderr">{escape(output.ename)}: {escape(output.evalue)}</pre>'
    data = output.data
    markup = data.get("text/html", data.get("image/svg+xml"))
    image = next((kind for kind in _IMAGES if kind in data), None)
    if markup is not None:
        return str(markup)
    if image:
        return f'<img alt="" src="data:{image};base64,{data[image].strip()}">'
    return (
        _prose(data["text/markdown"]) if "text/markdown" in data else f"<pre>{escape(data.get('text/plain', ''))}</pre>"
    )


def _prose(source: str) -> str:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return str(markdown2html_mistune(source))


def _versions() -> list[str]:
    return [*(f"{name} {version(name)}" for name in _VERSIONS), f"Python {platform.python_version()} on {sys.platform}"]
