"""CT protocols, one row each.

The numbers are common practice, rounded by us, and not copied from one department or checked against a guideline's
tables: CT in slices of 5 mm and thinner, as the AAPM's routine adult protocols, high resolution of the chest in 1 to
2 mm, as EUR 16262 (European guidelines on quality criteria for CT).
"""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.model import Protocol
from fhir2dicom.plan.protocol_row import Row

_HRCT = frozenset({"16335031000119103"})
_LUNG_WORDS = (
    "hrct",
    "high resolution",
    "hochauflösend",
    "lung window",
    "lung kernel",
    "lungenfenster",
    "alta resolución",
)
_BONE_WORDS = ("bone", "knochen", "knochenfenster", "osseux", "hueso", "osteo")


def _ct(name: str, region: str, kernel: str, description: str, *, frames: int, mm: float = 0.0) -> Row:
    """Return a CT row; tube voltage and current follow the body, so the scanner (`physics`) sets them."""
    pose = "supine" if region == "head" else "arms-up"
    settings = {"thickness_mm": mm} if mm else {}
    return Row(
        Protocol(
            name, "CT", region, 512, 512, frames, description, "AX", pose, kernel=kernel, settings=settings
        ),
        stack=True,
    )


ROWS: tuple[Row, ...] = (
    # name, region, kernel, description, slices, thickness (left out: from region and count) | codes, words
    _ct("CT head", "head", "head", "Head", frames=32),
    replace(_ct("CT head bone", "head", "bone", "Head bone", frames=32), words=_BONE_WORDS),
    _ct("CT chest", "chest", "soft", "Chest", frames=60),
    replace(
        _ct("CT chest lung", "chest", "lung", "Chest lung", frames=60, mm=1.25),
        codes=_HRCT,
        words=_LUNG_WORDS,
    ),
    _ct("CT abdomen", "abdomen", "soft", "Abdomen", frames=50),
    _ct("CT chest abdomen", "chest-abdomen", "soft", "Chest abdomen", frames=110),
    replace(
        _ct("CT chest abdomen lung", "chest-abdomen", "lung", "Lung", frames=110),
        words=_LUNG_WORDS,
        routine=False,
    ),
)
