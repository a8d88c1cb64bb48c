"""Pacemakers and defibrillators: a can under the collar bone, left in nine of ten, and its leads."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Laterality
from fhir2dicom.seed import Seed

_SEEN = ("chest", "ribs", "thoracic-spine", "shoulder", "clavicle")


def _side(seed: Seed) -> Laterality:
    return "R" if seed.child("pocket").uniform() < 0.1 else "L"


def pacemaker(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:  # noqa: ARG001  it is there or it is not
    """Return a pacemaker with leads to atrium and ventricle."""
    return (Edit("device", "pacemaker", _side(seed), key=seed.key()),)


def defibrillator(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:  # noqa: ARG001
    """Return a defibrillator; in half of all a third lead runs to the left ventricle."""
    return (Edit("device", "defibrillator", _side(seed), seed.child("third").uniform(), seed.key()),)


PACEMAKER = Finding(
    name="pacemaker",
    snomed=frozenset({
        "233174007",  # cardiac pacemaker procedure
        "14106009",  # cardiac pacemaker, device
        "706004007",  # implantable cardiac pacemaker
        "441509002",  # cardiac pacemaker in situ
    }),
    regions=_SEEN,
    grow=pacemaker,
)  # fmt: skip
"""A pacemaker."""

DEFIBRILLATOR = Finding(
    name="defibrillator",
    snomed=frozenset({
        "72506001",  # implantable defibrillator
        "443325000",  # cardioverter defibrillator in situ
        "447365002",  # insertion of biventricular implantable cardioverter defibrillator
    }),
    regions=_SEEN,
    grow=defibrillator,
)  # fmt: skip
"""An implanted defibrillator."""
