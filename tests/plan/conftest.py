"""A small catalogue and orders built by hand: what can be made here does not depend on the other rooms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fhir2dicom.model import Code, HumanName, Identifier, InstanceOrder, Patient, SeriesOrder, StudyOrder
from fhir2dicom.plan.catalog import Catalog, FindingRow, IodRow, ModalityRow, RegionRow

SCT = "http://snomed.info/sct"
CR_CLASS = "1.2.840.10008.5.1.4.1.1.1"
DX_CLASS = "1.2.840.10008.5.1.4.1.1.1.1"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
IO_CLASS = "1.2.840.10008.5.1.4.1.1.1.3"

CHEST_SITE = Code(SCT, "51185008", "Thoracic structure (body structure)")

CATALOG = Catalog(
    modalities=(
        ModalityRow("CT", ("CT",), (IodRow(CT_CLASS, "CT"),), ("head", "chest", "abdomen", "chest-abdomen")),
        ModalityRow(
            "DX", ("DX", "CR", "XR", "RG"), (IodRow(DX_CLASS, "DX"), IodRow(CR_CLASS, "CR")), ("chest",)
        ),
    ),
    regions=(
        RegionRow(
            "abdomen", "ABDOMEN", Code(SCT, "818981001", "Abdomen"), frozenset({"818983003"}), ("abdomen",)
        ),
        RegionRow(
            "chest", "CHEST", Code(SCT, "816094009", "Thorax"), frozenset({"51185008"}), ("chest", "thorax")
        ),
        RegionRow(
            "chest-abdomen",
            "CHESTABDOMEN",
            Code(SCT, "416550000", "Chest and Abdomen"),
            frozenset({"416550000"}),
            ("chest and abdomen",),
        ),
        RegionRow("head", "HEAD", Code(SCT, "69536005", "Head"), frozenset({"69536005"}), ("head", "brain")),
    ),
    findings=(
        FindingRow(
            "lung-mass", frozenset({"254637007", "424132000", "254632001"}), ("chest", "chest-abdomen")
        ),
        FindingRow("infarct", frozenset({"230690007"}), ("head",)),
    ),
)


@pytest.fixture
def catalog() -> Catalog:
    return CATALOG


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


def instances(count: int, sop_class: str = CT_CLASS) -> tuple[InstanceOrder, ...]:
    return tuple(InstanceOrder(f"1.2.826.0.1.77.{k}", sop_class, k, "") for k in range(1, count + 1))


@pytest.fixture
def chest_ct(patient: Patient) -> StudyOrder:
    """Everything is said, nothing is left to guess but the size of the body."""
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
        identifiers=(Identifier("urn:dicom:uid", "urn:oid:1.2.826.0.1.4", use="official"),),
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
