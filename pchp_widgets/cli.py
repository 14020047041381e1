"""``pchp ...``: every command is one public function; what goes wrong is one line on stderr and exit code 1."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="pchp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Meta = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE", help='What is known of the cell, with units: --meta area="1.327 cm2". Repeatable.'
    ),
]
Partial = Annotated[bool, typer.Option("--partial", help="Take what is sound of a damaged or growing file.")]


def _print_version(asked: bool) -> None:
    if asked:
        from . import __version__

        typer.echo(f"pchp_widgets {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
) -> None:
    """From raw cycler files of lithium-metal coating studies to offline reports."""  # --debug is for main()


@app.command()
def report(
    name: Annotated[
        str, typer.Argument(help="A report of `pchp reports`, the path of a notebook, or `all` of a study.")
    ],
    file: Annotated[str | None, typer.Option(help="Raw file of one cell, or a pattern of its files.")] = None,
    study: Annotated[str | None, typer.Option(help="Folder of a study.")] = None,
    cells: Annotated[str | None, typer.Option(help='Pattern of the names of cells: "LFP-*".')] = None,
    meta: Meta = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", "-p", metavar="KEY=VALUE", help="Any other parameter: --set cycles=1,10,100. Repeatable."
        ),
    ] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="Further files: xlsx, svg, pdf, png. Repeatable.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Reports made at the same time, of `all`.")] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="HTML file to write; of `all`, a folder.")
    ] = None,
) -> None:
    """Make a report: one HTML file that opens without a network, its notebook, and its tables as csv."""
    from .reports.catalogue import find
    from .reports.runner import report as make

    if name == "all":
        if file or meta or set_ or cells:
            raise typer.BadParameter("all: takes a study, and neither a file nor parameters of one report")
        _all_reports(study or "demo", output or Path("reports"), jobs, formats or [])
        return
    given = {key: value for key, value in (("file", file), ("study", study)) if value is not None}
    if cells:
        from .reports.source import names_of_cells

        given["cells"] = ",".join(names_of_cells(study or "demo", cells))
    values = find(name).from_text({**given, **_pairs("--set", set_)})
    if meta:
        values["meta"] = _metadata(meta)
    typer.echo(
        make(name, output, formats=formats or [], progress=lambda part: typer.echo(f"  {part}", err=True), **values)
    )


def _all_reports(study: str, folder: Path, jobs: int, formats: list[str]) -> None:
    from .reports.batch import all_reports

    made = all_reports(
        study,
        folder,
        jobs=jobs,
        formats=formats,
        begun=lambda name: typer.echo(f"begins: {name}", err=True),
        progress=lambda name, done, of: typer.echo(f"{done}/{of} {name}", err=True),
    )
    for one in made:
        typer.echo(one.page or f"{one.name}: not made. {one.why}")
    typer.echo(folder / "index.html")
    if any(one.failed for one in made):
        raise typer.Exit(1)


@app.command()
def reports() -> None:
    """List the reports and their parameters."""
    from .reports.catalogue import catalogue

    for found in catalogue().values():
        typer.echo(f"{found.name}: {found.title}")
        for parameter in found.parameters.values():
            typer.echo(f"  {parameter.name}: {parameter.type} = {parameter.default!r}  {parameter.help}")


@app.command()
def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder with raw files.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; study.toml in the folder when left out.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Look at a folder of raw files, and write a first study.toml with what is known, guessed and missing."""
    from .io.inspection import inspect_folder
    from .reports.inspection import inspected

    found = inspect_folder(folder, progress=lambda name, done, of: typer.echo(f"{done}/{of} {name}", err=True))
    typer.echo(inspected(found))
    typer.echo(f"\n{found.write(output, force=force)}")


@app.command()
def build(
    study: Annotated[Path, typer.Argument(help="Folder with study.toml and the raw files.")],
    force: Annotated[bool, typer.Option("--force", help="Read every file again.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Files read at the same time.")] = 1,
) -> None:
    """Read what is new or changed among the raw files of a study into its store."""
    from .io.study import Study

    built = Study.build(
        study, force=force, jobs=jobs, progress=lambda name, done, of: typer.echo(f"{done}/{of} {name}", err=True)
    )
    materials = sum(map(len, built.measurements.values()))
    typer.echo(f"{built.name}: {len(built.cells)} cells, {materials} measurements of materials")
    if built.problems:
        raise typer.Exit(1)


@app.command()
def convert(
    source: Annotated[
        list[str], typer.Argument(help='Raw files of one cell or a pattern of them ("A_*.mpr"), or folder of a study.')
    ],
    target: Annotated[
        Path, typer.Argument(help="File to write: .csv, .bdf, .csv.gz, .parquet (BDF), .nc, .zarr or .xlsx.")
    ],
    cell: Annotated[str, typer.Option(help="Name of the cell, where SOURCE is a study.")] = "",
    meta: Meta = None,
    partial: Partial = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a cell in a format that other programs read: Battery Data Format, netCDF, Zarr, a workbook."""
    from .io.conversion import convert as write

    known = _metadata(meta or [])
    what = source[0] if len(source) == 1 else source
    typer.echo(write(what, target, cell=cell, force=force, partial=partial, **known))  # type: ignore[arg-type]


@app.command()
def readers() -> None:
    """List the file formats that can be read."""
    from .io.registry import readers as installed

    for reader in installed():
        typer.echo(f"{reader.name:20} {', '.join(reader.suffixes) or 'any':24} {reader.description}")


@app.command()
def show(
    files: Annotated[list[str], typer.Argument(help='Raw file of one cell, several, or a pattern: "A_*.mpr".')],
    meta: Meta = None,
    partial: Partial = False,
) -> None:
    """Summarise the raw files of a cell on one screen."""
    from .io.cell import open_cell
    from .io.contract import ReaderWarning
    from .reports.overview import overview

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)  # the summary ends with them
        tree = open_cell(files, partial=partial, **_metadata(meta or []))  # type: ignore[arg-type]
    typer.echo(overview(tree))


@app.command()
def demo(folder: Annotated[Path, typer.Argument(help="Folder to make.")] = Path("pchp-study")) -> None:
    """Copy the demo study, synthetic raw files and their study.toml, out of the package."""
    from .reports.bundled import demo_study

    typer.echo(demo_study(folder))


def main() -> None:
    """Entry point of ``pchp``."""
    warnings.showwarning = _say_warning
    try:
        app()
    except Exception as error:  # whatever it is: a person at a terminal reads one line
        if "--debug" in sys.argv:
            raise
        from .reports.errors import one_line

        known = isinstance(error, ValueError | OSError)
        text = one_line(error) if known else f"unexpected {type(error).__name__}: {one_line(error)} (more with --debug)"
        typer.echo(f"pchp: {text}", err=True)
        raise SystemExit(1) from None


def _metadata(pairs: list[str]) -> dict[str, str]:
    """Pairs of --meta, each of which is checked, so that an error names the key before anything is read."""
    from .model.metadata import cell_metadata

    values = _pairs("--meta", pairs)
    cell_metadata(values)
    return values


def _pairs(option: str, pairs: list[str] | None) -> dict[str, str]:
    values = {}
    for pair in pairs or []:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise ValueError(f'{option} {pair!r}: write key=value, for example {option} area="1.327 cm2"')
        values[key.strip()] = value.strip()
    return values


def _say_warning(message: Warning | str, *_: object, **__: object) -> None:
    from .reports.errors import one_line

    typer.echo(f"pchp: warning: {one_line(message)}", err=True)
