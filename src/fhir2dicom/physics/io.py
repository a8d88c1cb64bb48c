"""Radiography inside the mouth (IO): what one exposure of a few teeth becomes.

Geometry is in `io_view`, teeth in `io_tooth` and `io_work`, the jaws in `io_bone`, the picture in `io_film`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Attributes, Body, Frames, Mouth, Pixels, Shot, Window
from fhir2dicom.physics.io_bone import add_jaw, jaw_of, tiles, well
from fhir2dicom.physics.io_codes import imaged
from fhir2dicom.physics.io_cut import soften
from fhir2dicom.physics.io_film import BITS, presented
from fhir2dicom.physics.io_tooth import Array, Raster, column_for, cosine_and_sine, lay, raster
from fhir2dicom.physics.io_view import BITEWING, Placed, View, anchor_of, view_of
from fhir2dicom.physics.io_work import do
from fhir2dicom.physics.modality import Iod, Modality
from fhir2dicom.seed import Seed

_CAP = np.float32(4.6)
"""Attenuation × mm beyond which a raster is not read: metal, which would smear its edge."""


_METAL = ("amalgam", "crown-metal", "crown-metal-ceramic", "crown-zirconia", "crown-steel", "post", "implant")
"""Works with edges so hard that they would be jagged."""
_BENCH = 3 * 360 * 520
"""Values that most teeth need to be drawn in."""
_SHOWN: Attributes = {"WindowCenter": 1 << (BITS - 1), "WindowWidth": 1 << BITS}
_RAW: Attributes = {"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1}


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Return one intra-oral exposure, for presentation: P-values of 12 bits, mineral white; raw if asked.

    Settings read: ``for_processing`` (raw, linear in exposure), ``tooth`` (ISO 3950, what the film is centred on), ``kvp``, ``ma``, ``seconds``, ``sid_mm``,
    ``pixel_mm``. The matrix is that of the receptor that fits the age, at most the protocol's.
    """
    mouth = body.mouth()
    view = view_of(mouth, shot, seed.child("aim"))

    raw = bool(shot.protocol.settings.get("for_processing", 0.0))

    def render(k: int) -> Pixels:
        return _render(mouth, view, seed.child("film", k), raw=raw)

    return Frames(
        count=shot.frames,
        rows=view.rows,
        columns=view.columns,
        render=render,
        dtype=np.uint16,
        bits_stored=BITS,
        photometric="MONOCHROME1" if raw else "MONOCHROME2",
        windows=() if raw else (Window(float(1 << (BITS - 1)), float(1 << BITS), "NORMAL"),),
        attributes={**_attributes(shot, mouth, view), **(_RAW if raw else _SHOWN)},
    )


def _render(mouth: Mouth, view: View, seed: Seed, *, raw: bool = False) -> npt.NDArray[np.uint16]:
    rows, columns, step = view.rows // 2, view.columns // 2, view.step_mm
    film = np.zeros((3, rows, columns), np.float32)
    bench = np.empty(_BENCH, np.float32)
    apices = {p.tooth.fdi: apex for p in view.placed if (apex := _put(film, p, view, bench)) is not None}
    out = film[0]
    across = ((np.arange(columns) - (columns - 1) / 2) * step).astype(np.float32)
    _cheek(out, view, seed.child("cheek"), Seed("face", (str(mouth.key), view_name(view))))
    _wells(film, mouth, view, apices)
    along = view.middle_mm - float(across[0]) * view.mirror / view.magnification
    textures = tiles()
    for upper in (True, False):
        if not view.bitewing and view.upper != upper:
            continue
        jaw = jaw_of(mouth, view, upper=upper, across=across)
        own = Seed("net", (str(mouth.key), str(upper)))
        shift = (
            own.child("row").integer(512),
            own.child("column").integer(1024) + int(along / step),
            -view.mirror,
        )
        add_jaw(
            out, film, textures["maxilla" if upper else "mandible"], jaw.numbers,
            np.stack([jaw.crest, jaw.far, jaw.ridge, jaw.suture]), jaw.beyond, np.array(shift, np.int64),
            np.array((-(rows - 1) / 2 * step, step), np.float32),
        )  # fmt: skip
    _cone(out, seed.child("cone"))
    return presented(
        out,
        gain=1.0 + seed.child("gain").normal(0.0, 0.03),
        sharpness=0.0 if raw else 0.55,
        raw=raw,
        noise=1.0 + seed.child("dose").uniform(-0.15, 0.25),
        tile=textures["noise"],
        shift=(seed.child("row").integer(512), 2 * seed.child("column").integer(400)),
    )


