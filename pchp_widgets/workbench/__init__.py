"""One widget on a study: what is in it, a panel per technique, and reports on what is selected.

The workbench stands above panels and reports, and knows both; neither knows it.
"""

from __future__ import annotations

from .audit import AuditPanel
from .bench import Workbench

__all__ = ["AuditPanel", "Workbench"]
