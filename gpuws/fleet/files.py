"""Files of a host or of a workspace, as they are copied."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from gpuws.link.place import Process
from gpuws.model.files.copied import Copied
from gpuws.model.files.files import Looked, Reading, Writing
from gpuws.model.files.spot import Located
from gpuws.model.placement.plan import Report
from gpuws.model.workspace.workspace import PlaceRef


class Files(Protocol):
    """`TargetError` where there is no such place, `Unreachable` where the host is away. Reading changes nothing and is
    allowed on a read-only host; of a workspace that is not mine, or runs no programs, the engine reads."""

    def look_at_files(
        self, place: PlaceRef, paths: Sequence[bytes], *, writing: bool = False, user: str | None = None
    ) -> Looked:
        """What lies at these paths or matches these patterns, links told as such; and the road to take. Relative ones
        begin at a host's home, in a workspace at its root. `writing`: files are to be brought there. `user`: as whom,
        in a workspace, None: as whom it runs."""
        ...

    def read_files(self, place: PlaceRef, ask: Reading) -> Process:
        """What was asked for comes on its output; whoever asked closes it."""
        ...

    def write_files(self, place: PlaceRef, ask: Writing) -> Process:
        """It has its effect when it ended with status 0. Confirming that the place is somebody else's is the caller's
        duty, `Refused` on a read-only host."""
        ...

    def copy_files(self, source: Located, target: Located, report: Report, cancel: threading.Event) -> Copied:
        """What `gpuws cp` does, with what it asks of already answered. Where a link is lost it waits for the host, and
        goes on; what was broken off, the same call goes on with. GpuwsError where something did not come along."""
        ...
