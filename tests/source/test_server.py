from __future__ import annotations

import itertools
import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from fhir_server import FhirServer, fhir, outcome

from fhir2dicom.errors import SourceError
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.source import client as client_module
from fhir2dicom.source.client import Client, _below
from fhir2dicom.source.server import open_server
from fhir2dicom.source.source import Auth, Request, open_source

SECRET = "s3cr3t-token-value"


def study(number: int, patient: str) -> dict[str, Any]:
    return {
        "resourceType": "ImagingStudy",
        "id": f"s{number:03d}",
        "status": "available",
        "subject": {"reference": f"Patient/{patient}"},
        "encounter": {"reference": f"Encounter/e{number}"},
        "started": f"20{number % 20 + 10}-01-01T00:00:00Z",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:1.2.3.{number}"}],
    }


def patient(own: str) -> dict[str, Any]:
    number = {"system": "urn:mrn", "value": f"M{own}", "type": {"coding": [{"code": "MR"}]}}
    return {"resourceType": "Patient", "id": own, "identifier": [number], "gender": "female"}


def observation(own: str, whose: str, code: str, encounter: str = "other") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": own,
        "status": "final",
        "subject": {"reference": f"Patient/{whose}"},
        "encounter": {"reference": f"Encounter/{encounter}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2011-01-01",
        "valueQuantity": {"value": 171.5, "unit": "cm"},
    }


@pytest.fixture
def full(server: FhirServer) -> FhirServer:
    """Nine studies of two patients, mixed, on pages of two."""
    server.resources = [patient("a"), patient("b")]
    server.resources += [study(n, "ab"[n % 2]) for n in range(9)]
    server.resources += [
        observation("o1", "a", "8302-2"),
        observation("o2", "a", "2339-0"),
        observation("o3", "a", "10230-1", "e2"),
        observation("o4", "b", "2339-0", "e3"),
        {
            "resourceType": "Condition",
            "id": "c1",
            "subject": {"reference": "Patient/b"},
            "code": {"text": "Cough"},
        },
    ]
    return server


def read(server: FhirServer, **more: Any) -> tuple[list[StudyOrder], list[Problem], list[float]]:
    waits: list[float] = []
    options: dict[str, Any] = {"page_size": 2, "timeout_s": 5.0, **more}
    found = list(open_server(Request(options.pop("location", server.base), sleep=waits.append, **options)))
    return (
        [f for f in found if isinstance(f, StudyOrder)],
        [f for f in found if isinstance(f, Problem)],
        waits,
    )


def ids(orders: list[StudyOrder]) -> set[str]:
    return {o.id for o in orders}


ALL = {f"s{n:03d}" for n in range(9)}


def test_every_study_comes_once_patient_by_patient_with_its_patient(full: FhirServer) -> None:
    orders, problems, _ = read(full)
    assert ids(orders) == ALL
    assert len(orders) == 9
    assert not problems
    assert [o.patient.id for o in orders] == ["a"] * 5 + ["b"] * 4
    assert all(o.patient.known and o.patient.gender == "female" for o in orders)
    assert [o.started for o in orders if o.patient.id == "a"] == sorted(
        o.started for o in orders if o.patient.id == "a"
    )
    assert orders[0].where == "ImagingStudy/s000"


def test_the_record_holds_what_matters_and_is_fetched_once_a_patient(full: FhirServer) -> None:
    orders, _, _ = read(full)
    events = {o.patient.id: [e.codes[0].value or e.codes[0].display for e in o.record] for o in orders}
    assert events == {"a": ["10230-1", "8302-2"], "b": ["Cough", "2339-0"]}
    assert sum(a.startswith("/fhir/Condition") for a in full.asked) == 2


def test_next_links_with_a_dead_public_base_are_followed_on_the_configured_one(full: FhirServer) -> None:
    full.public = "https://dead.invalid:443/somewhere/else"
    orders, problems, _ = read(full)
    assert ids(orders) == ALL
    assert not problems


@pytest.mark.parametrize(
    ("link", "below"),
    [
        ("/fhir", ""),
        ("/", ""),
        ("/fhir/ImagingStudy", "ImagingStudy"),
        ("/public/r4/ImagingStudy/_search", "ImagingStudy/_search"),
        ("/fhir/pages/7", "pages/7"),
        ("/other/pages/7", "pages/7"),
        ("/elsewhere/pages/7", ""),
    ],
)
def test_only_what_follows_the_base_of_a_link_is_believed(link: str, below: str) -> None:
    assert _below(link, "ImagingStudy", ("/fhir", "/other")) == below


