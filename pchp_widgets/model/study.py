"""``study.toml``: what a person writes beside the raw files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .measurements import TECHNIQUES
from .metadata import UNITS, CellMetadata, problems_in_words
from .samples import SAMPLE_UNITS, SampleMetadata, misplaced

FILE_NAME = "study.toml"


class StudyError(ValueError):
    """A study that cannot be built or opened: names the file, the key and the remedy."""


class StudyHeader(BaseModel):
    """Table ``[study]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="name of the study")
    description: str = ""
    notice: str = Field("", description="shown with every figure and report, for example that the data are synthetic")


class CellEntry(CellMetadata):
    """One table ``[[cells]]``: where its files are, how to read them, and what is known of the cell."""

    name: str = Field(min_length=1, pattern=r"^[^/\\]+$", description="unique name of the cell")
    file: str = Field("", description="raw file, relative to study.toml")
    files: tuple[str, ...] = Field(
        (), description='several files, or patterns of them: "raw/A_*.mpr", "raw/A_EIS_{cycle}.mpr"'
    )
    partial: bool = Field(False, description="take what is sound of a damaged or growing file")
    columns: dict[str, str] = Field(
        default_factory=dict, description="our name to the header in the file, for text files"
    )

    @field_validator("files", mode="before")
    @classmethod
    def _listed(cls, files: object) -> object:
        return (files,) if isinstance(files, str) else files

    @model_validator(mode="after")
    def _has_one_kind_of_files(self) -> CellEntry:
        if bool(self.file) == bool(self.files):
            both = "file and files are both there; keep one of them" if self.file else "neither file nor files is there"
            example = 'file = "raw/A.mpr" names one, files = "raw/A_*.mpr" several that are one cell'
            raise ValueError(f"{both}: {example}")
        return self

    @property
    def where(self) -> str | tuple[str, ...]:
        """The one file, or the paths and patterns of several."""
        return self.file or self.files

    @property
    def key(self) -> str:
        """What no other entry is called."""
        return self.name

    @property
    def label(self) -> str:
        """What the entry is called in messages."""
        return f"cell {self.name!r}"

    def metadata(self) -> dict[str, object]:
        """What was said of the cell, with units, as :func:`pchp_widgets.open_cell` takes it."""
        return _said(self, CellMetadata, UNITS)


class MeasurementEntry(SampleMetadata):
    """One table ``[[measurements]]``: where the file is, how to read it, and what is known of the sample."""

    name: str = Field(min_length=1, pattern=r"^[^/\\]+$", description="name of the sample, the same in every technique")
    technique: str = Field(description="thermal, diffraction, sorption, ...: what the file was measured with")
    file: str = Field(min_length=1, description="raw file, relative to study.toml")
    partial: bool = Field(False, description="take what is sound of a damaged or growing file")
    columns: dict[str, str] = Field(
        default_factory=dict, description="our name to the header in the file, for text files"
    )

    @field_validator("technique")
    @classmethod
    def _known_technique(cls, technique: str) -> str:
        if technique not in TECHNIQUES:
            raise ValueError(f"{technique!r} is no technique; choose one of {', '.join(TECHNIQUES)}")
        return technique

    @model_validator(mode="after")
    def _of_this_technique(self) -> Self:
        wrong = misplaced(self.model_fields_set, self.technique)
        if wrong:
            raise ValueError(wrong)
        return self

    @property
    def key(self) -> str:
        """What no other entry is called."""
        return f"{self.technique}/{self.name}"

    @property
    def label(self) -> str:
        """What the entry is called in messages."""
        return f"{self.technique} of {self.name!r}"

    def metadata(self) -> dict[str, object]:
        """What was said of the sample, with units, as :func:`pchp_widgets.open_measurement` takes it."""
        return _said(self, SampleMetadata, SAMPLE_UNITS)


def _said(entry: BaseModel, model: type[BaseModel], units: Mapping[str, str]) -> dict[str, object]:
    said = {name: getattr(entry, name) for name in entry.model_fields_set & model.model_fields.keys()}
    return {name: f"{value!r} {units[name]}" if name in units else value for name, value in said.items()}


class StudyFile(BaseModel):
    """The whole of ``study.toml``; ``[defaults]`` holds for every cell that does not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: StudyHeader
    cells: tuple[CellEntry, ...] = ()
    measurements: tuple[MeasurementEntry, ...] = ()

    @property
    def entries(self) -> tuple[CellEntry | MeasurementEntry, ...]:
        """All that has a file."""
        return (*self.cells, *self.measurements)

    @model_validator(mode="after")
    def _labels_are_unique(self) -> StudyFile:
        labels = [entry.label for entry in self.entries]
        if not labels:
            raise ValueError("cells: there is neither a table [[cells]] nor [[measurements]]; write one per file")
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"cells: {', '.join(twice)} stands more than once; every entry needs a name of its own")
        return self


def read_study_file(path: Path) -> StudyFile:
    """Read and check a ``study.toml``.

    Raises
    ------
    StudyError
        Names the file, the line, the key and what to write instead, for every problem at once.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({error.strerror}); a study folder holds a {FILE_NAME}") from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: is not valid TOML: {error}") from None
    defaults = content.pop("defaults", {})
    problems = _problems(CellMetadata, defaults, "defaults.", text)
    if not problems:
        cells = content.get("cells", [])
        if isinstance(cells, list) and isinstance(defaults, dict):
            content["cells"] = [{**defaults, **cell} if isinstance(cell, dict) else cell for cell in cells]
        problems = _problems(StudyFile, content, "", text)
    if problems:
        raise StudyError("\n".join(f"{path}{problem}" for problem in problems))
    return StudyFile.model_validate(content)


def _problems(model: type[BaseModel], content: object, prefix: str, text: str) -> list[str]:
    try:
        model.model_validate(content)
    except ValidationError as error:
        sentences = problems_in_words(error, *((CellEntry, MeasurementEntry) if model is StudyFile else ()), model)
        return [f"{_line(text, prefix + sentence.partition(':')[0])}: {prefix}{sentence}" for sentence in sentences]
    return []


def _line(text: str, key: str) -> str:
    """Where a key such as ``cells[2].area`` stands: ``", line 14"``, or nothing where it cannot be found."""
    table = re.match(r"(\w+)(?:\[(\d+)\])?(?:\.(\w+))?", key)
    if table is None:
        return ""
    headers = [m.end() for m in re.finditer(rf"^\s*\[\[?{table[1]}\]\]?", text, re.MULTILINE)]
    number = int(table[2] or 0)
    if number >= len(headers):
        return ""
    start = headers[number]
    if table[3]:
        following = re.search(r"^\s*\[", text[start:], re.MULTILINE)
        body = text[start : start + following.start() if following else len(text)]
        found = re.search(rf"^\s*{table[3]}\s*=", body, re.MULTILINE)
        start += found.end() if found else 0
    return f", line {text[:start].count(chr(10)) + 1}"
