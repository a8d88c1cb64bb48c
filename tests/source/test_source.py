from __future__ import annotations

from pathlib import Path

import pytest

from fhir2dicom import plugs
from fhir2dicom.errors import SettingsError
from fhir2dicom.source.source import Auth, Request, Source, open_source


def test_the_known_sources_are_these() -> None:
    known = plugs.load(Source)
    assert {name: s.schemes for name, s in known.items()} == {
        "files": ("", "file"),
        "server": ("http", "https"),
    }


def test_no_two_sources_claim_one_scheme() -> None:
    schemes = [s for source in plugs.load(Source).values() for s in source.schemes]
    assert len(schemes) == len(set(schemes))


def test_an_unknown_scheme_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no source for ftp://; expected a path, or one of .*https://"):
        list(open_source("ftp://host/x"))


def test_nothing_secret_is_shown() -> None:
    shown = repr(Request("http://host/fhir", auth=Auth("ann", "hush", "token")))
    assert not any(secret in shown for secret in ("ann", "hush", "token"))


def test_scheme_and_spaces_do_not_matter(fhir_data: Path) -> None:
    path = fhir_data / "one" / "r4-wrist.json"
    assert len(list(open_source(f"  {path} "))) == 1
    assert len(list(open_source(f"FILE://{path}"))) == 1
