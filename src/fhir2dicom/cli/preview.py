"""`fhir2dicom preview`: a contact sheet and a page to look at what was made."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import click

from fhir2dicom.cli.generate import run_into
from fhir2dicom.cli.options import reading, wanted
from fhir2dicom.cli.page import write_page
from fhir2dicom.cli.pictures import Study, studies_of
from fhir2dicom.cli.report import Report, show_problems
from fhir2dicom.cli.sheet import write_sheet
from fhir2dicom.errors import StoreError

MOST_STUDIES = 60
"""On one page, unless --max-studies says otherwise."""


@click.command()
@click.argument("folder_or_source", default="dicom")
@reading
@click.option(
    "--out", "--output", "out", type=click.Path(path_type=Path), default=".", help="Folder for the two files."
)
def preview(*, folder_or_source: str, out: Path, **options: Any) -> int:
    """Write preview.png, a contact sheet, and preview.html, one page with all pictures inside.

    FOLDER_OR_SOURCE is a folder with DICOM files, or a source whose studies are made for this only.
    """
    most = options["max_studies"] or MOST_STUDIES
    with ExitStack() as stack:
        folder, code = Path(folder_or_source), 0
        if not _holds_dicom(folder):
            report = Report()
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            want = wanted(source=folder_or_source, **{**options, "max_studies": most})
            code = run_into(folder, want, report)
            if report.ended:
                return code
            show_problems(report.problems)
        studies = sorted(islice(studies_of(folder), most), key=lambda s: (s.patient_id, s.date, s.folder))
        if not studies:
            raise StoreError(
                f"{folder_or_source}: nothing to show; expected DICOM files (*.dcm), or a source of them"
            )
        _write(studies, out, title=Path(folder_or_source).name or folder_or_source)
    return code


def _holds_dicom(folder: Path) -> bool:
    return folder.is_dir() and next(folder.rglob("*.dcm"), None) is not None


def _write(studies: list[Study], out: Path, title: str) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        tiles = write_sheet(studies, out / "preview.png")
        write_page(studies, out / "preview.html", f"fhir2dicom: {title}")
    except OSError as error:
        raise StoreError(f"{error.filename or out}: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"{out / 'preview.png'}: {tiles} pictures of {len(studies)} studies")
    click.echo(f"{out / 'preview.html'}: the same, with all slices that are shown, for any browser")
