"""Sentences, definitions and headers as they are printed: minus signs, exponents, and no number apart from its unit."""

from __future__ import annotations

import re

from ..model.units import pretty

_NO_BREAK = "\N{NO-BREAK SPACE}"
_SUPERSCRIPTS = str.maketrans("0123456789-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ")
_SYMBOLS = (
    r"(?:[munkMG]?(?:A|V|W|Hz|Pa|N|S|F|C|K|J|eV|ohm|mol|bar|g|L|m|h|s)|cm|[cdmunk]m|um|uL|kg|mg|ug|min|degC|angstrom)"
)
_UNITS = re.compile(rf"(?<=\d )({_SYMBOLS}-?\d?(?: {_SYMBOLS}-?\d?)*)(?![\w^])")
_QUOTED = re.compile(r'("[^"]*")')
_RULES = (
    (re.compile(r"(?<=\d)%"), " %"),
    (re.compile(r"(?<=[\s(\[])-(?=\d|Im\b)"), "−"),
    (re.compile(r"(?<=[\w)|]) - (?=[\w(|√])"), " − "),
    (re.compile(r"(?<=[\w)]) x (?=[\w(])"), " × "),
    (re.compile(r" ?<= ?"), " ≤ "),
    (re.compile(r" ?>= ?"), " ≥ "),
    (re.compile(r"\+-"), "±"),
    (re.compile(r" ?\^ ?(-?\d|n\b)"), lambda found: found[1].translate(_SUPERSCRIPTS)),
    (re.compile(r" \^ "), "^"),
)
_NAMES = re.compile(r"(?<=[a-z]{3})_(?=[a-z]{2})")
_TOGETHER = re.compile(r"(?<=\d) (?=[%±])|(?<=±) ")
_POWER = re.compile(r"(?<![\w.])(\d(?:\.\d+)?)e([-+]\d{2})(?!\w)")
_ACRONYMS = {
    "sei": "SEI",
    "bic": "BIC",
    "asr": "ASR",
    "ce": "CE",
    "cv": "CV",
    "c rate": "C-rate",
    "nmr": "NMR",
    "xps": "XPS",
    "n to p": "N/P",
    "charge transfer": "charge-transfer",
    "half cycle": "half-cycle",
    "half cycles": "half-cycles",
    "cut off": "cut-off",
}
_WORDS = re.compile(rf"\b(?:{'|'.join(sorted(_ACRONYMS, key=len, reverse=True))})\b")


def typeset(text: str) -> str:
    """A sentence or an equation as it is printed; names, and what is quoted to be typed in, stay as they are."""
    return "".join(part if part.startswith('"') else _set(part) for part in _QUOTED.split(text))


def _set(text: str) -> str:
    text = _POWER.sub(lambda found: f"{found[1]} × 10{str(int(found[2])).translate(_SUPERSCRIPTS)}", text)
    for pattern, by in _RULES:
        text = pattern.sub(by, text)
    return _UNITS.sub(lambda found: pretty(found[1]), text)


def unbroken(text: str) -> str:
    """A sentence whose numbers stay on one line with what belongs to them: a sign of per cent, an uncertainty."""
    return _TOGETHER.sub(_NO_BREAK, text)


def definition(text: str) -> str:
    """A definition as it is printed: names of variables are words, and what is NaN in a dataset is empty on a page."""
    return typeset(_NAMES.sub(" ", text).replace("NaN", "empty"))


def heading(name: str) -> str:
    """The name of a column as it is printed: underscores are spaces, abbreviations capitals."""
    return _WORDS.sub(lambda found: _ACRONYMS[found[0]], name.replace("_", " "))
