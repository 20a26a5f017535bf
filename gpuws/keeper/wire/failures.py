"""Errors of gpuws as the keeper's messages tell them."""

from __future__ import annotations

from gpuws.keeper.wire.messages import Failure
from gpuws.model.errors import GpuwsError
from gpuws.quick.failures import error_of, kind_of


def as_failure(error: GpuwsError) -> Failure:
    return Failure(kind_of(error), error.message, error.remedy)


def as_error(failure: Failure) -> GpuwsError:
    return error_of(failure.kind, failure.message, failure.remedy)
