"""Aliases that the SSH configuration writes out in full. Only read: nothing is resolved, run or dialled."""

from __future__ import annotations

import glob
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.paths import home
from gpuws.model.host import LOCAL, NAME

SYSTEM_CONFIG = Path("/etc/ssh/ssh_config")
_MOST_BYTES = 1 << 20
_MOST_FILES = 256
_DEPTH = 16  # as ssh
_LINE = re.compile(r"\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)")
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Alias:
    """`hostname`: what the block says of it, if anything."""

    name: str
    hostname: str | None = None


def read_aliases(config: Path | None, environ: Mapping[str, str]) -> tuple[Alias, ...]:
    """Names of `Host` lines without patterns, in ssh's order. `config`: as `ssh -F`; None: mine and the system's."""
    mine = home(environ) / ".ssh"
    reader = _Reader(environ)
    for path, base in [(config, mine)] if config else [(mine / "config", mine), (SYSTEM_CONFIG, SYSTEM_CONFIG.parent)]:
        reader.read(path, base, _DEPTH)
    return tuple(Alias(name, hostname) for name, hostname in reader.found.items())


@dataclass(slots=True)
class _Reader:
    environ: Mapping[str, str]
    found: dict[str, str | None] = field(default_factory=dict)
    files: int = 0

    def read(self, path: Path, base: Path, depth: int) -> None:
        names: list[str] = []
        for keyword, words in _lines(path):
            if keyword == "host":
                names = [word for word in words if NAME.match(word) and word != LOCAL]
                for name in names:
                    self.found.setdefault(name, None)
            elif keyword == "match":
                names = []
            elif keyword == "hostname" and words:
                for name in names:
                    self.found[name] = self.found[name] or words[0]
            elif keyword == "include" and depth:
                self._include(words, base, depth - 1)

    def _include(self, patterns: list[str], base: Path, depth: int) -> None:
        for pattern in patterns:
            text = _ENVIRONMENT.sub(lambda match: self.environ.get(match[1], ""), pattern)
            if text.startswith("~/"):
                text = f"{home(self.environ)}/{text[2:]}"
            found = glob.glob(text, root_dir=base)  # noqa: PTH207  (pathlib refuses absolute patterns)
            for name in sorted(found)[: max(_MOST_FILES - self.files, 0)]:
                self.files += 1
                self.read(base / name, base, depth)


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Keyword and words of each line; a file that can't be read has none, as ssh takes it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        try:
            yield match[1].lower(), shlex.split(match[2], comments=True)
        except ValueError:
            continue
