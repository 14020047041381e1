"""Where the lines of functional groups lie in a spectrum, and how many nuclei of a repeat unit make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Group(NamedTuple):
    """One kind of nuclei.

    Attributes
    ----------
    nucleus
        Whose spectrum shows them.
    low, high
        Shifts between which their lines are looked for [ppm].
    nuclei
        Of a repeat unit, when every group there can be is there.
    text
        What it is, in words.
    """

    nucleus: str
    low: float
    high: float
    nuclei: int
    text: str


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        "acid": Group("1H", 12.0, 14.5, 2, "COOH in DMSO: 2 H of a repeat unit when both nitriles are converted"),
        "aromatic": Group("1H", 5.9, 7.1, 4, "aromatic H of the ladder: 4 of a repeat unit, whatever is converted"),
        "amide": Group("1H", 7.2, 7.9, 4, "CONH2, the step between nitrile and acid: 4 H when both stop there"),
        "DMF": Group("1H", 7.91, 8.0, 1, "CHO of dimethylformamide, whose nitrogen elemental analysis counts too"),
        "aliphatic": Group("1H", 0.8, 2.3, 16, "CH3 and CH2 of the ladder: 16 H, to check the aromatic ones by"),
        "ether": Group("1H", 3.42, 3.75, 4, "OCH2 of PEG: 4 H of each of its units"),
        "water": Group("1H", 3.25, 3.41, 2, "water in DMSO, which exchanges protons with COOH"),
        "carboxyl": Group("13C", 162.0, 178.0, 2, "COOH carbon: 2 of a repeat unit when both nitriles are converted"),
        "aryl ether": Group("13C", 135.0, 156.0, 8, "aromatic C-O: 8 of a repeat unit, whatever is converted"),
        "nitrile": Group("13C", 108.0, 117.0, 2, "CN carbon: 2 of a repeat unit before the conversion"),
        "ether carbon": Group("13C", 67.0, 75.0, 2, "OCH2 of PEG: 2 C of each of its units"),
        "epoxide": Group("13C", 40.0, 54.0, 4, "epoxide ring of PEGDE: 4 C of a molecule with both rings closed"),
    }
)
"""Regions to begin with, for ladder polymers of the PIM-1 family and PEGDE. Shifts are from memory, and those of COOH
move with water and temperature: drag the regions to where the lines are."""

REFERENCES: Mapping[str, str] = MappingProxyType({"1H": "aromatic", "13C": "aryl ether"})
"""Region that the others are compared with, by nucleus."""

_SHOWN = {"1H": ("acid", "aromatic", "amide"), "13C": ("carboxyl", "aryl ether", "nitrile", "epoxide")}


def suggested_regions(nucleus: str) -> dict[str, tuple[float, float]]:
    """Regions to begin with in a spectrum of some nucleus [ppm]; none for a nucleus that is not known."""
    return regions_of(_SHOWN.get(nucleus, ()))


def regions_of(names: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Usual regions of groups [ppm].

    Raises
    ------
    ValueError
        When there is no such group.
    """
    names = tuple(names)
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        raise ValueError(f"region {unknown[0]!r}: give its range, or choose one of {', '.join(GROUPS)}")
    return {name: (GROUPS[name].low, GROUPS[name].high) for name in names}


def belongs(name: str, nucleus: str) -> bool:
    """Whether a region is of this nucleus; one with a name of its own is of any."""
    return name not in GROUPS or GROUPS[name].nucleus == nucleus
