"""This machine as an end of a copy."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gpuws.files import here, pack, unpack
from gpuws.fleet.copying.end import Leave, Pairs
from gpuws.model.files.files import Listed, Listing, Road


@dataclass(frozen=True, slots=True)
class Here:
    """See `End`."""

    leave: Leave
    label: str = ""
    road: Road | None = None

    def listed(self, directory: bytes, names: Sequence[bytes]) -> Listing:
        return here.listed(directory, names)

    def size(self, directory: bytes, names: Sequence[bytes]) -> int | None:
        return here.size(directory, names)

    def tree(
        self, directory: bytes, names: Sequence[bytes], without: Collection[bytes], to: Road | None
    ) -> Iterator[bytes]:
        tar = to is not None and to.kind == "tar"
        gnu = to is not None and to.gnu
        return pack.Pack(directory, names, without, tar and not gnu, self.leave, holes=tar and gnu).pieces()

    def rest(self, directory: bytes, name: bytes, offset: int) -> Iterator[bytes]:
        return pack.rest(os.path.join(directory, name), offset)

    def arrived(self, directory: bytes, stage: bytes) -> Listing:
        full = os.path.join(directory, stage)
        return here.listed(full, [b""]) if here.own(full) else {}

    def take(
        self,
        directory: bytes,
        stage: bytes,
        pieces: Iterator[bytes],
        pairs: Pairs,  # noqa: ARG002 - they count at the end
        whole: Collection[bytes],
    ) -> None:
        unpack.Unpack(here.make_stage(directory, stage), whole, self.leave).take(pieces)

    def append(self, directory: bytes, stage: bytes, name: bytes, pieces: Iterator[bytes], of: Listed) -> None:
        unpack.append(os.path.join(directory, stage, name), pieces, of.mode, of.modified)

    def finish(self, directory: bytes, stage: bytes, pairs: Pairs) -> list[str]:
        return here.finish(directory, stage, pairs)

    def drop(self, directory: bytes, stage: bytes) -> None:
        here.drop(directory, stage)
