"""DICOM files as grey pictures for people: windowed, at screen size, with the facts of their study."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image
from pydicom.dataset import Dataset

_LOG = logging.getLogger(__name__)

FILM_PX = 1000
SLICE_PX = 448
MOST_SLICES = 32
"""Of one stack, on the page; evenly spread."""

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Series:
    """One series to be looked at."""

    modality: str
    description: str
    body_part: str
    instances: int
    size: str
    window: str
    pictures: tuple[Image.Image, ...]
    """Films, each another view, or slices spread over the stack, first to last."""
    views: tuple[str, ...]
    """How each film was taken; empty for a stack."""
    coronal: Image.Image | None
    """A stack cut through its middle row, the head up."""

    @property
    def covers(self) -> tuple[Image.Image, ...]:
        """Return the pictures that stand for all: every film, or the middle slice."""
        return self.pictures if self.views else (self.pictures[len(self.pictures) // 2],)


@dataclass(frozen=True, slots=True)
class Study:
    """One study to be looked at."""

    folder: str
    patient: str
    patient_id: str
    sex: str
    born: str
    age: str
    date: str
    description: str
    series: tuple[Series, ...]


def studies_of(folder: Path) -> Iterator[Study]:
    """Yield every study of a folder that can be shown; a study is a folder, a series one inside it."""
    by_study: dict[Path, dict[Path, list[Path]]] = {}
    for path in sorted(folder.rglob("*.dcm")):
        inside = path.relative_to(folder)
        if not inside.parts[0].startswith("."):
            study = folder / inside.parts[0] if len(inside.parts) > 1 else folder
            by_study.setdefault(study, {}).setdefault(path.parent, []).append(path)
    for study, series in by_study.items():
        if found := _study(study.name, list(series.values())):
            yield found


def _study(name: str, files: Sequence[Sequence[Path]]) -> Study | None:
    heads = [_read(paths[0], pixels=False) for paths in files]
    shown = [s for paths in files if (s := _series(paths))]
    head = next((h for h in heads if h is not None), None)
    if not shown or head is None:
        return None
    return Study(
        folder=name,
        patient=_name(head),
        patient_id=_words(head, "PatientID"),
        sex=_words(head, "PatientSex"),
        born=_day(_words(head, "PatientBirthDate")),
        age=_age(_words(head, "PatientAge")),
        date=_day(_words(head, "StudyDate")),
        description=_words(head, "StudyDescription"),
        series=tuple(shown),
    )


def _series(paths: Sequence[Path]) -> Series | None:
    step = max(1, -(-len(paths) // MOST_SLICES))
    wanted = set(range(step // 2, len(paths), step)) or {0}
    pictures: list[Image.Image] = []
    views: list[str] = []
    rows: list[Grey] = []
    heights: list[float] = []
    head: Dataset | None = None
    for k, path in enumerate(paths):
        read = _read(path)
        if read is None:
            continue
        head = head or read
        frames = _frames(read)
        alone = len(frames) == 1 and (len(paths) == 1 or "ImagePositionPatient" not in read)
        chosen = frames[:: max(1, len(frames) // MOST_SLICES)]
        if k in wanted:
            pictures += [_fitted(Image.fromarray(f), FILM_PX if alone else SLICE_PX) for f in chosen]
            views += [_words(read, "ViewPosition")] if alone else []
        if len(paths) > 8 and frames[0].ndim == 2 and "ImagePositionPatient" in read:
            rows.append(frames[0][frames[0].shape[0] // 2])
            heights.append(float(read.ImagePositionPatient[2]))
    if head is None or not pictures:
        return None
    return Series(
        modality=_words(head, "Modality"),
        description=_words(head, "SeriesDescription"),
        body_part=_words(head, "BodyPartExamined"),
        instances=len(paths),
        size=f"{head.get('Columns', '?')} × {head.get('Rows', '?')}",
        window=_window_words(head),
        pictures=tuple(pictures),
        views=tuple(views) if len(views) == len(pictures) else (),
        coronal=_coronal(rows, heights, head),
    )


def _read(path: Path, *, pixels: bool = True) -> Dataset | None:
    """Return a file's dataset, decoded, or None: one unreadable file must not hide the others."""
    try:
        found = pydicom.dcmread(path, stop_before_pixels=not pixels)
        if pixels:
            _ = found.pixel_array
    except Exception as error:  # noqa: BLE001  pydicom raises many kinds, and this is a door
        _LOG.warning("%s: cannot be shown: %s", path, error)
        return None
    return found


