r"""Which circuit: the one with the smallest BIC among those that a spectrum determines, and why.

.. math:: \mathrm{BIC} = N\ln(\chi^2/N) + k\ln N

(G. Schwarz, Ann. Stat. 6 (1978) 461). A difference of less than 6 is no strong evidence (Kass and Raftery, J. Am. Stat.
Assoc. 90 (1995) 773): then the circuit with fewer parameters is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from .._spectra import impedance
from ..circuits import circuit as parsed
from ..validity import lin_kk
from .curves import model
from .fitting import fit, kept_points
from .outcome import STATUS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int_]
BoolArray = npt.NDArray[np.bool_]

_ARCS = ("R0-p(R1,CPE1)", "R0-p(R1,CPE1)-p(R2,CPE2)", "R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)")
CANDIDATES = (*_ARCS, *(f"{text}-W1" for text in _ARCS))
"""Circuits that are compared where nobody names others: one to three arcs, with and without diffusion."""

EVIDENCE = 6.0
"""Difference of BIC that decides against the simpler circuit."""

LIMIT = 0.01
"""Residuals, relative to |Z|, with which a circuit still describes a spectrum: the limit of the Kramers-Kronig test."""

_SHARE = 0.8
_AGAINST = {
    "arcs_unresolved": "its arcs are not resolved",
    "tau_outside_window": "a time constant lies outside the frequencies",
    "not_converged": "it did not converge",
    "bound_hit": "a parameter is at a bound",
}
_NONE = {
    "spectrum": "no circuit describes this spectrum, and none is determined by it",
    "cell": "no circuit describes four in five spectra of this cell, and none is determined by as many",
    "study": "no circuit describes four in five of the spectra, and none is determined by as many",
}


def choose(
    spectra: xr.Dataset,
    circuits: Sequence[str] = CANDIDATES,
    *,
    weights: str = "modulus",
    per: Literal["spectrum", "cell", "study"] = "spectrum",
    **options: Any,
) -> xr.Dataset:
    r"""The circuit that describes each spectrum best without more than it determines, and why.

    A circuit is *determined* where its arcs are resolved, time constants lie inside the frequencies, no parameter but
    an exponent of 1 is at a bound, and the fit converged. It *describes* the spectrum where the residuals are noise or
    below 1 % of \|Z\|. Of the circuits that do both the one with the smallest BIC is chosen, or one with fewer
    parameters where its BIC is less than 6 above; failing these, of those that describe it, then of those determined.

    Parameters
    ----------
    spectra
        As for :func:`~pchp_widgets.analysis.impedance.fit`.
    circuits
        The candidates.
    weights
        As for the fit; the same for all, or their BIC could not be compared.
    per
        For which spectra one circuit is chosen: each on its own, all of a cell, or all of the study. Then the BIC are
        summed, and what is said of a circuit has to hold for four spectra in five.
    **options
        Passed to the fit: ``keep``, ``validity``.

    Returns
    -------
    Dataset
        (cell, spectrum, circuit): ``bic``, ``chi_squared``, ``admissible`` (it is determined), ``describes``;
        (cell, spectrum): ``chosen``, the place of the circuit, -1 where there is none or the spectrum is not usable,
        and ``reason``.

    Raises
    ------
    ValueError
        When fewer than two circuits are given or one cannot be read.
    """
    if len(circuits) < 2:
        raise ValueError("circuits: give at least two to choose from")
    if per not in {"spectrum", "cell", "study"}:
        raise ValueError(f"per = {per!r}: choose one of spectrum, cell, study")
    if options.get("validity") is None:
        options["validity"] = lin_kk(kept_points(spectra, options.get("keep")))
    tried = [fit(spectra, text, weights=weights, **options) for text in circuits]
    return _compared(tried, kept_points(spectra, options.get("keep")), per)


def _compared(tried: list[xr.Dataset], spectra: xr.Dataset, per: str) -> xr.Dataset:
    """The choice among fits of the same spectra."""
    bic, chi = (np.stack([found[name].values for found in tried], -1) for name in ("bic", "chi_squared"))
    faults = np.stack([_faults(found) for found in tried], -1)
    describes = np.stack([_describes(found, spectra) for found in tried], -1)
    fitted = np.isfinite(bic)
    texts = [str(found.attrs["circuit"]) for found in tried]
    sizes = np.array([len(parsed(text).parameters) for text in texts])
    of = _shared(_Case(bic, faults, describes), fitted, per)
    tier, chosen = _chosen(of, sizes)
    usable = fitted.any(-1)
    wide = [np.broadcast_to(values, bic.shape).reshape(-1, len(texts)) for values in of]
    flat = [np.broadcast_to(values, usable.shape).ravel() for values in (tier, chosen)]
    said = [_reason(texts, _NONE[per], *row) for row in zip(*wide, *flat, strict=True)]
    reason = np.where(usable, np.array(said, dtype=np.str_).reshape(usable.shape), tried[0]["reason"].values)
    two, three = ("cell", "spectrum"), ("cell", "spectrum", "circuit")
    text = (
        "arcs resolved, time constants inside the frequencies, no parameter but an exponent of 1 at a bound, converged"
    )
    variables = {
        "bic": (three, bic, dict(tried[0]["bic"].attrs)),
        "chi_squared": (three, chi, dict(tried[0]["chi_squared"].attrs)),
        "admissible": (three, fitted & (faults == 0), {"definition": text}),
        "describes": (three, describes, {"definition": f"residuals explained by the noise, or below {LIMIT:g} of |Z|"}),
        "chosen": (
            two,
            np.where(usable, np.broadcast_to(chosen, usable.shape), -1),
            {"definition": "place of the circuit among the candidates, -1 for none"},
        ),
        "reason": (two, reason, {"definition": "why this circuit, or none"}),
    }
    own = tried[0]["status"].coords
    return xr.Dataset(variables, {**own, "circuit": texts}, {"weights": tried[0].attrs["weights"], "per": per})


class _Case(NamedTuple):
    """What speaks for and against each circuit (cell, spectrum, circuit)."""

    bic: FloatArray
    faults: IntArray
    """Bits of the status that say it is not determined."""
    describes: BoolArray


def _faults(found: xr.Dataset) -> IntArray:
    """Bits (cell, spectrum) of what says that a circuit is not determined; an exponent of 1 is none."""
    status = found["status"].values & sum(STATUS[name][0] for name in _AGAINST)
    kinds = [parameter.kind for parameter in parsed(str(found.attrs["circuit"])).parameters]
    ideal = (np.array(kinds) == "exponent") & (found["value"].values >= 1 - 1e-9)
    only_ideal = ~(found["at_bound"].values & ~ideal).any(-1)
    bit = STATUS["bound_hit"][0]
    return np.asarray(np.where(only_ideal, status & ~bit, status))


def _describes(found: xr.Dataset, spectra: xr.Dataset) -> BoolArray:
    """Whether (cell, spectrum) the residuals are noise, or below the limit."""
    fitted = model(found, spectra["frequency"].values) if (spectra["frequency"].values > 0).all() else None
    close = np.zeros(found["status"].shape, bool)
    if fitted is not None:
        z = impedance(spectra).reshape(*close.shape, -1)
        residual = np.abs(z - fitted["z_real"].values - 1j * fitted["z_imag"].values) ** 2 / (2 * np.abs(z) ** 2)
        known = np.isfinite(residual)
        mean = np.where(known, residual, 0.0).sum(-1) / np.maximum(known.sum(-1), 1)
        close = known.any(-1) & (mean < LIMIT**2)
    misfit = (found["status"].values & STATUS["misfit"][0]) > 0
    return np.asarray(np.isfinite(found["bic"].values) & (close | ~misfit))


def _shared(of: _Case, fitted: BoolArray, per: str) -> _Case:
    """The same of all spectra that share a circuit, with dimensions of length 1."""
    if per == "spectrum":
        return of
    axis: tuple[int, ...] = (1,) if per == "cell" else (0, 1)
    count = fitted.sum(axis, keepdims=True)
    summed = np.where(fitted, of.bic, 0.0).sum(axis, keepdims=True)
    most = (of.describes & fitted).sum(axis, keepdims=True) >= _SHARE * count
    faults = np.zeros(count.shape, int)
    for name in _AGAINST:
        bit = STATUS[name][0]
        often = ((of.faults & bit) > 0).sum(axis, keepdims=True) > (1 - _SHARE) * count
        faults |= np.where(often, bit, 0)
    return _Case(np.where(count > 0, summed, np.nan), faults, most & (count > 0))


def _chosen(of: _Case, sizes: npt.NDArray[np.int_]) -> tuple[IntArray, IntArray]:
    """From which tier (both, describes, determined, neither) a circuit is chosen, and its place; -1 for none."""
    known, determined = np.isfinite(of.bic), of.faults == 0
    tiers = np.stack([known & determined & of.describes, known & of.describes, known & determined])
    filled = tiers.any(-1)
    tier = np.where(filled.any(0), filled.argmax(0), len(tiers))
    among = np.take_along_axis(tiers, np.minimum(tier, len(tiers) - 1)[None, ..., None], 0)[0]
    usable = np.where(among, of.bic, np.inf)
    with np.errstate(invalid="ignore"):
        above = usable - usable.min(-1, keepdims=True)
    near = among & (above < EVIDENCE)
    place = np.where(near, sizes + 1e-9 * np.where(near, above, 0.0), np.inf).argmin(-1)
    return tier, np.where(tier < len(tiers), place, -1)


def _reason(
    texts: list[str], none: str, bic: FloatArray, faults: IntArray, describes: BoolArray, tier: int, place: int
) -> str:
    """By how much the next circuit is worse, and which was left out though its BIC is smaller."""
    order = [int(k) for k in np.argsort(bic) if np.isfinite(bic[k])]
    if place < 0:
        return none
    if tier == 1:
        return f"{texts[place]}: the smallest BIC of those that describe the spectrum; but {_why(faults[place])}"
    others = [k for k in order if faults[k] == 0 and (describes[k] or tier == 2) and k != place]
    said = ["the only one that is determined" if not others else ""]
    if others and bic[others[0]] >= bic[place]:
        said = [f"its BIC is {bic[others[0]] - bic[place]:.0f} below that of {texts[others[0]]}"]
    elif others:
        said = [f"the BIC of {texts[others[0]]} is only {bic[place] - bic[others[0]]:.1f} lower"]
    if tier == 2:
        said.append("no circuit describes the spectrum to within its noise or 1 %")
    better = [k for k in order if k != place and faults[k] and bic[k] < bic[place] - EVIDENCE]
    if better:
        first = better[0]
        said.append(f"{texts[first]} (BIC {bic[place] - bic[first]:.0f} lower) is left out: {_why(faults[first])}")
    return f"{texts[place]}: {'; '.join(said)}"


def _why(faults: int) -> str:
    return ", ".join(says for name, says in _AGAINST.items() if faults & STATUS[name][0])
