"""A notebook run from its first cell to its last, by the Python that is running."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from papermill import PapermillExecutionError, execute_notebook

from ..panels.base import REPORT_MODE
from .errors import one_line
from .progress import ALOUD, Progress, heard


class CellError(Exception):
    """A cell of a notebook that raised: its number and the message, on one line.

    Attributes
    ----------
    kind, why
        Name of the class of what was raised, and what it said.
    """

    def __init__(self, message: str, kind: str = "", why: str = "") -> None:
        super().__init__(message)
        self.kind, self.why = kind, why


def executed(
    notebook: nbformat.NotebookNode,
    parameters: Mapping[str, Any],
    copy: Path,
    told: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> nbformat.NotebookNode:
    """Run a notebook with parameters.

    Parameters
    ----------
    notebook
        The notebook; it is not changed.
    parameters
        Values for its cell tagged ``parameters``.
    copy
        Where the executed notebook is written, cell by cell: what there is of it stays when a cell fails.
    told
        Further environment variables of the run.
    progress
        Called with the heading of each part as it begins; parts of one long cell are said on stderr.

    Raises
    ------
    CellError
        When a cell raises or the kernel dies.
    """
    with tempfile.TemporaryDirectory(prefix="pchp-report-") as scratch:
        # A profile of its own: start-up files of the user have no place in a result that others should get as well.
        environment = {REPORT_MODE: "1", "IPYTHONDIR": scratch, "PYTHONIOENCODING": "utf-8", **(told or {})}
        environment |= {ALOUD: "1"} if progress else {}
        try:
            done: nbformat.NotebookNode = execute_notebook(
                notebook,
                str(copy).replace("{", "{{").replace("}", "}}"),  # papermill takes the path for a format string
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                kernel_manager_class=_kernel_manager(environment),
                progress_bar=False,
                cwd=os.getcwd(),  # noqa: PTH109  papermill wants text; relative paths mean what they mean to the caller
                **heard(notebook, progress),
            )
        except PapermillExecutionError as error:
            message = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
            said = f"cell {error.exec_count}: {one_line(message)}"
            raise CellError(said, error.ename, one_line(error.evalue)) from None
        except DeadKernelError as error:
            raise CellError(f"the kernel died ({one_line(error)}); was there enough memory?") from None
    return done


def _kernel_manager(environment: dict[str, str]) -> type[AsyncKernelManager]:
    """Starts ipykernel with the running interpreter, whichever kernels are installed under whatever name."""
    command = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    command.append("--log-level=50")  # it warns of kernels that others can reach, and calls its own end an interrupt

    class ThisInterpreter(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(argv=command, env=environment, display_name="Python 3", language="python")

    return ThisInterpreter
