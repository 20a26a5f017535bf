"""What a key does, written once beside its feature.

Bindings, the bottom line, `?`, `x`, the palette and docs/keys.md come from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from textual.binding import Binding, BindingType

from gpuws.model.text import plain

C = TypeVar("C", contravariant=True)
D = TypeVar("D")


def _always(_: object) -> bool:
    return True


def _nothing(_: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Command(Generic[C]):
    """Everything about one thing that can be done, in a context `C`: a screen, a widget, or what is selected.

    `id`: what `keys:` of config.yaml remaps. `keys`: as Textual writes them, the first is shown; "": only `x` and the
    palette lead to it. `label`: a word for the bottom line; `hint`: its place there, 0: not shown. `help`: a sentence.
    `palette`: the palette has it by that sentence. `when`: the key is this command's now, else it is left to others.
    `why_not`: why it can't be done now, "" when it can. `shell`: the same as a plain command, "" where there is none.
    `title`: how `x` names it with what it would be done to, "" where it is not there at all. `says`: the word for the
    bottom line where what it does now has a better one than `label`."""

    id: str
    keys: str
    label: str
    help: str
    run: Callable[[C], object]
    hint: int = 0
    palette: bool = False
    when: Callable[[C], bool] = _always
    why_not: Callable[[C], str] = _nothing
    shell: Callable[[C], str] = _nothing
    title: Callable[[C], str] = _nothing
    says: Callable[[C], str] = _nothing

    def of(self, context: Callable[[D], C]) -> Command[D]:
        """The same where `context` finds what it acts on."""
        mine: Command[Any] = self
        return replace(
            mine,
            run=lambda place: self.run(context(place)),
            when=lambda place: self.when(context(place)),
            why_not=lambda place: self.why_not(context(place)),
            shell=lambda place: self.shell(context(place)),
            title=lambda place: self.title(context(place)),
            says=lambda place: self.says(context(place)),
        )


class Commanded:
    """A screen, widget or application with keys of its own, besides those of the classes that it is made from.

    `KEYS_ABOUT`: the words over them in `?`."""

    KEYS: ClassVar[tuple[Command[Any], ...]] = ()
    KEYS_ABOUT: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]]
    _by_id: ClassVar[dict[str, Command[Any]]] = {}
    app: Any
    """The application, an `AppBase`: whoever has commands says so again, for Textual knows another type of it."""

    def __init_subclass__(cls, **more: Any) -> None:
        if own := cls.__dict__.get("KEYS"):
            cls.BINDINGS = [*cls.__dict__.get("BINDINGS", ()), *bindings(own)]
        super().__init_subclass__(**more)
        cls._by_id = {command.id: command for _, command in cls.commands()}

    @classmethod
    def commands(cls) -> Iterator[tuple[str, Command[Any]]]:
        """All that it has, each with the words over it."""
        for base in reversed(cls.__mro__):
            for command in base.__dict__.get("KEYS", ()):
                yield base.__dict__.get("KEYS_ABOUT", ""), command

    @classmethod
    def command(cls, name: str) -> Command[Any] | None:
        """The one with this id."""
        return cls._by_id.get(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual asks whether a key, or a click, is for this one now."""
        if action != "command":
            return True
        command = self.command(str(parameters[0]))
        return command is not None and command.when(self)

    def action_command(self, name: str) -> object:
        """Run it, or say why it can't be done. What it returns may be awaited."""
        command = self.command(name)
        assert command is not None  # as `check_action` saw
        if reason := command.why_not(self):
            self.app.warn(plain(reason))
            return None
        return command.run(self)


def action_of(name: str) -> str:
    """As bindings and clickable text name the command with this id."""
    return f"command('{name}')"


def bindings(commands: tuple[Command[Any], ...]) -> list[BindingType]:
    """As Textual wants them."""
    return [
        Binding(each.keys, action_of(each.id), each.label, show=bool(each.hint), tooltip=each.help, id=each.id)
        for each in commands
        if each.keys
    ]


class Paged(Protocol):
    """A screen of which not all may fit."""

    def page(self, step: int) -> None:
        """A page down (1) or up (-1)."""


def paging(name: str, what: str = "What lies") -> tuple[Command[Paged], Command[Paged]]:
    """Keys that turn it."""
    return (
        Command(f"{name}-down", "pagedown", "page down", f"{what} further down", lambda place: place.page(1)),
        Command(f"{name}-up", "pageup", "page up", f"{what} further up", lambda place: place.page(-1)),
    )
