"""Chest radiography: what one exposure of a body becomes. Geometry in `xray_project`, the picture in `xray_film`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Attributes, Body, Frames, Pixels, Protocol, Scene, Shot, Vec3, Window
from fhir2dicom.physics.xray_display import display
from fhir2dicom.physics.xray_film import WATER_PER_MM, Detector, Quarter
from fhir2dicom.physics.xray_project import (
    AXES,
    UNIT_PER_MM,
    Camera,
    Path,
    add_surface,
    draw,
    integrate,
    new_path,
)
from fhir2dicom.seed import Seed

BITS = 12

LUNGS = ("lung_r", "lung_l")
"""Surfaces of a scene that bear fine structure and that a chest film is centred and collimated on."""

_LEAD_MM = 220
"""A lead letter's path, mm of water: nothing gets through, and the sum still fits."""


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


SETUPS: Mapping[str, Setup] = {
    #             pose         SID    gap   mAs  at   doubles  scatter  mA   letters  above  below
    "PA": Setup("arms-down", 1800.0, 35.0, 2.0, 225.0, 42.0, 0.55, 320.0, "RL", 0.14, 0.13),
    "LL": Setup("arms-up", 1800.0, 45.0, 5.0, 320.0, 48.0, 0.60, 320.0, "L", 0.14, 0.08),
    "AP": Setup("supine", 1100.0, 40.0, 1.6, 225.0, 48.0, 0.95, 200.0, "LR", 0.13, 0.13),
}


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Return one exposure of the chest, for presentation: P-values of 12 bits, bone white.

    Settings read: ``kvp``, ``mas`` (through a standard adult), ``sid_mm``, ``pixel_mm`` (without it the film is cut
    to the chest). A film is one frame; the shot's ``frames`` says how often it is repeated.
    """
    protocol, frames = shot.protocol, shot.frames
    view = protocol.view if protocol.view in SETUPS else "PA"
    setup = SETUPS[view]
    scene = body.scene(protocol.pose or setup.pose, shot.laterality)
    sid = protocol.settings.get("sid_mm", setup.sid_mm)
    camera, thickness, size = camera_of(scene, view, protocol, sid)
    shutter = _shutter(camera, size, seed.child("shutter"))
    standard = protocol.settings.get("mas", setup.milliampere_seconds)
    exposure = standard * _power_of_two((thickness - setup.thickness_mm) / setup.doubling_mm)
    exposure = round(min(max(exposure, 0.4), 40.0), 2)
    detector = Detector(noise=0.0042 / (exposure / 2.0) ** 0.5, scatter=setup.scatter, texture=0.011)
    texture = Seed(body.person.key).child("lung texture", view)
    letter = setup.marker[seed.child("marker").integer(len(setup.marker))]

    def render(k: int) -> Pixels:
        return _render(scene, camera, shutter, detector, letter, seed.child("film", k), texture)

    return Frames(
        count=frames,
        rows=protocol.rows,
        columns=protocol.columns,
        render=render,
        dtype=np.uint16,
        bits_stored=BITS,
        windows=(Window(float(1 << (BITS - 1)), float(1 << BITS), "NORMAL"),),
        attributes=_attributes(protocol, setup, camera, shutter, exposure, thickness),
    )


def _render(
    scene: Scene,
    camera: Camera,
    shutter: tuple[int, int, int, int],
    detector: Detector,
    letter: str,
    seed: Seed,
    texture: Seed,
) -> Pixels:
    path = new_path(camera)
    draw(scene, camera, path, coarse=False)
    _mark(path, camera, shutter, letter, seed.child("marker"))
    mu = np.float32(WATER_PER_MM)
    fine, small = integrate(path, 4) * mu, camera.scaled(4)
    rest = new_path(small)
    draw(scene, small, rest, fine=False)
    quarter = Quarter(fine + integrate(rest, 1) * mu, fine, _lung_path(scene, small))
    own = [texture.child("shift", k).integer(512) for k in range(2)]
    shift = np.array([*(seed.child("shift", k).integer(512) for k in range(4)), *own], np.int64)
    return display(path, quarter, detector, shift, shutter, BITS)


def _lung_path(scene: Scene, camera: Camera) -> npt.NDArray[np.float32]:
    """Return the path through the lungs at a coarse matrix, mm."""
    path = new_path(camera)
    for name in LUNGS:
        if name in scene.surfaces:
            surface = scene.surfaces[name]
            add_surface(path, camera, surface.vertices, surface.triangles, 1.0)
    return integrate(path, 1)


_SIDE_MM = (200.0, 450.0)
"""Smallest and largest side of a film that is cut to the chest."""
_ASIDE = 1.10
"""Least width of a film, in widths of the lungs on it."""
_SEEN_MM = 18.0, 45.0
"""A lung's edge thinner than this does not show, against the chest wall and against the belly."""
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
    centre[axis] = front - setup.gap_mm if AXES[view][2][axis] > 0 else back + setup.gap_mm
    u, v, size = _field(scene, view, sid, (centre[0], float(centre[1]), float(centre[2])))
    centre[2] -= v
    if view == "LL":
        centre[1] += u
    fitted = round(min(max(size, _SIDE_MM[0]), _SIDE_MM[1]) / protocol.rows, 3)
    camera = Camera(
        view,
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
    path = _lung_path(scene, Camera(view, 150, 150, step, sid, centre))
    lung, outer = path > _SEEN_MM[0], path > _SEEN_MM[1]
    columns = np.flatnonzero(lung.any(axis=0))
    if not columns.size:
        return 0.0, 0.0, 400.0
    left, right = int(columns[0]), int(columns[-1]) + 1
    if view != "LL":
        outer[:, left + (right - left) // 7 : right - (right - left) // 7] = False
    top, base = (
        int(np.flatnonzero(lung.any(axis=1))[0]),
        int(np.flatnonzero(outer.sum(axis=1) >= _ANGLE_CELLS)[-1:].sum()) + 1,
    )
    tall = base - top
    size = max(tall * (1 + setup.above + setup.below), (right - left) * _ASIDE)
    down = (top + base + tall * (setup.below - setup.above)) / 2
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


def _shutter(camera: Camera, size_mm: float, seed: Seed) -> tuple[int, int, int, int]:
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


_STROKES: Mapping[str, tuple[tuple[float, float, float, float], ...]] = {
    "L": ((0, 0, 0, 1), (0, 1, 0.6, 1)),
    "R": ((0, 0, 0, 1), (0, 0, 0.42, 0), (0.42, 0, 0.6, 0.1), (0.6, 0.1, 0.64, 0.26), (0.64, 0.26, 0.6, 0.42),
          (0.6, 0.42, 0.42, 0.52), (0.42, 0.52, 0, 0.52), (0.34, 0.52, 0.68, 1)),
}  # fmt: skip
"""Strokes (x, y, x, y) of the lead letters, height 1."""


def _mark(path: Path, camera: Camera, shutter: tuple[int, int, int, int], letter: str, seed: Seed) -> None:
    """Lay a lead letter on the cassette, at the side it names."""
    height, width = 13.0 / camera.pixel_mm, 2.3 / camera.pixel_mm
    top = shutter[0] + (16.0 + seed.child("y").uniform(0, 30)) / camera.pixel_mm
    inset = (12.0 + seed.child("x").uniform(0, 8)) / camera.pixel_mm
    on_right = letter == "L" and camera.view != "LL"
    left = shutter[3] - inset - 0.65 * height if on_right else shutter[2] + inset
    lean = seed.child("lean").normal(0, 0.06)
    strokes = np.array(_STROKES[letter], np.float64) * height
    strokes[:, 0] += lean * strokes[:, 1]
    strokes[:, 2] += lean * strokes[:, 3]
    strokes += np.array((left, top, left, top))
    _stroke(path, strokes, width / 2, _LEAD_MM * UNIT_PER_MM)


@nb.njit(cache=True, error_model="numpy")
def _stroke(path: Path, strokes: npt.NDArray[np.float64], radius: float, value: int) -> None:
    """Add ``value`` where a pixel is within ``radius`` of a stroke, as second differences."""
    rows, columns = path.shape[0], path.shape[1] - 2
    x0 = max(0, int(min(strokes[:, 0].min(), strokes[:, 2].min()) - radius - 1))
    x1 = min(columns - 1, int(max(strokes[:, 0].max(), strokes[:, 2].max()) + radius + 1))
    y0 = max(0, int(min(strokes[:, 1].min(), strokes[:, 3].min()) - radius - 1))
    y1 = min(rows - 1, int(max(strokes[:, 1].max(), strokes[:, 3].max()) + radius + 1))
    for y in range(y0, y1 + 1):
        for x in range(x0, x1 + 1):
            inside = False
            for s in range(strokes.shape[0]):
                ax, ay = strokes[s, 0], strokes[s, 1]
                dx, dy = strokes[s, 2] - ax, strokes[s, 3] - ay
                t = min(max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0), 1.0)
                u, v = x - ax - t * dx, y - ay - t * dy
                inside = inside or u * u + v * v < radius * radius
            if inside:
                path[y, x] += np.int32(value)
                path[y, x + 1] -= np.int32(2 * value)
                path[y, x + 2] += np.int32(value)


def _power_of_two(x: float) -> float:
    """Return 2ˣ to nine digits, the same on every machine."""
    return float(round(2.0**x, 9))


def _attributes(
    protocol: Protocol,
    setup: Setup,
    camera: Camera,
    shutter: tuple[int, int, int, int],
    exposure_mas: float,
    thickness_mm: float,
) -> Attributes:
    """Return what the machine reports; PS3.3 C.8.7, C.8.11.4 and C.8.11.5, and for plates C.8.1.2."""
    to_patient = round(camera.sid_mm - setup.gap_mm - thickness_mm / 2, 1)
    shared: dict[str, object] = {
        "KVP": protocol.settings.get("kvp", 120.0),
        "ExposureInuAs": round(exposure_mas * 1000),
        "Exposure": max(1, round(exposure_mas)),
        "ExposureTime": max(1, round(1000 * exposure_mas / setup.tube_current_ma)),
        "XRayTubeCurrent": round(setup.tube_current_ma),
        "DistanceSourceToDetector": round(camera.sid_mm, 1),
        "DistanceSourceToPatient": to_patient,
        "ImagerPixelSpacing": (camera.pixel_mm, camera.pixel_mm),
        "BurnedInAnnotation": "NO",
    }
    if protocol.modality == "CR":
        return shared
    return {
        **shared,
        "CollimatorShape": "RECTANGULAR",
        "CollimatorLeftVerticalEdge": shutter[2],
        "CollimatorRightVerticalEdge": shutter[3],
        "CollimatorUpperHorizontalEdge": shutter[0],
        "CollimatorLowerHorizontalEdge": shutter[1],
        "EstimatedRadiographicMagnificationFactor": round(camera.sid_mm / to_patient, 4),
        "BodyPartThickness": round(thickness_mm, 1),
        "DetectorType": "SCINTILLATOR",
        "DetectorConfiguration": "AREA",
        "PositionerType": "NONE" if camera.view == "AP" else "COLUMN",
        "WindowCenter": 1 << (BITS - 1),
        "WindowWidth": 1 << BITS,
    }
