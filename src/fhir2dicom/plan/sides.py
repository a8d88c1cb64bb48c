"""Which side a paired part is: FHIR's, else that of the injury that it was taken for, else one drawn from the patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fhir2dicom.model import FindingPlan, Laterality
from fhir2dicom.plan.catalog import FindingRow
from fhir2dicom.seed import Seed, film_side

_LIMBS: Mapping[str, str] = {
    **dict.fromkeys(("clavicle", "shoulder", "humerus", "elbow", "forearm", "wrist", "hand"), "arm"),
    **dict.fromkeys(("hip", "femur", "knee", "lower-leg", "ankle", "foot"), "leg"),
}
"""A side is drawn once for a limb: the humerus and the forearm below its break are of one arm."""

REMOVALS = frozenset({"mastectomy"})
"""Findings that leave nothing to be filmed on their side."""
OTHER: Mapping[Laterality, Laterality] = {"R": "L", "L": "R"}


def drawn_side(region: str, patient: Seed) -> Laterality:
    """Return the side that a patient's studies of a paired part are of, where nobody says which."""
    return film_side(_LIMBS.get(region, region), patient)


def side_here(
    region: str, findings: Iterable[FindingPlan], rows: tuple[FindingRow, ...], patient: Seed
) -> tuple[Laterality, str]:
    """Return the side of a paired part that FHIR leaves open, and why: the youngest finding's, else a drawn one."""
    seen = {row.name for row in rows if region in row.regions}
    sided = [f for f in findings if f.name in seen and f.laterality in {"R", "L"}]
    if sided:
        youngest = min(sided, key=lambda f: (f.days, f.name))
        return youngest.laterality, f"no side; {youngest.laterality} as the finding {youngest.name}"
    side = drawn_side(region, patient)
    return side, f"no side; {side} drawn from the patient"


def side_left(findings: Iterable[FindingPlan]) -> Laterality:
    """Return the side of which films of both sides are left to be made; empty while both are there."""
    gone = [f.laterality for f in findings if f.name in REMOVALS and f.laterality in OTHER]
    return OTHER[gone[0]] if gone else ""
