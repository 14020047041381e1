"""A folder of raw files, looked at: what each is, which belong together, and a first ``study.toml``."""

from __future__ import annotations

from .folder import Inspection, inspect_folder

__all__ = ["Inspection", "inspect_folder"]
