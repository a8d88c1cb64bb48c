"""The head: from the foramen magnum to the vertex, one label atlas behind the patient's own warp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import head_tissues
from fhir2dicom.anatomy.head_warp import HeadWarp, head_warp
from fhir2dicom.anatomy.region import Plain, Region
from fhir2dicom.anatomy.shapes import stamped
from fhir2dicom.model import Box, Code, Grown, Laterality, Person, Scene, Shape, Vec3, Volume
from fhir2dicom.seed import Seed

FORAMEN_MAGNUM: Vec3 = (0.0, 38.0, -58.0)
"""Its front rim in the atlas, mm: the scan begins here."""
_MARGIN_MM = 8.0
_PROBE_MM = 6.0


@dataclass(frozen=True, eq=False, slots=True)
class Atlas:
    """The atlas' codes at 1 mm, (z, y, x); `head_tissues.CODES` order."""

    labels: npt.NDArray[np.uint8]
    origin: Vec3


@lru_cache(maxsize=1)
def atlas() -> Atlas:
    """Load the atlas, once a process."""
    with (files("fhir2dicom.anatomy") / "atlas" / "head.npz").open("rb") as file, np.load(file) as data:
        labels = np.pad(
            data["labels"], ((0, 0), (0, 0), (0, -data["labels"].shape[2] % 8))
        )  # whole words of 8
        x, y, z = (float(v) for v in data["origin"])
    labels.setflags(write=False)
    return Atlas(labels, (x, y, z))


@dataclass(frozen=True, eq=False)
class Head(Plain):
    """One patient's head."""

    person: Person
    seed: Seed
    grown: tuple[Grown, ...]
    warp: HeadWarp = field(repr=False)
    field: Box
    """The part of patient space that a scan of the head covers."""

    def volume(self) -> Volume:
        """Return the head as labels, with the findings in them."""
        whole = atlas()
        shapes = tuple(g for g in self.grown if isinstance(g, Shape))
        return Volume(
            labels=stamped(whole.labels, whole.origin, shapes, head_tissues.CODE),
            origin=whole.origin,
            spacing=(1.0, 1.0, 1.0),
            tissues=head_tissues.of_person(self.person, self.seed),
            to_atlas=self.warp.field(self.field),
        )

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return the skull that the sections show, as a film sees it, and the face, jaw and neck below."""
        from fhir2dicom.anatomy.head_scene import head_scene  # noqa: PLC0415  films only: CT need not load the meshes

        patient = Seed(self.seed.root, self.seed.path[:-1])
        made: Scene = head_scene(self.person, patient, self.warp, self.grown, ("skull", pose, laterality))
        return made


def head(person: Person, seed: Seed, grown: Sequence[Grown]) -> Head:
    """Build a patient's head."""
    own = seed.child("head")
    warp = head_warp(person, own)
    return Head(person, own, tuple(grown), warp, _extent(warp))


def _extent(warp: HeadWarp) -> Box:
    """Return the box of all that is not air above the foramen magnum."""
    whole = atlas()
    sides = np.arange(-120.0, 121.0, _PROBE_MM)
    depth = np.arange(-150.0, 151.0, _PROBE_MM)
    bottom = warp.about(FORAMEN_MAGNUM)[2]
    heights = bottom + np.arange(0.0, 220.0, _PROBE_MM)
    shape = (len(heights), len(depth), len(sides))
    points = warp.to_atlas(
        np.broadcast_to(sides[None, None, :], shape),
        np.broadcast_to(depth[None, :, None], shape),
        np.broadcast_to(heights[:, None, None], shape),
    )
    index = [np.rint(p - o).astype(np.int64) for p, o in zip(points, whole.origin, strict=True)]
    inside = np.ones(shape, np.bool_)
    for i, n in zip(index, whole.labels.shape[::-1], strict=True):
        inside &= (i >= 0) & (i < n)
    i, j, k = (np.where(inside, v, 0) for v in index)
    body = inside & (whole.labels[k, j, i] > 0)
    across = sides[body.any((0, 1))]
    along = depth[body.any((0, 2))]
    up = heights[body.any((1, 2))]
    return Box(
        (float(across[0]) - _MARGIN_MM, float(along[0]) - _MARGIN_MM, float(bottom)),
        (
            float(across[-1]) + _MARGIN_MM,
            float(along[-1]) + _MARGIN_MM,
            float(up[-1]) + _MARGIN_MM,
        ),
    )


HEAD = Region(
    name="head",
    body_part="HEAD",
    code=Code("http://snomed.info/sct", "69536005", "Head structure"),
    snomed=frozenset({
        # body sites
        "69536005",  # head structure
        "302548004",  # entire head
        "774007",  # head and/or neck structure
        "12738006",  # brain structure
        "258335003",  # entire brain
        "89546000",  # bone structure of cranium
        "1101003",  # intracranial structure
        "83678007",  # cerebral structure
        "113305005",  # cerebellar structure
        "15926001",  # brainstem structure
        "35764002",  # brain ventricle structure
        "52795006",  # forehead structure
        "41695006",  # scalp structure
        "2095001",  # nasal sinus structure
        # procedures
        "303653007",  # CT of head
        "383371000119108",  # CT of head without contrast
        "408754009",  # CT of entire head, not checked
        "396205005",  # CT of brain without contrast
        "34227000",  # CT of brain
        "429858000",  # CT of head and neck
        "241526005",  # CT of paranasal sinuses
        "582101000119108",  # CT angiography of head with contrast
        "711232001",  # CT of head with contrast
        "816077007",  # MRI of brain
        "241601008",  # MRI of brain, a code that is no longer active
        "24725-4", "30799-1", "24727-0", "30657-1", "24590-2",  # LOINC: CT and MR of head or brain
    }),
    words=(
        "head", "brain", "skull", "cranial", "cranium", "intracranial", "cerebral", "cranio", "stroke protocol",
        "kopf", "schädel", "schaedel", "gehirn", "hirn", "cct", "neurocranium", "neurokranium",
        "tête", "tete", "crâne", "crane", "cerveau", "cérébral", "encéphale",
        "cabeza", "cráneo", "craneo", "cerebro", "encéfalo", "crânio", "cabeça",
        "testa", "cervello", "encefalo", "hoofd", "schedel", "hersenen",
        "głowa", "głowy", "mózg", "hlava", "huvud", "hoved", "hjerne", "hjärna",
        "頭部", "脳", "头部", "头颅", "颅脑", "脑", "голова", "головы", "череп", "мозг", "мозга",
    ),
    build=head,
)  # fmt: skip
"""Skull and brain, HEAD in PS3.16 Annex L."""
