"""The report on materials: a section for every technique there is."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from ..io.contract import ReaderWarning
from ..io.measurement import open_measurement
from ..io.study import Study, open_study
from ..model.measurements import TECHNIQUES, merged
from .display import Entries
from .errors import NotInStudyError
from .sections import Section
from .source import DEMO, reader_remarks, study_folder
from .tables import Column, Table

ASKED: dict[str, dict[str, str]] = {
    "thermal": {"mass": "no heat per mass", "peg_fraction": "no crystallinity of the PEG"},
    "diffraction": {"wavelength": "no distances"},
    "sorption": {
        "gas": "no saturation pressure",
        "temperature": "no saturation pressure",
        "degas_temperature": "what was left in the pores is unknown",
    },
    "indentation": {
        "poisson_ratio": "no modulus, only the reduced one",
        "thickness": "how far the substrate is felt is unknown",
    },
    "photoemission": {"state": "layers cannot be told apart"},
    "composition": {
        "nucleus": "which groups a spectrum shows is unknown",
        "relaxation_delay": "whether integrals count nuclei is unknown",
    },
    "adhesion": {
        "width": "no force per width",
        "peel_angle": "no energy release",
        "failure_mode": "what was torn apart is unknown",
    },
    "micrograph": {
        "imaged": "whether it is a section or a surface is unknown",
        "section_angle": "a section is taken to be seen at a right angle",
    },
}
"""What a reader of the results would ask for, beside the material, and what cannot be said without it."""


@dataclass(frozen=True)
class Materials:
    """What the report is about.

    Attributes
    ----------
    measured
        Measurements by technique, each of one sample.
    title, description, notice
        File or study in a few words, what it is about, and what has to stand with every figure.
    missing
        Why measurements of the study are not there, a sentence for each.
    """

    measured: Mapping[str, Sequence[xr.Dataset]]
    title: str
    description: str = ""
    notice: str = ""
    missing: tuple[str, ...] = ()

    @property
    def trees(self) -> list[xr.DataTree]:
        """Every measurement under a name that tells it from all others, for the tables on where numbers come from."""
        return [
            xr.DataTree(part, name=f"{technique} of {part['sample'].values[0]}")
            for technique, parts in self.measured.items()
            for part in parts
        ]


def materials(
    *,
    file: str = "",
    study: str = DEMO,
    technique: str = "",
    samples: Sequence[str] = (),
    meta: Mapping[str, object] | None = None,
) -> Materials:
    """Open what the report is asked to show.

    Parameters
    ----------
    file
        Raw file of one sample; the study is not looked at when it is given.
    study
        Folder of a study, or ``"demo"``.
    technique
        The only one that is shown, of a study; how to understand the file, where its content does not tell.
    samples
        Names of samples of the study; all when empty.
    meta
        Metadata of the file, with units.

    Raises
    ------
    ReaderError, StudyError
        When the file or the study cannot be opened.
    NotInStudyError
        When the study has no such technique or sample.
    ValueError
        When both are given.
    """
    if file:
        if study not in {"", DEMO} or samples:
            raise ValueError("file: give either a file, or a study and the names of its samples")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReaderWarning)  # the measurement keeps them, and the report shows them
            found = open_measurement(file, technique=technique, **(meta or {}))  # type: ignore[arg-type]
        doubts = reader_remarks(found.attrs)
        return Materials({str(found.attrs["technique"]): [found]}, f"File {Path(file).name}", notice=doubts)
    if meta:
        raise ValueError("meta: describes a file; what is known of the samples of a study stands in its study.toml")
    return materials_of_study(open_study(study_folder(study)), technique, samples)


def materials_of_study(opened: Study, technique: str = "", samples: Sequence[str] = ()) -> Materials:
    """The measurements of a study that is open already; see :func:`materials`."""
    wanted = (technique,) if technique else tuple(opened.measurements)
    chosen = {of: [name for name in opened.measurements.get(of, ()) if not samples or name in samples] for of in wanted}
    chosen = {of: names for of, names in chosen.items() if names}
    if not chosen:
        there = "; ".join(f"{of}: {', '.join(names)}" for of, names in opened.measurements.items())
        asked = " of ".join(filter(None, [technique or "measurement", ", ".join(samples)]))
        raise NotInStudyError(f"study {opened.name!r} has no {asked}; it has {there or 'cells alone'}")
    measured = {of: [opened.measurement(of, name).load() for name in names] for of, names in chosen.items()}
    problems = tuple(text for key, text in opened.problems.items() if "/" in key)
    return Materials(measured, f"Study {opened.name}", opened.description, opened.notice, problems)


def sections(found: Materials) -> Iterator[Section]:
    """What there is to say of every technique, or why nothing, in the order in which the package names them."""
    for technique, known in TECHNIQUES.items():
        if technique in found.measured:
            module = importlib.import_module(f".{technique}", __package__)
            try:
                yield module.section(merged(found.measured[technique]))
            except ValueError as error:
                yield Section(known.title.capitalize(), notices=[f"Nothing can be said. {error}."])


def summary(made: Iterable[Section]) -> Entries:
    """What was found by each technique."""
    return Entries({one.title: _in_short(one) for one in made})


def _in_short(one: Section) -> str:
    findings = [text for text in one.findings if text] or ["No number could be found."]
    count = len(one.notices)
    return " ".join([*findings, *([f"{count} remark{'s' * (count > 1)} below."] if count else [])])


def missing_metadata(found: Materials) -> Table:
    """What nobody said of the samples, and why it matters."""
    rows = [
        (field, f"{technique} of {part['sample'].values[0]}", why)
        for technique, parts in found.measured.items()
        for part in parts
        for field, why in {"material": "the sample has no hue of its own", **_asked(technique, part)}.items()
        if _is_unknown(part, field)
    ]
    columns = [Column(name, [row[at] for row in rows]) for at, name in enumerate(("field", "sample", "why_it_matters"))]
    remedy = 'They are given in study.toml, or as meta: --meta mass="5.2 mg".'
    caption = "What is not known of the samples, and why it matters."
    return Table("missing_metadata", caption, columns, notes=[remedy if rows else "Nothing is missing."])


def assumptions(found: Materials) -> Table:
    """What was derived or assumed on the way from the files to the measurements."""
    rows = [
        (f"{technique} of {part['sample'].values[0]}", str(name), str(variable.attrs["origin"]))
        for technique, parts in found.measured.items()
        for part in parts
        for name, variable in part.variables.items()
        if variable.attrs.get("origin")
    ]
    columns = [Column(name, [row[at] for row in rows]) for at, name in enumerate(("sample", "what", "how"))]
    notes = [] if rows else ["Everything was read as the instruments wrote it."]
    return Table("assumptions", "What was derived or assumed.", columns, notes=notes)


def _asked(technique: str, part: xr.Dataset) -> Mapping[str, str]:
    """Of a composition without a spectrum, what elemental analysis does not say."""
    if technique == "composition" and "intensity" not in part:
        return {"element_error": "a usual error of 0.3 % is taken"}
    return ASKED.get(technique, {})


def _is_unknown(part: xr.Dataset, field: str) -> bool:
    if field not in part.variables:
        return True
    values = part[field].values
    return bool(np.isnan(values).all()) if values.dtype.kind == "f" else not any(map(str, values.ravel().tolist()))
