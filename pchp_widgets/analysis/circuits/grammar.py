"""The text of a circuit, read: strings of impedance.py, ``R0-p(R1,CPE1)``, and circuit description codes, ``R(RQ)``.

The text is data: it is split into tokens and parsed, never executed. A fault is a ValueError that shows its place.

impedance.py::

    series   := branch ("-" branch)*
    branch   := element | "p(" series ("," series)+ ")"
    element  := symbol [number]

Circuit description code (Boukamp; the extended form with values is that of pyimpspec)::

    series   := item+
    item     := element | "(" item item+ ")" | "[" series "]"
    element  := symbol ["{" [value ("," value)*] [":" label] "}"]
    value    := name "=" number ["F"] ["/" [limit] ["/" [limit]]]          limit := number ["%"]
"""

from __future__ import annotations

from collections.abc import Callable

from .stated import Stated, carried_over
from .tokens import Token, fault, tokens_of, values_of
from .tree import Element, Node, Parallel, Series

_DEEPEST = 40


def parsed(text: str) -> tuple[Node, dict[str, Stated]]:
    """The tree of a circuit, and what its text states of its parameters, by name."""
    if not text.strip():
        raise ValueError("circuit: a text such as 'R0-p(R1,CPE1)' or 'R(RQ)' is needed")
    return _Parser(text).circuit()


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.stated: dict[str, Stated] = {}
        self.taken: set[tuple[str, int]] = set()
        self.count, self.first, self.depth, self.beside = 0, 0, 0, 0
        for token in self.tokens:
            if token.number is not None:
                self._take(token, token.number)

    def circuit(self) -> tuple[Node, dict[str, Stated]]:
        """The whole text."""
        joined = any(token.text in {"-", ",", "p"} or token.number is not None for token in self.tokens)
        node = self._joined() if joined else _series(self._items(""))
        if self.count < len(self.tokens):
            token = self.tokens[self.count]
            self._must(not token.symbol and token.text not in "(p[", token, "'-' is missing before this")
            self._must(token.text not in ")]", token, f"'{token.text}' has no opening partner")
            self._must(token.text != ",", token, "',' separates branches inside p(...,...) only")
            fault(self.text, token.place, f"'{token.text}' is not expected here")
        return node, self.stated

    # -- tokens

    def _peek(self) -> str:
        return self.tokens[self.count].text if self.count < len(self.tokens) else ""

    def _next(self) -> Token:
        if self.count == len(self.tokens):
            fault(self.text, len(self.text.rstrip()), "the text ends where an element is needed")
        self.count += 1
        return self.tokens[self.count - 1]

    def _must(self, truth: bool, token: Token, says: str) -> None:
        if not truth:
            fault(self.text, token.place, says)

    def _inside(self, opening: Token, closing: str, read: Callable[[], list[Node]]) -> list[Node]:
        self.depth += 1
        self.beside += closing == ")"
        self._must(self.depth <= _DEEPEST, opening, f"brackets are nested deeper than {_DEEPEST}")
        parts = read()
        self._must(self.count < len(self.tokens), opening, "the bracket opened here is never closed")
        token = self._next()
        self._must(token.text == closing, token, f"'{closing}' is needed before this")
        self.depth -= 1
        self.beside -= closing == ")"
        return parts

    # -- impedance.py: parts joined by '-' and ','

    def _joined(self) -> Node:
        parts = [self._branch()]
        while self._peek() == "-":
            self.count += 1
            parts.append(self._branch())
        return _series(parts)

    def _branch(self) -> Node:
        token = self._next()
        if token.symbol:
            return self._element(token)
        self._must(token.text != "(", token, "branches in parallel are written p(...,...)")
        self._must(token.text == "p", token, f"an element or p(...) is needed before '{token.text}'")
        opening = self._next()
        parts = self._inside(opening, ")", self._branches)
        self._must(len(parts) > 1, opening, "branches in parallel must be two or more, separated by ','")
        return _parallel(parts)

    def _branches(self) -> list[Node]:
        parts = [self._joined()]
        while self._peek() == ",":
            self.count += 1
            parts.append(self._joined())
        return parts

    # -- circuit description code: parts side by side

    def _items(self, closing: str) -> list[Node]:
        parts = [self._item()]
        while self._peek() and self._peek() != closing:
            parts.append(self._item())
        return parts

    def _item(self) -> Node:
        token = self._next()
        if token.symbol:
            return self._element(token)
        self._must(token.text in "[(", token, f"'{token.text}' has no opening partner, or nothing stands before it")
        if token.text == "[":
            return _series(self._inside(token, "]", lambda: self._items("]")))
        parts = self._inside(token, ")", lambda: self._items(")"))
        self._must(len(parts) > 1, token, "a parallel connection must have two elements or more")
        return _parallel(parts)

    # -- elements

    def _element(self, token: Token) -> Node:
        number = token.number
        if number is None:
            # R and L in series with all else are R0 and L0 as a rule; the others count from 1
            number = 0 if self.beside == 0 and token.symbol in {"R", "L"} else 1
            while (token.symbol, number) in self.taken:
                number += 1
            self._take(token, number)
        element = Element(token.symbol, number, self.first)
        self.first = element.last
        values = values_of(self.text, token)
        try:
            self.stated |= dict(zip(element.names, carried_over(element.symbol, values), strict=True))
        except ValueError as error:
            fault(self.text, token.brace_place, str(error))
        return element

    def _take(self, token: Token, number: int) -> None:
        self._must((token.symbol, number) not in self.taken, token, f"there are two elements {token.symbol}{number}")
        self.taken.add((token.symbol, number))


def _series(parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Series) else (part,))]
    return flat[0] if len(flat) == 1 else Series(tuple(flat))


def _parallel(parts: list[Node]) -> Node:
    return Parallel(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Parallel) else (part,))))
