"""`tasks`: launches, pulls, builds that go on in the keeper, and what came of those of the last day."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, CHANGE, argument, register, register_group
from gpuws.cli.toolkit.options import Options

Number = Annotated[str, argument("N", "As gpuws tasks lists it.", offers.tasks)]


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "tasks", "Background work of the keeper, and its results of the last day.", tasks, "json", *BASE,
        examples=("gpuws tasks", "gpuws tasks log 1", "gpuws tasks retry 1"),
    )  # fmt: skip
    register(group, "ls", tasks, "json", *BASE, examples=("gpuws tasks ls", "gpuws tasks ls --json"))
    register(group, "log", log, *BASE, examples=("gpuws tasks log 1", "gpuws tasks log -f 1", "gpuws tasks log -t 1"))
    register(group, "cancel", cancel, "json", "dry_run", *BASE, examples=("gpuws tasks cancel 2 --dry-run",))
    register(
        group, "retry", retry, "json", *CHANGE,
        examples=("gpuws tasks retry 1 --dry-run", "gpuws tasks retry 1 --detach"),
    )  # fmt: skip


def tasks(options: Options) -> int:
    """Those that go on, and those that ended in the last day."""
    from gpuws.cli.tasks.tasks import list_tasks

    return list_tasks(options)


def log(
    options: Options,
    task: Number,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as it grows, until the task ends.")] = False,
    timestamps: Annotated[bool, typer.Option("-t", "--timestamps", help="The time before each line.")] = False,
    tail: Annotated[str, typer.Option("--tail", metavar="N", help="So many of the last lines, or all.")] = "all",
) -> int:
    """What a task said: each line of a build, each layer of a pull, why it failed; secrets are hidden."""
    from gpuws.cli.tasks.tasks import show_log

    return show_log(options, task, follow=follow, timestamps=timestamps, tail=tail)


def cancel(
    options: Options, tasks: Annotated[list[str], argument("N", "As gpuws tasks lists it.", offers.tasks)]
) -> int:
    """End tasks, which take back what they made, or forget those that ended."""
    from gpuws.cli.tasks.tasks import cancel_tasks

    return cancel_tasks(options, tasks)


def retry(
    options: Options,
    task: Number,
    detach: Annotated[bool, typer.Option("--detach", help="Do not stay: print the new number.")] = False,
) -> int:
    """Begin one anew that ended, as a task of its own; Ctrl-C cancels it.

    A launch is planned again, on the GPUs that are free now. What it takes from the environment comes from this
    shell's."""
    from gpuws.cli.tasks.tasks import retry_task

    return retry_task(options, task, detach=detach)
