"""Fracture of the lower jaw: one break, or in severe ones two, as `anatomy.skull_jaw` makes them.

Where: condyle, angle, body, symphysis by their shares in `SHARES`. A jaw is a ring: a heavy blow breaks it on the other
side as well, body or symphysis with the other condyle or angle.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Laterality
from fhir2dicom.seed import Seed

SHARES = (("condyle", 0.30), ("angle", 0.27), ("body", 0.24), ("symphysis", 0.19))
"""Rounded by us: condyle, angle and symphysis lead in every series, their order differs."""

_DOUBLE = 0.7
"""Severity from which it is broken twice."""


def mandible_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the breaks; ``severity`` 0 … 1 is how far the fragments are apart, below .3 a crack."""
    side: Laterality = "L" if plan.laterality == "L" else "R"
    first = _place(seed.child("place"))
    edits = [_edit(first, side, plan.severity, seed.child("first"))]
    if plan.severity >= _DOUBLE:
        second = "condyle" if first in {"body", "symphysis"} else "body"
        other: Laterality = "R" if side == "L" else "L"
        edits.append(_edit(second, other, plan.severity * 0.7, seed.child("second")))
    return tuple(edits)


def _edit(place: str, side: Laterality, amount: float, seed: Seed) -> Edit:
    return Edit("fracture", f"mandible_{place}", side, round(min(amount, 1.0), 3), seed.key())


def _place(seed: Seed) -> str:
    at = seed.uniform()
    for name, share in SHARES:
        at -= share
        if at < 0:
            return name
    return SHARES[-1][0]


MANDIBLE_FRACTURE = Finding(
    name="mandible-fracture",
    snomed=frozenset({"263172003"}),  # fracture of mandible
    regions=("mandible", "face", "skull", "cervical-spine"),
    grow=mandible_fracture,
)
"""A broken jaw."""
