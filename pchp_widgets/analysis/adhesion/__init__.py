"""Peel tests: strength on the plateau by the rules of standards, energy of release, and coatings compared."""

from .coatings import by_material, fieller, materials, ratios
from .doubts import doubts
from .plateau import STATISTICS, peel_strength
from .rules import RULES, Rule, plateau_window, travel_per_length
from .strips import strips

__all__ = [
    "RULES",
    "STATISTICS",
    "Rule",
    "by_material",
    "doubts",
    "fieller",
    "materials",
    "peel_strength",
    "plateau_window",
    "ratios",
    "strips",
    "travel_per_length",
]
