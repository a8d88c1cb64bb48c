"""What the regions of an arm share: a body that lays the arm for a pose and says what a film of the region shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fhir2dicom.anatomy import arm, bone
from fhir2dicom.anatomy.arm import Arm
from fhir2dicom.anatomy.arm_parts import ALL
from fhir2dicom.anatomy.region import Plain
from fhir2dicom.model import Body, Box, Edit, Grown, Laterality, Person, Scene, Vec3
from fhir2dicom.seed import Seed

Lay = Callable[[Arm, str], tuple[Arm, Vec3, tuple[float, float]]]
"""(the straight arm, the pose) → the arm as it lies, what the central ray passes, and what the film shows, mm."""


@dataclass(frozen=True, eq=False)
class ArmBody(Plain):
    """A person's arm, seen by a film of one of its regions."""

    person: Person
    seed: Seed
    edits: tuple[Edit, ...]
    lay: Lay
    names: tuple[str, ...] = ALL
    """The bones that its films show."""

    @property
    def field(self) -> Box:
        """Return the part of patient space that holds the arm, from the centre of the humeral head."""
        return Box((-250.0, -200.0, -900.0), (150.0, 250.0, 100.0))

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return the arm as it lies for a film; without a side the right one."""
        mine = tuple(e for e in self.edits if e.laterality in ("", laterality))
        laid, aim, size = self.lay(_whole(self.person, self.seed, mine, self.names), pose)
        laid = replace(laid, bones=bone.porous(laid.bones, bone.lost(self.edits)))
        return arm.scene(laid, self.person, laterality, aim, size)


@lru_cache(maxsize=4)
def _cached(person: Person, seed: Seed, names: tuple[str, ...]) -> Arm:
    """Return an arm without injuries; the views of a study share it."""
    return arm.arm(person, seed, (), names)


def _whole(person: Person, seed: Seed, edits: tuple[Edit, ...], names: tuple[str, ...]) -> Arm:
    return arm.arm(person, seed, edits, names) if edits else _cached(person, seed, names)


def build(lay: Lay, names: tuple[str, ...] = ALL) -> Callable[[Person, Seed, Sequence[Grown]], Body]:
    """Return a region's ``build``; ``names`` are the bones that its films show."""

    def built(person: Person, seed: Seed, grown: Sequence[Grown]) -> Body:
        edits = tuple(g for g in grown if isinstance(g, Edit))
        return ArmBody(person, seed, edits, lay, names)

    return built


def between(a: Vec3, b: Vec3, share: float = 0.5) -> Vec3:
    """Return a point on the line from a to b."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def apart(a: Vec3, b: Vec3) -> float:
    """Return the distance of two points, mm."""
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) ** 0.5)
