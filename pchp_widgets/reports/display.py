"""What a report notebook shows: sentences and numbered figures, live in JupyterLab and fixed in an unattended run."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, init=False)
class Text:
    """Paragraphs of plain text.

    Parameters
    ----------
    *paragraphs
        Sentences; nothing in them is taken for markup.
    role
        ``"subject"`` for the line under the title, ``"notice"`` for what must not be overlooked.
    """

    paragraphs: tuple[str, ...]
    role: str

    def __init__(self, *paragraphs: str, role: str = "") -> None:
        object.__setattr__(self, "paragraphs", tuple(text for text in paragraphs if text))
        object.__setattr__(self, "role", role)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        kind = f' class="{self.role}"' if self.role else ""
        html = "".join(f"<p{kind}>{escape(text)}</p>" for text in self.paragraphs)
        return {"text/plain": "\n\n".join(self.paragraphs), "text/html": html}
