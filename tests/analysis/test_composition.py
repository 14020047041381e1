"""Composition: numbers of the chemistry, integrals against known truth, limits that hold, and what is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis import composition as analysis
from pchp_widgets.analysis.composition.elements import pooled
from pchp_widgets.analysis.composition.noise import autocovariance, variance
from pchp_widgets.io.elemental import elemental_analysis
from pchp_widgets.io.synthetic.composition import (
    CompositionTruth,
    composition_study,
    elemental,
    fractions,
    lines,
    spectrum,
)
from pchp_widgets.model.measurements import merged

SETS = 200


@pytest.fixture(scope="module")
def study():
    return composition_study()


@pytest.fixture(scope="module")
def protons(study):
    return analysis.spectra(study.isel(sample=[0, 2, 4]))


def integrated(data, regions=None, **options):
    regions = regions or analysis.suggested_regions("1H")
    return analysis.integrals(analysis.spectra(data), regions, **{"reference": "aromatic", **options})


# Chemistry, against the numbers that follow from the formulas


def test_masses_and_elements_of_repeat_units() -> None:
    expected = {"nitrile": (460.489, 6.084), "amide": (496.519, 5.642), "acid": (498.487, 0.0)}
    for name, (mass, nitrogen) in expected.items():
        unit = analysis.UNITS[name]
        assert analysis.molar_mass(unit) == pytest.approx(mass, abs=5e-4)
        share = 14.007 * unit.get("N", 0) / analysis.molar_mass(unit)
        assert 100 * share == pytest.approx(nitrogen, abs=6e-4)
    assert analysis.molar_mass(analysis.UNITS["lithium salt"]) == pytest.approx(510.351, abs=1e-3)


def test_nitrogen_falls_with_the_conversion() -> None:
    conversion = [0.0, 0.5, 0.8, 0.9, 0.91, 0.92, 0.95, 1.0]
    expected = [6.084, 2.921, 1.141, 0.566, 0.509, 0.452, 0.282, 0.0]
    np.testing.assert_allclose(100 * analysis.nitrogen_fraction(conversion), expected, atol=6e-4)
    assert 100 * float(analysis.nitrogen_fraction(0.92)) == pytest.approx(0.4523, abs=5e-5)
    assert 100 * float(analysis.nitrogen_fraction(0.92, amide=0.08)) == pytest.approx(0.4497, abs=5e-5)


def test_what_is_not_dry_polymer_shifts_the_conversion_that_nitrogen_reads() -> None:
    expected = {"water 2 %": 0.9216, "water 5 %": 0.9240, "water 10 %": 0.9280, "sodium 20 %": 0.9213, "DMF 1 %": 0.887}
    for name, read in expected.items():
        _, bias = analysis.BIASES[name]
        assert float(analysis.conversion_read(0.92, **bias)) == pytest.approx(read, abs=3e-4 if "DMF" in name else 5e-5)
    assert float(analysis.conversion_read(0.0, amide=1.0)) == pytest.approx(0.067, abs=5e-4)
    assert float(analysis.conversion_read(0.5, amide=0.5)) == pytest.approx(0.517, abs=5e-4)


def test_an_error_of_a_tenth_of_a_percent_of_nitrogen_is_two_points() -> None:
    w = float(analysis.nitrogen_fraction(0.92))
    for error, points in ((0.001, 1.76), (0.003, 5.27)):
        reach = analysis.conversion_from_nitrogen(w - error / 2) - analysis.conversion_from_nitrogen(w + error / 2)
        assert 100 * float(reach) == pytest.approx(points, abs=0.01)


def test_acid_and_its_ratio_to_epoxide() -> None:
    assert float(analysis.acid_content(0.92)) == pytest.approx(3.714, abs=5e-4)
    assert float(analysis.acid_content(1.0)) == pytest.approx(4.012, abs=5e-4)
    data = elemental_analysis({"PCH": {"N": 100 * float(analysis.nitrogen_fraction(0.92))}}, error=0.1)
    joined = analysis.conversion(None, analysis.elements(data))
    for mass, expected in ((500.0, [1.86, 0.93, 0.46]), (1000.0, [3.71, 1.86, 0.93])):
        found = analysis.stoichiometry(joined, molar_mass=mass)
        np.testing.assert_allclose(found["acid_per_epoxide"].values[0], expected, atol=5e-3)
    with pytest.raises(ValueError, match="molar_mass 0"):
        analysis.stoichiometry(joined, molar_mass=0.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 0.3))
def test_formulas_invert_each_other(conversion: float, rest: float, water: float) -> None:
    amide = rest * (1 - conversion)
    w = analysis.nitrogen_fraction(conversion, amide=amide)
    assert float(analysis.conversion_from_nitrogen(w, amide)) == pytest.approx(conversion, abs=1e-9)
    truth = CompositionTruth(conversion=conversion, amide=amide, wet=water)
    elements = fractions(truth)  # water cancels in the ratio, and so does the amide
    assert float(analysis.conversion_from_ratio(elements["N"], elements["C"])) == pytest.approx(conversion, abs=1e-9)
    assert elements["N"] == pytest.approx(float(w) * (1 - water), abs=1e-12)


# Noise and integrals


def test_the_variance_of_a_sum_follows_its_correlation() -> None:
    rng = np.random.default_rng(0)
    kernel = np.exp(-0.5 * (np.arange(-30, 31) / 6.0) ** 2)
    noise = np.convolve(rng.standard_normal(40_060), kernel / np.sqrt((kernel**2).sum()), "valid")
    sums = noise.reshape(-1, 200).sum(1)
    found = variance(np.ones(200), autocovariance(noise, np.ones(len(noise), bool)))
    assert found == pytest.approx(sums.var(), rel=0.2)
    gaps = np.ones(len(noise), bool)
    gaps[::1000] = False
    assert variance(np.ones(200), autocovariance(noise, gaps)) == pytest.approx(found, rel=0.1)
    assert np.isnan(autocovariance(noise, np.zeros(len(noise), bool))).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(0.3, 4.0), st.floats(5.0, 9.0), st.floats(0.1, 10.0))
def test_integrals_of_parts_add_up_and_scale(low: float, high: float, scale: float) -> None:
    one = spectrum(CompositionTruth(points=2048, noise=0.0), name="a")
    middle = (low + high) / 2
    found = analysis.spectra(one.assign(intensity=scale * one["intensity"]))
    regions = {"left": (low, middle), "right": (middle, high), "both": (low, high)}
    area = analysis.integrals(found, regions, baseline="none")["integral"].values[0]
    assert area[0] + area[1] == pytest.approx(area[2], rel=1e-9, abs=1e-6 * scale)
    plain = analysis.integrals(analysis.spectra(one), regions, baseline="none")["integral"].values[0]
    np.testing.assert_allclose(area, scale * plain, rtol=1e-9)


def test_an_integral_follows_its_ends_smoothly(protons) -> None:
    ends = 12.0 + 1e-4 * np.arange(30)
    area = [float(analysis.integrals(protons, {"acid": (end, 14.5)})["integral"].values[2, 0]) for end in ends]
    steps = np.abs(np.diff(area))
    assert steps.max() < 3 * max(np.median(steps), 1e-6 * abs(area[0]))


def test_order_of_the_axis_does_not_matter() -> None:
    one = spectrum(CompositionTruth(points=2048), name="a")
    turned = one.isel(point=slice(None, None, -1))
    for first, second in zip(integrated(one)["share"].values[0], integrated(turned)["share"].values[0], strict=True):
        assert first == pytest.approx(second, rel=1e-12)


def test_conversions_and_their_intervals_are_those_of_the_truth() -> None:
    rng = np.random.default_rng(7)
    truths = [
        CompositionTruth(
            conversion=x,
            amide=0.5 * (1 - x) * (at % 2),
            slope=0.002 * rng.standard_normal(),
            bend=0.002 * rng.standard_normal(),
            noise=(0.004, 0.01, 0.02)[at % 3],
            broadening=(0.01, 3.0, 6.0)[at // 3 % 3],
            points=8192,
        )
        for at, x in enumerate(rng.uniform(0.05, 0.98, SETS))
    ]
    spectra = merged([spectrum(truth, seed=at, name=str(at)) for at, truth in enumerate(truths)])
    analysed = merged([elemental(truth, seed=5000 + at, name=str(at)) for at, truth in enumerate(truths)])
    found = analysis.conversion(integrated(spectra), analysis.elements(analysed))
    true = {
        "conversion": np.array([one.conversion for one in truths]),
        "amide": np.array([one.amide for one in truths]),
    }
    for kind in ("nmr", "nitrogen", "ratio", "amide"):
        of = true["amide" if kind == "amide" else "conversion"]
        inside = (found[f"{kind}_low"].values <= of) & (of <= found[f"{kind}_high"].values)
        assert 0.90 <= inside.mean() <= 0.98, kind
    agree = found["agree"].values == 1
    assert 0.90 <= agree.mean() <= 0.98
    joint = found["conversion"].values[agree]
    assert np.isnan(found["conversion"].values[~agree]).all()
    reach = 1.96 * found["conversion_stderr"].values[agree]
    assert 0.90 <= (np.abs(joint - true["conversion"][agree]) <= reach).mean() <= 0.98
    smaller = np.minimum(found["nmr_stderr"].values, found["nitrogen_stderr"].values)[agree]
    assert (found["conversion_stderr"].values[agree] <= smaller).all()


# What is seen, and what is below a limit


def test_limits_hold_and_nothing_is_seen_where_nothing_is() -> None:
    truths = [CompositionTruth(conversion=0.9, amide=share, noise=0.02, points=4096) for share in (0.0, 0.02)]
    seen, below = [], []
    for truth in truths:
        data = merged([spectrum(truth, seed=900 + at, name=str(at)) for at in range(100)])
        one = integrated(data).sel(region="amide")
        seen.append((one["seen"].values == 1).mean())
        below.append((one["share_limit"].values >= truth.amide).mean())
    assert seen[0] <= 0.03
    assert min(below) >= 0.9
    limit = float(one["detection_limit"].median())
    data = merged(
        [
            spectrum(CompositionTruth(conversion=0.5, amide=limit, noise=0.02, points=4096), seed=at, name=str(at))
            for at in range(60)
        ]
    )
    assert (integrated(data).sel(region="amide")["seen"].values == 1).mean() >= 0.85


def test_shares_of_a_solid_are_never_a_conversion(study) -> None:
    films = study.isel(sample=slice(6, None))
    found = analysis.integrals(analysis.spectra(films), analysis.suggested_regions("13C"), reference="aryl ether")
    epoxide = found.sel(region="epoxide")
    assert epoxide["seen"].values.tolist() == [0, 0, 0, 1]
    assert (epoxide["share_limit"].values[:3] > 0).all()
    said = analysis.spectrum_doubts(found)
    assert all("do not count nuclei" in " ".join(texts) for texts in said.values())
    acid = films.assign_coords(nucleus=("sample", ["1H"] * 4), shift=films["shift"] / 10)
    joined = analysis.conversion(integrated(acid), None)
    assert np.isnan(joined["nmr"].values).all()
    assert (joined["basis"].values == "undecided: nothing to go by").all()


def test_a_region_outside_the_spectrum_is_not_zero(protons) -> None:
    found = analysis.integrals(protons, {"aromatic": (5.9, 7.1), "far": (16.5, 19.0)})
    assert np.isnan(found["integral"].sel(region="far")).all()
    assert (found["seen"].sel(region="far") == -1).all()
    assert all("far: the spectrum does not reach there" in texts for texts in analysis.spectrum_doubts(found).values())


def test_a_reference_that_is_not_seen_decides_nothing(study) -> None:
    found = integrated(study.isel(sample=[4]), {"acid": (12.0, 14.5), "aromatic": (8.5, 9.5)})
    assert np.isnan(found["share"].sel(region="acid")).all()
    assert "reference aromatic is not seen" in " ".join(analysis.spectrum_doubts(found)["PCH"])


def test_noise_taken_from_too_few_points_decides_nothing(study) -> None:
    found = analysis.spectra(study.isel(sample=[4]), (9.0, 9.005))
    one = analysis.integrals(found, analysis.suggested_regions("1H"), reference="aromatic")
    assert (one["seen"].values == -1).all()
    assert "stretch for the noise is too short" in " ".join(analysis.spectrum_doubts(one)["PCH"])


def test_base_lines_stand_below_their_spectra(protons) -> None:
    for baseline in analysis.BASELINES:
        found = analysis.integrals(protons, analysis.suggested_regions("1H"), reference="aromatic", baseline=baseline)
        inside = (found["share"] >= found["share_low"]) & (found["share"] <= found["share_high"])
        assert inside.all()
        assert found.attrs["baseline"] == baseline
    window = analysis.suggested_window(protons)
    assert window[0] > 7.7
    assert window[1] < 12.6


# Doubts and disagreement


def test_methods_that_disagree_are_not_joined_and_the_reason_is_said() -> None:
    truth = CompositionTruth(conversion=0.9, exchanged=0.3, element_error=0.0005)
    joined = analysis.conversion(
        integrated(spectrum(truth, name="PCH")), analysis.elements(elemental(truth, name="PCH"))
    )
    assert int(joined["agree"][0]) == 0
    assert np.isnan(joined["conversion"].values[0])
    (text, *_) = analysis.material_doubts(joined, None)["PCH"]
    assert "points less than nitrogen" in text
    assert "COOH exchanged with water" in text
    assert np.isnan(analysis.stoichiometry(joined)["acid_content"].values[0])


def test_one_way_alone_is_named_as_such() -> None:
    truth = CompositionTruth(conversion=0.9)
    alone = analysis.conversion(None, analysis.elements(elemental(truth, name="PCH")))
    assert alone["basis"].values[0] == "N"
    assert alone["conversion"].values[0] == alone["nitrogen"].values[0]
    other = analysis.conversion(integrated(spectrum(truth, name="PCH")), None, materials=["PCH", "PIM-1"])
    assert other["basis"].values.tolist() == ["1H NMR", "undecided: nothing to go by"]


def test_short_waits_and_unknown_ones_are_said() -> None:
    one = spectrum(name="PCH").assign_coords(relaxation_time=("sample", [20.0]))
    (text,) = [text for text in analysis.spectrum_doubts(integrated(one))["PCH"] if "five T1" in text]
    assert "25 s from pulse to pulse are less than five T1 of 20 s: up to 29% of a line may be missing" in text
    bare = spectrum(name="PCH").drop_vars(["relaxation_time", "relaxation_delay"])
    assert "time from pulse to pulse is unknown" in " ".join(analysis.spectrum_doubts(integrated(bare))["PCH"])


def test_a_spectrum_out_of_phase_is_said() -> None:
    one = spectrum(CompositionTruth(points=4096), name="PCH")
    shift = one["shift"].values[0]
    bent = one["intensity"].values.copy()
    bent[0] -= 0.3 * bent[0].max() * np.exp(-0.5 * ((shift - 6.0) / 0.05) ** 2)
    found = integrated(one.assign(intensity=(("sample", "point"), bent)))
    assert "dips below its base line" in " ".join(analysis.spectrum_doubts(found)["PCH"])


def test_runs_that_scatter_too_much_widen_the_interval() -> None:
    assert pooled(np.array([0.45, 0.46]), np.full(2, 0.1))[2] == 1.0
    mean, error, scatter = pooled(np.array([0.2, 0.8]), np.full(2, 0.1))
    assert mean == pytest.approx(0.5)
    assert scatter == pytest.approx(0.6 / np.sqrt(2) / 0.1)
    assert error == pytest.approx(0.1 / np.sqrt(2) * scatter)
    data = elemental_analysis({"PCH": {"N": [0.2, 0.8], "C": [70.0, 70.1]}}, error=0.1)
    analysed = analysis.elements(data)
    said = analysis.material_doubts(analysis.conversion(None, analysed), analysed)["PCH"]
    assert any(text.startswith("N: runs scatter more") for text in said)
    unsaid = analysis.elements(elemental_analysis({"PCH": {"N": 0.45}}))
    said = analysis.material_doubts(analysis.conversion(None, unsaid), unsaid)["PCH"]
    assert "the error of an elemental analysis is not stated: 0.3 % are taken" in said


def test_percent_taken_for_fractions_is_noticed() -> None:
    data = elemental_analysis({"PCH": {"C": 90.0, "H": 40.0, "N": 0.5}}, error=0.1)
    analysed = analysis.elements(data)
    said = analysis.material_doubts(analysis.conversion(None, analysed), analysed)["PCH"]
    assert any("add up to 130.5%" in text for text in said)


def test_wet_samples_show_by_their_carbon() -> None:
    truth = CompositionTruth(conversion=0.6, wet=0.15, element_error=0.0005)
    analysed = analysis.elements(elemental(truth, name="PCH"))
    joined = analysis.conversion(None, analysed, route="ratio")
    assert joined["ratio"].values[0] == pytest.approx(0.6, abs=0.02)
    assert joined["nitrogen"].values[0] > 0.63
    assert any(
        "carbon is not that of the dry polymer" in text for text in analysis.material_doubts(joined, None)["PCH"]
    )


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda found: analysis.integrals(found, {}), "there is no region"),
        (lambda found: analysis.integrals(found, {"a": (2.0, 1.0)}), "region 'a' from 2 to 1 ppm is empty"),
        (lambda found: analysis.integrals(found, {"a": (1.0, 2.0)}, reference="b"), "reference 'b': choose one of a"),
        (lambda found: analysis.integrals(found, {"a": (1.0, 2.0)}, baseline="c"), "baseline 'c'"),
        (lambda found: analysis.regions_of(["x"]), "region 'x': give its range"),
        (lambda found: analysis.spectra(found, (2.0, 1.0)), "window"),
        (lambda found: analysis.spectra(elemental(name="PCH")), "there is no spectrum"),
        (lambda found: analysis.conversion(None, None, route="ash"), "route 'ash'"),
        (lambda found: analysis.elements(elemental(name="PCH"), 0.0), "element_error 0"),
    ],
)
def test_wrong_input_is_named_with_its_remedy(call, text, protons) -> None:
    with pytest.raises(ValueError, match=text):
        call(protons)


def test_the_generator_knows_its_lines() -> None:
    truth = CompositionTruth(conversion=0.7, amide=0.2)
    found = integrated(spectrum(CompositionTruth(conversion=0.7, amide=0.2, noise=1e-5), name="a"))
    by_line = {name: sum(n for shift, _, n in lines(truth) if low < shift < high)
               for name, (low, high) in analysis.suggested_regions("1H").items()}  # fmt: skip
    for name, nuclei in by_line.items():
        assert found["nuclei"].sel(region=name).item() == pytest.approx(nuclei, abs=2e-3)
