"""How an editor is told which directory to open over SSH. Pure."""

from __future__ import annotations

import shlex

from gpuws.model.errors import UsageError


def editor_words(editor: str, alias: str, directory: str) -> list[str]:
    """The command for `editor`: VS Code and its kin, or a line that holds {alias} and {dir} where it wants them.

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
        return [word.replace("{alias}", alias).replace("{dir}", directory) for word in words]
    return [*words, "--remote", f"ssh-remote+{alias}", directory]
