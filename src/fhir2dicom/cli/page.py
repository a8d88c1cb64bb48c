"""A page that opens anywhere: every picture inside, nothing fetched, stacks under a slider."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from PIL import Image

from fhir2dicom.cli.pictures import Series, Study
from fhir2dicom.cli.sheet import NOTICE

_JPEG_QUALITY = 78


def write_page(studies: Sequence[Study], path: Path, title: str) -> None:
    """Write the page."""
    template = Template(files("fhir2dicom.cli").joinpath("page.html").read_text(encoding="utf-8"))
    series = sum(len(s.series) for s in studies)
    text = template.substitute(
        title=escape(title),
        count=f"{len(studies)} studies, {series} series",
        notice=NOTICE,
        studies="\n".join(map(_study, studies)),
    )
    path.write_text(text, encoding="utf-8")


def _study(study: Study) -> str:
    heading = escape(study.patient or study.patient_id or "no name")
    born = f"born {study.born}" if study.born else ""
    facts = (study.sex, study.age, born, study.date, study.description, study.patient_id, study.folder)
    shown = " · ".join(escape(f) for f in facts if f)
    inside = "\n".join(map(_series, study.series))
    return (
        f'<article><h2>{heading}</h2><p class="facts">{shown}</p><div class="series">{inside}</div></article>'
    )


def _series(series: Series) -> str:
    slider = ""
    if series.views:
        images = "".join(
            _image(p, "film", hidden=False, label=f"{series.modality} {view}")
            for p, view in zip(series.pictures, series.views, strict=True)
        )
    else:
        last, middle = len(series.pictures) - 1, len(series.pictures) // 2
        images = "".join(
            _image(p, "slice", hidden=k != middle, label=f"{series.modality} {k + 1}")
            for k, p in enumerate(series.pictures)
        )
        slider = f'<input type="range" min="0" max="{last}" value="{middle}" aria-label="slice">'
    coronal = _image(series.coronal, "coronal", hidden=False, label="coronal cut") if series.coronal else ""
    views = ", ".join(filter(None, series.views)) or f"{series.instances} slices"
    facts = (series.modality, series.body_part, series.description, views, series.size, series.window)
    caption = " · ".join(escape(f) for f in facts if f)
    return (
        f'<figure><div class="views"><div class="{"films" if series.views else "slices"}">{images}</div>{coronal}</div>{slider}'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _image(picture: Image.Image, kind: str, *, hidden: bool, label: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        f'<img class="{kind}" width="{picture.width}" height="{picture.height}" alt="{escape(label)}"'
        f'{" hidden" if hidden else ""} src="data:image/jpeg;base64,{data}">'
    )
