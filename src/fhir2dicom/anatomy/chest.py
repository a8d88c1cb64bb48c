"""The chest: from above the lung apices to below the costophrenic angles and the adrenals."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import Torso, build
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed

SPAN_MM = (44.0, 328.0)


def chest(person: Person, seed: Seed, grown: Sequence[Grown]) -> Torso:
    """Build a patient's chest."""
    return build(person, seed, grown, SPAN_MM)


CHEST = Region(
    name="chest",
    body_part="CHEST",
    code=Code("http://snomed.info/sct", "51185008", "Thoracic structure"),
    snomed=frozenset({
        # body sites
        "51185008",  # thoracic structure
        "43799004",  # thoracic cavity
        "39607008",  # lung
        "3341006",  # right lung
        "44029006",  # left lung
        "74101002",  # both lungs
        "72410000",  # mediastinum
        "56873002",  # sternum
        "78904004",  # chest wall
        "302551006",  # entire thorax
        "816094009",  # thorax (structure of chest region)
        # procedures
        "399208008",  # plain X-ray of chest
        "168731009",  # standard chest X-ray
        "169069000",  # CT of chest
        "75385009",  # CT of chest with contrast
        "395081000119108",  # CT of chest without contrast
        "16335031000119103",  # high resolution CT of chest without contrast
        "241541005",  # high resolution CT of lungs
        "16332841000119106",  # CT angiography of pulmonary artery with contrast
    }),
    words=("chest", "thorax", "thoracic", "lung", "lungs", "pulmonary", "brustkorb", "poumon",
           "poitrine", "tórax", "torax", "pulmón", "borst", "torace", "polmone", "lunge", "胸部", "грудь"),
    build=chest,
)  # fmt: skip
"""Thorax, CHEST in PS3.16 Annex L."""
