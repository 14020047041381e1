"""Which circuit is fitted to all spectra of a report, and why."""

from __future__ import annotations

import numpy as np
import xarray as xr


def best(choice: xr.Dataset) -> tuple[str, str]:
    """The circuit for all spectra, and why it is fitted though it does not suit them all.

    Parameters
    ----------
    choice
        As given by :func:`~pchp_widgets.analysis.impedance.choose` of a study.

    Returns
    -------
    tuple of str
        The circuit that was chosen, and nothing; where none was, the one that is determined by the most spectra that it
        describes, of several the one with the smallest BIC, and what that means.
    """
    texts = choice["circuit"].values.astype(str).tolist()
    place = choice["chosen"].values.ravel()
    known = place[place >= 0]
    if len(known):
        return texts[known[0]], ""
    bic, determined, describes = (
        choice[name].transpose("cell", "spectrum", "circuit").values for name in ("bic", "admissible", "describes")
    )
    suits = (determined & describes).sum((0, 1))
    taken = int(np.lexsort((np.nansum(bic, (0, 1)), -suits))[0])
    fitted = int(np.isfinite(bic).any(-1).sum())
    why = reason(choice)
    return texts[taken], (
        f"{why[:1].upper()}{why[1:]}. {texts[taken]} does both for {suits[taken]} of {fitted}, as many as any, and is "
        "fitted: where it does neither, its resistances mean nothing. Spectra of cells that have little in common "
        "belong into reports of their own: name the cells, or a circuit."
    )


def reason(choice: xr.Dataset) -> str:
    """Why the circuit was chosen, or why none was."""
    chosen = choice["chosen"].values.ravel() >= 0
    fitted = np.isfinite(choice["bic"].values).any(-1).ravel()
    return str(choice["reason"].values.ravel()[int(np.argmax(chosen if chosen.any() else fitted))])
