"""Lithium-metal coating studies: from raw instrument files to xarray, live panels and offline reports."""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

# The public names stand in __init__.pyi and are imported at first use: `import pchp_widgets` costs milliseconds.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
