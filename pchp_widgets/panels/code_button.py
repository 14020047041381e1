"""The button that gives the Python that makes a panel again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .wire import WiredWidget


class CodeButton(WiredWidget):
    """A button that shows code and copies it to the clipboard.

    Parameters
    ----------
    code
        Called at each click, so that the code is that of the present state.
    """

    _esm = Path(__file__).parent / "code_button.js"

    def __init__(self, code: Callable[[], str]) -> None:
        super().__init__()
        self._code = code
        self.on_msg(self._answer)

    def _answer(self, *_: Any) -> None:
        self.send({"code": self._code()})
