"""Pleural fluid of somebody who lies, as lumps of the labels: it collects behind the lungs, thickest at their base.

A section and a film at the bedside show it there; a film of somebody upright shows it below (`scene_disease.fluid`).
"""

from __future__ import annotations

from collections.abc import Iterable

from fhir2dicom.model import Edit, Grown, Shape, Vec3

_PLACES: tuple[tuple[str, Vec3], ...] = (("R", (-72.0, 262.0, 118.0)), ("L", (76.0, 270.0, 126.0)))
"""Where it is deepest, atlas mm."""
_RADII: Vec3 = (46.0, 22.0, 66.0)
"""Of the largest effusion, mm: about half a litre a side."""


def lying(grown: Iterable[Grown]) -> tuple[Shape, ...]:
    """Return the effusions among what has grown as shapes: fluid in the lowest part of the lung."""
    out = []
    for edit in grown:
        if isinstance(edit, Edit) and edit.kind == "effusion" and edit.amount > 0:
            size = 0.35 + 0.65 * min(edit.amount, 1.0)
            for side, at in _PLACES:
                if side in (edit.laterality or "RL") or edit.laterality == "B":
                    radii = (_RADII[0] * size, _RADII[1] * size, _RADII[2] * size)
                    out.append(
                        Shape(
                            "fluid",
                            at,
                            radii,
                            ("lung", "fissure", *(f"lung_vessel_{k}" for k in range(1, 5))),
                        )
                    )
    return tuple(out)
