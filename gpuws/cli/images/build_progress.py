"""The same image built by several hosts at once: on a terminal a bar for each, elsewhere every line with its host."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.cli.images.pull_progress import PullProgress
from gpuws.cli.toolkit.failures import note
from gpuws.model.placement.plan import Progress
from gpuws.model.text import plain


class BuildProgress(PullProgress):
    """As of a pull. Where nobody watches, as in a log, the whole output of a build is wanted; what comes ten times a
    second is not."""

    def __init__(self, reference: str, hosts: Sequence[str]) -> None:
        super().__init__(reference, hosts, "building")
        self._sending: set[str] = set()

    def told(self, host: str, progress: Progress, *, first: bool) -> None:
        if first:
            super().told(host, progress, first=True)
        elif progress.stage == "building":
            note(f"{host}: {plain(progress.text)}")
        elif progress.stage == "sending" and host not in self._sending:
            self._sending.add(host)
            note(f"{host}: sending {plain(progress.text)}")
