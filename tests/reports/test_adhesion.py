"""The section on peel tests claims what it may, and says why where it may not."""

from __future__ import annotations

import csv
import io

import pytest

from pchp_widgets.io.synthetic.adhesion import PeelTruth, peel, peel_study
from pchp_widgets.reports.adhesion import section


@pytest.fixture(scope="module")
def found():
    return section(peel_study())


def test_what_holds_better_is_claimed_only_where_the_bonds_failed_alike(found):
    text = "\n".join(found.paragraphs)
    assert "PCHP holds 2.0" in text
    assert "times as strongly as PCH." in text
    assert "PCHP3 over PCH: the forces are in the ratio" in text
    assert "from which nothing is claimed" in text
    assert any(notice.startswith("PCHP3: cohesive failure") for notice in found.notices)
    assert "by ISO 8510-2" in text


def test_the_findings_are_strengths_and_ratios_with_their_intervals(found):
    strengths, first, *_ = found.findings
    rows = {row["material"]: row for row in csv.DictReader(io.StringIO(found.tables["peel_materials"].csv()))}
    mean, low, high = (float(rows["PCH"][f"{name} [N m-1]"]) for name in ("mean", "low", "high"))
    assert f"of PCH: {mean:.1f} ± {(high - low) / 2:.1f} N m⁻¹ (5 strips, failure mode adhesive)" in strengths
    assert first.startswith("PCHP holds 2.0")
    assert any("from which nothing is claimed" in text for text in found.findings)


def test_tables_hold_every_strip_with_its_errors(found):
    rows = list(csv.DictReader(io.StringIO(found.tables["peel_strips"].csv())))
    assert len(rows) == 20
    first = rows[0]
    assert (
        float(first["strength_low [N m-1]"]) < float(first["strength [N m-1]"]) < float(first["strength_high [N m-1]"])
    )
    ratios = {row["material"]: row for row in csv.DictReader(io.StringIO(found.tables["peel_ratios"].csv()))}
    assert ratios["PCHP"]["differs"] == "yes"
    assert "different ways" in ratios["PCHP2"]["doubt"]
    for table in found.tables.values():
        assert "<table>" in table.html()


def test_a_single_strip_makes_a_section_without_ratios():
    one = section(peel(PeelTruth(), name="strip"), window=(60, 200))
    assert list(one.figures) == ["force", "strength"]
    assert "one strip, no interval" in "\n".join(one.paragraphs)
    assert "as chosen by hand" in one.paragraphs[0]
    assert one.findings[0].endswith("N m⁻¹, one strip (failure mode adhesive).")
    assert any("standards ask for at least 5" in notice for notice in one.notices)
