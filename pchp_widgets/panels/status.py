"""What a panel says when something is wrong."""

from __future__ import annotations

from html import escape


def in_words(error: Exception) -> str:
    """An error as a user can read it: ours say what is wrong and what to do, others come with their type."""
    if isinstance(error, ValueError | KeyError | OSError):
        return str(error.args[0] if len(error.args) == 1 else error)
    return f"{type(error).__name__}: {error}. The traceback: `raise panel.error`."


def status_html(text: str) -> str:
    """A line that is seen, in either theme; nothing when there is nothing to say."""
    if not text:
        return ""
    style = "border-left:4px solid #D55E00;padding:2px 8px;color:var(--jp-ui-font-color1,#222);line-height:1.4"
    if "\n" in text:  # it points at a place in the line above
        style += ";white-space:pre-wrap;font-family:var(--jp-code-font-family,monospace)"
    return f'<div role="status" style="{style}">{escape(text)}</div>'
