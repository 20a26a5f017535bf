"""How calls of the Fleet cross a socket, said beside each method that needs more than to be passed on.

A method of a facet is a verb: its arguments go to whoever holds the fleet and its value comes back, both of the types
that its annotations name. What annotations can't tell is said here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class Crossing:
    """`view`: no verb; a program answers it from what it was told, or says it in passing, so that it never blocks.

    `shown`: what it did is to be seen by whoever looks as soon as it returns. `environ`: the argument that gets the
    environment of the program that calls, where it brings none. `lease`: it opens a tunnel, which may end with that
    program, or closes one."""

    view: bool = False
    shown: bool = False
    environ: str = ""
    lease: Literal["", "opened", "closed"] = ""


VERB = Crossing()
_MARK = "__crossing__"


def crossing_of(method: Callable[..., Any]) -> Crossing:
    found = getattr(method, _MARK, VERB)
    assert isinstance(found, Crossing)
    return found


def view(method: F) -> F:
    """`Crossing.view`."""
    return _marked(method, Crossing(view=True))


def shown(method: F) -> F:
    """`Crossing.shown`."""
    return _marked(method, Crossing(shown=True))


def with_environ(argument: str) -> Callable[[F], F]:
    """`Crossing.environ`."""
    return lambda method: _marked(method, Crossing(environ=argument))


def opens_tunnel(method: F) -> F:
    """`Crossing.lease`. It takes `keep` and `local_port`, and gives the `Tunnel`."""
    return _marked(method, Crossing(shown=True, lease="opened"))


def closes_tunnel(method: F) -> F:
    """`Crossing.lease`. It takes `tunnel_id`."""
    return _marked(method, Crossing(shown=True, lease="closed"))


def _marked(method: F, crossing: Crossing) -> F:
    setattr(method, _MARK, crossing)
    return method
