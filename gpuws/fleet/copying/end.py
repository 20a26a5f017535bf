"""What both ends of a copy can do: give a tar, and take one into a stage beside where it comes to lie."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from gpuws.model.files.files import Listed, Listing, Road

Leave = Callable[[str], None]
"""Told in a sentence what did not come along."""
Pairs = Sequence[tuple[bytes, bytes]]
"""What is called so at the top of the tar comes to lie under that path."""


class End(Protocol):
    """Calls raise `Unreachable` where the link was lost: worth trying again. Directories are absolute."""

    @property
    def label(self) -> str:
        """What stands before its paths; "" on this machine."""
        ...

    @property
    def road(self) -> Road | None:
        """None: this machine."""
        ...

    def listed(self, directory: bytes, names: Sequence[bytes]) -> Listing:
        """Regular files below `names`; none where that can't be told."""
        ...

    def size(self, directory: bytes, names: Sequence[bytes]) -> int | None:
        """Bytes, about."""
        ...

    def tree(
        self, directory: bytes, names: Sequence[bytes], without: Collection[bytes], to: Road | None
    ) -> Iterator[bytes]:
        """A tar of `names`. The files `without` are left out, as far as this end can; `to`: who takes it."""
        ...

    def rest(self, directory: bytes, name: bytes, offset: int) -> Iterator[bytes]:
        """What stands in a file from there on."""
        ...

    def arrived(self, directory: bytes, stage: bytes) -> Listing:
        """What lies in the stage."""
        ...

    def take(
        self, directory: bytes, stage: bytes, pieces: Iterator[bytes], pairs: Pairs, whole: Collection[bytes]
    ) -> None:
        """Unpack a tar; files that are `whole` already stay as they are."""
        ...

    def append(self, directory: bytes, stage: bytes, name: bytes, pieces: Iterator[bytes], of: Listed) -> None:
        """Behind a file that came in part; it gets mode and time of the one it is `of`."""
        ...

    def finish(self, directory: bytes, stage: bytes, pairs: Pairs) -> list[str]:
        """Bring what is in the stage to its names; in sentences what stood in the way."""
        ...

    def drop(self, directory: bytes, stage: bytes) -> None:
        """Forget what arrived."""
        ...
