"""Micrographs: pixel sizes compared, the thickness of coatings in cross sections, and pores of surfaces."""

from .comparison import by_material, compared, materials
from .doubts import pore_doubts, scale_doubts, thickness_doubts
from .layer import suggested_line
from .pores import BAND, LEVELS, flattened, pores
from .scale import SOURCES, aspect, grey_values, pixel_sizes, rows_of_picture
from .thickness import thickness

__all__ = [
    "BAND",
    "LEVELS",
    "SOURCES",
    "aspect",
    "by_material",
    "compared",
    "flattened",
    "grey_values",
    "materials",
    "pixel_sizes",
    "pore_doubts",
    "pores",
    "rows_of_picture",
    "scale_doubts",
    "suggested_line",
    "thickness",
    "thickness_doubts",
]
