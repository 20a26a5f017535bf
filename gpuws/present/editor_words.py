"""How an editor is told which directory to open over SSH. Pure."""

from __future__ import annotations

import json
import shlex
from urllib.parse import quote

from gpuws.model.errors import UsageError


def editor_words(editor: str, alias: str, directory: str) -> list[str]:
    """The command for `editor`: VS Code and its kin, or a line that holds {alias} and {dir} where it wants them; within
    a URL the directory is written as URLs are. VS Code has a URI, since of a path behind its `--remote` it guesses by
    the last name whether a file or a folder is meant.

    UsageError where its quotes don't match."""
    try:
        words = shlex.split(editor)
    except ValueError as error:
        raise UsageError(
            f"{editor!r} is no command: {error}", "GPUWS_EDITOR is read as a shell reads a line"
        ) from error
    if not words:
        raise UsageError("the editor has no name", "set GPUWS_EDITOR to a command, such as code or cursor")
    if "{alias}" in editor:
        return [_filled(word, alias, directory) for word in words]
    return [*words, "--folder-uri", f"vscode-remote://ssh-remote+{_authority(alias)}{quote(directory)}"]


def _filled(word: str, alias: str, directory: str) -> str:
    return word.replace("{alias}", alias).replace("{dir}", quote(directory) if "://" in word else directory)


def _authority(alias: str) -> str:
    """VS Code keeps these in lower case: what would be lost so is written as its Remote-SSH writes it, JSON in hex."""
    if alias == alias.lower():
        return alias
    return json.dumps({"hostName": alias}, separators=(",", ":")).encode().hex()
