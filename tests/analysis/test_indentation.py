"""Modulus and hardness: exact on what is exact, honest on what is noisy, refused where nothing can be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.indentation import (
    FLAGS,
    POISSON,
    Settings,
    differences,
    of_samples,
    oliver_pharr,
    over_depth,
    remarks,
    turning_points,
)
from pchp_widgets.analysis.indentation.contact import contact
from pchp_widgets.io.synthetic.indentation import Indent, area, indented
from pchp_widgets.model.measurements import measurement, merged


def flags(found: xr.Dataset) -> set[str]:
    bits = int(np.bitwise_or.reduce(np.maximum(found["status"].values.ravel(), 0)))
    return {name for name, (bit, _) in FLAGS.items() if bits & bit}


def first(found: xr.Dataset, name: str) -> float:
    return float(found[name].values[0, 0, 0])


def test_an_exact_unloading_gives_exact_numbers() -> None:
    data = indented(Indent())
    found = oliver_pharr(data)
    assert first(found, "modulus") == pytest.approx(3.5, rel=1e-9)
    assert first(found, "hardness") == pytest.approx(0.2, rel=1e-9)
    assert first(found, "exponent") == pytest.approx(1.35, rel=1e-9)
    assert first(found, "stiffness") == pytest.approx(data["true_stiffness"].item(), rel=1e-9)
    assert flags(found) == set()


@given(
    modulus=st.floats(1.0, 80.0),
    ratio=st.floats(8.0, 30.0),
    exponent=st.floats(1.15, 1.7),
    load=st.floats(0.5, 50.0),
    tip=st.sampled_from([(24.494,), (24.5, 300.0, 50.0), (23.0, 1200.0, -300.0, 20.0)]),
)
@settings(max_examples=40, deadline=None)
def test_any_exact_unloading_gives_its_modulus(
    modulus: float, ratio: float, exponent: float, load: float, tip: tuple[float, ...]
) -> None:
    of = Indent(modulus=modulus, hardness=modulus / ratio, exponent=exponent, peak_load=load, tip=tip)
    found = oliver_pharr(indented(of))
    assert first(found, "modulus") == pytest.approx(modulus, rel=1e-6)
    assert first(found, "hardness") == pytest.approx(modulus / ratio, rel=1e-6)


def test_a_window_that_is_moved_leaves_an_exact_unloading_as_it_is() -> None:
    data = indented(Indent())
    turns = turning_points(data)
    for window in ((0.2, 0.95), (0.6, 1.0), (0.4, 0.7)):
        assert first(oliver_pharr(data, Settings(window=window), turns), "modulus") == pytest.approx(3.5, rel=1e-7)
