"""Whether a spectrum may be interpreted: its defects, its noise, and whether it is causal, linear and stationary."""

from .defects import DEFECTS, DOUBTS, defects
from .noise import noise

__all__ = ["DEFECTS", "DOUBTS", "defects", "noise"]
