"""Several files of one cell: against the same cell in one file, and against real files of looped techniques."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pchp_widgets import ReaderError, open_cell
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.files import FilesError, sources
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.io.synthetic.eclab import Statements, gcpl_columns, write_mpr
from pchp_widgets.model.schema import FLAGS, validate

START = datetime(2024, 1, 10, 11, 2, 29)  # noqa: DTZ001  local time, as EC-Lab writes it
GAP = 5400.0


@pytest.fixture(scope="module")
def trace() -> xr.Dataset:
    """Six cycles of a Li||Li cell."""
    return symmetric_cell(state("PCHP", 6), Recipe(cycles=6, points=25)).points


def cuts(trace: xr.Dataset, *after_cycle: float) -> list[slice]:
    """Points up to the end of some cycles; x.5 is in the middle of the plating of the next."""
    cycle, step = trace["instrument_cycle"].values, trace["instrument_step"].values
    at = []
    for number in after_cycle:
        if number % 1:
            first = int(np.argmax(cycle == int(number) + 1))
            at.append(first + int(np.count_nonzero(step == step[first])) // 2)
        else:
            at.append(int(np.searchsorted(cycle, number, side="right")))
    return [slice(*pair) for pair in zip([0, *at], [*at, len(cycle)], strict=True)]


def write_parts(folder: Path, trace: xr.Dataset, parts: list[slice], names: list[str]) -> list[Path]:
    """One EC-Lab file per part, each with a clock of its own; before every part but the first the cell waits."""
    paths = []
    for number, (part, name) in enumerate(zip(parts, names, strict=True)):
        points = trace.isel(point=part)
        begun = float(points["time"].values[0])
        columns = gcpl_columns(
            points["time"].values - begun, points["voltage"].values, points["current"].values, points["control"].values
        )
        columns |= {"I/mA": points["current"].values}
        start = (START + timedelta(seconds=begun + GAP * number)).isoformat(timespec="milliseconds")
        write_mpr(folder / name, columns, Statements(start=start, channel=3))
        paths.append(folder / name)
    return paths


def write_text(path: Path, trace: xr.Dataset, part: slice) -> Path:
    points = trace.isel(point=part)
    begun = float(points["time"].values[0])
    rows = zip(*(points[name].values for name in ("time", "voltage", "current")), strict=True)
    lines = ["Time (s);Voltage (V);Current (mA)", *(f"{t - begun:.3f};{v:.6f};{i:.6f}" for t, v, i in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def opened(files: object, **metadata: str) -> tuple[xr.DataTree, list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        tree = open_cell(files, kind="symmetric", **metadata)  # type: ignore[arg-type]
    assert [text for text in validate(tree) if "finite" not in text] == []
    return tree, list(tree.attrs["warnings"])


def test_a_cell_cut_into_three_files_is_the_cell_with_the_waits_between(tmp_path: Path, trace: xr.Dataset) -> None:
    (whole,) = write_parts(tmp_path, trace, [slice(None)], ["whole.mpr"])
    parts = write_parts(tmp_path, trace, cuts(trace, 2, 4), ["A_01.mpr", "A_02.mpr", "A_03.mpr"])
    one, _ = opened(whole)
    tree, said = opened(parts[::-1])
    assert tree.name == "A"
    for name in ("charge", "voltage_mean", "mode", "duration"):
        np.testing.assert_allclose(tree["steps"][name].values, one["steps"][name].values, rtol=1e-6, atol=1e-9)
    waited = GAP * (np.array([1, 2, 3, 4, 5, 6]) > 2) + GAP * (np.array([1, 2, 3, 4, 5, 6]) > 4)
    begun = tree["steps"]["time_start"].values[0, :, 0]
    np.testing.assert_allclose(begun, one["steps"]["time_start"].values[0, :, 0] + waited, atol=2e-3)
    counts = [part.stop - part.start for part in cuts(trace, 2, 4)]
    assert np.bincount(tree["points"]["file_number"].values).tolist() == counts
    assert any("nothing was measured for 1.5 h before A_02.mpr, 1.5 h before A_03.mpr" in text for text in said)
    assert any("the starts decide" in text for text in said)


def test_numbers_go_on_and_what_is_added_is_said(tmp_path: Path, trace: xr.Dataset) -> None:
    tree, said = opened(write_parts(tmp_path, trace, cuts(trace, 2, 4), ["A_01.mpr", "A_02.mpr", "A_03.mpr"]))
    assert (np.diff(tree["points"]["instrument_step"].values) >= 0).all()
    assert (np.diff(tree["points"]["instrument_cycle"].values) >= 0).all()
    assert any("cycle numbers of the instrument begin anew" in text and "in A_02.mpr" in text for text in said)
    counter = tree["points"]["charge_counter"].values
    own = tree["steps"]["charge_difference"].values
    assert np.nanmax(np.abs(own)) < 1e-3
    assert np.isfinite(counter).all()


def test_provenance_lists_every_file_in_the_order_of_time(tmp_path: Path, trace: xr.Dataset) -> None:
    parts = write_parts(tmp_path, trace, cuts(trace, 3), ["A_01.mpr", "A_02.mpr"])
    attrs = opened(parts)[0].attrs
    assert attrs["source_file"] == ["A_01.mpr", "A_02.mpr"]
    assert attrs["source_bytes"] == [path.stat().st_size for path in parts]
    assert len(set(attrs["source_sha256"])) == 2
    assert attrs["start_time"].startswith("2024-01-10T11:02:29")


def test_a_half_cycle_that_two_files_share_stays_one_and_nothing_flows_in_between(
    tmp_path: Path, trace: xr.Dataset
) -> None:
    (whole,) = write_parts(tmp_path, trace, [slice(None)], ["whole.mpr"])
    tree, _ = opened(write_parts(tmp_path, trace, cuts(trace, 2.5), ["A_01.mpr", "A_02.mpr"]))
    steps, one = tree["steps"], opened(whole)[0]["steps"]
    assert steps["cycle"].values.tolist() == one["cycle"].values.tolist()
    plated = [float(of["charge"].sel(cycle=3).where(of["charge"].sel(cycle=3) < 0).sum()) for of in (steps, one)]
    lost = 1.5 * abs(plated[1]) / 25  # the interval in which the file was cut
    assert plated[0] == pytest.approx(plated[1], abs=lost)
    assert int((steps["flags"].values & FLAGS["interrupted"]).astype(bool).sum()) == 1


def test_files_that_do_not_tell_their_start_are_appended_and_that_is_said(tmp_path: Path, trace: xr.Dataset) -> None:
    names = [write_text(tmp_path / f"A_{at}.csv", trace, part) for at, part in enumerate(cuts(trace, 2, 4), start=1)]
    tree, said = opened(names)
    assert tree["steps"].sizes["cycle"] == 6
    assert (np.diff(tree["points"]["time"].values) >= 0).all()
    assert sum("the gap between them is assumed to be 0 s" in text for text in said) == 2


def test_a_clock_that_runs_on_is_believed(tmp_path: Path, trace: xr.Dataset) -> None:
    parts = []
    for at, part in enumerate(cuts(trace, 3)):
        points = trace.isel(point=part)
        rows = zip(*(points[name].values for name in ("time", "voltage", "current")), strict=True)
        lines = ["Time (s);Voltage (V);Current (mA)", *(f"{t + 600 * at:.3f};{v:.6f};{i:.6f}" for t, v, i in rows)]
        parts.append(tmp_path / f"A_{at}.csv")
        parts[-1].write_text("\n".join(lines) + "\n", "utf-8")
    tree, said = opened(parts)
    assert float(tree["points"]["time"].values[-1]) == pytest.approx(float(trace["time"].values[-1]) + 600, abs=1e-3)
    assert any("runs on from that of A_0.csv" in text for text in said)


def test_the_same_file_twice_is_refused(tmp_path: Path, trace: xr.Dataset) -> None:
    first = write_text(tmp_path / "A.csv", trace, slice(None))
    copy = write_text(tmp_path / "copy.csv", trace, slice(None))
    with pytest.raises(FilesError, match=r"A\.csv is given twice"):
        open_cell([first, first])
    with pytest.raises(ReaderError, match=r"copy\.csv: is the same file as A\.csv, byte for byte"):
        open_cell([first, copy])
    half = write_text(tmp_path / "half.csv", trace, slice(0, 90))
    with pytest.raises(ReaderError, match=r"holds the same points as A\.csv, from the beginning on"):
        open_cell([first, half])


def test_traces_that_overlap_in_time_are_refused(tmp_path: Path, trace: xr.Dataset) -> None:
    later = write_parts(tmp_path, trace, cuts(trace, 3), ["A_01.mpr", "A_02.mpr"])[1]
    other = symmetric_cell(state("bare", 6), Recipe(cycles=6, points=25), seed=3).points
    (whole,) = write_parts(tmp_path, other, [slice(None)], ["B_01.mpr"])
    with pytest.raises(ReaderError, match=r"A_02\.mpr: begins .* before B_01\.mpr ends: these are two cells, or"):
        open_cell([whole, later])


def test_two_channels_that_were_started_at_once_are_not_taken_for_looped_techniques(
    tmp_path: Path, trace: xr.Dataset
) -> None:
    other = symmetric_cell(state("bare", 6), Recipe(cycles=6, points=25), seed=3).points
    (first,) = write_parts(tmp_path, trace, [slice(None)], ["A_1.mpr"])
    (second,) = write_parts(tmp_path, other, [slice(None)], ["A_2.mpr"])
    with pytest.raises(ReaderError, match="these are two cells"):
        open_cell([first, second])


def test_files_of_different_columns_and_readers_make_one_cell(tmp_path: Path, trace: xr.Dataset) -> None:
    first, second = cuts(trace, 3)
    write_parts(tmp_path, trace, [first], ["A_01.mpr"])
    tree, said = opened([tmp_path / "A_01.mpr", write_text(tmp_path / "A_02.csv", trace, second)])
    assert tree["steps"].sizes["cycle"] == 6
    assert tree.attrs["reader"] == ["biologic-mpr", "delimited-text"]
    assert np.isnan(tree["points"]["charge_counter"].values[-10:]).all()
    assert any("A_02.csv: without step numbers of the instrument" in text for text in said)
    assert any("A_02.csv: without a charge counter" in text for text in said)


def test_statements_that_contradict_each_other_are_not_used(tmp_path: Path, trace: xr.Dataset) -> None:
    paths = write_parts(tmp_path, trace, cuts(trace, 3), ["A_01.mpr", "A_02.mpr"])
    points = trace.isel(point=cuts(trace, 3)[1])
    columns = gcpl_columns(points["time"], points["voltage"], points["current"], points["control"])
    write_mpr(paths[1], columns, Statements(start="2024-02-01T00:00:00.000", area=0.5))
    points = trace.isel(point=cuts(trace, 3)[0])
    columns = gcpl_columns(points["time"], points["voltage"], points["current"], points["control"])
    write_mpr(paths[0], columns, Statements(start="2024-01-01T00:00:00.000", area=0.7))
    tree, said = opened(paths)
    assert np.isnan(tree["steps"]["area"].item())
    assert any("area: A_01.mpr says 0.7 cm2, A_02.mpr says 0.5 cm2; none of them is used" in text for text in said)
    assert opened(paths, area="0.6 cm2")[0]["steps"]["area"].item() == 0.6


def spectrum_columns(seconds: float) -> dict[str | int, np.ndarray]:
    frequency = np.geomspace(1e5, 1, 11)
    z = 10 + 20 / (1 + 2j * np.pi * frequency * 1e-3)
    return {
        "freq/Hz": frequency,
        "Re(Z)/Ohm": z.real,
        "-Im(Z)/Ohm": -z.imag,
        "time/s": seconds + np.arange(11.0),
        "Ewe/V": np.zeros(11),
        "I/mA": np.zeros(11),
    }


def test_spectra_are_attached_at_the_cycle_of_their_start(tmp_path: Path, trace: xr.Dataset) -> None:
    parts = write_parts(tmp_path, trace, cuts(trace, 2, 4), ["A_01.mpr", "A_03.mpr", "A_05.mpr"])
    begun = float(trace["time"].values[0])
    ends = [float(trace["time"].values[part.stop - 1]) for part in cuts(trace, 2, 4)[:2]]
    for at, (end, name) in enumerate(zip(ends, ("A_02_PEIS.mpr", "A_04_PEIS.mpr"), strict=True)):
        start = (START + timedelta(seconds=end + GAP * at + 600)).isoformat(timespec="milliseconds")
        write_mpr(tmp_path / name, spectrum_columns(0.0), Statements(technique="PEIS", start=start, channel=3))
    tree, _ = opened(sorted(tmp_path.glob("*.mpr")))
    assert tree["spectra"]["cycle"].values.tolist() == [[2, 4]]
    np.testing.assert_allclose(
        tree["spectra"]["time"].values[0], [ends[0] + 600 - begun, ends[1] + GAP + 600 - begun], atol=2e-3
    )
    assert int((tree["steps"]["mode"].values == 7).sum()) == 2
    assert len(parts) == 3


def test_spectra_taken_while_the_trace_ran_on_leave_it_as_it_is(tmp_path: Path, trace: xr.Dataset) -> None:
    write_parts(tmp_path, trace, [slice(None)], ["A.mpr"])
    at = float(trace["time"].values[trace.sizes["point"] // 2])
    columns = spectrum_columns(0.0)
    columns["time/s"] = 1000.0 * np.arange(11.0)
    start = (START + timedelta(seconds=at)).isoformat(timespec="milliseconds")
    write_mpr(tmp_path / "A_EIS.mpr", columns, Statements(technique="PEIS", start=start, channel=5))
    tree, said = opened([tmp_path / "A.mpr", tmp_path / "A_EIS.mpr"])
    assert tree["points"].sizes["point"] == trace.sizes["point"]
    assert tree["spectra"].sizes["spectrum"] == 1
    assert "A_EIS.mpr was measured while A.mpr ran on: its spectra are taken, its points not" in said


def test_a_start_means_nothing_beside_a_trace_that_tells_none(tmp_path: Path, trace: xr.Dataset) -> None:
    write_text(tmp_path / "A.csv", trace, slice(None))
    columns = spectrum_columns(0.0)
    columns = {name: columns[name] for name in ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm", "time/s")}
    write_mpr(tmp_path / "A_EIS.mpr", columns, Statements(technique="PEIS", start="2024-01-10T11:02:29.000"))
    tree, said = opened([tmp_path / "A.csv", tmp_path / "A_EIS.mpr"])
    assert tree["spectra"]["cycle"].values.tolist() == [[-1]]
    assert np.isnan(tree["spectra"]["time"].values).all()
    assert any("when its spectra were taken is not known" in text for text in said)


def test_the_cycle_in_the_name_wins_over_an_unknown_time(tmp_path: Path, trace: xr.Dataset) -> None:
    write_text(tmp_path / "A.csv", trace, slice(None))
    for cycle in (2, 5, 10):
        columns = spectrum_columns(0.0)
        columns["Re(Z)/Ohm"] = columns["Re(Z)/Ohm"] + cycle
        header = "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\n"
        rows = zip(*(columns[name] for name in ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm")), strict=True)
        text = header + "\n".join("\t".join(f"{value:.6E}" for value in row) for row in rows) + "\n"
        (tmp_path / f"A_EIS_{cycle}.mpt").write_text(text, "utf-8")
    tree, said = opened([tmp_path / "A.csv", tmp_path / "A_EIS_{cycle}.mpt"])
    assert tree["spectra"]["cycle"].values.tolist() == [[2, 5, 10]]
    assert np.isnan(tree["spectra"]["time"].values).all()
    assert tree["spectra"]["z_real"].values[0, :, 0] == pytest.approx([12, 15, 20], abs=0.01)
    assert "spectra were taken in cycle 10 by the names of their files, but the trace has cycles 1 to 6" in said


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("B_*.mpr", "'B_*.mpr' matches no file in"),
        ("no/*.mpr", "there is no folder"),
        ("cell_1*.mpr", "matches the files of more than one cell: cell_10_01.mpr and cell_1_01.mpr"),
        ("*.mpr", "matches the files of more than one cell"),
        ("A_{n}.mpr", "{n} means nothing here; the only placeholder is {cycle}"),
    ],
)
def test_a_pattern_that_means_nothing_or_two_cells_is_refused(tmp_path: Path, pattern: str, said: str) -> None:
    for name in ("A_1.mpr", "A_2.mpr", "A_10.mpr", "cell_1_01.mpr", "cell_10_01.mpr"):
        (tmp_path / name).touch()
    with pytest.raises(FilesError) as error:
        sources(pattern, tmp_path)
    assert said in str(error.value)


def test_patterns_sort_as_a_person_counts_and_take_names_with_brackets(tmp_path: Path) -> None:
    for name in ("A_1.mpr", "A_2.mpr", "A_10.mpr", "A [old].mpr"):
        (tmp_path / name).touch()
    found = sources("A_{cycle}.mpr", tmp_path)
    assert [(source.path.name, source.cycle) for source in found] == [("A_1.mpr", 1), ("A_2.mpr", 2), ("A_10.mpr", 10)]
    assert [source.path.name for source in sources("A_*.mpr", tmp_path)] == ["A_1.mpr", "A_2.mpr", "A_10.mpr"]
    assert [source.path.name for source in sources(tmp_path / "A_*.mpr")] == ["A_1.mpr", "A_2.mpr", "A_10.mpr"]
    for name in ("B_01.mpr", "B_02.mpr"):
        (tmp_path / name).touch()
    assert [source.path.name for source in sources("B_0*.mpr", tmp_path)] == ["B_01.mpr", "B_02.mpr"]
    assert sources("A [old].mpr", tmp_path)[0].path == tmp_path / "A [old].mpr"


def test_linked_techniques_of_eclab_follow_each_other(shared_data: Path) -> None:
    folder = shared_data / "cycler" / "navani" / "Example_data"
    tree, said = opened(folder / "00_test_*.mpr")
    assert tree.attrs["source_file"] == [f"00_test_{name}_C01.mpr" for name in ("01_OCV", "02_OCV", "02_MB", "04_MB")]
    time = tree["points"]["time"].values
    assert (np.diff(time) > 0).all()
    # started 2023-12-07T14:22:24.183 and 2023-12-08T09:49:52.346, where the clock stood at 6.2 s
    first = int(np.argmax(tree["points"]["file_number"].values == 2))
    assert time[first] == pytest.approx(70048.163 + 6.2, abs=0.1)
    assert any("19.5 h before 00_test_02_MB_C01.mpr" in text for text in said)


def test_looped_techniques_of_eclab_take_turns(shared_data: Path) -> None:
    folder = shared_data / "cycler" / "yadg" / "tests" / "test_x_eclab"
    names = ("ocv", "cp", "ca", "gcpl", "geis", "peis")
    tree, said = opened([folder / f"{name}.issue_149.mpr" for name in names])
    assert (np.diff(tree["points"]["time"].values) > 0).all()
    assert tree["points"].sizes["point"] == 43 + 44 + 80 + 132 + 84 + 84
    assert (np.diff(tree["points"]["file_number"].values) != 0).sum() == 4 * 6 - 1  # four loops of six techniques
    assert tree["spectra"].sizes["spectrum"] == 8
    assert any("took turns" in text for text in said)


def test_a_test_that_arbin_split_is_one_cell(shared_data: Path) -> None:
    tree, said = opened(shared_data / "cycler" / "cellpy" / "examples" / "data" / "20210210_FC_01_cc_*.res")
    assert tree.name == "20210210_FC_01_cc"
    cycle, file = (tree["points"][name].values for name in ("instrument_cycle", "file_number"))
    assert [sorted(set(cycle[file == number].tolist())) for number in (0, 1)] == [[1, 2, 3], list(range(4, 23))]
    # started 2021-05-10T10:14:40 and 2021-06-11T14:17:02; the first record of the second is at 10 s
    begun = float(tree["points"]["time"].values[np.argmax(file == 1)])
    assert begun == pytest.approx(32 * 86400 + 4 * 3600 + 142 + 10, abs=1.0)
    assert np.nanmax(np.abs(tree["steps"]["charge_difference"].values)) < 0.02
    assert any("added to them: 3 in 20210210_FC_01_cc_04.res" in text for text in said)
