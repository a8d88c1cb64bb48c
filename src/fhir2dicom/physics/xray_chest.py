"""A chest film: how it is set up, and how it is framed on the lungs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Protocol, Scene, Vec3
from fhir2dicom.physics.xray_beam import CHEST
from fhir2dicom.physics.xray_exposure import BROAD, OUTPUT_POWER, OUTPUT_UGY, Exposure, growth, passed
from fhir2dicom.physics.xray_place import Place, Shutter
from fhir2dicom.physics.xray_project import Camera, add_surface, integrate, new_path
from fhir2dicom.physics.xray_view import View
from fhir2dicom.seed import Seed

LUNGS = ("lung_r", "lung_l")
"""Surfaces of a scene that bear fine structure and that a chest film is centred and collimated on."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How one view is taken."""

    pose: str
    sid_mm: float
    gap_mm: float
    """From the skin to the detector."""
    milliampere_seconds: float
    """Through a body of ``thickness_mm``."""
    thickness_mm: float
    doubling_mm: float
    """As much thicker doubles the exposure that the automatic control gives."""
    scatter: float
    """Scatter that reaches the detector: less behind a grid, less over an air gap."""
    tube_current_ma: float
    marker: str
    above: float
    """From the top of the lungs to the film's upper edge, in heights of the lungs on the film."""
    below: float
    target_index: float
    water: float
    """How thick water would be that absorbs as a chest does where the control looks, of its thickness."""


SETUPS: Mapping[str, Setup] = {
    #             pose         SID    gap   mAs  at   doubles  scatter  mA   letters  above  below target water
    "PA": Setup("arms-down", 1800.0, 35.0, 2.0, 225.0, 42.0, 0.55, 320.0, "RL", 0.14, 0.13, 250.0, 0.66),
    "LL": Setup("arms-up", 1800.0, 45.0, 5.0, 320.0, 48.0, 0.60, 320.0, "L", 0.14, 0.08, 350.0, 0.57),
    "AP": Setup("supine", 1100.0, 40.0, 1.6, 225.0, 48.0, 0.95, 200.0, "LR", 0.13, 0.13, 400.0, 0.66),
}


def place(scene: Scene, view: str, protocol: Protocol, seed: Seed) -> Place:
    """Aim at the lungs and collimate to the chest; the film keeps the protocol's matrix."""
    setup = SETUPS[view]
    sid = protocol.settings.get("sid_mm", setup.sid_mm)
    camera, thickness, size = camera_of(scene, view, protocol, sid)
    return Place(
        camera,
        _shutter(camera, size, seed),
        thickness,
        setup.gap_mm,
        to_patient_mm=sid - setup.gap_mm - thickness / 2,
        stand="NONE" if view == "AP" else "COLUMN",
    )


def expose(setup: Setup, protocol: Protocol, place: Place) -> Exposure:
    """Return the exposure that the automatic control gives to a chest so thick."""
    standard = protocol.settings.get("mas", setup.milliampere_seconds)
    mas = standard * round(2.0 ** ((place.thickness_mm - setup.thickness_mm) / setup.doubling_mm), 9)
    mas = round(min(max(mas, 0.4), 40.0), 2)
    kvp = protocol.settings.get("kvp", 120.0)
    grid = protocol.settings.get("grid", 10.0)
    open_ugy = (
        mas * OUTPUT_UGY * growth(OUTPUT_POWER * math.log(kvp / 80.0)) / (place.camera.sid_mm / 1000) ** 2
    )
    behind = open_ugy * passed(grid) * growth(-BROAD * CHEST.water_per_mm * place.thickness_mm * setup.water)
    return Exposure(
        kvp=kvp,
        mas=mas,
        tube_current_ma=setup.tube_current_ma,
        detector_ugy=round(behind, 4),
        open_ugy=round(open_ugy, 4),
        target_index=setup.target_index,
        grid=grid,
    )


def has_lungs(scene: Scene) -> bool:
    """Return whether a scene can be framed on its lungs."""
    return all(name in scene.surfaces for name in LUNGS)


def lung_path(scene: Scene, camera: Camera) -> npt.NDArray[np.float32]:
    """Return the path through the lungs at a coarse matrix, mm."""
    path = new_path(camera)
    for name in LUNGS:
        if name in scene.surfaces:
            surface = scene.surfaces[name]
            add_surface(path, camera, surface.vertices, surface.triangles, 1.0)
    return integrate(path, 1)


