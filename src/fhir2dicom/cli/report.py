"""What became of a run: counted as it goes, told at the end."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from fhir2dicom.journey import Made
from fhir2dicom.model import Problem

FAILED = frozenset({"unreadable", "failed"})
"""Kinds of problems with a study that should have been made; the others say why it should not, or cannot yet."""

MOST_SHOWN = 20
"""Problems in the closing table; `--json` has them all."""


@dataclass
class Report:
    """Counts of one run."""

    began_s: float = field(default_factory=perf_counter)
    made: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    instances: int = 0
    bytes: int = 0
    cpu_s: float = 0.0
    problems: list[Problem] = field(default_factory=list)
    ended: bool = False
    """The last problem ended the run, and has been said."""

    def add(self, result: Made | Problem) -> None:
        """Count one result."""
        if isinstance(result, Problem):
            self.problems.append(result)
            self.failed += result.kind in FAILED
            self.skipped += result.kind not in FAILED
        else:
            self.made += 1
            self.instances += result.instances
            self.bytes += result.bytes
            self.cpu_s += result.cpu_s

    def end(self, problem: Problem) -> None:
        """Count what ended the run before all was done."""
        self.add(problem)
        self.ended = True

    @property
    def done(self) -> int:
        """Return how many studies have a result."""
        return self.made + self.unchanged + self.skipped + self.failed

    @property
    def seconds(self) -> float:
        """Return how long it has been."""
        return perf_counter() - self.began_s

    @property
    def exit_code(self) -> int:
        """Return 0 when all that was asked for stands in the folder."""
        return 1 if self.problems else 0

    def as_json(self) -> dict[str, Any]:
        """Return the one object of ``--json``."""
        return {
            "made": self.made,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "failed": self.failed,
            "instances": self.instances,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "problems": [{"study": p.study, "where": p.where, "message": p.message} for p in self.problems],
        }

    def show(self, folder: str) -> None:
        """Print the closing table and the problems; a run that ended before anything was done has none."""
        if self.ended and self.done == 1:
            return
        table = Table(
            "made", "unchanged", "skipped", "failed", "instances", "size", "time", "CPU", box=SIMPLE
        )
        counts = (self.made, self.unchanged, self.skipped, self.failed, self.instances)
        table.add_row(*map(str, counts), size(self.bytes), duration(self.seconds), duration(self.cpu_s))
        Console(width=None if sys.stdout.isatty() else 110).print(table)
        show_problems(self.problems[:-1] if self.ended else self.problems)
        click.echo(f"The studies are in {folder}")


def show_problems(problems: list[Problem]) -> None:
    """Print what could not be made: equal messages once, with their number and one place."""
    count = Counter((p.kind, p.message) for p in problems)
    first = {(p.kind, p.message): p for p in reversed(problems)}
    for (kind, message), number in count.most_common(MOST_SHOWN):
        p = first[kind, message]
        place = p.where if number == 1 else f"first: {p.where}"
        click.echo(f"{number:7}  {kind}: {plain(message)} ({plain(place or p.study)})")
    if len(count) > MOST_SHOWN:
        click.echo(f"         and {len(count) - MOST_SHOWN} more kinds of problems: --json names them all")


def size(count: float) -> str:
    """Return a number of bytes for people: ``1.3 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def duration(seconds: float) -> str:
    """Return a time for people: ``1 h 02 min``, ``3 min 20 s``, ``12.0 s``."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{seconds:.1f} s"


def plain(text: str) -> str:
    """Return text of others without what a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in text)
