"""`attach TARGET`, `shell TARGET` and `exec [-it] TARGET CMD…` through a warm keeper, in a blink: before what reads
options is loaded, and while the other side opens the terminal, what serves it here."""

from __future__ import annotations

import os
import sys

from gpuws.cli.terminal.tty import on_terminal, terminal_type, window
from gpuws.cli.toolkit.environment import keeper_wanted
from gpuws.cli.toolkit.failures import OWN_FAILURE, guarded
from gpuws.quick.connection import asked
from gpuws.quick.endpoint import usual_socket
from gpuws.workstation.around import DUMB, prefix_around, truecolor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gpuws.quick.connection import KeeperConnection, OpenedStream

VERBS = ("attach", "shell", "exec")
STOPPED = "the keeper was stopped; what runs there in tmux goes on"
NO_SESSION = 69  # as `model.session.tmux` has it
FLAGS = {"-i": "i", "-t": "t", "-it": "it", "-ti": "ti"}


def entered(words: Sequence[str]) -> int | None:
    """The exit code of `gpuws WORDS…`; None: nothing was done, and the long road is to be taken."""
    request = simple_request(words) if keeper_wanted() else None
    path = usual_socket(os.environ) if request else None
    connection = asked(path, request) if request and path else None
    if request is None or path is None or connection is None:
        return None
    try:
        return _through(connection, request, path, with_input="i" in _flags(words)[0])
    except Exception as error:  # noqa: BLE001 - said as the long road says it
        return _said(error)
    finally:
        connection.close()


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
    if verb == "attach" and terminal_type() == DUMB:
        return None
    request: dict[str, Any] = {"type": "Enter", "verb": verb, "target": target, "argv": argv}
    if terminal:
        columns, rows = window()
        request |= {"size": {"columns": columns, "rows": rows}, "term": terminal_type()}
        request["mine"] = {"truecolor": truecolor(), "prefix": prefix_around() if verb == "attach" else ""}
    return request


def _flags(words: Sequence[str]) -> tuple[str, list[str]]:
    """What `exec` says of its streams, and the words behind."""
    flags, rest = "", list(words[1:])
    while rest and rest[0] in FLAGS:
        flags += FLAGS[rest.pop(0)]
    return flags, rest


def _through(connection: KeeperConnection, request: dict[str, Any], path: str, *, with_input: bool) -> int | None:
    """What serves the stream here is loaded while the keeper opens it. From the keeper's welcome on nothing may be
    asked for a second time. `path`: of the keeper's socket."""
    on_tty = "size" in request
    if on_tty:
        from gpuws.cli.terminal import handover
    else:
        from gpuws.cli.terminal.pipes import carry, status_or_lost
    from gpuws.quick.streams import CarriedProcess, CarriedTerminal

    opened = connection.opened() if connection.welcomed() else None
    if opened is None:
        return None
    if opened.words:
        sys.stderr.write(f"gpuws: {opened.words}\n")
        sys.stderr.flush()
    if on_tty:
        status, left = handover.join(CarriedTerminal(opened), opened.data, lambda: connection.resize(*window()))
        if status is not None and not (status == NO_SESSION and request["verb"] == "attach"):
            return status
        return _more(request, opened, path, status, left=left)
    return status_or_lost(carry(CarriedProcess(opened), with_input=with_input), opened.label)


def _more(request: dict[str, Any], opened: OpenedStream, path: str, status: int | None, *, left: bool) -> int:
    """What there is to a terminal beyond its program's end. A keeper that is stopped takes its socket away, one that is
    killed does not."""
    from pathlib import Path

    from gpuws.cli.terminal.handover import LEFT, LOST, say

    stopped = status is None and not left and not Path(path).exists()
    if request["verb"] == "attach" and opened.words and not left and not stopped:
        from gpuws.cli.inside.attach import go_on

        return go_on(request["target"], opened.label, cut_off=status is None)
    if status is None:
        say(1, LEFT if left else STOPPED if stopped else LOST)
    return OWN_FAILURE if status is None else status


def _said(error: Exception) -> int:
    def fail() -> int:
        raise error

    return guarded(fail, OWN_FAILURE)
