from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pchp_widgets.io.biologic import MprReader, MptReader, mpr, mpt
from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.registry import reader_for
from pchp_widgets.io.synthetic.eclab import Statements, gcpl_columns, write_mpr, write_mpt
from pchp_widgets.model.schema import validate

TIME = np.arange(0, 400, 10.0) + 0.1
CURRENT = np.where(TIME // 100 % 2 == 0, -0.5, 0.5)
CURRENT[0] = 0
CYCLING = gcpl_columns(TIME, 0.05 * np.sign(CURRENT), CURRENT, TIME // 200)
STATEMENTS = Statements(
    area=1.13, comment="60 °C\nsecond line", electrolyte="LiFSI 1 M", loops=(0, 20, 40),
    sequences=({"Is": -0.5, "EM (V)": -1.0}, {"Is": 0.5, "EM (V)": 1.0}),
)  # fmt: skip
PARTIAL = ReadOptions(partial=True)


def read(path: Path, options: ReadOptions | None = None) -> Recording:
    return MptReader().read(path, options or ReadOptions())


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "cycling.mpt"
    write_mpt(path, CYCLING, STATEMENTS)
    return path


def edited(path: Path, old: str, new: str, count: int = 1) -> Path:
    text = path.read_bytes().decode("cp1252")
    assert old in text
    path.write_bytes(text.replace(old, new, count).encode("cp1252"))
    return path


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("header", [True, False])
def test_every_dialect_gives_what_the_binary_file_gives(
    tmp_path: Path, decimal: str, newline: str, encoding: str, header: bool
) -> None:
    path = tmp_path / "a.mpt"
    write_mpt(path, CYCLING, STATEMENTS, decimal=decimal, newline=newline, encoding=encoding, header=header)
    write_mpr(tmp_path / "a.mpr", CYCLING, STATEMENTS)
    text, binary = mpt.columns(path), mpr.columns(tmp_path / "a.mpr")
    assert list(text) == [name for name in binary if header or name != "loop"]
    for name, values in text.items():
        tolerance = {"f4": 1e-7, "f8": 1e-15}.get(binary[name].dtype.str[1:], 0)
        np.testing.assert_allclose(values, binary[name], rtol=tolerance, err_msg=name)
    recording = read(path)
    assert validate(recording.points, "points") == []
    assert MptReader().sniff(path.read_bytes()[:8192]) is None
    if header:
        other = MprReader().read(tmp_path / "a.mpr", ReadOptions())
        assert recording.metadata == other.metadata
        for key in ("technique", "comment", "start_time", "instrument", "serial_number", "software", "original_file"):
            assert recording.provenance[key] == other.provenance[key]


def test_the_table_of_parameters_is_kept_for_people(export: Path) -> None:
    assert read(export).settings["parameters"] == {"Ns": ["0", "1"], "Is": ["-0.5", "0.5"], "EM (V)": ["-1", "1"]}


def test_a_default_area_is_no_area(tmp_path: Path) -> None:
    write_mpt(tmp_path / "a.mpt", CYCLING)
    recording = read(tmp_path / "a.mpt")
    assert "area" not in recording.metadata
    assert recording.settings["Electrode surface area"] == "not set (0.001 cm²)"


def test_a_current_eclab_computed_from_dq_is_marked_as_derived(tmp_path: Path) -> None:
    write_mpt(tmp_path / "a.mpt", {**CYCLING, "<I>/mA": CURRENT})
    points = read(tmp_path / "a.mpt").points
    np.testing.assert_allclose(points.current, CURRENT)
    assert points.current.attrs["origin"] == "derived: dq/dt"


def test_ecell_of_bt_lab_is_the_voltage_and_its_temperature_the_temperature(tmp_path: Path) -> None:
    columns = {"Ns": np.zeros(3), "time/s": np.arange(3), "Ecell/V": np.ones(3), "I/mA": np.ones(3)}
    write_mpt(tmp_path / "a.txt", {**columns, "Temperature/°C": np.full(3, 25.0)})
    edited(tmp_path / "a.txt", "EC-Lab ASCII", "BT-Lab ASCII")
    points = read(tmp_path / "a.txt").points
    assert points.voltage.attrs["source"] == "Ecell/V"
    assert points.temperature.values.tolist() == [25.0] * 3
    assert points.temperature.attrs["units"] == "degC"


def test_a_micro_sign_that_was_lost_on_the_way_is_restored(tmp_path: Path) -> None:
    write_mpt(tmp_path / "a.mpt", {**CYCLING, "Capacitance charge/µF": TIME}, encoding="utf-8")
    content = (tmp_path / "a.mpt").read_bytes()
    (tmp_path / "a.mpt").write_bytes(content.replace("µ".encode(), "\ufffd".encode()))
    assert "Capacitance charge/µF" in mpt.columns(tmp_path / "a.mpt")


def test_clock_times_become_seconds_since_the_start_of_acquisition(tmp_path: Path) -> None:
    columns = {"time/s": np.arange(2), "Ewe/V": np.ones(2), "I/mA": np.ones(2)}
    path = tmp_path / "a.mpt"
    write_mpt(path, columns, Statements(technique="MB", start="2024-11-20T11:38:41.707"))
    edited(path, "0.000000000000000E+000", "11/20/2024 11:38:48.171")
    edited(path, "1.000000000000000E+000", "11/21/2024 11:38:49.171")
    np.testing.assert_allclose(read(path).points.time, [6.464, 86407.464])


def test_spectra_of_a_text_export_are_those_of_the_binary_file(tmp_path: Path) -> None:
    frequency = np.tile(np.geomspace(1e5, 1.0, 6), 2)
    rows = np.arange(12.0)
    columns = {
        "freq/Hz": frequency, "Re(Z)/Ohm": 10 + rows, "-Im(Z)/Ohm": 1 + rows, "time/s": rows, "<Ewe>/V": 1 + 0 * rows,
        "<I>/mA": 0 * rows,
    }  # fmt: skip
    statements = Statements(technique="PEIS")
    write_mpt(tmp_path / "a.mpt", columns, statements)
    write_mpr(tmp_path / "a.mpr", columns, statements)
    text, binary = read(tmp_path / "a.mpt").spectra, MprReader().read(tmp_path / "a.mpr", ReadOptions()).spectra
    assert text is not None
    assert binary is not None
    np.testing.assert_allclose(text.to_array(), binary.to_array(), rtol=1e-6)


def test_an_export_of_impedance_alone_has_spectra_and_no_points(tmp_path: Path) -> None:
    frequency = np.geomspace(1e5, 1.0, 6)
    columns = {"freq/Hz": frequency, "Re(Z)/Ohm": frequency, "-Im(Z)/Ohm": frequency}
    write_mpt(tmp_path / "a.mpt", columns, header=False)
    recording = read(tmp_path / "a.mpt")
    assert not recording.points.variables
    assert recording.spectra is not None
    assert recording.spectra.sizes["point"] == 6
    assert recording.warnings == ["has no column time/s: its spectra were read, no points can be made of it"]


class TestDamage:
    def test_a_cut_last_line_is_refused_or_left_out(self, export: Path) -> None:
        content = export.read_bytes().rstrip()
        export.write_bytes(content[: content.rindex(b"E") + 2])
        with pytest.raises(ReaderError, match="the last line is cut"):
            read(export)
        assert read(export, PARTIAL).points.sizes["point"] == len(TIME) - 1

    def test_rows_the_header_tells_of_and_that_are_missing_are_noticed(self, export: Path) -> None:
        lines = export.read_bytes().split(b"\r\n")
        export.write_bytes(b"\r\n".join(lines[:-4]) + b"\r\n")
        with pytest.raises(ReaderError, match="holds 37 of the 40 points"):
            read(export)

    def test_a_cell_that_is_no_number_is_named_or_its_row_left_out(self, export: Path) -> None:
        edited(export, "1.010000000000000E+001", "#VALUE!")
        with pytest.raises(ReaderError, match=r"column 'time/s' holds 1 cells that are no numbers, first '#VALUE!'"):
            read(export)
        # the current is dq over dt, so the row after it has none either
        assert read(export, PARTIAL).points.sizes["point"] == len(TIME) - 2

    @pytest.mark.parametrize("stated", [9, 35])
    def test_a_wrong_number_of_header_lines_is_named(self, stated: int, export: Path) -> None:
        whole = read(export)
        found = read(edited(export, "Nb header lines : 28", f"Nb header lines : {stated}"))
        xr.testing.assert_identical(found.points, whole.points)
        said = f"the header should have {stated} lines, but the columns are named in line 28"
        assert found.warnings == [said, *whole.warnings]

    def test_more_cells_than_names_are_refused(self, export: Path) -> None:
        with pytest.raises(ReaderError, match="which number belongs to which name"):
            read(edited(export, "ox/red\t", ""))

    def test_names_without_cells_are_skipped_by_name(self, export: Path) -> None:
        recording = read(edited(export, "half cycle\t", "half cycle\t\tEwe-Ece/V"))
        assert recording.warnings == ["columns 'Ewe-Ece/V' are named but have no cells, and were skipped"]

    def test_other_text_is_declined_with_the_reason(self) -> None:
        reader = MptReader()
        for head in (b"Time (h);E (V)\n0;1\n", b"\xff\xfe\x00\x01", b"BIO-LOGIC MODULAR FILE", b"time/s\tcomment\n"):
            assert "EC-Lab ASCII FILE" in str(reader.sniff(head))

    @pytest.mark.parametrize("delimiter", [b"\t", b",", b";"])
    @pytest.mark.parametrize("names", [b"time/s freq/Hz Z'/Ohm Z''/Ohm", b"freq/Hz time/s gain/dB Phase(Z)/deg"])
    def test_a_frequency_beside_a_time_makes_no_table_eclabs(self, names: bytes, delimiter: bytes) -> None:
        head = names.replace(b" ", delimiter) + b"\n" + delimiter.join([b"1", b"2", b"3", b"4"]) + b"\n"
        assert "EC-Lab ASCII FILE" in str(MptReader().sniff(head))

    @pytest.mark.parametrize("delimiter", [b"\t", b",", b";"])
    @pytest.mark.parametrize("names", [b"freq/Hz Re(Z)/Ohm -Im(Z)/Ohm", b"freq/Hz time/s |Z|/Ohm Phase(Z)/deg"])
    def test_impedance_under_eclabs_names_is_claimed(self, names: bytes, delimiter: bytes) -> None:
        assert MptReader().sniff(names.replace(b" ", delimiter) + b"\n") is None

    @pytest.mark.parametrize("partial", [False, True])
    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_no_cut_and_no_changed_byte_gives_anything_but_data_or_the_readers_error(
        self, export: Path, partial: bool, data: st.DataObject
    ) -> None:
        content = bytearray(export.read_bytes())
        for _ in range(data.draw(st.integers(0, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        content = content[: data.draw(st.one_of(st.just(len(content)), st.integers(1, len(content))))]
        path = export.with_name("fuzzed.mpt")
        path.write_bytes(content)
        recording = None
        with suppress(ReaderError):
            recording = read(path, ReadOptions(partial=partial))
        if recording is not None and recording.points.variables:
            assert all(np.isfinite(recording.points[name]).all() for name in ("time", "voltage", "current"))


@pytest.fixture
def lines(export: Path) -> list[bytes]:
    return export.read_bytes().replace(b"\r\n", b"\n").split(b"\n")


def _names_at(lines: list[bytes]) -> int:
    return next(at for at, line in enumerate(lines) if b"\t" in line and b"time/s" in line)


@pytest.mark.parametrize("lost", [slice(0, 1), slice(3, 5)])
def test_a_header_that_lost_lines_is_named_and_read(
    lost: slice, lines: list[bytes], export: Path, tmp_path: Path
) -> None:
    whole = MptReader().read(export, ReadOptions()).points
    del lines[lost]
    (tmp_path / "a.txt").write_bytes(b"\n".join(lines))
    found = reader_for(tmp_path / "a.txt").read(tmp_path / "a.txt", ReadOptions())
    xr.testing.assert_identical(found.points, whole)
    assert any("the columns are named in line" in text for text in found.warnings)


def test_names_of_columns_that_come_again_are_left_out_and_counted(
    lines: list[bytes], export: Path, tmp_path: Path
) -> None:
    whole = MptReader().read(export, ReadOptions())
    at = _names_at(lines)
    lines[at + 5 : at + 5] = [lines[at]]
    (tmp_path / "a.mpt").write_bytes(b"\n".join(lines))
    found = MptReader().read(tmp_path / "a.mpt", ReadOptions())
    xr.testing.assert_identical(found.points, whole.points)
    assert found.warnings == ["1 lines repeating the names of the columns: left out", *whole.warnings]


def test_columns_renamed_below_the_header_are_understood_by_their_units(tmp_path: Path) -> None:
    write_mpt(tmp_path / "a.mpt", {**CYCLING, "<I>/mA": CURRENT}, STATEMENTS)
    whole = read(tmp_path / "a.mpt")
    for own, other in (("time/s", "Time (s)"), ("Ewe/V", "Voltage (V)"), ("<I>/mA", "Current (mA)")):
        edited(tmp_path / "a.mpt", own, other)
    found = read(tmp_path / "a.mpt")
    for name in ("time", "voltage", "current"):
        np.testing.assert_allclose(found.points[name], whole.points[name])
    assert found.metadata == whole.metadata
    assert found.provenance == whole.provenance
    assert found.warnings[0] == "the names of the columns are not those EC-Lab writes"


@pytest.mark.parametrize("delimiter", [b",", b";"])
def test_a_table_without_header_between_other_delimiters_is_the_same(
    delimiter: bytes, lines: list[bytes], tmp_path: Path
) -> None:
    table = b"\n".join(lines[_names_at(lines) :])
    found = []
    for between in (b"\t", delimiter):
        (tmp_path / "a.csv").write_bytes(table.replace(b"\t", between))
        assert isinstance(reader_for(tmp_path / "a.csv"), MptReader)
        found.append(read(tmp_path / "a.csv").points)
    xr.testing.assert_identical(*found)