def test_an_expired_search_is_started_again_and_no_study_comes_twice(full: FhirServer) -> None:
    expired = []

    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        if query.get("_getpagesoffset") in ("4", "6") and len(expired) < 2:
            expired.append(target)
            return outcome(410, "gone")
        return None

    full.hooks = [hook]
    orders, problems, _ = read(full)
    assert len(expired) == 2
    assert sorted(o.id for o in orders) == sorted(ALL)
    assert not problems


def test_a_search_that_always_expires_ends_with_a_problem_and_keeps_what_came(full: FhirServer) -> None:
    full.hooks = [lambda s, t, q: outcome(410, "gone") if q.get("_getpagesoffset") == "4" else None]
    orders, problems, _ = read(full)
    assert len(orders) == 4
    assert [p.kind for p in problems] == ["unreadable"]
    assert "the search ended after 4 studies" in problems[0].message
    assert "gone" in problems[0].message


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:09 GMT", "X-Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 9.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_in_seconds_and_as_a_date(
    full: FhirServer, headers: dict[str, str], wait: float, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    if date := headers.get("X-Date"):
        monkeypatch.setattr(full.httpd.RequestHandlerClass, "date_time_string", lambda *_: date)

    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        if "_getpages" in query and not sent:
            sent.append(target)
            return status, headers, b""
        return None

    full.hooks = [hook]
    orders, problems, waits = read(full)
    assert ids(orders) == ALL
    assert not problems
    assert waits == [wait]


def test_a_server_that_asks_to_wait_an_hour_is_given_up_with_that_word(full: FhirServer) -> None:
    full.hooks = [lambda s, t, q: (503, {"Retry-After": "3600"}, b"")]
    with pytest.raises(SourceError, match=r"503, asks to wait 3600 s"):
        read(full)


def test_waits_grow_and_are_the_same_every_time(full: FhirServer) -> None:
    full.hooks = [lambda s, t, q: (500, {}, b"") if "_getpages" in q else None]
    _, problems, waits = read(full)
    full.searches.clear()
    _, _, again = read(full)
    assert waits == again
    assert len(waits) == client_module.TRIES - 1
    assert all(w < v for w, v in itertools.pairwise(waits))
    assert "500 Internal Server Error" in problems[0].message


def test_a_connection_that_breaks_is_tried_again(full: FhirServer) -> None:
    broken = []

    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        if "_getpages" in query and len(broken) < 2:
            broken.append(target)
            return 0, {}, b""
        return None

    full.hooks = [hook]
    orders, problems, waits = read(full)
    assert ids(orders) == ALL
    assert not problems
    assert len(waits) == 2


def test_a_server_that_hangs_is_left_after_the_timeout(full: FhirServer) -> None:
    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        time.sleep(0.5)
        return outcome(200, "late")

    full.hooks = [hook]
    with pytest.raises(SourceError, match=r"no answer within 0\.1 s"):
        read(full, timeout_s=0.1)


def test_a_dead_server_is_one_line_at_once(server: FhirServer) -> None:
    server.httpd.server_close()
    with pytest.raises(SourceError, match=r"no answer: .*expected a FHIR server") as caught:
        read(server)
    assert "\n" not in str(caught.value)


def test_a_page_that_is_not_fhir_says_what_it_is(full: FhirServer) -> None:
    full.hooks = [lambda s, t, q: (200, {"Content-Type": "text/html"}, b"<html>login</html>")]
    with pytest.raises(SourceError, match="answers text/html, expected FHIR as JSON"):
        read(full)


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "expected the base URL of a FHIR server"), (401, "expected a token or a user")],
)
def test_a_first_answer_that_says_no_is_told_with_what_was_expected(
    full: FhirServer, status: int, words: str
) -> None:
    full.hooks = [lambda s, t, q: (status, {}, b"")]
    with pytest.raises(SourceError, match=f"ImagingStudy.*{status} .*{words}"):
        read(full)


def test_an_answer_that_drips_without_end_is_left(full: FhirServer) -> None:
    clock = itertools.count(0.0, 40.0)
    request = Request(full.base, timeout_s=60.0, sleep=lambda _: None)
    with Client(request, monotonic=lambda: next(clock)) as client:
        assert client.get(client.url("Patient/a"))["id"] == "a"
    clock = itertools.count(0.0, 100.0)
    with (
        Client(request, monotonic=lambda: next(clock)) as client,
        pytest.raises(SourceError, match="no answer within 60 s"),
    ):
        client.get(client.url("Patient/a"))


