from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from fhir2dicom.errors import ResourceError
from fhir2dicom.model import Code, HumanName, Identifier
from fhir2dicom.source.resources import study_order
from fhir2dicom.source.source import open_source

SNOMED = "http://snomed.info/sct"


def order(study: dict[str, Any], patient: Any = None, record: Any = ()) -> Any:
    return study_order({"resourceType": "ImagingStudy", "id": "1", **study}, patient, list(record), "here")


def one(folder: Path, name: str) -> Any:
    (found,) = open_source(str(folder / "one" / name))
    return found


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("dstu2-ct.json", "DSTU2"),
        ("stu3-wrist.json", "STU3"),
        ("r4-wrist.json", "R4"),
        ("r5-rich.json", "R5"),
        ("r6-no-id.json", "R5"),
    ],
)
def test_the_version_is_told_from_the_elements(fhir_data: Path, name: str, version: str) -> None:
    assert one(fhir_data, name).fhir_version == version


def test_stu3_and_r4_of_one_study_say_the_same(fhir_data: Path) -> None:
    old, new = one(fhir_data, "stu3-wrist.json"), one(fhir_data, "r4-wrist.json")
    assert old.uids == ("2.16.124.113543.6003.1154777499.30246.19789.3503430046",)
    assert old.accession == new.accession == "W12342398"
    assert old.patient.id == new.patient.id == "dicom"
    assert (
        old.reasons
        == new.reasons
        == (Code(SNOMED, "357009", "Closed fracture of trapezoidal bone of wrist"),)
    )
    assert (
        old.procedures == new.procedures == (Code("http://www.radlex.org", "RPID2589", "XR Wrist 3+ Views"),)
    )
    assert [s.modality.value for s in old.series] == [s.modality.value for s in new.series] == ["DX"]
    assert old.series[0].uid == new.series[0].uid
    assert old.series[0].laterality.display == "Unilateral left"
    assert [i.title for i in old.series[0].instances] == ["PA VIEW", "LL VIEW"]
    assert {i.sop_class for i in old.series[0].instances} == {"1.2.840.10008.5.1.4.1.1.2"}
    assert old.encounter == new.encounter == "Encounter/example"
    assert new.identifiers == (Identifier("", "55551234", "", "secondary"),) or "ACSN" in [
        i.type for i in new.identifiers
    ]


def test_synthea_in_three_versions_is_one_study(fhir_data: Path) -> None:
    by_version = [
        list(open_source(str(fhir_data / "versions" / f"ImagingStudy.{v}.ndjson")))
        for v in ("dstu2", "stu3", "r4")
    ]
    for orders in zip(*by_version, strict=True):
        assert len({(o.id, o.uids, o.started, o.patient.id) for o in orders}) == 1
        shown = {
            tuple(
                (s.uid, s.modality.value, s.body_site.value, s.instance_count, s.instances) for s in o.series
            )
            for o in orders
        }
        assert len(shown) == 1
    assert {o.institution for o in by_version[2]} != {""}


def test_r5_concepts_and_references_are_read(fhir_data: Path) -> None:
    found = one(fhir_data, "r5-rich.json")
    assert found.series[0].modality.value == "CT"
    assert found.series[0].body_site == Code("", "body-site-1")
    assert found.reasons == (Code("", "reason-1"),)
    assert found.uids == ("1.2.3.4",)


def test_xml_says_what_json_says(fhir_data: Path) -> None:
    found = one(fhir_data, "r6-example.xml")
    assert found.id == "r6-imagingstudy-example"
    assert found.series[0].modality.value
    assert found.series[0].uid
    assert found.series_count is not None
    assert one(fhir_data, "ukcore-chest.xml").series[0].body_site.system == SNOMED


def test_the_parameters_of_german_extensions_come_in_dicom_units(fhir_data: Path) -> None:
    mr = one(fhir_data, "mii-mr.json").series[0].parameters
    assert mr == {
        "ContrastBolusAgent": 0.0,
        "EchoTime": 388.0,
        "FlipAngle": 130.0,
        "InversionTime": 900.0,
        "MagneticFieldStrength": 3.0,
        "RepetitionTime": 5000.0,
        "SliceThickness": 4.0,
    }
    ct = one(fhir_data, "mii-ct.json").series[0].parameters
    assert ct["KVP"] == 110.0
    assert ct["PixelSpacing"] == 1.36
    assert ct["SliceThickness"] == 4.0
    assert ct["ContrastBolusAgent"] == 1.0
    assert one(fhir_data, "mii-us.json").series[0].parameters["TransducerFrequency"] == 1670.0


