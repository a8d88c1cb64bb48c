"""What is wrong on the day of the study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import HEAD_SITE, noted, planned, with_series

from fhir2dicom.model import Code, Event, FindingPlan, Identifier, StudyOrder

CANCER = Code("", "254637007", "Non-small cell lung cancer (disorder)")
STAGE_2 = Code("", "424132000", "Non-small cell carcinoma of lung, TNM stage 2 (disorder)")


def condition(code: Code = CANCER, start: str = "2020-03-18", **changes: str) -> Event:
    return Event("condition", (code,), start=start, **changes)  # type: ignore[arg-type]


def found(order: StudyOrder, *record: Event) -> tuple[FindingPlan, ...]:
    return planned(replace(order, record=record)).findings


def test_a_condition_that_is_there_on_the_day_shows(chest_ct: StudyOrder) -> None:
    (finding,) = found(chest_ct, condition())
    assert (finding.name, finding.days) == ("lung-mass", 10)


@pytest.mark.parametrize(
    "event",
    [
        condition(start="2020-04-01"),
        condition(end="2020-03-20"),
        condition(status="resolved"),
        condition(status="refuted"),
        condition(Code("", "444814009", "Viral sinusitis")),
        Event("observation", (CANCER,), start="2020-03-18"),
    ],
)
def test_what_comes_later_or_is_over_or_is_only_observed_does_not(chest_ct: StudyOrder, event: Event) -> None:
    assert found(chest_ct, event) == ()


def test_a_condition_that_ended_after_the_study_shows(chest_ct: StudyOrder) -> None:
    assert found(chest_ct, condition(end="2020-05-01", status="resolved"))


def test_a_finding_outside_the_picture_does_not_show(chest_ct: StudyOrder) -> None:
    assert found(with_series(chest_ct, body_site=HEAD_SITE), condition()) == ()


def test_cancer_and_its_stage_are_one_finding(chest_ct: StudyOrder) -> None:
    (finding,) = found(chest_ct, condition(STAGE_2, "2020-03-23"), condition())
    assert (finding.days, finding.severity) == (10, 0.5)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("cancer, stage 1", 0.25),
        ("Stage IV disease", 1.0),
        ("stage iii", 0.75),
        ("mild effusion", 0.3),
        ("severe", 0.9),
    ],
)
def test_severity_is_read_from_the_words(chest_ct: StudyOrder, text: str, severity: float) -> None:
    assert found(chest_ct, condition(replace(CANCER, display=text)))[0].severity == severity


def test_a_side_is_read_from_the_words(chest_ct: StudyOrder) -> None:
    assert found(chest_ct, condition(replace(CANCER, display="Mass of left lung")))[0].laterality == "L"
    assert found(chest_ct, condition(replace(CANCER, display="Mass of right lung")))[0].laterality == "R"


def test_what_the_record_leaves_open_is_drawn_from_the_patient(chest_ct: StudyOrder) -> None:
    people = [replace(chest_ct.patient, identifiers=(Identifier("", str(k), "MR"),)) for k in range(30)]
    drawn = [found(replace(chest_ct, patient=p), condition())[0] for p in people]
    assert {f.laterality for f in drawn} == {"L", "R"}
    assert len({f.severity for f in drawn}) > 20
    assert noted(
        replace(chest_ct, record=(condition(),)), "finding lung-mass: not in the record, so drawn: severity"
    )


def test_all_studies_of_a_patient_agree_on_a_finding(chest_ct: StudyOrder, film: StudyOrder) -> None:
    (early,) = found(chest_ct, condition())
    (late,) = found(replace(film, id="2", started="2020-06-26", uids=("1.2.9",)), condition())
    assert (late.days, replace(late, days=early.days)) == (100, early)


def test_a_condition_without_a_beginning_is_a_year_old(chest_ct: StudyOrder) -> None:
    assert found(chest_ct, condition(start=""))[0].days == 365
    assert noted(replace(chest_ct, record=(condition(start=""),)), "a year old")


def test_what_was_suspected_and_then_found_is_no_longer_faint(chest_ct: StudyOrder) -> None:
    suspected = condition(replace(CANCER, display="Suspected lung cancer (situation)"), "2020-03-01")
    (faint,) = found(chest_ct, suspected)
    (certain,) = found(chest_ct, suspected, condition())
    assert faint.severity == 0.1 < 0.35 <= certain.severity
