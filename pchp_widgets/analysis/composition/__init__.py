"""What a polymer is made of: groups by NMR, nitrile to acid by NMR and elemental analysis, stoichiometry."""

from .baselines import BASELINES
from .conversion import ROUTES, WEIGHT_RATIOS, conversion, labels, stoichiometry
from .doubts import material_doubts, spectrum_doubts
from .elements import ELEMENT_ERROR, elements
from .groups import GROUPS, REFERENCES, belongs, regions_of, suggested_regions
from .integrals import integrals
from .repeat_units import (
    BIASES,
    UNITS,
    acid_content,
    conversion_from_nitrogen,
    conversion_from_ratio,
    conversion_read,
    epoxide_content,
    molar_mass,
    nitrogen_fraction,
)
from .spectra import base_powers, spectra, suggested_window

__all__ = [
    "BASELINES",
    "BIASES",
    "ELEMENT_ERROR",
    "GROUPS",
    "REFERENCES",
    "ROUTES",
    "UNITS",
    "WEIGHT_RATIOS",
    "acid_content",
    "base_powers",
    "belongs",
    "conversion",
    "conversion_from_nitrogen",
    "conversion_from_ratio",
    "conversion_read",
    "elements",
    "epoxide_content",
    "integrals",
    "labels",
    "material_doubts",
    "molar_mass",
    "nitrogen_fraction",
    "regions_of",
    "spectra",
    "spectrum_doubts",
    "stoichiometry",
    "suggested_regions",
    "suggested_window",
]
