"""Writing a file so that a reader sees the old or the new one, never half of it."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gpuws.model.errors import GpuwsError

SMALL = 1 << 16
"""Characters: files of ours that are read whole are no longer."""


def write_atomically(path: Path, text: str) -> None:
    """Keeps the mode of a file that is there, else 0600; a link stays a link. GpuwsError where it can't be written."""
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise GpuwsError(f"{path} can't be written: {reason}", "check the directory's permissions and space") from error


@dataclass(frozen=True, slots=True)
class SmallFile:
    """One that gpuws itself writes and reads, and can do without."""

    path: Path

    def read(self) -> str:
        """ "" where there is none, or none that can be read."""
        try:
            if not self.path.is_file():  # a pipe would never end
                return ""
            with self.path.open(encoding="utf-8", errors="replace") as file:
                return file.read(SMALL)
        except OSError:
            return ""

    def write(self, text: str) -> None:
        write_atomically(self.path, text)
