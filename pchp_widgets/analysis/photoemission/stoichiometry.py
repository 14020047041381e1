"""Carbon found in each component against what the repeat unit holds, and what else a spectrum may mean."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import xarray as xr

from .backgrounds import FloatArray
from .components import C_C, C_O, COOH, COOLI, OVERLAPS, REFERENCE, SENSITIVITY, SHAKE_UP
from .quantities import net_area

CARBONS = 29
"""Carbon atoms of the hydrolysed repeat unit C29H22O8."""

ETHERS, ACIDS = 8, 2
"""Of them bound to ether oxygen, and nitrile or what it became."""

CONVERSION = 0.92
"""Share of the nitriles that became acid, where nobody said otherwise."""

ENDS = 8
"""Points averaged at either end of Li 1s, which is too weak for single ones."""

_CLEAR = 1.96
_SPREAD = 0.05


def expected_shares(conversion: float = CONVERSION) -> dict[str, float]:
    """Share of carbon by component, for the repeat unit C29H22O8 at a conversion of its nitriles.

    Nitrile carbon that is left lies under C–O. PEGDE adds C–O only.

    Parameters
    ----------
    conversion
        Share of the nitriles that became acid, 0 to 1.

    Raises
    ------
    ValueError
        When it is not.
    """
    if not 0 <= conversion <= 1:
        raise ValueError(f"conversion {conversion}: a share from 0 to 1")
    acid, nitrile = ACIDS * conversion / CARBONS, ACIDS * (1 - conversion) / CARBONS
    ether = ETHERS / CARBONS + nitrile
    return {C_C: 1 - ether - acid, C_O: ether, "COOH + COOLi": acid}


def carbon_shares(fit: xr.Dataset, conversion: float = CONVERSION) -> xr.Dataset:
    """Shares of carbon that were found, and those of the repeat unit.

    Parameters
    ----------
    fit
        As given by :func:`~.layers.global_fit` for C 1s.
    conversion
        As for :func:`expected_shares`.

    Returns
    -------
    Dataset
        Over (sample, group): ``share`` with ``share_stderr``, ``expected`` (group) and ``deviation``, in standard
        errors that hold what the counts and a relative 5 % of background and shape leave open. The satellite of
        aromatic carbon counts as C–C.

    Raises
    ------
    ValueError
        When the fit is not one of C–C, C–O, COOLi and COOH.
    """
    names = [str(name) for name in fit["component"].values]
    missing = {C_C, C_O, COOH, COOLI} - set(names)
    if missing:
        raise ValueError(f"the fit has no component {min(missing)}: carbon is counted in C–C, C–O, COOLi and COOH")
    expected = expected_shares(conversion)
    members = {C_C: (C_C, SHAKE_UP), C_O: (C_O,), "COOH + COOLi": (COOLI, COOH)}
    share = np.stack([_sum(fit["share"], names, members[group]) for group in expected], axis=1)
    squares = np.stack([_sum(fit["share_stderr"] ** 2, names, members[group]) for group in expected], axis=1)
    spread = np.sqrt(squares)
    of = np.array(list(expected.values()))
    deviation = (share - of) / np.hypot(spread, _SPREAD * share)
    text = {"units": "1", "definition": "share of all carbon of the fit, the satellite with C–C"}
    return xr.Dataset(
        {
            "share": (("sample", "group"), share, {**text, "ancillary_variables": "share_stderr"}),
            "share_stderr": (("sample", "group"), spread, {"units": "1"}),
            "expected": ("group", of, {"units": "1", "definition": f"C29H22O8 at a conversion of {conversion:g}"}),
            "deviation": (
                ("sample", "group"),
                deviation,
                {"units": "1", "definition": "found less expected, in standard errors with 5 % for the background"},
            ),
        },
        {"sample": fit["sample"], "group": list(expected)},
    )


def lithium_per_acid(data: xr.Dataset, fit: xr.Dataset, background: str = "linear") -> xr.Dataset:
    """Atoms of lithium per lithiated acid carbon: 1 where all lithium is carboxylate.

    The areas are divided by Scofield's cross-sections; the transmission of the analyser, which differs between 55 and
    290 eV by some ten per cent, is not corrected for unless the instrument did.

    Parameters
    ----------
    data
        Measurements with a region Li 1s.
    fit
        As given by :func:`~.layers.global_fit` for C 1s.
    background
        Taken off Li 1s.

    Returns
    -------
    Dataset
        ``lithium_per_acid`` (sample) with its standard error from the counts, NaN where a sample has no Li 1s or no
        lithiated acid to speak of.
    """
    names = [str(name) for name in fit["component"].values]
    out = np.full((2, fit.sizes["sample"]), np.nan)
    if COOLI in names and "Li 1s" in data["region"].values:
        lithium = net_area(data, "Li 1s", background=background, ends=ENDS).reindex(sample=fit["sample"].values)
        area, spread = (fit[name].values[:, names.index(COOLI)] for name in ("area", "area_stderr"))
        with np.errstate(divide="ignore", invalid="ignore"):
            clear = area > _CLEAR * spread
            ratio = np.where(clear, lithium["net_area"].values / SENSITIVITY["Li 1s"] / area, np.nan)
            low = np.where(clear, lithium["net_area_stderr"].values / SENSITIVITY["Li 1s"] / area, np.nan)
            out = np.stack([ratio, np.hypot(low, ratio * spread / area)])
    definition = "Li 1s over COOLi carbon, areas over Scofield's cross-sections"
    return xr.Dataset(
        {
            "lithium_per_acid": ("sample", out[0], {"units": "1", "definition": definition}),
            "lithium_per_acid_stderr": ("sample", out[1], {"units": "1"}),
        },
        {"sample": fit["sample"]},
    )


def remarks(data: xr.Dataset, fit: xr.Dataset, shares: xr.Dataset | None = None) -> dict[str, list[str]]:
    """What may mislead in a fit, by sample, in sentences.

    Parameters
    ----------
    data
        The measurements.
    fit
        As given by :func:`~.layers.global_fit`.
    shares
        As given by :func:`carbon_shares`, where the region is C 1s.
    """
    region = str(fit.attrs["region"])
    common, there = _of_fit(fit, region), set(data["region"].values.tolist())
    found = {}
    for at, name in enumerate(str(one) for one in fit["sample"].values):
        said = [*common, *_of_sample(fit.isel(sample=at)), *_overlaps(there, fit, at)]
        if shares is not None:
            said += _of_shares(shares.isel(sample=at))
        found[name] = said
    return found


def _of_fit(fit: xr.Dataset, region: str) -> list[str]:
    said = []
    if not fit.attrs["converged"]:
        said.append("the fit did not converge: move the window, or take fewer components")
    for one in fit["component"].values[fit["at_bound"].values == 1]:
        where = float(fit["position"].sel(component=one).mean())
        said.append(f"{one} is at the limit of its range ({where:.2f} eV): the assignment may be wrong")
    if fit.attrs["background"] == "tougaard" and fit.sizes["point"]:
        span = float(np.nanmax(fit["binding_energy"]) - np.nanmin(fit["binding_energy"]))
        if span < 30:
            said.append(f"Tougaard's background wants 30 eV or more; the window of {region} has {span:.0f} eV")
    if not fit.attrs["active"]:
        said.append("the background is taken off before the fit: what it leaves open is not in the intervals")
    return said


def _of_sample(one: xr.Dataset) -> list[str]:
    said = []
    if not one["counted"]:
        said.append("the counting time is not in the file: the noise is taken from the residuals")
    elif float(one["chi_square"]) > 1.5:
        said.append(f"reduced chi-square {float(one['chi_square']):.1f}: the model misses something")
    if float(one["abbe"]) < 0.7:
        said.append(f"the residuals are not noise (Abbe {float(one['abbe']):.2f}): a line or the background is missing")
    if "lithiated_fraction_low" in one:
        low, high = float(one["lithiated_fraction_low"]), float(one["lithiated_fraction_high"])
        if low <= 0 and high >= 1:
            said.append("COOH and COOLi cannot be told apart here: the lithiated fraction is undecided")
    return said


def _overlaps(there: Collection[str], fit: xr.Dataset, at: int) -> list[str]:
    """Lines of other species within the width of a component that was found; `there`: the regions measured."""
    area, spread = fit["area"].values[at], fit["area_stderr"].values[at]
    reach = fit["width"].values / 2
    position = fit["position"].values[at] + (REFERENCE - float(fit.attrs["reference"]))
    said = []
    for line in OVERLAPS:
        if not str(fit.attrs["region"]).startswith(line.region):
            continue
        near = (position + reach > line.low) & (position - reach < line.high) & (area > _CLEAR * spread)
        names = [str(fit["component"].values[one]) for one in np.flatnonzero(near)]
        if not names or (SHAKE_UP in fit["component"].values and "satellite" in line.line):
            continue
        needed = line.support.partition(" at ")[0]
        lacking = f"; {needed} was not measured" if needed in SENSITIVITY and needed not in there else ""
        said.append(f"{line.line} lies under {names[0]}: look at {line.support}{lacking}")
    if str(fit.attrs["region"]).startswith("Li 1s") and "O 1s" not in there:
        said.append("C–O–Li needs O 1s to support it, which was not measured")
    return said


def _of_shares(one: xr.Dataset) -> list[str]:
    said = []
    for group, share, expected, deviation in zip(
        *(one[name].values for name in ("group", "share", "expected", "deviation")), strict=True
    ):
        if np.isfinite(deviation) and abs(deviation) > 3:
            why = {
                (C_C, True): "adventitious carbon",
                (C_O, True): "PEGDE, or nitrile that is left",
                ("COOH + COOLi", True): "carbonate",
            }.get((str(group), bool(deviation > 0)), "another layer on top")
            word = "more" if deviation > 0 else "less"
            found = f"{group}: {share * 100:.1f} % of carbon, {word} than the {expected * 100:.1f} % of the repeat unit"
            said.append(f"{found} ({why}?)")
    return said


def _sum(values: xr.DataArray, names: list[str], members: tuple[str, ...]) -> FloatArray:
    chosen = [at for at, name in enumerate(names) if name in members]
    found: FloatArray = values.transpose("sample", "component").values[:, chosen].sum(1)
    return found
