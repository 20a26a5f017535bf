"""What `/` and `m` leave on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.filter import HostPredicate, Predicate, compile_filter, compile_host_filter
from gpuws.model.settings import Thresholds


@dataclass(frozen=True, slots=True)
class Filter:
    """All of them must hold; the default shows everything."""

    gpus: tuple[Predicate, ...] = ()
    hosts: tuple[HostPredicate, ...] = ()

    @classmethod
    def of(cls, text: str, *, mine: bool = False, idle_after: float = Thresholds().idle_after) -> Filter:
        """UsageError where `text` is no filter."""
        parts = [part for part in ("mine" if mine else "", text) if part.strip()]
        return cls(
            tuple(compile_filter(part, idle_after=idle_after) for part in parts),
            tuple(compile_host_filter(part, idle_after=idle_after) for part in parts),
        )

    @property
    def on(self) -> bool:
        return bool(self.gpus)

    def gpu(self, snapshot: HostSnapshot, gpu: Gpu) -> bool:
        return all(test(snapshot, gpu) for test in self.gpus)

    def host(self, snapshot: HostSnapshot) -> bool:
        """The host itself matches, whatever its GPUs."""
        return all(test(snapshot) for test in self.hosts)
