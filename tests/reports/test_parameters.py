from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.reports.parameters import Parameter, ParameterError


def parameter(kind: str, name: str = "x") -> Parameter:
    return Parameter(name, kind, None, "")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("str", "a"),
        ("int", 3),
        ("float", 0.5),
        ("float", 2),
        ("bool", True),
        ("list[int]", [1, 2]),
        ("list", [1, "a"]),
        ("dict[str, str]", {"area": "1 cm2"}),
    ],
)
def test_a_value_of_the_right_type_passes_unchanged(kind: str, value: object) -> None:
    assert parameter(kind).checked(value) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "3"),
        ("int", 3.5),
        ("int", True),
        ("float", "0.5"),
        ("str", 3),
        ("bool", 1),
        ("list[int]", [1.5]),
        ("list[str]", "abc"),
        ("dict[str, str]", {"area": 1.0}),
    ],
)
def test_a_value_of_another_type_is_refused_with_name_and_type(kind: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"^x must be {kind.replace('[', '.').replace(']', '.')}") as raised:
        parameter(kind).checked(value)
    assert repr(value) in str(raised.value)


def test_a_path_is_taken_as_text() -> None:
    assert parameter("str").checked(Path("a") / "b.mpr") == str(Path("a") / "b.mpr")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", " 1,10 ", " 1,10 "),
        ("int", "10", 10),
        ("float", "0.5", 0.5),
        ("float", "2", 2),
        ("bool", "yes", True),
        ("bool", "False", False),
        ("list[str]", "bare-1, PCHP-1", ["bare-1", "PCHP-1"]),
        ("list[int]", "1,10,100", [1, 10, 100]),
        ("list[int]", "[1, 10]", [1, 10]),
        ("list[int]", "", []),
        ("dict[str, str]", "{'a': 'b'}", {"a": "b"}),
    ],
)
def test_text_of_the_command_line_becomes_a_value(kind: str, text: str, value: object) -> None:
    assert parameter(kind).from_text(text) == value


@pytest.mark.parametrize(("kind", "text"), [("int", "ten"), ("list[int]", "1;2"), ("float", "0,5"), ("bool", "maybe")])
def test_text_that_is_no_such_value_is_refused_with_an_example(kind: str, text: str) -> None:
    with pytest.raises(ParameterError, match=r"write for example x="):
        parameter(kind).from_text(text)


@given(st.lists(st.integers()) | st.lists(st.text(alphabet="abc-1", min_size=1)))
def test_a_list_written_with_commas_is_read_back(values: list[Any]) -> None:
    kind = "list[int]" if values and isinstance(values[0], int) else "list[str]"
    assert parameter(kind).from_text(",".join(map(str, values))) == values
