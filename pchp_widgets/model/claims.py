"""``claims.toml``: what a paper claims, the numbers it states, and what it says in words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .metadata import problems_in_words

FILE_NAME = "claims.toml"

Stated = str | float | tuple[str | float, str | float, str | float]
"""``"26 mV"``, a plain number, or a number with the ends of its interval."""


class ClaimsError(ValueError):
    """A file of claims that cannot be read: names the file, the key and the remedy."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PaperSource(_Table):
    """Table ``[source]``: whose claims these are."""

    title: str = Field(min_length=1, description="of the paper")
    reference: str = Field("", description="journal, year, DOI")
    samples: tuple[str, ...] = Field((), description="names of all samples")


class Claim(_Table):
    """One table ``[[claims]]``: a number that a study can decide."""

    id: str = Field(min_length=1, description="unique, such as C18")
    technique: str = Field(description="symmetric, cycling, thermal, ...: how it was measured")
    sample: str = Field("", description="sample, or coating of the cells")
    quantity: str = Field("", description="what is recomputed; empty where data cannot decide")
    conditions: dict[str, str | float] = Field(default_factory=dict, description="what selects cells and settings")
    value: str | float = Field(description='with its unit: "344 h"; words where it is no number')
    relation: Literal["equal", "at most", "at least"] = "equal"
    tolerance: float = Field(0.05, ge=0, description="relative difference that still counts as the same")
    where: str = Field("", description="place in the paper")
    why_not: str = Field("", description="why data cannot decide it, where they cannot")

    @model_validator(mode="after")
    def _decidable_or_said_why(self) -> Claim:
        if not self.quantity and not self.why_not:
            raise ValueError("quantity: say what is to be recomputed, or in why_not why data cannot decide it")
        return self


class Wording(_Table):
    """Table ``[wording]``: names, the printed formula, and what is stated at all."""

    conductivity_formula: dict[str, int] | None = Field(None, description="powers of l, R and A")
    reported: tuple[str, ...] | None = Field(None, description="items of reporting that are stated")
    names: dict[str, str] = Field(default_factory=dict, description="names of samples as written, and where")


class Said(_Table):
    """One table ``[[statements]]``: what the places of a paper say of one subject."""

    subject: str = Field(min_length=1)
    says: dict[str, str] = Field(description="what is said, and where")


class PaperFigure(_Table):
    """One table ``[[figures]]``: a figure that is drawn again from a study."""

    number: str = Field(min_length=1, description="as in the paper, such as 4a")
    shows: str = Field(description="what is seen")
    figure: str = Field(description="which figure of ours: trace, capacity, rate, nyquist, ..., thermal/curves, ...")
    cells: str = Field("*", description="pattern of the names of its cells")
    samples: tuple[str, ...] = Field((), description="its samples; all of the technique when empty")


class ClaimsFile(_Table):
    """The whole of ``claims.toml``."""

    source: PaperSource
    claims: tuple[Claim, ...] = ()
    facts: Mapping[str, Mapping[str, Stated]] = Field(default_factory=dict)
    wording: Wording = Field(default_factory=lambda: Wording.model_validate({}))
    statements: tuple[Said, ...] = ()
    figures: tuple[PaperFigure, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ClaimsFile:
        ids = [claim.id for claim in self.claims]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"claims: the id {', '.join(twice)} stands more than once")
        return self


def read_claims_file(path: Path) -> ClaimsFile:
    """Read and check a ``claims.toml``.

    Raises
    ------
    ClaimsError
        Names the file, the key and what to write instead, for every problem at once.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ClaimsError(f"{path}: cannot be read ({error.strerror}); write the claims into a {FILE_NAME}") from None
    except tomllib.TOMLDecodeError as error:
        raise ClaimsError(f"{path}: is not valid TOML: {error}") from None
    try:
        return ClaimsFile.model_validate(content)
    except ValidationError as error:
        models = (ClaimsFile, PaperSource, Claim, Wording, Said, PaperFigure)
        raise ClaimsError("\n".join(f"{path}: {one}" for one in problems_in_words(error, *models))) from None
