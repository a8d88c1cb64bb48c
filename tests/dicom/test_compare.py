"""What FHIR states is in the DICOM, and what is not is told with the plan's reason."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from hand_built import CHEST, CR, CT, DX, SNOMED, make, read, three_series

from fhir2dicom.dicom.compare import Difference, compare
from fhir2dicom.model import Code, HumanName, Identifier, InstanceOrder, Patient, SeriesOrder, StudyOrder

DCM = "http://dicom.nema.org/resources/ontology/DCM"
WHEN = "2019-04-05T10:11:12+02:00"


def listed(number, modality, sop_class, count):
    return SeriesOrder(
        uid=f"urn:oid:1.2.3.{number}",
        number=number,
        modality=Code(DCM, modality),
        body_site=CHEST,
        description=f"{modality} of the chest",
        started=WHEN,
        instances=tuple(InstanceOrder(f"1.2.3.{number}.{k}", sop_class, k) for k in range(1, count + 1)),
    )


ORDER = StudyOrder(
    id="study-1",
    patient=Patient(
        "17",
        identifiers=(Identifier("https://github.com/synthetichealth/synthea", "a3b5-17", "MR"),),
        names=(HumanName("Hudson301", ("Ana", "María"), ("Mrs.",)),),
        gender="female",
        birth_date="1961-02-03",
    ),
    uids=("1.2.3",),
    accession="ACC-123",
    started=WHEN,
    description="CT of chest with contrast",
    series=(listed(1, "CT", CT, 3), listed(2, "DX", DX, 1), listed(3, "CR", CR, 1)),
    series_count=3,
    instance_count=5,
)


@pytest.fixture(scope="module")
def made():
    return [read(i) for i in make(three_series())]


def one(found):
    assert len(found) == 1, found
    return found[0]


def with_series(**changes):
    return replace(ORDER, series=(replace(ORDER.series[0], **changes), *ORDER.series[1:]))


def test_a_study_made_as_it_was_described_has_no_difference(made):
    assert compare(ORDER, made) == []


def test_holes_in_the_resource_are_no_difference(made):
    assert compare(StudyOrder("x", Patient("17")), made) == []
    assert compare(StudyOrder("x", Patient("17"), series=(SeriesOrder(),) * 3), made) == []


@pytest.mark.parametrize(
    ("changes", "attribute", "fhir", "dicom"),
    [
        ({"uids": ("not-a-uid",)}, "StudyInstanceUID", "not-a-uid", "1.2.3"),
        ({"accession": "OTHER"}, "AccessionNumber", "OTHER", "ACC-123"),
        ({"description": "Another"}, "StudyDescription", "Another", "CT of chest with contrast"),
        ({"started": "2019-04"}, "StudyDate", "201904", "20190405"),
        ({"started": "2019-04-05T11:00:00Z"}, "StudyTime", "2019-04-05T11:00:00Z", "101112"),
    ],
)
def test_a_study_that_says_otherwise_is_told(made, changes, attribute, fhir, dicom):
    assert one(compare(replace(ORDER, **changes), made)) == Difference("study", attribute, fhir, dicom)


def test_a_series_with_another_number_is_told_under_the_number_of_fhir(made):
    assert one(compare(with_series(number=9), made)) == Difference("series 9", "SeriesNumber", "9", "1")


def test_a_resource_that_contradicts_itself_is_told_as_that(made):
    found = compare(replace(ORDER, series_count=4, instance_count=6), made)
    assert [(d.attribute, d.fhir, d.dicom) for d in found] == [("series", "4", "3"), ("instances", "6", "5")]
    assert [d.why for d in found] == ["the resource says 4 and lists 3", "the resource says 6 and lists 5"]


@pytest.mark.parametrize(
    ("changes", "attribute"),
    [
        ({"identifiers": (Identifier("s", "other"),)}, "PatientID"),
        ({"names": (HumanName("Other"),)}, "PatientName"),
        ({"gender": "male"}, "PatientSex"),
        ({"birth_date": "1961-02"}, "PatientBirthDate"),
    ],
)
def test_a_patient_who_is_called_otherwise_is_told(made, changes, attribute):
    found = one(compare(replace(ORDER, patient=replace(ORDER.patient, **changes)), made))
    assert (found.where, found.attribute) == ("patient", attribute)


@pytest.mark.parametrize(
    ("changes", "attribute", "dicom"),
    [
        ({"modality": Code(DCM, "XR")}, "Modality", "CT"),
        ({"description": "Another"}, "SeriesDescription", "CT of the chest [SYNTHETIC]"),
        ({"body_site": Code(SNOMED, "69536005")}, "AnatomicRegionSequence", "51185008"),
        ({"laterality": Code(SNOMED, "7771000")}, "ImageLaterality", "U"),
        ({"uid": "1.2.9"}, "SeriesInstanceUID", "1.2.3.1"),
        ({"started": "2019-04-06"}, "SeriesDate", "20190405"),
    ],
)
def test_a_series_that_says_otherwise_is_told(made, changes, attribute, dicom):
    found = one(compare(with_series(**changes), made))
    assert (found.where, found.attribute, found.dicom) == ("series 1", attribute, dicom)


@pytest.mark.parametrize(("written", "told"), [("R", 0), ("L", 0), ("B", 0), ("U", 1)])
def test_films_of_both_sides_are_each_of_one(made, written, told):
    sided = [deepcopy(d) for d in made]
    for dataset in sided:
        dataset.ImageLaterality = written
    assert len(compare(with_series(laterality=Code(SNOMED, "51440002")), sided)) == told


@pytest.mark.parametrize(
    ("instance", "attribute"),
    [
        (InstanceOrder("1.2.3.1.1", "urn:oid:1.2.840.10008.5.1.4.1.1.4", 1), "SOPClassUID"),
        (InstanceOrder("1.2.3.1.1", CT, 7), "InstanceNumber"),
        (InstanceOrder("1.2.3.1.77", CT, 1), "SOPInstanceUID"),
    ],
)
def test_an_instance_that_is_another_is_told(made, instance, attribute):
    changed = with_series(instances=(instance, *ORDER.series[0].instances[1:]))
    found = one(compare(changed, made))
    assert (found.where, found.attribute) == (f"series 1, instance {instance.uid}", attribute)


def test_missing_and_extra_series_and_instances_are_told(made):
    assert [d.attribute for d in compare(ORDER, made[:1])] == [
        "series",
        "instances",
        "instances",
        "SOPInstanceUID",
        "SOPInstanceUID",
        "SeriesInstanceUID",
        "SeriesInstanceUID",
    ]
    fewer = replace(ORDER, series=ORDER.series[:2], series_count=None, instance_count=None)
    assert one(compare(fewer, made)) == Difference(
        "series 1.2.3.3", "SeriesInstanceUID", "not listed", "1.2.3.3"
    )
    assert one(compare(ORDER, [])).attribute == "instances"


def test_a_difference_carries_the_note_of_the_plan_that_explains_it(made):
    notes = (
        "series 1: modality 'XR' is taken as CT (computed tomography)",
        "series 2: modality 'XR' is taken as DX",
        "series 1: no body site; chest by the procedure",
    )
    found = one(compare(with_series(modality=Code(DCM, "XR")), made, notes))
    assert found.why == notes[0]
    assert one(compare(replace(ORDER, accession="OTHER"), made, notes)).why == ""


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"started": "2019-04-05T25:61:61Z"}, "started: '2019-04-05T25:61:61Z' has no such time of day; time left empty"),
        ({"description": "x" * 70}, "Study Description: 'xxx' is longer than 64 characters; cut"),
        ({"patient": replace(ORDER.patient, birth_date="9999-12-31")}, "birth date: '9999-12-31' is no date; left empty"),
        ({"accession": "A" * 17}, "accession number: 'AAA' is longer than 16 characters; cut"),
    ],
)  # fmt: skip
def test_a_note_that_names_no_place_explains_too(made, changes, note):
    assert one(compare(replace(ORDER, **changes), made, (note,))).why == note


def test_two_series_of_one_uid_and_number_are_each_held_against_their_own(made):
    twin = replace(ORDER.series[1], uid="1.2.3.1", number=1, instances=())
    order = replace(ORDER, series=(ORDER.series[0], twin, ORDER.series[2]))
    notes = (
        "series 2: series UID '1.2.3.1' is used twice in the study",
        "study: series number 1 is repeated",
    )
    found = compare(order, made, notes)
    assert [(d.where, d.attribute, d.dicom) for d in found] == [
        ("series 1", "SeriesInstanceUID", "1.2.3.2"),
        ("series 1", "SeriesNumber", "2"),
    ]
    assert [d.why for d in found] == list(notes)


def test_series_with_other_uids_are_known_by_their_numbers(made):
    first, second, third = (replace(s, uid=f"1.9.{s.number}", instances=()) for s in ORDER.series)
    found = compare(replace(ORDER, series=(third, second, first)), made)
    assert [(d.where, d.attribute) for d in found] == [
        (f"series {n}", "SeriesInstanceUID") for n in (3, 2, 1)
    ]


def test_a_note_on_a_series_explains_the_counts_of_its_study(made):
    note = "series 3: no picture of it is made; left out"
    found = {d.attribute: d.why for d in compare(ORDER, made[:-1], (note,))}
    assert found == {"series": note, "instances": note, "SeriesInstanceUID": note}
