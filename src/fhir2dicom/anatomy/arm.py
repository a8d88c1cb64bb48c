"""The right arm of one patient: bones and flesh of the arm atlas, grown to the patient and bent to a pose; the left one mirrors it.

The atlas hangs with the palm forward, in LPS mm from the centre of the humeral head (atlas/build_arm.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import arm_breaks, arm_growth, arm_pads, bone, flesh
from fhir2dicom.anatomy.arm_parts import ALL, follows
from fhir2dicom.anatomy.bone import F32, I32, Bone
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Edit, Laterality, Person, Scene, Surface, Vec3
from fhir2dicom.seed import Seed

F64 = npt.NDArray[np.float64]

ADULT_M = 1.765
"""Height of a man with the atlas' arm: humerus 326 mm, radius 246 mm, wrist to tip of the middle finger 172 mm."""

CORTEX_BY_AGE = ((0.0, 1.15), (10.0, 1.05), (20.0, 1.0), (50.0, 1.0), (70.0, 0.8), (90.0, 0.62))
"""Thickness of the cortex beside a young adult's of the same size. Metacarpal cortex is lost from the fifth decade, by
some 7 % in ten years in women and half that in men (after Garn, The Earlier Gain and the Later Loss of Cortical Bone, 1970,
not checked); rounded by us."""


@dataclass(frozen=True, eq=False, slots=True)
class Arm:
    """A right arm, mm: bones (grown and broken), skin, muscle, joints."""

    bones: Sequence[Bone]
    skin: F32
    muscle: F32
    triangles: I32
    at: Mapping[str, Vec3]
    pads: Sequence[Bone]
    """Fat between muscle and bone."""


@cache
def joints() -> Mapping[str, Vec3]:
    """Return the joints of the atlas: shoulder, elbow, wrist, mcp1 … tip5."""
    with (files("fhir2dicom.anatomy") / "atlas" / "arm.npz").open("rb") as file, np.load(file) as data:
        return {n[3:]: _vec(data[n].astype(np.float64) / 32) for n in data.files if n.startswith("at.")}


def _vec(p: np.typing.NDArray[np.float64]) -> Vec3:
    return float(p[0]), float(p[1]), float(p[2])


def sizes(person: Person) -> tuple[float, float, float]:
    """Return the lengths of upper arm, forearm and hand beside the atlas.

    Limbs grow faster than the trunk, hands a little slower than arms: exponents of the height fitted by eye to the bone
    lengths of Maresh (Human Growth and Development, 1970: humerus 106 mm and radius 83 mm at 12 months, not checked).
    """
    tall = person.height_m / ADULT_M
    female = 0.985 if person.sex == "F" and person.age_years > 12 else 1.0
    upper, fore, hand = (round(tall**k * female, 6) for k in (1.08, 1.06, 0.96))
    return upper, fore, hand


def arm(person: Person, seed: Seed, edits: Sequence[Edit] = (), names: Sequence[str] = ALL) -> Arm:
    """Return the arm of a person in the atlas' pose, at the person's size; of its bones those that are named."""
    skin = flesh.load("arm")
    size = sizes(person)
    scaled = bones(person, seed, edits, names)
    mine = arm_breaks.of_age(edits, person.age_years)
    outer = flesh.skin(skin, person)
    shift = skin.follows["wrist"][:, None] * arm_breaks.carried_hand(mine, joints())
    lifted = arm_breaks.swelling(outer, skin.triangles, mine, joints()) + shift
    fat = [_grown_bone(b, size) for b in arm_pads.pads(mine)]
    return Arm(
        scaled,
        _sized(outer + lifted, skin.follows, size),
        _sized(flesh.muscle(skin, person) + 0.8 * (lifted - shift) + shift, skin.follows, size),
        skin.triangles,
        {
            n: _vec(_sized(np.array([p], np.float32), follows(n), size)[0].astype(np.float64))
            for n, p in joints().items()
        },
        fat,
    )


def bones(person: Person, seed: Seed, edits: Sequence[Edit], names: Sequence[str]) -> list[Bone]:
    """Return some bones of the arm of a person, grown and broken, in the atlas' pose, at the person's size."""
    found: list[Bone] = []
    for name in names:
        found += _made(name, person, seed, edits) if edits else _unhurt(name, person, seed)
    return found


