from __future__ import annotations

import colorsys

from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.plots import theme


def hue(color: str) -> float:
    return colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]


def test_replicates_of_a_coating_share_hue_and_marker_and_differ_in_lightness() -> None:
    found = theme.looks({"a": "bare", "b": "PCHP", "c": "PCHP", "d": "PCHP", "e": "bare"})
    coated = [found[name] for name in "bcd"]
    assert max(hue(look.color) for look in coated) - min(hue(look.color) for look in coated) < 0.02
    assert len({look.color for look in coated}) == 3
    assert len({look.marker for look in coated}) == 1
    assert abs(hue(found["a"].color) - hue(found["b"].color)) > 0.2
    assert found["a"].marker != found["b"].marker


def test_cells_of_unknown_coating_have_a_hue_each() -> None:
    found = theme.looks(dict.fromkeys("abcdef", ""))
    assert len({look.color for look in found.values()}) == 6


@given(st.lists(st.sampled_from(["bare", "PCHP", "PVDF", ""]), min_size=1, max_size=60))
def test_every_cell_has_a_look_of_its_own_coating(coatings: list[str]) -> None:
    given_coatings = {str(number): coating for number, coating in enumerate(coatings)}
    found = theme.looks(given_coatings)
    assert {name: look.coating for name, look in found.items()} == given_coatings
    assert all(look.marker in theme.MARKERS for look in found.values())


@given(st.text(max_size=60), st.integers(3, 30))
def test_an_elided_name_fits_and_keeps_both_ends(name: str, length: int) -> None:
    short = theme.elided(name, length)
    assert len(short) <= length
    if len(name) > length:
        assert name.startswith(short.split("…")[0])
        assert "…" in short
    else:
        assert short == name


def test_some_of_the_cells_keep_their_hues_and_are_told_apart() -> None:
    every = theme.looks({f"{coating}-{n}": coating for coating in ("bare", "A", "B") for n in range(9)} | {"odd": ""})
    some = theme.among(every, ["B-7", "B-8", "odd"])
    assert some["B-7"].color == every["B-0"].color
    assert some["B-8"].color == every["B-8"].color
    assert some["odd"] == every["odd"]
    assert some["B-7"].marker == every["B-7"].marker


def test_a_material_looks_the_same_whichever_others_are_beside_it() -> None:
    order = ("bare", "PCHP", "PCH", "PEO")
    whole = theme.looks({name: name for name in order}, order)
    for names in (["PEO"], ["PEO", "PCH"], ["PCH", "bare"], ["new", "PEO"]):
        some = theme.looks({name: name for name in names}, order)
        assert {name: some[name] for name in names if name in whole} == {
            name: whole[name] for name in names if name in whole
        }


def test_more_coatings_than_hues_are_still_told_apart() -> None:
    names = ["bare", *(f"{n}" for n in range(3 * len(theme.HUES)))]
    found = theme.looks({name: name for name in names})
    assert len({look.color for look in found.values()}) == len(names)
