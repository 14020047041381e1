"""Reports as a reader gets them: one file, opened from disk with the network refused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from notebook_pages import PATIENCE
from PIL import Image

from pchp_widgets.plots import render
from pchp_widgets.plots.picture import Axis, Bands, Picture
from pchp_widgets.reports.catalogue import catalogue

pytestmark = pytest.mark.browser

SCREEN = {"width": 1000, "height": 1000}
STRIP = 4000
FIGURES_DRAWN = "() => window.Bokeh && Bokeh.documents.length > 0 && Bokeh.documents.every((doc) => doc.is_idle)"
TOO_WIDE = """() => [...document.querySelectorAll('.scroll, figure.plot')]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.innerText.slice(0, 80))"""
NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
RANGES = """() => [...Bokeh.documents[0].all_models].filter((one) => one.x_range)
    .map(({ x_range }) => [x_range.start, x_range.end]).join()"""
PLACES = """(all) => all.map((one) => one.getBoundingClientRect())
    .map(({ left, top, right, bottom }) => [left, top + scrollY, right, bottom + scrollY].map(Math.round))"""


@dataclass
class Opened:
    """A page on the screen, and what it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def show(self, path: Path) -> None:
        self.page.goto(path.as_uri())
        self.page.wait_for_function(FIGURES_DRAWN)
        self.page.evaluate(NEXT_FRAMES)

    def picture(self) -> npt.NDArray[np.uint8]:
        """The whole page, ``(row, column, 3)``; taken in strips, because a screenshot has a greatest height."""
        width, height = self.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        clips = [
            {"x": 0, "y": top, "width": width, "height": min(STRIP, height - top)} for top in range(0, height, STRIP)
        ]
        strips = [self.page.screenshot(full_page=True, clip=clip) for clip in clips]
        return np.concatenate([np.asarray(Image.open(io.BytesIO(strip)).convert("RGB")) for strip in strips])


@contextmanager
def offline_page(browser: Any) -> Iterator[Opened]:
    context = browser.new_context(viewport=SCREEN, offline=True)
    found = Opened(context.new_page())
    found.page.set_default_timeout(1000 * PATIENCE)
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    found.page.on("console", lambda line: found.errors.append(line.text) if line.type in {"error", "warning"} else None)
    yield found
    context.close()


@pytest.fixture(scope="module", params=[*catalogue()])
def loaded(
    request: pytest.FixtureRequest, browser: Any, default_report: Callable[[str], Path]
) -> Iterator[tuple[Path, Opened]]:
    """Each report, loaded once for all that is asked of it."""
    path = default_report(request.param)
    with offline_page(browser) as found:
        found.show(path)
        yield path, found


@pytest.fixture
def opened(loaded: tuple[Path, Opened]) -> Iterator[Opened]:
    """A report on a screen of the usual size; from its first to its last test it asks for nothing and has no error."""
    path, found = loaded
    found.page.emulate_media(media="screen")
    found.page.set_viewport_size(SCREEN)
    yield found
    assert found.requests == [path.as_uri()]
    assert found.errors == []


def test_every_figure_is_drawn(opened: Opened) -> None:
    figures = opened.page.locator("figure.plot").all()
    assert figures
    picture = opened.picture()
    for figure in figures:
        boxes = figure.locator(".bk-Canvas").evaluate_all(PLACES)
        assert boxes
        for left, top, right, bottom in boxes:
            canvas = picture[top:bottom, left:right]
            assert (canvas.min(axis=-1) < 230).mean() > 0.01


def test_figures_and_tables_are_numbered_and_fit_the_page(opened: Opened) -> None:
    for kind in ("plot", "table"):
        for caption in opened.page.locator(f"figure.{kind} > figcaption").all():
            assert caption.evaluate("(of) => getComputedStyle(of, '::before').content").startswith('"')
    for width in (1000, 760):
        opened.page.set_viewport_size(SCREEN | {"width": width})
        assert opened.page.evaluate(TOO_WIDE) == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_code_shows_when_it_is_asked_for(opened: Opened) -> None:
    code = opened.page.locator("pre.code").first
    assert not code.is_visible()
    opened.page.locator("#show-code").check()
    assert code.is_visible()
    opened.page.locator("#show-code").uncheck()
    assert not code.is_visible()


def test_a_figure_still_moves_without_a_kernel(opened: Opened) -> None:
    before = opened.page.evaluate(RANGES)
    canvas = opened.page.locator("figure.plot .bk-Canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.page.mouse.move(*middle)
    opened.page.mouse.wheel(0, -300)
    opened.page.mouse.down()
    opened.page.mouse.move(middle[0] - 100, middle[1], steps=5)
    opened.page.mouse.up()
    opened.page.wait_for_function(f"(before) => ({RANGES})() !== before", arg=before)


def test_the_paper_version_has_every_figure_inside_its_margins(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    opened.page.set_viewport_size({"width": 695, "height": 1000})  # A4 between its margins, in CSS pixels
    boxes = [canvas.bounding_box() for canvas in opened.page.locator("figure.plot .bk-Canvas").all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 701 for box in boxes)
    assert opened.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_band_ends_at_the_frame_when_it_reaches_out_of_the_zoom(browser: Any, tmp_path: Path) -> None:
    band = Bands(np.array([1.0]), np.array([8.0]))
    figure = render.figure(Picture(Axis("time", "h"), Axis("voltage", "V"), (band,), (0.0, 9.0), (0.0, 9.0)))
    figure.x_range.update(start=3.0, end=5.0)
    (tmp_path / "page.html").write_text(render.page(figure, "zoomed"))
    with offline_page(browser) as opened:
        opened.show(tmp_path / "page.html")
        shot = Image.open(io.BytesIO(opened.page.locator(".bk-Canvas").screenshot())).convert("RGB")
    grey = (np.asarray(shot).max(axis=-1) < 240).mean(axis=0)  # a share of each column of pixels
    assert grey[len(grey) // 2] > 0.7
    assert grey[:20].max() < 0.2
