"""What TAB offers for an argument or an option: names of what can be acted on, words of its own, or files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

FILES, FOLDERS = "\0files", "\0folders"
"""Behind what is typed, in place of words: the shell offers its own. No name holds this character."""
Offer = Callable[[typer.Context, str], Sequence[str]]


def names(*kinds: str) -> Offer:
    """Fields of `completion.names.Names`, as they are known without connecting to anything."""

    def offered(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001 - as typer calls it
        from gpuws.cli.completion.names import current

        known = current()
        return [name for kind in kinds for name in getattr(known, kind) if name.startswith(incomplete)]

    return offered


def words(*choices: str) -> Offer:
    def offered(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001
        return [word for word in choices if word.startswith(incomplete)]

    return offered


def files(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001
    """As words they must begin as `incomplete` does: typer drops the others."""
    return [f"{incomplete}{FILES}"]


def folders(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001
    return [f"{incomplete}{FOLDERS}"]


def removable(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """What stopped; with --force what runs, too."""
    return names("stopped", *(["running"] if ctx.params.get("force") else []))(ctx, incomplete)


def tunnels(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001
    from gpuws.cli.completion.names import open_tunnels

    return [word for word in open_tunnels() if word.startswith(incomplete)]


def waits(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001
    from gpuws.cli.completion.names import waits as known

    return [word for word in known() if word.startswith(incomplete)]


def tasks(ctx: typer.Context, incomplete: str) -> Sequence[str]:  # noqa: ARG001
    from gpuws.cli.completion.names import tasks as known

    return [word for word in known() if word.startswith(incomplete)]


hosts, profiles, tags = names("hosts"), names("profiles"), names("tags")
containers = names("running", "stopped")
places = names("hosts", "running")
"""Where a program can be run."""
gpu_specs = words("all", "none", "1", "2", "4", "8")


def spots(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Where files can be; files here where none begins so."""
    there = [f"{name}:" for name in names("hosts", "running", "stopped")(ctx, incomplete)] if incomplete else []
    return there or files(ctx, incomplete)


def profiles_or_folders(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """Folders where no profile begins so."""
    return profiles(ctx, incomplete) or folders(ctx, incomplete)
