"""Fracture of the clavicle: mostly of the middle third, the inner part drawn up, the outer hanging and driven in.

Four in five are in the middle third (Robinson, J Bone Joint Surg Br 80:476, 1998: 69 % to 82 %); how far the ends stand
apart is ours.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

HEALED_DAYS = 300.0
"""After that a break is taken for healed without a trace."""


def clavicle_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break; a slight one is a bend with a line."""
    if plan.days > HEALED_DAYS:
        return ()
    lateral = seed.child("third").uniform() < 0.2
    along = seed.child("along").uniform(0.8, 0.88) if lateral else seed.child("along").uniform(0.52, 0.66)
    apart = 0.25 + 0.75 * min(plan.severity, 1.0)
    numbers = {
        "along": along,
        "slant_deg": seed.child("slant").uniform(-38.0, 38.0),
        "up_mm": apart * seed.child("up").uniform(4.0, 12.0),
        "short_mm": apart * seed.child("short").uniform(0.0, 9.0),
        "angle_deg": apart * seed.child("angle").uniform(4.0, 16.0),
    }
    rounded = {n: round(x, 3) for n, x in numbers.items()}
    return (Edit("fracture", "clavicle", plan.laterality, plan.severity, seed.child("break").key(), rounded),)


CLAVICLE_FRACTURE = Finding(
    name="clavicle-fracture",
    snomed=frozenset({"58150001"}),  # fracture of clavicle
    regions=("clavicle", "shoulder"),
    grow=clavicle_fracture,
)
"""Broken collar bone."""
