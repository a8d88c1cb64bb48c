from __future__ import annotations

import pytest
from hand_made import series_plan
from hypothesis import given
from hypothesis import strategies as st

from fhir2dicom.store.names import series_names, slice_name, study_name

HOSTILE = [
    "../../x",
    "..",
    ".",
    "",
    "a/b",
    "a\0b",
    "a\\b",
    "con:",
    "é",
    "x" * 300,
    "a\nb",
    "~root",
    "x.",
    "\udc80",
]


@pytest.mark.parametrize(
    "study", ["a", "4711", "A-b.c", "7f0e4c1c-93d5-4d63-b4a6-6d2a3a52b5ce", "CON", "x" * 64]
)
def test_an_id_that_fhir_allows_is_kept(study):
    assert study_name(study) == f"study_{study}"


@pytest.mark.parametrize("study", HOSTILE)
def test_any_other_id_becomes_one_plain_name(study):
    name = study_name(study)
    assert name.startswith("study_")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~")
    assert not name.endswith(".")
    assert len(name) < 100


def test_hostile_ids_keep_apart():
    assert len({study_name(s) for s in HOSTILE}) == len(HOSTILE)


@given(st.text(), st.text())
def test_two_ids_never_share_a_name(one, other):
    assert (study_name(one) == study_name(other)) == (one == other)


def test_ids_that_differ_in_case_keep_apart_where_the_file_system_folds_it():
    names = [study_name(s, folds_case=True).lower() for s in ("abc", "ABC", "Abc")]
    assert len(set(names)) == 3
    assert names[0] == "study_abc"


def test_series_are_named_by_number_and_modality():
    assert series_names([series_plan(2), series_plan(12, "DX")]) == ("series_002_CT", "series_012_DX")


def test_series_that_agree_in_number_and_modality_are_counted_up():
    assert series_names([series_plan(1)] * 3) == ("series_001_CT", "series_001_CT_2", "series_001_CT_3")


def test_a_modality_is_not_a_path():
    assert series_names([series_plan(1, "../../x")]) == ("series_001_x",)


def test_slices_beyond_9999_grow():
    assert [slice_name(n) for n in (1, 9999, 10000)] == [
        "slice_0001.dcm",
        "slice_9999.dcm",
        "slice_10000.dcm",
    ]
