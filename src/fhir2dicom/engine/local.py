"""Processes of this machine: a bounded window of work, a worker that may die, and results as they come.

Each worker has a pipe of its own and works through batches one unit at a time, so when one is killed (memory, a
signal, a crash in compiled code) it is known which unit it had in hand: that one is tried once more, then
reported; everything behind it goes to the next worker.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, Protocol, TypeVar

from fhir2dicom.model import Problem

PER_WORKER = 2
"""Batches that a worker has at most: one in hand, one waiting, so that it never waits for the pipe."""

TRIES = 2
"""How often a unit may kill its worker."""


class Unit(Protocol):
    """A piece of work."""

    @property
    def study(self) -> str:
        """Return the id of the study, for messages."""
        ...

    @property
    def group(self) -> str:
        """Return what neighbours should share a worker: the patient, whose body it keeps."""
        ...

    @property
    def weight(self) -> int:
        """Return how much work it is, in bytes of pixels."""
        ...


U = TypeVar("U", bound=Unit)
R = TypeVar("R")
Work = Callable[[U], R]
Opened = Callable[[], AbstractContextManager[Work[U, R]]]
"""Called once in each process that works; what it gives carries out one unit. Must be picklable."""


def run(
    opened: Opened[U, R], units: Iterable[U], *, workers: int, preload: tuple[str, ...] = ()
) -> Generator[R | Problem, None, None]:
    """Carry out units and yield what becomes of each, in no fixed order; a failure is a `Problem` in its place.

    One worker is this process itself. Leaving the iterator early stops all workers at once. ``preload`` names
    modules that workers need: they are imported once for all of them.
    """
    if workers > 1:
        yield from _Pool(opened, workers, preload).results(batches(units))
        return
    with opened() as work:
        for unit in units:
            yield _one(work, unit)


def batches(units: Iterable[U], *, most: int = 16, bytes_most: int = 32 << 20) -> Iterator[list[U]]:
    """Cut a stream into runs of one group, of at most ``most`` units or so many bytes of pixels."""
    batch: list[U] = []
    weight = 0
    for unit in units:
        if batch and (
            unit.group != batch[0].group or len(batch) == most or weight + unit.weight > bytes_most
        ):
            yield batch
            batch, weight = [], 0
        batch.append(unit)
        weight += unit.weight
    if batch:
        yield batch


def _one(work: Work[U, R], unit: U) -> R | Problem:
    """Carry out one unit; the border at which a bug becomes one study's problem and not everybody's."""
    try:
        return work(unit)
    except Exception as error:  # noqa: BLE001  one broken study must not stop the rest
        return Problem(unit.study, _place(error), f"{type(error).__name__}: {error}", "failed")


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first is `_one`
    ours = [f for f in frames if "fhir2dicom" in f.filename] or frames
    return f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}"


def _serve(opened: Opened[U, R], pipe: Connection) -> None:
    """Work through batches until the other end closes: the life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent decides
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError), opened() as work:
        while True:
            for unit in pipe.recv():
                pipe.send(_one(work, unit))


@dataclass(eq=False)
class _Worker(Generic[U]):
    process: BaseProcess
    pipe: Connection
    sent: deque[U] = field(default_factory=deque)
    """Units it has and has not answered; the first is in hand."""
    batches: deque[int] = field(default_factory=deque)
    """How many of them each batch holds."""

    def give(self, batch: list[U]) -> None:
        self.sent.extend(batch)
        self.batches.append(len(batch))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its death is seen by who waits
            self.pipe.send(batch)

    def answered(self) -> U:
        self.batches[0] -= 1
        if not self.batches[0]:
            self.batches.popleft()
        return self.sent.popleft()


class _Pool(Generic[U, R]):
    """Workers, and who of them has what."""

    def __init__(self, opened: Opened[U, R], workers: int, preload: tuple[str, ...]) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._opened = opened
        self._count = workers
        self._workers: list[_Worker[U]] = []
        self._kills: dict[int, int] = {}
        """How many workers a unit has killed, by its identity."""
        self._again: deque[list[U]] = deque()
        """What dead workers left."""

    def results(self, todo: Iterator[list[U]]) -> Iterator[R | Problem]:
        """Yield what becomes of every unit."""
        try:
            while self._hand_out(todo):
                yield from self._collect()
        finally:
            self._stop()

    def _hand_out(self, todo: Iterator[list[U]]) -> bool:
        """Give work to whoever has too little; return whether anybody has some."""
        for waiting in range(PER_WORKER):
            for place in range(self._count):
                if place < len(self._workers) and len(self._workers[place].batches) > waiting:
                    continue
                batch = self._again.popleft() if self._again else next(todo, None)
                if batch is None:
                    return any(w.sent for w in self._workers)
                if place == len(self._workers):
                    self._workers.append(self._start())
                self._workers[place].give(batch)
        return True

    def _start(self) -> _Worker[U]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._opened, theirs), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _collect(self) -> Iterator[R | Problem]:
        """Wait for an answer or a death, and yield what is known by it."""
        ready = set(wait([w.pipe for w in self._workers]))
        for worker in [w for w in self._workers if w.pipe in ready]:
            try:
                answer: R | Problem = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._bury(worker)
                continue
            self._kills.pop(id(worker.answered()), None)
            yield answer

    def _bury(self, worker: _Worker[U]) -> Iterator[Problem]:
        """Take a dead worker's units back; report the one in hand if it killed before."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        if not worker.sent:
            return
        unit = worker.sent.popleft()
        kills = self._kills.pop(id(unit), 0) + 1
        if kills >= TRIES:
            reason = f"killed its worker {kills} times (exit code {worker.process.exitcode}); given up"
            yield Problem(unit.study, "engine", reason, "failed")
        else:
            self._kills[id(unit)] = kills
            self._again.appendleft([unit])
        if worker.sent:
            self._again.append(list(worker.sent))

    def _stop(self) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if worker.sent:
                worker.process.kill()
        for worker in self._workers:
            worker.process.join()
