"""FHIR as XML, in the shape of FHIR's JSON (https://hl7.org/fhir/xml.html): streamed, bounded, no DTD, no entities.

XML does not say which elements repeat: what occurs once is a value here and a list in JSON. The readers of this room
take both. Numbers and truth values stay text, which they take too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from fhir2dicom.source.values import Json

DEPTH_LIMIT = 64
"""Elements in elements; real resources have under 20."""

SIZE_LIMIT = 64 << 20
"""Bytes of one resource."""

_FHIR = "{http://hl7.org/fhir}"
_LISTS = frozenset({"entry", "contained", "coding", "identifier", "series", "instance", "given", "extension"})


class NotFhirError(ValueError):
    """Well-formed XML of another kind."""


def resources(stream: IO[bytes]) -> Iterator[tuple[int, Json]]:
    """Yield (entry number from 1, resource) of a Bundle, or (0, resource) of one that stands alone.

    Entries carry their ``fullUrl`` as a key. Raises `NotFhirError` when the root is not in FHIR's name space, ValueError
    when the XML is broken, too deep or holds a DTD; entries before the fault have been yielded by then.
    """
    path: list[Element] = []
    number = 0
    bounded = _Bounded(stream)
    try:
        for event, element in iterparse(bounded, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                _enter(path, element)
                continue
            path.pop()
            if len(path) == 1 and _name(path[0]) == "Bundle" and _name(element) == "entry":
                number += 1
                found = _entry(element)
                path[0].clear()
                bounded.since = 0
                if found is not None:
                    yield number, found
            elif not path and _name(element) != "Bundle":
                yield 0, _resource(element)
    except (ParseError, LookupError) as fault:
        raise ValueError(f"broken XML: {fault}") from None
    except DefusedXmlException as fault:
        raise ValueError(f"XML with a DTD or entities: {type(fault).__name__}") from None


class _Bounded:
    """A stream that ends with an error when one resource gets too long."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.since = 0

    def read(self, size: int = -1, /) -> bytes:
        got = self._stream.read(size)
        self.since += len(got)
        if self.since > SIZE_LIMIT:
            raise ValueError(f"one resource of more than {SIZE_LIMIT >> 20} MiB")
        return got


def links(stream: IO[bytes]) -> list[Json]:
    """Return the links of a Bundle, those of its entries too."""
    found = (e for _, e in iterparse(stream, events=("end",), forbid_dtd=True) if e.tag == f"{_FHIR}link")
    return [_object(element) for element in found]


def _enter(path: list[Element], element: Element) -> None:
    if not path and not element.tag.startswith(_FHIR):
        raise NotFhirError(f"expected an element of {_FHIR}, found {element.tag[:80]}")
    path.append(element)
    if len(path) > DEPTH_LIMIT:
        raise ValueError(f"XML nested deeper than {DEPTH_LIMIT} elements")


def _name(element: Element) -> str:
    return element.tag.removeprefix(_FHIR)


def _entry(entry: Element) -> Json | None:
    holder = entry.find(f"{_FHIR}resource")
    inner = next(iter(holder), None) if holder is not None else None
    if inner is None:
        return None
    url = entry.find(f"{_FHIR}fullUrl")
    found = _resource(inner)
    return found if url is None else {**found, "fullUrl": url.get("value", "")}


def _resource(element: Element) -> Json:
    return {"resourceType": _name(element), **_object(element)}


def _object(element: Element) -> Json:
    """Return an element's attributes (id, url) and children; what repeats becomes a list, narrative is dropped."""
    found: Json = {k: v for k, v in element.attrib.items() if k != "value"}
    for child in element:
        name = _name(child)
        if name.startswith("{"):
            continue
        value = _value(child)
        if name in found and isinstance(found[name], list):
            found[name].append(value)
        elif name in found:
            found[name] = [found[name], value]
        else:
            found[name] = [value] if name in _LISTS else value
    return found


def _value(element: Element) -> Any:
    if _name(element) in ("contained", "resource"):
        inner = next(iter(element), None)
        return None if inner is None else _resource(inner)
    if "value" in element.attrib:
        return element.get("value")
    return _object(element)
