"""Tables of impedance: whatever their headers, Im Z is negative for a capacitor, and what is not certain is said."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.io.cell import open_cell
from pchp_widgets.io.contract import ReaderError, ReaderWarning, ReadOptions
from pchp_widgets.io.delimited import DelimitedTextReader
from pchp_widgets.io.synthetic.potentiostats import GRID, arc
from pchp_widgets.io.synthetic.text import write_text
from pchp_widgets.io.tables.impedance import sign_shown
from pchp_widgets.io.tables.impedance_headers import impedance_columns, parts

Z = arc()
SIZE, PHASE = np.abs(Z), np.angle(Z)


def spectrum_of(path: Path, said: str) -> xr.Dataset:
    """The spectra of a file, where its warnings say something."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", ReaderWarning)
        cell = open_cell(path)
    assert any(re.search(said, str(one.message)) for one in heard), [str(one.message) for one in heard]
    found: xr.Dataset = cell["spectra"].to_dataset().isel(cell=0)
    return found


def assert_is_the_arc(spectra: xr.Dataset) -> None:
    assert spectra.sizes == {"spectrum": 1, "frequency": len(GRID)}
    np.testing.assert_allclose(spectra.frequency, GRID, rtol=1e-12)
    np.testing.assert_allclose(spectra.z_real[0] + 1j * spectra.z_imag[0], Z, rtol=1e-9)


@pytest.mark.parametrize(
    "headers",
    [
        ("f", "Z'", "Z''"),
        ("freq", "Zre", "Zim"),
        ("Frequency", "Real", "Imag"),
        ("Freq", "Z1", "Z2"),
        ("Freq. (Hz)", "Re(Z) (Ohm)", "Im(Z) (Ohm)"),
        ("freq/Hz", "Re(Z)/Ohm", "Im(Z)/Ohm"),
        ("Frequency [Hz]", "Z' [\u03a9]", "Z'' [\u2126]"),
        ("Frequency / Hz", "Real Impedance / ohm", "Imaginary Impedance / ohm"),
        ("frequency_Hz", "z_real_ohm", "z_imag_ohm"),
    ],
)
def test_usual_headers_are_understood(headers: Sequence[str], tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", dict(zip(headers, (GRID, Z.real, Z.imag), strict=True)))
    recording = DelimitedTextReader().read(tmp_path / "z.csv", ReadOptions())
    assert recording.spectra is not None
    np.testing.assert_allclose(recording.spectra.z_imag, Z.imag)
    assert not recording.points.variables


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (("f (kHz)", "Z' (mOhm)", "-Z'' (mOhm)"), (GRID / 1e3, Z.real * 1e3, -Z.imag * 1e3)),
        (("Frequency (Hz)", "Z (\u03a9)", "-Phase (\u00b0)"), (GRID, SIZE, -np.degrees(PHASE))),
        (("f/Hz", "|Z|/Ohm", "phase/rad"), (GRID, SIZE, PHASE)),
        (("omega (rad/s)", "Zre (Ohms)", "Zim (Ohms)"), (GRID * 2 * np.pi, Z.real, Z.imag)),
        (("freq / Hz", "Z / Ohm", "neg. Phase / \u00b0"), (GRID, SIZE, -np.degrees(PHASE))),
        (("f/Hz", "Z'/kOhm", "\u2212Z''/kOhm"), (GRID, Z.real / 1e3, -Z.imag / 1e3)),
    ],
)
def test_units_and_signs_in_headers_are_followed(
    headers: Sequence[str], columns: Sequence[np.ndarray], tmp_path: Path
) -> None:
    write_text(tmp_path / "z.csv", dict(zip(headers, columns, strict=True)))
    cell = open_cell(tmp_path / "z.csv")
    assert_is_the_arc(cell["spectra"].to_dataset().isel(cell=0))
    assert ("its sign is turned" in cell.attrs["impedance_sign"]) == (headers[2][0] not in "Zp")


