"""Jupyter kernels with what they hold of GPUs, since when they rest, and whose they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu, GpuProcess
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.notebook import Notebook

SHORT = 8
"""Characters of a kernel's id that tell it from others."""
LEAST = 4
"""So many must be typed."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """`notebook`: as its server tells it; None where no server whose token is at hand does, and only its process is
    seen on a GPU. `owner`: whose it is, None: nobody knows.

    `memory`: bytes on all GPUs that are seen, 0: no process of it is on one, None: not known. `gpus`: their indexes."""

    host: str
    id: str
    notebook: Notebook | None
    container: str | None
    owner: str | None
    mine: bool
    memory: int | None
    gpus: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The notebook's path; of an unknown one what tells it from others."""
        return self.notebook.path if self.notebook else f"kernel {self.short}"

    @property
    def short(self) -> str:
        """The beginning of its id."""
        return self.id[:SHORT]

    @property
    def typed(self) -> str:
        """The notebook's file, as a person names it."""
        return self.notebook.path.rsplit("/", 1)[-1] if self.notebook else self.short

    @property
    def label(self) -> str:
        """Where it is, as it is typed."""
        return labelled(self.host, self.container)

    @property
    def busy(self) -> bool:
        return self.notebook is not None and self.notebook.state == "busy"

    @property
    def idle_since(self) -> float | None:
        """Epoch seconds of its last activity; None while it works, and where nothing tells."""
        one = self.notebook
        return one.last_activity if one is not None and one.state == "idle" else None

    def idle(self, now: float) -> float | None:
        """Seconds; None while it works, and where nothing tells."""
        return None if self.idle_since is None else max(now - self.idle_since, 0.0)

    def answers_to(self, word: str) -> bool:
        """A notebook's path, its file with or without the ending, or the beginning of the kernel's id."""
        if len(word) >= LEAST and self.id.startswith(word.lower()):
            return True
        path = self.notebook.path if self.notebook else ""
        return bool(path) and word in (path, self.typed, self.typed.removesuffix(".ipynb"))


def kernels(snapshot: HostSnapshot) -> tuple[Kernel, ...]:
    """All that servers tell of; then those that only their process on a GPU shows."""
    held = _held(snapshot.gpus)
    told = [_told(one, snapshot, held.pop(one.kernel, ())) for one in snapshot.notebooks]
    return (*told, *(_seen(identity, snapshot, found) for identity, found in held.items()))


def kernel_of(notebook: Notebook, snapshot: HostSnapshot) -> Kernel:
    """The same with what it holds."""
    return _told(notebook, snapshot, _held(snapshot.gpus).get(notebook.kernel, ()))


def idle_longer(found: Iterable[Kernel], seconds: float, now: float) -> Iterator[Kernel]:
    """Those that are known to have rested for so long."""
    return (one for one in found if (idle := one.idle(now)) is not None and idle >= seconds)


def unnamed(gpus: Iterable[Gpu]) -> frozenset[str]:
    """Kernels of mine on them whose notebook no server has told."""
    return frozenset(
        process.kernel
        for gpu in gpus
        for process in gpu.processes
        if process.kernel and process.mine and not process.notebook
    )


Held = Sequence[tuple[Gpu, GpuProcess]]


def _held(gpus: Iterable[Gpu]) -> dict[str, Held]:
    found: dict[str, list[tuple[Gpu, GpuProcess]]] = {}
    for gpu in gpus:
        for process in gpu.processes:
            if process.kernel:
                found.setdefault(process.kernel, []).append((gpu, process))
    return dict(found)


def _told(one: Notebook, snapshot: HostSnapshot, held: Held) -> Kernel:
    home = next((each for each in snapshot.workspaces if each.name == one.container), None)
    if one.container is None:
        owner, mine = (snapshot.facts.login if snapshot.facts else None), not snapshot.me.shared
    else:
        owner, mine = (home.owner, home.mine) if home else (None, False)
    memory = 0 if not held and snapshot.coverage == "read" else _memory(held)
    return Kernel(snapshot.name, one.kernel, one, one.container, owner, mine, memory, _indexes(held))


def _seen(identity: str, snapshot: HostSnapshot, held: Held) -> Kernel:
    first = held[0][1]
    return Kernel(
        snapshot.name, identity, None, first.container, first.user, first.mine, _memory(held), _indexes(held)
    )  # fmt: skip


def _memory(held: Held) -> int | None:
    """None where that of one process is not known."""
    known = [process.memory for _, process in held]
    return None if None in known or not known else sum(memory or 0 for memory in known)


def _indexes(held: Held) -> tuple[int, ...]:
    return tuple(sorted({gpu.index for gpu, _ in held}))
