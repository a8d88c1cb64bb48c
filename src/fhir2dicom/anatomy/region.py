"""The contract of a region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fhir2dicom.model import Body, Code, Person, Shape
from fhir2dicom.seed import Seed

Build = Callable[[Person, Seed, Sequence[Shape]], Body]
"""(person, the patient's seed, shapes of the findings) → the body. Keyed on the patient only, so every study agrees."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the body: the codes and words that mean it, and how it is built."""

    name: str
    body_part: str
    """Body Part Examined (0018,0015), PS3.16 Annex L."""
    code: Code
    """Anatomic Region, when FHIR gives none."""
    snomed: frozenset[str]
    """Body-site and procedure codes that mean it."""
    words: tuple[str, ...]
    """Lower-case words that mean it in a text; the longest match of all regions wins."""
    build: Build
    seen_by: tuple[str, ...] = ()
    """Modalities that can image it beside those that name it themselves, so that a region is one file."""
