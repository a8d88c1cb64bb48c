"""The body on the day of the study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders import noted, planned

from fhir2dicom.model import Code, Event, Identifier, Person, StudyOrder
from fhir2dicom.plan.growth import usual
from fhir2dicom.plan.person import ASSUMED_YEARS


def measured(code: str, value: str, unit: str, day: str = "2020-03-01") -> Event:
    return Event("observation", (Code("http://loinc.org", code),), start=day, value=value, unit=unit)


def height(value: str, unit: str = "cm", day: str = "2020-03-01") -> Event:
    return measured("8302-2", value, unit, day)


def weight(value: str, unit: str = "kg", day: str = "2020-03-01") -> Event:
    return measured("29463-7", value, unit, day)


def person(order: StudyOrder, *record: Event) -> Person:
    return planned(replace(order, record=record)).person


def born(order: StudyOrder, day: str) -> StudyOrder:
    return replace(order, patient=replace(order.patient, birth_date=day))


# ----- key


def test_a_record_number_names_the_body_before_all_others(chest_ct: StudyOrder) -> None:
    assert person(chest_ct).key == "http://hospital.example|MRN-1"


def test_the_order_of_identifiers_and_the_server_id_change_nothing(chest_ct: StudyOrder) -> None:
    patient = replace(chest_ct.patient, id="x", identifiers=chest_ct.patient.identifiers[::-1])
    assert person(replace(chest_ct, patient=patient)) == person(chest_ct)


def test_old_identifiers_and_untyped_ones_come_later(chest_ct: StudyOrder) -> None:
    def key(*identifiers: Identifier) -> str:
        return person(replace(chest_ct, patient=replace(chest_ct.patient, identifiers=identifiers))).key

    old, other, ss = Identifier("a", "1", "MR", "old"), Identifier("b", "2"), Identifier("z", "3", "SS")
    assert key(old, other, ss) == "z|3"
    assert key(old, other) == "b|2"
    assert key(other, Identifier("a", "9")) == "a|9"


def test_without_identifiers_name_and_birth_date_name_the_body(chest_ct: StudyOrder) -> None:
    nobody = replace(chest_ct, patient=replace(chest_ct.patient, identifiers=()))
    again = replace(nobody, patient=replace(nobody.patient, id="other"))
    assert person(nobody) == person(again)
    assert noted(nobody, "keyed on name, birth date and sex")


def test_without_anything_the_reference_names_the_body(chest_ct: StudyOrder) -> None:
    bare = replace(chest_ct, patient=replace(chest_ct.patient, identifiers=(), names=()))
    assert person(bare).key == "id|p1"
    assert noted(bare, "keyed on 'p1' of this server")


def test_two_studies_without_any_patient_are_two_bodies(chest_ct: StudyOrder) -> None:
    bare = replace(chest_ct, patient=replace(chest_ct.patient, id="", identifiers=(), names=()))
    assert person(bare).key != person(replace(bare, uids=("1.2.9",))).key


# ----- age


def test_age_is_that_of_the_day(chest_ct: StudyOrder) -> None:
    assert person(chest_ct).age_years == pytest.approx(59.9, abs=0.01)


def test_a_partial_birth_date_gives_an_age_and_no_birth_date(chest_ct: StudyOrder) -> None:
    for text, years in (("1960", 59.74), ("1960-05", 59.87)):
        plan = planned(born(chest_ct, text))
        assert plan.person.age_years == pytest.approx(years, abs=0.01)
        assert plan.patient.birth_date == ""
        assert any("birth date" in n and "part of a date" in n for n in plan.notes)


def test_an_unknown_age_is_read_from_the_record_or_assumed(chest_ct: StudyOrder) -> None:
    unborn = born(chest_ct, "")
    assert person(unborn).age_years == ASSUMED_YEARS
    assert noted(unborn, "age unknown; 45 years assumed")
    assert person(unborn, measured("30525-0", "71", "a")).age_years == 71
    assert person(unborn, measured("30525-0", "18", "mo")).age_years == 1.5


def test_birth_after_the_study_is_noted(chest_ct: StudyOrder) -> None:
    late = born(chest_ct, "2024-01-01")
    assert person(late).age_years == ASSUMED_YEARS
    assert noted(late, "born 2024-01-01, after the study")


def test_nobody_is_drawn_older_than_120(chest_ct: StudyOrder) -> None:
    assert person(born(chest_ct, "1800-01-01")).age_years == 120
    assert noted(born(chest_ct, "1800-01-01"), "220 years old")


def test_without_a_date_of_study_the_last_day_of_the_record_stands_in(chest_ct: StudyOrder) -> None:
    dateless = replace(chest_ct, started="", series=(replace(chest_ct.series[0], started=""),))
    assert person(dateless, height("170", day="2010-05-04")).age_years == pytest.approx(50, abs=0.01)
    assert noted(replace(dateless, record=(height("170"),)), "the record's last day, 2020-03-01, stands in")


# ----- size


@pytest.mark.parametrize(
    ("value", "unit", "metres"),
    [
        ("172.4", "cm", 1.724),
        ("1.724", "m", 1.724),
        ("1724", "mm", 1.724),
        ("68", "[in_i]", 1.727),
        ("5.6", "ft", 1.707),
        ("172,4", "cm", 1.724),
        ("172.4", "", 1.724),
        ("1.724", "", 1.724),
        ("68", "IN", 1.727),
    ],
)
def test_a_height_is_read_in_its_unit(chest_ct: StudyOrder, value: str, unit: str, metres: float) -> None:
    assert person(chest_ct, height(value, unit)).height_m == pytest.approx(metres, abs=0.001)


@pytest.mark.parametrize(
    ("value", "unit", "kilograms"),
    [
        ("80.5", "kg", 80.5),
        ("80500", "g", 80.5),
        ("177.5", "[lb_av]", 80.5),
        ("177.5", "lbs", 80.5),
        ("80.5", "", 80.5),
    ],
)
def test_a_weight_is_read_in_its_unit(chest_ct: StudyOrder, value: str, unit: str, kilograms: float) -> None:
    assert person(chest_ct, height("172"), weight(value, unit)).weight_kg == pytest.approx(kilograms, abs=0.1)


@pytest.mark.parametrize("value", ["17", "1724", "-172", "nan", "inf", "tall", "", "1e400"])
def test_an_unbelievable_height_is_passed_over_for_the_one_before(chest_ct: StudyOrder, value: str) -> None:
    assert person(chest_ct, height("171", day="2019-01-01"), height(value)).height_m == 1.71


def test_a_size_of_the_record_needs_no_note(chest_ct: StudyOrder) -> None:
    assert not noted(replace(chest_ct, record=(height("172"), weight("80"))), "patient: ")


def test_the_latest_before_the_study_counts_then_the_first_after(chest_ct: StudyOrder) -> None:
    before, last, after = (
        height("170", day="2018-01-01"),
        height("171", day="2020-03-28"),
        height("175", day="2020-03-29"),
    )
    assert person(chest_ct, after, before, last).height_m == 1.71
    assert person(chest_ct, after, height("176", day="2023-01-01")).height_m == 1.75


def test_a_child_grows_between_measurement_and_study(chest_ct: StudyOrder) -> None:
    child = born(chest_ct, "2010-03-28")
    grown = person(child, height("120", day="2017-03-28"))
    assert grown.height_m == pytest.approx(1.20 * 1.388 / 1.22, abs=0.005)
    assert noted(
        replace(child, record=(height("120", day="2017-03-28"),)), "carried to the day of the study by growth"
    )


def test_an_adult_does_not_grow(chest_ct: StudyOrder) -> None:
    assert person(chest_ct, height("180", day="2000-01-01")).height_m == 1.80


def test_a_weight_comes_from_the_body_mass_index_when_only_that_is_known(chest_ct: StudyOrder) -> None:
    record = (height("200"), measured("39156-5", "25", "kg/m2"))
    assert person(chest_ct, *record).weight_kg == 100
    assert noted(replace(chest_ct, record=record), "by its BMI")


def test_a_size_that_nobody_knows_is_drawn_from_the_patient(chest_ct: StudyOrder) -> None:
    keys = [replace(chest_ct.patient, identifiers=(Identifier("", str(k), "MR"),)) for k in range(40)]
    people = [person(replace(chest_ct, patient=p)) for p in keys]
    assert len({p.height_m for p in people}) > 20
    assert 1.70 < sum(p.height_m for p in people) / 40 < 1.80
    assert all(15 < p.bmi < 50 for p in people)


def test_a_person_is_of_one_size_at_one_age_in_all_studies(chest_ct: StudyOrder) -> None:
    assert person(replace(chest_ct, id="2", uids=("1.2.9",))) == person(chest_ct)


@pytest.mark.parametrize(
    ("years", "sex", "metres", "kilograms"),
    [(2, "M", 0.869, 12.7), (10, "F", 1.382, 33.1), (20, "M", 1.768, 70.6), (70, "F", 1.583, 73.0)],
)
def test_the_growth_table_gives_its_own_rows(years: float, sex: str, metres: float, kilograms: float) -> None:
    size = usual(years, sex)  # type: ignore[arg-type]
    assert (size.height_m, size.weight_kg) == pytest.approx((metres, kilograms))


@given(st.floats(0, 130), st.sampled_from(["M", "F", "O", ""]))
def test_people_of_any_age_have_a_usual_size(years: float, sex: str) -> None:
    size = usual(years, sex)  # type: ignore[arg-type]
    assert 0.5 < size.height_m < 1.8
    assert 10 < size.weight_kg / size.height_m**2 < 32


@given(st.floats(0, 19.9))
def test_children_only_grow(years: float) -> None:
    assert usual(years + 0.1, "M").height_m >= usual(years, "M").height_m