def test_exports_of_nova_pstrace_and_ivium_are_understood_by_their_headers(tmp_path: Path) -> None:
    place, time, minus = np.arange(len(GRID)) + 1, np.arange(len(GRID)) * 0.5, -Z.imag
    nova = ("Index", "Frequency (Hz)", "Z' (\u03a9)", "-Z'' (\u03a9)", "Z (\u03a9)", "-Phase (\u00b0)", "Time (s)")
    columns = (place, GRID, Z.real, minus, SIZE, -np.degrees(PHASE), time)
    write_text(tmp_path / "nova.txt", dict(zip(nova, columns, strict=True)), delimiter=";", decimal=",")
    assert_is_the_arc(open_cell(tmp_path / "nova.txt")["spectra"].to_dataset().isel(cell=0))
    pstrace = ("freq / Hz", "neg. Phase / \u00b0", "Idc / uA", "Z / Ohm", "Z' / Ohm", "Z'' / Ohm", "Cs / F")
    columns = (GRID, -np.degrees(PHASE), np.ones(len(GRID)), SIZE, Z.real, minus, np.full(len(GRID), 1e-9))
    write_text(tmp_path / "ps.csv", dict(zip(pstrace, columns, strict=True)), encoding="utf-16", preamble=["CH 1"])
    assert_is_the_arc(spectrum_of(tmp_path / "ps.csv", "named as if it were Im Z"))
    ivium = {"freq. /Hz": GRID, "Z1 /ohm": Z.real, "Z2 /ohm": Z.imag}
    write_text(tmp_path / "ivium.txt", ivium, delimiter="\t")
    assert_is_the_arc(open_cell(tmp_path / "ivium.txt")["spectra"].to_dataset().isel(cell=0))


def test_a_units_row_below_the_headers_is_followed(tmp_path: Path) -> None:
    columns = {"Freq": GRID, "Zreal": Z.real * 1e3, "Zimag": Z.imag * 1e3}
    write_text(tmp_path / "z.txt", columns, delimiter="\t", units=("Hz", "mOhm", "mOhm"))
    assert_is_the_arc(open_cell(tmp_path / "z.txt")["spectra"].to_dataset().isel(cell=0))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas_are_read(delimiter: str, tmp_path: Path) -> None:
    columns = {"f": GRID, "Z'": Z.real, "Z''": Z.imag}
    write_text(tmp_path / "z.csv", columns, delimiter=delimiter, decimal=",")
    assert_is_the_arc(spectrum_of(tmp_path / "z.csv", "no units are stated"))


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), ("\t", "."), ("  ", "."), (";", ","), (" \t ", ",")])
@pytest.mark.parametrize("sign", [1, -1])
def test_three_columns_without_headers_are_frequency_and_parts_of_either_sign(
    delimiter: str, decimal: str, sign: int, tmp_path: Path
) -> None:
    rows = zip(GRID.tolist(), Z.real.tolist(), (sign * Z.imag).tolist(), strict=True)
    lines = [delimiter.join(repr(number).replace(".", decimal) for number in row) for row in rows]
    (tmp_path / "z.txt").write_text("\n".join(lines) + "\n")
    said = "is -Im Z, and its sign was turned" if sign < 0 else "the columns have no names"
    assert_is_the_arc(spectrum_of(tmp_path / "z.txt", said))


def test_named_columns_between_blanks_are_read(tmp_path: Path) -> None:
    rows = zip(GRID.tolist(), SIZE.tolist(), np.degrees(PHASE).tolist(), strict=True)
    body = "\n".join(" ".join(map(repr, row)) for row in rows)
    (tmp_path / "z.dat").write_text(f"measured by hand\nfreq/Hz |Z|/Ohm phase/deg\n{body}\n")
    assert_is_the_arc(open_cell(tmp_path / "z.dat")["spectra"].to_dataset().isel(cell=0))


def test_text_above_three_columns_and_the_number_of_points_are_understood(tmp_path: Path) -> None:
    rows = "\n".join(f"{f!r} {z.real!r} {z.imag!r}" for f, z in zip(GRID.tolist(), Z.tolist(), strict=True))
    (tmp_path / "z.i2b").write_text(f"Some text\n\n{len(GRID)}\n{rows}\n")
    assert_is_the_arc(spectrum_of(tmp_path / "z.i2b", "the columns have no names"))
    (tmp_path / "cut.i2b").write_text(f"Some text\n\n{len(GRID) + 3}\n{rows}\n")
    with pytest.raises(ReaderError, match="states 40 points and holds 37: it was cut"):
        open_cell(tmp_path / "cut.i2b")


def test_times_and_voltages_without_headers_are_no_spectrum(tmp_path: Path) -> None:
    lines = [f"{60.0 * at},{3.2 + 0.001 * at},{0.5}" for at in range(1, 200)]
    (tmp_path / "trace.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(ReaderError, match="the first are not like frequencies"):
        open_cell(tmp_path / "trace.csv")


def test_a_header_that_says_im_z_over_numbers_that_are_not_is_corrected_by_the_modulus(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "Z'/ohm": Z.real, "Z''/ohm": -Z.imag})
    assert_is_the_arc(spectrum_of(tmp_path / "z.csv", "named as if it were Im Z"))


def test_a_sign_that_nothing_tells_is_said_to_be_undecided_and_the_caller_decides(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, (2, len(GRID)))
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "Z'/ohm": 50 + noise[0], "Z''/ohm": 0.02 + np.abs(noise[1])})
    flat = spectrum_of(tmp_path / "z.csv", "Im Z or -Im Z is undecided")
    assert (flat.z_imag > 0).all()
    turned = open_cell(tmp_path / "z.csv", columns={"minus_z_imag": "Z''/ohm"})["spectra"]
    assert (turned.z_imag < 0).all()


