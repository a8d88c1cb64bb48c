"""Mammography: what one exposure of a pressed breast becomes.

Slow maps in `mg_maps`, tissue in `mg_tissue`, the film in `mg_film`, the beam in `mg_beam`. Detectors as Hologic's: 0.07 mm,
2560 by 3328 pixels, and 3328 by 4096 for what is larger.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fhir2dicom.errors import PlanError
from fhir2dicom.model import Attributes, Body, Frames, Laterality, Pixels, Pressed, Shot, Window
from fhir2dicom.physics.mg_beam import Exposure, expose
from fhir2dicom.physics.mg_film import RAW_BITS, SHOWN_BITS, Look, film
from fhir2dicom.physics.mg_maps import Frame, Map, envelope, rays, skin_depth
from fhir2dicom.physics.mg_tissue import tissue
from fhir2dicom.physics.modality import Iod, Modality
from fhir2dicom.seed import Seed

PIXEL_MM = 0.07
SMALL, LARGE = (3328, 2560), (4096, 3328)
"""Rows and columns of the two paddles."""

SID_MM = 700.0
_TABLE_MM = 25.0
"""From the detector up to the breast: cover, grid, and the detector's own depth."""

ANGLES = {"CC": 0, "MLO": 45, "ML": 90}
"""Positioner Primary Angle, degrees, its sign by the side."""

WINDOWS = (
    Window(2048.0, 4096.0, "NORMAL"),
    Window(2300.0, 3200.0, "HARDER"),
    Window(2048.0, 5200.0, "SOFTER"),
)


