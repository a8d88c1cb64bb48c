"""Make docs/gallery: every region and view that can be made, of children, adults and old people side by side.

usage: python tools/gallery.py [FOLDER] [--only NAME ...]      NAME is a sheet: dx-wrist, ct-chest, findings …

What is made is read from the plugs and the rows of protocols, so a new region or view has its sheet without a line here.
What is still wrong in each is told in FOLDER/still_wrong.txt, a line for each sheet or many: ``dx-wrist: words``.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.pixels import apply_rescale, apply_voi_lut

from fhir2dicom import journey
from fhir2dicom.model import StudyPlan
from fhir2dicom.plan.catalog import Catalog, RegionRow
from fhir2dicom.plan.iods import regions_made
from fhir2dicom.plan.protocol_row import Row
from fhir2dicom.plan.protocols import rows_for
from fhir2dicom.source.source import open_source

ROOT = Path(__file__).parents[1]
STUDIED, DAY_BEFORE = "2026-01-15T10:00:00Z", "2026-01-14"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
SLICES = 24
MOST_BYTES = 120_000
"""Of one sheet; it is made smaller until it fits."""
CELL_PX, CAPTION_PX, GAP_PX, MOST_COLUMNS, MOST_TILES = (250, 300), 17, 4, 7, 60


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the gallery."""

    sex: str
    born: str
    height_m: float
    weight_kg: float

    @property
    def name(self) -> str:
        """Return what stands under the picture: ``girl 3``, ``man 84``."""
        years = 2026 - int(self.born[:4])
        kind = {"female": ("girl", "woman"), "male": ("boy", "man")}[self.sex][years >= 18]
        bmi = self.weight_kg / self.height_m**2
        return f"{kind} {years}" + (", obese" if bmi > 30 and years >= 18 else "")


