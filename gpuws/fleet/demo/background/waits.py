"""Implements `fleet.waits`: a queue that goes on as long as the demo does, and launches when GPUs are free."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.demo.workspaces import DemoWorkspaces
from gpuws.fleet.events import Event, WaitsChanged
from gpuws.model.errors import Cancelled, GpuwsError, TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder, WaitState

if TYPE_CHECKING:
    from gpuws.fleet.gpu_wait import Wait
    from gpuws.model.placement.follow import Launched
    from gpuws.model.placement.plan import Plan
    from gpuws.model.placement.wait import Fit


class DemoWaits(DemoWorkspaces):
    """What waits is loaded when it is asked about after the start: the first frame does without."""

    def begin_wait(self, order: WaitOrder, environ: Mapping[str, str]) -> QueuedWait:  # noqa: ARG002 - nothing uses it
        wait = _wait(order)
        wait.look(self.snapshots())  # what is impossible is said to whoever asks
        with self._lock:
            number = str(max((int(known) for known in self._queue), default=0) + 1)
            entry = self._queue[number] = QueuedWait(number, order, self._clock(), text=wait.standing(self.snapshots()))
            self._looking[number] = wait
        self._emit([WaitsChanged(self.waits())])
        return entry

    def cancel_wait(self, wait_id: str) -> None:
        with self._lock:
            if wait_id not in self._queue:
                raise TargetError(f"no wait {wait_id!r}", "see gpuws waits")
            del self._queue[wait_id]
            self._looking.pop(wait_id, None)
            if (cancel := self._cancels.pop(wait_id, None)) is not None:
                cancel.set()
        self._emit([WaitsChanged(self.waits())])

    def waits(self) -> tuple[QueuedWait, ...]:
        with self._lock:
            if self._started:
                for entry in [one for one in self._queue.values() if one.state == "waiting" and not one.text]:
                    self._queue[entry.id] = replace(entry, text=self._waiting(entry).standing(self.snapshots()))
            return tuple(self._queue.values())

    def _beat(self, snapshots: Sequence[HostSnapshot]) -> Iterator[Event]:
        """A tick later: who is in the way now, and a launch where nobody is."""
        yield from super()._beat(snapshots)
        before = self.waits()
        for entry in before:
            if entry.state == "waiting":
                self._look(entry, snapshots)
        if self.waits() != before:
            yield WaitsChanged(self.waits())

    def _waiting(self, entry: QueuedWait) -> Wait:
        if entry.id not in self._looking:
            self._looking[entry.id] = _wait(entry.order)
        return self._looking[entry.id]

    def _look(self, entry: QueuedWait, snapshots: Sequence[HostSnapshot]) -> None:
        wait = self._waiting(entry)
        try:
            fits = wait.look(snapshots)
        except GpuwsError as error:  # its host was removed
            self._queue[entry.id] = replace(entry, state="failed", text=str(error), ended_at=self._clock())
            return
        if not fits:
            self._queue[entry.id] = replace(entry, text=wait.standing(snapshots))
            return
        self._queue[entry.id] = replace(entry, state="launching", text=fits[0].host)
        cancel = self._cancels[entry.id] = threading.Event()
        served = (entry, wait, fits, cancel)
        threading.Thread(target=self._serve, args=served, name=f"wait {entry.id}", daemon=True).start()

    def _serve(self, entry: QueuedWait, wait: Wait, fits: Sequence[Fit], cancel: threading.Event) -> None:
        from gpuws.fleet.gpu_wait import launch_there, wanted

        def run(plan: Plan) -> Launched:
            return self.launch(plan, lambda _step: None, cancel)

        want = wanted(entry.order, wait.wish, {})
        try:
            made = launch_there(self, wait, fits, entry.order.profile, want, run, lambda _said: None)
        except Cancelled:
            return  # it is not in the queue any more
        except GpuwsError as error:
            self._mark(entry, "failed", str(error))
            return
        if made is None:
            self._mark(entry, "waiting", wait.standing(self.snapshots()))
        else:
            self._mark(entry, "launched", f"{made[1].ref.host}/{made[0].spec.name}")

    def _mark(self, entry: QueuedWait, state: WaitState, text: str) -> None:
        with self._lock:
            if entry.id not in self._queue:
                return  # cancelled
            ended = None if state == "waiting" else self._clock()
            self._queue[entry.id] = replace(entry, state=state, text=text, ended_at=ended)
        self._emit([WaitsChanged(self.waits())])


def _wait(order: WaitOrder) -> Wait:
    from gpuws.fleet.gpu_wait import Wait
    from gpuws.model.profile.gpu_spec import parse_gpus

    return Wait(parse_gpus(order.spec), order.hosts, writable=True)
