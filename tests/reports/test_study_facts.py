"""Facts that a study states of itself."""

from __future__ import annotations

from pathlib import Path

from pchp_widgets import Study
from pchp_widgets.io.synthetic.full import ageing_recipe, full_cell, full_state
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.io.synthetic.potentiostats import GRID, arc, write_gamry
from pchp_widgets.io.synthetic.study_files import bdf
from pchp_widgets.reports.quantities import Evidence
from pchp_widgets.reports.study_facts import study_facts

STUDY = """
[study]
name = "small"
[[cells]]
name = "spectra alone"
file = "a.DTA"
kind = "symmetric"
coating = "bare"
area = "1 cm2"
[[cells]]
name = "young"
file = "b.csv"
kind = "full"
coating = "bare"
area = "1 cm2"
"""


def test_a_cell_of_spectra_alone_and_one_of_two_cycles_state_what_they_can(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    write_gamry(tmp_path / "a.DTA", [(GRID, arc())])
    design, recipe = DESIGNS["LFP-bare"], ageing_recipe(2.0, 2, 2.0)
    bdf(full_cell(design, full_state(design, 2), recipe).points, tmp_path / "b.csv")
    facts = study_facts(Evidence(Study.build(tmp_path)))
    assert "Li||Li bare" not in facts.numbers
    assert facts.numbers["full bare"]["cycles"].value == 2
    assert "mean_efficiency" not in facts.numbers["full bare"]
