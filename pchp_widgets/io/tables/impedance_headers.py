"""What headers of tables of impedance mean: frequency, the parts of Z, its modulus and phase, in every usual spelling.

Beside :mod:`.headers`, because two things are otherwise here: a header without a unit is understood (nobody writes
``Z'`` in anything but ohm, and it is said), and a header may state the sign (``-Z''``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ...model.units import UnitError, conversion
from ..contract import ReaderError
from .headers import names_and_units

UNITS = {
    "frequency": "Hz",
    "z_real": "ohm",
    "z_imag": "ohm",
    "minus_z_imag": "ohm",
    "z_modulus": "ohm",
    "z_phase": "deg",
    "minus_z_phase": "deg",
    "spectrum": "1",
}
"""Quantities a column can hold, with the unit they are brought to."""

_NAMES = {
    "frequency": ("frequency", "freq", "f", "frequency f", "freq.", "frequence", "frequenz"),
    "z_real": (
        "re(z)", "z'", "zre", "z re", "zreal", "z real", "real(z)", "re z", "real", "real impedance", "z'(a)", "zr",
        "impedance real", "real part", "re", "z'(real)", "realz", "z (real)", "z1", "zdash",
    ),
    "z_imag": (
        "im(z)", "z''", "zim", "z im", "zimag", "zimg", "z imag", "imag(z)", "im z", "imag", "imaginary",
        "imaginary impedance", "z''(b)", "zi", "impedance imag", "impedance imaginary", "imaginary part", "im",
        "z''(imag)", "imagz", "z (imag)", "z2",
    ),
    "minus_z_imag": ("zdashneg",),
    "z_modulus": (
        "|z|", "zmod", "z mod", "z mag", "mod(z)", "abs(z)", "z", "modulus", "impedance", "magnitude",
        "impedance modulus", "impedance magnitude", "absolute impedance", "z modulus", "|impedance|", "| z |",
    ),
    "z_phase": (
        "phase(z)", "phase", "zphz", "z phase", "phase angle", "theta", "theta (z)", "theta(z)", "\u03b8", "phi",
        "\u03c6", "phase z", "arg(z)", "phase of z", "impedance phase", "phase shift",
    ),
    "spectrum": ("spectrum", "spectrum number", "eis index", "sweep", "sweep number", "cycle number", "cycle"),
}  # fmt: skip
_MEANINGS = {name: (quantity, rank) for quantity, names in _NAMES.items() for rank, name in enumerate(names)}
_SIGNED = {"z_imag": "minus_z_imag", "z_phase": "minus_z_phase"}
_MINUS = re.compile(r"^(?:[-\u2212\u2013]\s*|minus\s+|neg(?:ative|\.)?\s+)")
_ANGULAR_UNIT = "rad/s"
_ANGULAR = {"omega", "\u03c9", "w", "angular frequency"}
_WORDS = {
    "\u03c9": "ohm", "hertz": "Hz", "hz": "Hz", "khz": "kHz", "degree": "deg", "\u00b0": "deg", "rad": "1",
    "radian": "1",
}  # fmt: skip
_PRIMES = str.maketrans(
    {"\u2019": "'", "\u2032": "'", "\u00b4": "'", "`": "'", '"': "''", "\u2033": "''", "\u201d": "''"}
)


class Column(NamedTuple):
    """A header understood.

    Attributes
    ----------
    column
        Where it is.
    header
        As the file has it.
    units
        As the model reads them; empty where none is stated.
    rank
        How it stands beside other headers for the same: 0 is the best name.
    """

    column: int
    header: str
    units: str
    rank: int

    def factor(self, quantity: str) -> float:
        """What a number of the file is multiplied with to be in the unit of the quantity."""
        if self.units == _ANGULAR_UNIT:
            return 1 / (2 * math.pi)
        return conversion(self.units or UNITS[quantity], UNITS[quantity])[0]


Columns = dict[str, Column]


def impedance_columns(headers: Sequence[str], units: Sequence[str] = ()) -> Columns:
    """Column of each quantity that the headers name; of two columns for one quantity the better named one."""
    found: Columns = {}
    for at, header in enumerate(headers):
        meaning = _meaning(header, units[at] if at < len(units) else "")
        if meaning is None:
            continue
        quantity, stated, rank = meaning
        if quantity not in found or rank < found[quantity].rank:
            found[quantity] = Column(at, header, stated, rank)
    return found


def parts(found: Mapping[str, Column]) -> tuple[str, ...]:
    """The quantities spectra are made of: a frequency with both parts of Z, else with modulus and phase; or none."""
    for first, signed in (("z_real", "z_imag"), ("z_modulus", "z_phase")):
        second = next((one for one in (_SIGNED[signed], signed) if one in found), "")
        if "frequency" in found and first in found and second:
            return "frequency", first, second
    return ()


def stated_columns(path: Path, wanted: Mapping[str, str], headers: Sequence[str], units: Sequence[str]) -> Columns:
    """Columns that the headers name, and those the caller names; parameters and errors of :func:`named_columns`."""
    return named_columns(path, wanted, headers, units, impedance_columns(headers, units))


def of_the_trace(wanted: Mapping[str, str]) -> dict[str, str]:
    """What the caller says of columns that hold no impedance."""
    return {quantity: header for quantity, header in wanted.items() if quantity not in UNITS}


def named_columns(
    path: Path, wanted: Mapping[str, str], headers: Sequence[str], units: Sequence[str], found: Columns
) -> Columns:
    """The columns with those the caller names in place of those the headers tell.

    Parameters
    ----------
    path
        Named in errors.
    wanted
        Header by quantity, perhaps with a unit: ``{"minus_z_imag": "C [kohm]"}``. Other quantities are left alone.
    headers, units
        Of the file.
    found
        What :func:`impedance_columns` gave.

    Raises
    ------
    ReaderError
        When the header is not there, or its unit does not fit.
    """
    named = dict(found)
    for quantity, text in wanted.items():
        if quantity not in UNITS:
            continue
        name, given = text.strip(), ""
        if name not in headers and (parts := re.fullmatch(r"(.*?)\s*\[([^\]]*)\]", name)):
            name, given = parts[1], parts[2]
        if name not in headers:
            listed = ", ".join(map(repr, headers))
            raise ReaderError(
                path, f"columns: {quantity} = {text!r} is no header of this file. The headers are {listed}"
            )
        at = list(headers).index(name)
        texts = [given] if given else [units[at] if at < len(units) else "", *(u for _, u in names_and_units(name, ""))]
        stated = next((one for text in texts if text and (one := _unit(text, quantity))), "")
        if given and not stated:
            raise ReaderError(
                path, f"columns: {quantity} = {text!r}: {given!r} is no unit of it; write {UNITS[quantity]}"
            )
        for one in _rivals(quantity):
            named.pop(one, None)
        named[quantity] = Column(at, name, stated, 0)
    return named


def areal_unit(headers: Sequence[str], units: Sequence[str]) -> str:
    """The first header that states an impedance times an area; empty where there is none."""
    for at, header in enumerate(headers):
        for _, text in names_and_units(header, units[at] if at < len(units) else ""):
            cleaned = re.sub("ohms?", "ohm", text.strip(), flags=re.IGNORECASE)
            try:
                conversion(cleaned, "ohm cm2")
            except UnitError:
                continue
            return header
    return ""


def is_impedance_unit(text: str) -> bool:
    """Whether a cell of a possible units row is a unit of frequency, impedance or phase."""
    return any(_unit(text, quantity) for quantity in ("frequency", "z_real", "z_phase")) and text.strip() != "1"


def _rivals(quantity: str) -> tuple[str, ...]:
    """What else a column would be that the caller names: the same with the other sign."""
    pairs = {**_SIGNED, **{value: key for key, value in _SIGNED.items()}}
    return (pairs[quantity],) if quantity in pairs else ()


@lru_cache(maxsize=4096)
def _meaning(header: str, unit_below: str) -> tuple[str, str, int] | None:
    """Quantity, unit and rank of a header."""
    for name, text in names_and_units(header.strip().lstrip("\ufeff#~%").strip(), unit_below):
        plain = re.sub(r"[\s_]+", " ", name.translate(_PRIMES)).strip().lower()
        bare = _MINUS.sub("", plain)
        if bare in _ANGULAR and bare == plain and _unit_of_angle(text):
            return "frequency", _ANGULAR_UNIT, 1
        if bare not in _MEANINGS:
            continue
        quantity, rank = _MEANINGS[bare]
        if bare != plain:
            if quantity not in _SIGNED:
                continue
            quantity = _SIGNED[quantity]
        stated = _unit(text, quantity)
        if stated or not text.strip():
            return quantity, stated, rank
    return None


def _unit(text: str, quantity: str) -> str:
    """The unit as the model reads it; empty where it does not measure the quantity."""
    bare = text.strip().strip("()[]").strip()
    singular = bare.removesuffix("s") if len(bare) > 1 else bare
    for candidate in (bare, singular, _WORDS.get(bare.lower(), ""), _WORDS.get(singular.lower(), "")):
        if not candidate:
            continue
        try:
            conversion(candidate, UNITS[quantity])
        except UnitError:
            continue
        return candidate
    return ""


def _unit_of_angle(text: str) -> bool:
    return text.strip().strip("()[]").replace(" ", "").lower() in {
        "rad/s",
        "rads-1",
        "rads^-1",
        "rad.s-1",
        "rads⁻¹",
        "s-1",
    }
