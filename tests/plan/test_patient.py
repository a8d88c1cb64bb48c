"""The patient as the header shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders import noted, planned

from fhir2dicom.model import HumanName, Identifier, PatientPlan, StudyOrder
from fhir2dicom.plan.texts import fit


def header(order: StudyOrder, **changes: Any) -> PatientPlan:
    return planned(replace(order, patient=replace(order.patient, **changes))).patient


def test_the_record_number_is_the_patient_id(chest_ct: StudyOrder) -> None:
    patient = header(chest_ct)
    assert (patient.id, patient.issuer, patient.sex, patient.birth_date) == (
        "MRN-1",
        "Hospital",
        "M",
        "19600504",
    )
    assert [i.value for i in patient.other_ids] == ["999-11-2222"]


def test_without_a_record_number_the_best_other_identifier_is(chest_ct: StudyOrder) -> None:
    others = (Identifier("urn:b", "2"), Identifier("urn:a", "1"))
    assert (header(chest_ct, identifiers=others).id, header(chest_ct, identifiers=others).issuer) == (
        "1",
        "urn:a",
    )


def test_without_identifiers_the_patient_id_is_derived_from_the_person(chest_ct: StudyOrder) -> None:
    one, again = header(chest_ct, identifiers=()), header(chest_ct, identifiers=(), id="other")
    assert one.id == again.id
    assert len(one.id) == 13
    bare = replace(chest_ct, patient=replace(chest_ct.patient, identifiers=()))
    assert noted(bare, f"Patient ID {one.id} derived")


@given(st.text(max_size=200))
def test_any_text_is_made_to_fit_an_lo(text: str) -> None:
    made = fit(text, 64, "x", [])
    assert len(made) <= 64
    assert "\\" not in made
    assert made == made.strip()
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in made)
    made.encode()


def test_a_patient_id_that_is_too_long_is_cut_and_noted(chest_ct: StudyOrder) -> None:
    long = replace(chest_ct, patient=replace(chest_ct.patient, identifiers=(Identifier("", "9" * 70, "MR"),)))
    assert planned(long).patient.id == "9" * 64
    assert noted(long, "longer than 64 characters; cut")


@pytest.mark.parametrize(
    ("gender", "sex"), [("male", "M"), ("female", "F"), ("other", "O"), ("unknown", ""), ("", "")]
)
def test_sex_comes_from_gender(chest_ct: StudyOrder, gender: str, sex: str) -> None:
    order = replace(chest_ct, patient=replace(chest_ct.patient, gender=gender))
    assert (planned(order).patient.sex, planned(order).person.sex) == (sex, sex)
    assert noted(order, "sex left empty") == (sex == "")


@pytest.mark.parametrize("family", ["Müller", "山田", "Иванов", "الفارسي", "O'Neil"])
def test_a_name_of_any_script_is_kept(chest_ct: StudyOrder, family: str) -> None:
    assert header(chest_ct, names=(HumanName(family, ("A",)),)).name == HumanName(family, ("A",))


def test_the_official_name_is_used(chest_ct: StudyOrder) -> None:
    names = tuple(HumanName(u, use=u) for u in ("old", "maiden", "nickname", "usual", "official"))
    assert header(chest_ct, names=names).name.family == "official"
    assert header(chest_ct, names=names[:4]).name.family == "usual"
    assert header(chest_ct, names=names[:2]).name.family == "maiden"


def test_a_patient_without_name_is_noted(chest_ct: StudyOrder) -> None:
    assert noted(replace(chest_ct, patient=replace(chest_ct.patient, names=())), "no name; left empty")


def test_a_patient_that_was_not_found_is_noted(chest_ct: StudyOrder) -> None:
    assert noted(
        replace(chest_ct, patient=replace(chest_ct.patient, known=False)), "the resource was not found"
    )
