"""FHIR's dates as DICOM's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders import noted, planned, with_series

from fhir2dicom.model import StudyOrder, When
from fhir2dicom.plan.when import day_of, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1979-03-28T11:52:54+00:00", When("19790328", "115254", "+0000")),
        ("1979-03-28T11:52:54Z", When("19790328", "115254", "+0000")),
        ("1979-03-28T11:52:54.123456789-05:00", When("19790328", "115254.123456", "-0500")),
        ("1979-03-28T11:52:54-00:00", When("19790328", "115254", "+0000")),
        ("1979-03-28T11:52+14:00", When("19790328", "1152", "+1400")),
        ("1979-03-28", When("19790328")),
        ("", When()),
    ],
)
def test_a_plain_date_needs_no_note(text: str, expected: When) -> None:
    notes: list[str] = []
    assert moment(text, "started", notes).when == expected
    assert notes == []


@pytest.mark.parametrize(
    ("text", "expected", "note"),
    [
        ("1979", When(), "only part of a date"),
        ("1979-03", When(), "only part of a date"),
        ("1979-02-30", When(), "is no date"),
        ("0000-01-01", When(), "is no date"),
        ("0001-01-01T00:00:00Z", When(), "is no date"),
        ("9999-12-31", When(), "is no date"),
        ("yesterday", When(), "is no date"),
        ("1979-13-01", When(), "is no date"),
        ("1979-12-31T24:00:00Z", When("19800101", "000000", "+0000"), "00:00 of the next day"),
        ("2016-12-31T23:59:60Z", When("20161231", "235959", "+0000"), "leap second"),
        ("1979-03-28T25:00:00Z", When("19790328"), "no such time of day"),
        ("1979-03-28T11:61:00Z", When("19790328"), "no such time of day"),
        ("1979-03-28T11:52:54", When("19790328", "115254"), "no zone"),
        ("1979-03-28T11:52:54+23:00", When("19790328", "115254"), "no zone is +23:00"),
        ("2999-01-01", When("29990101"), "in the future; kept"),
    ],
)
def test_what_is_odd_about_a_date_is_noted(text: str, expected: When, note: str) -> None:
    notes: list[str] = []
    assert moment(text, "started", notes).when == expected
    assert [n for n in notes if note in n and n.startswith("started: ")]


@given(st.text(max_size=40))
def test_no_text_breaks_a_date(text: str) -> None:
    notes: list[str] = []
    found = moment(text, "started", notes)
    assert found.day is not None or found.when == When()
    assert bool(notes) or found.day is not None or not text.strip()


_ZONES = st.integers(-12 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31), timezones=_ZONES))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_any_moment_of_iso_8601_is_read_exactly(when: object) -> None:
    found = moment(when.isoformat(), "started", []).when  # type: ignore[attr-defined]
    assert found.date == f"{when:%Y%m%d}"
    assert found.time[:6] == f"{when:%H%M%S}"
    assert found.offset == f"{when:%z}"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1979", date(1979, 7, 1)),
        ("1979-03", date(1979, 3, 15)),
        ("1979-03-28", date(1979, 3, 28)),
        ("x", None),
    ],
)
def test_ages_are_reckoned_from_the_middle_of_what_a_partial_date_leaves_open(
    text: str, day: date | None
) -> None:
    assert day_of(text) == day


def test_a_study_without_a_date_has_none_and_a_note(chest_ct: StudyOrder) -> None:
    order = with_series(replace(chest_ct, started=""), started="")
    assert planned(order).started == When()
    assert noted(order, "study: no date; Study Date left empty")


def test_a_study_without_a_date_takes_that_of_its_earliest_series(chest_ct: StudyOrder) -> None:
    order = replace(chest_ct, started="2020")
    assert planned(order).started.date == "20200328"
    assert noted(order, "that of its earliest series")


def test_a_series_without_a_date_has_that_of_the_study(chest_ct: StudyOrder) -> None:
    (series,) = planned(with_series(chest_ct, started="")).series
    assert series.started == planned(chest_ct).started


def test_a_study_after_the_patients_death_is_noted(chest_ct: StudyOrder) -> None:
    dead = replace(chest_ct, patient=replace(chest_ct.patient, deceased="2019-01-01"))
    assert noted(dead, "after the patient's death on 2019-01-01")
