"""Errors of gpuws on their way through the socket: their class by name, so that exit codes stay what they are."""

from __future__ import annotations

from gpuws.keeper.wire.messages import Failure
from gpuws.model import errors
from gpuws.model.errors import GpuwsError


def as_failure(error: GpuwsError) -> Failure:
    """A class that `model.errors` does not name goes as the nearest one that it does."""
    kind = next(each.__name__ for each in type(error).__mro__ if each.__module__ == errors.__name__)
    return Failure(kind, error.message, error.remedy)


def as_error(failure: Failure) -> GpuwsError:
    kind = getattr(errors, failure.kind, GpuwsError)
    known = isinstance(kind, type) and issubclass(kind, GpuwsError)
    return (kind if known else GpuwsError)(failure.message, failure.remedy)
