"""Controls of the panel of Li||Cu cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.coulombic import DEFINITIONS, RECOGNISED
from ..model.cycles import consecutive
from ..plots.pieces import REPLICATES
from .controls import choice, in_a_row, toggle

if TYPE_CHECKING:
    from .coulombic import CoulombicPanel

_OPTIONS = {RECOGNISED: "from the charges, and from where stripping stopped", **DEFINITIONS}


def controls(panel: CoulombicPanel) -> list[ipywidgets.Widget]:
    """Which protocol, which cycles are left out, and each replicate or their mean."""
    protocol, meaning = choice(panel, "protocol", "protocol", _OPTIONS)
    return [
        in_a_row(protocol, toggle(panel, "replicates", "replicates", REPLICATES)),
        meaning,
        in_a_row(_exclude(panel), _charge_error(panel)),
    ]


def _exclude(panel: CoulombicPanel) -> ipywidgets.Text:
    """Numbers of cycles, as a person writes them."""
    box = ipywidgets.Text(
        description="leave out",
        placeholder="no cycle",
        continuous_update=False,
        tooltip="cycles left out of the mean of a galvanostatic test: 1, 2, 10-12",
        style={"description_width": "84px"},
        layout={"width": "260px"},
    )

    def typed(change: dict[str, str]) -> None:
        try:
            panel.exclude = numbers(change["new"])
        except ValueError as error:
            panel.status = str(error)

    def show(_: object = None) -> None:
        box.value = in_text(panel.exclude)

    show()
    box.observe(typed, "value")
    panel.observe(show, "exclude")
    return box


def _charge_error(panel: CoulombicPanel) -> ipywidgets.HBox:
    """Relative error of a charge, in per cent."""
    box = ipywidgets.BoundedFloatText(100 * panel.charge_error, min=0, max=10, step=0.01, layout={"width": "80px"})
    traitlets.link(
        (panel, "charge_error"), (box, "value"), (lambda part: round(100 * part, 9), lambda value: value / 100)
    )
    return ipywidgets.HBox([ipywidgets.Label("error of a charge, %"), box])


def numbers(text: str) -> tuple[int, ...]:
    """Numbers of cycles from text such as ``1, 2, 10-12``.

    Raises
    ------
    ValueError
        When it is no such text.
    """
    found: list[int] = []
    for part in text.replace(",", " ").split():
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            raise ValueError(f"leave out {part!r}: write numbers of cycles, such as 1, 2, 10-12")
        found += range(int(first), int(last or first) + 1)
    return tuple(sorted(set(found)))


def in_text(cycles: tuple[int, ...]) -> str:
    """Numbers of cycles as text, runs of three and more with a dash."""
    runs = consecutive(cycles)
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
