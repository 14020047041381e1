r"""Which circuit: the one with the smallest BIC among those that a spectrum determines, and why.

.. math:: \mathrm{BIC} = N\ln(\chi^2/N) + k\ln N

(G. Schwarz, Ann. Stat. 6 (1978) 461). A difference of less than 6 is no strong evidence (Kass and Raftery, J. Am. Stat.
Assoc. 90 (1995) 773): then the circuit with fewer parameters is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..circuits import circuit as parsed
from ..validity import lin_kk
from .fitting import fit, kept_points
from .outcome import STATUS

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_ARCS = ("R0-p(R1,CPE1)", "R0-p(R1,CPE1)-p(R2,CPE2)", "R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)")
CANDIDATES = (*_ARCS, *(f"{text}-W1" for text in _ARCS))
"""Circuits that are compared where nobody names others: one to three arcs, with and without diffusion."""

EVIDENCE = 6.0
"""Difference of BIC that decides against the simpler circuit."""

_SHARE = 0.8
_AGAINST = ("arcs_unresolved", "tau_outside_window", "not_converged", "bound_hit")
_WORDS = {
    "arcs_unresolved": "its arcs are not resolved",
    "tau_outside_window": "a time constant lies outside the frequencies",
    "not_converged": "it did not converge",
    "bound_hit": "a parameter is at a bound",
}
_NOT_FITTED = ("invalid", "absent")


def choose(
    spectra: xr.Dataset,
    circuits: Sequence[str] = CANDIDATES,
    *,
    weights: str = "modulus",
    per: Literal["spectrum", "cell", "study"] = "spectrum",
    **options: Any,
) -> xr.Dataset:
    """The circuit that describes each spectrum best without more than it determines, and why.

    A circuit is left out where its arcs are not resolved, a time constant lies outside the frequencies, a parameter is
    at a bound or the fit did not converge. Of the others the one with the smallest BIC is chosen, or one with fewer
    parameters where its BIC is less than 6 above.

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
        summed, and a circuit has to be admissible for four spectra in five.
    **options
        Passed to the fit: ``keep``, ``validity``.

    Returns
    -------
    Dataset
        (cell, spectrum, circuit): ``bic``, ``chi_squared``, ``admissible``; (cell, spectrum): ``chosen``, the place of
        the circuit, -1 where none is admissible or the spectrum is not usable, and ``reason``.

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
    return _compared([fit(spectra, text, weights=weights, **options) for text in circuits], per)


def _compared(tried: list[xr.Dataset], per: str) -> xr.Dataset:
    """The choice among fits of the same spectra."""
    bic, chi = (np.stack([found[name].values for found in tried], -1) for name in ("bic", "chi_squared"))
    status = np.stack([found["status"].values for found in tried], -1)
    texts = [str(found.attrs["circuit"]) for found in tried]
    sizes = np.array([len(parsed(text).parameters) for text in texts])
    fitted = (status & _bits(_NOT_FITTED)) == 0
    admissible = fitted & ((status & _bits(_AGAINST)) == 0)
    summed, allowed = _over(bic, admissible, fitted, per)
    chosen = _chosen(summed, allowed, sizes)
    chosen = np.where(fitted.any(-1), np.broadcast_to(chosen, fitted.shape[:-1]), -1)
    reason = _reasons(texts, np.broadcast_to(summed, bic.shape), np.broadcast_to(allowed, bic.shape), status, chosen)
    reason = np.where(fitted.any(-1), reason, tried[0]["reason"].values)
    two, three = ("cell", "spectrum"), ("cell", "spectrum", "circuit")
    text = "no arc unresolved, time constants inside the frequencies, no parameter at a bound, converged"
    variables = {
        "bic": (three, bic, dict(tried[0]["bic"].attrs)),
        "chi_squared": (three, chi, dict(tried[0]["chi_squared"].attrs)),
        "admissible": (three, admissible, {"definition": text}),
        "chosen": (two, chosen, {"definition": "place of the circuit among the candidates, -1 for none"}),
        "reason": (two, reason, {"definition": "why this circuit, or none"}),
    }
    own = tried[0]["status"].coords
    return xr.Dataset(variables, {**own, "circuit": texts}, {"weights": tried[0].attrs["weights"], "per": per})


def _bits(names: Sequence[str]) -> int:
    return sum(STATUS[name][0] for name in names)


def _over(bic: FloatArray, admissible: BoolArray, fitted: BoolArray, per: str) -> tuple[FloatArray, BoolArray]:
    """BIC and admissibility of the spectra that share a circuit, with dimensions of length 1."""
    if per == "spectrum":
        return bic, admissible
    axis: tuple[int, ...] = (1,) if per == "cell" else (0, 1)
    count = fitted.sum(axis, keepdims=True)
    summed = np.where(fitted, bic, 0.0).sum(axis, keepdims=True)
    share = admissible.sum(axis, keepdims=True) >= _SHARE * count
    return np.where(count > 0, summed, np.nan), share & (count > 0)


def _chosen(bic: FloatArray, allowed: BoolArray, sizes: npt.NDArray[np.int_]) -> npt.NDArray[np.intp]:
    usable = np.where(allowed & np.isfinite(bic), bic, np.inf)
    least = usable.min(-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        above = usable - least
        near = np.isfinite(usable) & (above < EVIDENCE)
    place = np.where(near, sizes + 1e-9 * np.where(near, above, 0.0), np.inf).argmin(-1)
    return np.asarray(np.where(near.any(-1), place, -1))


def _reasons(
    texts: list[str], bic: FloatArray, allowed: BoolArray, status: npt.NDArray[np.int_], chosen: npt.NDArray[np.intp]
) -> npt.NDArray[np.str_]:
    """A sentence for each spectrum: by how much the next circuit is worse, and which were left out though better."""
    rows = zip(*(values.reshape(-1, len(texts)) for values in (bic, allowed, status)), chosen.ravel(), strict=True)
    said = [_reason(texts, *row) for row in rows]
    return np.array(said, dtype=np.str_).reshape(chosen.shape)


def _reason(texts: list[str], bic: FloatArray, allowed: BoolArray, status: npt.NDArray[np.int_], place: int) -> str:
    out = [k for k in np.argsort(bic) if not allowed[k] and np.isfinite(bic[k])]
    if place < 0:
        return "no circuit is determined by this spectrum: " + "; ".join(_why(texts[k], status[k]) for k in out)
    others = [k for k in np.argsort(bic) if allowed[k] and k != place]
    parts = []
    for k in others[:1]:
        gap = bic[k] - bic[place]
        closer = f"its BIC is {gap:.0f} below that of {texts[k]}"
        parts.append(closer if gap >= 0 else f"BIC of {texts[k]} is {-gap:.1f} lower, too little for its parameters")
    better = [k for k in out if bic[k] < bic[place] - EVIDENCE]
    parts += [f"{_why(texts[k], status[k])} (BIC {bic[place] - bic[k]:.0f} lower)" for k in better]
    return f"{texts[place]}: " + ("; ".join(parts) or "the only one that is determined")


def _why(text: str, status: int) -> str:
    words = [says for name, says in _WORDS.items() if status & STATUS[name][0]]
    return f"{text} is left out: {', '.join(words) or 'not admissible for enough of the spectra'}"
