"""UIDs are kept, or derived from what they are for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders import instances, noted, only, planned, with_series

from fhir2dicom.model import Identifier, InstanceOrder, StudyOrder
from fhir2dicom.plan.uids import Uids, bare, is_uid, of_uuid
from fhir2dicom.seed import Seed


@pytest.mark.parametrize("uid", ["1.2.3", "0.9", "2.25.0", "2.999.1", "1.39.4", "1.2." + "3" * 60])
def test_a_valid_uid_is_one(uid: str) -> None:
    assert is_uid(uid)


@pytest.mark.parametrize(
    "uid",
    [
        "",
        "1",
        "1.2.03",
        "3.1",
        "1.40",
        "0.99.1",
        "1..2",
        ".1.2",
        "1.2.",
        "1.2.x",
        "1.2.٣",
        "1.2\n",
        "1.2." + "3" * 61,
        "1.2.840.10008.1.2",
        "2.25.01",
    ],
)
def test_what_ps3_5_forbids_is_no_uid(uid: str) -> None:
    assert not is_uid(uid)


@given(st.text(max_size=80))
def test_any_text_gives_a_legal_uid_and_always_the_same(text: str) -> None:
    first, again = (Uids().settle(text, Seed("s").child("x"), "", "study") for _ in range(2))
    assert first == again
    assert re.fullmatch(r"[0-9]+(\.(0|[1-9][0-9]*))+", first)
    assert is_uid(first)


@given(st.lists(st.sampled_from(["1.2.3", "1.2.4", "abc", "", "urn:oid:1.2.3"]), max_size=30))
def test_no_two_objects_of_a_study_share_a_uid(given_uids: list[str]) -> None:
    uids = Uids()
    found = [uids.settle(u, Seed("s").child(k), "series 1", "instance") for k, u in enumerate(given_uids)]
    assert len(set(found)) == len(found)


def test_urn_prefixes_do_not_matter() -> None:
    assert bare(" urn:oid:1.2.3 ") == bare("URN:OID:1.2.3") == "1.2.3"


@given(st.uuids())
def test_a_uuid_becomes_its_integer_under_2_25(uuid: object) -> None:
    assert of_uuid(str(uuid)) == f"2.25.{uuid.int}"  # type: ignore[attr-defined]


def test_a_study_with_a_uuid_keeps_it_as_2_25_and_says_so(chest_ct: StudyOrder) -> None:
    order = replace(chest_ct, uids=("urn:uuid:00000000-0000-0000-0000-000000000011",))
    assert planned(order).uid == "2.25.17"
    assert noted(order, "is a UUID; written as 2.25.<integer>")


def test_a_study_without_uid_gets_one_and_a_note(chest_ct: StudyOrder) -> None:
    order = replace(chest_ct, uids=())
    assert is_uid(planned(order).uid)
    assert noted(order, "study UID is missing; derived")


def test_a_derived_uid_survives_a_reload_into_another_server(chest_ct: StudyOrder) -> None:
    for named in (
        replace(chest_ct, uids=("not-a-uid",)),
        replace(chest_ct, uids=(), accession="A1"),
        replace(chest_ct, uids=(), identifiers=(Identifier("urn:x", "7"),)),
        replace(chest_ct, uids=()),
    ):
        again = replace(named, id="other", where="other", patient=replace(named.patient, id="other"))
        assert planned(again).uid == planned(named).uid


def test_different_studies_get_different_derived_uids(chest_ct: StudyOrder) -> None:
    one = replace(chest_ct, uids=())
    others = [
        replace(one, accession="A1"),
        replace(one, uids=("x",)),
        replace(one, started="2021-01-01"),
        replace(one, patient=replace(one.patient, identifiers=(Identifier("", "2", "MR"),))),
    ]
    assert len({planned(o).uid for o in [one, *others]}) == 5


def test_a_study_about_which_nothing_is_known_is_named_by_its_id(chest_ct: StudyOrder) -> None:
    nothing = replace(
        chest_ct, uids=(), started="", description="", series=(replace(chest_ct.series[0], uid=""),)
    )
    nothing = replace(nothing, series=(replace(nothing.series[0], modality=None),))
    assert planned(nothing).uid != planned(replace(nothing, id="18")).uid


def test_of_two_dicom_uids_the_first_is_taken(chest_ct: StudyOrder) -> None:
    order = replace(chest_ct, uids=("junk", "1.2.3", "1.2.4"))
    assert planned(order).uid == "1.2.3"
    assert noted(order, "2 DICOM UIDs; 1.2.3 taken, 1.2.4 left out")


def test_many_bad_instance_uids_are_one_note(chest_ct: StudyOrder) -> None:
    bad = tuple(replace(i, uid=f"x{k}") for k, i in enumerate(instances(300)))
    plan = planned(with_series(chest_ct, instances=bad, instance_count=300))
    found = [n for n in plan.notes if "instance UID" in n]
    assert found == ["series 1: instance UID 'x0' is not a DICOM UID; derived (300 times)"]


def test_an_instance_uid_used_twice_is_kept_once(chest_ct: StudyOrder) -> None:
    twice = (InstanceOrder("1.2.9", "", 1), InstanceOrder("1.2.9", "", 2))
    order = with_series(chest_ct, instances=twice, instance_count=2)
    first, second = (i.uid for i in only(order).shots[0].instances)
    assert first == "1.2.9" != second
    assert noted(order, "'1.2.9' is used twice in the study")


def test_a_series_uid_used_twice_is_kept_once(chest_ct: StudyOrder) -> None:
    second = replace(chest_ct.series[0], number=2, instances=(), instance_count=2)
    order = replace(chest_ct, series=(*chest_ct.series, second))
    one, two = planned(order).series
    assert one.uid == chest_ct.series[0].uid != two.uid


def test_the_order_of_series_and_instances_changes_nothing(chest_ct: StudyOrder) -> None:
    second = replace(chest_ct.series[0], uid="", number=2, instances=(), instance_count=3)
    order = replace(chest_ct, series=(*chest_ct.series, second))
    turned = replace(order, series=tuple(replace(s, instances=s.instances[::-1]) for s in order.series[::-1]))
    assert planned(turned) == planned(order)
