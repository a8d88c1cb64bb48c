"""Where tube, patient and detector stand for a film of one part, and what of the detector is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Protocol, Scene, Vec3
from fhir2dicom.physics.xray_project import Axes, Camera, add_surface, integrate, new_path
from fhir2dicom.seed import Seed

SID_MM = 1100.0
"""Source to detector when the protocol does not say: 100 to 115 cm is usual at a table (EUR 16260, 1996)."""
GAP_MM = 12.0
"""From the skin to the detector's sensitive layer on the table top."""
GRID_GAP_MM = 55.0
"""The same where a grid and a moving tray lie between."""
PIXEL_MM = 0.14
"""Pitch of a flat detector of caesium iodide: .139 to .148 mm with most makers."""
CELL = 16
"""A film's sides are whole numbers of so many pixels: it is worked on at a quarter and a sixteenth."""

Shutter = tuple[int, int, int, int]
"""The exposed part of a film: top, bottom, left, right, pixels."""


@dataclass(frozen=True, slots=True)
class Place:
    """One exposure's geometry."""

    camera: Camera
    shutter: Shutter
    thickness_mm: float
    """Of the body along the central ray."""
    gap_mm: float
    """From the skin to the detector."""
    to_patient_mm: float
    """From the source to the aim, or to the middle of the body."""
    stand: str = "COLUMN"
    """Positioner Type: what holds the tube; NONE at the bedside."""


def place(scene: Scene, axes: Axes, protocol: Protocol, seed: Seed) -> Place:
    """Aim at ``scene.aim`` and collimate to ``scene.size_mm``, as wide on the film as the cone makes it.

    Settings read: ``sid_mm``, ``pixel_mm``, ``grid``. The film is cut to what the shutter leaves open and a thin dark
    border; where that has more pixels than the protocol's matrix, pixels are joined.
    """
    aim, size = scene.aim or _middle(scene), scene.size_mm or (200.0, 250.0)
    sid = protocol.settings.get("sid_mm", SID_MM)
    gap = GRID_GAP_MM if protocol.settings.get("grid", 0.0) else GAP_MM
    far, near = _depths(scene, axes, aim, size)
    down = far - gap  # of the detector, from the aim towards the source
    source = axes[2]
    centre: Vec3 = (aim[0] + source[0] * down, aim[1] + source[1] * down, aim[2] + source[2] * down)
    magnified = sid / (sid + down)
    border = 3.0
    width, height = (s * magnified for s in size)
    pitch = protocol.settings.get("pixel_mm", PIXEL_MM)
    finest = max((width + 2 * border) / protocol.columns, (height + 2 * border) / protocol.rows)
    pixel = pitch if finest <= pitch else math.ceil(finest * 1000) / 1000
    columns = _cells((width + 2 * border) / pixel, protocol.columns)
    rows = _cells((height + 2 * border) / pixel, protocol.rows)
    camera = Camera(axes, rows, columns, pixel, sid, centre)
    return Place(camera, _shutter(camera, width, height, seed), near - far, gap, sid + down)


def _middle(scene: Scene) -> Vec3:
    """Return the middle of what a scene holds."""
    points = np.concatenate([s.vertices for s in scene.surfaces.values()])
    x, y, z = ((float(low) + float(high)) / 2 for low, high in zip(points.min(0), points.max(0), strict=True))
    return x, y, z


def _cells(pixels: float, most: int) -> int:
    """Return a whole number of cells that holds so many pixels and fits the matrix."""
    return max(4, min(math.ceil(pixels / CELL), most // CELL)) * CELL


def _depths(scene: Scene, axes: Axes, aim: Vec3, size: tuple[float, float]) -> tuple[float, float]:
    """Return how far the body in the field reaches from the aim, away from the source (negative) and towards it, mm."""
    names = [n for n in scene.surfaces if n.startswith("skin")] or list(scene.surfaces)
    points = np.concatenate([scene.surfaces[n].vertices for n in names])
    u, v, depth = along(points, axes, aim)
    for share in (0.15, 0.3, 0.6, 1.0):
        seen = (np.abs(u) < share * size[0] / 2) & (np.abs(v) < share * size[1] / 2)
        if seen.any():
            break
    else:
        seen = np.ones(len(points), bool)
    lowest = (np.abs(u) < size[0] / 2) & (np.abs(v) < size[1] / 2)
    far = depth[lowest].min() if lowest.any() else depth.min()
    return round(float(far), 3), round(float(max(depth[seen].max(), far + 5.0)), 3)


def along(
    points: npt.NDArray[np.float32], axes: Axes, aim: Vec3
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return points in the camera's axes from the aim, mm: across, down, towards the source."""
    x, y, z = (points[:, c].astype(np.float64) - aim[c] for c in range(3))
    across, down, towards = (a[0] * x + a[1] * y + a[2] * z for a in axes)
    return across, down, towards


def body_path(scene: Scene, place: Place, *, water: bool = False) -> npt.NDArray[np.float32]:
    """Return the path through the body at a sixteenth of the matrix, mm; or that of water that absorbs about as much."""
    small = place.camera.scaled(16)
    path = new_path(small)
    for name, surface in scene.surfaces.items():
        lung = name.startswith("lung")
        if name.startswith("skin") or (water and lung):
            add_surface(path, small, surface.vertices, surface.triangles, surface.weight if lung else 1.0)
    return integrate(path, 1)


def thickness(body: npt.NDArray[np.float32]) -> float:
    """Return how thick a body is where a dosemeter looks: the median over the middle of the field, mm."""
    rows, columns = body.shape
    middle = body[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
    inside = np.sort(middle[middle > 3.0])
    return float(round(float(inside[len(inside) // 2]), 1)) if inside.size else 20.0


def _shutter(camera: Camera, width_mm: float, height_mm: float, seed: Seed) -> Shutter:
    """Return the collimated part: the field, never quite the same at its edges."""
    half = (height_mm / camera.pixel_mm / 2, width_mm / camera.pixel_mm / 2)
    slack = 3.0 / camera.pixel_mm
    off = [half[k // 2] + seed.child("edge", k).uniform(-0.8, 0.5) * slack for k in range(4)]
    v, u = camera.rows / 2, camera.columns / 2
    edges = (
        max(2.0, v - off[0]),
        min(camera.rows - 2.0, v + off[1]),
        max(2.0, u - off[2]),
        min(camera.columns - 2.0, u + off[3]),
    )
    top, bottom, left, right = (int(e) for e in edges)
    return top, bottom, left, right