AGES = (
    Somebody("female", "2022-06-01", 0.98, 14.8),
    Somebody("male", "2013-03-01", 1.56, 44.0),
    Somebody("female", "1984-01-01", 1.66, 64.0),
    Somebody("male", "1975-01-01", 1.77, 118.0),
    Somebody("male", "1941-06-01", 1.69, 66.0),
)
WOMEN = (
    Somebody("female", "1991-01-01", 1.68, 57.0),
    Somebody("female", "1974-01-01", 1.66, 70.0),
    Somebody("female", "1968-01-01", 1.61, 98.0),
    Somebody("female", "1948-01-01", 1.59, 62.0),
)
SIZES = (
    Somebody("female", "2024-06-01", 0.81, 10.5),
    Somebody("male", "2020-03-01", 1.12, 19.0),
    Somebody("male", "2010-02-01", 1.71, 60.0),
    Somebody("female", "2001-01-01", 1.64, 47.0),
    Somebody("female", "1986-01-01", 1.60, 112.0),
    Somebody("male", "1962-01-01", 1.74, 79.0),
    Somebody("male", "1935-06-01", 1.66, 62.0),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture of the gallery: people below each other, views beside each other."""

    name: str
    title: str
    modality: str
    region: RegionRow
    rows: tuple[Row, ...]
    people: tuple[Somebody, ...]
    codes: tuple[tuple[str, str], ...] = ()
    """Findings: name and code, each on a person of its own."""

    @property
    def stack(self) -> bool:
        """Return whether it is sections: a study is one series, of which the middle and a coronal cut are shown."""
        return any(r.stack for r in self.rows)


Tile = tuple[str, Image.Image]


def sheets(catalog: Catalog) -> Iterator[Sheet]:
    """Yield a sheet for each modality and region, and those of the findings."""
    by_name = {r.name: r for r in catalog.regions}
    for maker in catalog.modalities:
        for name in regions_made(maker, catalog):
            rows = _different(rows_for(maker.name, name))
            stack = any(r.stack for r in rows)
            people = SIZES if stack else WOMEN if name == "breast" else AGES
            people = people if len(rows) * len(people) <= MOST_TILES else people[::2]
            title = f"{maker.name} {name.replace('-', ' ')}"
            yield Sheet(f"{maker.name}-{name}".lower(), title, maker.name, by_name[name], rows, people)
    yield from _finding_sheets(catalog)


def _different(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return rows without those that only leave open which side another row means."""
    right, left = ([_look(r) for r in rows if r.laterality == side] for side in "RL")
    return tuple(r for r in rows if r.laterality or not (_look(r) in right and _look(r) in left))


def _look(row: Row) -> tuple[Any, ...]:
    return row.protocol.view, row.protocol.pose, sorted(row.protocol.settings.items())


def _finding_sheets(catalog: Catalog) -> Iterator[Sheet]:
    """Yield a sheet for each modality and region with findings: each finding by its first code."""
    makers = sorted(catalog.modalities, key=lambda m: m.name == "CT")
    by_name = {r.name: r for r in catalog.regions}
    shown: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for finding in catalog.findings:
        places = ((m.name, r) for r in finding.regions for m in makers if r in regions_made(m, catalog))
        if place := next(places, None):
            shown.setdefault(place, []).append((finding.name, min(finding.snomed)))
    for (modality, name), codes in shown.items():
        rows = rows_for(modality, name)
        title = f"{modality} {name.replace('-', ' ')}, findings"
        sheet = f"{modality}-{name}-findings".lower()
        yield Sheet(sheet, title, modality, by_name[name], rows, AGES[2:3], tuple(codes))


def resources(sheet: Sheet) -> list[dict[str, Any]]:
    """Return the people of a sheet with a study each: every view, or with findings the usual one."""
    made: list[dict[str, Any]] = []
    cases = (
        [(p, "") for p in sheet.people] if not sheet.codes else [(sheet.people[0], c) for _, c in sheet.codes]
    )
    for number, (person, code) in enumerate(cases):
        who = f"gallery-{number:02d}" if not code else f"gallery-{code}"
        made += _person(who, person, number)
        made.append(_study(sheet, who, usual_only=bool(code)))
        if code:
            subject = {"reference": f"Patient/{who}"}
            condition = {"resourceType": "Condition", "id": f"{who}-c", "subject": subject}
            made.append({**condition, "code": _concept(SNOMED, code), "onsetDateTime": "2026-01-10"})
    return made


def _person(who: str, person: Somebody, number: int) -> list[dict[str, Any]]:
    subject = {"reference": f"Patient/{who}"}
    patient = {
        "resourceType": "Patient",
        "id": who,
        "identifier": [{"system": "urn:fhir2dicom:gallery", "value": who}],
        "name": [{"family": "Gallery", "given": [f"{number:02d}"]}],
        "gender": person.sex,
        "birthDate": person.born,
    }
    sizes = (("8302-2", round(100 * person.height_m, 1), "cm"), ("29463-7", person.weight_kg, "kg"))
    return [patient] + [
        {
            "resourceType": "Observation",
            "id": f"{who}-{code}",
            "status": "final",
            "subject": subject,
            "code": _concept(LOINC, code),
            "effectiveDateTime": DAY_BEFORE,
            "valueQuantity": {"value": value, "unit": unit},
        }
        for code, value, unit in sizes
    ]


def _study(sheet: Sheet, who: str, *, usual_only: bool) -> dict[str, Any]:
    series: dict[str, Any] = {
        "number": 1,
        "modality": {"code": sheet.modality},
        "bodySite": {"system": SNOMED, "code": sheet.region.code.value},
    }
    if sheet.stack:
        series["numberOfInstances"] = SLICES
    else:
        rows = sheet.rows[:1] if usual_only else sheet.rows
        titles = [{} if usual_only else {"title": _title(r)} for r in rows]
        series["instance"] = [{"number": k, **title} for k, title in enumerate(titles, start=1)]
    return {
        "resourceType": "ImagingStudy",
        "id": f"{who}-{sheet.name}",
        "status": "available",
        "subject": {"reference": f"Patient/{who}"},
        "started": STUDIED,
        "series": [series],
    }


def _title(row: Row) -> str:
    return max(row.words, key=len) if row.words else row.protocol.name


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def plans_of(sheet: Sheet) -> list[StudyPlan]:
    """Return what is planned for a sheet; a problem ends the gallery."""
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
        file.write("\n".join(map(json.dumps, resources(sheet))))
        file.flush()
        made = list(journey.plans(open_source(file.name), seed="gallery", slices=None))
    wrong = [p for p in made if not isinstance(p, StudyPlan)]
    if wrong:
        raise SystemExit(f"{sheet.name}: {wrong[0]}")
    order = {r["id"]: k for k, r in enumerate(resources(sheet))}
    return sorted((p for p in made if isinstance(p, StudyPlan)), key=lambda p: order[p.id])


def tiles(sheet: Sheet) -> Iterator[Tile]:
    """Yield the pictures of a sheet with what is written under them, person by person."""
    for number, plan in enumerate(plans_of(sheet)):
        who = sheet.codes[number][0] if sheet.codes else sheet.people[number].name
        frames = [_grey(i.header + bytes(i.pixels)) for i in journey.make(plan)]
        if sheet.stack:
            middle, spacing = len(frames) // 2, _spacing(plan)
            yield who, Image.fromarray(frames[middle][0])
            cut = np.stack([f[len(f) // 2] for f, _ in frames][::-1])
            tall = max(1, round(cut.shape[0] * frames[0][1] / spacing)) if frames[0][1] else cut.shape[0]
            yield "coronal", Image.fromarray(cut).resize((cut.shape[1], tall), Image.Resampling.BICUBIC)
        else:
            shots = [s for series in plan.series for s in series.shots]
            for shot, (frame, _) in zip(shots, frames, strict=True):
                side = f" {shot.laterality}" if shot.laterality else ""
                yield f"{who}: {shot.protocol.name}{side}", Image.fromarray(frame)


def _spacing(plan: StudyPlan) -> float:
    """Return the pixel spacing of a stack, mm, from its first header."""
    first = next(journey.make(plan))
    head = pydicom.dcmread(io.BytesIO(first.header + bytes(first.pixels)))
    return float(head.PixelSpacing[0])


def _grey(part10: bytes) -> tuple[np.ndarray, float]:
    """Return a picture as a screen shows it, and the distance of slices in mm (0 for a film)."""
    read = pydicom.dcmread(io.BytesIO(part10))
    shown = apply_voi_lut(apply_rescale(read.pixel_array, read), read).astype(np.float64)
    if read.get("WindowWidth") is None and "VOILUTSequence" not in read:
        low, high = float(shown.min()), float(shown.max())
    elif "VOILUTSequence" in read:
        low, high = 0.0, float(2 ** int(read.VOILUTSequence[0].LUTDescriptor[2]) - 1)
    else:
        low, high = (float(f(shown)) for f in (np.min, np.max))
    grey = np.clip((shown - low) / max(high - low, 1.0) * 255, 0, 255).round().astype(np.uint8)
    apart = float(read.get("SpacingBetweenSlices") or read.get("SliceThickness") or 0)
    return (255 - grey if read.PhotometricInterpretation == "MONOCHROME1" else grey), apart


def write(sheet: Sheet, folder: Path) -> tuple[int, int]:
    """Write a sheet; returns how many pictures are on it and its bytes."""
    found = list(tiles(sheet))[:MOST_TILES]
    across = 2 if sheet.stack else len(sheet.rows) if not sheet.codes else 1
    across *= max(1, MOST_COLUMNS // across)
    scale = 1.0
    while True:
        picture = _drawn(found, min(across, MOST_COLUMNS, len(found)), scale)
        for quality in (85, 78, 70, 62, 54, 46):
            held = io.BytesIO()
            picture.save(held, "JPEG", quality=quality, optimize=True)
            if held.tell() <= MOST_BYTES:
                (folder / f"{sheet.name}.jpg").write_bytes(held.getvalue())
                return len(found), held.tell()
        scale *= 0.85


def _drawn(found: Sequence[Tile], columns: int, scale: float) -> Image.Image:
    wide, high = (round(side * scale) for side in CELL_PX)
    lines = -(-len(found) // columns)
    size = (columns * (wide + GAP_PX) + GAP_PX, lines * (high + CAPTION_PX + GAP_PX) + GAP_PX)
    sheet = Image.new("L", size, 12)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(11)
    for k, (words, picture) in enumerate(found):
        caption = words
        x = GAP_PX + k % columns * (wide + GAP_PX)
        y = GAP_PX + k // columns * (high + CAPTION_PX + GAP_PX)
        small = picture.copy()
        small.thumbnail((wide, high), Image.Resampling.LANCZOS)
        sheet.paste(small, (x + (wide - small.width) // 2, y + (high - small.height) // 2))
        while draw.textlength(caption, font=font) > wide:
            caption = caption[:-2] + "…"
        draw.text((x, y + high + 1), caption, fill=200, font=font)
    return sheet


def index(made: Sequence[Sheet], folder: Path) -> str:
    """Return the page that shows all sheets: their views as set up, and what is still wrong."""
    wrong: dict[str, list[str]] = {}
    table = folder / "still_wrong.txt"
    for line in table.read_text().splitlines() if table.exists() else ():
        name, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            wrong.setdefault(name.strip(), []).append(words.strip())
    page = [
        "# Gallery",
        "",
        "Every region and view that is made today, by `make gallery`, from the code as it is. Nobody here exists.",
        "",
    ]
    for sheet in made:
        page += [f"## {sheet.title}", "", f"![{sheet.title}]({sheet.name}.jpg)", ""]
        if not sheet.codes:
            page += [_setup(sheet), ""]
        page += [f"Still wrong: {w}" if k == 0 else w for k, w in enumerate(wrong.get(sheet.name, ()))]
        page += [""] if sheet.name in wrong else []
    return "\n".join(page)


def _setup(sheet: Sheet) -> str:
    """Return the views of a sheet in one line, with their settings."""
    said = []
    for row in sheet.rows:
        of = row.protocol.settings
        numbers = [f"{of['kvp']:g} kV" if "kvp" in of else "", f"{of['mas']:g} mAs" if "mas" in of else ""]
        numbers += [f"{of['sid_mm'] / 1000:g} m" if "sid_mm" in of else ""]
        numbers += [f"grid {of['grid']:g}:1" if of.get("grid") else ""]
        words = ", ".join(filter(None, numbers))
        said.append(row.protocol.name + (f" ({words})" if words else ""))
    return "; ".join(said) + "."


def main() -> int:
    """Write the sheets and their index."""
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    only = names if "--only" in sys.argv else []
    folder = Path(names[0]) if names and not only else ROOT / "docs" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    catalog, total = journey.catalog(), 0
    every = list(sheets(catalog))
    for sheet in every:
        if only and sheet.name not in only:
            continue
        began = time.perf_counter()
        pictures, size = write(sheet, folder)
        total += size
        print(
            f"{sheet.name:32s} {pictures:3d} pictures {size / 1000:6.0f} kB {time.perf_counter() - began:6.1f} s"
        )
    for old in {p.stem for p in folder.glob("*.jpg")} - {s.name for s in every}:
        (folder / f"{old}.jpg").unlink()
    (folder / "README.md").write_text(index(every, folder))
    print(f"{total / 1e6:.1f} MB; look at {folder}/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
