"""The teeth as `anatomy` builds them and `physics.io` looks at them.

A mouth is two half arches, drawn in one frame for both sides: (lateral, back, up) in mm, lateral 0 … from the midline,
back from the incisors' edge, up from the plane in which the teeth meet. A tooth has axes of its own: x mesial, y to the
cheek, z from the neck (0) towards the cusps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vec3 = tuple[float, float, float]

OUTER, CORE, PULP, LIGAMENT, LAMINA = 0, 1, 2, 6, 7
"""Layers of a `Solid`: the tooth, its dentine where that differs, the pulp in four stages from the young (2) to the old (5),
the tooth with its ligament, and with the bony wall of its socket as well."""
STAGES = 4
LAYERS = 8


@dataclass(frozen=True, eq=False, slots=True)
class Solid:
    """One kind of tooth as closed curves in planes that cross its axis at ``heights`` and rise towards the cheek."""

    name: str
    points: npt.NDArray[np.float32]
    """(points, 2): x and y, mm. Curves run counter-clockwise round what is inside."""
    first: npt.NDArray[np.int32]
    """(curves + 1,): where each curve begins in ``points``."""
    plane: npt.NDArray[np.int32]
    """(curves,): index into ``heights``, ascending."""
    layer: npt.NDArray[np.uint8]
    """(curves,)."""
    heights: npt.NDArray[np.float32]
    """(planes,): mm, ascending: two evenly spaced runs, coarse below ``split`` and fine from there."""
    split: int
    crown_mm: float
    root_mm: float
    width_mm: float
    neck_width_mm: float
    depth_mm: float
    reach_mm: tuple[float, float]
    """How far it reaches from its axis, roots and sockets included: x, y."""


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that happened to a tooth: decay, or what a dentist did."""

    kind: str
    """``amalgam``, ``composite``, ``crown``, ``root-filling``, ``post``, ``caries``, ``apical``, ``calculus``, ``implant``: a screw and a crown instead of the tooth."""
    side: int = 0
    """+1 mesial, −1 distal, 0 the chewing surface."""
    size: float = 1.0
    key: int = 0
    """Keys its shape."""
    since: float = 0.0
    """The patient's age when it came."""


@dataclass(frozen=True, eq=False, slots=True)
class Tooth:
    """One tooth on the day of the study."""

    fdi: int
    """ISO 3950 designation."""
    solid: Solid
    at: Vec3
    """Middle of the neck: lateral, back, up."""
    turn: float
    """Direction of the arch here, radians: 0 at the midline, about π/2 at the molars."""
    tilt: float
    """Lean of the root's end to the distal side, radians."""
    scale: Vec3
    """Across (x and y), crown and root against the solid's."""
    bend_mm: float = 0.0
    """How much further to the distal side the root's end lies than in the solid."""
    root: float = 1.0
    """Part of the root that is there: growing, or being resorbed."""
    erupted: float = 1.0
    """1: in its place; 0: as deep as it began."""
    wear_mm: float = 0.0
    old: float = 0.0
    """0: the pulp of the young, 1: of the old."""
    bone_loss_mm: tuple[float, float] = (0.0, 0.0)
    """Of the crest, beyond the healthy 1.5 mm: mesial, distal."""
    works: tuple[Work, ...] = ()
    key: int = 0

    @property
    def right(self) -> bool:
        """Say whether it stands on the patient's right side."""
        return self.fdi // 10 in (1, 4, 5, 8)

    @property
    def upper(self) -> bool:
        """Say whether it stands in the upper jaw."""
        return self.fdi // 10 in (1, 2, 5, 6)

    @property
    def number(self) -> int:
        """Return its place from the midline, 1 … 8."""
        return self.fdi % 10

    @property
    def primary(self) -> bool:
        """Say whether it is a milk tooth."""
        return self.fdi >= 50


@dataclass(frozen=True, slots=True)
class Space:
    """Where a tooth was."""

    fdi: int
    at: Vec3
    """Where the middle of its neck was."""
    turn: float
    width_mm: float
    years: float
    """Since it was lost."""
    resorbed_mm: float
    """How far the ridge has sunk below the crest of before."""
    key: int = 0

    @property
    def right(self) -> bool:
        """Say whether it is on the patient's right side."""
        return self.fdi // 10 in (1, 4, 5, 8)

    @property
    def upper(self) -> bool:
        """Say whether it is in the upper jaw."""
        return self.fdi // 10 in (1, 2, 5, 6)


@dataclass(frozen=True, eq=False, slots=True)
class Mouth:
    """All teeth, the spaces between them, and the bone they stand in."""

    key: int
    """Keys what belongs to the patient and is drawn with the film: the net of trabeculae, the sinus."""
    age_years: float
    teeth: tuple[Tooth, ...]
    spaces: tuple[Space, ...]
    density: float
    """Of cancellous bone, 1: of a healthy adult."""
    coarseness: float
    """Contrast of its net, 1: usual."""
    sinus_mm: float
    """From the crest of the upper molars to the floor of the sinus."""
    torus_mm: float = 0.0
    """Thickness of a bony lump inside the lower jaw."""

    def tooth(self, fdi: int) -> Tooth | None:
        """Return a tooth by its designation, if it is there."""
        return next((t for t in self.teeth if t.fdi == fdi), None)
