"""Catheters in the great veins: ports under the skin, and lines that leave through it."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Laterality
from fhir2dicom.seed import Seed


def _side(seed: Seed) -> Laterality:
    return "L" if seed.child("side").uniform() < 0.2 else "R"


def port(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:  # noqa: ARG001  it is there or it is not
    """Return a port, on the right in four of five."""
    return (Edit("device", "port", _side(seed), key=seed.key()),)


def central_line(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:  # noqa: ARG001
    """Return a line from a jugular vein."""
    return (Edit("device", "central-line", _side(seed), key=seed.key()),)


PORT = Finding(
    name="venous-port",
    snomed=frozenset({"398013009"}),  # implantable venous access port
    regions=("chest", "ribs"),
    grow=port,
)
"""A port catheter."""

CENTRAL_LINE = Finding(
    name="central-venous-catheter",
    snomed=frozenset({"52124006"}),  # central venous catheter, device
    regions=("chest",),
    grow=central_line,
)
"""A central venous catheter."""
