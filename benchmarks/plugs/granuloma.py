"""A calcified granuloma of the right lung: a scar of tuberculosis, a few millimetres wide."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan, Shape
from fhir2dicom.seed import Seed


def grow(finding: FindingPlan, seed: Seed) -> tuple[Shape, ...]:
    """Return one small dense ball."""
    radius = seed.child("radius").uniform(3.0, 5.0) + finding.severity
    return (Shape("cortical", (-80.0, 120.0, 220.0), (radius, radius, radius), within=("lung",)),)


GRANULOMA = Finding("calcified granuloma", frozenset({"77690003"}), ("chest",), grow)
