"""Figures of composition show every spectrum over its reference, intervals, and limits where nothing is seen."""

from __future__ import annotations

import numpy as np
import pytest

from pchp_widgets.analysis import composition as analysis
from pchp_widgets.io.synthetic.composition import composition_study
from pchp_widgets.plots import composition as plots
from pchp_widgets.plots.element import drawing_for, element
from pchp_widgets.plots.layers import Lines, Marks, Texts, Whiskers, Window
from pchp_widgets.plots.render import figure
from pchp_widgets.plots.theme import looks

REGIONS = analysis.suggested_regions("1H")
AROMATIC = REGIONS["aromatic"]


def kinds(picture, kind):
    return [layer for layer in picture.layers if type(layer) is kind]


@pytest.fixture(scope="module")
def study():
    data = composition_study()
    return data, looks({str(name): str(name) for name in data["sample"].values})


@pytest.fixture(scope="module")
def protons(study):
    data, look = study
    found = analysis.spectra(data.isel(sample=[0, 2, 4]))
    return found, analysis.integrals(found, REGIONS, reference="aromatic"), look


@pytest.fixture(scope="module")
def joined(study, protons):
    return analysis.conversion(protons[1], analysis.elements(study[0]), materials=["PIM-1", "PCH-50", "PCH"])


def test_spectra_stand_over_the_height_of_their_aromatic_lines(protons) -> None:
    found, areas, look = protons
    curves = plots.drawn(found, AROMATIC)
    assert curves.names == ["PIM-1", "PCH-50", "PCH"]
    for x, y in zip(curves.x, curves.y, strict=True):
        assert len(x) < found.sizes["point"]
        inside = (x > AROMATIC[0]) & (x < AROMATIC[1])
        assert y[inside].max() == pytest.approx(1.0, abs=0.02)
    picture = plots.spectrum(curves, areas, look, {**REGIONS, "window": (8.1, 12.0)}, in_view=(-1.0, 16.0))
    assert [window.name for window in kinds(picture, Window)] == ["acid", "aromatic", "amide", "window"]
    assert picture.xlim[0] > picture.xlim[1]  # shifts rise to the left
    assert list(kinds(picture, Texts)[0].rows["label"]) == ["acid", "aromatic", "amide", "noise"]
    bases = kinds(picture, Lines)[1]
    assert len(bases.x) == 9
    assert np.diff(bases.y[0])[0] == pytest.approx(0.0, abs=0.05)
    figure(picture)


def test_stacked_spectra_are_apart_and_one_alone_is_not(protons) -> None:
    found, areas, look = protons
    curves = plots.drawn(found, AROMATIC)
    apart = plots.spectrum(curves, areas, look, REGIONS)
    over = plots.spectrum(curves, areas, look, REGIONS, stacked=False)
    assert "apart" in apart.y.label
    assert "apart" not in over.y.label
    assert apart.ylim[1] > over.ylim[1]


def test_names_of_ranges_that_are_close_stand_in_two_rows(protons) -> None:
    found, areas, look = protons
    picture = plots.spectrum(plots.drawn(found, AROMATIC), areas, look, REGIONS, in_view=(-1.0, 16.0))
    (names,) = kinds(picture, Texts)
    height = dict(zip(names.rows["label"], names.y, strict=True))
    assert height["aromatic"] < height["amide"] == height["acid"]


def test_every_way_to_the_conversion_has_its_interval(joined) -> None:
    picture = plots.conversion(joined, {"PCH": "#0072B2"})
    marks, bars = kinds(picture, Marks), kinds(picture, Whiskers)
    assert len(marks) == len(bars) == 4
    for mark, bar, kind in zip(marks, bars, ("nmr", "nitrogen", "ratio", "conversion"), strict=True):
        np.testing.assert_allclose(mark.y, 100 * joined[kind].values)
        np.testing.assert_allclose(bar.high, 100 * joined[f"{kind}_high"].values)
    assert picture.ylim[0] <= -1
    assert picture.ylim[1] >= 100
    figure(picture)


def test_stoichiometry_stands_over_the_weight_ratios(joined) -> None:
    found = analysis.stoichiometry(joined)
    picture = plots.stoichiometry(found, {})
    (marks,) = kinds(picture, Marks)
    assert len(marks.y) == 6  # of the polymer without an acid there is no ratio
    assert [text for _, text in picture.x.ticks] == ["2 : 1", "1 : 1", "1 : 2"]
    assert "Mn 500 g mol⁻¹" in picture.y.label
    figure(picture)


def test_what_is_not_seen_is_a_limit(study) -> None:
    data, look = study
    solids = analysis.spectra(data.isel(sample=slice(6, None)))
    found = analysis.integrals(solids, analysis.suggested_regions("13C"), reference="aryl ether")
    picture = plots.presence(found, "epoxide", look)
    seen, limits = kinds(picture, Marks)
    assert list(seen.rows["cell"]) == ["PCHP3 13C"]
    assert list(limits.rows["cell"]) == ["PCH 13C", "PCHP 13C", "PCHP2 13C"]
    assert not limits.filled
    np.testing.assert_allclose(limits.y, 100 * found["share_limit"].sel(region="epoxide").values[:3])
    figure(picture)


def test_figures_of_nothing_can_be_drawn(protons, joined) -> None:
    found, areas, _ = protons
    none = slice(0)
    curves = plots.drawn(found.isel(sample=none), AROMATIC)
    for picture in (
        plots.spectrum(curves, areas.isel(sample=none), {}, REGIONS),
        plots.conversion(joined.isel(material=none), {}),
        plots.stoichiometry(analysis.stoichiometry(joined.isel(material=none)), {}),
        plots.presence(areas.isel(sample=none), "amide", {}),
    ):
        figure(picture)


@pytest.mark.parametrize("backend", ["bokeh", "matplotlib"])
def test_names_of_ranges_begin_at_their_left_edges_on_paper_too(protons, backend) -> None:
    found, areas, look = protons
    picture = plots.spectrum(plots.drawn(found, AROMATIC), areas, look, REGIONS, in_view=(-1.0, 16.0))
    with drawing_for(backend) as hv:
        made = element(picture, backend)
        (labels,) = made.traverse(lambda one: one, [hv.Labels])
        style = hv.Store.lookup_options(backend, labels, "style").kwargs
    assert style["text_align" if backend == "bokeh" else "horizontalalignment"] == "left"
    edges = [high for _, high in REGIONS.values()]
    assert (np.array(edges) > labels.dimension_values(0)).all()  # shifts rise to the left
    np.testing.assert_allclose(labels.dimension_values(0), edges, atol=0.2)
