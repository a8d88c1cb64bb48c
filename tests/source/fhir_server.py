"""A FHIR server on this machine that behaves as well, or as badly, as a test wants."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, str], bytes] | None
Hook = Callable[["FhirServer", str, dict[str, str]], Answer]


class FhirServer:
    """Searches over a list of resources, with HAPI's paging: ``BASE?_getpages=ID&_getpagesoffset=N``."""

    def __init__(self) -> None:
        self.resources: list[dict[str, Any]] = []
        self.hooks: list[Hook] = []
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.public = ""  # the base that links carry; empty: the true one
        self.searches: dict[str, tuple[list[dict[str, Any]], int]] = {}
        self.httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.httpd.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.httpd.server_address[1]}"
        self.base = f"{self.origin}/fhir"
        self.thread = threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.httpd.shutdown()
        self.httpd.server_close()
        self.thread.join()

    def answer(self, target: str) -> Answer:
        url = urlsplit(target)
        query = {k: v[-1] for k, v in parse_qs(url.query).items()}
        for hook in self.hooks:
            answer = hook(self, target, query)
            if answer is not None:
                return answer
        steps = url.path.removeprefix("/fhir").strip("/").split("/")
        if "_getpages" in query:
            return self.page(query["_getpages"], int(query["_getpagesoffset"]))
        if len(steps) == 2:
            return self.read(*steps)
        return self.search(steps[0], query)

    def read(self, kind: str, own: str) -> Answer:
        for resource in self.resources:
            if (resource["resourceType"], resource.get("id")) == (kind, own):
                return fhir(resource)
        return outcome(404, f"{kind}/{own} is not known")

    def search(self, kind: str, query: dict[str, str]) -> Answer:
        found = [r for r in self.resources if r["resourceType"] == kind and matches(r, query)]
        key = f"search-{len(self.searches)}"
        self.searches[key] = found, int(query.get("_count", "20"))
        return self.page(key, 0, include=query.get("_include", ""))

    def page(self, key: str, offset: int, include: str = "") -> Answer:
        if key not in self.searches:
            return outcome(410, "the search has expired")
        found, count = self.searches[key]
        entries = [{"resource": r, "search": {"mode": "match"}} for r in found[offset : offset + count]]
        if include:
            subjects = {e["resource"].get("subject", {}).get("reference") for e in entries}
            entries += [
                {"resource": r, "search": {"mode": "include"}}
                for r in self.resources
                if r["resourceType"] == "Patient" and f"Patient/{r['id']}" in subjects
            ]
        base = self.public or self.base
        links = [{"relation": "self", "url": f"{base}/ImagingStudy?_count={count}"}]
        if offset + count < len(found):
            following = f"{base}?_getpages={key}&_getpagesoffset={offset + count}&_count={count}"
            links.append({"relation": "next", "url": following})
        return fhir({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def matches(resource: dict[str, Any], query: dict[str, str]) -> bool:
    whose = (resource.get("subject") or resource.get("patient") or {}).get("reference", "").rpartition("/")[2]
    where = (resource.get("encounter") or {}).get("reference", "").rpartition("/")[2]
    codes = {c.get("code") for c in (resource.get("code") or {}).get("coding", [])}
    names = {f"{i.get('system', '')}|{i['value']}" for i in resource.get("identifier", [])}
    names |= {n.rpartition("|")[2] for n in names}
    wanted = {"patient": {whose}, "encounter": {where}, "code": codes, "identifier": names}
    return all(set(query[k].split(",")) & known for k, known in wanted.items() if k in query)


def fhir(resource: dict[str, Any], status: int = 200) -> Answer:
    return status, {"Content-Type": "application/fhir+json;charset=UTF-8"}, json.dumps(resource).encode()


def outcome(status: int, words: str) -> Answer:
    return fhir({"resourceType": "OperationOutcome", "issue": [{"diagnostics": words}]}, status)


def _handler(server: FhirServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            server.asked.append(self.path)
            server.headers.append(dict(self.headers))
            answer = server.answer(self.path)
            assert answer is not None
            status, headers, body = answer
            if status == 0:  # hang up without a word
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                super().handle()

        def finish(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                super().finish()

    return Handler
