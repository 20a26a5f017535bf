"""`gpuws hosts`: the inventory."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, LISTING, Hosts, argument, register, register_group
from gpuws.cli.toolkit.options import Options

LIST = ("tag", "json", *BASE)
EDIT = ("dry_run", *BASE)


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "hosts", "Which hosts gpuws looks at, and what it did there.", ls, *LIST,
        examples=("gpuws hosts", "gpuws hosts add hotel alice@hotel.lab.example", "gpuws hosts import 'gpu-*'"),
    )  # fmt: skip
    register(group, "ls", ls, *LIST, examples=("gpuws hosts ls", "gpuws hosts ls --tag a100 --json"))
    register(
        group, "add", add, *EDIT,
        examples=(
            "gpuws hosts add hotel  # an alias of ~/.ssh/config",
            "gpuws hosts add hotel alice@hotel.lab.example:2222",
        ),
    )  # fmt: skip
    register(group, "rm", rm, *EDIT, examples=("gpuws hosts rm golf", "gpuws hosts rm --dry-run golf"))
    register(group, "import", import_, *EDIT, examples=("gpuws hosts import", "gpuws hosts import 'gpu-*' hotel"))

    register(
        group, "top", top, *LISTING,
        examples=("gpuws hosts top", "gpuws hosts top alpha --all", "gpuws hosts top alpha --json"),
    )  # fmt: skip
    register(
        group, "log", log, "json", *BASE,
        examples=("gpuws hosts log alpha", "gpuws hosts log alpha bravo --since 1h", "gpuws hosts log -n 0 --json"),
    )  # fmt: skip


def ls(options: Options) -> int:
    """Hosts as configured; nothing is dialled."""
    from gpuws.cli.hosts.inventory import list_hosts

    return list_hosts(options)


def add(
    options: Options,
    name: Annotated[str, argument("NAME", "What it is called in gpuws.")],
    address: Annotated[str | None, argument("ADDRESS", "[USER@]HOST[:PORT]")] = None,
) -> int:
    """Add a host.

    ADDRESS is [user@]host[:port]; without it NAME is an alias of the SSH configuration."""
    from gpuws.cli.hosts.inventory import add_host

    return add_host(options, name, address)


def rm(
    options: Options,
    name: Annotated[str, argument("NAME", "As gpuws hosts lists it.", offers.hosts)],
) -> int:
    """Take a host out of my hosts.yaml."""
    from gpuws.cli.hosts.inventory import remove_host

    return remove_host(options, name)


def import_(
    options: Options,
    patterns: Annotated[list[str], argument("PATTERN", "An alias, or several: 'gpu-*'.")] = [],  # noqa: B006
) -> int:
    """Add aliases of the SSH configuration.

    Those that match a PATTERN; without one, say which there are."""
    from gpuws.cli.hosts.inventory import import_hosts

    return import_hosts(options, patterns)


def top(
    options: Options,
    hosts: Hosts = [],  # noqa: B006
    everything: Annotated[bool, typer.Option("--all", "-a", help="All that a host tells, not only the first.")] = False,
) -> int:
    """Who takes the processors and the memory: processes with their person.

    Those that take most CPU and most RAM, data loaders, editors' servers and coding agents named as such; workers of
    one program are one row. CPU%: of one core. A mount of NFS that does not answer is told with who waits for it.
    Asked now, and only now."""
    from gpuws.cli.hosts.top import show_top

    return show_top(options, hosts, everything=everything)


def log(
    options: Options,
    hosts: Hosts = [],  # noqa: B006
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="So many; 0: all.")] = 50,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="From this time on: 10m, 14:05, 2026-05-01T12:00Z.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is done from now on.")] = False,
) -> int:
    """What gpuws did there: every login, command, terminal, forwarded connection and call of the engine.

    Newest last, without secrets; nothing is dialled. docs/on-servers.md says what there can be, and how often."""
    from gpuws.cli.hosts.log import show_log

    return show_log(options, hosts, lines, since, follow=follow)
