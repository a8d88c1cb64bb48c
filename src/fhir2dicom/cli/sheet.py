"""A contact sheet: films, and middle slices beside coronal cuts, on one PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fhir2dicom.cli.pictures import Series, Study

TILE_PX = 360
CAPTION_PX = 58
GAP_PX = 10
MOST_COLUMNS = 6
MOST_TILES = 100
NOTICE = "Synthetic images made by fhir2dicom. Not for diagnosis."

_BLACK, _WHITE, _GREY = (12, 13, 15), (232, 234, 237), (150, 155, 162)


def write_sheet(studies: Sequence[Study], path: Path) -> int:
    """Write the sheet and return how many tiles are on it: the first `MOST_TILES`."""
    tiles = [t for study in studies for series in study.series for t in _tiles(study, series)][:MOST_TILES]
    columns = min(MOST_COLUMNS, max(1, len(tiles)))
    lines = -(-len(tiles) // columns)
    size = (columns * (TILE_PX + GAP_PX) + GAP_PX, lines * (TILE_PX + CAPTION_PX + GAP_PX) + GAP_PX + 30)
    sheet = Image.new("RGB", size, _BLACK)
    draw = ImageDraw.Draw(sheet)
    for k, (picture, lines_of_text) in enumerate(tiles):
        x = GAP_PX + k % columns * (TILE_PX + GAP_PX)
        y = GAP_PX + k // columns * (TILE_PX + CAPTION_PX + GAP_PX)
        sheet.paste(picture, (x + (TILE_PX - picture.width) // 2, y + (TILE_PX - picture.height) // 2))
        for line, text in enumerate(lines_of_text):
            place = (x, y + TILE_PX + 3 + 18 * line)
            draw.text(place, _cut(draw, text), fill=_GREY if line else _WHITE, font=_font(14))
    draw.text((GAP_PX, size[1] - 28), NOTICE, fill=_GREY, font=_font(16))
    sheet.save(path, optimize=True)
    return len(tiles)


def _tiles(study: Study, series: Series) -> Iterator[tuple[Image.Image, tuple[str, str, str]]]:
    """Yield the pictures of a series with their captions: a film, or a stack's middle slice and coronal cut."""
    who = ", ".join(filter(None, (study.patient or study.patient_id, study.sex, study.age, study.date)))
    views = series.views or (f"{series.instances} slices",)
    for picture, view in (*zip(series.covers, views, strict=True), (series.coronal, "coronal")):
        if picture is not None:
            small = picture.convert("RGB")
            small.thumbnail((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)
            what = ", ".join(filter(None, (series.modality, series.body_part, view)))
            yield small, (who, what, series.description)


def _cut(draw: ImageDraw.ImageDraw, text: str) -> str:
    """Return as much of a text as fits a tile."""
    font = _font(14)
    while text and draw.textlength(text, font=font) > TILE_PX:
        text = text[:-2].rstrip("…") + "…"
    return text


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
