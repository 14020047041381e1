"""What the report of impedance over the cycles says, against the truth the spectra were made from."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.io.cell import cell_tree
from pchp_widgets.io.contract import Recording
from pchp_widgets.reports import impedance_series as report
from pchp_widgets.reports import impedance_series_figures as figures
from pchp_widgets.reports import impedance_series_findings as findings
from pchp_widgets.reports import provenance
from pchp_widgets.reports.display import Text
from pchp_widgets.reports.source import Source
from pchp_widgets.reports.tables import Table

CIRCUIT = "R0-p(R1,CPE1)-p(R2,CPE2)"
FREQUENCY = np.geomspace(3e5, 1.0, 40)
TRUTH = {"bare": (3.0, 60.0, 4e-6, 0.85, 40.0, 6e-4, 0.82), "PCHP": (9.0, 30.0, 4e-6, 0.85, 20.0, 6e-4, 0.82)}
FALL = {"bare": (1.0, 0.9, 0.8), "PCHP": (1.0, 0.6, 0.4)}


def tree(name: str, coating: str, folder: Path, seed: int, scatter: float = 0.0, drift: float = 1.0) -> xr.DataTree:
    """Spectra of a cell whose R2 falls, as `open_cell` would give them: without a trace."""
    rng = np.random.default_rng(seed)
    values = np.array([TRUTH[coating]] * 3)
    values[:, 4] *= np.array(FALL[coating]) * (1 + scatter * np.array([0.0, 0.5, 1.0]))
    z = circuit(CIRCUIT).impedance(values, FREQUENCY) * np.geomspace(1.0, drift, len(FREQUENCY))
    z = z * (1 + 2e-3 * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape)))
    columns = {
        "spectrum": np.repeat([1, 2, 3], len(FREQUENCY)),
        "frequency": np.tile(FREQUENCY, 3),
        "z_real": z.real.ravel(),
        "z_imag": z.imag.ravel(),
        "time": np.repeat([0.0, 1e5, 2e5], len(FREQUENCY)),
    }
    flat = xr.Dataset({key: ("point", column) for key, column in columns.items()})
    path = folder / f"{name}.raw"
    path.write_bytes(name.encode())
    reader = SimpleNamespace(name="synthetic", version="1")
    metadata = {"kind": "symmetric", "coating": coating, "area": "1.327 cm2"}
    recording = Recording(xr.Dataset(), spectra=flat, finished=True)
    made = cell_tree(recording, path, reader, name, metadata, "0" * 64)  # type: ignore[arg-type]
    own = made["spectra"].to_dataset()
    made["spectra"] = own.assign(cycle=own["cycle"].copy(data=[[0, 20, 40]]))
    return made


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("raw")
    cells = [
        tree(f"{coating}-{n}", coating, folder, 10 * n + len(coating), 0.02 * n) for coating in TRUTH for n in (1, 2, 3)
    ]
    return Source(cells, "made", "", "", ())


@pytest.fixture(scope="module")
def found(opened: Source) -> report.ImpedanceSeries:
    return report.impedance_series(opened)


def rows(table: Any) -> list[dict[str, str]]:
    assert isinstance(table, Table)
    return list(csv.DictReader(io.StringIO(table.csv())))


def test_the_circuit_is_chosen_by_bic_and_the_table_says_by_how_much(found: report.ImpedanceSeries) -> None:
    assert found.found.attrs["circuit"] == CIRCUIT
    table = {row["circuit"]: row for row in rows(report.circuit_table(found))}
    assert table[CIRCUIT]["chosen"] == "yes"
    assert float(table[CIRCUIT]["above_the_chosen"]) == 0
    assert float(table["R0-p(R1,CPE1)"]["above_the_chosen"]) > 1000


def test_a_circuit_that_is_given_is_fitted(opened: Source) -> None:
    one = report.impedance_series(opened, circuit="R0-p(R1,CPE1)", fixed={"CPE1_n": 0.8}, bounds={"R0": [0.1, 100.0]})
    assert one.choice is None
    assert np.unique(one.found["value"].sel(parameter="CPE1_n").values).tolist() == [0.8]
    said = report.circuit_table(one)
    assert isinstance(said, Text)
    assert "was given" in said.paragraphs[0]
    assert "given" in findings.summary(one, "cell").paragraphs[0]


def test_where_no_circuit_suits_all_the_report_is_made_and_says_so(opened: Source) -> None:
    """Spectra of cells that have little in common: of most, the points lie in the order of no circuit."""
    trees = [tree.copy() for tree in opened.cells]
    for one in trees[1:]:
        spectra = one["spectra"].to_dataset()
        turned = {name: spectra[name].copy(data=spectra[name].values[..., ::-1]) for name in ("z_real", "z_imag")}
        one["spectra"] = spectra.assign(turned)
    made = report.impedance_series(replace(opened, cells=trees))
    assert made.unsuited.startswith("No circuit describes four in five of the spectra")
    said = findings.summary(made, "cell").paragraphs
    assert f"Circuit {made.found.attrs['circuit']}, which does not suit all." in said[0]
    assert said[1] == made.unsuited
    table = report.circuit_table(made)
    assert isinstance(table, Table)
    assert made.unsuited in table.text() or made.unsuited in str(table.notes)
    assert len(rows(report.validity_table(made))) == len(made.rows())


def test_resistances_have_the_true_values_per_cell_area_and_interface(found: report.ImpedanceSeries) -> None:
    table = {(row["cell"], row["cycle"]): row for row in rows(report.resistances_table(found, "interface"))}
    row = table["bare-1", "0"]
    assert float(row["charge_transfer_resistance [ohm]"]) == pytest.approx(40, rel=0.02)
    assert float(row["areal_charge_transfer_resistance [ohm cm2]"]) == pytest.approx(40 * 1.327, rel=0.02)
    assert float(row["interface_charge_transfer_resistance [ohm cm2]"]) == pytest.approx(20 * 1.327, rel=0.02)
    assert float(row["series_resistance_stderr [ohm]"]) > 0
    assert len(table) == 18


def test_every_parameter_of_every_fit_is_in_the_csv(found: report.ImpedanceSeries) -> None:
    table = rows(report.parameters_table(found))
    assert len(table) == 18
    assert {"R0 [ohm]", "CPE1_Q [ohm-1 s^n]", "CPE2_n", "CPE2_n_stderr", "reduced_chi_squared"} <= table[0].keys()


def test_the_kramers_kronig_table_has_a_row_per_spectrum(found: report.ImpedanceSeries) -> None:
    table = rows(report.validity_table(found))
    assert len(table) == 18
    assert {row["verdict"] for row in table} <= {"passes", "undecided"}
    assert all(0 < float(row["mu"]) <= 1 for row in table)
    assert [row["pass"] for row in rows(report.cells_table(found))].count("3") >= 5


def test_a_cell_whose_spectra_fail_has_no_resistances_and_is_told(tmp_path: Path) -> None:
    bad = Source([tree("drift", "bare", tmp_path, 1, drift=2.0)], "made", "", "", ())
    of = report.impedance_series(bad, circuit=CIRCUIT)
    assert "3 fail" in findings.summary(of, "cell").paragraphs[0]
    assert {row["verdict"] for row in rows(report.validity_table(of))} == {"fails"}
    assert {row["series_resistance [ohm]"] for row in rows(report.resistances_table(of, "cell"))} == {""}
    assert not any("charge-transfer" in text for text in findings.summary(of, "cell").paragraphs)


def test_the_fall_of_the_charge_transfer_resistance_has_an_interval_over_replicates(
    found: report.ImpedanceSeries,
) -> None:
    table = rows(findings.replicates_table(found, "interface"))
    of = {(row["resistance"], row["coating"]): row for row in table}
    coated = of["charge-transfer resistance", "PCHP"]
    assert float(coated["low"]) < 0.4 * 1.04 < float(coated["high"])
    assert coated["verdict"] == "fell"
    assert of["series resistance", "bare"]["verdict"] == "not resolved"
    text = " ".join(findings.summary(found, "interface").paragraphs)
    assert "Charge-transfer resistance of PCHP cells from cycle 0 to 40: times 0.4" in text
    assert "it fell; by the errors of the fits it fell in 3 of 3 cells" in text


def test_one_cell_of_a_kind_says_nothing_of_its_coating(opened: Source) -> None:
    alone = Source(opened.cells[:1], "made", "", "", ())
    text = " ".join(findings.summary(report.impedance_series(alone, circuit=CIRCUIT), "cell").paragraphs)
    assert "Without replicates nothing is said of the coating" in text
    said = findings.reference_table(report.impedance_series(alone, circuit=CIRCUIT), "cell")
    assert isinstance(said, Text)
    assert "it takes bare and coated cells" in said.paragraphs[0]


def test_coated_cells_are_compared_with_bare_ones(found: report.ImpedanceSeries) -> None:
    table = rows(findings.reference_table(found, "cell"))
    of = {(row["resistance"], row["cycle"]): row for row in table}
    first = of["charge-transfer resistance", "0"]
    assert float(first["ratio"]) == pytest.approx(0.5, rel=0.03)
    assert float(first["low"]) < 0.5 < float(first["high"]) or float(first["ratio"]) == pytest.approx(0.5, rel=0.01)
    assert float(of["series resistance", "40"]["ratio"]) == pytest.approx(3.0, rel=0.03)


def test_points_and_frequencies_can_be_left_out(opened: Source) -> None:
    one = Source(opened.cells[:1], "made", "", "", ())
    left = [["bare-1", 2, float(FREQUENCY[5])], ["", -1, float(FREQUENCY[7])]]
    of = report.impedance_series(one, circuit=CIRCUIT, omitted=left, window=[2.0, 4e5])
    assert of.found["points"].values.ravel().tolist() == [36, 35, 36]
    for wrong, words in (([["a", 1]], "write \\[cell, spectrum"), ([["a", "b", "c"]], "write \\[cell, spectrum")):
        with pytest.raises(ValueError, match=words):
            report.impedance_series(one, circuit=CIRCUIT, omitted=wrong)
    with pytest.raises(ValueError, match="window"):
        report.impedance_series(one, circuit=CIRCUIT, window=[10.0])


def test_figures_show_the_cycles_asked_for(found: report.ImpedanceSeries) -> None:
    shown = figures.nyquist(found, [20], "area")
    assert [one.caption.partition(",")[0] for one in shown] == ["Nyquist plot of cycle 20"]
    assert shown[0].pictures[0].equal
    assert shown[0].pictures[0].x.units == "Ω cm²"
    assert len(figures.nyquist(found, [], "cell")) == 3
    with pytest.raises(ValueError, match="no cell has a spectrum of cycle 7; there are 0, 20, 40"):
        figures.nyquist(found, [7], "cell")
    assert len(figures.over_cycles(found, "interface")) == 4
    assert "of the whole cell" in figures.over_cycles(found, "interface")[0].caption
    assert len(figures.bode(found, [], "cell")) == 2
    assert len(figures.residuals(found, [])) == 2
    assert [one.title for one in figures.relaxation(found, [], "cell").pictures] == ["cycle 0", "cycle 40"]


def test_peaks_of_the_relaxation_times_are_those_of_the_arcs(found: report.ImpedanceSeries) -> None:
    table = [row for row in rows(report.relaxation_table(found)) if row["cell"] == "bare-1" and row["cycle"] == "0"]
    largest = sorted(table, key=lambda row: -float(row["share [%]"]))[:2]
    truth = [(r * q) ** (1 / n) for r, q, n in (TRUTH["bare"][1:4], TRUTH["bare"][4:7])]
    tau = sorted(float(row["time_constant [s]"]) for row in largest)
    assert np.log10(tau) == pytest.approx(np.log10(truth), abs=0.15)


def test_cells_without_a_trace_have_their_provenance(opened: Source) -> None:
    assert rows(provenance.provenance(opened.cells))[0]["reader"] == "synthetic"
    assert "electrolyte" in provenance.missing_metadata(opened.cells).html()
    assert "impedance" in provenance.assumptions(opened.cells).html()
