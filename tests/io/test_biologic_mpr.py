from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pchp_widgets.io.biologic import MprReader, mpr
from pchp_widgets.io.biologic.columns import COLUMNS
from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.io.synthetic.eclab import Statements, gcpl_columns, write_mpr
from pchp_widgets.model.schema import CONTROLS, validate

TIME = np.arange(0, 4000, 10.0)
CURRENT = np.where(TIME // 1000 % 2 == 0, -0.5, 0.5)
CURRENT[0] = 0
VOLTAGE = 0.05 * np.sign(CURRENT) + 1e-6 * TIME
SEQUENCE = TIME // 1000 % 2 + 1
COLUMNS_OF_CYCLING = gcpl_columns(TIME, VOLTAGE, CURRENT, SEQUENCE)
FREQUENCIES = np.geomspace(1e5, 1.0, 6)
PARTIAL = ReadOptions(partial=True)


def read(path: Path, options: ReadOptions | None = None) -> Recording:
    return MprReader().read(path, options or ReadOptions())


@pytest.fixture
def cycling(tmp_path: Path) -> Path:
    path = tmp_path / "cycling.mpr"
    write_mpr(path, COLUMNS_OF_CYCLING)
    return path


def damaged(path: Path, change: dict[str | int, npt.ArrayLike]) -> Path:
    """Beside the file, the same with some columns changed."""
    other = path.with_name("damaged.mpr")
    write_mpr(other, {**COLUMNS_OF_CYCLING, **change})
    return other


@pytest.mark.parametrize("version", [2, 3, 11])
def test_every_version_of_the_data_module_gives_back_every_stored_column(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.mpr"
    write_mpr(path, COLUMNS_OF_CYCLING, version=version)
    columns = mpr.columns(path)
    assert list(columns) == list(COLUMNS_OF_CYCLING)
    for name, values in columns.items():
        np.testing.assert_array_equal(values, np.asarray(COLUMNS_OF_CYCLING[name]).astype(values.dtype), err_msg=name)


def test_the_points_of_a_cycling_file_keep_to_the_schema(cycling: Path) -> None:
    recording = read(cycling)
    assert validate(recording.points, "points") == []
    assert recording.warnings == []
    assert recording.finished is True
    assert recording.spectra is None


def test_current_of_a_file_of_charges_is_dq_over_dt_and_says_so(cycling: Path) -> None:
    points = read(cycling).points
    np.testing.assert_allclose(points.current, CURRENT, rtol=1e-12)
    assert points.current.attrs["origin"] == "derived: dq/dt"
    assert points.current[0] == 0


def test_a_stored_current_is_taken_as_it_is(tmp_path: Path) -> None:
    write_mpr(tmp_path / "a.mpr", {**COLUMNS_OF_CYCLING, "I/mA": CURRENT + 0.001})
    points = read(tmp_path / "a.mpr").points
    np.testing.assert_allclose(points.current, CURRENT + 0.001, rtol=1e-6)
    assert "origin" not in points.current.attrs


def test_every_other_column_stays_under_its_own_name_with_its_unit(cycling: Path) -> None:
    points = read(cycling).points
    for name in COLUMNS_OF_CYCLING.keys() - {"time/s", "Ewe/V", "(Q-Qo)/mA.h"}:
        assert str(name).replace("/", " in ") in points
    assert points["dq in mA.h"].attrs == {"long_name": "dq/mA.h", "units": "mA h"}
    assert points.voltage.attrs["source"] == "Ewe/V"


def test_the_first_half_cycle_of_a_discharge_is_0_and_the_next_2_so_cycles_are_half_of_it(cycling: Path) -> None:
    points = read(cycling).points
    assert np.unique(points["half cycle"]).tolist() == [0, 2, 3, 4]
    np.testing.assert_array_equal(points.instrument_cycle, points["half cycle"].values // 2)


def test_a_step_begins_where_the_sequence_or_the_loop_changes(tmp_path: Path) -> None:
    write_mpr(tmp_path / "a.mpr", COLUMNS_OF_CYCLING, Statements(loops=(0, 50, 200, 400)))
    points = read(tmp_path / "a.mpr").points
    assert (np.flatnonzero(np.diff(points.instrument_step)) + 1).tolist() == [50, 100, 200, 300]
    assert np.unique(points["loop"]).tolist() == [0, 1, 2]


def test_a_sequence_that_goes_to_itself_begins_a_step(cycling: Path) -> None:
    marks = np.zeros(len(TIME), bool)
    marks[[0, 40]] = True
    points = read(damaged(cycling, {"Ns": np.ones(len(TIME)), "Ns changes": marks})).points
    assert (np.flatnonzero(np.diff(points.instrument_step)) + 1).tolist() == [40]


def test_a_charge_counter_that_begins_anew_with_a_sequence_goes_on_and_says_so(cycling: Path) -> None:
    charge = np.asarray(COLUMNS_OF_CYCLING["(Q-Qo)/mA.h"]).copy()
    charge[TIME >= 3500] -= charge[TIME < 3500][-1]
    sequence = np.where(TIME >= 3500, 3, SEQUENCE)
    marks = np.diff(sequence, prepend=1) != 0
    points = read(damaged(cycling, {"(Q-Qo)/mA.h": charge, "Ns": sequence, "Ns changes": marks})).points
    np.testing.assert_allclose(points.charge_counter, np.asarray(COLUMNS_OF_CYCLING["(Q-Qo)/mA.h"]), atol=1e-12)
    assert points.charge_counter.attrs["origin"] == "derived: without its restarts at a sequence or loop (1)"


def test_a_charge_counter_that_runs_back_to_zero_with_a_sequence_stays_as_it_is(cycling: Path) -> None:
    counter = read(cycling).points.charge_counter
    np.testing.assert_array_equal(counter, np.asarray(COLUMNS_OF_CYCLING["(Q-Qo)/mA.h"]))
    assert "origin" not in counter.attrs


def test_control_is_what_the_mode_says(cycling: Path) -> None:
    mode = np.repeat([3, 1, 2, 3], len(TIME) // 4)
    points = read(damaged(cycling, {"mode": mode})).points
    names = [CONTROLS[value] for value in points.control.values[:: len(TIME) // 4]]
    assert names == ["rest", "cc", "cv", "rest"]


def test_a_rest_without_a_current_column_carries_no_current_and_says_so(tmp_path: Path) -> None:
    write_mpr(tmp_path / "a.mpr", {"mode": np.full(5, 3), "time/s": np.arange(5), "<Ewe>/V": np.ones(5)})
    points = read(tmp_path / "a.mpr").points
    assert not points.current.any()
    assert points.current.attrs["origin"] == "derived: open circuit"


def test_a_missing_current_is_never_made_up(tmp_path: Path) -> None:
    write_mpr(tmp_path / "a.mpr", {"mode": np.full(5, 1), "time/s": np.arange(5), "Ewe/V": np.ones(5)})
    with pytest.raises(ReaderError, match=r"no column I/mA or <I>/mA or dq/mA\.h.*Export it again"):
        read(tmp_path / "a.mpr")


def test_charge_in_coulomb_becomes_milliampere_hours(tmp_path: Path) -> None:
    charge = np.linspace(0, 36, 5)
    columns = {"mode": np.full(5, 2), "time/s": np.arange(5), "Ewe/V": np.ones(5), "<I>/mA": charge, "(Q-Qo)/C": charge}
    write_mpr(tmp_path / "a.mpr", columns, Statements(technique="CA"))
    np.testing.assert_allclose(read(tmp_path / "a.mpr").points.charge_counter, charge / 3.6)


def test_a_file_without_rows_opens_and_says_so(tmp_path: Path) -> None:
    columns = {"mode": np.zeros(0), "time/s": np.zeros(0), "Ewe/V": np.zeros(0), "I/mA": np.zeros(0)}
    write_mpr(tmp_path / "a.mpr", columns, Statements(technique="Wait"))
    recording = read(tmp_path / "a.mpr")
    assert recording.points.sizes["point"] == 0
    assert recording.warnings == ["the file holds no points"]


class TestStatements:
    def test_what_was_typed_into_eclab_is_given_back(self, tmp_path: Path) -> None:
        statements = Statements(
            start="2021-08-23T11:44:40.646", area=1.13, comment="60 °C\nsecond line", electrolyte="LiFSI 1 M",
            instrument="VSP", serial_number="1705", channel=5, software="11.43", original_file="C:\\a\\b.mpr",
        )  # fmt: skip
        write_mpr(tmp_path / "a.mpr", COLUMNS_OF_CYCLING, statements)
        recording = read(tmp_path / "a.mpr")
        assert recording.metadata == {"area": "1.13 cm2", "electrolyte": "LiFSI 1 M"}
        expected = {
            "technique": "GCPL", "start_time": "2021-08-23T11:44:40.646", "comment": "60 °C\nsecond line",
            "instrument": "VSP", "serial_number": "1705", "channel": "5", "software": "EC-Lab v11.43",
            "original_file": "C:\\a\\b.mpr",
        }  # fmt: skip
        assert expected.items() <= recording.provenance.items()

    @pytest.mark.parametrize("area", [0.0, 0.001])
    def test_a_default_area_is_no_area(self, tmp_path: Path, area: float) -> None:
        write_mpr(tmp_path / "a.mpr", COLUMNS_OF_CYCLING, Statements(area=area))
        recording = read(tmp_path / "a.mpr")
        assert "area" not in recording.metadata
        assert str(recording.settings["Electrode surface area"]).startswith("not set")

    @pytest.mark.parametrize("version", [2, 3, 11])
    def test_the_sequences_of_the_technique_are_decoded(self, tmp_path: Path, version: int) -> None:
        sequences = ({"Is": -11.0, "unit Is": 2, "EM (V)": -1.0}, {"Is": 11.0, "unit Is": 2, "EL (V)": np.nan})
        write_mpr(tmp_path / "a.mpr", COLUMNS_OF_CYCLING, Statements(sequences=sequences), version=version)
        parameters = read(tmp_path / "a.mpr").settings["parameters"]
        assert isinstance(parameters, dict)
        assert parameters["Ns"] == [0, 1]
        assert parameters["Is"] == [-11.0, 11.0]
        assert parameters["unit Is"] == ["µA", "µA"]
        assert parameters["EM (V)"] == [-1.0, 0.0]
        assert parameters["EL (V)"] == [0.0, "pass"]


class TestImpedance:
    def columns(self, frequency: np.ndarray) -> dict[str | int, np.ndarray]:
        rows = np.arange(len(frequency))
        return {
            "freq/Hz": frequency, "Re(Z)/Ohm": 10.0 + rows, "-Im(Z)/Ohm": 1.0 + rows, "time/s": 2.0 * rows,
            77: 3.7 + 0 * rows, 76: 0 * rows, "Cs/µF": rows, "I Range": rows,
        }  # fmt: skip

    def test_a_spectrum_begins_where_the_frequency_turns_back(self, tmp_path: Path) -> None:
        write_mpr(tmp_path / "a.mpr", self.columns(np.tile(FREQUENCIES, 3)), Statements(technique="PEIS"))
        recording = read(tmp_path / "a.mpr")
        spectra = recording.spectra
        assert spectra is not None
        np.testing.assert_array_equal(spectra.spectrum, np.repeat([0, 1, 2], 6))
        np.testing.assert_array_equal(spectra.z_imag, -1.0 - np.arange(18))
        assert spectra.z_real.attrs["units"] == "ohm"
        assert spectra["Cs in µF"].attrs["units"] == "uF"
        assert set(recording.points.control.values) == {CONTROLS.index("eis")}
        assert "Cs in µF" not in recording.points
        assert "I Range" in recording.points

    def test_a_sweep_up_after_a_sweep_down_is_a_spectrum_of_its_own(self, tmp_path: Path) -> None:
        sweep = np.concatenate([FREQUENCIES, FREQUENCIES[::-1]])
        write_mpr(tmp_path / "a.mpr", self.columns(sweep), Statements(technique="PEIS"))
        spectra = read(tmp_path / "a.mpr").spectra
        assert spectra is not None
        assert np.bincount(spectra.spectrum).tolist() == [6, 6]

    def test_rows_at_0_hz_are_points_of_the_direct_current(self, tmp_path: Path) -> None:
        frequency = np.concatenate([[0.0, 0.0], FREQUENCIES])
        write_mpr(tmp_path / "a.mpr", self.columns(frequency), Statements(technique="GEIS"))
        recording = read(tmp_path / "a.mpr")
        assert recording.spectra is not None
        assert recording.spectra.sizes["point"] == 6
        assert [CONTROLS[value] for value in recording.points.control.values[:3]] == ["cc", "cc", "eis"]
        assert any(text.startswith("2 rows without a frequency") for text in recording.warnings)

    def test_modulus_and_phase_alone_give_the_same_impedance(self, tmp_path: Path) -> None:
        z = 10 + 5j / FREQUENCIES - 2j
        rows = np.arange(6)
        columns = {
            "mode": np.full(6, 1), "time/s": rows, "Ewe/V": 3.7 + 0 * rows, "I/mA": 0 * rows, "freq/Hz": FREQUENCIES,
            "|Z|/Ohm": np.abs(z), "Phase(Z)/deg": np.rad2deg(np.angle(z)),
        }  # fmt: skip
        write_mpr(tmp_path / "a.mpr", columns, Statements(technique="MB"))
        spectra = read(tmp_path / "a.mpr").spectra
        assert spectra is not None
        np.testing.assert_allclose(spectra.z_real + 1j * spectra.z_imag, z, rtol=1e-6)


class TestUnknownColumns:
    def read_without(self, path: Path, monkeypatch: pytest.MonkeyPatch, *ids: int) -> Recording:
        for identifier in ids:
            monkeypatch.delitem(COLUMNS, identifier)
        return read(path)

    def test_one_unknown_column_is_named_and_costs_no_other(
        self, cycling: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = mpr.columns(cycling)
        recording = self.read_without(cycling, monkeypatch, 5)
        assert recording.warnings == ["column ids 5 are not known and were skipped (bytes 27 to 30 of every row)"]
        kept = mpr.columns(cycling)
        assert kept.keys() == whole.keys() - {"control/V/mA"}
        for name, values in kept.items():
            np.testing.assert_array_equal(values, whole[name])

    def test_columns_between_two_unknown_ones_are_given_up_by_name_never_misplaced(
        self, cycling: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = mpr.columns(cycling)
        recording = self.read_without(cycling, monkeypatch, 39, 468)
        assert "ids 39, 468 are not known and were skipped (bytes 35 to 48 of every row)" in recording.warnings[0]
        assert "'Q charge/discharge/mA.h' between them could not be placed" in recording.warnings[0]
        for name, values in mpr.columns(cycling).items():
            np.testing.assert_array_equal(values, whole[name])

    def test_a_voltage_that_cannot_be_placed_is_never_made_up(
        self, cycling: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(ReaderError, match=r"no column Ewe/V .* or none that can be placed"):
            self.read_without(cycling, monkeypatch, 13, 39)

    def test_an_unknown_version_is_refused_by_its_number(self, cycling: Path) -> None:
        content = bytearray(cycling.read_bytes())
        place = content.index(b"VMP data") - 6 + 53
        content[place] = 7
        cycling.write_bytes(content)
        with pytest.raises(ReaderError, match=r"version 7; known are 2, 3, 11.*\.mpt"):
            read(cycling)


class TestDamage:
    def test_a_cut_file_is_refused_or_gives_the_rows_that_are_there(self, cycling: Path) -> None:
        whole = mpr.columns(cycling)
        content = cycling.read_bytes()
        cycling.write_bytes(content[: content.index(b"VMP LOG") - 6 - 2000])
        with pytest.raises(ReaderError, match=r"cut or is still being written.*partial=True"):
            read(cycling)
        recording = read(cycling, PARTIAL)
        rows = recording.points.sizes["point"]
        assert 0 < rows < len(TIME)
        assert recording.finished is False
        assert f"{rows} of {len(TIME)} points are in the file" in recording.warnings
        np.testing.assert_array_equal(recording.points.time, whole["time/s"][:rows])

    def test_a_running_test_is_read_and_not_finished(self, tmp_path: Path) -> None:
        write_mpr(tmp_path / "a.mpr", COLUMNS_OF_CYCLING, Statements(finished=False))
        recording = read(tmp_path / "a.mpr")
        assert recording.finished is False
        assert "while the test was running" in recording.warnings[0]

    def test_a_time_out_of_order_is_refused_or_left_out_with_the_row_that_needs_it(self, cycling: Path) -> None:
        path = damaged(cycling, {"time/s": np.where(np.arange(len(TIME)) == 7, 1e6, TIME)})
        with pytest.raises(ReaderError, match="time/s is impossible in row 7"):
            read(path)
        recording = read(path, PARTIAL)
        np.testing.assert_array_equal(recording.points.time, np.delete(TIME, [7, 8]))
        np.testing.assert_allclose(recording.points.current, np.delete(CURRENT, [7, 8]))
        assert f"2 of {len(TIME)} rows were left out" in recording.warnings

    def test_a_clock_that_starts_anew_is_kept_and_named(self, cycling: Path) -> None:
        recording = read(damaged(cycling, {"time/s": np.concatenate([TIME[:200], TIME[:200]])}))
        assert recording.points.sizes["point"] == len(TIME)
        assert recording.warnings == ["the clock starts anew at row 200: were several files joined?"]

    @pytest.mark.parametrize(
        ("name", "value"), [("mode", 0), ("Ewe/V", np.inf), ("Ewe/V", 1e30), ("dq/mA.h", np.nan), ("half cycle", 9)]
    )
    def test_a_value_that_cannot_be_is_refused(self, cycling: Path, name: str, value: float) -> None:
        values = np.array(COLUMNS_OF_CYCLING[name], float)
        values[5] = value
        with pytest.raises(ReaderError, match=f"{name} is impossible in row 5"):
            read(damaged(cycling, {name: values}))

    def test_charges_that_contradict_each_other_are_named(self, cycling: Path) -> None:
        dq = np.array(COLUMNS_OF_CYCLING["dq/mA.h"])
        dq[5] *= 1.0001
        warnings = read(damaged(cycling, {"dq/mA.h": dq})).warnings
        assert len(warnings) == 1
        assert "contradict each other in row 5" in warnings[0]

    def test_a_file_of_another_kind_is_declined_with_the_reason(self) -> None:
        assert "BIO-LOGIC MODULAR FILE" in str(MprReader().sniff(b"EC-Lab ASCII FILE"))
        assert MprReader().sniff(b"BIO-LOGIC MODULAR FILE\x1a") is None

    @pytest.mark.parametrize("partial", [False, True])
    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_no_cut_and_no_changed_byte_gives_anything_but_data_or_the_readers_error(
        self, cycling: Path, partial: bool, data: st.DataObject
    ) -> None:
        content = bytearray(cycling.read_bytes())
        for _ in range(data.draw(st.integers(0, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        content = content[: data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))]
        path = cycling.with_name("fuzzed.mpr")
        path.write_bytes(content)
        recording = None
        with suppress(ReaderError):
            recording = read(path, ReadOptions(partial=partial))
        if recording is not None and recording.points.variables:
            assert all(np.isfinite(recording.points[name]).all() for name in ("time", "voltage", "current"))
