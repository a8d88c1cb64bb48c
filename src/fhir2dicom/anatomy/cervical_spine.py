"""The cervical spine: from the skull's base to the second thoracic vertebra, on the patient's own trunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fhir2dicom.anatomy import head_scene, neck, neck_scene, torso
from fhir2dicom.anatomy.bone import meshes
from fhir2dicom.anatomy.head_warp import HeadWarp, head_warp
from fhir2dicom.anatomy.region import Plain, Region
from fhir2dicom.anatomy.skull_frame import NECK_SIZE, Frame, neck_point
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.anatomy.torso import Torso
from fhir2dicom.model import Box, Code, Grown, Laterality, Person, Scene
from fhir2dicom.seed import Seed

_NOD_DEG = {"open-mouth": 22.0}
"""Pose → chin up from a level orbitomeatal line; other poses as an upright neck has it."""
_UPRIGHT_DEG = 12.0
_LOW_FACE_DEG = 9.0
"""How much less the chin of an infant is put up for the dens: the face is low, and its teeth are out of the way sooner."""

#                middle back and up from the condyles, width and height of the field, mm
_FIELDS = {
    "open-mouth": ((-6.0, -12.0), (112.0, 104.0)),
    "lateral": ((6.0, -68.0), (164.0, 206.0)),
}
_FRONTAL = (-4.0, -82.0), (148.0, 196.0)


@dataclass(frozen=True, eq=False)
class Cervical(Plain):
    """One patient's neck, with the head above and the shoulders below."""

    person: Person
    seed: Seed
    """The patient's own."""
    grown: tuple[Grown, ...]
    trunk: Torso = field(repr=False)
    warp: HeadWarp = field(repr=False)

    @property
    def field(self) -> Box:
        """Return the box of head and neck in the patient, mm."""
        v = Frame(self.warp, self.person.age_years, _UPRIGHT_DEG).skin(meshes("skull")["skin"][0])
        low, high = v.min(axis=0).tolist(), v.max(axis=0).tolist()
        return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:  # noqa: ARG002  one neck
        """Return the neck: ``ap``, ``lateral`` (shoulders down) or ``open-mouth`` (for the dens)."""
        age = self.person.age_years
        nod = _NOD_DEG.get(pose, _UPRIGHT_DEG)
        if pose == "open-mouth":
            nod -= _LOW_FACE_DEG * (1 - min(age / 14.0, 1.0))
        frame = Frame(self.warp, age, nod)
        surfaces, tubes = head_scene.skeleton_of_head(
            self.person, self.seed, frame, self.grown, 24.0 if pose == "open-mouth" else 1.5
        )
        surfaces |= neck.surfaces(self.person, frame)
        surfaces = neck_scene.on_trunk(surfaces, frame, self.trunk, "arms-down")
        (back, up), (wide, high) = _FIELDS.get(pose, _FRONTAL)
        size = between(NECK_SIZE, age) * sum(self.warp.scale) / 3 / 0.92
        size = 0.3 + 0.7 * size
        return Scene(
            surfaces,
            tubes,
            frame.point(neck_point(back, up), 1.0),
            (round(wide * size, 1), round(high * size, 1)),
        )


def cervical_spine(person: Person, seed: Seed, grown: Sequence[Grown]) -> Cervical:
    """Build a patient's neck."""
    trunk = torso.build(person, seed, grown, (44.0, 328.0))
    return Cervical(person, seed, tuple(grown), trunk, head_warp(person, seed.child("head")))


CERVICAL_SPINE = Region(
    name="cervical-spine",
    body_part="CSPINE",
    code=Code("http://snomed.info/sct", "122494005", "Cervical spine structure"),
    snomed=frozenset({"122494005", "1217257000"}),  # cervical spine structure, cervicothoracic spine
    words=(
        "cervical spine",
        "c-spine",
        "c spine",
        "cervical vertebra",
        "hws",
        "halswirbelsäule",
        "rachis cervical",
    ),
    build=cervical_spine,
    seen_by=("DX",),
)
"""Cervical spine, CSPINE in PS3.16 Annex L."""
