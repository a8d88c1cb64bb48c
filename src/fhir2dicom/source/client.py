"""One FHIR server over HTTP: patient with what passes, clear about what does not, and silent about secrets.

Requests go to the configured origin and nowhere else: links are put on the configured base, redirects to another
origin are refused. Waiting is done by a function that is passed in, jitter is drawn from the seed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import httpx

from fhir2dicom.errors import SourceError
from fhir2dicom.seed import Seed
from fhir2dicom.source import xml
from fhir2dicom.source.source import Auth, Request
from fhir2dicom.source.values import Json, items, part, text
from fhir2dicom.source.wire import decode

PAGE_LIMIT = 64 << 20
"""Bytes of one answer, unpacked."""
TRIES = 5
LONGEST_WAIT_S = 120.0
"""A server that asks for more is given up, and its message says how long it asked for."""
_FIRST_WAIT_S, _LAST_WAIT_S = 0.5, 30.0
_CONNECT_S = 10.0
_SILENT_TRIES = 3
_REDIRECTS = 5
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_ACCEPT = "application/fhir+json, application/json;q=0.9, application/fhir+xml;q=0.5"
_LOG = logging.getLogger(__name__)


class AnswerError(SourceError):
    """The server answered, but not with what was asked for; carries the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


class Client:
    """A connection to the server at one base URL; a context manager."""

    def __init__(
        self,
        request: Request,
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base, self._auth = _base(request)
        self._shown = urlunsplit(self.base)
        self._timeout_s, self._sleep, self._monotonic = request.timeout_s, request.sleep, monotonic
        self.tries = TRIES
        self._reached = False
        headers = {"Accept": _ACCEPT, "Cache-Control": "no-cache", "User-Agent": "fhir2dicom"}
        if written := self._auth.header():
            headers["Authorization"] = written
        limits = httpx.Timeout(self._timeout_s, connect=min(_CONNECT_S, self._timeout_s))
        try:
            self._http = httpx.Client(headers=headers, timeout=limits, transport=transport)
        except (ValueError, UnicodeError):
            raise SourceError(
                f"{self._shown}: the user, password or token cannot be sent in a header"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def url(self, path: str, query: str = "") -> str:
        """Return the URL of something below the base."""
        whole = f"{self.base.path}/{path}" if path else self.base.path or "/"
        return urlunsplit((self.base.scheme, self.base.netloc, whole, query, ""))

    def next_url(self, bundle: Json, kind: str, current: str) -> str:
        """Return the URL of a search's next page on the configured base; empty on the last page.

        Servers behind proxies write a public, dead or wrong base into links; some lose the path to the FHIR servlet.
        So only what comes after their base is believed, and the query.
        """
        links = {text(part(k, "relation")): text(part(k, "url"), 65536) for k in items(bundle.get("link"))}
        if not (following := links.get("next", "")):
            return ""
        try:
            target, own = urlsplit(urljoin(current, following)), urlsplit(links.get("self", ""))
        except ValueError:
            raise SourceError(f"{self._shown}: the next link is no URL: {following[:200]}") from None
        return self.url(
            _below(target.path, kind, (self.base.path, own.path.partition(f"/{kind}")[0])), target.query
        )

    def get(self, url: str) -> Json:
        """Return the resource at a URL below the base.

        Raises `AnswerError` for an answer that is no FHIR resource, `SourceError` when none came.
        """
        answer = self._settled(url)
        if answer.status >= 400:
            raise AnswerError(self._clean(f"{url}: {self._complaint(answer)}"), answer.status)
        return self._resource(url, answer)

    def _settled(self, url: str) -> _Answer:
        """Return the first answer that will not get better by waiting."""
        for attempt in range(1, self.tries + 1):
            last = attempt == self.tries
            try:
                answer = self._followed(url)
            except httpx.TransportError as fault:
                if last or self._hopeless(fault, attempt):
                    raise SourceError(self._clean(f"{url}: {_no_answer(fault, self._timeout_s)}")) from None
                wait, why = self._backoff(url, attempt), type(fault).__name__
            except (httpx.InvalidURL, httpx.HTTPError, UnicodeError) as fault:
                raise SourceError(self._clean(f"{url}: {fault or type(fault).__name__}")) from None
            else:
                self._reached = True
                if answer.status not in _PASSING or last:
                    return answer
                asked = _retry_after(answer.headers)
                if asked is not None and asked > LONGEST_WAIT_S:
                    raise AnswerError(f"{url}: {answer.status}, asks to wait {asked:.0f} s", answer.status)
                wait, why = asked or self._backoff(url, attempt), str(answer.status)
            _LOG.info("%s: %s, trying again in %.1f s", self._clean(url), why, wait)
            self._sleep(wait)
        raise SourceError(f"{self._shown}: no try left")

    def _hopeless(self, fault: httpx.TransportError, attempt: int) -> bool:
        """Say whether nobody is there: no connection at the first try, or silence again and again."""
        silent = isinstance(fault, httpx.TimeoutException)
        return (silent and attempt >= _SILENT_TRIES) or (
            not self._reached and (silent or isinstance(fault, httpx.ConnectError))
        )

    def _backoff(self, url: str, attempt: int) -> float:
        longest = min(_LAST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (attempt - 1))
        return longest * Seed(self._shown).child("wait", url, attempt).uniform(0.5, 1.0)

    def _followed(self, url: str) -> _Answer:
        for _ in range(_REDIRECTS):
            answer = self._once(url)
            target = answer.headers.get("Location", "")
            if answer.status not in _MOVED or not target:
                return answer
            moved = urljoin(url, target)
            if _origin(urlsplit(moved)) != _origin(self.base):
                place = urlunsplit((*urlsplit(moved)[:2], "", "", ""))
                raise SourceError(
                    f"{self._shown}: redirects to another origin, {place}: not followed; name it as the source"
                )
            url = moved
        raise SourceError(f"{self._shown}: redirects more than {_REDIRECTS} times")

    def _once(self, url: str) -> _Answer:
        deadline = self._monotonic() + self._timeout_s
        with self._http.stream("GET", url) as response:
            kept = bytearray()
            for chunk in response.iter_bytes():
                kept += chunk
                if len(kept) > PAGE_LIMIT:
                    raise SourceError(self._clean(f"{url}: answers more than {PAGE_LIMIT >> 20} MiB"))
                if self._monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer did not end")
            return _Answer(response.status_code, response.headers, bytes(kept))

    def _resource(self, url: str, answer: _Answer) -> Json:
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        try:
            if "json" in kind or not kind:
                found = decode(answer.body)
            elif kind.endswith("xml"):
                found = _bundled(list(xml.resources(BytesIO(answer.body))), answer.body)
            else:
                raise AnswerError(self._clean(f"{url}: answers {kind}, expected FHIR as JSON"), answer.status)
        except ValueError as fault:
            raise AnswerError(self._clean(f"{url}: broken answer: {fault}"), answer.status) from None
        if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
            raise AnswerError(
                self._clean(f"{url}: expected a FHIR resource, found other JSON"), answer.status
            )
        return found

    def _complaint(self, answer: _Answer) -> str:
        """Return an error's status and what its OperationOutcome says."""
        try:
            outcome = decode(answer.body[: 1 << 20])
        except ValueError:
            outcome = None
        said = (
            text(part(i, "diagnostics"), 300) or text(part(i, "details", "text"), 300)
            for i in items(part(outcome, "issue"))
        )
        reason = httpx.codes.get_reason_phrase(answer.status)
        words = " ".join(w for w in (str(answer.status), reason) if w)
        return ": ".join(w for w in (words, next((s for s in said if s), "")) if w)

    def _clean(self, message: str) -> str:
        for secret in (self._auth.token, self._auth.password):
            if secret:
                message = message.replace(secret, "***")
        return message


def _bundled(found: list[tuple[int, Json]], written: bytes) -> Any:
    """Return XML's resources as the Bundle they came in; its links are read apart, since entries are streamed."""
    if found and found[0][0] == 0:
        return found[0][1]
    return {
        "resourceType": "Bundle",
        "entry": [{"resource": resource} for _, resource in found],
        "link": xml.links(BytesIO(written)),
    }


def _base(request: Request) -> tuple[SplitResult, Auth]:
    """Return the base URL without user, query and trailing slash, and how to sign in there."""
    try:
        url = urlsplit(request.location)
        host, port = url.hostname or "", url.port
    except ValueError as fault:
        raise SourceError(
            f"the source's URL is wrong: {fault}; expected http(s)://host[:port]/path"
        ) from None
    if not host:
        raise SourceError(f"{request.location}: no host; expected http(s)://host[:port]/path")
    auth = request.auth
    if url.username and not auth.header():
        auth = replace(auth, user=unquote(url.username), password=unquote(url.password or ""))
    place = f"[{host}]" if ":" in host else host
    netloc = place if port is None else f"{place}:{port}"
    return SplitResult(url.scheme.lower(), netloc, url.path.rstrip("/"), "", ""), auth


def _below(path: str, kind: str, bases: tuple[str, ...]) -> str:
    """Return what a link's path says below whatever base its server believes in."""
    steps = path.strip("/").split("/")
    if kind in steps:
        return "/".join(steps[len(steps) - 1 - steps[::-1].index(kind) :])
    for base in bases:
        if base.strip("/") and path.startswith(f"{base.rstrip('/')}/"):
            return path[len(base.rstrip("/")) :].strip("/")
    return ""


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    try:
        port = url.port
    except ValueError:
        port = -1
    return url.scheme.lower(), (url.hostname or "").lower(), port or _PORTS.get(url.scheme.lower())


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds a server asks to wait; a date is taken from the answer's own Date, so no clock is needed."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isdecimal() and len(asked) < 9:
        return float(asked)
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("Date", ""))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _no_answer(fault: httpx.TransportError, timeout_s: float) -> str:
    if isinstance(fault, httpx.TimeoutException):
        return f"no answer within {timeout_s:g} s"
    return f"no answer: {text(str(fault), 200) or type(fault).__name__}; expected a FHIR server"


def pages(client: Client, kind: str, query: str) -> Iterator[Json]:
    """Yield the Bundles of a search, page by page.

    Raises `AnswerError` (410 when the server has forgotten the search) and `SourceError`, also for pages in a circle.
    """
    url = client.url(kind, query)
    been = set()
    while url:
        if url in been:
            raise SourceError(f"{url}: the next link leads back to a page that was read")
        been.add(url)
        bundle = client.get(url)
        if bundle["resourceType"] != "Bundle":
            raise AnswerError(f"{url}: expected a Bundle, found {bundle['resourceType'][:64]}", 200)
        yield bundle
        url = client.next_url(bundle, kind, url)
