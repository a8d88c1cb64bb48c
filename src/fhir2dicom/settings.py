"""One row a setting: name, default, help. A flag beats the environment, that beats the file, that the default.

The environment's name is ``FHIR2DICOM_`` and the row's name in capitals; the file is YAML with a block

    imaging:
      dicom_generation:
        enabled: true
        slices_per_study: 30            # or a number for each modality: {CT: 30, MR: 20}
        compression: none
        output_directory: dicom

in which nothing else may stand; other blocks belong to others and are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fhir2dicom.errors import SettingsError

BLOCK = "imaging.dicom_generation"
"""Where the settings stand in a configuration file."""

LARGEST_BYTES = 256 << 10
"""Of a configuration file."""
MOST_ALIASES = 32
DEEPEST = 32

NOT_MADE_YET = ("rle", "jpeg-ls", "jpeg-lossless", "jpeg2000", "htj2k", "deflated")
"""Names of compressions that people will ask for."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set."""

    name: str
    default: Any
    help: str
    read: Callable[[Any], Any]
    """Value of a flag, the environment (text) or the file (YAML's types) → value; ValueError says what was expected."""
    key: str = ""
    """Its key in the block of the configuration file; empty: not set there."""
    secret: bool = False
    """Never shown, and never a flag."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")  # noqa: TRY004  every reader raises the same
    return value


def _switch(value: Any) -> bool:
    words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("true or false")


def _count(value: Any) -> int:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 10**9:
        raise ValueError("a whole number from 1")
    return number


def _slices(value: Any) -> int | dict[str, int]:
    expected = "a whole number from 1, or one for each modality (CT=30,MR=20; in the file {CT: 30, MR: 20})"
    if isinstance(value, str) and "=" in value:
        value = dict(part.strip().partition("=")[::2] for part in value.split(","))
    try:
        if isinstance(value, Mapping):
            return {_modality(k): _count(v) for k, v in value.items()}
        return _count(value)
    except ValueError:
        raise ValueError(expected) from None


def _modality(value: Any) -> str:
    if not isinstance(value, str) or not value.strip().isalnum():
        raise ValueError("a modality")
    return value.strip().upper()


def _compression(value: Any) -> str:
    name = "none" if value is None or value is False else _text(value).lower()
    if name in NOT_MADE_YET:
        raise ValueError("none (others are not made yet)")
    if name not in {"none", "explicit-vr-le"}:
        raise ValueError("none or explicit-vr-le")
    return name


def _folder(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("the path of a folder")
    return value


SETTINGS = (
    Setting("hapi_url", "", "Base URL of a FHIR server, as SOURCE.", _text),
    Setting("max_studies", None, "Stop after so many studies.", _count),
    Setting("patient_id", "", "Only the studies of this patient.", _text),
    Setting("dicom_dir", "dicom", "Folder to write to.", _folder, "output_directory"),
    Setting("workers", None, "Processes that make studies; unset: one for each processor.", _count),
    Setting("seed", "", "Root of all randomness: another seed, other patients.", _text),
    Setting(
        "slices_per_study",
        None,
        "Slices where FHIR names none: 30, or CT=30,MR=20.",
        _slices,
        "slices_per_study",
    ),
    Setting(
        "compression",
        "none",
        "Transfer syntax: none (Explicit VR Little Endian).",
        _compression,
        "compression",
    ),
    Setting("enabled", True, "False: `generate` makes nothing.", _switch, "enabled"),
    Setting("auth_token", "", "Bearer token for the FHIR server.", _text, secret=True),
    Setting("basic_password", "", "Password that goes with --basic-user.", _text, secret=True),
)
"""Every setting there is."""


def variable(setting: Setting) -> str:
    """Return the name of a setting in the environment."""
    return f"FHIR2DICOM_{setting.name.upper()}"


def resolve(
    flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None = None
) -> Mapping[str, Any]:
    """Return the value of every setting by name; a flag that is None is not set.

    Raises
    ------
    SettingsError
        Names the place, the value and what was expected.
    """
    block = read_block(file) if file else {}
    return {s.name: _value(s, flags, environment, block, file) for s in SETTINGS}


def _value(
    setting: Setting,
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    block: Mapping[str, Any],
    file: Path | None,
) -> Any:
    if flags.get(setting.name) is not None:
        return _read(setting, flags[setting.name], f"--{setting.name.replace('_', '-')}")
    if environment.get(variable(setting)):
        return _read(setting, environment[variable(setting)], f"environment variable {variable(setting)}")
    if setting.key and block.get(setting.key) is not None:
        return _read(setting, block[setting.key], f"{file}: {BLOCK}.{setting.key}")
    return setting.default


def _read(setting: Setting, value: Any, place: str) -> Any:
    try:
        return setting.read(value)
    except ValueError as error:
        shown = "a secret" if setting.secret else _shown(value)
        raise SettingsError(f"{place} is {shown}; expected {error}") from None


def read_block(file: Path) -> Mapping[str, Any]:
    """Return the block of settings in a configuration file.

    Raises
    ------
    SettingsError
        The file is not there, is no YAML, is a bomb, or the block holds a key that is not known.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}; expected a YAML file") from None
    if len(text) > LARGEST_BYTES:
        raise SettingsError(f"{file}: larger than {LARGEST_BYTES // 1024} KiB; expected a configuration file")
    block = _parsed(file, text)
    for name in BLOCK.split("."):
        block = block.get(name) if isinstance(block, dict) else None
    if not isinstance(block, dict):
        raise SettingsError(f"{file}: no block {BLOCK}; expected it with {', '.join(_keys())}")
    if unknown := [key for key in block if key not in _keys()]:
        key, value = unknown[0], block[unknown[0]]
        raise SettingsError(f"{file}: {BLOCK}.{key} is {_shown(value)}; expected only {', '.join(_keys())}")
    return block


def _parsed(file: Path, text: bytes) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_bombs(file, text, loader)
        return yaml.load(text, Loader=loader)  # noqa: S506  it is a safe loader, the one in C where there is one
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else f"{file}"
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise SettingsError(f"{where}: {reason}; expected YAML") from None


def _refuse_bombs(file: Path, text: bytes, loader: Any) -> None:
    depth = aliases = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > DEEPEST or aliases > MOST_ALIASES:
            raise SettingsError(f"{file}: nested or aliased beyond measure; expected a configuration file")


def _keys() -> tuple[str, ...]:
    return tuple(s.key for s in sorted(SETTINGS, key=lambda s: s.key) if s.key)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
