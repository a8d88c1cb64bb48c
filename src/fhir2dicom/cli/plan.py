"""`fhir2dicom plan`: what would be made, with every guess, and nothing written."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from fhir2dicom.cli.options import reading, source_argument, wanted
from fhir2dicom.cli.report import plain, size
from fhir2dicom.journey import plans
from fhir2dicom.model import Problem, SeriesPlan, StudyPlan
from fhir2dicom.plan.saved import dump
from fhir2dicom.store.folder import needed_bytes

_ROW = "{:36}  {:10}  {:>6}  {:4}  {:16}  {:30}  {:>9}  {:>9}"
_HEAD = ("study", "date", "series", "", "region", "description", "instances", "size")


@click.command()
@source_argument
@reading
@click.option("--notes", is_flag=True, help="Print the notes below each study: every guess, and why.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a study: its plan, or its problem."
)
def plan(*, notes: bool, as_json: bool, **options: Any) -> int:
    """Print what would be made of SOURCE, and make nothing.

    A row a series, and instances and bytes in all. Exit code: 0 all can be made, 1 some not, 2 wrong usage.
    """
    want = wanted(**options)
    total = _Total()
    for place, found in enumerate(
        plans(want.orders(), seed=want.settings["seed"], slices=want.settings["slices_per_study"])
    ):
        total.add(found)
        if place == 0 and not as_json:
            click.echo(_ROW.format(*_HEAD))
        if as_json:
            click.echo(_line(found))
        elif isinstance(found, Problem):
            click.echo(
                f"{plain(found.study):36}  {found.kind}: {plain(found.message)} ({plain(found.where)})"
            )
        else:
            _rows(found, notes=notes)
    if not as_json:
        click.echo(total.text())
    return 1 if total.problems else 0


class _Total:
    """What all studies come to."""

    def __init__(self) -> None:
        self.studies = self.instances = self.bytes = self.problems = 0

    def add(self, found: StudyPlan | Problem) -> None:
        if isinstance(found, Problem):
            self.problems += 1
            return
        self.studies += 1
        self.instances += found.instance_count
        self.bytes += needed_bytes(found)

    def text(self) -> str:
        whole = f"{self.studies} studies, {self.instances} instances, {size(self.bytes)}"
        return f"{whole}; {self.problems} not made" if self.problems else whole


def _line(found: StudyPlan | Problem) -> bytes:
    return msgspec.json.encode({"problem": found}) if isinstance(found, Problem) else dump(found)


def _rows(found: StudyPlan, *, notes: bool) -> None:
    for k, series in enumerate(found.series):
        click.echo(_row(found, series, first=k == 0))
    for note in found.notes if notes else ():
        click.echo(f"    {plain(note)}")


def _row(found: StudyPlan, series: SeriesPlan, *, first: bool) -> str:
    frames = sum(2 * s.frames * s.protocol.rows * s.protocol.columns for s in series.shots)
    date = found.started.date
    return _ROW.format(
        plain(found.id)[:36] if first else "",
        f"{date[:4]}-{date[4:6]}-{date[6:]}" if first and date else "",
        series.number,
        series.modality,
        series.region[:16],
        plain(series.description)[:30],
        series.instance_count,
        size(frames),
    ).rstrip()