def test_an_inductor_alone_is_said_to_be_none_of_a_cell(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "Z'/ohm": np.full(len(GRID), 1e-3), "Z''/ohm": 1e-6 * GRID})
    spectra = spectrum_of(tmp_path / "z.csv", "positive at all frequencies: an inductance")
    assert (spectra.z_imag > 0).all()


@given(
    resistances=st.tuples(st.floats(0.01, 100), st.floats(1, 1e4)),
    tau=st.floats(1e-4, 1e-1),
    exponent=st.floats(0.5, 1.0),
    up=st.booleans(),
)
def test_the_modulus_of_an_arc_shows_the_sign_of_its_imaginary_part(
    resistances: tuple[float, float], tau: float, exponent: float, *, up: bool
) -> None:
    frequency = GRID[:: -1 if up else 1]
    z = resistances[0] + resistances[1] / (1 + (2j * np.pi * frequency * tau) ** exponent)
    number = np.zeros(len(frequency), np.int64)
    assert sign_shown(frequency, z.real, z.imag, number) == 1
    assert sign_shown(frequency, z.real, -z.imag, number) == -1


def test_a_repeated_sweep_is_a_spectrum_of_its_own_and_other_grids_are_said(tmp_path: Path) -> None:
    frequency = np.concatenate([GRID, GRID, np.geomspace(1e4, 10, 20)])
    z = arc(frequency)
    write_text(tmp_path / "z.csv", {"f/Hz": frequency, "Z'/ohm": z.real, "-Z''/ohm": -z.imag})
    said = "37 points from 100000 to 0.1 Hz; 20 points from 10000 to 10 Hz"
    spectra = spectrum_of(tmp_path / "z.csv", said)
    assert spectra.sizes["spectrum"] == 3
    assert np.isfinite(spectra.z_real).sum("frequency").values.tolist() == [37, 37, 20]


def test_a_column_that_counts_spectra_divides_them(tmp_path: Path) -> None:
    frequency = np.concatenate([GRID[:20], GRID[20:]])
    columns = {"f/Hz": frequency, "Z'/ohm": Z.real, "-Z''/ohm": -Z.imag, "EIS Index": np.repeat([1, 2], [20, 17])}
    write_text(tmp_path / "z.csv", columns)
    assert spectrum_of(tmp_path / "z.csv", "not at the same frequencies").sizes["spectrum"] == 2


def test_frequencies_in_no_order_are_refused(tmp_path: Path) -> None:
    mixed = np.random.default_rng(3).permutation(len(GRID))
    write_text(tmp_path / "z.csv", {"f/Hz": GRID[mixed], "Z'/ohm": Z.real[mixed], "Z''/ohm": Z.imag[mixed]})
    with pytest.raises(ReaderError, match="in no order: they turn"):
        open_cell(tmp_path / "z.csv")


def test_points_at_one_frequency_are_refused(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": np.full(20, 1e3), "Z'/ohm": np.arange(20.0), "Z''/ohm": -np.arange(20.0)})
    with pytest.raises(ReaderError, match="all 20 points are at 1000 Hz"):
        open_cell(tmp_path / "z.csv")


def test_a_negative_frequency_is_refused(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": np.where(GRID < 1, -GRID, GRID), "Z'/ohm": Z.real, "Z''/ohm": Z.imag})
    with pytest.raises(ReaderError, match=r"point 32 has a frequency of -0\.68\d+ Hz, which cannot be"):
        open_cell(tmp_path / "z.csv")


def test_rows_without_a_number_are_left_out_and_counted(tmp_path: Path) -> None:
    real = Z.real.copy()
    real[[4, 5]] = np.nan
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "Z'/ohm": real, "Z''/ohm": Z.imag})
    spectra = spectrum_of(tmp_path / "z.csv", "2 (of 37 points have no|lines without a) number")
    assert spectra.sizes == {"spectrum": 1, "frequency": 35}


def test_few_points_are_said(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": GRID[:10], "Z'/ohm": Z.real[:10], "Z''/ohm": Z.imag[:10]})
    assert spectrum_of(tmp_path / "z.csv", r"fewer than 12 points are in spectrum 0 \(10\)").sizes["frequency"] == 10


def test_an_impedance_times_an_area_is_refused(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "Z' (Ohm cm2)": Z.real, "Z'' (Ohm cm2)": Z.imag})
    with pytest.raises(ReaderError, match="is an impedance times an area"):
        open_cell(tmp_path / "z.csv", columns={"z_real": "Z' (Ohm cm2)", "z_imag": "Z'' (Ohm cm2)"})


