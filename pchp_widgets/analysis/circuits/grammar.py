"""The text of a circuit, read: strings of impedance.py, ``R0-p(R1,CPE1)``, and circuit description codes, ``R(RQ)``.

The text is data: it is split into tokens and parsed, never executed. A fault is a ValueError that shows its place.

impedance.py::

    series   := branch ("-" branch)*
    branch   := element | "p(" series ("," series)+ ")"
    element  := symbol [number]

Circuit description code (Boukamp; the extended form with values is that of pyimpspec)::

    series   := (element | "(" item item+ ")" | "[" series "]")+
    item     := element | "(" item item+ ")" | "[" series "]"
    element  := symbol [ "{" [value ("," value)*] [":" label] "}" ]
    value    := name "=" number ["F"] ["/" [limit] ["/" limit]]         limit := number ["%"]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from .elements import KINDS
from .stated import Stated, carried_over
from .tree import Element, Node, Parallel, Series

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<parallel>p\s*(?=\())|(?P<symbol>CPE|W[os]|[RCLWGQ])(?P<number>_?\d+)?|(?P<mark>[-,()\[\]{}])"
)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_VALUE = re.compile(rf"\s*(?P<name>[A-Za-z]+)\s*=\s*(?P<value>{_NUMBER})(?P<fixed>[fF])?\s*")
_LIMIT = re.compile(rf"/\s*(?P<limit>{_NUMBER})?\s*(?P<percent>%)?\s*")
_DEEPEST = 40


@dataclass(frozen=True)
class Token:
    """A piece of the text: an element symbol (with its number, if any) or a mark; `place` counts from 0."""

    text: str
    place: int
    symbol: str = ""
    number: int | None = None


def fault(text: str, place: int, says: str) -> NoReturn:
    """Raise a ValueError that says what is wrong and points at it."""
    shown = re.sub(r"\s", " ", text)
    raise ValueError(f"circuit: {says}\n  {shown}\n  {' ' * place}^")


def parsed(text: str) -> tuple[Node, dict[str, Stated]]:
    """The tree of a circuit, and what its text states of its parameters, by name."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("circuit: a text such as 'R0-p(R1,CPE1)' or 'R(RQ)' is needed")
    return _Parser(text).circuit()


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stated: dict[str, Stated] = {}
        self.braces: dict[int, str] = {}
        self.tokens = self._tokens()
        self.at = 0
        self.first = 0
        self.depth = 0
        self.taken: dict[tuple[str, int], int] = {}
        for token in self.tokens:
            if token.number is not None:
                self._take(token.symbol, token.number, token.place)

    def circuit(self) -> tuple[Node, dict[str, Stated]]:
        """The whole text."""
        joined = any(token.text in {"-", ",", "p"} or token.number is not None for token in self.tokens)
        node = self._joined(top=True) if joined else self._adjacent("", top=True)
        if self.at < len(self.tokens):
            left = self._next()
            if left.symbol or left.text in {"(", "p"}:
                self._fault(left, "'-' is missing before this: elements in series are joined by '-'")
            self._fault(left, f"'{left.text}' has no opening partner" if left.text in ")]" else "this is not expected")
        return node, self.stated

    # -- tokens

    def _tokens(self) -> list[Token]:
        tokens, place = [], 0
        while place < len(self.text):
            found = _TOKEN.match(self.text, place)
            if not found:
                self._unknown(place)
            if found["symbol"]:
                number = None if found["number"] is None else int(found["number"].lstrip("_"))
                symbol = {"Q": "CPE"}.get(found["symbol"], found["symbol"])
                tokens.append(Token(found[0], place, symbol, number))
            elif found["mark"] == "{":
                close = self.text.find("}", place)
                if close < 0:
                    fault(self.text, place, "the brace opened here is never closed")
                if not tokens or not tokens[-1].symbol or tokens[-1].place in self.braces:
                    fault(self.text, place, "values in braces must follow an element, as in R{R=10}")
                self.braces[tokens[-1].place] = self.text[place : close + 1]
                place = close + 1
                continue
            elif found["mark"] == "}":
                fault(self.text, place, "'}' has no opening partner")
            elif not found["space"]:
                tokens.append(Token(found[0][0], place))
            place = found.end()
        return tokens

    def _unknown(self, place: int) -> NoReturn:
        word = re.match(r"[A-Za-z]+|.", self.text[place:], re.DOTALL)
        known = "; ".join(f"{symbol} ({kind.says.split(',')[0]})" for symbol, kind in KINDS.items())
        fault(self.text, place, f"'{word[0] if word else ''}' is no element; known are {known}")

    def _peek(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _next(self, wanted: str = "an element") -> Token:
        if self.at == len(self.tokens):
            fault(self.text, len(self.text.rstrip()), f"the text ends where {wanted} is needed")
        self.at += 1
        return self.tokens[self.at - 1]

    def _fault(self, token: Token, says: str) -> NoReturn:
        fault(self.text, token.place, says)

    def _inside(self, opening: Token, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fault(opening, f"brackets are nested deeper than {_DEEPEST}")
        node = read()
        self.depth -= 1
        return node

    # -- impedance.py: parts joined by '-' and ','

    def _joined(self, *, top: bool = False) -> Node:
        parts = [self._branch(top=top)]
        while self._peek() == "-":
            self.at += 1
            parts.append(self._branch(top=top))
        return _series(parts)

    def _branch(self, *, top: bool) -> Node:
        token = self._next("an element or p(...)")
        if token.symbol:
            return self._element(token, top=top)
        if token.text == "(":
            self._fault(token, "branches in parallel are written p(...,...)")
        if token.text != "p":
            self._fault(token, f"an element or p(...) is needed before '{token.text}'")
        opening = self._next("'('")
        return self._inside(opening, lambda: self._branches(opening))

    def _branches(self, opening: Token) -> Node:
        parts = [self._joined()]
        while self._peek() == ",":
            self.at += 1
            parts.append(self._joined())
        self._close(")", opening, "',' or ')'")
        if len(parts) < 2:
            self._fault(opening, "branches in parallel must be two or more, separated by ','")
        return _parallel(parts)

    # -- circuit description code: parts side by side

    def _adjacent(self, closing: str, *, top: bool = False) -> Node:
        parts = [self._item(top=top)]
        while self._peek() not in {closing, ""}:
            parts.append(self._item(top=top))
        return _series(parts)

    def _item(self, *, top: bool = False) -> Node:
        token = self._next()
        if token.symbol:
            return self._element(token, top=top)
        if token.text == "[":
            return self._inside(token, lambda: self._bracketed(token, top=top))
        if token.text == "(":
            return self._inside(token, lambda: self._beside(token))
        self._fault(token, f"an element is needed before '{token.text}'")

    def _bracketed(self, opening: Token, *, top: bool) -> Node:
        node = self._adjacent("]", top=top)
        self._close("]", opening, "']'")
        return node

    def _beside(self, opening: Token) -> Node:
        parts = [self._item()]
        while self._peek() not in {")", ""}:
            parts.append(self._item())
        self._close(")", opening, "')'")
        if len(parts) < 2:
            self._fault(opening, "a parallel connection must have two elements or more")
        return _parallel(parts)

    def _close(self, mark: str, opening: Token, wanted: str) -> None:
        if self.at == len(self.tokens):
            self._fault(opening, "the bracket opened here is never closed")
        token = self._next()
        if token.text != mark:
            self._fault(token, f"{wanted} is needed here")

    # -- elements

    def _element(self, token: Token, *, top: bool) -> Node:
        number = token.number
        if number is None:
            # R and L in series with all else are R0 and L0 as a rule; the others count from 1
            number = 0 if top and token.symbol in {"R", "L"} else 1
            while (token.symbol, number) in self.taken:
                number += 1
            self._take(token.symbol, number, token.place)
        element = Element(token.symbol, number, self.first)
        self.first = element.last
        if token.place in self.braces:
            self._state(element, token)
        return element

    def _take(self, symbol: str, number: int, place: int) -> None:
        if (symbol, number) in self.taken:
            fault(self.text, place, f"there are two elements {symbol}{number}; give each its own number")
        self.taken[symbol, number] = place

    def _state(self, element: Element, token: Token) -> None:
        body = self.braces[token.place]
        start = self.text.index("{", token.place)
        place, end, values = 1, len(body) - 1, {}
        while place < end and body[place] != ":":
            found = _VALUE.match(body, place)
            if not found:
                fault(self.text, start + place, "a value such as R=10 or n=0.8F/0.5/1.0 is needed here")
            if found["name"] in values:
                fault(self.text, start + place, f"{found['name']} is stated twice")
            value, place, limits = float(found["value"]), found.end(), []
            while len(limits) < 2 and (limit := _LIMIT.match(body, place)):
                number = None if limit["limit"] is None else float(limit["limit"])
                limits.append(number if number is None or not limit["percent"] else value * number / 100)
                place = limit.end()
            low, high = [*limits, None, None][:2]
            values[found["name"]] = Stated(value, low, high, fixed=bool(found["fixed"]))
            if place < end and body[place] not in ",:":
                fault(self.text, start + place, "',' or '}' is needed here")
            place += body[place] == ","
        try:
            self.stated |= dict(zip(element.names, carried_over(element.symbol, values), strict=True))
        except ValueError as error:
            fault(self.text, start, str(error))


def _series(parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Series) else (part,))]
    return flat[0] if len(flat) == 1 else Series(tuple(flat))


def _parallel(parts: list[Node]) -> Node:
    return Parallel(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Parallel) else (part,))))
