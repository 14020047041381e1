"""One small sound file for every reader and dialect: the list that the tests of all readers share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.io.bdf import write_bdf
from pchp_widgets.io.contract import ReadOptions
from pchp_widgets.io.registry import measurement_readers, readers
from pchp_widgets.io.synthetic import (
    adhesion_files,
    composition_files,
    indentation,
    landt,
    micrograph_files,
    neware_text,
    photoemission_files,
    potentiostats,
    powder_files,
    sorption_files,
    thermal_files,
)
from pchp_widgets.io.synthetic.adhesion import PeelTruth, peel
from pchp_widgets.io.synthetic.arbin import write_arbin_res, write_arbin_text
from pchp_widgets.io.synthetic.basytec import write_basytec
from pchp_widgets.io.synthetic.composition import CompositionTruth, elemental, spectrum
from pchp_widgets.io.synthetic.diffraction import FILMS, angles, counts
from pchp_widgets.io.synthetic.eclab import gcpl_columns, write_mpr, write_mpt
from pchp_widgets.io.synthetic.maccor import Dialect, write_maccor, write_maccor_impedance
from pchp_widgets.io.synthetic.micrograph import Camera, CoatingTruth, cross_section
from pchp_widgets.io.synthetic.neware import write_nda, write_ndax
from pchp_widgets.io.synthetic.novonix import write_novonix
from pchp_widgets.io.synthetic.pec import write_pec
from pchp_widgets.io.synthetic.photoemission import layers
from pchp_widgets.io.synthetic.potentiostats import GRID, arc
from pchp_widgets.io.synthetic.sorption import Porous, Run, isotherm
from pchp_widgets.io.synthetic.text import write_text
from pchp_widgets.io.synthetic.thermal import ThermalTruth, thermal
from pchp_widgets.io.synthetic.xls import workbook
from pchp_widgets.model.measurements import merged
from pchp_widgets.model.schema import CONTROLS, dataset


@dataclass(frozen=True)
class Example:
    """How a file is made, and what may be asked of its format.

    Attributes
    ----------
    file
        Its name.
    write
        Called with its path. What it returns, if anything, is the path to be read instead.
    partial_ok, loss_shows, options
        As of :func:`pchp_widgets.testing.check_reader`.
    companions
        Whether other files in its folder belong to it.
    """

    file: str
    write: Callable[[Path], Any]
    partial_ok: bool = True
    loss_shows: bool = True
    options: ReadOptions | None = None
    companions: bool = False

    def written(self, folder: Path) -> Path:
        """The file in a folder of its own."""
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        found = self.write(path)
        return found if isinstance(found, Path) else path


READERS = {reader.name: type(reader) for reader in (*readers(), *measurement_readers())}
REFUSING = {"micromaterials-hdf5"}
"""Readers that know their files only to say what to do instead."""


def reader_of(what: str) -> type[Any]:
    """The reader of an entry of :data:`EXAMPLES`."""
    return READERS[what.partition(":")[0]]


@cache
def cycling(points: int = 50) -> xr.Dataset:
    """Three cycles of a symmetric cell: -0.5 mA, rest, +0.5 mA of so many points each, one a minute."""
    steps = 9
    step = np.repeat(np.arange(1, steps + 1), points)
    direction = np.array([-1.0, 0.0, 1.0])[(step - 1) % 3]
    minutes = np.tile(np.arange(points), steps) + (step - 1) * (points - 1)
    held = np.array([CONTROLS.index("cc"), CONTROLS.index("rest"), CONTROLS.index("cc")], np.int8)
    return dataset(
        "points",
        {
            "time": minutes * 60.0,
            "voltage": direction * (0.1 + 0.0002 * np.tile(np.arange(points), steps)),
            "current": 0.5 * direction,
            "instrument_cycle": (step - 1) // 3 + 1,
            "instrument_step": step,
            "control": held[(step - 1) % 3],
        },
    )


def _cell(write: Callable[..., Any], **more: Any) -> Callable[[Path], None]:
    return lambda path: write(path, cycling(), **more)


def _full(path: Path, dialect: Dialect) -> None:
    write_maccor(path, cycling().assign(voltage=cycling()["voltage"] + 3.5), dialect)


def _res(path: Path) -> None:
    if shutil.which("mdb-export") is None:
        pytest.skip("mdbtools are not installed: Arbin's databases cannot be read (apt install mdbtools)")
    write_arbin_res(path, cycling())


def _eclab(write: Callable[..., None], **more: Any) -> Callable[[Path], None]:
    points = [cycling()[name].values for name in ("time", "voltage", "current", "instrument_step")]
    return lambda path: write(path, gcpl_columns(*points), **more)


def _columns(path: Path) -> None:
    columns = {"Time (h)": cycling()["time"].values / 3600, "ΔE (V)": cycling()["voltage"].values}
    write_text(path, columns, delimiter=";", decimal=",", encoding="utf-8-sig")


def _landt_workbook(path: Path) -> None:
    sheets = {"Cycle-Tab": [["Cycle", "CapC/mAh"], [1.0, 0.4]], "Record-Tab": landt.record_rows(cycling())}
    path.write_bytes(workbook(sheets))


def _impedance(path: Path, head: str = "") -> None:
    lines = [f"{f!r},{z.real!r},{z.imag!r}" for f, z in zip(GRID.tolist(), arc().tolist(), strict=True)]
    path.write_text(head + "\n".join(lines) + "\n")


def _sweeps(write: Callable[..., None], **more: Any) -> Callable[[Path], None]:
    return lambda path: write(path, [(GRID, arc())], **more)


def _sweep(write: Callable[..., None], **more: Any) -> Callable[[Path], None]:
    return lambda path: write(path, (GRID, arc()), **more)


CELLS = {
    "arbin-text": Example("a.csv", _cell(write_arbin_text)),
    "arbin-res": Example("a.res", _res, partial_ok=False),  # what lies at its end is needed to find the rest
    "autolab-dfr": Example("fra.dfr", _sweep(potentiostats.write_autolab_fra)),
    "autolab-p00": Example("fra.P00", _sweep(potentiostats.write_autolab_table)),
    "basytec": Example("a.txt", _cell(write_basytec)),
    **{
        f"bdf:{ending}": Example(f"a.{ending}", lambda path: write_bdf(cycling(), path), ending != "parquet")
        for ending in ("csv", "bdf", "csv.gz", "parquet")
    },
    **{f"biologic-mpr:{at}": Example("a.mpr", _eclab(write_mpr, version=at)) for at in (2, 3, 11)},
    "biologic-mpt": Example("a.mpt", _eclab(write_mpt)),
    "biologic-mpt:decimal commas": Example("a.mpt", _eclab(write_mpt, decimal=",")),
    "ch-instruments": Example("chi.txt", _sweep(potentiostats.write_ch_instruments)),
    "cycler-workbook:neware": Example("a.xlsx", _cell(neware_text.write_workbook), partial_ok=False),
    "cycler-workbook:landt": Example("a.xls", _landt_workbook, partial_ok=False),
    "delimited-text": Example("a.csv", _columns, options=ReadOptions(current=0.5)),
    "delimited-text:impedance": Example("z.csv", partial(_impedance, head="f/Hz,Z'/ohm,Z''/ohm\n")),
    "gamry-dta": Example("gamry.DTA", _sweeps(potentiostats.write_gamry)),
    "impedance-columns": Example("z.csv", _impedance),
    "ivium-idf": Example("scan.ids", _sweeps(potentiostats.write_ivium)),
    "landt": Example("a.txt", _cell(landt.write_records)),
    "landt:nested": Example("a.txt", _cell(landt.write_nested)),
    "maccor-impedance": Example("a.EDA0001.001", lambda path: write_maccor_impedance(path, GRID, arc())),
    **{f"maccor-text:{one}": Example("a.001", partial(_full, dialect=one)) for one in get_args(Dialect)},
    "neware:nda": Example("a.nda", _cell(write_nda)),
    "neware:ndax": Example("a.ndax", _cell(write_ndax, timed_every=7), partial_ok=False),
    "neware-text": Example("a.csv", _cell(neware_text.write_flat)),
    "neware-text:earlier": Example("a.txt", _cell(neware_text.write_flat, generation="BTS", delimiter="\t")),
    "neware-text:nested": Example("a.csv", _cell(neware_text.write_nested)),
    "novonix": Example("a.csv", _cell(write_novonix)),
    "pec-csv": Example("a.csv", _cell(write_pec)),
    "relaxis-text": Example("relaxis.txt", _sweeps(potentiostats.write_relaxis)),
    "versastudio-par": Example("versa.par", _sweeps(potentiostats.write_versastudio)),
    "zahner-ism": Example("thales.ism", _sweep(potentiostats.write_ism, voltage=0.5), partial_ok=False),
    "zview": Example("zplot.z", _sweeps(potentiostats.write_zview)),
    "zview:no comments": Example("old.z", _sweeps(potentiostats.write_zview, comments=False)),
}


@cache
def _indents() -> xr.Dataset:
    return indentation.indented(indentation.Indent(tests=2, spread=0.1, rate=8.0, load_time=10.0))


@cache
def _heat() -> xr.Dataset:
    return thermal(ThermalTruth(crystallinity=0.3, glass_temperature=120.0, interval=6.0), seed=3, name="PCHP2")


@cache
def _picture() -> xr.Dataset:
    camera = Camera(rows=96, columns=128, pixel_size=0.02480469, bar=1.0)
    return cross_section(CoatingTruth(thickness=0.8), camera, name="PCHP", stage_tilt=54.0)


@cache
def _peel() -> xr.Dataset:
    return peel(PeelTruth(travel=60.0, spacing=0.5), strips=3, seed=4)


@cache
def _polymer() -> xr.Dataset:
    return spectrum(CompositionTruth(points=2048), name="PCH", material="PCH")


@cache
def _state() -> xr.Dataset:
    return layers().isel(sample=[2])


def _powder(write: Callable[..., None], **more: Any) -> Callable[[Path], None]:
    grid = angles(10.0, 30.0, 0.05)
    return lambda path: write(path, grid, counts(FILMS["PCH"], grid, seed=1), **more)


def _isotherm(write: Callable[..., Any]) -> Callable[[Path], None]:
    run = Run(np.linspace(0.02, 1.0, 25), desorption=True)
    return lambda path: write(isotherm(Porous(), run, name="PCH", mass=60.0), path)


def _elements(path: Path) -> None:
    made = [elemental(CompositionTruth(runs=40), seed=at, name=f"P{at}", material=f"P{at}") for at in range(9)]
    composition_files.elemental_csv(merged(made), path)


def _real(path: Path, of: str) -> None:
    folder = Path(os.environ.get("PCHP_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if not (folder / of).is_file():
        pytest.skip(f"there is no writer of this format, and the real file {of} is not there")
    path.write_bytes((folder / of).read_bytes())


_HEADER = '\'Id: film Anode: "Cu" Wavelength: 1.540598 TimePerStep: "2" 2theta counts\''
_WHOLE = {"micromeritics-xls", "pygaps-json", "xrdml", "rigaku-rasx", "ta-trios-json", "avantage-xlsx"}
"""Formats of which a part is nothing."""
_POWDERS = {
    "powder-table": ("a.xy", _powder(powder_files.write_xy, header=_HEADER)),
    "xrdml": ("a.xrdml", _powder(powder_files.write_xrdml, step_time=2.0)),
    "rigaku-ras": ("a.ras", _powder(powder_files.write_ras, step_time=2.0)),
    "rigaku-rasx": ("a.rasx", _powder(powder_files.write_rasx, step_time=2.0)),
    "diffrac-uxd": ("a.uxd", _powder(powder_files.write_uxd, step_time=2.0)),
    **{
        f"diffrac-raw:{at}": (f"{at}.raw", _powder(powder_files.write_raw, version=at, step_time=2.0))
        for at in (1, 2, 3, 4)
    },
}
_CURVES = {
    "ta-universal-analysis": ("a.txt", thermal_files.universal_analysis),
    "ta-trios-text": ("a.txt", thermal_files.trios_text),
    "ta-trios-json": ("a.json", thermal_files.trios_json),
    "netzsch-proteus": ("a.txt", thermal_files.netzsch),
    "mettler-stare": ("a.txt", thermal_files.mettler),
    "setaram-csv": ("a.csv", thermal_files.setaram),
    "heat-flow-table": ("a.csv", thermal_files.table),
}
_SPECTRA = {
    "vamas": ".vms",
    "casaxps-txt": ".txt",
    "specs-xy": ".xy",
    "avantage-xlsx": ".xlsx",
    "phi-spe": ".spe",
    "scienta-txt": ".ses.txt",
}
_INDENTS = {
    "hysitron-text": ("one.txt", indentation.write_hysitron),
    "hysitron-hld": ("one.hld", indentation.write_hld),
    "fischerscope": ("one.txt", indentation.write_fischerscope),
    "indent-table": ("one.csv", indentation.write_table),
}
_PEELS = {
    "instron-bluehill": ("Specimen_RawData_1.csv", adhesion_files.bluehill_csv),
    "zwick-testxpert": ("series.txt", adhesion_files.zwick_txt),
    "peel-table": ("peel.csv", adhesion_files.table_csv),
}
_TIFFS = {
    "zeiss": micrograph_files.zeiss_tif,
    "fei": micrograph_files.fei_tif,
    "jeol": micrograph_files.jeol_xml_tif,
    "plain": micrograph_files.plain_tif,
}


def _made(write: Callable[..., Any], data: Callable[[], xr.Dataset], *, last: bool = False) -> Callable[[Path], Any]:
    """Writes a dataset; which of the two arguments comes first differs."""
    return lambda path: write(path, data()) if last else write(data(), path)


def _text(text: Callable[[xr.Dataset], str]) -> Callable[[Path], None]:
    return lambda path: (path.write_text(text(_peel()), "utf-8"), None)[1]


MATERIALS = {
    **{what: Example(file, write, what not in _WHOLE) for what, (file, write) in _POWDERS.items()},
    **{what: Example(file, _made(write, _heat), what not in _WHOLE) for what, (file, write) in _CURVES.items()},
    **{
        what: Example(f"a{end}", _made(photoemission_files.WRITERS[end], _state, last=True), what not in _WHOLE)
        for what, end in _SPECTRA.items()
    },
    "spectrum-csv": Example(
        "c1s.csv",
        lambda path: photoemission_files.write_csv(path, _state().sel(region=["C 1s"])),
        partial_ok=False,
        loss_shows=False,
    ),
    "specs-xml": Example("a.xml", partial(_real, of="materials/xps/In-situ_PBTTT_XPS_SPECS.xml"), partial_ok=False),
    **{what: Example(file, _made(write, _indents)) for what, (file, write) in _INDENTS.items()},
    "nanosuite-xls": Example("a.xls", partial(_real, of="materials/nanoindentation/Example.xls"), partial_ok=False),
    **{what: Example(file, _text(text)) for what, (file, text) in _PEELS.items()},
    **{
        what: Example(f"PCH{end}", _isotherm(write), what not in _WHOLE)
        for what, (end, write) in sorption_files.WRITERS.items()
    },
    "bruker-processed": Example(
        "exp/1",
        lambda path: composition_files.bruker_processed(_polymer(), path),
        partial_ok=False,
        companions=True,
    ),
    "bruker-fid": Example(
        "exp/1",
        lambda path: composition_files.bruker_decay(CompositionTruth(), path),
        partial_ok=False,
        companions=True,
    ),
    **{
        f"jcamp-nmr:{form}": Example(
            "PCH.dx", lambda path, form=form: composition_files.jcamp(_polymer(), path, form=form)
        )
        for form in ("AFFN", "DIFDUP")
    },
    "elemental-table": Example("EA.csv", _elements, partial_ok=False, loss_shows=False),
    **{f"sem-tiff:{maker}": Example("a.tif", _made(write, _picture)) for maker, write in _TIFFS.items()},
    "hitachi-sem-text": Example("a.tif", _made(micrograph_files.hitachi_files, _picture), companions=True),
    "jeol-sem-text": Example("a.tif", _made(micrograph_files.jeol_files, _picture), companions=True),
}

EXAMPLES = CELLS | MATERIALS
"""By ``"reader"`` or ``"reader:dialect"``."""
