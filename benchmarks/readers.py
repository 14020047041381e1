"""Reading the biggest real file of each format beside every peer that opens it: ``python benchmarks/readers.py``.

Which peer opens which file, and with how many rows, was found by giving every file to all of them; cellpy and beep were
asked as well and are not measured, because on each file that has a row here another peer is faster than they are, and
each would need an environment of its own (cellpy a Python 3.13).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from measure import are_there, in_process, paired, peers, shared_file
from record import Table, duration

OURS, ROUNDS = "pchp_widgets", 5
TABLE = Table(
    "Files of cells beside the fastest peer",
    "The biggest real file of each format that a peer opens, read by us and by every peer that claims the format, "
    "warm, in fresh processes. Ours is `open_cell`, all that a user gets: points, the table of steps, spectra by "
    "sweep with the sign of Im Z checked, metadata, the SHA-256 of the file, provenance, warnings; a peer gives what "
    "stands beside its name. The ratio is that to the fastest of the peers that find as many points as we do; the two "
    "are read in turn. Behind the others stands their time over ours. Peers that find another number of points, or "
    "refuse the file, are named below and do not count. A file of fifty points takes us some milliseconds, in which "
    "its labelled datasets are made; impedance.py gives two bare arrays in a tenth of one.",
    ("what we do", "what the peer does", "other peers", "points", "ours", "peer", "ratio"),
)


class Peer(NamedTuple):
    """A program, the environment it is in, and what it gives of a file."""

    environment: str
    gives: str


PEERS = {
    "galvani": Peer("", "columns"),
    "fastnda": Peer("", "columns, cycles, steps"),
    "pyimpspec": Peer("", "spectra"),
    "NewareNDA": Peer("cells", "columns, cycles, steps"),
    "yadg": Peer("cells", "columns with uncertainties, settings"),
    "batterydf": Peer("cells", "columns"),
    "battery-data-standard": Peer("cells", "columns, checked"),
    "battery-data-toolkit": Peer("cells", "columns, cycles, states"),
    "PyProBE-Data": Peer("cells", "time, I, V, charge, steps, as Parquet"),
    "gamry-parser": Peer("cells", "columns"),
    "navani": Peer("eis", "columns, half-cycles"),
    "impedance": Peer("eis", "one array of frequencies, one of Z"),
}
"""By name on PyPI."""

TEXT = ("batterydf", "battery-data-standard", "PyProBE-Data")
SPECTRA = ("impedance", "pyimpspec", "battery-data-standard")
FILES: dict[str, tuple[str, tuple[str, ...]]] = {
    "BioLogic .mpr": ("jdb11-1_c3_gcpl*.mpr", ("galvani", "yadg", "navani")),
    "BioLogic .mpr, impedance": ("geis.mpr", ("galvani", "yadg", "navani")),
    "BioLogic .mpt": ("gcpl.issue_211.mpt", ("yadg", "navani", *TEXT)),
    "BioLogic .mpt, impedance": ("case-multiple-spectra.mpt", ("yadg", "navani", *SPECTRA)),
    "Neware .ndax": ("BTS85-36-6-5-110-20240424.ndax", ("fastnda", "NewareNDA", "navani", "batterydf")),
    "Neware .nda": ("nda8.nda", ("fastnda", "NewareNDA", "navani")),
    "Neware csv": ("neware_uio.csv", TEXT),
    "Arbin .res": ("20210210_FC_01_cc_04.res", ("navani",)),
    "Arbin csv": ("arbin_example.csv", ("battery-data-toolkit", *TEXT)),
    "Maccor text": ("xTESLADIAG_000019_CH70.070", ("battery-data-toolkit", *TEXT)),
    "Landt csv": ("SINTEF__LiGrR2032__2024-04-30__25degC__Landt.csv", TEXT),
    "Basytec text": ("sample_data_basytec.txt", TEXT),
    "Novonix csv": ("sample_data_novonix.csv", TEXT),
    "PEC csv": ("pec.csv", TEXT),
    "BatteryArchive csv": ("CALCE_CX2-33*_timeseries.csv", TEXT),
    "Battery Data Format csv": ("DLR__LiGrHydra0b*.bdf.csv", ("navani", *TEXT)),
    "Parquet": ("NDK - LG M50*.parquet", TEXT),
    "Excel workbook": ("mock_data_001.xlsx", TEXT),
    "Gamry .DTA": ("exampleDataGamry.DTA", ("gamry-parser", *SPECTRA)),
    "ZPlot .z": ("Circuit1_EIS_1.z", SPECTRA),
    "Autolab text": ("exampleDataAutolab.txt", SPECTRA),
    "Autolab .dfr": ("data.dfr", SPECTRA),
    "CH Instruments text": ("exampleDataCHInstruments.txt", SPECTRA),
    "Parstat text": ("exampleDataParstat.txt", SPECTRA),
    "PowerSuite text": ("exampleDataPowersuite.txt", SPECTRA),
    ".i2b": ("data.i2b", SPECTRA),
    "Impedance csv": ("1ZARC.csv", SPECTRA),
    "Impedance workbook": ("data.xlsx", SPECTRA),
}
"""By format: its file in the shared data, and the peers that claim the format."""
WRONG = {
    ("batterydf", ".ndax"): "gives the time within a step as that of the test",
    ("impedance", "case-multiple-spectra.mpt"): "gives three spectra as one",
    ("battery-data-standard", "case-multiple-spectra.mpt"): "gives three spectra as one",
}
"""What a peer has wrong in spite of the right number of rows, by the end of the file's name."""


