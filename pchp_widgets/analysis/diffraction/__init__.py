"""X-ray diffraction of amorphous films: halos over a background, their distances, and the sharp lines among them."""

from .halos import DEFINITIONS, LEVEL, TOLERANCE, halos
from .hidden import hidden_halo
from .models import BACKGROUNDS, CORRECTIONS, SHAPES
from .phases import PHASES
from .prepared import common
from .reflections import reflections, spared
from .results import accepted, curves, distances
from .spacing import RADIATION, angle, correlation_length, spacing, wavelength
from .starts import MOST

__all__ = [
    "BACKGROUNDS",
    "CORRECTIONS",
    "DEFINITIONS",
    "LEVEL",
    "MOST",
    "PHASES",
    "RADIATION",
    "SHAPES",
    "TOLERANCE",
    "accepted",
    "angle",
    "common",
    "correlation_length",
    "curves",
    "distances",
    "halos",
    "hidden_halo",
    "reflections",
    "spacing",
    "spared",
    "wavelength",
]
