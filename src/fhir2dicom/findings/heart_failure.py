"""Heart failure: a wide heart, then congestion, then fluid, as the stages of a film follow each other.

More than half the chest's width is wide (Danzer, Am J Med Sci 157:513, 1919). Upper vessels widen first, septa thicken
(Kerley's lines), then alveoli and pleura fill: Milne & Pistolesi, Reading the Chest Radiograph (1993). Which severity
shows which is ours.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Grown, Shape
from fhir2dicom.seed import Seed

_LUNG = ("lung", "lung_vessel_1", "lung_vessel_2")


def heart_failure(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:
    """Return the heart's size, congestion from 0.3, effusions from 0.55 and oedema about the hila from 0.75."""
    severity, key = min(max(plan.severity, 0.05), 1.0), seed.key()
    size = 0.25 + 0.75 * severity + seed.child("size").uniform(-0.12, 0.12)
    grown: list[Grown] = [Edit("heart-size", amount=round(min(max(size, 0.1), 1.0), 3))]
    if severity > 0.3:
        grown.append(Edit("congestion", amount=round((severity - 0.2) / 0.8, 3), key=key))
    if severity > 0.55:
        more = round((severity - 0.45) * 0.5, 3)
        both = seed.child("side").uniform() < 0.7  # else the right alone; the left alone is rare
        grown.append(Edit("effusion", laterality="B" if both else "R", amount=more, key=key))
    if severity > 0.75:
        for side, x in (("R", -58.0), ("L", 62.0)):
            at = (x, 190.0 + seed.child(side).uniform(-8, 8), 200.0 + seed.child(side, "z").uniform(-10, 10))
            grown.append(Shape("ground_glass", at, (24.0, 34.0, 44.0), _LUNG, 0.25, key))
    return tuple(grown)


HEART_FAILURE = Finding(
    name="heart-failure",
    snomed=frozenset({
        "88805009",  # chronic congestive heart failure
        "84114007",  # heart failure
        "42343007",  # congestive heart failure
    }),
    regions=("chest", "chest-abdomen", "ribs", "thoracic-spine"),
    grow=heart_failure,
)  # fmt: skip
"""A failing heart and what it does to the lungs."""
