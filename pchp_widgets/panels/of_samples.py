"""What panels of materials have in common: which samples are shown, and the range that is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from threading import get_ident
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from .of_cells import ShownPanel
from .ranges import a_range
from .samples import Samples

if TYPE_CHECKING:
    from .samples import GivenSamples


class SamplesPanel(ShownPanel):
    """A panel about samples measured by one technique, overlaid, with a range that the user drags in a figure.

    A subclass says which :attr:`technique` it is for, and in :meth:`suggested` which range to begin with. A figure
    with a :class:`~pchp_widgets.plots.picture.Window` drives the trait of that name, and so does a
    :class:`~pchp_widgets.plots.picture.Ruler` with both of its ends.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``: names of the samples shown; ``window``: the range that is evaluated as (low, high) in the units of
        the figure's horizontal axis, empty for the one suggested; and what the subclass adds.

    Attributes
    ----------
    samples
        All samples there are.

    Raises
    ------
    ValueError
        When there is no sample, or one was measured by another technique.
    TraitError
        When a sample is not there, or a part of the state is not what it may be.
    """

    technique: ClassVar[str]
    collection = Samples
    called = "sample"

    window = traitlets.Tuple()

    cells: Samples

    _drawing_in = 0
    """The thread that is bringing the figures in step."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "technique" in vars(cls):
            cls.kinds = (cls.technique,)

    def __init__(self, samples: GivenSamples, **state: Any) -> None:
        super().__init__(samples, **state)  # type: ignore[arg-type]

    @property
    def samples(self) -> Samples:
        """All samples there are."""
        return self.cells

    @traitlets.validate("window")
    def _low_before_high(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        return a_range(proposal["value"], "window")

    @property
    def span(self) -> tuple[float, float]:
        """The range that is evaluated."""
        return self.window or self.remembered(self._suggested, *self.shown)

    def _suggested(self, *shown: str) -> tuple[float, float]:  # noqa: ARG002  they are in `suggested` too
        return self.suggested()

    def suggested(self) -> tuple[float, float]:
        """The range to begin with, from the samples shown."""
        raise NotImplementedError

    def connect(self, name: str, figure: Any) -> None:
        """Whoever drags a window sets its trait; see :class:`~.base.Panel`."""
        from bokeh.models.annotations import BoxAnnotation

        super().connect(name, figure)
        for box in (one for one in figure.select({"type": BoxAnnotation}) if one.name):  # tools have boxes too
            for side in ("left", "top") if box.movable == "both" else ("left", "right"):
                box.on_change(side, self._follower(box))

    def _follower(self, box: Any) -> Any:
        def follow(attr: str, old: object, new: object) -> None:  # noqa: ARG001  Bokeh asks for these names
            if self._drawing_in == get_ident():  # the panel itself moves the box, one edge after the other
                return
            if box.movable == "both":
                name, _, at = box.name.partition(":")
                self.drag_end(name, int(at), box.left, box.top)
            else:
                self.drag(box.name, box.left, box.right)

        return follow

    def _refresh(self, _: object = None) -> None:
        before, self._drawing_in = self._drawing_in, get_ident()
        try:
            super()._refresh(_)
        finally:
            self._drawing_in = before

    def drag(self, name: str, low: float, high: float) -> None:
        """Follow a window that was dragged, the one that drives the trait `name`."""
        ends = (min(low, high), max(low, high))
        if ends[0] < ends[1] and ends != self._drawn_at(name):
            setattr(self, name, ends)

    def drag_end(self, name: str, at: int, x: float, y: float) -> None:
        """Follow an end, 0 or 1, of the ruler that drives the trait `name`; nothing, unless a subclass says what."""

    def _drawn_at(self, name: str) -> tuple[float, ...]:
        found = self.span if name == "window" else getattr(self, name)
        return tuple(found)
