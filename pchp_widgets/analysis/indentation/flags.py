"""What is wrong with an indent, or doubtful about it: a bit each, and a sentence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

FLAGS: dict[str, tuple[int, str]] = {
    "no_unloading": (1, "there is no unloading"),
    "no_fit": (2, "the power law cannot be fitted to the window: too few points, or no such curve"),
    "frame": (
        4,
        "the compliance of the frame is larger than that of frame and sample together: subtracted twice, or wrong",
    ),
    "stiffness": (8, "the stiffness is not above zero"),
    "area": (16, "the contact depth or the area of the tip at that depth is not above zero"),
    "impossible": (32, "the reduced modulus is above that of a rigid sample: no modulus can explain it"),
    "exponent": (64, "the exponent m of the unloading is not between 1 and 2"),
    "ideal_tip": (
        128,
        "no area function of the tip is known: with an ideal one E and H are too large, the more so the shallower",
    ),
    "poisson_assumed": (256, "Poisson's ratio is not known and assumed; 0.30 to 0.40 moves E by 8 %"),
    "substrate": (512, "deeper than 10 % of the film: the substrate is felt"),
    "drift": (1024, "the thermal drift is above 0.05 nm s⁻¹ and not corrected"),
    "creep": (2048, "creep at the end of the hold changes the stiffness by more than 2 %, and is not corrected"),
    "nose": (4096, "the depth grows after the unloading has begun: hold the load for longer"),
    "frame_stated": (
        8192,
        "the compliance of the frame that the file states is larger than the total: the depth was corrected before",
    ),
    "creep_unknown": (16384, "creep cannot be corrected: no hold of a second before the unloading"),
    "drift_unknown": (32768, "the drift cannot be corrected: none is stated, or there is no hold to find it in"),
}
"""Name, bit and what is said of it."""

REFUSED = sum(bit for bit, _ in list(FLAGS.values())[:6])
"""With one of these, there is no modulus and no hardness."""

DEEPEST, DRIFT, CREEP, NOSE = 0.1, 0.05, 0.02, 0.01
"""Part of a film's thickness, drift [nm s-1], relative changes of stiffness and depth above which something is said."""

ATTRS = {
    "flag_masks": [bit for bit, _ in FLAGS.values()],
    "flag_meanings": " ".join(FLAGS),
    "definition": "what is wrong or doubtful; 0 when nothing is",
}


def remarks(status: npt.ArrayLike) -> list[tuple[str, int]]:
    """What is said of some indents, and of how many of them.

    Parameters
    ----------
    status
        Of the indents; negative where there is none.
    """
    values = np.asarray(status, np.int64).ravel()
    values = values[values >= 0]
    counts = {text: int(((values & bit) > 0).sum()) for bit, text in FLAGS.values()}
    return [(text, count) for text, count in counts.items() if count]


def refused(found: xr.Dataset) -> xr.DataArray:
    """Which indents have no modulus and no hardness."""
    answer: xr.DataArray = (found["status"] >= 0) & ((found["status"] & REFUSED) > 0)
    return answer
