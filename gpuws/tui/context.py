"""What a command acts on when it is about what is selected: the application, and the selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.selection import Selection


@dataclass(frozen=True, slots=True)
class Context:
    """`selection` is None where nothing is selected."""

    app: AppBase
    selection: Selection | None


@runtime_checkable
class Selecting(Protocol):
    """A screen on which something is selected."""

    def context(self) -> Context: ...


@runtime_checkable
class Marking(Protocol):
    """A screen on which rows are marked for one act on all of them."""

    def unmark(self) -> None:
        """What was to be done with them is done, or not wanted."""


def unmark(app: AppBase) -> None:
    """On whatever screen they were marked."""
    for screen in app.in_sight():
        if isinstance(screen, Marking):
            screen.unmark()


def perform(command: Command[Context], context: Context) -> object:
    """Run it, or say why it can't be done now."""
    if reason := command.why_not(context):
        context.app.warn(plain(reason))
        return None
    return command.run(context)


def _possible(_: Selection) -> str:
    return ""


def on_selection(
    name: str,
    keys: str,
    label: str,
    help: str,  # noqa: A002 - as the command's own
    run: Callable[[AppBase, Selection], object],
    *,
    title: Callable[[Selection], str],
    why_not: Callable[[Selection], str] = _possible,
    shell: Callable[[Selection], str] = _possible,
    says: Callable[[Selection], str] = _possible,
    hint: int = 0,
) -> Command[Context]:
    """A command that needs something to be selected; what it says of itself hangs on that alone."""

    def told(rule: Callable[[Selection], str], nothing: str) -> Callable[[Context], str]:
        return lambda context: nothing if context.selection is None else rule(context.selection)

    def act(context: Context) -> object:
        assert context.selection is not None  # as `why_not` said
        return run(context.app, context.selection)

    return Command(
        name, keys, label, help, act, hint,
        why_not=told(why_not, "nothing is selected"), shell=told(shell, ""), title=told(title, ""),
        says=told(says, ""),
    )  # fmt: skip


def merged(*commands: Command[Context]) -> tuple[Command[Context], ...]:
    """Each id once. What several features do by one key is whichever of them names the selection, else the usual one:
    the one that has the key, which also says where it stands."""
    variants: dict[str, list[Command[Context]]] = {}
    for command in commands:
        variants.setdefault(command.id, []).append(command)
    found = []
    for command in commands:
        same = variants[command.id]
        usual = next((one for one in same if one.keys), same[0])
        if command is usual:
            found.append(fitting(usual, [one for one in same if one is not usual]))
    return tuple(found)


def fitting(usual: Command[Context], others: Sequence[Command[Context]]) -> Command[Context]:
    """Whichever of `others` names the selection, else the usual one."""
    if not others:
        return usual

    def fit(context: Context) -> Command[Context]:
        return next((one for one in others if one.title(context)), usual)

    return replace(
        usual,
        run=lambda context: fit(context).run(context),
        why_not=lambda context: fit(context).why_not(context),
        shell=lambda context: fit(context).shell(context),
        title=lambda context: fit(context).title(context),
        says=lambda context: fit(context).says(context) or fit(context).label,
    )
