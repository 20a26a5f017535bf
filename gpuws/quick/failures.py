"""Errors of gpuws on their way through the socket: their class by name, so that exit codes stay what they are."""

from __future__ import annotations

from gpuws.model import errors
from gpuws.model.errors import GpuwsError


def kind_of(error: GpuwsError) -> str:
    """The name of its class; of one that `model.errors` does not name, of the nearest that it does."""
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == errors.__name__)


def error_of(kind: str, message: str, remedy: str) -> GpuwsError:
    """As it was raised on the other side; a plain one where a newer side names a class that is not known here."""
    found = getattr(errors, kind, GpuwsError)
    known = isinstance(found, type) and issubclass(found, GpuwsError)
    return (found if known else GpuwsError)(message, remedy)


def keeper_ended() -> errors.Unreachable:
    """What a request meets that got no answer."""
    return errors.Unreachable("the keeper ended before it answered", "look before you repeat it: it may have been done")