def main() -> None:
    for what, (pattern, claiming) in FILES.items():
        file = shared_file(pattern)
        if file is None:
            print(f"{pattern} is not here: set PCHP_DATA")
        elif are_there(*{peers(PEERS[name].environment) for name in claiming}):
            compare(what, file, claiming)


def compare(what: str, file: Path, claiming: Sequence[str]) -> None:
    """Add the row of one format: of its peers the fastest, and what is wrong with those that do not count."""
    ours = read(OURS, file)
    theirs = {name: read(name, file) for name in claiming}
    wrong = {name: fault for name, found in theirs.items() if (fault := doubt(name, file, found, ours["points"]))}
    if wrong:
        TABLE.remark(f"{what}: {'; '.join(f'{name} {fault}' for name, fault in wrong.items())}.")
    counted = sorted(theirs.keys() - wrong.keys(), key=lambda name: float(theirs[name]["seconds"]))
    if not counted:
        return
    fastest, *others = counted
    mine, other, ratio = paired(
        lambda: float(read(OURS, file)["seconds"]), lambda: float(read(fastest, file)["seconds"]), ROUNDS
    )
    TABLE.row(
        f"{what}, {file.stat().st_size / 1e3:,.0f} kB",
        f"{fastest} {theirs[fastest]['version']}: {PEERS[fastest].gives}",
        ", ".join(f"{name} {theirs[name]['seconds'] / ours['seconds']:.3g}x" for name in others),
        " and ".join(f"{count:,}" for count in dict.fromkeys(ours["points"]) if count),
        duration(mine),
        duration(other),
        ratio=ratio,
    )


def read(who: str, file: Path) -> dict[str, Any]:
    """Seconds and points of one program in a fresh process, or why it refuses the file."""
    python = sys.executable if who == OURS else peers(PEERS[who].environment)
    found: dict[str, Any] = in_process("peers/read_file.py", who, str(file), python=python)
    return found


def doubt(who: str, file: Path, found: Mapping[str, Any], points: Sequence[int]) -> str:
    """Why what a peer makes of a file does not count; empty where it does."""
    if "refused" in found:
        print(f"{who} refuses {file.name}: {found['refused'][:200]}")
        return "refuses it"
    fault = next((text for (name, end), text in WRONG.items() if name == who and file.name.endswith(end)), "")
    (count,) = found["points"]
    return fault or ("" if count in points else f"finds {count:,} points")


if __name__ == "__main__":
    main()