def view_name(view: View) -> str:
    """Return a name that two films of the same place share."""
    return f"{view.bitewing} {view.upper} {view.right} {view.front}"


def _put(film: Array, placed: Placed, view: View, bench: Array) -> tuple[float, float] | None:
    """Lay one tooth on the film, with its works and the bud's crypt; return its apex, None if nothing of it is seen."""
    tooth, half = placed.tooth, view.rows * view.pixel_mm / 2
    up = 1.0 if tooth.upper else -1.0
    lean = -tooth.tilt
    side = abs(cosine_and_sine(lean)[1])
    slack = 7.0 * side + 0.6
    ends = sorted((sign * half - placed.y) * up / view.magnification for sign in (-1.0, 1.0))
    reach = (ends[0] - slack, ends[1] + slack) if side < 0.5 else (-99.0, 99.0)
    seen = raster(tooth, placed.yaw, *reach, column_for(lean, view.step_mm, view.magnification), bench)
    if seen is None:
        return None
    apex = _apex(seen)
    if tooth.works:
        do(seen, tooth, placed.yaw, seen.between)
    np.minimum(seen.planes[0], _CAP, out=seen.planes[0])
    if any(w.kind in _METAL for w in tooth.works):
        soften(seen.planes[0])
    pose = (placed.x, placed.y, lean, float(placed.mirror), up, view.magnification)
    if tooth.erupted < 0.75 and not tooth.primary:
        _crypt(film, placed, view, cosine_and_sine(lean))
    lay(film, seen, pose, view.step_mm)
    return apex


def _at(placed: Placed, view: View, u: float, w: float, lean: tuple[float, float]) -> tuple[float, float]:
    """Return the pixel of a point of the tooth, mm mesial and over the neck."""
    c, s = lean
    up = 1.0 if placed.tooth.upper else -1.0
    x = (c * u - s * w) * placed.mirror * view.magnification + placed.x
    y = (s * u + c * w) * up * view.magnification + placed.y
    return x / view.step_mm + view.columns / 4, y / view.step_mm + view.rows / 4


def _crypt(film: Array, placed: Placed, view: View, lean: tuple[float, float]) -> None:
    """Take the bone about an unerupted crown away, and give the hole a wall."""
    tooth, solid = placed.tooth, placed.tooth.solid
    middle = 0.5 * solid.crown_mm * tooth.scale[1]
    x, y = _at(placed, view, 0.0, middle - 0.3, lean)
    rx = (0.5 * solid.width_mm * tooth.scale[0] + 1.0) * view.magnification / view.step_mm
    ry = (middle + 1.5) * view.magnification / view.step_mm
    numbers = np.array((x, y, rx * 1.06, ry * 1.06, 5.0, 0.1, 0.05), np.float32)
    well(film, numbers)


def _wells(film: Array, mouth: Mouth, view: View, apices: Mapping[int, tuple[float, float]]) -> None:
    """Take bone away where teeth are dead, where nerves leave the jaw, and where a socket has not healed."""
    step, middle = view.step_mm, (view.columns / 4, view.rows / 4)
    for placed in view.placed:
        tooth = placed.tooth
        for work in (w for w in tooth.works if w.kind == "apical" and tooth.fdi in apices):
            own = Seed("apex", (str(work.key),))
            x, y = _at(placed, view, *apices[tooth.fdi], cosine_and_sine(-tooth.tilt))
            radius = 1.5 * work.size * view.magnification / step
            tall = radius * own.child("tall").uniform(1.0, 1.3)
            uneven = (own.child("a").uniform(-0.5, 0.5), own.child("b").uniform(-0.3, 0.3))
            well(film, np.array((x, y, radius, tall, 3.0 + 1.4 * work.size, *uneven), np.float32))
    for x, y, rx, ry, mm in (*_nerves(mouth, view), *_sockets(view)):
        numbers = (middle[0] + x / step, middle[1] + y / step, rx / step, ry / step, mm, 0.1, 0.1)
        well(film, np.array(numbers, np.float32))


