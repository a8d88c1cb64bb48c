"""The lower jaw: a bone with a cortex that opens, breaks and leaves its joint, and its teeth go where it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone import F32, Bone, Matrix34, cut, load, moved, thinned, transformed, turned
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.anatomy.skull_teeth import Crowned
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Edit, Grown, Person, Vec3

F64 = npt.NDArray[np.float64]

_CONDYLE: Vec3 = (53.0, 13.5, -44.5)
"""Middle of the left condyle, atlas mm."""
_HINGE_MM = 9.0
"""How far a condyle glides forwards when the mouth is opened, at 25° (textbooks: 10 to 15 mm wide open)."""

BREAKS: tuple[tuple[str, float, Vec3, Vec3], ...] = (
    # part, share of fractures, middle of the break on the left side, direction to the part behind it; atlas mm.
    # Shares: condyle .3, angle .27, body .24, symphysis .19, rounded by us after Afrooz et al.,
    # J Oral Maxillofac Surg 73:2361 (2015): condyle, symphysis and angle lead, their order differs between series.
    ("condyle", 0.30, (51.0, 9.5, -56.0), (0.1, 0.35, 0.93)),
    ("angle", 0.27, (46.0, -12.0, -104.0), (0.0, 0.86, 0.51)),
    ("body", 0.24, (24.0, -50.0, -133.0), (0.62, 0.72, 0.30)),
    ("symphysis", 0.19, (6.0, -58.0, -140.0), (0.97, 0.1, 0.2)),
)

_CORTEX_BY_AGE = ((0.0, 0.55), (6.0, 0.75), (18.0, 1.0), (50.0, 1.0), (90.0, 0.72))


@dataclass(frozen=True, eq=False, slots=True)
class Jaw:
    """The jaw in its parts, and the teeth in them."""

    bones: tuple[Bone, ...]
    teeth: tuple[Crowned, ...]
    swing: Matrix34 | None
    """How it moved from the closed mouth."""

    def followed(self, skin: F32, atlas: F32) -> F32:
        """Return skin (n, 3), mm, that goes with the jaw: chin and lower lip; ``atlas``: where its corners are in the atlas."""
        if self.swing is None:
            return skin
        y, z = atlas[:, 1], atlas[:, 2]
        below = -117.5 + 0.49 * (y + 57.0) - z
        share = _step(-4.0, 10.0, below) * (1 - _step(-30.0, 22.0, y)) * (1 - _step(52.0, 86.0, below))
        moved_ = transformed(skin, self.swing)
        return (skin + (moved_ - skin) * share[:, None].astype(np.float32)).astype(np.float32)


def jaw(
    person: Person, frame: Frame, lower: Sequence[Crowned], grown: Sequence[Grown], open_deg: float = 0.0
) -> Jaw:
    """Return the jaw in the patient, mm: broken and out of its joint as ``grown`` says, opened by ``open_deg``."""
    whole = load("skull")["mandible"]
    placed = Bone("mandible", frame.place(whole.vertices), frame.place(whole.inner), whole.triangles)
    parts = [(thinned(placed, between(_CORTEX_BY_AGE, person.age_years)), tuple(lower))]
    for edit in grown:
        if isinstance(edit, Edit) and edit.kind == "fracture" and edit.part.startswith("mandible"):
            parts = _broken(parts, frame, edit)
    out = [
        e for e in grown if isinstance(e, Edit) and (e.kind, e.part) == ("dislocation", "temporomandibular")
    ]
    glide = max((12.0 + 6.0 * e.amount for e in out), default=_HINGE_MM * open_deg / 25.0)
    if out:
        open_deg = 22.0
    swing = _swing(frame, open_deg, glide) if open_deg else None
    if swing is not None:
        parts = [(moved(bone, swing), tuple(_tooth(t, swing) for t in teeth)) for bone, teeth in parts]
    return Jaw(tuple(b for b, _ in parts), tuple(t for _, teeth in parts for t in teeth), swing)


_Part = tuple[Bone, tuple[Crowned, ...]]


def _swing(frame: Frame, degrees: float, glide_mm: float) -> Matrix34:
    """Return the way of an opening jaw: about the axis of both condyles, and forwards down the eminence."""
    x, y, z = _CONDYLE
    left, right = (np.array(frame.point((s * x, y, z))) for s in (1.0, -1.0))
    front = np.array(frame.point((x, y - 10.0, z - 3.0))) - left
    ahead = front / (front * front).sum() ** 0.5 * glide_mm
    down = np.array(frame.point((x, y, z - 10.0))) - left
    ahead = ahead + down / (down * down).sum() ** 0.5 * glide_mm * 0.42
    axis = left - right
    middle = (left + right) / 2
    a = math.radians(degrees)
    cos_sin = round(math.cos(a), 9), round(math.sin(a), 9)
    return turned(_vec(axis), cos_sin, _vec(middle), _vec(ahead))


def _broken(parts: list[_Part], frame: Frame, edit: Edit) -> list[_Part]:
    """Return the parts with one more break: the part behind it moved, its teeth with it."""
    row = next((r for r in BREAKS if edit.part.endswith(r[0])), BREAKS[2])
    side = -1.0 if edit.laterality == "R" else 1.0
    middle = np.array(frame.point((0.0, -40.0, -110.0)))
    lateral = np.array(frame.point((30.0 * side, -40.0, -110.0))) - middle
    out: list[_Part] = []
    for bone, teeth in parts:
        far, near = cut(bone, _vec(middle), _vec(lateral))
        own = [t for t in teeth if ((t.at - middle) * lateral).sum() > 0]
        rest = tuple(t for t in teeth if ((t.at - middle) * lateral).sum() <= 0)
        out.append((far, rest))
        out += _split(near, own, frame, (row[2], row[3]), side, edit)
    return [part for part in out if len(part[0].triangles)]


def _split(
    bone: Bone, teeth: list[Crowned], frame: Frame, place: tuple[Vec3, Vec3], side: float, edit: Edit
) -> list[_Part]:
    (x, y, z), (u, v, w) = place
    at = np.array(frame.point((side * x, y, z)))
    way = np.array(frame.point((side * (x + 5 * u), y + 5 * v, z + 5 * w))) - at
    way /= (way * way).sum() ** 0.5
    below, above = cut(bone, _vec(at), _vec(way), 1.6, edit.key)
    shift, turn = _displacement(edit, side)
    a = math.radians(turn)
    axis = (0.0, 0.0, 1.0) if edit.part.endswith("condyle") else (1.0, 0.0, 0.0)
    if edit.part.endswith("condyle"):
        axis = (0.0, side, 0.0)
    go = turned(axis, (round(math.cos(a), 9), round(math.sin(a), 9)), _vec(at), _vec(shift))
    behind = [t for t in teeth if ((t.at - at) * way).sum() > 0]
    before = tuple(t for t in teeth if ((t.at - at) * way).sum() <= 0)
    return [(below, before), (moved(above, go), tuple(_tooth(t, go) for t in behind))]


def _displacement(edit: Edit, side: float) -> tuple[F64, float]:
    """Return how the part behind goes, mm and degrees: up and inwards as the muscles pull, a condyle inwards and tilted.

    A severity under .3 is a crack that gapes by half a millimetre.
    """
    far = max(edit.amount - 0.25, 0.0)
    gap = 0.5 + 1.6 * far
    if edit.part.endswith("condyle"):
        return np.array((-side * 7.0 * far, -4.0 * far, 0.4)), 34.0 * far
    if edit.part.endswith("symphysis"):
        return np.array((side * gap, 0.8 * far, 2.2 * far)), 1.5 * far
    return np.array((-side * 2.6 * far, 0.6 * gap, gap * 0.7 + 4.2 * far)), -3.5 * far


def _tooth(t: Crowned, go: Matrix34) -> Crowned:
    return Crowned(
        t.upper,
        transformed(t.at[None, :], go)[0],
        (transformed(t.whole[0], go), t.whole[1]),
        (transformed(t.enamel[0], go), t.enamel[1]),
        transformed(t.tip[None, :], go)[0],
        t.tooth,
    )


def _step(a: float, b: float, x: npt.NDArray[np.floating]) -> F64:
    """Return 0 below ``a``, 1 above ``b``, smooth between."""
    t = np.clip((x.astype(np.float64) - a) / (b - a), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _vec(a: F64) -> Vec3:
    x, y, z = (round(float(v), 6) for v in a)
    return x, y, z
