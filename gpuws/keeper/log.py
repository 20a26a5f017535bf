"""Private, bounded log files: of the keeper what it did, of other programs what gpuws got wrong. Never a secret, and
never on stderr, which may be the screen."""

from __future__ import annotations

import contextlib
import logging
from io import TextIOWrapper
from pathlib import Path

from gpuws.model.secret import masked

LARGEST = 1 << 20  # bytes; then the file becomes NAME.old and a new one is begun


class _File(logging.FileHandler):
    """Makes nothing before something is written; a full or read-only disk costs the log, nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self._path = path

    def _open(self) -> TextIOWrapper:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            if self._path.exists() and self._path.stat().st_size > LARGEST:
                self.close()
                self._path.replace(self._path.with_suffix(".log.old"))
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        pass


class _Masked(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def log_to(path: Path | None, level: int = logging.WARNING) -> None:
    """What gpuws' loggers say from `level` on goes to `path`; None: nowhere."""
    handler = _File(path) if path else logging.NullHandler()
    handler.setFormatter(_Masked("%(asctime)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger("gpuws")
    root.handlers = [handler]
    root.setLevel(level)
    root.propagate = False
