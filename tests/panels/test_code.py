"""The Python that makes a panel again, from whatever the panel was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from pchp_widgets import SorptionPanel, open_measurement
from pchp_widgets.io.synthetic.photoemission import layers
from pchp_widgets.io.synthetic.photoemission_files import write_casaxps
from pchp_widgets.io.synthetic.sorption import Layered, Porous, isotherm
from pchp_widgets.io.synthetic.sorption_files import columns
from pchp_widgets.model.measurements import merged
from pchp_widgets.panels.code import reproduction


def again(code: str) -> Any:
    """What the code opens; its last line makes the panel."""
    place: dict[str, Any] = {}
    exec(code.rsplit("\n", 2)[0], place)  # noqa: S102  that is what the code is for
    return place["samples"]


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[xr.Dataset]:
    """Isotherms of two samples, opened from files of the working directory."""
    monkeypatch.chdir(tmp_path)
    columns(isotherm(Porous(), name="a"), tmp_path / "a.csv")
    columns(isotherm(Layered(), name="b"), tmp_path / "b.csv")
    return [
        open_measurement("a.csv", gas="CO2", temperature="4 degC", mass="51.234567 mg"),
        open_measurement("b.csv", name="blank", gas="N2", temperature="77.3 K"),
    ]


def test_every_sample_of_a_merged_dataset_is_opened_again(pair: list[xr.Dataset]) -> None:
    given = merged(pair)
    code = reproduction("SorptionPanel", given, {})
    assert code.count("open_measurement(") == 2
    xr.testing.assert_identical(merged(again(code)), given)
    assert SorptionPanel(again(code)).samples.names == ("a", "blank")


def test_one_sample_is_opened_by_one_call_and_named_ones_keep_their_names(pair: list[xr.Dataset]) -> None:
    assert "samples = open_measurement('a.csv', mass='51.234567 mg'" in reproduction("SorptionPanel", pair[0], {})
    opened = again(reproduction("SorptionPanel", {"x": pair[0], "y": pair[1]}, {}))
    assert list(opened) == ["x", "y"]
    xr.testing.assert_identical(opened["y"], pair[1])


@pytest.mark.parametrize("name", ["", "film"])
def test_samples_of_one_file_are_opened_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_casaxps(Path("depth.txt"), layers())
    given = open_measurement("depth.txt", name=name)
    code = reproduction("PhotoemissionPanel", given, {})
    assert code.count("open_measurement(") == 1
    assert again(code)["sample"].values.tolist() == given["sample"].values.tolist()
