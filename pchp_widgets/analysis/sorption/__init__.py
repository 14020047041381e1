"""Gas sorption: areas, micropore volumes, models of isotherms, and what each of these numbers is worth."""

from .bet import CRITERIA, TOLERANCE, bet, bet_remarks
from .bet_range import suggested_ranges
from .changes import UPTAKE_ERROR, change, change_remarks
from .dubinin import EXPONENTS, adsorption_potential, dubinin, dubinin_remarks, suggested_micropore_ranges
from .isotherms import BRANCHES, SATURATED, densities, each, gases, isotherms, remarks
from .kernels import check_kernel, pore_widths
from .models import MODELS, dual_mode, langmuir, model_fit, model_remarks, modelled
from .porosity import porosity_limit, porosity_remarks

__all__ = [
    "BRANCHES",
    "CRITERIA",
    "EXPONENTS",
    "MODELS",
    "SATURATED",
    "TOLERANCE",
    "UPTAKE_ERROR",
    "adsorption_potential",
    "bet",
    "bet_remarks",
    "change",
    "change_remarks",
    "check_kernel",
    "densities",
    "dual_mode",
    "dubinin",
    "dubinin_remarks",
    "each",
    "gases",
    "isotherms",
    "langmuir",
    "model_fit",
    "model_remarks",
    "modelled",
    "pore_widths",
    "porosity_limit",
    "porosity_remarks",
    "remarks",
    "suggested_micropore_ranges",
    "suggested_ranges",
]
