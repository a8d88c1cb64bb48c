"""A coil in the uterus: it stays for years, and every film of the pelvis shows it."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

YEARS = 10.0
"""After that it has been taken out, if the record does not say; ours."""


def intrauterine_device(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the device."""
    if plan.days > YEARS * 365.25:
        return ()
    return (Edit("device", "intrauterine-device", key=seed.key()),)


INTRAUTERINE_DEVICE = Finding(
    name="intrauterine-device",
    snomed=frozenset({
        "65200003",  # insertion of intrauterine contraceptive device
        "46706006",  # replacement of contraceptive intrauterine device
    }),
    regions=("abdomen", "pelvis", "lumbar-spine"),
    grow=intrauterine_device,
)  # fmt: skip
"""An intrauterine device."""
