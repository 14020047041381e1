"""What stands below the figures of a panel, and what cells are called in its list."""

from __future__ import annotations

import re

import pytest
import traitlets

from pchp_widgets.panels.controls import _called, cell_picker
from pchp_widgets.panels.readout import Line, table_html


class ShownPanelOf(traitlets.HasTraits):
    shown = traitlets.Tuple()

    def __init__(self, names: list[str]) -> None:
        super().__init__(shown=tuple(names))


def test_a_remark_stands_once_below_the_table_with_the_names_it_is_about() -> None:
    lines = [Line("red", name, ("1",), ("doubtful",) * (name != "c")) for name in ("a", "b", "a", "c")]
    html = table_html(("value",), lines, "synthetic")
    assert re.findall(r"<div>([^<]*)</div>", html) == ["a, b: doubtful", "synthetic"]
    assert html.index("</table></div>") < html.index("a, b: doubtful")  # the table alone is scrolled


@pytest.mark.parametrize(
    ("name", "coating", "called"), [("bare-1", "bare", "bare-1 · bare"), ("PCHP", "PCHP", "PCHP"), ("x", "", "x · ?")]
)
def test_a_coating_of_the_same_name_is_not_said_twice(name: str, coating: str, called: str) -> None:
    assert _called(name, coating) == called


def test_the_list_is_as_wide_and_high_as_names_need_within_limits() -> None:
    def size(names: list[str]) -> tuple[int, int]:
        picker = cell_picker(ShownPanelOf(names), {name: name for name in names}, {})
        layout = picker.children[0].layout
        assert [label for label, _ in picker.children[0].options] == names  # whole, however long
        return int(layout.width.removesuffix("px")), int(layout.height.removesuffix("px"))

    narrow, low = size(["a", "b"])
    wide, same = size(["a", "b" * 50])
    widest, high = size(["a" * 200, "b" * 300])
    assert narrow < wide < widest
    assert low == same < high
    assert size([f"{n}" * 400 for n in range(40)])[1] <= 220
