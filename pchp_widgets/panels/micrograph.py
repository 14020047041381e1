"""Micrographs on the screen: a line is drawn across a coating or along a scale bar, a band of thresholds is dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets
import xarray as xr

from ..analysis import micrograph as analysis
from ..plots import micrograph as plots
from . import micrograph_readout as words
from .base import Result
from .micrograph_measured import Pictured
from .of_cells import go_home
from .of_samples import SamplesPanel

if TYPE_CHECKING:
    from .readout import Line

VIEWS = {
    "scale": "how wide a pixel is: draw the line along the scale bar, and type what is written there",
    "thickness": "of a coating in a cross section: draw the line across it, from one side to the other",
    "pores": "of a surface: drag the band of thresholds in the figure below the picture",
}
"""Views of the panel, and what to do in each."""

PHOTOS = {"scale": "ruler", "thickness": "section", "pores": "surface"}
"""The figure that shows the picture, by view."""

_NOT_FOR = {"thickness": "surface", "pores": "section"}


class MicrographPanel(SamplesPanel):
    """Pictures of an electron microscope: pixel sizes compared, the thickness of coatings, the pores of surfaces.

    The wheel and a box zoom the picture, which then comes in the detail that it has; both ends of the line are dragged.

    Parameters
    ----------
    samples
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    **state
        ``shown``; ``view``: one of :data:`VIEWS`; ``picture``: the sample whose picture is seen, empty for the first;
        ``across``: by sample, a line across its coating, as column and row of both ends, suggested where left out;
        ``rulers`` and ``lengths``: by sample, a line whose length is known, and that length [um]; ``section_angle``
        between the line of sight and the section [degree], 0 for what is known of each sample; ``window``: lowest and
        highest threshold, from the mean grey of the pores (0) to that of the rest (1), empty for the one suggested;
        ``reference``: sample the pores are compared with, empty for the first; ``frame``: part of the picture in view,
        as x and y of its lower left and upper right, empty for all of it.

    Raises
    ------
    TraitError
        When a sample is not there, or a part of the state is not what it may be.

    Examples
    --------
    >>> MicrographPanel(open_measurement("PCHP.tif", imaged="section"))  # doctest: +SKIP
    """

    technique = "micrograph"
    explained: ClassVar[Mapping[str, str]] = words.EXPLAINED

    view = traitlets.Enum(list(VIEWS))
    picture = traitlets.Unicode()
    across = traitlets.Dict()
    rulers = traitlets.Dict()
    lengths = traitlets.Dict()
    section_angle = traitlets.Float(0.0)
    reference = traitlets.Unicode()
    frame = traitlets.Tuple()

    draw: ClassVar[Mapping[str, Any]] = {
        **dict.fromkeys(PHOTOS.values(), plots.micrograph),
        "sources": plots.sources,
        "thickness": plots.thickness,
        "coatings": plots.coatings,
        "darker": plots.darker,
        "fractions": plots.fractions,
        "orientation": plots.orientation,
    }

    @traitlets.default("view")
    def _what_is_shown(self) -> str:
        """Thickness, unless all pictures are of surfaces."""
        return "pores" if {self._imaged(name) for name in self.samples.names} == {"surface"} else "thickness"

    @traitlets.validate("picture", "reference")
    def _known_sample(self, proposal: Mapping[str, Any]) -> str:
        name, trait = proposal["value"], proposal["trait"].name
        if name and name not in self.samples.names:
            there = ", ".join(self.samples.names)
            raise traitlets.TraitError(f"{trait} {name!r}: choose one of {there}, or '' for the first")
        return str(name)

    @traitlets.validate("across", "rulers")
    def _four_numbers(self, proposal: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
        trait = proposal["trait"].name
        found: dict[str, tuple[float, ...]] = {}
        for name, line in proposal["value"].items():
            numbers = tuple(float(number) for number in line)
            if name not in self.samples.names or len(numbers) != 4 or not np.isfinite(numbers).all():
                raise traitlets.TraitError(
                    f"{trait}: write a sample, and column and row of both ends, not {name!r}: {line}"
                )
            found[name] = numbers
        return found

    @traitlets.validate("lengths")
    def _above_zero(self, proposal: Mapping[str, Any]) -> dict[str, float]:
        for name, length in proposal["value"].items():
            if name not in self.samples.names or not float(length) > 0:
                raise traitlets.TraitError(f"lengths: write a sample and micrometres above 0, not {name!r}: {length}")
        return {name: float(length) for name, length in proposal["value"].items()}

    @traitlets.validate("section_angle")
    def _up_to_90(self, proposal: Mapping[str, Any]) -> float:
        if not 0 <= proposal["value"] <= 90:
            raise traitlets.TraitError(f"section_angle {proposal['value']}: write 0 to 90 degree, 0 for what is known")
        return float(proposal["value"])

    @traitlets.validate("frame")
    def _two_corners(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        corners = tuple(float(number) for number in proposal["value"])
        if corners and not (len(corners) == 4 and corners[0] < corners[2] and corners[1] < corners[3]):
            raise traitlets.TraitError(
                f"frame {corners}: write (left, bottom, right, top), or () for all of the picture"
            )
        return corners

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  pictures are decimated alike for both
        """Datasets and pictures of the figures in view; see :class:`~.base.Panel`."""
        made = {"scale": self._of_scale, "thickness": self._of_thickness, "pores": self._of_pores}
        return Result(made[self.view](), self.remark())

    # What is measured

    @cached_property
    def pictured(self) -> Pictured:
        """What is measured of one picture after the other."""
        return Pictured(self.samples.measured, self.remembered)

    @property
    def measured(self) -> tuple[str, ...]:
        """Samples shown that the view is about: no thickness is sought in a surface, and no pores in a section."""
        return tuple(name for name in self.shown if self._imaged(name) != _NOT_FOR.get(self.view))

    @property
    def seen(self) -> str:
        """The sample whose picture is seen; empty when there is none."""
        return self.picture if self.picture in self.measured else next(iter(self.measured), "")

    def suggested(self) -> tuple[float, float]:
        """The band of thresholds to begin with; see :class:`~.of_samples.SamplesPanel`."""
        return analysis.BAND

    def sizes(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.micrograph.pixel_sizes` says of the samples shown."""
        lengths = tuple((name, length) for name, length in self.lengths.items() if name in self.shown)
        rulers = tuple((name, self._ruler(name)) for name, _ in lengths)
        return self.remembered(self.pictured.sizes, rulers, lengths, *self.shown)

    def thicknesses(self) -> dict[str, xr.Dataset]:
        """What :func:`~pchp_widgets.analysis.micrograph.thickness` says of each sample measured."""
        return {
            name: self.remembered(
                self.pictured.thickness, name, self._drawn_line(name), self._pixel(name), self.section_angle
            )
            for name in self.measured
        }

    def pores(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.micrograph.pores` says of the samples measured."""
        pixels = tuple(self._pixel(name) for name in self.measured)
        return self.remembered(self.pictured.pores, self.span, pixels, *self.measured)

    def compared(self) -> xr.Dataset:
        """What :func:`~pchp_widgets.analysis.micrograph.compared` says of them."""
        reference = self.reference if self.reference in self.measured else ""
        return self.remembered(self._compared, reference, self.span, *self.measured)

    def _compared(self, reference: str, *_: Any) -> xr.Dataset:
        return analysis.compared(self.pores(), reference)

    def _imaged(self, name: str) -> str:
        one = self.samples.measured[name]
        return str(one["imaged"].item()) if "imaged" in one.coords else ""

    def _pixel(self, name: str) -> float:
        """Width of a pixel [um]; 0 where it is not known, for what is not a number is not remembered."""
        return float(np.nan_to_num(self.sizes()["pixel_size"].values[self.shown.index(name)]))

    def _drawn_line(self, name: str) -> tuple[float, ...]:
        return tuple(self.across.get(name, ())) or self.remembered(self.pictured.suggested_line, name)

    def _ruler(self, name: str) -> tuple[float, ...]:
        """The line that was drawn, or one along the scale bar, or in the middle of the picture."""
        return tuple(self.rulers.get(name, ())) or self.remembered(self.pictured.suggested_ruler, name)

    # What is drawn

    def _of_scale(self) -> dict[str, Mapping[str, Any]]:
        sizes, name = self.sizes(), self.seen
        photo: dict[str, Any] = {"seen": self._photo(name, 0.0)}
        if name:
            own = sizes.isel(sample=self.shown.index(name))
            height = photo["seen"].whole[1]
            ratio = analysis.aspect(self.pictured.one(name))
            if np.isfinite(own["bar_first"]):
                bar = (
                    float(own["bar_first"]),
                    float(own["bar_last"]) + 1,
                    height - (float(own["bar_row"]) + 0.5) * ratio,
                )
                photo["bar"] = self.remembered(_same, *bar)
                photo["legend"] = words.BAR_LEGEND
            photo["line"] = self.remembered(self.pictured.on_axes, name, self._ruler(name), 0.0)
            photo["title"] = words.ruler_title(name, self._ruler(name), self.lengths.get(name), ratio)
        return {"ruler": {**photo, "name": "rulers"}, "sources": {"sizes": sizes, "looks": self.looks}}

    def _of_thickness(self) -> dict[str, Mapping[str, Any]]:
        found, name = self.thicknesses(), self.seen
        photo: dict[str, Any] = {"seen": self._photo(name, self._pixel(name) if name else 0.0)}
        if name:
            own = found[name]
            pixel = self._pixel(name)
            photo |= {
                "line": self.remembered(self.pictured.on_axes, name, self._drawn_line(name), pixel),
                "traces": self.remembered(self.pictured.faces, name, self._drawn_line(name), pixel, self.section_angle),
                "title": words.thickness_title(name, own),
                "legend": words.FACE_LEGEND,
            }
        shown = {"found": found, "looks": self.looks}
        return {"section": {**photo, "name": "across"}, "thickness": shown, "coatings": shown}

    def _of_pores(self) -> dict[str, Mapping[str, Any]]:
        found, name = self.pores(), self.seen
        photo: dict[str, Any] = {"seen": self._photo(name, self._pixel(name) if name else 0.0)}
        if name:
            own = found.isel(sample=list(self.measured).index(name))
            photo |= {"title": words.pore_title(name, own), "legend": words.PORE_LEGEND}
        return {
            "surface": photo,
            "darker": {"found": found, "band": self.span, "looks": self.looks},
            "fractions": {"found": found, "compared": self.compared(), "looks": self.looks},
            "orientation": {"found": found, "looks": self.looks},
        }

    def _photo(self, name: str, pixel: float) -> plots.View:
        middle = sum(self.span) / 2 if self.view == "pores" and name else None
        return self.remembered(self.pictured.view, name, pixel, middle, *self.frame)

    # What the user does

    def connect(self, name: str, figure: Any) -> None:
        """A zoom brings detail, a double click all of the picture; see :class:`~.base.Panel`."""
        from bokeh.events import DoubleTap, RangesUpdate, Reset

        super().connect(name, figure)
        if name in PHOTOS.values():
            figure.on_event(RangesUpdate, lambda event: self.zoom(event.x0, event.y0, event.x1, event.y1))
            for event in (DoubleTap, Reset):
                figure.on_event(event, lambda _: self._whole(figure))

    def _whole(self, figure: Any) -> None:
        go_home(figure)
        self.frame = ()

    def zoom(self, *corners: float) -> None:
        """Show the picture in the detail of this part of it: left, bottom, right, top."""
        photo = self.result.data[PHOTOS[self.view]]["seen"]
        width, height = photo.whole
        left, bottom, right, top = corners
        if left <= 0 and bottom <= 0 and right >= width and top >= height:
            self.frame = ()
        elif left < right and bottom < top:
            self.frame = (left, bottom, right, top)

    def drag_end(self, name: str, at: int, x: float, y: float) -> None:
        """Follow an end of the line that drives the trait `name`."""
        sample = self.seen
        if not sample:
            return
        pixel = self._pixel(sample) if name == "across" else 0.0
        column, row = self.pictured.in_pixels(sample, x, y, pixel)
        line = list(self._drawn_line(sample) if name == "across" else self._ruler(sample))
        if len(line) == 4 and max(abs(line[2 * at] - column), abs(line[2 * at + 1] - row)) > 1e-6:
            line[2 * at : 2 * at + 2] = column, row
            setattr(self, name, {**getattr(self, name), sample: tuple(line)})

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The picture on top; what was measured below."""
        from ..plots.render import wrapped

        photo = next(name for name in PHOTOS.values() if name in figures)
        first, *others = (figure for name, figure in figures.items() if name != photo)
        return wrapped([[figures[photo]], [first, *([others] if others else [])]])

    def own_controls(self) -> Sequence[Any]:
        """View, picture, and what the view asks for; see :class:`~.of_cells.ShownPanel`."""
        from .micrograph_controls import controls

        return controls(self)

    def heads(self) -> Sequence[str]:
        """What stands above the columns of the readout."""
        return words.HEADS[self.view]

    def lines(self) -> list[Line]:
        """What is shown, in words: a line per sample."""
        if not self.measured:
            return []
        colors = {name: look.color for name, look in self.looks.items()}
        data = {name: self.pictured.one(name) for name in self.measured}
        sizes = self.sizes()
        if self.view == "scale":
            return words.scale_lines(data, sizes, colors)
        if self.view == "thickness":
            return words.thickness_lines(data, self.thicknesses(), sizes, colors)
        return words.pore_lines(data, self.pores(), self.compared(), sizes, colors)

    def remark(self) -> str:
        """What there is to say about the selection; empty when all is well."""
        if self.shown and not self.measured:
            return f"No sample shown is for the view {self.view}: they are marked as {_NOT_FOR[self.view]}s."
        return super().remark()


def _same(*numbers: float) -> tuple[float, ...]:
    """Numbers, so that what is remembered of equal ones is the same object, and nothing is drawn anew."""
    return numbers
