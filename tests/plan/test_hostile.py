"""Whatever an order holds, the answer is a plan that can be saved, or a problem."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from orders import CATALOG, CHEST_SITE

from fhir2dicom.model import (
    Code,
    Event,
    HumanName,
    Identifier,
    InstanceOrder,
    Patient,
    Problem,
    SeriesOrder,
    StudyOrder,
    StudyPlan,
)
from fhir2dicom.plan.registry import Registry
from fhir2dicom.plan.saved import dump, load
from fhir2dicom.plan.study import plan_study
from fhir2dicom.plan.uids import is_uid

_TEXTS = st.one_of(
    st.text(st.characters(), max_size=30),
    st.sampled_from(
        [
            "",
            "1.2.3",
            "urn:oid:1.2.3",
            "1979-03",
            "2020-02-30",
            "2020-01-01T24:00:00Z",
            "male",
            "CT chest",
            "\ud800",
            "\x00",
        ]
    ),
)
_COUNTS = st.one_of(st.none(), st.integers(-3, 12), st.sampled_from([2**31, 10**40]))
_CODES = st.one_of(
    st.builds(Code, _TEXTS, _TEXTS, _TEXTS),
    st.just(CHEST_SITE),
    st.builds(
        Code, st.just(""), st.sampled_from(["CT", "DX", "CR", "SR", "PET", "8302-2", "29463-7", "254637007"])
    ),
)
_EVENTS = st.builds(
    Event,
    st.sampled_from(["condition", "observation", "procedure"]),
    st.lists(_CODES, max_size=2).map(tuple),
    start=_TEXTS,
    end=_TEXTS,
    value=st.one_of(_TEXTS, st.floats().map(str)),
    unit=st.sampled_from(["cm", "kg", "", "parsec"]),
    status=_TEXTS,
)
_PATIENTS = st.builds(
    Patient,
    _TEXTS,
    st.lists(st.builds(Identifier, _TEXTS, _TEXTS, _TEXTS, _TEXTS, _TEXTS), max_size=3).map(tuple),
    st.lists(st.builds(HumanName, _TEXTS, st.lists(_TEXTS, max_size=2).map(tuple)), max_size=2).map(tuple),
    _TEXTS,
    _TEXTS,
    _TEXTS,
)
_MADE = st.sampled_from([Code("", "CT"), Code("", "DX"), Code("", "CR"), CHEST_SITE])
_SERIES = st.builds(
    SeriesOrder,
    _TEXTS,
    _COUNTS,
    st.one_of(st.none(), _CODES, _MADE, _MADE, _MADE),
    st.one_of(st.none(), _CODES, _MADE),
    st.one_of(st.none(), _CODES),
    _TEXTS,
    _TEXTS,
    st.lists(st.builds(InstanceOrder, _TEXTS, _TEXTS, _COUNTS, _TEXTS), max_size=4).map(tuple),
    st.one_of(st.none(), st.integers(-3, 12)),
    st.lists(_TEXTS, max_size=2).map(tuple),
    st.dictionaries(
        st.sampled_from(["SliceThickness", "KVP", "PixelSpacing", "ContrastBolusAgent"]),
        st.floats(),
        max_size=3,
    ),
)
_ORDERS = st.builds(
    StudyOrder,
    _TEXTS,
    _PATIENTS,
    status=_TEXTS,
    uids=st.lists(_TEXTS, max_size=3).map(tuple),
    identifiers=st.lists(st.builds(Identifier, _TEXTS, _TEXTS), max_size=2).map(tuple),
    accession=_TEXTS,
    started=_TEXTS,
    modalities=st.lists(_CODES, max_size=2).map(tuple),
    description=_TEXTS,
    procedures=st.lists(_CODES, max_size=2).map(tuple),
    notes=st.lists(_TEXTS, max_size=2).map(tuple),
    series=st.lists(_SERIES, max_size=4).map(tuple),
    series_count=st.one_of(st.none(), st.integers(-3, 5)),
    instance_count=st.one_of(st.none(), st.integers(-3, 12)),
    record=st.lists(_EVENTS, max_size=5).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(_ORDERS)
def test_any_order_gives_a_plan_or_a_problem(order: StudyOrder) -> None:
    answer = plan_study(order, "seed", CATALOG, None)
    if isinstance(answer, Problem):
        assert answer.message
        return
    assert load(dump(answer)) == answer
    assert Registry().settle(answer) == answer
    uids = [
        answer.uid,
        *(s.uid for s in answer.series),
        *(i.uid for s in answer.series for h in s.shots for i in h.instances),
    ]
    assert all(map(is_uid, uids))
    assert len(set(uids)) == len(uids)


@settings(max_examples=100, deadline=None)
@given(_ORDERS)
def test_a_plan_has_room_in_the_header_for_all_it_says(order: StudyOrder) -> None:
    plan = plan_study(order, "seed", CATALOG, 5)
    if not isinstance(plan, StudyPlan):
        return
    assert len(plan.accession) <= 16
    assert len(plan.study_id) <= 16
    assert all(len(t) <= 64 for t in (plan.description, plan.patient.id, plan.institution, plan.department))
    numbers = [s.number for s in plan.series]
    assert numbers == sorted(set(numbers))
    assert 0.2 < plan.person.height_m < 2.7
    assert 0 <= plan.person.age_years <= 120
