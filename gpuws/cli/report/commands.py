"""`gpuws report`: how GPUs were used; `gpuws metrics`: what is, for whoever scrapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, SELECT, Hosts, register
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from gpuws.model.history.report import By

KINDS = ("user", "host", "profile", "gpu")
FORMATS = ("text", "md", "csv", "json", "html")
ReportBy = Annotated[
    str,
    typer.Option(
        "--by", metavar="user|host|profile|gpu", help="One row a person, host, profile or GPU.",
        autocompletion=offers.words(*KINDS),
    ),
]  # fmt: skip
Format = Annotated[
    str,
    typer.Option(
        "--format", metavar="text|md|csv|json|html", help="html: one page with plots, by itself.",
        autocompletion=offers.words(*FORMATS),
    ),
]  # fmt: skip
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="From then on: 30d, 12h, 2026-05-01, 14:05; 7d without it."),
]
Until = Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Up to then; now without it.")]
Names = Annotated[bool, typer.Option("--names", help="Name other people, as far as `history: all` kept their names.")]


def add_to(app: typer.Typer) -> None:
    register(
        app, "report", report, *SELECT, "json", *BASE,
        examples=(
            "gpuws report",
            "gpuws report --since 2d --by gpu",
            "gpuws report --by profile --format md",
            "gpuws report --names --format html > week.html",
        ),
    )  # fmt: skip
    register(
        app, "metrics", metrics, *SELECT, "timeout", "allow_partial", *BASE,
        examples=("gpuws metrics", "gpuws metrics alpha bravo"),
    )  # fmt: skip


def report(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    week: Annotated[bool, typer.Option("--week", help="The last seven days, as without it.")] = False,
    since: Since = None,
    until: Until = None,
    by: ReportBy = "user",
    format_: Format = "text",
    names: Names = False,
) -> int:
    """Who had the GPUs this week, and how well they were used.

    GPU-hours held, used and idle, energy, and when nobody watched.

    It tells of what the background process read on this machine (docs/admin.md says what is kept); nothing is asked of
    a host. Where nobody watched nothing is guessed: `gpuws keeper --stay` watches all the time."""
    from gpuws.cli.report.report import show_report

    if week and since is not None:
        raise UsageError("--week and --since are two beginnings", "leave one of them out")
    if by not in KINDS:
        raise UsageError(f"--by {by}: there is no such report", f"write one of {', '.join(KINDS)}")
    if format_ not in FORMATS:
        raise UsageError(f"--format {format_}: there is no such form", f"write one of {', '.join(FORMATS)}")
    form = "json" if options.json else format_
    return show_report(options, [*hosts, *options.host], since, until, cast("By", by), form, names=names)


def metrics(
    options: Options,
    hosts: Hosts = [],  # noqa: B006
    names: Annotated[bool, typer.Option("--names", help="Also who holds each GPU, by login.")] = False,
) -> int:
    """Every host and GPU as OpenMetrics, once, for whoever scrapes."""
    from gpuws.cli.report.metrics import print_metrics

    return print_metrics(options, hosts, names=names)
