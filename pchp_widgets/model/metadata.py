"""What a person knows about a cell and the file does not say."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from .units import magnitude

Model = TypeVar("Model", bound=BaseModel)

CycleRule = Literal["charge_first", "discharge_first", "plating_first", "instrument"]
CellKind = Literal["symmetric", "transport", "full", "half", "li_cu", ""]


def quantity(units: str) -> Any:
    """A number stored in `units`, typed as text with any unit of the same kind; NaN where nobody said."""
    return Annotated[
        float, BeforeValidator(lambda value: _magnitude(value, units)), Field(json_schema_extra={"units": units})
    ]


def _magnitude(value: object, units: str) -> float:
    if isinstance(value, float) and math.isnan(value):
        return value
    return magnitude(value, units)  # type: ignore[arg-type]


class CellMetadata(BaseModel):
    """Metadata of one cell; quantities are typed with units (``area="1.327 cm2"``), whatever is left out is unknown.

    Numbers are kept in the units of :data:`UNITS`. Missing text is ``""``, a missing quantity NaN, and both are
    listed by :meth:`missing`: nothing is guessed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: CellKind = Field(
        "",
        description=(
            "symmetric (Li||Li), transport (Li||Li that is polarized or measured by impedance but not cycled), "
            "full (cathode||Li), half (other electrode||Li), or li_cu"
        ),
    )
    cycle_rule: Literal["charge_first", "discharge_first", "plating_first", "instrument", ""] = Field(
        "", description="which half-cycle opens a cycle"
    )
    coating: str = Field("", description="coating of the lithium; 'bare' for none")
    coated_faces: int = Field(-1, ge=-1, le=2, description="electrodes that carry the coating; -1 unknown")
    coating_thickness: quantity("um") = Field(math.nan, description="dry thickness of the coating")  # type: ignore[valid-type]
    area: quantity("cm2") = Field(math.nan, gt=0, description="area of the electrode")  # type: ignore[valid-type]
    lithium_thickness: quantity("um") = Field(math.nan, description="thickness of the lithium")  # type: ignore[valid-type]
    cathode: str = Field("", description="active material of the cathode, or of the working electrode of a half cell")
    loading: quantity("mg cm-2") = Field(math.nan, description="active mass of the cathode per area")  # type: ignore[valid-type]
    cathode_thickness: quantity("um") = Field(math.nan, description="thickness of the cathode, without its foil")  # type: ignore[valid-type]
    nominal_capacity: quantity("mA h cm-2") = Field(math.nan, description="capacity the cell was designed for")  # type: ignore[valid-type]
    half_cycle_capacity: quantity("mA h cm-2") = Field(math.nan, description="capacity set per half-cycle")  # type: ignore[valid-type]
    current: quantity("mA") = Field(math.nan, description="amplitude, for files without a current column")  # type: ignore[valid-type]
    electrolyte: str = ""
    electrolyte_volume: quantity("uL") = Field(math.nan, description="electrolyte in the cell")  # type: ignore[valid-type]
    separator: str = ""
    temperature: quantity("degC") = Field(math.nan, description="temperature of the test")  # type: ignore[valid-type]
    pressure: quantity("MPa") = Field(math.nan, description="stack pressure")  # type: ignore[valid-type]
    failure_criterion: Literal["", "short", "polarization", "voltage", "noise", "stop"] = Field(
        "", description="the criterion the owner of the cell means by failure; all are reported"
    )
    formation_cycles: int = Field(-1, ge=-1, description="cycles before the test proper; -1 unknown")
    protocol: str = ""
    replicate: str = ""
    notes: str = ""

    def missing(self) -> list[str]:
        """Names of what nobody said, of all that a reader of the results would ask for."""
        optional = {"current", "notes", "replicate", "cycle_rule", "half_cycle_capacity", "failure_criterion"}
        if self.kind not in {"full", "half"}:
            optional |= {"cathode", "loading", "nominal_capacity", "cathode_thickness"}
        if self.kind == "transport":
            optional |= {"formation_cycles", "lithium_thickness"}
        if self.coating == "bare":
            optional |= {"coated_faces", "coating_thickness"}
        empty = [name for name, value in self if value in {"", -1} or (isinstance(value, float) and math.isnan(value))]
        return [name for name in empty if name not in optional]


def units_of(model: type[BaseModel]) -> dict[str, str]:
    """Stored unit of each quantity of a metadata model."""
    return {
        name: str(extra["units"])
        for name, field in model.model_fields.items()
        for extra in [field.json_schema_extra or {}]
        if isinstance(extra, dict) and "units" in extra
    }


UNITS = units_of(CellMetadata)
"""Stored unit of each metadata quantity of a cell."""


def cell_metadata(values: Mapping[str, object]) -> CellMetadata:
    """Metadata of a cell from keywords, a TOML table or ``--meta`` pairs; raises as :func:`checked` does."""
    return checked(CellMetadata, values)


def checked(model: type[Model], values: Mapping[str, object]) -> Model:
    """Metadata of some kind from keywords.

    Raises
    ------
    ValueError
        Names every field that is wrong, and what to write instead.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise ValueError("; ".join(problems_in_words(error, model))) from None


def problems_in_words(error: ValidationError, *models: type[BaseModel]) -> list[str]:
    """One sentence per problem: where it is, what was found, and the remedy."""
    known = [name for model in models for name in model.model_fields]
    sentences = []
    for problem in error.errors():
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in problem["loc"]).lstrip(".")
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(set(known)))}"
            sentences.append(f"{where}: no such field; {hint}")
        else:
            text = problem["msg"].removeprefix("Value error, ")
            plain = text.startswith(("'", '"')) or problem["type"] == "missing" or isinstance(problem["input"], Mapping)
            shown = "" if plain else f" (found {problem['input']!r})"
            sentences.append(f"{where}: {text}{shown}" if where else text)
    return sentences
