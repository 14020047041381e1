"""Cells of the demo study with spectra: polarized Li||Li cells, coatings over temperature, and ageing cells.

The fractions are those reported (0.28 bare, 0.74 coated). What the paper leaves out is filled in so that everything
fits together: a separator of 2 ohm cm2, two coatings of 12.7 ohm cm2 that carry no anions, hence 0.74, hence
1.26e-4 S cm-1 at 25 °C. The activation energy of 0.35 eV is invented.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS
from . import study_files as files
from .cells import State
from .polarization import (
    FREQUENCIES,
    SWEEP_TIME,
    ComplexArray,
    Noise,
    Polarized,
    flat_spectra,
    polarized_cell,
    two_arcs,
)

FloatArray = npt.NDArray[np.float64]
Write = Callable[[xr.Dataset, Path], None]

AREA = 1.327
"""[cm2]"""
SEPARATOR, COATING = 2.0, 12.7
"""Ohmic, of the whole cell at 25 °C [ohm cm2]."""
SEPARATOR_FRACTION = 0.28
TEMPERATURES = (25.0, 35.0, 45.0, 55.0)
"""[degC]"""
CYCLES_WITH_SPECTRA = (0, 20, 40, 60)
"""Spectra of ageing cells are taken before cycling and after these cycles."""
SWEEP: FloatArray = np.geomspace(3e5, 1.0, 34)
"""Frequencies of the spectra of ageing cells [Hz]."""
SWEEP_SECONDS = 20.0

_COATING_ENERGY, _ELECTROLYTE_ENERGY, _INTERFACE_ENERGY = 0.35, 0.12, 0.55
_BOLTZMANN = 8.617333262e-5
_SCATTER = 0.3
"""Standard deviation between like cells of the series resistance [ohm]."""


POLARIZED: dict[str, tuple[str, Write]] = {
    # ending of the file, its writer
    "BV-bare-1": (".mpr", files.small_modulo_bat_mpr),
    "BV-bare-2": (".mpr", files.small_modulo_bat_mpr),
    "BV-bare-3": (".mpt", files.modulo_bat_mpt),
    "BV-PCHP-1": (".mpr", files.small_modulo_bat_mpr),
    "BV-PCHP-2": (".mpr", files.small_modulo_bat_mpr),
    "BV-PCHP-3": (".mpr", files.small_modulo_bat_mpr),
}
"""Cells that are polarized."""
WARMED: dict[str, tuple[str, Write]] = {
    f"warm-{coating}-{replicate}": (".mpt", files.peis_mpt) for coating in ("bare", "PCHP") for replicate in (1, 2, 3)
}
"""Cells whose spectra are taken at several temperatures."""


def with_columns(points: xr.Dataset, flat: xr.Dataset) -> xr.Dataset:
    """Points with EC-Lab's columns of impedance, 0 in the rows that are none."""
    rows = points["control"].values == CONTROLS.index("eis")
    found = {}
    for name, values in (
        ("freq/Hz", flat["frequency"].values),
        ("Re(Z)/Ohm", flat["z_real"].values),
        ("-Im(Z)/Ohm", -flat["z_imag"].values),
    ):
        column = np.zeros(len(rows))
        column[rows] = values
        found[name] = ("point", column)
    return points.assign(found)


def demo_polarized(coating: str, replicate: int) -> tuple[xr.Dataset, dict[str, object]]:
    """A cell of the demo study that is polarized, and its truth."""
    rng = np.random.default_rng(200 + 10 * (coating == "PCHP") + replicate)
    coated = coating == "PCHP"
    separator, layer = (value * (1 + 0.02 * rng.standard_normal()) / AREA for value in (SEPARATOR, COATING))
    bulk = separator + layer * coated
    own = SEPARATOR_FRACTION * (1 + 0.03 * rng.standard_normal())
    fraction = bulk / (separator / own + layer * coated)
    sei, transfer = np.array([1.5, 9.1] if coated else [3.0, 6.0]) * (1 + 0.05 * rng.standard_normal(2)) / AREA
    of = Polarized(
        bulk=float(bulk), fraction=float(fraction), sei=float(sei), charge_transfer=float(transfer),
        growth=float(1.03 + 0.01 * rng.standard_normal()), rest_voltage=float(2e-4 * rng.standard_normal()), hours=2.5,
        relaxation=1800.0,
    )  # fmt: skip
    made = polarized_cell(of, noise=Noise(current=1e-3, impedance=2e-3), seed=int(rng.integers(1 << 31)))
    return with_columns(made.points, made.flat), {name: round(value, 6) for name, value in made.truth.items()}


