"""Seconds to load one .mpr: ours with the step table, or a peer's load alone. Usage: load_mpr.py WHO FILE."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

from measure import seconds

who, file = sys.argv[1], Path(sys.argv[2])
warnings.simplefilter("ignore")

if who == "galvani":
    from galvani import BioLogic

    print(json.dumps(seconds(lambda: BioLogic.MPRfile(str(file)), 31)))
elif who == "steps":  # what the reader gives, reduced to the step table
    from pchp_widgets.io.contract import ReadOptions
    from pchp_widgets.io.registry import reader_for
    from pchp_widgets.model.cycles import steps

    def load() -> object:
        return steps(reader_for(file).read(file, ReadOptions()).points, rule="discharge_first")

    print(json.dumps(seconds(load, 31)))
else:  # the whole of what a user gets: tree, metadata, SHA-256, provenance
    from pchp_widgets import open_cell

    print(json.dumps(seconds(lambda: open_cell(file), 31)))
