"""References between resources, in one form whatever way they were written.

Patient/17                       relative, absolute, or with /_history/3
urn:uuid:6b01025b-…              inside a Bundle
Location?identifier=SYSTEM|VALUE a search (Synthea), or a logical reference that has an identifier only
#p                               contained; resolved in the resource that holds it
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from fhir2dicom.source.values import Json, items, objects, part, text

REFERENCE_LIMIT = 512
"""Characters kept of a reference."""

_TYPE = re.compile(r"[A-Z][A-Za-z]{2,63}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Index = Mapping[str, Json]
"""Resources by each key they answer to."""


def reference_key(reference: Any, kind: str = "") -> str:
    """Return the key of what a Reference (or a bare string) points to; empty when it points nowhere.

    ``kind`` is the resource type to assume when the reference does not say it.
    """
    if not isinstance(reference, dict):
        return written_key(text(reference, REFERENCE_LIMIT), kind)
    inner = reference.get("reference")
    if isinstance(inner, dict):  # CodeableReference.reference
        return reference_key(inner, kind)
    if written := text(inner, REFERENCE_LIMIT):
        return written_key(written, kind)
    return identifier_key(reference.get("identifier"), text(reference.get("type"), 64) or kind)


def written_key(written: str, kind: str = "") -> str:
    """Return the key of a reference as text."""
    if written.startswith("#") or not written:
        return written
    if written.startswith(("urn:", "URN:")):
        return written.lower()
    path, _, query = written.partition("?")
    if query:
        return f"{path.rstrip('/').rpartition('/')[2]}?{unquote(query)}"
    steps = path.partition("/_history")[0].rstrip("/").split("/")
    if len(steps) > 1 and _TYPE.fullmatch(steps[-2]):
        return f"{steps[-2]}/{steps[-1]}"
    return f"{kind}/{steps[-1]}" if kind and len(steps) == 1 else written


def identifier_key(identifier: Any, kind: str) -> str:
    """Return the key that a search for an Identifier would use; empty when it has no value."""
    value = text(part(identifier, "value"), REFERENCE_LIMIT)
    system = text(part(identifier, "system"), REFERENCE_LIMIT)
    return f"{kind}?identifier={system}|{value}" if value else ""


def keys(resource: Json) -> tuple[str, ...]:
    """Return every key a resource answers to: its type and id, its fullUrl, its identifiers."""
    kind, own = text(resource.get("resourceType"), 64), text(resource.get("id"), REFERENCE_LIMIT)
    found = [written_key(text(resource.get("fullUrl"), REFERENCE_LIMIT), kind)]
    if own:
        found.append(f"{kind}/{own}")
    if _UUID.fullmatch(own.lower()):
        found.append(f"urn:uuid:{own.lower()}")
    found += [identifier_key(i, kind) for i in objects(resource.get("identifier"), 16)]
    return tuple(dict.fromkeys(k for k in found if k))


def own_key(resource: Json) -> str:
    """Return the one key by which others most likely refer to a resource: its fullUrl in a Bundle, else type and id."""
    return next(iter(keys(resource)), "")


def is_local(key: str) -> bool:
    """Say whether a key means something in its own Bundle only: a urn that no UUID makes unique."""
    return key.startswith("urn:") and not _UUID.fullmatch(key.removeprefix("urn:uuid:"))


def resolve(reference: Any, index: Index, holder: Json, kind: str = "") -> Json | None:
    """Return the resource a reference points to: contained in its holder, or in the index; None when it is neither."""
    key = reference_key(reference, kind)
    if key.startswith("#"):
        inside = objects(holder.get("contained"))
        return next((c for c in inside if text(c.get("id"), REFERENCE_LIMIT) == key[1:]), None)
    return index.get(key)


def display(reference: Any) -> str:
    """Return what a Reference shows of its target."""
    return next((d for r in items(reference) if (d := text(part(r, "display")))), "")