def demo_warmed(coating: str, replicate: int) -> tuple[xr.Dataset, dict[str, object]]:
    """A cell of the demo study whose spectra were taken at several temperatures, and its truth."""
    rng = np.random.default_rng(300 + 10 * (coating == "PCHP") + replicate)
    kelvin = np.array(TEMPERATURES) + 273.15
    offset = _SCATTER * rng.standard_normal()
    separator = SEPARATOR * _slower(kelvin, _ELECTROLYTE_ENERGY) / AREA + offset
    layer = COATING * _slower(kelvin, _COATING_ENERGY) / AREA * (coating == "PCHP")
    arcs = np.outer(((1.5, 9.1) if layer[0] else (9.0, 22.0)), _slower(kelvin, _INTERFACE_ENERGY)) / AREA
    arcs = arcs * (1 + 0.05 * rng.standard_normal(2))[:, None]
    made = [two_arcs(*row) for row in zip(separator + layer, *arcs, strict=True)]
    begin = 3600.0 * np.arange(1, len(kelvin) + 1)
    sweep = np.linspace(0, SWEEP_TIME, len(FREQUENCIES))
    flat = flat_spectra(made, [start + sweep for start in begin], 1e-3, rng)
    truth: dict[str, object] = {
        f"series_resistance_{degrees:g}": round(float(value), 4)
        for degrees, value in zip(TEMPERATURES, separator + layer, strict=True)
    }
    if layer[0]:
        truth |= {"conductivity_25": round(2 * 8e-4 / COATING, 9), "activation_energy": _COATING_ENERGY}
    warm = np.repeat(TEMPERATURES, len(FREQUENCIES)) + 0.1 * rng.standard_normal(flat.sizes["point"])
    return with_columns(_only_spectra(flat), flat).assign(temperature=("point", warm.round(1))), truth


def with_spectra(points: xr.Dataset, of: State, *, area: float, seed: int) -> tuple[xr.Dataset, dict[str, object]]:
    """Put spectra into the trace of an ageing Li||Li cell, before and after :data:`CYCLES_WITH_SPECTRA`.

    The spectra follow from the same state as the voltage; the trace waits for as long as one takes.

    Parameters
    ----------
    points
        As :func:`~.cells.symmetric_cell` makes them.
    of
        Its state.
    area
        Of the electrode [cm2].
    seed
        Of the noise.

    Returns
    -------
    tuple
        Points with EC-Lab's columns of impedance, and the truth: ``series_resistance_<n>``, ``sei_resistance_<n>``,
        ``charge_transfer_resistance_<n>`` [ohm] after n cycles.
    """
    rng = np.random.default_rng(400 + seed)
    cycle = points["instrument_cycle"].values
    cycles = [number for number in CYCLES_WITH_SPECTRA if number < cycle.max()]
    sweep = np.linspace(0.5, SWEEP_SECONDS - 0.5, len(SWEEP))
    made: list[ComplexArray] = []
    truth: dict[str, object] = {}
    for number in cycles:
        row = max(number - 1, 0)
        series = (of.electrolyte[row] + of.coating[row]) / area
        sei, transfer = of.sei[row] / area, of.charge_transfer[row] / area
        made.append(two_arcs(float(series), float(sei), float(transfer), frequency=SWEEP))
        named = zip(("series", "sei", "charge_transfer"), (series, sei, transfer), strict=True)
        truth |= {f"{name}_resistance_{number}": round(float(value), 4) for name, value in named}
    place = [int(np.searchsorted(cycle, number, side="right")) for number in cycles]
    time = points["time"].values.astype(float)
    begin = [float(time[at - 1]) if at else 0.0 for at in place]
    begin = [start + SWEEP_SECONDS * at for at, start in enumerate(begin)]
    flat = flat_spectra(made, [start + sweep for start in begin], 1e-3, rng, frequency=SWEEP)
    waited = points.assign(time=("point", time + SWEEP_SECONDS * np.searchsorted(place, np.arange(len(time)), "right")))
    parts, last = [], 0
    between = _only_spectra(flat)
    for at, stop in enumerate(place):
        rows = slice(at * len(SWEEP), (at + 1) * len(SWEEP))
        held = between.isel(point=rows).assign(
            charge_counter=("point", np.full(len(SWEEP), float(points["charge_counter"].values[max(stop - 1, 0)])))
        )
        parts += [waited.isel(point=slice(last, stop)), held]
        last = stop
    whole = xr.concat([*parts, waited.isel(point=slice(last, None))], "point", data_vars="minimal", join="override")
    return with_columns(whole, flat), truth


def _slower(kelvin: FloatArray, energy: float) -> FloatArray:
    """Resistance relative to that at 25 °C."""
    found: FloatArray = np.exp(energy / _BOLTZMANN * (1 / kelvin - 1 / 298.15))
    return found


def _only_spectra(flat: xr.Dataset) -> xr.Dataset:
    """Rows of a file in which no current flows on purpose."""
    count = flat.sizes["point"]
    return xr.Dataset(
        {
            "time": ("point", flat["time"].values),
            "voltage": ("point", np.zeros(count)),
            "current": ("point", np.zeros(count)),
            "control": ("point", np.full(count, CONTROLS.index("eis"), np.int8)),
        }
    )
