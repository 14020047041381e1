"""Figures side by side, and what a page of many chapters begins with."""

from __future__ import annotations

import numpy as np

from pchp_widgets.plots.picture import Axis, Entry, Lines, Picture
from pchp_widgets.reports.display import Entries, Figure, Text
from pchp_widgets.reports.page import _with_contents


def picture(label: str, top: float, legend: tuple[Entry, ...] = ()) -> Picture:
    line = Lines([np.array([0.0, 1.0])], [np.array([0.0, top])], {"color": ["#000000"]})
    return Picture(Axis("depth", "nm"), Axis(label, "GPa"), [line], (0.0, 1.0), (0.0, top), legend)


def test_pictures_of_one_quantity_share_its_range_and_its_label() -> None:
    first, second = Figure((picture("modulus", 4.0), picture("modulus", 2.0)), "")._model().children[0].children
    assert first.y_range is second.y_range
    assert (first.y_range.start, first.y_range.end) == (0.0, 4.0)
    assert (first.yaxis.axis_label, second.yaxis.axis_label) == ("modulus (GPa)", None)


def test_pictures_of_different_quantities_keep_their_own_ranges_and_labels() -> None:
    first, second = Figure((picture("modulus", 4.0), picture("hardness", 0.2)), "")._model().children[0].children
    assert (first.y_range.end, second.y_range.end) == (4.0, 0.2)
    assert second.yaxis.axis_label == "hardness (GPa)"
    assert first.x_range is second.x_range


def test_a_legend_above_one_picture_does_not_shrink_its_neighbour() -> None:
    both = (picture("modulus", 4.0, (Entry("a", "#000000"),)), picture("modulus", 4.0))
    first, second = Figure(both, "")._model().children[0].children
    assert first.height == second.height


def test_a_page_of_many_chapters_begins_with_a_list_of_them() -> None:
    body = "".join(f"<h2>Chapter {number}</h2>" for number in range(9))
    page = _with_contents(f"<p>notice</p>{body}")
    assert page.startswith('<p>notice</p><nav><a href="#chapter-1">Chapter 0</a>')
    assert '<h2 id="chapter-9">Chapter 8</h2>' in page
    assert _with_contents("<h2>One</h2>") == "<h2>One</h2>"


def test_paragraphs_are_typeset_on_the_page_and_plain_as_text() -> None:
    bundle = Text("below 2 ohm cm2")._repr_mimebundle_()
    assert bundle == {"text/plain": "below 2 ohm cm2", "text/html": "<p>below 2 Ω cm²</p>"}


def test_entries_stand_behind_what_they_are_about() -> None:
    bundle = Entries({"Peel <test>": "30 N m-1."})._repr_mimebundle_()
    assert bundle == {"text/plain": "Peel <test>. 30 N m-1.", "text/html": "<p><b>Peel &lt;test&gt;.</b> 30 N m⁻¹.</p>"}
