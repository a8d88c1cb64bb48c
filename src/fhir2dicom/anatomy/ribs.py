"""The ribs: films of one side's or of both, in the chest film's own trunk."""

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
_MIDDLE = (0.0, 190.0, 200.0)
"""Of a film of both sides, atlas mm."""
_ASIDE_MM = 72.0
"""How far from the midline a film of one side is aimed."""
_BOTH, _ONE = (350.0, 350.0), (220.0, 350.0)


@dataclass(frozen=True, eq=False)
class Ribs(Torso):
    """One patient's trunk, aimed at the ribs."""

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:  # noqa: ARG002  all stand alike
        """Return the trunk upright with the arms down, aimed at one side where it is asked for."""
        made = super().scene("arms-down", laterality)
        x = {"R": -_ASIDE_MM, "L": _ASIDE_MM}.get(laterality, 0.0)
        wide, high = _ONE if x else _BOTH
        at = self.warp.to_patient(np.array([(x, *_MIDDLE[1:])], np.float32))[0].tolist()
        scale = self.warp.scale
        return replace(made, aim=(at[0], at[1], at[2]), size_mm=(wide * scale[0], high * scale[2]))


def ribs(person: Person, seed: Seed, grown: Sequence[Grown]) -> Ribs:
    """Build the trunk for films of a patient's ribs."""
    t = build(person, seed, grown, SPAN_MM)
    return Ribs(t.person, t.seed, t.grown, t.span_mm, t.warp)


RIBS = Region(
    name="ribs",
    body_part="RIB",
    code=Code("http://snomed.info/sct", "113197003", "Bone structure of rib"),
    snomed=frozenset({"113197003"}),
    words=("rib", "ribs", "rippen", "côtes", "costillas", "costelas"),
    build=ribs,
    seen_by=("DX",),
)
"""Ribs, RIB in PS3.16 Annex L."""
