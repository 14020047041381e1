"""Spectra of real potentiostat files, as their authors and other programs read them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from reference_numbers import Number, Source

from pchp_widgets.io.contract import ReadOptions, Recording
from pchp_widgets.io.registry import reader_for
from pchp_widgets.model.spectra import spectra


class Expected(NamedTuple):
    """Reader, spectra, points of the first one, and its first and last Z at falling frequency [ohm]."""

    reader: str
    count: int
    points: int
    first: complex
    last: complex


EXPECTED = {
    "AutoEIS/test_data.csv": Expected("biologic-mpt", 1, 67, 130.4171 - 34.680012j, 5170240 - 2345780j),
    "AutoEIS/test_data.txt": Expected("biologic-mpt", 1, 67, 130.4171 - 34.680012j, 5170240 - 2345780j),
    "aurora-cycler-manager/PEIS.mpr": Expected("biologic-mpr", 4, 61, 5.48929 - 1.24028j, 21.1519 - 14.9973j),
    "fasteis/reda_20338409.parquet": Expected("bdf", 201, 54, 0.114456 - 0.0208985j, 0.219318 - 0.00439344j),
    "hybrid-drt/EISGALV_EISTest3.DTA": Expected("gamry-dta", 1, 71, 0.04711733 + 0.1695821j, 0.06649166 - 0.001175554j),
    "hybrid-drt/PEIS_LPSCl_IonBlocking_-25C.mpr": Expected(
        "biologic-mpr", 1, 79, 359.241455 - 290.92038j, 1799427.625 - 8093785.5j
    ),
    "hybrid-drt/PEIS_LPSCl_IonBlocking_-25C.txt": Expected(
        "biologic-mpt", 1, 79, 359.241455 - 290.92038j, 1799427.625 - 8093785.5j
    ),
    "hybrid-drt/PEIS_LPSCl_IonBlocking_-25C_RelaxIS.txt": Expected(
        "relaxis-text", 1, 79, 359.241455 - 290.92038j, 1799427.625 - 8093785.5j
    ),
    "impedance.py/Circuit1_EIS_1.z": Expected("zview", 1, 48, 29.036 + 0.63662j, 75.803 - 0.16244j),
    "impedance.py/exampleData.csv": Expected(
        "impedance-columns", 1, 66, 0.0157715 + 0.0101575j, 0.0494998978 - 0.0204386985j
    ),
    "impedance.py/exampleDataAutolab.txt": Expected(
        "zview", 1, 41, 0.013785864 + 0.007191946j, 0.0345697772 - 0.0039029289j
    ),
    "impedance.py/exampleDataBioLogic.mpt": Expected("biologic-mpt", 1, 43, 65.4709 - 0.38999j, 110.97 - 2.34586j),
    "impedance.py/exampleDataCHInstruments.txt": Expected("ch-instruments", 1, 73, 98.91 - 2.748j, 5685 - 15860j),
    "impedance.py/exampleDataGamry.DTA": Expected("gamry-dta", 1, 72, 825.8584 - 1367.239j, 17007.49 - 6635.557j),
    "impedance.py/exampleDataGamryABORT.DTA": Expected("gamry-dta", 1, 72, 825.8584 - 1367.239j, 17007.49 - 6635.557j),
    "impedance.py/exampleDataParstat.txt": Expected(
        "delimited-text", 1, 31, -0.0004981628 + 0.0175143480j, 0.0270946 - 0.00399791j
    ),
    "impedance.py/exampleDataPowersuite.txt": Expected(
        "delimited-text", 1, 30, -470.54113 - 1397.7358j, 423929.46 - 49014.063j
    ),
    "impedance.py/exampleDataZPlot.z": Expected("zview", 1, 21, 147.77 - 11.335j, 613.68 - 137.13j),
    "impedance.py/exampleDataZPlot_noComments.z": Expected("zview", 1, 31, 642.62 - 85.821j, 1305.3 - 195.01j),
    "pyDRTtools/1ZARC.csv": Expected("delimited-text", 1, 81, 10.3178317 + 31.1642251j, 59.2039743 + 0.5913302j),
    "pyDRTtools/LIB_data.txt": Expected(
        "impedance-columns", 1, 107, 0.112362966 + 0.00318273902j, 0.151736 - 0.0137397j
    ),
    "pyDRTtools/data_1.csv": Expected("impedance-columns", 1, 107, 0.109963283 + 0.003569859j, 0.145364 - 0.021382j),
    "pyDRTtools/zarc_data.txt": Expected("impedance-columns", 1, 81, 9.953881 - 0.020948j, 59.9737 - 0.341645j),
    "pyimpspec/drift-corrected-data.dta": Expected("gamry-dta", 1, 55, 691.6887 - 148.9397j, 163521.3 - 207613.7j),
    "yadg/geis.issue_149.mpr": Expected("biologic-mpr", 4, 21, 10.0788 + 2.17456j, 84.3323 - 17.969j),
    "yadg/geis.mpr": Expected("biologic-mpr", 61, 41, -42.987 - 80.7525j, 149.002 - 7.58755j),
    "yadg/peis.mpt": Expected("biologic-mpt", 1, 32, 10.5123 - 0.730477j, 18.0243 - 2.69625j),
}
SAME = {  # one simulated spectrum, in every format its authors can write
    "case-multiple-spectra.csv": ("delimited-text", 4),
    "case-multiple-spectra.mpt": ("biologic-mpt", 3),
    "data-comma.csv": ("delimited-text", 1),
    "data-header-variant-2.csv": ("delimited-text", 1),
    "data-metadata.mpt": ("biologic-mpt", 1),
    "data-semicolon.csv": ("delimited-text", 1),
    "data.dfr": ("autolab-dfr", 1),
    "data.dta": ("gamry-dta", 1),
    "data.i2b": ("impedance-columns", 1),
    "data.xlsx": ("cycler-workbook", 4),
    "data.mpt": ("biologic-mpt", 1),
    "data.z": ("zview", 1),
}


def read(path: Path) -> tuple[str, Recording]:
    """Name of the reader, and what it reads."""
    reader = reader_for(path)
    return reader.name, reader.read(path, ReadOptions())


def first_spectrum(recording: Recording) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.complex128]]:
    """Frequencies, falling, and Z of the first spectrum."""
    assert recording.spectra is not None
    laid_out = spectra(recording.spectra, None, "cell").isel(cell=0, spectrum=0).dropna("frequency")
    return laid_out.frequency.values, laid_out.z_real.values + 1j * laid_out.z_imag.values


def _authors(data: Path) -> dict[str, partial[Iterator[Number]]]:
    return {
        f"eis/{name}": partial(_against_authors, data / "eis" / name, expected)
        for name, expected in EXPECTED.items()
        if (data / "eis" / name).is_file()
    }


def _against_authors(path: Path, expected: Expected) -> Iterator[Number]:
    _, recording = read(path)
    frequency, z = first_spectrum(recording)
    yield Number("spectra", _count(recording), expected.count)
    yield Number("frequencies of the first", len(frequency), expected.points)
    yield Number("its first and last impedance", [z[0], z[-1]], [expected.first, expected.last], rtol=5e-6)


def _pyimpspec(data: Path) -> dict[str, partial[Iterator[Number]]]:
    folder = data / "eis" / "pyimpspec"
    return {
        f"eis/pyimpspec/{name}": partial(_against_reference, folder / name, count)
        for name, (_, count) in SAME.items()
        if (folder / name).is_file()
    }


def _against_reference(path: Path, count: int) -> Iterator[Number]:
    _, recording = read(path)
    ours, theirs = first_spectrum(recording), _reference(path.with_name("data-comma.csv"))
    yield Number("spectra", _count(recording), count)
    yield Number("frequencies of the first", ours[0], theirs[0], rtol=1e-6)
    yield Number("its impedances", ours[1], theirs[1], rtol=1e-6)


@cache
def _reference(path: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.complex128]]:
    return first_spectrum(read(path)[1])


def _count(recording: Recording) -> int:
    return 0 if recording.spectra is None else len(np.unique(recording.spectra.spectrum))


SOURCES = (Source("authors of the spectra", _authors, 27), Source("one spectrum in all formats", _pyimpspec, 12))
