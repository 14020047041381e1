"""What every panel does: keep figures, readouts and controls in step with a few plain traits."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from ..plots.picture import Picture
from .memory import Memory
from .screen import Screen
from .status import in_words

REPORT_MODE = "PCHP_REPORT"
"""Environment variable of an unattended run: panels then show figures without controls."""


@dataclass(frozen=True, eq=False)
class Result:
    """What a panel shows: the arguments of its plot functions, by figure, and what is worth remarking about them."""

    data: Mapping[str, Mapping[str, Any]]
    remark: str = ""


class Panel(traitlets.HasTraits):
    """Figures that follow a state of plain traits, with controls for a notebook.

    A subclass declares its state as traits, says in :attr:`draw` which plot functions make its figures and in
    :attr:`linked` which groups of them zoom along x together, and implements :meth:`data`, :meth:`arrange` and
    :meth:`controls`. The state is exactly what a report of that technique takes as parameters. Everything but the
    controls works without a notebook.

    Attributes
    ----------
    result
        What is shown now. Readouts follow it, never the state, which is ahead while the figures are being made.
    status
        An error and its remedy, or a remark; empty when there is nothing to say.
    error
        The exception behind `status`, if there is one.
    remembered
        Calls a function with hashable arguments, or gives what it returned for them before.
    """

    draw: ClassVar[Mapping[str, Callable[..., Picture]]] = {}
    linked: ClassVar[Sequence[Sequence[str]]] = ()
    explained: ClassVar[Mapping[str, str]] = {}
    """Every number the panel shows, and its definition."""

    result = traitlets.Instance(Result, ({},))
    status = traitlets.Unicode()
    error: Exception | None = None

    def __init__(self, **state: Any) -> None:
        unknown = ", ".join(sorted(state.keys() - set(self._state_names())))
        if unknown:
            raise TypeError(f"{type(self).__name__} has no state {unknown}; it has {', '.join(self._state_names())}")
        super().__init__(**state)
        self._lock = threading.RLock()  # JupyterLab may run the callbacks of two widgets at the same time
        self.remembered = Memory()
        self._seen: dict[str, Any] | None = None
        self._screen: Screen | None = None
        self._widget: Any = None
        self._refresh()
        if self.error:
            raise self.error
        self.observe(self._refresh, names=self._state_names())

    # What a subclass says

    def data(self, *, live: bool = True) -> Result:
        """Arguments of the plot functions, a pure function of the state.

        Figures for which there are none are not in view: a panel that has several views gives those of one.

        Parameters
        ----------
        live
            Whether a kernel will be there to add detail where the user zooms in.
        """
        raise NotImplementedError

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """A Bokeh layout of the figures."""
        raise NotImplementedError

    def connect(self, name: str, figure: Any) -> None:
        """Listen to what the user does to a new figure."""

    def controls(self) -> Sequence[Any]:
        """Widgets linked to the traits, to stand above the figures; made when the panel is first shown."""
        return ()

    def readouts(self) -> Sequence[Any]:
        """Widgets that follow :attr:`result`, to stand below the figures."""
        return ()

    # What it gets for that

    def state(self) -> dict[str, Any]:
        """The state: what makes the same panel again, and the parameters of its report."""
        return {name: getattr(self, name) for name in self._state_names()}

    def changed(self) -> dict[str, Any]:
        """The state as far as it differs from that of a panel just made."""
        return {name: value for name, value in self.state().items() if value != self.trait_defaults(name)}

    def to_code(self) -> str:
        """Python that makes this panel again."""
        raise NotImplementedError

    @property
    def figures(self) -> dict[str, Any]:
        """The live Bokeh figures, by name."""
        return self.screen.figures

    @property
    def screen(self) -> Screen:
        """The live figures and their layout, made when first asked for."""
        with self._lock:
            if self._screen is None:
                self._screen = Screen(self._pictures(self.result), self.arrange, self.connect, self.linked)
            return self._screen

    @property
    def widget(self) -> Any:
        """The panel as a widget, made when first asked for."""
        if self._widget is None:
            from .controls import panel_box

            self._widget = panel_box(self)
        return self._widget

    def pictures(self) -> dict[str, Picture]:
        """The figures as they are described, by name, in the detail that paper can show."""
        return self._pictures(self.data(live=False))

    def element(self) -> Any:
        """The figures as a fresh HoloViews layout, to be combined with others or exported."""
        from ..plots.element import element, holoviews

        layout = holoviews().Layout([element(picture) for picture in self.pictures().values()]).cols(1)
        return layout.opts(shared_axes=False, backend="bokeh")

    def html(self) -> str:
        """The figures as HTML without BokehJS, for a page that has it (:func:`pchp_widgets.plots.render.bokehjs`)."""
        from ..plots.render import figures, fragment

        return fragment(self.arrange(figures(self.pictures(), self.linked)))

    def export(self, path: Path | str) -> list[Path]:
        """Write what is shown to a file; its ending says how, see :func:`pchp_widgets.plots.export.export`."""
        from ..plots.export import export

        return export(self.pictures(), Path(path), arrange=self.arrange, linked=self.linked)

    def _refresh(self, _: object = None) -> None:
        """Bring everything in step with the state; called once per changed trait, it acts once per changed state."""
        with self._lock:
            state = self.state()
            if state == self._seen:
                return
            self._seen = state
            try:
                result = self.data()
                if self._screen:
                    self._screen.show(self._pictures(result, since=self.result), result.data)
            except Exception as error:  # noqa: BLE001  shown to the user, who may be far from any traceback
                self.error = error
                self.status = f"{in_words(error)} (The figures show the state before.)"
            else:
                self.error = None
                self.status = result.remark
                self.result = result

    def _pictures(self, result: Result, since: Result | None = None) -> dict[str, Picture]:
        """The figures, or those of them whose data are others than `since`."""
        before = since.data if since else {}
        return {
            name: self.draw[name](**arguments)
            for name, arguments in result.data.items()
            if before.get(name, {}).keys() != arguments.keys()
            or any(value is not before[name][key] for key, value in arguments.items())
        }

    @classmethod
    def _state_names(cls) -> list[str]:
        return [name for name in cls.class_trait_names() if name not in Panel.class_trait_names()]

    def __repr__(self) -> str:
        state = ", ".join(f"{name}={value!r}" for name, value in self.changed().items())
        return f"{type(self).__name__}({state})"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        text = {"text/plain": repr(self)}
        if os.environ.get(REPORT_MODE):
            return {**text, "text/html": self.html()}
        return {**self.widget._repr_mimebundle_(), **text}
