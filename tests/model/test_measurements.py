"""Measurements of materials: a dataset per technique, and samples side by side."""

from __future__ import annotations

import numpy as np
import pytest

from pchp_widgets.model.measurements import TECHNIQUES, faults, measurement, merged
from pchp_widgets.model.samples import CONCERNED, SampleMetadata, metadata_coords, misplaced, sample_metadata


def scan(name: str, points: int = 5):
    columns = {"two_theta": np.arange(points) + 10.0, "intensity": np.ones(points)}
    return measurement("diffraction", columns, sample=name)


def test_a_measurement_keeps_to_the_schema_of_its_technique():
    found = scan("PCH")
    assert found["two_theta"].dims == ("sample", "point")
    assert found["two_theta"].attrs["units"] == "degree"
    assert faults(found) == []


@pytest.mark.parametrize("name", TECHNIQUES)
def test_the_first_variable_of_every_technique_is_required(name):
    technique = TECHNIQUES[name]
    assert technique.dims[0] == "sample"
    first = technique.variables[0]
    assert first.required or first.name in technique.either[0]


def test_of_several_ways_to_measure_one_has_to_be_there():
    assert faults(measurement("composition", {"shift": [1.0], "intensity": [2.0]})) == []
    assert faults(measurement("composition", {"mass_fraction": [[0.1]]}, coords={"element": ["N"]})) == []
    (said,) = faults(measurement("composition", {"shift": [1.0]}))
    assert said == "composition: finite values of shift and intensity, or mass_fraction are expected"


def test_columns_the_technique_does_not_know_are_kept():
    found = measurement("diffraction", {"two_theta": [10.0], "intensity": [3.0], "monitor": [7.0]})
    assert found["monitor"].dims == ("sample", "point")


def test_samples_side_by_side_are_padded_and_lose_nothing():
    both = merged([scan("PCH", 3), scan("PCHP", 5)])
    assert both["sample"].values.tolist() == ["PCH", "PCHP"]
    assert np.isfinite(both["intensity"].values).sum(1).tolist() == [3, 5]


def test_two_samples_of_one_name_and_two_techniques_are_refused():
    with pytest.raises(ValueError, match="two samples are called 'PCH'"):
        merged([scan("PCH"), scan("PCH")])
    other = measurement("composition", {"shift": [1.0], "intensity": [2.0]})
    with pytest.raises(ValueError, match="one technique"):
        merged([scan("PCH"), other])


def test_what_is_wrong_is_said():
    assert "intensity: required variable is missing" in faults(scan("a").drop_vars("intensity"))[0]
    empty = scan("a")
    empty["intensity"][:] = np.nan
    assert "no finite value" in faults(empty)[0]
    shifted = scan("a")
    shifted["two_theta"].attrs["units"] = "mm"
    assert "two_theta" in faults(shifted)[0]
    with pytest.raises(ValueError, match="intensity is expected along"):
        measurement("diffraction", {"two_theta": [1.0], "intensity": [[1.0]]})


def test_metadata_stay_with_the_technique_that_they_concern():
    known = sample_metadata({"width": "10 mm", "mass": "5 mg"})
    coords = metadata_coords(known, "adhesion")
    assert {"width", "mass", "material"} <= coords.keys()
    assert coords.keys().isdisjoint({"gas", "wavelength", "nucleus"})
    assert "width" not in metadata_coords(known, "diffraction")
    assert misplaced(["width", "mass"], "adhesion") == ""
    assert misplaced(["width", "mass"], "diffraction") == "width concerns adhesion, and not diffraction: leave it out"


def test_every_field_that_concerns_a_technique_is_metadata_of_a_sample():
    assert CONCERNED.keys() <= SampleMetadata.model_fields.keys()
    assert set(CONCERNED.values()) <= TECHNIQUES.keys()


def test_metadata_of_a_sample_are_quantities_with_units():
    assert sample_metadata({"mass": "0.0052 g", "material": "PCHP"}).mass == pytest.approx(5.2)
    with pytest.raises(ValueError, match="did you mean 'mass'"):
        sample_metadata({"mas": "5 mg"})
    with pytest.raises(ValueError, match="mass"):
        sample_metadata({"mass": "5 mm"})
