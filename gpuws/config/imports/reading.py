"""A recipe that somebody wrote, whatever kind it is of, as profiles: one a service. Nothing of it is run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gpuws.config.imports.documents import documents
from gpuws.config.imports.kinds import kind_of
from gpuws.model.errors import UsageError
from gpuws.model.profile.imported import Imported

PASTED = "pasted text"
"""What a text that is no file's is called where something of it is wrong."""
_HEAD = re.compile(r"\s*# ([A-Za-z0-9._][A-Za-z0-9._-]{0,127})\n")


def read(
    text: str, name: str = "", *, environ: Mapping[str, str], directory: Path | None = None, source: str = ""
) -> tuple[Imported, ...]:
    """`name`: what its profile could be called; "": as it says itself. `environ`: where its variables come from.

    `directory`: where the file lies that relative paths of it begin at; files below it may be read, others are not.
    None: it is no file, and nothing beside it is read. `source`: what problems call the text.
    ConfigProblems say all that is wrong with it, each with its line; UsageError, that it is no recipe."""
    source = source or PASTED
    match kind_of(text):
        case "compose":
            from gpuws.config.imports.compose.services import read_compose

            return read_compose(text, name, environ, directory, source)
        case "devcontainer":
            from gpuws.config.imports.devcontainer import read_devcontainer

            return (read_devcontainer(text, name, environ, directory, source),)
        case "run":
            from gpuws.config.imports.run.line import read_run_lines

            return read_run_lines(text, name, source)
        case "profile":
            return tuple(Imported(name or _headed(one) or "profile", one) for one in documents(text))
    remedy = "it takes a Compose file, a docker run line, a devcontainer.json or a profile"
    raise UsageError(f"{source} is no recipe that gpuws knows", remedy)


def _headed(text: str) -> str:
    """The name that our own imports have in their first line."""
    match = _HEAD.match(text)
    return match[1] if match else ""
