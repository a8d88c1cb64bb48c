"""Films, one row each: the views that a department makes of every part of the body.

The numbers are common practice, rounded by us: chest films with high voltage, 1.8 m and a grid, as EUR 16260 (European
guidelines on quality criteria for diagnostic radiographic images, 1996); at the bedside, where no grid is carried, 90 kV
and 1.1 m. A lateral chest takes about three times the mAs of a frontal one.
"""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.model import Protocol
from fhir2dicom.plan.protocol_row import Row

_BEDSIDE = (
    "portable",
    "bedside",
    "supine",
    "liegend",
    "a.p.",
    "ap view",
    "ap",
    "anteroposterior",
    "mobile",
    "icu",
    "au lit",
)
_ERECT = ("pa", "p.a.", "posteroanterior")
_LATERAL = ("lateral", "seitlich", "ll", "lat", "profil", "latero", "側面")


def _film(
    name: str, view: str, pose: str, description: str, *, kvp: int, mas: float, sid: int, grid: int
) -> Row:
    settings = {"kvp": float(kvp), "mas": mas, "sid_mm": float(sid), "grid": float(grid)}
    return Row(
        Protocol(name, "DX", "chest", 2048, 2048, 1, description, view=view, pose=pose, settings=settings)
    )


ROWS: tuple[Row, ...] = (
    # name, view, pose, description, kV, mAs, focus to detector mm, grid ratio (0: none)
    replace(
        _film("Chest PA", "PA", "arms-down", "Chest PA", kvp=125, mas=2.0, sid=1800, grid=10), words=_ERECT
    ),
    replace(
        _film("Chest lateral", "LL", "arms-up", "Chest lateral", kvp=125, mas=6.0, sid=1800, grid=10),
        words=_LATERAL,
    ),
    replace(
        _film("Chest AP bedside", "AP", "supine", "Chest AP bedside", kvp=90, mas=2.0, sid=1100, grid=0),
        words=_BEDSIDE,
        routine=False,
    ),
)
