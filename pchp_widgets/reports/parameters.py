"""Parameters of a report: typed, checked before anything runs, and read from text as a person types it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
    "dict": dict,
    "dict[str, str]": dict[str, str],
    "dict[str, float]": dict[str, float],
}
"""Types a parameter may be annotated with: what papermill can write into a notebook."""

_EXAMPLES = {
    "int": "10",
    "float": "0.5",
    "bool": "true",
    "list": "[1, 'a']",
    "list[str]": "a,b",
    "list[int]": "1,10,100",
    "list[float]": "0.5,1.0",
    "dict": "{'a': 1}",
    "dict[str, str]": "{'a': 'b'}",
    "dict[str, float]": "{'a': 1.0}",
}
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


class ParameterError(ValueError):
    """A parameter that is not known or whose value is of another type."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a report.

    Attributes
    ----------
    name, type, default, help
        As the notebook's cell says: ``name: type = default  # help``.
    """

    name: str
    type: str
    default: Any
    help: str

    def checked(self, value: object) -> Any:
        """The value, with paths as text.

        Raises
        ------
        ParameterError
            When it is of another type; nothing but int to float is converted.
        """
        from pydantic import TypeAdapter, ValidationError

        if self.type == "str" and isinstance(value, PurePath):
            value = str(value)
        try:
            return TypeAdapter(TYPES[self.type]).validate_python(value, strict=True)
        except ValidationError:
            raise ParameterError(f"{self.name} must be {self.type} (found {value!r})") from None

    def from_text(self, text: str) -> Any:
        """The value typed on a command line: lists with commas (``1,10,100``), the rest as Python writes it.

        Raises
        ------
        ParameterError
            When the text does not say a value of this type.
        """
        if self.type == "str":
            return text
        try:
            return self.checked(self._literal(text.strip()))
        except (ValueError, SyntaxError):
            remedy = f"write for example {self.name}={_EXAMPLES[self.type]}"
            raise ParameterError(f"{self.name} must be {self.type} (found {text!r}); {remedy}") from None

    def _literal(self, text: str) -> object:
        if self.type == "bool":
            return _WORDS.get(text.lower(), text)
        if self.type.startswith("list") and not text.startswith("["):
            items = [item.strip() for item in text.split(",") if item.strip()]
            return items if self.type in {"list", "list[str]"} else [ast.literal_eval(item) for item in items]
        return ast.literal_eval(text)
