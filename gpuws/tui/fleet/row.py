"""What a row of the fleet list is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpuws.model.gpu.gpu import Gpu, MigInstance
from gpuws.model.host.snapshot import HostSnapshot

Key = tuple[str, str]
"""Host name and UUID of a GPU or of a MIG instance; "" names the host's own row."""


@dataclass(frozen=True, slots=True)
class Row:
    """`mig`: an instance of `gpu`. `folded`: a host's row stands for its GPUs too."""

    kind: Literal["host", "gpu", "mig"]
    snapshot: HostSnapshot
    gpu: Gpu | None = None
    mig: MigInstance | None = None
    folded: bool = False

    @property
    def key(self) -> Key:
        if self.mig is not None:
            return (self.snapshot.name, self.mig.uuid)
        return (self.snapshot.name, self.gpu.uuid if self.gpu else "")

    @property
    def place(self) -> Gpu | MigInstance | None:
        """Where somebody may live; None: it is a host's own row."""
        return self.mig or self.gpu


def parent(key: Key) -> Key:
    return (key[0], "")
