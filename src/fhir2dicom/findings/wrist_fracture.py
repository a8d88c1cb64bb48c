"""Fracture of the far end of the radius: Colles' in the grown, a buckled cortex (torus) in children.

Colles: 2 to 3 cm from the joint, the hand's part tilted and shifted to the back and to the thumb's side and driven in
(Colles 1814); angles about those of displaced breaks in Lafontaine (Injury 20:208, 1989): more than 20° to the back is
unstable. In children under about twelve the commonest break there is a torus fracture; the age limit is ours.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

HEALED_DAYS = 300.0
"""After that a break is taken for healed without a trace."""
GROWN_YEARS = 12.0


def wrist_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the breaks of the grown and the buckle of children; the region takes those of the patient's age."""
    if plan.days > HEALED_DAYS:
        return ()
    much = 0.35 + 0.65 * min(plan.severity, 1.0)
    radius = {
        "from_years": GROWN_YEARS,
        "along": seed.child("along").uniform(0.885, 0.915),
        "slant_deg": seed.child("slant").uniform(4.0, 20.0),
        "angle_deg": much * seed.child("angle").uniform(12.0, 26.0),
        "side_deg": much * seed.child("side").uniform(2.0, 9.0),
        "back_mm": much * seed.child("back").uniform(0.5, 3.0),
        "out_mm": much * seed.child("out").uniform(0.5, 3.0),
        "short_mm": much * seed.child("short").uniform(2.0, 5.0),
        "rough_mm": 2.2,
        "with_rest": 1.0,
    }
    styloid = {"from_years": GROWN_YEARS, "along": 0.955, "gap_mm": 1.4, "side_deg": -14.0, "rough_mm": 0.8}
    torus = {
        "to_years": GROWN_YEARS,
        "along": seed.child("torus").uniform(0.86, 0.89),
        "bulge_mm": 1.5 + 1.6 * much,
        "width_mm": seed.child("width").uniform(3.4, 5.0),
    }
    small = {"to_years": GROWN_YEARS, "along": 0.875, "bulge_mm": 0.9 * much, "width_mm": 3.6}
    edits = [("fracture", "radius", radius), ("buckle", "radius", torus)]
    if seed.child("styloid").uniform() < 0.5:
        edits.append(("fracture", "ulna", styloid))
    if seed.child("both").uniform() < 0.4:
        edits.append(("buckle", "ulna", small))
    return tuple(
        Edit(
            kind,
            part,
            plan.laterality,
            plan.severity,
            seed.child(kind, part).key(),
            {n: round(x, 3) for n, x in numbers.items()},
        )
        for kind, part, numbers in edits
    )


WRIST_FRACTURE = Finding(
    name="wrist-fracture",
    snomed=frozenset(
        {"263102004", "263199001"}
    ),  # fracture subluxation of wrist, fracture of distal end of radius
    regions=("wrist", "hand", "forearm"),
    grow=wrist_fracture,
)
"""Broken wrist."""
