"""The parameters of a circuit in a table: value, slider, whether it is fixed, and its bounds."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np

from ..analysis.circuits import Parameter
from ..analysis.circuits import circuit as parsed
from ..plots.impedance_values import table, unit_text
from .impedance_readout import number

if TYPE_CHECKING:
    from .impedance import ImpedancePanel

_COLUMNS = "64px minmax(196px, 1fr) minmax(110px, 2fr) 44px 84px 84px"
_STEP, _FINE = 0.005, 0.001  # of a slider: in decades, and of an exponent
_REACH, _NEAR_END = 300, 40  # steps to either side of a value, over which its slider goes; so near its end it goes on
_HEADS = ("", "value ± standard error", "drag to hold it there", "fixed", "lower", "upper")


def parameter_table(panel: ImpedancePanel) -> ipywidgets.VBox:
    """A row for every parameter of the circuit; made anew when the circuit has others."""
    from .impedance_controls import cell_of_table

    grid = ipywidgets.GridBox(
        layout={"grid_template_columns": _COLUMNS, "width": "100%", "align_items": "center", "grid_auto_rows": "33px"}
    )
    title = ipywidgets.HTML()
    rows: list[_Row] = []

    def build(_: object = None) -> None:
        rows[:] = [_Row(panel, parameter) for parameter in parsed(panel.circuit).parameters]
        heads = [ipywidgets.HTML(_faint(head)) for head in _HEADS]
        follow()
        grid.children = [*heads, *(widget for row in rows for widget in row.widgets)]

    def follow(_: object = None) -> None:
        if [row.name for row in rows] != list(parsed(panel.circuit).names):
            return  # the circuit has changed, and its table is made in a moment
        at = panel.shown.index(panel.tabled) if panel.tabled else None
        if at is None or panel.error:
            columns = [np.full(len(rows), np.nan)] * 3
        else:
            found = panel.found()
            columns = [table(found, name, "parameter")[at, 0] for name in ("value", "value_stderr", "at_bound")]
        for row, value, stderr, held in zip(rows, *columns, strict=True):
            row.follow(float(value), float(stderr), held=held == 1)

    build()
    panel.observe(build, "circuit")
    panel.observe(follow, ["result", "cell"])
    title.value = _faint("parameters")
    head = ipywidgets.HBox([title, cell_of_table(panel)], layout={"align_items": "center", "grid_gap": "8px"})
    return ipywidgets.VBox([head, grid], layout={"width": "100%", "max_width": "860px"})


class _Row:
    """The widgets of one parameter.

    Its slider counts steps, as whole numbers: what a browser makes of any other number it sends back, like a drag.
    """

    def __init__(self, panel: ImpedancePanel, of: Parameter) -> None:
        self.panel, self.of, self.name = panel, of, of.name
        self._busy = False
        wide = {"width": "auto", "height": "24px", "margin": "0 2px"}
        self._value = ipywidgets.HTML(layout={"margin": "0"})
        ends = (-_REACH, _REACH) if of.log else (self._steps(of.lower), self._steps(of.upper))
        self._slider = ipywidgets.IntSlider(ends[1], *ends, readout=False, layout=wide)
        self._fix = ipywidgets.Checkbox(indent=False, layout=wide, tooltip=f"hold {of.name} at its value")
        self._ends = [
            ipywidgets.Text(placeholder=f"{end:g}", continuous_update=False, layout=wide, tooltip=f"{word} bound")
            for word, end in (("lower", of.lower), ("upper", of.upper))
        ]
        meaning = escape(f"{of.definition} [{of.units}]", quote=True)
        label = ipywidgets.HTML(f'<span title="{meaning}">{escape(of.name)}</span>', layout={"margin": "0 2px"})
        self.widgets = [label, self._value, self._slider, self._fix, *self._ends]
        self._slider.observe(self._dragged, "value")
        self._fix.observe(self._ticked, "value")
        for box in self._ends:
            box.observe(self._typed, "value")

    def follow(self, value: float, stderr: float, *, held: bool) -> None:
        """Show what was found, or what is held."""
        self._busy = True
        try:
            self._value.value = _shown(value, stderr, unit_text(self.of.units), held)
            placed = bool(np.isfinite(value)) and (value > 0 or not self.of.log)
            self._slider.disabled = not placed
            if placed:
                self._move(self._steps(value))
            self._fix.value = self.name in self.panel.fixed
            ends = self.panel.bounds.get(self.name, (None, None))
            own = (self.of.lower, self.of.upper)
            for box, end, usual in zip(self._ends, ends, own, strict=True):
                box.value = "" if end is None or end == usual else f"{end:g}"
        finally:
            self._busy = False

    def _steps(self, value: float) -> int:
        """Where the slider of a value stands."""
        return round(float(np.log10(value)) / _STEP if self.of.log else value / _FINE)

    def _move(self, at: int) -> None:
        """Let the slider stand there, and go over more where that is near its end."""
        slider = self._slider
        if self.of.log and not slider.min + _NEAR_END < at < slider.max - _NEAR_END:
            low, high = at - _REACH, at + _REACH
            slider.min, slider.max = min(low, slider.min), max(high, slider.max)  # no value is beyond them at any time
            slider.value = at
            slider.min, slider.max = low, high
        slider.value = at

    def _dragged(self, change: dict[str, int]) -> None:
        if self._busy or change["new"] == self._steps(self.panel.fixed.get(self.name, self._fitted())):
            return
        value = 10.0 ** (_STEP * change["new"]) if self.of.log else _FINE * change["new"]
        self.panel.fixed = {**self.panel.fixed, self.name: float(f"{value:.5g}")}

    def _fitted(self) -> float:
        panel = self.panel
        place = parsed(panel.circuit).index(self.name)
        return float(table(panel.found(), "value", "parameter")[panel.shown.index(panel.tabled), 0, place])

    def _ticked(self, change: dict[str, bool]) -> None:
        if self._busy:
            return
        others = {name: value for name, value in self.panel.fixed.items() if name != self.name}
        self.panel.fixed = {**others, self.name: float(f"{self._fitted():.6g}")} if change["new"] else others

    def _typed(self, _: object) -> None:
        if self._busy:
            return
        try:
            low, high = (
                float(box.value.replace(",", ".")) if box.value.strip() else usual
                for box, usual in zip(self._ends, (self.of.lower, self.of.upper), strict=True)
            )
        except ValueError:
            self.panel.status = f"bounds of {self.name}: write plain numbers, such as 0.5 or 1e-6"
            return
        if not low < high:
            self.panel.status = f"bounds of {self.name}: the lower one ({low:g}) must be below the upper one ({high:g})"
            return
        others = {name: ends for name, ends in self.panel.bounds.items() if name != self.name}
        usual = (low, high) == (self.of.lower, self.of.upper)
        self.panel.bounds = others if usual else {**others, self.name: (low, high)}


def _shown(value: float, stderr: float, units: str, held: bool) -> str:
    """A value with its error and units, and whether a bound holds it."""
    text = escape(number(value, stderr, units))
    note = ' <span style="color:#D55E00" title="a bound holds it back: no error is known">at its bound</span>'
    return f'<span style="white-space:nowrap">{text}{note if held else ""}</span>'


def _faint(text: str) -> str:
    return f'<span style="font-size:12px;color:var(--jp-ui-font-color2,#555)">{escape(text)}</span>'
