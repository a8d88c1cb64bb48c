"""Tables written by hand, held against the standard as pydicom carries it."""

from __future__ import annotations

import pytest
from pydicom.sr._concepts_dict import concepts
from pydicom.uid import UID_dictionary

from fhir2dicom.plan.iods import SOP_NAMES
from fhir2dicom.plan.modalities import _CLASS_MODALITY, NAMES
from fhir2dicom.plan.places import PLACES, TOGETHER, Place
from fhir2dicom.plan.protocols import ROWS
from fhir2dicom.plan.texts import fold, has_word


def meanings(scheme: str) -> dict[str, str]:
    return {code: name for found in concepts[scheme].values() for code, (name, _) in found.items()}


SCT, DCM = meanings("SCT"), meanings("DCM")

SAME_PART = {
    # code: a word of ours for what pydicom calls by another name
    "416319003": "chest abdomen pelvis",
    "416775004": "chest abdomen pelvis",
    "818987002": "abdominopelv",
    "40701008": "echocardio",
    "38266002": "whole body",
}


@pytest.mark.parametrize("place", PLACES, ids=lambda p: p.name)
def test_the_codes_of_a_place_mean_it(place: Place) -> None:
    known = {c: SCT[c] for c in place.snomed if c in SCT and c not in SAME_PART}
    words = {*place.words, *place.name.split("-")}
    assert {c: name for c, name in known.items() if not has_word(fold(name), words)} == {}


def test_no_code_means_two_places() -> None:
    codes = [c for p in PLACES for c in p.snomed]
    assert sorted({c for c in codes if codes.count(c) > 1}) == []


def test_no_word_means_two_places() -> None:
    words = [w for p in PLACES for w in p.words]
    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_rows_lead_to_places_that_exist() -> None:
    names = {p.name for p in PLACES}
    assert {other for p in PLACES for other in p.instead} <= names
    assert {place for _, place in TOGETHER} | {n for parts, _ in TOGETHER for n in parts} <= names
    assert {r.protocol.region for r in ROWS} <= names


def test_modalities_are_called_as_in_the_standard() -> None:
    ours = {c: n for c, n in NAMES.items() if c in DCM}
    assert len(ours) > 60
    differ = {
        c: (n, DCM[c])
        for c, n in ours.items()
        if n.casefold().replace("-", " ") != DCM[c].casefold().replace("-", " ")
    }
    assert differ == {}


def test_sop_classes_exist() -> None:
    assert {*SOP_NAMES, *_CLASS_MODALITY} <= set(UID_dictionary)


def test_protocols_have_names_of_their_own() -> None:
    names = [r.protocol.name for r in ROWS]
    assert len(set(names)) == len(names)
    assert all(len(r.protocol.description) <= 64 for r in ROWS)
