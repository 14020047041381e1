"""Seconds that a program needs to read a file, and how much it finds. Usage: read_file.py WHO FILE.

Everybody is called as its own documentation does it, once to warm up and then until a second has passed. Results are
kept, as a user keeps them: freed memory would otherwise be lent to the next round and flatter everybody.
"""

from __future__ import annotations

import contextlib
import json
import logging
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Load = Callable[[str], Any]
IMPEDANCE = {".mpt": "biologic", ".dta": "gamry", ".z": "zplot"}
OF_TEXT = ("Autolab", "CHInstruments", "Parstat", "PowerSuite")
CYCLERS = ("basytec", "arbin", "maccor", "novonix", "neware")


def pchp_widgets() -> Load:
    from pchp_widgets import open_cell

    return open_cell


def galvani() -> Load:
    import pandas as pd
    from galvani import BioLogic

    return lambda file: pd.DataFrame(BioLogic.MPRfile(file).data)


def yadg() -> Load:
    from yadg.extractors import extract

    return lambda file: extract(f"eclab{Path(file).suffix}", file)


def fastnda() -> Load:
    import fastnda

    return fastnda.read


def newarenda() -> Load:
    import NewareNDA

    return NewareNDA.read


def batterydf() -> Load:
    import bdf

    return bdf.read


def battery_data_standard() -> Load:
    """Without the rows that it puts between those of a trace by default: they were never measured."""
    import bds

    def load(file: str) -> Any:
        return bds.read(file, time_sampling_policy="none") if "cycler" in file else bds.read_eis(file)

    return load


def battery_data_toolkit() -> Load:
    from battdat.io.arbin import ArbinReader
    from battdat.io.maccor import MACCORReader

    return lambda file: (ArbinReader() if "arbin" in Path(file).name else MACCORReader()).read_file(file)


def pyprobe_data() -> Load:
    """It writes what it reads to a Parquet file and opens that."""
    import pyprobe

    pyprobe.set_log_level("ERROR")
    written = Path(tempfile.mkdtemp()) / "read.parquet"

    def load(file: str) -> Any:
        cell = pyprobe.Cell(info={})
        cycler = next((name for name in CYCLERS if name in file.lower()), "biologic")
        cell.import_from_cycler("test", cycler, file, str(written), overwrite_existing=True)
        return cell.procedure["test"].data

    return load


def navani() -> Load:
    from navani import echem

    return echem.echem_file_loader


def impedance() -> Load:
    from impedance.preprocessing import readFile

    def load(file: str) -> Any:
        named = next((name for name in OF_TEXT if name.lower() in file.lower()), "")
        return readFile(file, IMPEDANCE.get(Path(file).suffix.lower(), named.lower()) or None)[0]

    return load


def pyimpspec() -> Load:
    import pyimpspec

    return pyimpspec.parse_data


def gamry_parser() -> Load:
    from gamry_parser import Impedance

    def load(file: str) -> Any:
        parser = Impedance(filename=file)
        parser.load()
        return parser.get_curve_data()

    return load


def count(found: Any) -> list[int]:
    """Points found: of ours those of the trace and those of the spectra."""
    if isinstance(found, list):
        return [sum(one.get_num_points() for one in found)]
    if not hasattr(found, "children"):
        return [len(found)]
    if "pchp_widgets_version" not in found.attrs:
        return [max(found.sizes.values())]
    trace, spectra = found.children.get("points"), found.children.get("spectra")
    return [
        0 if trace is None else trace.sizes["point"],
        0 if spectra is None else int(spectra["z_real"].notnull().sum()),
    ]


def main() -> None:
    who, file = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    said: dict[str, Any] = {"version": version(who)}
    with contextlib.redirect_stdout(sys.stderr):
        try:
            load = globals()[who.lower().replace("-", "_")]()
            kept = [load(file)]
        except Exception as error:  # noqa: BLE001  every program refuses in its own way
            said["refused"] = f"{type(error).__name__}: {error}"
        else:
            spent: list[float] = []
            while len(spent) < 3 or (sum(spent) < 1 and len(spent) < 50):
                begin = time.perf_counter()
                kept.append(load(file))
                spent.append(time.perf_counter() - begin)
            said |= {"seconds": statistics.median(spent), "points": count(kept[0])}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
