"""The SSH configuration that a shared file names, with all that it includes, as texts that name no pattern."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.hosts import ssh_files
from gpuws.config.paths import home, is_mine
from gpuws.model.errors import UsageError


def collect(config: Path, folder: Path, environ: Mapping[str, str]) -> dict[Path, str]:
    """`config` first, each before what it includes. An Include names files in it; those of mine are not read.

    UsageError where that can't be told. `folder`: where the shared file lies."""
    found = _Collector(folder, environ)
    found.read(Path(os.path.normpath(config)), ())
    return dict(reversed(found.texts.items()))


def include(files: Sequence[str]) -> str:
    """The line that includes these."""
    return "Include " + " ".join(f'"{name}"' for name in files)


def relinked(text: str, copies: Mapping[str, str]) -> str:
    """A collected text that includes the copies instead."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        keyword, files = ssh_files.words(line)
        if keyword == "include":
            lines[number] = include([copies.get(name, name) for name in files])
    return "\n".join(lines)


@dataclass(slots=True)
class _Collector:
    """`texts`: each after what it includes."""

    folder: Path
    environ: Mapping[str, str]
    texts: dict[Path, str] = field(default_factory=dict)

    def read(self, path: Path, above: tuple[Path, ...]) -> None:
        """`above`: the files that include it."""
        if path in above or len(above) > ssh_files.DEPTH or len(self.texts) > ssh_files.MOST_FILES:
            raise UsageError(f"{path} includes itself, or too much", "ask whoever keeps it")
        text = self._text(path, needed=not above)
        self.texts[path] = "\n".join(self._named(line, path, above) for line in text.split("\n"))

    def _text(self, path: Path, *, needed: bool) -> str:
        try:
            text = ssh_files.read(path)
        except (OSError, ValueError) as error:
            if needed:
                raise UsageError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from error
            return ""  # as ssh takes it
        if len(text.encode()) >= ssh_files.MOST_BYTES:
            raise UsageError(f"{path} is larger than 1 MiB")
        if "\0" in text:
            raise UsageError(f"{path} is no text")
        return text

    def _named(self, line: str, path: Path, above: tuple[Path, ...]) -> str:
        """The line; an Include with the files that it stands for now."""
        keyword, patterns = ssh_files.words(line)
        if keyword != "include":
            if line.strip().lstrip('"').lower().startswith("include"):
                raise UsageError(f"{path}: what {line.strip()!r} includes can't be told", "ask whoever keeps it")
            return line
        files = [name for pattern in patterns for name in self._files(pattern, (*above, path))]
        if any('"' in name or "\n" in name for name in files):
            raise UsageError(f"{path}: {line.strip()!r} stands for files that no SSH configuration can name")
        return include(files) if files else f"# {line.strip()}: nothing is there"

    def _files(self, pattern: str, above: tuple[Path, ...]) -> list[str]:
        base = home(self.environ) / ".ssh"
        whole = os.path.normpath(base / ssh_files.expanded(pattern, self.environ))
        if is_mine(Path(whole), self.folder, self.environ):
            return [whole]
        if sum(map(glob.has_magic, Path(whole).parent.parts)) > 1:
            raise UsageError(f"an Include of {pattern!r} would search whole file systems", "ask whoever keeps it")
        found = list(ssh_files.included(pattern, base, self.environ))
        for path in found:
            if path in above or path not in self.texts:
                self.read(path, above)
        return [str(path) for path in found]
