"""Emphysema and chronic obstructive disease: too much air. Long dark lungs, low flat domes, a narrow heart, a deep chest."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def emphysema(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return how far the lungs are blown up: by severity, and by the years that it has lasted."""
    years = max(plan.days, 0.0) / 365.25
    amount = plan.severity * (0.55 + 0.45 * min(years / 15, 1.0)) + seed.child("amount").uniform(-0.05, 0.05)
    return (Edit("inflation", amount=round(min(max(amount, 0.0), 1.0), 3)),)


EMPHYSEMA = Finding(
    name="emphysema",
    snomed=frozenset({
        "87433001",  # pulmonary emphysema
        "185086009",  # chronic obstructive bronchitis
        "13645005",  # chronic obstructive lung disease
    }),
    regions=("chest", "chest-abdomen", "ribs", "thoracic-spine"),
    grow=emphysema,
)  # fmt: skip
"""Hyperinflated lungs."""
