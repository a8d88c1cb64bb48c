"""The output folder: a study stands in it whole, or not at all.

A study is written into a hidden staging folder inside the output and moved into place in one step; its manifest,
the done marker, comes last. A run that is killed anywhere leaves whole studies and some staging, which the next
run sweeps. Only what a manifest vouches for is ever replaced unasked.

    study_{id}/series_{number:03d}_{modality}/slice_{ordinal:04d}.dcm
    .fhir2dicom/studies/study_{id}.json        manifests
    .fhir2dicom/tmp/…                          staging, see `store.run`
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

import msgspec

from fhir2dicom.errors import DiskFullError, StoreError
from fhir2dicom.model import Instance, StudyPlan
from fhir2dicom.store import manifest, names, run
from fhir2dicom.store.manifest import File, Manifest
from fhir2dicom.store.spool import Spool
from fhir2dicom.store.swap import swap

HIDDEN = ".fhir2dicom"
"""The folder inside the output that holds what is not a study."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BLOCK_BYTES = 4096
_HEADER_BYTES = 4096
"""More than any header here is, to judge what a study needs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a study goes, and what it will be made of."""

    name: str
    digest: str
    saved: bytes
    """The plan as JSON, as it stands in the manifest."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A study that stands in the folder."""

    instances: int
    bytes: int


def needed_bytes(plan: StudyPlan) -> int:
    """Return what a study takes on disk, within some kB an instance."""
    files = plan.instance_count
    return plan.pixel_bytes + files * (_HEADER_BYTES + _BLOCK_BYTES) + 100 * files


@dataclass(frozen=True, slots=True)
class Folder:
    """An output folder of one run; a copy of it works in every process of the run."""

    root: Path
    staging: Path
    edition: str
    """Names the code that makes pixels and headers: part of every digest."""
    folds_case: bool
    _claimed: dict[str, str] = field(default_factory=dict)

    def claim(self, plan: StudyPlan, saved: bytes, *, force: bool = False) -> tuple[Place, Kept | None]:
        """Return a study's place, and what stands there if that is the same study already.

        Another study with the same id (ids are unique on one server only) gets a name of its own: the first
        to come keeps the plain one, from run to run. A study that comes a second time in a run is there already.

        Raises
        ------
        StoreError
            The folder there is not one that a run made.
        """
        name = names.study_name(plan.id, folds_case=self.folds_case)
        found = manifest.read(self._manifest(name))
        if self._claimed.get(name, found.uid if found else plan.uid) != plan.uid:
            name = names.second_name(name, plan.uid)
        place = Place(name, self._digest(saved), saved)
        if self._claimed.get(name) == plan.uid:
            return place, Kept(plan.instance_count, 0)
        self._claimed[name] = plan.uid
        if not force:
            self._refuse_foreign(place)
        return place, None if force else self.standing(place)

    def standing(self, place: Place) -> Kept | None:
        """Return what stands in a place if it is that study, whole: a damaged or another one is none."""
        found = manifest.read(self._manifest(place.name))
        same = found is not None and found.digest == place.digest and bool(found.files)
        return _standing(self.root / place.name, found) if same and found else None

    def put(
        self, plan: StudyPlan, place: Place, instances: Iterable[Instance], *, force: bool = False
    ) -> Kept:
        """Write a study and move it into its place; leaves nothing when anything is raised.

        Raises
        ------
        DiskFullError
            There is no room.
        StoreError
            The system refuses for another reason.
        """
        staged = self.staging / f"{os.getpid()}-{place.name}"
        try:
            with _said(staged):
                staged.mkdir()
            files = tuple(_write(plan, staged, instances))
            if len(files) != plan.instance_count:
                raise RuntimeError(f"{plan.id}: {plan.instance_count} instances planned, {len(files)} made")
            done = Manifest(manifest.FORMAT, plan.id, plan.uid, place.digest, msgspec.Raw(place.saved), files)
            with _said(self.root / place.name):
                self._commit(place, staged, done, force=force)
        finally:
            _remove(staged)
        return Kept(len(files), done.bytes)

    def for_worker(self) -> Folder:
        """Return this folder for another process, without what only the one that claims needs."""
        return replace(self, _claimed={})

    def spool(self) -> AbstractContextManager[Spool]:
        """Return a file to put plans by in, gone with the run."""
        with _said(self.staging):
            return closing(Spool(self.staging / "plans"))

    def free_bytes(self) -> int:
        """Return what this user can still write here."""
        return shutil.disk_usage(self.root).free

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Take part in the run from another process: its staging is not swept while this one lives."""
        handle = run.join(self.staging)
        try:
            yield
        finally:
            os.close(handle)

    def _commit(self, place: Place, staged: Path, done: Manifest, *, force: bool) -> None:
        marker = self._manifest(place.name)
        begun, final = staged.with_name(f"{staged.name}.begun"), staged.with_name(f"{staged.name}.done")
        begun.write_bytes(manifest.encode(Manifest(done.format, done.study, done.uid, "")))
        final.write_bytes(manifest.encode(done))
        with run.alone(self.root / HIDDEN / "commit.lock"):
            if not force:
                self._refuse_foreign(place)
            begun.replace(marker)
            swap(staged, self.root / place.name)
            final.replace(marker)

    def _refuse_foreign(self, place: Place) -> None:
        there = self.root / place.name
        if os.path.lexists(there) and not os.path.lexists(self._manifest(place.name)):
            raise StoreError(
                f"{there}: exists, and no run of fhir2dicom made it: move it away, or use --force"
            )

    def _manifest(self, name: str) -> Path:
        return self.root / HIDDEN / "studies" / f"{name}.json"

    def _digest(self, saved: bytes) -> str:
        return blake2b(self.edition.encode() + b"\0" + saved, digest_size=16).hexdigest()


@contextmanager
def opened(root: Path, edition: str) -> Iterator[Folder]:
    """Open an output folder for one run, making it if need be, and sweep what dead runs left in it.

    Raises
    ------
    StoreError
        It cannot be made or written.
    """
    with _said(root):
        root.mkdir(parents=True, exist_ok=True)
        root = root.resolve()
        hidden = root / HIDDEN
        for folder in (hidden, hidden / "studies", hidden / "tmp"):
            folder.mkdir(exist_ok=True)
            if folder.is_symlink():
                raise StoreError(f"{folder}: a symbolic link; expected a folder")
        with run.alone(hidden / "commit.lock"):
            staging, handle = run.begin(hidden / "tmp")
            began = staging.stat().st_mtime
            run.sweep(hidden / "tmp", now=began)
    try:
        folds_case = (hidden / "STUDIES").exists()
        yield Folder(root, staging, edition, folds_case)
    finally:
        run.end(staging, handle)
        with run.alone(hidden / "commit.lock"):
            run.sweep(hidden / "tmp", now=began)  # of a run that was dying when this one began


@contextmanager
def _said(where: Path) -> Iterator[None]:
    """Turn what the system says about a path into one line."""
    try:
        yield
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL else StoreError
        reason = error.strerror or str(error)
        raise kind(f"{error.filename or where}: {reason[:1].lower()}{reason[1:]}") from error


def studies(root: Path) -> Iterator[tuple[str, Manifest]]:
    """Yield the folder and the manifest of every study that stands in an output folder, by name."""
    for path in sorted((root / HIDDEN / "studies").glob("study_*.json")):
        found = manifest.read(path)
        if found and found.files:
            yield path.stem, found


def manifest_of(root: Path, name: str) -> Manifest | None:
    """Return the manifest of a study's folder, if a run of ours made it."""
    return manifest.read(root / HIDDEN / "studies" / f"{name}.json")


