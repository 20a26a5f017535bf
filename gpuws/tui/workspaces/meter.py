"""What containers take of processors and memory: asked for those that can be seen, and never so often that it costs
their hosts more than a little."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.usage import Counters, Usage, usage
from gpuws.model.workspace.workspace import Ref
from gpuws.tui.base import AppBase

FIRST, EVERY, AFTER_FAILURE = 1.0, 4.0, 30.0
"""Seconds to the second reading, which first tells of processors and is owed for all that are new, however slow the
host is; between others; and to the next try."""
SHARE = 25
"""So many times as long as a reading took nothing is read of that host."""


@dataclass(slots=True)
class _Host:
    """`due`: monotonic. `asked`: ids; of some the engine may say nothing. `before`: the counters of the last reading,
    by id."""

    due: float = 0.0
    reading: bool = False
    asked: set[str] = field(default_factory=set)
    before: dict[str, Counters] = field(default_factory=dict)


class Meter:
    """`usage`: the newest. `changed` is called on the loop when there is something new."""

    def __init__(self, app: AppBase, changed: Callable[[], None]) -> None:
        self._app = app
        self._changed = changed
        self._hosts: dict[str, _Host] = {}
        self.usage: Mapping[Ref, Usage] = {}

    def read(self, wanted: Mapping[str, Sequence[str]]) -> None:
        """Those of each host, by their ids, as far as it is time; never blocks."""
        now = time.monotonic()
        for host, ids in wanted.items():
            known = self._hosts.setdefault(host, _Host())
            fresh = not known.asked >= set(ids)
            if ids and not known.reading and (now >= known.due or (fresh and known.due - now < EVERY)):
                known.reading = True
                known.asked.update(ids)
                self._ask(host, tuple(ids), now)

    def _ask(self, host: str, ids: tuple[str, ...], began: float) -> None:
        fleet = self._app.fleet
        self._app.verbs.run(
            "usage", lambda: fleet.usage(host, ids), partial(self._came, host, began), partial(self._failed, host)
        )

    def _came(self, host: str, began: float, counters: tuple[Counters, ...]) -> None:
        known, now = self._hosts[host], time.monotonic()
        found = usage(tuple(known.before.values()), counters)
        told = {Ref(host, identity): one for identity, one in found.items()}
        new = any(one.id not in known.before and one.cpu is not None for one in counters)
        known.reading, known.due = False, now + (FIRST if new else max(EVERY, SHARE * (now - began)))
        known.before |= {one.id: one for one in counters}
        self.usage = {**self.usage, **told}
        self._changed()

    def _failed(self, host: str, _: GpuwsError) -> None:
        """What was known is old: unknown again."""
        known = self._hosts[host]
        known.reading, known.due, known.before = False, time.monotonic() + AFTER_FAILURE, {}
        self.usage = {ref: one for ref, one in self.usage.items() if ref.host != host}
        self._changed()
