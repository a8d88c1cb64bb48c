"""`fhir2dicom validate`: hold files against the standard, their manifests and the FHIR resource."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import msgspec
import pydicom

from fhir2dicom.cli import say
from fhir2dicom.cli.options import Wanted, reading, wanted
from fhir2dicom.cli.report import plain
from fhir2dicom.dicom.compare import Difference, compare
from fhir2dicom.dicom.validate import Complaint, entities, objects, tally
from fhir2dicom.errors import PlanError, StoreError
from fhir2dicom.model import Problem
from fhir2dicom.plan.saved import load
from fhir2dicom.store.folder import damaged, manifest_of, studies

MOST_SHOWN = 40
"""Differences that are printed; ``--json`` has them all."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@reading
@click.option("--source", default="", help="What FOLDER was made of: the DICOM is held against it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def validate(*, folder: Path, as_json: bool, **options: Any) -> int:
    """Hold the files in FOLDER against the standard, their manifests and, with --source, the FHIR resources.

    dciodvfy judges each file, dcentvfy each study. Exit code: 0 no error and no difference without a reason
    in the plan's notes, 1 some, 2 wrong usage.
    """
    if not folder.is_dir():
        raise click.UsageError(f"{folder}: no such folder; expected one with DICOM files")
    want = wanted(**options) if options["source"] or options["hapi_url"] else None
    found = _Findings()
    _verify(folder, found)
    if want:
        _compare(folder, found, want)
    if as_json:
        click.echo(msgspec.json.encode(found.as_json()))
    else:
        found.show()
    return 1 if found.bad else 0


@dataclass
class _Findings:
    """What was found."""

    files: int = 0
    studies: int = 0
    compared: int = 0
    complaints: list[Complaint] = field(default_factory=list)
    differences: list[tuple[str, Difference]] = field(default_factory=list)
    """Study id, difference."""

    @property
    def bad(self) -> bool:
        """Return whether anything is wrong."""
        return any(c.level == "error" for c in self.complaints) or any(not d.why for _, d in self.differences)

    def as_json(self) -> dict[str, Any]:
        """Return all of it."""
        levels = [c.level for c in self.complaints]
        return {
            "studies": self.studies,
            "files": self.files,
            "errors": levels.count("error"),
            "warnings": levels.count("warning"),
            "compared": self.compared,
            "kinds": [{"level": k[0], "kind": k[1], "count": n} for k, n in tally(self.complaints).items()],
            "differences": [{"study": s, **msgspec.to_builtins(d)} for s, d in self.differences],
        }

    def show(self) -> None:
        """Print counts, each kind of complaint, and the differences that nothing explains."""
        levels = [c.level for c in self.complaints]
        errors, warnings = levels.count("error"), levels.count("warning")
        click.echo(f"{self.studies} studies, {self.files} files: {errors} errors, {warnings} warnings")
        for (level, kind), number in tally(self.complaints).items():
            example = next(c.path for c in self.complaints if (c.level, c.kind) == (level, kind))
            click.echo(
                f"{number:7}  {level}: {plain(kind)}{f' (first: {plain(example)})' if example else ''}"
            )
        if self.compared:
            open_ones = [(s, d) for s, d in self.differences if not d.why]
            noted = len(self.differences) - len(open_ones)
            click.echo(
                f"{self.compared} studies held against FHIR: {len(open_ones)} differences, {noted} with a reason in the plan"
            )
            for study, d in open_ones[:MOST_SHOWN]:
                click.echo(
                    plain(f"         {study}, {d.where}: {d.attribute} is {d.dicom!r}, FHIR says {d.fhir!r}")
                )


def _verify(folder: Path, found: _Findings) -> None:
    """Judge every file and every study of a folder, made by us or not."""
    by_study: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*.dcm")):
        inside = path.relative_to(folder)
        if not inside.parts[0].startswith("."):
            by_study.setdefault(folder / inside.parts[0], []).append(path)
    if not by_study:
        raise StoreError(f"{folder}: no DICOM files (*.dcm); expected what generate wrote")
    found.studies, found.files = len(by_study), sum(map(len, by_study.values()))
    found.complaints += _damage(folder)
    found.complaints += objects(
        (p for paths in by_study.values() for p in paths), workers=os.cpu_count() or 1
    )
    for paths in by_study.values():
        found.complaints += entities(paths)


def _damage(folder: Path) -> Iterator[Complaint]:
    for name, manifest in studies(folder):
        for file in manifest.files:
            if wrong := damaged(folder / name, file):
                yield Complaint(
                    f"{name}/{file.path}", "manifest", "error", "damaged since it was written", wrong
                )


def _compare(folder: Path, found: _Findings, want: Wanted) -> None:
    """Hold each study that stands in the folder against its ImagingStudy."""
    names: dict[str, list[str]] = {}
    for name, manifest in studies(folder):
        names.setdefault(manifest.study, []).append(name)
    for order in want.orders():
        if isinstance(order, Problem):
            continue
        for name in names.pop(order.id, ()):
            paths = sorted((folder / name).rglob("*.dcm"))
            datasets = [pydicom.dcmread(p, stop_before_pixels=True) for p in paths]
            found.differences += [(order.id, d) for d in compare(order, datasets, _notes(folder, name))]
            found.compared += 1
    if names:
        say(f"{len(names)} studies of {folder} are not in the source")


def _notes(folder: Path, name: str) -> tuple[str, ...]:
    manifest = manifest_of(folder, name)
    try:
        return load(bytes(manifest.plan), name).notes if manifest else ()
    except PlanError:
        return ()