def _frames(dataset: Dataset) -> list[Grey]:
    """Return a file's frames as a screen shows them: (rows, columns) or (rows, columns, 3), uint8."""
    colour = int(dataset.get("SamplesPerPixel", 1)) == 3
    several = int(dataset.get("NumberOfFrames", 1) or 1) > 1
    stored = dataset.pixel_array
    frames = list(stored) if several else [stored]
    return [np.asarray(f, dtype=np.uint8) if colour else _windowed(f, dataset) for f in frames]


def _windowed(stored: npt.NDArray[np.generic], dataset: Dataset) -> Grey:
    """Apply the rescale and the first window, PS3.3 C.11.2.1.2.1 (linear), or the whole range without one."""
    values = stored.astype(np.float32) * float(dataset.get("RescaleSlope", 1) or 1)
    values += float(dataset.get("RescaleIntercept", 0) or 0)
    center, width = _first(dataset.get("WindowCenter")), _first(dataset.get("WindowWidth"))
    if center is None or width is None or width <= 1:
        low, high = float(values.min()), float(values.max())
        center, width = (low + high) / 2 + 0.5, max(high - low, 1.0) + 1
    grey: Grey = (
        np.clip(((values - (center - 0.5)) / (width - 1) + 0.5) * 255, 0, 255).round().astype(np.uint8)
    )
    return np.subtract(255, grey) if dataset.get("PhotometricInterpretation") == "MONOCHROME1" else grey


def _coronal(rows: list[Grey], heights: list[float], head: Dataset) -> Image.Image | None:
    spacing = head.get("PixelSpacing")
    reach = max(heights) - min(heights) if heights else 0.0
    if len(rows) < 9 or reach <= 0 or spacing is None or len({r.shape for r in rows}) > 1:
        return None
    order = sorted(range(len(rows)), key=lambda k: -heights[k])
    stacked = Image.fromarray(np.stack([rows[k] for k in order]))
    tall = round((reach + reach / (len(rows) - 1)) / float(spacing[1]))
    return _fitted(stacked.resize((stacked.width, max(tall, 1)), Image.Resampling.BICUBIC), SLICE_PX)


def _fitted(picture: Image.Image, limit: int) -> Image.Image:
    picture.thumbnail((limit, limit), Image.Resampling.LANCZOS)
    return picture


def _first(value: Any) -> float | None:
    """Return the first of one or more values."""
    several = [value] if value is None or isinstance(value, str | int | float) else list(value)
    return float(several[0]) if several and several[0] not in (None, "") else None


def _window_words(dataset: Dataset) -> str:
    center, width = _first(dataset.get("WindowCenter")), _first(dataset.get("WindowWidth"))
    return "" if center is None or width is None else f"window {center:g} / {width:g}"


def _words(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else " ".join(str(value).split())


def _name(dataset: Dataset) -> str:
    """Return the patient's name as it is spoken; PN is family^given^middle^prefix^suffix, PS3.5 6.2.1."""
    family, given, middle, prefix, suffix = (
        *_words(dataset, "PatientName").split("=")[0].split("^"),
        *[""] * 5,
    )[:5]
    return " ".join(filter(None, (prefix, given, middle, family, suffix)))


def _age(age: str) -> str:
    """Return an AS (PS3.5 6.2) without leading zeros: ``4Y``, and ``0D`` on the day of birth."""
    return age[:-1].lstrip("0").zfill(1) + age[-1] if age else ""


def _day(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else date
