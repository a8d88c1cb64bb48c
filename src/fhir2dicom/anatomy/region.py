"""The contract of a region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fhir2dicom.errors import PlanError
from fhir2dicom.model import Body, Code, Grown, Laterality, Mouth, Person, Pressed, Scene, Volume
from fhir2dicom.model.panorama import Panorama
from fhir2dicom.seed import Seed

Build = Callable[[Person, Seed, Sequence[Grown]], Body]
"""(person, the patient's seed, what the findings do) → the body. Keyed on the patient only, so every study agrees."""


class Plain:
    """A body without any aspect: a region's body is one of these and overrides what it has."""

    def volume(self) -> Volume:
        """Refuse: no labels."""
        raise PlanError(type(self).__name__.lower(), "has no volume yet, so no sections of it")

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:
        """Refuse: no surfaces."""
        raise PlanError(
            type(self).__name__.lower(), f"has no surfaces yet, so no films of it ({pose}{laterality})"
        )

    def pressed(self, view: str, laterality: Laterality) -> Pressed:
        """Refuse: no breast."""
        raise PlanError(
            type(self).__name__.lower(), f"has no breast, so no mammogram of it ({laterality}{view})"
        )

    def mouth(self) -> Mouth:
        """Refuse: no teeth."""
        raise PlanError(type(self).__name__.lower(), "has no teeth, so no films inside the mouth")

    def panorama(self) -> Panorama:
        """Refuse: no jaws."""
        raise PlanError(type(self).__name__.lower(), "has no jaws, so no panoramic film of them")


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
    paired: bool = False
    """There is one of it on either side: its films have a laterality."""
