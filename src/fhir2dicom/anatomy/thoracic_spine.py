"""The thoracic spine: from the seventh cervical to the first lumbar vertebra, in the chest film's own trunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import Torso, build
from fhir2dicom.model import Code, Grown, Laterality, Person, Scene
from fhir2dicom.seed import Seed

SPAN_MM = (44.0, 328.0)
"""Of sections, atlas mm."""

#                 middle of the field, atlas mm   width, height
_FIELDS = {
    "ap": ((0.0, 215.0, 206.0), (170.0, 330.0)),
    "lateral": ((0.0, 212.0, 200.0), (190.0, 320.0)),
}
_POSES = {"ap": "supine", "lateral": "arms-up"}


@dataclass(frozen=True, eq=False)
class Thoracic(Torso):
    """One patient's trunk, aimed at the thoracic spine."""

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Return the trunk: ``ap`` (lying) or ``lateral`` (arms up)."""
        made = super().scene(_POSES.get(pose, "supine"), laterality)
        at, (wide, high) = _FIELDS.get(pose, _FIELDS["ap"])
        x, y, z = self.warp.to_patient(np.array([at], np.float32))[0].tolist()
        scale = self.warp.scale
        return replace(made, aim=(x, y, z), size_mm=(wide * (0.35 + 0.65 * scale[0]), high * scale[2]))


def thoracic_spine(person: Person, seed: Seed, grown: Sequence[Grown]) -> Thoracic:
    """Build the trunk round a patient's thoracic spine."""
    t = build(person, seed, grown, SPAN_MM)
    return Thoracic(t.person, t.seed, t.grown, t.span_mm, t.warp)


THORACIC_SPINE = Region(
    name="thoracic-spine",
    body_part="TSPINE",
    code=Code("http://snomed.info/sct", "122495006", "Thoracic spine structure"),
    snomed=frozenset({"122495006", "1217256009"}),  # thoracic spine structure, thoracolumbar spine
    words=(
        "thoracic spine",
        "t-spine",
        "t spine",
        "dorsal spine",
        "bws",
        "brustwirbelsäule",
        "rachis dorsal",
    ),
    build=thoracic_spine,
    seen_by=("CT", "DX"),
)
"""Thoracic spine, TSPINE in PS3.16 Annex L."""
