"""Progress of long work on stderr: one line that changes on a terminal, a line per stage elsewhere."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.tables import cut
from gpuws.model.placement.plan import Progress
from gpuws.model.text import plain


class ProgressLine:
    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._stage = ""
        self._open = False

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def report(self, progress: Progress) -> None:
        """Called from the thread that works."""
        text = f"{progress.stage} {plain(progress.text)}".rstrip()
        if self._live and progress.stage != "done":
            percent = "" if progress.fraction is None else f" {progress.fraction:4.0%}"
            line = cut(f"gpuws:{percent} {text}", shutil.get_terminal_size().columns - 1)
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._open = True
        elif progress.stage not in (self._stage, "done"):
            note(text)
        self._stage = progress.stage

    def end(self) -> None:
        """Clear the line; what comes next starts at its beginning."""
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._open = False
