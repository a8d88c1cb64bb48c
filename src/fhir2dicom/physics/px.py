"""Panoramic radiography of the jaws (PX): teeth and bone along the unrolled arch.

Geometry is in `px_view`, the film in `px_film`; teeth are drawn as films inside the mouth draw them (`io_tooth`, `io_work`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Attributes, Body, Frames, Pixels, Shot, Window
from fhir2dicom.model.panorama import Panorama, Standing
from fhir2dicom.physics.io_bone import polyline, smooth, tiles
from fhir2dicom.physics.io_cut import soften
from fhir2dicom.physics.io_film import BITS, presented
from fhir2dicom.physics.io_tooth import Array, cosine_and_sine, lay, raster
from fhir2dicom.physics.io_work import do
from fhir2dicom.physics.modality import Iod, Modality
from fhir2dicom.physics.px_film import composed, shadow, stroke
from fhir2dicom.physics.px_view import MAGNIFICATION, Unrolled, unrolled
from fhir2dicom.seed import Seed

PIXEL_MM = 0.1
_STEP_MM = 2 * PIXEL_MM
"""Pixel of the matrix in which all but noise is drawn."""
_BENCH = 3 * 260 * 160
_CAP = np.float32(4.2)
_FAR = 1.0e6


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Return one panoramic film, for presentation: P-values of 12 bits, mineral white, the patient's right side to the left.

    Settings read: ``kvp``, ``ma``, ``seconds``.
    """
    seen = body.panorama()
    protocol = shot.protocol
    rows, columns = (16 * (n // 16) for n in (protocol.rows, protocol.columns))

    def render(k: int) -> Pixels:
        return _render(seen, rows, columns, seed.child("film", k))

    return Frames(
        count=shot.frames,
        rows=rows,
        columns=columns,
        render=render,
        dtype=np.uint16,
        bits_stored=BITS,
        photometric="MONOCHROME2",
        windows=(Window(float(1 << (BITS - 1)), float(1 << BITS), "NORMAL"),),
        attributes=_attributes(shot),
    )


def _render(seen: Panorama, rows: int, columns: int, seed: Seed) -> npt.NDArray[np.uint16]:
    n, m = rows // 2, columns // 2
    level = float(seen.lines["palate"][0, 2]) - 26.0 + seed.child("height").normal(0.0, 2.0)
    way = unrolled(seen.arch, level, n, m, _STEP_MM)
    film = np.zeros((3, n, m), np.float32)
    bench = np.empty(_BENCH, np.float32)
    own = Seed("panorama", (str(seen.mouth.key),))
    for standing in seen.teeth:
        _put(film, standing, way, own.child("turn", standing.tooth.fdi), bench)
    canal = np.zeros((n, m), np.float32)
    for side in "rl":
        stroke(
            canal, way.place(seen.lines[f"canal_{side}"]), 2.0 * MAGNIFICATION / _STEP_MM, 0.72, -0.13, 0.09
        )
    look = (
        seen.mouth.density,
        seen.mouth.coarseness,
        own.child("row").integer(512),
        own.child("column").integer(1024),
    )
    textures = tiles()
    out = composed(
        film, way.paths(seen.jaw, 1), way.paths(seen.face, 2), _ghosts(seen, way, own), canal, _crests(seen, way),
        (textures["maxilla"], textures["mandible"]), np.array(look, np.float32),
    )  # fmt: skip
    return presented(
        out,
        gain=1.0 + seed.child("gain").normal(0.0, 0.02),
        sharpness=0.5,
        noise=0.9 + seed.child("dose").uniform(-0.1, 0.2),
        tile=textures["noise"],
        shift=(seed.child("row").integer(512), 2 * seed.child("column").integer(400)),
    )


def _put(film: Array, standing: Standing, way: Unrolled, seed: Seed, bench: Array) -> None:
    """Lay one tooth on the film as it stands in its jaw."""
    tooth = standing.tooth
    (x, y, _), (tip_x, tip_y, _) = way.place(np.stack([standing.at, standing.tip]))
    up, mirror = (1.0 if tooth.upper else -1.0), (1.0 if tooth.right else -1.0)
    across, down = tip_x - x, (tip_y - y) * up
    sine = -across * mirror / max((across * across + down * down) ** 0.5, 1e-6)
    lean = min(max(sine + sine**3 / 6, -1.2), 1.2) - (tooth.tilt - min(max(tooth.tilt, -0.6), 0.6))
    scale = _STEP_MM / MAGNIFICATION
    c, s = cosine_and_sine(lean)
    column = scale * c if abs(s) < 0.7 else scale
    yaw = round(seed.normal(0.0, 0.09), 4)
    seen = raster(tooth, yaw, -99.0, 99.0, column, bench)
    if seen is None:
        return
    if tooth.works:
        do(seen, tooth, yaw, seen.between)
    np.minimum(seen.planes[0], _CAP, out=seen.planes[0])
    soften(seen.planes[0])
    half = ((way.columns - 1) / 2, (way.rows - 1) / 2)
    pose = ((x - half[0]) * _STEP_MM, (y - half[1]) * _STEP_MM, lean, mirror, up, MAGNIFICATION)
    lay(film, seen, pose, _STEP_MM)


def _crests(seen: Panorama, way: Unrolled) -> Array:
    """Return rows of the alveolar crest by column, upper and lower; far beyond the film where no tooth ever was."""
    out = np.empty((2, way.columns), np.float32)
    unit = MAGNIFICATION / _STEP_MM
    for k, upper in enumerate((True, False)):
        out[k] = _FAR if upper else -_FAR
        points = sorted(_crest_points(seen, way, upper=upper, unit=unit))
        if len(points) < 4:
            continue
        points = _ends(points, upper=upper, unit=unit)
        xs, ys = (np.array([p[a] for p in points], np.float64) for a in (0, 1))
        line = smooth(polyline(xs, ys, 0.0, 1.0, way.columns), 4)
        a, b = max(0, int(xs[0])), min(way.columns, int(xs[-1]) + 1)
        out[k, a:b] = line[a:b]
    return out


def _crest_points(
    seen: Panorama, way: Unrolled, *, upper: bool, unit: float
) -> Iterator[tuple[float, float]]:
    sign = -1.0 if upper else 1.0
    for standing in seen.teeth:
        tooth = standing.tooth
        if tooth.upper != upper or tooth.erupted < 0.75:
            continue
        x, y, _ = way.place(standing.at[None, :])[0].tolist()
        half = 0.5 * tooth.solid.neck_width_mm * tooth.scale[0] + 0.3
        mesial = 1.0 if tooth.right else -1.0
        for side, loss in zip((1.0, -1.0), tooth.bone_loss_mm, strict=True):
            yield x + side * mesial * half * unit, y + sign * (1.5 + loss) * unit
    for space, at in seen.ridges:
        if space.upper == upper:
            x, y, _ = way.place(at[None, :])[0].tolist()
            deep = y + sign * (1.5 + space.resorbed_mm) * unit
            yield x - 0.35 * space.width_mm * unit, deep
            yield x + 0.35 * space.width_mm * unit, deep


def _ends(points: list[tuple[float, float]], *, upper: bool, unit: float) -> list[tuple[float, float]]:
    """Return points with the way up the front of the ramus, or off the tuberosity, at either end."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    way = (
        ((2.0, 0.0), (12.0, 26.0))
        if upper
        else ((2.0, -0.5), (5.0, -6.0), (9.0, -22.0), (12.0, -38.0), (13.0, -90.0))
    )
    left = [(x0 - dx * unit, y0 + dy * unit) for dx, dy in reversed(way)]
    return [*left, *points, *((x1 + dx * unit, y1 + dy * unit) for dx, dy in way)]


def _ghosts(seen: Panorama, way: Unrolled, own: Seed) -> Array:
    """Return what is out of focus, at an eighth of the matrix: spine, the jaw of the other side, air, tongue, ears, hyoid."""
    rows, columns = way.rows // 8, way.columns // 8
    unit = MAGNIFICATION / (8 * _STEP_MM)
    middle, top = (columns - 1) / 2, float(way.coarser(8, seen.lines["palate"])[1, 1])
    x = ((np.arange(columns, dtype=np.float32) - np.float32(middle)) / np.float32(unit))[None]
    y = ((np.arange(rows, dtype=np.float32) - np.float32(top)) / np.float32(unit))[:, None]
    ramus = float(way.coarser(8, seen.lines["canal_l"])[0, 0] - middle) / unit
    away = np.abs(x)
    out = np.float32(0.50) + _hill(x, 0.0, 17.0) * np.float32(0.50) * np.clip(
        np.float32(0.75) + y / 160, 0.5, 1.0
    )
    out = out + np.float32(0.24) * _hill(away, ramus - 12.0, 26.0) * _hill(y, 12.0, 30.0)
    out = out + np.float32(0.26) * np.clip((away - ramus - 14.0) / 14.0, 0, 1)
    out = out - np.float32(0.30) * np.clip((y - 62.0 + away * 0.15) / 26.0, 0, 1) * (
        1 - 0.4 * _hill(x, 0.0, 22.0)
    )
    air = own.child("tongue").uniform(0.10, 0.30)
    band = _hill(y, 6.5 - 0.0009 * 25 * 25, 5.0) * np.clip((ramus - 4.0 - away) / 12.0, 0, 1)
    out = out - np.float32(air) * band
    throat = (
        _hill(away - y * np.float32(0.10), ramus - 2.0, 8.5)
        * np.clip((y + 22.0) / 14.0, 0, 1)
        * np.clip((78.0 - y) / 20.0, 0, 1)
    )
    out = (out - np.float32(0.26) * throat).astype(np.float32)
    shaded = np.asarray(out, np.float32)
    _lines(shaded, seen, way, (middle, top, unit, ramus), own)
    return shaded


def _lines(
    out: Array, seen: Panorama, way: Unrolled, frame: tuple[float, float, float, float], own: Seed
) -> None:
    """Draw what is half in focus: the palate and its ghost, hyoid, ears, septum."""
    middle, top, unit, ramus = frame
    lines = np.zeros_like(out)
    for lift, strength in ((0.0, 0.22), (-4.5, 0.12)):
        bow = [(s * ramus * 0.78, -3.5) for s in (-1.0, 1.0)]
        way_ = [bow[0], (-ramus * 0.4, 0.0), (0.0, 1.0), (ramus * 0.4, 0.0), bow[1]]
        points = np.array([(middle + a * unit, top + (b + lift) * unit) for a, b in way_])
        stroke(lines, points, 1.6 * unit, 0.4, strength, strength * 0.7)
    low = float(way.coarser(8, seen.lines["hyoid"])[:, 1].mean()) - 4.0 * unit
    low = min(low, out.shape[0] - 6.0)
    for side in (-1.0, 1.0):
        tall = own.child("hyoid", side).normal(0.0, 1.0)
        body = [(44.0, 4.0 + tall), (56.0, 1.0), (68.0, -3.0 + tall)]
        points = np.array([(middle + side * a * unit, low + b * unit) for a, b in body])
        stroke(lines, points, 5.0 * unit, 0.3, 0.13, 0.09)
    out += lines
    for ear, out_mm in (("ear_r", -2.0), ("ear_l", 2.0)):
        x, y, _ = way.coarser(8, seen.lines[ear])[1].tolist()
        shadow(out, x + out_mm * unit, y, 9.0 * unit, 15.0 * unit, 0.22)


def _hill(x: Array, middle: float, width: float) -> Array:
    """Return 1 at the middle, a half at ``width`` from it, with a long foot."""
    q = (x - np.float32(middle)) / np.float32(width)
    return np.asarray(1 / (1 + q * q * q * q), np.float32)


def _attributes(shot: Shot) -> Attributes:
    """Return what the machine reports; PS3.3 C.8.7, C.8.11.2, C.8.11.4 and C.8.11.5."""
    settings = shot.protocol.settings
    ma, seconds = settings.get("ma", 10.0), settings.get("seconds", 14.0)
    return {
        "KVP": settings.get("kvp", 70.0),
        "XRayTubeCurrent": round(ma),
        "ExposureTime": round(seconds * 1000),
        "Exposure": round(ma * seconds),
        "ExposureInuAs": round(ma * seconds * 1000),
        "DistanceSourceToDetector": 530.0,
        "DistanceSourceToPatient": round(530.0 / MAGNIFICATION, 1),
        "EstimatedRadiographicMagnificationFactor": MAGNIFICATION,
        "ImagerPixelSpacing": (PIXEL_MM, PIXEL_MM),
        "DetectorType": "SCINTILLATOR",
        "DetectorConfiguration": "SLOT",
        "PositionerType": "PANORAMIC",
        "ViewPosition": "",
        "PatientOrientation": ("L", "F"),
        "ImageLaterality": "U",
        "BurnedInAnnotation": "NO",
        "WindowCenter": 1 << (BITS - 1),
        "WindowWidth": 1 << BITS,
    }


PX = Modality(
    name="PX",
    aliases=("PX",),
    iods=(
        Iod(
            "1.2.840.10008.5.1.4.1.1.1.1",
            "PX",
            (
                "dx_series",
                "dx_anatomy_imaged",
                "dx_image",
                "dx_detector",
                "dx_positioning",
                "x_ray_acquisition_dose",
                "x_ray_generation",
                "voi_lut",
                "acquisition_context",
            ),
        ),
    ),
    regions=("mandible",),
    acquire=acquire,
)
"""Panoramic films, in the Digital X-Ray object: C.8.11.1 allows it PX."""
