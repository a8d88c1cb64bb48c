"""The shoulder: socket, head of the humerus, collar bone, shoulder blade, upper ribs and the lung beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fhir2dicom.anatomy import arm_trunk, bone
from fhir2dicom.anatomy.arm_trunk import Shoulder
from fhir2dicom.anatomy.region import Plain, Region
from fhir2dicom.model import Body, Box, Code, Grown, Laterality, Person, Scene, Vec3
from fhir2dicom.seed import Seed

Frame = Callable[[Shoulder, str], tuple[Vec3, tuple[float, float]]]
"""(the right shoulder, the pose) → what the central ray passes and what the film shows, mm."""

TURNS = {"ap": (0.984808, 0.173648), "y": (0.866025, 0.5), "lateral": (0.0, 1.0)}
"""Cosine and sine of the arm's inward turn by pose: 10°, 30°, 90° (a humerus from the side)."""


@dataclass(frozen=True, eq=False)
class ShoulderBody(Plain):
    """A person's shoulder girdle, seen by a film of one of its regions."""

    person: Person
    seed: Seed
    grown: tuple[Grown, ...]
    frame: Frame

    @property
    def field(self) -> Box:
        """Return the part of patient space that holds either shoulder."""
        return Box((-330.0, -60.0, -150.0), (330.0, 380.0, 460.0))

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return trunk and arm; without a side the right one. A ``lateral`` has the whole body turned to the beam."""
        side: Laterality = laterality or "R"
        trunk = "arms-down" if pose == "y" else "supine"
        found = arm_trunk.shoulder(
            self.person, self.seed, self.grown, trunk, side, turn=TURNS.get(pose, TURNS["ap"])
        )
        aim, size = self.frame(found, pose)
        scene = replace(found.scene, aim=aim, size_mm=size)
        return arm_trunk.sided(_aside(scene, aim) if pose == "lateral" else scene, side)


def _aside(scene: Scene, aim: Vec3) -> Scene:
    """Return the body turned by a right angle about the aim, so that a beam from side to side sees it from the front."""
    turn = bone.turned((0.0, 0.0, 1.0), (0.0, -1.0), aim)
    surfaces = {n: replace(s, vertices=bone.transformed(s.vertices, turn)) for n, s in scene.surfaces.items()}
    return replace(scene, surfaces=surfaces, tubes={})


def build(frame: Frame) -> Callable[[Person, Seed, Sequence[Grown]], Body]:
    """Return a region's ``build``."""

    def built(person: Person, seed: Seed, grown: Sequence[Grown]) -> Body:
        return ShoulderBody(person, seed, tuple(grown), frame)

    return built


def _frame(found: Shoulder, pose: str) -> tuple[Vec3, tuple[float, float]]:
    """Aim at the coracoid's height, a thumb's breadth inside the head; from behind (``y``) at the blade."""
    x, y, z = found.head
    s = found.scale
    if pose == "y":
        return (x + 12 * s, y + 8 * s, z - 25 * s), (185 * s, 235 * s)
    return (x + 28 * s, y, z - 22 * s), (205 * s, 190 * s)


SHOULDER = Region(
    name="shoulder",
    body_part="SHOULDER",
    code=Code("http://snomed.info/sct", "16982005", "Shoulder region structure"),
    snomed=frozenset(),
    words=(),
    build=build(_frame),
    seen_by=("DX",),
    paired=True,
)
"""Shoulder joint and blade."""


def middle(found: Shoulder) -> np.typing.NDArray[np.float64]:
    """Return the middle of the collar bone, (3,) mm."""
    v = found.collar.vertices.astype(np.float64)
    return np.asarray((v.min(0) + v.max(0)) / 2)
