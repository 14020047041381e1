from __future__ import annotations

import math

import pytest

from pchp_widgets.model.metadata import CellMetadata, cell_metadata


def test_quantities_are_kept_in_the_stored_units() -> None:
    known = cell_metadata({"area": "132.7 mm2", "coating_thickness": "0.008 mm", "temperature": "298.15 K"})
    assert (known.area, known.coating_thickness, known.temperature) == pytest.approx((1.327, 8.0, 25.0))


def test_what_nobody_said_is_unknown_and_listed() -> None:
    known = cell_metadata({"kind": "symmetric", "coating": "PCHP", "area": "1.327 cm2"})
    assert math.isnan(known.lithium_thickness)
    assert "lithium_thickness" in known.missing()
    assert "area" not in known.missing()


def test_bare_lithium_is_not_asked_for_its_coating() -> None:
    assert "coating_thickness" not in cell_metadata({"coating": "bare"}).missing()


def test_a_misspelt_field_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match=r"coatng: no such field; did you mean 'coating'\?"):
        cell_metadata({"coatng": "PCHP"})


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="area") as error:
        cell_metadata({"area": "1.0 cm3", "kind": "coin"})
    assert "kind" in str(error.value)
    assert "'symmetric'" in str(error.value)


def test_an_area_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="area"):
        cell_metadata({"area": "0 cm2"})


def test_every_field_says_what_it_is() -> None:
    own_words = {"electrolyte", "separator", "protocol", "replicate", "notes"}
    for name, field in CellMetadata.model_fields.items():
        assert field.description or name in own_words