def test_a_view_from_an_extension_is_the_title_of_instances_without_one() -> None:
    concept = {"coding": [{"system": SNOMED, "code": "399033003", "display": "Left lateral projection"}]}
    inner = {"url": "viewPosition", "valueCodeableConcept": concept}
    series = {
        "extension": [{"url": "http://x/mii-ex", "extension": [inner]}],
        "instance": [{}, {"title": "PA"}],
    }
    assert [i.title for i in order({"series": [series]}).series[0].instances] == [
        "Left lateral projection",
        "PA",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(0.08, "s", 80.0), (80, "ms", 80.0), (80, "milliseconds", 80.0), ("80", "ms", 80.0), (80, "", 80.0)],
)
def test_units_are_converted(value: Any, unit: str, expected: float) -> None:
    extension = {"url": "http://x/EchoTime", "valueQuantity": {"value": value, "unit": unit}}
    assert order({"series": [{"extension": [extension]}]}).series[0].parameters == {"EchoTime": expected}


@pytest.mark.parametrize(
    "quantity", [{"value": 3, "unit": "furlong"}, {"value": "x", "unit": "ms"}, {}, None, 1e999]
)
def test_a_parameter_in_an_unknown_unit_is_left_out(quantity: Any) -> None:
    extension = {"url": "http://x/EchoTime", "valueQuantity": quantity}
    assert order({"series": [{"extension": [extension]}]}).series[0].parameters == {}


def test_left_and_right_eye_stay_in_the_titles(fhir_data: Path) -> None:
    titles = [i.title for i in one(fhir_data, "retina-os-od.json").series[0].instances]
    assert [t[:2] for t in titles] == ["OS", "OD"]


def test_urn_oid_is_taken_off_wherever_it_stands() -> None:
    found = order({
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}],
        "series": [{"uid": "urn:oid:1.2.4", "instance": [{"uid": "URN:OID:1.2.5", "sopClass": {"code": "urn:oid:1.6"}}]}],
    })  # fmt: skip
    assert found.uids == ("1.2.3",)
    assert found.series[0].uid == "1.2.4"
    assert (found.series[0].instances[0].uid, found.series[0].instances[0].sop_class) == ("1.2.5", "1.6")


def test_every_claim_to_be_the_study_uid_is_kept_for_the_plan() -> None:
    found = order(
        {
            "identifier": [
                {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"},
                {"system": "urn:dicom:uid", "value": "not a uid"},
                {"value": "1.2.840.4.5"},
                {"system": "http://hospital/study", "value": "1.2.840.4.6"},
                {"system": "urn:dicom:uid", "value": "1.2.3"},
            ]
        }
    )
    assert found.uids == ("1.2.3", "not a uid", "1.2.840.4.5")
    assert [i.value for i in found.identifiers] == ["1.2.840.4.6"]


def test_the_accession_number_is_found_at_the_study_its_reference_or_its_order() -> None:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
    number = {"type": kind, "value": "A1", "system": "urn:ris"}
    request = {"resourceType": "ServiceRequest", "id": "r", "identifier": [number]}
    assert order({"identifier": [number]}).accession == "A1"
    assert order({"basedOn": [{"identifier": number}]}).accession == "A1"
    assert (
        order({"basedOn": [{"reference": "ServiceRequest/r"}]}, None, [request]).accession_issuer == "urn:ris"
    )
    assert order({"identifier": [{"value": "A1"}]}).accession == ""


def test_a_missing_patient_is_what_the_reference_shows() -> None:
    patient = order(
        {"subject": {"reference": "http://x/fhir/Patient/9/_history/2", "display": "山田 太郎"}}
    ).patient
    assert (patient.id, patient.known) == ("9", False)
    assert patient.names == (HumanName(text="山田 太郎"),)
    logical = order({"subject": {"identifier": {"system": "urn:mrn", "value": "7"}}}).patient
    assert logical.identifiers == (Identifier("urn:mrn", "7"),)


def test_a_contained_patient_is_found() -> None:
    inside = {
        "resourceType": "Patient",
        "id": "p",
        "birthDate": "1950",
        "name": [{"family": ["van", "Dyck"]}],
    }
    found = order({"contained": [inside], "subject": {"reference": "#p"}}).patient
    assert (found.birth_date, found.names[0].family, found.known) == ("1950", "van Dyck", True)


def test_people_and_places_are_named() -> None:
    record = [
        {"resourceType": "Practitioner", "id": "d", "name": [{"prefix": ["Dr."], "given": ["Ann"], "family": "Lee"}]},
        {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "Practitioner/d"}},
        {"resourceType": "Organization", "id": "o", "name": "General"},
        {"resourceType": "Location", "id": "l", "name": "Room 3", "managingOrganization": {"reference": "Organization/o"}},
    ]  # fmt: skip
    found = order(
        {
            "referrer": {"reference": "PractitionerRole/role"},
            "interpreter": [{"reference": "Practitioner/d"}, {"display": "Dr. Bo"}],
            "location": {"reference": "Location/l"},
            "series": [{"performer": [{"actor": {"reference": "Device/x", "display": "Scanner"}}]}],
        },
        None,
        record,
    )
    assert found.referrer == "Dr. Ann Lee"
    assert found.interpreters == ("Dr. Ann Lee", "Dr. Bo")
    assert (found.institution, found.location) == ("General", "Room 3")
    assert found.series[0].performers == ()


