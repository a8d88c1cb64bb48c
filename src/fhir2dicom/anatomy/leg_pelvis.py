"""The pelvis of one patient with both hips: bones, the flesh of hips and thighs, and what lies in the small pelvis.

`pelvis_bones` is for whoever sets a pelvis under a trunk: both hip bones, the sacrum and the upper femora in the frame of
`fhir2dicom.anatomy.leg`, with the landmarks of `Leg.at`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fhir2dicom.anatomy import bone, flesh, leg, leg_metal
from fhir2dicom.anatomy.bone import F32, Bone
from fhir2dicom.anatomy.flesh import FAT, MUSCLE, Turn
from fhir2dicom.anatomy.leg import Leg
from fhir2dicom.anatomy.leg_soft import swept
from fhir2dicom.anatomy.region import Plain
from fhir2dicom.anatomy.scene_bowel import bowel
from fhir2dicom.model import Box, Edit, Grown, Laterality, Person, Scene, Surface, Vec3
from fhir2dicom.seed import Seed

NAMES = ("hip", "sacrum", "femur")
INWARDS_DEG = 12.0
"""How far the legs are turned in for an AP film, so that the femoral necks lie flat."""
_THIGH = 0.55
"""From which share of the hip's turn on the skin is a thigh's, which ends in the middle."""
_GAS = 0.0
"""Attenuation beside water of gas."""
_LUMBAR = ("lumbar_5", "lumbar_4", "lumbar_3")
_DISC_MM = 23.0
"""From the sacrum's end-plate to the middle of the body of the fifth lumbar vertebra."""


@dataclass(frozen=True, eq=False, slots=True)
class Pelvis:
    """A pelvis with both hips, mm."""

    bones: Sequence[Bone]
    right: Leg
    left: Leg
    """As a right one: to be mirrored."""
    at: Mapping[str, Vec3]


def sided(grown: Sequence[Grown]) -> tuple[Grown, ...]:
    """Return edits that say no side as those of the side that their key draws: a pelvis has both."""
    return tuple(
        replace(e, laterality="L" if e.key % 2 else "R") if isinstance(e, Edit) and not e.laterality else e
        for e in grown
    )


def pelvis_bones(person: Person, seed: Seed, grown: Sequence[Grown] = ()) -> Pelvis:
    """Return hip bones, sacrum and femora of a person standing, and the landmarks of the right side."""
    grown = sided(grown)
    right = leg.leg(person, seed, grown, "R", names=NAMES)
    left = leg.leg(person, seed, grown, "L", names=("hip", "femur"))
    bones = [*leg.flat(right, NAMES), *(bone.mirrored(b) for b in leg.flat(left, ("hip", "femur")))]
    return Pelvis(bones, right, left, right.at)


@dataclass(frozen=True, eq=False)
class PelvisBody(Plain):
    """The pelvis of one patient, or one hip of it."""

    person: Person
    seed: Seed
    grown: tuple[Grown, ...]
    one: bool = False
    """Aim at one hip."""

    @property
    def field(self) -> Box:
        """Return the box of a pelvis, mm."""
        tall = self.person.height_m * 1000
        return Box((-0.12 * tall, -0.08 * tall, -0.1 * tall), (0.12 * tall, 0.1 * tall, 0.12 * tall))

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return pelvis and hips lying on the back; ``frog`` bends one hip aside."""
        whole = pelvis_bones(self.person, self.seed, self.grown)
        side: Laterality = "L" if laterality == "L" else "R"
        sides = []
        for name, limb in (("R", whole.right), ("L", whole.left)):
            edits = [e for e in sided(self.grown) if isinstance(e, Edit) and e.laterality in ("", "B", name)]
            turns = _turns(limb, "frog" if pose == "frog" and name == side else "ap")
            sides.append((leg.posed(leg_metal.fitted(limb, edits), turns), turns))
        bones, metal = _both(sides[0][0], sides[1][0])
        skin = self._flesh(whole.right, sides[0][1], sides[1][1])
        size = whole.right.size
        bones += _lumbar(whole.at, size.pelvis)
        gas = bowel(self.seed.child("bowel"), _spine_frame(whole.at, size.pelvis), "supine", _GAS - MUSCLE)
        inside = _inside(whole.at, size.pelvis, self.seed) | gas.surfaces
        inside |= sacral(size.pelvis, self.person)
        solid = bone.surfaces(bones, self.person, lost=bone.lost(self.grown))
        out = skin | inside | solid | metal
        aim, extent = self._frame(whole.right, pose)
        return Scene(out, gas.tubes, (-aim[0], *aim[1:]) if side == "L" and self.one else aim, extent)

    def _frame(self, limb: Leg, pose: str) -> tuple[Vec3, tuple[float, float]]:
        s, (x, y, z) = limb.size.pelvis, limb.at["hip"]
        if not self.one:
            return (0.0, y, z + 28.0 * s), (372.0 * s, 308.0 * s)
        if pose == "frog":
            return (x - 30.0 * s, y, z - 12.0 * s), (205.0 * s, 205.0 * s)
        return (x - 14.0 * s, y, z - 30.0 * s), (195.0 * s, 245.0 * s)

    def _flesh(self, limb: Leg, right: Sequence[Turn], left: Sequence[Turn]) -> dict[str, Surface]:
        """Return skin and muscle with the thighs turned as the legs are."""
        atlas = flesh.load("pelvis")
        other = [
            Turn("hip_other", (-t.at[0], *t.at[1:]), (t.axis[0], -t.axis[1], -t.axis[2]), t.degrees)
            for t in left
        ]
        size = limb.size
        girth = np.array((size.pelvis, size.pelvis, size.pelvis))

        def laid(v: F32, apart_mm: float) -> F32:
            out = flesh.bent((v * girth).astype(np.float32), [*right, *other], atlas.follows)
            thigh, mate = atlas.follows["hip"] > _THIGH, atlas.follows["hip_other"] > _THIGH
            out[thigh, 0] = np.minimum(out[thigh, 0], -apart_mm)  # thighs press each other flat
            out[mate, 0] = np.maximum(out[mate, 0], apart_mm)
            return out

        skin, muscle = flesh.skin(atlas, self.person), flesh.muscle(atlas, self.person)
        return flesh.surfaces(laid(skin, 0.4), laid(muscle, 4.0), atlas.triangles)


def _turns(limb: Leg, pose: str) -> list[Turn]:
    """Return how a leg lies: turned in, or as a frog's."""
    at = limb.at["hip"]
    if pose != "frog":
        return [Turn("hip", at, (0.0, 0.0, 1.0), INWARDS_DEG)]
    return [
        Turn("hip", at, (0.0, 0.0, 1.0), -68.0),
        Turn("hip", at, (0.0, 1.0, 0.0), 38.0),
    ]