def damaged(study: Path, file: File) -> str:
    """Return what is wrong with a file of a study, or nothing."""
    try:
        content = (study / file.path).read_bytes()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    if len(content) != file.bytes:
        return f"has {len(content)} bytes, written were {file.bytes}"
    return "" if zlib.crc32(content) == file.crc32 else "has other bytes than were written"


def _write(plan: StudyPlan, staged: Path, instances: Iterable[Instance]) -> Iterator[File]:
    folders = dict(zip((s.uid for s in plan.series), names.series_names(plan.series), strict=True))
    for instance in instances:
        folder = folders[instance.series_uid]
        name = f"{folder}/{names.slice_name(instance.ordinal)}"
        with _said(staged / name):
            if instance.ordinal == 1:
                (staged / folder).mkdir()
            _write_file(staged / name, instance)
        crc = zlib.crc32(instance.pixels, zlib.crc32(instance.header))
        yield File(name, len(instance.header) + memoryview(instance.pixels).nbytes, crc)


def _write_file(path: Path, instance: Instance) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        parts = [memoryview(instance.header), memoryview(instance.pixels).cast("B")]
        while parts:
            written = os.writev(handle, parts)
            while parts and written >= parts[0].nbytes:
                written -= parts.pop(0).nbytes
            if parts:
                parts[0] = parts[0][written:]
    finally:
        os.close(handle)


def _standing(study: Path, found: Manifest) -> Kept | None:
    """Return what a manifest says if every file is there with its size, behind no symbolic link."""
    folders = {study, *(study / f.path.rpartition("/")[0] for f in found.files)}
    try:
        if not all(stat.S_ISDIR(os.lstat(f).st_mode) for f in folders):
            return None
        sizes = (os.lstat(f"{study}/{f.path}") for f in found.files)
        whole = all(
            stat.S_ISREG(s.st_mode) and s.st_size == f.bytes for s, f in zip(sizes, found.files, strict=True)
        )
    except (OSError, ValueError):
        return None
    return Kept(len(found.files), found.bytes) if whole else None


def _remove(staged: Path) -> None:
    """Remove a staged study, or what stood in its place before."""
    if staged.is_symlink() or staged.is_file():
        staged.unlink()
    else:
        shutil.rmtree(staged, ignore_errors=True)
    for ending in (".begun", ".done"):
        staged.with_name(staged.name + ending).unlink(missing_ok=True)
