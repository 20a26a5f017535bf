"""The containers of a host: one list call, and details only of those that are new or changed."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Rejected
from gpuws.engines.docker.api.http import Cancelling
from gpuws.engines.docker.existing.gpus import RUNTIME
from gpuws.engines.docker.existing.parse import container, rows, table, version_key
from gpuws.engines.parallel import each
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.workspace.workspace import Workspace

EVENTS = (
    "create", "start", "restart", "stop", "die", "kill", "oom", "pause", "unpause", "rename", "update", "destroy",
    "health_status", "died", "remove",
)  # fmt: skip
"""Of `died` and `remove` Podman speaks where Docker says die and destroy (podman #16857)."""
ENDING = frozenset({"2", "3", "9", "15"})
"""Signals by which clients end a container."""
AT_ONCE = 8
"""Details asked for at a time: over a slow link the first list would take a round trip for each container."""


@dataclass(slots=True)
class Listing:
    client: Client
    _known: dict[str, tuple[tuple[str, ...], Mapping[str, Any]]] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)  # somebody asked for their end since we listen
    _oom_kills: dict[str, int] = field(default_factory=dict)  # since it was started, as far as we listen
    _runtime: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> list[Workspace]:
        """All containers, newest first as the engine lists them."""
        with self._lock:
            listed = self._list()
            self._learn(listed)
            told = [(row, self._known.get(_id(row), ((), {}))[1]) for row in listed]
            default = self._default_runtime(each for _, each in told)
            found = (self._one(row, each, default) for row, each in told)
            return [one for one in found if one is not None]

    def changes(self, stop: threading.Event) -> Iterator[None]:
        """One item at once and after every change; ends when `stop` is set, an error when the stream breaks."""
        try:
            with self.client.errors():
                query = {"filters": {"type": ["container"], "event": EVENTS}}
                with Cancelling(stop) as cancelling:
                    reply = self.client.open("GET", "/events", query, cancelling=cancelling)
                    yield None
                    for event in reply.objects():
                        self._heed(event)
                        yield None
        except Cancelled:
            return
        if not stop.is_set():
            raise GpuwsError(
                f"{self.client.server.name} on {self.client.host} ended its event stream", "it may have been restarted"
            )

    def running_execs(self) -> list[tuple[str, list[str]]]:
        """Ids of running containers with the ids of their execs, read anew."""
        with self._lock:
            running = [_id(row) for row in self._list() if row.get("State") == "running"]
            details = self._inspect_all(running)
        return [(one, [str(item) for item in rows(told.get("ExecIDs"))]) for one, told in details.items()]

    def _one(self, row: Mapping[str, Any], told: Mapping[str, Any], default: str | None) -> Workspace | None:
        one, host = _id(row), self.client.host
        kills = self._oom_kills.get(one, 0)
        stopped, labelled = one in self._stopped, self.client.server.is_podman
        return container(host, row, told, default, stopped=stopped, oom_kills=kills, labelled=labelled)

    def _list(self) -> list[Mapping[str, Any]]:
        with self.client.errors():
            return [
                table(row)
                for row in rows(self.client.call("GET", "/containers/json", query={"all": True}))
                if _id(table(row))
            ]

    def _default_runtime(self, inspected: Iterable[Mapping[str, Any]]) -> str | None:
        """The engine's, asked once, and only where a container runs on NVIDIA's: it matters to no other."""
        if self._runtime is None and any(table(one.get("HostConfig")).get("Runtime") == RUNTIME for one in inspected):
            with self.client.errors():
                self._runtime = str(table(self.client.call("GET", "/info")).get("DefaultRuntime") or "")
        return self._runtime

    def _learn(self, listed: list[Mapping[str, Any]]) -> None:
        keys = {_id(row): version_key(row) for row in listed}
        new = [one for one, key in keys.items() if self._known.get(one, (None,))[0] != key]
        details = self._inspect_all(new)
        kept = {one: known for one, known in self._known.items() if one in keys and one not in new}
        self._known = kept | {one: (keys[one], told) for one, told in details.items()}
        self._stopped.intersection_update(keys)
        self._oom_kills = {one: kills for one, kills in self._oom_kills.items() if one in keys}

    def _inspect_all(self, ids: list[str]) -> dict[str, Mapping[str, Any]]:
        found = each(self._inspect, ids, AT_ONCE)
        self.client.pool.rest()
        return {one: told for one, told in zip(ids, found, strict=True) if told is not None}

    def _inspect(self, one: str) -> Mapping[str, Any] | None:
        """None where the engine refuses, as while it is being removed: its row of the list must do."""
        try:
            with self.client.errors():
                return self.client.inspect(one)
        except Rejected:
            return None

    def _heed(self, event: Mapping[str, Any]) -> None:
        """Its details are of before. `kill` and `stop` tell what a client asked for, not what ended by itself."""
        actor, action = table(event.get("Actor")), event.get("Action")
        one = str(actor.get("ID") or event.get("id"))
        signal = str(table(actor.get("Attributes")).get("signal"))
        with self._lock:
            self._known.pop(one, None)
            if action == "stop" or (action == "kill" and signal in ENDING):
                self._stopped.add(one)
            elif action == "oom":
                self._oom_kills[one] = self._oom_kills.get(one, 0) + 1
            elif action == "start":
                self._stopped.discard(one)
                self._oom_kills.pop(one, None)


def _id(row: Mapping[str, Any]) -> str:
    found = row.get("Id")
    return found if isinstance(found, str) else ""
