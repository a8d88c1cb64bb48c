"""The contract of a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir2dicom.model import FindingPlan, Shape
from fhir2dicom.seed import Seed

Grow = Callable[[FindingPlan, Seed], tuple[Shape, ...]]
"""(the finding on the study's day, the patient's seed) → its shapes in atlas space."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: the codes of Conditions that call for it, the regions it shows in, and its shapes."""

    name: str
    snomed: frozenset[str]
    regions: tuple[str, ...]
    grow: Grow
