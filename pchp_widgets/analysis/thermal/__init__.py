"""Differential scanning calorimetry: the program, glass transitions, melting, crystallinity and its upper limit."""

from .crystallinity import PEO_ENTHALPIES, crystallinity
from .doubts import doubts
from .glass import glass_transition
from .limit import crystallinity_limit
from .melting import BASELINES, Baseline, melting
from .ranges import glass_range, glass_ranges, last_heating, melting_range
from .results import hull
from .scans import run_names, scans
from .segments import KINDS, segments

__all__ = [
    "BASELINES",
    "KINDS",
    "PEO_ENTHALPIES",
    "Baseline",
    "crystallinity",
    "crystallinity_limit",
    "doubts",
    "glass_range",
    "glass_ranges",
    "glass_transition",
    "hull",
    "last_heating",
    "melting",
    "melting_range",
    "run_names",
    "scans",
    "segments",
]