@lru_cache(maxsize=64)
def _unhurt(name: str, person: Person, seed: Seed) -> list[Bone]:
    """Return a bone without injuries; all films of a patient share it."""
    return _made(name, person, seed, ())


def _made(name: str, person: Person, seed: Seed, edits: Sequence[Edit]) -> list[Bone]:
    thin = between(CORTEX_BY_AGE, person.age_years) * (
        0.94 if person.sex == "F" and person.age_years > 52 else 1.0
    )
    parts = arm_growth.parts(bone.load("arm")[name], person, joints(), seed.child("growth").key() % 100003)
    for edit in arm_breaks.of_age(edits, person.age_years):
        parts = arm_breaks.broken(parts, edit, joints())
    return [_grown_bone(bone.thinned(p, thin) if thin < 1 else p, sizes(person)) for p in parts]


def _grown_bone(b: Bone, size: tuple[float, float, float]) -> Bone:
    share = follows(b.name)
    return b.each(lambda v: _sized(v, share, size))


def _sized(p: F32, share: Mapping[str, F32 | float], size: tuple[float, float, float]) -> F32:
    """Return points with upper arm, forearm and hand stretched from joint to joint, blended where the skin is."""
    a, b = (
        np.ascontiguousarray(np.broadcast_to(np.asarray(share.get(n, 0.0), np.float64), (len(p),)))
        for n in ("elbow", "wrist")
    )
    return _stretched(np.asarray(p, np.float32), (a, b), joints()["elbow"], joints()["wrist"], size)


@nb.njit(cache=True)
def _stretched(p: F32, share: tuple[F64, F64], elbow: Vec3, wrist: Vec3, size: Vec3) -> F32:
    out = np.empty((len(p), 3), np.float32)
    upper, fore, hand = size
    for n in range(len(p)):
        a, b = share[0][n], share[1][n]
        for i in range(3):
            q = np.float64(p[n, i])
            elbow_to = elbow[i] * upper
            wrist_to = elbow_to + (wrist[i] - elbow[i]) * fore
            moved = (1 - a) * (q * upper) + (a - b) * (elbow_to + (q - elbow[i]) * fore)
            out[n, i] = np.float32(moved + b * (wrist_to + (q - wrist[i]) * hand))
    return out


def posed(limb: Arm, turns: Sequence[Turn]) -> Arm:
    """Return the arm after turns, those of far joints first; joints move with it."""
    skin = flesh.load("arm")
    return Arm(
        [_bent_bone(b, turns) for b in limb.bones],
        flesh.bent(limb.skin, turns, skin.follows),
        flesh.bent(limb.muscle, turns, skin.follows),
        limb.triangles,
        {
            n: _vec(flesh.bent(np.array([p], np.float32), turns, follows(n))[0].astype(np.float64))
            for n, p in limb.at.items()
        },
        [_bent_bone(b, turns) for b in limb.pads],
    )


def _bent_bone(b: Bone, turns: Sequence[Turn]) -> Bone:
    share = follows(b.name)
    return b.each(lambda v: flesh.bent(v, turns, share))


def moved(limb: Arm, change: Callable[[F32], F32]) -> Arm:
    """Return the whole arm moved."""
    at = {n: _vec(change(np.array([p], np.float32))[0].astype(np.float64)) for n, p in limb.at.items()}
    return Arm(
        [b.each(change) for b in limb.bones],
        change(limb.skin),
        change(limb.muscle),
        limb.triangles,
        at,
        [b.each(change) for b in limb.pads],
    )


def scene(
    limb: Arm, person: Person, laterality: Laterality, aim: Vec3, size_mm: tuple[float, float]
) -> Scene:
    """Return a film's scene of an arm; the left one mirrors the right."""
    surfaces: dict[str, Surface] = dict(flesh.surfaces(limb.skin, limb.muscle, limb.triangles))
    surfaces |= bone.surfaces(limb.bones, person) | arm_pads.surfaces(limb.pads)
    if laterality == "L":
        surfaces = {n: _mirrored(s) for n, s in surfaces.items()}
        aim = (-aim[0], aim[1], aim[2])
    return Scene(surfaces, {}, aim, size_mm)


def _mirrored(s: Surface) -> Surface:
    triangles = np.ascontiguousarray(s.triangles[:, ::-1])
    return Surface(s.vertices * np.array((-1, 1, 1), np.float32), triangles, s.weight, s.detail, s.texture)
