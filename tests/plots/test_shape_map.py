"""Pictures of the shape of traces against the datasets they are made from."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.plots.layers import Bands, Image, Lines, Marks, Verticals
from pchp_widgets.plots.picture import Picture
from pchp_widgets.plots.shape_map import fingerprints, half_cycle_map, in_words, on_capacity
from pchp_widgets.plots.shape_map import shape_map as picture_of
from pchp_widgets.plots.theme import looks

LOOKS = looks({"a": "bare"})


def shape(charge: list[float], area: float | None = 2.0, interrupted: int | None = None) -> xr.Dataset:
    """|V| = 10 mV times (cycle + depth), both half-cycles alike; the charge [mA h] of each cycle."""
    depth = np.linspace(0, 1, 101)
    values = 0.01 * (np.arange(1, len(charge) + 1)[:, None] + depth)
    passed = np.array(charge)[:, None] * [1.0, -1.0]
    cut = np.zeros((1, len(charge), 2), bool)
    if interrupted is not None:
        cut[:, interrupted] = True
    dims = ("cell", "cycle", "direction")
    return xr.Dataset(
        {
            "voltage": ((*dims, "depth"), np.repeat(values[None, :, None], 2, axis=2)),
            "charge": (dims, passed[None]),
            "areal_capacity": (dims, passed[None] / area if area else passed[None] * np.nan),
            "interrupted": (dims, cut),
        },
        {"cell": ["a"], "cycle": np.arange(1, len(charge) + 1), "direction": ["charge", "discharge"], "depth": depth},
    )


def turn(observed: int = 1, cycles: int = 3) -> xr.Dataset:
    seen = 2.0 if observed == 1 else np.nan
    return xr.Dataset(
        {
            "peaking": (("cell", "cycle"), np.linspace(1.5, 1.0, cycles)[None]),
            "arc": (("cell", "cycle"), np.linspace(1.0, 1.5, cycles)[None]),
            "observed": ("cell", [observed]),
            "transition_cycle": ("cell", [seen]),
            "transition_time": ("cell", [3600 * seen]),
            "peaking_until": ("cell", [1.0]),
            "last_cycle": ("cell", [float(cycles)]),
        },
        {"cell": ["a"], "cycle": np.arange(1, cycles + 1)},
        {"margin": 0.05},
    )


def shape_map(maps: xr.Dataset, of: xr.Dataset, direction: str, cycle: float) -> Picture:
    return picture_of(half_cycle_map(maps, direction), of, cycle)


def layer(picture: Picture, kind: type) -> object:
    return next(each for each in picture.layers if isinstance(each, kind))


def test_the_map_ends_where_the_charge_of_a_half_cycle_does() -> None:
    found = on_capacity(shape([2.0, 1.0]))
    voltage = found["voltage"].sel(direction="charge")
    assert found["capacity"].attrs["units"] == "mA h cm-2"
    assert found.attrs["top"] == 1.0
    np.testing.assert_allclose(voltage.sel(cycle=1), 0.01 * (1 + found["capacity"]), rtol=1e-12)
    half = found["capacity"] <= 0.5
    np.testing.assert_allclose(voltage.sel(cycle=2)[half], 0.01 * (2 + found["capacity"][half] / 0.5), rtol=1e-12)
    assert voltage.sel(cycle=2)[~half].isnull().all()


def test_without_an_area_the_capacity_is_no_areal_one() -> None:
    found = on_capacity(shape([2.0], area=None))
    assert (found["capacity"].attrs["units"], found.attrs["top"]) == ("mA h", 2.0)
    assert shape_map(found, turn(), "charge", 1).y.title == "capacity (mA h)"


def test_an_interrupted_cycle_is_a_gap_and_does_not_set_the_range() -> None:
    found = on_capacity(shape([2.0, 9.0, 2.0], interrupted=1))
    assert found.attrs["top"] == 1.0
    assert found["voltage"].isnull().all(("direction", "capacity")).values.tolist() == [False, True, False]


def test_the_colours_leave_out_the_outermost_values_and_have_their_units() -> None:
    picture = shape_map(on_capacity(shape([2.0] * 3)), turn(), "charge", 2)
    image = layer(picture, Image)
    assert isinstance(image, Image)
    assert image.shown.title == "|V| (mV)"
    assert 10 < image.colors[0] < 11
    assert 39 < image.colors[1] < 40
    assert image.x.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert picture.title == "a, charge"


def test_volts_are_shown_in_volt() -> None:
    large = shape([2.0])
    large["voltage"] = large["voltage"] * 100
    image = layer(shape_map(on_capacity(large), turn(), "charge", 1), Image)
    assert isinstance(image, Image)
    assert image.shown.units == "V"


@pytest.mark.parametrize("observed", [1, 0, -1])
def test_the_transition_is_marked_where_it_was_seen(observed: int) -> None:
    picture = shape_map(on_capacity(shape([2.0] * 3)), turn(observed), "discharge", 2)
    expected = [2.0] if observed == 1 else []
    for kind in (Verticals, Marks):
        drawn = layer(picture, kind)
        assert isinstance(drawn, Verticals | Marks)
        assert drawn.x.tolist() == expected
    assert [entry.label for entry in picture.legend] == ["peaks give way to arcs"] * len(expected)


def test_the_selected_cycle_is_a_band_and_none_is_nowhere() -> None:
    for cycle, edges in ((2, [1.5, 2.5]), (np.nan, [np.nan, np.nan])):
        band = layer(fingerprints(turn(), cycle, LOOKS), Bands)
        assert isinstance(band, Bands)
        np.testing.assert_array_equal([band.start[0], band.stop[0]], edges)


def test_the_indices_end_with_the_cell_and_a_lone_outlier_is_out_of_view() -> None:
    longer = turn(cycles=200).reindex(cycle=np.arange(1, 301))
    longer["peaking"][0, 0] = 50.0
    picture = fingerprints(longer, 2, LOOKS)
    lines = layer(picture, Lines)
    assert isinstance(lines, Lines)
    assert lines.x[0][-1] == 200
    assert picture.xlim == (0.5, 200.5)
    assert picture.ylim[1] < 2


@pytest.mark.parametrize(
    ("observed", "said"),
    [
        (1, "peaks give way to arcs in cycle 2 (2 h)"),
        (0, "no peaks after cycle 1, no lasting arcs up to cycle 3"),
        (-1, "never seen peaking, up to cycle 3"),
    ],
)
def test_the_transition_in_words(observed: int, said: str) -> None:
    assert in_words(turn(observed).isel(cell=0)) == said
    assert fingerprints(turn(observed), 1, LOOKS).title == f"a: {said}"


def test_nothing_known_makes_an_empty_figure() -> None:
    nothing = turn().where(False).assign_attrs(margin=0.05)
    assert in_words(nothing.isel(cell=0)) == "no whole half-cycle"
    empty = on_capacity(shape([2.0]).where(False))
    for picture in (fingerprints(nothing, 1, LOOKS), shape_map(empty.assign_attrs(cell="a"), nothing, "charge", 1)):
        assert picture.ylim[0] < picture.ylim[1]
        assert picture.xlim[0] < picture.xlim[1]
