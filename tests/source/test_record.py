from __future__ import annotations

import random
from typing import Any

import pytest

from fhir2dicom.model import Code
from fhir2dicom.source.record import read_record

CODE = {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "One"}]}


def events(*resources: Any) -> Any:
    return read_record(resources).events


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def test_a_condition_has_its_dates_status_and_site() -> None:
    (event,) = events({
        "resourceType": "Condition", "code": CODE, "onsetDateTime": "2010-01-01", "abatementDateTime": "2011-01-01",
        "clinicalStatus": status("resolved"), "verificationStatus": status("confirmed"),
        "encounter": {"reference": "http://server/fhir/Encounter/7"}, "bodySite": [{"text": "left lung"}],
    })  # fmt: skip
    assert (event.kind, event.start, event.end, event.status) == (
        "condition",
        "2010-01-01",
        "2011-01-01",
        "resolved",
    )
    assert event.encounter == "Encounter/7"
    assert event.codes == (Code("http://snomed.info/sct", "1", "One"),)
    assert event.value_codes == (Code("", "", "left lung"),)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Condition", "verificationStatus": status("entered-in-error")},
        {"resourceType": "Condition", "verificationStatus": status("refuted")},
        {"resourceType": "Condition", "verificationStatus": "refuted"},
        {"resourceType": "Procedure", "status": "not-done"},
        {"resourceType": "Procedure", "status": "entered-in-error"},
        {"resourceType": "Procedure", "notDone": True},
        {"resourceType": "Observation", "status": "cancelled"},
        {"resourceType": "DiagnosticReport", "status": "entered-in-error"},
    ],
)
def test_what_the_record_takes_back_is_left_out(resource: dict[str, Any]) -> None:
    assert events({"code": CODE, **resource}) == ()


@pytest.mark.parametrize(
    ("value", "shown", "unit"),
    [
        ({"valueQuantity": {"value": 172.4, "unit": "centimetre", "system": "http://unitsofmeasure.org", "code": "cm"}}, "172.4", "cm"),
        ({"valueQuantity": {"value": "70", "unit": "kg"}}, "70", "kg"),
        ({"valueQuantity": {"value": 5, "comparator": "<", "unit": "mm"}}, "<5", "mm"),
        ({"valueQuantity": {"unit": "kg"}}, "", "kg"),
        ({"valueCodeableConcept": {"coding": [{"code": "8517006"}], "text": "Ex-smoker"}}, "Ex-smoker", ""),
        ({"valueString": "mild"}, "mild", ""),
        ({"valueInteger": 3}, "3", ""),
        ({"valueBoolean": True}, "true", ""),
    ],
)  # fmt: skip
def test_the_value_of_an_observation_is_text_with_a_unit(
    value: dict[str, Any], shown: str, unit: str
) -> None:
    (event,) = events({"resourceType": "Observation", "code": CODE, "effectiveDateTime": "2020", **value})
    assert (event.value, event.unit, event.start) == (shown, unit, "2020")


def test_each_component_of_an_observation_is_an_event() -> None:
    parts = [
        {"code": {"text": n}, "valueQuantity": {"value": v}}
        for n, v in (("diastolic", 80), ("systolic", 120))
    ]
    found = events({"resourceType": "Observation", "code": CODE, "component": parts})
    assert [(e.codes[0].display, e.value) for e in found] == [("diastolic", "80"), ("systolic", "120")]


def test_a_report_gives_its_conclusion_and_an_encounter_its_own_key() -> None:
    report, encounter = sorted(
        events(
            {"resourceType": "DiagnosticReport", "code": CODE, "conclusion": "Nodule.", "conclusionCode": [CODE]},
            {"resourceType": "Encounter", "id": "7", "class": {"code": "AMB"}, "type": [CODE],
             "period": {"start": "2020", "end": "2021"}, "reasonCode": [{"text": "cough"}]},
        ),
        key=lambda e: e.kind,
        reverse=True,
    )  # fmt: skip
    assert (report.value, report.value_codes[0].value) == ("Nodule.", "1")
    assert (encounter.encounter, encounter.value, encounter.end) == ("Encounter/7", "AMB", "2021")
    assert encounter.value_codes == (Code("", "", "cough"),)


def test_events_are_in_the_order_of_time_whatever_the_order_of_resources() -> None:
    resources = [
        {"resourceType": k, "code": {"coding": [{"code": str(c)}]}, n: f"20{y}-01-01"}
        for y in (10, 12, 11)
        for c in (2, 1)
        for k, n in (("Condition", "onsetDateTime"), ("Procedure", "performedDateTime"))
    ]
    expected = events(*resources)
    assert [e.start for e in expected] == sorted(e.start for e in expected)
    random.Random(1).shuffle(resources)
    assert events(*resources) == expected


@pytest.mark.parametrize(
    "junk", [None, 3, [], {}, {"resourceType": 5}, {"resourceType": "Condition", "code": 7}]
)
def test_junk_in_the_record_hurts_nobody(junk: Any) -> None:
    assert all(e.kind == "condition" for e in events(junk))
