"""Arguments and options that many commands share: said once, added to each command that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.failures import guarded
from gpuws.cli.toolkit.help import CommandGroup, OneCommand
from gpuws.cli.toolkit.options import Options

Command = Callable[..., int | None]


def argument(metavar: str, about: str, offer: offers.Offer | None = None) -> Any:
    """`about`: how it is written, in `--help`; `offer`: what TAB offers for it."""
    return typer.Argument(metavar=metavar, help=about, autocompletion=offer, show_default=False)


Hosts = Annotated[list[str], argument("HOST", "All where none is named.", offers.hosts)]
ConfigDir = Annotated[
    str | None,
    typer.Option(
        "--config-dir", metavar="DIR", help="Read the configuration from this directory.", autocompletion=offers.folders
    ),
]
ReadOnly = Annotated[bool, typer.Option("--readonly", help="Look, never change: for all hosts.")]


def container(offer: offers.Offer) -> Any:
    """An argument that names one, or several."""
    return argument("TARGET", "HOST/CONTAINER; CONTAINER where one is called so.", offer)


def place(offer: offers.Offer, suffix: str = "") -> Any:
    """An argument that names a host or a container, and what may stand behind it."""
    return argument("TARGET", f"HOST, HOST/CONTAINER or CONTAINER{suffix}.", offer)


BASE = ("config_dir", "readonly")
SELECT = ("host", "tag")
LISTING = (*SELECT, "timeout", "json", "allow_partial", *BASE)
REACH = ("timeout", *BASE)
CHANGE = ("dry_run", *REACH)
CONFIRMED = ("yes", "yes_not_mine", *CHANGE)

_SHARED: Mapping[str, Any] = {
    "config_dir": ConfigDir,
    "readonly": ReadOnly,
    "host": Annotated[
        list[str],
        typer.Option("--host", "-H", metavar="HOST", help="Only this host; repeatable.", autocompletion=offers.hosts),
    ],
    "tag": Annotated[
        list[str],
        typer.Option("--tag", metavar="TAG", help="Only hosts with this tag; repeatable.", autocompletion=offers.tags),
    ],
    "timeout": Annotated[
        float | None,
        typer.Option(
            "--timeout", metavar="SECONDS", min=0.0, help="Wait so long for slow hosts (listings 5, others 30)."
        ),
    ],
    "json": Annotated[bool, typer.Option("--json", help="Print JSON.")],
    "allow_partial": Annotated[bool, typer.Option("--allow-partial", help="Exit 0 although a host failed.")],
    "dry_run": Annotated[bool, typer.Option("--dry-run", help="Print what would be done; change nothing.")],
    "yes": Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about what is mine.")],
    "yes_not_mine": Annotated[
        str | None,
        typer.Option(
            "--yes-not-mine", metavar="NAME", help="Also what is not mine: its name, or whose GPU it is, or how many."
        ),
    ],
}  # fmt: skip


def register(
    app: typer.Typer,
    name: str,
    function: Command,
    *shared: str,
    examples: Sequence[str],
    failure: int | None = None,
    cls: type[OneCommand] = OneCommand,
    **settings: Any,
) -> None:
    """Add `function(options, …)` as command `name`, with the `shared` options beside its own parameters.

    `examples`: as typed, in at most 76 columns; each runs on the demo. `failure`: the exit code of gpuws' own
    failures, where the command returns another program's status."""
    add = app.command(name, cls=cls, epilog="\n".join(examples), **settings)
    add(_wrapped(function, shared, failure))


def register_group(
    app: typer.Typer, name: str, about: str, function: Command, *shared: str, examples: Sequence[str]
) -> typer.Typer:
    """Add a group of commands, which are then to be registered in it; `function` runs when it is named without one, as
    `gpuws hosts`."""
    group = typer.Typer(rich_markup_mode=None)
    call = _wrapped(function, shared, None, group=True)
    group.callback(
        cls=CommandGroup, invoke_without_command=True, help=about, epilog="\n".join(examples)
    )(call)  # fmt: skip
    app.add_typer(group, name=name)
    return group


def _wrapped(function: Command, shared: tuple[str, ...], failure: int | None, *, group: bool = False) -> Command:
    def call(ctx: typer.Context, **given: Any) -> int | None:
        said = {key: given.pop(key) for key in shared}
        if group and ctx.invoked_subcommand is not None:
            ctx.obj = {**(ctx.obj or {}), **{key: value for key, value in said.items() if value}}
            return None
        options = Options(**_with_above(ctx, said))
        return guarded(lambda: function(options, **given), failure)

    own = inspect.signature(function, eval_str=True).parameters
    parameters = [parameter for key, parameter in own.items() if key != "options"]
    parameters += [_parameter(key) for key in shared]
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    call.__signature__ = inspect.Signature([context, *parameters])  # type: ignore[attr-defined]
    call.__annotations__, call.__doc__ = {}, function.__doc__
    return call


def _parameter(key: str) -> inspect.Parameter:
    default = [] if key in SELECT else Options.__dataclass_fields__[key].default
    return inspect.Parameter(key, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=_SHARED[key])


def _with_above(ctx: typer.Context, said: dict[str, Any]) -> dict[str, Any]:
    """`gpuws --readonly ps` is `gpuws ps --readonly`, and `gpuws tmux --json ls` is `gpuws tmux ls --json`."""
    above = ctx.obj or {}
    return {key: value or above.get(key, value) for key, value in said.items()}
