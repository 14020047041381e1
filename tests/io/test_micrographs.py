"""Micrographs open with the pixel size of the right tag, whoever wrote them, and damaged ones are refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from pchp_widgets import MicrographPanel, ReaderError, open_measurement
from pchp_widgets.io.contract import ReaderWarning
from pchp_widgets.io.sem import HitachiTextReader, JeolTextReader, SemTiffReader
from pchp_widgets.io.synthetic import micrograph_files as files
from pchp_widgets.io.synthetic.micrograph import Camera, CoatingTruth, cross_section
from pchp_widgets.model.measurements import merged
from pchp_widgets.testing import check_reader

CAMERA = Camera(rows=96, columns=128, pixel_size=0.02480469, bar=1.0)


@pytest.fixture(scope="module")
def made():
    return cross_section(CoatingTruth(thickness=0.8), CAMERA, name="PCHP", stage_tilt=54.0)


def stated(found):
    return dict(zip(found["tag"].values.tolist(), found["stated_pixel_size"].values[0].tolist(), strict=True))


def said(found):
    return "; ".join(found.attrs["warnings"])


def quietly(*args, **known):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return open_measurement(*args, **known)


@pytest.mark.parametrize(
    ("name", "micrometres", "tag"),
    [
        ("Zeiss_micromechanics", 0.1586893, "CZ_SEM header"),
        ("test_tiff_Zeiss_SEM_1k", 2.614514, "CZ_SEM header"),
        ("FEI-Helios-Ebeam-8bits", 3.3724, "Scan.PixelWidth"),
        ("test_loading_image_saved_with_imageJ", 0.168674711, "ImageJ resolution"),
        ("olympus_SIS", 2.392791776e-5, "OlympusSIS pixelsizex"),
        ("JEOL-SightX-TEM-mag-dummy", 1.82078853e-3, "XResolution over magnification"),
    ],
)
def test_real_files_have_the_pixel_sizes_of_their_tags(shared_data, name, micrometres, tag):
    path = shared_data / "materials" / "sem" / f"{name}.tif"
    if not path.is_file():
        pytest.skip("the real micrographs are not there")
    found = open_measurement(path)
    assert stated(found)[tag] == pytest.approx(micrometres, rel=1e-6)
    assert found["pixel_size"].item() == pytest.approx(micrometres, rel=6e-3)
    assert found["intensity"].dims == ("sample", "row", "column")


def test_a_whole_number_of_dots_per_inch_gives_a_rounded_pixel_size(shared_data):
    path = shared_data / "materials" / "sem" / "JEOL-SightX-TEM-mag-dummy.tif"
    if not path.is_file():
        pytest.skip("the real micrographs are not there")
    found = open_measurement(path)  # 3642 pixels per metre are 92.5 dots per inch, and 93 is what the TIFF can say
    assert found["pixel_size"].item() == pytest.approx(1e6 / 3642 / 150_000, rel=1e-9)
    assert next(iter(stated(found))) == "PixelsPerMeter over magnification"


def test_rows_of_the_picture_end_above_the_data_bar(shared_data):
    path = shared_data / "materials" / "sem" / "FEI-Helios-Ebeam-8bits.tif"
    if not path.is_file():
        pytest.skip("the real micrographs are not there")
    assert open_measurement(path)["picture_rows"].item() == 442


def test_a_picture_stored_smaller_than_the_screen_has_the_larger_pixels(tmp_path):
    made = cross_section(camera=Camera(rows=96, columns=128, pixel_size=0.01165))
    files.zeiss_tif(made, tmp_path / "512.tif", screen=0.5)
    found = quietly(tmp_path / "512.tif")
    assert "AP_PIXEL_SIZE gives pixels of 0.005825 µm, AP_IMAGE_PIXEL_SIZE of 0.01165" in said(found)
    assert found["pixel_size"].item() == pytest.approx(0.01165, rel=1e-9)


def test_zeiss_states_magnification_and_tilt(made, tmp_path):
    files.zeiss_tif(made, tmp_path / "z.tif")
    found = open_measurement(tmp_path / "z.tif", section_angle="54 degree", imaged="section")
    assert found["pixel_size"].item() == pytest.approx(CAMERA.pixel_size, rel=1e-6)
    assert found["stage_tilt"].item() == 54.0
    assert found["magnification"].item() == pytest.approx(40_000, rel=1e-3)
    assert found.attrs["instrument"] == "Zeiss Synthetic"
    assert found["section_angle"].item() == 54.0
    np.testing.assert_array_equal(found["intensity"].values, made["intensity"].values)


def test_fei_states_pixels_that_are_not_square_and_a_tilt_that_was_corrected(made, tmp_path):
    tall = made.assign(pixel_height=made["pixel_size"] * 1.5, picture_rows=("sample", [96.0]))
    files.fei_tif(tall, tmp_path / "f.tif", corrected=54.0)
    with pytest.warns(ReaderWarning, match="stretched the picture for a tilt of 54 degree"):
        found = open_measurement(tmp_path / "f.tif")
    assert found["pixel_size"].item() == pytest.approx(CAMERA.pixel_size, rel=1e-6)
    assert found["pixel_height"].item() == pytest.approx(1.5 * CAMERA.pixel_size, rel=1e-6)
    assert found["picture_rows"].item() == 96
    assert found["stage_tilt"].item() == pytest.approx(54.0, rel=1e-5)


@pytest.mark.parametrize("write", [files.hitachi_files, files.jeol_files])
def test_the_text_beside_a_picture_tells_its_scale_whichever_of_both_is_opened(made, tmp_path, write):
    text = write(made, tmp_path / "a.tif")
    by_picture, by_text = quietly(tmp_path / "a.tif", name="a"), quietly(text, name="a")
    exact = write is files.hitachi_files
    assert by_picture["pixel_size"].item() == pytest.approx(CAMERA.pixel_size, rel=1e-6 if exact else 0.02)
    assert by_picture["bar_length"].item() == pytest.approx(1.0)
    for name in ("intensity", "pixel_size", "bar_length"):
        np.testing.assert_array_equal(by_picture[name].values, by_text[name].values)
    assert len(by_picture.attrs["text_sha256"]) == 64


def test_hitachi_without_a_pixel_size_follows_from_the_print(made, tmp_path):
    text = files.hitachi_files(made, tmp_path / "a.tif")
    text.write_text(text.read_text().replace("PixelSize=24.80469\n", ""))
    with pytest.warns(ReaderWarning, match="taken from the magnification"):
        found = open_measurement(tmp_path / "a.tif")
    assert found["pixel_size"].item() == pytest.approx(CAMERA.pixel_size, rel=1e-3)


def test_a_picture_stored_smaller_than_its_text_says_has_larger_pixels(made, tmp_path):
    text = files.hitachi_files(made, tmp_path / "a.tif")
    text.write_text(text.read_text().replace("DataSize=128x", "DataSize=256x"))
    found = quietly(tmp_path / "a.tif")
    assert "256 columns, and 128 are stored" in said(found)
    assert found["pixel_size"].item() == pytest.approx(2 * CAMERA.pixel_size, rel=1e-6)


def test_a_text_in_utf_16_is_read(made, tmp_path):
    text = files.hitachi_files(made, tmp_path / "a.tif")
    text.write_bytes(text.read_text().encode("utf-16"))
    assert open_measurement(text)["pixel_size"].item() == pytest.approx(CAMERA.pixel_size, rel=1e-6)


def test_a_text_without_its_picture_is_refused_with_the_remedy(made, tmp_path):
    text = files.hitachi_files(made, tmp_path / "a.tif")
    (tmp_path / "a.tif").unlink()
    with pytest.raises(ReaderError, match=r"a\.tif is not beside it"):
        open_measurement(text)


def test_a_resolution_for_printing_is_no_pixel_size(made, tmp_path):
    files.plain_tif(made, tmp_path / "p.tif", resolution=(300, 300), resolutionunit=2)
    with pytest.warns(ReaderWarning, match="states no pixel size: draw a line along its scale bar"):
        found = open_measurement(tmp_path / "p.tif", known_pixel_size="24.8 nm")
    assert np.isnan(found["pixel_size"].item())
    assert found["known_pixel_size"].item() == pytest.approx(0.0248)


def test_pictures_of_several_microscopes_stand_side_by_side(made, tmp_path):
    files.zeiss_tif(made, tmp_path / "z.tif")
    files.fei_tif(made, tmp_path / "f.tif")
    small = cross_section(camera=Camera(rows=64, columns=80))
    files.hitachi_files(small.assign(bar_length=("sample", [1.0])), tmp_path / "h.tif")
    both = merged([quietly(tmp_path / f"{name}.tif") for name in "zfh"])
    assert both["intensity"].shape == (3, 152, 128)
    assert np.isfinite(both["intensity"].values[2]).sum() == 64 * 80
    assert np.isfinite(both["pixel_size"].values).all()


def test_colours_are_taken_as_their_luminance_and_said(tmp_path):
    import tifffile

    grey = np.tile(np.arange(64, dtype=np.uint8), (32, 1))
    tifffile.imwrite(tmp_path / "grey.tif", np.stack([grey] * 3, -1), photometric="rgb", metadata=None)
    np.testing.assert_array_equal(quietly(tmp_path / "grey.tif")["intensity"].values[0], grey)
    colour = np.stack([grey, grey, 0 * grey], -1)
    tifffile.imwrite(tmp_path / "colour.tif", colour, photometric="rgb", metadata=None)
    found = quietly(tmp_path / "colour.tif")
    assert "luminance" in said(found)
    assert found["intensity"].values.max() == pytest.approx(0.9278 * 63, rel=1e-3)


def test_a_cut_file_is_refused_or_given_as_far_as_it_goes(made, tmp_path):
    files.fei_tif(made, tmp_path / "f.tif")
    data = (tmp_path / "f.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(data[: len(data) - 3000])
    with pytest.raises(ReaderError, match="is cut: 3000 bytes of its pixels are missing"):
        open_measurement(tmp_path / "cut.tif")
    with pytest.warns(ReaderWarning, match="are left out"):
        found = open_measurement(tmp_path / "cut.tif", partial=True)
    lost = np.isnan(found["intensity"].values[0]).all(1)
    assert lost.sum() == -(-3000 // 128)
    np.testing.assert_array_equal(found["intensity"].values[0][~lost], made["intensity"].values[0][~lost])


@pytest.mark.parametrize(
    ("write", "reader"), [(files.hitachi_files, HitachiTextReader), (files.jeol_files, JeolTextReader)]
)
def test_texts_and_their_pictures_keep_to_the_contract_of_readers(made, tmp_path, write, reader):
    folder = tmp_path / "run"
    folder.mkdir()
    text = write(made, folder / "a.tif")
    check_reader(reader, text, folder=folder)
    check_reader(SemTiffReader, folder / "a.tif", folder=folder)


def test_a_file_goes_through_every_analysis_with_what_is_known_of_its_film(tmp_path):
    made = cross_section(camera=Camera(bar=5.0), name="PCHP", seed=1)
    files.zeiss_tif(made, tmp_path / "a.tif")
    found = open_measurement(tmp_path / "a.tif", thickness="8 um", scale_bar="5 um", section_angle="90 degree")
    panel = MicrographPanel(found)
    assert panel.thicknesses()["a"]["mean"].item() == pytest.approx(8.0, abs=0.3)
    assert panel.sizes()["agree"].item() == 1
    panel.view = "pores"
    assert panel.error is None
    assert "scale_bar='5 um'" in panel.to_code()
