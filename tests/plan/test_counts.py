"""How many instances: FHIR, then the settings, then the protocol."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import DX_CLASS, instances, noted, only, with_series

from fhir2dicom.model import InstanceOrder, StudyOrder
from fhir2dicom.plan.counts import MOST_FILMS, MOST_SLICES, Slices


def counted(order: StudyOrder, slices: Slices | None = None) -> int:
    return only(order, slices).instance_count


def test_what_fhir_lists_is_made(chest_ct: StudyOrder) -> None:
    assert counted(chest_ct, 30) == 4


@pytest.mark.parametrize("count", [300, 421, 500])
def test_a_long_lung_ct_is_as_long_as_fhir_says(chest_ct: StudyOrder, count: int) -> None:
    listed = with_series(chest_ct, instances=instances(count), instance_count=count)
    stated = with_series(chest_ct, instances=(), instance_count=count)
    assert counted(listed) == counted(stated) == count


def test_missing_instances_are_completed_with_derived_uids(chest_ct: StudyOrder) -> None:
    order = with_series(chest_ct, instance_count=10)
    (shot,) = only(order).shots
    assert [i.uid for i in shot.instances[:4]] == [i.uid for i in instances(4)]
    assert [i.number for i in shot.instances] == list(range(1, 11))
    assert noted(order, "4 of 10 instances listed; the others get derived UIDs")


def test_more_instances_than_the_number_says_are_all_made(chest_ct: StudyOrder) -> None:
    order = with_series(chest_ct, instance_count=2)
    assert counted(order) == 4
    assert noted(order, "numberOfInstances is 2 but 4 are listed")


def test_silence_takes_the_settings_then_the_protocol(chest_ct: StudyOrder) -> None:
    silent = with_series(chest_ct, instances=(), instance_count=None)
    assert counted(silent, 30) == 30
    assert counted(silent, {"CT": 25, "MR": 7}) == 25
    assert counted(silent, {"MR": 7}) == counted(silent) == 60
    assert noted(silent, "60 as the protocol has it")


def test_one_listed_slice_is_completed_when_the_settings_name_a_number(chest_ct: StudyOrder) -> None:
    one = with_series(chest_ct, instances=instances(1), instance_count=1)
    assert counted(one) == 1
    assert counted(one, 30) == 30
    assert only(one, 30).shots[0].instances[0].uid == instances(1)[0].uid
    assert noted(one, "completed to the 30 of slices_per_study", 30)


def test_a_number_of_slices_says_nothing_about_films(film: StudyOrder) -> None:
    silent = with_series(film, instances=(), instance_count=None)
    assert counted(film, 30) == 1
    assert counted(silent, 30) == counted(silent) == 2
    assert counted(silent, {"DX": 3}) == counted(silent, {"CR": 3}) == 3


def test_an_absurd_number_is_cut_and_named(chest_ct: StudyOrder, film: StudyOrder) -> None:
    assert counted(with_series(chest_ct, instance_count=10**12)) == MOST_SLICES
    assert counted(with_series(film, instance_count=10**12)) == MOST_FILMS
    assert noted(with_series(chest_ct, instance_count=10**12), "more than the 4096")


@pytest.mark.parametrize("count", [0, -3])
def test_a_number_that_counts_nothing_is_left_out(chest_ct: StudyOrder, count: int) -> None:
    assert counted(with_series(chest_ct, instances=(), instance_count=count)) == 60


def test_instances_run_by_their_numbers(chest_ct: StudyOrder) -> None:
    turned = with_series(chest_ct, instances=instances(4)[::-1])
    assert only(turned) == only(chest_ct)


def test_repeated_or_missing_instance_numbers_are_given_anew(chest_ct: StudyOrder) -> None:
    for numbers in ((1, 1), (None, 4), (-1, 2), (2**31, 2)):
        pair = tuple(InstanceOrder(f"1.2.{k}", "", n) for k, n in enumerate(numbers, start=3))
        order = with_series(chest_ct, instances=pair, instance_count=2)
        assert [i.number for i in only(order).shots[0].instances] == [1, 2]
        assert noted(order, "numbered as listed")


def test_every_film_is_an_acquisition_of_its_own(film: StudyOrder) -> None:
    shots = only(with_series(film, instances=instances(2, DX_CLASS), instance_count=2)).shots
    assert [(s.frames, len(s.instances)) for s in shots] == [(1, 1), (1, 1)]


def test_a_stack_is_one_acquisition(chest_ct: StudyOrder) -> None:
    (shot,) = only(chest_ct).shots
    assert (shot.frames, len(shot.instances)) == (4, 4)


def test_listed_instances_beyond_the_limit_are_named(chest_ct: StudyOrder) -> None:
    many = replace(chest_ct.series[0], instances=instances(MOST_SLICES + 1), instance_count=None)
    assert counted(replace(chest_ct, series=(many,))) == MOST_SLICES
