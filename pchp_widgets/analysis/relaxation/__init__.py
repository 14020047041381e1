"""Distributions of relaxation times, and what their peaks are worth."""

from .distribution import relaxation_times
from .peak_table import peaks

__all__ = ["peaks", "relaxation_times"]
