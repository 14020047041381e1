"""Measurements of materials: a dataset per technique, samples along its first dimension."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from .schema import Variable, variable_problems

_S, _P, _T = ("sample",), ("sample", "point"), ("sample", "test", "point")
_U = ("sample", "test")
_R, _I = ("sample", "region", "point"), ("sample", "row", "column")


@dataclass(frozen=True)
class Technique:
    """What a measurement of one technique holds: its variables, of which the first are along :attr:`dims`."""

    name: str
    title: str
    variables: tuple[Variable, ...]
    either: tuple[tuple[str, ...], ...] = ()
    """Groups of variables of which one has to be there, where there are several ways to measure."""

    @property
    def dims(self) -> tuple[str, ...]:
        """Dimensions of the measured curve or image, ``sample`` first."""
        return self.variables[0].dims

    def entry(self, name: str) -> Variable | None:
        """The entry of one variable."""
        return next((entry for entry in self.variables if entry.name == name), None)


TECHNIQUES = {
    technique.name: technique
    for technique in (
        Technique(
            "thermal",
            "differential scanning calorimetry",
            (
                Variable("temperature", _P, "degC", "temperature of the sample", required=True),
                Variable("heat_flow", _P, "mW", "heat flow into the sample: endothermic is positive"),
                Variable("specific_heat_flow", _P, "W g-1", "heat flow per mass, where the file has that only"),
                Variable("time", _P, "s", "time since the start", required=True),
                Variable("segment", _P, "1", "segment of the temperature program, from 0; -1 unknown"),
            ),
        ),
        Technique(
            "diffraction",
            "X-ray diffraction",
            (
                Variable("two_theta", _P, "degree", "scattering angle", required=True),
                Variable(
                    "intensity", _P, "count", "counts of the step, unless intensity_kind says otherwise", required=True
                ),
                Variable("count_time", _P, "s", "time the step was counted"),
            ),
        ),
        Technique(
            "sorption",
            "gas sorption",
            (
                Variable("uptake", _P, "mmol g-1", "amount adsorbed per dry mass", required=True),
                Variable("desorption", _P, "1", "1 on the way down, 0 on the way up", required=True),
                Variable("pressure", _P, "bar", "absolute pressure of the gas"),
                Variable("relative_pressure", _P, "1", "pressure over the vapour pressure, as the file has it"),
                Variable("saturation_pressure", _P, "bar", "as the instrument measured it"),
            ),
        ),
        Technique(
            "indentation",
            "instrumented indentation",
            (
                Variable("depth", _T, "nm", "displacement into the surface", required=True),
                Variable("load", _T, "mN", "load on the sample", required=True),
                Variable("time", _T, "s", "time since the start of the test"),
                Variable("stiffness", _T, "N m-1", "dynamic contact stiffness, of continuous measurements"),
                Variable(
                    "area_coefficients",
                    ("sample", "test", "coefficient"),
                    "1",
                    "of the tip: A = C0 h2 + C1 h + C2 h^1/2 + C3 h^1/4 ..., in nm",
                ),
                Variable(
                    "frame_compliance",
                    _U,
                    "nm mN-1",
                    "of the instrument, as the file states it; it rarely says whether it is subtracted",
                ),
                Variable("drift_rate", _U, "nm s-1", "thermal drift as the instrument measured it"),
            ),
        ),
        Technique(
            "photoemission",
            "X-ray photoelectron spectroscopy",
            (
                Variable(
                    "binding_energy", _R, "eV", "binding energy as the file has it, no charge shift", required=True
                ),
                Variable("intensity", _R, "count s-1", "intensity", required=True),
                Variable("dwell_time", ("sample", "region"), "s", "time per point, all scans together"),
                Variable("photon_energy", ("sample", "region"), "eV", "energy of the radiation"),
                Variable("pass_energy", ("sample", "region"), "eV", "pass energy of the analyser"),
            ),
        ),
        Technique(
            "composition",
            "nuclear magnetic resonance and elemental analysis",
            (
                Variable("shift", _P, "1e-6", "chemical shift (ppm)"),
                Variable("intensity", _P, "1", "absorption, arbitrary units"),
                Variable("mass_fraction", ("sample", "element", "run"), "1", "mass fraction of an element"),
            ),
            either=(("shift", "intensity"), ("mass_fraction",)),
        ),
        Technique(
            "adhesion",
            "peel test",
            (
                Variable("displacement", _T, "mm", "travel of the crosshead", required=True),
                Variable("force", _T, "N", "force", required=True),
                Variable("time", _T, "s", "time since the start of the test"),
                Variable("specimen_width", ("sample", "test"), "mm", "width of each strip, where the file states it"),
            ),
        ),
        Technique(
            "micrograph",
            "scanning electron microscopy",
            (
                Variable("intensity", _I, "1", "grey value", required=True),
                Variable("pixel_size", _S, "um", "width of a pixel in the object, by the right tag of the file"),
                Variable("pixel_height", _S, "um", "height of a pixel in the object"),
                Variable(
                    "stated_pixel_size", ("sample", "tag"), "um", "width of a pixel, by each tag that implies one"
                ),
                Variable("picture_rows", _S, "1", "rows of the picture above its data bar, where the file states it"),
                Variable("bar_length", _S, "um", "length that the scale bar stands for"),
                Variable("bar_pixels", _S, "1", "length of the scale bar in pixels, where the file states it"),
                Variable("magnification", _S, "1", "as the microscope shows it, for a print of its own width"),
                Variable("stage_tilt", _S, "degree", "of the stage"),
            ),
        ),
    )
}
"""Everything a chemist brings that is no cell; the same word in every layer of the package."""


def measurement(
    technique: str,
    columns: Mapping[str, object],
    *,
    sample: str = "sample",
    coords: Mapping[str, object] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """One sample as the technique has it.

    Parameters
    ----------
    technique
        One of :data:`TECHNIQUES`.
    columns
        Arrays by name, without the dimension ``sample``: a curve is (point), several tests are (test, point). Names the
        technique does not have are kept as they are, along its dimensions.
    sample
        Name.
    coords
        Coordinates as :class:`xarray.Dataset` takes them, such as ``region`` or metadata on ``sample``.
    attrs
        Attributes of the dataset.

    Raises
    ------
    KeyError
        When there is no such technique.
    ValueError
        When an array does not have the dimensions it should.
    """
    of = TECHNIQUES[technique]
    variables = {}
    for name, column in columns.items():
        entry = of.entry(name)
        dims, own = (entry.dims, entry.attrs) if entry else (of.dims, {"long_name": name})
        values = np.asarray(column)
        if values.ndim != len(dims) - 1:
            raise ValueError(f"{technique}: {name} is expected along {dims[1:]}, found {values.ndim} dimensions")
        variables[name] = (dims, values[None], own)
    attrs = {"technique": technique, **(attrs or {})}
    return xr.Dataset(variables, {"sample": [sample], **(coords or {})}, attrs)


def merged(measurements: Iterable[xr.Dataset]) -> xr.Dataset:
    """Samples measured by one technique side by side, padded with NaN where a curve is shorter than the longest.

    Raises
    ------
    ValueError
        When there is none, they are of several techniques, or two samples have the same name.
    """
    parts = list(measurements)
    techniques = sorted({str(part.attrs.get("technique", "")) for part in parts})
    if len(techniques) != 1:
        raise ValueError(f"measurements of one technique are expected, found {', '.join(techniques) or 'none'}")
    names = [str(name) for part in parts for name in part["sample"].values]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two samples are called {twice[0]!r}: name them, open_measurement(..., name='a')")
    bare = {dim for part in parts for dim in part.dims if dim not in part.coords}
    longest = {dim: max(part.sizes.get(dim, 0) for part in parts) for dim in bare}
    padded = [
        part.pad(
            {dim: (0, size - part.sizes[dim]) for dim, size in longest.items() if part.sizes.get(dim, size) < size}
        )
        for part in parts
    ]
    return xr.concat(padded, "sample", join="outer", data_vars="all", coords="minimal", combine_attrs="drop_conflicts")


def sample_coords(data: xr.Dataset, results: Collection[Hashable] = ()) -> dict[str, xr.Variable]:
    """What is known of each sample, for the coordinates of a result.

    Parameters
    ----------
    data
        Whose samples they are.
    results
        Names in that result: one takes the place of metadata of the same name, as the thickness that was measured.
    """
    known = {str(name): data.variables[name] for name in data.coords if name not in results}
    return {name: coord for name, coord in known.items() if coord.dims == ("sample",)}


def faults(data: xr.Dataset) -> list[str]:
    """Say in words everything that is wrong with a measurement; empty when nothing is."""
    technique = TECHNIQUES.get(str(data.attrs.get("technique", "")))
    if technique is None:
        return [f"technique: {data.attrs.get('technique', '')!r} is none of {', '.join(TECHNIQUES)}"]
    found = [text for entry in technique.variables for text in _faults(data, technique.name, entry)]
    if technique.either and not any(all(_is_known(data, name) for name in names) for names in technique.either):
        ways = ", or ".join(" and ".join(names) for names in technique.either)
        found.append(f"{technique.name}: finite values of {ways} are expected")
    return found


def _is_known(data: xr.Dataset, name: str) -> bool:
    return name in data and bool(np.isfinite(data[name].values).any())


def _faults(data: xr.Dataset, technique: str, entry: Variable) -> list[str]:
    found = variable_problems(data, technique, entry)
    if not found and entry.required and not np.isfinite(data[entry.name].values).any():
        return [f"{technique}.{entry.name}: there is no finite value"]
    return found
