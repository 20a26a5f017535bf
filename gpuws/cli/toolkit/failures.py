"""How a command ends when it fails: one line on stderr, the right exit code, never a traceback."""

from __future__ import annotations

import sys

from gpuws.cli.toolkit.output import OutputFailed, silence
from gpuws.model.errors import GpuwsError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

OWN_FAILURE = 255  # of a command whose status is a program's, as with ssh: every other is the program's own
INTERRUPTED = 130
BROKEN_PIPE = 141  # as the shell shows a program that SIGPIPE ended


def note(message: str) -> None:
    """Lines on stderr, each with our name in front; text of hosts can't steer the terminal."""
    from gpuws.model.text import plain  # regular expressions: a third of a short command's start

    try:
        for line in message.splitlines():
            sys.stderr.write(f"gpuws: {plain(line, 4000)}\n")
        sys.stderr.flush()
    except OSError:
        return  # nobody reads it


def guarded(function: Callable[[], int | None], failure: int | None = None) -> int:
    """Run a command; failures of gpuws become their exit code, or `failure` where one is given.

    A refusal keeps its own: nothing was begun."""
    try:
        code = function()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        silence()
        return BROKEN_PIPE
    except GpuwsError as error:
        if isinstance(error, OutputFailed):
            silence()
        note(str(error))
        told = failure is None or error.exit_code in (Refused.exit_code, INTERRUPTED)
        return error.exit_code if told or failure is None else failure
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a line and not a traceback
        import traceback

        place = traceback.extract_tb(error.__traceback__)[-1]
        note(f"a bug in gpuws: {type(error).__name__}: {error} ({place.filename}:{place.lineno}) — please report it")
        return 1 if failure is None else failure
    return code or 0
