"""Aliases that the SSH configuration writes out in full. Only read: nothing is resolved, run or dialled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from gpuws.config.hosts import ssh_files
from gpuws.config.paths import home
from gpuws.model.host.configured import Alias, LeftOut
from gpuws.model.host.host import LOCAL
from gpuws.model.host.naming import wrong_name
from gpuws.model.ssh_alias import is_alias

SYSTEM_CONFIG = Path("/etc/ssh/ssh_config")


def read_aliases(config: Path | None, environ: Mapping[str, str]) -> tuple[tuple[Alias, ...], tuple[LeftOut, ...]]:
    """Names of `Host` lines that ssh would take, in its order, and what else stands there; a `*` alone, and names that
    lead through gpuws, are neither.

    `config`: as `ssh -F`; None: mine and the system's."""
    mine = home(environ) / ".ssh"
    reader = _Reader(environ)
    for path, base in [(config, mine)] if config else [(mine / "config", mine), (SYSTEM_CONFIG, SYSTEM_CONFIG.parent)]:
        reader.read(path, base, ssh_files.DEPTH)
    found = tuple(Alias(name, hostname) for name, hostname in reader.found.items())
    return found, tuple(LeftOut(word, why) for word, why in reader.left_out.items())


@dataclass(slots=True)
class _Reader:
    environ: Mapping[str, str]
    found: dict[str, str | None] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    files: int = 0

    def read(self, path: Path, base: Path, depth: int) -> None:
        names: list[str] = []
        for keyword, words in _lines(path):
            if keyword == "host":
                names = [word for word in words if self._is_name(word)]
                for name in names:
                    self.found.setdefault(name, None)
            elif keyword == "match":
                names = []
            elif keyword == "hostname" and words:
                for name in names:
                    self.found[name] = self.found[name] or words[0]
            elif keyword == "include" and depth:
                self._include(words, base, depth - 1)

    def _is_name(self, word: str) -> bool:
        if word == "*" or is_alias(word):
            return False
        why = "local is this machine here" if word == LOCAL else wrong_name(word)
        if why:
            self.left_out[word] = why
        return not why

    def _include(self, patterns: list[str], base: Path, depth: int) -> None:
        for pattern in patterns:
            for path in islice(
                ssh_files.included(pattern, base, self.environ), max(ssh_files.MOST_FILES - self.files, 0)
            ):
                self.files += 1
                self.read(path, base, depth)


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Keyword and words of each line; a file that can't be read has none, as ssh takes it."""
    try:
        text = ssh_files.read(path)
    except (OSError, ValueError):
        return
    yield from map(ssh_files.words, text.split("\n"))
