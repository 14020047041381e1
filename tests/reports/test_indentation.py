"""The section on nanoindentation says what the panel shows."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets.io.synthetic.indentation import Indent, indented
from pchp_widgets.model.measurements import merged
from pchp_widgets.panels.indentation import IndentationPanel
from pchp_widgets.reports.indentation import section


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return merged(
        [
            indented(Indent(modulus=modulus, hardness=modulus / 18, tests=5, spread=0.03), seed=at, name=name)
            for at, (name, modulus) in enumerate({"PCH": 3.46, "PEO": 1.1}.items())
        ]
    )


def test_numbers_of_the_section_are_those_of_the_panel(data: xr.Dataset) -> None:
    made = section(data, window=(0.4, 0.9))
    panel = IndentationPanel(data, window=(0.4, 0.9))
    table = made.tables["indentation_samples"]
    values = {column.name: column.values for column in table.columns}
    assert values["modulus"] == pytest.approx(panel.statistics()["mean"].values)
    assert values["indents"] == [5, 5]
    assert "between 40% and 90% of the peak load" in made.paragraphs[0]
    assert made.paragraphs[1].startswith("PCH: E 3.4")
    assert set(made.figures) == {"indents", "depth", "compared"}
    pairs = {column.name: column.values for column in made.tables["indentation_differences"].columns}
    assert pairs["difference"][0] == pytest.approx(2.36, abs=0.2)
    assert pairs["difference_low"][0] < pairs["difference"][0] < pairs["difference_high"][0]


def test_the_findings_are_means_with_intervals_and_say_which_samples_differ(data: xr.Dataset) -> None:
    modulus, stiffer, hardness, _ = section(data).findings
    statistics = IndentationPanel(data).statistics()
    mean, low, high = (float(statistics[name].values[0]) for name in ("mean", "mean_low", "mean_high"))
    assert modulus.startswith(
        f"Modulus E (mean, 95 % intervals) of PCH: {mean:.3g} GPa ({low:.3g} to {high:.3g}); of PEO"
    )
    assert stiffer == "E differs (p < 0.05) between PCH and PEO."
    assert hardness.startswith("Hardness H (mean, 95 % intervals) of PCH: 0.1")


def test_no_difference_is_claimed_where_none_is_shown(data: xr.Dataset) -> None:
    same = [data.isel(sample=[0]).assign_coords(sample=[name]) for name in ("a", "b")]
    said = section(merged(same)).findings
    assert "No difference of E is shown between a and b." in said


def test_what_is_refused_is_a_notice(data: xr.Dataset) -> None:
    made = section(data, frame_compliance=500.0)
    assert any(text.startswith("All samples: the compliance of the frame is larger") for text in made.notices)
    table = {column.name: column.values for column in made.tables["indentation_samples"].columns}
    assert table["refused"] == [5, 5]
    assert np.isnan(table["modulus"]).all()
    flags = {column.name: column.values for column in made.tables["indentation_indents"].columns}["flags"]
    assert all("frame" in text for text in flags)


def test_a_single_sample_has_no_differences(data: xr.Dataset) -> None:
    made = section(data.isel(sample=[0]))
    assert "indentation_differences" not in made.tables
    once = section(data.isel(sample=[0], test=[0]))
    assert once.findings[0].endswith(" GPa, one indent, no interval.")
    assert [text[:10] for text in made.findings if text] == ["Modulus E ", "Hardness H"]


def test_a_parameter_that_cannot_be_is_refused(data: xr.Dataset) -> None:
    with pytest.raises(traitlets.TraitError, match="beta"):
        section(data, beta=3.0)
