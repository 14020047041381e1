"""What goes wrong with reports, said on one line."""

from __future__ import annotations

import re


class ReportError(ValueError):
    """A report that cannot be found or made: names the report, the parameter or the cell, and the remedy."""


class NotInStudyError(ValueError):
    """A study, or a file, holds nothing for a report or on a claim; says what is missing. No fault of the study."""


class NothingToReportError(ReportError):
    """A report that was not made because of a :class:`NotInStudyError`.

    Attributes
    ----------
    why
        What that said, without where.
    """

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


def one_line(message: object) -> str:
    """A message of several lines as one, the lines divided by semicolons."""
    lines = [line.strip() for line in str(message).splitlines() if line.strip()]
    return re.sub(r"([:.;,?]);", r"\1", "; ".join(lines))
