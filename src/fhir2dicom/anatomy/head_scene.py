"""The head as a film sees it, and the jaw and the face in it: one scene, aimed at what is asked for.

Nested: skin holds fat, flesh in it, bone in that, and in the bone what is spongy or air. The vault and the sinuses are
the labels of the head CT in the same warp (`skull_frame`), teeth are the mouth's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fhir2dicom.anatomy import bone, neck, skull_bones
from fhir2dicom.anatomy.bone import F32, meshes
from fhir2dicom.anatomy.head_warp import HeadWarp, head_warp
from fhir2dicom.anatomy.jaw_panorama import panorama
from fhir2dicom.anatomy.region import Plain
from fhir2dicom.anatomy.skull_bones import FLESH
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.anatomy.skull_jaw import Jaw, jaw
from fhir2dicom.anatomy.skull_teeth import DENTINE, ENAMEL, Crowned, teeth
from fhir2dicom.model import Box, Grown, Laterality, Person, Scene, Surface, Tubes, Vec3
from fhir2dicom.model.panorama import Panorama
from fhir2dicom.seed import Seed

FAT = 0.93
_PARTED_DEG = 1.5
"""How far the jaw hangs: teeth do not touch at rest."""
_SPONGY_JAW = 0.7
"""How much less the marrow of the jaw differs from cortex than a vertebra's: its trabeculae are coarse and many (ours)."""

NODS: Mapping[str, float] = {"lateral": 12.0, "lateral-oblique": 18.0, "open-mouth": 8.0, "neck": 12.0}
"""Pose → how far the chin is up from a level orbitomeatal line, degrees; other poses: level."""

#            middle of the field, atlas mm   width and height, mm
FIELDS: Mapping[tuple[str, str], tuple[Vec3, tuple[float, float]]] = {
    ("skull", ""): ((0.0, 10.0, -12.0), (190.0, 250.0)),
    ("skull", "lateral"): ((0.0, 12.0, -4.0), (232.0, 214.0)),
    ("skull", "ap"): ((0.0, 30.0, -2.0), (190.0, 246.0)),
    ("face", ""): ((0.0, -40.0, -62.0), (172.0, 206.0)),
    ("face", "occipitomental"): ((0.0, -50.0, -68.0), (168.0, 206.0)),
    ("face", "lateral"): ((0.0, -44.0, -70.0), (150.0, 186.0)),
    ("mandible", ""): ((0.0, -30.0, -98.0), (170.0, 176.0)),
    ("mandible", "lateral"): ((0.0, -28.0, -102.0), (150.0, 140.0)),
    ("mandible", "lateral-oblique"): ((0.0, -26.0, -108.0), (142.0, 120.0)),
}


