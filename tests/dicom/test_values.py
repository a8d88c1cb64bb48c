"""Values fit their Value Representation, or are refused as a bug."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir2dicom.dicom import values
from fhir2dicom.dicom.values import EncodeError


@given(st.floats(-1e300, 1e300))
def test_a_decimal_string_has_sixteen_characters_and_is_the_nearest_that_fits(number):
    made = values.decimal(number)
    assert len(made) <= 16
    assert math.isclose(float(made), number, rel_tol=1e-8, abs_tol=0)


def test_a_short_decimal_is_written_as_people_write_it():
    assert [values.decimal(x) for x in (1.0, -0.0, 0.1, 100, 2.5, -63.333333333333336)] == [
        "1",
        "0",
        "0.1",
        "100",
        "2.5",
        "-63.333333333333",
    ]


@pytest.mark.parametrize(
    ("keyword", "wrong"),
    [
        ("NoSuchKeyword", 1),
        ("KVP", math.nan),
        ("KVP", "much"),
        ("ExposureTime", 1.5),
        ("ExposureTime", 2**31),
        ("StudyInstanceUID", "1.02"),
        ("StudyInstanceUID", "1." * 40 + "1"),
    ],
)
def test_what_cannot_be_written_is_an_error_that_names_the_keyword(keyword, wrong):
    with pytest.raises(EncodeError, match=keyword):
        values.normal({keyword: wrong})


@pytest.mark.parametrize("wrong", ["2019", "20191301", "2019-01-01", "20190101\0"])
def test_what_is_no_date_is_left_empty(wrong):
    assert values.fit("StudyDate", wrong) == ""


def test_the_items_of_a_sequence_are_fitted_too():
    made = values.normal({"ViewCodeSequence": ({"CodeMeaning": "a\\b\0" + "c" * 99},)})
    assert made["ViewCodeSequence"] == ({"CodeMeaning": "a/b " + "c" * 57 + "…"},)


def test_line_ends_stay_where_the_standard_allows_them():
    assert values.fit("ImageComments", "one\ntwo\0\\x") == "one\r\ntwo \\x"
    assert values.fit("SeriesDescription", "one\ntwo") == "one two"
