"""Whether a spectrum may be interpreted: its defects, its noise, and whether it is causal, linear and stationary."""

from .defect_flags import DEFECTS, DOUBTS, defects
from .kramers_kronig import VERDICTS, lin_kk
from .logarithmic_hilbert import z_hit
from .noise_level import noise

__all__ = ["DEFECTS", "DOUBTS", "VERDICTS", "defects", "lin_kk", "noise", "z_hit"]
