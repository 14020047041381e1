"""One raw file about a material to a dataset with its provenance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from ..model.measurements import TECHNIQUES, faults
from ..model.samples import SampleMetadata, metadata_coords, misplaced, sample_metadata
from .contract import Measured, MeasurementReader, ReaderError, ReadOptions
from .reading import provenance, read_file
from .registry import measurement_reader_for
from .topspin import parameter_file


def open_measurement(
    path: Path | str,
    *,
    name: str = "",
    technique: str = "",
    partial: bool = False,
    columns: Mapping[str, str] | None = None,
    **metadata: object,
) -> xr.Dataset:
    """Open a raw file about a material: DSC, XRD, sorption, indentation, XPS, NMR, peel test or SEM.

    Parameters
    ----------
    path
        The file as the instrument wrote it. Which reader takes it is decided by its content. Of a Bruker experiment
        its folder, or any of its files.
    name
        Name of the sample; the file's name without its ending when left out.
    technique
        One of :data:`~pchp_widgets.model.measurements.TECHNIQUES`, for text files whose content does not show it.
    partial
        Take what is sound of a damaged or still growing file, with a warning, instead of raising.
    columns
        For text files with headers of their own: our name to theirs, ``{"temperature": "T / C"}``.
    **metadata
        Fields of :class:`~pchp_widgets.model.samples.SampleMetadata`, with units: ``mass="5.2 mg"``,
        ``material="PCHP"``. They override what the file says.

    Returns
    -------
    Dataset
        The variables of the technique (:mod:`pchp_widgets.model.measurements`) with ``sample`` as first dimension.
        Metadata are coordinates on ``sample``; provenance is in the attributes. Several are put side by side by
        :func:`~pchp_widgets.model.measurements.merged`.

    Raises
    ------
    ReaderError
        When no reader takes the file or it is damaged.
    ValueError
        When a metadata field is unknown or concerns another technique, its quantity has no or a wrong unit, or there
        is no such technique.

    Examples
    --------
    >>> found = open_measurement("PCHP.txt", mass="5.2 mg", material="PCHP")  # doctest: +SKIP
    """
    path = parameter_file(Path(path))
    if technique and technique not in TECHNIQUES:
        raise ValueError(f"technique {technique!r}: choose one of {', '.join(TECHNIQUES)}")
    sample_metadata(metadata)
    reader = measurement_reader_for(path, technique)
    measured, digest = read_file(reader, path, ReadOptions(partial=partial, columns=dict(columns or {})))
    wrong = faults(measured.data)
    if wrong:
        raise ReaderError(path, f"{reader.name} finds no sound measurement in it: {'; '.join(wrong)}")
    return sample_dataset(measured, path, reader, name or measured.name or path.stem, metadata, digest)


def sample_dataset(
    measured: Measured,
    path: Path,
    reader: MeasurementReader,
    name: str,
    metadata: Mapping[str, object],
    digest: str,
) -> xr.Dataset:
    """Give a measurement its name, metadata and provenance."""
    try:
        known = sample_metadata({**measured.metadata, **metadata})
    except ValueError as error:
        raise ReaderError(path, str(error)) from None
    data = measured.data
    technique = str(data.attrs["technique"])
    wrong = misplaced(metadata, technique)
    if wrong:
        raise ValueError(f"{path.name}: {wrong}")
    measured_too = [field for field in metadata if field in data.data_vars]
    if measured_too:
        raise ValueError(f"{measured_too[0]} is measured at every point of {path.name}: leave it out")
    own = [str(sample) for sample in data["sample"].values]
    names = [name] if len(own) == 1 else [f"{name} {sample}" for sample in own]
    stated = {field for field in SampleMetadata.model_fields if field in data.coords}  # one for each sample of a file
    coords: dict[object, object] = {
        field: coord
        for field, coord in metadata_coords(known, technique, len(own)).items()
        if (field not in stated or field in metadata) and field not in data.data_vars
    }
    coords["source_file"] = ("sample", [path.name] * len(own), {})
    return data.assign_coords({**coords, "sample": names}).assign_attrs(provenance(measured, path, reader, digest))
