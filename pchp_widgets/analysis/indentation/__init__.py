"""Instrumented indentation: modulus and hardness by Oliver and Pharr, over depth, and compared between samples."""

from .contact import DRIFTS, POISSON, Settings
from .continuous import over_depth
from .flags import FLAGS, REFUSED, remarks
from .oliver_pharr import oliver_pharr, turning_points
from .statistics import OUTLIERS, differences, of_samples

__all__ = [
    "DRIFTS",
    "FLAGS",
    "OUTLIERS",
    "POISSON",
    "REFUSED",
    "Settings",
    "differences",
    "of_samples",
    "oliver_pharr",
    "over_depth",
    "remarks",
    "turning_points",
]
