"""`fhir2dicom generate`: FHIR in, studies in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from fhir2dicom.cli import INTERRUPTED, say
from fhir2dicom.cli.options import Wanted, reading, setting, source_argument, wanted
from fhir2dicom.cli.progress import told
from fhir2dicom.cli.report import Report, size
from fhir2dicom.engine import local
from fhir2dicom.errors import DiskFullError, Fhir2DicomError, SettingsError, StoreError
from fhir2dicom.journey import Job, at_work, edition, job, plans
from fhir2dicom.model import Problem, StudyOrder, StudyPlan
from fhir2dicom.plan.saved import dump
from fhir2dicom.store.folder import Folder, needed_bytes, opened

Order = StudyOrder | Problem

_SPARE_BYTES = 16 << 20
"""Left free on the disk."""


@click.command()
@source_argument
@reading
@setting("dicom_dir")
@setting("workers")
@click.option("--force", is_flag=True, help="Make again what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the tables.")
def generate(*, force: bool, as_json: bool, **options: Any) -> int:
    """Make every study that SOURCE speaks of and keep it in a folder.

    SOURCE is a FHIR base URL, a Bundle, NDJSON, one resource, or a folder of those. Exit code: 0 all made,
    1 some not, 2 wrong usage.
    """
    want = wanted(**options)
    report, out = Report(), Path(want.settings["dicom_dir"])
    if want.settings["enabled"]:
        code = run_into(out, want, report, force=force)
    else:
        say("imaging.dicom_generation.enabled is false: nothing made")
        code = 0
    if as_json:
        click.echo(msgspec.json.encode(report.as_json()))
    elif want.settings["enabled"]:
        report.show(str(out))
    return code


def run_into(out: Path, want: Wanted, report: Report, *, force: bool = False) -> int:
    """Make everything and return the exit code.

    Whatever ends the run early is one line and one problem, and what was made stays. Nothing is touched before
    the source has given its first study.
    """
    try:
        orders = _begun(want.orders())
        with opened(out, edition()) as folder:
            _Run(want, orders, folder, report, force=force).go()
    except SettingsError:
        raise  # wrong usage, not a run that ended
    except Fhir2DicomError as error:
        say(str(error))
        where = str(out) if isinstance(error, StoreError) else want.location
        report.end(Problem("", where, str(error), "failed"))
    except KeyboardInterrupt:
        say("interrupted: what is made stays, the next run goes on from there")
        return INTERRUPTED
    return report.exit_code


def _begun(orders: Iterator[Order]) -> Iterator[Order]:
    """Return the same orders, the first of which is there."""
    return chain(list(islice(orders, 1)), orders)


class _Run:
    """One run into one folder."""

    def __init__(
        self, want: Wanted, orders: Iterator[Order], folder: Folder, report: Report, *, force: bool
    ) -> None:
        self._want = want
        self._orders = orders
        self._folder = folder
        self._report = report
        self._force = force
        self._full: DiskFullError | None = None

    def go(self) -> None:
        """Make what is not there: of a local source all is planned first, a server's studies as they come."""
        with ExitStack() as stack:
            if not self._want.is_local:
                self._make(self._while_there_is_room(), None)
                return
            spool = stack.enter_context(self._folder.spool())
            total = needed = 0
            for plan, unit in self._jobs():
                spool.add(msgspec.msgpack.encode(unit))
                total += 1
                needed += needed_bytes(plan)
            if problem := self._lack(needed):
                raise DiskFullError(f"{problem}: nothing written")
            if total:
                self._make((msgspec.msgpack.decode(r, type=Job) for r in spool), total)

    def _jobs(self) -> Iterator[tuple[StudyPlan, Job]]:
        """Plan everything; yield what is to be made and count the rest."""
        settings = self._want.settings
        for plan in plans(self._orders, seed=settings["seed"], slices=settings["slices_per_study"]):
            if isinstance(plan, Problem):
                self._report.add(plan)
                continue
            try:
                place, there = self._folder.claim(plan, dump(plan), force=self._force)
            except StoreError as error:
                self._report.add(Problem(plan.id, str(self._folder.root), str(error), "failed"))
                continue
            if there:
                self._report.unchanged += 1
            else:
                yield plan, job(plan, place)

    def _while_there_is_room(self) -> Iterator[Job]:
        for plan, unit in self._jobs():
            if problem := self._lack(needed_bytes(plan)):
                self._full = DiskFullError(f"{problem}: ended there")
                return
            yield unit

    def _lack(self, needed: int) -> str:
        free = self._folder.free_bytes()
        if needed + _SPARE_BYTES <= free:
            return ""
        return f"{self._folder.root}: needs {size(needed)}, has {size(free)} free"

    def _make(self, jobs: Iterator[Job], total: int | None) -> None:
        workers = self._want.settings["workers"] or _processors()
        work = partial(at_work, self._folder.for_worker(), force=self._force)
        results = local.run(work, jobs, workers=workers, preload=("fhir2dicom.journey",))
        with closing(results), told(Console(stderr=True), self._report, total) as tell:
            for result in results:
                if isinstance(result, DiskFullError):
                    raise result
                self._report.add(result)
                tell()
        if self._full:
            raise self._full


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
