"""Pelvis and right leg of one patient: bones and flesh of the leg atlas, grown to the patient and bent; the left mirrors it.

The atlas stands in LPS mm: hip centres at y = z = 0, the middle of the pelvis at x = 0 (atlas/build_leg.py). `leg` keeps
that frame, so whoever has another frame (a trunk) sets the pelvis by `Leg.at`: ``hip`` is the right hip's centre (the
left one mirrors it), ``s1`` the middle of the sacrum's upper end-plate and ``s1_up`` a point along its normal, ``crest``
the top of the right iliac crest. `bones_of` gives both hip bones and the sacrum, or a leg, in that frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import atan2, degrees

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import bone, flesh, leg_breaks, leg_growth, leg_wear
from fhir2dicom.anatomy.bone import F32, I32, Bone
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.leg_parts import FOOT, LEG, PELVIS, SHANK, SHAPED, follows, landmarks, modes, vec
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Edit, Grown, Laterality, Person, Scene, Surface, Vec3
from fhir2dicom.seed import Seed

ADULT_M = 1.665
"""Height of somebody with the atlas' leg: femur 440 mm, tibia 371 mm (165 and 168 cm, after Trotter & Gleser 1958, not
checked)."""

THIGH = ((0.0, 0.73), (1.0, 0.77), (3.0, 0.87), (6.0, 0.95), (9.0, 1.0), (18.0, 1.0))
SHANK_LENGTH = ((0.0, 0.72), (1.0, 0.76), (3.0, 0.85), (6.0, 0.95), (9.0, 1.0), (18.0, 1.0))
FOOT_LENGTH = ((0.0, 1.02), (3.0, 1.05), (9.0, 1.04), (15.0, 1.0), (18.0, 1.0))
GIRTH = ((0.0, 0.9), (3.0, 0.95), (9.0, 1.0), (18.0, 1.0))
"""Length of thigh, leg and foot and width of bones over height, beside an adult's: femur 136 mm and tibia 110 mm at one year
(shafts; after Maresh, in Human Growth and Development, 1970, not checked), rounded by us."""

CORTEX_BY_AGE = ((0.0, 1.1), (10.0, 1.0), (20.0, 1.0), (50.0, 1.0), (70.0, 0.82), (90.0, 0.66))
"""Thickness of the cortex beside a young adult's of the same size (ours)."""

