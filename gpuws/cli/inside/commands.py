"""`attach`, `shell`, `exec`, `logs`, `verify`, `with`: going inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.failures import OWN_FAILURE
from gpuws.cli.toolkit.grammar import REACH, argument, container, place, register
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from gpuws.model.consent.entry import Wish

Place = Annotated[str, place(offers.places)]


def add_to(app: typer.Typer) -> None:
    register(
        app, "attach", attach, "yes_not_mine", *REACH, failure=OWN_FAILURE,
        examples=(
            "gpuws attach  # choose from a list",
            "gpuws attach torch-dev",
            "gpuws attach alpha:notes",
            "gpuws attach --new alpha:fresh",
            "gpuws attach --read-only foxtrot:render",
        ),
    )  # fmt: skip
    register(
        app, "shell", shell, "yes_not_mine", *REACH, failure=OWN_FAILURE,
        examples=("gpuws shell bravo", "gpuws shell alpha/torch-dev"),
    )  # fmt: skip
    # What follows the target belongs to the program there: `exec alpha ls --all`.
    register(
        app, "exec", exec_, "host", "tag", "json", "yes_not_mine", *REACH, failure=OWN_FAILURE,
        context_settings={"allow_interspersed_args": False},
        examples=(
            "gpuws exec alpha nvidia-smi",
            "gpuws exec -w /workspace -e SEED=1 torch-dev -- ls -l",
            "gpuws exec -it torch-dev bash",
            "gpuws exec -H alpha -H bravo -- nvidia-smi",
            "gpuws exec --tag room-3 --limit 20 -- hostname",
        ),
    )  # fmt: skip
    register(
        app, "logs", logs, *REACH,
        examples=(
            "gpuws logs torch-dev",
            "gpuws logs --tail 20 -t bravo/train-bert",
            "gpuws logs -f --since 10m vllm jup",
            "gpuws logs --previous --tail 40 torch-dev",
        ),
    )  # fmt: skip
    register(
        app, "verify", verify, "json", "yes_not_mine", *REACH,
        examples=("gpuws verify torch-dev", "gpuws verify torch-dev --json"),
    )  # fmt: skip
    register(
        app, "with", with_, *REACH, failure=OWN_FAILURE, context_settings={"allow_interspersed_args": False},
        examples=("gpuws with alpha -- docker compose up -d",),
    )  # fmt: skip


def attach(
    options: Options,
    target: Annotated[str | None, place(offers.names("sessions", "running", "hosts"), ", with :SESSION")] = None,
    write: Annotated[bool, typer.Option("--write", help="Into what is not mine, too: its name is asked for.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Only look on, in mine, too.")] = False,
    detach_others: Annotated[
        bool, typer.Option("--detach-others", help="Write, and send everybody else away from the session.")
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Make the session where it is missing, without a question.")
    ] = False,
    new_window: Annotated[
        bool, typer.Option("--new-window", help="In a new window of the tmux around this terminal.")
    ] = False,
) -> int:
    """Enter a tmux session; what is not mine is looked on. After a lost link it comes back by itself.

    TARGET:SESSION: that one; a container: its own, or a shell; a host: a login shell. Without a target: choose. ~. at
    the start of a line leaves a terminal that hangs."""
    if new_window:
        from gpuws.cli.inside.new_window import open_window

        return open_window(target)
    from gpuws.cli.inside.attach import attach_to

    if write + read_only + detach_others > 1:
        raise UsageError("--write, --read-only and --detach-others are three ways", "give one of them")
    wish: Wish = "read-only" if read_only else "write" if write or detach_others else ""
    return attach_to(options, target, wish, detach_others=detach_others, new=new)


def shell(options: Options, target: Place) -> int:
    """A new shell on a host or in a container."""
    from gpuws.cli.inside.attach import shell_in

    return shell_in(options, target)


def exec_(
    options: Options,
    target: Place,
    command: Annotated[list[str], argument("CMD", "The program, and its arguments.")] = [],  # noqa: B006
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="Hand it our input.")] = False,
    tty: Annotated[bool, typer.Option("--tty", "-t", help="Give it a terminal.")] = False,
    user: Annotated[str | None, typer.Option("--user", "-u", metavar="USER", help="As this user.")] = None,
    workdir: Annotated[str | None, typer.Option("--workdir", "-w", metavar="DIR", help="In this directory.")] = None,
    env: Annotated[list[str], typer.Option("--env", "-e", metavar="K=V", help="Set a variable; repeatable.")] = [],  # noqa: B006
    limit: Annotated[
        float | None,
        typer.Option("--limit", metavar="SECONDS", min=0.1, help="With -H or --tag: end it where it takes longer."),
    ] = None,
) -> int:
    """Run a program inside; its exit status is ours.

    With -H or --tag instead of TARGET: on all these hosts at once, equal answers together. The status is the highest
    then; a host that gave none (away, read-only, too slow) counts 255."""
    from gpuws.cli.inside.execution import ExecRequest, execute

    words = (target, *command) if options.host or options.tag else tuple(command)
    request = ExecRequest(words, interactive, tty, user, workdir, tuple(env))
    if options.host or options.tag:
        from gpuws.cli.inside.many import execute_on_many

        return execute_on_many(options, request, limit)
    if options.json or limit is not None:
        raise UsageError("--json and --limit are for many hosts", "name them with -H or --tag")
    return execute(options, target, request)


def logs(
    options: Options,
    targets: Annotated[list[str], container(offers.containers)],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, after a cut, too.")] = False,
    timestamps: Annotated[bool, typer.Option("--timestamps", "-t", help="With the time of each line.")] = False,
    tail: Annotated[str, typer.Option("--tail", "-n", metavar="N", help="Only the last N lines.")] = "all",
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="T", help="From this time on: 10m, 14:05, 2026-05-01T12:00Z, seconds."),
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="T", help="Up to this time, said likewise.")] = None,
    previous: Annotated[bool, typer.Option("--previous", help="What was written before its last start.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="On a terminal, too, byte by byte: it may move the cursor or set the title.")
    ] = False,
) -> int:
    """What containers wrote: stdout and stderr, each to ours. A terminal gets its colours, but nothing that steers it.

    Of several: by time, each line behind its name."""
    from gpuws.cli.inside.log_window import log_window
    from gpuws.cli.inside.logs import show_logs

    window = log_window(follow=follow, timestamps=timestamps, tail=tail, since=since, until=until, previous=previous)
    return show_logs(options, targets, window, raw=raw)


def verify(options: Options, target: Annotated[str, container(offers.names("running"))]) -> int:
    """Try torch in a container: version, CUDA, a product on each GPU.

    Exit 1 where something of that is not well, with what mends it."""
    from gpuws.cli.inside.verify import verify_container

    return verify_container(options, target)


def with_(
    options: Options,
    host: Annotated[str, argument("HOST", "Whose engine it is.", offers.hosts)],
    command: Annotated[list[str], argument("-- CMD", "The program here, and its arguments.", offers.files)],
) -> int:
    """Run a program here with DOCKER_HOST leading to a host's engine.

    docker, compose, or a shell of them; its exit status is ours. The way lasts as long as the program."""
    from gpuws.cli.inside.with_engine import run_with

    return run_with(options, host, command)