def _both(right: Leg, left: Leg) -> tuple[list[Bone], dict[str, Surface]]:
    """Return the bones and the metal of both sides."""
    bones = [*leg.flat(right, NAMES), *(bone.mirrored(b) for b in leg.flat(left, ("hip", "femur")))]
    metal = {f"{n} right": s for n, s in right.metal.items()}
    return bones, metal | {f"{n} left": leg.mirrored(s) for n, s in left.metal.items()}


def _spine_frame(at: Mapping[str, Vec3], size: float) -> Callable[[F32], F32]:
    """Return the way from the trunk's atlas to this pelvis: the fifth lumbar vertebra stands on the sacrum."""
    body = bone.load("lower_torso")["lumbar_5"].vertices
    front = body[body[:, 1] < np.median(body[:, 1])].astype(np.float64)
    middle = np.round(front.mean(axis=0), 3)
    s1, up = np.array(at["s1"]), np.array(at["s1_up"])
    to = s1 + (up - s1) * (_DISC_MM / 100.0)
    return lambda p: np.asarray((p - middle) * size + to, np.float32)


def _lumbar(at: Mapping[str, Vec3], size: float) -> list[Bone]:
    """Return the lowest lumbar vertebrae on the sacrum."""
    atlas, placed = bone.load("lower_torso"), _spine_frame(at, size)
    return [atlas[n].each(placed) for n in _LUMBAR]


def _blob(cx: float, cy: float, cz: float, rx: float, ry: float, rz: float, weight: float) -> Surface:
    """Return an ellipsoid."""
    rows = []
    for k in range(9):
        t = -1 + k / 4
        w = max(0.0, 1 - t * t) ** 0.5
        rows.append((cx, cy, cz - t * rz, max(rx * w, 0.5), max(ry * w, 0.5)))
    return swept(rows, weight)


_FORAMINA = ((19.0, 58.0, 85.0), (17.5, 66.0, 67.0), (16.0, 80.0, 51.0), (14.5, 86.0, 37.0))
"""Middles of the left sacral foramina in the atlas, mm."""
_HOLE = 0.32
"""Attenuation beside water that a foramen lacks: spongiosa less flesh, and the compact bone of both faces (ours)."""
_COCCYX = (
    # age when it is seen, middle and half widths, mm
    (1.0, (0.0, 86.0, 8.0), (9.0, 4.0, 5.5)),
    (4.0, (0.0, 82.5, -4.0), (6.5, 3.5, 4.8)),
    (10.0, (0.0, 77.0, -13.5), (4.5, 3.0, 4.0)),
)
"""The coccyx; its nuclei come between birth and ten years (Scheuer & Black 2000), sizes ours."""


def sacral(s: float, person: Person) -> dict[str, Surface]:
    """Return the sacral foramina, each a hole under an arc of compact bone, and the coccyx."""
    cortex, _ = bone.weights(person)
    out = {}
    for number, (x, y, z) in enumerate(_FORAMINA):
        r = (5.6 - 0.5 * number) * s
        for side in (-1.0, 1.0):
            place = (side * x * s, y * s, z * s)
            name = f"foramen {number} {side:+.0f}"
            out[f"{name} rim"] = _blob(*place, 1.25 * r, 8.0 * s, 0.95 * r, 0.16 * cortex)
            low = (*place[:2], place[2] - 0.9 * s)
            out[name] = _blob(*low, 1.2 * r, 9.0 * s, 0.88 * r, -0.16 * cortex - _HOLE)
    for age, (x, y, z), (a, b, c) in _COCCYX:
        if person.age_years >= age:
            out[f"coccyx {age:g}"] = _blob(x * s, y * s, z * s, a * s, b * s, c * s, 0.35 * cortex)
    return out


def _inside(at: Mapping[str, Vec3], s: float, seed: Seed) -> dict[str, Surface]:
    """Return the fat that outlines bladder and psoas."""
    x, y, z = at["hip"]
    full = seed.child("pelvis", "bladder").uniform(0.6, 1.15)
    top = z - 22 * s + 34 * s * full
    out = {
        "bladder fat": _blob(0.0, y - 8 * s, top - 26 * s * full, 46 * s * full, 30 * s, 33 * s * full, FAT - MUSCLE),
        "bladder": _blob(0.0, y - 8 * s, top - 27 * s * full, 43 * s * full, 27.5 * s, 30 * s * full, 1.02 - FAT),
    }  # fmt: skip
    for side in (-1.0, 1.0):
        out[f"psoas fat {side:+.0f}"] = _blob(
            side * (-x - 22 * s), y - 38 * s, z + 30 * s, 1.8 * s, 16 * s, 40 * s, FAT - MUSCLE
        )
    return out
