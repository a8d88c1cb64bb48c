"""Orders built by hand, in which nothing is left to guess but the size of the body."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import CHEST_SITE, DX_CLASS, SCT, instances

from fhir2dicom.model import Code, HumanName, Identifier, Patient, SeriesOrder, StudyOrder


@pytest.fixture
def patient() -> Patient:
    return Patient(
        id="p1",
        identifiers=(
            Identifier("http://hospital.example", "MRN-1", "MR", assigner="Hospital"),
            Identifier("http://hl7.org/fhir/sid/us-ssn", "999-11-2222", "SS"),
        ),
        names=(HumanName("Delgado712", ("Raúl937",), ("Mr.",), use="official"),),
        gender="male",
        birth_date="1960-05-04",
    )


@pytest.fixture
def chest_ct(patient: Patient) -> StudyOrder:
    series = SeriesOrder(
        uid="1.2.826.0.1.5",
        number=1,
        modality=Code("http://dicom.nema.org/resources/ontology/DCM", "CT"),
        body_site=CHEST_SITE,
        started="2020-03-28T11:52:54+00:00",
        instances=instances(4),
        instance_count=4,
    )
    return StudyOrder(
        id="17",
        patient=patient,
        where="ImagingStudy/17",
        status="available",
        uids=("1.2.826.0.1.4",),
        started="2020-03-28T11:52:54+00:00",
        description="CT of the chest",
        series=(series,),
    )


@pytest.fixture
def film(chest_ct: StudyOrder) -> StudyOrder:
    """Synthea's chest film: modality CR, SOP class of DX."""
    series = replace(
        chest_ct.series[0], modality=Code("", "CR"), instances=instances(1, DX_CLASS), instance_count=1
    )
    procedure = Code(SCT, "399208008", "Plain X-ray of chest (procedure)")
    return replace(chest_ct, series=(series,), description="", procedures=(procedure,))
