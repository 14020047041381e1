"""Full cells of a study beside those of others, by stated conventions."""

from __future__ import annotations

from pathlib import Path

import pytest

from pchp_widgets.analysis.audit import Facts, fact
from pchp_widgets.reports.benchmark import COLUMNS, benchmark_results, benchmarks
from pchp_widgets.reports.display import Text
from pchp_widgets.reports.errors import ReportError

OWN: dict[str, str | float] = {
    "lithium_thickness": "35 um",
    "nominal_capacity": "2.8 mA h cm-2",
    "cycles": 500,
    "retention": 0.93,
    "current_density": "2 mA cm-2",
}
FACTS = Facts({"LFP PCHP, 2.8 mA h cm⁻²": {name: fact(name, said) for name, said in OWN.items()}, "Li||Li bare": {}})
HEADER = ",".join(COLUMNS)


def test_cells_of_a_study_stand_at_their_ratio_and_cycles() -> None:
    (one,) = [benchmarks(FACTS).isel(entry=at) for at in range(1)]
    assert float(one["n_to_p"]) == pytest.approx(2.58, abs=0.005)
    assert float(one["cumulative_capacity"]) == pytest.approx(1.4)
    assert str(one["coating"].item()) == "PCHP"


def test_others_are_brought_to_the_same_convention(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.csv"
    file.write_text(f"{HEADER}\nA,somebody 2020,(N+P)/P,3.5,200,0.8,0.5 mA/cm2,4\nB,other 2021,N/P,2.5,100,,1,3\n")
    found = benchmarks(FACTS, file)
    assert found["n_to_p"].values[1:].tolist() == [2.5, 2.5]
    assert found["own"].values.tolist() == [1, 0, 0]
    figure, table = benchmark_results(found)
    assert "somebody 2020" in table.text()  # type: ignore[attr-defined]
    assert len(figure.pictures[0].layers) == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entry,source\nA,b\n", "the column convention is missing"),
        (f"{HEADER}\nA,b,N:P,3.5,200,0.8,0.5,4\n", r"line 2: convention 'N:P'; write N/P or \(N\+P\)/P"),
        (f"{HEADER}\nA,b,N/P,3.5,200,0.8,0.5 mV,4\n", "line 2: current_density: '0.5 mV'"),
    ],
)
def test_a_wrong_row_is_refused_by_file_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "benchmarks.csv"
    file.write_text(text)
    with pytest.raises(ReportError, match=message):
        benchmarks(FACTS, file)


def test_a_study_without_full_cells_says_so() -> None:
    (said,) = benchmark_results(benchmarks(Facts()))
    assert isinstance(said, Text)