Well = tuple[float, float, float, float, float]
"""Place from the film's middle, half widths, and mm of bone that are missing."""


def _nerves(mouth: Mouth, view: View) -> Iterator[Well]:
    """Yield the incisive foramen between the upper incisors, and the mental foramen below the lower premolars."""
    if view.middle and view.upper:
        yield view.middle_mm * view.magnification, view.bite_mm - 21.0, 1.7, 2.6, 3.0
    if view.upper or view.bitewing or view.front:
        return
    there = [
        p for p in view.placed if p.tooth.number in (4, 5) and not p.tooth.primary and p.tooth.erupted >= 1.0
    ]
    if there:
        below = Seed("mental foramen", (str(mouth.key), str(view.right))).uniform(0.5, 3.0)
        x = sum(p.x for p in there) / len(there)
        yield x, there[0].y + there[0].tooth.solid.root_mm + below, 1.5, 1.3, 3.0


def _sockets(view: View) -> Iterator[Well]:
    """Yield the sockets of teeth that were taken out within eight months."""
    for gap in (g for g in view.gaps if g.space.years < 0.7):
        sign = -1.0 if gap.space.upper else 1.0
        left = max(0.2, 1 - gap.space.years / 0.7)
        yield gap.x, gap.y + sign * 6.5, 0.6 * gap.half, 6.0, 5.0 * left


