"""The words of `gpuws run`, sorted: gpuws' own options, docker's flags, the image, its command; and of `launch` the
command behind `--`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.help import OneCommand
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from typer._click.core import Context
    from typer._click.shell_completion import CompletionItem

END = "--"
_SHARED = {"--gpus", "--name"}
"""Ours, and docker's."""


class LaunchCommand(OneCommand):
    """What stands behind `--` is the command of what is launched; a word too many before it is none."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        at = args.index(END) if END in args else len(args)
        rest = super().parse_args(ctx, args[:at])
        if more := ctx.params.get("command"):
            raise UsageError(f"{more[0]!r} is one word too many", "its command stands behind --: launch PROFILE -- CMD")
        ctx.params["command"] = args[at + 1 :]
        return rest


class RunCommand(OneCommand):
    """Takes docker's flags beside its own options."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        options = [one for one in self.get_params(ctx) if one.param_type_name == "option"]
        own = {name: not getattr(one, "is_flag", False) for one in options for name in one.opts}
        mine, dockers = sorted_words(args, own)
        return super().parse_args(ctx, [*mine, *([END, *dockers] if dockers else [])])

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        from typer._click.shell_completion import CompletionItem

        from gpuws.config.imports.run.flags import FLAGS

        found = super().shell_complete(ctx, incomplete)
        known = {item.value for item in found}
        longs = [f"--{flag.names[0]}" for flag in FLAGS if flag.put is not None]
        more = [name for name in longs if incomplete.startswith("-") and name.startswith(incomplete)]
        return [*found, *(CompletionItem(name) for name in more if name not in known)]


def sorted_words(words: Sequence[str], own: Mapping[str, bool]) -> tuple[list[str], list[str]]:
    """Our own, and docker's as FLAGS… -- IMAGE COMMAND…. `own`: our options, and whether a value follows them.

    Where flags of docker's stand before the image, what is behind it is its command, as with docker. Where the image
    comes first they may follow it, up to a word without a dash. Our own are ours until the command begins: behind
    `--`, at the latest."""
    from gpuws.config.imports.run.flags import wants_value

    left, mine, flags, image = list(words), list[str](), list[str](), list[str]()
    dockers_order = False
    while left:
        word = left.pop(0)
        name, given, _ = word.partition("=")
        ours = name in own or own.get(word[:2], False)
        plain = not word.startswith("-") or word == "-"
        if word == END:
            break
        if image and not ours and (plain or dockers_order):
            left.insert(0, word)
            break
        if plain:
            image, dockers_order = [word], bool(flags) or bool(_SHARED & {one.partition("=")[0] for one in mine})
            continue
        to = mine if ours else flags
        to.append(word)
        if left and (own.get(name, False) and not given if ours else wants_value(word)):
            to.append(left.pop(0))
    return mine, [*flags, *([END] if image or left else []), *image, *left]
