"""BioLogic EC-Lab and BT-Lab: binary files (.mpr) and their text exports (.mpt, .txt)."""

from __future__ import annotations

from .mpr import MprReader
from .mpt import MptReader

__all__ = ["MprReader", "MptReader"]
