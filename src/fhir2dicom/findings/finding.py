"""The contract of a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir2dicom.model import FindingPlan, Grown
from fhir2dicom.seed import Seed

Grow = Callable[[FindingPlan, Seed], tuple[Grown, ...]]
"""(the finding on the study's day, the patient's seed) → its shapes in atlas space, and edits that regions know by name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: the codes of Conditions that call for it, the regions it shows in, and what it does."""

    name: str
    snomed: frozenset[str]
    regions: tuple[str, ...]
    grow: Grow
