"""The audit as a report: of a study by its data, of a paper by its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pchp_widgets.model.claims import ClaimsError
from pchp_widgets.reports import audit


@pytest.fixture(scope="module")
def of_study() -> audit.Audit:
    return audit.consistency_audit()


def test_techniques_of_one_study_agree_with_each_other(of_study: audit.Audit) -> None:
    verdicts = {(one.check, one.subject): one.verdict for one in of_study.findings}
    for check in (
        "hours and cycles",
        "impedance and polarization",
        "series resistance and conductivity",
        "transference number and two layers",
        "range of the spectra and conductivity",
    ):
        assert verdicts[check, "Li||Li PCHP"] == "agrees", check
    assert verdicts["conversion by NMR and by elemental analysis", "PCH"] == "agrees"


def test_what_the_numbers_of_the_paper_contradict_is_found_in_a_study_made_from_them(of_study: audit.Audit) -> None:
    found = {(one.check, one.subject): one for one in of_study.findings}
    assert found["capacity and loading", "LFP PCHP, 2.8 mA h cm⁻²"].verdict == "differs"
    retained = found["efficiency and retention", "NCM83 PCHP, 3 mA h cm⁻²"]
    assert retained.left.value == pytest.approx(0.555, abs=0.005)
    assert retained.right.value == pytest.approx(0.76, abs=0.01)


def test_what_nobody_stated_is_listed(of_study: audit.Audit) -> None:
    text = audit.reporting_table(of_study).text()
    assert "not stated: temperature" in text
    assert "not stated: stack pressure" in text


def test_the_table_holds_every_check_with_both_sides(of_study: audit.Audit) -> None:
    header, *rows = audit.audit_table(of_study).csv().splitlines()
    assert header.startswith("check,left,right,low,high,unit,verdict")
    assert len(rows) == sum(bool(one.units) for one in of_study.findings)
    assert "diameter" in audit.undecided_table(of_study).text()


def test_the_words_of_a_paper_are_audited_in_place_of_a_study() -> None:
    found = audit.consistency_audit(claims="paper")
    assert "the printed formula gives S¹ cm⁻²" in audit.wording_table(found).text()
    assert sum(one.verdict == "differs" for one in found.findings) >= 17
    assert "efficiency and retention" in "\n".join(audit.summary(found).paragraphs)


def test_an_unknown_subject_and_a_wrong_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing is known of 'LTO'"):
        audit.consistency_audit(claims="paper", subjects=["LTO"])
    file = tmp_path / "claims.toml"
    file.write_text('[source]\ntitle = "x"\n[facts.all]\narea = "13 mm"\n')
    with pytest.raises(ClaimsError, match=r"claims\.toml: facts of 'all': area"):
        audit.consistency_audit(claims=str(file))
