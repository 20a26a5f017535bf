"""A file that is no profile but a recipe of another kind says so, and names the command that reads it."""

from __future__ import annotations

import shlex
from pathlib import Path

from gpuws.config.imports.kinds import foreign
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import load_text
from gpuws.model.errors import UsageError

_PATHS = ("/", "./", "../", "~/")
_ENDINGS = frozenset({".yaml", ".yml", ".json", ".sh", ".txt"})


def refuse_foreign(path: Path, shown: str = "", text: str | None = None) -> None:
    """UsageError where the file is plainly a Compose file, a `docker run` line or a devcontainer.json.

    `shown`: as its user calls it. What can't be read says so elsewhere."""
    try:
        what = foreign(load_text(path) if text is None else text)
    except ConfigProblems:
        return
    if what is not None:
        word = shlex.quote(shown or str(path))
        raise UsageError(
            f"{shown or path} is {what}, not a profile", f"read it: gpuws profiles import {word} --save NAME"
        )


def refuse_file(word: str) -> None:
    """UsageError where a profile's name is wanted, and `word` is a file."""
    path = Path(word).expanduser()
    if not (word.startswith(_PATHS) or path.suffix in _ENDINGS) or not path.is_file():
        return
    refuse_foreign(path, word)
    keep = f"keep it among yours: gpuws profiles import {shlex.quote(word)} --save NAME"
    raise UsageError(f"{word} is a file; a profile is called by its name", keep)
