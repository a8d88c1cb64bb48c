"""What is wrong on the day of the study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import EVERY_FILM, HEAD_SITE, noted, planned, with_series

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


# ----- what was done, and what was found on the very picture

BYPASS = Code("", "232717009", "Coronary artery bypass grafting (procedure)")
PULLED = Code("", "173291009", "Simple extraction of tooth (procedure)")
STUDY_TIME = "2020-03-28T11:52:54+00:00"


def seen(order: StudyOrder, *record: Event) -> list[str]:
    """Return the names of the findings of an order, in a catalogue in which every part is filmed."""
    made = planned(replace(order, record=record, encounter="Encounter/e"), catalog=EVERY_FILM)
    return [f.name for f in made.findings]


def mouth(film: StudyOrder) -> StudyOrder:
    site = Code("", "700016008", "Structure of region of internal part of mouth")
    return with_series(film, body_site=site, modality=Code("", "DX"))


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        ("1999-05-01", "", True),
        ("2020-03-27T23:00:00+00:00", "", True),
        ("2020-03-28T09:00:00+00:00", "2020-03-28T11:00:00+00:00", True),
        ("2020-03-28T11:30:00+00:00", "2020-03-28T12:30:00+00:00", False),
        ("2020-03-28T12:00:00+02:00", "", True),
        ("2020-03-28T11:52:54+00:00", "", False),
        ("2020-03-28", "", False),
        ("2020-04-01", "", False),
        ("", "", False),
    ],
)
def test_an_operation_shows_from_its_end_on(film: StudyOrder, start: str, end: str, there: bool) -> None:  # noqa: FBT001
    operation = Event(
        "procedure", (BYPASS,), start=start, end=end, encounter="Encounter/e", status="completed"
    )
    assert film.started == STUDY_TIME
    assert seen(film, operation) == (["sternal-wires"] if there else [])


def test_of_operations_the_last_counts_and_of_diseases_the_first_day(film: StudyOrder) -> None:
    twice = [Event("procedure", (BYPASS,), start=day) for day in ("2001-03-28", "2020-03-18")]
    (done,) = planned(replace(film, record=tuple(twice)), catalog=EVERY_FILM).findings
    ill = [replace(e, kind="condition", codes=(CANCER,)) for e in twice]
    (grown,) = planned(replace(film, record=tuple(ill)), catalog=EVERY_FILM).findings
    assert (done.days, grown.days) == (10, 6940)


@pytest.mark.parametrize("status", ["not-done", "stopped", "entered-in-error", "on-hold"])
def test_an_operation_that_was_not_done_does_not_show(film: StudyOrder, status: str) -> None:
    assert seen(film, Event("procedure", (BYPASS,), start="1999-05-01", status=status)) == []


def test_a_history_of_something_stays_though_the_condition_is_over(film: StudyOrder) -> None:
    history = Code("", "399261000", "History of coronary artery bypass grafting (situation)")
    for over in ({"end": "2001-01-01"}, {"status": "resolved"}):
        assert seen(film, Event("condition", (history,), start="2000-01-01", **over)) == ["sternal-wires"]
    assert seen(film, Event("condition", (history,), start="2020-03-28T12:00:00+00:00")) == []


@pytest.mark.parametrize(
    ("start", "status", "there"),
    [
        ("2010-01-01", "active", True),
        ("", "", True),
        ("2010-01-01", "inactive", False),
        ("2021-01-01", "", False),
    ],
)
def test_an_implant_shows_until_it_is_taken_out(
    film: StudyOrder,
    start: str,
    status: str,
    there: bool,  # noqa: FBT001
) -> None:
    pacemaker = Event(
        "device", (Code("", "14106009", "Cardiac pacemaker, device"),), start=start, status=status
    )
    assert seen(film, pacemaker) == (["pacemaker"] if there else [])


def test_what_the_visit_found_shows_though_it_was_written_down_after_the_picture(film: StudyOrder) -> None:
    caries = Code("", "109570002", "Primary dental caries (disorder)")
    after = Event("condition", (caries,), start="2020-03-29T00:10:00+00:00", encounter="Encounter/e")
    assert seen(mouth(film), after) == ["caries"]
    assert seen(mouth(film), replace(after, encounter="Encounter/other")) == []


def test_teeth_are_pulled_one_by_one_and_after_the_picture(film: StudyOrder) -> None:
    earlier = tuple(Event("procedure", (PULLED,), start=f"20{year}-01-01") for year in (11, 14, 18))
    today = Event("procedure", (PULLED,), start="2020-03-28T12:10:00+00:00", encounter="Encounter/e")
    (finding,) = planned(replace(mouth(film), record=(*earlier, today)), catalog=EVERY_FILM).findings
    assert (finding.name, finding.count) == ("missing-tooth", 3)


@pytest.mark.parametrize(
    ("beside", "made"),
    [
        ((), ["fracture"]),
        ((Event("condition", (Code("", "263102004", "Fracture subluxation of wrist"),), start="2020-03-28"),), ["wrist-fracture"]),
        ((Event("condition", (Code("", "58150001", "Fracture of clavicle"),), start="2020-03-28"),), []),
        ((Event("condition", (Code("", "58150001", "Fracture of clavicle"),), start="1998-03-28"),), ["fracture"]),
    ],
)  # fmt: skip
def test_fracture_of_bone_beside_a_fracture_that_says_where_is_not_a_second_one(
    film: StudyOrder, beside: tuple[Event, ...], made: list[str]
) -> None:
    vague = Event("condition", (Code("", "125605004", "Fracture of bone (disorder)"),), start="2020-03-28")
    order = with_series(
        film, body_site=Code("", "8205005", "Wrist region structure"), modality=Code("", "DX")
    )
    assert seen(order, vague, *beside) == made


def test_a_break_of_both_sides_is_on_both(film: StudyOrder) -> None:
    broken = tuple(
        Event("condition", (Code("", "263102004", f"Fracture of {side} wrist"),), start="2020-03-28")
        for side in ("left", "right")
    )
    order = with_series(film, body_site=Code("", "8205005", "Wrist"), modality=Code("", "DX"))
    (finding,) = planned(replace(order, record=broken), catalog=EVERY_FILM).findings
    assert finding.laterality == "B"