@dataclass(frozen=True, eq=False)
class Skull(Plain):
    """One patient's head for films; ``part`` is what they are aimed at."""

    person: Person
    seed: Seed
    """The patient's own."""
    grown: tuple[Grown, ...]
    part: str
    warp: HeadWarp = field(repr=False)

    @property
    def field(self) -> Box:
        """Return the box of the head in the patient, mm."""
        v = Frame(self.warp, self.person.age_years).skin(meshes("skull")["skin"][0])
        low, high = v.min(axis=0).tolist(), v.max(axis=0).tolist()
        return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return the head: ``pa``, ``ap``, ``occipitomental`` (orbitomeatal line level), ``lateral`` (chin up by 12°)."""
        return head_scene(self.person, self.seed, self.warp, self.grown, (self.part, pose, laterality))

    def panorama(self) -> Panorama:
        """Return jaws and teeth as a machine that turns about the head sees them."""
        return panorama(self.person, self.seed, self.warp, self.grown)


def build(person: Person, seed: Seed, grown: Sequence[Grown], part: str) -> Skull:
    """Build a patient's head for films; the seed is the patient's."""
    return Skull(person, seed, tuple(grown), part, head_warp(person, seed.child("head")))


def head_scene(
    person: Person, seed: Seed, warp: HeadWarp, grown: Sequence[Grown], what: tuple[str, str, Laterality]
) -> Scene:
    """Return the scene of (part, pose, side)."""
    part, pose, side = what
    frame = Frame(warp, person.age_years, NODS.get(pose, 0.0))
    surfaces, tubes = skeleton_of_head(
        person, seed, frame, grown, 25.0 if pose == "open-mouth" else _PARTED_DEG
    )
    aim, size = FIELDS.get((part, pose)) or FIELDS.get((part, ""), FIELDS["skull", ""])
    grown_to = sum(warp.scale) / 3 / 0.92
    low = 1.0 if part == "skull" else 0.82 + 0.18 * min(person.age_years / 16.0, 1.0)
    x = {"R": -18.0, "L": 18.0}.get(side, 0.0) if pose == "lateral-oblique" else 0.0
    surfaces |= neck.surfaces(person, frame)
    return Scene(
        surfaces,
        tubes,
        frame.point((aim[0] + x, aim[1], aim[2])),
        (round(size[0] * grown_to * low, 1), round(size[1] * grown_to * low, 1)),
    )


def skeleton_of_head(
    person: Person, seed: Seed, frame: Frame, grown: Sequence[Grown], open_deg: float
) -> tuple[dict[str, Surface], dict[str, Tubes]]:
    """Return skin and flesh, skull, jaw and teeth; the mouth opened by so many degrees."""
    found = teeth(person, seed, frame, grown)
    low = jaw(person, frame, [t for t in found if not t.upper], grown, open_deg)
    surfaces = soft(person, frame, low)
    surfaces |= skull_bones.skull(person, frame) | skull_bones.fontanelle(person, frame)
    both = bone.surfaces(low.bones, person, FLESH)
    dense = replace(both["marrow"], weight=both["marrow"].weight * _SPONGY_JAW)
    surfaces |= {"bone_jaw": both["bone"], "marrow_jaw": dense}
    surfaces |= _set([t for t in found if t.upper] + list(low.teeth))
    return surfaces, skull_bones.seams(person, seed, frame, grown)


def _set(crowned: Sequence[Crowned]) -> dict[str, Surface]:
    """Return all teeth as two surfaces: whole teeth in flesh, and what enamel adds."""
    if not crowned:
        return {}
    out = {}
    for name, weight, parts in (
        ("teeth", DENTINE - FLESH, [t.whole for t in crowned]),
        ("enamel", ENAMEL, [t.enamel for t in crowned]),
    ):
        at = np.cumsum([0, *(len(v) for v, _ in parts)])
        triangles = np.concatenate([t + np.int32(k) for (_, t), k in zip(parts, at, strict=False)])
        out[name] = Surface(np.concatenate([v for v, _ in parts]), triangles.astype(np.int32), weight)
    return out


def soft(person: Person, frame: Frame, low: Jaw) -> dict[str, Surface]:
    """Return skin and flesh of head and neck, and the airway; fat under the skin of the neck follows the body mass index."""
    stored = meshes("skull")
    skin, lean = (low.followed(frame.skin(stored[n][0]), stored[n][0]) for n in ("skin", "lean"))
    return {
        "skin": Surface(_fatter(person, frame, skin), stored["skin"][1], FAT, "coarse"),
        "lean": Surface(lean, stored["lean"][1], FLESH - FAT, "coarse"),
        "air_throat": Surface(frame.skin(stored["airway"][0]), stored["airway"][1], -FLESH),
    }


def _fatter(person: Person, frame: Frame, skin: F32) -> F32:
    """Return the skin pushed out below the jaw, up to 16 mm in the obese (ours)."""
    bmi = person.weight_kg / (person.height_m * person.height_m)
    more = min(max((bmi - 24.0) * 0.9, -3.0), 16.0)
    x, y, z = frame.point((0.0, 40.0, -130.0))
    top = frame.point((0.0, 40.0, -70.0))[2]
    share = np.clip((top - skin[:, 2]) / max(top - z, 1.0), 0, 1)
    away = skin[:, :2] - np.array((x, y), np.float32)
    length = np.sqrt((away * away).sum(axis=1, keepdims=True)) + np.float32(1e-3)
    out = skin.copy()
    out[:, :2] += away / length * (share[:, None] * np.float32(more))
    return out
