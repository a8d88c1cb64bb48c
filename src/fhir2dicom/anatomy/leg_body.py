"""A region of a leg as a body: a leg laid for a film, its bones, flesh and what lies between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fhir2dicom.anatomy import bone, flesh, leg, leg_metal, leg_soft
from fhir2dicom.anatomy.leg import Leg
from fhir2dicom.anatomy.leg_parts import LEG
from fhir2dicom.anatomy.region import Build, Plain
from fhir2dicom.model import Box, Edit, Grown, Laterality, Person, Scene, Surface, Vec3
from fhir2dicom.seed import Seed

Framed = tuple[Leg, Vec3, tuple[float, float]]
"""A leg as it lies for a film, the point that is aimed at, and the width and height that are shown, mm."""
Lay = Callable[[Leg, str], Framed]
Soft = Callable[[Leg, Person, Sequence[Edit]], dict[str, Surface]]


@dataclass(frozen=True, eq=False)
class LegBody(Plain):
    """A part of the leg of one patient."""

    person: Person
    seed: Seed
    grown: tuple[Grown, ...]
    lay: Lay
    names: tuple[str, ...]
    soft: Soft | None = None

    @property
    def field(self) -> Box:
        """Return the box of a leg, mm."""
        tall = self.person.height_m * 1000
        return Box((-0.2 * tall, -0.2 * tall, -0.6 * tall), (0.2 * tall, 0.2 * tall, 0.1 * tall))

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return the part on one side, laid as ``pose`` says."""
        side: Laterality = "L" if laterality == "L" else "R"
        edits = [e for e in self.grown if isinstance(e, Edit) and e.laterality in ("", "B", side)]
        limb = leg.leg(self.person, self.seed, self.grown, side, names=self.names)
        surfaces = {} if self.soft is None else self.soft(limb, self.person, edits)
        skin, muscle = leg_soft.swelling(limb, edits)
        limb = leg.with_soft(limb, surfaces, skin, muscle)
        limb = leg_metal.fitted(limb, edits)
        limb, aim, size = self.lay(limb, pose)
        out = dict(flesh.surfaces(limb.skin, limb.muscle, limb.triangles))
        out |= limb.soft
        out |= bone.surfaces(leg.flat(limb, limb.bones), self.person, lost=bone.lost(self.grown))
        out |= limb.metal
        return leg.scene(out, side, aim, size)


def build(lay: Lay, names: tuple[str, ...] = LEG, soft: Soft | None = None) -> Build:
    """Return a region's builder."""

    def body(person: Person, seed: Seed, grown: Sequence[Grown]) -> LegBody:
        return LegBody(person, seed, tuple(grown), lay, names, soft)

    return body
