"""Claims of a paper against a study: what agrees, what differs, what stays undecided and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets.analysis.audit import Interval
from pchp_widgets.model.claims import Claim, ClaimsError
from pchp_widgets.reports import claims
from pchp_widgets.reports.bundled import demo_study
from pchp_widgets.reports.errors import NotInStudyError
from pchp_widgets.reports.quantities import QUANTITIES, Evidence, Found, Quantity, over_replicates
from pchp_widgets.reports.source import study_folder


class _NoStudy:
    name = "none"
    cells: tuple[str, ...] = ()
    measurements: dict[str, tuple[str, ...]] = {}  # noqa: RUF012  nothing writes into it


def _claim(**state: object) -> Claim:
    return Claim.model_validate(
        {"id": "X", "technique": "symmetric", "quantity": "life", "value": "100 h", "tolerance": 0.0, **state}
    )


def _judged(monkeypatch: pytest.MonkeyPatch, found: Interval, **state: object) -> claims.Judged:
    known = Quantity("h", lambda *_: Found(found, 3, "as made up"))
    monkeypatch.setattr(claims, "QUANTITIES", {"life": known})
    return claims.judged(_claim(**state), Evidence(_NoStudy()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "state", "verdict"),
    [
        ((101, 95, 107), {}, "agrees"),
        ((120, 110, 130), {}, "differs"),
        ((120, 110, 130), {"tolerance": 0.1}, "agrees"),
        ((90, 90, np.inf), {}, "undecided"),
        ((110, 110, np.inf), {}, "differs"),
        ((120, 110, np.inf), {"relation": "at least"}, "agrees"),
        ((101, 95, 107), {"relation": "at least"}, "undecided"),
        ((80, 70, 90), {"relation": "at least"}, "differs"),
        ((80, 70, 90), {"relation": "at most"}, "agrees"),
        ((np.nan, np.nan, np.nan), {}, "undecided"),
    ],
)
def test_a_claim_is_judged_by_the_interval_of_what_was_found(
    monkeypatch: pytest.MonkeyPatch, found: tuple[float, float, float], state: dict[str, object], verdict: str
) -> None:
    assert _judged(monkeypatch, Interval(*found), **state).verdict == verdict


def test_what_data_cannot_decide_is_undecided_with_the_reason() -> None:
    claim = _claim(quantity="", value="qualitative", why_not="a scheme")
    one = claims.judged(claim, Evidence(_NoStudy()))  # type: ignore[arg-type]
    assert (one.verdict, one.why) == ("undecided", "a scheme")
    missing = claims.judged(_claim(conditions={"cells": "none-*"}), Evidence(_NoStudy()))  # type: ignore[arg-type]
    assert (missing.verdict, missing.why) == ("undecided", "not in the study: no cell is called 'none-*'")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"quantity": "lief"}, "claim X: no quantity 'lief'; did you mean 'life'"),
        ({"value": "100"}, "claim X: value: '100' has no unit"),
        ({"value": "100 mV"}, "claim X: value: .*does not measure the same"),
        ({}, "claim X: conditions: cells is missing"),
    ],
)
def test_a_claim_that_cannot_be_understood_is_refused_by_name(state: dict[str, object], message: str) -> None:
    with pytest.raises(ClaimsError, match=message):
        claims.judged(_claim(**state), Evidence(_NoStudy()))  # type: ignore[arg-type]


def test_replicates_give_an_interval_by_their_spread_and_a_single_one_by_its_own_error() -> None:
    interval, n = over_replicates([1.0, 2.0, 3.0, np.nan])
    assert (interval.value, n) == (2.0, 3)
    assert interval.high - interval.value == pytest.approx(4.303 / np.sqrt(3), abs=1e-3)
    assert over_replicates([2.0], [0.1])[0] == pytest.approx((2.0, 2 - 0.196, 2 + 0.196), abs=1e-4)
    assert over_replicates([2.0])[0] == (2.0, 2.0, 2.0)
    assert over_replicates([np.nan])[1] == 0


def test_the_study_that_comes_with_the_package_agrees_with_the_paper() -> None:
    found = claims.paper_claims()
    assert [(one.claim.id, one.why) for one in found.judged if one.verdict == "differs"] == []
    silent = [(one.claim.id, one.why) for one in found.judged if one.claim.quantity and one.verdict == "undecided"]
    assert silent == []
    table = claims.claims_table(found)
    assert table.csv().splitlines()[0].startswith("id,claimed,found,low,high,unit,verdict")


def test_every_quantity_says_what_it_lacks() -> None:
    conditions = {"cells": "none-*", "cycle": 5, "current_density": 1}
    for name, quantity in QUANTITIES.items():
        if name != "theoretical_capacity":
            with pytest.raises(NotInStudyError):
                quantity.measure(Evidence(_NoStudy()), "PCHP", conditions)  # type: ignore[arg-type]


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no claim 'C99'"):
        claims.paper_claims(ids=["C99"])


def test_a_study_is_held_against_its_own_claims_alone(tmp_path: Path) -> None:
    folder = demo_study(tmp_path / "mine")
    (folder / "claims.toml").write_text('[source]\ntitle = "mine"\n', "utf-8")
    assert claims.claims_of_study(folder) == folder / "claims.toml"
    (folder / "claims.toml").unlink()
    with pytest.raises(NotInStudyError, match=r"there is no claims\.toml beside .*mine.*study\.toml"):
        claims.paper_claims(study=str(folder))


def test_the_demo_study_has_the_claims_of_the_paper_and_so_has_a_copy_of_it(tmp_path: Path) -> None:
    paper = claims.claims_file("paper")
    assert claims.claims_of_study(study_folder("demo")).read_bytes() == paper.read_bytes()
    assert claims.claims_of_study(demo_study(tmp_path / "copy")).read_bytes() == paper.read_bytes()


def test_claims_of_another_paper_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    quantity = 'quantity = "theoretical_capacity"'
    claim = f'[[claims]]\nid = "A"\ntechnique = "theory"\n{quantity}\nvalue = "3000 mA h g-1"\n'
    file.write_text(f'[source]\ntitle = "mine"\n{claim}')
    found = claims.paper_claims(claims=str(file))
    assert [one.verdict for one in found.judged] == ["differs"]
    assert "A differs" in "\n".join(claims.summary(found).paragraphs)


def test_figures_of_the_paper_are_drawn_again_by_their_number(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    drawn = {
        "4a": ("trace", "*-1"),
        "5d": ("capacity", "LFP-*"),
        "2b": ("diffraction/pattern", "*"),
        "9": ("trace", "none-*"),
    }
    tables = [
        f'[[figures]]\nnumber = "{number}"\nshows = "x"\nfigure = "{figure}"\ncells = "{cells}"\n'
        for number, (figure, cells) in drawn.items()
    ]
    file.write_text('[source]\ntitle = "mine"\n' + "".join(tables))
    kinds = [type(one).__name__ for one in claims.figures(claims.paper_claims(claims=str(file)))]
    assert kinds.count("Heading") == 4
    assert kinds.count("Text") == 1
    assert kinds.count("Figure") >= 4
    file.write_text('[source]\ntitle = "mine"\n[[figures]]\nnumber = "1"\nshows = "x"\nfigure = "diffraction/patern"\n')
    _, said = claims.figures(claims.paper_claims(claims=str(file)))
    assert "diffraction has no figure 'patern'; it has pattern" in str(said)
