"""Instrumented indentation: modulus and hardness by Oliver and Pharr, over depth, and compared between samples."""

from .contact import DRIFTS, POISSON, Settings, ideal
from .continuous import over_depth
from .cut import corrected
from .flags import FLAGS, REFUSED, refused, remarks
from .oliver_pharr import last_unloading, oliver_pharr, turning_points
from .statistics import OUTLIERS, differences, of_samples

__all__ = [
    "DRIFTS",
    "FLAGS",
    "OUTLIERS",
    "POISSON",
    "REFUSED",
    "Settings",
    "corrected",
    "differences",
    "ideal",
    "last_unloading",
    "of_samples",
    "oliver_pharr",
    "over_depth",
    "refused",
    "remarks",
    "turning_points",
]
