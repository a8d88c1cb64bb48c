"""Texts from outside become values that cannot break a header."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir2dicom.dicom import text
from fhir2dicom.model import HumanName

ANY = st.text(st.characters(), max_size=200)
WORDS = st.lists(ANY, max_size=3).map(tuple)


@given(ANY, st.integers(4, 80))
def test_a_line_is_short_and_holds_no_control_backslash_or_surrogate(given_text, limit):
    made = text.line(given_text, limit)
    assert len(made.encode()) <= limit
    assert "\\" not in made
    assert not {unicodedata.category(c) for c in made} & {"Cc", "Cs", "Zl", "Zp"}
    assert made == made.strip()
    made.encode()


@given(ANY)
def test_a_line_of_a_line_is_itself(given_text):
    assert text.line(text.line(given_text, 64), 64) == text.line(given_text, 64)


def test_what_is_cut_shows_that_it_was():
    assert text.line("x" * 65, 64) == "x" * 61 + "…"
    assert text.line("x" * 64, 64) == "x" * 64


def test_two_long_identifiers_with_one_beginning_stay_two():
    one, two = (text.identifier("http://long/" + "a" * 80 + end, 64) for end in "12")
    assert one != two
    assert len(one) == len(two) == 64


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            HumanName("Hudson", ("Ana", "María", "Luz"), ("Mrs.", "Dr."), ("PhD",)),
            "Hudson^Ana^María Luz^Mrs. Dr.^PhD",
        ),
        (HumanName("Hudson"), "Hudson"),
        (HumanName(given=("Ana",)), "^Ana"),
        (HumanName("O'Brien-Ng", ("Zoë",)), "O'Brien-Ng^Zoë"),
        (HumanName("Иванова", ("Анна", "Петровна")), "Иванова^Анна^Петровна"),
        (HumanName("Παπαδοπούλου", ("Ελένη",)), "Παπαδοπούλου^Ελένη"),
        (HumanName("حسن", ("فاطمة",)), "حسن^فاطمة"),
        (HumanName("כהן", ("דוד",)), "כהן^דוד"),
        (HumanName("やまだ", ("たろう",)), "やまだ^たろう"),
        (HumanName("山田", ("太郎",)), "山田^太郎=山田^太郎"),
        (HumanName("김", ("희중",)), "김^희중"),
        (HumanName(text="Curie, Marie"), "Curie^Marie"),
        (HumanName(text="Ludwig van Beethoven"), "van Beethoven^Ludwig"),
        (HumanName(text="Ana María Luz Hudson"), "Hudson^Ana^María Luz"),
        (HumanName(text="Анна Петрова"), "Анна Петрова"),
        (HumanName(text="Madonna"), "Madonna"),
        (HumanName(), ""),
    ],
)
def test_a_name_is_written_in_its_own_script(name, shown):
    assert text.person_name(name) == shown


@pytest.mark.parametrize(
    ("spoken", "shown"),
    [
        ("Dr. Aaron697 Brekke496", "Brekke496^Aaron697^^Dr."),
        ("BOSTON MEDICAL CENTER", "BOSTON MEDICAL CENTER"),
        ("Lee, Min", "Lee^Min"),
        ("Dr.", "Dr."),
        ("", ""),
    ],
)
def test_a_referrer_known_by_one_text_is_split_only_where_it_tells_a_person(spoken, shown):
    assert text.spoken_name(spoken) == shown


@given(st.builds(HumanName, family=ANY, given=WORDS, prefix=WORDS, suffix=WORDS, text=ANY))
def test_no_name_breaks_out_of_its_components(name):
    made = text.person_name(name)
    groups = made.split("=")
    assert len(groups) in (1, 2)
    assert len(set(groups)) == 1
    assert all(len(g.encode()) <= 64 and g.count("^") <= 4 for g in groups)
    assert not re.search(r"[\x00-\x1f\\]", made)
    made.encode()


def test_a_name_too_long_keeps_family_and_given_and_shows_the_cut():
    made = text.person_name(HumanName("F" * 100, ("G" * 100,), ("Dr.",)))
    assert made == "F" * 28 + "…^" + "G" * 29 + "…"


@given(ANY)
def test_a_code_string_has_its_sixteen_characters_only(given_text):
    assert re.fullmatch(r"[A-Z0-9_][A-Z0-9_ ]{0,15}|", text.code_string(given_text))


def test_an_identifier_that_fits_to_the_last_byte_is_kept():
    assert text.identifier("x" * 64, 64) == "x" * 64
    assert text.identifier("é" * 32, 64) == "é" * 32
