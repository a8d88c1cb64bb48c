"""Plans are saved as JSON that can be read, compared and sent."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from orders import planned

from fhir2dicom.errors import PlanError
from fhir2dicom.model import Code, Event, HumanName, StudyOrder
from fhir2dicom.plan.saved import dump, load


def rich(order: StudyOrder) -> StudyOrder:
    cancer = Event("condition", (Code("", "254637007", "Cancer of left lung, stage 2"),), start="2020-01-01")
    return replace(
        order, record=(cancer,), patient=replace(order.patient, names=(HumanName("山田", ("Иван",)),))
    )


def test_a_plan_comes_back_as_it_was(chest_ct: StudyOrder, film: StudyOrder) -> None:
    for order in (chest_ct, film, rich(chest_ct)):
        plan = planned(order)
        assert load(dump(plan)) == load(dump(plan, indent=True)) == plan


def test_equal_plans_are_equal_bytes(chest_ct: StudyOrder) -> None:
    assert dump(planned(rich(chest_ct))) == dump(planned(rich(chest_ct)))


def test_keys_are_sorted_and_a_line_is_a_line(chest_ct: StudyOrder) -> None:
    line = dump(planned(chest_ct))
    assert b"\n" not in line
    assert (
        json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        == line
    )


def test_the_file_says_what_it_is(chest_ct: StudyOrder) -> None:
    saved = json.loads(dump(planned(chest_ct)))
    assert (saved["format"], saved["version"], sorted(saved)) == (
        "fhir2dicom-plan",
        1,
        ["format", "plan", "version"],
    )


def test_indented_plans_differ_in_the_lines_that_differ(chest_ct: StudyOrder) -> None:
    one = dump(planned(chest_ct), indent=True).splitlines()
    two = dump(planned(replace(chest_ct, description="other")), indent=True).splitlines()
    assert len(one) == len(two)
    assert sum(a != b for a, b in zip(one, two, strict=True)) == 1


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (b"", "is no saved plan"),
        (b"{", "is no saved plan"),
        (b"[]", "is no saved plan"),
        (b"\xff", "is no saved plan"),
        (b"{}", "found no format 0"),
        (
            b'{"format": "fhir2dicom-plan", "version": 2}',
            "expected fhir2dicom-plan 1, found fhir2dicom-plan 2",
        ),
        (b'{"format": "fhir2dicom-plan", "version": 1, "plan": {}}', "is no saved plan"),
    ],
)
def test_what_is_no_plan_says_so(saved: bytes, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        load(saved, "plans.json line 3")
