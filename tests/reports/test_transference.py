"""What the reports of transference and of coating conductivity say, against what the bundled cells were made from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.reports import conductivity, transference
from pchp_widgets.reports.source import Source, left_out, of_unknown_kind
from pchp_widgets.reports.tables import Table

Cells = Callable[[str], list[xr.DataTree]]


def opened(cells: list[xr.DataTree]) -> Source:
    return Source(cells, "test", "", "", ())


def rows(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.csv())))


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, float]]:
    path = Path(__file__).parents[2] / "data" / "pchp-study" / "truth.json"
    known: dict[str, dict[str, float]] = json.loads(path.read_text("utf-8"))["cells"]
    return known


@pytest.fixture(scope="module")
def polarized(demo_cells: Cells) -> transference.Transference:
    return transference.transference(opened([*demo_cells("BV-"), *demo_cells("warm-bare-1")]))


@pytest.fixture(scope="module")
def coated(demo_cells: Cells) -> conductivity.Conductivity:
    return conductivity.conductivity(opened([*demo_cells("warm-"), *demo_cells("BV-bare-1")]))


def test_the_table_of_fractions_holds_the_truth_in_its_intervals(
    polarized: transference.Transference, truth: dict[str, dict[str, float]]
) -> None:
    table = rows(transference.fractions_table(polarized))
    assert [row["cell"] for row in table] == [f"BV-{kind}-{n}" for kind in ("bare", "PCHP") for n in (1, 2, 3)]
    for row in table:
        known = truth[row["cell"]]
        assert float(row["low"]) < known["current_fraction"] < float(row["high"])
        assert float(row["bulk_resistance [ohm]"]) == pytest.approx(known["bulk_resistance"], rel=5e-3)
        assert float(row["steady_resistance [ohm]"]) == pytest.approx(known["steady_resistance"], rel=0.01)
        assert float(row["steady_current [mA]"]) == pytest.approx(known["steady_current"], rel=3e-3)
        assert row["judgement"] == "usable"
    html = transference.fractions_table(polarized).html()
    assert "only in a dilute, ideal electrolyte" in html


def test_initial_currents_stand_beside_each_other(
    polarized: transference.Transference, truth: dict[str, dict[str, float]]
) -> None:
    for row in rows(transference.currents_table(polarized)):
        known = truth[row["cell"]]["initial_current"]
        assert float(row["ohmic [mA]"]) == pytest.approx(known, rel=5e-3)
        assert float(row["extrapolated [mA]"]) == pytest.approx(known, rel=5e-3)
        assert float(row["first_sample [mA]"]) > 1.05 * known
        assert row["is_steady"] == "yes"


def test_coatings_are_compared_and_the_coating_is_taken_apart(polarized: transference.Transference) -> None:
    bare, pchp = rows(transference.coatings_table(polarized))
    assert (bare["coating"], pchp["coating"]) == ("bare", "PCHP")
    assert float(bare["low"]) < 0.28 < float(bare["high"])
    assert float(pchp["low"]) < 0.74 < float(pchp["high"])
    assert float(pchp["share_of_coating [%]"]) == pytest.approx(86, abs=1)
    assert float(pchp["alone_low"]) < 1 < float(pchp["alone_high"])
    assert bare["coating_alone"] == ""
    assert len(rows(transference.resistances_table(polarized))) == 12


def test_the_summary_names_the_fraction_the_choices_and_who_is_left_out(polarized: transference.Transference) -> None:
    text = " ".join(transference.summary(polarized).paragraphs)
    assert "PCHP: ρ₊ 0.738 (mean of 3 cells, sd 0.007), 95% interval 0.72 to 0.75." in text
    assert "Counted as interface: SEI, charge transfer." in text
    assert "Left out (not polarized, or without spectra): warm-bare-1." in text


def test_doubts_are_said_in_the_summary(demo_cells: Cells) -> None:
    found = transference.transference(opened(demo_cells("BV-bare")), initial="first")
    text = " ".join(transference.summary(found).paragraphs)
    assert "BV-bare-1: the interfaces take the whole voltage" in text
    assert "the initial current differs by more than 5% from ΔV / (R_b + R_0) (+" in text


def test_cells_that_were_not_polarized_are_refused(demo_cells: Cells) -> None:
    with pytest.raises(ValueError, match="none of them has both spectra and a polarization"):
        transference.transference(opened(demo_cells("warm-bare")))


def test_figures_of_transference_are_those_of_the_panel(polarized: transference.Transference) -> None:
    figures = [of(polarized) for of in (transference.relaxation, transference.beginning, transference.spectra)]
    assert [figure.pictures[0].x.label for figure in figures] == [
        "time since the step",
        "√(time since the step)",
        "Re Z",
    ]
    assert transference.fractions(polarized).pictures[0].title == ""


def test_the_table_of_conductivities_holds_the_truth_and_the_printed_formula(
    coated: conductivity.Conductivity,
) -> None:
    table = rows(conductivity.conductivity_table(coated))
    assert [float(row["temperature [degC]"]) for row in table] == pytest.approx([25, 35, 45, 54.9])
    first = table[0]
    assert float(first["low [mS cm-1]"]) < 0.125984 < float(first["high [mS cm-1]"])
    added = float(first["added_resistance [ohm]"])
    assert float(first["areal_conductance [S cm-2]"]) == pytest.approx(1 / (added * 1.327))
    assert float(first["conductivity [mS cm-1]"]) == pytest.approx(2 * 8e-1 / (added * 1.327), rel=1e-6)
    assert {row["state"] for row in table} == {"resolved"}
    assert "it lacks the thickness" in conductivity.conductivity_table(coated).html()


def test_series_resistances_are_those_the_cells_were_made_with(
    coated: conductivity.Conductivity, truth: dict[str, dict[str, float]]
) -> None:
    for row in rows(conductivity.samples_table(coated)):
        degrees = round(float(row["temperature [degC]"]) / 5) * 5
        known = truth[row["cell"]][f"series_resistance_{degrees}"]
        assert float(row["series_resistance [ohm]"]) == pytest.approx(known, abs=0.02)


def test_the_law_has_an_interval_and_vogel_stands_in_the_csv_alone(coated: conductivity.Conductivity) -> None:
    (row,) = rows(conductivity.law_table(coated))
    assert float(row["low [eV]"]) < 0.35 < float(row["high [eV]"])
    assert row["curved"] == "no"
    assert "T_0 [degC]" in row
    assert "T 0" not in conductivity.law_table(coated).html()


def test_the_summary_of_conductivity_names_what_is_left_out(coated: conductivity.Conductivity) -> None:
    text = " ".join(conductivity.summary(coated).paragraphs)
    assert "PCHP at 25 °C: σ 0.124 mS cm⁻¹ (0.12 to 0.129)." in text
    assert "no curvature found" in text
    assert "Left out (without spectra, or of unknown temperature): BV-bare-1." in text


def test_bounds_and_lacking_statements_are_said(demo_cells: Cells) -> None:
    pair = [tree for tree in demo_cells("warm-") if str(tree.name).endswith("1")]
    text = " ".join(conductivity.summary(conductivity.conductivity(opened(pair))).paragraphs)
    assert "the scatter between cells is not known" in text
    vague = conductivity.summary(conductivity.conductivity(opened(pair), scatter=6.0))
    assert "is not resolved: σ is above" in " ".join(vague.paragraphs)
    unstated = conductivity.summary(conductivity.conductivity(opened(demo_cells("BV-"))))
    assert "PCHP at a temperature that is not stated: σ " in " ".join(unstated.paragraphs)


def test_spectra_are_shown_at_the_temperatures_asked_for(coated: conductivity.Conductivity) -> None:
    assert [figure.caption[:18] for figure in conductivity.spectra(coated)] == [
        "Spectra at 25 °C; ",
        "Spectra at 54.9 °C",
    ]
    assert len(conductivity.spectra(coated, [35.0])) == 1
    with pytest.raises(ValueError, match=r"no spectrum at 80 °C; there are 25, 35, 45, 54\.9"):
        conductivity.spectra(coated, [80.0])
    assert conductivity.arrhenius(coated, vogel=True).pictures[0].y.log
    assert len(conductivity.series_resistance(coated).pictures[0].legend) == 7


def test_of_many_cells_that_are_left_out_four_are_named() -> None:
    names = [f"c{n}" for n in range(9)]
    assert left_out(names, "far away") == "Left out (far away): c0, c1, c2, c3 and 5 more."
    assert left_out(names[:4], "far away") == "Left out (far away): c0, c1, c2, c3."
    kinds = dict.fromkeys(names, "") | {"known": "full"}
    assert "that of spectra: c0, c1, c2, c3 and 5 more; write" in of_unknown_kind(kinds)


def test_numbers_are_finite_where_they_are_shown(coated: conductivity.Conductivity) -> None:
    assert np.isfinite(coated.found["conductivity"].values).all()
