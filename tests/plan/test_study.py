"""Whole studies: what becomes a plan, what a problem, and what the header gets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import CHEST_SITE, SCT, modality, noted, only, planned, problem, with_series

from fhir2dicom.model import Code, Identifier, SeriesOrder, StudyOrder
from fhir2dicom.plan.saved import dump


def test_a_chest_ct_is_planned_as_it_was_ordered(chest_ct: StudyOrder) -> None:
    plan = planned(chest_ct)
    (series,) = plan.series
    assert (plan.uid, series.uid, series.modality, series.region) == (
        "1.2.826.0.1.4",
        "1.2.826.0.1.5",
        "CT",
        "chest",
    )
    assert [i.uid for s in series.shots for i in s.instances] == [i.uid for i in chest_ct.series[0].instances]
    assert (plan.started.date, plan.started.time, plan.started.offset) == ("20200328", "115254", "+0000")
    assert (series.body_part, series.body_site) == ("CHEST", CHEST_SITE)


def test_only_the_size_of_the_body_is_guessed_where_all_else_is_said(chest_ct: StudyOrder) -> None:
    named = replace(chest_ct, identifiers=(Identifier("a", "ST-1"),))
    assert [n.split(";")[0] for n in planned(named).notes] == [
        "patient: no height in the record",
        "patient: no weight in the record",
    ]


def test_the_server_id_changes_nothing_but_the_folder(chest_ct: StudyOrder) -> None:
    again = replace(chest_ct, id="99", where="x", patient=replace(chest_ct.patient, id="p9"))
    assert dump(replace(planned(again), id="17")) == dump(planned(chest_ct))


def test_another_seed_is_another_body_but_no_other_uid(chest_ct: StudyOrder) -> None:
    one, two = planned(chest_ct), planned(chest_ct, seed="other")
    assert one.seed != two.seed
    assert one.person.height_m != two.person.height_m
    assert [s.uid for s in one.series] == [s.uid for s in two.series]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_study_that_never_was_is_a_problem(chest_ct: StudyOrder, status: str) -> None:
    found = problem(replace(chest_ct, status=status))
    assert (found.kind, found.study, found.where) == ("cancelled", "17", "ImagingStudy/17")


@pytest.mark.parametrize("status", ["available", "registered", "unknown", "inactive", "", "nonsense"])
def test_any_other_status_is_made(chest_ct: StudyOrder, status: str) -> None:
    assert planned(replace(chest_ct, status=status)).series


def test_what_can_be_made_is_made_and_the_rest_is_named(chest_ct: StudyOrder) -> None:
    others = (replace(modality("SR"), number=2), replace(modality("MR"), number=3))
    order = replace(chest_ct, series=(*chest_ct.series, *others))
    assert len(planned(order).series) == 1
    assert noted(order, "series 2: left out, SR (Structured Report Document) is no image")
    assert noted(order, "series 3: left out, not made yet: MR (Magnetic Resonance)")


def test_nothing_that_can_be_made_is_a_problem_that_names_all(chest_ct: StudyOrder) -> None:
    found = problem(replace(chest_ct, series=(modality("SR"), modality("MR"))))
    assert found.kind == "not-made-yet"
    assert "Structured Report Document" in found.message
    assert "Magnetic Resonance" in found.message


def test_series_numbers_are_fhirs_where_they_differ(chest_ct: StudyOrder) -> None:
    one = replace(chest_ct.series[0], instances=(), uid="")
    for given, expected in (
        ((7, 3), [3, 7]),
        ((2, 2), [1, 2]),
        ((None, 1), [1, 2]),
        ((-1, 2**31), [1, 2]),
        ((0, None), [0, 1]),
    ):
        order = replace(chest_ct, series=tuple(replace(one, number=n) for n in given))
        assert [s.number for s in planned(order).series] == expected


def test_a_series_number_used_twice_is_noted(chest_ct: StudyOrder) -> None:
    order = replace(
        chest_ct, series=(chest_ct.series[0], replace(chest_ct.series[0], uid="1.2.3", instances=()))
    )
    assert noted(order, "series number 1 is wrong or repeated; renumbered")


def test_a_study_without_series_gets_those_of_its_procedure(chest_ct: StudyOrder) -> None:
    ct = Code(SCT, "303653007", "Computed tomography of head (procedure)")
    order = replace(chest_ct, series=(), description="", procedures=(ct,))
    assert [(s.modality, s.region, s.shots[0].protocol.kernel) for s in planned(order).series] == [
        ("CT", "head", "head"),
        ("CT", "head", "bone"),
    ]
    assert noted(order, "no series listed; 2 planned for Computed tomography of head")


def test_a_film_study_without_series_is_one_series_of_two_films(chest_ct: StudyOrder) -> None:
    film = Code(SCT, "399208008", "Plain X-ray of chest (procedure)")
    order = replace(chest_ct, series=(), description="", procedures=(film,))
    assert [s.protocol.view for s in only(order).shots] == ["PA", "LL"]


def test_the_study_level_counts_hold_where_no_series_are_listed(chest_ct: StudyOrder) -> None:
    order = replace(chest_ct, series=(), series_count=3, instance_count=100)
    assert [s.instance_count for s in planned(order).series] == [34, 33, 33]
    assert [s.instance_count for s in planned(replace(order, instance_count=2)).series] == [1, 1]


def test_a_study_without_series_of_something_not_made_is_named(chest_ct: StudyOrder) -> None:
    knee = Code(SCT, "1290407002", "Plain X-ray of knee region (procedure)")
    found = problem(replace(chest_ct, series=(), description="", procedures=(knee,)))
    assert (found.kind, found.message) == (
        "not-made-yet",
        "not made yet: DX (Digital Radiography) of knee; DX made now of: chest",
    )


def test_the_description_is_fhirs_or_the_procedures_or_made(chest_ct: StudyOrder, film: StudyOrder) -> None:
    assert planned(chest_ct).description == "CT of the chest"
    assert planned(film).description == "Plain X-ray of chest"
    assert planned(replace(chest_ct, description="")).description == "CT CHEST"
    assert noted(replace(chest_ct, description=""), "described as 'CT CHEST'")


def test_a_long_accession_number_keeps_its_end(chest_ct: StudyOrder) -> None:
    order = replace(chest_ct, accession="HOSPITAL-2020-000000017")
    assert planned(order).accession == "L-2020-000000017"
    assert noted(order, "longer than 16 characters; its end is kept")


def test_the_study_id_is_an_identifier_that_is_no_uid_and_no_accession(chest_ct: StudyOrder) -> None:
    others = (
        Identifier("urn:ietf:rfc:3986", "urn:uuid:0"),
        Identifier("a", "ACC", "ACSN"),
        Identifier("b", "this one is far too long"),
        Identifier("c", "ST-7"),
    )
    order = replace(chest_ct, accession="ACC", identifiers=others)
    assert planned(order).study_id == "ST-7"
    assert planned(replace(order, identifiers=others[:3])).study_id == "this one is far"


def test_a_study_without_an_identifier_of_its_own_gets_a_number_made_of_its_uid(chest_ct: StudyOrder) -> None:
    plan = planned(chest_ct)
    assert len(plan.study_id) == 8
    assert plan.study_id.isdigit()
    assert planned(replace(chest_ct, id="elsewhere")).study_id == plan.study_id
    assert any("Study ID" in note for note in plan.notes)


def test_the_hospital_is_the_institution_or_the_place(chest_ct: StudyOrder) -> None:
    both = planned(replace(chest_ct, institution="General", location="Radiology"))
    alone = planned(replace(chest_ct, location="General"))
    assert (both.institution, both.department) == ("General", "Radiology")
    assert (alone.institution, alone.department) == ("General", "")


def test_control_characters_never_reach_a_header(chest_ct: StudyOrder) -> None:
    order = with_series(replace(chest_ct, description="a\\b\x00\x1bc\nd"), description="x\r\ny")
    assert (planned(order).description, only(order).description) == ("a/bc d", "x y")


def test_a_plan_knows_its_people_and_codes(chest_ct: StudyOrder) -> None:
    reason = Code(SCT, "254637007", "Non-small cell lung cancer")
    order = replace(chest_ct, reasons=(reason,), referrer="Dr. Who", interpreters=("Dr. No", ""))
    plan = planned(order)
    assert (plan.reasons, plan.referrer, plan.readers) == ((reason,), "Dr. Who", ("Dr. No",))


def test_series_of_one_region_share_a_frame_of_reference(chest_ct: StudyOrder) -> None:
    second = replace(chest_ct.series[0], uid="1.2.3", number=2, instances=())
    one, two = planned(replace(chest_ct, series=(*chest_ct.series, second))).series
    assert one.frame_of_reference_uid == two.frame_of_reference_uid


def test_ten_thousand_series_are_not_planned(chest_ct: StudyOrder) -> None:
    order = replace(
        chest_ct, series=tuple(SeriesOrder(modality=Code("", "CT"), instance_count=1) for _ in range(1001))
    )
    assert len(planned(order).series) == 1000
    assert noted(order, "1001 series; the first 1000 are made")


def test_series_that_are_counted_but_not_listed_are_noted(chest_ct: StudyOrder) -> None:
    assert noted(replace(chest_ct, series_count=3), "1 of 3 series listed; only these are made")