def frame_of(breast: Pressed, rows: int, columns: int, higher_mm: float = 0.0) -> tuple[Frame, int]:
    """Return the part of the film that the breast covers, and the film's row at which it begins.

    ``higher_mm``: how much higher than usual the breast lies on the support.
    """
    height = rows * PIXEL_MM
    if breast.view == "CC":
        middle = float(breast.outline[2:-2, 1].max() + breast.outline[2:-2, 1].min()) / 2
        top = middle + height / 2 - higher_mm
    else:
        top = height - breast.below_mm - abs(higher_mm)
    reach = float(breast.outline[:, 0].max()) + max(breast.nipple.height_mm, 0.0) + 3
    across = min(columns, math.ceil(reach / PIXEL_MM / 32) * 32)
    first, last = 0, rows
    if breast.view == "CC":
        first = max(0, int((top - breast.above_mm - 3) / PIXEL_MM / 32) * 32)
        last = min(rows, math.ceil((top + breast.below_mm + 3) / PIXEL_MM / 32) * 32)
    return Frame(top - first * PIXEL_MM, last - first, across, PIXEL_MM), first


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Return one mammogram: a side and a view of a pressed breast.

    Settings read: ``kvp``, ``mas`` (what FHIR states; else automatic exposure), ``for_processing``. A film is one frame; the shot's
    ``frames`` says how often it is repeated.

    Raises
    ------
    PlanError
        The breast cannot be pressed: before puberty, or it was removed.
    """
    protocol = shot.protocol
    side: Laterality = shot.laterality if shot.laterality in {"R", "L"} else "R"
    breast = body.pressed(protocol.view or "CC", side)
    rows, columns = LARGE if breast.large else SMALL
    if rows > protocol.rows or columns > protocol.columns:
        raise PlanError(
            "breast", f"a film of {rows} by {columns} does not fit {protocol.rows} by {protocol.columns}"
        )
    firm = seed.child("force").normal(0, 0.5)
    exposure = expose(breast, PIXEL_MM, firm, protocol.settings)
    raw = bool(protocol.settings.get("for_processing", 0.0))

    def render(k: int) -> Pixels:
        return picture(breast, exposure, seed.child("film", k), raw=raw)

    return Frames(
        count=shot.frames,
        rows=rows,
        columns=columns,
        render=render,
        dtype=np.uint16,
        bits_stored=RAW_BITS if raw else SHOWN_BITS,
        photometric="MONOCHROME1" if raw else "MONOCHROME2",
        windows=() if raw else WINDOWS,
        attributes=_attributes(breast, exposure, raw=raw),
    )


def picture(breast: Pressed, exposure: Exposure, seed: Seed, *, raw: bool = False) -> npt.NDArray[np.uint16]:
    """Return one film, (rows, columns): for presentation 12 bits, air 0; raw 14 bits, linear in exposure."""
    shape = LARGE if breast.large else SMALL
    frame, first = frame_of(breast, *shape, higher_mm=seed.child("place").normal(0, 3))
    skin = skin_depth(breast, frame)
    parts = tissue(breast, frame, skin, rays(breast, frame), envelope(breast, frame, skin))
    look = Look(_white(parts), 0.017, 0.8 * breast.gland.strands, 0.45)
    return film(breast, frame, (skin, parts), exposure, seed, (shape, first), look, raw=raw)


def _white(parts: Map) -> float:
    """Return how much gland is shown nearly white: what only the densest places have, within what a machine would choose."""
    gland = parts[1, ::4, ::4] * np.float32(0.78)
    inside = gland[(parts[0, ::4, ::4] > 3) & (parts[5, ::4, ::4] < 0.5)]
    if not inside.size:
        return 20.0
    white = float(np.sort(inside)[int(0.985 * (inside.size - 1))])
    return round(4 * min(max(white, 15.0), 32.0)) / 4


def _attributes(breast: Pressed, exposure: Exposure, *, raw: bool) -> Attributes:
    """Return what the machine reports; PS3.3 C.8.7.8, C.8.7.9, C.8.11.4, C.8.11.5 and C.8.11.7."""
    angle = ANGLES.get(breast.view, 0) * (1 if breast.laterality == "L" else -1)
    to_skin = SID_MM - _TABLE_MM - breast.thickness_mm
    return {
        "KVP": exposure.kvp,
        "ExposureInuAs": round(exposure.mas * 1000),
        "Exposure": max(1, round(exposure.mas)),
        "ExposureTime": max(1, round(1000 * exposure.mas / exposure.current_ma)),
        "XRayTubeCurrent": round(exposure.current_ma),
        "ExposureControlMode": "AUTOMATIC",
        "AnodeTargetMaterial": "TUNGSTEN",
        "FilterMaterial": exposure.filter_material,
        "FilterThicknessMinimum": exposure.filter_mm,
        "FilterThicknessMaximum": exposure.filter_mm,
        "HalfValueLayer": exposure.half_value_mm,
        "FocalSpots": 0.3,
        "Grid": ("RECIPROCATING", "FOCUSED"),
        "DistanceSourceToDetector": SID_MM,
        "DistanceSourceToPatient": SID_MM - _TABLE_MM,
        "DistanceSourceToEntrance": round(to_skin, 1),
        "EstimatedRadiographicMagnificationFactor": round(SID_MM / (SID_MM - _TABLE_MM), 4),
        "ImagerPixelSpacing": (PIXEL_MM, PIXEL_MM),
        "DetectorType": "DIRECT",
        "DetectorConfiguration": "AREA",
        "DetectorDescription": "Amorphous selenium, 0.07 mm",
        "BodyPartThickness": round(breast.thickness_mm),
        "CompressionForce": round(exposure.force_n, 1),
        "PaddleDescription": "24CM X 30CM" if breast.large else "18CM X 24CM",
        "EntranceDoseInmGy": exposure.entrance_mgy,
        "OrganDose": round(exposure.organ_mgy / 100, 6),
        "PositionerPrimaryAngle": angle,
        "PositionerPrimaryAngleDirection": "CW",
        "FieldOfViewShape": "RECTANGLE",
        "BurnedInAnnotation": "NO",
        **({"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1} if raw else {}),
    }


_SHARED = (
    "dx_series",
    "dx_pixels",
    "dx_detector",
    "x_ray_acquisition_dose",
    "x_ray_generation",
    "mammography_series",
    "mammography_anatomy",
    "mammography_image",
    "acquisition_context",
)
MG = Modality(
    name="MG",
    aliases=("MG",),
    iods=(
        Iod("1.2.840.10008.5.1.4.1.1.1.2", "MG", (*_SHARED, "voi_lut")),
        Iod("1.2.840.10008.5.1.4.1.1.1.2.1", "MG", _SHARED),
    ),
    regions=("breast",),
    acquire=acquire,
)
