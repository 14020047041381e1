r"""Impedance of Li||Li cells of known truth, from the same state that drives their voltage.

.. math:: Z_c = R_{el} + \sum_i \frac{R_i}{1 + j\omega R_i C_i}, \qquad Z = \frac{Z_c R_{sh}}{Z_c + R_{sh}}

over coating, SEI and charge transfer; R_sh is a metallic path in parallel, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import dataset
from .cells import FloatArray, State

FREQUENCIES: FloatArray = np.geomspace(3e5, 1.0, 56)
"""[Hz]"""

_CAPACITANCES = {"coating": 2e-8, "sei": 1e-6, "charge_transfer": 2e-5}
"""[F cm-2]; the arcs are well apart and over before 1 Hz."""


def spectra_of(
    of: State,
    cycles: Sequence[int],
    time: npt.ArrayLike,
    *,
    area: float,
    cell: str = "cell",
    resistance: npt.ArrayLike = np.inf,
    noise: float = 0.0,
    seed: int = 0,
) -> xr.Dataset:
    """Spectra of one cell.

    Parameters
    ----------
    of
        State of the cell.
    cycles
        Cycle each was taken in, counted from 1.
    time
        Of each [s].
    area
        Of the electrode [cm2].
    cell
        Name.
    resistance
        Of a short in parallel, for each spectrum [ohm cm2].
    noise
        Of real and imaginary part, relative to the size of Z.
    seed
        Of the noise.

    Returns
    -------
    Dataset
        As the schema has it: ``z_real``, ``z_imag`` [ohm], ``time``, ``cycle``.
    """
    row = np.asarray(cycles, int) - 1
    omega = 2j * np.pi * FREQUENCIES
    z = of.electrolyte[row, None] + 0 * omega
    for name, capacitance in _CAPACITANCES.items():
        own = getattr(of, name)[row, None]
        z = z + own / (1 + omega * own * capacitance)
    path = np.broadcast_to(np.asarray(resistance, float), row.shape)[:, None]
    z = z / (1 + z / path) / area
    rng = np.random.default_rng(seed)
    z = z * (1 + noise * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape)))
    columns = {
        "z_real": z.real[None],
        "z_imag": z.imag[None],
        "time": np.broadcast_to(np.asarray(time, float), row.shape)[None],
        "cycle": (row + 1)[None],
    }
    place = {"cell": [cell], "spectrum": np.arange(1, len(row) + 1), "frequency": FREQUENCIES}
    return dataset("spectra", columns, coords=place)
