"""The page of the docs on formats: what is read, whether it is read rightly, and what is refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from files import Compared, Found
from record import rows

from pchp_widgets.io.registry import measurement_readers, readers

INTRODUCTION = """\
# Formats

A file is recognised by its content, not by its ending; `pchp readers` lists what is installed. Other packages add \
formats by the entry-point groups `pchp_widgets.readers` and `pchp_widgets.measurement_readers`. What none of them \
takes is refused with a reason and, where there is one, a remedy. How that went with {files} real files, and \
whether what was read is right, stands [below](#real-files)."""
REAL = """\
`make bench`, or `python benchmarks/files.py --write` alone, makes this page: it opens every file of the public test \
data of other programs that we have, and holds what it reads against the numbers that others have of the same file. \
The files are not part of the repository: they are other people's, and they are too many. They are looked for where \
the variable `PCHP_DATA` says, else in `../shared/data` beside the repository; `INDEX.md` beside them says where each \
comes from and what other programs read in it. The test suite asserts the same numbers, from the same lists \
(`tests/shared/references.py`)."""
RIGHT = """\
Each cell of the tables says in how many of the files that were compared a number is equal. Where others disagree \
with us or with each other, the instrument decides: its own export, or what stands in the file a second time. Every \
difference is named [below](#where-others-have-another-number).

- **BTSDA's own export**: what Neware's software wrote of the same measurement, compared record by record.
- **EC-Lab's own export**: the text of a `.mpr`, compared column by column to the last printed digit.
- **fastnda**, **NewareNDA**: capacities of the first and the last cycles of Neware's files. fastnda decodes the \
records for us as well, so that these numbers show what we make of them; NewareNDA and the export know nothing of us.
- **datalab-org-galvani**: charges of the first half-cycles of BioLogic's `.mpr`.
- **cellpy**: capacities of the first four cycles of files of Arbin, Maccor, PEC, Neware and of Battery Data Format.
- **authors of the spectra**: what the authors of a file, or other programs, read in it.
- **one spectrum in all formats**: a simulated spectrum that pyimpspec keeps in every format that it reads."""
ROWS = """\
Every program was given every file of cyclers whose ending it claims; what it opened is counted here. Where it reads \
another number of rows than we, the file itself or the instrument's own export says how many there are \
([below](#where-others-read-another-number-of-rows))."""
OTHERS = """\
A number that another program has and that is not ours, why, and what decided. A difference without a reason would \
be a fault of ours, and the tests would fail."""
OTHER_ROWS = """\
The column on the right says what states the number of records independently of any reader, and that number. For a \
Parquet file that is the count of rows in its own footer; for text, its lines below the header; for a binary file, \
the export that the instrument's software wrote of it. It decides even where a program is the only other one that \
opens the file, as with the Parquet file at the top."""

CELLS = {
    "points": ("points",),
    "cycles or half-cycles": ("cycles", "half-cycles", "numbers of cycles"),
    "capacities": ("capacities", "capacities since the step began"),
}
SPECTRA = {"spectra": ("spectra",), "frequencies": ("frequencies of the first",)}
ROWS_READ = "rows read"


def page(table: Mapping[str, Sequence[Found]], numbers: Sequence[Compared]) -> str:
    """All of docs/formats.md."""
    files = [row for rows in table.values() for row in rows]
    parts = [INTRODUCTION.format(files=len(files))]
    for title, group in (("Cells", readers()), ("Materials", measurement_readers())):
        lines = [[one.name, ", ".join(one.suffixes), one.description] for one in group]
        parts += [f"## {title}", rows("reader | endings | instrument, software, format", lines)]
    of_spectra = {one.source for one in numbers if one.quantity == "spectra"}
    held = [one for one in numbers if one.quantity != ROWS_READ]
    parts += ["## Real files", REAL, opened(table, numbers), "### Are the numbers right?", RIGHT]
    parts += [beside([one for one in held if one.source not in of_spectra], CELLS)]
    parts += [beside([one for one in held if one.source in of_spectra], SPECTRA)]
    parts += ["### Rows that other programs read", ROWS, programs(numbers)]
    parts += ["### Where others have another number", OTHERS, explained(held)]
    parts += ["### Where others read another number of rows", OTHER_ROWS, other_rows(files)]
    by_reader = sorted(Counter(row.reader for row in files if not row.refused).items())
    parts += ["### Opened, by reader", rows("reader | files", by_reader)]
    parts += ["### Refused, by reason", refused(files)]
    return "\n\n".join(parts) + "\n"


def opened(table: Mapping[str, Sequence[Found]], numbers: Sequence[Compared]) -> str:
    """Files tried, opened, refused; those whose numbers somebody else has, and those left unexplained."""
    lines = []
    for kind, files in table.items():
        read = {row.file for row in files if not row.refused}
        known = read.intersection(file for one in numbers for file in one.files)
        open_ = read.intersection(file for one in numbers for file, why in one.different.items() if why is None)
        lines.append([kind, len(files), len(read), len(files) - len(read), len(known), len(open_)])
    return rows(
        "files | tried | opened | refused with a reason | opened, with numbers of others | otherwise than others,"
        " and not explained",
        lines,
    )


def beside(numbers: Sequence[Compared], columns: Mapping[str, tuple[str, ...]]) -> str:
    """One line a source, one column a quantity, the others named in the last."""
    sources: dict[str, list[Compared]] = defaultdict(list)
    for one in numbers:
        sources[one.source].append(one)
    lines = []
    for source, of in sources.items():
        cells = [", ".join(share(one) for one in of if one.quantity in names) for names in columns.values()]
        named = {name for names in columns.values() for name in names}
        further = ", ".join(f"{one.quantity} {share(one)}" for one in of if one.quantity not in named)
        lines.append([source, *cells, further])
    return rows(" | ".join(["equal to", *columns, "further"]), lines)


def share(one: Compared) -> str:
    return f"{one.equal} of {len(one.files)}"


def programs(numbers: Sequence[Compared]) -> str:
    lines = [[one.source, len(one.files), one.equal] for one in numbers if one.quantity == ROWS_READ]
    return rows("program | files that it opens | as many rows as we have points", lines)


def explained(numbers: Sequence[Compared]) -> str:
    lines = [
        [short(file), one.quantity, one.source, *(why or ("not explained", ""))]
        for one in numbers
        for file, why in one.different.items()
    ]
    return rows("file | number | who has another | why | what decided", lines)


def other_rows(files: Sequence[Found]) -> str:
    lines = []
    for row in files:
        other = [f"{name} {count}" for name, count in row.rows.items() if count != row.points]
        if other:
            decided = f"{row.why.decided}: {row.points}" if row.why else "not decided"
            lines.append(
                [short(row.file), f"{row.points}{', refused' if row.refused else ''}", ", ".join(other), decided]
            )
    return rows("file | our points | other programs | what decided", lines)


def refused(files: Sequence[Found]) -> str:
    why: dict[str, list[str]] = defaultdict(list)
    for row in files:
        if row.refused:
            why[shortened(row.refused)].append(row.file)
    return rows("why | files", [[reason, "<br>".join(names)] for reason, names in why.items()])


def shortened(text: str, most: int = 240) -> str:
    """Text that ends after a whole word."""
    return text if len(text) <= most else f"{text[:most].rpartition(' ')[0]} ..."


def short(file: str) -> str:
    """The collection that a file is of, and its name."""
    return f"{Path(file).parts[1]}: {Path(file).name}"
