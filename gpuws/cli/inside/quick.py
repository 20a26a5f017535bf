"""`attach TARGET`, `shell TARGET` and `exec [-it] TARGET CMD…` through a warm keeper, in a blink: before what reads
options is loaded, and while the other side opens the terminal, what serves it here."""

from __future__ import annotations

import os
import sys

from gpuws.cli.terminal.tty import on_terminal, terminal_type, window
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.quick.connection import Short, failed
from gpuws.quick.endpoint import dial, usual_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

OWN_FAILURE = 255  # as with ssh: every other status is the program's own
VERBS = ("attach", "shell", "exec")
FLAGS = {"-i": "i", "-t": "t", "-it": "it", "-ti": "ti"}


def entered(words: Sequence[str]) -> int | None:
    """The exit code of `gpuws WORDS…`; None: nothing was done, and the long way is to be gone."""
    request = simple_request(words)
    if request is None or os.environ.get("GPUWS_KEEPER") == "0" or os.environ.get("GPUWS_DEMO") == "1":
        return None
    short = _asked(request)
    if short is None:
        return None
    try:
        return _through(short, request, with_input="i" in _flags(words)[0])
    except Exception as error:  # noqa: BLE001 - said as the long way says it
        return _said(error)
    finally:
        short.close()


def _asked(request: dict[str, Any]) -> Short | None:
    """A connection over which the request was sent; None: there is no keeper, or more to be said of it."""
    try:
        path = usual_socket(os.environ)
        sock = dial(path) if path else None
    except GpuwsError:
        return None
    if sock is None:
        return None
    short = Short(sock)
    try:
        short.ask(request)
    except (OSError, ValueError):  # it ends just now; or a word is no text
        short.close()
        return None
    return short


def simple_request(words: Sequence[str]) -> dict[str, Any] | None:
    """The keeper's `Enter`; None where there is more to these words than can be read here."""
    verb, rest = words[0], list(words[1:])
    flags = ""
    if verb == "exec":
        flags, rest = _flags(words)
    if verb not in VERBS or not rest or rest[0].startswith("-") or (verb != "exec" and len(rest) != 1):
        return None
    target, *argv = rest
    argv = argv[1:] if argv[:1] == ["--"] else argv
    terminal = verb != "exec" or "t" in flags
    if (verb == "exec" and not argv) or (terminal and not on_terminal()):
        return None
    request: dict[str, Any] = {"type": "Enter", "verb": verb, "target": target, "argv": argv}
    if terminal:
        columns, rows = window()
        request |= {"size": {"columns": columns, "rows": rows}, "term": terminal_type()}
    return request


def _flags(words: Sequence[str]) -> tuple[str, list[str]]:
    """What `exec` says of its streams, and the words behind."""
    flags, rest = "", list(words[1:])
    while rest and rest[0] in FLAGS:
        flags += FLAGS[rest.pop(0)]
    return flags, rest


def _through(short: Short, request: dict[str, Any], *, with_input: bool) -> int | None:
    if "size" in request:
        from gpuws.cli.terminal.handover import hand_over
    else:
        from gpuws.cli.terminal.pipes import carry
    from gpuws.quick.streams import CarriedProcess, CarriedTerminal

    opened = _opened(short)
    if opened is None:
        return None
    data, *errors = short.sockets()
    if opened.get("words"):
        sys.stderr.write(f"gpuws: {opened['words']}\n")
        sys.stderr.flush()
    if "size" in request:
        status = hand_over(CarriedTerminal(short, data), data, lambda: short.resize(*window()))
        return OWN_FAILURE if status is None else status
    status = carry(CarriedProcess(short, data, errors[0]), with_input=with_input)
    return status_or_lost(status, opened.get("label", ""))


def _opened(short: Short) -> dict[str, Any] | None:
    """None: the keeper leaves it to the long way. From its welcome on nothing may be asked for a second time."""
    if not short.welcomed():
        return None
    try:
        answer = short.receive()
    except (OSError, EOFError, ValueError):
        from gpuws.keeper.client.door import ended

        raise ended() from None
    if answer.get("type") == "Failure":
        raise failed(answer)
    return answer if answer.get("type") == "Opened" else None


def status_or_lost(status: int | None, label: str) -> int:
    """Of a program without a terminal, on which something would have said why its status was never told."""
    if status is None:
        raise Unreachable(f"{label}: the link was lost before the program's status came")
    return status


def _said(error: Exception) -> int:
    from gpuws.cli.toolkit.failures import guarded

    def fail() -> int:
        raise error

    return guarded(fail, OWN_FAILURE)