def test_a_server_that_dies_after_the_search_costs_little_and_loses_no_study(server: FhirServer) -> None:
    server.resources = [study(n, f"p{n}") for n in range(30)]
    dead: list[str] = []

    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        if not target.startswith("/fhir/ImagingStudy"):
            dead.append(target)
        return (503, {}, b"") if dead and "_getpages" not in query else None

    server.hooks = [hook]
    orders, problems, waits = read(server, page_size=10)
    assert not orders
    assert {p.study for p in problems} == {f"s{n:03d}" for n in range(30)}
    assert len(waits) <= 4 * client_module.TRIES


def test_broken_json_in_the_middle_is_a_problem_and_the_rest_is_made(full: FhirServer) -> None:
    full.hooks = [
        lambda s, t, q: (
            (200, {"Content-Type": "application/fhir+json"}, b'{"resourceType":')
            if q.get("_getpagesoffset") == "4"
            else None
        )
    ]
    orders, problems, _ = read(full)
    assert len(orders) == 4
    assert "broken answer" in problems[0].message


def test_a_gigantic_page_is_refused(full: FhirServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAGE_LIMIT", 1 << 20)
    full.hooks = [lambda s, t, q: (200, {"Content-Type": "application/json"}, b" " * (2 << 20))]
    with pytest.raises(SourceError, match="answers more than 1 MiB"):
        read(full)


def test_credentials_never_go_to_another_origin(full: FhirServer) -> None:
    other = FhirServer()
    try:
        full.hooks = [lambda s, t, q: (302, {"Location": f"{other.base}/ImagingStudy"}, b"")]
        with pytest.raises(SourceError, match="redirects to another origin, http://127"):
            read(full, auth=Auth(token=SECRET))
        assert other.asked == []
    finally:
        other.close()


def test_a_redirect_within_the_origin_is_followed(full: FhirServer) -> None:
    full.hooks = [
        lambda s, t, q: (
            (307, {"Location": t.replace("/old/", "/fhir/")}, b"") if t.startswith("/old/") else None
        )
    ]
    orders, _, _ = read(full, location=f"{full.origin}/old")
    assert ids(orders) == ALL


def test_pages_in_a_circle_end(full: FhirServer) -> None:
    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        if query.get("_getpagesoffset") != "4":
            return None
        links = [{"relation": "next", "url": f"{server.origin}{target}"}]
        return fhir({"resourceType": "Bundle", "link": links})

    full.hooks = [hook]
    orders, problems, _ = read(full)
    assert len(orders) == 4
    assert "leads back to a page that was read" in problems[0].message


def test_pages_without_end_that_bring_nothing_new_end(full: FhirServer) -> None:
    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        number = int(query.get("n", "0"))
        if query.get("_count") != "2" or not target.startswith("/fhir/ImagingStudy"):
            return None
        links = [{"relation": "next", "url": f"{server.base}/ImagingStudy?_count=2&n={number + 1}"}]
        return fhir({"resourceType": "Bundle", "link": links, "entry": [{"resource": study(1, "a")}]})

    full.hooks = [hook]
    orders, problems, _ = read(full)
    assert [o.id for o in orders] == ["s001"]
    assert "brought no new study" in problems[0].message


@pytest.mark.parametrize(
    ("auth", "header"),
    [(Auth(token=SECRET), f"Bearer {SECRET}"), (Auth("ann", "pw"), "Basic YW5uOnB3")],
)
def test_bearer_and_basic_are_sent(full: FhirServer, auth: Auth, header: str) -> None:
    read(full, auth=auth)
    assert {h.get("Authorization") for h in full.headers} == {header}


def test_a_user_in_the_url_signs_in_and_is_not_shown(full: FhirServer) -> None:
    full.hooks = [lambda s, t, q: outcome(401, "who are you")]
    with pytest.raises(SourceError, match="401 Unauthorized: who are you") as caught:
        read(full, location=full.base.replace("//", "//ann:hush%21@"))
    assert "hush" not in str(caught.value)
    assert {h.get("Authorization") for h in full.headers} == {"Basic YW5uOmh1c2gh"}


def test_a_token_is_in_no_message_repr_or_log(full: FhirServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    full.hooks = [lambda s, t, q: outcome(401, f"no such token {SECRET}")]
    request = Request(full.base, auth=Auth(token=SECRET))
    with pytest.raises(SourceError) as caught:
        list(open_server(request))
    assert SECRET not in f"{caught.value!r} {request!r} {caplog.text}"


def test_a_token_that_cannot_be_a_header_is_one_line(full: FhirServer) -> None:
    for token in ("two\nlines", "naïve"):
        with pytest.raises(SourceError) as caught:
            read(full, auth=Auth(token=token))
        assert token not in str(caught.value)


@pytest.mark.parametrize("wanted", ["b", "Patient/b", "Mb", "urn:mrn|Mb"])
def test_one_patient_is_found_by_id_reference_or_identifier(full: FhirServer, wanted: str) -> None:
    orders, _, _ = read(full, patient=wanted)
    assert [o.patient.id for o in orders] == ["b"] * 4


def test_an_unknown_patient_is_an_error(full: FhirServer) -> None:
    with pytest.raises(SourceError, match="no patient nobody; expected an id"):
        read(full, patient="nobody")


def test_no_more_studies_are_fetched_than_asked_for(full: FhirServer) -> None:
    orders = list(open_source(full.base, max_studies=3, page_size=2))
    assert len(orders) == 3
    assert not any("_getpagesoffset=4" in a for a in full.asked)


def test_a_server_without_includes_or_some_searches_is_read_without_them(full: FhirServer) -> None:
    def hook(server: FhirServer, target: str, query: dict[str, str]) -> Any:
        if "_include" in query:
            return outcome(400, "unknown parameter _include")
        if target.startswith(("/fhir/Device", "/fhir/Procedure")):
            return outcome(404, "no such type")
        return None

    full.hooks = [hook]
    orders, problems, _ = read(full)
    assert ids(orders) == ALL
    assert not problems
    assert all(o.patient.known for o in orders)
    assert sum(a.startswith("/fhir/Device") for a in full.asked) == 1


def test_a_record_that_cannot_be_read_makes_its_studies_problems_not_pictures_without_it(
    full: FhirServer,
) -> None:
    full.hooks = [
        lambda s, t, q: (500, {}, b"") if t.startswith("/fhir/Condition") and q["patient"] == "a" else None
    ]
    orders, problems, _ = read(full)
    assert {o.patient.id for o in orders} == {"b"}
    assert {p.study for p in problems} == ALL - ids(orders)
    assert all("no record of the patient" in p.message for p in problems)


def test_xml_is_read_when_a_server_speaks_nothing_else(server: FhirServer, fhir_data: Path) -> None:
    inner = (fhir_data / "one" / "r6-example.xml").read_text().partition("?>")[2]
    page = (
        '<Bundle xmlns="http://hl7.org/fhir"><link><relation value="self"/><url value="x"/></link>'
        f"<entry><resource>{inner}</resource></entry></Bundle>"
    )
    server.hooks = [
        lambda s, t, q: (
            (200, {"Content-Type": "application/fhir+xml"}, page.encode())
            if t.startswith("/fhir/ImagingStudy")
            else outcome(404, "none")
        )
    ]
    orders, _, _ = read(server)
    assert [o.id for o in orders] == ["r6-imagingstudy-example"]


def test_junk_in_a_page_is_named_and_the_rest_read(full: FhirServer) -> None:
    entries = [7, {}, {"resource": {"id": "x"}}, {"resource": study(1, "a")}, {"resource": study(1, "a")}]
    full.hooks = [
        lambda s, t, q: (
            fhir({"resourceType": "Bundle", "entry": entries, "link": [5, {"relation": []}]})
            if t.startswith("/fhir/ImagingStudy")
            else None
        )
    ]
    orders, problems, _ = read(full)
    assert [o.id for o in orders] == ["s001"]
    assert ["without resourceType" in p.message for p in problems] == [True]


@pytest.mark.parametrize("location", ["http://", "http://[::1", "http://host:port/fhir", "http://a..b/fhir"])
def test_a_wrong_url_is_one_line(location: str) -> None:
    with pytest.raises(SourceError):
        list(open_source(location))


def test_files_and_server_give_the_same_orders(server: FhirServer, fhir_data: Path, tmp_path: Path) -> None:
    resources = []
    for name in ("ImagingStudy", "Patient"):
        lines = (fhir_data / "bulk" / f"{name}.ndjson").read_text().splitlines()
        resources += [json.loads(line) for line in lines]
    (tmp_path / "all.ndjson").write_text("\n".join(map(json.dumps, resources)))
    server.resources = resources
    from_server, _, _ = read(server, page_size=7)
    from_files = list(open_source(str(tmp_path)))

    def said(o: Any) -> tuple[Any, ...]:
        return o.id, o.patient, o.series, o.record, o.institution, o.started

    assert [said(o) for o in from_server] == [said(o) for o in from_files]
