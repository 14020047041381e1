"""BokehJS as the state of a widget: a page is given it with the first figure, and keeps it."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import ClassVar

import ipywidgets
import traitlets
from bokeh.model import Model
from bokeh.util.paths import static_path

from ..plots.render import CLIPPED


class BokehJS(ipywidgets.Widget):  # type: ignore[misc]
    """One component of BokehJS, gzipped, that all panes of a kernel share.

    Parameters
    ----------
    component
        ``"bokeh"``, ``"bokeh-widgets"`` or ``"bokeh-tables"``.
    """

    component = traitlets.Unicode().tag(sync=True)
    source = traitlets.Bytes().tag(sync=True)
    _shared: ClassVar[dict[str, BokehJS]] = {}

    def __init__(self, component: str) -> None:
        source = (static_path() / "js" / f"{component}.min.js").read_bytes()
        if component == "bokeh":
            source += f"\n{CLIPPED}".encode()
        # Level 1: the browser is usually on the same machine, where time to compress counts more than bytes.
        super().__init__(component=component, source=gzip.compress(source, compresslevel=1))

    @classmethod
    def needed_by(cls, models: Iterable[Model]) -> list[str]:
        """Widget ids of the components that draw these models."""
        components = ["bokeh"]
        if any(type(model).__module__.startswith("bokeh.models.widgets") for model in models):
            components += ["bokeh-widgets", "bokeh-tables"]
        for component in components:
            if component not in cls._shared or cls._shared[component].comm is None:
                cls._shared[component] = cls(component)
        return [cls._shared[component].model_id for component in components]
