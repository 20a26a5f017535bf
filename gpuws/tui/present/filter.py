"""What `/` and `m` leave on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gpuws.model.gpu import Gpu
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present.figures import model

WORDS = ("free", "busy", "mine", "idle")


@dataclass(frozen=True, slots=True)
class Filter:
    """All `words` must match: free, busy, mine, idle, or any part of a name (host, tag, model, person, program)."""

    words: tuple[str, ...] = ()
    mine: bool = False
    idle_after: float = 1800.0

    @classmethod
    def of(cls, text: str, *, mine: bool = False, idle_after: float = 1800.0) -> Filter:
        return cls(tuple(text.lower().split()), mine, idle_after)

    @property
    def on(self) -> bool:
        return self.mine or bool(self.words)

    def gpu(self, snapshot: HostSnapshot, gpu: Gpu) -> bool:
        if self.mine and not gpu.mine:
            return False
        return all(self._gpu_word(word, snapshot, gpu) for word in self.words)

    def host(self, snapshot: HostSnapshot) -> bool:
        """The host itself matches, whatever its GPUs."""
        if self.mine and not _has_mine(snapshot):
            return False
        return all(self._host_word(word, snapshot) for word in self.words)

    def _gpu_word(self, word: str, snapshot: HostSnapshot, gpu: Gpu) -> bool:
        if word == "free":
            return gpu.free
        if word == "busy":
            return not gpu.free
        if word == "mine":
            return gpu.mine
        if word == "idle":
            return any((holder.idle_seconds or 0) >= self.idle_after for holder in gpu.held_by)
        return _contains(word, _host_names(snapshot)) or _contains(word, _gpu_names(gpu))

    def _host_word(self, word: str, snapshot: HostSnapshot) -> bool:
        if word == "mine":
            return _has_mine(snapshot)
        if word in WORDS:
            return False
        return _contains(word, _host_names(snapshot)) or _contains(word, _inside(snapshot))


def _contains(word: str, names: Iterable[str | None]) -> bool:
    return any(word in name.lower() for name in names if name)


def _has_mine(snapshot: HostSnapshot) -> bool:
    return any(gpu.mine for gpu in snapshot.gpus) or any(container.mine for container in snapshot.containers)


def _host_names(snapshot: HostSnapshot) -> Iterable[str]:
    return (snapshot.name, snapshot.state.value, *snapshot.tags)


def _gpu_names(gpu: Gpu) -> Iterable[str | None]:
    yield from (gpu.name, model(gpu.name))
    for holder in gpu.held_by:
        yield from (holder.user, holder.name)
    for process in gpu.processes:
        yield from (process.command, process.session, process.notebook)


def _inside(snapshot: HostSnapshot) -> Iterable[str | None]:
    for container in snapshot.containers:
        yield from (container.name, container.owner, container.profile)
    for session in snapshot.sessions:
        yield session.name
