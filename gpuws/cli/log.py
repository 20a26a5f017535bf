"""The log: what gpuws got wrong, with tracebacks, for whoever mends it. Never on stderr, which may be the screen."""

from __future__ import annotations

import contextlib
import logging
from io import TextIOWrapper
from pathlib import Path

NAME = "gpuws.log"
LARGEST = 1 << 20  # bytes; then the file becomes NAME.old and a new one is begun


class _File(logging.FileHandler):
    """Makes nothing before something is written; a full or read-only disk costs the log, nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self._path = path

    def _open(self) -> TextIOWrapper:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._path.exists() and self._path.stat().st_size > LARGEST:
            self._path.replace(self._path.with_suffix(".log.old"))
        self._path.touch(mode=0o600)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        pass


def keep_log(directory: Path | None) -> None:
    """Warnings and worse go to a file in `directory`; None: nowhere."""
    handler = _File(directory / NAME) if directory else logging.NullHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger("gpuws")
    root.handlers = [handler]
    root.propagate = False
