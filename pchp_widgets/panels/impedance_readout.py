"""What the panel of impedance spectra says in words about the cells it shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis import impedance
from ..analysis.circuits import circuit
from ..model.stated import stated_numbers
from ..plots.impedance_values import PER, PREFIXES, roles, table, unit_text
from ..plots.theme import Look
from .readout import Line

_PERCENT = 100.0
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_RESISTANCES = ("series_resistance", "sei_resistance", "charge_transfer_resistance", "interfacial_resistance")

HEADS = {
    "circuit": ("R_s", "R_SEI", "R_ct", "R_int", "residual · noise", "Kramers-Kronig"),
    "model-free": ("Kramers-Kronig", "M", "µ", "residual rms · max", "noise"),
}
"""What stands above the columns, by view."""

EXPLAINED: dict[str, str] = {
    "circuit": "impedance.py's grammar, R0-p(R1,CPE1)-p(R2,CPE2)-W1, or a circuit description code, R(RQ)(RQ)W",
    "value ± error": "least squares over both parts of Z; one standard error, the noise taken from the residuals",
    "intervals": "95 %: 1.96 standard errors of the fit on either side; of replicates, one standard deviation",
    **{f"weights: {name}": text for name, text in impedance.WEIGHTS.items()},
    **{f"per {name}": text for name, text in PER.items()},
    "R_s": "what stands in series with the arcs: electrolyte, separator, contacts",
    "R_SEI, R_ct": "arcs in the order of their time constants: SEI at high, charge transfer at low frequency; nothing "
    "where they are not a decade apart",
    "R_int": "both together, which is known where they cannot be told apart; of one arc, that arc",
    "effective capacitance": "tau/R of an arc (Hsu and Mansfeld): µF per cm² for a double layer, less for a film",
    "residual": "root of the mean square of (measured - fitted)/|Z|, real and imaginary part, beside the noise of the "
    "points, which is known without a model",
    "Kramers-Kronig": "Lin-KK: M RC elements copy the spectrum unless the cell changed meanwhile or was not linear; "
    "µ is the limit that keeps M from following the noise",
    "relaxation times": "density of the polarization over ln tau, Tikhonov's regularization with lambda by generalised "
    "cross-validation; a peak counts when it stays as lambda is varied",
    "fixed": "dragging a slider holds a parameter at its value, and the others are fitted again",
    "left out": "hollow points are not fitted, tested or resolved into relaxation times",
}
"""What the words of the panel mean."""


def lines(
    found: xr.Dataset | None,
    tested: xr.Dataset,
    one: xr.Dataset,
    keep: xr.DataArray,
    looks: Mapping[str, Look],
    per: str,
) -> list[Line]:
    """One line per cell.

    Parameters
    ----------
    found, tested
        Fit, where there is one to speak of, and Kramers-Kronig test of the spectrum shown of each cell.
    one, keep
        That spectrum, and which of its points are kept.
    looks
        By name of the cell.
    per
        What resistances are given for.
    """
    said = [] if found is None else _resistances(found, per)
    columns = HEADS["model-free" if found is None else "circuit"]
    area, names = stated_numbers(one, "area"), one["cell"].values.astype(str).tolist()
    known, kept = np.isfinite(table(one, "z_real", "frequency")[:, 0]), keep.values[:, 0]
    made = []
    for at, name in enumerate(names):
        if not known[at].any():
            made.append(Line(looks[name].color, name, ("no such spectrum", *[""] * (len(columns) - 1))))
            continue
        remarks = [] if found is None else [str(table(found, "reason")[at, 0])]
        gone = int((known[at] & ~kept[at]).sum())
        if gone:
            remarks.append(f"{gone} of {int(known[at].sum())} points left out")
        if not np.isfinite(area[at]) and per != "cell":
            remarks.append("area unknown: nothing can be given per area")
        fitted = () if found is None else (*said[at], _misfit(found, at), verdict(tested, at))
        texts = fitted or _chain(tested, at)
        made.append(Line(looks[name].color, name, texts, tuple(filter(None, remarks))))
    return made


def verdict(tested: xr.Dataset, at: int) -> str:
    """What the Kramers-Kronig test says of the spectrum of one cell."""
    return {1: "passes", 0: "FAILS: do not interpret"}.get(int(table(tested, "passed")[at, 0]), "undecided")


def number(value: float, stderr: float, units: str = "") -> str:
    """A value with its standard error, as far as that lets it be known."""
    if not np.isfinite(value):
        return "—"
    if not np.isfinite(stderr):
        return f"{value:.4g} {units}".strip()
    if stderr <= 0:
        return f"{value:.4g} {units} (fixed)".replace("  ", " ")
    digits = int(np.floor(np.log10(abs(value)))) if value else 0
    if -3 <= digits <= 4:
        places = max(0, min(5 - digits, 1 - int(np.floor(np.log10(stderr)))))
        error = f"{stderr:.{places}f}"
        return f"{value:.{places}f} ± {error if error.strip('0.') else f'{stderr:.0e}'} {units}".strip()
    scale = 10.0**digits
    places = max(0, min(4, 1 - int(np.floor(np.log10(stderr / scale)))))
    power = f"×10{str(digits).translate(_RAISED)}"
    return f"({value / scale:.{places}f} ± {stderr / scale:.{places}f}){power} {units}".strip()


def _resistances(found: xr.Dataset, per: str) -> list[tuple[str, ...]]:
    """Series, SEI, charge-transfer and interfacial resistance of each cell."""
    if not roles(circuit(str(found.attrs["circuit"]))):
        return [("—",) * len(_RESISTANCES)] * found.sizes["cell"]
    of = impedance.resistances(found)
    columns = []
    for name in _RESISTANCES:
        own = f"{PREFIXES[per]}{name}"
        own = own if own in of else f"areal_{name}"
        if own not in of:
            columns.append(["—"] * found.sizes["cell"])
            continue
        pairs = zip(table(of, own)[:, 0].tolist(), table(of, f"{own}_stderr")[:, 0].tolist(), strict=True)
        units = unit_text(str(of.variables[own].attrs["units"]))
        columns.append([number(value, stderr, units) for value, stderr in pairs])
    return [*zip(*columns, strict=True)]


def _misfit(found: xr.Dataset, at: int) -> str:
    chi, noise = (float(table(found, name)[at, 0]) for name in ("reduced_chi_squared", "noise"))
    if not np.isfinite(chi):
        return "—"
    own = f"{_PERCENT * np.sqrt(chi):.2g} %" if found.attrs["weights"] == "modulus" else f"χ²/ν {chi:.3g}"
    return f"{own} · {_PERCENT * noise:.2g} %"


def _chain(tested: xr.Dataset, at: int) -> tuple[str, ...]:
    elements, mu, rms, largest, noise = (
        float(table(tested, name)[at, 0]) for name in ("elements", "mu", "residual_rms", "residual_max", "noise")
    )
    said = f"{verdict(tested, at)}: {table(tested, 'reason')[at, 0]}"
    if not np.isfinite(rms):
        return (said, "", "", "", "")
    return (
        said,
        f"{elements:.0f}",
        f"{mu:.2f}",
        f"{_PERCENT * rms:.2g} % · {_PERCENT * largest:.2g} %",
        f"{_PERCENT * noise:.2g} %",
    )
