"""Lithium-metal coating studies: from raw instrument files to xarray, live panels and offline reports."""

from __future__ import annotations

import importlib

import lazy_loader

__version__ = "0.1.0"

# The public names stand in __init__.pyi and are imported at first use: `import pchp_widgets` costs milliseconds.
_lazy, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    value = _lazy(name)
    if name in __all__:
        importlib.import_module(".accessor", __name__)  # whoever holds data finds ds.pchp on it
    return value