MODE_SPREAD = 0.85
"""Standard deviations of a mode of shape between our patients; the sample's own were 26 people's."""

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Leg:
    """A right leg and half a pelvis, mm."""

    bones: Mapping[str, Sequence[Bone]]
    skin: F32
    muscle: F32
    triangles: I32
    at: Mapping[str, Vec3]
    size: Size
    soft: Mapping[str, Surface] = field(default_factory=dict)
    """Fat, tendons and fluid, by name."""
    metal: Mapping[str, Surface] = field(default_factory=dict)

    def change(self, move: Callable[[F32, Mapping[str, F32 | float]], F32]) -> Leg:
        """Return the leg with all its points moved; ``move`` is told how much of each joint's turn they make."""
        skin = flesh.load("leg").follows
        return replace(
            self,
            bones={n: [_each(b, move) for b in parts] for n, parts in self.bones.items()},
            skin=move(self.skin, skin),
            muscle=move(self.muscle, skin),
            at={
                n: vec(move(np.array([p], np.float32), follows(n))[0].astype(np.float64))
                for n, p in self.at.items()
            },
            soft={
                n: replace(s, vertices=move(s.vertices, _FOLLOW.get(n, _THIGH))) for n, s in self.soft.items()
            },
            metal={
                n: replace(s, vertices=move(s.vertices, _FOLLOW.get(n, _THIGH)))
                for n, s in self.metal.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Size:
    """How large the parts are beside the atlas."""

    width: float
    pelvis: float
    thigh: float
    shank: float
    foot: float


def size_of(person: Person, seed: Seed) -> Size:
    """Return a person's sizes: by height, with the legs of tall people a little longer for it, and a draw."""
    tall = person.height_m / ADULT_M
    age = person.age_years
    grown = age > 14
    woman = person.sex == "F"
    girth = tall * between(GIRTH, age) * ((0.985 if woman else 1.015) if grown else 1.0)
    draw = seed.child("leg", "size")
    long = 1 + draw.child("long").normal(0, 0.018)
    broad = 1 + draw.child("width").normal(0, 0.022)  # of head and socket alike
    width = girth * broad
    pelvis = tall * ((1.01 if woman else 0.995) if grown else 1.0) * broad
    foot = tall * between(FOOT_LENGTH, age) * (0.975 if woman and grown else 1.02 if grown else 1.0)
    return Size(
        *(
            round(s, 6)
            for s in (
                width,
                pelvis,
                tall * between(THIGH, age) * long,
                tall * between(SHANK_LENGTH, age) * long,
                foot,
            )
        )
    )


def leg(
    person: Person,
    seed: Seed,
    grown: Sequence[Grown] = (),
    side: Laterality = "R",
    *,
    names: Iterable[str] = (*PELVIS, *LEG),
) -> Leg:
    """Return the pelvis and one leg of a person in the atlas' pose, as a right one; ``side`` picks the edits.

    ``names``: the bones that are needed.
    """
    edits = [e for e in grown if isinstance(e, Edit) and e.laterality in ("", "B", side or "R")]
    size = size_of(person, seed)
    sized = _Sizer(size, _offsets(seed))
    found = {n: list(_one(n, person, seed)) for n in names}
    found = leg_breaks.displaced(leg_breaks.broken(leg_wear.worn(found, edits), edits), edits)
    skin = flesh.load("leg")
    return Leg(
        {n: [sized.bone(b) for b in parts] for n, parts in found.items()},
        sized.points(leg_breaks.carried(flesh.skin(skin, person), edits), skin.follows),
        sized.points(leg_breaks.carried(flesh.muscle(skin, person), edits), skin.follows),
        skin.triangles,
        sized.landmarks(),
        size,
    )


def bones_of(
    person: Person, seed: Seed, names: Iterable[str] = PELVIS, grown: Sequence[Grown] = ()
) -> list[Bone]:
    """Return bones of a person in the atlas' pose and frame: of the pelvis both hip bones and the sacrum."""
    wanted = tuple(names)
    found = [b for parts in leg(person, seed, grown, names=wanted).bones.values() for b in parts]
    other = leg(person, seed, grown, "L", names=("hip",)).bones["hip"] if "hip" in wanted else ()
    return [*found, *(bone.mirrored(b) for b in other)]


@lru_cache(maxsize=64)
def _one(name: str, person: Person, seed: Seed) -> tuple[Bone, ...]:
    """Return one bone of a person in the atlas' size: of the person's shape, grown, as thick as at that age.

    Kept for a patient's next film, and for the other side of a pelvis.
    """
    thin = between(CORTEX_BY_AGE, person.age_years) * (
        0.92 if person.sex == "F" and person.age_years > 55 else 1.0
    )
    shaped = bone.load("leg")[name]
    if name in SHAPED:
        change = _change(name, seed)
        shaped = shaped.each(lambda p: p + change)
    key = seed.child("growth").key() % 100003
    parts = leg_growth.parts(shaped, person, landmarks(), key)
    return tuple(bone.thinned(b, thin) if thin != 1.0 else b for b in parts)


_SHARE = {"hip": 0.3, "sacrum": 0.4, "fibula": 0.5}
"""Of a mode, that bones which touch others closely take."""


def _change(name: str, seed: Seed) -> F32:
    """Return how a person's bone differs from the mean, (n, 3) mm."""
    m = modes(name)
    draws = [seed.child("leg", "mode", k).normal(0, MODE_SPREAD, 1.8) for k in range(len(m))]
    out = np.zeros(m.shape[1:], np.float32)
    for k, d in enumerate(draws):
        out += m[k] * np.float32(d * _SHARE.get(name, 1.0))
    return out


_Contact = tuple[str, Vec3, str, Vec3]
"""A bone, the middle of its contact; the other bone ('': none), the middle of its."""
_HIP: _Contact = ("hip", (-84.0, 0.0, 8.0), "femur", (-80.5, 0.0, 3.0))
_KNEE: tuple[_Contact, ...] = tuple(
    ("femur", (x, 6.0, -415.0), "tibia", (x, 4.0, -423.0)) for x in (-101.0, -58.0)
)
_PATELLA: _Contact = ("femur", (-79.0, -20.0, -385.0), "patella", (-79.0, -29.0, -384.0))
_ANKLE: _Contact = ("tibia", (-79.0, 4.0, -769.0), "", (0.0, 0.0, 0.0))


def _offsets(seed: Seed) -> Mapping[str, float]:
    """Return how far the shapes of two bones would open or close a joint: what moves to keep it as it was, mm."""
    hip = {f"hip {'xyz'[k]}": _closing(_HIP, k, seed) for k in range(3)}
    return hip | {
        "knee": min(_closing(c, 2, seed) for c in _KNEE),
        "patella": _closing(_PATELLA, 1, seed),
        "ankle": _closing(_ANKLE, 2, seed),
    }


def _closing(contact: _Contact, axis: int, seed: Seed) -> float:
    """Return how far the other bone must go along an axis to keep its distance."""
    a, at_a, b, at_b = contact
    return _mean_change(a, at_a, axis, seed) - (_mean_change(b, at_b, axis, seed) if b else 0.0)


def _mean_change(name: str, at: Vec3, axis: int, seed: Seed) -> float:
    v = bone.load("leg")[name].vertices.astype(np.float64) - np.array(at)
    near = (np.abs(v[:, 0]) < 16) & (np.abs(v[:, 1]) < 18) & (np.abs(v[:, 2]) < (9 if at[2] < -100 else 22))
    change = np.round(_change(name, seed)[near, axis].astype(np.float64) * 1024)
    return float(change.sum()) / 1024 / max(int(near.sum()), 1)


class _Sizer:
    """Brings points of the atlas to a person's size: each segment along its length, all across."""

    def __init__(self, size: Size, offsets: Mapping[str, float]) -> None:
        self.size, self.offsets = size, offsets

    def bone(self, b: Bone) -> Bone:
        """Return a bone in the person's size."""
        share, name = follows(b.name), b.name.split(" ")[0]
        return b.each(lambda v: self.points(v, share, name))

    def landmarks(self) -> dict[str, Vec3]:
        """Return the atlas' landmarks in the person's size."""
        return {
            n: vec(self.points(np.array([p], np.float32), follows(n), n)[0].astype(np.float64))
            for n, p in landmarks().items()
            if n != "forward"
        } | {"forward": landmarks()["forward"]}

    def points(self, p: F32, share: Mapping[str, F32 | float], name: str = "") -> F32:
        """Return points in the person's size."""
        s, at = self.size, {n: np.array(landmarks()[n]) for n in ("hip", "knee", "ankle")}
        q = p.astype(np.float64)
        if name in PELVIS or name in {"hip", "s1", "s1_up", "crest", "ischium"}:
            return np.asarray(q * s.pelvis, np.float32)
        wide = np.array((s.width, s.width, 1.0))
        hip = at["hip"] * s.pelvis
        knee = hip + (at["knee"] - at["hip"]) * wide * (1, 1, s.thigh)
        ankle = knee + (at["ankle"] - at["knee"]) * wide * (1, 1, s.shank)
        down = np.array([self.offsets[f"hip {k}"] for k in "xyz"]) * (name != "")
        if name == "patella":
            down[1] += self.offsets["patella"]
        elif name in SHANK:
            down[2] += self.offsets["knee"]
        elif name in FOOT:
            down[2] += self.offsets["knee"] + self.offsets["ankle"]
        a, b = (
            np.broadcast_to(np.asarray(share.get(n, 0.0), np.float64), (len(q),))[:, None]
            for n in ("knee", "ankle")
        )
        if name == "patella":
            a = a * 0
        out = (1 - a) * (hip + (q - at["hip"]) * wide * (1, 1, s.thigh))
        out += (a - b) * (knee + (q - at["knee"]) * wide * (1, 1, s.shank))
        out += b * (ankle + (q - at["ankle"]) * s.foot)
        return np.asarray(out + down * s.width, np.float32)


_THIGH: Mapping[str, F32 | float] = {"hip": 1.0}
_SHANK: Mapping[str, F32 | float] = {"hip": 1.0, "knee": 1.0}
_HALF: Mapping[str, F32 | float] = {"hip": 1.0, "knee": 0.75}
_FOLLOW: Mapping[str, Mapping[str, F32 | float]] = {
    "cup": {},
    "Hoffa": _HALF,
    "patellar tendon": _HALF,
    "quadriceps": {"hip": 1.0, "knee": 0.25},
    "suprapatellar fat": {"hip": 1.0, "knee": 0.45},
    "effusion": {"hip": 1.0, "knee": 0.25},
    "popliteal fat": {"hip": 1.0, "knee": 0.45},
    **dict.fromkeys(("tray", "keel", "Achilles", "Kager", "pretalar fat"), _SHANK),
}
"""What moves with which joint; all else with the thigh."""


def _each(b: Bone, move: Callable[[F32, Mapping[str, F32 | float]], F32]) -> Bone:
    share = follows(b.name)
    return b.each(lambda v: move(v, share))


def posed(limb: Leg, turns: Sequence[Turn]) -> Leg:
    """Return the leg after turns, those of far joints first; joints move with it, the pelvis stays."""
    return limb.change(lambda points, share: flesh.bent(points, turns, share))


def moved(limb: Leg, change: Callable[[F32], F32]) -> Leg:
    """Return the whole leg moved, the pelvis too."""
    return limb.change(lambda points, _: change(points))


def with_soft(limb: Leg, soft: Mapping[str, Surface], skin: F32, muscle: F32) -> Leg:
    """Return the leg with other flesh."""
    return replace(limb, soft={**limb.soft, **soft}, skin=skin, muscle=muscle)


def turned_upright(angle_deg: float, at: Vec3) -> Callable[[F32], F32]:
    """Return the turn about an upright axis: positive turns a right leg inwards."""
    turn = [Turn("all", at, (0.0, 0.0, 1.0), angle_deg)]
    return lambda p: flesh.bent(p, turn, {"all": 1.0})


def facing(limb: Leg) -> Callable[[F32], F32]:
    """Return the turn that points the foot straight ahead: the atlas' points outwards, as feet do."""
    x, y, _ = limb.at["forward"]
    return turned_upright(round(degrees(atan2(-x, -y)), 6), limb.at["ankle"])


def flat(limb: Leg, names: Iterable[str]) -> list[Bone]:
    """Return the parts of some of a leg's bones."""
    return [b for n in names for b in limb.bones.get(n, ())]


def scene(
    surfaces: Mapping[str, Surface], laterality: Laterality, aim: Vec3, size_mm: tuple[float, float]
) -> Scene:
    """Return a film's scene of a right leg's surfaces; a left one mirrors it."""
    if laterality == "L":
        surfaces = {n: mirrored(s) for n, s in surfaces.items()}
        aim = (-aim[0], aim[1], aim[2])
    return Scene(dict(surfaces), {}, aim, size_mm)


def mirrored(s: Surface) -> Surface:
    """Return a surface on the other side."""
    triangles = np.ascontiguousarray(s.triangles[:, ::-1])
    return Surface(s.vertices * np.array((-1, 1, 1), np.float32), triangles, s.weight, s.detail, s.texture)
