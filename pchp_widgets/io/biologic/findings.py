"""What is found wrong with a file while it is read: raised, or told when what is sound will do."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from ..contract import ReaderError


class Findings:
    """Judge of one file.

    Parameters
    ----------
    path
        The file, named in every error.
    partial
        Whether what is sound of a damaged file is wanted: then :meth:`damage` is only noted.

    Attributes
    ----------
    warnings
        Sentences noted so far.
    """

    def __init__(self, path: Path, partial: bool = False) -> None:
        self.path = path
        self.partial = partial
        self.warnings: list[str] = []

    def note(self, sentence: str) -> None:
        """Keep a sentence on something passed over or doubtful."""
        self.warnings.append(sentence)

    def damage(self, sentence: str) -> None:
        """Refuse the file, unless what is sound of it is wanted.

        Raises
        ------
        ReaderError
            Without ``partial``.
        """
        if not self.partial:
            self.refuse(f"{sentence}. With partial=True what is sound of it is read")
        self.note(sentence)

    def refuse(self, sentence: str) -> NoReturn:
        """Refuse the file, whatever is wanted.

        Raises
        ------
        ReaderError
            Always.
        """
        raise ReaderError(self.path, sentence)


def file_content(path: Path) -> bytes:
    """All bytes of a file.

    Raises
    ------
    ReaderError
        When it cannot be opened or is empty.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReaderError(path, f"cannot be read: {error.strerror or error}") from error
    if not content:
        raise ReaderError(path, "the file is empty (0 bytes)")
    return content
