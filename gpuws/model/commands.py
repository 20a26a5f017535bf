"""The plain command a verb stands for, shown before it runs and copied with `y`. Pure."""

from __future__ import annotations

import shlex

from gpuws.model.container import Container
from gpuws.model.host import LOCAL


def docker_command(action: str, container: Container, *, force: bool = False, grace: float | None = None) -> str:
    """`docker stop -t 30 NAME` and its kind."""
    if action == "recreate":
        return recreate_command(container.name, container.image)
    verb = "rm" if action == "remove" else action
    flags = ["-f"] if force and action == "remove" else []
    if grace is not None and action in ("stop", "restart"):
        flags = ["-t", f"{grace:g}"]
    return shlex.join(["docker", verb, *flags, container.name])


def recreate_command(name: str, image: str) -> str:
    """The steps; `…` stands for all the options it has now."""
    new, old = shlex.quote(name), shlex.quote(f"{name}.old")
    made = f"docker create --name {new} … {shlex.quote(image)}"
    return f"docker rename {new} {old} && {made} && docker stop {old} && docker start {new} && docker rm {old}"


def on_host(host: str, command: str, *, tty: bool = False) -> str:
    """`command` as typed at the workstation."""
    if host == LOCAL:
        return command
    return shlex.join(["ssh", *(["-t"] if tty else []), host, command])


def attach_command(host: str, container: str | None, session: str | None) -> str:
    """A shell or a tmux session, on a host or in a container."""
    inner = shlex.join(["tmux", "new-session", "-A", "-s", session]) if session else ""
    if container:
        inner = shlex.join(["docker", "exec", "-it", container, *(shlex.split(inner) or ["sh"])])
    if not inner:
        return "$SHELL -l" if host == LOCAL else shlex.join(["ssh", host])
    return on_host(host, inner, tty=True)


def tunnel_command(host: str, address: str, port: int, local_port: int) -> str:
    return shlex.join(["ssh", "-N", "-L", f"127.0.0.1:{local_port}:{address}:{port}", host])
