"""Files that BioLogic instruments wrote, and the text EC-Lab exported from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.io.biologic import MprReader, MptReader
from pchp_widgets.io.contract import ReaderError, ReadOptions, Recording
from pchp_widgets.model.cycles import steps
from pchp_widgets.model.schema import CONTROLS, validate

ECLAB = "cycler/yadg/tests/test_x_eclab"


def read(path: Path) -> Recording:
    reader = MprReader() if path.suffix == ".mpr" else MptReader()
    assert reader.sniff(path.read_bytes()[:8192]) is None
    return reader.read(path, ReadOptions())


def test_every_binary_file_opens_and_keeps_to_the_schema(shared_data: Path, subtests: pytest.Subtests) -> None:
    paths = sorted(shared_data.rglob("*.mpr"))
    assert len(paths) >= 60
    for path in paths:
        with subtests.test(path.name):
            recording = read(path)
            assert validate(recording.points, "points") == []
            assert recording.provenance["technique"]
            assert not any("not known and were skipped" in text for text in recording.warnings)


def test_every_text_export_opens_and_keeps_to_the_schema(shared_data: Path, subtests: pytest.Subtests) -> None:
    paths = [*shared_data.rglob("*.mpt"), *(shared_data / "cycler/PyProBE").rglob("*biologic*.txt")]
    assert len(paths) >= 50
    for path in sorted(paths):
        with subtests.test(path.name):
            if path.stem == "exampleDataBioLogic_MissingFreq":
                # somebody took the first name out of the header, and left its column
                with pytest.raises(ReaderError, match="18 cells under 17 column names"):
                    read(path)
            else:
                assert validate(read(path).points, "points") == []


def test_binary_and_text_give_the_same_points_and_spectra(shared_data: Path, subtests: pytest.Subtests) -> None:
    for path in sorted((shared_data / ECLAB).glob("*.mpr")):
        export = path.with_suffix(".mpt")
        if not export.is_file():
            continue
        with subtests.test(path.name):
            binary, text = read(path), read(export)
            for name in (
                "time",
                "voltage",
                "current",
                "charge_counter",
                "instrument_cycle",
                "instrument_step",
                "control",
            ):
                if name == "control" and not text.provenance.get("technique"):
                    continue
                assert (name in binary.points) <= (name in text.points)
                if name in binary.points:
                    np.testing.assert_allclose(text.points[name], binary.points[name], rtol=1e-7, atol=1e-12)
            if binary.spectra is not None:
                assert text.spectra is not None
                np.testing.assert_array_equal(text.spectra.spectrum, binary.spectra.spectrum)
                np.testing.assert_allclose(text.spectra.z_real, binary.spectra.z_real, rtol=1e-5)


def test_binary_and_text_state_the_same_start_instrument_and_area(shared_data: Path, subtests: pytest.Subtests) -> None:
    compared = 0
    for path in sorted((shared_data / ECLAB).glob("*.mpr")):
        export = path.with_suffix(".mpt")
        if not export.is_file() or "start_time" not in (text := read(export)).provenance:
            continue
        with subtests.test(path.name):
            binary = read(path)
            for key in ("start_time", "technique", "instrument", "serial_number", "channel", "software", "firmware"):
                assert binary.provenance[key] == text.provenance[key], key
            assert binary.metadata == text.metadata
            compared += 1
    assert compared >= 30


def test_parameters_of_gcpl_are_those_eclab_prints(shared_data: Path, subtests: pytest.Subtests) -> None:
    for path in sorted((shared_data / ECLAB).glob("gcpl*.mpr")):
        export = path.with_suffix(".mpt")
        if not export.is_file() or "parameters" not in (text := read(export)).settings:
            continue
        with subtests.test(path.name):
            decoded, printed = read(path).settings["parameters"], text.settings["parameters"]
            assert isinstance(decoded, dict)
            assert isinstance(printed, dict)
            for name in ("Set I/C", "Is", "unit Is", "I sign", "EM (V)", "dt1 (s)", "dtR (s)", "EL (V)", "nc cycles"):
                for value, cell in zip(decoded[name], printed[name], strict=True):
                    if isinstance(value, str):
                        assert value == cell
                    else:
                        assert float(cell.replace(",", ".")) == pytest.approx(value, abs=5e-4)


class TestSymmetricCell:
    """The Li||Li cell ``gcpl.mpr``: +-11 µA, 12 h half cycles."""

    @pytest.fixture
    def recording(self, shared_data: Path) -> Recording:
        return read(shared_data / ECLAB / "gcpl.mpr")

    def test_it_has_12057_points_up_to_384_9_hours(self, recording: Recording) -> None:
        assert recording.points.sizes["point"] == 12057
        assert float(recording.points.time[-1]) / 3600 == pytest.approx(384.89, abs=0.005)
        assert recording.finished is True

    def test_it_carries_11_microampere_to_either_side(self, recording: Recording) -> None:
        current = recording.points.current.values
        assert np.median(current[current > 0]) == pytest.approx(0.011, abs=1e-6)
        assert np.median(current[current < 0]) == pytest.approx(-0.011, abs=1e-6)
        assert recording.points.current.attrs["origin"] == "derived: dq/dt"

    def test_each_of_its_32_half_cycles_passes_132_microampere_hours(self, recording: Recording) -> None:
        points = recording.points
        half_cycle, number = np.unique(points["half cycle"], return_inverse=True)
        charge = np.bincount(number, points["dq in mA.h"].values)
        assert half_cycle.tolist() == [0, *range(2, 33)]
        np.testing.assert_allclose(np.abs(charge), 0.1320, atol=5e-6)
        np.testing.assert_array_equal(np.sign(charge), np.tile([-1, 1], 16))
        assert len(np.unique(points.instrument_step)) == 32

    @pytest.mark.parametrize(
        ("half_cycle", "voltage"),
        [(0, -0.10585), (2, 0.10304), (3, -0.10587), (10, 0.10523), (20, 0.10782), (31, -0.11389), (32, 0.11141)],
    )
    def test_the_voltage_at_the_end_of_a_half_cycle_is_the_reported_one(
        self, recording: Recording, half_cycle: int, voltage: float
    ) -> None:
        rows = np.flatnonzero(recording.points["half cycle"] == half_cycle)
        last_tenth = recording.points.voltage.values[rows[int(0.9 * len(rows)) :]]
        assert np.median(last_tenth) == pytest.approx(voltage, abs=1e-5)

    def test_its_area_is_the_default_and_so_not_known(self, recording: Recording) -> None:
        assert "area" not in recording.metadata


@pytest.mark.parametrize(
    ("name", "spectra", "points"),
    [("peis", 1, 32), ("geis", 61, 2499), ("vsp_peis_with", 32, 2240), ("mb", 8, 560), ("mb.issue_149", 16, 208)],
)
def test_impedance_is_divided_into_its_spectra(shared_data: Path, name: str, spectra: int, points: int) -> None:
    recording = read(shared_data / ECLAB / f"{name}.mpr")
    assert recording.spectra is not None
    assert recording.spectra.sizes["point"] == points
    assert len(np.unique(recording.spectra.spectrum)) == spectra
    assert np.count_nonzero(recording.points.control == CONTROLS.index("eis")) == points


def test_a_file_copied_while_its_test_ran_is_not_finished(shared_data: Path) -> None:
    path = shared_data / "cycler/aurora-cycler-manager/tests/test_data/eclab_harvester/file_2025-10-17_162649.mpr"
    assert read(path).finished is False


def test_clock_times_of_bt_lab_become_the_step_times_it_prints_beside_them(shared_data: Path) -> None:
    folder = shared_data / "cycler/PyProBE/tests/sample_data/biologic"
    recording = read(folder / "Sample_data_biologic_timestamped.txt")
    step_time = recording.points["step time in s"].values[1:]
    np.testing.assert_allclose(np.diff(recording.points.time)[1:], np.diff(step_time), atol=2e-3)
    assert float(recording.points.time[1]) == pytest.approx(6.464)


@pytest.mark.parametrize("name", ["mb.issue_149.mpr", "mb.issue_149.mpt"])
def test_a_counter_that_begins_anew_in_every_loop_counts_on(name: str, shared_data: Path) -> None:
    found = steps(read(shared_data / ECLAB / name).points, rule="charge_first")
    counted, integral = (float(found[one].sum()) for one in ("charge_counter", "charge"))
    assert counted == pytest.approx(4 * 0.0017637, rel=1e-3)  # four loops, of which each counts from 0
    assert float(found["charge_counter"].min()) >= 0
    assert abs(integral / counted - 1) < 0.25  # what flows from one step to the next is in the counter only