def test_an_institution_is_found_without_a_look_up_in_synthea(fhir_data: Path) -> None:
    orders = list(open_source(str(fhir_data / "bulk")))
    assert all(o.institution for o in orders)
    study = {"location": {"reference": "Location?identifier=urn:x|7", "display": "CITY HOSPITAL"}}
    assert order(study).institution == "CITY HOSPITAL"


def test_a_study_without_an_id_has_one_that_stays_the_same() -> None:
    study = {"resourceType": "ImagingStudy", "started": "2020"}
    first = study_order(study, None, [], "a").id
    assert first == study_order(dict(reversed(study.items())), None, [], "b").id
    assert first != study_order({**study, "started": "2021"}, None, [], "a").id
    assert study_order({**study, "fullUrl": "urn:uuid:77"}, None, [], "a").id == "77"


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (None, "found NoneType"),
        ([1], "found list"),
        ({}, "found None"),
        ({"resourceType": "Patient"}, "found Patient"),
        ({"resourceType": ["ImagingStudy"]}, "ImagingStudy"),
    ],
)
def test_what_is_no_imaging_study_is_a_resource_error(study: Any, words: str) -> None:
    with pytest.raises(ResourceError, match=words) as caught:
        study_order(study, None, [], "file.json line 3")
    assert caught.value.where == "file.json line 3"


def test_wrong_types_are_holes() -> None:
    found = order({
        "identifier": "x", "subject": [], "series": {"number": "3", "modality": "CT", "instance": {"number": "2.0"}},
        "numberOfSeries": "1", "started": {"a": 1}, "procedureCode": "CT head", "modality": [None, 5, {"code": "MR"}],
        "description": "two\nlines\x00\ud800", "note": "see", "reasonCode": {"text": "pain"}, "numberOfInstances": -1,
    })  # fmt: skip
    assert found.uids == ()
    assert found.patient.id == ""
    assert (found.series[0].number, found.series[0].modality) == (3, Code("", "CT"))
    assert found.series[0].instances[0].number == 2
    assert (found.series_count, found.instance_count) == (1, None)
    assert found.started == ""
    assert found.procedures == (Code("", "CT head"),)
    assert [m.value for m in found.modalities] == ["5", "MR"]
    assert found.description == "two lines \ufffd"
    assert (found.notes, found.reasons) == (("see",), (Code("", "", "pain"),))


def test_huge_text_is_cut() -> None:
    found = order(
        {"description": "x" * 10**6, "identifier": [{"system": "urn:dicom:uid", "value": "1" * 10**6}]}
    )
    assert len(found.description) == 1024
    assert len(found.uids[0]) <= 512


def test_a_modality_among_several_codings_is_the_dicom_one() -> None:
    codings = [{"system": SNOMED, "code": "77477000"}, {"system": "urn:any", "code": "CT"}]
    assert order({"series": [{"modality": {"coding": codings}}]}).series[0].modality.value == "CT"
    lone = order({"series": [{"modality": codings[0]}]}).series[0].modality
    assert lone == Code(SNOMED, "77477000")


def test_a_procedure_is_found_by_its_reference() -> None:
    done = {
        "resourceType": "Procedure",
        "id": "p",
        "code": {"coding": [{"code": "77477000", "display": "CT"}]},
    }
    code = (Code("", "77477000", "CT"),)
    assert order({"procedureReference": {"reference": "Procedure/p"}}, None, [done]).procedures == code
    assert (
        order({"procedure": [{"reference": {"reference": "Procedure/p"}}]}, None, [done]).procedures == code
    )
    assert order({"procedure": [{"concept": done["code"]}]}).procedures == code
    assert order({"procedureReference": [{"display": "CT of it"}]}).procedures == (Code("", "", "CT of it"),)


def test_status_stays_for_the_plan_to_judge() -> None:
    assert order({"status": "entered-in-error"}).status == "entered-in-error"


def test_the_patient_is_read_with_number_race_and_death(fhir_data: Path) -> None:
    bundle = json.loads(gzip.decompress((fhir_data / "synthea" / "Patient-heart.json.gz").read_bytes()))
    resource = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    patient = order({}, {**resource, "deceasedBoolean": True}).patient
    assert "MR" in [i.type for i in patient.identifiers]
    assert patient.ancestry
    assert patient.deceased == "true"
    assert patient.known
