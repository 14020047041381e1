"""``study.toml``: what a person writes beside the raw files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .metadata import UNITS, CellMetadata, problems_in_words

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
    """One table ``[[cells]]``: where the file is, how to read it, and what is known of the cell."""

    name: str = Field(min_length=1, pattern=r"^[^/\\]+$", description="unique name of the cell")
    file: str = Field(min_length=1, description="raw file, relative to study.toml")
    partial: bool = Field(False, description="take what is sound of a damaged or growing file")
    columns: dict[str, str] = Field(
        default_factory=dict, description="our name to the header in the file, for text files"
    )

    def metadata(self) -> dict[str, object]:
        """What was said of the cell, with units, as :func:`pchp_widgets.open_cell` takes it."""
        said = {name: getattr(self, name) for name in self.model_fields_set & CellMetadata.model_fields.keys()}
        return {name: f"{value!r} {UNITS[name]}" if name in UNITS else value for name, value in said.items()}


class StudyFile(BaseModel):
    """The whole of ``study.toml``; ``[defaults]`` holds for every cell that does not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: StudyHeader
    cells: tuple[CellEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> StudyFile:
        names = [entry.name for entry in self.cells]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"cells: the names {', '.join(twice)} stand more than once; every cell needs its own")
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
        sentences = problems_in_words(error, CellEntry if model is StudyFile else model, model)
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
