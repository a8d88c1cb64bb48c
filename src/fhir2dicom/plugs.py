"""One way to extend every room: put a module into it that holds an instance of the room's contract.

``load(Modality)`` imports every module beside ``Modality``'s own and collects the ``Modality``
instances it finds; other distributions add theirs under the entry-point group named like the
room, e.g. ``fhir2dicom.physics``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import Any, Protocol, TypeVar


class Named(Protocol):
    """What every contract has: the name a plan refers to it by."""

    @property
    def name(self) -> str:
        """Return the name, unique in its room."""
        ...


T = TypeVar("T", bound=Named)


def load(contract: type[T]) -> Mapping[str, T]:
    """Return every plug of a contract by name, found once a process; two of one name is an error."""
    return _found(contract)


@cache
def _found(contract: type[Any]) -> Mapping[str, Any]:
    room = contract.__module__.rpartition(".")[0]
    found = {id(v): v for m in _modules(room) for v in vars(m).values() if isinstance(v, contract)}
    plugs = {p.name: p for p in found.values()}
    if len(plugs) < len(found):
        raise TypeError(f"{room}: two plugs share a name among {sorted(p.name for p in found.values())}")
    return MappingProxyType(dict(sorted(plugs.items())))


@cache
def _modules(room: str) -> tuple[ModuleType, ...]:
    ours = (import_module(f"{room}.{m.name}") for m in pkgutil.iter_modules(import_module(room).__path__))
    return (*ours, *(e.load() for e in entry_points(group=room)))