_SIDE_MM = (160.0, 450.0)
"""Smallest and largest side of a film that is cut to the chest."""
_ASIDE = 1.10
"""Least width of a film, in widths of the lungs on it."""
_SEEN_MM = 18.0, 45.0
"""A lung's edge thinner than this does not show, against the chest wall and against the belly."""
_GROWN_MM = 190.0
"""Height of lungs from which on that is so; of smaller ones it is a share."""
_ANGLE_CELLS = 4
"""Nor does a sliver along the ribs that is narrower than so many steps of 4 mm."""


def camera_of(scene: Scene, view: str, protocol: Protocol, sid: float) -> tuple[Camera, float, float]:
    """Return the camera that frames the lungs, how thick the trunk is along the beam, and the side of the frame, mm.

    Without ``pixel_mm`` in the settings the pixel is as large as the lungs and their margins ask for.
    """
    setup = SETUPS[view]
    lungs = np.concatenate([scene.surfaces[n].vertices for n in LUNGS])
    low, high = lungs.min(0).astype(np.float64), lungs.max(0).astype(np.float64)
    middle = (low + high) / 2
    front, back = _trunk(scene.surfaces["skin"].vertices, view, middle, high - low)
    axis = 0 if view == "LL" else 1
    centre = [0.0 if view != "LL" else middle[0], middle[1], middle[2]]
    centre[axis] = front - setup.gap_mm if View(view).axes[2][axis] > 0 else back + setup.gap_mm
    u, v, size = _field(scene, view, sid, (centre[0], float(centre[1]), float(centre[2])))
    centre[2] -= v
    if view == "LL":
        centre[1] += u
    fitted = round(min(max(size, _SIDE_MM[0]), _SIDE_MM[1]) / protocol.rows, 3)
    camera = Camera(
        View(view).axes,
        protocol.rows,
        protocol.columns,
        protocol.settings.get("pixel_mm", fitted),
        sid,
        (centre[0], float(centre[1]), float(centre[2])),
    )
    return camera, back - front, size


def _field(scene: Scene, view: str, sid: float, centre: Vec3) -> tuple[float, float, float]:
    """Return the middle (across and down from the central ray) and the side of the square that a film shows, mm.

    Lungs end where they are too thin to be seen. Seen from the front they end at their outer angles, for what lies
    behind the domes does not show; from the side at the recess behind.
    """
    setup, step = SETUPS[view], 4.0
    path = lung_path(scene, Camera(View(view).axes, 150, 150, step, sid, centre))
    tall = max(float(np.ptp(scene.surfaces[n].vertices[:, 2])) for n in LUNGS)
    small = min(1.0, tall / _GROWN_MM)  # a child's lung is thin throughout
    lung, outer = path > _SEEN_MM[0] * small, path > _SEEN_MM[1] * small
    columns = np.flatnonzero(lung.any(axis=0))
    if not columns.size:
        return 0.0, 0.0, 400.0
    left, right = int(columns[0]), int(columns[-1]) + 1
    if view != "LL":
        outer[:, left + (right - left) // 7 : right - (right - left) // 7] = False
    top, base = (
        int(np.flatnonzero(lung.any(axis=1))[0]),
        int(np.flatnonzero(outer.sum(axis=1) >= max(1, round(_ANGLE_CELLS * small)))[-1:].sum()) + 1,
    )
    tall = float(base - top)
    needed = tall * (1 + setup.above + setup.below)
    size = max(needed, (right - left) * _ASIDE)
    down = (top + base + tall * (setup.below - setup.above)) / 2 + 0.2 * (
        size - needed
    )  # spare height: belly
    return ((left + right) / 2 - 75.0) * step, (down - 75.0) * step, size * step


def _trunk(
    skin: npt.NDArray[np.float32], view: str, middle: npt.NDArray[np.float64], size: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Return where the beam's axis enters and leaves the trunk, mm along that axis, the smaller first."""
    axis = 0 if view == "LL" else 1
    other = 1 - axis
    near = (np.abs(skin[:, 2] - middle[2]) < 0.25 * size[2]) & (
        np.abs(skin[:, other] - middle[other]) < 0.25 * size[other]
    )
    trunk = skin[near, axis].astype(np.float64)
    return float(trunk.min()), float(trunk.max())


def _shutter(camera: Camera, size_mm: float, seed: Seed) -> Shutter:
    """Return the collimated part in pixels (top, bottom, left, right): the chest, never quite the same at its edges."""
    half = size_mm / camera.pixel_mm / 2
    slack = 6 / camera.pixel_mm
    off = [half - seed.child("edge", k).uniform(-1.4, 0.4) * slack for k in range(4)]
    v, u = camera.rows / 2, camera.columns / 2
    edges = (
        max(0.0, v - off[0]),
        min(camera.rows, v + off[1]),
        max(0.0, u - off[2]),
        min(camera.columns, u + off[3]),
    )
    t, b, lf, r = (int(e) for e in edges)
    return t, b, lf, r
