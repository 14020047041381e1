"""What panels of cells have in common: which cells are shown and, of most, which of their cycles is selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ..plots.theme import Look, among
from .base import Panel
from .cells import Cells
from .code import reproduction

if TYPE_CHECKING:
    from .cells import Given
    from .readout import Line

_SHOWN_AT_FIRST = 12


class ShownPanel(Panel):
    """A panel about cells, some of which are shown.

    A subclass says which :attr:`kinds` of cells it is for, and is otherwise a :class:`~.base.Panel`.

    Parameters
    ----------
    cells
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the cells shown; and what the subclass adds.

    Attributes
    ----------
    cells
        All cells there are.

    Raises
    ------
    ValueError
        When there is no cell.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.
    """

    kinds: ClassVar[tuple[str, ...]] = ()
    """Kinds of cells taken from a study; all when empty."""

    collection: ClassVar[type[Cells]] = Cells
    """What the cells are gathered in."""

    called: ClassVar[str] = "cell"
    """What one of them is called."""

    shown = traitlets.Tuple()

    def __init__(self, cells: Given, **state: Any) -> None:
        self.cells = self.collection(cells, self.kinds)
        super().__init__(**state)

    @traitlets.default("shown")
    def _shown_at_first(self) -> tuple[str, ...]:
        """All cells, or as many replicates of each coating as can be told apart."""
        return self.few(self.cells.names)

    def few(self, names: Sequence[str]) -> tuple[str, ...]:
        """These cells, or as many replicates of each coating among them as can be told apart."""
        if len(names) <= _SHOWN_AT_FIRST:
            return tuple(names)
        coatings = [self.cells.looks[name].coating for name in names]
        each = max(_SHOWN_AT_FIRST // len(set(coatings)), 1)
        return tuple(name for at, name in enumerate(names) if coatings[:at].count(coatings[at]) < each)

    @traitlets.validate("shown")
    def _known_cells(self, proposal: Mapping[str, Any]) -> tuple[str, ...]:
        unknown = [name for name in proposal["value"] if name not in self.cells.names]
        if unknown:
            raise traitlets.TraitError(
                f"there is no {self.called} {unknown[0]!r}; there are {', '.join(self.cells.names)}"
            )
        return tuple(name for name in self.cells.names if name in proposal["value"])

    def to_code(self) -> str:
        """Python that makes this panel again, as far as it is known where the cells come from."""
        return reproduction(type(self).__name__, self.cells.given, self.changed())

    @property
    def looks(self) -> dict[str, Look]:
        """How the cells shown are drawn, so that one tells them apart: their shades are spread over them alone."""
        return self.remembered(self._looks, *self.shown)

    def _looks(self, *shown: str) -> dict[str, Look]:
        return among(self.cells.looks, shown)

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        return "" if self.shown else f"No {self.called} is selected: choose one in the list."

    def select_at(self, name: str, x: float, y: float) -> None:
        """Select what is at some place of a figure; nothing, unless a subclass says what."""

    def connect(self, name: str, figure: Any) -> None:
        """A click selects something, a double click goes back to everything; see :class:`~.base.Panel`."""
        from bokeh.events import DoubleTap, Tap

        figure.on_event(DoubleTap, lambda _: go_home(figure))
        figure.on_event(Tap, lambda event: self.select_at(name, event.x, event.y))

    def controls(self) -> Sequence[Any]:
        """Which cells, beside :meth:`own_controls`."""
        from .controls import shown_controls

        return shown_controls(self, self.own_controls())

    def own_controls(self) -> Sequence[Any]:
        """Widgets linked to the traits of the subclass, one below the other; made when the panel is first shown."""
        return ()

    def heads(self) -> Sequence[str]:
        """What stands above the columns of :meth:`lines`."""
        return ()

    def lines(self) -> Sequence[Line]:
        """What is shown, in words: a line per cell, or per group where there are many."""
        return ()

    def readouts(self) -> Sequence[Any]:
        """A table of the cells shown, where there are heads for it; see :class:`~.base.Panel`."""
        from .readout import readout

        return [readout(self, self.heads, self.lines)] if self.heads() else ()


class CellsPanel(ShownPanel):
    """A panel about cells: some of them are shown, and one of their cycles is selected in every figure.

    Parameters
    ----------
    cells
        As for :class:`ShownPanel`.
    **state
        ``shown``: names of the cells shown; ``cycle``: the selected cycle; and what the subclass adds.

    Raises
    ------
    ValueError
        When there is no cell, or no cell shown has that cycle.
    TraitError
        When a cell is not there, or a part of the state is not what it may be.
    """

    cycle = traitlets.Int()

    def __init__(self, cells: Given, **state: Any) -> None:
        super().__init__(cells, **state)
        if "cycle" in state and self.shown and self.cycle not in self.cells.cycle_numbers(self.shown):
            raise ValueError(self.status)

    @traitlets.default("cycle")
    def _first_whole_cycle(self) -> int:
        numbers = self.cells.cycle_numbers(self.shown or self.cells.names)
        return int(max(numbers.min(), min(1, numbers.max())))

    def select(self, place: float) -> None:
        """Select the cycle nearest to some place on an axis of cycles."""
        numbers = self.cells.cycle_numbers(self.shown)
        if len(numbers):
            self.cycle = int(numbers[np.abs(numbers - place).argmin()])

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        if not self.shown:
            return super().remark()
        numbers = self.cells.cycle_numbers(self.shown)
        if self.cycle not in numbers:
            return f"No cell shown has a cycle {self.cycle}: choose one from {numbers.min()} to {numbers.max()}."
        return ""

    def select_at(self, name: str, x: float, y: float) -> None:  # noqa: ARG002  subclasses tell figures apart
        """Select the cycle at some place of a figure, here one over an axis of cycles."""
        self.select(x)

    def controls(self) -> Sequence[Any]:
        """Which cells and which cycle, beside :meth:`own_controls`."""
        from .controls import cell_controls

        return cell_controls(self, self.own_controls())


def go_home(figure: Any) -> None:
    """Give a figure its first ranges again."""
    from bokeh.models import DataRange1d

    for axis_range in (figure.x_range, figure.y_range):
        if isinstance(axis_range, DataRange1d):
            # nothing is drawn with it here; any change of it makes the browser forget a zoom
            axis_range.default_span = 1.0 if axis_range.default_span == 2.0 else 2.0
        else:
            axis_range.update(start=axis_range.reset_start, end=axis_range.reset_end)


def extent(figure: Any) -> list[float]:
    """How much of both axes a figure shows now."""
    return [abs(axis_range.end - axis_range.start) for axis_range in (figure.x_range, figure.y_range)]
