"""A contact sheet: one tile a series, on one PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fhir2dicom.cli.pictures import Series, Study

TILE_PX = 360
CAPTION_PX = 58
GAP_PX = 10
MOST_COLUMNS = 5
MOST_TILES = 100
NOTICE = "Synthetic images made by fhir2dicom. Not for diagnosis."

_BLACK, _WHITE, _GREY = (12, 13, 15), (232, 234, 237), (150, 155, 162)


def write_sheet(studies: Sequence[Study], path: Path) -> int:
    """Write the sheet and return how many series are on it: the first `MOST_TILES`."""
    tiles = [(study, series) for study in studies for series in study.series][:MOST_TILES]
    columns = min(MOST_COLUMNS, max(1, len(tiles)))
    lines = -(-len(tiles) // columns)
    size = (columns * (TILE_PX + GAP_PX) + GAP_PX, lines * (TILE_PX + CAPTION_PX + GAP_PX) + GAP_PX + 30)
    sheet = Image.new("RGB", size, _BLACK)
    draw = ImageDraw.Draw(sheet)
    for k, (study, series) in enumerate(tiles):
        x = GAP_PX + k % columns * (TILE_PX + GAP_PX)
        y = GAP_PX + k // columns * (TILE_PX + CAPTION_PX + GAP_PX)
        _tile(sheet, draw, (x, y), study, series)
    draw.text((GAP_PX, size[1] - 28), NOTICE, fill=_GREY, font=_font(16))
    sheet.save(path, optimize=True)
    return len(tiles)


def _tile(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, place: tuple[int, int], study: Study, series: Series
) -> None:
    x, y = place
    picture = _cover(series)
    sheet.paste(picture, (x + (TILE_PX - picture.width) // 2, y + (TILE_PX - picture.height) // 2))
    who = ", ".join(filter(None, (study.patient or study.patient_id, study.sex, study.age, study.date)))
    files = f"{series.instances} slices" if series.instances > 1 else ""
    what = ", ".join(filter(None, (series.modality, series.body_part, files)))
    for line, (text, colour) in enumerate(((who, _WHITE), (what, _GREY), (series.description, _GREY))):
        draw.text((x, y + TILE_PX + 3 + 18 * line), _cut(draw, text), fill=colour, font=_font(14))


def _cover(series: Series) -> Image.Image:
    """Return a film, or a stack's middle slice beside its coronal cut."""
    cover = series.cover.convert("RGB")
    if series.coronal is None:
        cover.thumbnail((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)
        return cover
    half = (TILE_PX - 4) // 2
    pair = Image.new("RGB", (TILE_PX, TILE_PX), _BLACK)
    for k, picture in enumerate((cover, series.coronal.convert("RGB"))):
        picture.thumbnail((half, TILE_PX), Image.Resampling.LANCZOS)
        pair.paste(picture, (k * (half + 4) + (half - picture.width) // 2, (TILE_PX - picture.height) // 2))
    return pair


def _cut(draw: ImageDraw.ImageDraw, text: str) -> str:
    """Return as much of a text as fits a tile."""
    font = _font(14)
    while text and draw.textlength(text, font=font) > TILE_PX:
        text = text[:-2].rstrip("…") + "…"
    return text


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