def test_a_small_phase_without_a_unit_is_not_guessed(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "|Z|/ohm": SIZE, "phase": PHASE})
    with pytest.raises(ReaderError, match="may be degrees or radians"):
        open_cell(tmp_path / "z.csv")
    cell = open_cell(tmp_path / "z.csv", columns={"z_phase": "phase [rad]"})
    assert_is_the_arc(cell["spectra"].to_dataset().isel(cell=0))


def test_headers_of_their_own_are_named_by_the_caller(tmp_path: Path) -> None:
    write_text(tmp_path / "z.csv", {"A": GRID / 1e3, "B": Z.real, "C": -Z.imag})
    names = {"frequency": "A [kHz]", "z_real": "B [ohm]", "minus_z_imag": "C [ohm]"}
    assert_is_the_arc(open_cell(tmp_path / "z.csv", columns=names)["spectra"].to_dataset().isel(cell=0))
    with pytest.raises(ReaderError, match="'D' is no header of this file"):
        open_cell(tmp_path / "z.csv", columns=names | {"z_real": "D"})


def test_modulus_and_parts_that_contradict_each_other_are_said(tmp_path: Path) -> None:
    size = SIZE.copy()
    size[3] *= 2
    write_text(tmp_path / "z.csv", {"f/Hz": GRID, "Z'/ohm": Z.real, "-Z''/ohm": -Z.imag, "|Z|/ohm": size})
    spectrum_of(tmp_path / "z.csv", "modulus and parts of Z disagree in 1 of 37 points, first at 31622.8 Hz")


def test_a_trace_keeps_its_points_and_the_impedance_among_them_becomes_spectra(tmp_path: Path) -> None:
    rest = 30
    nothing = np.full(rest, np.nan)
    columns = {
        "Time (s)": np.arange(rest + len(GRID)) * 10.0,
        "Voltage (V)": np.full(rest + len(GRID), 0.1),
        "Current (mA)": np.repeat([0.5, 0.0], [rest, len(GRID)]),
        "Frequency (Hz)": np.concatenate([nothing, GRID]),
        "Zre (Ohm)": np.concatenate([nothing, Z.real]),
        "-Zim (Ohm)": np.concatenate([nothing, -Z.imag]),
    }
    write_text(tmp_path / "both.csv", columns)
    cell = open_cell(tmp_path / "both.csv", kind="symmetric")
    assert cell["points"].sizes["point"] == rest + len(GRID)
    assert_is_the_arc(cell["spectra"].to_dataset().isel(cell=0))
    assert cell["spectra"].cycle.item() >= 0


def test_a_resistance_at_one_frequency_leaves_the_trace_as_it_is_and_is_said(tmp_path: Path) -> None:
    columns = {
        "Time (s)": np.arange(40) * 10.0,
        "Voltage (V)": np.full(40, 0.1),
        "Current (mA)": np.full(40, 0.5),
        "Frequency (Hz)": np.full(40, 1e3),
        "Zre (Ohm)": np.full(40, 5.0),
        "-Zim (Ohm)": np.full(40, 1.0),
    }
    write_text(tmp_path / "acr.csv", columns)
    with pytest.warns(ReaderWarning, match="among the points is not read: all 40 points are at 1000 Hz"):
        cell = open_cell(tmp_path / "acr.csv")
    assert cell["points"].sizes["point"] == 40
    assert "spectra" not in cell.children


def test_every_sheet_of_a_workbook_of_spectra_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, sign in (("fresh", 1), ("aged", -1)):
        sheet = book.create_sheet(name)
        sheet.append(["f/Hz", "Z'/ohm", "Z''/ohm" if sign > 0 else "-Z''/ohm"])
        for f, z in zip(GRID.tolist(), Z.tolist(), strict=True):
            sheet.append([f, z.real, sign * z.imag])
    book.create_sheet("notes").append(["measured on Monday"])
    book.save(tmp_path / "z.xlsx")
    cell = open_cell(tmp_path / "z.xlsx")
    spectra = cell["spectra"].to_dataset()
    assert spectra.sizes == {"cell": 1, "spectrum": 2, "frequency": len(GRID)}
    np.testing.assert_allclose(spectra.z_imag[0], np.stack([Z.imag, Z.imag]))
    assert '"other_sheets": ["notes"]' in cell.attrs["settings"]


def test_other_tables_are_not_taken_for_impedance() -> None:
    for headers in (("time/s", "Z'/ohm"), ("f/Hz", "Z'/ohm"), ("x", "y", "z"), ("f", "phase"), ("Real", "Imag")):
        assert parts(impedance_columns(headers)) == ()
