"""The gallery shows all that is made, and is small."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from fhir2dicom import journey

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "gallery"
TOOL = runpy.run_path(str(ROOT / "tools" / "gallery.py"))
SHEETS = tuple(TOOL["sheets"](journey.catalog()))


def test_every_region_of_every_modality_and_every_finding_has_a_sheet():
    assert {p.stem for p in FOLDER.glob("*.jpg")} == {s.name for s in SHEETS}, "run: make gallery"
    page = (FOLDER / "README.md").read_text()
    assert [s.name for s in SHEETS if f"({s.name}.jpg)" not in page] == []
    shown = {name for s in SHEETS for name, _ in s.codes}
    assert {f.name for f in journey.catalog().findings} == shown


def test_the_gallery_is_small():
    sizes = [p.stat().st_size for p in FOLDER.glob("*.jpg")]
    assert max(sizes) <= 150_000
    assert sum(sizes) <= 6_000_000


def test_what_is_still_wrong_is_told_of_sheets_that_exist():
    lines = [w for w in (FOLDER / "still_wrong.txt").read_text().splitlines() if w and not w.startswith("#")]
    named = {line.partition(":")[0].strip() for line in lines}
    assert named <= {s.name for s in SHEETS}
    assert {s.name for s in SHEETS if not s.codes} <= named


@pytest.mark.parametrize("sheet", [s for s in SHEETS if not s.codes], ids=lambda s: s.name)
def test_a_sheet_holds_every_view_of_its_part(sheet):
    for plan in TOOL["plans_of"](sheet):
        shots = [shot for series in plan.series for shot in series.shots]
        if sheet.stack:
            assert shots[0].protocol.region == sheet.region.name
        else:
            assert [s.protocol.name for s in shots] == [r.protocol.name for r in sheet.rows]
