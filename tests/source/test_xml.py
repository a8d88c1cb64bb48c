from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from fhir2dicom.source import xml
from fhir2dicom.source.resources import study_order

HEAD = '<Patient xmlns="http://hl7.org/fhir">'


def as_xml(name: str, value: Any, space: str = "") -> str:
    if isinstance(value, list):
        return "".join(as_xml(name, v) for v in value)
    if not isinstance(value, dict):
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return f"<{name} value={quoteattr(shown)}/>"
    attributes = f" url={quoteattr(value['url'])}" if name == "extension" else ""
    inner = "".join(
        as_xml(k, v)
        for k, v in value.items()
        if k != "resourceType" and not (name == "extension" and k == "url")
    )
    if "resourceType" in value:
        inner = f"<{value['resourceType']}{space}>{inner}</{value['resourceType']}>"
        return inner if space else f"<{name}>{inner}</{name}>"
    return f"<{name}{attributes}>{inner}</{name}>"


def read(text: str) -> list[tuple[int, Any]]:
    return list(xml.resources(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    "name", ["r4-wrist", "stu3-wrist", "mii-mr", "mii-ct", "pet-sr", "r5-rich", "clinosim-head"]
)
def test_a_study_says_the_same_in_xml_as_in_json(fhir_data: Path, name: str) -> None:
    study = json.loads((fhir_data / "one" / f"{name}.json").read_text())
    ((number, other),) = read(as_xml("", study, ' xmlns="http://hl7.org/fhir"'))
    assert number == 0
    expected = study_order(study, None, [], "x")
    # a decimal is text in XML, so 4.0 and 4 may differ: compare as read
    assert dataclasses.asdict(study_order(other, None, [], "x")) == dataclasses.asdict(expected)


def test_a_bundle_is_read_entry_by_entry_with_full_urls() -> None:
    entries = "".join(
        f'<entry><fullUrl value="urn:uuid:{n}"/><resource><Patient><id value="{n}"/></Patient></resource></entry>'
        for n in range(3)
    )
    found = read(f'<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>{entries}<entry/></Bundle>')
    assert found == [
        (n + 1, {"resourceType": "Patient", "id": str(n), "fullUrl": f"urn:uuid:{n}"}) for n in range(3)
    ]


def test_entries_before_a_fault_are_kept() -> None:
    stream = io.BytesIO(
        b'<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Patient/></resource></entry><entry><'
    )
    found = xml.resources(stream)
    assert next(found) == (1, {"resourceType": "Patient"})
    with pytest.raises(ValueError, match="broken XML"):
        next(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html/>", "expected an element of"),
        (f"{HEAD}<id", "broken XML"),
        ("", "broken XML"),
        ('<?xml version="1.0" encoding="foo"?><a/>', "unknown encoding"),
        ('<?xml version="1.0" encoding="utf-7"?><a/>', "encoding"),
        (f"{HEAD}{'<a>' * 1000}", "nested deeper"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]>{HEAD}<id value="&a;"/></Patient>', "DTD or entities"),
        (f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{HEAD}</Patient>', "DTD or entities"),
    ],
)
def test_what_is_wrong_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(text)


def test_one_resource_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "SIZE_LIMIT", 1 << 20)
    with pytest.raises(ValueError, match="more than 1 MiB"):
        read(f"{HEAD}<id value='{'x' * (2 << 20)}'/></Patient>")
    one = f"<entry><resource><Patient><id value='{'x' * (1 << 18)}'/></Patient></resource></entry>"
    assert len(read(f'<Bundle xmlns="http://hl7.org/fhir">{one * 8}</Bundle>')) == 8


def test_narrative_and_foreign_elements_are_passed_over() -> None:
    text = (
        f'{HEAD}<text><div xmlns="http://www.w3.org/1999/xhtml"><p>{escape("<b>")}</p></div></text></Patient>'
    )
    assert read(text) == [(0, {"resourceType": "Patient", "text": {}})]
