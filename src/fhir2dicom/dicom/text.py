"""What FHIR may hold as text, made fit for a DICOM value: nothing from outside can break a header.

PS3.5 6.2 limits each Value Representation in length and in repertoire. Control characters, lone
surrogates and delimiters become spaces; what is too long ends in `CUT`, so that a reader sees it was cut.

The standard counts characters; dciodvfy and many an archive's column count bytes. All limits here are
bytes of UTF-8, which satisfies both and cuts only what is long in another script than Latin sooner.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from fhir2dicom.model import HumanName

CUT = "…"
"""Ends a text that was longer than its value may be."""
GROUP_LIMIT = 64
"""Of one component group of a PN, delimiters included (PS3.5 6.2)."""

_SEPARATOR = re.compile(r"\s+")
_NOT_CS = re.compile(r"[^A-Z0-9_ ]+")
_PLAIN = re.compile(r"[ -\[\]-~]*")
_PLAIN_LINES = re.compile(r"[ -~]*")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff0-9 .'\u2019-]+")
_TITLES = frozenset(("dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "sr", "sra", "mme", "m"))
_HAN = re.compile("[\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def line(text: str, limit: int | None = None) -> str:
    r"""Return one line of at most ``limit`` bytes with no control character, backslash or surrogate."""
    if not (_PLAIN.fullmatch(text) and "  " not in text):
        text = _SEPARATOR.sub(" ", "".join(map(_graphic, text)).replace("\\", "/"))
    return cut(text.strip(), limit)


def paragraphs(text: str, limit: int | None = None) -> str:
    """Return text that keeps its line ends and backslashes (ST, LT, UT allow them) and no other control."""
    if not _PLAIN_LINES.fullmatch(text):
        text = "\r\n".join("".join(map(_graphic, part)) for part in text.splitlines())
    return cut(text.strip(), limit)


def cut(text: str, limit: int | None) -> str:
    """Return the text, or its beginning and `CUT` if it is longer than ``limit`` bytes."""
    if limit is None or size(text) <= limit:
        return text
    return _head(text, limit - size(CUT)).rstrip() + CUT


def size(text: str) -> int:
    """Return the length in bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def identifier(text: str, limit: int) -> str:
    """Return an identifier; one that is too long is cut and ends in a hash of it all, so it stays unique."""
    text = line(text)
    if size(text) <= limit:
        return text
    mark = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    return f"{_head(text, limit - len(mark) - 1)}~{mark}"


def _head(text: str, limit: int) -> str:
    return text.encode()[:limit].decode("utf-8", "ignore")


def code_string(text: str) -> str:
    """Return a CS: A-Z, 0-9, space and underscore, at most 16."""
    return _NOT_CS.sub(" ", line(text).upper()).strip()[:16].strip()


def person_name(name: HumanName) -> str:
    r"""Return a PN: family^given^middle^prefix^suffix (PS3.5 6.2.1).

    A name that is one text only is split at a comma (``Curie, Marie``) or, in Latin script, before its last
    word (``Ludwig van Beethoven`` has the family name ``van Beethoven``). In other scripts it all stands as
    the family name complex, since where a family name stands differs between languages.

    Names stay in the script they came in, in the first component group: PS3.5 J.5 lets UTF-8 hold a local
    script there, and it is the group that every viewer and query looks at. A name with Chinese characters
    is repeated in the second, ideographic group, where readers of Annexes H to K look for it, as long as both
    fit the limit of one: dciodvfy holds all groups together against it.
    """
    if name.family or name.given:
        given = [g for g in map(_component, name.given) if g]
        parts = [_component(name.family), "".join(given[:1]), " ".join(given[1:])]
        parts += [" ".join(filter(None, map(_component, extra))) for extra in (name.prefix, name.suffix)]
    else:
        parts = _split(line(name.text))
    group = _fit(parts)
    twice = f"{group}={group}"
    return twice if _HAN.search(group) and size(twice) <= GROUP_LIMIT else group


def spoken_name(text: str) -> str:
    """Return the PN of a referrer, a reader or a performer known by one text.

    That may be an institution, so it is taken apart only where a title or a comma tells a person.
    """
    one = line(text)
    told = "," in one or any(word.strip(".").lower() in _TITLES for word in one.split())
    return person_name(HumanName(text=one)) if told else person_name(HumanName(family=one))


def _split(text: str) -> list[str]:
    """Return the components of a name that is one text."""
    family, comma, first = text.partition(",")
    words = text.split()
    if comma or len(words) < 2 or not _LATIN.fullmatch(text):
        return [_component(family), _component(first)]
    titles = [w for w in words if w.strip(".").lower() in _TITLES]
    words = [w for w in words if w not in titles] or titles
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    given = words[:start]
    parts = [" ".join(words[start:]), "".join(given[:1]), " ".join(given[1:]), " ".join(titles)]
    return [_component(part) for part in parts]


def _fit(parts: list[str]) -> str:
    """Return the components as one group that is not too long: suffix, prefix and middle names go first."""
    while size(group := "^".join(parts).rstrip("^")) > GROUP_LIMIT and len(parts) > 2:
        parts = parts[:-1]
    if size(group) <= GROUP_LIMIT:
        return group
    spare = GROUP_LIMIT - 1 - size(parts[1])
    family = cut(parts[0], max(spare, (GROUP_LIMIT - 1) // 2))
    return "^".join([family, cut(parts[1], GROUP_LIMIT - 1 - size(family))]).rstrip("^")


def _component(text: str) -> str:
    return _SEPARATOR.sub(" ", line(text).replace("^", " ").replace("=", " ")).strip()


def _graphic(character: str) -> str:
    kind = unicodedata.category(character)
    return " " if kind in ("Cc", "Zl", "Zp") else "\ufffd" if kind == "Cs" else character
