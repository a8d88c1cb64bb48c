"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fhir2dicom.cli.report import Report, duration

LINE_SECONDS = 10.0
"""Between two lines where there is no terminal."""

Tell = Callable[[], None]


@contextmanager
def told(console: Console, report: Report, total: int | None) -> Iterator[Tell]:
    """Give the function to call after each result; ``total`` is None when nobody knows it."""
    with _bar(console, report, total) if console.is_terminal else _lines(console, report, total) as tell:
        yield tell


@contextmanager
def _bar(console: Console, report: Report, total: int | None) -> Iterator[Tell]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    before = report.done
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("studies", total=total, rate="")

        def tell() -> None:
            progress.update(task, completed=report.done - before, rate=_rate(report))

        yield tell


@contextmanager
def _lines(console: Console, report: Report, total: int | None) -> Iterator[Tell]:
    before, began = report.done, perf_counter()
    last = began

    def tell() -> None:
        nonlocal last
        now = perf_counter()
        if now - last < LINE_SECONDS:
            return
        last = now
        done = report.done - before
        left = f", {duration((total - done) * (now - began) / done)} left" if total and done else ""
        of = f" of {total}" if total else ""
        console.print(f"{done}{of} studies, {_rate(report)}{left}", highlight=False)

    yield tell


def _rate(report: Report) -> str:
    return f"{report.made / max(report.seconds, 1e-3):.1f} a second"
