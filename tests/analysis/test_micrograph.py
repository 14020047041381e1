"""Micrographs against known truth: thickness, pores, anisotropy and their intervals; pixel sizes against real bars."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets import open_measurement
from pchp_widgets.analysis import micrograph as analysis
from pchp_widgets.analysis.micrograph.bars import picture_rows, scale_bar
from pchp_widgets.analysis.micrograph.pores import _anisotropy, flattened, pore_numbers
from pchp_widgets.analysis.micrograph.scale import written_length
from pchp_widgets.io.synthetic.micrograph import (
    Camera,
    CoatingTruth,
    LithiumTruth,
    cross_section,
    micrograph_study,
    random_field,
    surface,
)
from pchp_widgets.model.measurements import merged

SMALL = Camera(rows=110, columns=256, pixel_size=0.1)


@pytest.fixture(scope="module")
def study():
    return micrograph_study()


def real(shared_data, name, **known):
    path = shared_data / "materials" / "sem" / f"{name}.tif"
    if not path.is_file():
        pytest.skip("the real micrographs are not there")
    return open_measurement(path, **known)


@pytest.mark.parametrize(
    ("truth", "camera"),
    [
        (CoatingTruth(thickness=6.0, tilt=3.0, outer_roughness=0.3), SMALL),
        (
            CoatingTruth(thickness=6.0, section_angle=54.0, outer_roughness=0.25, correlation=0.4),
            Camera(rows=110, columns=320, pixel_size=0.1, noise=12.0),
        ),
    ],
)
def test_intervals_of_the_mean_thickness_cover_the_truth_in_200_sections(truth, camera):
    found = [analysis.thickness(cross_section(truth, camera, seed=seed)).isel(sample=0) for seed in range(200)]
    mean, low, high, error = (
        np.array([float(one[name]) for one in found]) for name in ("mean", "mean_low", "mean_high", "mean_stderr")
    )
    assert mean.mean() == pytest.approx(truth.thickness, rel=0.003)
    assert 0.90 <= ((low <= truth.thickness) & (truth.thickness <= high)).mean() <= 0.98
    assert error.mean() == pytest.approx(mean.std(ddof=1), rel=0.25)
    naive = np.array([float(one["sd"] / np.sqrt(one["profiles"])) for one in found]).mean()
    assert naive < 0.5 * mean.std(ddof=1)  # taken for independent, the profiles would say too much


@pytest.mark.parametrize(
    ("truth", "camera"),
    [
        (LithiumTruth(0.3, 0.3), Camera(rows=192, columns=256)),
        (LithiumTruth(0.2, 0.25, 2.0, 30.0), Camera(rows=224, columns=256, shading=20.0, noise=10.0)),
    ],
)
def test_intervals_of_the_pore_fraction_cover_the_truth_in_200_surfaces(truth, camera):
    rows = [pore_numbers(flattened(surface(truth, camera, seed=seed)), analysis.BAND, 0.05) for seed in range(200)]
    share, low, high, error, least, most = (
        np.array([float(row[f"{name}"]) for row in rows])
        for name in (
            "pore_fraction", "pore_fraction_low", "pore_fraction_high", "pore_fraction_stderr", "band_low", "band_high",
        )
    )  # fmt: skip
    assert share.mean() == pytest.approx(truth.pore_fraction, abs=0.012)
    assert 0.90 <= ((low <= truth.pore_fraction) & (truth.pore_fraction <= high)).mean() <= 0.98
    assert error.mean() == pytest.approx(share.std(ddof=1), rel=0.25)
    assert (least < share).all()
    assert (share < most).all()


def test_the_anisotropy_of_a_random_field_is_that_of_its_correlation():
    camera, covered, values = Camera(rows=200, columns=200), [], []
    truth = LithiumTruth(correlation=0.3, stretch=2.0, direction=30.0)
    short, smoothing = (truth.correlation / camera.pixel_size) ** 2, 2 * 1.5**2
    narrow, wide = 1 / (short + smoothing), 1 / (4 * short + smoothing)  # a gradient of a Gaussian correlation
    expected = (narrow - wide) / (narrow + wide)
    for seed in range(200):
        field = random_field(truth, camera, np.random.default_rng(seed))
        one = _anisotropy(field, 1.0)
        values.append((one["anisotropy"], one["direction"]))
        covered.append(one["anisotropy_low"] <= expected <= one["anisotropy_high"])
    anisotropy, direction = np.mean(values, 0)
    assert anisotropy == pytest.approx(expected, abs=0.01)
    assert direction == pytest.approx(30.0, abs=1.0)
    assert 0.90 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        (CoatingTruth(tilt=90.0), 8.0),
        (CoatingTruth(tilt=-35.0, thickness=4.0), 4.0),
        (CoatingTruth(tilt=4.0, bow=0.6), 8.0),
        (CoatingTruth(thickness=1.0, outer_roughness=0.04, inner_roughness=0.02), 1.0),
    ],
)
def test_a_coating_is_found_whichever_way_it_lies(truth, expected):
    found = analysis.thickness(cross_section(truth)).isel(sample=0)
    assert float(found["mean"]) == pytest.approx(expected, rel=0.03)
    assert float(found["found"]) > 0.95
    assert float(found["mean_low"]) < float(found["mean"]) < float(found["mean_high"])


def test_a_smooth_coating_is_measured_to_a_hundredth_of_a_pixel():
    truth = CoatingTruth(thickness=8.0, outer_roughness=0.0, inner_roughness=0.0, tilt=2.0)
    found = analysis.thickness(cross_section(truth, Camera(noise=2.0))).isel(sample=0)
    assert float(found["mean"]) == pytest.approx(8.0, abs=0.01 * 0.05)


def test_a_section_seen_at_an_angle_is_foreshortened():
    seen = cross_section(CoatingTruth(section_angle=54.0, outer_roughness=0.0, inner_roughness=0.0))
    right = analysis.thickness(seen).isel(sample=0)
    wrong = analysis.thickness(seen, section_angle=90.0).isel(sample=0)
    assert float(right["mean"]) == pytest.approx(8.0, abs=0.01)
    assert float(wrong["mean"]) == pytest.approx(8.0 * np.sin(np.radians(54.0)), abs=0.01)
    assert float(right["section_angle_used"]) == 54.0
    with pytest.raises(ValueError, match="section_angle 120"):
        analysis.thickness(seen, section_angle=120.0)


def test_pixels_that_are_not_square_do_not_matter():
    whole = cross_section(CoatingTruth(outer_roughness=0.0, inner_roughness=0.0, tilt=20.0))
    half = whole.isel(row=slice(None, None, 2)).assign(pixel_height=2 * whole["pixel_height"])
    found = [float(analysis.thickness(one)["mean"].item()) for one in (whole, half)]
    assert found[1] == pytest.approx(found[0], abs=0.02)


def test_the_line_says_which_layer_is_meant():
    truth = CoatingTruth(thickness=4.0, outer_roughness=0.0, inner_roughness=0.0)
    two = np.vstack([cross_section(truth)["intensity"].values[0]] * 2)  # two coatings, one above the other
    both = cross_section(truth).drop_dims(["row"]).assign(intensity=(("sample", "row", "column"), two[None]))
    upper, lower = ((200.0, 90.0, 220.0, 230.0), (240.0, 410.0, 240.0, 540.0))
    for line in (upper, lower):
        found = analysis.thickness(both, {"synthetic": line}).isel(sample=0)
        assert float(found["mean"]) == pytest.approx(4.0, abs=0.02)
        rows = found["row"].values
        assert (rows < 320).all() == (line is upper)
    with pytest.raises(ValueError, match="a line is four numbers"):
        analysis.thickness(both, {"synthetic": (1.0, 2.0)})


@given(dark=st.floats(20, 90), light=st.floats(140, 230), turned=st.booleans())
@settings(max_examples=15, deadline=None)
def test_neither_contrast_nor_its_sense_change_a_thickness(dark, light, turned):
    low, high = (light, dark) if turned else (dark, light)
    truth = CoatingTruth(substrate=low, coating=high, above=low, tilt=1.0)
    found = analysis.thickness(cross_section(truth, SMALL, seed=3)).isel(sample=0)
    same = analysis.thickness(cross_section(CoatingTruth(tilt=1.0), SMALL, seed=3)).isel(sample=0)
    assert float(found["mean"]) == pytest.approx(float(same["mean"]), abs=0.03)


@given(gain=st.floats(0.3, 2.0), offset=st.floats(-50, 50))
@settings(max_examples=15, deadline=None)
def test_neither_brightness_nor_contrast_change_a_pore_fraction(gain, offset):
    one = surface(camera=Camera(rows=128, columns=160))
    other = one.assign(intensity=one["intensity"] * gain + offset)
    first, second = (float(analysis.pores(of)["pore_fraction"].item()) for of in (one, other))
    assert second == pytest.approx(first, abs=0.005)


def test_shading_is_taken_off():
    even, shaded = (surface(camera=Camera(shading=shading), seed=4) for shading in (0.0, 60.0))
    found = [float(analysis.pores(one)["pore_fraction"].item()) for one in (even, shaded)]
    assert found[1] == pytest.approx(found[0], abs=0.015)


def test_pores_are_compared_at_equal_magnification_only(study):
    surfaces = study.isel(sample=slice(3, None))
    found = analysis.compared(analysis.pores(surfaces))
    assert found.attrs["reference"] == "bare, 50 cycles"
    assert found["differs"].values.tolist() == [0, 1, 1]
    far = surface(LithiumTruth(0.12), Camera(pixel_size=0.1), name="far")
    both = analysis.compared(analysis.pores(merged([surface(name="near"), far])))
    assert both["differs"].item() == -1
    assert np.isnan(both["difference"].item())
    assert "equal magnification only" in both["doubt"].item()
    with pytest.raises(ValueError, match="reference 'x': choose one of"):
        analysis.compared(analysis.pores(surfaces), "x")


def test_a_material_has_the_interval_over_its_pictures():
    made = merged(cross_section(CoatingTruth(), SMALL, seed=seed, name=f"{seed}", material="PCHP") for seed in range(4))
    found = analysis.thickness(made)
    grouped = analysis.by_material(found).sel(material="PCHP")
    assert float(grouped["pictures"]) == 4
    assert float(grouped["mean"]) == pytest.approx(float(found["mean"].mean()))
    assert float(grouped["low"]) < 8.0 < float(grouped["high"])
    one = analysis.by_material(found.isel(sample=[0]))
    assert float(one["low"].item()) == float(found["mean_low"][0])
    assert np.isnan(one["sd"].item())


def test_real_scale_bars_agree_with_the_tags(shared_data):
    for name, bar, pixels in (("FEI-Helios-Ebeam-8bits", "500 um", 150), ("test_tiff_Zeiss_SEM_1k", "200 um", 76)):
        found = analysis.pixel_sizes(real(shared_data, name, scale_bar=bar)).isel(sample=0)
        assert float(found["bar_pixels"]) == pixels
        assert int(found["agree"]) == 1
        assert float(found["disagreement"]) < 0.013
    assert float(found["picture_rows"]) == 692  # where the data bar of the Zeiss begins


def test_a_real_picture_without_a_scale_bar_has_none(shared_data):
    found = analysis.pixel_sizes(real(shared_data, "Zeiss_micromechanics")).isel(sample=0)
    assert float(found["picture_rows"]) == 768
    assert np.isnan(found["bar_pixels"])
    assert int(found["agree"]) == -1


def test_a_wrong_scale_is_said(study):
    one = study.isel(sample=[0]).assign(pixel_size=("sample", [0.025]))
    sizes = analysis.pixel_sizes(one)
    assert int(sizes["agree"].item()) == 0
    said = analysis.scale_doubts(one, sizes)["PCH"]
    assert "pixels of 0.05 µm by the scale bar and of 0.025 µm by the file (+100.0%)" in said[0]
    unsaid = one.assign(bar_length=("sample", [np.nan]), pixel_size=("sample", [0.036]))
    doubt = analysis.scale_doubts(unsaid, analysis.pixel_sizes(unsaid))["PCH"]
    assert "3.6 µm by the file, which no microscope writes" in doubt[0]


def test_a_line_of_known_length_tells_the_scale_and_a_calibration_wins(study):
    one = study.isel(sample=[1]).drop_vars(["pixel_size", "pixel_height", "bar_length"])
    lines, lengths = {"PCHP": (12.0, 356.0, 112.0, 356.0)}, {"PCHP": 5.0}
    assert np.isnan(analysis.pixel_sizes(one)["pixel_size"].item())
    assert "draw a line" in analysis.scale_doubts(one, analysis.pixel_sizes(one))["PCHP"][0]
    sizes = analysis.pixel_sizes(one, lines, lengths)
    assert sizes["pixel_size"].item() == pytest.approx(0.05)
    assert sizes["chosen"].item() == "line"
    known = one.assign_coords(known_pixel_size=("sample", [0.04]))
    assert analysis.pixel_sizes(known, lines, lengths)["chosen"].item() == "calibration"
    assert np.isnan(analysis.thickness(one)["mean"].item())
    assert analysis.thickness(one, sizes=sizes)["mean"].item() == pytest.approx(8.0, abs=0.3)


def test_drawn_bars_are_found_to_the_pixel():
    made = cross_section(camera=Camera(bar=5.0))
    grey = made["intensity"].values[0].astype(float)
    assert picture_rows(grey) == 320
    bar = scale_bar(grey, 320)
    assert (bar.first, bar.last, bar.pixels) == (12, 112, 100)
    assert picture_rows(grey[:320]) == 320
    assert scale_bar(grey[:320], 320) is None
    assert [written_length(length) for length in (0.98, 205.0, 48.0, 9.7)] == [1.0, 200.0, 50.0, 10.0]
    assert np.isnan(written_length(np.nan))


def test_what_is_doubtful_is_said():
    thin = cross_section(CoatingTruth(thickness=0.4, outer_roughness=0.0, inner_roughness=0.0), seed=1)
    said = " ".join(analysis.thickness_doubts(thin, analysis.thickness(thin))["synthetic"])
    assert "pixels thick: magnify more" in said
    untold = cross_section(stage_tilt=54.0).drop_vars("section_angle")
    said = " ".join(analysis.thickness_doubts(untold, analysis.thickness(untold))["synthetic"])
    assert "seen at a right angle; the stage was tilted by 54 degree" in said
    noise = np.random.default_rng(0).integers(0, 255, (1, 120, 160)).astype(np.uint8)
    empty = surface(camera=Camera(rows=120, columns=160)).assign(intensity=(("sample", "row", "column"), noise))
    said = " ".join(analysis.pore_doubts(analysis.pores(empty))["synthetic"])
    assert "noise may be counted as pores" in said


@pytest.mark.parametrize("shape", [(3, 4), (60, 80)])
def test_a_picture_of_one_grey_has_neither_layer_nor_pores(shape):
    flat = xr.Dataset(
        {"intensity": (("sample", "row", "column"), np.full((1, *shape), 7, np.uint8))}, {"sample": ["flat"]}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = analysis.thickness(flat)
        porous = analysis.pores(flat)
    assert np.isnan(found["mean"].item())
    assert "no layer was found" in analysis.thickness_doubts(flat, found)["flat"][0]
    assert np.isnan(porous["pore_fraction"].item())
    assert "but one grey" in analysis.pore_doubts(porous)["flat"][0]
    with pytest.raises(ValueError, match="lowest, highest"):
        analysis.pores(flat, (0.6, 0.4))


def test_every_number_says_what_it_is(study):
    for found in (analysis.pixel_sizes(study), analysis.thickness(study), analysis.pores(study)):
        for name, variable in found.data_vars.items():
            assert variable.attrs["definition"], name
            assert variable.dtype.kind in "UO" or variable.attrs["units"], name