def _apex(seen: Raster) -> tuple[float, float]:
    """Return the end of the longest root: mm mesial and over the neck."""
    solid = seen.planes[0] > 0.1
    k = min(int(np.argmax(solid.any(1))) + 4, solid.shape[0] - 1)
    there = np.flatnonzero(solid[k])
    middle = float(there[len(there) // 2]) if len(there) else solid.shape[1] / 2
    return seen.left_mm + seen.column_mm * middle, float(seen.heights[max(0, k - 5)])


def _cheek(out: Array, view: View, seed: Seed, face: Seed) -> None:
    """Add cheek or lip, never quite even, and what of the face lies in the way."""
    rows, columns = out.shape
    thick = seed.child("mm").uniform(11.0, 16.0) if not view.front else seed.child("mm").uniform(8.0, 12.0)
    i = (np.arange(columns, dtype=np.float32) - columns / 2) / columns
    j = (np.arange(rows, dtype=np.float32) - rows / 2) / rows
    lean, bow = (
        [seed.child("slope", k).uniform(-0.08, 0.08) for k in range(2)],
        seed.child("bow").uniform(-0.05, 0.10),
    )
    across = np.float32(0.0284 * thick) + np.float32(lean[0] - 0.05 * view.mirror) * i
    down = np.float32(lean[1]) * j + np.float32(bow) * j * j
    _plus(out, across.astype(np.float32), down.astype(np.float32))
    if view.upper and not view.bitewing:
        _face(out, view, face)


@nb.njit(cache=True)
def _plus(out: Array, across: Array, down: Array) -> None:
    """Add a value of the column and one of the row."""
    for j in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[j, i] += across[i] + down[j]


def _face(out: Array, view: View, face: Seed) -> None:
    """Add the zygomatic arch over the upper molars, or the tip of the nose over the upper incisors."""
    rows, columns = out.shape
    x = (np.arange(columns, dtype=np.float32) - columns / 2) * np.float32(view.step_mm)
    y = (np.arange(rows, dtype=np.float32) - rows / 2) * np.float32(view.step_mm)
    if view.middle:
        middle, low = (
            view.middle_mm * view.magnification,
            view.bite_mm - face.child("nose").uniform(12.0, 17.0),
        )
        q = (
            np.clip((np.float32(low) - y) / 9, 0, 1)[:, None]
            * np.clip(1 - ((x - np.float32(middle)) / 12) ** 2, 0, 1)[None]
        )
        out += np.float32(0.22) * q * (2 - q)
    elif not view.front:
        back = -x * view.mirror + np.float32(view.middle_mm)
        low = view.bite_mm - face.child("zygoma").uniform(19.0, 23.0)
        u = ((back - np.float32(45.0)) / np.float32(8.0))[None]
        depth = np.float32(low) - 4 * u * u - y[:, None]
        body = np.clip(depth / 3.0, 0, 1) * np.clip(1.15 - u * u, 0, 1)
        edge = np.clip(1 - np.abs(depth - 0.8) / 0.9, 0, 1) * np.clip(1.3 - u * u, 0, 1)
        out += np.float32(0.42) * body + np.float32(0.34) * edge


def _cone(out: Array, seed: Seed) -> None:
    """Leave a corner unexposed where the round tube missed the receptor: one film in twenty."""
    if seed.child("cut").uniform() > 0.045:
        return
    rows, columns = out.shape
    side, depth = (1 if seed.child("side").uniform() < 0.5 else -1), seed.child("depth").uniform(0.01, 0.09)
    radius = 30.0 / 0.048
    x = (np.arange(columns, dtype=np.float32) - np.float32(columns / 2)) * side
    y = np.arange(rows, dtype=np.float32) - np.float32(rows * seed.child("tall").uniform(0.3, 0.7))
    edge = np.float32(columns * (0.5 - depth) - radius)
    beyond = np.sqrt((x - edge) ** 2)[None] ** 2 + (y * y)[:, None] - np.float32(radius * radius)
    out += np.clip(beyond * np.float32(1 / (radius * 8)), 0, 1) * np.float32(6.0)


def _attributes(shot: Shot, mouth: Mouth, view: View) -> Attributes:
    """Return what the machine reports; PS3.3 C.8.7, C.8.11.4 and C.8.11.5."""
    settings = shot.protocol.settings
    ma, seconds = settings.get("ma", 7.0), settings.get("seconds", 0.16)
    if mouth.age_years < 12:
        seconds = round(seconds * 0.63, 3)
    distance = settings.get("sid_mm", 300.0)
    to_patient = round(distance / view.magnification, 1)
    return {
        "KVP": settings.get("kvp", 65.0),
        "XRayTubeCurrent": max(1, round(ma)),
        "XRayTubeCurrentInuA": ma * 1000,
        "ExposureTime": max(1, round(seconds * 1000)),
        "ExposureTimeInuS": seconds * 1e6,
        **({"Exposure": round(ma * seconds)} if ma * seconds >= 0.5 else {}),
        "ExposureInuAs": round(ma * seconds * 1000),
        "DistanceSourceToDetector": distance,
        "DistanceSourceToPatient": to_patient,
        "EstimatedRadiographicMagnificationFactor": round(distance / to_patient, 6),
        "ImagerPixelSpacing": (view.pixel_mm, view.pixel_mm),
        "DetectorType": "SCINTILLATOR",
        "DetectorConfiguration": "AREA",
        "BurnedInAnnotation": "NO",
        **_imaged(shot, view),
    }


def _imaged(shot: Shot, view: View) -> Attributes:
    """Return side and teeth: those whose crowns the film shows, the one it is centred on first."""
    anchor = anchor_of(shot)
    half = view.columns * view.pixel_mm / 2
    seen = [p.tooth.fdi for p in view.placed if abs(p.x) < half - 1.5 and p.tooth.erupted > 0.5]
    seen.sort(key=lambda fdi: (fdi != anchor, abs(fdi % 10 - anchor % 10), fdi))
    side = "B" if view.middle else "R" if view.right else "L"
    jaw = "" if view.bitewing else "U" if view.upper else "L"
    return {"ImageLaterality": side, **imaged(jaw, anchor % 10, seen)}


IO = Modality(
    name="IO",
    aliases=("IO",),
    iods=tuple(
        Iod(
            uid,
            "IO",
            (
                "dx_series",
                "intra_oral_series",
                "dx_pixels",
                "dx_detector",
                "dx_positioning",
                "x_ray_acquisition_dose",
                "x_ray_generation",
                "intra_oral_image",
                "voi_lut",
                "acquisition_context",
            ),
        )
        for uid in ("1.2.840.10008.5.1.4.1.1.1.3", "1.2.840.10008.5.1.4.1.1.1.3.1")
    ),
    regions=("mouth",),
    acquire=acquire,
)
"""Digital intra-oral X-ray images."""

__all__ = ["BITEWING", "IO", "Raster", "acquire"]
