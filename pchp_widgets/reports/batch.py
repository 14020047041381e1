"""All reports that can be made of a study, several at a time, and a page that lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from threading import Lock

from .catalogue import ReportNotebook, catalogue
from .errors import NothingToReportError, ReportError
from .runner import report

Begun = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """What became of one report.

    Attributes
    ----------
    name, title
        Of the report.
    page
        Its HTML file; None when it was not made.
    why
        Why it was not made; empty when it was.
    failed
        Whether that is a fault, and not a study that has nothing for this report.
    """

    name: str
    title: str
    page: Path | None
    why: str = ""
    failed: bool = False


def all_reports(
    study: str | Path,
    folder: str | Path = "reports",
    *,
    names: Sequence[str] = (),
    jobs: int = 1,
    formats: Sequence[str] = (),
    begun: Begun | None = None,
    progress: Progress | None = None,
) -> list[Made]:
    """Make every report that a study has something for.

    Parameters
    ----------
    study
        Folder of a study, or ``"demo"``.
    folder
        Where they are written, with ``index.html``, which lists them.
    names
        Of the reports; all of the catalogue when empty.
    jobs
        Reports made at the same time, each by a Python of its own.
    formats
        As :func:`~.runner.report` takes them.
    begun
        Called with the name of each report as it begins.
    progress
        Called after each report with its name, how many are done, and of how many.

    Returns
    -------
    list of Made
        In the order of the catalogue.

    Raises
    ------
    ReportError
        When there is no such report, or the folder cannot be written.
    """
    wanted, place = _wanted(names), _made_folder(folder)
    done, one_at_a_time = 0, Lock()  # several jobs tell of themselves

    def make(one: ReportNotebook) -> Made:
        nonlocal done
        if begun:
            with one_at_a_time:
                begun(one.name)
        made = _made(one, study, place, formats)
        with one_at_a_time:
            done += 1
            if progress:
                progress(one.name, done, len(wanted))
        return made

    with ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        found = list(pool.map(make, wanted))
    (place / "index.html").write_text(_index(found, str(study)), "utf-8")
    return found


def _wanted(names: Sequence[str]) -> list[ReportNotebook]:
    """Reports of these names that a study can have, or all of them."""
    known = catalogue()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ReportError(f"there is no report {unknown[0]!r}; there are {', '.join(known)}")
    return [known[name] for name in names or known if "study" in known[name].parameters]


def _made_folder(folder: str | Path) -> Path:
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"{place}: cannot be made ({error.strerror})") from None
    return place


def _made(one: ReportNotebook, study: str | Path, folder: Path, formats: Sequence[str]) -> Made:
    page = folder / f"{one.name}.html"
    try:
        return Made(one.name, one.title, report(one.path, page, study=str(study), formats=formats))
    except NothingToReportError as error:
        page.with_suffix(".failed.ipynb").unlink(missing_ok=True)
        return Made(one.name, one.title, None, error.why)
    except ReportError as error:
        return Made(one.name, one.title, None, str(error), failed=True)


def _index(found: Sequence[Made], study: str) -> str:
    rows = "".join(
        f'<li><a href="{escape(one.page.name)}">{escape(one.title)}</a></li>'
        if one.page
        else f"<li>{escape(one.title)}: <small>not made. {escape(one.why)}</small></li>"
        for one in found
    )
    style = "body{font-family:sans-serif;max-width:44em;margin:2em auto;line-height:1.6}"
    title = f"Reports on {escape(study)}"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><h1>{title}</h1><ul>{rows}</ul></body></html>\n'
