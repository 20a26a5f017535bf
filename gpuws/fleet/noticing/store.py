"""Where notices are written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gpuws.model.notice.record import Entry


class NoticeStore(Protocol):
    """Neither raises: a full disk costs the memory of them, nothing else."""

    def read(self) -> Iterable[Entry]:
        """As they were written; what makes no sense is passed over."""
        ...

    def append(self, entries: Sequence[Entry]) -> None:
        """When this returns, the next process reads them."""
        ...

    def rewrite(self, entries: Sequence[Entry]) -> None:
        """These, and no others."""
        ...


class NoStore:
    """Memory only."""

    def read(self) -> Iterable[Entry]:
        return ()

    def append(self, entries: Sequence[Entry]) -> None:
        pass

    def rewrite(self, entries: Sequence[Entry]) -> None:
        pass
