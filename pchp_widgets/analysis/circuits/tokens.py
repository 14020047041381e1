"""The text of a circuit as tokens: elements, marks, and what stands in braces behind an element."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from .elements import KINDS
from .stated import Stated

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<parallel>p\s*(?=\())|(?P<symbol>CPE|W[os]|[RCLWGQ])(?:_?(?P<number>[0-9]{1,9}))?"
    r"|(?P<brace>\{[^{}]*\})|(?P<mark>[-,()\[\]])"
)
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_VALUE = re.compile(rf"\s*(?P<name>[A-Za-z]+)\s*=\s*(?P<value>{_NUMBER})(?P<fixed>[fF])?\s*")
_LIMIT = re.compile(rf"/\s*(?:(?P<limit>{_NUMBER})\s*(?P<percent>%)?\s*)?")
_CODE_NAMES = {"Q": "CPE"}


class Token(NamedTuple):
    """An element (symbol, number or None, what its braces state) or a mark; `place` counts from 0."""

    text: str
    place: int
    symbol: str = ""
    number: int | None = None
    brace: str = ""
    brace_place: int = 0


def fault(text: str, place: int, says: str) -> NoReturn:
    """Raise a ValueError that says what is wrong and points at it."""
    shown = re.sub(r"\s", " ", text)
    raise ValueError(f"circuit: {says}\n  {shown}\n  {' ' * place}^")


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text; ``p(`` gives the two tokens ``p`` and ``(``."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        piece = _TOKEN.match(text, place)
        if not piece:
            _unknown(text, place)
        if piece["symbol"]:
            number = None if piece["number"] is None else int(piece["number"])
            found.append(Token(piece[0], place, _CODE_NAMES.get(piece["symbol"], piece["symbol"]), number))
        elif piece["brace"]:
            if not found or not found[-1].symbol or found[-1].brace:
                fault(text, place, "values in braces must follow an element, as in R{R=10}")
            found[-1] = found[-1]._replace(brace=piece[0], brace_place=place)
        elif not piece["space"]:
            found.append(Token(piece[0][0], place))
        place = piece.end()
    return found


def _unknown(text: str, place: int) -> NoReturn:
    if text[place] == "{":
        fault(text, place, "the brace opened here is not closed before the next one, or not at all")
    if text[place] == "}":
        fault(text, place, "'}' has no opening partner")
    if re.match(r"p(?![A-Za-z])", text[place:]):
        fault(text, place, "branches in parallel are written p(...,...)")
    word = re.match(r"[A-Za-z]+", text[place:])
    known = "; ".join(f"{symbol} ({kind.says})" for symbol, kind in KINDS.items())
    fault(text, place, f"{word[0] if word else text[place]!r} is no element; known are {known}")


def values_of(text: str, token: Token) -> dict[str, Stated]:
    """What the braces of an element state, by the names used there; a label behind ``:`` is left out."""
    values: dict[str, Stated] = {}
    body, place, end = token.brace, 1, len(token.brace) - 1
    if not body or not body[1:end].strip():
        return values
    while place < end and body[place] != ":":
        found = _VALUE.match(body, place, end)
        if not found:
            fault(text, token.brace_place + place, "a value such as R=10 or n=0.8F or Q=1e-5/1e-7/1e-3 is needed here")
        if found["name"] in values:
            fault(text, token.brace_place + place, f"{found['name']} is stated twice")
        value, place = float(found["value"]), found.end()
        limits: list[float | None] = []
        while len(limits) < 2 and (limit := _LIMIT.match(body, place, end)):
            number = None if limit["limit"] is None else float(limit["limit"])
            limits.append(value * number / 100 if number is not None and limit["percent"] else number)
            place = limit.end()
        low, high = [*limits, None, None][:2]
        values[found["name"]] = Stated(value, low, high, fixed=bool(found["fixed"]))
        if place < end and body[place] not in ",:":
            fault(text, token.brace_place + place, "',' or '}' is needed here")
        place += body[place] == ","
    return values
