"""What stands below the figures of a panel, and what cells are called in its list."""

from __future__ import annotations

import re

import pytest

from pchp_widgets.panels.controls import _called
from pchp_widgets.panels.readout import Line, table_html


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
