"""One UID never names two different things in a run."""

from __future__ import annotations

from dataclasses import replace

from orders import instances, planned, with_series

from fhir2dicom.model import StudyOrder
from fhir2dicom.plan.registry import Registry, _Table


def test_a_plan_that_repeats_nothing_is_left_alone(chest_ct: StudyOrder) -> None:
    plan = planned(chest_ct)
    assert Registry().settle(plan) is plan


def test_a_file_loaded_twice_stays_the_same_study(chest_ct: StudyOrder) -> None:
    registry = Registry()
    one, two = planned(chest_ct), planned(replace(chest_ct, id="18", where="x"))
    assert registry.settle(one) == one
    assert registry.settle(two) == two


def test_another_study_with_a_used_uid_gets_a_derived_one(chest_ct: StudyOrder) -> None:
    registry = Registry()
    registry.settle(planned(chest_ct))
    other = planned(with_series(replace(chest_ct, started="2021-01-01"), uid="1.2.7", instances=()))
    settled = registry.settle(other)
    assert settled.uid != other.uid
    assert settled.series == other.series
    assert f"UID {other.uid} belongs to another study" in settled.notes[-1]


def test_a_series_uid_of_another_study_is_derived_with_its_instances(chest_ct: StudyOrder) -> None:
    registry = Registry()
    registry.settle(planned(chest_ct))
    other = planned(replace(chest_ct, id="18", uids=("1.2.99",)))
    settled = registry.settle(other)
    before, after = other.series[0], settled.series[0]
    assert settled.uid == other.uid
    assert before.uid != after.uid
    assert not {i.uid for i in before.shots[0].instances} & {i.uid for i in after.shots[0].instances}
    assert replace(after, uid=before.uid, shots=before.shots) == before


def test_instances_of_another_study_are_derived_though_the_series_is_new(chest_ct: StudyOrder) -> None:
    registry = Registry()
    registry.settle(planned(chest_ct))
    settled = registry.settle(planned(with_series(replace(chest_ct, uids=("1.2.99",)), uid="1.2.98")))
    assert settled.series[0].shots[0].instances[0].uid != instances(1)[0].uid


def test_a_study_told_in_two_resources_stays_one_study(chest_ct: StudyOrder) -> None:
    registry = Registry()
    registry.settle(planned(chest_ct))
    rest = planned(with_series(replace(chest_ct, id="18"), uid="1.2.98", instances=(), instance_count=3))
    assert registry.settle(rest) == rest


def test_what_a_clash_derives_is_the_same_in_the_next_run(chest_ct: StudyOrder) -> None:
    plans = [planned(chest_ct), planned(replace(chest_ct, started="2021-01-01"))]
    one, two = ([r.settle(p) for p in plans] for r in (Registry(), Registry()))
    assert one == two


def test_the_table_keeps_every_key_through_its_growth() -> None:
    table = _Table()
    keys = [k * 1024 + 1 for k in range(5000)]
    assert [table.setdefault(k, k + 1) for k in keys] == [k + 1 for k in keys]
    assert [table.setdefault(k, 0) for k in keys] == [k + 1 for k in keys]
