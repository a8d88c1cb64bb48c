"""From which side a film is taken: the camera's axes in the patient, and what DICOM calls them.

A trunk is hung as if the reader faced it: the patient's left on the right of a frontal film, the face to the left of
a left lateral and to the right of a right lateral. A limb is hung as the tube saw it (Lampignano & Kendrick,
Bontrager's Textbook of Radiographic Positioning and Related Anatomy, chapter 1), which is the same for AP.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fhir2dicom.model import Laterality, Protocol, Vec3
from fhir2dicom.physics.xray_project import Axes

_HEAD: Vec3 = (0.0, 0.0, 1.0)

TURNS: Mapping[str, float] = {"AP": -90.0, "PA": 90.0, "LL": 180.0, "RL": 0.0}
"""View Position → where the source stands about the body's long axis: 0° at the patient's left, 90° at the back."""


@dataclass(frozen=True, slots=True)
class View:
    """One direction of the beam."""

    position: str
    """AP, PA, LL or RL: the base that the beam is turned from."""
    turn_deg: float = 0.0
    """About the body's long axis: positive, the source moves to the patient's left, in a lateral to the front."""
    tilt_deg: float = 0.0
    """Positive: the source moves to the head."""
    roll_deg: float = 0.0
    """The film as hung, clockwise."""
    from_tube: bool = False
    """Hung as the tube saw it, not as if facing the patient."""

    @property
    def axes(self) -> Axes:
        """Return the camera's axes, equal to the last bit on every machine."""
        sense = 1.0 if self.position in {"AP", "LL"} else -1.0
        c, s = _unit(TURNS[self.position] + sense * self.turn_deg)
        level: Vec3 = (c, s, 0.0)
        column: Vec3 = (-s, c, 0.0)
        if not (self.from_tube or self.position == "AP"):
            column = (s, -c, 0.0)
        c, s = _unit(self.tilt_deg)
        source = _sum(level, c, _HEAD, s)
        row = _sum(_HEAD, -c, level, s)
        c, s = _unit(self.roll_deg)
        return _sum(column, c, row, -s), _sum(row, c, column, s), source


def view_of(protocol: Protocol, laterality: Laterality) -> View:
    """Return the beam of a protocol.

    ``LAT`` is a limb's lateral with the imaged side at the detector: RL of a right part, LL of a left one. Turns and
    rolls are those of the trunk or of a right part; a left part is seen in the mirror. Settings read: ``turn_deg``,
    ``tilt_deg``, ``roll_deg``, ``from_tube`` (1: hung as the tube saw it; given for a limb's PA and lateral).
    """
    of = protocol.settings
    limb = protocol.view == "LAT"
    position = ("RL" if laterality == "R" else "LL") if limb else protocol.view
    mirror = -1.0 if laterality == "L" else 1.0
    frontal = position not in {"LL", "RL"}
    return View(
        position if position in TURNS else "AP",
        of.get("turn_deg", 0.0) * (mirror if frontal else 1.0),
        of.get("tilt_deg", 0.0),
        of.get("roll_deg", 0.0) * mirror,
        bool(of.get("from_tube", float(limb and laterality in {"R", "L"}))),
    )


def orientation(axes: Axes) -> tuple[str, str]:
    """Return Patient Orientation (0020,0020): where a row's columns and a column's rows run to (PS3.3 C.7.6.1.1.1)."""
    return letters(axes[0]), letters(axes[1])


def letters(direction: Vec3) -> str:
    """Return L R A P H F of a direction, the strongest first; a second and a third where they are over sin 15°."""
    named = zip(direction, ("LR", "PA", "HF"), strict=True)
    order = sorted(((abs(w), n[0] if w > 0 else n[1]) for w, n in named), key=lambda one: -one[0])
    return "".join(name for size, name in order if size > 0.26)


def _unit(degrees: float) -> tuple[float, float]:
    """Return (cos, sin), rounded so that all machines agree."""
    a = math.radians(degrees)
    return round(math.cos(a), 9), round(math.sin(a), 9)


def _sum(a: Vec3, p: float, b: Vec3, q: float) -> Vec3:
    """Return p·a + q·b."""
    return tuple(p * u + q * v + 0.0 for u, v in zip(a, b, strict=True))  # type: ignore[return-value]
