"""The torso of one patient: the label atlas of the chest and upper abdomen behind the patient's warp.

The atlas holds the lung apices down to the third lumbar vertebra; what lies below was not in the donor's scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import tissues
from fhir2dicom.anatomy.effusion import lying
from fhir2dicom.anatomy.fat_layer import ANGLES, PROFILE_STEP_MM, direction
from fhir2dicom.anatomy.region import Plain
from fhir2dicom.anatomy.shapes import stamped
from fhir2dicom.anatomy.torso_shape import form
from fhir2dicom.anatomy.vessels import VARIANTS, variant, vascular
from fhir2dicom.anatomy.warp import AXIS_Y_MM, Profile, Warp, warp
from fhir2dicom.model import Box, Edit, Grown, Laterality, Person, Scene, Shape, Vec3, Volume
from fhir2dicom.seed import Seed


@dataclass(frozen=True, eq=False, slots=True)
class Atlas:
    """The donor's labels at 1 mm, `tissues.TABLE` order, indexed (z, y, x)."""

    labels: npt.NDArray[np.uint8]
    origin: Vec3
    profile: Profile


@lru_cache(maxsize=1)
def atlas() -> Atlas:
    """Load the atlas, once a process."""
    with (files("fhir2dicom.anatomy") / "atlas" / "torso.npz").open("rb") as file, np.load(file) as data:
        labels = np.pad(
            data["labels"], ((0, 0), (0, 0), (0, -data["labels"].shape[2] % 8))
        )  # whole words of 8
        x, y, z = (float(v) for v in data["origin"])
        profile = Profile(_smoothed(data["wall"].astype(np.float64)), data["skin"].astype(np.float64))
    labels.setflags(write=False)
    return Atlas(labels, (x, y, z), profile)


def _smoothed(wall: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the wall without the dents of single ribs and rows, which stretched fat would show as ripples."""
    for _ in range(3):
        up, down = np.concatenate((wall[1:], wall[-1:])), np.concatenate((wall[:1], wall[:-1]))
        wall = (up + 2.0 * wall + down) / 4.0
        wall = (np.roll(wall, 1, 1) + 2.0 * wall + np.roll(wall, -1, 1)) / 4.0
    return wall


@lru_cache(maxsize=VARIANTS)
def _with_vessels(number: int) -> npt.NDArray[np.uint8]:
    """Return the atlas with one of the trees of lung vessels. All are kept, 40 MB each: to make one takes two scans' time."""
    labels = vascular(atlas().labels, atlas().origin, number)
    labels.setflags(write=False)
    return labels


@dataclass(frozen=True, eq=False)
class Torso(Plain):
    """One patient's torso between two heights of the atlas."""

    person: Person
    seed: Seed
    grown: tuple[Grown, ...]
    """What findings put in and change."""
    span_mm: tuple[float, float]
    """Lowest and highest z of the region, atlas mm."""
    warp: Warp = field(repr=False)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Return the lumps that findings put into the labels; fluid that runs where it is lowest is no lump of a film."""
        return tuple(g for g in self.grown if isinstance(g, Shape))

    @property
    def field(self) -> Box:
        """Return the part of patient space that holds the region, skin and a finger of air included."""
        return _box(self.warp, self.span_mm)

    def volume(self) -> Volume:
        """Return the labels, with vessels and findings in them."""
        whole = atlas()
        labels = stamped(
            _with_vessels(variant(self.seed)), whole.origin, (*self.shapes, *lying(self.grown)), tissues.LABEL
        )
        return Volume(
            labels=labels,
            origin=whole.origin,
            spacing=(1.0, 1.0, 1.0),
            tissues=tissues.of_person(self.person),
            to_atlas=self.warp.field(self.field),
        )

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:  # noqa: ARG002  one trunk
        """Return the torso as surfaces and tubes."""
        from fhir2dicom.anatomy.torso_scene import scene  # noqa: PLC0415  films only: CT need not load the meshes

        made: Scene = scene(self.person, self.seed, self.warp, self.grown, pose)
        return made


def build(person: Person, seed: Seed, grown: Sequence[Grown], span_mm: tuple[float, float]) -> Torso:
    """Build a patient's torso; ``span_mm`` is the region's lowest and highest z in the atlas."""
    return Torso(
        person,
        seed,
        (*thymus(person, seed), *grown),
        span_mm,
        warp(person, seed, atlas().profile, form(tuple(g for g in grown if isinstance(g, Edit)))),
    )


_LUNG = ("lung", "fissure", *(f"lung_vessel_{k}" for k in range(1, 5)))


def thymus(person: Person, seed: Seed) -> tuple[Shape, ...]:
    """Return the gland in front of an infant's great vessels: two lobes that hide the arch, gone by three years or so.

    It weighs some 13 g at birth and 30 g at one year, beside a small chest (ICRP Publication 89, table 2.8), and shows in
    most films of infants, as a sail in some.
    """
    draw = seed.child("thymus")
    size = 1.0 - person.age_years / 2.8 + draw.normal(0.0, 0.12)
    if size <= 0.15:
        return ()
    size = min(size, 1.1)
    lobes = []
    for side, x in (("r", -20.0), ("l", 26.0)):
        wide = 1.0 + draw.child(side).normal(0.0, 0.2, 1.5)
        radii = (round(33.0 * size * wide, 2), round(17.0 * size, 2), round(44.0 * size, 2))
        at = (x, 116.0, 236.0)
        lobes.append(Shape("muscle", at, radii, _LUNG, 0.12, draw.child(side).key()))
    return tuple(lobes)


def _box(mapping: Warp, span_mm: tuple[float, float]) -> Box:
    """Return the box of the warped skin between two heights."""
    profile = mapping.profile
    points = [
        (r * x, AXIS_Y_MM + r * y, z)
        for z in np.linspace(span_mm[0], span_mm[1], 12)
        for (x, y), r in zip(
            _DIRECTIONS, profile.skin[min(int(z / PROFILE_STEP_MM), len(profile.skin) - 1)], strict=True
        )
    ]
    out = mapping.to_patient(np.array(points, np.float32)).astype(np.float64)
    low, high = out.min(0) - 6, out.max(0) + 6
    middle = mapping.to_patient(np.array([(0, AXIS_Y_MM, z) for z in span_mm], np.float32)).astype(np.float64)
    return Box(
        (float(low[0]), float(low[1]), float(middle[0, 2])),
        (float(high[0]), float(high[1]), float(middle[1, 2])),
    )


_DIRECTIONS = tuple(direction(a) for a in range(ANGLES))
