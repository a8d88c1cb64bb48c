"""The patient in millimetres: what `anatomy` builds and `physics` looks at.

Patient space is DICOM's LPS in mm: x to the patient's left, y to the back, z to the head. Arrays of a
volume are indexed (z, y, x). A body offers aspects; a physics asks for the one it can see:

    volume()            labels through a warp            CT, MR, PT
    scene(pose, side)   closed surfaces and tubes        films
    pressed(view, side) a breast under the paddle        MG
    mouth()             the teeth and their bone         IO
    panorama()          jaws, face and teeth in place    PX

An aspect that a region does not have raises `PlanError`. A new kind of physics (a beating heart, an
eye) adds its aspect here, and to `anatomy.region.Plain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fhir2dicom.model.breast import Pressed
from fhir2dicom.model.mouth import Mouth
from fhir2dicom.model.panorama import Panorama
from fhir2dicom.model.study import Laterality, Person

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Tissue:
    """One row of the tissue table; every physics reads the columns it needs."""

    name: str
    hu: float
    """Mean CT number at 120 kV, HU."""
    hu_sd: float = 0.0
    """Texture inside one organ, HU, before noise."""
    hu_arterial: float | None = None
    """Mean CT number 30 s after contrast medium; None: as without."""
    hu_portal: float | None = None
    """Mean CT number 70 s after contrast medium; None: as without."""


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned box in patient space: corners (x, y, z) in mm."""

    low: Vec3
    high: Vec3


@dataclass(frozen=True, eq=False, slots=True)
class Field:
    """Where each point of patient space lies in the atlas, on a coarse grid, to be read by linear interpolation.

    ``points[c, k, j, i]`` is component c (0: x, 1: y, 2: z) in atlas mm of the patient point
    ``origin + spacing · (i, j, k)``. float32.
    """

    origin: Vec3
    spacing: Vec3
    points: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Volume:
    """A labelled body behind a warp.

    ``labels[k, j, i]`` (uint8) at atlas point ``origin + spacing · (i, j, k)`` indexes ``tissues``.
    A scanner asks ``to_atlas`` where a point of the patient lies, and looks there.
    """

    labels: npt.NDArray[np.uint8]
    origin: Vec3
    spacing: Vec3
    tissues: tuple[Tissue, ...]
    """One row for each label value; rows beyond those used are absent."""
    to_atlas: Field


@dataclass(frozen=True, eq=False, slots=True)
class Surface:
    """A closed triangle mesh in patient space: outward normals by the right-hand rule.

    ``weight`` is the difference of linear attenuation, inside less outside, in units of that of water
    (an airway in flesh about −1).
    """

    vertices: npt.NDArray[np.float32]
    """(vertices, 3), mm."""
    triangles: npt.NDArray[np.int32]
    """(triangles, 3)."""
    weight: float
    detail: str = "fine"
    """How sharp it must be drawn: ``fine`` (bone) at the detector's matrix, ``coarse`` (skin, marrow) at a quarter."""
    texture: str = ""
    """What fine structure fills it that no mesh holds: ``trabecular``, or nothing."""


@dataclass(frozen=True, eq=False, slots=True)
class Tubes:
    """Tapering round tubes in patient space: vessels, bronchi, wires."""

    start: npt.NDArray[np.float32]
    """(tubes, 3), mm."""
    end: npt.NDArray[np.float32]
    start_radius_mm: npt.NDArray[np.float32]
    """(tubes,)."""
    end_radius_mm: npt.NDArray[np.float32]
    weight: float


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """What a film sees: attenuation relative to water as nested closed surfaces and tubes."""

    surfaces: Mapping[str, Surface]
    tubes: Mapping[str, Tubes]
    aim: Vec3 | None = None
    """The point that the central ray passes and a film is centred on; None: `physics` finds it (the lungs)."""
    size_mm: tuple[float, float] | None = None
    """Width and height of what a film should show, at ``aim``, as the film is hung; None: `physics` finds it."""


class Body(Protocol):
    """One patient, with findings grown in. Built by a `Region`; the same for every modality."""

    @property
    def person(self) -> Person:
        """Return whose body it is, on the day of the study."""
        ...

    @property
    def field(self) -> Box:
        """Return the part of patient space that a scan of the region covers."""
        ...

    def volume(self) -> Volume:
        """Return the body as labels."""
        ...

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return the body as surfaces, standing or lying as ``pose`` says; of a paired part the side that is asked for."""
        ...

    def pressed(self, view: str, laterality: Laterality) -> Pressed:
        """Return one breast as a view presses it: CC, MLO or ML."""
        ...

    def mouth(self) -> Mouth:
        """Return the teeth and the bone they stand in."""
        ...

    def panorama(self) -> Panorama:
        """Return the jaws as a machine that turns about the head sees them."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """A lump of one tissue that a finding puts into atlas space: exact in every modality."""

    tissue: str
    center_mm: Vec3
    """(x, y, z) in the atlas."""
    radii_mm: Vec3
    within: tuple[str, ...]
    """Names of the tissues it may replace."""
    roughness: float = 0.0
    """Relative height of the bumps on its surface."""
    key: int = 0
    """Keys the bumps."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that a region makes to what it builds, and knows by its kind: a break, a filling, an implant."""

    kind: str
    """``fracture``, ``caries``, ``prosthesis`` …; a region passes over kinds it does not know."""
    part: str = ""
    """What is changed: a bone, a tooth."""
    laterality: Laterality = ""
    amount: float = 1.0
    """0 … 1, what it means is the kind's own."""
    key: int = 0
    """Keys what is left to chance."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """More of it, unit in the name: along, shift_mm, turn_deg …"""


Grown = Shape | Edit
"""What a finding does to a body."""
