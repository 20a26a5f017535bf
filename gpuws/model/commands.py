"""The plain command a verb stands for, shown before it runs and copied with `y`. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.host import LOCAL
from gpuws.model.session import ID
from gpuws.model.workspace import Workspace

SHELL = ("/bin/sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi")
"""The best shell of a container."""


def docker_command(action: str, container: Workspace, *, force: bool = False, grace: float | None = None) -> str:
    """`docker stop -t 30 NAME` and its kind."""
    if action == "recreate":
        return recreate_command(container)
    verb = "rm" if action == "remove" else action
    flags = ["-f"] if force and action == "remove" else []
    if grace is not None and action in ("stop", "restart"):
        flags = ["-t", f"{grace:g}"]
    return shlex.join(["docker", verb, *flags, container.name])


def recreate_command(container: Workspace) -> str:
    """The steps; `…` stands for all the options it has now."""
    new, old = shlex.quote(container.name), shlex.quote(f"{container.name}.old")
    made = f"docker create --name {new} … {shlex.quote(container.image)}"
    swap = f" && docker stop {old} && docker start {new}" if container.running else ""
    return f"docker rename {new} {old} && {made}{swap} && docker rm -f {old}"


def on_host(host: str, command: str, *, tty: bool = False) -> str:
    """`command` as typed at the workstation."""
    if host == LOCAL:
        return command
    return shlex.join(["ssh", *(["-t"] if tty else []), host, command])


def shell_command(host: str, container: str | None) -> str:
    """A shell on a host or in a container."""
    if container is not None:
        return in_place(host, container, SHELL, tty=True)
    return "$SHELL -l" if host == LOCAL else shlex.join(["ssh", host])


def in_place(host: str, container: str | None, words: Sequence[str], *, tty: bool = False) -> str:
    """A program on a host or in one of its containers, as typed at the workstation."""
    around = ["docker", "exec", *(["-it"] if tty else []), container] if container is not None else []
    return on_host(host, " ".join(_quoted(word) for word in (*around, *words)), tty=tty)


def _quoted(word: str) -> str:
    """`\\$3` and `\\;` for what tmux is given often: quotes in quotes can't be read."""
    return f"\\{word}" if word == ";" or ID.match(word) else shlex.quote(word)
